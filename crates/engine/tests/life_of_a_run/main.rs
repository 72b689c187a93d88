//! The life of a run, with three small kinds of its own: what is made again,
//! what is not, and what happens to outputs that were changed or lost.

mod again;
mod folder;
mod kinds;
mod mistakes;
mod outputs;
