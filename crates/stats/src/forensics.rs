//! What printed numbers can and cannot be, with no patient at hand: counts
//! behind percentages, tests behind p-values, ratios behind p-values and events,
//! limits, curves, means.
//!
//! A printed number is the interval of all values that print it, both ends
//! included ([`Printed`]). Every function here reckons with the whole interval, so
//! that numbers contradict each other only where no values in their intervals fit.

mod alike;
mod counts;
mod curves;
mod means;
mod p_values;
mod printed;
mod ratios;

pub use alike::{differences_alike, p_values_alike};
pub use counts::{counts_that_fit, denominators_that_fit, shares_of_a_mixture};
pub use curves::{IntervalScale, scales_that_print, wide_enough};
pub use means::{MeanTest, Summary, p_values_of_means, sum_is_whole, widest_spread};
pub use p_values::{CountTest, p_values_of_counts, p_values_of_levels};
pub use printed::Printed;
pub use ratios::{
    events_behind, information, log_ratio_behind, middle_of_limits, size_of_z, standard_error,
    two_sided_p,
};
