//! Martingale and score residuals, by one ascending pass over hazards that
//! the descending pass has collected.

use super::arrangement::Run;
use super::risk_sets::RiskSets;
use crate::symmetric::add_scaled;

/// Residuals of the subjects in the caller's order.
#[derive(Debug, Clone)]
pub(crate) struct Residuals {
    /// Event minus expected events.
    pub(crate) martingale: Vec<f64>,
    /// Derivative of the log-likelihood's term by the scaled coefficients,
    /// row-major.
    pub(crate) score: Vec<f64>,
}

/// The hazard that a run adds, and its product with the mean covariates.
#[derive(Debug, Clone, Default)]
struct Increment {
    /// For those who survive the run's time.
    survivors: Hazard,
    /// For those who die at it, reduced under Efron's approximation.
    dying: Hazard,
    /// Mean covariates over the run's steps.
    mean: Vec<f64>,
}

/// A sum of hazards, and of hazards times mean covariates.
#[derive(Debug, Clone, Default)]
struct Hazard {
    total: f64,
    times_mean: Vec<f64>,
}

impl Hazard {
    fn new(n_columns: usize) -> Self {
        Self { total: 0.0, times_mean: vec![0.0; n_columns] }
    }

    fn add(&mut self, hazard: f64, mean: &[f64]) {
        self.total += hazard;
        add_scaled(&mut self.times_mean, hazard, mean);
    }

    fn add_all(&mut self, other: &Self) {
        self.total += other.total;
        add_scaled(&mut self.times_mean, 1.0, &other.times_mean);
    }
}

/// Mean covariates of the risk set at each run's time, averaged over the
/// time's steps; empty for a run without deaths.
pub(crate) fn run_means(sets: &RiskSets, beta: &[f64]) -> Vec<Vec<f64>> {
    increments(sets, beta).into_iter().map(|increment| increment.mean).collect()
}

/// Collects what each run adds.
fn increments(sets: &RiskSets, beta: &[f64]) -> Vec<Increment> {
    let mut increments = vec![Increment::default(); sets.runs.len()];
    sets.walk(beta, |step| {
        let increment = &mut increments[step.run];
        if increment.mean.is_empty() {
            increment.survivors = Hazard::new(step.mean.len());
            increment.dying = Hazard::new(step.mean.len());
            increment.mean = vec![0.0; step.mean.len()];
        }
        let hazard = step.weight / step.denominator;
        increment.survivors.add(hazard, step.mean);
        // A death at the time is in the step's denominator with 1 - l / d of its
        // risk: it is charged that share.
        increment.dying.add(hazard * (1.0 - step.reduction), step.mean);
        // Each step has the same share of the time, so that the mean over steps is
        // a plain one.
        add_scaled(&mut increment.mean, step.share, step.mean);
    });
    increments
}

/// Residuals at the scaled coefficients `beta`.
pub(crate) fn residuals(sets: &RiskSets, beta: &[f64]) -> Residuals {
    let n_columns = sets.n_columns();
    let mut out = Residuals {
        martingale: vec![0.0; sets.subjects.len()],
        score: vec![0.0; sets.covariates.len()],
    };
    let increments = increments(sets, beta);
    let mut before = Hazard::new(n_columns);
    // Runs are kept from the latest on, as risk sets grow; hazard adds up from the
    // earliest.
    for (run, increment) in sets.runs.iter().zip(&increments).rev() {
        // `before` holds earlier times only: the run's own hazard comes with
        // `increment`.
        for row in run.rows() {
            set_residual(&mut out, sets, beta, row, &before, run, increment);
        }
        before.add_all(&increment.survivors);
        // Rows that start between this time and the next: the hazard so far came
        // before them.
        for &row in &sets.entries[run.entries()] {
            forgive(&mut out, sets, beta, row, &before);
        }
        // A stratum's latest time opens it in the pass; with times ascending it is
        // the last one.
        if run.opens_stratum {
            before = Hazard::new(n_columns);
        }
    }
    out
}

/// Sets the residuals of one row, given the hazard before its time.
fn set_residual(
    out: &mut Residuals,
    sets: &RiskSets,
    beta: &[f64],
    row: usize,
    before: &Hazard,
    run: &Run,
    increment: &Increment,
) {
    let subject = sets.subjects[row];
    let x = sets.row(row);
    let risk = libm::exp(sets.predictor(row, beta));
    let dies = run.deaths().contains(&row);
    let own = if dies { &increment.dying } else { &increment.survivors };
    let expected = risk * (before.total + own.total);
    out.martingale[subject] += f64::from(u8::from(dies)) - expected;
    let score = &mut out.score[subject * x.len()..(subject + 1) * x.len()];
    if dies {
        add_scaled(score, 1.0, &x);
        add_scaled(score, -1.0, &increment.mean);
    }
    // The score: the integral of x - mean(t) over the martingale, split into the
    // jump and the expected part.
    add_scaled(score, -expected, &x);
    add_scaled(score, risk, &before.times_mean);
    add_scaled(score, risk, &own.times_mean);
}

/// Takes back the hazard up to the start of a row that enters late.
fn forgive(out: &mut Residuals, sets: &RiskSets, beta: &[f64], row: usize, before: &Hazard) {
    let subject = sets.subjects[row];
    let x = sets.row(row);
    let risk = libm::exp(sets.predictor(row, beta));
    out.martingale[subject] += risk * before.total;
    let score = &mut out.score[subject * x.len()..(subject + 1) * x.len()];
    add_scaled(score, risk * before.total, &x);
    add_scaled(score, -risk, &before.times_mean);
}
