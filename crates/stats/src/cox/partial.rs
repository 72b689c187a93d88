//! The log partial likelihood with its derivatives, and its sum step by step.

use super::risk_sets::RiskSets;
use crate::symmetric::{add_scaled, diagonal};

/// The log partial likelihood and its derivatives at some coefficients.
#[derive(Debug, Clone)]
pub(super) struct Partial {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    /// Information: the lower triangle by rows.
    pub(super) triangle: Vec<f64>,
    /// What is left of these is the diagonal of the information.
    pub(super) squares: Vec<f64>,
}

impl Partial {
    pub(super) fn new(n_columns: usize) -> Self {
        let triangle = vec![0.0; n_columns * (n_columns + 1) / 2];
        let (gradient, squares) = (vec![0.0; n_columns], vec![0.0; n_columns]);
        Self { value: 0.0, gradient, triangle, squares }
    }

    /// Evaluates Efron's or Breslow's likelihood step by step, as it has to be
    /// where rows enter late.
    pub(super) fn by_walk(sets: &RiskSets, beta: &[f64]) -> Self {
        let mut out = Self::new(sets.n_columns());
        sets.walk(beta, |step| {
            // Step by step: each stands for `share` of the deaths' own sum and has
            // a denominator of its own.
            out.value +=
                step.share * step.death_predictor - step.weight * libm::log(step.denominator);
            add_scaled(&mut out.gradient, step.share, step.death_covariates);
            add_scaled(&mut out.gradient, -step.weight, step.mean);
            add_scaled(&mut out.triangle, step.weight, step.covariance);
            add_squares(&mut out.squares, step.weight, step.covariance, step.mean);
        });
        out
    }
}

/// Adds the mean squares of the columns over a risk set.
pub(super) fn add_squares(squares: &mut [f64], weight: f64, covariance: &[f64], mean: &[f64]) {
    for (j, (square, mean)) in squares.iter_mut().zip(mean).enumerate() {
        *square += weight * (covariance[diagonal(j)] + mean * mean);
    }
}
