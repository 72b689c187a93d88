//! Standardized differences: how far two groups differ, in units of spread.
//!
//! The same denominator serves continuous, binary and categorical variables,
//! and is named at each call: pooled for the effect in all patients, the
//! treated group's for the effect in those treated.

use crate::Error;
use crate::checks::check_length;
use crate::quantile::{check_sample, mean_of, variance_of};
use nalgebra::{DMatrix, DVector};

/// The variance by which a difference is divided, after a square root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denominator {
    /// The average of the two groups' variances.
    Pooled,
    /// The variance of the first, treated group.
    Treated,
}

impl Denominator {
    fn of(self, treated: f64, control: f64) -> f64 {
        match self {
            Denominator::Pooled => 0.5 * (treated + control),
            Denominator::Treated => treated,
        }
    }
}

/// A sample whose values count with weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighted<'a> {
    /// The values; none missing.
    pub values: &'a [f64],
    /// As many weights, none negative and not all zero.
    pub weights: &'a [f64],
}

/// The standardized difference of two means, treated less control.
///
/// (x̄₁ − x̄₀) / √V, where V is (s₁² + s₀²)/2 or s₁², with divisors n − 1.
///
/// - `treated`, `control`: samples of at least two values; none missing.
///
/// # Errors
/// [`Error::Empty`]; [`Error::NotFinite`]; [`Error::Separated`] if V is zero
/// and the means differ; [`Error::NoVariation`] if V is zero and they do not, or
/// if it is not estimable.
///
/// Austin, Stat Med 2009; 28: 3083-3107, section 2.
///
/// ```
/// use restudy_stats::standardized_difference::{Denominator, of_means};
/// let difference = of_means(&[2.0, 4.0], &[1.0, 3.0], Denominator::Pooled)?;
/// assert!((difference - 1.0 / 2f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn of_means(treated: &[f64], control: &[f64], denominator: Denominator) -> Result<f64, Error> {
    check_sample("treated", treated)?;
    check_sample("control", control)?;
    scaled(mean_of(treated) - mean_of(control), spread(treated, control, denominator))
}

/// The standardized difference of two weighted means, treated less control.
///
/// (Σ w x / Σ w in the treated less that in the controls) / √V, where V is the
/// variance *before* weighting, as in [`of_means`]: so that the differences
/// before and after weighting are on one scale. A binary variable coded 0 and 1
/// has here the divisor n − 1.
///
/// - `treated`, `control`: samples of at least two values, with weights.
///
/// # Errors
/// Those of [`of_means`]; [`Error::Length`] if weights and values differ in
/// number; [`Error::Negative`] for a weight below zero; [`Error::Empty`] if all
/// weights are zero.
///
/// Austin & Stuart, Stat Med 2015; 34: 3661-3679; the scale of Stuart,
/// Stat Sci 2010; 25: 1-21, section 4.1.
///
/// ```
/// use restudy_stats::standardized_difference::{Denominator, Weighted, of_weighted_means};
/// let treated = Weighted { values: &[2.0, 4.0], weights: &[1.0, 1.0] };
/// let control = Weighted { values: &[1.0, 3.0], weights: &[0.0, 5.0] };
/// assert_eq!(of_weighted_means(treated, control, Denominator::Treated)?, 0.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn of_weighted_means(
    treated: Weighted,
    control: Weighted,
    denominator: Denominator,
) -> Result<f64, Error> {
    let difference = treated.mean("treated")? - control.mean("control")?;
    scaled(difference, spread(treated.values, control.values, denominator))
}

/// The standardized difference of two proportions, treated less control.
///
/// (p₁ − p₀) / √V, where V is (p₁(1 − p₁) + p₀(1 − p₀))/2 or p₁(1 − p₁).
///
/// - `treated`, `control`: each group's proportion, in [0, 1], weighted or not.
///
/// # Errors
/// [`Error::Parameter`] outside [0, 1]; [`Error::Separated`] or
/// [`Error::NoVariation`] if V is zero, as [`of_means`].
///
/// Austin, Stat Med 2009; 28: 3083-3107, section 2.
///
/// ```
/// use restudy_stats::standardized_difference::{Denominator, of_proportions};
/// let difference = of_proportions(0.5, 0.25, Denominator::Treated)?;
/// assert_eq!(difference, 0.5);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn of_proportions(treated: f64, control: f64, denominator: Denominator) -> Result<f64, Error> {
    check_shares("treated", &[treated])?;
    check_shares("control", &[control])?;
    let variance = |p: f64| p * (1.0 - p);
    scaled(treated - control, denominator.of(variance(treated), variance(control)))
}

/// The standardized difference of two distributions over categories: their
/// Mahalanobis distance, which has no sign.
///
/// √((T − C)ᵀ S⁻¹ (T − C)) over all categories but one, where S has
/// (Tₖ(1 − Tₖ) + Cₖ(1 − Cₖ))/2 on its diagonal and −(TₖTₗ + CₖCₗ)/2 off it, or
/// the treated group's terms alone. It does not depend on the category left
/// out, and for two categories is the size of [`of_proportions`].
///
/// - `treated`, `control`: each group's share in each category, in the same
///   order; a category empty in both is passed over.
///
/// # Errors
/// [`Error::Length`] if the categories differ in number; [`Error::Parameter`]
/// for a share outside [0, 1] or shares that do not sum to one;
/// [`Error::Separated`] if S cannot be inverted: the groups share no category,
/// or the treated group, if the denominator rests on it alone, never falls in
/// one of the controls'. The distance is infinite then.
///
/// Yang & Dalton, *A unified approach to measuring the effect size between two
/// groups using SAS*, SAS Global Forum 2012, paper 335.
///
/// ```
/// use restudy_stats::standardized_difference::{Denominator, of_categories};
/// let same = of_categories(&[0.2, 0.3, 0.5], &[0.2, 0.3, 0.5], Denominator::Pooled)?;
/// assert_eq!(same, 0.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn of_categories(
    treated: &[f64],
    control: &[f64],
    denominator: Denominator,
) -> Result<f64, Error> {
    check_length("control", control.len(), treated.len())?;
    check_shares_sum("treated", treated)?;
    check_shares_sum("control", control)?;
    let seen: Vec<usize> =
        // A category without anybody would be a row of zeros.
        (0..treated.len()).filter(|&k| treated[k] > 0.0 || control[k] > 0.0).collect();
    // The shares sum to one: one category, here the first, adds nothing.
    let kept = &seen[1..];
    let covariance = DMatrix::from_fn(kept.len(), kept.len(), |row, column| {
        let (k, l) = (kept[row], kept[column]);
        // The covariance of the indicators of one observation.
        let of = |share: &[f64]| share[k] * (f64::from(u8::from(k == l)) - share[l]);
        denominator.of(of(treated), of(control))
    });
    let difference = DVector::from_fn(kept.len(), |k, _| treated[kept[k]] - control[kept[k]]);
    // Of shares that sum to one, S has no inverse only if the groups differ
    // along a direction in which it is zero: the distance is infinite.
    let separated = Error::Separated { what: "category" };
    let Some(factor) = covariance.cholesky() else { return Err(separated) };
    // A pivot lost to rounding marks a matrix that cannot be inverted. Its
    // entries are products of shares, so that 1e-14 needs no scale.
    if factor.l().diagonal().iter().any(|&pivot| pivot * pivot < 1e-14) {
        return Err(separated);
    }
    Ok(difference.dot(&factor.solve(&difference)).max(0.0).sqrt())
}

impl Weighted<'_> {
    fn mean(&self, what: &'static str) -> Result<f64, Error> {
        check_sample(what, self.values)?;
        check_length("weights", self.weights.len(), self.values.len())?;
        check_sample("weights", self.weights)?;
        if let Some(index) = self.weights.iter().position(|&weight| weight < 0.0) {
            return Err(Error::Negative { what: "weights", index, value: self.weights[index] });
        }
        let total: f64 = self.weights.iter().sum();
        if total == 0.0 {
            return Err(Error::Empty);
        }
        let weighted = self.values.iter().zip(self.weights).map(|(value, weight)| value * weight);
        Ok(weighted.sum::<f64>() / total)
    }
}

/// The variance for the denominator; NaN where a single value leaves it unknown.
fn spread(treated: &[f64], control: &[f64], denominator: Denominator) -> f64 {
    denominator.of(variance_of(treated), variance_of(control))
}

fn scaled(difference: f64, variance: f64) -> Result<f64, Error> {
    // Not a number compares as false and is told below as no variation.
    if variance > 0.0 {
        return Ok(difference / variance.sqrt());
    }
    // Groups that differ where neither varies are infinitely far apart.
    match variance == 0.0 && difference != 0.0 {
        true => Err(Error::Separated { what: "variable" }),
        false => Err(Error::NoVariation { what: "variable" }),
    }
}

fn check_shares(what: &'static str, shares: &[f64]) -> Result<(), Error> {
    match shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
        Some(&value) => Err(Error::Parameter { what, value, range: "[0, 1]" }),
        None => Ok(()),
    }
}

fn check_shares_sum(what: &'static str, shares: &[f64]) -> Result<(), Error> {
    check_shares(what, shares)?;
    let value: f64 = shares.iter().sum();
    // Divided counts miss one by their last bits, a level left out by far more.
    if (value - 1.0).abs() > 1e-9 {
        return Err(Error::Parameter { what, value, range: "shares that sum to one" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_difference_needs_a_spread() {
        let flat = of_means(&[1.0, 1.0], &[2.0, 2.0], Denominator::Pooled).unwrap_err();
        assert_eq!(
            flat.to_string(),
            "the groups differ in `variable`, which does not vary within them"
        );
        let alone = of_means(&[1.0], &[2.0, 3.0], Denominator::Treated);
        assert_eq!(alone, Err(Error::NoVariation { what: "variable" }));
        assert!(of_proportions(1.0, 0.5, Denominator::Treated).is_err());
        let apart = of_categories(&[1.0, 0.0], &[0.0, 1.0], Denominator::Pooled).unwrap_err();
        assert_eq!(apart, Error::Separated { what: "category" });
        let never = of_categories(&[0.5, 0.5, 0.0], &[0.2, 0.3, 0.5], Denominator::Treated);
        assert_eq!(never, Err(Error::Separated { what: "category" }));
    }

    #[test]
    fn misuse_is_refused() {
        let error = of_categories(&[0.5, 0.4], &[0.5, 0.5], Denominator::Pooled).unwrap_err();
        assert_eq!(error.to_string(), "`treated` is 0.9, outside shares that sum to one");
        assert!(of_categories(&[1.0], &[0.5, 0.5], Denominator::Pooled).is_err());
        assert!(of_proportions(1.2, 0.5, Denominator::Pooled).is_err());
        assert!(of_proportions(f64::NAN, 0.5, Denominator::Pooled).is_err());
        assert!(of_categories(&[f64::NAN, 1.0], &[0.5, 0.5], Denominator::Pooled).is_err());
        let error = of_means(&[1.0, f64::NAN], &[1.0, 2.0], Denominator::Pooled).unwrap_err();
        assert_eq!(error.to_string(), "`treated` is not a finite number at position 1");
        assert_eq!(of_means(&[], &[1.0], Denominator::Pooled), Err(Error::Empty));
        let weights = Weighted { values: &[1.0, 2.0], weights: &[1.0, -1.0] };
        let error = of_weighted_means(weights, weights, Denominator::Pooled).unwrap_err();
        assert_eq!(error.to_string(), "`weights` is negative at position 1: -1");
    }

    #[test]
    fn an_empty_category_and_a_single_one_add_nothing() {
        let with = of_categories(&[0.5, 0.0, 0.5], &[0.2, 0.0, 0.8], Denominator::Pooled);
        assert_eq!(with, of_categories(&[0.5, 0.5], &[0.2, 0.8], Denominator::Pooled));
        assert_eq!(of_categories(&[1.0], &[1.0], Denominator::Pooled), Ok(0.0));
    }

    proptest! {
        #[test]
        fn the_category_left_out_does_not_matter(
            counts in proptest::collection::vec((1..40_u32, 1..40_u32), 3..7),
        ) {
            let shares = |counts: Vec<u32>| {
                let total: u32 = counts.iter().sum();
                counts.iter().map(|&c| f64::from(c) / f64::from(total)).collect::<Vec<_>>()
            };
            let treated = shares(counts.iter().map(|pair| pair.0).collect());
            let control = shares(counts.iter().map(|pair| pair.1).collect());
            let turned = |it: &[f64]| it.iter().rev().copied().collect::<Vec<_>>();
            for denominator in [Denominator::Pooled, Denominator::Treated] {
                let one = of_categories(&treated, &control, denominator).unwrap();
                let other =
                    of_categories(&turned(&treated), &turned(&control), denominator).unwrap();
                prop_assert!((one - other).abs() < 1e-10);
                let pair = of_categories(
                    &[treated[0], 1.0 - treated[0]], &[control[0], 1.0 - control[0]], denominator,
                ).unwrap();
                let signed = of_proportions(treated[0], control[0], denominator).unwrap();
                prop_assert!((pair - signed.abs()).abs() < 1e-12);
                prop_assert!(pair <= one + 1e-12);
            }
        }
    }
}
