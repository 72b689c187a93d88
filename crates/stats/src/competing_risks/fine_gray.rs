//! Fine and Gray's regression of the subdistribution hazard: the model and
//! what its fit reports.

mod likelihood;
mod robust;
mod weights;

use nalgebra::DMatrix;

use super::CompetingData;
use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::clusters::Clusters;
use crate::covariates::Covariates;
use crate::groups::Groups;
use crate::inference::{Coefficient, Test};
use crate::newton::{Objective, maximize};
use crate::symmetric::wald_test;
use crate::weights::Weights;
use likelihood::Likelihood;
use weights::Weighted;

/// The change of the log-likelihood, relative, below which it has converged: the
/// likelihood being flat at its maximum, the last step of a coefficient was about
/// the root of this, 1e-6, and what it left is about the square of the step.
const CONVERGENCE: f64 = 1e-12;
/// Iterations after which the search is given up. Newton-Raphson doubles the
/// digits with each once it is near; who needs more has an infinite coefficient.
const MAXIMUM_ITERATIONS: usize = 30;
/// Pivots below this share of the largest count as collinear.
const RANK_TOLERANCE: f64 = 1e-12;

/// Which of two estimators, that differ by ties and by the variance.
///
/// Both keep a subject in the risk set after a competing event at X, with
/// the weight G(t-) / G(X-), G being the Kaplan-Meier curve of censoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FineGrayEstimator {
    /// Efron's approximation for ties; in G, events come before censorings of
    /// the same time; the sandwich variance takes the weights as known. What
    /// R's `survival::finegray` with `coxph` and a cluster for each subject
    /// gives.
    #[default]
    WeightedEfron,
    /// Breslow's approximation; in G, those with an event at t are at risk of
    /// censoring at t; the variance allows for the estimation of G (Fine and
    /// Gray 1999, section 4). What R's `cmprsk::crr` gives, but
    /// for censorings at time zero: there `crr` takes G after for G before
    /// them.
    FineGrayBreslow,
}

/// A checked Fine-Gray model, ready to fit.
///
/// # Formula
/// The subdistribution hazard of the cause is h0(t) exp(beta'x). At an event
/// time the risk set holds those with follow-up >= t, and those who had a
/// competing event before, with their weights: see [`FineGrayEstimator`].
/// With [`strata`](Self::strata) each has an h0 and a G of its own, and
/// log-likelihood and score sum over them.
///
/// # Convergence
/// Newton-Raphson from zero with step halving, until the log-likelihood
/// changes by at most 1e-12 of itself, for at most 30 iterations;
/// [`FineGrayFit::has_converged`] tells. A column that depends on those
/// before it, or varies within no risk set, is dropped.
///
/// # Missing values
/// None are accepted.
///
/// Fine & Gray, J Am Stat Assoc 1999; 94: 496-509.
///
/// ```
/// use restudy_stats::competing_risks::{CompetingData, FineGrayModel};
/// use restudy_stats::covariates::Covariates;
///
/// let data = CompetingData::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1, 2, 1, 1, 0, 1], 2)?;
/// let fit = FineGrayModel::new(&data, 1, Covariates::new(&[0.0, 1.0, 1.0, 0.0, 1.0, 0.0], 1)?)?.fit()?;
/// let ratio = fit.coefficients[0].expect("not collinear").ratio(0.95)?;
/// assert!(ratio.lower < ratio.estimate && ratio.estimate < ratio.upper);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FineGrayModel<'a> {
    data: &'a CompetingData,
    cause: usize,
    covariates: Covariates<'a>,
    estimator: FineGrayEstimator,
    strata: Option<&'a Groups>,
    weights: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
}

/// A maximised Fine-Gray model.
#[derive(Debug, Clone, PartialEq)]
pub struct FineGrayFit {
    /// The estimator, named for the report.
    pub estimator: FineGrayEstimator,
    /// The cause, from 1.
    pub cause: usize,
    /// One for each column, `None` if dropped as collinear. Hazard ratios are
    /// those of the subdistribution; standard errors are robust.
    pub coefficients: Vec<Option<Coefficient>>,
    /// Robust covariance; zero in rows and columns of dropped columns.
    pub covariance: DMatrix<f64>,
    /// Inverse information.
    pub naive_covariance: DMatrix<f64>,
    /// Log pseudo-likelihood at zero.
    pub log_likelihood_null: f64,
    /// Log pseudo-likelihood at the estimate.
    pub log_likelihood: f64,
    /// Wald test against zero with the robust covariance.
    pub wald_test: Test,
    /// The cumulative subdistribution hazard at covariates of zero, for each
    /// stratum by ascending code; one without strata.
    pub baseline: Vec<StratumBaseline>,
    /// Newton-Raphson iterations.
    pub iterations: usize,
    /// Whether the search ended before its limit.
    pub has_converged: bool,
    /// Subjects.
    pub n: usize,
    /// Events of the cause.
    pub n_events: usize,
}

impl FineGrayFit {
    /// A fit of nobody: the shape of a fit with `n_columns` columns, in which
    /// no number is one. It stands in where only the shape is asked for.
    pub fn of_nobody(estimator: FineGrayEstimator, n_columns: usize) -> Self {
        // A Cox fit has the same shape; one place says what a fit of nobody looks
        // like.
        let cox = crate::cox::CoxFit::of_nobody(n_columns, true);
        Self {
            estimator,
            cause: 1,
            coefficients: cox.coefficients,
            covariance: cox.covariance,
            naive_covariance: cox.naive_covariance,
            log_likelihood_null: f64::NAN,
            log_likelihood: f64::NAN,
            wald_test: cox.wald_test,
            baseline: Vec::new(),
            iterations: 0,
            has_converged: true,
            n: 0,
            n_events: 0,
        }
    }
}

/// The baseline of one stratum.
#[derive(Debug, Clone, PartialEq)]
pub struct StratumBaseline {
    /// The stratum's code; `None` without strata.
    pub stratum: Option<usize>,
    /// Its steps by ascending time.
    pub steps: Vec<BaselineStep>,
}

/// A step of the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaselineStep {
    /// The event time.
    pub time: f64,
    /// The cumulative subdistribution hazard.
    pub cumulative_hazard: f64,
}

impl FineGrayFit {
    /// Wald's test, with the robust covariance, that the coefficients of
    /// `columns` are all zero; dropped columns do not count.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`].
    pub fn test_of(&self, columns: &[usize]) -> Result<Test, Error> {
        let n_columns = self.coefficients.len();
        if let Some(&column) = columns.iter().find(|column| **column >= n_columns) {
            return Err(Error::NoSuchColumn { column, n_columns });
        }
        let known = self.coefficients.iter();
        // A dropped column is zero here and in the covariance, so that it adds
        // nothing to the statistic.
        let beta: Vec<f64> = known.map(|known| known.map_or(0.0, |c| c.estimate)).collect();
        Ok(wald_test(&beta, &self.covariance, columns))
    }

    /// The cumulative incidence 1 - exp(-H0(t) exp(beta'x)) of a subject with
    /// these covariates, one for each column, at every event time of its
    /// stratum; `None` without strata (Fine and Gray 1999, section 5).
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::NotFinite`] for wrong covariates,
    /// [`Error::NoSuchStratum`].
    pub fn incidence(
        &self,
        covariates: &[f64],
        stratum: Option<usize>,
    ) -> Result<Vec<(f64, f64)>, Error> {
        check_length("covariates", covariates.len(), self.coefficients.len())?;
        check_finite("covariates", covariates)?;
        let beta = self.coefficients.iter().map(|known| known.map_or(0.0, |c| c.estimate));
        let risk = libm::exp(beta.zip(covariates).map(|(beta, x)| beta * x).sum());
        // `expm1` keeps the digits of a small incidence, which 1 - exp would lose.
        let at = |step: &BaselineStep| (step.time, -libm::expm1(-step.cumulative_hazard * risk));
        // A stratum that is not in the fit is an error, not an empty curve.
        let own = self.baseline.iter().find(|baseline| baseline.stratum == stratum);
        let own = own.ok_or(Error::NoSuchStratum { code: stratum })?;
        Ok(own.steps.iter().map(at).collect())
    }
}

impl<'a> FineGrayModel<'a> {
    /// A model of the events of `cause`.
    ///
    /// # Errors
    /// [`Error::Parameter`] without covariates or such a cause,
    /// [`Error::Length`] for covariates of others,
    /// [`Error::NoEvents`] if nobody has an event of the cause.
    pub fn new(
        data: &'a CompetingData,
        cause: usize,
        covariates: Covariates<'a>,
    ) -> Result<Self, Error> {
        data.check_cause(cause)?;
        let covariates = covariates.some_of(data.n())?;
        if !data.causes.contains(&cause) {
            return Err(Error::NoEvents { n: data.n() });
        }
        let estimator = FineGrayEstimator::default();
        let (strata, weights, clusters) = (None, None, None);
        Ok(Self { data, cause, covariates, estimator, strata, weights, clusters })
    }

    /// Chooses the estimator; [`FineGrayEstimator::WeightedEfron`] unless
    /// called.
    pub fn estimator(mut self, estimator: FineGrayEstimator) -> Self {
        self.estimator = estimator;
        self
    }

    /// Baselines, and censoring curves G, of their own for each
    /// stratum: R's `finegray` and `coxph` with `strata()`.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn strata(mut self, strata: &'a Groups) -> Result<Self, Error> {
        self.strata = Some(strata.strata_of(self.data.n())?);
        Ok(self)
    }

    /// Case weights, each > 0, as known: they multiply the weights of the risk
    /// sets and do not enter G, as in R's `finegray(weights = )`. For
    /// [`FineGrayEstimator::WeightedEfron`] alone.
    ///
    /// # Errors
    /// [`Error::Length`] for weights of others.
    pub fn weights(mut self, weights: Weights<'a>) -> Result<Self, Error> {
        self.weights = Some(weights.of(self.data.n())?);
        Ok(self)
    }

    /// Subjects of one code depend on one another, as matched sets and
    /// hospitals do: the sandwich takes the sums of their scores.
    ///
    /// # Errors
    /// [`Error::Length`] for clusters of others.
    pub fn clusters(mut self, clusters: &'a Clusters) -> Result<Self, Error> {
        self.clusters = Some(clusters.of(self.data.n())?);
        Ok(self)
    }

    /// Maximises the pseudo-likelihood.
    ///
    /// # Errors
    /// [`Error::Overflow`] if covariates are too large to be summed,
    /// [`Error::Unsupported`] for weights under
    /// [`FineGrayEstimator::FineGrayBreslow`], whose variance is not known to
    /// hold for them.
    pub fn fit(&self) -> Result<FineGrayFit, Error> {
        if self.weights.is_some() && self.estimator == FineGrayEstimator::FineGrayBreslow {
            let (what, with) = ("the variance of Fine and Gray", "case weights");
            return Err(Error::Unsupported { what, with });
        }
        let strata = weights::strata(self);
        // Which columns vary within no risk set is judged at zero, where all
        // weights of risk are moderate.
        let (null, is_blind) = Likelihood::null(&strata, self.covariates.n_columns());
        // Covariates are scaled to be of order one; what is not finite even so
        // cannot be summed.
        if !null.is_finite() {
            return Err(Error::Overflow);
        }
        let log_likelihood_null = null.value;
        let at = |beta: &[f64]| Likelihood::at(&strata, beta, &is_blind);
        let start = vec![0.0; self.covariates.n_columns()];
        let maximum = maximize(start, null, at, CONVERGENCE, MAXIMUM_ITERATIONS);
        let factors = maximum.likelihood.factors();
        let bread = factors.inverse();
        let meat = robust::meat(&strata, &maximum.beta, self.estimator);
        // All strata have the scaling of the whole column: coefficients are common
        // to them.
        let scales: Vec<f64> = strata[0].scalings.iter().map(|one| one.scale).collect();
        let unscale = |matrix: &DMatrix<f64>| {
            // Coefficients of scaled columns are beta / scale, so that covariances
            // take the product of two scales.
            DMatrix::from_fn(scales.len(), scales.len(), |i, j| {
                matrix[(i, j)] * scales[i] * scales[j]
            })
        };
        // The sandwich: inverse information, outer products of the scores, inverse
        // information.
        let covariance = unscale(&(&bread * meat * &bread));
        let naive_covariance = unscale(&bread);
        let beta: Vec<f64> = maximum.beta.iter().zip(&scales).map(|(b, s)| b * s).collect();
        let step = factors.solve(&maximum.likelihood.gradient);
        let coefficients = (0..beta.len())
            .map(|j| {
                let robust = covariance[(j, j)].sqrt();
                // A next step of this size was not the end of the search: at a
                // maximum it is the square of the last one's.
                // In scaled units: in its own, a tiny one would hide the step.
                let moves = step[j].abs() > 1e-4 * (1.0 + maximum.beta[j].abs());
                factors.is_kept(j).then(|| Coefficient::new(beta[j], robust, moves))
            })
            .collect();
        // The joint test takes the robust covariance on the original scale; its
        // rank is that of the information, dropped columns not counted.
        let columns: Vec<usize> = (0..beta.len()).collect();
        let wald = wald_test(&beta, &covariance, &columns).statistic;
        Ok(FineGrayFit {
            estimator: self.estimator,
            cause: self.cause,
            coefficients,
            wald_test: Test::new(wald, factors.rank()),
            covariance,
            naive_covariance,
            log_likelihood_null,
            log_likelihood: maximum.likelihood.value,
            baseline: self.baselines(&strata, &maximum.beta),
            iterations: maximum.iterations,
            has_converged: maximum.has_converged,
            n: self.data.n(),
            n_events: strata.iter().map(Weighted::n_events).sum(),
        })
    }

    fn baselines(&self, strata: &[Weighted], beta: &[f64]) -> Vec<StratumBaseline> {
        // Strata come by ascending code, as `present` gives them, so that the two
        // can be walked side by side.
        let mut codes = self.strata.into_iter().flat_map(Groups::present);
        let baseline = |weighted| StratumBaseline {
            stratum: codes.next(),
            steps: likelihood::baseline(weighted, beta),
        };
        strata.iter().map(baseline).collect()
    }
}
