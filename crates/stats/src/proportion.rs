//! Confidence intervals for a proportion and for the difference of two.

use crate::Error;
use crate::checks::check_share;
use crate::inference::Interval;
use crate::special::{beta_quantile, normal_quantile};

/// Wilson's score interval for a proportion.
///
/// The p at which |p̂ − p| = z √(p (1 − p) / n):
/// (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n).
///
/// - `events`: those with the event; `n`: those observed.
/// - `confidence_level`: the confidence level, strictly between 0 and 1.
///
/// # Errors
/// [`Error::Empty`] if `n` is zero; [`Error::Parameter`] for more events than
/// observations or a level outside (0, 1).
///
/// Wilson, J Am Stat Assoc 1927; 22: 209-212; method 3 of Newcombe,
/// Stat Med 1998; 17: 857-872.
///
/// ```
/// let response = restudy_stats::proportion::wilson(7, 25, 0.95)?;
/// assert!((response.lower - 0.14283853851).abs() < 1e-11);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn wilson(events: u64, n: u64, confidence_level: f64) -> Result<Interval, Error> {
    check_counts(events, n)?;
    let z = critical_value(confidence_level)?;
    let (total, estimate) = (n as f64, events as f64 / n as f64);
    // z^2 / n, in which the formula is written once more.
    let square = z * z / total;
    let centre = estimate + 0.5 * square;
    let variance = estimate * (1.0 - estimate) / total + 0.25 * square / total;
    let reach = z * variance.sqrt();
    // At the ends the limit is the end itself, which rounding would miss.
    let lower = if events == 0 { 0.0 } else { (centre - reach) / (1.0 + square) };
    let upper = if events == n { 1.0 } else { (centre + reach) / (1.0 + square) };
    Ok(Interval { estimate, lower, upper })
}

/// Clopper and Pearson's exact interval for a proportion.
///
/// With α = 1 − level: the beta quantiles B(α/2; x, n − x + 1) and
/// B(1 − α/2; x + 1, n − x); zero at no event, one at all.
///
/// - `events`: those with the event; `n`: those observed.
/// - `confidence_level`: the confidence level, strictly between 0 and 1.
///
/// # Errors
/// [`Error::Empty`] if `n` is zero; [`Error::Parameter`] for more events than
/// observations or a level outside (0, 1).
///
/// Clopper & Pearson, Biometrika 1934; 26: 404-413.
///
/// ```
/// let response = restudy_stats::proportion::clopper_pearson(7, 25, 0.95)?;
/// assert!((response.upper - 0.493876821806).abs() < 1e-12);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn clopper_pearson(events: u64, n: u64, confidence_level: f64) -> Result<Interval, Error> {
    check_counts(events, n)?;
    check_share("confidence_level", confidence_level)?;
    let (x, rest) = (events as f64, (n - events) as f64);
    let tail = 0.5 * (1.0 - confidence_level);
    let lower = if events == 0 { 0.0 } else { beta_quantile(tail, x, rest + 1.0) };
    // The upper limit is the lower limit of those without the event.
    let upper = if events == n { 1.0 } else { 1.0 - beta_quantile(tail, rest, x + 1.0) };
    Ok(Interval { estimate: x / n as f64, lower, upper })
}

/// Newcombe's hybrid score interval for the difference of two independent
/// proportions.
///
/// With Wilson's limits l, u of each: (p̂₁ − p̂₂) − √((p̂₁ − l₁)² + (u₂ − p̂₂)²)
/// to (p̂₁ − p̂₂) + √((u₁ − p̂₁)² + (p̂₂ − l₂)²), without continuity correction.
///
/// - `events` of `n` in the group; `reference_events` of `reference_n` in the
///   group it is compared with.
/// - `confidence_level`: the confidence level, strictly between 0 and 1.
///
/// # Errors
/// [`Error::Empty`] if a group is empty; [`Error::Parameter`] for more events
/// than observations or a level outside (0, 1).
///
/// Newcombe, Stat Med 1998; 17: 873-890, method 10.
///
/// ```
/// use restudy_stats::proportion::newcombe_difference;
/// let difference = newcombe_difference(25, 37, 30, 76, 0.95)?;
/// assert!((difference.estimate - 0.28094).abs() < 1e-5);
/// assert!((difference.lower - 0.085).abs() < 5e-4);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn newcombe_difference(
    events: u64,
    n: u64,
    reference_events: u64,
    reference_n: u64,
    confidence_level: f64,
) -> Result<Interval, Error> {
    let group = wilson(events, n, confidence_level)?;
    let reference = wilson(reference_events, reference_n, confidence_level)?;
    let below = |it: &Interval| it.estimate - it.lower;
    let above = |it: &Interval| it.upper - it.estimate;
    let estimate = group.estimate - reference.estimate;
    // The lower limit takes the group's distance below and the reference's above,
    // and the upper one the reverse.
    let lower = estimate - libm::hypot(below(&group), above(&reference));
    let upper = estimate + libm::hypot(above(&group), below(&reference));
    Ok(Interval { estimate, lower, upper })
}

fn check_counts(events: u64, n: u64) -> Result<(), Error> {
    if n == 0 {
        return Err(Error::Empty);
    }
    if events > n {
        let range = "[0, n]: more events than observations";
        return Err(Error::Parameter { what: "events", value: events as f64, range });
    }
    Ok(())
}

/// The normal quantile z that leaves (1 − level) / 2 on either side.
pub(crate) fn critical_value(confidence_level: f64) -> Result<f64, Error> {
    check_share("confidence_level", confidence_level)?;
    // From 1/2 on, 1 - level is exact in doubles where 1/2 + level / 2 would round:
    // levels near one keep their digits.
    Ok(-normal_quantile(0.5 * (1.0 - confidence_level)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_event_by_hand() {
        // (1 - upper)^n = 0.025 with n = 1
        let exact = clopper_pearson(0, 1, 0.95).unwrap();
        assert_eq!(exact.lower, 0.0);
        assert!((exact.upper - 0.975).abs() < 1e-14);
        // z² / (n + z²)
        let score = wilson(0, 10, 0.95).unwrap();
        let square = 1.959963984540054_f64 * 1.959963984540054;
        assert_eq!(score.lower, 0.0);
        assert!((score.upper - square / (10.0 + square)).abs() < 1e-14);
    }

    #[test]
    fn all_events() {
        assert_eq!(wilson(4, 4, 0.9).unwrap().upper, 1.0);
        assert_eq!(clopper_pearson(4, 4, 0.9).unwrap().upper, 1.0);
        let difference = newcombe_difference(4, 4, 0, 4, 0.95).unwrap();
        assert_eq!((difference.estimate, difference.upper), (1.0, 1.0));
    }

    #[test]
    fn misuse_is_refused() {
        assert_eq!(wilson(0, 0, 0.95), Err(Error::Empty));
        let error = clopper_pearson(3, 2, 0.95).unwrap_err();
        let expected = "`events` is 3, outside [0, n]: more events than observations";
        assert_eq!(error.to_string(), expected);
        let error = wilson(1, 2, 1.0).unwrap_err();
        assert_eq!(error.to_string(), "`confidence_level` is 1, outside (0, 1)");
        assert!(clopper_pearson(1, 2, f64::NAN).is_err());
        assert!(newcombe_difference(1, 2, 3, 2, 0.95).is_err());
    }

    proptest! {
        #[test]
        fn counting_the_others_mirrors_the_interval(
            (n, events) in (1..500_u64).prop_flat_map(|n| (Just(n), 0..=n)), confidence_level in 0.5..0.999_f64,
        ) {
            for method in [wilson, clopper_pearson] {
                let with = method(events, n, confidence_level).unwrap();
                let without = method(n - events, n, confidence_level).unwrap();
                prop_assert!((with.lower - (1.0 - without.upper)).abs() < 1e-12);
                prop_assert!(with.lower <= with.estimate);
                prop_assert!(with.estimate <= with.upper);
            }
            let difference = newcombe_difference(events, n, 1, 3, confidence_level).unwrap();
            let turned = newcombe_difference(1, 3, events, n, confidence_level).unwrap();
            prop_assert!((difference.lower + turned.upper).abs() < 1e-14);
        }
    }
}
