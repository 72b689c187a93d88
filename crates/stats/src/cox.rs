//! Cox's proportional hazards regression: the model, its fit and what may be
//! wrong with it. The test of proportional hazards is left to
//! `proportional_hazards`, discrimination to `concordance`.

mod arrangement;
mod baseline;
mod evaluate;
mod exact;
mod exponential;
mod fit;
mod gram;
mod inference;
mod leave_one_out;
mod maximize;
mod moments;
mod objective;
mod partial;
mod profile;
mod residual_types;
mod residuals;
mod risk_sets;
mod sandwich;
mod standardize;
mod unknown;

pub use baseline::{BaselineHazard, PredictedCurve, PredictedRow, StratumHazard};
#[cfg(feature = "benchmark")]
pub use fit::SortedModel;
pub use fit::{CoxFit, CoxWarning};
pub use inference::VarianceInflation;
pub use leave_one_out::{HazardRatioRange, LeaveOneOut};
pub use residual_types::SchoenfeldResidual;
pub(crate) use residual_types::schoenfeld;
pub(crate) use risk_sets::RiskSets;

use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::clusters::Clusters;
use crate::counting_data::CountingData;
use crate::covariates::Covariates;
use crate::follow_up::FollowUp;
use crate::groups::Groups;
use crate::inference::Test;
use crate::survival_data::SurvivalData;
use crate::weights::Weights;

/// How tied event times enter the partial likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// Efron's approximation: the default of R.
    #[default]
    Efron,
    /// Breslow's approximation: the default of SAS.
    Breslow,
    /// The exact likelihood of a discrete time scale, conditional on the
    /// number of events at each time (Cox 1972): what R calls `exact` and SAS
    /// `discrete`. For right-censored data without weights, penalty or
    /// sandwich; its coefficients are log odds ratios. Martingale residuals and
    /// baseline hazard are Breslow's at its estimate, as in R. So are the other
    /// residuals, of which R gives none; they do not sum to this likelihood's
    /// score.
    Exact,
}

/// What is added to the log partial likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Penalty<'a> {
    /// Nothing.
    #[default]
    None,
    /// Less the sum of penalty * beta^2 / 2, one penalty >= 0 for each
    /// column, 0 for one left free. R's `ridge(x, theta = t)` is t times the
    /// column's variance.
    Ridge(&'a [f64]),
    /// Half the log determinant of the information (Firth 1993; Heinze and
    /// Schemper 2001): finite estimates under separation, less bias in small
    /// samples. Take limits and tests from
    /// [`profile_limits`](CoxModel::profile_limits) rather than from standard
    /// errors.
    Firth,
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
/// Newton-Raphson from zero (or [`CoxModel::initial`]), with step halving, until the log-likelihood
/// changes by at most 1e-9 of itself, for at most 20 iterations: the rule of
/// R's `coxph`. Under [`Penalty::Firth`] the search goes on until no
/// coefficient moves by 1e-11 of itself, for at most 200 iterations. A column that depends on those before it is dropped. Neither
/// that, nor lack of convergence, nor an infinite coefficient is an error;
/// [`CoxFit::warnings`] tells.
///
/// # Missing values
/// None are accepted: the caller leaves those subjects out and counts them.
///
/// ```
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::cox::CoxModel;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let treated = [1.0, 0.0, 1.0, 0.0];
/// let fit = CoxModel::new(&data, Covariates::new(&treated, 1)?)?.fit()?;
/// let effect = fit.coefficients[0].expect("not collinear").ratio(0.95)?;
/// assert!(effect.lower < 1.0 && 1.0 < effect.estimate && effect.estimate < effect.upper);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CoxModel<'a> {
    follow_up: FollowUp<'a>,
    covariates: Covariates<'a>,
    ties: Ties,
    penalty: Penalty<'a>,
    offsets: Option<&'a [f64]>,
    initial: Option<&'a [f64]>,
    strata: Option<&'a Groups>,
    weights: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
    robust: bool,
}

impl<'a> CoxModel<'a> {
    /// A model of right-censored follow-up.
    ///
    /// # Errors
    /// [`Error::Parameter`] without covariates, [`Error::Length`] for those of
    /// others, [`Error::NoEvents`] if nobody has the event.
    pub fn new(data: &'a SurvivalData, covariates: Covariates<'a>) -> Result<Self, Error> {
        Self::of(FollowUp::RightCensored(data), covariates)
    }

    /// A model of intervals, whose `covariates` are columns of one value an
    /// interval. A subject is at risk only within its intervals, and its
    /// intervals are one cluster of a sandwich covariance unless
    /// [`clusters`](Self::clusters) says otherwise.
    ///
    /// ```
    /// use restudy_stats::counting_data::CountingData;
    /// use restudy_stats::covariates::Covariates;
    /// use restudy_stats::cox::CoxModel;
    ///
    /// let (starts, stops) = ([0.0, 2.0, 0.0, 0.0, 3.0], [2.0, 6.0, 4.0, 3.0, 7.0]);
    /// let events = [false, true, true, false, true];
    /// let data = CountingData::new(&starts, &stops, &events, &[0, 0, 1, 2, 2])?;
    /// let treated = [0.0, 1.0, 0.0, 1.0, 0.0];
    /// let fit = CoxModel::counting(&data, Covariates::new(&treated, 1)?)?.fit()?;
    /// assert_eq!((fit.n, fit.n_events), (5, 3));
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn counting(data: &'a CountingData, covariates: Covariates<'a>) -> Result<Self, Error> {
        Self::of(FollowUp::Counting(data), covariates)
    }

    fn of(follow_up: FollowUp<'a>, covariates: Covariates<'a>) -> Result<Self, Error> {
        // A model without covariates has no coefficients to report: the caller gets
        // an error instead of an empty fit.
        let covariates = covariates.some_of(follow_up.n())?;
        if follow_up.n_events() == 0 {
            return Err(Error::NoEvents { n: follow_up.n() });
        }
        Ok(Self {
            follow_up,
            covariates,
            ties: Ties::default(),
            penalty: Penalty::default(),
            offsets: None,
            initial: None,
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

    /// A baseline hazard for each stratum.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn strata(mut self, strata: &'a Groups) -> Result<Self, Error> {
        self.strata = Some(strata.strata_of(self.follow_up.n())?);
        Ok(self)
    }

    /// Case weights, each > 0. Ask for [`robust`](Self::robust) too unless
    /// they count identical subjects.
    ///
    /// # Errors
    /// [`Error::Length`] for weights of others.
    pub fn weights(mut self, weights: Weights<'a>) -> Result<Self, Error> {
        self.weights = Some(weights.of(self.follow_up.n())?);
        Ok(self)
    }

    /// A known part of beta'x, one value a subject, that has no coefficient.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`].
    pub fn offsets(mut self, offsets: &'a [f64]) -> Result<Self, Error> {
        check_length("offsets", offsets.len(), self.follow_up.n())?;
        check_finite("offsets", offsets)?;
        self.offsets = Some(offsets);
        Ok(self)
    }

    /// Coefficients to begin with, one for each column. The tests of the fit
    /// then are against them, as in R.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`].
    pub fn initial(mut self, initial: &'a [f64]) -> Result<Self, Error> {
        check_length("initial", initial.len(), self.covariates.n_columns())?;
        check_finite("initial", initial)?;
        self.initial = Some(initial);
        Ok(self)
    }

    /// Adds a penalty.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`] or [`Error::Negative`] for
    /// wrong ridge penalties.
    pub fn penalty(mut self, penalty: Penalty<'a>) -> Result<Self, Error> {
        // Firth's penalty has nothing to check.
        if let Penalty::Ridge(penalties) = penalty {
            check_length("penalties", penalties.len(), self.covariates.n_columns())?;
            check_finite("penalties", penalties)?;
            if let Some(index) = penalties.iter().position(|penalty| *penalty < 0.0) {
                let value = penalties[index];
                return Err(Error::Negative { what: "penalties", index, value });
            }
        }
        self.penalty = penalty;
        Ok(self)
    }

    /// Adds the sandwich covariance (Lin and Wei 1989), each subject its own
    /// cluster, with all its intervals.
    pub fn robust(mut self) -> Self {
        self.robust = true;
        self
    }

    /// Adds the sandwich covariance, subjects of one code being dependent.
    ///
    /// # Errors
    /// [`Error::Length`] for clusters of others.
    pub fn clusters(mut self, clusters: &'a Clusters) -> Result<Self, Error> {
        self.clusters = Some(clusters.of(self.follow_up.n())?);
        Ok(self)
    }

    /// Maximises the partial likelihood.
    ///
    /// # Errors
    /// [`Error::Overflow`] if covariates or weights are too large to be summed,
    /// [`Error::Unsupported`] for exact ties with anything but strata,
    /// offsets and initial values.
    pub fn fit(&self) -> Result<CoxFit, Error> {
        self.check_support()?;
        fit::fit(self)
    }

    /// The score test at the initial values with the sandwich covariance
    /// there, which [`CoxFit::robust_score_test`] is too.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit).
    pub(crate) fn robust_score_test(&self) -> Result<Test, Error> {
        self.check_support()?;
        fit::robust_score_test(self)
    }

    /// Refuses what the exact likelihood is not defined with.
    fn check_support(&self) -> Result<(), Error> {
        // In this order, so that of several unfit choices the same one is named
        // each time.
        let with = match () {
            () if self.ties != Ties::Exact => return Ok(()),
            () if self.weights.is_some() => "case weights",
            () if self.is_robust() => "a sandwich covariance",
            () if self.follow_up.starts().is_some() => "intervals",
            () if self.penalty != Penalty::None => "a penalty",
            () => return Ok(()),
        };
        Err(Error::Unsupported { what: "the exact likelihood", with })
    }

    fn is_robust(&self) -> bool {
        self.robust || self.clusters.is_some()
    }

    /// The follow-up.
    pub(crate) fn follow_up(&self) -> FollowUp<'a> {
        self.follow_up
    }

    /// Whether the likelihood is Efron's or Breslow's, without penalty.
    pub(crate) fn is_plain(&self) -> bool {
        self.ties != Ties::Exact && self.penalty == Penalty::None
    }
}

/// A fit's coefficients on the scale of its risk sets, 0 if dropped.
pub(crate) fn scaled_coefficients(fit: &CoxFit, sets: &RiskSets) -> Vec<f64> {
    // Columns of the risk sets are (x - center) * scale: their coefficients are
    // beta / scale.
    let beta = fit.coefficients.iter().map(|known| known.map_or(0.0, |c| c.estimate));
    beta.zip(&sets.scales).map(|(beta, scale)| beta / scale).collect()
}
