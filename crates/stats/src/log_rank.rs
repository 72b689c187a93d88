//! The log-rank test and its G-rho weights, with strata. Other weights,
//! trends, pairs and permutations are left to `group_comparison`, the curves
//! themselves to `survival_curve`.

use crate::Error;
use crate::group_comparison::{GroupComparison, LogRankWeight};
use crate::groups::Groups;

pub use crate::group_comparison::LogRank;
use crate::survival_data::SurvivalData;

/// How groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LogRankOptions<'a> {
    /// The strata of the subjects, or one for all.
    pub strata: Option<&'a Groups>,
    /// Weight S(t-)^rho: 0 is the log-rank test, 1 the form of Peto and
    /// Peto's that R names so.
    pub rho: f64,
}

/// Compares groups of subjects.
///
/// # Formula
/// At each event time of each stratum, with d events among n at risk, d_j
/// among r_j in group j and w = S(t-)^rho from the stratum's pooled
/// Kaplan-Meier curve: O_j sums w d_j, E_j sums w d r_j / n, and the
/// covariance sums w^2 d (r_j / n) (delta_jk - r_k / n) (n - d) / (n - 1)
/// where n > 1. The statistic is (O - E)' V^-1 (O - E) over all groups with
/// E > 0 but one (Harrington and Fleming 1982).
///
/// # Arguments
/// Groups without expected events do not count in the degrees of freedom.
///
/// # Ties and missing values
/// Tied events are taken at once, by the hypergeometric variance. None may be
/// missing.
///
/// # Errors
/// [`Error::Length`] for groups or strata of others,
/// [`Error::OneGroup`] if fewer than two groups have subjects,
/// [`Error::NoEvents`] without events, [`Error::Parameter`] for a negative or
/// non-finite `rho`.
///
/// ```
/// use restudy_stats::groups::Groups;
/// use restudy_stats::log_rank::{LogRankOptions, log_rank};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let groups = Groups::new([0, 0, 1, 1], 2)?;
/// let found = log_rank(&data, &groups, &LogRankOptions::default())?;
/// assert_eq!(found.test.degrees_of_freedom, 1);
/// assert!((found.expected[0] - (2.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn log_rank(
    data: &SurvivalData,
    groups: &Groups,
    options: &LogRankOptions<'_>,
) -> Result<LogRank, Error> {
    let mut comparison = GroupComparison::new(data, groups)?;
    if let Some(strata) = options.strata {
        comparison = comparison.strata(strata)?;
    }
    // R's `survdiff(rho = )` is this family; 0 leaves the plain test.
    comparison.test(LogRankWeight::g_rho(options.rho))
}
