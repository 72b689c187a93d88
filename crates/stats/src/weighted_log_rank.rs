//! The log-rank test of weighted subjects, such as by inverse probability of
//! treatment. The test without weights is left to `log_rank`.

use crate::Error;
use crate::clusters::Clusters;
use crate::covariates::Covariates;
use crate::cox::{CoxModel, Ties};
use crate::groups::Groups;
use crate::inference::Test;
use crate::survival_data::SurvivalData;
use crate::weights::Weights;

/// What belongs to the subjects beside follow-up and group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WeightedLogRankOptions<'a> {
    /// The strata of the subjects, or one for all.
    pub strata: Option<&'a Groups>,
    /// Codes of dependent subjects, such as matched sets; each its own
    /// without.
    pub clusters: Option<&'a Clusters>,
}

/// The comparison of `k` weighted groups.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedLogRank {
    /// Subjects in each group.
    pub n: Vec<usize>,
    /// Weighted events in each group.
    pub observed: Vec<f64>,
    /// Expected weighted events in each group.
    pub expected: Vec<f64>,
    /// Its degrees of freedom are the groups with subjects, less one; fewer if
    /// the covariance lacks rank, and 0 if there is nothing to compare.
    pub test: Test,
}

/// Compares groups of subjects with `weights` > 0.
///
/// # Formula
/// O_j sums the weights of the group's events, E_j sums D R_j / R over the
/// event times of each stratum, D being the weight of the events, R that at
/// risk and R_j that of the group. O - E is the score of the weighted Cox
/// model of group indicators at zero, with Breslow's ties, and its covariance
/// is the sum over clusters of the products of their weighted score residuals
/// there (Lin and Wei 1989; Binder 1992). So the test is the robust score
/// test, R's `coxph(..., weights, robust = TRUE, ties = "breslow")$rscore`,
/// which does not take the weights for numbers of subjects. With weights 1 its
/// numerator is the log-rank test's and its variance robust.
///
/// The degrees of freedom are the rank of that covariance. It is taken from
/// the scores themselves, a group's part in them that is below 1e-6 of what it
/// would be by its share of those at risk being rounding, so that neither the
/// unit of the weights nor the order of the groups decides on it.
///
/// It takes the weights as known. Those that were estimated make it a little
/// conservative under inverse probability of treatment.
///
/// # Shapes and units
/// One weight a subject. Only the proportions of the weights
/// count, and only the order of the times.
///
/// # Ties and missing values
/// Tied events are taken at once, against all at risk at their time. None may
/// be missing.
///
/// # Errors
/// [`Error::Length`] for weights or groups of others, [`Error::OneGroup`] if
/// fewer than two groups have subjects, [`Error::NoEvents`] without events.
///
/// ```
/// use restudy_stats::groups::Groups;
/// use restudy_stats::survival_data::SurvivalData;
/// use restudy_stats::weighted_log_rank::{WeightedLogRankOptions, weighted_log_rank};
/// use restudy_stats::weights::Weights;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let weights = Weights::new(&[2.0, 1.0, 1.0, 4.0])?;
/// let options = WeightedLogRankOptions::default();
/// let groups = Groups::new([0, 1, 0, 1], 2)?;
/// let test = weighted_log_rank(&data, &groups, weights, &options)?;
/// assert_eq!(test.observed, [3.0, 5.0]);
/// assert!((test.expected[0] - (2.0 * 3.0 / 8.0 + 1.0 / 6.0 + 1.0 / 5.0)).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn weighted_log_rank(
    data: &SurvivalData,
    groups: &Groups,
    weights: Weights<'_>,
    options: &WeightedLogRankOptions<'_>,
) -> Result<WeightedLogRank, Error> {
    groups.check_comparable(data.n())?;
    let known = weights.of(data.n())?;
    if let Some(strata) = options.strata {
        strata.strata_of(data.n())?;
    }
    // Observed less expected sums to zero: one group is told by the others.
    let others: Vec<usize> = groups.present().skip(1).collect();
    let is_in = |wanted| move |group: &usize| f64::from(u8::from(*group == wanted));
    let indicators: Vec<f64> =
        others.iter().flat_map(|wanted| groups.codes().iter().map(is_in(*wanted))).collect();
    // Breslow's ties: the score at zero is then observed less expected exactly.
    let mut model = CoxModel::new(data, Covariates::new(&indicators, others.len())?)?
        .ties(Ties::Breslow)
        .weights(weights)?;
    if let Some(strata) = options.strata {
        model = model.strata(strata)?;
    }
    if let Some(clusters) = options.clusters {
        model = model.clusters(clusters)?;
    }
    let test = model.robust_score_test()?;
    let (observed, expected) = events(data, groups, known, options.strata);
    Ok(WeightedLogRank { n: groups.sizes().to_vec(), observed, expected, test })
}

/// Observed and expected weighted events in each group.
fn events(
    data: &SurvivalData,
    groups: &Groups,
    weights: &[f64],
    strata: Option<&Groups>,
) -> (Vec<f64>, Vec<f64>) {
    let (count, groups) = (groups.count(), groups.codes());
    let (mut observed, mut expected) = (vec![0.0; count], vec![0.0; count]);
    for order in data.order_by_stratum(strata) {
        let mut at_risk = vec![0.0; count];
        let runs: Vec<&[usize]> = data.tied_runs(&order).collect();
        // From the longest time backwards those at risk add up.
        for run in runs.into_iter().rev() {
            let mut deaths = 0.0;
            for &subject in run {
                at_risk[groups[subject]] += weights[subject];
                if data.events()[subject] {
                    deaths += weights[subject];
                    observed[groups[subject]] += weights[subject];
                }
            }
            let total: f64 = at_risk.iter().sum();
            // Where nobody dies `deaths` is zero; somebody is at risk always, so
            // that `total` is not.
            for (expected, at_risk) in expected.iter_mut().zip(&at_risk) {
                *expected += deaths * at_risk / total;
            }
        }
    }
    (observed, expected)
}
