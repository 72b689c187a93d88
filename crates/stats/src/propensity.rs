//! What follows from the probability of treatment: weights, balance and
//! matched sets. The probability itself comes from `logistic`, the comparison
//! of outcomes from the estimators that take weights or clusters.

mod balance;
mod matching;
mod weights;

pub use balance::{Balance, UnknownSpread, balance_of_indicator, balance_of_numbers, c_statistic};
pub use matching::{MatchedSet, Matching, NearestNeighbor};
pub use weights::{
    Truncated, Weighting, effective_sample_size, propensity_weights, truncate_weights,
};
