//! Seeded sampling: a ChaCha stream per purpose and the few distributions the generator needs.
//!
//! Only + - x /, square root and `libm` are used, so every machine draws the same values.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

/// A reproducible stream of draws, named by what it is for.
///
/// ```
/// use restudy_simulate::random::Random;
/// let mut first = Random::new(7, "labs");
/// let mut again = Random::new(7, "labs");
/// assert_eq!(first.integer(0, 1000), again.integer(0, 1000));
/// ```
#[derive(Clone)]
pub struct Random {
    generator: ChaCha12Rng,
}

impl Random {
    /// The stream of `seed` for one `purpose` (its first 24 bytes count).
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        // seed and purpose are the key itself
        let mut bytes = [0_u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        for (slot, byte) in bytes[8..].iter_mut().zip(purpose.bytes()) {
            *slot = byte;
        }
        Self { generator: ChaCha12Rng::from_seed(bytes) }
    }

    /// Uniform on [0, 1), in steps of 2^-53.
    pub fn unit(&mut self) -> f64 {
        // 53 bits are what a double holds exactly
        (self.generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Uniform on the integers from `low` to `high`, both included.
    pub fn integer(&mut self, low: i64, high: i64) -> i64 {
        let width = u128::from(high.abs_diff(low)) + 1;
        // The upper half of a product: no rounding takes part, and the low values are not
        // favoured as by a remainder.
        let scaled = (u128::from(self.generator.next_u64()) * width) >> 64;
        low + i64::try_from(scaled).expect("invariant: a draw is smaller than its width")
    }

    /// Uniform on [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Exponential with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        // the difference is never 0, so the logarithm is finite
        -mean * libm::log(1.0 - self.unit())
    }

    /// Gamma with a whole-number shape: a sum of exponentials.
    pub fn gamma(&mut self, shape: u32, scale: f64) -> f64 {
        (0..shape).map(|_| self.exponential(scale)).sum()
    }

    /// Standard normal, by Box and Muller (1958).
    pub fn normal(&mut self) -> f64 {
        // the second value that the pair would give is left, so that a draw keeps no state
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        radius * libm::cos(2.0 * core::f64::consts::PI * self.unit())
    }

    /// One element of a non-empty slice.
    pub fn choose<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.integer(0, options.len() as i64 - 1) as usize]
    }

    /// One value drawn with the given weights.
    pub fn weighted<T: Copy>(&mut self, options: &[(T, f64)]) -> T {
        let total: f64 = options.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for (value, weight) in options {
            left -= weight;
            if left < 0.0 {
                return *value;
            }
        }
        // rounding may leave a rest that no weight takes up
        options[options.len() - 1].0
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            let other = self.integer(0, last as i64) as usize;
            values.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_and_purpose() {
        let draw = |seed, purpose| Random::new(seed, purpose).integer(0, i64::MAX - 1);
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::new(42, "moments");
        let count = 40_000;
        let mean = |draw: &mut dyn FnMut() -> f64| {
            (0..count).map(|_| draw()).sum::<f64>() / f64::from(count)
        };
        // the bounds are five and more standard errors wide, so no seed is needed that
        // happens to fit
        assert!((mean(&mut || random.exponential(3.0)) - 3.0).abs() < 0.08);
        assert!((mean(&mut || random.gamma(2, 270.0)) - 540.0).abs() < 10.0);
        assert!(mean(&mut || random.normal()).abs() < 0.03);
        assert!((mean(&mut || libm::pow(random.normal(), 2.0)) - 1.0).abs() < 0.04);
    }

    #[test]
    fn integers_reach_both_ends() {
        let mut random = Random::new(3, "ends");
        let draws: Vec<i64> = (0..500).map(|_| random.integer(-2, 2)).collect();
        assert_eq!((draws.iter().min(), draws.iter().max()), (Some(&-2), Some(&2)));
    }
}
