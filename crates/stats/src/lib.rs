//! Survival and contingency statistics on plain slices: no data frame, no
//! column names, no files. Each estimator names its source and is checked
//! against R.

pub mod adjust;
pub mod calibration;
pub mod clone_censor_weight;
pub mod competing_risks;
pub mod concordance;
pub mod contingency;
pub mod contrast;
pub mod counting_data;
pub mod cox;
pub mod e_value;
mod error;
pub mod group_comparison;
pub mod imputation;
mod inverse_censoring;
pub mod kaplan_meier;
pub mod landmark;
pub mod location;
pub mod log_rank;
pub mod logistic;
pub mod multinomial;
mod newton;
pub mod optimism;
pub mod parametric;
pub mod pooling;
pub mod prediction_error;
mod profile;
pub mod propensity;
pub mod proportion;
pub mod proportional_hazards;
pub mod quantile;
mod radix;
pub mod resample;
mod scaling;
mod sortable;
pub mod special;
pub mod spline;
pub mod standardized_difference;
pub mod survival_curve;
pub mod survival_data;
pub mod switching;
mod symmetric;
pub mod timing_tipping_point;
pub mod turnbull;
pub mod weighted_log_rank;

pub use error::Error;
