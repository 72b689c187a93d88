//! Tests of means that do not assume equal variances, both by Welch.

use super::by_group;
use crate::Error;
use crate::checks::check_share;
use crate::groups::Groups;
use crate::inference::Interval;
use crate::quantile::{check_sample, mean_of, variance_of};
use crate::special::{f_upper_tail, student_t_quantile, student_t_two_sided_tail};

/// The result of Welch's t test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchTTest {
    /// The mean of x less the mean of y, with its limits.
    pub difference: Interval,
    /// Its standard error.
    pub standard_error: f64,
    /// t: the difference over its standard error.
    pub statistic: f64,
    /// Satterthwaite's degrees of freedom, which need not be whole.
    pub degrees_of_freedom: f64,
    /// The two-sided p-value.
    pub p_value: f64,
}

/// The result of Welch's one-way analysis of variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WelchAnova {
    /// Welch's F.
    pub statistic: f64,
    /// The number of groups with observations, less one.
    pub numerator_degrees_of_freedom: usize,
    /// The approximate denominator degrees of freedom.
    pub denominator_degrees_of_freedom: f64,
    /// The upper tail of F.
    pub p_value: f64,
}

/// Welch's t test of the difference of two means, two-sided.
///
/// t = (x̄ − ȳ) / √(a + b) with a = s²ₓ/m and b = s²ᵧ/n, on
/// (a + b)² / (a²/(m − 1) + b²/(n − 1)) degrees of freedom.
///
/// - `x`, `y`: samples of at least two values; none missing.
/// - `confidence_level`: the confidence level of the interval, in (0, 1).
///
/// # Errors
/// [`Error::Empty`] if a sample is empty; [`Error::Parameter`] if it holds a
/// single value, or for a level outside (0, 1); [`Error::NotFinite`];
/// [`Error::NoVariation`] if neither sample varies.
///
/// Welch, Biometrika 1947; 34: 28-35. Satterthwaite, Biometrics Bull 1946; 2: 110-114.
///
/// ```
/// use restudy_stats::location::welch_t_test;
/// let test = welch_t_test(&[1.0, 3.0], &[4.0, 6.0], 0.95)?;
/// assert!((test.statistic + 3.0 / 2f64.sqrt()).abs() < 1e-14);
/// assert_eq!(test.degrees_of_freedom, 2.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn welch_t_test(x: &[f64], y: &[f64], confidence_level: f64) -> Result<WelchTTest, Error> {
    check_share("confidence_level", confidence_level)?;
    check_pair("x", x)?;
    check_pair("y", y)?;
    let of_mean = |sample: &[f64]| variance_of(sample) / sample.len() as f64;
    let (a, b) = (of_mean(x), of_mean(y));
    let (mean_x, mean_y) = (mean_of(x), mean_of(y));
    let standard_error = (a + b).sqrt();
    // What rounding leaves of samples without spread: R's `t.test` refuses with the
    // same bound.
    if standard_error <= 10.0 * f64::EPSILON * mean_x.abs().max(mean_y.abs()) {
        return Err(Error::NoVariation { what: "x and y" });
    }
    // Shares of the variance, so that tiny ones do not underflow when squared.
    let (part_x, part_y) = (a / (a + b), b / (a + b));
    let spread = part_x * part_x / (x.len() - 1) as f64 + part_y * part_y / (y.len() - 1) as f64;
    let degrees_of_freedom = 1.0 / spread;
    let estimate = mean_x - mean_y;
    let statistic = estimate / standard_error;
    let reach =
        -student_t_quantile(0.5 * (1.0 - confidence_level), degrees_of_freedom) * standard_error;
    Ok(WelchTTest {
        difference: Interval { estimate, lower: estimate - reach, upper: estimate + reach },
        standard_error,
        statistic,
        degrees_of_freedom,
        p_value: student_t_two_sided_tail(statistic, degrees_of_freedom),
    })
}

/// Welch's one-way analysis of variance of several means.
///
/// With weights wᵢ = nᵢ/s²ᵢ, W their sum, ȳ the weighted mean of the k means and
/// Λ = Σ (1 − wᵢ/W)² / (nᵢ − 1):
/// F = (Σ wᵢ (ȳᵢ − ȳ)² / (k − 1)) / (1 + 2 (k − 2) Λ / (k² − 1)), on k − 1 and
/// (k² − 1) / 3Λ degrees of freedom.
///
/// - `values`: n numbers, none missing.
/// - `groups`: those of the values. Groups without values do not count; the others need two values that differ.
///
/// # Errors
/// [`Error::Length`], [`Error::Empty`], [`Error::NotFinite`]; [`Error::OneGroup`] if fewer than two groups have
/// values; [`Error::Parameter`] if one has a single value;
/// [`Error::NoVariation`] if the values of a group do not vary.
///
/// Welch, Biometrika 1951; 38: 330-336.
///
/// ```
/// use restudy_stats::groups::Groups;
/// use restudy_stats::location::welch_anova;
/// let test = welch_anova(&[1.0, 3.0, 4.0, 6.0], &Groups::new([0, 0, 1, 1], 2)?)?;
/// assert!((test.statistic - 4.5).abs() < 1e-14); // the square of Welch's t
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn welch_anova(values: &[f64], groups: &Groups) -> Result<WelchAnova, Error> {
    let samples = by_group(values, groups)?;
    let mut moments = Vec::with_capacity(samples.len());
    for sample in &samples {
        check_pair("values", sample)?;
        let (mean, variance) = (mean_of(sample), variance_of(sample));
        // A group without variance would have an infinite weight.
        if variance == 0.0 {
            return Err(Error::NoVariation { what: "values" });
        }
        moments.push(Moments {
            n: sample.len() as f64,
            mean,
            weight: sample.len() as f64 / variance,
        });
    }
    let k = moments.len() as f64;
    let total: f64 = moments.iter().map(|group| group.weight).sum();
    let centre = moments.iter().map(|group| group.weight * group.mean).sum::<f64>() / total;
    let between = |group: &Moments| group.weight * (group.mean - centre) * (group.mean - centre);
    // Lambda's terms: (1 - w / W)^2 / (n - 1).
    let doubt = |group: &Moments| {
        let rest = 1.0 - group.weight / total;
        rest * rest / (group.n - 1.0)
    };
    let mean_square = moments.iter().map(between).sum::<f64>() / (k - 1.0);
    let lambda: f64 = moments.iter().map(doubt).sum();
    let statistic = mean_square / (1.0 + 2.0 * (k - 2.0) * lambda / (k * k - 1.0));
    let denominator_degrees_of_freedom = (k * k - 1.0) / (3.0 * lambda);
    Ok(WelchAnova {
        statistic,
        numerator_degrees_of_freedom: moments.len() - 1,
        denominator_degrees_of_freedom,
        p_value: f_upper_tail(statistic, k - 1.0, denominator_degrees_of_freedom),
    })
}

struct Moments {
    n: f64,
    mean: f64,
    /// The inverse of the mean's variance.
    weight: f64,
}

/// Refuses a sample from which no variance can be estimated.
fn check_pair(what: &'static str, sample: &[f64]) -> Result<(), Error> {
    check_sample(what, sample)?;
    if sample.len() < 2 {
        let range = "samples of at least two values";
        return Err(Error::Parameter { what: "n", value: 1.0, range });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn means_need_a_spread() {
        let error = welch_t_test(&[1.0, 1.0], &[2.0, 2.0], 0.95).unwrap_err();
        assert_eq!(error.to_string(), "`x and y` does not vary");
        let error = welch_t_test(&[1.0], &[2.0, 3.0], 0.95).unwrap_err();
        assert_eq!(error.to_string(), "`n` is 1, outside samples of at least two values");
        assert_eq!(welch_t_test(&[], &[2.0, 3.0], 0.95), Err(Error::Empty));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = welch_t_test(&[1.0, 2.0], &[value, 3.0], 0.95).unwrap_err();
            assert_eq!(error.to_string(), "`y` is not a finite number at position 0");
        }
        let flat = welch_anova(&[1.0, 1.0, 2.0, 3.0], &Groups::new([0, 0, 1, 1], 2).unwrap());
        assert_eq!(flat, Err(Error::NoVariation { what: "values" }));
        let alone = welch_anova(&[1.0, 1.0], &Groups::new([2, 2], 3).unwrap());
        assert_eq!(alone, Err(Error::OneGroup { found: 1 }));
    }

    #[test]
    fn one_sample_may_be_constant() {
        // With a constant x only y's variance counts: n - 1 = 2 degrees of freedom.
        let test = welch_t_test(&[2.0, 2.0], &[1.0, 3.0, 5.0], 0.95).unwrap();
        assert!((test.degrees_of_freedom - 2.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn two_groups_give_the_same_p_by_either_test(
            x in proptest::collection::vec(-50.0..50.0_f64, 2..25),
            y in proptest::collection::vec(-50.0..50.0_f64, 2..25),
        ) {
            prop_assume!(variance_of(&x) > 1e-3 && variance_of(&y) > 1e-3);
            let t = welch_t_test(&x, &y, 0.9).unwrap();
            let groups: Vec<usize> = (0..x.len() + y.len()).map(|i| usize::from(i >= x.len())).collect();
            let f = welch_anova(&[x, y].concat(), &Groups::new(&groups[..], 2).unwrap()).unwrap();
            prop_assert!((f.p_value - t.p_value).abs() < 1e-10);
            let gap = f.denominator_degrees_of_freedom / t.degrees_of_freedom - 1.0;
            prop_assert!(gap.abs() < 1e-10);
            prop_assert_eq!(t.p_value < 0.1, t.difference.lower > 0.0 || t.difference.upper < 0.0);
        }
    }
}
