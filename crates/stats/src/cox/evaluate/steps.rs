//! The steps of a time at which several rows end, and sums over them.

use std::ops::Range;

use crate::cox::arrangement::Run;
use crate::cox::risk_sets::RiskSets;

/// The steps of a run with deaths.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) n: usize,
    /// Case weight of the deaths of each step.
    pub(super) weight: f64,
    /// Risk of all at risk.
    total: f64,
    /// Risk of the deaths, of which the first step takes nothing away.
    dying: f64,
}

impl Steps {
    /// `total` is the risk of all at risk.
    pub(super) fn new(sets: &RiskSets, risks: &[f64], run: &Run, total: f64) -> Self {
        // Breslow has one step, of the whole weight; Efron one for each death, of
        // the mean weight.
        let n = sets.n_steps(run);
        let sum = |values: &[f64], rows: Range<usize>| values[rows].iter().sum::<f64>();
        let weight = sum(&sets.weights, run.deaths()) / n as f64;
        Self { n, weight, total, dying: sum(risks, run.deaths()) }
    }

    /// The share by which the deaths' risk is reduced.
    fn reduction(&self, step: usize) -> f64 {
        step as f64 / self.n as f64
    }

    pub(super) fn denominator(&self, step: usize) -> f64 {
        self.total - self.reduction(step) * self.dying
    }
}

/// A sum of weighted logarithms, taken of products while these are neither
/// too large nor too small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logarithms {
    sum: f64,
    weight: f64,
    product: f64,
}

impl Default for Logarithms {
    fn default() -> Self {
        Self { sum: 0.0, weight: 1.0, product: 1.0 }
    }
}

impl Logarithms {
    pub(super) fn add(&mut self, weight: f64, value: f64) {
        // A row without weight changes nothing: it takes the weight at hand and a
        // factor of 1.
        let (weight, value) = if weight > 0.0 { (weight, value) } else { (self.weight, 1.0) };
        let product = self.product * value;
        // A logarithm costs many times what a product does. Between 1e-200 and
        // 1e200 a product is far from where doubles lose digits or end; one that
        // is not is left to a logarithm of its own.
        if weight == self.weight && (1e-200..1e200).contains(&product) {
            self.product = product;
        } else {
            // The weight changed or the product would leave its range: what was
            // collected goes into the sum.
            self.sum += self.weight * libm::log(self.product);
            (self.weight, self.product) = (weight, value);
        }
    }

    /// Adds several, four at a time where all of these have one weight or none.
    pub(super) fn add_all(&mut self, weights: &[f64], values: &[f64]) {
        let (weights, last_weights) = weights.as_chunks::<4>();
        let (values, last_values) = values.as_chunks::<4>();
        for (weights, values) in weights.iter().zip(values) {
            let is_usual = weights.iter().all(|weight| *weight == 0.0 || *weight == self.weight);
            let counted = |k: usize| if weights[k] > 0.0 { values[k] } else { 1.0 };
            // In pairs, so that no product waits for three others.
            let product = self.product * ((counted(0) * counted(1)) * (counted(2) * counted(3)));
            if is_usual && (1e-200..1e200).contains(&product) {
                self.product = product;
            } else {
                weights.iter().zip(values).for_each(|(weight, value)| self.add(*weight, *value));
            }
        }
        last_weights.iter().zip(last_values).for_each(|(w, value)| self.add(*w, *value));
    }

    pub(super) fn sum(self) -> f64 {
        self.sum + self.weight * libm::log(self.product)
    }
}

/// What the steps of a time add, summed over them.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeSums {
    /// Hazard of those who survive the time.
    pub(super) surviving: f64,
    /// Hazard of those who die at it.
    pub(super) dying: f64,
    /// Of the square of the mean vector: sum f.
    pub(super) factor: f64,
    /// The mean share by which the deaths' sums are reduced: b.
    pub(super) reduction: f64,
    /// Of the square of the deaths' sums: sum f (a - b)^2.
    pub(super) spread: f64,
}

impl TimeSums {
    pub(super) fn new(steps: &Steps) -> Self {
        let mut sums =
            Self { surviving: 0.0, dying: 0.0, factor: 0.0, reduction: 0.0, spread: 0.0 };
        for step in 0..steps.n {
            let denominator = steps.denominator(step);
            let share = steps.reduction(step);
            let hazard = steps.weight / denominator;
            sums.surviving += hazard;
            sums.dying += hazard * (1.0 - share);
            // Mean and sum of squares, a step at a time (West 1979).
            let factor = hazard / denominator;
            let difference = share - sums.reduction;
            sums.factor += factor;
            sums.reduction += difference * factor / sums.factor;
            sums.spread += factor * difference * (share - sums.reduction);
        }
        sums
    }
}
