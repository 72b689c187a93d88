//! Log-rank tests against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_all_close, assert_close, cases, counts, matrix, numbers, table, text};
use restudy_stats::Error;
use restudy_stats::groups::Groups;
use restudy_stats::log_rank::{LogRank, LogRankOptions, log_rank};
use restudy_stats::survival_data::SurvivalData;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-11;

fn test_of(data: &str, stratum: Option<&str>, rho: f64) -> LogRank {
    let mut table = table(data);
    if let Some(stratum) = stratum {
        table = table.complete(&[stratum]);
    }
    let groups = table.codes("group");
    let strata = stratum.map(|stratum| table.strata(stratum));
    let n_groups = groups.iter().max().unwrap() + 1;
    let options = LogRankOptions { strata: strata.as_ref(), rho };
    log_rank(&table.survival(), &Groups::new(&groups[..], n_groups).unwrap(), &options).unwrap()
}

#[test]
fn tests_equal_those_of_r() {
    for case in cases("log_rank") {
        let call = text(&case, "call").expect("a call");
        let rho = case["rho"].as_f64().expect("rho");
        let test = test_of(text(&case, "data").expect("data"), text(&case, "stratum"), rho);
        assert_eq!(test.n, counts(&case["n"]), "{call}");
        let known = |key: &str| numbers(&case[key]).into_iter().flatten().collect::<Vec<_>>();
        assert_all_close(call, &test.observed, &known("observed"), TOLERANCE);
        assert_all_close(call, &test.expected, &known("expected"), TOLERANCE);
        assert_all_close(call, test.variance.as_slice(), &matrix(&case["variance"]), TOLERANCE);
        assert_close(call, Some(test.test.statistic), case["chi_square"].as_f64(), TOLERANCE);
        let df = case["degrees_of_freedom"].as_u64().expect("df");
        assert_eq!(test.test.degrees_of_freedom as u64, df, "{call}");
        assert_close(call, Some(test.test.p_value), case["p_value"].as_f64(), 1e-9);
    }
}

/// The numbers of R that are published beside this program.
#[test]
fn known_numbers() {
    let chi_square = |data, stratum, rho| Some(test_of(data, stratum, rho).test.statistic);
    assert_close("lung", chi_square("lung", None, 0.0), Some(10.3267419548856), 1e-13);
    assert_close("lung", chi_square("lung", None, 1.0), Some(12.7141514011575), 1e-13);
    let stratified = chi_square("lung", Some("ph_ecog"), 0.0);
    assert_close("lung by ecog", stratified, Some(10.7950596334964), 1e-13);
    assert_close("ovarian", chi_square("ovarian", None, 0.0), Some(1.0627), 5e-5);
    assert_close("ovarian", chi_square("ovarian", None, 1.0), Some(1.6849), 5e-5);
    assert_close("lung p", Some(test_of("lung", None, 0.0).test.p_value), Some(0.00131), 2e-3);
}

/// Four events, two groups by hand: r / n is 2/4, 1/3, 0/2, 0/1.
#[test]
fn four_subjects_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
    let test = log_rank(&data, &Groups::new([0, 0, 1, 1], 2).unwrap(), &LogRankOptions::default())
        .unwrap();
    let expected = 1.0 / 2.0 + 1.0 / 3.0;
    // p (1 - p) at 1 and 2; at 3 and 4 one group alone is at risk.
    let variance = 1.0 / 4.0 + 2.0 / 9.0;
    let chi_square = (2.0 - expected) * (2.0 - expected) / variance;
    assert_eq!(test.observed, [2.0, 2.0]);
    assert_close("E", Some(test.expected[0]), Some(expected), 1e-15);
    assert_close("V", Some(test.variance[(0, 0)]), Some(variance), 1e-15);
    assert_close("chi-square", Some(test.test.statistic), Some(chi_square), 1e-14);
}

#[test]
fn what_cannot_be_compared_is_an_error_or_has_no_degrees_of_freedom() {
    let data = SurvivalData::new(&[1.0, 2.0], &[false, false]).unwrap();
    let compare = |data, groups: &[usize]| {
        log_rank(data, &Groups::new(groups, 2).unwrap(), &LogRankOptions::default())
    };
    assert_eq!(compare(&data, &[0, 1]), Err(Error::NoEvents { n: 2 }));
    assert_eq!(compare(&data, &[1, 1]), Err(Error::OneGroup { found: 1 }));
    assert_eq!(
        compare(&data, &[0]).unwrap_err().to_string(),
        "`groups` has 1 values where 2 are needed"
    );
    // (n - d) / (n - 1) is 0 where all at risk die.
    // All die at once: nothing is left to chance.
    let data = SurvivalData::new(&[1.0, 1.0], &[true, true]).unwrap();
    let test = compare(&data, &[0, 1]).unwrap();
    assert_eq!(
        (test.test.degrees_of_freedom, test.test.statistic, test.test.p_value),
        (0, 0.0, 1.0)
    );
    let options = LogRankOptions { strata: None, rho: -1.0 };
    assert!(log_rank(&data, &Groups::new([0, 1], 2).unwrap(), &options).is_err());
}

/// Follow-up on a coarse grid in three groups.
fn follow_up() -> impl Strategy<Value = Vec<(u8, bool, usize)>> {
    prop::collection::vec((0_u8..12, any::<bool>(), 0_usize..3), 6..40)
}

fn compare(subjects: &[(u8, bool, usize)], scale: f64) -> Result<LogRank, Error> {
    let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0) * scale).collect();
    let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
    let groups: Vec<usize> = subjects.iter().map(|subject| subject.2).collect();
    log_rank(
        &SurvivalData::new(&times, &events)?,
        &Groups::new(&groups[..], 3).unwrap(),
        &LogRankOptions::default(),
    )
}

proptest! {
    #[test]
    fn neither_order_nor_unit_of_time_matters(subjects in follow_up()) {
        let mut reversed = subjects.clone();
        reversed.reverse();
        prop_assert_eq!(compare(&subjects, 1.0), compare(&reversed, 1.0));
        // A quarter is exact: ties stay ties.
        prop_assert_eq!(compare(&subjects, 1.0), compare(&subjects, 0.25));
    }

    #[test]
    fn relabelling_groups_keeps_the_statistic(subjects in follow_up()) {
        let relabelled: Vec<_> = subjects.iter().map(|s| (s.0, s.1, (s.2 + 1) % 3)).collect();
        if let (Ok(one), Ok(other)) = (compare(&subjects, 1.0), compare(&relabelled, 1.0)) {
            prop_assert_eq!(one.test.degrees_of_freedom, other.test.degrees_of_freedom);
            prop_assert!((one.test.statistic - other.test.statistic).abs() < 1e-9 * (1.0 + one.test.statistic));
        }
    }

    #[test]
    fn observed_and_expected_have_one_sum(subjects in follow_up()) {
        if let Ok(test) = compare(&subjects, 1.0) {
            let difference: f64 = test.observed.iter().sum::<f64>() - test.expected.iter().sum::<f64>();
            prop_assert!(difference.abs() < 1e-12);
        }
    }
}
