//! Weighted log-rank tests against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use nalgebra::DMatrix;
use proptest::prelude::*;
use reference::{
    Table, assert_all_close, assert_close, cases, matrix, numbers, table, text, texts,
};
use restudy_stats::Error;
use restudy_stats::counting_data::CountingData;
use restudy_stats::group_comparison::{GroupComparison, LogRankWeight};
use restudy_stats::groups::Groups;
use restudy_stats::special::multivariate_normal_box;
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::switching::SwitchingData;
use serde_json::Value;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-10;

fn weight(name: &str) -> LogRankWeight {
    match name {
        "log_rank" => LogRankWeight::LogRank,
        "gehan" => LogRankWeight::Gehan,
        "tarone_ware" => LogRankWeight::TaroneWare,
        "peto_peto" => LogRankWeight::PetoPeto,
        "modified_peto_peto" => LogRankWeight::ModifiedPetoPeto,
        powers => {
            let powers: Vec<f64> = powers[3..].split('_').map(|x| x.parse().unwrap()).collect();
            LogRankWeight::FlemingHarrington { rho: powers[0], gamma: powers[1] }
        }
    }
}

/// Follow-up of a case, of whichever kind it is.
enum Data {
    RightCensored(SurvivalData, Groups),
    Counting(CountingData, Groups),
    Switching(SwitchingData),
}

impl Data {
    fn of(name: &str, table: &Table, group: &str) -> Self {
        let groups = || {
            let codes = table.codes(group);
            let count = codes.iter().max().unwrap() + 1;
            Groups::new(codes, count).unwrap()
        };
        match name {
            "jasa_switch" => {
                let split = SwitchingData::new(&table.survival(), &table.cells("switch"));
                Self::Switching(split.unwrap())
            }
            "lung_late" | "mgus2_age" => {
                let events: Vec<bool> = table.column("event").iter().map(|e| *e == 1.0).collect();
                let subjects: Vec<usize> = (0..events.len()).collect();
                let (starts, stops) = (table.column("start"), table.column("stop"));
                let data = CountingData::new(&starts, &stops, &events, &subjects).unwrap();
                Self::Counting(data, groups())
            }
            "pbc_causes" => {
                let events: Vec<bool> = table.column("cause").iter().map(|c| *c > 0.0).collect();
                let data = SurvivalData::new(&table.column("time"), &events).unwrap();
                Self::RightCensored(data, groups())
            }
            _ => Self::RightCensored(table.survival(), groups()),
        }
    }

    fn comparison(&self) -> GroupComparison<'_> {
        match self {
            Self::RightCensored(data, groups) => GroupComparison::new(data, groups),
            Self::Counting(data, groups) => GroupComparison::counting(data, groups),
            Self::Switching(split) => GroupComparison::counting(split.intervals(), split.groups()),
        }
        .unwrap()
    }
}

#[test]
fn tests_equal_those_of_r() {
    for case in cases("group_comparison") {
        let name = text(&case, "data").expect("data");
        let group = text(&case, "group").expect("a group");
        let stratum = text(&case, "stratum");
        let mut table = table(name);
        // Who changes group has no column of one.
        if name != "jasa_switch" && stratum.or(Some(group)) != Some("group") {
            let known: Vec<&str> = stratum.into_iter().chain([group]).collect();
            table = table.complete(&known);
        }
        let strata = stratum.map(|stratum| table.strata(stratum));
        let data = Data::of(name, &table, group);
        let mut comparison = data.comparison();
        if let Some(strata) = &strata {
            comparison = comparison.strata(strata).unwrap();
        }
        match text(&case, "kind") {
            Some("test") => compare_test(&case, &comparison),
            Some("pairwise") => compare_pairs(&case, &comparison),
            Some("max_combo") => compare_max_combo(&case, &comparison),
            other => panic!("kind {other:?}"),
        }
    }
}

fn known(value: &Value) -> Vec<f64> {
    numbers(value).into_iter().flatten().collect()
}

fn compare_test(case: &Value, comparison: &GroupComparison<'_>) {
    let call = text(case, "call").expect("a call");
    let weight = weight(text(case, "weight").expect("a weight"));
    let test = comparison.test(weight).unwrap();
    assert_all_close(call, &test.observed, &known(&case["observed"]), TOLERANCE);
    assert_all_close(call, &test.expected, &known(&case["expected"]), TOLERANCE);
    assert_all_close(call, test.variance.as_slice(), &matrix(&case["variance"]), TOLERANCE);
    assert_close(call, Some(test.test.statistic), case["chi_square"].as_f64(), 1e-9);
    assert_eq!(test.test.degrees_of_freedom as u64, case["degrees_of_freedom"].as_u64().unwrap());
    assert_close(call, Some(test.test.p_value), case["p_value"].as_f64(), 1e-9);
    // Scores at unequal distances, so that a mistake in their use shows.
    let scores: Vec<f64> = (0..test.n.len()).map(|j| (j * j) as f64).collect();
    let trend = comparison.trend(weight, &scores).unwrap();
    assert_close(call, Some(trend.z), case["trend_z"].as_f64(), 1e-9);
}

fn compare_pairs(case: &Value, comparison: &GroupComparison<'_>) {
    let call = text(case, "call").expect("a call");
    let weight = weight(text(case, "weight").expect("a weight"));
    let pairs = comparison.pairwise(weight).unwrap();
    let column = |pick: fn(&restudy_stats::group_comparison::PairComparison) -> f64| {
        pairs.iter().map(pick).collect::<Vec<_>>()
    };
    let columns = [
        ("chi_square", column(|pair| pair.test.as_ref().unwrap().test.statistic)),
        ("p_value", column(|pair| pair.test.as_ref().unwrap().test.p_value)),
        ("holm", column(|pair| pair.holm.unwrap())),
        ("benjamini_hochberg", column(|pair| pair.benjamini_hochberg.unwrap())),
    ];
    for (name, found) in columns {
        let expected = known(&case[name]);
        assert_eq!(found.len(), expected.len(), "{call}: {name}");
        for (found, expected) in found.into_iter().zip(expected) {
            assert_close(call, Some(found), Some(expected), 1e-9);
        }
    }
}

fn compare_max_combo(case: &Value, comparison: &GroupComparison<'_>) {
    let call = text(case, "call").expect("a call");
    let weights: Vec<_> = texts(&case["weights"]).iter().map(|name| weight(name)).collect();
    let test = comparison.max_combo(&weights).unwrap();
    assert_all_close(call, &test.z, &known(&case["z"]), TOLERANCE);
    assert_all_close(call, test.correlation.as_slice(), &matrix(&case["correlation"]), TOLERANCE);
    let difference = (test.p_value - case["p_value"].as_f64().unwrap()).abs();
    assert!(difference <= case["tolerance"].as_f64().unwrap(), "{call}: {difference}");
}

/// Four events, groups 0, 0, 1, 1, weights n = 4, 3, 2, 1: O - E of group 1
/// is 2 + 1 less 4 / 2, 3 * 2 / 3, 2 and 1.
#[test]
fn gehan_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
    let groups = Groups::new([0, 0, 1, 1], 2).unwrap();
    let comparison = GroupComparison::new(&data, &groups).unwrap();
    let test = comparison.test(LogRankWeight::Gehan).unwrap();
    // Group 1 has the events at 3 and 4: 2 + 1 observed; 2 + 2 + 2 + 1 expected.
    assert_eq!((test.observed[1], test.expected[1]), (3.0, 7.0));
    // w^2 p (1 - p): 16 / 4 at 1, 9 * 2 / 9 at 2; later only one group is at risk.
    let variance = 16.0 / 4.0 + 9.0 * 2.0 / 9.0;
    assert_close("V", Some(test.variance[(1, 1)]), Some(variance), 1e-15);
    assert_close("chi-square", Some(test.test.statistic), Some(16.0 / variance), 1e-14);
    let trend = comparison.trend(LogRankWeight::Gehan, &[0.0, 1.0]).unwrap();
    assert_close("z", Some(trend.z), Some(-4.0 / variance.sqrt()), 1e-14);
}

/// Transplants as group changes: until the first change nobody is in group 1.
#[test]
fn mantel_and_byar_count_the_wait_in_the_first_group() {
    let data = SurvivalData::new(&[2.0, 4.0, 6.0], &[true, true, true]).unwrap();
    let split = SwitchingData::new(&data, &[None, Some(3.0), Some(5.0)]).unwrap();
    let comparison = GroupComparison::counting(split.intervals(), split.groups()).unwrap();
    let test = comparison.test(LogRankWeight::LogRank).unwrap();
    // At 2 all three wait; at 4 one of two has changed; at 6 the last has.
    assert_eq!(test.observed, [1.0, 2.0]);
    assert_eq!(test.expected, [1.5, 1.5]);
    assert_close("V", Some(test.variance[(0, 0)]), Some(0.25), 1e-15);
}

/// Four dimensions, one more than the usual weights of a study span: with
/// equal correlations the probability is one integral over a common factor,
/// here by a fine trapezoid.
#[test]
fn four_dimensions_are_integrated() {
    let equal = DMatrix::from_fn(4, 4, |i, j| if i == j { 1.0 } else { 0.5 });
    let c = 1.7;
    let step = 1e-3;
    let mut expected = 0.0;
    for index in -9000..=9000 {
        let y = f64::from(index) * step;
        // Z_i = root y + root e_i with a common y has correlations of one half.
        let root = 0.5_f64.sqrt();
        let side = restudy_stats::special::normal_cdf((c - root * y) / root)
            - restudy_stats::special::normal_cdf((-c - root * y) / root);
        expected += step * libm::exp(-0.5 * y * y) / (2.0 * std::f64::consts::PI).sqrt()
            * side
            * side
            * side
            * side;
    }
    assert!((multivariate_normal_box(&equal, c) - expected).abs() < 1e-9);
}

#[test]
fn what_cannot_be_combined_is_refused() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
    let groups = Groups::new([0, 1, 2, 0], 3).unwrap();
    let three = GroupComparison::new(&data, &groups).unwrap();
    let weights = LogRankWeight::max_combo();
    let message = three.max_combo(&weights).unwrap_err().to_string();
    assert_eq!(message, "`groups` is 3, outside 2 groups with rows");
    let groups = Groups::new([0, 0, 1, 1], 2).unwrap();
    let two = GroupComparison::new(&data, &groups).unwrap();
    assert!(two.max_combo(&[]).is_err());
    let wrong = LogRankWeight::FlemingHarrington { rho: 0.0, gamma: -1.0 };
    assert_eq!(two.test(wrong).unwrap_err().to_string(), "`gamma` is -1, outside [0, infinity)");
    assert!(two.trend(LogRankWeight::LogRank, &[0.0]).is_err());
    // Equal scores ask for no trend.
    let still = two.trend(LogRankWeight::LogRank, &[1.0, 1.0]).unwrap();
    assert_eq!((still.z, still.p_value), (0.0, 1.0));
    // All die at once: no variance under any weight.
    let data = SurvivalData::new(&[1.0, 1.0], &[true, true]).unwrap();
    let groups = Groups::new([0, 1], 2).unwrap();
    let tied = GroupComparison::new(&data, &groups).unwrap();
    assert_eq!(tied.max_combo(&weights), Err(Error::NoVariation { what: "groups" }));
}

#[test]
fn a_pair_without_events_is_left_out_of_the_adjustments() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[true, false, false, true, true]);
    let data = data.unwrap();
    let groups = [0, 1, 2, 0, 0];
    let checked = Groups::new(&groups[..], 4).unwrap();
    let pairs = GroupComparison::new(&data, &checked).unwrap().pairwise(LogRankWeight::LogRank);
    let pairs = pairs.unwrap();
    let compared: Vec<(usize, usize)> = pairs
        .iter()
        .filter(|pair| pair.test.is_some())
        .map(|pair| (pair.first, pair.second))
        .collect();
    // Groups 1 and 2 have no event between them, and group 3 has nobody.
    assert_eq!(compared, [(0, 1), (0, 2)]);
    assert_eq!(pairs.len(), 6);
    assert!(pairs.iter().all(|pair| pair.holm.is_some() == pair.test.is_some()));
}

/// Follow-up on a coarse grid in two groups.
fn follow_up() -> impl Strategy<Value = Vec<(u8, bool, usize)>> {
    prop::collection::vec((0_u8..12, any::<bool>(), 0_usize..2), 6..30)
}

proptest! {
    // Each case integrates in three dimensions.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_combination_is_between_the_bounds_of_bonferroni(subjects in follow_up()) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let groups: Vec<usize> = subjects.iter().map(|subject| subject.2).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let checked = Groups::new(&groups[..], 2).unwrap();
        let Ok(comparison) = GroupComparison::new(&data, &checked) else { return Ok(()) };
        let weights = LogRankWeight::max_combo();
        let Ok(combined) = comparison.max_combo(&weights) else { return Ok(()) };
        for (weight, z) in weights.into_iter().zip(&combined.z) {
            let test = comparison.test(weight).unwrap();
            prop_assert!((z * z - test.test.statistic).abs() < 1e-9 * (1.0 + z * z));
            // The most extreme weight alone: the others have smaller z and larger
            // p.
            prop_assert!(combined.p_value <= 4.0 * test.test.p_value.max(1e-300) || combined.statistic > z.abs());
            prop_assert!(combined.p_value >= test.test.p_value - 1e-9 || combined.statistic > z.abs());
        }
    }

    #[test]
    fn two_groups_in_either_order_have_one_trend(subjects in follow_up()) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let groups: Vec<usize> = subjects.iter().map(|subject| subject.2).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let checked = Groups::new(&groups[..], 2).unwrap();
        let Ok(comparison) = GroupComparison::new(&data, &checked) else { return Ok(()) };
        let test = comparison.test(LogRankWeight::Gehan).unwrap();
        let trend = comparison.trend(LogRankWeight::Gehan, &[0.0, 1.0]).unwrap();
        let other = comparison.trend(LogRankWeight::Gehan, &[5.0, 3.0]).unwrap();
        // Turned scores turn the sign; distance does not count.
        prop_assert!((trend.z + other.z).abs() < 1e-9);
        prop_assert!((trend.z * trend.z - test.test.statistic).abs() < 1e-9 * (1.0 + test.test.statistic));
    }
}
