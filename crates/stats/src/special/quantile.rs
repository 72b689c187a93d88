//! Quantiles, by Newton's method on the logarithm of the smaller tail.
//!
//! The logarithm of a tail against the logarithm (or logit) of the argument is
//! nearly straight far out, so that a handful of steps reaches the last digits
//! even where the probability is 1e-300.

use super::incomplete::{Tails, beta_tails, gamma_tails};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The size of a logit beyond which one side's probability might underflow.
const FAR: f64 = 600.0;

/// The standard normal quantile: z with Φ(z) = `p`.
///
/// Abramowitz & Stegun 26.2.23 gives three digits, and three of Halley's
/// third-order steps the rest. −∞ at 0, ∞ at 1, NaN outside.
///
/// ```
/// use restudy_stats::special::normal_quantile;
/// assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-15);
/// ```
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    // The smaller tail keeps its digits; the sign comes at the end.
    let tail = p.min(1.0 - p);
    if tail == 0.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let mut z = normal_start(tail);
    // Three digits, tripled by each step: three steps pass the 16 of a double.
    for _ in 0..3 {
        // Near the middle the distance to one half keeps more digits than the tail.
        let excess = if tail > 0.25 {
            (0.5 - tail) - 0.5 * libm::erf(z * FRAC_1_SQRT_2)
        } else {
            0.5 * libm::erfc(z * FRAC_1_SQRT_2) - tail
        };
        let step = excess * (2.0 * PI).sqrt() * libm::exp(0.5 * z * z);
        // Halley's step: Newton's, with the density's own slope -z.
        z += step / (1.0 - 0.5 * z * step);
    }
    if p < 0.5 { -z } else { z }
}

/// Abramowitz & Stegun 26.2.23: the upper quantile for a tail of at most one half.
fn normal_start(tail: f64) -> f64 {
    let t = (-2.0 * libm::log(tail)).sqrt();
    let above = 2.515517 + t * (0.802853 + t * 0.010328);
    let below = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    t - above / below
}

/// The chi-square quantile with `df` degrees of freedom: x with P(X ≤ x) = `p`.
///
/// ```
/// use restudy_stats::special::chi_square_quantile;
/// assert!((chi_square_quantile(0.95, 1.0) - 3.841458820694124).abs() < 1e-13);
/// ```
pub fn chi_square_quantile(p: f64, df: f64) -> f64 {
    let shaped = df > 0.0 && df.is_finite();
    if !shaped || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let shape = 0.5 * df;
    // Started at the mean, df / 2 in units of the gamma's scale.
    let log_x = solve(Target::of(p, 1.0 - p), libm::log(shape), |u| {
        let x = libm::exp(u);
        let ln_density = shape * u - x - libm::lgamma(shape);
        Point::new(gamma_tails(shape, x), ln_density)
    });
    2.0 * libm::exp(log_x)
}

/// The quantile of Student's t with `df` degrees of freedom: t with P(T ≤ t) = `p`.
///
/// `df` need not be whole; infinite, it is the normal quantile.
///
/// ```
/// use restudy_stats::special::student_t_quantile;
/// assert!((student_t_quantile(0.975, 10.0) - 2.2281388519862742).abs() < 1e-14);
/// ```
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    if df.is_nan() || df <= 0.0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if df.is_infinite() {
        return normal_quantile(p);
    }
    // Both tails are equal: the logit would go to minus infinity.
    if p == 0.5 {
        return 0.0;
    }
    // t² / (df + t²) is a beta variable, and its odds are t² / df.
    let outside = 2.0 * p.min(1.0 - p);
    let inside = 2.0 * (p - 0.5).abs();
    let logit = beta_logit_quantile(Target::of(inside, outside), 0.5, 0.5 * df);
    let t = df.sqrt() * libm::exp(0.5 * logit);
    if p < 0.5 { -t } else { t }
}

/// The beta quantile with shapes `a` and `b`: x with I(x; a, b) = `p`.
///
/// ```
/// use restudy_stats::special::beta_quantile;
/// assert!((beta_quantile(0.25, 1.0, 1.0) - 0.25).abs() < 1e-15);
/// ```
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let shaped = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !shaped || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    odds_to_probability(beta_logit_quantile(Target::of(p, 1.0 - p), a, b))
}

fn beta_logit_quantile(target: Target, a: f64, b: f64) -> f64 {
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    solve(target, libm::log(a / b), |logit| {
        if logit.abs() > FAR {
            return far_beta_point(logit, a, b, ln_beta);
        }
        // 1 - x is formed from the logit itself, not by subtraction.
        let (x, y) = (odds_to_probability(logit), odds_to_probability(-logit));
        Point::new(beta_tails(a, b, x, y), a * libm::log(x) + b * libm::log(y) - ln_beta)
    })
}

/// Where x or 1 − x is below 1e-260 and might underflow, only the first term of
/// the series counts: I(x; a, b) = xᵃ / (a B(a, b)).
fn far_beta_point(logit: f64, a: f64, b: f64, ln_beta: f64) -> Point {
    let near_shape = if logit < 0.0 { a } else { b };
    let ln_slope = -near_shape * logit.abs() - ln_beta;
    let ln_tail = ln_slope - libm::log(near_shape);
    if logit < 0.0 {
        Point { ln_lower: ln_tail, ln_upper: 0.0, ln_slope }
    } else {
        Point { ln_lower: 0.0, ln_upper: ln_tail, ln_slope }
    }
}

fn odds_to_probability(logit: f64) -> f64 {
    if logit < 0.0 {
        let odds = libm::exp(logit);
        odds / (1.0 + odds)
    } else {
        1.0 / (1.0 + libm::exp(-logit))
    }
}

/// The smaller of the two tails to be met.
#[derive(Clone, Copy)]
enum Target {
    Lower(f64),
    Upper(f64),
}

impl Target {
    fn of(lower: f64, upper: f64) -> Self {
        if lower < upper { Target::Lower(lower) } else { Target::Upper(upper) }
    }
}

/// A distribution on a logarithmic axis: the logarithms of its tails and of its
/// density there.
struct Point {
    ln_lower: f64,
    ln_upper: f64,
    ln_slope: f64,
}

impl Point {
    fn new(tails: Tails, ln_slope: f64) -> Self {
        let (ln_lower, ln_upper) = (libm::log(tails.lower), libm::log(tails.upper));
        Point { ln_lower, ln_upper, ln_slope }
    }
}

/// The u at which `point` meets `target`: Newton on the tail's logarithm, kept
/// within the interval known to hold the answer.
fn solve(target: Target, start: f64, point: impl Fn(f64) -> Point) -> f64 {
    let (ln_target, sign) = match target {
        Target::Lower(0.0) => return f64::NEG_INFINITY,
        Target::Upper(0.0) => return f64::INFINITY,
        Target::Lower(p) => (libm::log(p), 1.0),
        Target::Upper(p) => (libm::log(p), -1.0),
    };
    // The logit of the smallest double is -745. Newton's rule takes a few steps,
    // and halving, where it leaves the bounds, less than 70 to the last bit.
    let (mut low, mut high) = (-1500.0, 1500.0);
    let mut u = start;
    for _ in 0..200 {
        let Point { ln_lower, ln_upper, ln_slope } = point(u);
        let ln_tail = if sign > 0.0 { ln_lower } else { ln_upper };
        // Positive where the answer lies above u.
        let short = sign * (ln_target - ln_tail);
        if short > 0.0 {
            low = u;
        } else {
            high = u;
        }
        let newton = u + short * libm::exp(ln_tail - ln_slope);
        // Relative to the last bits of u, absolute near zero.
        if (newton - u).abs() <= 4.0 * f64::EPSILON * u.abs().max(0.25) {
            return newton;
        }
        // Halving where Newton leaves what is known: it always ends.
        let inside = newton > low && newton < high;
        u = if inside { newton } else { 0.5 * (low + high) };
    }
    u
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::{
        chi_square_upper_tail, normal_cdf, regularized_incomplete_beta, student_t_two_sided_tail,
    };
    use proptest::prelude::*;

    #[test]
    fn ends_of_the_range() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(chi_square_quantile(0.0, 3.0), 0.0);
        assert_eq!(chi_square_quantile(1.0, 3.0), f64::INFINITY);
        assert_eq!(student_t_quantile(0.0, 3.0), f64::NEG_INFINITY);
        assert_eq!(beta_quantile(0.0, 2.0, 3.0), 0.0);
        assert_eq!(beta_quantile(1.0, 2.0, 3.0), 1.0);
        assert!(normal_quantile(-0.1).is_nan());
        assert!(beta_quantile(0.5, 0.0, 3.0).is_nan());
    }

    #[test]
    fn the_far_tail_of_cauchy_by_hand() {
        // P(T > t) is 1 / (pi t) far out
        for p in [1e-120, 1e-231, 1e-300] {
            assert!((student_t_quantile(p, 1.0) * p * -PI - 1.0).abs() < 1e-12, "{p}");
        }
    }

    proptest! {
        #[test]
        fn quantiles_undo_the_distribution_functions(
            p in 1e-12..0.999_f64, a in 1.0..400.0_f64, b in 1.0..400.0_f64,
        ) {
            prop_assert!((normal_cdf(normal_quantile(p)) / p - 1.0).abs() < 1e-12);
            let beta = regularized_incomplete_beta(beta_quantile(p, a, b), a, b);
            prop_assert!((beta / p - 1.0).abs() < 1e-11);
            let chi_square = 1.0 - chi_square_upper_tail(chi_square_quantile(p, a), a);
            prop_assert!((chi_square - p).abs() < 1e-12);
            let outside = student_t_two_sided_tail(student_t_quantile(p, a), a);
            prop_assert!((outside / (2.0 * p.min(1.0 - p)) - 1.0).abs() < 1e-11);
        }
    }
}
