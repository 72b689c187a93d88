//! Newton-Raphson on a model's objective, with step halving.

use nalgebra::DMatrix;

use super::objective::{Likelihood, Objective};
use crate::symmetric::Factors;

/// The change of the log-likelihood, relative, below which it has converged.
pub(super) const CONVERGENCE: f64 = 1e-9;
/// The change of every coefficient, relative to 1 + its size, below which a
/// search with linear convergence has ended.
const STEP_CONVERGENCE: f64 = 1e-11;
/// Iterations after which the search is given up.
const MAXIMUM_ITERATIONS: usize = 20;
/// The same for searches with linear convergence.
const MAXIMUM_SCORING_ITERATIONS: usize = 500;

/// Pivots below this share of the largest count as collinear: 2^-52 to the
/// power 3/4.
pub(crate) fn rank_tolerance() -> f64 {
    let root = f64::EPSILON.sqrt();
    root * root.sqrt()
}

/// The symmetric matrix of a lower triangle by rows.
pub(crate) fn unpack(triangle: &[f64], size: usize) -> DMatrix<f64> {
    DMatrix::from_fn(size, size, |i, j| {
        let (row, column) = (i.max(j), i.min(j));
        triangle[row * (row + 1) / 2 + column]
    })
}

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
        if self.by_step { MAXIMUM_SCORING_ITERATIONS } else { MAXIMUM_ITERATIONS }
    }

    /// Whether the search may end at `new`.
    fn has_converged(&self, old: (&[f64], f64), new: (&[f64], f64)) -> bool {
        if self.by_step {
            let rests = |(old, new): (&f64, &f64)| {
                (new - old).abs() <= STEP_CONVERGENCE * (1.0 + old.abs())
            };
            return old.0.iter().zip(new.0).all(rests);
        }
        // Both are zero if no event time has two subjects at risk.
        old.1 == new.1 || (1.0 - old.1 / new.1).abs() <= CONVERGENCE
    }

    /// The metric of the next step, without the coefficient that is fixed.
    fn factors(&self, likelihood: &Likelihood) -> Factors {
        let mut curvature = likelihood.curvature.clone();
        if let Some(fixed) = self.fixed {
            curvature.row_mut(fixed).fill(0.0);
            curvature.column_mut(fixed).fill(0.0);
        }
        Factors::new(&curvature, rank_tolerance())
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
pub(super) fn maximize(objective: &Objective<'_>, search: &Search<'_>) -> Maximum {
    let mut beta = search.start.to_vec();
    let null = objective.at(&beta);
    let mut best = null.clone();
    let mut factors = search.factors(&best);
    let mut proposal = newton_step(&beta, &factors, &best);
    let mut halvings = 0.0;
    let limit = search.limit();
    for iterations in 1..=limit {
        let likelihood = objective.at(&proposal);
        let is_finite = likelihood.is_finite();
        if is_finite && search.has_converged((&beta, best.value), (&proposal, likelihood.value)) {
            let factors = search.factors(&likelihood);
            let beta = proposal;
            return Maximum { beta, null, likelihood, factors, iterations, has_converged: true };
        }
        if is_finite && likelihood.value >= best.value {
            halvings = 0.0;
            beta = proposal;
            best = likelihood;
            factors = search.factors(&best);
            proposal = newton_step(&beta, &factors, &best);
        } else {
            halvings += 1.0;
            for (new, old) in proposal.iter_mut().zip(&beta) {
                *new = (*new + halvings * old) / (halvings + 1.0);
            }
        }
    }
    Maximum { beta, null, likelihood: best, factors, iterations: limit, has_converged: false }
}

/// beta + I^-1 U.
fn newton_step(beta: &[f64], factors: &Factors, likelihood: &Likelihood) -> Vec<f64> {
    let change = factors.solve(&likelihood.gradient);
    beta.iter().zip(change).map(|(beta, change)| beta + change).collect()
}
