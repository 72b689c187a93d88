//! The score test of proportional hazards and scaled Schoenfeld residuals.
//! The model itself is fitted by `cox`.

use crate::Error;
use crate::cox::{CoxFit, CoxModel};

/// The function of time g(t) along which a coefficient may drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeTransform {
    /// 1 - S(t-), from the Kaplan-Meier curve of all subjects.
    #[default]
    KaplanMeier,
    /// t.
    Identity,
    /// The rank of t among event times.
    Rank,
    /// log t.
    Log,
}

/// One row of the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionalHazardsTest {
    /// Chi-square.
    pub statistic: f64,
    /// Estimated coefficients under test.
    pub degrees_of_freedom: usize,
    /// Upper tail.
    pub p_value: f64,
}

/// The scaled Schoenfeld residuals at one event.
#[derive(Debug, Clone, PartialEq)]
pub struct SchoenfeldRow {
    /// Position of the subject in the data.
    pub subject: usize,
    /// Event time.
    pub time: f64,
    /// g(t).
    pub transformed_time: f64,
    /// One for each column: beta plus the scaled residual, whose trend over
    /// g(t) is the trend of beta(t). `None` for a dropped column.
    pub scaled_residuals: Vec<Option<f64>>,
}

/// The test of proportional hazards for each term and for all.
#[derive(Debug, Clone, PartialEq)]
pub struct ProportionalHazards {
    /// In the order of the terms asked for.
    pub terms: Vec<ProportionalHazardsTest>,
    /// All coefficients at once.
    pub global: ProportionalHazardsTest,
    /// By stratum, then ascending event time.
    pub residuals: Vec<SchoenfeldRow>,
}

/// Tests whether the coefficients of each term (a list of column positions)
/// drift along g(t).
pub fn proportional_hazards(
    model: &CoxModel<'_>,
    fit: &CoxFit,
    terms: &[Vec<usize>],
    transform: TimeTransform,
) -> Result<ProportionalHazards, Error> {
    let _ = (model, fit, terms, transform);
    todo!()
}
