//! Pointwise confidence limits of a survival probability.

use std::f64::consts::FRAC_PI_2;

/// The scale on which confidence limits of a survival probability are made.
///
/// With S the estimate, s Greenwood's standard error of log S and z the
/// normal quantile, the limits are taken at -z and +z standard errors on the
/// scale and turned back. The scales of [`LogLog`](Self::LogLog),
/// [`Logit`](Self::Logit) and [`Arcsin`](Self::Arcsin) have no limits at
/// S = 1, and none has limits at S = 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfidenceType {
    /// S -+ z s S, cut at 0 and 1.
    Plain,
    /// S exp(-+ z s), cut at 1: the default of R.
    #[default]
    Log,
    /// S^exp(-+ z s / log S): the default of SAS.
    LogLog,
    /// On log(S / (1 - S)), with standard error s / (1 - S).
    Logit,
    /// On arcsin(sqrt S), with standard error s sqrt(S / (1 - S)) / 2.
    Arcsin,
}

impl ConfidenceType {
    /// The lower and upper limit, or nothing where the scale has none.
    pub(crate) fn limits(self, survival: f64, log_error: f64, z: f64) -> Option<(f64, f64)> {
        // At S = 1 the error is zero on the plain and the log scale, and the limits
        // are 1; the others would take the logarithm or quotient of zero.
        if survival <= 0.0 || (survival >= 1.0 && !matches!(self, Self::Plain | Self::Log)) {
            return None;
        }
        let width = z * log_error;
        Some(match self {
            Self::Plain => {
                // The standard error of S is S times that of log S.
                let width = width * survival;
                ((survival - width).max(0.0), (survival + width).min(1.0))
            }
            Self::Log => {
                let ratio = libm::exp(width);
                (survival / ratio, (survival * ratio).min(1.0))
            }
            Self::LogLog => {
                let log = libm::log(survival);
                // log S is below zero: the ratio is above 1, and the first limit is
                // the lower one.
                let ratio = libm::exp(-width / log);
                (libm::exp(log * ratio), libm::exp(log / ratio))
            }
            Self::Logit => {
                let odds = survival / (1.0 - survival);
                let ratio = libm::exp(width / (1.0 - survival));
                (share(odds / ratio), share(odds * ratio))
            }
            Self::Arcsin => {
                let angle = libm::asin(survival.sqrt());
                let width = 0.5 * width * (survival / (1.0 - survival)).sqrt();
                (
                    // Cut at the ends of the quadrant, beyond which the sine turns back.
                    squared_sine((angle - width).max(0.0)),
                    squared_sine((angle + width).min(FRAC_PI_2)),
                )
            }
        })
    }
}

/// The probability with these odds.
fn share(odds: f64) -> f64 {
    if odds.is_infinite() { 1.0 } else { odds / (1.0 + odds) }
}

/// sin^2 of an angle.
fn squared_sine(angle: f64) -> f64 {
    let sine = libm::sin(angle);
    sine * sine
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ConfidenceType; 5] = [
        ConfidenceType::Plain,
        ConfidenceType::Log,
        ConfidenceType::LogLog,
        ConfidenceType::Logit,
        ConfidenceType::Arcsin,
    ];

    #[test]
    fn limits_enclose_the_estimate_and_stay_within_0_and_1() {
        for kind in ALL {
            for survival in [1e-6, 0.1, 0.5, 0.9, 1.0 - 1e-9] {
                for log_error in [0.0, 0.01, 0.5, 40.0] {
                    let (lower, upper) = kind.limits(survival, log_error, 1.96).unwrap();
                    assert!(lower <= survival + 1e-15 && survival <= upper + 1e-15, "{kind:?}");
                    assert!(lower >= 0.0 && upper <= 1.0, "{kind:?}");
                }
            }
        }
    }

    #[test]
    fn no_scale_has_limits_at_zero_and_three_have_none_at_one() {
        assert!(ALL.iter().all(|kind| kind.limits(0.0, 1.0, 1.96).is_none()));
        let at_one: Vec<_> = ALL.iter().map(|kind| kind.limits(1.0, 0.0, 1.96)).collect();
        assert_eq!(at_one, [Some((1.0, 1.0)), Some((1.0, 1.0)), None, None, None]);
    }
}
