//! Whole numbers behind percentages.

use std::ops::RangeInclusive;

use super::Printed;

/// The counts out of `n` whose share prints as it is printed; none where no
/// count does.
///
/// - `share`: the printed share, as a part of 1.
///
/// Brown & Heathers, Soc Psychol Personal Sci 2017; 8: 363-369, for shares.
///
/// ```
/// use restudy_stats::forensics::{Printed, counts_that_fit};
/// let share = Printed::new(0.6755, 0.6765); // 67.6%
/// assert_eq!(counts_that_fit(share, 37), Some(25..=25));
/// assert_eq!(counts_that_fit(share, 36), None);
/// ```
#[must_use]
pub fn counts_that_fit(share: Printed, n: u64) -> Option<RangeInclusive<u64>> {
    let total = n as f64;
    // One beyond each end, in case the product is off in its last digit.
    // Toward zero: with one more on each side no count that may fit is missed.
    let near = |end: f64| (end.clamp(0.0, 1.0) * total) as u64;
    let from = near(share.lower).saturating_sub(1);
    let to = (near(share.upper) + 1).min(n);
    let fits = |count: &u64| n > 0 && share.contains(*count as f64 / total);
    // Shares rise with the count, so that those that fit are a range: its ends are
    // enough.
    let first = (from..=to).find(fits)?;
    let last = (from..=to).rev().find(fits)?;
    Some(first..=last)
}

/// The denominators among `candidates` with which every one of `shares` is the
/// share of a whole number, ascending.
#[must_use]
pub fn denominators_that_fit(shares: &[Printed], candidates: RangeInclusive<u64>) -> Vec<u64> {
    let fits = |n: &u64| shares.iter().all(|share| counts_that_fit(*share, *n).is_some());
    candidates.filter(fits).collect()
}

/// The shares that groups of known size may have together: the sum of what
/// each may count over the sum of all.
///
/// - `groups`: for each group the counts that fit and its size.
#[must_use]
pub fn shares_of_a_mixture(groups: &[(RangeInclusive<u64>, u64)]) -> Option<Printed> {
    let total: u64 = groups.iter().map(|(_, n)| n).sum();
    let sum = |end: fn(&RangeInclusive<u64>) -> u64| -> f64 {
        groups.iter().map(|(counts, _)| end(counts)).sum::<u64>() as f64
    };
    let of = |count: f64| count / total as f64;
    (total > 0)
        .then(|| Printed::new(of(sum(|counts| *counts.start())), of(sum(|counts| *counts.end()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentages_have_counts_or_none() {
        let percent =
            |value: f64, half: f64| Printed::new((value - half) / 100.0, (value + half) / 100.0);
        for (share, n, counts) in [
            // 30 / 76 = 39.47%, 35 / 37 = 94.59%, 47 / 76 = 61.84%: one count each,
            // and none that prints 61.7.
            (percent(39.5, 0.05), 76, Some(30..=30)),
            (percent(94.6, 0.05), 37, Some(35..=35)),
            (percent(61.8, 0.05), 76, Some(47..=47)),
            (percent(61.7, 0.05), 76, None),
            (percent(40.0, 0.5), 1000, Some(395..=405)),
            (percent(0.0, 0.05), 5, Some(0..=0)),
            (percent(100.0, 0.5), 5, Some(5..=5)),
            (percent(50.0, 0.5), 0, None),
        ] {
            assert_eq!(counts_that_fit(share, n), counts, "{share:?} of {n}");
        }
    }

    #[test]
    fn two_percentages_leave_few_denominators() {
        let shares = [Printed::new(0.6755, 0.6765), Printed::new(0.9455, 0.9465)];
        assert_eq!(denominators_that_fit(&shares, 30..=37), [37]);
        let mixed = shares_of_a_mixture(&[(25..=25, 37), (30..=31, 76)]);
        assert_eq!(mixed, Some(Printed::new(55.0 / 113.0, 56.0 / 113.0)));
        assert_eq!(shares_of_a_mixture(&[]), None);
    }

    proptest! {
        /// A share that is rounded to any digits has the count that it was made of.
        #[test]
        fn the_true_count_always_fits(n in 1u64..400, part in 0.0f64..=1.0, decimals in 0u32..3) {
            let count = ((n as f64) * part) as u64;
            let unit = [1.0, 0.1, 0.01][decimals as usize];
            let percent = 100.0 * count as f64 / n as f64;
            let printed = (percent / unit).round() * unit;
            let share = Printed::new((printed - 0.5 * unit) / 100.0, (printed + 0.5 * unit) / 100.0);
            let fit = counts_that_fit(share, n).expect("the true count fits");
            prop_assert!(fit.contains(&count));
        }
    }
}
