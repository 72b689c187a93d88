//! Survival and contingency statistics on plain slices: no data frame, no
//! column names, no files. Each estimator names its source and is checked
//! against R.

pub mod adjust;
pub mod calibration;
pub mod competing_risks;
pub mod concordance;
pub mod contingency;
pub mod contrast;
pub mod counting_data;
pub mod cox;
mod error;
pub mod group_comparison;
mod inverse_censoring;
pub mod kaplan_meier;
pub mod location;
pub mod log_rank;
pub mod optimism;
pub mod parametric;
pub mod prediction_error;
pub mod proportion;
pub mod proportional_hazards;
pub mod quantile;
mod radix;
pub mod resample;
pub mod special;
pub mod spline;
pub mod standardized_difference;
pub mod survival_curve;
pub mod survival_data;
pub mod switching;
mod symmetric;
pub mod turnbull;

pub use error::Error;
