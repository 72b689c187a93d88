//! Effects that may change over time, as figures draw them: an estimate at each
//! event, and the curve through them.

use serde::{Deserialize, Serialize};

use crate::Warning;

/// How the coefficients of a Cox model change over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangingEffects {
    /// Confidence level of the limits of the curves.
    pub confidence_level: f64,
    /// Distinct times of events in days, ascending, and where the function of time
    /// along which coefficients may drift has them.
    pub places: Vec<(f64, f64)>,
    /// One for each covariate of the model that is a number or a level.
    pub effects: Vec<ChangingEffect>,
    /// What a reader must know before using them.
    pub warnings: Vec<Warning>,
}

/// How one coefficient changes over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangingEffect {
    /// The column.
    pub variable: String,
    /// Its level, where it has levels.
    pub level: Option<String>,
    /// One for each event, ascending in time; none where the study's privacy
    /// keeps single patients back.
    pub points: Vec<EffectPoint>,
    /// The curve through them, at equal distances along the function of time; none
    /// where there are too few.
    pub curve: Vec<EffectRow>,
    /// Degrees of freedom of the curve.
    pub degrees_of_freedom: u64,
}

/// What one event says of a coefficient: the coefficient of the model and the
/// scaled Schoenfeld residual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EffectPoint {
    /// Days from the index date.
    pub time_days: f64,
    /// The logarithm of the ratio.
    pub log_ratio: f64,
    /// Whether the patient had the level; always of a number.
    pub has_level: bool,
}

/// The curve at one time, as logarithms of ratios.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EffectRow {
    /// Days from the index date.
    pub time_days: f64,
    /// The curve.
    pub log_ratio: f64,
    /// Its lower pointwise limit.
    pub lower: f64,
    /// Its upper pointwise limit.
    pub upper: f64,
}
