//! A maximised logistic model: what it reports, and how that is derived.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use super::design::Design;
use super::maximize::{Maximum, maximize};
use super::objective::{Objective, probability};
use super::{LogisticModel, Penalty};
use crate::Error;
use crate::checks::check_length;
use crate::covariates::Covariates;
use crate::inference::{Coefficient, Test};
use crate::symmetric::{Factors, sum_of_squares, wald_test};
use crate::symmetric::{add_scaled, rank_tolerance};

/// The last step of a coefficient, relative to 1 + its size, above which it
/// may be infinite. At a maximum it is below 1e-11; on the way to infinity each
/// step is about 1 in the units of the linear predictor.
const MOVES: f64 = 1e-5;

/// A maximised logistic model.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticFit {
    /// The intercept: the log odds where every covariate is 0.
    pub intercept: Coefficient,
    /// One for each column; `None` for a column dropped as collinear.
    pub coefficients: Vec<Option<Coefficient>>,
    /// Covariance of intercept and coefficients, in this order: the sandwich
    /// if asked for, else the inverse information, to which a ridge adds its
    /// own; zero in rows and columns of dropped columns.
    pub covariance: DMatrix<f64>,
    /// Log-likelihood, without penalty, with all slopes 0.
    pub log_likelihood_null: f64,
    /// Log-likelihood, without penalty, at the estimate.
    pub log_likelihood: f64,
    /// Log-likelihood with the penalty at the estimate.
    pub penalized_log_likelihood: f64,
    /// tr(I H^-1), I being the information and H that plus the ridge's: the
    /// number of coefficients, the intercept's included, unless a ridge
    /// shrinks them.
    pub effective_degrees_of_freedom: f64,
    /// Likelihood-ratio test of all slopes: of the penalised likelihoods
    /// under Firth's penalty (the determinant being that of the whole
    /// information in both), of the plain ones otherwise. Under a ridge it is
    /// a rough guide.
    pub likelihood_ratio_test: Test,
    /// Wald test of all slopes, with `covariance`.
    pub wald_test: Test,
    /// Newton-Raphson iterations.
    pub iterations: usize,
    /// What makes the fit suspect: collinear columns, then infinite
    /// coefficients, then lack of convergence.
    pub warnings: Vec<LogisticWarning>,
    /// Subjects.
    pub n: usize,
    /// Those with the outcome.
    pub n_outcomes: usize,
    /// The log odds of each subject, in the caller's order.
    pub linear_predictors: Vec<f64>,
    /// The probability of each subject's outcome, in the caller's order.
    pub probabilities: Vec<f64>,
    /// Coefficients of the design, for profiles.
    pub(super) maximum: Vec<f64>,
}

/// A reason to distrust a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogisticWarning {
    /// The column is constant or a combination of those before it, and was
    /// dropped.
    Collinear {
        /// Its position, from zero.
        column: usize,
    },
    /// The coefficient would still move when the search ended, as it does if
    /// covariates separate those with the outcome from those without.
    MayBeInfinite {
        /// The column's position, from zero.
        column: usize,
    },
    /// The search did not converge; the estimates are those of its last step.
    NotConverged {
        /// Iterations made.
        iterations: usize,
    },
}

impl LogisticFit {
    /// The shape of a fit of `n_columns` covariates without its numbers, which
    /// are NaN: what a caller may take it for before there are subjects.
    #[must_use]
    pub fn of_nobody(n_columns: usize) -> Self {
        let coefficient = Coefficient::UNKNOWN;
        let test = Test { statistic: f64::NAN, degrees_of_freedom: n_columns, p_value: f64::NAN };
        Self {
            intercept: coefficient,
            coefficients: vec![Some(coefficient); n_columns],
            covariance: DMatrix::from_element(n_columns + 1, n_columns + 1, f64::NAN),
            log_likelihood_null: f64::NAN,
            log_likelihood: f64::NAN,
            penalized_log_likelihood: f64::NAN,
            effective_degrees_of_freedom: f64::NAN,
            likelihood_ratio_test: test,
            wald_test: test,
            iterations: 0,
            warnings: Vec::new(),
            n: 0,
            n_outcomes: 0,
            linear_predictors: Vec::new(),
            probabilities: Vec::new(),
            maximum: Vec::new(),
        }
    }

    /// The probabilities of further subjects, without offset: `covariates`
    /// has as many columns as the model, column-major.
    ///
    /// # Errors
    /// [`Error::Length`] if the columns are not whole.
    pub fn predict(&self, covariates: Covariates<'_>, n: usize) -> Result<Vec<f64>, Error> {
        Ok(self.log_odds(covariates, n)?.into_iter().map(probability).collect())
    }

    /// The log odds of further subjects, as [`predict`](Self::predict).
    pub(crate) fn log_odds(&self, covariates: Covariates<'_>, n: usize) -> Result<Vec<f64>, Error> {
        let covariates = covariates.of(n)?;
        check_length("covariates", covariates.n_columns(), self.coefficients.len())?;
        let beta = |j: usize| self.coefficients[j].map_or(0.0, |known| known.estimate);
        let eta = |subject: usize| {
            let slopes = covariates.columns().enumerate().map(|(j, x)| beta(j) * x[subject]);
            self.intercept.estimate + slopes.sum::<f64>()
        };
        Ok((0..n).map(eta).collect())
    }

    /// Wald test that the coefficients of `columns` (from zero) are all zero,
    /// those dropped as collinear left out.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn wald_test_of(&self, columns: &[usize]) -> Result<Test, Error> {
        let n_columns = self.coefficients.len();
        if let Some(&column) = columns.iter().find(|column| **column >= n_columns) {
            return Err(Error::NoSuchColumn { column, n_columns });
        }
        let known = self.coefficients.iter();
        let slopes = known.map(|known| known.map_or(0.0, |known| known.estimate));
        let beta: Vec<f64> = std::iter::once(self.intercept.estimate).chain(slopes).collect();
        let places: Vec<usize> = columns.iter().map(|column| column + 1).collect();
        Ok(wald_test(&beta, &self.covariance, &places))
    }
}

/// Fits a checked model.
pub(super) fn fit(model: &LogisticModel<'_>) -> Result<LogisticFit, Error> {
    let design = Design::new(model)?;
    let objective = Objective { model, design: &design };
    // Firth's likelihood is flat near its maximum, and its limits need coefficients
    // at rest.
    let by_rest = model.penalty == Penalty::Firth;
    let slopes: Vec<usize> = (1..design.size()).collect();
    // With all slopes fixed at zero; under Firth with the determinant of the whole
    // information all the same.
    let null = maximize(&objective, &start(model, design.size()), &slopes, by_rest);
    // From the null model, so that no step is spent on the share of outcomes.
    let maximum = maximize(&objective, &null.beta, &[], by_rest);
    if !null.at.is_finite() {
        return Err(Error::Overflow);
    }
    let covariance = match model.penalty {
        // The errors of Firth's estimate are those of the information alone, as in R's
        // `logistf`.
        Penalty::Firth => Factors::new(&maximum.at.information, rank_tolerance()).inverse(),
        Penalty::None | Penalty::Ridge(_) => {
            Factors::new(&maximum.at.curvature, rank_tolerance()).inverse()
        }
    };
    // The trace counts coefficients, less what a ridge shrinks.
    let effective = (&maximum.at.information * &covariance).trace();
    let covariance = match model.is_robust() {
        // HC0: no correction for the number of subjects or clusters.
        true => &covariance * scores_squared(&objective, &maximum.beta) * &covariance,
        false => covariance,
    };
    let back = design.back(model.covariates.n_columns());
    let beta = &back * DVector::from_column_slice(&maximum.beta);
    // Covariances go back to the covariates' units with the coefficients.
    let raw = &back * covariance * back.transpose();
    let coefficients = coefficients(model, &design, &maximum, &beta, &raw);
    let slopes: Vec<usize> = design.kept.iter().map(|column| column + 1).collect();
    let rise = match by_rest {
        true => maximum.at.value - null.at.value,
        false => maximum.at.plain - null.at.plain,
    };
    let df = design.kept.len();
    let linear_predictors = objective.predictors(&maximum.beta);
    let moves = has_moved(maximum.step[0], maximum.beta[0]);
    Ok(LogisticFit {
        intercept: Coefficient::new(beta[0], raw[(0, 0)].sqrt(), moves),
        log_likelihood_null: null.at.plain,
        log_likelihood: maximum.at.plain,
        penalized_log_likelihood: maximum.at.value + unit_change(model, &design),
        effective_degrees_of_freedom: effective,
        // Rounding may leave a rise just below zero where the slopes add nothing.
        likelihood_ratio_test: Test::new((2.0 * rise).max(0.0), df),
        wald_test: wald_test(beta.as_slice(), &raw, &slopes),
        iterations: maximum.iterations,
        warnings: warnings(&coefficients, &maximum),
        coefficients,
        covariance: raw,
        n: model.outcomes.len(),
        n_outcomes: model.outcomes.iter().filter(|outcome| **outcome).count(),
        probabilities: linear_predictors.iter().map(|eta| probability(*eta)).collect(),
        linear_predictors,
        maximum: maximum.beta,
    })
}

/// The log odds of the share of outcomes, and slopes of zero.
fn start(model: &LogisticModel<'_>, size: usize) -> Vec<f64> {
    let sum = |wanted: bool| -> f64 {
        let places = 0..model.outcomes.len();
        places.filter(|place| model.outcomes[*place] == wanted).map(|i| model.weight(i)).sum()
    };
    let mut start = vec![0.0; size];
    // With offsets the share of outcomes is not the intercept's own start.
    if model.offsets.is_none() {
        start[0] = libm::log(sum(true) / sum(false));
    }
    start
}

/// What the scaling of covariates takes from Firth's penalty.
fn unit_change(model: &LogisticModel<'_>, design: &Design) -> f64 {
    // log |I| / 2 of standardised columns is smaller by the sum of log scale than
    // that of the columns given.
    let logs: f64 = design.scales.iter().map(|scale| libm::log(*scale)).sum();
    if model.penalty == Penalty::Firth { logs } else { 0.0 }
}

fn has_moved(step: f64, beta: f64) -> bool {
    step.abs() > MOVES * (1.0 + beta.abs())
}

fn coefficients(
    model: &LogisticModel<'_>,
    design: &Design,
    maximum: &Maximum,
    beta: &DVector<f64>,
    covariance: &DMatrix<f64>,
) -> Vec<Option<Coefficient>> {
    let coefficient = |column: usize| {
        let place = design.kept.iter().position(|kept| *kept == column)? + 1;
        let moves = has_moved(maximum.step[place], maximum.beta[place]);
        let error = covariance[(column + 1, column + 1)].sqrt();
        Some(Coefficient::new(beta[column + 1], error, moves))
    };
    (0..model.covariates.n_columns()).map(coefficient).collect()
}

fn warnings(coefficients: &[Option<Coefficient>], maximum: &Maximum) -> Vec<LogisticWarning> {
    let columns = || coefficients.iter().enumerate();
    let collinear = columns()
        .filter(|(_, coefficient)| coefficient.is_none())
        .map(|(column, _)| LogisticWarning::Collinear { column });
    let infinite = columns()
        .filter(|(_, coefficient)| coefficient.is_some_and(|known| known.may_be_infinite))
        .map(|(column, _)| LogisticWarning::MayBeInfinite { column });
    let lost = (!maximum.has_converged)
        .then_some(LogisticWarning::NotConverged { iterations: maximum.iterations });
    collinear.chain(infinite).chain(lost).collect()
}

/// The sum over clusters of ss', s being the cluster's weighted score.
fn scores_squared(objective: &Objective<'_>, beta: &[f64]) -> DMatrix<f64> {
    let (model, size) = (objective.model, beta.len());
    let mut clusters: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    let subjects = objective.subjects(beta);
    for ((subject, one), row) in subjects.iter().enumerate().zip(objective.design.rows()) {
        // Without clusters each subject is its own.
        let code = model.clusters.map_or(subject, |codes| codes[subject]);
        let sums = clusters.entry(code).or_insert_with(|| vec![0.0; size]);
        add_scaled(sums, model.weight(subject) * one.residual, row);
    }
    sum_of_squares(clusters.values(), size)
}
