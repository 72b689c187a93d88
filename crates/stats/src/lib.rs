//! Survival and contingency statistics on slices, and on what was made of slices
//! and checked once ([`survival_data`], [`groups`], [`clusters`], [`weights`],
//! [`covariates`]): no data frame, no column names, no files. Each estimator
//! names its source and is checked against R.
//!
//! # Conventions
//! - Missing values have no place in a slice: the caller leaves those subjects
//!   out and counts them. Where a value may be unknown the type says so
//!   (`Option`). A value that is infinite or not a number is an [`Error`] with
//!   its position.
//! - Times are in any one unit, which rates, areas and time-dependent results
//!   share. Those that differ by rounding alone are one time; an event comes
//!   before a censoring of the same time. See
//!   [`SurvivalData`](survival_data::SurvivalData).
//! - What was checked once is asked for its length alone where it is used:
//!   whether it belongs to those subjects.
//! - Closed forms agree with R to 1e-9 of themselves, iterated ones to 1e-7.
//!   Deviance residuals near zero are square roots of rounding errors, and
//!   what is drawn by chance agrees in distribution only: seeds are ours.

pub mod adjust;
pub mod calibration;
mod checks;
pub mod clone_censor_weight;
pub mod clusters;
pub mod competing_risks;
pub mod concordance;
pub mod contingency;
pub mod contrast;
pub mod counting_data;
pub mod covariates;
pub mod cox;
pub mod e_value;
mod error;
mod follow_up;
pub mod forensics;
pub mod group_comparison;
pub mod groups;
pub mod identified_set;
pub mod imputation;
pub mod inference;
mod inverse_censoring;
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
mod rank_sums;
pub mod rate;
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
pub mod weights;

pub use error::Error;
