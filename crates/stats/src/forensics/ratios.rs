//! Ratios, their limits, their p-values and the events behind them.

use super::Printed;
use crate::Error;
use crate::proportion::critical_value;
use crate::special::{normal_quantile, normal_two_sided_tail};

/// The ratio in the middle of its limits on the logarithm: √(lower × upper).
///
/// Limits of Wald's kind lie as far below as above the estimate there.
#[must_use]
pub fn middle_of_limits(lower: Printed, upper: Printed) -> Printed {
    Printed::new((lower.lower * upper.lower).sqrt(), (lower.upper * upper.upper).sqrt())
}

/// The standard error of a log ratio behind its limits:
/// (ln upper − ln lower) / 2 z.
///
/// # Errors
/// [`Error::Parameter`] for a confidence level outside (0, 1).
pub fn standard_error(
    lower: Printed,
    upper: Printed,
    confidence_level: f64,
) -> Result<Printed, Error> {
    let z = critical_value(confidence_level)?;
    // Printed limits may overlap after rounding: a negative length means no width.
    let length = upper.map(libm::log).minus(lower.map(libm::log));
    Ok(length.map(|length| length.max(0.0) / (2.0 * z)))
}

/// The size of z behind a p-value.
///
/// - `sides`: 2, or 1 for one-sided p-values.
#[must_use]
pub fn size_of_z(p: Printed, sides: u8) -> Printed {
    // A p that prints as 0 may be anything down to 0: z has no upper end.
    let of = |p: f64| match p / f64::from(sides) {
        tail if tail <= 0.0 => f64::INFINITY,
        tail if tail >= 0.5 => 0.0,
        tail => -normal_quantile(tail),
    };
    p.map(of)
}

/// The two-sided p-values of sizes of z.
#[must_use]
pub fn two_sided_p(z: Printed) -> Printed {
    z.map(normal_two_sided_tail)
}

/// The information on a log hazard ratio in `events`: D n₁ n₀ / (n₁ + n₀)², as
/// long as the groups stay at risk in their first proportion.
///
/// Peto and others, Br J Cancer 1977; 35: 1-39; Parmar, Torri & Stewart,
/// Stat Med 1998; 17: 2815-2834, eq. 9.
#[must_use]
pub fn information(events: f64, group_n: f64, reference_n: f64) -> f64 {
    let total = group_n + reference_n;
    events * group_n * reference_n / (total * total)
}

/// The size of the log hazard ratio behind a log-rank p and its events:
/// z / √V, with V from [`information`].
///
/// Parmar, Torri & Stewart 1998; Tierney and others, Trials 2007; 8: 16, with
/// its correction: z is that of p / 2.
///
/// ```
/// use restudy_stats::forensics::{Printed, information, log_ratio_behind, size_of_z};
/// let z = size_of_z(Printed::exactly(0.05), 2);
/// let size = log_ratio_behind(z, information(100.0, 50.0, 50.0));
/// assert!((size.lower - 1.959964 / 5.0).abs() < 1e-6);
/// ```
#[must_use]
pub fn log_ratio_behind(z: Printed, information: f64) -> Printed {
    z.map(|z| z / information.sqrt())
}

/// The events with which a log ratio of this size has this z: (z / ln ratio)² over
/// the information of one event.
///
/// - `information_of_one`: [`information`] of one event.
#[must_use]
pub fn events_behind(z: Printed, log_ratio: f64, information_of_one: f64) -> Printed {
    z.map(|z| (z / log_ratio) * (z / log_ratio) / information_of_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_wald_interval_give_it_back() {
        // The case: a log ratio of -0.94 with standard error 0.28, whose exact Wald
        // limits are made and taken apart again.
        let (log, error, z) = (-0.94, 0.28, 1.959_963_984_540_054);
        let ends = [log - z * error, log + z * error].map(|end| Printed::exactly(libm::exp(end)));
        let middle = middle_of_limits(ends[0], ends[1]);
        assert!((middle.middle() - libm::exp(log)).abs() < 1e-15);
        let found = standard_error(ends[0], ends[1], 0.95).unwrap();
        assert!((found.middle() - error).abs() < 1e-14);
        assert!(standard_error(ends[0], ends[1], 1.0).is_err());
    }

    #[test]
    fn p_and_z_are_each_other() {
        let z = size_of_z(Printed::new(0.000_975, 0.000_985), 2);
        assert!((z.middle() - 3.297).abs() < 2e-3, "{z:?}");
        let p = two_sided_p(z);
        assert!((p.lower - 0.000_975).abs() < 1e-15 && (p.upper - 0.000_985).abs() < 1e-15);
        assert_eq!(size_of_z(Printed::exactly(0.0), 2).upper, f64::INFINITY);
        assert_eq!(size_of_z(Printed::exactly(1.0), 2).upper, 0.0);
        assert_eq!(size_of_z(Printed::exactly(0.9), 1).upper, 0.0);
    }

    #[test]
    fn events_and_ratio_belong_together() {
        let one = information(1.0, 37.0, 76.0);
        let z = Printed::exactly(3.3);
        let size = log_ratio_behind(z, 60.0 * one);
        let events = events_behind(z, size.middle(), one);
        assert!((events.middle() - 60.0).abs() < 1e-12);
        // no allocation has more information than equal groups
        assert!(one < information(1.0, 50.0, 50.0));
    }
}
