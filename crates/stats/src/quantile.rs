//! Quantiles and moments of a sample.
//!
//! Sums run from the first value to the last, so that a result depends on the
//! values and their order alone.

use crate::Error;

/// A sample in eight numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The number of values.
    pub n: usize,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample standard deviation (divisor n − 1); none for a single value.
    pub standard_deviation: Option<f64>,
    /// The smallest value.
    pub minimum: f64,
    /// The first quartile, by type 7.
    pub lower_quartile: f64,
    /// The median.
    pub median: f64,
    /// The third quartile, by type 7.
    pub upper_quartile: f64,
    /// The largest value.
    pub maximum: f64,
}

impl Summary {
    /// The interquartile range as a width.
    pub fn interquartile_range(&self) -> f64 {
        self.upper_quartile - self.lower_quartile
    }
}

/// Mean, standard deviation, quartiles and range of a sample.
///
/// - `values`: n numbers, in any order; none missing.
///
/// # Errors
/// [`Error::Empty`] without values; [`Error::NotFinite`] for one that is no number.
///
/// ```
/// let summary = restudy_stats::quantile::summarize(&[4.0, 1.0, 3.0, 2.0])?;
/// assert_eq!((summary.mean, summary.median, summary.lower_quartile), (2.5, 2.5, 1.75));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn summarize(values: &[f64]) -> Result<Summary, Error> {
    let sorted = sorted(values)?;
    let spread = (values.len() > 1).then(|| variance_of(values).sqrt());
    Ok(Summary {
        n: values.len(),
        mean: mean_of(values),
        standard_deviation: spread,
        minimum: sorted[0],
        lower_quartile: interpolate(&sorted, 0.25),
        median: interpolate(&sorted, 0.5),
        upper_quartile: interpolate(&sorted, 0.75),
        maximum: sorted[sorted.len() - 1],
    })
}

/// The quantile of a sample at each of `probabilities`, by Hyndman and Fan's
/// type 7 (R's default).
///
/// With h = (n − 1) p: x₍⌊h⌋+1₎ + (h − ⌊h⌋) (x₍⌊h⌋+2₎ − x₍⌊h⌋+1₎).
///
/// - `values`: n numbers, in any order; none missing.
/// - `probabilities`: each in [0, 1]; the result has one quantile for each.
///
/// # Errors
/// [`Error::Empty`] without values; [`Error::NotFinite`] for one that is no
/// number; [`Error::Parameter`] for a probability outside [0, 1].
///
/// Hyndman & Fan, Am Stat 1996; 50: 361-365, definition 7.
///
/// ```
/// let deciles = restudy_stats::quantile::quantiles(&[1.0, 2.0, 4.0], &[0.1, 0.9])?;
/// assert!((deciles[0] - 1.2).abs() < 1e-15 && (deciles[1] - 3.6).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn quantiles(values: &[f64], probabilities: &[f64]) -> Result<Vec<f64>, Error> {
    let sorted = sorted(values)?;
    // A range pattern refuses what is not a number as well.
    let one = |&p: &f64| match p {
        0.0..=1.0 => Ok(interpolate(&sorted, p)),
        value => Err(Error::Parameter { what: "probabilities", value, range: "[0, 1]" }),
    };
    probabilities.iter().map(one).collect()
}

/// The values in ascending order, once they are known to be numbers.
fn sorted(values: &[f64]) -> Result<Vec<f64>, Error> {
    check_sample("values", values)?;
    let mut sorted = values.to_vec();
    // Numbers alone are sorted, so that `total_cmp` is their order; -0 stands
    // before 0.
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

fn interpolate(sorted: &[f64], p: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * p;
    let below = place.floor() as usize;
    // At the last value there is none above; its part is zero then.
    let above = (below + 1).min(sorted.len() - 1);
    let part = place - place.floor();
    // Between equal values lies their value, to the last bit: it may be a cut.
    if part == 0.0 || sorted[below] == sorted[above] {
        return sorted[below];
    }
    (1.0 - part) * sorted[below] + part * sorted[above]
}

/// Refuses a sample that is empty or holds something that is no number.
pub(crate) fn check_sample(what: &'static str, values: &[f64]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::Empty);
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::NotFinite { what, index }),
        None => Ok(()),
    }
}

/// The mean, with the rounding of the first pass taken out by a second.
pub(crate) fn mean_of(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    first + values.iter().map(|value| value - first).sum::<f64>() / n
}

/// The sample variance, with divisor n − 1; needs two values.
pub(crate) fn variance_of(values: &[f64]) -> f64 {
    let mean = mean_of(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    squares / (values.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_value_has_quartiles_but_no_spread() {
        let summary = summarize(&[7.0]).unwrap();
        assert_eq!(summary.standard_deviation, None);
        assert_eq!((summary.lower_quartile, summary.upper_quartile), (7.0, 7.0));
        assert_eq!(summary.interquartile_range(), 0.0);
    }

    #[test]
    fn misuse_is_refused() {
        assert_eq!(summarize(&[]), Err(Error::Empty));
        let error = summarize(&[1.0, f64::NAN]).unwrap_err();
        assert_eq!(error.to_string(), "`values` is not a finite number at position 1");
        assert!(quantiles(&[1.0], &[1.1]).is_err());
    }

    proptest! {
        #[test]
        fn between_equal_values_lies_their_value(value in -1e3..1e3_f64, n in 2..40_usize) {
            for share in 1..7 {
                let found = quantiles(&vec![value; n], &[f64::from(share) / 7.0]).unwrap();
                prop_assert_eq!(found[0], value);
            }
        }

        #[test]
        fn order_does_not_matter_and_scale_passes_through(
            mut values in proptest::collection::vec(-1e3..1e3_f64, 2..40),
        ) {
            let before = summarize(&values).unwrap();
            values.reverse();
            let doubled: Vec<f64> = values.iter().map(|value| 2.0 * value).collect();
            let after = summarize(&doubled).unwrap();
            prop_assert_eq!(2.0 * before.median, after.median);
            prop_assert_eq!(2.0 * before.upper_quartile, after.upper_quartile);
            prop_assert!((2.0 * before.mean - after.mean).abs() < 1e-10);
            prop_assert!(before.minimum <= before.lower_quartile);
            prop_assert!(before.lower_quartile <= before.median);
            prop_assert!(before.upper_quartile <= before.maximum);
        }
    }
}
