//! Groups that are more alike than chance makes them.

use crate::Error;
use crate::checks::{check_finite, check_share};
use crate::special::{chi_square_upper_tail, normal_quantile, normal_upper_tail};

/// How often independent p-values of groups that differ by chance alone would
/// be as large as these together: the upper tail of Σ Φ⁻¹(pᵢ) / √k.
///
/// Small where p-values crowd near 1. It takes them for independent, and
/// continuous, which those of counts are not: it is a flag, no proof.
///
/// - `p_values`: strictly between 0 and 1.
///
/// # Errors
/// [`Error::Empty`] without any; [`Error::Parameter`] for one outside (0, 1).
///
/// Stouffer and others 1949; as used on baseline tables by Carlisle, Anaesthesia 2017;
/// 72: 944-952.
///
/// ```
/// use restudy_stats::forensics::p_values_alike;
/// assert!(p_values_alike(&[0.97, 0.99, 0.95, 0.98, 0.96])? < 1e-4);
/// assert!(p_values_alike(&[0.1, 0.9, 0.4, 0.6, 0.5])? > 0.3);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn p_values_alike(p_values: &[f64]) -> Result<f64, Error> {
    if p_values.is_empty() {
        return Err(Error::Empty);
    }
    for p in p_values {
        check_share("p_values", *p)?;
    }
    // A p of exactly 0 or 1 would be infinite and decide alone: refused above.
    let sum: f64 = p_values.iter().map(|p| normal_quantile(*p)).sum();
    Ok(normal_upper_tail(sum / (p_values.len() as f64).sqrt()))
}

/// How often chance would make standardised differences as small as these:
/// the lower tail of Σ d² / (1/n₁ + 1/n₀), chi-square with one degree of freedom
/// each.
///
/// - `differences`: standardised differences; `group_n`, `reference_n`: sizes of the groups.
///
/// # Errors
/// [`Error::Empty`] without any, or where a group has nobody; [`Error::NotFinite`].
///
/// Austin, Stat Med 2009; 28: 3083-3107, for the variance.
pub fn differences_alike(
    differences: &[f64],
    group_n: u64,
    reference_n: u64,
) -> Result<f64, Error> {
    if differences.is_empty() || group_n == 0 || reference_n == 0 {
        return Err(Error::Empty);
    }
    check_finite("differences", differences)?;
    // The variance of a standardised difference where the true one is zero.
    let variance = 1.0 / group_n as f64 + 1.0 / reference_n as f64;
    let sum: f64 = differences.iter().map(|one| one * one / variance).sum();
    Ok(1.0 - chi_square_upper_tail(sum, differences.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_by_chance_are_of_this_size() {
        // Differences of exactly one standard error: the sum is 10, the middle of a
        // chi-square on 10.
        let usual = (1.0f64 / 50.0 + 1.0 / 50.0).sqrt();
        let p = differences_alike(&[usual; 10], 50, 50).unwrap();
        assert!((0.3..0.8).contains(&p), "{p}");
        assert!(differences_alike(&[0.01; 10], 50, 50).unwrap() < 1e-6);
        assert_eq!(differences_alike(&[], 50, 50), Err(Error::Empty));
        assert!(p_values_alike(&[1.0]).is_err());
        assert_eq!(p_values_alike(&[]), Err(Error::Empty));
    }
}
