//! Standard errors by drawing subjects again.

use rayon::prelude::*;

use super::{check, turnbull};
use crate::Error;
use crate::checks::{check_finite, check_share};
use crate::quantile::{quantiles, variance_of};
use crate::resample::{bootstrap_sample, percentile_error};

/// The spread of S at a time over bootstrap samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapSurvival {
    /// Standard deviation of the least S that agrees with each estimate.
    pub least_error: f64,
    /// Standard deviation of the greatest.
    pub greatest_error: f64,
    /// Lower limit: a percentile of the least.
    pub lower: f64,
    /// Upper limit: a percentile of the greatest.
    pub upper: f64,
    /// Monte Carlo standard error of `lower`.
    pub lower_draw_error: f64,
    /// Monte Carlo standard error of `upper`.
    pub upper_draw_error: f64,
    /// Samples whose estimate did converge; the others are left out.
    pub n_converged: usize,
}

/// The bootstrap of S at each of `times`: `replicates` samples of the
/// subjects with replacement, sample i from the stream i of `seed`, with
/// percentile limits (Efron 1979; quantiles of type 7). The result does not
/// depend on the number of threads.
///
/// # Arguments
/// `left` and `right` as in [`turnbull`]; `times` in their unit.
///
/// # Errors
/// Those of [`turnbull`]; [`Error::Parameter`] for fewer than two replicates
/// or a level outside (0, 1), [`Error::NotFinite`] for a time that is none,
/// [`Error::NoReplicates`] if fewer than two samples converged.
pub fn bootstrap_survival(
    left: &[f64],
    right: &[f64],
    times: &[f64],
    confidence_level: f64,
    replicates: usize,
    seed: u64,
) -> Result<Vec<BootstrapSurvival>, Error> {
    check(left, right)?;
    check_share("confidence_level", confidence_level)?;
    check_finite("times", times)?;
    if replicates < 2 {
        let value = replicates as f64;
        return Err(Error::Parameter { what: "replicates", value, range: "2 or more" });
    }
    let draw = |replicate: u64| -> Result<Option<Vec<(f64, f64)>>, Error> {
        let sample = bootstrap_sample(left.len(), seed, replicate);
        let pick = |ends: &[f64]| -> Vec<f64> { sample.iter().map(|place| ends[*place]).collect() };
        // An error of one sample would be one of all: ends were checked before.
        let estimate = turnbull(&pick(left), &pick(right))?;
        let at = |time: &f64| estimate.survival(*time);
        // A sample that did not converge has no estimate; it is counted, not taken
        // as it is.
        Ok(estimate.has_converged.then(|| times.iter().map(at).collect()))
    };
    let drawn: Vec<Option<Vec<(f64, f64)>>> =
        (0..replicates as u64).into_par_iter().map(draw).collect::<Result<_, _>>()?;
    let drawn: Vec<Vec<(f64, f64)>> = drawn.into_iter().flatten().collect();
    if drawn.len() < 2 {
        return Err(Error::NoReplicates { n_replicates: replicates });
    }
    let tail = 0.5 * (1.0 - confidence_level);
    let of_time = |place: usize| -> Result<BootstrapSurvival, Error> {
        // The least and the greatest S apart: limits are the lower of one and the
        // upper of the other.
        let (least, greatest): (Vec<f64>, Vec<f64>) = drawn.iter().map(|row| row[place]).unzip();
        Ok(BootstrapSurvival {
            least_error: variance_of(&least).sqrt(),
            greatest_error: variance_of(&greatest).sqrt(),
            lower: quantiles(&least, &[tail])?[0],
            upper: quantiles(&greatest, &[1.0 - tail])?[0],
            lower_draw_error: percentile_error(&least, tail)?,
            upper_draw_error: percentile_error(&greatest, 1.0 - tail)?,
            n_converged: drawn.len(),
        })
    };
    (0..times.len()).map(of_time).collect()
}
