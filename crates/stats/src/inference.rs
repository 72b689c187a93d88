//! A test and an interval as every model hands them on.

use crate::special::chi_square_upper_tail;

/// A chi-square test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Chi-square.
    pub statistic: f64,
    /// Coefficients that were estimated, or that have a part in the test.
    pub degrees_of_freedom: usize,
    /// Upper tail; 1 without degrees of freedom.
    pub p_value: f64,
}

impl Test {
    pub(crate) fn new(statistic: f64, degrees_of_freedom: usize) -> Self {
        let p_value = chi_square_p_value(statistic, degrees_of_freedom);
        Self { statistic, degrees_of_freedom, p_value }
    }
}

/// An estimate with its confidence limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// The upper tail of chi-square; 1 without degrees of freedom.
pub(crate) fn chi_square_p_value(statistic: f64, degrees_of_freedom: usize) -> f64 {
    match degrees_of_freedom {
        0 => 1.0,
        df => chi_square_upper_tail(statistic, df as f64),
    }
}
