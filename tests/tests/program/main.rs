//! The whole program on whole studies: what it says, what it makes, and what
//! it leaves alone.

mod adversity;
mod audit;
mod claims;
mod documents;
mod findings;
mod fonts;
mod handed_on;
mod mistakes;
mod noted;
mod office;
mod page;
mod print;
mod privacy;
mod qc;
mod runs;
mod selection;
mod told;
mod unknown;
mod verification;
mod veteran;
