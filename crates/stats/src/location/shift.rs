//! Hodges and Lehmann's estimate of how far two samples lie apart.

use super::ranks::ways_by_statistic;
use crate::Error;
use crate::checks::check_share;
use crate::inference::Interval;
use crate::proportion::critical_value;
use crate::quantile::check_sample;
use crate::sortable::{key, number};

/// Below this size of both samples, and without ties, limits are exact: the rule
/// of R's `wilcox.test`.
const EXACT_BELOW: usize = 50;

/// How far x lies above y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftEstimate {
    /// The median of all differences x - y, and as limits two of these in
    /// order.
    pub interval: Interval,
    /// Whether the limits come from the exact distribution of the rank sum.
    pub exact: bool,
}

/// Hodges and Lehmann's estimate of the shift between two samples, with the
/// limits that belong to Wilcoxon's rank-sum test.
///
/// # Formula
/// The estimate is the median of the mn differences x - y. The limits are the
/// C-th smallest and C-th largest of them (Hollander, Wolfe & Chicken 2014,
/// section 4.3): with both samples below 50 values and without ties, C is the
/// quantile of W at (1 - level) / 2, at least 1, as in R's
/// `wilcox.test(conf.int = TRUE)`; else C is the whole part of
/// mn/2 - z sqrt(mn (m + n + 1) / 12), at least 1. There R solves for the limits
/// of the continuity-corrected test to 1e-4 instead, which gives other ones.
///
/// - `x`, `y`: the samples, in any order; none missing. Time is proportional
///   to m + n, however many pairs there are.
///
/// # Errors
/// [`Error::Empty`] if a sample is empty; [`Error::NotFinite`];
/// [`Error::Parameter`] for a level outside (0, 1).
///
/// Hodges & Lehmann, Ann Math Stat 1963; 34: 598-611.
///
/// ```
/// use restudy_stats::location::hodges_lehmann;
/// let shift = hodges_lehmann(&[1.0, 4.0, 6.0], &[1.0, 2.0], 0.95)?;
/// // differences -1, 0, 2, 3, 4, 5
/// assert_eq!((shift.interval.estimate, shift.interval.upper), (2.5, 5.0));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn hodges_lehmann(x: &[f64], y: &[f64], confidence_level: f64) -> Result<ShiftEstimate, Error> {
    check_share("confidence_level", confidence_level)?;
    check_sample("x", x)?;
    check_sample("y", y)?;
    let differences = Differences::new(x, y);
    let count = differences.count;
    let middle = differences.nth(count.div_ceil(2));
    let estimate = match count % 2 {
        1 => middle,
        _ => 0.5 * (middle + differences.nth(count / 2 + 1)),
    };
    // Sorted by value, equality of neighbours tells ties, within a sample or
    // between them.
    let mut pooled: Vec<f64> = x.iter().chain(y).copied().collect();
    pooled.sort_by(f64::total_cmp);
    let has_ties = pooled.windows(2).any(|pair| pair[0] == pair[1]);
    let exact = !has_ties && x.len() < EXACT_BELOW && y.len() < EXACT_BELOW;
    let place = match exact {
        true => exact_quantile(0.5 * (1.0 - confidence_level), x.len(), y.len()),
        false => {
            let (m, n) = (x.len() as f64, y.len() as f64);
            let reach = critical_value(confidence_level)? * (m * n * (m + n + 1.0) / 12.0).sqrt();
            libm::floor(0.5 * m * n - reach).max(0.0) as u64
        }
    };
    // At least the first difference: of few pairs no narrower limits have the
    // level.
    let place = place.clamp(1, count);
    let (lower, upper) = (differences.nth(place), differences.nth(count + 1 - place));
    Ok(ShiftEstimate { interval: Interval { estimate, lower, upper }, exact })
}

/// The smallest w with P(W <= w) >= `probability`.
fn exact_quantile(probability: f64, m: usize, n: usize) -> u64 {
    let ways = ways_by_statistic(m, n);
    let total: f64 = ways.iter().sum();
    let mut sum = 0.0;
    let reached = ways.iter().position(|ways| {
        sum += ways;
        // The margin that R's `qwilcox` leaves for rounding.
        sum / total >= probability - 10.0 * f64::EPSILON
    });
    reached.unwrap_or(ways.len() - 1) as u64
}

/// All differences of two sorted samples, none of them stored.
struct Differences {
    x: Vec<f64>,
    y: Vec<f64>,
    count: u64,
}

impl Differences {
    fn new(x: &[f64], y: &[f64]) -> Self {
        // A sum with zero turns -0 into 0, so that order and equality agree.
        let sorted = |sample: &[f64]| {
            let mut sample: Vec<f64> = sample.iter().map(|value| value + 0.0).collect();
            sample.sort_by(f64::total_cmp);
            sample
        };
        let count = x.len() as u64 * y.len() as u64;
        Self { x: sorted(x), y: sorted(y), count }
    }

    /// How many differences are at most `bound`.
    fn up_to(&self, bound: f64) -> u64 {
        let mut from = 0;
        let mut count = 0;
        // As x grows, fewer of the small y stay above x - bound.
        for x in &self.x {
            while from < self.y.len() && x - self.y[from] > bound {
                from += 1;
            }
            count += (self.y.len() - from) as u64;
        }
        count
    }

    /// The `place`-th smallest difference, from 1: bisection over the ordered
    /// numbers, which ends at a number that is itself a difference.
    fn nth(&self, place: u64) -> f64 {
        let (mut low, mut high) = (key(f64::NEG_INFINITY), key(f64::INFINITY));
        // Sixty-four halvings at most, as the keys are 64-bit numbers in the order
        // of the doubles.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.up_to(number(middle)) >= place {
                high = middle;
            } else {
                low = middle;
            }
        }
        // Zero may come out as -0.
        number(high) + 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn misuse_is_refused() {
        assert_eq!(hodges_lehmann(&[], &[1.0], 0.95), Err(Error::Empty));
        assert!(hodges_lehmann(&[1.0], &[f64::NAN], 0.95).is_err());
        assert!(hodges_lehmann(&[1.0], &[1.0], 1.0).is_err());
    }

    #[test]
    fn one_pair_is_its_own_limits() {
        let shift = hodges_lehmann(&[3.0], &[1.0], 0.95).unwrap();
        assert_eq!(shift.interval, Interval { estimate: 2.0, lower: 2.0, upper: 2.0 });
    }

    proptest! {
        #[test]
        fn it_is_the_median_of_the_differences(
            x in proptest::collection::vec(-9.0..9.0_f64, 1..30),
            y in proptest::collection::vec(-9..9_i32, 1..30),
        ) {
            let y: Vec<f64> = y.into_iter().map(f64::from).collect();
            let mut all: Vec<f64> = x.iter().flat_map(|x| y.iter().map(move |y| x - y)).collect();
            all.sort_by(f64::total_cmp);
            let half = all.len() / 2;
            let median = if all.len() % 2 == 1 { all[half] } else { 0.5 * (all[half - 1] + all[half]) };
            let shift = hodges_lehmann(&x, &y, 0.9).unwrap();
            prop_assert_eq!(shift.interval.estimate, median + 0.0);
            prop_assert!(shift.interval.lower <= median && median <= shift.interval.upper);
            let turned = hodges_lehmann(&y, &x, 0.9).unwrap();
            prop_assert_eq!(shift.interval.lower, -turned.interval.upper + 0.0);
        }
    }
}
