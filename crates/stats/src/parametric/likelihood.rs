//! The likelihood of an accelerated failure time model and its derivatives.

use nalgebra::DMatrix;

use super::{AcceleratedModel, RANK_TOLERANCE};
use crate::newton::Objective;
use crate::scaling::Scaling;
use crate::symmetric::Factors;

/// A model's log times and centred, scaled covariates with an intercept.
pub(super) struct Design<'a> {
    model: &'a AcceleratedModel<'a>,
    /// The intercept's 1 and the covariates, row-major.
    rows: Vec<f64>,
    n_columns: usize,
    log_times: Vec<f64>,
    scalings: Vec<Scaling>,
    /// The intercept and the columns that do not depend on those before them.
    kept: Vec<bool>,
}

impl<'a> Design<'a> {
    /// With the first `n_covariates` columns.
    pub(super) fn new(model: &'a AcceleratedModel<'a>, n_covariates: usize) -> Self {
        let n = model.data.n();
        let n_columns = n_covariates + 1;
        let mut rows = vec![1.0; n * n_columns];
        let columns = model.covariates.columns().take(n_covariates);
        let scalings: Vec<Scaling> = columns.clone().map(Scaling::of).collect();
        for (column, (values, scaling)) in columns.zip(&scalings).enumerate() {
            for (row, x) in values.iter().enumerate() {
                rows[row * n_columns + column + 1] = scaling.apply(*x);
            }
        }
        let log_times = model.data.times().iter().map(|time| libm::log(*time)).collect();
        let kept = drop_collinear(&mut rows, n_columns);
        Self { model, rows, n_columns, log_times, scalings, kept }
    }

    /// Whether a column, from 1 after the intercept, takes part.
    pub(super) fn is_kept(&self, column: usize) -> bool {
        self.kept[column]
    }

    fn weight(&self, subject: usize) -> f64 {
        self.model.weights.map_or(1.0, |weights| weights[subject])
    }

    /// Where the search begins: mean and spread of the log times.
    pub(super) fn start(&self) -> Vec<f64> {
        // Unweighted, censored or not: it is only where the search begins.
        let n = self.log_times.len() as f64;
        let mean = self.log_times.iter().sum::<f64>() / n;
        let variance = self.log_times.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / n;
        let mut parameters = vec![0.0; self.n_columns + 1];
        parameters[0] = mean;
        if !self.model.distribution.has_fixed_scale() {
            // Times that are all alike have no spread whose logarithm is a number:
            // a scale of 1/100 to begin with.
            parameters[self.n_columns] = 0.5 * libm::log(variance.max(1e-4));
        }
        parameters
    }

    /// From parameters of the scaled covariates to those of the covariates.
    pub(super) fn transform(&self) -> DMatrix<f64> {
        let mut transform = DMatrix::identity(self.n_columns + 1, self.n_columns + 1);
        for (column, Scaling { center, scale, .. }) in self.scalings.iter().enumerate() {
            transform[(column + 1, column + 1)] = *scale;
            transform[(0, column + 1)] = -center * scale;
        }
        transform
    }
}

/// Sets columns to zero that depend on those before them; tells which do not.
/// The information at the maximum could not tell: it lacks rank too where a
/// coefficient goes to infinity.
fn drop_collinear(rows: &mut [f64], n_columns: usize) -> Vec<bool> {
    let mut products = DMatrix::zeros(n_columns, n_columns);
    for row in rows.chunks(n_columns) {
        for (i, x) in row.iter().enumerate() {
            for (j, other) in row.iter().enumerate() {
                products[(i, j)] += x * other;
            }
        }
    }
    let factors = Factors::new(&products, RANK_TOLERANCE);
    let kept: Vec<bool> = (0..n_columns).map(|column| factors.is_kept(column)).collect();
    for row in rows.chunks_mut(n_columns) {
        // Zeros keep the positions of the columns: a zero column has no pivot and
        // no step.
        row.iter_mut().zip(&kept).filter(|(_, kept)| !**kept).for_each(|(x, _)| *x = 0.0);
    }
    kept
}

/// The log-likelihood and its derivatives by intercept, coefficients and log
/// sigma.
#[derive(Debug, Clone)]
pub(super) struct Likelihood {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) information: DMatrix<f64>,
}

impl Likelihood {
    pub(super) fn at(design: &Design<'_>, parameters: &[f64]) -> Self {
        let p = design.n_columns;
        let (distribution, data) = (design.model.distribution, design.model.data);
        let log_scale = parameters[p];
        let scale = libm::exp(log_scale);
        let mut out = Self {
            value: 0.0,
            gradient: vec![0.0; p + 1],
            information: DMatrix::zeros(p + 1, p + 1),
        };
        for (subject, row) in design.rows.chunks(p).enumerate() {
            let location: f64 = row.iter().zip(parameters).map(|(x, b)| x * b).sum();
            let w = (design.log_times[subject] - location) / scale;
            let weight = design.weight(subject);
            let is_event = data.events()[subject];
            let part = if is_event { distribution.density(w) } else { distribution.survival(w) };
            out.value += weight * part.value;
            if is_event {
                // The density of the time itself: that of w over sigma t.
                out.value -= weight * (log_scale + design.log_times[subject]);
                out.gradient[p] -= weight;
            }
            // w falls by x / sigma with a coefficient and by w with log sigma.
            // First derivative by mu and beta.
            let slope = -weight * part.first / scale;
            let curvature = -weight * part.second / (scale * scale);
            // Of location and log sigma: minus the mixed second derivative.
            let mixed = -weight * (part.second * w + part.first) / scale;
            for (i, x) in row.iter().enumerate() {
                out.gradient[i] += slope * x;
                for (j, other) in row[..=i].iter().enumerate() {
                    out.information[(i, j)] += curvature * x * other;
                }
                out.information[(p, i)] += mixed * x;
            }
            out.gradient[p] -= weight * part.first * w;
            out.information[(p, p)] -= weight * (part.second * w * w + part.first * w);
        }
        // Sigma is 1: its row has no pivot, and it stays where it is.
        if distribution.has_fixed_scale() {
            out.gradient[p] = 0.0;
            out.information.row_mut(p).fill(0.0);
        }
        out.information.fill_upper_triangle_with_lower_triangle();
        out
    }
}

impl Objective for Likelihood {
    fn value(&self) -> f64 {
        self.value
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|value| value.is_finite())
            && self.information.iter().all(|value| value.is_finite())
    }

    /// Newton's step, or one towards the gradient where the information is
    /// not positive.
    fn step(&self) -> Vec<f64> {
        let size = self.gradient.len();
        let factors = Factors::new(&self.information, RANK_TOLERANCE);
        let mut step = factors.solve(&self.gradient);
        // Where all residuals are nothing, the likelihood has a slope in the
        // scale but no curvature.
        let last = size - 1;
        if !factors.is_kept(last) {
            // At most a unit of log sigma a step.
            step[last] = self.gradient[last].clamp(-1.0, 1.0);
        }
        let rise: f64 = step.iter().zip(&self.gradient).map(|(a, b)| a * b).sum();
        // Of a gradient that is rounding, so is the rise, and its sign says nothing.
        let flat = self.gradient.iter().all(|value| value.abs() < 1e-9);
        if rise > 0.0 || flat {
            return step;
        }
        // Far from the maximum the second derivative may point downhill: the step
        // is then along the gradient, as short as the sharpest bend asks.
        let largest = (0..size).fold(0.0_f64, |most, j| most.max(self.information[(j, j)].abs()));
        self.gradient.iter().map(|value| value / largest.max(1.0)).collect()
    }
}
