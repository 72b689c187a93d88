//! Cox's proportional hazards regression: the model, its fit and what may be
//! wrong with it. The test of proportional hazards is left to
//! `proportional_hazards`, discrimination to `concordance`.

mod fit;
mod maximize;
mod residuals;
mod risk_sets;

pub use fit::{CoxCoefficient, CoxFit, CoxTest, CoxWarning, HazardRatio};
pub(crate) use maximize::{rank_tolerance, unpack};
use nalgebra::DMatrix;
pub(crate) use residuals::run_means;
pub(crate) use risk_sets::{RiskSets, add_scaled};

use crate::Error;
use crate::survival_data::{SurvivalData, check_finite, check_length};

/// How tied event times enter the partial likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// Efron's approximation: the default of R.
    #[default]
    Efron,
    /// Breslow's approximation: the default of SAS.
    Breslow,
}

/// A checked Cox model, ready to fit.
///
/// # Formula
/// The hazard is h0(t) exp(beta'x), with a baseline h0 for each stratum. With
/// d deaths of total weight W at an event time, and S(l) the sum of
/// w exp(beta'x) over the risk set less l / d of the deaths' own, the time
/// adds to the log partial likelihood the deaths' sum of w beta'x less
/// W log S(0) (Breslow 1974), or less W / d times the sum of log S(l) over
/// l = 0..d - 1 (Efron 1977).
///
/// # Convergence
/// Newton-Raphson from zero, with step halving, until the log-likelihood
/// changes by at most 1e-9 of itself, for at most 20 iterations: the rule of
/// R's `coxph`. A column that depends on those before it is dropped. Neither
/// that, nor lack of convergence, nor an infinite coefficient is an error;
/// [`CoxFit::warnings`] tells.
///
/// # Missing values
/// None are accepted: the caller leaves those subjects out and counts them.
///
/// ```
/// use restudy_stats::cox::CoxModel;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let treated = [1.0, 0.0, 1.0, 0.0];
/// let fit = CoxModel::new(&data, &treated, 1)?.fit()?;
/// let effect = fit.coefficients[0].expect("not collinear").hazard_ratio(0.95)?;
/// assert!(effect.lower < 1.0 && 1.0 < effect.estimate && effect.estimate < effect.upper);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CoxModel<'a> {
    data: &'a SurvivalData,
    covariates: &'a [f64],
    n_covariates: usize,
    ties: Ties,
    strata: Option<&'a [usize]>,
    weights: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
    robust: bool,
}

impl<'a> CoxModel<'a> {
    /// `covariates` holds `n_covariates` >= 1 columns of `n` values, one
    /// column after the other (column-major), in any unit.
    ///
    /// # Errors
    /// [`Error::Parameter`] without columns, [`Error::Length`] or
    /// [`Error::NotFinite`] for wrong values (the position counts through all
    /// columns), [`Error::NoEvents`] if nobody has the event.
    pub fn new(
        data: &'a SurvivalData,
        covariates: &'a [f64],
        n_covariates: usize,
    ) -> Result<Self, Error> {
        if n_covariates == 0 {
            return Err(Error::Parameter { what: "n_covariates", value: 0.0, range: "1 or more" });
        }
        check_length("covariates", covariates.len(), data.n() * n_covariates)?;
        check_finite("covariates", covariates)?;
        if data.n_events() == 0 {
            return Err(Error::NoEvents { n: data.n() });
        }
        Ok(Self {
            data,
            covariates,
            n_covariates,
            ties: Ties::default(),
            strata: None,
            weights: None,
            clusters: None,
            robust: false,
        })
    }

    /// Chooses the approximation for ties; Efron's unless called.
    pub fn ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// A baseline hazard for each distinct code, of which each subject has
    /// one.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn strata(mut self, strata: &'a [usize]) -> Result<Self, Error> {
        check_length("strata", strata.len(), self.data.n())?;
        self.strata = Some(strata);
        Ok(self)
    }

    /// Case weights, each > 0. Ask for [`robust`](Self::robust) too unless
    /// they count identical subjects.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`], [`Error::NotPositive`].
    pub fn weights(mut self, weights: &'a [f64]) -> Result<Self, Error> {
        check_length("weights", weights.len(), self.data.n())?;
        check_finite("weights", weights)?;
        if let Some(index) = weights.iter().position(|weight| *weight <= 0.0) {
            return Err(Error::NotPositive { what: "weights", index, value: weights[index] });
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// Adds the sandwich covariance (Lin and Wei 1989), each subject its own
    /// cluster.
    pub fn robust(mut self) -> Self {
        self.robust = true;
        self
    }

    /// Adds the sandwich covariance, subjects of one code being dependent.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn clusters(mut self, clusters: &'a [usize]) -> Result<Self, Error> {
        check_length("clusters", clusters.len(), self.data.n())?;
        self.clusters = Some(clusters);
        Ok(self)
    }

    /// Maximises the partial likelihood.
    ///
    /// # Errors
    /// [`Error::Overflow`] if covariates or weights are too large to be summed.
    pub fn fit(&self) -> Result<CoxFit, Error> {
        fit::fit(self)
    }

    /// Martingale residuals, event minus expected events, of a fit of this
    /// model, in the caller's order.
    pub fn martingale_residuals(&self, fit: &CoxFit) -> Vec<f64> {
        let sets = RiskSets::new(self);
        residuals::residuals(&sets, &scaled_coefficients(fit, &sets)).martingale
    }

    /// Score residuals of a fit of this model, `n` x `p`: each subject's
    /// share of the derivative of the log-likelihood, without its weight.
    pub fn score_residuals(&self, fit: &CoxFit) -> DMatrix<f64> {
        let sets = RiskSets::new(self);
        let score = residuals::residuals(&sets, &scaled_coefficients(fit, &sets)).score;
        DMatrix::from_fn(self.data.n(), self.n_covariates, |i, j| {
            score[i * self.n_covariates + j] / sets.scales[j]
        })
    }

    /// The change in each coefficient, to first order, when a subject is left
    /// out, `n` x `p`: its weight times its score residual times the inverse
    /// information.
    pub fn dfbeta(&self, fit: &CoxFit) -> DMatrix<f64> {
        let mut score = self.score_residuals(fit);
        for (mut row, weight) in score.row_iter_mut().zip(self.weights.unwrap_or_default()) {
            row *= *weight;
        }
        score * &fit.naive_covariance
    }

    fn is_robust(&self) -> bool {
        self.robust || self.clusters.is_some()
    }

    fn covariate(&self, subject: usize, column: usize) -> f64 {
        self.covariates[column * self.data.n() + subject]
    }

    /// The follow-up.
    pub(crate) fn data(&self) -> &'a SurvivalData {
        self.data
    }
}

/// A fit's coefficients on the scale of its risk sets, 0 if dropped.
pub(crate) fn scaled_coefficients(fit: &CoxFit, sets: &RiskSets) -> Vec<f64> {
    let beta = fit.coefficients.iter().map(|known| known.map_or(0.0, |c| c.log_hazard_ratio));
    beta.zip(&sets.scales).map(|(beta, scale)| beta / scale).collect()
}
