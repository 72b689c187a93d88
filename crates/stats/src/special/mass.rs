//! Binomial, Poisson and hypergeometric masses by Loader's saddle-point form.
//!
//! C. Loader, *Fast and accurate computation of binomial probabilities* (2000):
//! a mass is written as Stirling's corrections and deviances, which are small
//! numbers, where a sum of log-factorials would cancel.

use std::f64::consts::PI;

/// ln P(X = `k`) for `k` successes in `n` trials with probability `p` each.
///
/// −∞ where `k` > `n` or the outcome is impossible; NaN unless 0 ≤ `p` ≤ 1.
///
/// ```
/// use restudy_stats::special::ln_binomial_pmf;
/// assert!((ln_binomial_pmf(1, 2, 0.5) + std::f64::consts::LN_2).abs() < 1e-15);
/// ```
pub fn ln_binomial_pmf(k: u64, n: u64, p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if k > n {
        return f64::NEG_INFINITY;
    }
    ln_binomial_mass(k as f64, (n - k) as f64, p, 1.0 - p)
}

/// ln P(X = `k`) for `k` marked items among `draws` drawn without replacement
/// from `population` items of which `marked` are marked.
///
/// The ratio of three binomial masses of equal probability (Loader 2000, §5).
/// −∞ where `k` is impossible; NaN if more are marked or drawn than there are.
///
/// ```
/// use restudy_stats::special::ln_hypergeometric_pmf;
/// // the one marked among four is drawn in half of all pairs
/// let ln_mass = ln_hypergeometric_pmf(1, 4, 1, 2);
/// assert!((ln_mass + std::f64::consts::LN_2).abs() < 1e-15);
/// ```
pub fn ln_hypergeometric_pmf(k: u64, population: u64, marked: u64, draws: u64) -> f64 {
    if marked > population || draws > population {
        return f64::NAN;
    }
    // Fewer unmarked items than would have to be drawn.
    if k > marked || k > draws || draws - k > population - marked {
        return f64::NEG_INFINITY;
    }
    let unmarked = population - marked;
    if draws == 0 || draws == population {
        return 0.0;
    }
    // Loader's identity holds for any p; draws / population keeps all three masses
    // near their modes.
    let p = draws as f64 / population as f64;
    let q = (population - draws) as f64 / population as f64;
    let of_marked = ln_binomial_mass(k as f64, (marked - k) as f64, p, q);
    let rest = draws - k;
    let of_unmarked = ln_binomial_mass(rest as f64, (unmarked - rest) as f64, p, q);
    let of_all = ln_binomial_mass(draws as f64, (population - draws) as f64, p, q);
    of_marked + of_unmarked - of_all
}

/// Γ(a+b+1) / (Γ(a+1) Γ(b+1)) xᵃ yᵇ with y = 1 − x: a binomial mass, defined
/// for real `a` and `b`.
pub(super) fn binomial_mass(a: f64, b: f64, x: f64, y: f64) -> f64 {
    libm::exp(ln_binomial_mass(a, b, x, y))
}

fn ln_binomial_mass(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if n == 0.0 {
        return 0.0;
    }
    // With a = 0 the mass is y^n, from whichever of x and y is given exactly.
    if a == 0.0 {
        return n * ln_given_complement(y, x);
    }
    if b == 0.0 {
        return n * ln_given_complement(x, y);
    }
    if x == 0.0 || y == 0.0 {
        return f64::NEG_INFINITY;
    }
    let corrections = stirling_error(n) - stirling_error(a) - stirling_error(b);
    corrections
        - deviance(a, n * x)
        - deviance(b, n * y)
        - 0.5 * (libm::log(2.0 * PI) + libm::log(a) + libm::log(b / n))
}

/// ln x where 1 − x is known and may be the smaller of the two.
fn ln_given_complement(x: f64, complement: f64) -> f64 {
    if complement < 0.5 { libm::log1p(-complement) } else { libm::log(x) }
}

/// xᵃ e⁻ˣ / Γ(a+1): a Poisson mass, defined for real `a` above zero.
pub(super) fn poisson_mass(a: f64, x: f64) -> f64 {
    libm::exp(-stirling_error(a) - deviance(a, x)) / (2.0 * PI * a).sqrt()
}

/// δ(n) = ln Γ(n+1) − (n+½) ln n + n − ½ ln 2π, what Stirling's formula leaves out.
fn stirling_error(n: f64) -> f64 {
    // Below 16 the series is not good to the last digits, and the numbers that
    // cancel are small.
    if n < 16.0 {
        let stirling = (n + 0.5) * libm::log(n) - n + 0.5 * libm::log(2.0 * PI);
        return libm::lgamma(n + 1.0) - stirling;
    }
    // The asymptotic series of DLMF 5.11.1; its next term is below 1e-17 here.
    let terms =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    let square = 1.0 / (n * n);
    terms.iter().rev().fold(0.0, |sum, term| sum * square + term) / n
}

/// D(x, m) = x ln(x/m) + m − x, by its series where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    // Far from m the formula itself loses little; the series would need many terms.
    if (x - m).abs() >= 0.1 * (x + m) {
        let ratio = x / m;
        // The ratio loses less than a difference of logarithms, unless it overflows.
        let ln_ratio =
            if ratio.is_finite() { libm::log(ratio) } else { libm::log(x) - libm::log(m) };
        return x * ln_ratio + m - x;
    }
    // D = (x - m) v + 2 x sum v^(2j + 1) / (2 j + 1), with v = (x - m) / (x + m).
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    for j in 1..1000 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_of_every_outcome_sum_to_one() {
        for (n, p) in [(1, 0.2), (30, 0.5), (400, 0.013)] {
            let sum: f64 = (0..=n).map(|k| libm::exp(ln_binomial_pmf(k, n, p))).sum();
            assert!((sum - 1.0).abs() < 1e-13, "{n} {p} {sum}");
        }
        let sum: f64 = (0..=600).map(|k| libm::exp(ln_hypergeometric_pmf(k, 5000, 600, 900))).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }

    #[test]
    fn impossible_outcomes_have_no_mass() {
        assert_eq!(ln_binomial_pmf(3, 2, 0.5), f64::NEG_INFINITY);
        assert_eq!(ln_binomial_pmf(1, 2, 0.0), f64::NEG_INFINITY);
        assert_eq!(ln_binomial_pmf(2, 2, 1.0), 0.0);
        assert_eq!(ln_hypergeometric_pmf(3, 10, 2, 5), f64::NEG_INFINITY);
        assert_eq!(ln_hypergeometric_pmf(0, 10, 8, 5), f64::NEG_INFINITY);
        assert!(ln_hypergeometric_pmf(0, 10, 11, 5).is_nan());
        assert!(ln_binomial_pmf(0, 1, 1.5).is_nan());
    }
}
