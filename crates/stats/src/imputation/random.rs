//! The draws that imputation needs, from one stream of random numbers.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A stream.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of this number.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Self(random)
    }

    /// Uniform within (0, 1), the ends left out.
    pub(super) fn unit(&mut self) -> f64 {
        // 52 bits and a half: neither 0 nor 1 can come out, whose logarithms and
        // quantiles are infinite.
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A position below `limit` > 0. The bias is below limit / 2^64.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        // The high half of the product: one draw a number, whatever the limit.
        ((u128::from(self.0.next_u64()) * limit as u128) >> 64) as usize
    }

    /// Any 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Standard normal (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        // The sine of the pair is not used: each deviate takes two numbers,
        // whatever came before it.
        radius * libm::cos(2.0 * std::f64::consts::PI * self.unit())
    }

    /// Independent standard normal deviates.
    pub(super) fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.normal()).collect()
    }

    /// Chi-square with `df` >= 1 degrees of freedom: twice a gamma variable
    /// (Marsaglia and Tsang 2000), whose shape is raised by one and lowered
    /// again so that it is never below one.
    pub(super) fn chi_square(&mut self, df: usize) -> f64 {
        let shape = 0.5 * df as f64;
        // d = a - 1/3 and c = 1 / sqrt(9 d) for the shape a = df / 2 + 1, in the
        // symbols of the paper.
        let d = shape + 1.0 - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let root = 1.0 + c * z;
            // Drawn before the test of the root: every round takes three numbers.
            let log_unit = libm::log(self.unit());
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            if log_unit < 0.5 * z * z + d - d * v + d * libm::log(v) {
                // A gamma of shape a from one of shape a + 1: times U^(1/a).
                // Chi-square is twice it.
                return 2.0 * d * v * libm::pow(self.unit(), 1.0 / shape);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of many draws, within five standard errors.
    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::new(3, 1);
        let n = 40_000;
        for df in [1_usize, 4, 60] {
            let draws: Vec<f64> = (0..n).map(|_| random.chi_square(df)).collect();
            let (nu, n) = (df as f64, n as f64);
            let mean = draws.iter().sum::<f64>() / n;
            assert!((mean - nu).abs() < 5.0 * (2.0 * nu / n).sqrt(), "{df}: {mean}");
            let variance = draws.iter().map(|x| (x - nu) * (x - nu)).sum::<f64>() / n;
            // The fourth central moment of chi-square is 12 nu (nu + 4).
            let spread = ((12.0 * nu * (nu + 4.0) - 4.0 * nu * nu) / n).sqrt();
            assert!((variance - 2.0 * nu).abs() < 5.0 * spread, "{df}: {variance}");
        }
        let normals = random.normals(n);
        let n = n as f64;
        assert!((normals.iter().sum::<f64>() / n).abs() < 5.0 / n.sqrt());
        let variance = normals.iter().map(|z| z * z).sum::<f64>() / n;
        assert!((variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    }

    #[test]
    fn streams_differ_and_repeat() {
        let draws = |stream| Random::new(9, stream).normals(4);
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }
}
