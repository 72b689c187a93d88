//! A test, an interval and a coefficient as every model hands them on.

use crate::Error;
use crate::checks::check_share;
use crate::special::{chi_square_upper_tail, normal_quantile, normal_two_sided_tail};

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
        // Nothing to test is no evidence: p is 1, not missing.
        let p_value = match degrees_of_freedom {
            0 => 1.0,
            df => chi_square_upper_tail(statistic, df as f64),
        };
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

impl Interval {
    /// The estimate with normal limits of coverage `confidence_level`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn normal(
        estimate: f64,
        standard_error: f64,
        confidence_level: f64,
    ) -> Result<Self, Error> {
        let width = normal_critical_value(confidence_level)? * standard_error;
        Ok(Self { estimate, lower: estimate - width, upper: estimate + width })
    }

    /// exp of the estimate and of its limits.
    #[must_use]
    pub fn exponentiated(self) -> Self {
        // exp rises, so that limits keep their order; no delta method is needed.
        let [estimate, lower, upper] = [self.estimate, self.lower, self.upper].map(libm::exp);
        Self { estimate, lower, upper }
    }
}

/// The z between which and -z a normal value lies with probability
/// `confidence_level`.
///
/// # Errors
/// [`Error::Parameter`] for a level outside (0, 1).
pub(crate) fn normal_critical_value(confidence_level: f64) -> Result<f64, Error> {
    check_share("confidence_level", confidence_level)?;
    Ok(normal_quantile(0.5 + 0.5 * confidence_level))
}

/// A coefficient of a regression, on the scale of the linear predictor, with
/// its Wald test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// beta: the log hazard ratio, log odds ratio or log time ratio of one
    /// unit of the covariate.
    pub estimate: f64,
    /// Its standard error: from the sandwich if the model makes one, else from
    /// the inverse information.
    pub standard_error: f64,
    /// beta over its standard error.
    pub z: f64,
    /// Two-sided, normal.
    pub p_value: f64,
    /// Whether the likelihood has no maximum along which beta has a value: it
    /// still rises as beta grows without bound, or is the same whatever beta
    /// is once other coefficients have grown so. Numbers are then where the
    /// search ended and say no more than the sign.
    pub may_be_infinite: bool,
}

impl Coefficient {
    /// One of a fit of nobody, in which no number is one.
    pub(crate) const UNKNOWN: Self = Self {
        estimate: f64::NAN,
        standard_error: f64::NAN,
        z: f64::NAN,
        p_value: f64::NAN,
        may_be_infinite: false,
    };

    pub(crate) fn new(estimate: f64, standard_error: f64, may_be_infinite: bool) -> Self {
        // Of an error of zero z is infinite and p zero; of an infinite error z is
        // zero.
        let z = estimate / standard_error;
        let p_value = normal_two_sided_tail(z);
        Self { estimate, standard_error, z, p_value, may_be_infinite }
    }

    /// beta with Wald limits of coverage `confidence_level`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn interval(&self, confidence_level: f64) -> Result<Interval, Error> {
        Interval::normal(self.estimate, self.standard_error, confidence_level)
    }

    /// exp(beta) with Wald limits exp(beta -+ z SE): a hazard, odds or time
    /// ratio.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn ratio(&self, confidence_level: f64) -> Result<Interval, Error> {
        self.interval(confidence_level).map(Interval::exponentiated)
    }
}

/// A coefficient's limits by profile likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileLimits {
    /// beta.
    pub estimate: f64,
    /// Lower limit of beta; `None` if the likelihood does not fall so far.
    pub lower: Option<f64>,
    /// Upper limit of beta; `None` if the likelihood does not fall so far.
    pub upper: Option<f64>,
    /// Likelihood-ratio test of beta = 0, the other coefficients free.
    pub test: Test,
}

impl ProfileLimits {
    /// The lower and upper limit of exp(beta).
    #[must_use]
    pub fn ratio_limits(&self) -> [Option<f64>; 2] {
        [self.lower, self.upper].map(|limit| limit.map(libm::exp))
    }
}
