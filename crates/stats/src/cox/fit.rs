//! A maximised Cox model: what it reports, and how that is derived from the
//! maximum.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::CoxModel;
use super::gram::Columns;
use super::maximize::{Maximum, Search, maximize};
use super::objective::Objective;
use super::risk_sets::{RiskSets, offset_center};
use super::sandwich;
use super::standardize::MANY;
use super::unknown::{self, Unknown};
use crate::Error;
use crate::inference::{Coefficient, Test};
use crate::symmetric::rank_tolerance;
use crate::symmetric::{Factors, wald_test};

/// A maximised Cox model.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxFit {
    /// One for each column; `None` for a column dropped as collinear.
    pub coefficients: Vec<Option<Coefficient>>,
    /// Covariance of the coefficients: the sandwich if asked for, else the
    /// inverse information; zero in rows and columns of dropped columns.
    pub covariance: DMatrix<f64>,
    /// Inverse information, to which a ridge penalty adds its own.
    pub naive_covariance: DMatrix<f64>,
    /// Log partial likelihood, without penalty, at the initial values: at
    /// zero unless others were set.
    pub log_likelihood_null: f64,
    /// Log partial likelihood, without penalty, at the estimate.
    pub log_likelihood: f64,
    /// Log partial likelihood with the penalty at the estimate.
    pub penalized_log_likelihood: f64,
    /// tr(I H^-1), I being the information and H that plus the ridge's: the
    /// number of coefficients unless a ridge shrinks them.
    pub effective_degrees_of_freedom: f64,
    /// Likelihood-ratio test against the initial values: of the penalised
    /// likelihoods under Firth's penalty, of the plain ones otherwise. Under
    /// a ridge it is a rough guide.
    pub likelihood_ratio_test: Test,
    /// Wald test against the initial values, with `covariance`.
    pub wald_test: Test,
    /// Score test against the initial values.
    pub score_test: Test,
    /// Score test with the sandwich covariance, if asked for. Its degrees of
    /// freedom are the rank of the scores' products at the initial values.
    pub robust_score_test: Option<Test>,
    /// Newton-Raphson iterations.
    pub iterations: usize,
    /// What makes the fit suspect: collinear columns, then infinite
    /// coefficients, then lack of convergence.
    pub warnings: Vec<CoxWarning>,
    /// Subjects, or intervals.
    pub n: usize,
    /// Events.
    pub n_events: usize,
    /// Value from which each covariate is measured in `linear_predictors`:
    /// its (weighted) mean, or 0 for a column of -1, 0, 1 alone.
    pub centers: Vec<f64>,
    /// beta'(x - center), plus the offset less its mean, for each subject or interval, in
    /// the caller's order.
    pub linear_predictors: Vec<f64>,
    /// What the data say nothing of, where the likelihood has no maximum.
    pub(super) unknown: Option<Unknown>,
}

impl CoxFit {
    /// A fit of nobody: the shape of a fit with `n_columns` columns, in which
    /// no number is one. It stands in where only the shape is asked for.
    pub fn of_nobody(n_columns: usize, is_robust: bool) -> Self {
        let unknown = DMatrix::from_element(n_columns, n_columns, f64::NAN);
        let test = Test { statistic: f64::NAN, degrees_of_freedom: n_columns, p_value: f64::NAN };
        Self {
            coefficients: vec![Some(Coefficient::UNKNOWN); n_columns],
            covariance: unknown.clone(),
            naive_covariance: unknown,
            log_likelihood_null: f64::NAN,
            log_likelihood: f64::NAN,
            penalized_log_likelihood: f64::NAN,
            effective_degrees_of_freedom: f64::NAN,
            likelihood_ratio_test: test,
            wald_test: test,
            score_test: test,
            robust_score_test: is_robust.then_some(test),
            iterations: 0,
            warnings: Vec::new(),
            n: 0,
            n_events: 0,
            centers: vec![f64::NAN; n_columns],
            linear_predictors: Vec::new(),
            unknown: None,
        }
    }
}

/// A reason to distrust a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoxWarning {
    /// The column is constant or a combination of those before it, and was
    /// dropped.
    Collinear {
        /// Its position, from zero.
        column: usize,
    },
    /// The coefficient would still move when the search ended, as it does if
    /// the covariate separates those with the event from the others at risk.
    MayBeInfinite {
        /// The column's position, from zero.
        column: usize,
    },
    /// The likelihood did not converge; the estimates are those of the last
    /// accepted iteration.
    NotConverged {
        /// Iterations made.
        iterations: usize,
    },
}

/// Rows whose linear predictors are formed at a time: 32 KB, which stay near
/// while the columns are added to them.
const PREDICTED: usize = 1 << 12;

/// Fits a model with at least one event.
pub(super) fn fit(model: &CoxModel<'_>) -> Result<CoxFit, Error> {
    let sets = RiskSets::new(model);
    let objective = Objective::new(model, &sets);
    let start = scaled_start(model, &sets);
    // Firth's penalty is used for its profile limits, which need coefficients at
    // rest.
    let by_step = objective.is_firth;
    let maximum = maximize(&objective, &Search { start: &start, fixed: None, by_step });
    // Judged at the start: later steps that overflow are halved, the first has
    // nowhere to go back to.
    if !maximum.null.is_finite() {
        return Err(Error::Overflow);
    }
    // Covariances of beta = scaled beta * scale take two scales.
    let naive = unscale(&maximum.factors.inverse(), &sets.scales);
    let robust = model
        .is_robust()
        .then(|| unscale(&sandwich::covariance(model, &sets, &maximum), &sets.scales));
    let covariance = robust.as_ref().unwrap_or(&naive);
    let beta: Vec<f64> = maximum.beta.iter().zip(&sets.scales).map(|(b, s)| b * s).collect();
    // The step that would follow: next to nothing at a maximum, and else what
    // tells which coefficients are still on their way.
    let step = maximum.factors.solve(&maximum.likelihood.gradient);
    let unknown = Unknown::beyond(&objective, &maximum, &step);
    let coefficients: Vec<_> = (0..beta.len())
        .map(|j| {
            // A dropped column has variance zero, and no coefficient below.
            let error = covariance[(j, j)].sqrt();
            let may_be_infinite = match &unknown {
                Some(unknown) => unknown.holds_column(j),
                None => unknown::is_moving(step[j], maximum.beta[j]),
            };
            let is_kept = maximum.factors.is_kept(j);
            is_kept.then(|| Coefficient::new(beta[j], error, may_be_infinite))
        })
        .collect();
    let df = maximum.factors.rank();
    // Tests are against the initial values, as in R, not against zero.
    let moved = |j: usize| (maximum.beta[j] - start[j]) * sets.scales[j];
    let change: Vec<f64> = (0..beta.len()).map(moved).collect();
    let columns: Vec<usize> = (0..beta.len()).collect();
    // With the sandwich where there is one, as R reports it as the robust Wald
    // test.
    let wald = wald_test(&change, covariance, &columns).statistic;
    // The score test uses the information at the start, whose rank may be higher
    // than at the end, where a coefficient ran away.
    let null_factors = Factors::new(&maximum.null.curvature, rank_tolerance());
    let score = null_factors.quadratic_form(&maximum.null.gradient);
    Ok(CoxFit {
        warnings: warnings(&coefficients, &maximum),
        coefficients,
        covariance: covariance.clone(),
        log_likelihood_null: maximum.null.plain,
        log_likelihood: maximum.likelihood.plain,
        // log |I| / 2 of scaled columns differs from that of the columns by the sum
        // of log scale; reported is the latter, which users compare.
        penalized_log_likelihood: maximum.likelihood.value - unit_change(&objective, &maximum),
        // The trace is the rank without a ridge, and less with one.
        effective_degrees_of_freedom: (&maximum.likelihood.information * maximum.factors.inverse())
            .trace(),
        likelihood_ratio_test: Test::new(likelihood_ratio(&objective, &maximum), df),
        wald_test: Test::new(wald, df),
        score_test: Test::new(score, df),
        robust_score_test: (model.is_robust())
            .then(|| sandwich::score_test(model, &sets, &maximum.null, &start)),
        naive_covariance: naive,
        iterations: maximum.iterations,
        n: model.follow_up.n(),
        n_events: model.follow_up.n_events(),
        linear_predictors: linear_predictors(model, &sets, &maximum.beta),
        unknown,
        centers: sets.centers,
    })
}

/// A model whose subjects are sorted, for the benchmark to time the search
/// alone.
#[cfg(feature = "benchmark")]
#[derive(Debug)]
pub struct SortedModel<'a> {
    model: &'a CoxModel<'a>,
    sets: RiskSets,
}

#[cfg(feature = "benchmark")]
impl<'a> SortedModel<'a> {
    /// Sorts, centres and scales.
    pub fn new(model: &'a CoxModel<'a>) -> Self {
        Self { model, sets: RiskSets::new(model) }
    }

    /// Searches for the maximum; gives how many iterations it took.
    pub fn search(&self) -> usize {
        let objective = Objective::new(self.model, &self.sets);
        let start = scaled_start(self.model, &self.sets);
        maximize(&objective, &Search { start: &start, fixed: None, by_step: false }).iterations
    }
}

/// The robust score test, which needs no maximum.
pub(super) fn robust_score_test(model: &CoxModel<'_>) -> Result<Test, Error> {
    let sets = RiskSets::new(model);
    let start = scaled_start(model, &sets);
    let null = Objective::new(model, &sets).at(&start);
    if !null.is_finite() {
        return Err(Error::Overflow);
    }
    Ok(sandwich::score_test(model, &sets, &null, &start))
}

/// The scaled coefficients to begin with.
pub(super) fn scaled_start(model: &CoxModel<'_>, sets: &RiskSets) -> Vec<f64> {
    match model.initial {
        Some(initial) => initial.iter().zip(&sets.scales).map(|(b, scale)| b / scale).collect(),
        None => vec![0.0; sets.n_columns()],
    }
}

/// Twice the rise of the likelihood, with Firth's penalty if there is one.
fn likelihood_ratio(objective: &Objective<'_>, maximum: &Maximum) -> f64 {
    // A ridge is a choice, not part of the model: R compares the plain likelihoods.
    // Firth's test is defined by the penalised ones.
    let (end, start) = (&maximum.likelihood, &maximum.null);
    2.0 * if objective.is_firth { end.value - start.value } else { end.plain - start.plain }
}

/// What the scaling of covariates adds to Firth's penalty.
fn unit_change(objective: &Objective<'_>, maximum: &Maximum) -> f64 {
    let scales = objective.sets.scales.iter().enumerate();
    // Dropped columns are not in the determinant.
    let kept = scales.filter(|(j, _)| objective.is_firth && maximum.factors.is_kept(*j));
    kept.map(|(_, scale)| libm::log(*scale)).sum()
}

/// The covariance of unscaled coefficients.
fn unscale(covariance: &DMatrix<f64>, scales: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(scales.len(), scales.len(), |i, j| covariance[(i, j)] * scales[i] * scales[j])
}

fn warnings(coefficients: &[Option<Coefficient>], maximum: &Maximum) -> Vec<CoxWarning> {
    let columns = || coefficients.iter().enumerate();
    let collinear = columns()
        .filter(|(_, coefficient)| coefficient.is_none())
        .map(|(column, _)| CoxWarning::Collinear { column });
    let infinite = columns()
        .filter(|(_, coefficient)| coefficient.is_some_and(|known| known.may_be_infinite))
        .map(|(column, _)| CoxWarning::MayBeInfinite { column });
    let lost = (!maximum.has_converged)
        .then_some(CoxWarning::NotConverged { iterations: maximum.iterations });
    collinear.chain(infinite).chain(lost).collect()
}

/// In the caller's order.
fn linear_predictors(model: &CoxModel<'_>, sets: &RiskSets, beta: &[f64]) -> Vec<f64> {
    let n = model.follow_up.n();
    let mut out = vec![0.0; n];
    let offset_center = offset_center(model);
    // A column that was dropped adds zeros, and need not be read.
    let used: Vec<usize> = (0..beta.len()).filter(|j| beta[*j] != 0.0).collect();
    let predict = |(part, out): (usize, &mut [f64])| {
        let rows = part * PREDICTED..part * PREDICTED + out.len();
        if let Some(offsets) = model.offsets {
            let offsets = &offsets[rows.clone()];
            // Offsets enter from their mean, as in R's `predict(type = "lp")`.
            out.iter_mut().zip(offsets).for_each(|(eta, offset)| *eta = offset - offset_center);
        }
        let columns = Columns::new(model.covariates.values(), n, beta.len(), rows);
        let standard = |j: usize, x: f64| (x - sets.centers[j]) * sets.scales[j];
        columns.add_to(out, &used, |j, x| beta[j] * standard(j, x));
    };
    // A row is summed by one thread over the columns in their order, so that the
    // bits are the same however the rows are shared out.
    if n < MANY {
        out.chunks_mut(PREDICTED).enumerate().for_each(predict);
    } else {
        out.par_chunks_mut(PREDICTED).enumerate().for_each(predict);
    }
    out
}
