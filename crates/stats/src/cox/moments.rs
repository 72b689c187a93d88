//! Weighted sums of covariates and their squares over a risk set.

use crate::symmetric::add_scaled;

/// Weighted sums of 1, x and xx' over a set.
#[derive(Debug)]
pub(super) struct Moments {
    pub(super) total: f64,
    pub(super) first: Vec<f64>,
    pub(super) second: Vec<f64>,
}

impl Moments {
    pub(super) fn new(n_columns: usize) -> Self {
        let second = vec![0.0; n_columns * (n_columns + 1) / 2];
        Self { total: 0.0, first: vec![0.0; n_columns], second }
    }

    pub(super) fn clear(&mut self) {
        self.total = 0.0;
        self.first.fill(0.0);
        self.second.fill(0.0);
    }

    pub(super) fn add(&mut self, weight: f64, x: &[f64]) {
        self.total += weight;
        add_scaled(&mut self.first, weight, x);
        let mut rest = self.second.as_mut_slice();
        // Line j of the triangle holds j + 1 cells: `zip` in `add_scaled` ends
        // there.
        for (j, value) in x.iter().enumerate() {
            let (line, below) = rest.split_at_mut(j + 1);
            add_scaled(line, weight * value, x);
            rest = below;
        }
    }
}

/// (all - reduction * dying) / denominator.
pub(super) fn average(
    out: &mut [f64],
    all: &[f64],
    dying: &[f64],
    reduction: f64,
    denominator: f64,
) {
    for ((out, all), dying) in out.iter_mut().zip(all).zip(dying) {
        *out = (all - reduction * dying) / denominator;
    }
}

/// Subtracts mean mean' from a lower triangle by rows.
pub(super) fn subtract_square(triangle: &mut [f64], mean: &[f64]) {
    let mut rest = triangle;
    for (j, value) in mean.iter().enumerate() {
        let (line, below) = rest.split_at_mut(j + 1);
        add_scaled(line, -value, mean);
        rest = below;
    }
}
