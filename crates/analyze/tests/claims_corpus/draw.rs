//! Random numbers: SplitMix64, so that the corpus is the same everywhere.

/// A stream of random numbers.
pub struct Draw(u64);

impl Draw {
    pub fn seeded(seed: u64) -> Self {
        // Seeds near to each other must not give streams that are alike.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Strictly between 0 and 1.
    pub fn share(&mut self) -> f64 {
        // The upper 53 bits, and half of the last one: neither 0 nor 1 can come.
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    pub fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.share() * n as f64) as usize
    }

    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.share())
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * libm::log(self.share())).sqrt()
            * libm::cos(2.0 * std::f64::consts::PI * self.share())
    }
}
