//! Means, standard deviations and the tests of them.

use super::Printed;
use crate::special::{normal_two_sided_tail, student_t_two_sided_tail};

/// Whether the mean of `n` whole numbers can print so: whether the sum of some
/// whole number prints it.
///
/// Brown & Heathers, Soc Psychol Personal Sci 2017; 8: 363-369 (GRIM).
///
/// ```
/// use restudy_stats::forensics::{Printed, sum_is_whole};
/// assert!(!sum_is_whole(Printed::new(3.445, 3.455), 17)); // 3.45 of 17
/// assert!(sum_is_whole(Printed::new(3.465, 3.475), 17)); // 59 / 17 = 3.4706
/// ```
#[must_use]
pub fn sum_is_whole(mean: Printed, n: u64) -> bool {
    // Downwards, also for negative means; the two sums above cover the interval's
    // other end.
    let first = (mean.lower * n as f64).floor();
    // the interval is longer than 1 / n, or these are all the sums near it
    (0..=2).any(|step| mean.contains((first + f64::from(step)) / n as f64))
        || (mean.upper - mean.lower) * n as f64 >= 1.0
}

/// The largest standard deviation of `n` values between two ends with a mean:
/// all of them at the ends, √((most − mean)(mean − least) n / (n − 1)).
///
/// Bhatia & Davis, Am Math Mon 2000; 107: 353-357.
#[must_use]
pub fn widest_spread(mean: Printed, least: Printed, most: Printed, n: u64) -> f64 {
    let (low, high) = (least.lower, most.upper);
    // The variance is largest for a mean in the middle of the ends: the value of
    // the printed mean that is nearest to it.
    let middle = (0.5 * (low + high)).clamp(mean.lower, mean.upper);
    let n = n as f64;
    // A printed mean outside the ends leaves no spread.
    ((high - middle).max(0.0) * (middle - low).max(0.0) * n / (n - 1.0)).sqrt()
}

/// A mean, a standard deviation and how many values they are of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The mean as printed.
    pub mean: Printed,
    /// The standard deviation as printed.
    pub standard_deviation: Printed,
    /// Values.
    pub n: u64,
}

/// A test of two means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeanTest {
    /// Student's t with one variance.
    Student,
    /// Welch's t.
    Welch,
    /// The difference over its standard error, as a normal deviate.
    Normal,
}

/// The p-values that two groups' means and standard deviations may have, by
/// test: the range over all values that print them.
///
/// Student, Biometrika 1908; Welch, Biometrika 1947; 34: 28-35.
#[must_use]
pub fn p_values_of_means(group: Summary, reference: Summary) -> Vec<(MeanTest, Printed)> {
    // p falls with the size of the difference and rises with either deviation in
    // Student's and the normal test; Welch's degrees of freedom too depend on both,
    // so that all corners are tried.
    let differences = group.mean.minus(reference.mean).size();
    let (first, second) = (group.standard_deviation, reference.standard_deviation);
    let corners = [
        (first.lower, second.lower),
        (first.lower, second.upper),
        (first.upper, second.lower),
        (first.upper, second.upper),
    ];
    let tests = [MeanTest::Student, MeanTest::Welch, MeanTest::Normal];
    tests
        .into_iter()
        .map(|test| {
            let p = |difference: f64, (s1, s0): (f64, f64)| {
                p_of(test, difference, (s1, group.n), (s0, reference.n))
            };
            let least = corners.map(|corner| p(differences.upper, corner));
            let most = corners.map(|corner| p(differences.lower, corner));
            // The folds begin at the far ends of [0, 1], which a p cannot pass.
            let (low, high) =
                (least.into_iter().fold(1.0, f64::min), most.into_iter().fold(0.0, f64::max));
            (test, Printed::new(low, high))
        })
        .collect()
}

fn p_of(test: MeanTest, difference: f64, first: (f64, u64), second: (f64, u64)) -> f64 {
    let ((s1, n1), (s0, n0)) = ((first.0, first.1 as f64), (second.0, second.1 as f64));
    let (v1, v0) = (s1 * s1 / n1, s0 * s0 / n0);
    match test {
        MeanTest::Student => {
            let freedom = n1 + n0 - 2.0;
            let pooled = ((n1 - 1.0) * s1 * s1 + (n0 - 1.0) * s0 * s0) / freedom;
            let error = (pooled * (1.0 / n1 + 1.0 / n0)).sqrt();
            student_t_two_sided_tail(difference / error, freedom)
        }
        MeanTest::Welch => {
            let sum = v1 + v0;
            let freedom = sum * sum / (v1 * v1 / (n1 - 1.0) + v0 * v0 / (n0 - 1.0));
            student_t_two_sided_tail(difference / sum.sqrt(), freedom)
        }
        MeanTest::Normal => normal_two_sided_tail(difference / (v1 + v0).sqrt()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_whole_numbers_jump() {
        let printed = |value: f64| Printed::new(value - 0.005, value + 0.005);
        let possible =
            (0..100).filter(|cents| sum_is_whole(printed(3.0 + f64::from(*cents) / 100.0), 20));
        // Of 100 printed values with two decimals 20 are multiples of 1 / 20.
        assert_eq!(possible.count(), 20, "every twentieth of one");
        // Longer than 1 / 400: some sum always lies within.
        assert!(sum_is_whole(printed(3.33), 400), "digits too few to tell");
        assert!(sum_is_whole(Printed::new(-2.505, -2.495), 2));
    }

    #[test]
    fn values_between_ends_spread_so_far_and_no_further() {
        let exactly = Printed::exactly;
        let spread = widest_spread(exactly(5.0), exactly(0.0), exactly(10.0), 10);
        // five zeros and five tens
        assert!((spread - (250.0f64 / 9.0).sqrt()).abs() < 1e-12);
        assert_eq!(widest_spread(exactly(0.0), exactly(0.0), exactly(10.0), 10), 0.0);
    }

    /// R 4.2: tsum-like values by pt and pnorm; see the reference of p-values.
    #[test]
    fn rounding_widens_the_p_value() {
        let summary = |mean: f64, sd: f64, half: f64, n| Summary {
            mean: Printed::new(mean - half, mean + half),
            standard_deviation: Printed::new(sd - half, sd + half),
            n,
        };
        let exact = p_values_of_means(summary(62.1, 9.4, 0.0, 37), summary(65.8, 10.2, 0.0, 76));
        for (_, p) in &exact {
            assert!((p.upper - p.lower).abs() < 1e-12);
        }
        let rounded =
            p_values_of_means(summary(62.1, 9.4, 0.05, 37), summary(65.8, 10.2, 0.05, 76));
        for ((test, narrow), (_, wide)) in exact.iter().zip(&rounded) {
            assert!(wide.lower < narrow.lower && narrow.upper < wide.upper, "{test:?}");
        }
    }
}
