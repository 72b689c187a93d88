//! Confidence limits of survival at a time.

use super::Printed;
use crate::Error;
use crate::proportion::critical_value;

/// A scale on which limits of survival lie as far below as above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalScale {
    /// S itself.
    Plain,
    /// ln S.
    Log,
    /// ln (−ln S).
    LogLog,
    /// ln (S / (1 − S)).
    Logit,
    /// arcsin √S.
    Arcsine,
}

impl IntervalScale {
    const ALL: [Self; 5] = [Self::Plain, Self::Log, Self::LogLog, Self::Logit, Self::Arcsine];

    fn of(self, survival: f64) -> f64 {
        match self {
            Self::Plain => survival,
            Self::Log => libm::log(survival),
            Self::LogLog => libm::log(-libm::log(survival)),
            Self::Logit => libm::log(survival / (1.0 - survival)),
            Self::Arcsine => libm::asin(survival.sqrt()),
        }
    }

    /// How much the scale changes where survival does, in size.
    fn slope(self, survival: f64) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Log => 1.0 / survival,
            Self::LogLog => 1.0 / (survival * libm::log(survival)).abs(),
            Self::Logit => 1.0 / (survival * (1.0 - survival)),
            Self::Arcsine => 0.5 / (survival * (1.0 - survival)).sqrt(),
        }
    }
}

/// The scales on which survival is in the middle of its printed limits. A limit
/// at 0 or 1 was cut there, and fits every scale.
#[must_use]
pub fn scales_that_print(survival: Printed, lower: Printed, upper: Printed) -> Vec<IntervalScale> {
    // A cut limit has lost its distance from the estimate, so that it speaks for no
    // scale.
    let is_cut = lower.lower <= 0.0 || upper.upper >= 1.0;
    let fits = |scale: &IntervalScale| {
        // The sum of the transformed limits, as intervals; half of it is where the
        // estimate has to lie.
        let middle = lower.map(|end| scale.of(end)).plus(upper.map(|end| scale.of(end)));
        is_cut || middle.map(|sum| 0.5 * sum).meets(survival.map(|end| scale.of(end)))
    };
    IntervalScale::ALL.into_iter().filter(fits).collect()
}

/// Whether limits are as wide as `n` patients make them at least: Greenwood's
/// variance is never below S (1 − S) / n, which it is without censoring.
///
/// - `scales`: those on which the limits were made.
///
/// # Errors
/// [`Error::Parameter`] for a confidence level outside (0, 1).
///
/// Greenwood 1926; Peto and others, Br J Cancer 1977; 35: 1-39.
pub fn wide_enough(
    (survival, lower, upper): (Printed, Printed, Printed),
    n: u64,
    confidence_level: f64,
    scales: &[IntervalScale],
) -> Result<bool, Error> {
    let z = critical_value(confidence_level)?;
    let can = |scale: &IntervalScale| {
        let length = upper.map(|end| scale.of(end)).minus(lower.map(|end| scale.of(end))).size();
        // Half the longest length that the printed digits allow, over z: the
        // largest standard error behind them.
        let widest = 0.5 * length.upper / z;
        let least =
            |survival: f64| scale.slope(survival) * (survival * (1.0 - survival) / n as f64).sqrt();
        // The least that n patients allow, at whichever end of the printed survival
        // it is smaller. The 1e-12 is for rounding.
        widest * (1.0 + 1e-12) >= least(survival.lower).min(least(survival.upper))
    };
    let is_cut = lower.lower <= 0.0 || upper.upper >= 1.0;
    Ok(is_cut || scales.iter().any(can))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(value: f64, half: f64) -> Printed {
        Printed::new(value - half, value + half)
    }

    /// S = 0.553 with Greenwood's standard error 0.0915 by R's survfit, to three digits.
    #[test]
    fn limits_tell_their_scale() {
        let (survival, error, z) = (0.550_252, 0.091_452, 1.959_964);
        for scale in IntervalScale::ALL {
            let reach = z * error * scale.slope(survival);
            // Bisection: 200 halvings leave no number between the ends.
            let back = |value: f64| {
                let (mut low, mut high): (f64, f64) = (1e-9, 1.0 - 1e-9);
                let rises = scale.of(high) > scale.of(low);
                for _ in 0..200 {
                    let middle = 0.5 * (low + high);
                    if (scale.of(middle) < value) == rises { low = middle } else { high = middle }
                }
                0.5 * (low + high)
            };
            let ends = [-reach, reach].map(|step| back(scale.of(survival) + step));
            let (lower, upper) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            let printed = (around(survival, 0.0005), around(lower, 0.0005), around(upper, 0.0005));
            assert_eq!(scales_that_print(printed.0, printed.1, printed.2), [scale]);
            assert_eq!(wide_enough(printed, 37, 0.95, &[scale]), Ok(true), "{scale:?}");
            assert_eq!(wide_enough(printed, 20, 0.95, &[scale]), Ok(false), "{scale:?}");
        }
    }

    #[test]
    fn a_limit_that_was_cut_fits_all() {
        let (survival, lower, upper) =
            (around(0.97, 0.005), around(0.92, 0.005), around(1.0, 0.005));
        assert_eq!(scales_that_print(survival, lower, upper).len(), 5);
    }
}
