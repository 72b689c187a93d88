//! Two estimates compared: their difference or ratio with Wald limits. Those
//! of survival curves are read off by `survival_curve`.

use crate::Error;
use crate::inference::Interval;
use crate::special::normal_two_sided_tail;

/// A difference or ratio with Wald limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// First less second, or first over second, with its limits.
    pub interval: Interval,
    /// Standard error of a difference, or of the logarithm of a ratio.
    pub standard_error: f64,
    /// The difference, or the logarithm of the ratio, over its standard
    /// error; 0 if both are 0.
    pub z: f64,
    /// Two-sided, normal.
    pub p_value: f64,
}

impl Contrast {
    /// A difference with its own standard error.
    pub(crate) fn wald(
        estimate: f64,
        standard_error: f64,
        confidence_level: f64,
    ) -> Result<Self, Error> {
        let interval = Interval::normal(estimate, standard_error, confidence_level)?;
        // Of two equal curves without events the error is zero as well: 0 / 0 is no
        // evidence.
        let z = if estimate == 0.0 { 0.0 } else { estimate / standard_error };
        let p_value = normal_two_sided_tail(z);
        Ok(Self { interval, standard_error, z, p_value })
    }

    /// A difference of logarithms turned into the ratio `estimate`.
    pub(crate) fn as_ratio(self, estimate: f64) -> Self {
        Self { interval: Interval { estimate, ..self.interval.exponentiated() }, ..self }
    }
}
