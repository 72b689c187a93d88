//! Logistic models against R (`tests/reference/logistic_model`), by hand, at
//! the edges, and every mistake with its full text.

mod against_r;
mod behaviour;
mod mistakes;
