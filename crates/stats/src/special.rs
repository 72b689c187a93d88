//! Tails and quantiles of the distributions the tests refer to.

use statrs::distribution::{ContinuousCDF, Normal};

/// The standard normal quantile of a probability in (0, 1).
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// P(Z > z) for a standard normal Z: erfc(z / sqrt 2) / 2.
pub fn normal_upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// P(X > x) for X chi-square with `df` degrees of freedom.
pub fn chi_square_upper_tail(x: f64, df: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { statrs::function::gamma::gamma_ur(0.5 * df, 0.5 * x) }
}
