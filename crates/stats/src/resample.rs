//! Random resampling that is the same on every machine and in any order of
//! evaluation: a replicate depends on the seed and its own number alone.

use crate::Error;
use crate::covariates::Covariates;
use crate::quantile::quantiles;
use crate::survival_data::SurvivalData;

/// A stream of random numbers: SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream of one replicate.
    pub(crate) fn new(seed: u64, replicate: u64) -> Self {
        // Two scrambles keep the streams of neighbouring replicates apart.
        let mut stream = Self(seed);
        let base = stream.next();
        Self(base ^ Self(replicate).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `limit` > 0, each as probable as the next (Lemire 2019).
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // 2^64 modulo the limit: the products that would make some numbers more
        // probable.
        let rejected = limit.wrapping_neg() % limit;
        loop {
            let product = u128::from(self.next()) * u128::from(limit);
            if product as u64 >= rejected {
                return (product >> 64) as u64;
            }
        }
    }

    /// Uniform within (0, 1), the ends left out.
    pub(crate) fn unit(&mut self) -> f64 {
        // 52 bits and a half: never 0 or 1, whose logarithm and quantiles are
        // infinite.
        ((self.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Standard normal (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        radius * libm::cos(2.0 * std::f64::consts::PI * self.unit())
    }
}

/// A number that belongs to a name and a seed and to nothing else: what is
/// decided by it does not depend on where the name stands. The bytes of the
/// name are hashed (FNV-1a, Fowler, Noll and Vo) and scrambled with the seed.
///
/// ```
/// use restudy_stats::resample::ticket;
///
/// assert_eq!(ticket(1, "P-047"), ticket(1, "P-047"));
/// assert_ne!(ticket(1, "P-047"), ticket(1, "P-048"));
/// assert_ne!(ticket(1, "P-047"), ticket(2, "P-047"));
/// ```
#[must_use]
pub fn ticket(seed: u64, name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Stream::new(seed, hash).next()
}

/// The bootstrap sample number `replicate`: `n` positions below `n`, drawn
/// with replacement.
///
/// ```
/// use restudy_stats::resample::bootstrap_sample;
///
/// assert_eq!(bootstrap_sample(5, 1, 0), bootstrap_sample(5, 1, 0));
/// assert_ne!(bootstrap_sample(50, 1, 0), bootstrap_sample(50, 1, 1));
/// ```
pub fn bootstrap_sample(n: usize, seed: u64, replicate: u64) -> Vec<usize> {
    let mut stream = Stream::new(seed, replicate);
    (0..n).map(|_| stream.below(n as u64) as usize).collect()
}

/// The Monte Carlo standard error of the quantile at `share` of the numbers
/// that samples gave: half the distance of the quantiles one standard
/// deviation of a share to either side, sqrt(p (1 - p) / n), which supposes
/// nothing of their distribution (David and Nagaraja 2003, section 7.1).
///
/// # Errors
/// Those of [`quantiles`].
pub(crate) fn percentile_error(numbers: &[f64], share: f64) -> Result<f64, Error> {
    let spread = (share * (1.0 - share) / numbers.len() as f64).sqrt();
    // Few samples may put a side beyond 0 or 1: the extreme value stands there.
    let sides = [share - spread, share + spread].map(|side| side.clamp(0.0, 1.0));
    let found = quantiles(numbers, &sides)?;
    Ok(0.5 * (found[1] - found[0]))
}

/// Follow-up and covariates of a sample of positions.
///
/// # Errors
/// [`Error::Empty`] for an empty sample.
pub(crate) fn take_sample(
    data: &SurvivalData,
    covariates: Covariates<'_>,
    sample: &[usize],
) -> Result<(SurvivalData, Vec<f64>), Error> {
    let pick = |values: &[f64]| sample.iter().map(|place| values[*place]).collect::<Vec<f64>>();
    let events: Vec<bool> = sample.iter().map(|place| data.events()[*place]).collect();
    // Times have been made equal in the whole data; drawn again they stay so.
    let drawn = SurvivalData::new(&pick(data.times()), &events)?;
    Ok((drawn, covariates.columns().flat_map(pick).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers from seed 1234567 of the published generator.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut stream = Stream(1_234_567);
        let found = [stream.next(), stream.next(), stream.next()];
        assert_eq!(
            found,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn the_error_of_a_percentile_falls_with_the_root_of_the_samples() {
        // Even numbers in (0, 1): the median's error is 1 / (2 sqrt(n)).
        for n in [100_u32, 10_000] {
            let numbers: Vec<f64> = (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).collect();
            let error = percentile_error(&numbers, 0.5).unwrap();
            assert!((error * 2.0 * f64::from(n).sqrt() - 1.0).abs() < 0.02, "{error}");
        }
    }

    #[test]
    fn draws_are_about_even() {
        let mut counts = [0_usize; 7];
        let mut stream = Stream::new(1, 2);
        for _ in 0..70_000 {
            counts[stream.below(7) as usize] += 1;
        }
        // Six standard deviations of a count of 10,000.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 560), "{counts:?}");
    }
}
