//! Rank tests: Wilcoxon's rank-sum test and Kruskal and Wallis' test.

use super::by_group;
use crate::Error;
use crate::groups::Groups;
use crate::inference::Test;
use crate::quantile::check_sample;
use crate::special::normal_two_sided_tail;

/// Below this size of both samples, and without ties, the test is exact: the
/// rule of R's `wilcox.test`.
const EXACT_BELOW: usize = 50;
/// Steps after which an exact test gives up: each is an addition, so that the
/// work stays well below a second.
const MOST_STEPS: u64 = 20_000_000;

/// The result of a rank-sum test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSumTest {
    /// W: the sum of x's ranks less its least value, n(n + 1)/2. It counts the
    /// pairs in which x is above y, ties as halves (Mann and Whitney's U).
    pub statistic: f64,
    /// The two-sided p-value.
    pub p_value: f64,
    /// Whether p comes from the exact distribution.
    pub exact: bool,
    /// Whether any two values are equal.
    pub ties: bool,
}

/// Wilcoxon's rank-sum test of two independent samples, two-sided.
///
/// Ties, values equal to the last bit, share their mean rank. The exact
/// distribution is used if both samples have fewer than 50 values and none are
/// tied; else, with m and n values and
/// t tied at each value, (|W − mn/2| − ½) / σ is referred to the normal
/// distribution, σ² = mn/12 (m + n + 1 − Σ(t³ − t) / ((m + n)(m + n − 1))).
///
/// - `x`, `y`: the samples, in any order; none missing.
///
/// # Errors
/// [`Error::Empty`] if a sample is empty; [`Error::NotFinite`];
/// [`Error::NoVariation`] if all values are equal.
///
/// Wilcoxon, Biometrics Bull 1945; 1: 80-83. Mann & Whitney, Ann Math Stat 1947;
/// 18: 50-60. The rule is that of R's `wilcox.test`.
///
/// ```
/// use restudy_stats::location::rank_sum;
/// let test = rank_sum(&[1.0, 2.0, 2.0, 3.0, 5.0], &[2.0, 4.0, 5.0, 6.0, 7.0, 8.0])?;
/// assert!((test.p_value - 0.0647689696989).abs() < 1e-13 && !test.exact);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn rank_sum(x: &[f64], y: &[f64]) -> Result<RankSumTest, Error> {
    let pair = Pair::new(x, y)?;
    // With ties W has another distribution, which depends on them.
    let exact = !pair.ties() && x.len() < EXACT_BELOW && y.len() < EXACT_BELOW;
    if exact { rank_sum_exact(x, y) } else { pair.normal(0.5) }
}

/// Wilcoxon's rank-sum test by the exact distribution of W.
///
/// [`rank_sum`] without its choice: R's `wilcox.test(exact = TRUE)`.
///
/// # Errors
/// Those of [`rank_sum`]; [`Error::Unsupported`] for tied values, whose W has
/// another distribution; [`Error::TooManyTables`] for samples so large that it
/// would take more than twenty million steps.
///
/// ```
/// use restudy_stats::location::rank_sum_exact;
/// assert!((rank_sum_exact(&[1.0, 2.0], &[3.0, 4.0])?.p_value - 2.0 / 6.0).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn rank_sum_exact(x: &[f64], y: &[f64]) -> Result<RankSumTest, Error> {
    let pair = Pair::new(x, y)?;
    if pair.ties() {
        let (what, with) = ("the exact rank-sum test", "tied values");
        return Err(Error::Unsupported { what, with });
    }
    // The recurrence's additions: about m^2 n / 2.
    let steps = pair.m * pair.m * pair.n / 2.0;
    if steps > MOST_STEPS as f64 {
        return Err(Error::TooManyTables { limit: MOST_STEPS });
    }
    let p = exact_p(pair.statistic as usize, x.len(), y.len());
    Ok(RankSumTest { statistic: pair.statistic, p_value: p, exact: true, ties: false })
}

/// Wilcoxon's rank-sum test by the normal approximation with its correction
/// for ties, and with or without the continuity correction of 1/2.
///
/// [`rank_sum`] without its choice: R's `wilcox.test(exact = FALSE, correct)`.
///
/// # Errors
/// Those of [`rank_sum`].
///
/// ```
/// use restudy_stats::location::rank_sum_normal;
/// let test = rank_sum_normal(&[1.0, 2.0], &[3.0, 4.0], false)?;
/// assert!((test.p_value - 0.12133525).abs() < 1e-8);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn rank_sum_normal(
    x: &[f64],
    y: &[f64],
    continuity_correction: bool,
) -> Result<RankSumTest, Error> {
    Pair::new(x, y)?.normal(if continuity_correction { 0.5 } else { 0.0 })
}

/// Two samples and the rank sum of the first.
struct Pair {
    m: f64,
    n: f64,
    statistic: f64,
    tie_term: f64,
}

impl Pair {
    fn new(x: &[f64], y: &[f64]) -> Result<Self, Error> {
        check_sample("x", x)?;
        check_sample("y", y)?;
        let pooled: Vec<f64> = x.iter().chain(y).copied().collect();
        let Ranks { ranks, tie_term } = midranks(&pooled);
        let (m, n) = (x.len() as f64, y.len() as f64);
        // W counts from 0: the least rank sum of m values is m (m + 1) / 2.
        let statistic = ranks[..x.len()].iter().sum::<f64>() - 0.5 * m * (m + 1.0);
        Ok(Self { m, n, statistic, tie_term })
    }

    fn ties(&self) -> bool {
        self.tie_term > 0.0
    }

    fn normal(&self, correction: f64) -> Result<RankSumTest, Error> {
        let Self { m, n, statistic, tie_term } = *self;
        let total = m + n;
        let spread = total + 1.0 - tie_term / (total * (total - 1.0));
        // Without ties it is (N + 1) N, at least 6; if all are tied, it is zero
        // but for rounding.
        if spread * total <= 1e-9 {
            return Err(Error::NoVariation { what: "x and y" });
        }
        // At the mean itself the correction is none.
        let distance = ((statistic - 0.5 * m * n).abs() - correction).max(0.0);
        let p = normal_two_sided_tail(distance / (m * n / 12.0 * spread).sqrt());
        Ok(RankSumTest { statistic, p_value: p, exact: false, ties: self.ties() })
    }
}

/// Kruskal and Wallis' test of several independent samples.
///
/// With Rᵢ the sum of ranks of the nᵢ values in group i, t tied at each value:
/// H = (12 / (n(n + 1)) Σ Rᵢ²/nᵢ − 3(n + 1)) / (1 − Σ(t³ − t) / (n³ − n)), on as
/// many degrees of freedom as there are groups with values, less one.
///
/// - `values`: n numbers, none missing.
/// - `groups`: those of the values. Groups without values do not count.
///
/// # Errors
/// [`Error::Length`], [`Error::Empty`], [`Error::NotFinite`]; [`Error::OneGroup`] if fewer than two groups have
/// values; [`Error::NoVariation`] if all values are equal.
///
/// Kruskal & Wallis, J Am Stat Assoc 1952; 47: 583-621.
///
/// ```
/// use restudy_stats::groups::Groups;
/// use restudy_stats::location::kruskal_wallis;
/// let test = kruskal_wallis(&[1.0, 2.0, 3.0, 4.0], &Groups::new([0, 0, 1, 1], 2)?)?;
/// assert!((test.statistic - 2.4).abs() < 1e-14);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn kruskal_wallis(values: &[f64], groups: &Groups) -> Result<Test, Error> {
    let samples = by_group(values, groups)?;
    let pooled = samples.concat();
    let Ranks { ranks, tie_term } = midranks(&pooled);
    let n = pooled.len() as f64;
    let cubes = n * n * n - n;
    // All values tied: the divisor 1 - tie_term / cubes would be zero.
    if tie_term >= cubes {
        return Err(Error::NoVariation { what: "values" });
    }
    // About the mean rank, where the textbook form would cancel.
    let mean_rank = 0.5 * (n + 1.0);
    let mut rest = ranks.as_slice();
    let mut between = 0.0;
    for sample in &samples {
        let (mine, others) = rest.split_at(sample.len());
        let excess: f64 = mine.iter().map(|rank| rank - mean_rank).sum();
        between += excess * excess / sample.len() as f64;
        rest = others;
    }
    let statistic = 12.0 / (n * (n + 1.0)) * between / (1.0 - tie_term / cubes);
    Ok(Test::new(statistic, samples.len() - 1))
}

/// Ranks in the order of the values, and Σ(t³ − t) over the ties.
struct Ranks {
    ranks: Vec<f64>,
    tie_term: f64,
}

fn midranks(values: &[f64]) -> Ranks {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let (mut tie_term, mut first) = (0.0, 0);
    // Equality, not the sort's order, decides: -0 and 0 are one value.
    for tied in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let t = tied.len() as f64;
        for &place in tied {
            // The mean of the ranks first + 1 to first + t.
            ranks[place] = first as f64 + 0.5 * (t + 1.0);
        }
        tie_term += t * t * t - t;
        first += tied.len();
    }
    Ranks { ranks, tie_term }
}

/// Twice the smaller tail of the exact distribution of W, at most one.
fn exact_p(statistic: usize, m: usize, n: usize) -> f64 {
    let ways = ways_by_statistic(m, n);
    let total: f64 = ways.iter().sum();
    // The distribution is symmetric: the upper tail is the lower one mirrored.
    // The smaller tail of the two, which twice over is the two-sided p.
    let from_end = statistic.min(m * n - statistic);
    (2.0 * ways[..=from_end].iter().sum::<f64>() / total).min(1.0)
}

/// How many of the C(m + n, m) orderings have each value of W, from 0 to mn.
///
/// Adding values to y one at a time: with `j` of x and any number of y, either
/// the largest value is x's, which is then above every y, or it is y's
/// (Mann & Whitney 1947, recurrence 2).
pub(super) fn ways_by_statistic(m: usize, n: usize) -> Vec<f64> {
    let mut ways = vec![vec![0.0; m * n + 1]; m + 1];
    for row in &mut ways {
        // One way to be below every y, whatever m.
        row[0] = 1.0;
    }
    for y in 1..=n {
        for x in 1..=m {
            let (fewer, these) = ways.split_at_mut(x);
            // In ascending order of x: `fewer` has this y already, `these` not yet,
            // as the recurrence needs.
            for w in y..=x * y {
                these[0][w] += fewer[x - 1][w - y];
            }
        }
    }
    ways.swap_remove(m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exact_distribution_by_hand() {
        // orderings of two and two by W: 1, 1, 2, 1, 1
        assert_eq!(ways_by_statistic(2, 2), [1.0, 1.0, 2.0, 1.0, 1.0]);
        let test = rank_sum(&[1.0, 2.0], &[3.0, 4.0]).unwrap();
        assert!(test.exact && test.statistic == 0.0);
        assert!((test.p_value - 2.0 / 6.0).abs() < 1e-15);
        assert_eq!(rank_sum(&[2.0], &[1.0]).unwrap().p_value, 1.0);
    }

    #[test]
    fn equal_values_share_their_rank() {
        let Ranks { ranks, tie_term } = midranks(&[3.0, 1.0, 3.0, 0.0, 3.0, -0.0]);
        assert_eq!(ranks, [5.0, 3.0, 5.0, 1.5, 5.0, 1.5]);
        assert_eq!(tie_term, 24.0 + 6.0);
    }

    #[test]
    fn all_tied_and_other_misuse_is_refused() {
        let error = rank_sum(&[1.0, 1.0], &[1.0]).unwrap_err();
        assert_eq!(error.to_string(), "`x and y` does not vary");
        let all = kruskal_wallis(&[1.0, 1.0], &Groups::new([0, 1], 2).unwrap());
        assert_eq!(all, Err(Error::NoVariation { what: "values" }));
        assert_eq!(rank_sum(&[], &[1.0]), Err(Error::Empty));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = rank_sum(&[1.0, value], &[1.0]).unwrap_err();
            assert_eq!(error.to_string(), "`x` is not a finite number at position 1");
            let error =
                kruskal_wallis(&[value, 1.0], &Groups::new([0, 1], 2).unwrap()).unwrap_err();
            assert_eq!(error.to_string(), "`values` is not a finite number at position 0");
        }
        assert_eq!(
            kruskal_wallis(&[1.0], &Groups::new([1], 2).unwrap()),
            Err(Error::OneGroup { found: 1 })
        );
        assert!(kruskal_wallis(&[1.0, 2.0], &Groups::new([0], 2).unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn only_the_ranks_count(
            x in proptest::collection::vec(0..30_i32, 1..60),
            y in proptest::collection::vec(0..30_i32, 1..60),
        ) {
            prop_assume!(x.iter().chain(&y).any(|value| *value != x[0]));
            let as_f64 = |sample: &[i32]| sample.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
            let cubed = |sample: &[i32]| {
                sample.iter().rev().map(|&v| f64::from(v * v * v) - 7.0).collect::<Vec<_>>()
            };
            let test = rank_sum(&as_f64(&x), &as_f64(&y)).unwrap();
            prop_assert_eq!(test, rank_sum(&cubed(&x), &cubed(&y)).unwrap());
            let turned = rank_sum(&as_f64(&y), &as_f64(&x)).unwrap();
            prop_assert!((test.p_value - turned.p_value).abs() < 1e-12);
            let pairs = (x.len() * y.len()) as f64;
            prop_assert_eq!(test.statistic + turned.statistic, pairs);
        }
    }
}
