//! Parametric accelerated failure time models: exponential, Weibull,
//! log-normal and log-logistic, for right-censored follow-up.

mod distribution;
mod flat;
mod likelihood;
mod predicted;

pub use distribution::AcceleratedDistribution;

use nalgebra::{DMatrix, DVector};

use crate::Error;
use crate::checks::{check_finite, check_length, check_share};
use crate::covariates::Covariates;
use crate::inference::{Coefficient, Test};
use crate::newton::{self, Maximum};
use crate::survival_data::SurvivalData;
use crate::weights::Weights;
use flat::{Identified, in_units};
use likelihood::{Design, Likelihood};

/// The change of the log-likelihood, relative, below which it has converged: near
/// rounding, as a last step of Newton-Raphson costs little and what is near
/// infinity is told by the step that would follow (`flat`).
const CONVERGENCE: f64 = 1e-13;
/// Iterations after which the search is given up: Newton-Raphson doubles
/// the digits with each once it is near, and a scale on its way to zero never ends.
const MAXIMUM_ITERATIONS: usize = 100;
/// Pivots below this share of the largest count as collinear.
const RANK_TOLERANCE: f64 = 1e-12;

/// A checked accelerated failure time model, ready to fit.
///
/// # Formula
/// log T = mu + beta'x + sigma W, with the [`AcceleratedDistribution`] of W;
/// an event at t adds log f(w) - log sigma - log t to the log-likelihood, a
/// censoring log S(w), with w = (log t - mu - beta'x) / sigma (Kalbfleisch
/// and Prentice 2002, section 3.2). Positive coefficients mean longer times.
///
/// # Convergence
/// Newton-Raphson over mu, beta and log sigma from the moments of log t, with
/// step halving (and a ridge where the information is not positive), until
/// the log-likelihood changes by at most 1e-13 of itself, for at most 100
/// iterations; [`AcceleratedFit::has_converged`] tells. A column that
/// depends on those before it, or on the intercept, is dropped. Where the
/// likelihood rises without end, as it does by the indicator of a group
/// without events, the coefficients on the way have no standard error:
/// [`Coefficient::may_be_infinite`]. R's `survreg` gives the last of them as
/// missing there, as if it were collinear, and a finite standard error to the
/// others.
///
/// # Shapes and units
/// Times in any unit, of which the intercept is the logarithm; covariates
/// column after column. Weights have no unit.
///
/// # Ties and missing values
/// Ties need no care. Near ties are one time, by the rule of
/// [`SurvivalData`], which R's `survreg` does not apply. None may be missing.
///
/// ```
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::parametric::{AcceleratedDistribution, AcceleratedModel};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[2.0, 4.0, 6.0], &[true, true, false])?;
/// let fit = AcceleratedModel::new(&data, Covariates::new(&[], 0)?, AcceleratedDistribution::Exponential)?.fit();
/// // Two events in twelve units of time.
/// assert!((fit.intercept.estimate - 6.0_f64.ln()).abs() < 1e-9);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct AcceleratedModel<'a> {
    data: &'a SurvivalData,
    covariates: Covariates<'a>,
    distribution: AcceleratedDistribution,
    weights: Option<&'a [f64]>,
}

/// A maximised accelerated failure time model.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceleratedFit {
    /// The distribution.
    pub distribution: AcceleratedDistribution,
    /// mu.
    pub intercept: Coefficient,
    /// beta, one for each column; `None` if dropped as collinear.
    pub coefficients: Vec<Option<Coefficient>>,
    /// log sigma; `None` for the exponential, where sigma is 1.
    pub log_scale: Option<Coefficient>,
    /// Covariance of mu, beta and log sigma, in this order; zero in rows and
    /// columns of what was dropped or is fixed. Where a coefficient may be
    /// infinite it is that of the others given it.
    pub covariance: DMatrix<f64>,
    /// Log-likelihood of the times at the estimate.
    pub log_likelihood: f64,
    /// Log-likelihood without covariates.
    pub log_likelihood_null: f64,
    /// Likelihood-ratio test of all covariates.
    pub likelihood_ratio_test: Test,
    /// Newton-Raphson iterations.
    pub iterations: usize,
    /// Whether the search ended before its limit.
    pub has_converged: bool,
    /// Subjects.
    pub n: usize,
    /// Events.
    pub n_events: usize,
    /// Directions of mu, beta and log sigma along which the likelihood rises
    /// without end.
    flat: Vec<Vec<f64>>,
}

impl AcceleratedFit {
    /// A fit of nobody: the shape of a fit with `n_columns` columns, in which
    /// no number is one. It stands in where only the shape is asked for.
    pub fn of_nobody(distribution: AcceleratedDistribution, n_columns: usize) -> Self {
        let unknown = Coefficient::UNKNOWN;
        let is_fixed = distribution == AcceleratedDistribution::Exponential;
        Self {
            distribution,
            intercept: unknown,
            coefficients: vec![Some(unknown); n_columns],
            log_scale: (!is_fixed).then_some(unknown),
            covariance: DMatrix::from_element(n_columns + 2, n_columns + 2, f64::NAN),
            log_likelihood: f64::NAN,
            log_likelihood_null: f64::NAN,
            likelihood_ratio_test: Test {
                statistic: f64::NAN,
                degrees_of_freedom: n_columns,
                p_value: f64::NAN,
            },
            iterations: 0,
            has_converged: true,
            n: 0,
            n_events: 0,
            flat: Vec::new(),
        }
    }

    /// sigma.
    pub fn scale(&self) -> f64 {
        self.log_scale.map_or(1.0, |log_scale| libm::exp(log_scale.estimate))
    }

    /// S(t) of a subject with these covariates, one for each column, at a
    /// `time` > 0.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::NotFinite`] for wrong covariates,
    /// [`Error::Parameter`] for a wrong time.
    pub fn survival(&self, covariates: &[f64], time: f64) -> Result<f64, Error> {
        if !(time > 0.0 && time.is_finite()) {
            return Err(Error::Parameter { what: "time", value: time, range: "(0, infinity)" });
        }
        let w = (libm::log(time) - self.location(covariates)?) / self.scale();
        Ok(libm::exp(self.distribution.log_survival(w)))
    }

    /// The time by which a share `probability`, in (0, 1), of subjects with
    /// these covariates has the event.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::NotFinite`] for wrong covariates,
    /// [`Error::Parameter`] for a probability outside (0, 1).
    pub fn quantile(&self, covariates: &[f64], probability: f64) -> Result<f64, Error> {
        check_share("probability", probability)?;
        let w = self.distribution.quantile(probability);
        Ok(libm::exp(self.location(covariates)? + self.scale() * w))
    }

    /// mu + beta'x.
    fn location(&self, covariates: &[f64]) -> Result<f64, Error> {
        check_length("covariates", covariates.len(), self.coefficients.len())?;
        check_finite("covariates", covariates)?;
        let beta = self.coefficients.iter().map(|known| known.map_or(0.0, |known| known.estimate));
        let linear: f64 = beta.zip(covariates).map(|(beta, x)| beta * x).sum();
        Ok(self.intercept.estimate + linear)
    }
}

impl<'a> AcceleratedModel<'a> {
    /// A model with an intercept; no covariates at all is a model too.
    ///
    /// # Errors
    /// [`Error::NotPositive`] for a time of zero, which has no logarithm,
    /// [`Error::Length`] for covariates of others,
    /// [`Error::Overflow`] for a column whose sum is infinite,
    /// [`Error::NoEvents`] if nobody has the event.
    pub fn new(
        data: &'a SurvivalData,
        covariates: Covariates<'a>,
        distribution: AcceleratedDistribution,
    ) -> Result<Self, Error> {
        if let Some(index) = data.times().iter().position(|time| *time <= 0.0) {
            let value = data.times()[index];
            return Err(Error::NotPositive { what: "times", index, value });
        }
        let covariates = covariates.of(data.n())?;
        covariates.columns().try_for_each(check_sum)?;
        if data.n_events() == 0 {
            return Err(Error::NoEvents { n: data.n() });
        }
        Ok(Self { data, covariates, distribution, weights: None })
    }

    /// Case weights, each > 0, counting identical subjects.
    ///
    /// # Errors
    /// [`Error::Length`] for weights of others, [`Error::Overflow`] if their
    /// sum is infinite.
    pub fn weights(mut self, weights: Weights<'a>) -> Result<Self, Error> {
        let weights = weights.of(self.data.n())?;
        check_sum(weights)?;
        self.weights = Some(weights);
        Ok(self)
    }

    /// Maximises the likelihood. With a single distinct event time sigma may
    /// go to zero; `has_converged` is false then.
    pub fn fit(&self) -> AcceleratedFit {
        let design = Design::new(self, self.covariates.n_columns());
        let maximum = maximize(&design);
        // The null model has an intercept and, where it is free, a scale of its
        // own.
        let null = maximize(&Design::new(self, 0)).likelihood.value;
        let rest = Identified::new(&design, &maximum);
        let transform = design.transform();
        let covariance = &transform * rest.factors.inverse() * transform.transpose();
        let estimates = &transform * DVector::from_column_slice(&maximum.beta);
        let flat: Vec<Vec<f64>> =
            rest.flat.iter().map(|along| in_units(&transform, along)).collect();
        let wald = |j: usize| {
            // Whatever changes along a direction without end has no standard error.
            let is_flat = flat.iter().any(|along| along[j] != 0.0);
            let error = if is_flat { f64::INFINITY } else { covariance[(j, j)].sqrt() };
            Coefficient::new(estimates[j], error, is_flat)
        };
        let columns = 1..=self.covariates.n_columns();
        let kept = columns.clone().filter(|j| design.is_kept(*j)).count();
        let last = self.covariates.n_columns() + 1;
        let ratio = 2.0 * (maximum.likelihood.value - null);
        AcceleratedFit {
            distribution: self.distribution,
            intercept: wald(0),
            coefficients: columns.map(|j| design.is_kept(j).then(|| wald(j))).collect(),
            log_scale: (!self.distribution.has_fixed_scale()).then(|| wald(last)),
            log_likelihood: maximum.likelihood.value,
            log_likelihood_null: null,
            likelihood_ratio_test: Test::new(ratio, kept),
            iterations: maximum.iterations,
            has_converged: maximum.has_converged,
            covariance,
            n: self.data.n(),
            n_events: self.data.n_events(),
            flat,
        }
    }
}

/// Refuses values whose distances from their mean cannot be summed.
fn check_sum(values: &[f64]) -> Result<(), Error> {
    // Twice: what is summed later are distances from a mean, which is itself no
    // larger than the largest value.
    let twice = values.iter().map(|value| 2.0 * value.abs()).sum::<f64>();
    if twice.is_finite() { Ok(()) } else { Err(Error::Overflow) }
}

fn maximize(design: &Design<'_>) -> Maximum<Likelihood> {
    let at = |parameters: &[f64]| Likelihood::at(design, parameters);
    let start = design.start();
    let likelihood = at(&start);
    let mut found = newton::maximize(start, likelihood, at, CONVERGENCE, MAXIMUM_ITERATIONS);
    // A scale on its way to zero moves the likelihood without end.
    // A sigma of e^-12, 6e-6, is a scatter of some millionths of the time itself.
    found.has_converged &= found.beta.last().is_some_and(|log_scale| *log_scale > -12.0);
    found
}
