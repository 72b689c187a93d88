//! Tail probabilities and quantiles of the distributions that tests refer to.
//!
//! Everything rests on `libm` and on this crate's own incomplete beta and
//! gamma functions, so that the bits are the same on every machine. An argument
//! outside a distribution's domain (a negative degree of freedom, a probability
//! above one, not a number) gives NaN: the estimators check theirs beforehand.

mod incomplete;
mod mass;
mod normal_box;
mod quantile;

pub use mass::{ln_binomial_pmf, ln_hypergeometric_pmf};
pub use normal_box::multivariate_normal_box;
pub use quantile::{beta_quantile, chi_square_quantile, normal_quantile, student_t_quantile};

use incomplete::{Tails, beta_tails, gamma_tails};
use std::f64::consts::FRAC_1_SQRT_2;

/// The standard normal distribution function, Φ(z).
///
/// Φ(z) = ½ erfc(−z / √2), good to about 1e-13 relative also far below zero.
///
/// ```
/// use restudy_stats::special::normal_cdf;
/// assert!((normal_cdf(1.959963984540054) - 0.975).abs() < 1e-15);
/// ```
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The standard normal upper tail, P(Z > z) = 1 − Φ(z), without cancellation.
///
/// ```
/// use restudy_stats::special::normal_upper_tail;
/// let tail = normal_upper_tail(10.0);
/// assert!((tail / 7.61985302416052e-24 - 1.0).abs() < 1e-12);
/// ```
pub fn normal_upper_tail(z: f64) -> f64 {
    normal_cdf(-z)
}

/// The two-sided standard normal tail, P(|Z| > |z|): the p-value of a z test.
///
/// ```
/// use restudy_stats::special::normal_two_sided_tail;
/// assert!((normal_two_sided_tail(-1.959963984540054) - 0.05).abs() < 1e-15);
/// ```
pub fn normal_two_sided_tail(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

/// The chi-square upper tail with `df` degrees of freedom, P(X > x).
///
/// Q(df/2, x/2), the regularized upper incomplete gamma function. Below zero
/// the tail is one; NaN unless `df` is above zero.
///
/// ```
/// use restudy_stats::special::chi_square_upper_tail;
/// assert!((chi_square_upper_tail(3.841458820694124, 1.0) - 0.05).abs() < 1e-14);
/// ```
pub fn chi_square_upper_tail(x: f64, df: f64) -> f64 {
    // Outside the domain there is no number, whatever the incomplete gamma function
    // would make of it.
    if x.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    gamma_tails(0.5 * df, 0.5 * x).upper
}

/// The two-sided tail of Student's t, P(|T| > |t|), with `df` degrees of freedom.
///
/// I(df / (df + t²); df/2, ½), the regularized incomplete beta function
/// (DLMF 8.17). `df` need not be whole; infinite, it is the normal tail.
///
/// ```
/// use restudy_stats::special::student_t_two_sided_tail;
/// assert!((student_t_two_sided_tail(1.0, 1.0) - 0.5).abs() < 1e-15);
/// ```
pub fn student_t_two_sided_tail(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if df.is_infinite() {
        return normal_two_sided_tail(t);
    }
    ratio_tails(t * t / df, 0.5, 0.5 * df).upper
}

/// The upper tail of F with `df1` and `df2` degrees of freedom, P(F > f).
///
/// ```
/// use restudy_stats::special::f_upper_tail;
/// assert!((f_upper_tail(1.0, 7.0, 7.0) - 0.5).abs() < 1e-15);
/// ```
pub fn f_upper_tail(f: f64, df1: f64, df2: f64) -> f64 {
    if f.is_nan() || df1.is_nan() || df1 <= 0.0 || df2.is_nan() || df2 <= 0.0 {
        return f64::NAN;
    }
    // With infinite df2 the denominator is its mean, 1.
    if df2.is_infinite() {
        return chi_square_upper_tail(f * df1, df1);
    }
    if f <= 0.0 {
        return 1.0;
    }
    ratio_tails(f * (df1 / df2), 0.5 * df1, 0.5 * df2).upper
}

/// The regularized incomplete beta function I(x; a, b): the distribution
/// function of a beta variable with shapes `a` and `b` (DLMF 8.17.2).
///
/// ```
/// use restudy_stats::special::regularized_incomplete_beta;
/// assert!((regularized_incomplete_beta(0.3, 1.0, 1.0) - 0.3).abs() < 1e-15);
/// ```
pub fn regularized_incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    let shaped = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !shaped || !(0.0..=1.0).contains(&x) {
        return f64::NAN;
    }
    beta_tails(a, b, x, 1.0 - x).lower
}

/// Beta tails at x / (1 + x) for the odds x = `ratio`: neither x nor 1 − x
/// loses digits to a subtraction.
fn ratio_tails(ratio: f64, a: f64, b: f64) -> Tails {
    let (x, y) = if ratio > 1.0 {
        (1.0 / (1.0 + 1.0 / ratio), 1.0 / (1.0 + ratio))
    } else {
        (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio))
    };
    beta_tails(a, b, x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_the_domain_there_is_no_number() {
        assert!(chi_square_upper_tail(1.0, 0.0).is_nan());
        assert!(student_t_two_sided_tail(f64::NAN, 3.0).is_nan());
        assert!(f_upper_tail(1.0, -1.0, 3.0).is_nan());
        assert!(regularized_incomplete_beta(1.5, 1.0, 1.0).is_nan());
        assert!(normal_upper_tail(f64::NAN).is_nan());
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(chi_square_upper_tail(0.0, 3.0), 1.0);
        assert_eq!(chi_square_upper_tail(-1.0, 3.0), 1.0);
        assert_eq!(chi_square_upper_tail(f64::INFINITY, 3.0), 0.0);
        assert_eq!(student_t_two_sided_tail(0.0, 3.0), 1.0);
        assert_eq!(student_t_two_sided_tail(f64::INFINITY, 3.0), 0.0);
        assert_eq!(f_upper_tail(f64::INFINITY, 3.0, 4.0), 0.0);
        assert_eq!(f_upper_tail(0.0, 3.0, 4.0), 1.0);
        assert_eq!(normal_cdf(f64::NEG_INFINITY), 0.0);
    }

    #[test]
    fn two_degrees_of_freedom_are_an_exponential() {
        for x in [0.01, 0.5, 3.0, 40.0, 1200.0] {
            let tail = chi_square_upper_tail(x, 2.0);
            assert!((tail / libm::exp(-0.5 * x) - 1.0).abs() < 1e-13, "{x}");
        }
    }
}
