//! A rate of events per unit of observed time, with exact limits.

use crate::Error;
use crate::checks::check_share;
use crate::inference::Interval;
use crate::special::chi_square_quantile;

/// An estimated rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The events.
    pub events: u64,
    /// The time that was observed, in any unit.
    pub time: f64,
    /// `events` / `time`, with exact limits.
    pub interval: Interval,
}

/// The rate of events of a Poisson process with Garwood's exact interval.
///
/// With α = 1 − level, d events and time T: χ²(α/2; 2d) / 2T and
/// χ²(1 − α/2; 2d + 2) / 2T, the quantiles of chi-square; zero below no event.
///
/// - `events`: the events, each patient's own ones included as often as there are.
/// - `time`: the observed time of all patients together, above 0.
/// - `confidence_level`: the confidence level, strictly between 0 and 1.
///
/// # Errors
/// [`Error::Parameter`] for a time that is not above 0 or not finite, or a level
/// outside (0, 1).
///
/// Garwood, Biometrika 1936; 28: 437-442.
///
/// ```
/// let rate = restudy_stats::rate::poisson(0, 10.0, 0.95)?;
/// assert!((rate.interval.upper - 0.3688879454113936).abs() < 1e-12);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn poisson(events: u64, time: f64, confidence_level: f64) -> Result<Rate, Error> {
    check_share("confidence_level", confidence_level)?;
    if !(time > 0.0 && time.is_finite()) {
        return Err(Error::Parameter { what: "time", value: time, range: "(0, ∞)" });
    }
    let tail = 0.5 * (1.0 - confidence_level);
    let twice = 2.0 * events as f64;
    // With no event the lower quantile has no degrees of freedom; the limit is
    // zero.
    let lower = if events == 0 { 0.0 } else { chi_square_quantile(tail, twice) / (2.0 * time) };
    let upper = chi_square_quantile(1.0 - tail, twice + 2.0) / (2.0 * time);
    let interval = Interval { estimate: events as f64 / time, lower, upper };
    Ok(Rate { events, time, interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// exp(−upper · T) = 0.025 where nothing happened.
    #[test]
    fn no_event_by_hand() {
        let rate = poisson(0, 4.0, 0.95).expect("a time");
        assert_eq!((rate.interval.estimate, rate.interval.lower), (0.0, 0.0));
        assert!((rate.interval.upper + libm::log(0.025) / 4.0).abs() < 1e-14);
    }

    #[test]
    fn misuse_is_refused() {
        let error = poisson(3, 0.0, 0.95).expect_err("no time");
        assert_eq!(error.to_string(), "`time` is 0, outside (0, ∞)");
        assert!(poisson(3, f64::INFINITY, 0.95).is_err());
        assert!(poisson(3, 1.0, 1.0).is_err());
    }

    proptest! {
        #[test]
        fn another_unit_scales_the_rate(events in 0..300_u64, time in 0.1..1e4_f64, unit in 0.01..100.0_f64) {
            let (one, other) = (poisson(events, time, 0.95).unwrap(), poisson(events, time * unit, 0.95).unwrap());
            prop_assert!((one.interval.upper / unit - other.interval.upper).abs() <= 1e-12 * other.interval.upper);
            prop_assert!(one.interval.lower <= one.interval.estimate && one.interval.estimate <= one.interval.upper);
        }
    }
}
