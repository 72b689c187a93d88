//! The regularized incomplete gamma and beta functions, both tails at once.
//!
//! Series and continued fractions of the Digital Library of Mathematical
//! Functions (dlmf.nist.gov), evaluated by the modified method of Lentz; their
//! leading factors are Loader's saddle-point masses, which stay accurate when
//! the shapes are large.

use super::mass::{binomial_mass, poisson_mass};

/// Bound on the terms of a series or fraction; the number needed grows as the
/// square root of the shape, so it is reached only by shapes above 1e9.
const MAX_TERMS: u32 = 1_000_000;
/// Stands in for a zero of a continued fraction by which is divided: far below
/// every value that counts, and its inverse does not overflow.
const TINY: f64 = 1e-300;

/// P(X ≤ x) and P(X > x), each accurate relative to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tails {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

impl Tails {
    fn from_lower(lower: f64) -> Self {
        // Rounding may pass 1 in the last bit.
        let lower = lower.min(1.0);
        Tails { lower, upper: 1.0 - lower }
    }

    fn from_upper(upper: f64) -> Self {
        let upper = upper.min(1.0);
        Tails { lower: 1.0 - upper, upper }
    }
}

/// Both tails of the gamma distribution with shape `a` and unit scale.
pub(super) fn gamma_tails(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::from_lower(0.0);
    }
    if x.is_infinite() {
        return Tails::from_upper(0.0);
    }
    // The series ends soon below the mean and the fraction beyond it; there each gives
    // the smaller tail, which could not be had from the larger without loss.
    if x < a + 1.0 {
        Tails::from_lower(poisson_mass(a, x) * gamma_series(a, x))
    } else {
        Tails::from_upper(poisson_mass(a, x) * a * gamma_fraction(a, x))
    }
}

/// Σ xⁿ / ((a+1)…(a+n)), from DLMF 8.11.4.
fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..MAX_TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        // A quarter of the last bit: the ratio of neighbours falls with n, so that
        // what follows falls ever faster.
        if term <= sum * 0.25 * f64::EPSILON {
            break;
        }
    }
    sum
}

/// 1 / (x+1−a − 1(1−a) / (x+3−a − 2(2−a) / (x+5−a − …))), DLMF 8.9.2 contracted.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut base = x + 1.0 - a;
    let mut fraction = Lentz::new(base);
    for n in 1..MAX_TERMS {
        let n = f64::from(n);
        base += 2.0;
        if fraction.step(n * (a - n), base) {
            break;
        }
    }
    1.0 / fraction.value
}

/// Both tails of the beta distribution at `x`, where `y` = 1 − x is given apart
/// so that it may be tiny.
pub(super) fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> Tails {
    if x <= 0.0 {
        return Tails::from_lower(0.0);
    }
    if y <= 0.0 {
        return Tails::from_upper(0.0);
    }
    // Below the mean the fraction comes to rest soon; above it the sides change places.
    if x * (a + b + 2.0) < a + 1.0 {
        Tails::from_lower(beta_fraction(a, b, x, y))
    } else {
        Tails::from_upper(beta_fraction(b, a, y, x))
    }
}

/// I(x; a, b) by the fraction of Didonato & Morris (ACM Trans Math Softw 1992;
/// 18: 360-373, eq. 9), for x up to about (a+1)/(a+b+2).
///
/// It is every second convergent of DLMF 8.17.22, which for large `a` would
/// take the difference of two numbers near one.
fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let leading = binomial_mass(a, b, x, y) * (a * b / (a + b));
    let excess = a * y - b * x;
    let mut fraction = Lentz::new(a * (excess + 1.0) / (a + 1.0));
    for n in 1..MAX_TERMS {
        let n = f64::from(n);
        let middle = a + 2.0 * n - 1.0;
        let shared = n * (b - n) * x / middle;
        let above = (a + n - 1.0) * (a + b + n - 1.0) * x / middle * shared;
        let below = n + shared + (a + n) * (excess + 1.0 + n * (1.0 + y)) / (middle + 2.0);
        if fraction.step(above, below) {
            break;
        }
    }
    leading / fraction.value
}

/// The modified Lentz evaluation of b₀ + a₁/(b₁ + a₂/(b₂ + …)) from the front
/// (Thompson & Barnett 1986, appendix).
struct Lentz {
    value: f64,
    numerator: f64,
    denominator: f64,
}

impl Lentz {
    fn new(first: f64) -> Self {
        let first = away_from_zero(first);
        Lentz { value: first, numerator: first, denominator: 0.0 }
    }

    /// Takes in the next pair; true once it no longer changes the value.
    fn step(&mut self, a: f64, b: f64) -> bool {
        // The two ratios of neighbouring convergents; their product is the change
        // of the value.
        self.denominator = 1.0 / away_from_zero(b + a * self.denominator);
        self.numerator = away_from_zero(b + a / self.numerator);
        let change = self.numerator * self.denominator;
        self.value *= change;
        // A change of the last bit: more terms alter nothing.
        (change - 1.0).abs() <= f64::EPSILON
    }
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}
