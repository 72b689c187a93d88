//! What the data say nothing of where the partial likelihood has no maximum.
//!
//! # Formula
//! A likelihood without a maximum rises towards a limit along some direction
//! d of the coefficients: at each event nobody at risk has a larger d'x than
//! who has the event. In the limit only those with the same d'x still
//! compete, and their likelihood has the information C. A sum w'b has a
//! maximum-likelihood estimate if w is a combination of the rows of C, and
//! only then (Clarkson and Jennrich 1991, JASA 86: 417-26, for estimability
//! in the limit): else it is infinite, or any value of it is as likely as any
//! other.

use nalgebra::DMatrix;

use super::maximize::{CONVERGENCE, Maximum};
use super::objective::Objective;
use crate::symmetric::Factors;

/// Steps of Newton-Raphson, each of which lowers what still competes e-fold,
/// that lead to the limit: e^-40 is 4e-18, below the last bit of what is left.
/// So far out an exponential may overflow; the longest that leads to a number is
/// taken.
const STEPS: [f64; 3] = [40.0, 30.0, 25.0];
/// A limit must not lie below where the search ended by more than this,
/// relative: it is the tolerance of the search itself.
const ROUNDING: f64 = 1e-9;
/// Information below this share of that at the start is none: what still
/// competes has fallen by e^-25 (1e-11) or more, while information of a
/// coefficient that is known stays near where it was.
const NOTHING: f64 = 1e-9;
/// What is left of a sum's weights, relative to the largest, above which it
/// depends on what is unknown.
const REST: f64 = 1e-6;

/// The sums of coefficients that have no estimate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unknown {
    /// Takes weights of scaled coefficients to what the limit's information
    /// does not hold of them.
    rest: DMatrix<f64>,
    scales: Vec<f64>,
}

/// Whether a scaled coefficient would still move by `step`.
pub(super) fn is_moving(step: f64, beta: f64) -> bool {
    // The search ends when the log-likelihood moves by 1e-9 of itself; at a
    // maximum, where it is flat, a coefficient then moves by about the root of it.
    step.abs() > CONVERGENCE.sqrt() * (1.0 + beta.abs())
}

impl Unknown {
    /// What is unknown where the search would go on by `step`; `None` where
    /// it rests, or where going on leads to no limit.
    pub(super) fn beyond(
        objective: &Objective<'_>,
        maximum: &Maximum,
        step: &[f64],
    ) -> Option<Self> {
        let moves = step.iter().zip(&maximum.beta).any(|(step, beta)| is_moving(*step, *beta));
        // The formula is that of the plain likelihood; a penalised one is judged by
        // its steps alone.
        if !moves || objective.is_penalized() {
            return None;
        }
        let lowest = maximum.likelihood.value - ROUNDING * (1.0 + maximum.likelihood.value.abs());
        let limit = STEPS.into_iter().find_map(|steps| {
            let beta = maximum.beta.iter().zip(step);
            let beta: Vec<f64> = beta.map(|(beta, step)| beta + steps * step).collect();
            // A step that leads downhill was not towards a limit: the search had
            // merely not ended.
            Some(objective.at(&beta)).filter(|limit| limit.is_finite() && limit.value >= lowest)
        })?;
        let information = &limit.information;
        let size = information.nrows();
        let largest =
            |matrix: &DMatrix<f64>| (0..size).fold(0.0_f64, |most, j| most.max(matrix[(j, j)]));
        // Relative to the start: in the limit there may be nothing but rounding.
        let tolerance = NOTHING * largest(&maximum.null.information) / largest(information);
        let inverse = Factors::new(information, tolerance).inverse();
        // I - C^- C: zero in what the limit's information holds.
        let rest = DMatrix::identity(size, size) - inverse * information;
        Some(Self { rest, scales: objective.sets.scales.clone() })
    }

    /// Whether a coefficient is among them.
    pub(super) fn holds_column(&self, column: usize) -> bool {
        let mut weights = vec![0.0; self.scales.len()];
        weights[column] = 1.0;
        self.holds(&weights)
    }

    /// Whether the sum of coefficients with these weights is among them.
    pub(super) fn holds(&self, weights: &[f64]) -> bool {
        // Weights of beta become weights of scaled coefficients.
        let scaled: Vec<f64> =
            weights.iter().zip(&self.scales).map(|(weight, scale)| weight * scale).collect();
        let most = scaled.iter().fold(0.0_f64, |most, weight| most.max(weight.abs()));
        let rest = |j: usize| -> f64 {
            scaled.iter().enumerate().map(|(i, weight)| weight * self.rest[(i, j)]).sum()
        };
        (0..scaled.len()).any(|j| rest(j).abs() > REST * most)
    }
}
