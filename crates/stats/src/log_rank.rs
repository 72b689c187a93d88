//! The log-rank test and its G-rho weights, with strata. The curves
//! themselves are left to `kaplan_meier`.

use nalgebra::DMatrix;

use crate::Error;
use crate::survival_data::SurvivalData;

/// How groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LogRankOptions<'a> {
    /// Any code of a stratum for each subject, or one stratum for all.
    pub strata: Option<&'a [usize]>,
    /// Weight S(t-)^rho: 0 is the log-rank, 1 the Peto-Peto test.
    pub rho: f64,
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
    /// The statistic.
    pub chi_square: f64,
    /// Groups with expected events, less one.
    pub degrees_of_freedom: usize,
    /// Upper tail of chi-square.
    pub p_value: f64,
}

/// Compares the groups `0..n_groups`.
pub fn log_rank(
    data: &SurvivalData,
    groups: &[usize],
    n_groups: usize,
    options: &LogRankOptions<'_>,
) -> Result<LogRank, Error> {
    let _ = (data, groups, n_groups, options);
    todo!()
}
