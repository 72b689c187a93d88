//! The whole program on whole studies: what it says, what it makes, and what
//! it leaves alone.

mod mistakes;
