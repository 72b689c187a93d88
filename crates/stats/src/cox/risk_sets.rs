//! The one pass over the risk sets that likelihood, residuals and the test of
//! proportional hazards share.

use std::ops::Range;

use rayon::prelude::*;

use super::arrangement::{Arrangement, Run, arrange};
use super::gram::Columns;
use super::moments::{Moments, average, subtract_square};
use super::standardize::{MANY, center_and_scale, gather};
use super::{CoxModel, Ties};
use crate::symmetric::add_scaled;

/// A model's subjects in the order of the pass: by stratum, then descending
/// time, deaths before the censored of the same time. Covariates are centred
/// and scaled, which changes no test and keeps sums small.
#[derive(Debug, Clone)]
pub(crate) struct RiskSets {
    /// Position of each row in the caller's order.
    pub(crate) subjects: Vec<usize>,
    /// Covariates, column after column: (x - center) * scale.
    pub(crate) covariates: Vec<f64>,
    /// Case weight of each row.
    pub(crate) weights: Vec<f64>,
    /// Its case weight if it has the event, else zero.
    pub(super) death_weights: Vec<f64>,
    /// Known part of each row's eta, from its mean; empty if there is none.
    pub(crate) offsets: Vec<f64>,
    /// Sum of weight times covariates over all deaths.
    pub(super) death_covariates: Vec<f64>,
    /// Sum of weight times offset over all deaths.
    pub(super) death_offset: f64,
    /// Rows of equal time, in the order of the pass.
    pub(crate) runs: Vec<Run>,
    /// Rows that enter late, by stratum, then descending start.
    pub(crate) entries: Vec<usize>,
    /// Subtracted from each column; 0 for a column of -1, 0, 1 alone.
    pub(crate) centers: Vec<f64>,
    /// Multiplies each column after centring.
    pub(crate) scales: Vec<f64>,
    ties: Ties,
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
        let Arrangement { subjects, runs, entries } = arrange(model);
        let offsets = model.offsets.unwrap_or_default();
        // From the mean: exp(offset) stays moderate, and the constant cancels in
        // every ratio of risks.
        let center = offset_center(model);
        let known = subjects.iter().filter_map(|subject| offsets.get(*subject));
        let offsets: Vec<f64> = known.map(|offset| offset - center).collect();
        let weights: Vec<f64> = match model.weights {
            Some(weights) => subjects.iter().map(|subject| weights[*subject]).collect(),
            None => vec![1.0; subjects.len()],
        };
        let events = model.follow_up.events();
        let deaths = subjects.iter().zip(&weights);
        let death_weights: Vec<f64> =
            deaths.map(|(subject, weight)| if events[*subject] { *weight } else { 0.0 }).collect();
        let death_offset = offsets.iter().zip(&death_weights).map(|(x, weight)| x * weight).sum();
        let columns: Vec<&[f64]> = model.covariates.columns().collect();
        let scaling = |column: &&[f64]| center_and_scale(column, model.weights);
        // A few thousand rows are done before a second thread has begun.
        let scalings: Vec<(f64, f64)> = if subjects.len() < MANY {
            columns.iter().map(scaling).collect()
        } else {
            columns.par_iter().map(scaling).collect()
        };
        let (covariates, death_covariates) = gather(&columns, &scalings, &subjects, &death_weights);
        // A constant column was multiplied by 0 to be seen as collinear.
        let undone = |scale: f64| if scale == 0.0 { 1.0 } else { scale };
        Self {
            subjects,
            covariates,
            weights,
            death_weights,
            offsets,
            death_covariates,
            death_offset,
            runs,
            entries,
            centers: scalings.iter().map(|(center, _)| *center).collect(),
            scales: scalings.iter().map(|(_, scale)| undone(*scale)).collect(),
            ties: model.ties,
        }
    }

    /// The same risk sets with one more column, not in eta, of a value a row.
    pub(super) fn with_column(&self, values: &[f64]) -> Self {
        // Only what differs is new; the column has no scaling of its own.
        let covariates = [&self.covariates, values].concat();
        let with = |constants: &[f64], last: f64| [constants, &[last]].concat();
        let (centers, scales) = (with(&self.centers, 0.0), with(&self.scales, 1.0));
        Self { covariates, centers, scales, ..self.clone() }
    }

    /// Number of covariates.
    pub(crate) fn n_columns(&self) -> usize {
        self.centers.len()
    }

    /// Some rows of the covariates.
    pub(super) fn columns(&self, rows: Range<usize>) -> Columns<'_> {
        Columns::new(&self.covariates, self.subjects.len(), self.n_columns(), rows)
    }

    /// Covariates of a row.
    pub(crate) fn row(&self, row: usize) -> Vec<f64> {
        let mut x = vec![0.0; self.n_columns()];
        self.read_row(row, &mut x);
        x
    }

    /// Copies a row's covariates to `x`.
    fn read_row(&self, row: usize, x: &mut [f64]) {
        let column = self.covariates[row..].iter().step_by(self.subjects.len());
        x.iter_mut().zip(column).for_each(|(x, value)| *x = *value);
    }

    /// Writes eta of some rows at the scaled coefficients `beta`.
    pub(super) fn predict(&self, rows: Range<usize>, beta: &[f64], out: &mut [f64]) {
        match self.offsets.get(rows.clone()) {
            Some(offsets) => out.copy_from_slice(offsets),
            None => out.fill(0.0),
        }
        // Columns with a coefficient of zero (dropped, or at the start) are not
        // read.
        let used: Vec<usize> = (0..beta.len()).filter(|j| beta[*j] != 0.0).collect();
        self.columns(rows).add_to(out, &used, |j, x| beta[j] * x);
    }

    /// eta of a row at the scaled coefficients `beta`.
    pub(crate) fn predictor(&self, row: usize, beta: &[f64]) -> f64 {
        let known = self.offsets.get(row).copied().unwrap_or_default();
        let column = self.covariates[row..].iter().step_by(self.subjects.len());
        known + column.zip(beta).map(|(x, b)| x * b).sum::<f64>()
    }

    /// How many are at risk at each of a stratum's runs; where no one dies
    /// those who enter late count too early.
    pub(super) fn n_at_risk(&self, runs: Range<usize>) -> Vec<usize> {
        let mut count = 0;
        let mut counts = Vec::with_capacity(runs.len());
        for run in &self.runs[runs] {
            // Entries are rows that came in later in time: going back, they leave.
            count += run.rows().len();
            count -= run.entries().len();
            counts.push(count);
        }
        counts
    }

    /// Steps of a run's time: 1 under Breslow's approximation, the number of
    /// deaths under Efron's.
    pub(super) fn n_steps(&self, run: &Run) -> usize {
        match self.ties {
            Ties::Breslow | Ties::Exact => run.deaths().len().min(1),
            Ties::Efron => run.deaths().len(),
        }
    }

    /// Visits every step at the scaled coefficients `beta`, strata in order
    /// and time descending: O(n p^2) and no allocation inside.
    pub(crate) fn walk(&self, beta: &[f64], mut visit: impl FnMut(&Step<'_>)) {
        let mut pass = Pass::new(self.n_columns());
        for (position, run) in self.runs.iter().enumerate() {
            if run.opens_stratum {
                pass.at_risk.clear();
                pass.n_at_risk = 0;
            }
            // Leave before enter: who starts at or after this time is not at risk
            // at it, whoever ends at it is.
            pass.leave(self, beta, run);
            pass.enter(self, beta, run);
            let n_steps = self.n_steps(run);
            for step in 0..n_steps {
                // Without deaths there are no steps and nothing is visited.
                pass.visit_step(position, step, n_steps, &mut visit);
            }
        }
    }
}

/// The mean offset, or 0 without offsets.
pub(super) fn offset_center(model: &CoxModel<'_>) -> f64 {
    model.offsets.map_or(0.0, |offsets| offsets.iter().sum::<f64>() / offsets.len() as f64)
}

/// The sums that a pass carries along.
struct Pass {
    at_risk: Moments,
    n_at_risk: usize,
    dying: Moments,
    death_weight: f64,
    death_predictor: f64,
    death_covariates: Vec<f64>,
    mean: Vec<f64>,
    covariance: Vec<f64>,
    /// Covariates of one row.
    x: Vec<f64>,
}

impl Pass {
    fn new(n_columns: usize) -> Self {
        Self {
            at_risk: Moments::new(n_columns),
            n_at_risk: 0,
            dying: Moments::new(n_columns),
            death_weight: 0.0,
            death_predictor: 0.0,
            death_covariates: vec![0.0; n_columns],
            mean: vec![0.0; n_columns],
            covariance: vec![0.0; n_columns * (n_columns + 1) / 2],
            x: vec![0.0; n_columns],
        }
    }

    /// Adds a run to the risk set and collects its deaths.
    fn enter(&mut self, sets: &RiskSets, beta: &[f64], run: &Run) {
        // A run without deaths is not asked for them; their sums are left as they
        // are.
        if run.n_deaths > 0 {
            self.dying.clear();
            self.death_covariates.fill(0.0);
            self.death_weight = 0.0;
            self.death_predictor = 0.0;
        }
        for row in run.rows() {
            let (weight, eta) = (sets.weights[row], sets.predictor(row, beta));
            sets.read_row(row, &mut self.x);
            let x = &self.x;
            let risk = weight * libm::exp(eta);
            self.at_risk.add(risk, x);
            self.n_at_risk += 1;
            if run.deaths().contains(&row) {
                self.dying.add(risk, x);
                self.death_weight += weight;
                self.death_predictor += weight * eta;
                add_scaled(&mut self.death_covariates, weight, x);
            }
        }
    }

    /// Takes those who start at or after a run's time out of the risk set.
    fn leave(&mut self, sets: &RiskSets, beta: &[f64], run: &Run) {
        for &row in &sets.entries[run.entries()] {
            let risk = sets.weights[row] * libm::exp(sets.predictor(row, beta));
            sets.read_row(row, &mut self.x);
            self.at_risk.add(-risk, &self.x);
            self.n_at_risk -= 1;
        }
        // What rounding left of an emptied risk set would grow in later ones.
        if self.n_at_risk == 0 {
            self.at_risk.clear();
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
        // d deaths share the time's weight evenly, whatever their own weights, as
        // in R's Efron.
        let share = 1.0 / n_steps as f64;
        let reduction = step as f64 / n_steps as f64;
        let (all, dying) = (&self.at_risk, &self.dying);
        let denominator = all.total - reduction * dying.total;
        // With reduction 0 this is Breslow's mean over the whole risk set.
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
