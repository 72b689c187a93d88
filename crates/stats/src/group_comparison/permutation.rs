//! The permutation form of a weighted log-rank test, exact or by chance.

use std::borrow::Cow;

use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::{GroupComparison, LogRankWeight, walk_event_times};
use crate::Error;
use crate::follow_up::FollowUp;
use crate::symmetric::Factors;

/// Statistics this little below the observed one, or this share of it, are as
/// extreme: the same statistic from another arrangement is a sum in another
/// order, and rounding must not decide whether it counts.
const TIE_TOLERANCE: f64 = 1e-9;
/// Below this share of the largest variance a group adds no information: what
/// is left of its pivot is rounding, as in the test itself.
const RANK_TOLERANCE: f64 = 1e-12;

/// How the permutations were gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermutationMethod {
    /// Every arrangement of the groups' labels once.
    Exact {
        /// How many there are.
        arrangements: u64,
    },
    /// Arrangements drawn by chance, each from the stream of its own number,
    /// so that the result does not depend on the number of threads.
    MonteCarlo {
        /// How many were drawn.
        replicates: usize,
        /// The seed of the streams.
        seed: u64,
    },
}

/// A permutation test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PermutationTest {
    /// The observed statistic.
    pub statistic: f64,
    /// Degrees of freedom its limit would have; 0 if all arrangements give
    /// the same.
    pub degrees_of_freedom: usize,
    /// Arrangements at least as extreme as the observed one.
    pub n_extreme: u64,
    /// Their share: exactly, or (1 + extreme) / (1 + replicates).
    pub p_value: f64,
    /// Monte Carlo standard error of the p-value; `None` if exact.
    pub standard_error: Option<f64>,
    /// How it was made.
    pub method: PermutationMethod,
}

impl GroupComparison<'_> {
    /// Permutes the groups' labels within strata.
    ///
    /// # Formula
    /// Subject i has the score a_i = w(t_i) event_i less the sum of w d / n
    /// over event times up to t_i, so that the scores of a group sum to its
    /// O - E (Peto and Peto 1972). The statistic is (O - E)' C^-1 (O - E)
    /// over all groups but one, C being the covariance over all permutations:
    /// in a stratum of n subjects, n_j of them in group j, it is
    /// (n_j delta_jk - n_j n_k / n) times the sum of a_i^2 over n - 1
    /// (Strasser and Weber 1999).
    ///
    /// # Arguments
    /// All arrangements are gone through if they are at most `exact_limit`;
    /// otherwise `replicates` >= 1 are drawn, replicate i from stream i of a
    /// ChaCha8 generator with this `seed`.
    ///
    /// # Ties
    /// Tied times share weight and hazard. Statistics within 1e-9 of the
    /// observed one, relative to one more than it, count as extreme.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a wrong weight or no replicates;
    /// [`Error::Unsupported`] for intervals, whose labels cannot be exchanged.
    pub fn permutation(
        &self,
        weight: LogRankWeight,
        exact_limit: u64,
        replicates: usize,
        seed: u64,
    ) -> Result<PermutationTest, Error> {
        weight.check()?;
        if replicates == 0 {
            return Err(Error::Parameter { what: "replicates", value: 0.0, range: "1 or more" });
        }
        // A subject's intervals cannot change their group apart from one another,
        // and later ones depend on the group.
        if matches!(self.follow_up, FollowUp::Counting(_)) {
            return Err(Error::Unsupported { what: "a permutation test", with: "intervals" });
        }
        let scored = Scored::new(self, weight);
        let labels = scored.observed_labels(self.groups.codes());
        let observed = scored.statistic(&labels);
        // Relative for large statistics, absolute near zero.
        let threshold = observed - TIE_TOLERANCE * (1.0 + observed);
        let is_extreme = |labels: &[usize]| scored.statistic(labels) >= threshold;
        let arrangements = scored.arrangements().filter(|count| *count <= exact_limit);
        let (n_extreme, method) = match arrangements {
            Some(arrangements) => {
                (scored.enumerate(&labels, is_extreme), PermutationMethod::Exact { arrangements })
            }
            None => {
                let draw = |index: &u64| is_extreme(&scored.shuffled(&labels, seed, *index));
                // Counted, not summed: the order in which threads finish does not
                // matter.
                let extreme = (0..replicates as u64).into_par_iter().filter(draw).count();
                (extreme as u64, PermutationMethod::MonteCarlo { replicates, seed })
            }
        };
        let (p_value, standard_error) = match method {
            PermutationMethod::Exact { arrangements } => {
                (n_extreme as f64 / arrangements as f64, None)
            }
            PermutationMethod::MonteCarlo { replicates, .. } => {
                // The observed arrangement counts as one of the draws, so that p is
                // never zero.
                let p = (1.0 + n_extreme as f64) / (1.0 + replicates as f64);
                (p, Some((p * (1.0 - p) / replicates as f64).sqrt()))
            }
        };
        let degrees_of_freedom = scored.factors.rank();
        Ok(PermutationTest {
            statistic: observed,
            degrees_of_freedom,
            n_extreme,
            p_value,
            standard_error,
            method,
        })
    }
}

/// Scores by stratum, and the covariance of their sums.
struct Scored {
    /// Positions of the subjects of each stratum.
    strata: Vec<Vec<usize>>,
    /// Scores in the order of the strata.
    scores: Vec<f64>,
    n_groups: usize,
    /// Subjects of each stratum in each group.
    sizes: Vec<Vec<usize>>,
    /// Of all groups but the first that has subjects.
    factors: Factors,
    compared: Vec<usize>,
}

impl Scored {
    fn new(comparison: &GroupComparison<'_>, weight: LogRankWeight) -> Self {
        let n_groups = comparison.groups.count();
        let strata = comparison.follow_up.order_by_stratum(comparison.strata);
        let mut scores = Vec::new();
        let mut sizes = Vec::new();
        let mut covariance = DMatrix::zeros(n_groups, n_groups);
        for order in &strata {
            let of_stratum = stratum_scores(comparison, weight, order);
            let mut size = vec![0; n_groups];
            for subject in order.iter() {
                size[comparison.groups.codes()[*subject]] += 1;
            }
            add_covariance(&mut covariance, &of_stratum, &size);
            scores.extend(of_stratum);
            sizes.push(size);
        }
        // One group is redundant: the scores sum to zero in each stratum.
        let compared: Vec<usize> = comparison.groups.present().skip(1).collect();
        let covariance = covariance.select_rows(&compared).select_columns(&compared);
        let factors = Factors::new(&covariance, RANK_TOLERANCE);
        let strata = strata.into_iter().map(Cow::into_owned).collect();
        Self { strata, scores, n_groups, sizes, factors, compared }
    }

    /// The groups in the order of the scores.
    fn observed_labels(&self, groups: &[usize]) -> Vec<usize> {
        self.strata.iter().flatten().map(|subject| groups[*subject]).collect()
    }

    fn statistic(&self, labels: &[usize]) -> f64 {
        let mut sums = vec![0.0; self.n_groups];
        for (label, score) in labels.iter().zip(&self.scores) {
            sums[*label] += score;
        }
        let differences: Vec<f64> = self.compared.iter().map(|group| sums[*group]).collect();
        self.factors.quadratic_form(&differences)
    }

    /// How many arrangements there are, unless they are beyond counting.
    fn arrangements(&self) -> Option<u64> {
        // Multinomial coefficients of the strata, multiplied. Beyond 64 bits nobody
        // enumerates them.
        let mut count: u64 = 1;
        for size in &self.sizes {
            let mut placed: u64 = 0;
            for members in size {
                for member in 1..=*members as u64 {
                    placed += 1;
                    // A binomial coefficient at each step, so it divides.
                    count =
                        u64::try_from(u128::from(count) * u128::from(placed) / u128::from(member))
                            .ok()?;
                }
            }
        }
        Some(count)
    }

    /// Counts the arrangements of which `is_extreme` holds.
    fn enumerate(&self, labels: &[usize], is_extreme: impl Fn(&[usize]) -> bool) -> u64 {
        let mut labels = labels.to_vec();
        let mut ranges = Vec::new();
        let mut start = 0;
        for order in &self.strata {
            ranges.push(start..start + order.len());
            start += order.len();
        }
        // From the first arrangement in order, so that the counter passes through
        // all of them.
        for range in &ranges {
            labels[range.clone()].sort_unstable();
        }
        let mut count = 0;
        loop {
            count += u64::from(is_extreme(&labels));
            // The strata turn like the wheels of a counter.
            if !ranges.iter().any(|range| next_arrangement(&mut labels[range.clone()])) {
                return count;
            }
        }
    }

    /// The labels in an order drawn from the stream `index`.
    fn shuffled(&self, labels: &[usize], seed: u64, index: u64) -> Vec<usize> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(index);
        let mut labels = labels.to_vec();
        let mut rest = labels.as_mut_slice();
        for order in &self.strata {
            let (stratum, later) = rest.split_at_mut(order.len());
            for last in (1..stratum.len()).rev() {
                stratum.swap(last, below(&mut random, last as u64 + 1) as usize);
            }
            rest = later;
        }
        labels
    }
}

/// The scores of one stratum's subjects in the order given.
fn stratum_scores(
    comparison: &GroupComparison<'_>,
    weight: LogRankWeight,
    order: &[usize],
) -> Vec<f64> {
    let follow_up = comparison.follow_up;
    let mut hazard = 0.0;
    // Weight at each event time, and the weighted hazard up to it.
    let mut times: Vec<(f64, f64, f64)> = Vec::new();
    // The groups' own counts are not used: scores come from the pooled risk sets,
    // as under exchangeable labels.
    walk_event_times(follow_up, comparison.groups, order, |time| {
        let weight = weight.of(time);
        hazard += weight * time.events / time.n;
        times.push((time.time, weight, hazard));
    });
    let score = |subject: &usize| {
        let end = follow_up.ends()[*subject];
        // A subject censored between two event times has the hazard up to the
        // earlier one.
        let past = times.partition_point(|(time, _, _)| *time <= end);
        let (_, weight, hazard) = past.checked_sub(1).map_or((0.0, 0.0, 0.0), |last| times[last]);
        if follow_up.events()[*subject] { weight - hazard } else { -hazard }
    };
    order.iter().map(score).collect()
}

/// Adds a stratum's covariance of the groups' sums over all permutations.
fn add_covariance(covariance: &mut DMatrix<f64>, scores: &[f64], sizes: &[usize]) {
    let n = scores.len() as f64;
    // A stratum of one subject has one arrangement, and no variance.
    if scores.len() < 2 {
        return;
    }
    // Log-rank scores sum to zero but for rounding; the mean is taken off all the
    // same.
    let mean = scores.iter().sum::<f64>() / n;
    let spread = scores.iter().map(|a| (a - mean) * (a - mean)).sum::<f64>() / (n - 1.0);
    for (j, n_j) in sizes.iter().enumerate() {
        for (k, n_k) in sizes.iter().enumerate() {
            let own = if j == k { *n_j as f64 } else { 0.0 };
            covariance[(j, k)] += spread * (own - *n_j as f64 * *n_k as f64 / n);
        }
    }
}

/// Turns labels into the next arrangement in lexicographic order; after the
/// last, back into the first, returning false.
fn next_arrangement(labels: &mut [usize]) -> bool {
    // No pair rises: this was the last arrangement. Reversed, it is the first one.
    let Some(rise) = labels.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        labels.reverse();
        return false;
    };
    let above = labels.iter().rposition(|label| *label > labels[rise]);
    labels.swap(rise, above.expect("invariant: a later label is higher"));
    labels[rise + 1..].reverse();
    true
}

/// A whole number below `bound`, each equally likely.
fn below(random: &mut ChaCha8Rng, bound: u64) -> u64 {
    // The remainder of 2^64 by the bound would favour the lowest numbers.
    let excess = bound.wrapping_neg() % bound;
    loop {
        let value = random.next_u64();
        if value >= excess {
            return value % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrangement_comes_once() {
        let mut labels = vec![0, 0, 1, 2];
        let mut seen = vec![labels.clone()];
        while next_arrangement(&mut labels) {
            seen.push(labels.clone());
        }
        assert_eq!(labels, [0, 0, 1, 2]);
        seen.sort();
        seen.dedup();
        // 4! / 2! = 12, as two labels are equal.
        assert_eq!(seen.len(), 12);
    }

    #[test]
    fn numbers_below_a_bound_are_equally_frequent() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            counts[below(&mut random, 3) as usize] += 1;
        }
        // Binomial with standard deviation sqrt(30,000 * 2 / 9) = 82: 300 are more
        // than three of them, and the seed is fixed.
        assert!(counts.iter().all(|count| (9_700..10_300).contains(count)), "{counts:?}");
    }
}
