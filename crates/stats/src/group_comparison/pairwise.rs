//! Each pair of groups by itself, with adjusted p-values.

use super::{GroupComparison, LogRankWeight};
use crate::Error;
use crate::adjust::{benjamini_hochberg, holm};
use crate::follow_up::FollowUp;
use crate::group_comparison::LogRank;

/// The comparison of one pair of groups, from its own subjects alone.
#[derive(Debug, Clone, PartialEq)]
pub struct PairComparison {
    /// Code of the lower group.
    pub first: usize,
    /// Code of the higher group.
    pub second: usize,
    /// The test over all group codes, of which two have subjects; `None` if
    /// the pair cannot be compared, having no events or an empty group. Such
    /// a pair does not count in the adjustments.
    pub test: Option<LogRank>,
    /// Holm's adjustment of its p-value over all pairs.
    pub holm: Option<f64>,
    /// Benjamini and Hochberg's adjustment over all pairs.
    pub benjamini_hochberg: Option<f64>,
}

impl GroupComparison<'_> {
    /// Every pair of groups, by ascending code of the first, then of the
    /// second: each pair's weights come from its own rows. The adjustments
    /// are [`holm`] and [`benjamini_hochberg`].
    ///
    /// # Errors
    /// [`Error::Parameter`] for a wrong weight.
    pub fn pairwise(&self, weight: LogRankWeight) -> Result<Vec<PairComparison>, Error> {
        weight.check()?;
        let mut pairs = Vec::new();
        for first in 0..self.groups.count() {
            for second in first + 1..self.groups.count() {
                let test = self.pair(weight, first, second);
                pairs.push(PairComparison {
                    first,
                    second,
                    test,
                    holm: None,
                    benjamini_hochberg: None,
                });
            }
        }
        let p_values: Vec<f64> =
            pairs.iter().filter_map(|pair| Some(pair.test.as_ref()?.test.p_value)).collect();
        let adjusted = holm(&p_values)?.into_iter().zip(benjamini_hochberg(&p_values)?);
        let compared = pairs.iter_mut().filter(|pair| pair.test.is_some());
        for (pair, (holm, rate)) in compared.zip(adjusted) {
            pair.holm = Some(holm);
            pair.benjamini_hochberg = Some(rate);
        }
        Ok(pairs)
    }

    /// The test on the rows of two groups.
    fn pair(&self, weight: LogRankWeight, first: usize, second: usize) -> Option<LogRank> {
        let is_in = |row: usize| [first, second].contains(&self.groups.codes()[row]);
        let events = self.follow_up.events();
        // Asked of the rows of the pair: events of other groups do not count.
        if !(0..self.follow_up.n()).any(|row| events[row] && is_in(row)) {
            return None;
        }
        let of =
            // Groups outside the pair have size zero, so that the test has the
            // shape of the whole.
            |(group, n): (usize, &usize)| if [first, second].contains(&group) { *n } else { 0 };
        let n: Vec<usize> = self.groups.sizes().iter().enumerate().map(of).collect();
        if n[first] == 0 || n[second] == 0 {
            return None;
        }
        let mut sums = super::Sums::new(n.len(), &[weight]);
        // Pairs keep to the rows of two groups: weights come from their pooled
        // curve alone, as if the others had not been studied.
        for order in FollowUp::order_by_stratum(self.follow_up, self.strata) {
            let order: Vec<usize> = order.iter().copied().filter(|row| is_in(*row)).collect();
            super::walk_event_times(self.follow_up, self.groups, &order, |time| {
                sums.add(time);
            });
        }
        Some(sums.into_log_rank(n))
    }
}
