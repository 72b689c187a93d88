//! Logistic regression: plain, with a ridge, or with Firth's penalty. Scores
//! of treatment and what follows from them are left to `propensity`.

mod design;
mod fit;
mod maximize;
mod objective;
mod profile;

pub use fit::{LogisticFit, LogisticWarning};
pub(crate) use objective::probability;

use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::clusters::Clusters;
use crate::covariates::Covariates;
use crate::weights::Weights;

/// What is added to the log-likelihood. The intercept is never penalised.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Penalty {
    /// Nothing.
    #[default]
    None,
    /// Less lambda / 2 times the sum of the squared coefficients of the
    /// covariates *standardised* to a (weighted) standard deviation of 1 with
    /// divisor n, lambda >= 0. It is `glmnet`'s `lambda` times the sum of the
    /// weights, with `alpha = 0`.
    Ridge(f64),
    /// Half the log determinant of the information of intercept and slopes
    /// (Firth 1993; Heinze and Schemper 2002): finite estimates under
    /// separation, less bias in small samples. Take limits and tests from
    /// [`profile_limits`](LogisticModel::profile_limits).
    Firth,
}

/// A checked logistic model, ready to fit.
///
/// # Formula
/// The probability of the outcome is p = 1 / (1 + exp(-eta)), where eta is an
/// intercept plus beta'x plus the offset; the log-likelihood sums
/// w (y log p + (1 - y) log(1 - p)).
///
/// # Convergence
/// Newton-Raphson from the share of outcomes, with step halving, until no
/// coefficient of a standardised covariate moves by 1e-11 of 1 + itself.
/// Where the log-likelihood changes by at most 1e-9 of itself but the
/// coefficients do not come to rest within six steps more, they may be
/// infinite. A column that is constant or depends on those before it has no
/// coefficient, as in R's `glm`: more than 1 - 2e-12 of its variance is
/// explained by them. None of these is an error; [`LogisticFit::warnings`]
/// tells.
///
/// # Missing values
/// None are accepted: the caller leaves those subjects out and counts them.
///
/// McCullagh & Nelder, *Generalized Linear Models*, 1989, chapter 4.
///
/// ```
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::logistic::LogisticModel;
///
/// let treated = [true, true, false, true, false, false];
/// let age = [50.0, 55.0, 52.0, 61.0, 64.0, 70.0];
/// let fit = LogisticModel::new(&treated, Covariates::new(&age, 1)?)?.fit()?;
/// // The probabilities sum to the number of outcomes.
/// assert!((fit.probabilities.iter().sum::<f64>() - 3.0).abs() < 1e-9);
/// let ratio = fit.coefficients[0].expect("not collinear").ratio(0.95)?;
/// assert!(ratio.lower < ratio.estimate && ratio.estimate < 1.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LogisticModel<'a> {
    outcomes: &'a [bool],
    covariates: Covariates<'a>,
    penalty: Penalty,
    weights: Option<&'a [f64]>,
    offsets: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
    robust: bool,
}

impl<'a> LogisticModel<'a> {
    /// `outcomes` has one value for each subject. Without covariates the model
    /// is an intercept.
    ///
    /// # Errors
    /// [`Error::Empty`] without subjects, [`Error::Length`] for covariates of
    /// others, [`Error::NoVariation`] if everybody has the outcome or nobody.
    pub fn new(outcomes: &'a [bool], covariates: Covariates<'a>) -> Result<Self, Error> {
        if outcomes.is_empty() {
            return Err(Error::Empty);
        }
        let covariates = covariates.of(outcomes.len())?;
        // With one outcome alone the intercept is infinite.
        if outcomes.iter().all(|outcome| *outcome == outcomes[0]) {
            return Err(Error::NoVariation { what: "outcomes" });
        }
        Ok(Self {
            outcomes,
            covariates,
            penalty: Penalty::default(),
            weights: None,
            offsets: None,
            clusters: None,
            robust: false,
        })
    }

    /// Adds a penalty.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a ridge that is negative or not finite.
    pub fn penalty(mut self, penalty: Penalty) -> Result<Self, Error> {
        if let Penalty::Ridge(value) = penalty
            && !(value.is_finite() && value >= 0.0)
        {
            return Err(Error::Parameter { what: "lambda", value, range: "[0, infinity)" });
        }
        self.penalty = penalty;
        Ok(self)
    }

    /// Case weights, each > 0, which count identical subjects. Ask for
    /// [`robust`](Self::robust) too where they do not.
    ///
    /// # Errors
    /// [`Error::Length`] for weights of others.
    pub fn weights(mut self, weights: Weights<'a>) -> Result<Self, Error> {
        self.weights = Some(weights.of(self.outcomes.len())?);
        Ok(self)
    }

    /// A known part of eta, one value a subject, that has no coefficient.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`].
    pub fn offsets(mut self, offsets: &'a [f64]) -> Result<Self, Error> {
        check_length("offsets", offsets.len(), self.outcomes.len())?;
        check_finite("offsets", offsets)?;
        self.offsets = Some(offsets);
        Ok(self)
    }

    /// Adds the sandwich covariance (White 1982, HC0), each subject its own
    /// cluster.
    pub fn robust(mut self) -> Self {
        self.robust = true;
        self
    }

    /// Adds the sandwich covariance, subjects of one code being dependent
    /// (Liang and Zeger 1986), without correction for few clusters.
    ///
    /// # Errors
    /// [`Error::Length`] for clusters of others.
    pub fn clusters(mut self, clusters: &'a Clusters) -> Result<Self, Error> {
        self.clusters = Some(clusters.of(self.outcomes.len())?);
        Ok(self)
    }

    /// Maximises the likelihood.
    ///
    /// # Errors
    /// [`Error::Overflow`] if covariates or weights are too large to be
    /// summed, [`Error::Unsupported`] for a sandwich with a penalty.
    pub fn fit(&self) -> Result<LogisticFit, Error> {
        // The sandwich takes the scores of the plain likelihood, whose sum is not
        // zero at a penalised maximum.
        if self.is_robust() && self.penalty != Penalty::None {
            let (what, with) = ("a sandwich covariance", "a penalty");
            return Err(Error::Unsupported { what, with });
        }
        fit::fit(self)
    }

    fn is_robust(&self) -> bool {
        self.robust || self.clusters.is_some()
    }

    fn weight(&self, subject: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[subject])
    }
}
