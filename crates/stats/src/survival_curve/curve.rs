//! A survival curve: its rows, and the details that weights, clusters and
//! hazards need beside them.

use super::CurveEstimator;
use super::jump::Jump;
use crate::Error;
use crate::inference::normal_critical_value;

/// The curve at one distinct end of follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalCurveRow {
    /// The time.
    pub time: f64,
    /// Rows of data at risk just before this time, whatever their weights.
    pub n_at_risk: usize,
    /// Those of them with the event at this time.
    pub n_events: usize,
    /// Those of them that end here without it: censored, or going on in
    /// another interval.
    pub n_censored: usize,
    /// S(t).
    pub survival: f64,
    /// Standard error of log S, which has no meaning where S is 0.
    pub(super) log_error: f64,
    /// Lower limit of S; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit of S; `None` where the scale gives none.
    pub upper: Option<f64>,
}

impl SurvivalCurveRow {
    /// Standard error of log S; `None` where S is 0.
    pub fn log_standard_error(&self) -> Option<f64> {
        (self.survival > 0.0).then_some(self.log_error)
    }

    /// Standard error of S; `None` where S is 0.
    pub fn standard_error(&self) -> Option<f64> {
        (self.survival > 0.0).then_some(self.survival * self.log_error)
    }
}

/// A cumulative hazard with its precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CumulativeHazard {
    /// H(t).
    pub estimate: f64,
    /// Standard error of H.
    pub standard_error: f64,
}

impl CumulativeHazard {
    /// Limits of H, made on the scale of its logarithm: H exp(-+ z s / H);
    /// `None` where H is 0.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn limits(&self, confidence_level: f64) -> Result<Option<(f64, f64)>, Error> {
        let z = normal_critical_value(confidence_level)?;
        let hazard = self.estimate;
        // Before the first event there is no logarithm of H.
        if hazard <= 0.0 {
            return Ok(None);
        }
        let ratio = libm::exp(z * self.standard_error / hazard);
        Ok(Some((hazard / ratio, hazard * ratio)))
    }
}

/// What is known of one end of follow-up beside the curve's row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveDetail {
    /// Weight at risk.
    pub weight_at_risk: f64,
    /// Weight of the events.
    pub weight_of_events: f64,
    /// H(t).
    pub hazard: CumulativeHazard,
}

/// A curve with a row at every distinct end of follow-up.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalCurve {
    /// Rows of data it was made of: subjects, or intervals.
    pub n: usize,
    /// Those with the event (with censoring, on a reversed curve).
    pub n_events: usize,
    /// Rows by ascending time; none for a group without rows of data.
    pub rows: Vec<SurvivalCurveRow>,
    /// The estimator, named for the report.
    pub estimator: CurveEstimator,
    /// Whether the standard errors are the infinitesimal jackknife's.
    pub is_robust: bool,
    /// None on a curve of whole counts.
    pub(super) origin: Option<Origin>,
}

impl SurvivalCurve {
    /// Weights and cumulative hazard at each row. Empty for the Kaplan-Meier
    /// curve of unweighted right-censored data, unless it was asked to be
    /// [`detailed`](super::SurvivalCurveModel::detailed).
    pub fn details(&self) -> &[CurveDetail] {
        self.origin.as_ref().map_or(&[], |origin| &origin.details)
    }
}

/// What a swept curve keeps, for the variances of what is read off it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Origin {
    /// One for each row of the curve.
    pub(super) details: Vec<CurveDetail>,
    /// How -log S changed at each event time until S was 0.
    pub(super) jumps: Vec<(f64, Jump)>,
    /// The rows of data in their order; none unless the curve is robust.
    pub(super) members: Option<Vec<Member>>,
}

/// A row of data under a robust curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Member {
    pub(super) start: Option<f64>,
    pub(super) end: f64,
    pub(super) is_event: bool,
    pub(super) cluster: usize,
    pub(super) weight: f64,
}
