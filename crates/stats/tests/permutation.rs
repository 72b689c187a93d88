//! Permutation tests against R, and that chance and threads do not matter.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, table, text};
use restudy_stats::counting_data::CountingData;
use restudy_stats::group_comparison::{
    GroupComparison, LogRankWeight, PermutationMethod, PermutationTest,
};
use restudy_stats::groups::Groups;
use restudy_stats::survival_data::SurvivalData;

const LIMIT: u64 = 200_000;

#[test]
fn exact_tests_equal_those_of_r() {
    for case in cases("permutation") {
        let call = text(&case, "call").expect("a call");
        let rows = case["rows"].as_u64().expect("rows") as usize;
        let table = table(text(&case, "data").expect("data")).first(rows);
        let (data, groups) = (table.survival(), table.codes("group"));
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let n_groups = groups.iter().max().unwrap() + 1;
        let checked = Groups::new(&groups[..], n_groups).unwrap();
        let mut comparison = GroupComparison::new(&data, &checked).unwrap();
        if let Some(strata) = &strata {
            comparison = comparison.strata(strata).unwrap();
        }
        let weight = match text(&case, "weight") {
            Some("gehan") => LogRankWeight::Gehan,
            _ => LogRankWeight::LogRank,
        };
        // A limit above all cases: each is gone through exactly.
        let test = comparison.permutation(weight, LIMIT, 1, 0).unwrap();
        let arrangements = case["arrangements"].as_u64().unwrap();
        assert_eq!(test.method, PermutationMethod::Exact { arrangements }, "{call}");
        assert_close(call, Some(test.statistic), case["statistic"].as_f64(), 1e-10);
        assert_eq!(test.n_extreme, case["extreme"].as_u64().unwrap(), "{call}");
        assert_close(call, Some(test.p_value), case["p_value"].as_f64(), 1e-15);
        // The same by chance, within four of its own standard errors.
        // A limit of 0 leaves it to chance.
        let drawn = comparison.permutation(weight, 0, 20_000, 9).unwrap();
        let distance = (drawn.p_value - test.p_value).abs();
        assert!(distance <= 4.0 * drawn.standard_error.unwrap() + 1e-4, "{call}: {distance}");
    }
}

/// The log-rank test of lung by sex, drawn on so many threads.
fn lung(threads: usize, seed: u64) -> PermutationTest {
    let table = table("lung");
    let (data, groups) = (table.survival(), table.codes("group"));
    let checked = Groups::new(&groups[..], 2).unwrap();
    let comparison = GroupComparison::new(&data, &checked).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| comparison.permutation(LogRankWeight::LogRank, LIMIT, 4000, seed).unwrap())
}

#[test]
fn threads_do_not_matter_but_the_seed_does() {
    let one = lung(1, 3);
    assert_eq!(one, lung(3, 3));
    assert_ne!(one.n_extreme, lung(1, 4).n_extreme);
    // The normal approximation says .0013.
    assert!(one.p_value < 0.005, "{}", one.p_value);
}

#[test]
fn what_cannot_be_exchanged_is_refused() {
    let data = CountingData::new(&[0.0, 1.0], &[2.0, 3.0], &[true; 2], &[0, 1]).unwrap();
    let groups = Groups::new([0, 1], 2).unwrap();
    let comparison = GroupComparison::counting(&data, &groups).unwrap();
    let error = comparison.permutation(LogRankWeight::LogRank, LIMIT, 9, 0).unwrap_err();
    assert_eq!(error.to_string(), "a permutation test cannot be combined with intervals");
    let data = SurvivalData::new(&[1.0, 1.0], &[true; 2]).unwrap();
    let groups = Groups::new([0, 1], 2).unwrap();
    let comparison = GroupComparison::new(&data, &groups).unwrap();
    assert!(comparison.permutation(LogRankWeight::LogRank, LIMIT, 0, 0).is_err());
    let tied = comparison.permutation(LogRankWeight::LogRank, LIMIT, 9, 0).unwrap();
    // All arrangements give the same: each is as extreme.
    assert_eq!((tied.p_value, tied.degrees_of_freedom), (1.0, 0));
}

proptest! {
    #[test]
    fn scores_sum_to_observed_minus_expected(
        subjects in prop::collection::vec((0_u8..9, any::<bool>(), 0_usize..2), 4..9),
    ) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let groups: Vec<usize> = subjects.iter().map(|subject| subject.2).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let checked = Groups::new(&groups[..], 2).unwrap();
        let Ok(comparison) = GroupComparison::new(&data, &checked) else { return Ok(()) };
        let exact = comparison.permutation(LogRankWeight::LogRank, LIMIT, 1, 0).unwrap();
        let test = comparison.test(LogRankWeight::LogRank).unwrap();
        let difference = test.observed[1] - test.expected[1];
        // Zero together, though their variances differ.
        // The permutation's covariance is another one, but a score of zero has a
        // statistic of zero by either.
        prop_assert_eq!(difference.abs() < 1e-12, exact.statistic < 1e-20);
        prop_assert!(exact.p_value > 0.0 && exact.p_value <= 1.0);
    }
}
