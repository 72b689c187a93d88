//! Rubin's rules: one result from the same analysis of several imputed data
//! sets. Making the data sets is left to `imputation`.

mod wald;

pub use wald::{PooledTest, pool_wald};

use crate::Error;
use crate::checks::{check_finite, check_length, check_share};
use crate::inference::Interval;
use crate::quantile::{mean_of, variance_of};
use crate::special::{student_t_quantile, student_t_two_sided_tail};

/// A quantity pooled over imputed data sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooled {
    /// Mean of the estimates, Q.
    pub estimate: f64,
    /// Mean of the variances, U: what there would be without missing values.
    pub within: f64,
    /// Variance of the estimates between data sets, B.
    pub between: f64,
    /// U + (1 + 1/m) B.
    pub total: f64,
    /// Increase of the variance by missing values, r = (1 + 1/m) B / U.
    pub relative_increase: f64,
    /// Share of the variance that missing values make, lambda = (1 + 1/m) B / T.
    pub share_of_variance: f64,
    /// Fraction of information that is missing, (r + 2 / (df + 3)) / (r + 1).
    pub fraction_missing_information: f64,
    /// Of Barnard and Rubin; infinite where nothing bounds them.
    pub degrees_of_freedom: f64,
    /// Data sets, m.
    pub n_imputations: usize,
}

/// Pools a scalar by Rubin's rules.
///
/// # Formula
/// With m data sets, Q the mean estimate, U the mean variance and B the
/// variance of the estimates (divisor m - 1), the total variance is
/// T = U + (1 + 1/m) B (Rubin 1987, 3.1.5). With lambda = (1 + 1/m) B / T the
/// degrees of freedom are nu = (m - 1) / lambda^2 for infinitely many
/// observations (Rubin 1987, 3.1.6), else 1 / (1/nu + 1/obs) with
/// obs = (1 - lambda) c (c + 1) / (c + 3) (Barnard and Rubin 1999, 3), c being
/// those of the analysis of complete data.
///
/// # Arguments
/// - `estimates`: m >= 2 numbers, on a scale on which they are about normal
///   (log hazard ratios rather than hazard ratios).
/// - `variances`: their m squared standard errors, each above zero.
/// - `complete_degrees_of_freedom`: c, above zero; `None` for infinitely many.
///   For a Cox model it is events less coefficients.
///
/// There are no missing values here. Where all data sets agree lambda is 0 and
/// nu infinite; R's `mice` takes at least 1e-4 for lambda, so that its degrees
/// of freedom differ there by up to 1e-4 of themselves.
///
/// # Errors
/// [`Error::Parameter`] for fewer than two data sets or c <= 0,
/// [`Error::Length`], [`Error::NotFinite`], [`Error::NotPositive`].
///
/// Barnard & Rubin, Biometrika 1999; 86: 948-955.
///
/// ```
/// let pooled = restudy_stats::pooling::pool(&[1.0, 2.0, 3.0], &[1.0; 3], None)?;
/// assert_eq!((pooled.estimate, pooled.between), (2.0, 1.0));
/// assert!((pooled.total - (1.0 + 4.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn pool(
    estimates: &[f64],
    variances: &[f64],
    complete_degrees_of_freedom: Option<f64>,
) -> Result<Pooled, Error> {
    let n_imputations = estimates.len();
    check_imputations(n_imputations)?;
    check_length("variances", variances.len(), n_imputations)?;
    check_finite("estimates", estimates)?;
    check_finite("variances", variances)?;
    if let Some(index) = variances.iter().position(|variance| *variance <= 0.0) {
        return Err(Error::NotPositive { what: "variances", index, value: variances[index] });
    }
    check_complete(complete_degrees_of_freedom)?;
    // B with divisor m - 1.
    let (within, between) = (mean_of(variances), variance_of(estimates));
    let added = (1.0 + 1.0 / n_imputations as f64) * between;
    let total = within + added;
    let (relative_increase, share) = (added / within, added / total);
    // (m - 1) / lambda^2, infinite where lambda is zero.
    let unbounded = (n_imputations - 1) as f64 / (share * share);
    let degrees_of_freedom = match complete_degrees_of_freedom {
        None => unbounded,
        Some(complete) => {
            let observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share);
            // Where all data sets agree, only the observed data bound them.
            // Of an infinite nu the harmonic form would be infinity over infinity.
            if unbounded.is_infinite() { observed } else { harmonic(unbounded, observed) }
        }
    };
    // With infinite degrees of freedom the correction is zero.
    let small_sample = 2.0 / (degrees_of_freedom + 3.0);
    Ok(Pooled {
        estimate: mean_of(estimates),
        within,
        between,
        total,
        relative_increase,
        share_of_variance: share,
        fraction_missing_information: (relative_increase + small_sample)
            / (relative_increase + 1.0),
        degrees_of_freedom,
        n_imputations,
    })
}

/// What drawing the data sets again would move pooled numbers by, as standard
/// errors on the scale of the estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonteCarloErrors {
    /// Of the estimate.
    pub estimate: f64,
    /// Of its lower limit.
    pub lower: f64,
    /// Of its upper limit.
    pub upper: f64,
}

/// The Monte Carlo errors of what [`pool`] gives of the same arguments, and
/// of its limits at `confidence_level`.
///
/// # Formula
/// The jackknife over the m data sets: sqrt((m - 1) / m sum (q_i - q)^2), q_i
/// being the number without data set i and q their mean. Of the estimate it
/// is sqrt(B / m) (White, Royston and Wood, Stat Med 2011; 30: 377-399,
/// section 7.3).
///
/// # Errors
/// Those of [`pool`]; [`Error::Parameter`] for fewer than three data sets.
pub fn monte_carlo_errors(
    estimates: &[f64],
    variances: &[f64],
    complete_degrees_of_freedom: Option<f64>,
    confidence_level: f64,
) -> Result<MonteCarloErrors, Error> {
    let m = estimates.len();
    check_length("variances", variances.len(), m)?;
    // Without one of two data sets there is no variance between them.
    if m < 3 {
        return Err(Error::Parameter { what: "imputations", value: m as f64, range: "3 or more" });
    }
    let without = |values: &[f64], left_out: usize| -> Vec<f64> {
        [&values[..left_out], &values[left_out + 1..]].concat()
    };
    let mut numbers = [Vec::new(), Vec::new(), Vec::new()];
    for left_out in 0..m {
        let (estimates, variances) = (without(estimates, left_out), without(variances, left_out));
        let pooled = pool(&estimates, &variances, complete_degrees_of_freedom)?;
        let Interval { estimate, lower, upper } = pooled.interval(confidence_level)?;
        for (list, number) in numbers.iter_mut().zip([estimate, lower, upper]) {
            list.push(number);
        }
    }
    // The variance of the list has the divisor m - 1.
    let error = |list: &Vec<f64>| (m as f64 - 1.0) / (m as f64).sqrt() * variance_of(list).sqrt();
    let [estimate, lower, upper] = [0, 1, 2].map(|place| error(&numbers[place]));
    Ok(MonteCarloErrors { estimate, lower, upper })
}

fn harmonic(one: f64, other: f64) -> f64 {
    one * other / (one + other)
}

fn check_imputations(n_imputations: usize) -> Result<(), Error> {
    if n_imputations >= 2 {
        return Ok(());
    }
    let value = n_imputations as f64;
    Err(Error::Parameter { what: "imputations", value, range: "2 or more" })
}

fn check_complete(complete: Option<f64>) -> Result<(), Error> {
    match complete {
        Some(value) if value.is_nan() || value <= 0.0 => {
            Err(Error::Parameter { what: "complete_degrees_of_freedom", value, range: "above 0" })
        }
        _ => Ok(()),
    }
}

impl Pooled {
    /// The root of the total variance.
    pub fn standard_error(&self) -> f64 {
        self.total.sqrt()
    }

    /// The estimate with limits by Student's t.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn interval(&self, confidence_level: f64) -> Result<Interval, Error> {
        check_share("confidence_level", confidence_level)?;
        let quantile = student_t_quantile(0.5 + 0.5 * confidence_level, self.degrees_of_freedom);
        let reach = quantile * self.standard_error();
        let estimate = self.estimate;
        Ok(Interval { estimate, lower: estimate - reach, upper: estimate + reach })
    }

    /// The ratio whose logarithm was pooled, with its limits.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn ratio(&self, confidence_level: f64) -> Result<Interval, Error> {
        self.interval(confidence_level).map(Interval::exponentiated)
    }

    /// Two-sided p-value of the hypothesis that the quantity is `null`, by
    /// Student's t.
    pub fn p_value(&self, null: f64) -> f64 {
        let t = (self.estimate - null) / self.standard_error();
        student_t_two_sided_tail(t, self.degrees_of_freedom)
    }
}

/// A result for one assumed departure from missing at random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shifted {
    /// The departure, delta.
    pub delta: f64,
    /// What the analysis pools to under it.
    pub pooled: Pooled,
}

/// The departure nearest to zero whose conclusion is not the one at
/// `delta` = 0: where a test at level `alpha` turns, or an estimate that
/// stays significant changes its sign (Cro et al., Stat Med 2020; 39:
/// 2815-2842). `None` if none does.
///
/// # Arguments
/// - `results`: one for each delta in any order; one of them at zero.
/// - `null`: the value of no effect; `alpha`: in (0, 1).
///
/// # Errors
/// [`Error::Parameter`] for an alpha outside (0, 1) or no result at zero.
pub fn tipping_point(results: &[Shifted], null: f64, alpha: f64) -> Result<Option<f64>, Error> {
    check_share("alpha", alpha)?;
    let conclusion = |result: &Shifted| {
        let is_significant = result.pooled.p_value(null) < alpha;
        (is_significant, is_significant && result.pooled.estimate > null)
    };
    // The tipping point is told from the result at zero: without it there is
    // nothing to tip.
    let unshifted = results.iter().find(|result| result.delta == 0.0).ok_or(Error::Parameter {
        what: "deltas",
        value: f64::NAN,
        range: "a list with 0",
    })?;
    let expected = conclusion(unshifted);
    let turned = results.iter().filter(|result| conclusion(result) != expected);
    Ok(turned.map(|result| result.delta).min_by(|a, b| a.abs().total_cmp(&b.abs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_leaves_the_complete_data_alone() {
        let pooled = pool(&[0.5; 4], &[0.04; 4], Some(10.0)).unwrap();
        assert_eq!((pooled.between, pooled.relative_increase), (0.0, 0.0));
        // c (c + 1) / (c + 3) with c = 10 and lambda 0: 110 / 13.
        assert!((pooled.degrees_of_freedom - 110.0 / 13.0).abs() < 1e-14);
        let pooled = pool(&[0.5; 4], &[0.04; 4], None).unwrap();
        assert_eq!(pooled.degrees_of_freedom, f64::INFINITY);
        assert_eq!(pooled.fraction_missing_information, 0.0);
        let Interval { lower, upper, .. } = pooled.interval(0.95).unwrap();
        assert!((upper - lower - 2.0 * 0.2 * 1.959_963_984_540_054).abs() < 1e-14);
    }

    #[test]
    fn the_jackknife_gives_the_error_of_a_mean() {
        let estimates = [0.3, 0.5, 0.45, 0.8, 0.1];
        let errors = monte_carlo_errors(&estimates, &[0.04; 5], None, 0.95).unwrap();
        let pooled = pool(&estimates, &[0.04; 5], None).unwrap();
        assert!((errors.estimate - (pooled.between / 5.0).sqrt()).abs() < 1e-14);
        // A limit moves with the spread of the data sets too.
        assert!(errors.lower > 0.0 && errors.upper > errors.estimate);
        let same = monte_carlo_errors(&[0.5; 4], &[0.04; 4], Some(9.0), 0.95).unwrap();
        assert_eq!([same.estimate, same.lower, same.upper], [0.0; 3]);
        assert!(monte_carlo_errors(&[0.5; 2], &[0.04; 2], None, 0.95).is_err());
    }

    #[test]
    fn mistakes_are_named() {
        let wrong = |estimates: &[f64], variances: &[f64], df| {
            pool(estimates, variances, df).unwrap_err().to_string()
        };
        assert_eq!(wrong(&[1.0], &[1.0], None), "`imputations` is 1, outside 2 or more");
        assert_eq!(wrong(&[1.0; 2], &[1.0], None), "`variances` has 1 values where 2 are needed");
        assert_eq!(
            wrong(&[1.0; 2], &[1.0, 0.0], None),
            "`variances` is not above zero at position 1: 0"
        );
        assert_eq!(
            wrong(&[1.0; 2], &[1.0; 2], Some(0.0)),
            "`complete_degrees_of_freedom` is 0, outside above 0"
        );
    }

    #[test]
    fn the_nearest_turn_is_the_tipping_point() {
        let shifted = |(delta, estimate): (f64, f64)| {
            let pooled = pool(&[estimate - 0.1, estimate + 0.1], &[0.04; 2], None).unwrap();
            Shifted { delta, pooled }
        };
        let results: Vec<Shifted> =
            // The standard error is sqrt(0.04 + 1.5 * 0.02) = 0.26: 0.9 and 0.8 are
            // significant, and 0.3 is the nearest that is not.
            [(-3.0, 0.0), (-2.0, 0.3), (-1.0, 0.8), (0.0, 0.9)].map(shifted).to_vec();
        assert_eq!(tipping_point(&results, 0.0, 0.05), Ok(Some(-2.0)));
        assert_eq!(tipping_point(&results[2..], 0.0, 0.05), Ok(None));
        assert!(tipping_point(&results[..3], 0.0, 0.05).is_err());
    }
}
