//! Weights from the probability of treatment.

use crate::Error;
use crate::checks::check_length;
use crate::quantile::{check_sample, quantiles};

/// The population in which the weighted groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighting {
    /// All: 1 / e in the treated, 1 / (1 - e) in the controls (Rosenbaum
    /// 1987).
    InverseProbability,
    /// The same times the share of the subject's own group, so that weights
    /// average about 1 (Robins, Hernán and Brumback 2000).
    Stabilized,
    /// Those who might have got either: 1 - e in the treated, e in the
    /// controls (Li, Morgan and Zaslavsky 2018). Never above 1.
    Overlap,
    /// The treated: 1 in them, e / (1 - e) in the controls (Morgan and Todd
    /// 2008).
    Treated,
}

/// The weight of each subject.
///
/// - `scores`: each subject's probability of treatment e, in (0, 1).
/// - `treated`: whether it was treated.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`]; [`Error::Parameter`] for a score
/// outside (0, 1), for which some weight would be infinite or nothing;
/// [`Error::OneGroup`] if nobody or everybody was treated.
///
/// ```
/// use restudy_stats::propensity::{Weighting, propensity_weights};
/// let weights = propensity_weights(&[0.8, 0.2], &[true, false], Weighting::Treated)?;
/// assert_eq!(weights, [1.0, 0.25]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn propensity_weights(
    scores: &[f64],
    treated: &[bool],
    weighting: Weighting,
) -> Result<Vec<f64>, Error> {
    check_scores(scores, treated)?;
    let n_treated = treated.iter().filter(|treated| **treated).count();
    let share = n_treated as f64 / treated.len() as f64;
    let weight = |(&score, &treated): (&f64, &bool)| {
        // e of the group that the subject is in, and of the other one.
        let (own, other) = if treated { (score, 1.0 - score) } else { (1.0 - score, score) };
        match weighting {
            Weighting::InverseProbability => 1.0 / own,
            Weighting::Stabilized => (if treated { share } else { 1.0 - share }) / own,
            Weighting::Overlap => other,
            Weighting::Treated => {
                if treated {
                    1.0
                } else {
                    other / own
                }
            }
        }
    };
    Ok(scores.iter().zip(treated).map(weight).collect())
}

/// Checks probabilities of treatment beside who was treated.
pub(super) fn check_scores(scores: &[f64], treated: &[bool]) -> Result<(), Error> {
    check_sample("scores", scores)?;
    check_length("treated", treated.len(), scores.len())?;
    // Turned so that a score that is not a number is refused too.
    if let Some(&value) = scores.iter().find(|score| !(**score > 0.0 && **score < 1.0)) {
        return Err(Error::Parameter { what: "scores", value, range: "(0, 1)" });
    }
    check_groups(treated)
}

/// Refuses a comparison of one group.
pub(super) fn check_groups(treated: &[bool]) -> Result<(), Error> {
    if treated.iter().all(|one| *one == treated[0]) {
        return Err(Error::OneGroup { found: 1 });
    }
    Ok(())
}

/// Weights after truncation.
#[derive(Debug, Clone, PartialEq)]
pub struct Truncated {
    /// The weights, none outside the bounds.
    pub weights: Vec<f64>,
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// How many were raised to the lower bound.
    pub n_raised: usize,
    /// How many were lowered to the upper bound.
    pub n_lowered: usize,
}

/// Sets weights outside two percentiles of all weights, both groups
/// together, to these percentiles (type 7).
///
/// # Errors
/// [`Error::Empty`], [`Error::NotFinite`]; [`Error::Parameter`] for shares
/// outside [0, 1] or a lower one that is not below the upper.
///
/// Cole & Hernán, Am J Epidemiol 2008; 168: 656-664.
///
/// ```
/// let cut = restudy_stats::propensity::truncate_weights(&[1.0, 2.0, 3.0, 40.0], 0.0, 0.5)?;
/// assert_eq!((cut.weights, cut.n_lowered), (vec![1.0, 2.0, 2.5, 2.5], 2));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn truncate_weights(weights: &[f64], lower: f64, upper: f64) -> Result<Truncated, Error> {
    if lower >= upper {
        return Err(Error::Parameter { what: "lower", value: lower, range: "[0, upper)" });
    }
    let bounds = quantiles(weights, &[lower, upper])?;
    let (lower, upper) = (bounds[0], bounds[1]);
    Ok(Truncated {
        // The lower bound first: it is never above the upper one.
        weights: weights.iter().map(|weight| weight.max(lower).min(upper)).collect(),
        lower,
        upper,
        n_raised: weights.iter().filter(|weight| **weight < lower).count(),
        n_lowered: weights.iter().filter(|weight| **weight > upper).count(),
    })
}

/// How many subjects of equal weight tell as much about a mean as these:
/// (sum w)^2 / sum w^2; 0 without weight. Weights are finite and >= 0.
///
/// Kish, *Survey Sampling*, 1965, section 11.7.
///
/// ```
/// assert_eq!(restudy_stats::propensity::effective_sample_size(&[2.0, 2.0, 0.0]), 2.0);
/// ```
#[must_use]
pub fn effective_sample_size(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    // Without weights, or with none above zero, nobody is there.
    if squares == 0.0 { 0.0 } else { sum * sum / squares }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_weights_balance_the_two_halves_of_a_pair() {
        let (scores, treated) = ([0.3, 0.3, 0.9, 0.1], [true, false, true, false]);
        let of = |weighting| propensity_weights(&scores, &treated, weighting).unwrap();
        // e = 0.3 on both sides: 1 - e for the treated, e for the control.
        assert_eq!(of(Weighting::Overlap)[..2], [0.7, 0.3]);
        assert_eq!(of(Weighting::InverseProbability)[0], 1.0 / 0.3);
        assert_eq!(of(Weighting::Stabilized)[3], 0.5 / 0.9);
    }

    #[test]
    fn misuse_is_refused() {
        let weights = |scores: &[f64], treated: &[bool]| {
            propensity_weights(scores, treated, Weighting::Overlap).unwrap_err().to_string()
        };
        assert_eq!(weights(&[0.5, 1.0], &[true, false]), "`scores` is 1, outside (0, 1)");
        assert_eq!(
            weights(&[0.5], &[true]),
            "a comparison needs at least two groups with observations, found 1"
        );
        assert_eq!(weights(&[0.5], &[]), "`treated` has 0 values where 1 are needed");
        let error = truncate_weights(&[1.0], 0.9, 0.1).unwrap_err();
        assert_eq!(error.to_string(), "`lower` is 0.9, outside [0, upper)");
    }
}
