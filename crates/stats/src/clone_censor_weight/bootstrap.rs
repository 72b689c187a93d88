//! Limits by resampling subjects, the weights being estimated anew each time.

use rayon::prelude::*;

use super::{CloneCensorWeight, CloneCensorWeightEstimate};
use crate::Error;
use crate::checks::{check_codes, check_share};
use crate::covariates::Covariates;
use crate::quantile::{quantiles, variance_of};
use crate::resample::{bootstrap_sample, percentile_error, take_sample};

/// Estimates of bootstrap samples, in the order of the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// `None` where a sample allowed no estimate: nobody of a strategy was
    /// left, or a model failed.
    pub estimates: Vec<Option<CloneCensorWeightEstimate>>,
}

/// Percentile limits with the spread they come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PercentileInterval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Standard deviation over the samples.
    pub standard_error: f64,
    /// Samples in which the number was known.
    pub n_samples: usize,
    /// What other samples would move the lower limit by, as a standard error.
    pub lower_error: f64,
    /// The same of the upper limit.
    pub upper_error: f64,
}

impl PercentileInterval {
    /// The limits of a logarithm as those of the number itself; the standard
    /// error stays on the scale of the logarithm.
    #[must_use]
    pub fn exponentiated(self) -> Self {
        let (lower, upper) = (libm::exp(self.lower), libm::exp(self.upper));
        // The delta method: the derivative of exp at the limit is the limit itself.
        let (lower_error, upper_error) = (lower * self.lower_error, upper * self.upper_error);
        Self { lower, upper, lower_error, upper_error, ..self }
    }
}

impl CloneCensorWeight<'_> {
    /// The estimates of `n_replicates` samples of subjects: sample r is
    /// [`bootstrap_sample`]`(n, seed, r)`, so that they are the same with any
    /// number of threads.
    ///
    /// # Errors
    /// [`Error::Parameter`] without replicates; [`Error::NoReplicates`] if
    /// every sample failed.
    pub fn resampled(
        &self,
        horizons: &[f64],
        n_replicates: usize,
        seed: u64,
    ) -> Result<Resampled, Error> {
        let n = self.data.n();
        self.collect(horizons, n_replicates, |r| bootstrap_sample(n, seed, r as u64))
    }

    /// The same in given samples, each a list of positions.
    ///
    /// # Errors
    /// As [`resampled`](Self::resampled); [`Error::Length`] or
    /// [`Error::OutOfRange`] for a wrong sample.
    pub fn resampled_in(
        &self,
        horizons: &[f64],
        samples: &[Vec<usize>],
    ) -> Result<Resampled, Error> {
        for sample in samples {
            check_codes("samples", sample, self.data.n(), self.data.n())?;
        }
        self.collect(horizons, samples.len(), |r| samples[r].clone())
    }

    fn collect(
        &self,
        horizons: &[f64],
        n_replicates: usize,
        sample: impl Fn(usize) -> Vec<usize> + Sync,
    ) -> Result<Resampled, Error> {
        if n_replicates == 0 {
            return Err(Error::Parameter { what: "n_replicates", value: 0.0, range: "1 or more" });
        }
        // Samples are drawn by their number and collected in order, so that threads
        // change nothing but the time taken.
        let estimates: Vec<Option<CloneCensorWeightEstimate>> = (0..n_replicates)
            .into_par_iter()
            .map(|replicate| self.in_sample(&sample(replicate), horizons))
            .collect();
        // A few failed samples are counted; when all fail, there is no spread to
        // report.
        if estimates.iter().all(Option::is_none) {
            return Err(Error::NoReplicates { n_replicates });
        }
        Ok(Resampled { estimates })
    }

    fn in_sample(&self, sample: &[usize], horizons: &[f64]) -> Option<CloneCensorWeightEstimate> {
        let (data, columns) = take_sample(&self.data, self.covariates, sample).ok()?;
        let starts: Vec<Option<f64>> = sample.iter().map(|i| self.starts[*i]).collect();
        // The whole analysis again, from the checks on: a sample without anybody in
        // one strategy is a failed sample, not an error of the study.
        let design = CloneCensorWeight::new(&data, &starts, self.grace).ok()?;
        let columns = Covariates::new(&columns, self.covariates.n_columns()).ok()?;
        let mut design = design.covariates(columns).ok()?;
        // Set directly, as they passed their checks in the design that is
        // resampled.
        design.model = self.model;
        design.largest_weight = self.largest_weight;
        design.ties = self.ties;
        design.estimate(horizons).ok()
    }
}

impl Resampled {
    /// Samples that allowed no estimate.
    pub fn n_failed(&self) -> usize {
        self.estimates.iter().filter(|estimate| estimate.is_none()).count()
    }

    /// Percentile limits (quantiles of type 7) of a number of each estimate,
    /// left out where it is not known; `None` if fewer than two know it.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn interval(
        &self,
        confidence_level: f64,
        number: impl Fn(&CloneCensorWeightEstimate) -> Option<f64>,
    ) -> Result<Option<PercentileInterval>, Error> {
        check_share("confidence_level", confidence_level)?;
        let known: Vec<f64> = self.estimates.iter().flatten().filter_map(number).collect();
        // One value has no spread, and both its percentiles would be the value
        // itself.
        if known.len() < 2 {
            return Ok(None);
        }
        let tail = 0.5 * (1.0 - confidence_level);
        let limits = quantiles(&known, &[tail, 1.0 - tail])?;
        Ok(Some(PercentileInterval {
            lower: limits[0],
            upper: limits[1],
            standard_error: variance_of(&known).sqrt(),
            n_samples: known.len(),
            lower_error: percentile_error(&known, tail)?,
            upper_error: percentile_error(&known, 1.0 - tail)?,
        }))
    }
}
