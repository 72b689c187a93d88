//! Two survival curves compared by a number: their difference at a time, and
//! the difference and ratio of their restricted means. Tests of whole curves
//! are left to `log_rank` and `group_comparison`.

use crate::Error;
use crate::checks::check_share;
use crate::kaplan_meier::{KaplanMeierCurve, RestrictedMean, SurvivalAt};
use crate::special::{normal_quantile, normal_two_sided_tail};

/// A difference or ratio with Wald limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// First less second, or first over second.
    pub estimate: f64,
    /// Standard error of a difference, or of the logarithm of a ratio.
    pub standard_error: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// The difference, or the logarithm of the ratio, over its standard
    /// error; 0 if both are 0.
    pub z: f64,
    /// Two-sided, normal.
    pub p_value: f64,
}

impl Contrast {
    /// The difference of two independent estimates with their standard
    /// errors, limits of coverage `confidence_level`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn difference(
        first: (f64, f64),
        second: (f64, f64),
        confidence_level: f64,
    ) -> Result<Self, Error> {
        Self::wald(first.0 - second.0, libm::hypot(first.1, second.1), confidence_level)
    }

    /// A difference with its own standard error.
    pub(crate) fn wald(
        estimate: f64,
        standard_error: f64,
        confidence_level: f64,
    ) -> Result<Self, Error> {
        check_share("confidence_level", confidence_level)?;
        let width = normal_quantile(0.5 + 0.5 * confidence_level) * standard_error;
        let z = if estimate == 0.0 { 0.0 } else { estimate / standard_error };
        let (lower, upper) = (estimate - width, estimate + width);
        let p_value = normal_two_sided_tail(z);
        Ok(Self { estimate, standard_error, lower, upper, z, p_value })
    }

    /// The ratio of two independent positive estimates with their standard
    /// errors, by the delta method on the logarithm.
    fn ratio(first: (f64, f64), second: (f64, f64), confidence_level: f64) -> Result<Self, Error> {
        let on_log = |(estimate, error): (f64, f64)| (libm::log(estimate), error / estimate);
        let log = Self::difference(on_log(first), on_log(second), confidence_level)?;
        Ok(log.as_ratio(first.0 / second.0))
    }

    /// A difference of logarithms turned into the ratio `estimate`.
    pub(crate) fn as_ratio(self, estimate: f64) -> Self {
        let (lower, upper) = (libm::exp(self.lower), libm::exp(self.upper));
        Self { estimate, lower, upper, ..self }
    }
}

/// Two curves at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalDifference {
    /// The first curve.
    pub first: SurvivalAt,
    /// The second curve.
    pub second: SurvivalAt,
    /// S1 - S2; `None` if a curve is unknown there, or has fallen to 0, where
    /// Greenwood's formula gives no standard error.
    pub difference: Option<Contrast>,
}

/// The difference of two curves at `time` >= 0, in the unit of the curves.
///
/// # Formula
/// S1 - S2 with the root of the sum of Greenwood's variances, and Wald limits
/// (Klein, Logan, Harhoff and Andersen 2007, eq. 1).
///
/// # Ties and missing values
/// Those of the curves. Limits are not cut at -1 and 1.
///
/// # Errors
/// [`Error::Parameter`] for a wrong time or level.
///
/// ```
/// use restudy_stats::contrast::survival_difference;
/// use restudy_stats::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let options = KaplanMeierOptions::default();
/// let one = kaplan_meier(&SurvivalData::new(&[1.0, 4.0], &[true, false])?, &options)?;
/// let other = kaplan_meier(&SurvivalData::new(&[2.0, 3.0], &[false, false])?, &options)?;
/// let compared = survival_difference(&one, &other, 2.0, 0.95)?.difference.expect("known");
/// assert_eq!(compared.estimate, -0.5);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn survival_difference(
    first: &KaplanMeierCurve,
    second: &KaplanMeierCurve,
    time: f64,
    confidence_level: f64,
) -> Result<SurvivalDifference, Error> {
    check_share("confidence_level", confidence_level)?;
    let (first, second) = (first.at(time)?, second.at(time)?);
    let known = |at: &SurvivalAt| at.survival.zip(at.standard_error);
    let pair = known(&first).zip(known(&second));
    let difference = pair
        .map(|(first, second)| Contrast::difference(first, second, confidence_level))
        .transpose()?;
    Ok(SurvivalDifference { first, second, difference })
}

/// Two restricted means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMeanContrast {
    /// Of the first curve; its `is_extended` tells of a last S carried on.
    pub first: RestrictedMean,
    /// Of the second curve.
    pub second: RestrictedMean,
    /// First less second, in the unit of time.
    pub difference: Contrast,
    /// First over second; `None` unless both are above zero.
    pub ratio: Option<Contrast>,
}

/// The difference and the ratio of the restricted means of two curves up to
/// `tau` > 0, in the unit of the curves.
///
/// # Formula
/// mu1 - mu2 with the root of the sum of the variances, and exp of
/// log mu1 - log mu2 with standard error
/// sqrt(var1 / mu1^2 + var2 / mu2^2), each with Wald limits (Uno et al.
/// 2014, J Clin Oncol 32: 2380-5). The variances are Greenwood's, as of
/// [`KaplanMeierCurve::restricted_mean`].
///
/// # Ties and missing values
/// Those of the curves.
///
/// # Errors
/// [`Error::Parameter`] for a wrong `tau` or level, [`Error::Empty`] for the
/// curve of a group without subjects.
pub fn restricted_mean_contrast(
    first: &KaplanMeierCurve,
    second: &KaplanMeierCurve,
    tau: f64,
    confidence_level: f64,
) -> Result<RestrictedMeanContrast, Error> {
    let (first, second) = (first.restricted_mean(tau)?, second.restricted_mean(tau)?);
    let pair = |mean: &RestrictedMean| (mean.estimate, mean.standard_error);
    let (one, other) = (pair(&first), pair(&second));
    let difference = Contrast::difference(one, other, confidence_level)?;
    let is_positive = one.0 > 0.0 && other.0 > 0.0;
    let ratio = is_positive.then(|| Contrast::ratio(one, other, confidence_level)).transpose()?;
    Ok(RestrictedMeanContrast { first, second, difference, ratio })
}
