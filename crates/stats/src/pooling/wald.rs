//! The Wald test of several quantities at once, pooled over imputed data sets.

use nalgebra::{DMatrix, DVector};

use super::{check_complete, check_imputations};
use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::quantile::mean_of;
use crate::special::f_upper_tail;
use crate::symmetric::Factors;

/// Pivots below this share of the largest count as zero: the covariance is
/// scaled to a diagonal of ones, so that what is left of a pivot by rounding is
/// a few times 2^-52.
const RANK_TOLERANCE: f64 = 1e-12;

/// A pooled test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PooledTest {
    /// D1, to be compared with F.
    pub statistic: f64,
    /// The number of quantities, k.
    pub numerator_degrees_of_freedom: usize,
    /// Of the variance.
    pub denominator_degrees_of_freedom: f64,
    /// Average relative increase of the variance by missing values.
    pub relative_increase: f64,
    /// P(F > D1).
    pub p_value: f64,
}

/// Tests that k quantities are all zero: the statistic D1 of Li, Raghunathan
/// and Rubin.
///
/// # Formula
/// With Q the mean estimate, U the mean covariance, B the covariance of the
/// estimates (divisor m - 1) and r = (1 + 1/m) tr(B U^-1) / k, D1 is
/// Q' U^-1 Q / (k (1 + r)), against F with k and v degrees of freedom. With
/// t = k (m - 1), v is 4 + (t - 4) (1 + (1 - 2/t) / r)^2 if t > 4, else
/// t (1 + 1/k) (1 + 1/r)^2 / 2 (Li, Raghunathan and Rubin 1991, 2.6 and 2.7).
/// Where the complete data have finite degrees of freedom c and t > 4, v is
/// Reiter's (2007, section 2), which does not exceed them. For t <= 4 his
/// formula is not defined, and the one without c stands.
///
/// # Arguments
/// - `estimates`: m >= 2 vectors of k >= 1 values.
/// - `covariances`: their m k x k covariance matrices.
/// - `complete_degrees_of_freedom`: c, or `None` for infinitely many.
///
/// # Errors
/// [`Error::Parameter`], [`Error::Length`], [`Error::NotFinite`]; and
/// [`Error::Collinear`] if the mean covariance is singular.
///
/// Li, Raghunathan & Rubin, JASA 1991; 86: 1065-1073. Reiter, Biometrika 2007;
/// 94: 502-508.
pub fn pool_wald(
    estimates: &[Vec<f64>],
    covariances: &[DMatrix<f64>],
    complete_degrees_of_freedom: Option<f64>,
) -> Result<PooledTest, Error> {
    let m = estimates.len();
    check_imputations(m)?;
    check_length("covariances", covariances.len(), m)?;
    check_complete(complete_degrees_of_freedom)?;
    let k = estimates[0].len();
    if k == 0 {
        return Err(Error::Empty);
    }
    for (estimate, covariance) in estimates.iter().zip(covariances) {
        check_length("estimates", estimate.len(), k)?;
        check_length("covariances", covariance.len(), k * k)?;
        check_finite("estimates", estimate)?;
        check_finite("covariances", covariance.as_slice())?;
    }
    let mean = DVector::from_fn(k, |j, _| {
        mean_of(&estimates.iter().map(|estimate| estimate[j]).collect::<Vec<f64>>())
    });
    let within = covariances.iter().fold(DMatrix::zeros(k, k), |sum, one| sum + one) / m as f64;
    let mut between = DMatrix::zeros(k, k);
    for estimate in estimates {
        let departure = DVector::from_column_slice(estimate) - &mean;
        between += &departure * departure.transpose();
    }
    // Divisor m - 1, as of the scalar B.
    between /= (m - 1) as f64;
    // Each in units of its standard error: else the unit of a covariate may
    // make its variance look like none.
    let error = |j: usize| if within[(j, j)] > 0.0 { within[(j, j)].sqrt() } else { 1.0 };
    let errors: Vec<f64> = (0..k).map(error).collect();
    let scaled = |matrix: &DMatrix<f64>| {
        DMatrix::from_fn(k, k, |i, j| matrix[(i, j)] / errors[i] / errors[j])
    };
    let z: Vec<f64> = mean.iter().zip(&errors).map(|(mean, error)| mean / error).collect();
    let factors = Factors::new(&scaled(&within), RANK_TOLERANCE);
    if let Some(column) = (0..k).find(|column| !factors.is_kept(*column)) {
        return Err(Error::Collinear { column });
    }
    // tr(B U^-1), in which the scaling cancels.
    let trace = (scaled(&between) * factors.inverse()).trace();
    let relative_increase = (1.0 + 1.0 / m as f64) * trace / k as f64;
    let statistic = factors.quadratic_form(&z) / (k as f64 * (1.0 + relative_increase));
    let denominator = degrees_of_freedom(k, m, relative_increase, complete_degrees_of_freedom);
    Ok(PooledTest {
        statistic,
        numerator_degrees_of_freedom: k,
        denominator_degrees_of_freedom: denominator,
        relative_increase,
        p_value: f_upper_tail(statistic, k as f64, denominator),
    })
}

fn degrees_of_freedom(k: usize, m: usize, increase: f64, complete: Option<f64>) -> f64 {
    let t = (k * (m - 1)) as f64;
    match complete {
        Some(complete) if t > 4.0 => reiter(t, increase, complete),
        // Without variance between data sets the F is a chi-square over k.
        _ if increase == 0.0 => f64::INFINITY,
        _ if t > 4.0 => {
            let root = 1.0 + (1.0 - 2.0 / t) / increase;
            4.0 + (t - 4.0) * root * root
        }
        _ => {
            let root = 1.0 + 1.0 / increase;
            t * (1.0 + 1.0 / k as f64) * root * root / 2.0
        }
    }
}

/// Reiter's approximation, in which `a` is the increase of the variance and
/// `observed` what the complete data have.
fn reiter(t: f64, increase: f64, complete: f64) -> f64 {
    let a = increase * t / (t - 2.0);
    let observed = (complete + 1.0) / (complete + 3.0) * complete;
    let c0 = 1.0 / (t - 4.0);
    let c1 = observed - 2.0 * (1.0 + a);
    let c2 = observed - 4.0 * (1.0 + a);
    let (squared, whole) = (a * a, 1.0 + a);
    let sum = squared * c1 / (whole * whole * c2)
        + 8.0 * squared * c1 / (whole * c2 * c2)
        + 4.0 * squared / (whole * c2)
        + 4.0 * squared / (c2 * c1)
        + 16.0 * squared * c1 / (c2 * c2 * c2)
        + 8.0 * squared / (c2 * c2);
    4.0 + 1.0 / (1.0 / c2 + c0 * sum)
}
