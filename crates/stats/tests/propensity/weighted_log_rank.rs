//! The weighted log-rank test.

use proptest::prelude::*;
use restudy_stats::Error;
use restudy_stats::clusters::Clusters;
use restudy_stats::groups::Groups;
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::weighted_log_rank::{WeightedLogRankOptions, weighted_log_rank};

use crate::reference::{assert_all_close, assert_close, cases, numbers, table, text, weights_of};

#[test]
fn agrees_with_the_robust_score_test() {
    for case in cases("weighted_log_rank") {
        let call = text(&case, "call").unwrap();
        let table = table(text(&case, "data").unwrap());
        let data = table.survival();
        let labels = table.column(text(&case, "group").unwrap());
        let mut levels = labels.clone();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let code = |label: &f64| levels.iter().position(|level| level == label).unwrap();
        let groups: Vec<usize> = labels.iter().map(code).collect();
        let weights: Vec<f64> = match text(&case, "weight").unwrap() {
            // As the script that wrote R's values makes them.
            "made" => (1..=data.n()).map(|i| 0.2 + ((i * 13) % 29) as f64 / 7.0).collect(),
            column => table.column(column),
        };
        let codes = |key: &str| text(&case, key).map(|column| table.codes(column));
        let clusters = codes("cluster").map(|codes| Clusters::new(codes).unwrap());
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let options =
            WeightedLogRankOptions { strata: strata.as_ref(), clusters: clusters.as_ref() };
        let found = weighted_log_rank(
            &data,
            &Groups::new(&groups[..], levels.len()).unwrap(),
            weights_of(&weights),
            &options,
        )
        .unwrap();
        let known = |key: &str| numbers(&case[key]).into_iter().flatten().collect::<Vec<f64>>();
        assert_all_close(call, &found.observed, &known("observed"), 1e-12);
        assert_all_close(call, &found.expected, &known("expected"), 1e-12);
        assert_close(call, Some(found.test.statistic), case["chi_square"].as_f64(), 1e-9);
        assert_eq!(Some(found.test.degrees_of_freedom as u64), case["degrees_of_freedom"].as_u64());
    }
}

#[test]
fn edges() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[true, true, true, false, false]);
    let data = data.unwrap();
    let options = WeightedLogRankOptions::default();
    let test = |groups: &[usize], weights: &[f64]| {
        weighted_log_rank(&data, &Groups::new(groups, 2).unwrap(), weights_of(weights), &options)
    };
    // All events in one group: the score test does not need the estimate.
    let apart = test(&[0, 0, 0, 1, 1], &[1.0, 2.0, 0.5, 1.0, 3.0]).unwrap();
    assert_eq!((apart.test.degrees_of_freedom, apart.observed[1]), (1, 0.0));
    // The coefficient is infinite, but the score at zero is not.
    assert!(apart.test.statistic > 0.0 && apart.test.p_value < 1.0);
    assert_eq!(test(&[0; 5], &[1.0; 5]), Err(Error::OneGroup { found: 1 }));
    let turned = SurvivalData::new(&[1.0, 2.0], &[false; 2]).unwrap();
    let nobody = weighted_log_rank(
        &turned,
        &Groups::new([0, 1], 2).unwrap(),
        weights_of(&[1.0; 2]),
        &options,
    );
    assert_eq!(nobody, Err(Error::NoEvents { n: 2 }));
}

/// Whoever is at risk at the events is in one group.
#[test]
fn groups_that_never_meet_are_not_compared() {
    let times = [1.0, 5.0, 2.0, 1.0, 6.0, 3.0];
    let events = [false, false, true, false, false, true];
    let data = SurvivalData::new(&times, &events).unwrap();
    let options = WeightedLogRankOptions::default();
    for unit in [0.1, 1.0, 3.0] {
        // Units that are no power of two leave rounding where zeros would be.
        let weights = [1.0, 1.0, 3.0, 1.0, 5.0, 1.0].map(|weight| unit * weight);
        let test = weighted_log_rank(
            &data,
            &Groups::new([0, 1, 1, 0, 1, 1], 2).unwrap(),
            weights_of(&weights),
            &options,
        )
        .unwrap();
        assert_eq!((test.test.statistic, test.test.degrees_of_freedom), (0.0, 0), "{unit}");
    }
}

/// The coefficient is infinite, and so has no information where a search ends.
#[test]
fn a_single_event_is_compared() {
    let times = [7.0, 1.0, 7.0, 7.0, 7.0, 1.0];
    let data = SurvivalData::new(&times, &[false, false, false, false, false, true]).unwrap();
    let weights = [5.0, 1.0, 1.0, 4.0, 3.0, 1.0];
    for unit in [0.1, 1.0, 3.0] {
        let scaled = weights.map(|weight| unit * weight);
        let options = WeightedLogRankOptions::default();
        let test = weighted_log_rank(
            &data,
            &Groups::new([0, 0, 0, 0, 0, 1], 2).unwrap(),
            weights_of(&scaled),
            &options,
        )
        .unwrap();
        // Fifteen units of weight at risk at 1, of which the event has one.
        // Scores 14/15 x 14/15 of the event, w/15 x 1/15 of the others.
        let score = 14.0 / 15.0;
        let others = (25.0 + 1.0 + 1.0 + 16.0 + 9.0) / 50_625.0;
        let variance = score * score * score * score + others;
        assert_close("one event", Some(test.test.statistic), Some(score * score / variance), 1e-12);
        assert_eq!(test.test.degrees_of_freedom, 1);
    }
}

/// All at risk die at once: the model has information on the groups, but
/// nobody's score differs from zero.
#[test]
fn those_who_die_together_are_not_compared() {
    let data = SurvivalData::new(&[1.0, 2.0, 2.0, 2.0], &[false, true, true, true]).unwrap();
    for unit in [0.1, 1.0, 3.0] {
        let weights = [1.0, 2.0, 0.7, 1.3].map(|weight| unit * weight);
        let options = WeightedLogRankOptions::default();
        let test = weighted_log_rank(
            &data,
            &Groups::new([0, 0, 1, 2], 3).unwrap(),
            weights_of(&weights),
            &options,
        )
        .unwrap();
        let found = (test.test.statistic, test.test.degrees_of_freedom, test.test.p_value);
        assert_eq!(found, (0.0, 0, 1.0), "{unit}");
    }
}

/// Nobody of the reference group is at risk at an event, so that one of the
/// two indicators tells the other.
#[test]
fn a_group_without_expected_events_does_not_count() {
    let times = [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let events = [false, false, true, true, false, true, false];
    let weights = [1.0, 3.0, 0.3, 0.7, 1.1, 1.9, 0.6];
    let data = SurvivalData::new(&times, &events).unwrap();
    let test = |groups: &[usize]| {
        weighted_log_rank(
            &data,
            &Groups::new(groups, 3).unwrap(),
            weights_of(&weights),
            &WeightedLogRankOptions::default(),
        )
        .unwrap()
    };
    let all = test(&[0, 0, 1, 2, 1, 1, 2]);
    assert_eq!(all.test.degrees_of_freedom, 1);
    for groups in [[2, 2, 1, 0, 1, 1, 0], [1, 1, 0, 2, 0, 0, 2]] {
        let other = test(&groups);
        assert_close("order", Some(other.test.statistic), Some(all.test.statistic), 1e-12);
        assert_eq!(other.test.degrees_of_freedom, 1);
    }
    let two = SurvivalData::new(&times[2..], &events[2..]).unwrap();
    let options = WeightedLogRankOptions::default();
    let two = weighted_log_rank(
        &two,
        &Groups::new([0, 1, 0, 0, 1], 2).unwrap(),
        weights_of(&weights[2..]),
        &options,
    )
    .unwrap();
    assert_close("two groups", Some(two.test.statistic), Some(all.test.statistic), 1e-12);
}

proptest! {
    #[test]
    fn the_unit_of_the_weights_does_not_matter(
        subjects in proptest::collection::vec((1..20_u32, any::<bool>(), 0..3_usize, 1..9_u32), 6..40),
        unit in 0.1..10.0_f64,
    ) {
        let times: Vec<f64> = subjects.iter().map(|one| f64::from(one.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|one| one.1).collect();
        let groups: Vec<usize> = subjects.iter().map(|one| one.2).collect();
        let weights: Vec<f64> = subjects.iter().map(|one| f64::from(one.3)).collect();
        let scaled: Vec<f64> = weights.iter().map(|weight| unit * weight).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let test = |weights: &[f64]| {
            weighted_log_rank(&data, &Groups::new(&groups[..], 3).unwrap(), weights_of(weights), &WeightedLogRankOptions::default())
        };
        let (Ok(one), Ok(other)) = (test(&weights), test(&scaled)) else { return Ok(()) };
        prop_assert!((one.test.statistic - other.test.statistic).abs() <= 1e-8 * (1.0 + one.test.statistic));
        prop_assert_eq!(one.test.degrees_of_freedom, other.test.degrees_of_freedom);
        let sums = |values: &[f64]| values.iter().sum::<f64>();
        prop_assert!((sums(&one.observed) - sums(&one.expected)).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_the_groups_does_not_matter(
        subjects in proptest::collection::vec((1..20_u32, any::<bool>(), 0..4_usize, 1..9_u32), 6..40),
        order in Just([0_usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let times: Vec<f64> = subjects.iter().map(|one| f64::from(one.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|one| one.1).collect();
        let weights: Vec<f64> = subjects.iter().map(|one| f64::from(one.3)).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let test = |order: [usize; 4]| {
            let groups: Vec<usize> = subjects.iter().map(|one| order[one.2]).collect();
            weighted_log_rank(&data, &Groups::new(&groups[..], 4).unwrap(), weights_of(&weights), &WeightedLogRankOptions::default())
        };
        let (Ok(one), Ok(other)) = (test([0, 1, 2, 3]), test(order)) else { return Ok(()) };
        prop_assert!((one.test.statistic - other.test.statistic).abs() <= 1e-8 * (1.0 + one.test.statistic));
        prop_assert_eq!(one.test.degrees_of_freedom, other.test.degrees_of_freedom);
    }
}
