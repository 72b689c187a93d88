//! Extended Cox models and what is made of them, against R, by hand, by
//! property and at the edges.

#[path = "../support/reference.rs"]
mod reference;

mod baseline;
mod blocks;
mod concordance;
mod counting;
mod exact;
mod firth;
mod inference;
mod optimism;
mod penalty;
mod prediction;
mod spline;
