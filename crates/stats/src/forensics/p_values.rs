//! Which test of counts gives a p-value.

use crate::Error;
use crate::contingency::{
    ContinuityCorrection, Table, TwoByTwo, chi_square, fisher_exact, fisher_exact_2x2, mid_p,
    odds_ratio,
};
use crate::special::{chi_square_upper_tail, ln_hypergeometric_pmf, normal_two_sided_tail};

/// A test of counts with its variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountTest {
    /// Pearson's chi-square.
    Pearson,
    /// Pearson's chi-square with Yates' correction.
    Yates,
    /// Fisher's exact test.
    Fisher,
    /// Fisher's test with half the weight of the observed table.
    FisherMidP,
    /// Twice the smaller tail of Fisher's test.
    FisherDoubled,
    /// The chi-square with n − 1 for n, as Mantel and Haenszel have it.
    MantelHaenszel,
    /// The likelihood-ratio chi-square.
    LikelihoodRatio,
    /// The difference of shares over its unpooled standard error.
    UnpooledDifference,
    /// The logarithm of the odds ratio over its standard error.
    WaldOddsRatio,
    /// Half of Pearson's p: one side.
    PearsonOneSided,
    /// Half of Yates' p: one side.
    YatesOneSided,
    /// The smaller tail of Fisher's test.
    FisherOneSided,
}

/// The p-values of two groups' counts by every test that is defined on them,
/// in the order of [`CountTest`].
///
/// - `table`: events and non-events of a group and its reference.
///
/// Tests: Pearson, Phil Mag 1900; Yates, Suppl J R Stat Soc 1934; Fisher, J R Stat Soc 1935;
/// Mantel & Haenszel, JNCI 1959; the doubled tail and n − 1: Campbell, Stat Med 2007; 26: 3661-3675.
///
/// # Errors
/// [`Error::Empty`] where a group has nobody.
pub fn p_values_of_counts(table: &TwoByTwo) -> Result<Vec<(CountTest, f64)>, Error> {
    let exact = fisher_exact_2x2(table)?;
    let [a, b, c, d] = cells(table);
    let (n1, n0) = (a + b, c + d);
    let mut found = Vec::new();
    // Without events or without others a margin is empty: these tests are left out,
    // the exact ones go on.
    let pearson = chi_square(&table.table(), ContinuityCorrection::None).ok();
    let yates = chi_square(&table.table(), ContinuityCorrection::Yates).ok();
    let mut note = |test, p: Option<f64>| found.extend(p.map(|p| (test, p)));
    note(CountTest::Pearson, pearson.map(|test| test.test.p_value));
    note(CountTest::Yates, yates.map(|test| test.test.p_value));
    note(CountTest::Fisher, Some(exact));
    note(CountTest::FisherMidP, Some(mid_p(table)?));
    // Both tails include the observed table, so that twice the smaller may pass 1.
    let tail = smaller_tail(table);
    note(CountTest::FisherDoubled, Some((2.0 * tail).min(1.0)));
    let n = n1 + n0;
    note(
        // Mantel and Haenszel's variance has n - 1: the statistic is (n - 1) / n of
        // Pearson's.
        CountTest::MantelHaenszel,
        pearson.map(|test| chi_square_upper_tail(test.test.statistic * (n - 1.0) / n, 1.0)),
    );
    note(CountTest::LikelihoodRatio, pearson.map(|_| likelihood_ratio(&table.table())));
    // a b / n1^3 is p (1 - p) / n1 in counts.
    let variance = a * b / (n1 * n1 * n1) + c * d / (n0 * n0 * n0);
    let z = (a / n1 - c / n0) / variance.sqrt();
    // With no variation in either group z is 0 / 0 or infinite: not a test.
    note(CountTest::UnpooledDifference, z.is_finite().then(|| normal_two_sided_tail(z)));
    let ratio = odds_ratio(table, 0.95).ok();
    let wald = ratio.and_then(|ratio| Some((ratio.estimate, ratio.standard_error_of_log?)));
    note(
        CountTest::WaldOddsRatio,
        wald.map(|(estimate, error)| normal_two_sided_tail(libm::log(estimate) / error)),
    );
    note(CountTest::PearsonOneSided, pearson.map(|test| 0.5 * test.test.p_value));
    note(CountTest::YatesOneSided, yates.map(|test| 0.5 * test.test.p_value));
    note(CountTest::FisherOneSided, Some(tail));
    Ok(found)
}

/// The p-values of counts of several groups or levels: chi-square,
/// likelihood ratio and Fisher's exact test.
///
/// # Errors
/// [`Error::OneGroup`], [`Error::EmptyMargin`] where there is nothing to compare.
pub fn p_values_of_levels(table: &Table) -> Result<Vec<(CountTest, f64)>, Error> {
    let pearson = chi_square(table, ContinuityCorrection::None)?.test.p_value;
    let mut found = vec![(CountTest::Pearson, pearson)];
    // Where the exact test takes too long, nobody printed it either.
    found.extend(fisher_exact(table).ok().map(|p| (CountTest::Fisher, p)));
    found.push((CountTest::LikelihoodRatio, likelihood_ratio(table)));
    Ok(found)
}

fn cells(table: &TwoByTwo) -> [f64; 4] {
    [table.group_events, table.group_without, table.reference_events, table.reference_without]
        .map(|count| count as f64)
}

/// G = 2 Σ O ln (O / E), and its upper tail.
fn likelihood_ratio(table: &Table) -> f64 {
    let (rows, columns) = (table.row_totals(), table.column_totals());
    let total = table.total() as f64;
    let mut statistic = 0.0;
    for (row, row_total) in rows.iter().enumerate() {
        for (column, column_total) in columns.iter().enumerate() {
            let observed = table.count(row, column) as f64;
            let expected = *row_total as f64 * *column_total as f64 / total;
            // The limit of O ln O at 0 is 0.
            if observed > 0.0 {
                statistic += 2.0 * observed * libm::log(observed / expected);
            }
        }
    }
    let degrees_of_freedom = ((rows.len() - 1) * (columns.len() - 1)) as f64;
    // Counts exactly as expected may leave a negative rounding.
    chi_square_upper_tail(statistic.max(0.0), degrees_of_freedom)
}

/// The smaller of both tails of the group's events, the observed table in each.
fn smaller_tail(table: &TwoByTwo) -> f64 {
    let (group, events) =
        (table.group_events + table.group_without, table.group_events + table.reference_events);
    let total = group + table.reference_events + table.reference_without;
    let mass = |count: u64| libm::exp(ln_hypergeometric_pmf(count, total, events, group));
    let least = (group + events).saturating_sub(total);
    let most = group.min(events);
    let lower: f64 = (least..=table.group_events).map(mass).sum();
    let upper: f64 = (table.group_events..=most).map(mass).sum();
    lower.min(upper).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_without_events_has_few_tests() {
        let none = TwoByTwo::from_events(0, 5, 0, 7).unwrap();
        let tests: Vec<CountTest> =
            p_values_of_counts(&none).unwrap().into_iter().map(|(test, _)| test).collect();
        assert_eq!(
            tests,
            [
                CountTest::Fisher,
                CountTest::FisherMidP,
                CountTest::FisherDoubled,
                CountTest::FisherOneSided
            ]
        );
        assert!(p_values_of_counts(&TwoByTwo::from_events(0, 0, 1, 3).unwrap()).is_err());
    }

    proptest! {
        /// Which group comes first, and what counts as the event, changes no p.
        #[test]
        fn tests_are_symmetric(a in 0u64..30, b in 1u64..30, c in 0u64..30, d in 1u64..30) {
            let table = TwoByTwo::from_events(a, a + b, c, c + d).unwrap();
            let turned = TwoByTwo::from_events(d, c + d, b, a + b).unwrap();
            let (one, other) =
                (p_values_of_counts(&table).unwrap(), p_values_of_counts(&turned).unwrap());
            prop_assert_eq!(one.len(), other.len());
            for ((test, p), (same, q)) in one.iter().zip(&other) {
                prop_assert_eq!(test, same);
                prop_assert!((p - q).abs() <= 1e-9 * p.max(*q), "{:?} {} {}", test, p, q);
                prop_assert!((0.0..=1.0 + 1e-12).contains(p));
            }
        }
    }
}
