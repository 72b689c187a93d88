//! The log-rank test and its G-rho weights, with strata. The curves
//! themselves are left to `kaplan_meier`.

use nalgebra::DMatrix;

use crate::Error;
use crate::special::chi_square_upper_tail;
use crate::survival_data::{SurvivalData, check_codes, check_length};
use crate::symmetric::Factors;

/// Below this share of the largest variance a group adds no information.
const RANK_TOLERANCE: f64 = 1e-12;

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
    /// Groups with expected events, less one; fewer if the covariance lacks
    /// rank, and 0 if there is nothing to compare.
    pub degrees_of_freedom: usize,
    /// Upper tail of chi-square; 1 without degrees of freedom.
    pub p_value: f64,
}

/// Compares the groups `0..n_groups`.
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
/// `groups` has one code for each subject. Groups without expected events do
/// not count in the degrees of freedom.
///
/// # Ties
/// Tied events are taken at once, by the hypergeometric variance.
///
/// # Errors
/// [`Error::Length`] or [`Error::OutOfRange`] for wrong codes,
/// [`Error::OneGroup`] if fewer than two groups have subjects,
/// [`Error::NoEvents`] without events, [`Error::Parameter`] for a negative or
/// non-finite `rho`.
///
/// ```
/// use restudy_stats::log_rank::{LogRankOptions, log_rank};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let test = log_rank(&data, &[0, 0, 1, 1], 2, &LogRankOptions::default())?;
/// assert_eq!(test.degrees_of_freedom, 1);
/// assert!((test.expected[0] - (2.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn log_rank(
    data: &SurvivalData,
    groups: &[usize],
    n_groups: usize,
    options: &LogRankOptions<'_>,
) -> Result<LogRank, Error> {
    let n = check(data, groups, n_groups, options)?;
    let mut sums = Sums::new(n_groups);
    for order in data.order_by_stratum(options.strata) {
        sums.add_stratum(data, groups, &order, options.rho);
    }
    let (chi_square, degrees_of_freedom) = sums.statistic();
    let p_value = match degrees_of_freedom {
        0 => 1.0,
        df => chi_square_upper_tail(chi_square, df as f64),
    };
    let Sums { observed, expected, variance } = sums;
    Ok(LogRank { n, observed, expected, variance, chi_square, degrees_of_freedom, p_value })
}

/// Checks the arguments and counts the subjects of each group.
fn check(
    data: &SurvivalData,
    groups: &[usize],
    n_groups: usize,
    options: &LogRankOptions<'_>,
) -> Result<Vec<usize>, Error> {
    check_codes("groups", groups, data.n(), n_groups)?;
    if let Some(strata) = options.strata {
        check_length("strata", strata.len(), data.n())?;
    }
    if !(options.rho.is_finite() && options.rho >= 0.0) {
        let value = options.rho;
        return Err(Error::Parameter { what: "rho", value, range: "[0, infinity)" });
    }
    let mut n = vec![0; n_groups];
    for group in groups {
        n[*group] += 1;
    }
    let found = n.iter().filter(|count| **count > 0).count();
    if found < 2 {
        return Err(Error::OneGroup { found });
    }
    if data.n_events() == 0 {
        return Err(Error::NoEvents { n: data.n() });
    }
    Ok(n)
}

/// Observed, expected and covariance summed over event times and strata.
struct Sums {
    observed: Vec<f64>,
    expected: Vec<f64>,
    variance: DMatrix<f64>,
}

impl Sums {
    fn new(n_groups: usize) -> Self {
        Self {
            observed: vec![0.0; n_groups],
            expected: vec![0.0; n_groups],
            variance: DMatrix::zeros(n_groups, n_groups),
        }
    }

    /// Walks one stratum in ascending time.
    fn add_stratum(&mut self, data: &SurvivalData, groups: &[usize], order: &[usize], rho: f64) {
        let mut at_risk = vec![0.0; self.observed.len()];
        for subject in order {
            at_risk[groups[*subject]] += 1.0;
        }
        let mut n = order.len() as f64;
        let mut survival = 1.0;
        for tied in data.tied_runs(order) {
            let weight = if rho == 0.0 { 1.0 } else { libm::pow(survival, rho) };
            let mut events = 0.0;
            for subject in tied.iter().filter(|subject| data.events()[**subject]) {
                events += 1.0;
                self.observed[groups[*subject]] += weight;
            }
            if events > 0.0 {
                self.add_expected(&at_risk, n, events, weight);
                survival *= (n - events) / n;
            }
            for subject in tied {
                at_risk[groups[*subject]] -= 1.0;
            }
            n -= tied.len() as f64;
        }
    }

    /// Adds one event time's expectation and hypergeometric covariance.
    fn add_expected(&mut self, at_risk: &[f64], n: f64, events: f64, weight: f64) {
        for (j, r_j) in at_risk.iter().enumerate() {
            self.expected[j] += weight * events * r_j / n;
            if n <= 1.0 {
                continue;
            }
            let factor = weight * weight * events * (n - events) / (n - 1.0) * r_j / n;
            for (k, r_k) in at_risk.iter().enumerate() {
                let delta = if j == k { 1.0 } else { 0.0 };
                self.variance[(j, k)] += factor * (delta - r_k / n);
            }
        }
    }

    /// The chi-square statistic and its degrees of freedom.
    fn statistic(&self) -> (f64, usize) {
        // One group is redundant, as the differences sum to zero.
        let compared: Vec<usize> =
            (0..self.expected.len()).filter(|j| self.expected[*j] > 0.0).skip(1).collect();
        let difference: Vec<f64> =
            compared.iter().map(|j| self.observed[*j] - self.expected[*j]).collect();
        let variance = self.variance.select_rows(&compared).select_columns(&compared);
        let factors = Factors::new(&variance, RANK_TOLERANCE);
        (factors.quadratic_form(&difference), factors.rank())
    }
}
