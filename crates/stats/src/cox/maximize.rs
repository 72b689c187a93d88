//! Newton-Raphson on the partial likelihood, with step halving.

use nalgebra::DMatrix;

use super::risk_sets::{RiskSets, add_scaled};
use crate::symmetric::Factors;

/// The change of the log-likelihood, relative, below which it has converged.
pub(super) const CONVERGENCE: f64 = 1e-9;
/// Iterations after which the search is given up.
const MAXIMUM_ITERATIONS: usize = 20;

/// Pivots below this share of the largest count as collinear: 2^-52 to the
/// power 3/4.
pub(crate) fn rank_tolerance() -> f64 {
    let root = f64::EPSILON.sqrt();
    root * root.sqrt()
}

/// The log partial likelihood and its derivatives at some coefficients.
#[derive(Debug, Clone)]
pub(super) struct Likelihood {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) information: DMatrix<f64>,
}

impl Likelihood {
    /// Evaluates at the scaled coefficients `beta`.
    pub(super) fn at(sets: &RiskSets, beta: &[f64]) -> Self {
        let n_columns = sets.n_columns();
        let mut value = 0.0;
        let mut gradient = vec![0.0; n_columns];
        let mut triangle = vec![0.0; n_columns * (n_columns + 1) / 2];
        sets.walk(beta, |step| {
            value += step.share * step.death_predictor - step.weight * libm::log(step.denominator);
            add_scaled(&mut gradient, step.share, step.death_covariates);
            add_scaled(&mut gradient, -step.weight, step.mean);
            add_scaled(&mut triangle, step.weight, step.covariance);
        });
        Self { value, gradient, information: unpack(&triangle, n_columns) }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|value| value.is_finite())
            && self.information.iter().all(|value| value.is_finite())
    }
}

/// The symmetric matrix of a lower triangle by rows.
pub(crate) fn unpack(triangle: &[f64], size: usize) -> DMatrix<f64> {
    DMatrix::from_fn(size, size, |i, j| {
        let (row, column) = (i.max(j), i.min(j));
        triangle[row * (row + 1) / 2 + column]
    })
}

/// Where the search ended.
#[derive(Debug, Clone)]
pub(super) struct Maximum {
    /// Coefficients of the scaled covariates.
    pub(super) beta: Vec<f64>,
    /// At zero.
    pub(super) null: Likelihood,
    /// At `beta`.
    pub(super) likelihood: Likelihood,
    /// The information at `beta`.
    pub(super) factors: Factors,
    pub(super) iterations: usize,
    pub(super) has_converged: bool,
}

/// Searches from zero.
pub(super) fn maximize(sets: &RiskSets) -> Maximum {
    let mut beta = vec![0.0; sets.n_columns()];
    let null = Likelihood::at(sets, &beta);
    let mut best = null.clone();
    let mut factors = Factors::new(&best.information, rank_tolerance());
    let mut proposal = newton_step(&beta, &factors, &best);
    let mut halvings = 0.0;
    for iterations in 1..=MAXIMUM_ITERATIONS {
        let likelihood = Likelihood::at(sets, &proposal);
        if likelihood.is_finite() && has_converged(best.value, likelihood.value) {
            let factors = Factors::new(&likelihood.information, rank_tolerance());
            let beta = proposal;
            return Maximum { beta, null, likelihood, factors, iterations, has_converged: true };
        }
        if likelihood.is_finite() && likelihood.value >= best.value {
            halvings = 0.0;
            beta = proposal;
            best = likelihood;
            factors = Factors::new(&best.information, rank_tolerance());
            proposal = newton_step(&beta, &factors, &best);
        } else {
            halvings += 1.0;
            for (new, old) in proposal.iter_mut().zip(&beta) {
                *new = (*new + halvings * old) / (halvings + 1.0);
            }
        }
    }
    let iterations = MAXIMUM_ITERATIONS;
    Maximum { beta, null, likelihood: best, factors, iterations, has_converged: false }
}

/// beta + I^-1 U.
fn newton_step(beta: &[f64], factors: &Factors, likelihood: &Likelihood) -> Vec<f64> {
    let change = factors.solve(&likelihood.gradient);
    beta.iter().zip(change).map(|(beta, change)| beta + change).collect()
}

/// Whether the log-likelihood moved by less than rounding matters. Both are
/// zero if no event time has two subjects at risk.
fn has_converged(old: f64, new: f64) -> bool {
    old == new || (1.0 - old / new).abs() <= CONVERGENCE
}
