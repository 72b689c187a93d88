//! Weighted log-rank tests, all from one kernel: for right-censored or
//! interval follow-up, stratified, for trend, by pairs, combined by their
//! maximum, or by permutation. `log_rank` is its plain face.

mod kernel;
mod max_combo;
mod pairwise;
mod permutation;
mod weight;

pub(crate) use kernel::{Sums, walk_event_times};
pub use max_combo::MaxCombo;
pub use pairwise::PairComparison;
pub use permutation::{PermutationMethod, PermutationTest};
pub use weight::LogRankWeight;

use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::counting_data::CountingData;
use crate::follow_up::FollowUp;
use crate::groups::Groups;
use crate::inference::Test;
use crate::special::normal_two_sided_tail;
use crate::survival_data::SurvivalData;
use nalgebra::DMatrix;

/// Groups to be compared, checked once.
///
/// # Formula
/// At each event time t of each stratum, with d events among n at risk, d_j
/// among r_j in group j, and w the [`LogRankWeight`]: O_j sums w d_j, E_j
/// sums w d r_j / n, and the covariance sums
/// w^2 d (r_j / n) (delta_jk - r_k / n) (n - d) / (n - 1) where n > 1. The
/// statistic is (O - E)' V^-1 (O - E) over all groups with E > 0 but one
/// (Harrington and Fleming 1982; Tarone and Ware 1977).
///
/// # Shapes and units
/// A row is a subject of right-censored data or an interval; each has one
/// code of group and of stratum. Only the order of the times counts.
///
/// # Ties and missing values
/// Tied events are taken at once, by the hypergeometric variance. Rows that
/// end at t are at risk at t, those that start at t are not. None may be
/// missing.
///
/// ```
/// use restudy_stats::group_comparison::{GroupComparison, LogRankWeight};
/// use restudy_stats::groups::Groups;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let groups = Groups::new([0, 0, 1, 1], 2)?;
/// let comparison = GroupComparison::new(&data, &groups)?;
/// let gehan = comparison.test(LogRankWeight::Gehan)?;
/// assert_eq!(gehan.observed, [4.0 + 3.0, 2.0 + 1.0]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GroupComparison<'a> {
    follow_up: FollowUp<'a>,
    groups: &'a Groups,
    strata: Option<&'a Groups>,
}

/// The comparison of `k` groups.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// Subjects in each group.
    pub n: Vec<usize>,
    /// Observed (weighted) events in each group.
    pub observed: Vec<f64>,
    /// Expected (weighted) events in each group.
    pub expected: Vec<f64>,
    /// Covariance of observed minus expected, `k` x `k`.
    pub variance: DMatrix<f64>,
    /// Its degrees of freedom are the groups with expected events, less one;
    /// fewer if the covariance lacks rank, and 0 if there is nothing to compare.
    pub test: Test,
}

/// A test of a trend over ordered groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendTest {
    /// The sum of score times observed minus expected.
    pub score: f64,
    /// Its variance.
    pub variance: f64,
    /// `score` over its standard error; 0 without variance. Positive if
    /// groups with a higher score have more events than expected.
    pub z: f64,
    /// Two-sided, normal; 1 without variance.
    pub p_value: f64,
}

impl<'a> GroupComparison<'a> {
    /// Compares groups of right-censored subjects.
    ///
    /// # Errors
    /// [`Error::Length`] for groups of others, [`Error::OneGroup`] if fewer than two groups have rows,
    /// [`Error::NoEvents`] without events.
    pub fn new(data: &'a SurvivalData, groups: &'a Groups) -> Result<Self, Error> {
        Self::of(FollowUp::RightCensored(data), groups)
    }

    /// Compares groups of intervals. With the intervals of [`SwitchingData`](crate::switching::SwitchingData) it
    /// is the test of Mantel and Byar (1974).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn counting(data: &'a CountingData, groups: &'a Groups) -> Result<Self, Error> {
        Self::of(FollowUp::Counting(data), groups)
    }

    fn of(follow_up: FollowUp<'a>, groups: &'a Groups) -> Result<Self, Error> {
        groups.check_comparable(follow_up.n())?;
        // Without events O - E is zero for all, and there is no variance: an error,
        // not a p of 1.
        if follow_up.n_events() == 0 {
            return Err(Error::NoEvents { n: follow_up.n() });
        }
        Ok(Self { follow_up, groups, strata: None })
    }

    /// Compares within strata of the rows.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn strata(mut self, strata: &'a Groups) -> Result<Self, Error> {
        self.strata = Some(strata.strata_of(self.follow_up.n())?);
        Ok(self)
    }

    /// The test of any difference.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a negative or non-finite rho or gamma.
    pub fn test(&self, weight: LogRankWeight) -> Result<LogRank, Error> {
        // Checked here, as `sums` takes the weights for right.
        weight.check()?;
        Ok(self.sums(&[weight]).into_log_rank(self.groups.sizes().to_vec()))
    }

    /// The test of a trend, `scores` having a number for each group (0, 1,
    /// 2... for groups at equal distances): s'(O - E) over the root of s'Vs
    /// (Tarone 1975).
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::NotFinite`] for wrong scores,
    /// [`Error::Parameter`] for a wrong weight.
    pub fn trend(&self, weight: LogRankWeight, scores: &[f64]) -> Result<TrendTest, Error> {
        check_length("scores", scores.len(), self.groups.count())?;
        check_finite("scores", scores)?;
        let test = self.test(weight)?;
        // Only distances between scores matter; centred, they do not round.
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let scores: Vec<f64> = scores.iter().map(|score| score - mean).collect();
        let mut sum = 0.0;
        let mut variance = 0.0;
        for (j, score) in scores.iter().enumerate() {
            sum += score * (test.observed[j] - test.expected[j]);
            for (k, other) in scores.iter().enumerate() {
                variance += score * other * test.variance[(j, k)];
            }
        }
        let largest = scores.iter().fold(0.0_f64, |most, score| most.max(score.abs()));
        // What is left of a variance that is zero is rounding: 1e-12 is thousands
        // of times 2^-52, and far below the variance of any real difference.
        if variance <= 1e-12 * largest * largest * test.variance.diagonal().sum() {
            return Ok(TrendTest { score: sum, variance: 0.0, z: 0.0, p_value: 1.0 });
        }
        let z = sum / variance.sqrt();
        Ok(TrendTest { score: sum, variance, z, p_value: normal_two_sided_tail(z) })
    }

    /// Observed, expected and covariances under several weights at once.
    fn sums(&self, weights: &[LogRankWeight]) -> Sums {
        let mut sums = Sums::new(self.groups.count(), weights);
        for order in self.follow_up.order_by_stratum(self.strata) {
            walk_event_times(self.follow_up, self.groups, &order, |time| {
                sums.add(time);
            });
        }
        sums
    }
}
