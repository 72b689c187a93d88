//! The one pass over the risk sets that likelihood, residuals and the test of
//! proportional hazards share.

use std::ops::Range;

use super::{CoxModel, Ties};

/// A model's subjects in the order of the pass: by stratum, then descending
/// time, deaths before the censored of the same time. Covariates are centred
/// and scaled, which changes no test and keeps sums small.
#[derive(Debug, Clone)]
pub(crate) struct RiskSets {
    /// Position of each row in the caller's order.
    pub(crate) subjects: Vec<usize>,
    /// Covariates, row-major: (x - center) * scale.
    pub(crate) covariates: Vec<f64>,
    /// Case weight of each row.
    pub(crate) weights: Vec<f64>,
    /// Rows of equal time, in the order of the pass.
    pub(crate) runs: Vec<Run>,
    /// Subtracted from each column; 0 for a column of -1, 0, 1 alone.
    pub(crate) centers: Vec<f64>,
    /// Multiplies each column after centring.
    pub(crate) scales: Vec<f64>,
    ties: Ties,
}

/// The rows of one time in one stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    start: usize,
    end: usize,
    n_deaths: usize,
    /// Whether it holds the stratum's last time, with which the pass begins.
    pub(crate) opens_stratum: bool,
}

impl Run {
    /// All its rows.
    pub(crate) fn rows(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The rows with the event.
    pub(crate) fn deaths(&self) -> Range<usize> {
        self.start..self.start + self.n_deaths
    }
}

/// One factor of the partial likelihood's denominator: an event time under
/// Breslow's approximation, one death of it under Efron's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// Which run, by position.
    pub(crate) run: usize,
    /// The share of the time's deaths it stands for: 1, or 1 / d.
    pub(crate) share: f64,
    /// The share by which the deaths' risk is reduced: 0, or l / d.
    pub(crate) reduction: f64,
    /// Case weight of the deaths it stands for.
    pub(crate) weight: f64,
    /// Sum of weight times exp(eta) over the reduced risk set.
    pub(crate) denominator: f64,
    /// Mean covariates over it.
    pub(crate) mean: &'a [f64],
    /// Their covariance over it: the lower triangle by rows.
    pub(crate) covariance: &'a [f64],
    /// Weighted sum of eta over all deaths at the time.
    pub(crate) death_predictor: f64,
    /// Weighted sum of covariates over all deaths at the time.
    pub(crate) death_covariates: &'a [f64],
}

impl RiskSets {
    /// Sorts, centres and scales a model's subjects.
    pub(crate) fn new(model: &CoxModel<'_>) -> Self {
        let (subjects, runs) = arrange(model);
        let weights: Vec<f64> = match model.weights {
            Some(weights) => subjects.iter().map(|subject| weights[*subject]).collect(),
            None => vec![1.0; subjects.len()],
        };
        let n_columns = model.n_covariates;
        let mut covariates = vec![0.0; subjects.len() * n_columns];
        let mut centers = Vec::with_capacity(n_columns);
        let mut scales = Vec::with_capacity(n_columns);
        for column in 0..n_columns {
            let values: Vec<f64> =
                subjects.iter().map(|subject| model.covariate(*subject, column)).collect();
            let (center, scale) = center_and_scale(&values, &weights);
            for (row, value) in values.iter().enumerate() {
                covariates[row * n_columns + column] = (value - center) * scale;
            }
            centers.push(center);
            // A constant column was multiplied by 0 to be seen as collinear.
            scales.push(if scale == 0.0 { 1.0 } else { scale });
        }
        Self { subjects, covariates, weights, runs, centers, scales, ties: model.ties }
    }

    /// Number of covariates.
    pub(crate) fn n_columns(&self) -> usize {
        self.centers.len()
    }

    /// Covariates of a row.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.covariates[row * self.n_columns()..(row + 1) * self.n_columns()]
    }

    /// eta of a row at the scaled coefficients `beta`.
    pub(crate) fn predictor(&self, row: usize, beta: &[f64]) -> f64 {
        self.row(row).iter().zip(beta).map(|(x, b)| x * b).sum()
    }

    /// Visits every step at the scaled coefficients `beta`, strata in order
    /// and time descending: O(n p^2) and no allocation inside.
    pub(crate) fn walk(&self, beta: &[f64], mut visit: impl FnMut(&Step<'_>)) {
        let mut pass = Pass::new(self.n_columns());
        for (position, run) in self.runs.iter().enumerate() {
            if run.opens_stratum {
                pass.at_risk.clear();
            }
            pass.enter(self, beta, run);
            let n_steps = match self.ties {
                Ties::Breslow => run.n_deaths.min(1),
                Ties::Efron => run.n_deaths,
            };
            for step in 0..n_steps {
                pass.visit_step(position, step, n_steps, &mut visit);
            }
        }
    }
}

/// The sums that a pass carries along.
struct Pass {
    at_risk: Moments,
    dying: Moments,
    death_weight: f64,
    death_predictor: f64,
    death_covariates: Vec<f64>,
    mean: Vec<f64>,
    covariance: Vec<f64>,
}

impl Pass {
    fn new(n_columns: usize) -> Self {
        Self {
            at_risk: Moments::new(n_columns),
            dying: Moments::new(n_columns),
            death_weight: 0.0,
            death_predictor: 0.0,
            death_covariates: vec![0.0; n_columns],
            mean: vec![0.0; n_columns],
            covariance: vec![0.0; n_columns * (n_columns + 1) / 2],
        }
    }

    /// Adds a run to the risk set and collects its deaths.
    fn enter(&mut self, sets: &RiskSets, beta: &[f64], run: &Run) {
        if run.n_deaths > 0 {
            self.dying.clear();
            self.death_covariates.fill(0.0);
            self.death_weight = 0.0;
            self.death_predictor = 0.0;
        }
        for row in run.rows() {
            let (x, weight, eta) = (sets.row(row), sets.weights[row], sets.predictor(row, beta));
            let risk = weight * libm::exp(eta);
            self.at_risk.add(risk, x);
            if run.deaths().contains(&row) {
                self.dying.add(risk, x);
                self.death_weight += weight;
                self.death_predictor += weight * eta;
                add_scaled(&mut self.death_covariates, weight, x);
            }
        }
    }

    /// Forms one step of the run at `position` and visits it.
    fn visit_step(
        &mut self,
        position: usize,
        step: usize,
        n_steps: usize,
        visit: &mut impl FnMut(&Step<'_>),
    ) {
        let share = 1.0 / n_steps as f64;
        let reduction = step as f64 / n_steps as f64;
        let (all, dying) = (&self.at_risk, &self.dying);
        let denominator = all.total - reduction * dying.total;
        average(&mut self.mean, &all.first, &dying.first, reduction, denominator);
        average(&mut self.covariance, &all.second, &dying.second, reduction, denominator);
        subtract_square(&mut self.covariance, &self.mean);
        visit(&Step {
            run: position,
            share,
            reduction,
            weight: self.death_weight * share,
            denominator,
            mean: &self.mean,
            covariance: &self.covariance,
            death_predictor: self.death_predictor,
            death_covariates: &self.death_covariates,
        });
    }
}

/// Weighted sums of 1, x and xx' over a set.
#[derive(Debug)]
struct Moments {
    total: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Moments {
    fn new(n_columns: usize) -> Self {
        let second = vec![0.0; n_columns * (n_columns + 1) / 2];
        Self { total: 0.0, first: vec![0.0; n_columns], second }
    }

    fn clear(&mut self) {
        self.total = 0.0;
        self.first.fill(0.0);
        self.second.fill(0.0);
    }

    fn add(&mut self, weight: f64, x: &[f64]) {
        self.total += weight;
        add_scaled(&mut self.first, weight, x);
        let mut rest = self.second.as_mut_slice();
        for (j, value) in x.iter().enumerate() {
            let (line, below) = rest.split_at_mut(j + 1);
            add_scaled(line, weight * value, x);
            rest = below;
        }
    }
}

/// Adds `factor` times `x` to as many values as `sums` has.
pub(crate) fn add_scaled(sums: &mut [f64], factor: f64, x: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(x) {
        *sum += factor * value;
    }
}

/// (all - reduction * dying) / denominator.
fn average(out: &mut [f64], all: &[f64], dying: &[f64], reduction: f64, denominator: f64) {
    for ((out, all), dying) in out.iter_mut().zip(all).zip(dying) {
        *out = (all - reduction * dying) / denominator;
    }
}

/// Subtracts mean mean' from a lower triangle by rows.
fn subtract_square(triangle: &mut [f64], mean: &[f64]) {
    let mut rest = triangle;
    for (j, value) in mean.iter().enumerate() {
        let (line, below) = rest.split_at_mut(j + 1);
        add_scaled(line, -value, mean);
        rest = below;
    }
}

/// The rows in the order of the pass, and their runs.
fn arrange(model: &CoxModel<'_>) -> (Vec<usize>, Vec<Run>) {
    let mut subjects = Vec::with_capacity(model.data.n());
    let mut runs = Vec::new();
    for order in model.data.order_by_stratum(model.strata) {
        let tied: Vec<&[usize]> = model.data.tied_runs(&order).collect();
        for (position, tied) in tied.into_iter().rev().enumerate() {
            let start = subjects.len();
            let has_event = |subject: &&usize| model.data.events()[**subject];
            subjects.extend(tied.iter().filter(has_event));
            let n_deaths = subjects.len() - start;
            subjects.extend(tied.iter().filter(|subject| !has_event(subject)));
            runs.push(Run { start, end: subjects.len(), n_deaths, opens_stratum: position == 0 });
        }
    }
    (subjects, runs)
}

/// Weighted mean and inverse mean absolute deviation of a column; nothing to
/// do for one of -1, 0, 1 alone, and scale 0 for a constant.
fn center_and_scale(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let is_constant = values.iter().all(|value| *value == values[0]);
    if is_constant {
        return (values[0], 0.0);
    }
    if values.iter().all(|value| [-1.0, 0.0, 1.0].contains(value)) {
        return (0.0, 1.0);
    }
    let total: f64 = weights.iter().sum();
    let mean =
        values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total;
    let deviations =
        values.iter().zip(weights).map(|(value, weight)| weight * (value - mean).abs());
    (mean, total / deviations.sum::<f64>())
}
