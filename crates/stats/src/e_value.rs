//! E-values: how strong an unmeasured confounder would have to be, on the
//! risk-ratio scale and with treatment as with outcome, to explain an
//! association away.

use crate::Error;

/// The measure of an association, which decides how it is taken as a risk
/// ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Association {
    /// A risk ratio, as it is.
    RiskRatio,
    /// An odds ratio; of a common outcome (above 15% at the end of follow-up)
    /// its square root.
    OddsRatio {
        /// Whether the outcome is common.
        common: bool,
    },
    /// A hazard ratio; of a common outcome
    /// (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1 / HR)).
    HazardRatio {
        /// Whether the outcome is common at the end of follow-up.
        common: bool,
    },
}

impl Association {
    /// The association as a risk ratio, of which `ratio` > 0 is the estimate
    /// or a limit.
    #[must_use]
    pub fn risk_ratio(self, ratio: f64) -> f64 {
        match self {
            Self::OddsRatio { common: true } => ratio.sqrt(),
            Self::HazardRatio { common: true } => {
                // 1 - 0.5^x, without loss for small x.
                let risk = |root: f64| -libm::expm1(-core::f64::consts::LN_2 * root);
                risk(ratio.sqrt()) / risk((1.0 / ratio).sqrt())
            }
            Self::RiskRatio | Self::OddsRatio { .. } | Self::HazardRatio { .. } => ratio,
        }
    }
}

/// The E-values of an association.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EValue {
    /// The estimate as a risk ratio.
    pub risk_ratio: f64,
    /// Of the estimate.
    pub estimate: f64,
    /// Of the limit nearer to 1; 1 if the limits enclose 1. `None` without
    /// limits.
    pub limit: Option<f64>,
}

/// The E-value of `ratio` > 0 and of the limit of `limits` (lower and upper;
/// one that is not known is infinitely far) that is nearer to 1.
///
/// # Formula
/// E = RR + sqrt(RR (RR - 1)) for a risk ratio RR >= 1, and that of 1 / RR
/// below 1 (VanderWeele & Ding, Ann Intern Med 2017; 167: 268-274, with
/// table 2 for odds and hazard ratios).
///
/// # Errors
/// [`Error::Parameter`] for a ratio or limit that is not a number above zero,
/// or limits that do not enclose the ratio.
///
/// ```
/// use restudy_stats::e_value::{Association, e_value};
/// // The example of the paper: 3.9 (1.8 to 8.7).
/// let found = e_value(Association::RiskRatio, 3.9, Some((1.8, 8.7)))?;
/// assert!((found.estimate - 7.26).abs() < 0.005 && found.limit == Some(3.0));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn e_value(
    association: Association,
    ratio: f64,
    limits: Option<(f64, f64)>,
) -> Result<EValue, Error> {
    let range = "(0, infinity)";
    if !(ratio > 0.0 && ratio.is_finite()) {
        return Err(Error::Parameter { what: "ratio", value: ratio, range });
    }
    if let Some((lower, upper)) = limits {
        // Turned so that a limit that is not a number is refused too.
        if !(lower >= 0.0 && lower <= ratio) {
            return Err(Error::Parameter { what: "lower", value: lower, range: "[0, ratio]" });
        }
        if upper.is_nan() || upper < ratio {
            return Err(Error::Parameter { what: "upper", value: upper, range: "[ratio, inf]" });
        }
    }
    let of = |ratio: f64| of_risk_ratio(association.risk_ratio(ratio));
    // The limit nearer to 1 is the lower one above 1, the upper one below it.
    let near = |(lower, upper): (f64, f64)| match (lower <= 1.0, upper >= 1.0) {
        (true, true) => 1.0,
        (false, _) => of(lower),
        (true, false) => of(upper),
    };
    let risk_ratio = association.risk_ratio(ratio);
    Ok(EValue { risk_ratio, estimate: of_risk_ratio(risk_ratio), limit: limits.map(near) })
}

fn of_risk_ratio(ratio: f64) -> f64 {
    // A protective ratio is as far from 1 as its inverse.
    let ratio = if ratio < 1.0 { 1.0 / ratio } else { ratio };
    ratio + (ratio * (ratio - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_about_one_need_no_confounder() {
        // Limits about 1: no confounder is needed to move them there, and of a
        // ratio of 1 the E-value is 1.
        let found = e_value(Association::RiskRatio, 1.2, Some((0.9, 1.6))).unwrap();
        assert_eq!(found.limit, Some(1.0));
        assert_eq!(e_value(Association::RiskRatio, 1.0, None).unwrap().estimate, 1.0);
        let unknown = e_value(Association::RiskRatio, 2.0, Some((1.5, f64::INFINITY))).unwrap();
        // 1.5 + sqrt(1.5 * 0.5): the unknown upper limit is the farther one.
        assert_eq!(unknown.limit, Some(1.5 + 0.75f64.sqrt()));
    }

    #[test]
    fn misuse_is_refused() {
        let error =
            |ratio, limits| e_value(Association::RiskRatio, ratio, limits).unwrap_err().to_string();
        assert_eq!(error(0.0, None), "`ratio` is 0, outside (0, infinity)");
        assert_eq!(error(2.0, Some((3.0, 4.0))), "`lower` is 3, outside [0, ratio]");
        assert_eq!(error(2.0, Some((1.0, f64::NAN))), "`upper` is NaN, outside [ratio, inf]");
    }

    proptest! {
        #[test]
        fn the_direction_does_not_matter(ratio in 0.01..100_f64, common in any::<bool>()) {
            for association in [
                Association::RiskRatio,
                Association::OddsRatio { common },
                Association::HazardRatio { common },
            ] {
                let one = e_value(association, ratio, None).unwrap().estimate;
                let other = e_value(association, 1.0 / ratio, None).unwrap().estimate;
                prop_assert!((one - other).abs() <= 1e-9 * one && one >= 1.0);
            }
        }
    }
}
