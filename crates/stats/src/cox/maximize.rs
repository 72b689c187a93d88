//! Newton-Raphson on a model's objective, with step halving.

use nalgebra::DMatrix;

use super::objective::Objective;
use crate::newton::{Likelihood, free_factors};
use crate::symmetric::Factors;

/// The change of the log-likelihood, relative, below which it has converged:
/// that of R's `coxph.control`, whose rule this is, so that searches end after
/// the same step and give the same last digits.
pub(super) const CONVERGENCE: f64 = 1e-9;
/// The change of every coefficient, relative to 1 + its size, below which
/// coefficients rest. Profiles need it: a limit is where the likelihood falls
/// by 1.92, and is known only as well as the maximum over the others.
const STEP_CONVERGENCE: f64 = 1e-11;
/// What rounding may take from a log-likelihood, relative: a few hundred times
/// 2^-52, as it is a sum of many terms.
const ROUNDING: f64 = 1e-13;
/// Iterations after which the search is given up, as in R. Newton-Raphson from
/// zero takes four or five; who needs more has an infinite coefficient.
const MAXIMUM_ITERATIONS: usize = 20;
/// The same for searches that end when the coefficients rest.
const MAXIMUM_ITERATIONS_TO_REST: usize = 200;

/// Where and how to search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<'a> {
    /// Scaled coefficients to begin with.
    pub(super) start: &'a [f64],
    /// A coefficient that keeps its value.
    pub(super) fixed: Option<usize>,
    /// Whether to go on until the coefficients rest, rather than the
    /// likelihood.
    pub(super) by_step: bool,
}

impl Search<'_> {
    fn limit(&self) -> usize {
        if self.by_step { MAXIMUM_ITERATIONS_TO_REST } else { MAXIMUM_ITERATIONS }
    }

    /// Whether the search may end at `new`.
    fn has_converged(&self, old: (&[f64], f64), new: (&[f64], f64)) -> bool {
        if self.by_step {
            // Relative to 1 + |beta|, so that a coefficient near zero has an
            // absolute tolerance.
            let rests = |(old, new): (&f64, &f64)| {
                (new - old).abs() <= STEP_CONVERGENCE * (1.0 + old.abs())
            };
            return old.0.iter().zip(new.0).all(rests);
        }
        // Both are zero if no event time has two subjects at risk.
        // The form of R's `coxfit6`: |1 - old / new|.
        old.1 == new.1 || (1.0 - old.1 / new.1).abs() <= CONVERGENCE
    }

    /// Whether the search may go on from `new`. Where the coefficients have to
    /// rest, the likelihood may fall by rounding, of which their last digits
    /// are not told apart.
    fn accepts(&self, old: f64, new: f64) -> bool {
        let rounding = if self.by_step { ROUNDING * (1.0 + old.abs()) } else { 0.0 };
        new >= old - rounding
    }

    fn factors(&self, metric: &DMatrix<f64>) -> Factors {
        free_factors(metric, self.fixed.as_slice())
    }

    /// The next proposal: beta + H^-1 U, H being minus the second derivative
    /// where that is positive definite, else the curvature.
    fn propose(&self, objective: &Objective<'_>, beta: &[f64], at: &Likelihood) -> Vec<f64> {
        // Scoring uses the curvature alone, which is never indefinite.
        let scoring = self.factors(&at.curvature);
        // The curvature lacks what Firth's penalty adds to the second derivative:
        // with it alone the search nears the maximum linearly.
        let newton = objective.is_firth.then(|| self.factors(&objective.second_derivative(beta)));
        let factors = match newton {
            // A second derivative that is not positive definite would lead
            // downhill: its factors drop columns, which shows in the rank.
            Some(newton) if newton.rank() == scoring.rank() => newton,
            _ => scoring,
        };
        let change = factors.solve(&at.gradient);
        beta.iter().zip(change).map(|(beta, change)| beta + change).collect()
    }
}

/// Where the search ended.
#[derive(Debug, Clone)]
pub(super) struct Maximum {
    /// Coefficients of the scaled covariates.
    pub(super) beta: Vec<f64>,
    /// At the start.
    pub(super) null: Likelihood,
    /// At `beta`.
    pub(super) likelihood: Likelihood,
    /// The curvature at `beta`.
    pub(super) factors: Factors,
    pub(super) iterations: usize,
    pub(super) has_converged: bool,
}

/// Searches for the maximum of the objective.
// The loop is not that of the logistic model or of `newton`: R's `coxph` shortens
// a step by another rule and ends by another, and where it stops decides on the
// last digits of coefficients and on the number of iterations that are reported.
pub(super) fn maximize(objective: &Objective<'_>, search: &Search<'_>) -> Maximum {
    let mut beta = search.start.to_vec();
    let null = objective.at(&beta);
    let mut best = null.clone();
    let mut proposal = search.propose(objective, &beta, &best);
    // Counted since the last accepted step, as in R: the weight of the old value
    // grows with each halving.
    let mut halvings = 0.0;
    let limit = search.limit();
    for iterations in 1..=limit {
        let likelihood = objective.at(&proposal);
        let is_finite = likelihood.is_finite();
        // A proposal that is not finite is halved like one that falls.
        if is_finite && search.has_converged((&beta, best.value), (&proposal, likelihood.value)) {
            // Curvature at the accepted point: it is the bread of the covariance.
            let factors = search.factors(&likelihood.curvature);
            let beta = proposal;
            return Maximum { beta, null, likelihood, factors, iterations, has_converged: true };
        }
        if is_finite && search.accepts(best.value, likelihood.value) {
            halvings = 0.0;
            beta = proposal;
            best = likelihood;
            proposal = search.propose(objective, &beta, &best);
        } else {
            // Half of the way, then a third of what is left and so on: the rule
            // of R's `coxfit6`, which steps back less and less.
            halvings += 1.0;
            for (new, old) in proposal.iter_mut().zip(&beta) {
                *new = (*new + halvings * old) / (halvings + 1.0);
            }
        }
    }
    // The limit was reached: what is reported is the best point, with a warning.
    let factors = search.factors(&best.curvature);
    Maximum { beta, null, likelihood: best, factors, iterations: limit, has_converged: false }
}
