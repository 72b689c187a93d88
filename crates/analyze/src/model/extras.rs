//! What a Cox model may have beyond its terms and strata: splines,
//! interactions, offset, entry, weights, penalties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is added to the log-likelihood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyName {
    /// Nothing.
    #[default]
    None,
    /// A ridge of size `ridge`, which draws coefficients towards zero.
    Ridge,
    /// Firth's penalty: finite ratios under separation, with limits and tests from the
    /// profile of the penalised likelihood.
    Firth,
}

/// The form of a cubic spline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplineKind {
    /// B-splines made natural, as R's `ns`: knots at even quantiles, the outermost at the extremes.
    #[default]
    Natural,
    /// Truncated powers, as `rcs` of Harrell's rms: knots at the quantiles that he recommends.
    Restricted,
}

/// A term as a cubic spline that is straight beyond its outermost knots.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spline {
    /// Its form, which decides where knots stand unless they are declared.
    #[serde(default)]
    pub kind: SplineKind,
    /// Coefficients of the term, one less than knots; 3 unless declared.
    #[serde(default)]
    #[schemars(range(max = 20))]
    pub degrees_of_freedom: Option<u32>,
    /// The knots in ascending order, the outermost among them, in the unit of the column.
    #[serde(default)]
    pub knots: Vec<f64>,
    /// The value with which others are compared; the median unless declared.
    #[serde(default)]
    pub reference: Option<f64>,
    /// Values whose hazard ratios are given; the 5th, 25th, 50th, 75th and 95th percentiles, to three
    /// digits, unless declared.
    #[serde(default)]
    pub at: Vec<f64>,
}

/// Coefficients of a spline that does not say how many it has: four knots, which
/// Harrell (2015, section 2.4) finds enough for most data.
const DEGREES_OF_FREEDOM: u32 = 3;

impl Spline {
    /// How many columns it has.
    pub(crate) fn n_columns(&self) -> usize {
        match self.knots.len() {
            // Declared knots say how many columns there
            // are; the number beside them was refused.
            0 => self.degrees_of_freedom.unwrap_or(DEGREES_OF_FREEDOM) as usize,
            n_knots => n_knots - 1,
        }
    }
}

/// What a declared model has beyond its terms.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extras<'a> {
    pub(crate) splines: &'a [(String, Spline)],
    pub(crate) interactions: &'a [Vec<String>],
    pub(crate) offset: Option<&'a str>,
    pub(crate) entry: Option<&'a str>,
    pub(crate) weights: Option<&'a str>,
    pub(crate) penalty: PenaltyName,
    pub(crate) ridge: Option<f64>,
}

impl Extras<'_> {
    /// The spline of a column.
    pub(crate) fn spline(&self, column: &str) -> Option<&Spline> {
        self.splines.iter().find(|(own, _)| own == column).map(|(_, spline)| spline)
    }
}
