//! The maximum of a logistic model's objective.

use super::objective::Objective;
use crate::newton::{Likelihood, free_factors, take};

/// The change of every coefficient, relative to 1 + its size, below which
/// they rest: rounding, as steps get smaller by squares.
const REST: f64 = 1e-11;
/// The change of the log-likelihood, relative, below which it has converged; the
/// 0.1 that is added to its size is that of R's `glm.fit`, for likelihoods near
/// zero.
const CONVERGENCE: f64 = 1e-9;
/// Steps from there on in which finite coefficients come to rest: Newton-Raphson
/// doubles the digits with each, so that four would do. What still moves then is
/// on its way to infinity.
const STEPS_TO_REST: usize = 6;
/// What rounding may take from a log-likelihood, relative: a few hundred times
/// 2^-52, as it is a sum of many terms.
const ROUNDING: f64 = 1e-13;
/// Iterations after which the search is given up: Newton-Raphson takes five or
/// so, and what goes to infinity ends by `STEPS_TO_REST`.
const MAXIMUM_ITERATIONS: usize = 100;
/// The same for Firth's penalty, whose metric is not its second derivative: steps
/// then come nearer by a share each, not by squares.
const MAXIMUM_ITERATIONS_FIRTH: usize = 1000;

/// Where the search ended.
#[derive(Debug, Clone)]
pub(super) struct Maximum {
    /// Coefficients of the design.
    pub(super) beta: Vec<f64>,
    /// The objective there.
    pub(super) at: Likelihood,
    /// The last change of each coefficient.
    pub(super) step: Vec<f64>,
    pub(super) iterations: usize,
    pub(super) has_converged: bool,
}

/// Searches from `start` for the maximum over the coefficients not `fixed`.
/// `by_rest` goes on until they rest, whatever the likelihood does.
// A loop of its own beside Cox's and that of `newton`: it halves a step rather than
// stepping back less and less, and goes on for a few steps after the likelihood
// rests, by which what is finite comes to rest and what is infinite shows.
pub(super) fn maximize(
    objective: &Objective<'_>,
    start: &[f64],
    fixed: &[usize],
    by_rest: bool,
) -> Maximum {
    let limit = if by_rest { MAXIMUM_ITERATIONS_FIRTH } else { MAXIMUM_ITERATIONS };
    let mut here = Maximum {
        beta: start.to_vec(),
        at: objective.at(start),
        step: vec![0.0; start.len()],
        iterations: 0,
        has_converged: false,
    };
    let mut steps_since_flat = 0;
    while here.iterations < limit && here.at.is_finite() {
        here.iterations += 1;
        // Scoring: the curvature has the ridge or Firth's augmented weights in it.
        let change = free_factors(&here.at.curvature, fixed).solve(&here.at.gradient);
        let before = here.at.value;
        let floor = before - ROUNDING * (1.0 + before.abs());
        let rises = |there: &Likelihood| there.is_finite() && there.value >= floor;
        // A step that is not finite or leads down by more than rounding is halved.
        let look = |beta: &[f64]| Some(objective.at(beta)).filter(rises);
        // No part of the step leads up: the search ends without having converged.
        let Some(taken) = take(&here.beta, change, look) else { break };
        (here.beta, here.at, here.step) = (taken.beta, taken.found, taken.step);
        let rests = |(step, beta): (&f64, &f64)| step.abs() <= REST * (1.0 + beta.abs());
        if here.step.iter().zip(&here.beta).all(rests) {
            here.has_converged = true;
            break;
        }
        let is_flat = (here.at.value - before).abs() <= CONVERGENCE * (0.1 + before.abs());
        // Counted in a row: a likelihood that moves again begins anew.
        steps_since_flat = if is_flat { steps_since_flat + 1 } else { 0 };
        if !by_rest && steps_since_flat > STEPS_TO_REST {
            here.has_converged = true;
            break;
        }
    }
    here
}
