//! How much a Cox model's concordance owes to having been fitted to the very
//! subjects it is judged on.

use rayon::prelude::*;

use crate::Error;
use crate::checks::check_codes;
use crate::concordance::concordance;
use crate::covariates::Covariates;
use crate::cox::{CoxModel, Ties};
use crate::quantile::variance_of;
use crate::resample::{bootstrap_sample, take_sample};
use crate::survival_data::SurvivalData;

/// A concordance with its optimism taken off.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimism {
    /// C of the model in the subjects it was fitted to.
    pub apparent: f64,
    /// Mean over samples of C in the sample less C in all subjects, for the
    /// model fitted to the sample.
    pub optimism: f64,
    /// `apparent` less `optimism`.
    pub corrected: f64,
    /// The difference of each sample; `None` where there was no event, no
    /// comparable pair or no convergence.
    pub differences: Vec<Option<f64>>,
    /// Calibration slope in all subjects of the model fitted to each sample:
    /// the coefficient of its linear predictor. `None` as above, or where
    /// that is constant.
    pub slopes: Vec<Option<f64>>,
    /// Mean of `slopes`, below 1 where the model is too sure of itself; in
    /// the subjects it was fitted to, a model's own slope is 1. `None` if
    /// there is no slope.
    pub calibration_slope: Option<f64>,
}

impl Optimism {
    /// Monte Carlo standard error of `optimism`, and so of `corrected`; `None`
    /// of a single sample.
    pub fn optimism_error(&self) -> Option<f64> {
        error_of_mean(&self.differences)
    }

    /// Monte Carlo standard error of `calibration_slope`; `None` of fewer than
    /// two slopes.
    pub fn slope_error(&self) -> Option<f64> {
        error_of_mean(&self.slopes)
    }
}

/// The standard error of the mean over samples, s / sqrt(B).
fn error_of_mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    // Each sample is one draw of the difference.
    (known.len() > 1).then(|| (variance_of(&known) / known.len() as f64).sqrt())
}

/// The optimism of Harrell's C by `n_replicates` bootstrap samples.
///
/// # Formula
/// The mean over samples of C(m, sample) - C(m, all), m being the model fitted
/// to the sample; C itself less that is the corrected one (Harrell, Lee and
/// Mark 1996, section 4).
///
/// Sample r is [`bootstrap_sample`]`(n, seed, r)`, so that the result is the same with any
/// number of threads.
///
/// # Errors
/// Those of [`CoxModel::new`]; [`Error::Parameter`] without replicates;
/// [`Error::NoReplicates`] if every sample failed.
///
/// ```
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::cox::Ties;
/// use restudy_stats::optimism::optimism_of_concordance;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let times: Vec<f64> = (1..=20).map(f64::from).collect();
/// let data = SurvivalData::new(&times, &[true; 20])?;
/// let x: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 11)).collect();
/// let found = optimism_of_concordance(&data, Covariates::new(&x, 1)?, Ties::Efron, 50, 1)?;
/// assert_eq!(found.corrected, found.apparent - found.optimism);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn optimism_of_concordance(
    data: &SurvivalData,
    covariates: Covariates<'_>,
    ties: Ties,
    n_replicates: usize,
    seed: u64,
) -> Result<Optimism, Error> {
    let n = data.n();
    let sample = |replicate: usize| bootstrap_sample(n, seed, replicate as u64);
    summarize(&Design { data, covariates, ties }, n_replicates, sample)
}

/// The same with samples of the caller's: each a list of `n` positions.
///
/// # Errors
/// Those of [`optimism_of_concordance`]; [`Error::Length`] or
/// [`Error::OutOfRange`] for a wrong sample.
pub fn optimism_in_samples(
    data: &SurvivalData,
    covariates: Covariates<'_>,
    ties: Ties,
    samples: &[Vec<usize>],
) -> Result<Optimism, Error> {
    for sample in samples {
        check_codes("samples", sample, data.n(), data.n())?;
    }
    let design = Design { data, covariates, ties };
    summarize(&design, samples.len(), |replicate| samples[replicate].clone())
}

/// What is fitted to each sample.
struct Design<'a> {
    data: &'a SurvivalData,
    covariates: Covariates<'a>,
    ties: Ties,
}

fn summarize(
    design: &Design<'_>,
    n_replicates: usize,
    sample: impl Fn(usize) -> Vec<usize> + Sync,
) -> Result<Optimism, Error> {
    if n_replicates == 0 {
        return Err(Error::Parameter { what: "n_replicates", value: 0.0, range: "1 or more" });
    }
    let fit = CoxModel::new(design.data, design.covariates)?;
    let fit = fit.ties(design.ties).fit()?;
    let apparent = concordance(design.data, &fit.linear_predictors, None)?.estimate;
    // A stream for each sample by its number: the order of threads does not matter.
    let replicates: Vec<Option<(f64, Option<f64>)>> = (0..n_replicates)
        .into_par_iter()
        .map(|replicate| design.replicate(&sample(replicate)))
        .collect();
    let differences: Vec<Option<f64>> =
        replicates.iter().map(|found| found.map(|(difference, _)| difference)).collect();
    let slopes: Vec<Option<f64>> =
        replicates.iter().map(|found| found.and_then(|(_, slope)| slope)).collect();
    // Collected in the order of the replicates, so summed in one order.
    let mean = |values: &[Option<f64>]| {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let optimism = mean(&differences).ok_or(Error::NoReplicates { n_replicates })?;
    let calibration_slope = mean(&slopes);
    let corrected = apparent - optimism;
    Ok(Optimism { apparent, optimism, corrected, differences, slopes, calibration_slope })
}

impl Design<'_> {
    /// C of a sample's model in the sample less that in all subjects, and
    /// its calibration slope in all subjects.
    fn replicate(&self, sample: &[usize]) -> Option<(f64, Option<f64>)> {
        let (data, columns) = take_sample(self.data, self.covariates, sample).ok()?;
        let columns = Covariates::new(&columns, self.covariates.n_columns()).ok()?;
        let model = CoxModel::new(&data, columns).ok()?.ties(self.ties);
        let fit = model.fit().ok()?;
        // Scores without bound: such a sample is counted as failed, not averaged.
        let has_failed = fit.coefficients.iter().flatten().any(|known| known.may_be_infinite);
        if has_failed {
            return None;
        }
        let within = concordance(&data, &fit.linear_predictors, None).ok()?;
        // Uncentred scores: a constant changes no order and no slope.
        let mut scores = vec![0.0; self.data.n()];
        let columns = self.covariates.columns().zip(&fit.coefficients);
        for (column, known) in columns {
            // A column that the sample dropped has no part in its scores.
            let beta = known.map_or(0.0, |known| known.estimate);
            scores.iter_mut().zip(column).for_each(|(score, x)| *score += beta * x);
        }
        let without = concordance(self.data, &scores, None).ok()?;
        // The calibration slope: the coefficient of the sample's predictor, fitted
        // in all subjects.
        let slope = CoxModel::new(self.data, Covariates::new(&scores, 1).ok()?)
            .ok()?
            .ties(self.ties)
            .fit()
            .ok()?;
        let slope = slope.coefficients[0].filter(|known| !known.may_be_infinite);
        let slope = slope.map(|known| known.estimate);
        Some((within.estimate - without.estimate, slope))
    }
}
