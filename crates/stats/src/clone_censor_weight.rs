//! Two strategies of starting an exposure, compared as if each had been
//! assigned: every subject is cloned into both, censored when it deviates, and
//! weighted for that censoring.

mod bootstrap;
mod censoring;
mod clones;
mod outcome;
mod pooled_logistic;
mod weighted_rows;

pub use bootstrap::{PercentileInterval, Resampled};
pub use outcome::{CloneCensorWeightEstimate, CloneStep, HorizonEffect, StrategyEstimate};

use std::borrow::Cow;

use crate::Error;
use crate::covariates::Covariates;
use crate::cox::Ties;
use crate::landmark::landmark;
use crate::survival_data::SurvivalData;
use crate::switching::OneScale;

/// How the weights against artificial censoring are estimated. Each strategy
/// has a model of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CensoringModel {
    /// All weights are 1: what happens before deviating is compared as it is,
    /// and selection by the covariates stays.
    Unweighted,
    /// Cox's regression of the time to artificial censoring, with Efron's
    /// ties and Efron's baseline hazard (Maringe et al. 2020).
    Cox,
    /// Logistic regression of being censored in an interval of the grace
    /// period of this length (> 0, in the unit of time), pooled over
    /// intervals with an intercept for each (Hernan 2018).
    PooledLogistic {
        /// Length of the intervals; the last ends with the grace period.
        interval: f64,
    },
}

/// A comparison of "start within the grace period" (strategy 1) with "do not
/// start within it" (strategy 0).
///
/// # Formula
/// Each subject has a clone in both strategies (Hernan, BMJ 2018; 360: k182;
/// Maringe et al., Int J Epidemiol 2020; 49: 1719-1729). With g the end of
/// the grace period and s the start, if s <= g and s is before the end of
/// follow-up:
/// the clone in strategy 0 is artificially censored at s, that in strategy 1
/// never. A subject that is still followed after g without having started
/// has its clone in strategy 1 censored at g. Follow-up that ends by g
/// without a start agrees with both strategies and stays in both.
///
/// A clone at risk at t is weighted by 1 / G(t-), G being the probability
/// that a clone of its strategy and its covariates is not artificially
/// censored: exp(-H(t) exp(beta'x)) under [`CensoringModel::Cox`], the
/// product of 1 - p over the intervals that ended by t under
/// [`CensoringModel::PooledLogistic`]. Clones who have started stay among
/// those whose censoring is modelled, as in Maringe et al.: at g the
/// started stand for all with the same covariates who are still at risk.
/// Covariates are those at time zero; that they suffice to explain who starts
/// is an assumption which data cannot check.
///
/// Survival is the weighted Kaplan-Meier curve of each strategy; the hazard
/// ratio is that of a weighted Cox model of all clones. Their limits come from
/// resampling subjects and doing everything again
/// ([`resampled`](Self::resampled)), as clones are not independent.
///
/// # Ties and missing values
/// An event at the time of artificial censoring is still seen, and its weight
/// is that from before. Times that differ by rounding alone are one time, as in
/// [`SurvivalData`]. No value may be missing.
///
/// ```
/// use restudy_stats::clone_censor_weight::{CensoringModel, CloneCensorWeight};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 4.0, 6.0, 8.0], &[true; 4])?;
/// let starts = [None, Some(2.0), None, Some(1.0)];
/// let found = CloneCensorWeight::new(&data, &starts, 3.0)?
///     .model(CensoringModel::Unweighted)?
///     .estimate(&[5.0])?;
/// let [without, with] = found.strategies;
/// assert_eq!((without.n_artificially_censored, with.n_artificially_censored), (2, 1));
/// // Of four clones one has the event at 1, of two at risk another at 4.
/// assert_eq!(found.horizons[0].survival[1], Some(0.75 * 0.5));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CloneCensorWeight<'a> {
    data: Cow<'a, SurvivalData>,
    starts: Vec<Option<f64>>,
    grace: f64,
    covariates: Covariates<'a>,
    model: CensoringModel,
    largest_weight: Option<f64>,
    ties: Ties,
}

impl<'a> CloneCensorWeight<'a> {
    /// `starts` has the start of exposure of each subject (>= 0, `None`
    /// without one), and `grace` > 0 is the end of the grace period, both in
    /// the unit of `data`. A start at or after the end of follow-up is none.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a grace period that is none;
    /// [`Error::Length`], [`Error::NotFinite`] or [`Error::Negative`] for
    /// wrong starts; [`Error::Empty`] if nobody is followed beyond it;
    /// [`Error::OneGroup`] unless some who are have started by then, and
    /// some have not.
    pub fn new(
        data: &'a SurvivalData,
        starts: &'a [Option<f64>],
        grace: f64,
    ) -> Result<Self, Error> {
        if !(grace.is_finite() && grace > 0.0) {
            return Err(Error::Parameter { what: "grace", value: grace, range: "(0, infinity)" });
        }
        // With one group empty a strategy would have no clone that is followed
        // beyond the grace period, and its weights nothing to be estimated from.
        let left = landmark(data, starts, grace)?.groups();
        if left.sizes().contains(&0) {
            return Err(Error::OneGroup { found: 1 });
        }
        // Times, starts and the end of the grace period are compared with one
        // another below: on one scale, what differs by rounding alone counts as
        // equal.
        let OneScale { ends, switches, time } = OneScale::new(data, starts, grace);
        // Most data need no change and are not copied.
        let data = if ends == data.times() {
            Cow::Borrowed(data)
        } else {
            Cow::Owned(SurvivalData::new(&ends, data.events())?)
        };
        Ok(Self {
            data,
            starts: switches,
            grace: time,
            covariates: Covariates::default(),
            model: CensoringModel::Unweighted,
            largest_weight: None,
            ties: Ties::default(),
        })
    }

    /// What the weights depend on, known at time zero.
    ///
    /// # Errors
    /// [`Error::Length`] for covariates of others.
    pub fn covariates(mut self, covariates: Covariates<'a>) -> Result<Self, Error> {
        self.covariates = covariates.of(self.data.n())?;
        Ok(self)
    }

    /// Chooses the model of the weights, all 1 unless called; call it after
    /// [`covariates`](Self::covariates).
    ///
    /// # Errors
    /// [`Error::Parameter`] for an interval that is none, or for a model
    /// without covariates.
    pub fn model(mut self, model: CensoringModel) -> Result<Self, Error> {
        // Weights that depend on nothing would be constant within a strategy at
        // each time: the user asked for an adjustment and named no covariate.
        if model != CensoringModel::Unweighted && self.covariates.n_columns() == 0 {
            return Err(Error::Parameter { what: "n_covariates", value: 0.0, range: "1 or more" });
        }
        // The comparison is turned so that an interval that is not a number is
        // refused too.
        if let CensoringModel::PooledLogistic { interval } = model
            && !(interval.is_finite() && interval > 0.0)
        {
            let range = "(0, infinity)";
            return Err(Error::Parameter { what: "interval", value: interval, range });
        }
        self.model = model;
        Ok(self)
    }

    /// Cuts larger weights to this one (>= 1).
    ///
    /// # Errors
    /// [`Error::Parameter`].
    pub fn largest_weight(mut self, weight: f64) -> Result<Self, Error> {
        if !(weight.is_finite() && weight >= 1.0) {
            let range = "[1, infinity)";
            return Err(Error::Parameter { what: "largest_weight", value: weight, range });
        }
        self.largest_weight = Some(weight);
        Ok(self)
    }

    /// Chooses the approximation for ties in the hazard ratio; Efron's unless
    /// called.
    pub fn ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// The estimate, with what holds at each of `horizons` (times > 0).
    ///
    /// # Errors
    /// [`Error::Parameter`] for a wrong horizon; [`Error::NotConverged`] for
    /// a logistic model; those of [`CoxModel`](crate::cox::CoxModel).
    pub fn estimate(&self, horizons: &[f64]) -> Result<CloneCensorWeightEstimate, Error> {
        if let Some(wrong) = horizons.iter().find(|time| !(time.is_finite() && **time > 0.0)) {
            let range = "(0, infinity)";
            return Err(Error::Parameter { what: "horizons", value: *wrong, range });
        }
        outcome::estimate(self, horizons)
    }
}
