//! Gray's test of equal cumulative incidence.

use nalgebra::DMatrix;

use super::CompetingData;
use crate::Error;
use crate::groups::Groups;
use crate::inference::Test;
use crate::symmetric::Factors;

/// Below this share of the largest variance a group adds no information: what
/// is left of its pivot is rounding, as in the log-rank test.
const RANK_TOLERANCE: f64 = 1e-12;

/// A comparison of the cumulative incidence of one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct GrayTest {
    /// The cause, from 1.
    pub cause: usize,
    /// Each group's score: weighted events observed less expected.
    pub scores: Vec<f64>,
    /// Covariance of the scores.
    pub variance: DMatrix<f64>,
    /// Its degrees of freedom are the groups with subjects, less one; fewer if
    /// the covariance lacks rank.
    pub test: Test,
}

/// Compares the cumulative incidence of `cause` between groups.
///
/// # Formula
/// In each stratum, with n_j at risk in group j, S_j(t-) its survival from
/// any cause and F_j(t-) its incidence, R_j = n_j (1 - F_j) / S_j estimates
/// those at risk of the subdistribution, and the pooled incidence F grows by
/// d / sum(n_j / S_j). The score of group j sums
/// (1 - F(t-))^rho (d_j - d R_j / R). Its increments are weighted sums of
/// each group's events of the cause and of the others; the covariance is
/// that of Gray (1988, section 2), with the corrections
/// 1 - (d - 1) / (n - 1) for ties that R's `cmprsk` has.
///
/// # Arguments
/// `strata` are those of the subjects; `rho` is 0 for the usual test.
///
/// # Errors
/// [`Error::Length`] for groups or strata of others,
/// [`Error::OneGroup`] if fewer than two groups have subjects,
/// [`Error::NoEvents`] without events of the cause, [`Error::Parameter`] for
/// no such cause or a non-finite or negative `rho`.
///
/// ```
/// use restudy_stats::competing_risks::{CompetingData, gray_test};
/// use restudy_stats::groups::Groups;
///
/// let data = CompetingData::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1, 2, 1, 1, 0, 2], 2)?;
/// let groups = Groups::new([0, 1, 0, 1, 0, 1], 2)?;
/// let test = gray_test(&data, 1, &groups, None, 0.0)?;
/// assert_eq!(test.test.degrees_of_freedom, 1);
/// assert!((test.scores[0] + test.scores[1]).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn gray_test(
    data: &CompetingData,
    cause: usize,
    groups: &Groups,
    strata: Option<&Groups>,
    rho: f64,
) -> Result<GrayTest, Error> {
    check(data, cause, groups, strata, rho)?;
    let n_groups = groups.count();
    let mut scores = vec![0.0; n_groups];
    let mut variance = DMatrix::zeros(n_groups, n_groups);
    for order in data.any.order_by_stratum(strata) {
        let steps = Walk::new(data, cause, groups, &order).steps(&order, rho);
        add_stratum(&steps, &mut scores, &mut variance);
    }
    // The scores sum to zero, so that the first group that has subjects is
    // redundant.
    let compared: Vec<usize> = groups.present().skip(1).collect();
    // Factored rather than inverted: where the covariance lacks rank there are
    // fewer degrees of freedom, and still a test.
    let factors =
        Factors::new(&variance.select_rows(&compared).select_columns(&compared), RANK_TOLERANCE);
    let differences: Vec<f64> = compared.iter().map(|group| scores[*group]).collect();
    let test = Test::new(factors.quadratic_form(&differences), factors.rank());
    Ok(GrayTest { cause, scores, variance, test })
}

/// Checks the arguments against each other.
fn check(
    data: &CompetingData,
    cause: usize,
    groups: &Groups,
    strata: Option<&Groups>,
    rho: f64,
) -> Result<(), Error> {
    data.check_cause(cause)?;
    if let Some(strata) = strata {
        strata.strata_of(data.n())?;
    }
    if !(rho.is_finite() && rho >= 0.0) {
        return Err(Error::Parameter { what: "rho", value: rho, range: "[0, infinity)" });
    }
    if !data.causes.contains(&cause) {
        return Err(Error::NoEvents { n: data.n() });
    }
    groups.check_comparable(data.n())
}

/// What one event time adds: scores, and for each group the variances of its
/// events with the weights they have in all scores.
struct Step {
    scores: Vec<f64>,
    /// Growth of the integral of the weights, by score and group.
    growth: DMatrix<f64>,
    /// Weight in the scores of an event of the cause, by score and group,
    /// before what it changes later.
    direct: DMatrix<f64>,
    /// How much later integrals count: of the cause, of the others.
    later: Vec<[f64; 2]>,
    /// Variances of the events of each group: of the cause, of the others.
    variances: Vec<[f64; 2]>,
}

/// The state of one stratum as time goes on.
struct Walk<'a> {
    data: &'a CompetingData,
    cause: usize,
    groups: &'a [usize],
    at_risk: Vec<f64>,
    survival: Vec<f64>,
    incidence: Vec<f64>,
    pooled: f64,
}

impl<'a> Walk<'a> {
    fn new(data: &'a CompetingData, cause: usize, groups: &'a Groups, order: &[usize]) -> Self {
        let (n_groups, groups) = (groups.count(), groups.codes());
        let mut at_risk = vec![0.0; n_groups];
        for subject in order {
            at_risk[groups[*subject]] += 1.0;
        }
        let (survival, incidence) = (vec![1.0; n_groups], vec![0.0; n_groups]);
        Self { data, cause, groups, at_risk, survival, incidence, pooled: 0.0 }
    }

    fn steps(mut self, order: &[usize], rho: f64) -> Vec<Step> {
        let mut steps = Vec::new();
        for tied in self.data.any.tied_runs(order) {
            let mut events = vec![[0.0; 2]; self.at_risk.len()];
            for subject in tied {
                match self.data.causes[*subject] {
                    0 => {}
                    cause if cause == self.cause => events[self.groups[*subject]][0] += 1.0,
                    _ => events[self.groups[*subject]][1] += 1.0,
                }
            }
            // Times at which subjects are only censored move nobody's curve.
            if events.iter().any(|[own, other]| own + other > 0.0) {
                steps.push(self.step(&events, rho));
            }
            for subject in tied {
                self.at_risk[self.groups[*subject]] -= 1.0;
            }
        }
        steps
    }

    /// One event time, `events` being those of the cause and of the others in
    /// each group.
    fn step(&mut self, events: &[[f64; 2]], rho: f64) -> Step {
        let n_groups = events.len();
        let total: f64 = events.iter().map(|[own, _]| own).sum();
        // n_j / S_j: what would be at risk had nothing happened.
        let inflated: Vec<f64> = (0..n_groups)
            // At risk, a group has survived so far: S_j(t-) > 0 there. A group that
            // is used up has neither.
            .map(|j| if self.at_risk[j] > 0.0 { self.at_risk[j] / self.survival[j] } else { 0.0 })
            .collect();
        let risk: Vec<f64> =
            (0..n_groups).map(|j| inflated[j] * (1.0 - self.incidence[j])).collect();
        let (all_inflated, all_risk) = (inflated.iter().sum::<f64>(), risk.iter().sum::<f64>());
        let pooled_before = self.pooled;
        // The pooled incidence under the null hypothesis: increments d / sum(n_j /
        // S_j).
        self.pooled += total / all_inflated;
        // Everybody's F just before the time: a weight that looked at the time
        // itself would not be predictable.
        let weight = libm::pow(1.0 - pooled_before, rho);
        let direct = DMatrix::from_fn(n_groups, n_groups, |i, j| {
            let delta = if i == j { inflated[i] } else { 0.0 };
            weight * (delta - inflated[i] * inflated[j] / all_inflated)
        });
        // where everybody has had the event under the null hypothesis, nothing is to come
        let hazard =
            if pooled_before < 1.0 { total / (all_inflated * (1.0 - pooled_before)) } else { 0.0 };
        let mut step = Step {
            scores: (0..n_groups)
                .map(|j| weight * (events[j][0] - total * risk[j] / all_risk))
                .collect(),
            growth: &direct * hazard,
            direct,
            later: vec![[0.0; 2]; n_groups],
            variances: vec![[0.0; 2]; n_groups],
        };
        for (j, events) in events.iter().enumerate() {
            if self.at_risk[j] > 0.0 {
                self.advance(&mut step, j, *events, total, all_inflated);
            }
        }
        step
    }

    /// Moves one group on, and notes the variance that it adds.
    fn advance(
        &mut self,
        step: &mut Step,
        j: usize,
        [own, other]: [f64; 2],
        total: f64,
        all_inflated: f64,
    ) {
        let (n, before) = (self.at_risk[j], self.survival[j]);
        // S_j from any cause after this time; zero when all who were left have an
        // event.
        let after = before * (n - own - other) / n;
        self.incidence[j] += before * own / n;
        self.survival[j] = after;
        // How much an event at this time changes all later risk sets of its group,
        // by (1 - F) / S.
        let gone = if after > 0.0 { (1.0 - self.pooled) / after } else { 0.0 };
        step.later[j] = [1.0 - gone, -gone];
        if total > 0.0 {
            // Under the null hypothesis the pooled events stand for its own.
            let tied =
                // The correction for ties in `cmprsk`: with one event it is 1.
                // `all_inflated` times S(t-) stands for the number at risk there.
                if total > 1.0 { 1.0 - (total - 1.0) / (all_inflated * before - 1.0) } else { 1.0 };
            step.variances[j][0] = tied * before * total / (all_inflated * n);
        }
        // The last of a group leave nothing to come, so that a competing event of
        // theirs has no effect on the score.
        if other > 0.0 && after > 0.0 {
            let tied = if other > 1.0 { 1.0 - (other - 1.0) / (n - 1.0) } else { 1.0 };
            step.variances[j][1] = tied * before * before * other / (n * n);
        }
    }
}

/// Adds a stratum's scores and covariance.
fn add_stratum(steps: &[Step], scores: &mut [f64], variance: &mut DMatrix<f64>) {
    let n_groups = scores.len();
    // What is still to come of each integral, from the last time backwards.
    let mut to_come = DMatrix::zeros(n_groups, n_groups);
    // From the last time backwards, so that one pass has what is to come of the
    // integral at each time.
    for step in steps.iter().rev() {
        for (sum, score) in scores.iter_mut().zip(&step.scores) {
            *sum += score;
        }
        for j in 0..n_groups {
            let weights = |later: f64, direct: f64| -> Vec<f64> {
                (0..n_groups)
                    .map(|i| direct * step.direct[(i, j)] + later * to_come[(i, j)])
                    .collect()
            };
            // An event of the cause counts at once and through later risk sets, a
            // competing one through later risk sets alone.
            let [own, other] = step.later[j];
            add_outer(variance, step.variances[j][0], &weights(own, 1.0));
            add_outer(variance, step.variances[j][1], &weights(other, 0.0));
        }
        to_come += &step.growth;
    }
}

/// Adds `factor` times v v'.
fn add_outer(matrix: &mut DMatrix<f64>, factor: f64, v: &[f64]) {
    for (i, left) in v.iter().enumerate() {
        for (k, right) in v.iter().enumerate() {
            matrix[(i, k)] += factor * left * right;
        }
    }
}
