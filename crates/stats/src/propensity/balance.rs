//! How alike two groups are in a variable, before and after weighting.

use super::weights::check_groups;
use crate::Error;
use crate::checks::check_length;
use crate::quantile::check_sample;
use crate::standardized_difference::{Denominator, Weighted, of_proportions, of_weighted_means};

/// One variable in two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// Mean (of an indicator: share) in the treated.
    pub treated: f64,
    /// The same in the controls.
    pub control: f64,
    /// Standardised difference, treated less control. Its denominator is the
    /// spread *before* weighting, so that differences before and after
    /// weighting are on one scale.
    pub difference: Result<f64, UnknownSpread>,
    /// Variance in the treated over that in the controls; `None` for an
    /// indicator, or where a variance is zero or not estimable.
    pub variance_ratio: Option<f64>,
}

/// The variable does not vary in the groups of the denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownSpread {
    /// Nor do the groups differ, or their spread is not estimable.
    Constant,
    /// But the groups differ: the difference is infinite.
    Separated,
}

impl UnknownSpread {
    fn of(error: &Error) -> Self {
        match error {
            Error::Separated { .. } => Self::Separated,
            _ => Self::Constant,
        }
    }
}

/// The balance of a number under `weights` (all 1 for the groups as they
/// are).
///
/// # Formula
/// The difference is that of
/// [`of_weighted_means`](crate::standardized_difference::of_weighted_means).
/// A weighted variance is sum w (x - m)^2 times sum w / ((sum w)^2 - sum w^2),
/// which for equal weights has the divisor n - 1 (`cov.wt` of R, `cobalt`).
///
/// # Errors
/// [`Error::Length`], [`Error::NotFinite`]; [`Error::Negative`] for a weight
/// below zero; [`Error::OneGroup`]; [`Error::Empty`] if a group has no weight.
///
/// Austin, Stat Med 2009; 28: 3083-3107.
///
/// ```
/// use restudy_stats::propensity::balance_of_numbers;
/// use restudy_stats::standardized_difference::Denominator;
/// let (ages, treated) = ([50.0, 60.0, 40.0, 60.0], [true, true, false, false]);
/// let balance = balance_of_numbers(&ages, &treated, &[1.0; 4], Denominator::Treated)?;
/// assert_eq!((balance.treated, balance.control), (55.0, 50.0));
/// assert_eq!(balance.variance_ratio, Some(0.25));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn balance_of_numbers(
    values: &[f64],
    treated: &[bool],
    weights: &[f64],
    denominator: Denominator,
) -> Result<Balance, Error> {
    let (one, other) = split(values, treated, weights)?;
    let difference = of_weighted_means(one.weighted(), other.weighted(), denominator);
    // Zero or missing variances give no number, which `is_finite` catches below.
    let ratio = one.variance() / other.variance();
    Ok(Balance {
        treated: one.mean()?,
        control: other.mean()?,
        difference: spread(difference)?,
        variance_ratio: (ratio.is_finite() && ratio > 0.0).then_some(ratio),
    })
}

/// The balance of an indicator (a level of a category) under `weights`.
///
/// # Formula
/// (p1 - p0) / sqrt(V), the shares being weighted and V the average of
/// p (1 - p) in the groups *before* weighting, or that of the treated.
///
/// # Errors
/// As [`balance_of_numbers`].
///
/// Austin, Stat Med 2009; 28: 3083-3107, section 2.
///
/// ```
/// use restudy_stats::propensity::balance_of_indicator;
/// use restudy_stats::standardized_difference::Denominator;
/// let (has, treated) = ([true, false, false, true], [true, true, false, false]);
/// let weights = [1.0, 1.0, 1.0, 3.0];
/// let balance = balance_of_indicator(&has, &treated, &weights, Denominator::Pooled)?;
/// assert_eq!((balance.control, balance.difference), (0.75, Ok(-0.5)));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn balance_of_indicator(
    has: &[bool],
    treated: &[bool],
    weights: &[f64],
    denominator: Denominator,
) -> Result<Balance, Error> {
    let values: Vec<f64> = has.iter().map(|has| f64::from(u8::from(*has))).collect();
    let (one, other) = split(&values, treated, weights)?;
    // Unweighted: the denominator is the spread of the groups as they were.
    let share = |group: &Group| group.values.iter().sum::<f64>() / group.values.len() as f64;
    let (before, weighted) = ([share(&one), share(&other)], [one.mean()?, other.mean()?]);
    // The denominator of the shares before weighting, whatever their difference.
    let variance = |p: f64| p * (1.0 - p);
    let spread = match denominator {
        Denominator::Pooled => 0.5 * (variance(before[0]) + variance(before[1])),
        Denominator::Treated => variance(before[0]),
    };
    // Asked for its errors alone: which of them applies depends on the shares
    // before weighting.
    let difference = match of_proportions(before[0], before[1], denominator) {
        Err(error) => Err(UnknownSpread::of(&error)),
        Ok(_) => Ok((weighted[0] - weighted[1]) / spread.sqrt()),
    };
    Ok(Balance { treated: weighted[0], control: weighted[1], difference, variance_ratio: None })
}

/// The share of pairs of a treated and a control of which the treated has the
/// higher score, ties counting half: the area under the curve of receiver
/// operating characteristics.
///
/// # Errors
/// [`Error::Empty`], [`Error::NotFinite`], [`Error::Length`],
/// [`Error::OneGroup`].
///
/// Hanley & McNeil, Radiology 1982; 143: 29-36.
///
/// ```
/// use restudy_stats::propensity::c_statistic;
/// assert_eq!(c_statistic(&[0.2, 0.5, 0.5, 0.9], &[false, false, true, true])?, 0.875);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn c_statistic(scores: &[f64], treated: &[bool]) -> Result<f64, Error> {
    check_sample("scores", scores)?;
    check_length("treated", treated.len(), scores.len())?;
    check_groups(treated)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    // Pairs are counted twice and ties once: whole numbers, of which none is rounded.
    let (mut doubled, mut controls) = (0_u64, 0_u64);
    for run in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let here = run.iter().filter(|subject| treated[**subject]).count() as u64;
        let controls_here = run.len() as u64 - here;
        // Each treated beats the controls so far, and half of those of its own
        // score.
        doubled += here * (2 * controls + controls_here);
        controls += controls_here;
    }
    let n_treated = scores.len() as u64 - controls;
    Ok(doubled as f64 / (2 * n_treated * controls) as f64)
}

/// The values of a group with their weights.
struct Group {
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Group {
    fn weighted(&self) -> Weighted<'_> {
        Weighted { values: &self.values, weights: &self.weights }
    }

    fn mean(&self) -> Result<f64, Error> {
        let total: f64 = self.weights.iter().sum();
        if total == 0.0 {
            return Err(Error::Empty);
        }
        let sum: f64 = self.values.iter().zip(&self.weights).map(|(x, w)| x * w).sum();
        Ok(sum / total)
    }

    /// Not a number where it is not estimable.
    fn variance(&self) -> f64 {
        let Ok(mean) = self.mean() else { return f64::NAN };
        let total: f64 = self.weights.iter().sum();
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        let about = |(x, w): (&f64, &f64)| w * (x - mean) * (x - mean);
        let sum: f64 = self.values.iter().zip(&self.weights).map(about).sum();
        // Sum w / ((sum w)^2 - sum w^2): n / (n^2 - n) = 1 / (n - 1) for weights of
        // 1.
        sum * total / (total * total - squares)
    }
}

fn split(values: &[f64], treated: &[bool], weights: &[f64]) -> Result<(Group, Group), Error> {
    check_sample("values", values)?;
    check_length("treated", treated.len(), values.len())?;
    check_length("weights", weights.len(), values.len())?;
    // Only asked whether they are numbers; negative ones are told by their place
    // below.
    check_sample("weights", weights)?;
    if let Some(index) = weights.iter().position(|weight| *weight < 0.0) {
        return Err(Error::Negative { what: "weights", index, value: weights[index] });
    }
    check_groups(treated)?;
    let group = |wanted: bool| {
        let members = || (0..values.len()).filter(|subject| treated[*subject] == wanted);
        Group {
            values: members().map(|subject| values[subject]).collect(),
            weights: members().map(|subject| weights[subject]).collect(),
        }
    };
    Ok((group(true), group(false)))
}

fn spread(difference: Result<f64, Error>) -> Result<Result<f64, UnknownSpread>, Error> {
    match difference {
        Ok(difference) => Ok(Ok(difference)),
        // An unknown spread belongs to one variable: it is reported beside the
        // others, not raised.
        Err(error @ (Error::NoVariation { .. } | Error::Separated { .. })) => {
            Ok(Err(UnknownSpread::of(&error)))
        }
        Err(error) => Err(error),
    }
}
