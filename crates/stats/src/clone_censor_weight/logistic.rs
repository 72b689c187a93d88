//! Logistic regression of subjects over intervals, with an intercept for each
//! interval, by Newton-Raphson.

use nalgebra::DMatrix;

use crate::Error;
use crate::cox::rank_tolerance;
use crate::symmetric::Factors;

/// Most iterations, and the change of a linear predictor that ends them.
const ITERATIONS: usize = 50;
const CONVERGED: f64 = 1e-11;
/// A linear predictor at which a probability is 0 or 1 to 1e-11: it only gets
/// there if covariates separate the outcomes.
const SEPARATED: f64 = 25.0;

/// The rows of a regression.
pub(super) struct LogisticRows {
    /// Covariates by subject, each centred and over its largest value.
    covariates: Vec<Vec<f64>>,
    n_covariates: usize,
    n_intervals: usize,
    /// Interval, subject, outcome.
    rows: Vec<(usize, usize, bool)>,
}

/// A fitted regression.
pub(super) struct LogisticFit {
    rows: LogisticRows,
    coefficients: Vec<f64>,
    /// Whether the covariates separate the outcomes.
    pub(super) is_separated: bool,
}

impl LogisticRows {
    /// `covariates` has `n_covariates` columns of `n` values.
    pub(super) fn new(covariates: &[f64], n_covariates: usize, n: usize) -> Self {
        let columns: Vec<Vec<f64>> = covariates.chunks(n).map(standardized).collect();
        let of = |subject: usize| columns.iter().map(|column| column[subject]).collect();
        Self {
            covariates: (0..n).map(of).collect(),
            n_covariates,
            n_intervals: 0,
            rows: Vec::new(),
        }
    }

    /// Adds an interval with those at risk in it and their outcome.
    pub(super) fn add_interval(&mut self, at_risk: &[(usize, bool)]) {
        let interval = self.n_intervals;
        self.rows.extend(at_risk.iter().map(|(subject, outcome)| (interval, *subject, *outcome)));
        self.n_intervals += 1;
    }

    /// Maximises the likelihood.
    pub(super) fn fit(self) -> Result<LogisticFit, Error> {
        let size = self.n_intervals + self.n_covariates;
        let mut fit =
            LogisticFit { coefficients: vec![0.0; size], rows: self, is_separated: false };
        for _ in 0..ITERATIONS {
            let (gradient, information) = fit.derivatives();
            let factors = Factors::new(&information, rank_tolerance());
            let step = factors.solve(&gradient);
            if step.iter().any(|change| !change.is_finite()) {
                break;
            }
            fit.coefficients.iter_mut().zip(&step).for_each(|(beta, change)| *beta += change);
            if fit.largest_predictor() > SEPARATED {
                fit.is_separated = true;
                return Ok(fit);
            }
            if step.iter().all(|change| change.abs() <= CONVERGED) {
                return Ok(fit);
            }
        }
        Err(Error::NotConverged { what: "the logistic model", iterations: ITERATIONS })
    }
}

impl LogisticFit {
    /// The probability of the outcome for a subject in an interval.
    pub(super) fn probability(&self, interval: usize, subject: usize) -> f64 {
        1.0 / (1.0 + libm::exp(-self.predictor(interval, subject)))
    }

    fn predictor(&self, interval: usize, subject: usize) -> f64 {
        let slopes = &self.coefficients[self.rows.n_intervals..];
        let terms = slopes.iter().zip(&self.rows.covariates[subject]);
        self.coefficients[interval] + terms.map(|(beta, x)| beta * x).sum::<f64>()
    }

    fn largest_predictor(&self) -> f64 {
        let rows = self.rows.rows.iter();
        let sizes = rows.map(|(interval, subject, _)| self.predictor(*interval, *subject).abs());
        sizes.fold(0.0_f64, f64::max)
    }

    fn derivatives(&self) -> (Vec<f64>, DMatrix<f64>) {
        let (first, size) = (self.rows.n_intervals, self.coefficients.len());
        let mut gradient = vec![0.0; size];
        let mut information = DMatrix::zeros(size, size);
        for (interval, subject, outcome) in &self.rows.rows {
            let probability = self.probability(*interval, *subject);
            let rest = f64::from(*outcome) - probability;
            let variance = probability * (1.0 - probability);
            let x = &self.rows.covariates[*subject];
            gradient[*interval] += rest;
            information[(*interval, *interval)] += variance;
            for (i, left) in x.iter().enumerate() {
                gradient[first + i] += rest * left;
                information[(first + i, *interval)] += variance * left;
                information[(*interval, first + i)] += variance * left;
                for (j, right) in x.iter().enumerate() {
                    information[(first + i, first + j)] += variance * left * right;
                }
            }
        }
        (gradient, information)
    }
}

/// A column less its mean, over its largest distance from it.
fn standardized(column: &[f64]) -> Vec<f64> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let largest = column.iter().fold(0.0_f64, |most, x| most.max((x - mean).abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    column.iter().map(|x| (x - mean) / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(covariates: &[f64], outcomes: &[bool]) -> LogisticRows {
        let mut rows = LogisticRows::new(covariates, 1, outcomes.len());
        rows.add_interval(&outcomes.iter().copied().enumerate().collect::<Vec<_>>());
        rows
    }

    /// Two groups of 1 in 4 and 3 in 4: the observed shares.
    #[test]
    fn a_saturated_model_gives_the_observed_shares() {
        let x = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let outcomes = [true, false, false, false, true, true, true, false];
        let fit = rows(&x, &outcomes).fit().unwrap();
        assert!((fit.probability(0, 0) - 0.25).abs() < 1e-12);
        assert!((fit.probability(0, 7) - 0.75).abs() < 1e-12);
        assert!(!fit.is_separated);
    }

    #[test]
    fn separation_is_told() {
        let fit = rows(&[1.0, 2.0, 3.0, 4.0], &[false, false, true, true]).fit().unwrap();
        assert!(fit.is_separated);
    }

    #[test]
    fn a_constant_covariate_changes_nothing() {
        let fit = rows(&[2.0; 4], &[true, false, false, false]).fit().unwrap();
        assert!((fit.probability(0, 1) - 0.25).abs() < 1e-12);
    }
}
