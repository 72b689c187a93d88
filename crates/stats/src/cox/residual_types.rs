//! The residuals of a fitted model that its user sees.

use nalgebra::DMatrix;

use super::residuals::{residuals, run_means};
use super::{CoxFit, CoxModel, RiskSets, scaled_coefficients};

/// The Schoenfeld residual of one event (Schoenfeld 1982).
#[derive(Debug, Clone, PartialEq)]
pub struct SchoenfeldResidual {
    /// Position of the subject, or interval, in the data.
    pub subject: usize,
    /// Event time.
    pub time: f64,
    /// One for each column: x less its mean over the risk set, weighted by
    /// exp(beta'x); under Efron's approximation the mean of the time's means.
    pub residuals: Vec<f64>,
}

/// Rows are subjects of right-censored data and intervals of counting data,
/// in the caller's order. `fit` is a fit of the model.
impl CoxModel<'_> {
    /// Martingale residuals, event minus expected events: d - r (H(stop) -
    /// H(start)), with r = exp(beta'x) and H the baseline hazard of the
    /// stratum (Therneau, Grambsch and Fleming 1990). Under Efron's
    /// approximation a death at t takes its part of the steps at t only. Those
    /// of a subject's intervals add up to the subject's; weighted, they sum to
    /// zero.
    pub fn martingale_residuals(&self, fit: &CoxFit) -> Vec<f64> {
        let sets = RiskSets::new(self);
        residuals(&sets, &scaled_coefficients(fit, &sets)).martingale
    }

    /// Deviance residuals: sign(m) sqrt(-2 (m + d log(d - m))) of a row with
    /// martingale residual m and d = 1 for an event, else 0 (Therneau et al.
    /// 1990).
    pub fn deviance_residuals(&self, fit: &CoxFit) -> Vec<f64> {
        let martingale = self.martingale_residuals(fit);
        let deviance = |(m, event): (&f64, &bool)| {
            // Without an event d log(d - m) is 0. With one, 1 - m is the expected
            // number and above zero.
            let log = if *event { libm::log(1.0 - m) } else { 0.0 };
            // At m near zero the two terms cancel to a small negative number.
            m.signum() * (-2.0 * (m + log)).max(0.0).sqrt()
        };
        martingale.iter().zip(self.follow_up.events()).map(deviance).collect()
    }

    /// Score residuals, `n` x `p`: each row's share of the derivative of the
    /// log-likelihood, without its weight: the integral of x - m(t), m being
    /// the mean over the risk set, over the row's martingale (Therneau,
    /// Grambsch and Fleming 1990).
    pub fn score_residuals(&self, fit: &CoxFit) -> DMatrix<f64> {
        let sets = RiskSets::new(self);
        let score = residuals(&sets, &scaled_coefficients(fit, &sets)).score;
        DMatrix::from_fn(self.follow_up.n(), self.covariates.n_columns(), |i, j| {
            // Scores are derivatives by scaled coefficients: by the chain rule
            // those by beta are over the scale.
            score[i * self.covariates.n_columns() + j] / sets.scales[j]
        })
    }

    /// The change in each coefficient, to first order, when a row is left
    /// out, `n` x `p`: its weight times its score residual times the inverse
    /// information (Cain and Lange 1984); 0 for a dropped column.
    pub fn dfbeta(&self, fit: &CoxFit) -> DMatrix<f64> {
        let mut score = self.score_residuals(fit);
        // Without weights the iterator is empty: `unwrap_or_default` is an empty
        // slice, and no row is changed.
        for (mut row, weight) in score.row_iter_mut().zip(self.weights.unwrap_or_default()) {
            row *= *weight;
        }
        score * &fit.naive_covariance
    }

    /// Schoenfeld residuals, unscaled and without weights, by stratum, then
    /// ascending event time. The scaled ones come with
    /// [`proportional_hazards`](crate::proportional_hazards).
    pub fn schoenfeld_residuals(&self, fit: &CoxFit) -> Vec<SchoenfeldResidual> {
        let sets = RiskSets::new(self);
        schoenfeld(self.follow_up.ends(), &sets, &scaled_coefficients(fit, &sets))
            .into_iter()
            .map(|(_, residual)| residual)
            .collect()
    }
}

/// The residual of each event with the position of its run.
pub(crate) fn schoenfeld(
    ends: &[f64],
    sets: &RiskSets,
    beta: &[f64],
) -> Vec<(usize, SchoenfeldResidual)> {
    let means = run_means(sets, beta);
    let mut strata = Vec::new();
    let mut rows = Vec::new();
    // Reversed, times ascend; strata come out in reverse, and are turned at the
    // end.
    for (position, run) in sets.runs.iter().enumerate().rev() {
        for row in run.deaths() {
            let subject = sets.subjects[row];
            let x = sets.row(row);
            let difference = x.iter().zip(&means[position]).zip(&sets.scales);
            let residuals = difference.map(|((x, mean), scale)| (x - mean) / scale).collect();
            let time = ends[subject];
            rows.push((position, SchoenfeldResidual { subject, time, residuals }));
        }
        // Runs were walked from the last stratum to the first.
        if run.opens_stratum {
            strata.push(std::mem::take(&mut rows));
        }
    }
    strata.into_iter().rev().flatten().collect()
}
