//! Cohorts of an abstract like that of a study with two endpoints.

use super::*;
use crate::groups::Groups;
use crate::log_rank::{LogRankOptions, log_rank};
use crate::survival_curve::SurvivalCurveModel;
use crate::survival_data::SurvivalData;

const EFFORT: Effort = Effort { moves: 100_000, attempts: 3 };

/// 76 and 37 subjects with 30/17/29 and 25/10/2 responses; medians of 4.0 and
/// 20.0 months without progression, 26.0 and none of life; log-rank p of
/// .00098 and .006; follow-up of 14.0 months.
fn published() -> Vec<Published> {
    vec![
        Published::Median { endpoint: 0, arm: Some(0), days: [121, 123] },
        Published::Median { endpoint: 0, arm: Some(1), days: [608, 610] },
        Published::LogRankRoot { endpoint: 0, roots: [3.29478, 3.29764] },
        Published::Median { endpoint: 1, arm: Some(0), days: [790, 792] },
        Published::MedianNotReached { endpoint: 1, arm: Some(1) },
        Published::LogRankRoot { endpoint: 1, roots: [2.74505, 2.75051] },
        Published::FollowUp { arm: None, days: [425, 427] },
    ]
}

fn problem(assumptions: Assumptions) -> Problem {
    let responses = [
        // 29 of 76 and 2 of 37 progress by day 90; of the others no progression is
        // recorded before day 105 or 56.
        ([30, 25], ResponseBounds { earliest: 105, latest: None }),
        ([17, 10], ResponseBounds { earliest: 56, latest: None }),
        ([29, 2], ResponseBounds { earliest: 35, latest: Some(90) }),
    ];
    Problem::new([76, 37], 2, &responses, &published(), assumptions).unwrap()
}

fn data(cohort: &Cohort, endpoint: usize) -> SurvivalData {
    let days: Vec<f64> = cohort.days[endpoint].iter().map(|day| f64::from(*day)).collect();
    SurvivalData::new(&days, &cohort.events[endpoint]).unwrap()
}

#[test]
fn every_cohort_reproduces_every_published_number() {
    for assumptions in [Assumptions::Wide, Assumptions::Unlinked, Assumptions::Narrow] {
        let cohorts = problem(assumptions).cohorts(0..6, 20_261_130, EFFORT);
        let found: Vec<&Cohort> = cohorts.iter().flatten().collect();
        assert!(found.len() >= 4, "{assumptions:?}: {}", found.len());
        for cohort in found {
            let groups = Groups::new(cohort.arms.clone(), 2).unwrap();
            for (endpoint, p) in [(0, [0.000_975, 0.000_985]), (1, [0.005_95, 0.006_05])] {
                let data = data(cohort, endpoint);
                let test = log_rank(&data, &groups, &LogRankOptions::default()).unwrap();
                assert!(
                    p[0] <= test.test.p_value && test.test.p_value <= p[1],
                    "{}",
                    test.test.p_value
                );
                let curves = SurvivalCurveModel::new(&data).estimate_by_group(&groups).unwrap();
                let medians = [0, 1].map(|arm| curves[arm].median().estimate);
                let is_within = |arm: usize, first: f64, last: f64| {
                    medians[arm].is_some_and(|time| first <= time && time <= last)
                };
                match endpoint {
                    0 => assert!(is_within(0, 121.0, 123.0) && is_within(1, 608.0, 610.0)),
                    _ => assert!(is_within(0, 790.0, 792.0) && medians[1].is_none()),
                }
            }
            let reversed = data(cohort, 1).reversed();
            let all = SurvivalCurveModel::new(&reversed).estimate();
            let follow_up = all.median().estimate.unwrap();
            assert!((425.0..=427.0).contains(&follow_up));
            // The first event, which death may be, never comes after the end of
            // follow-up for death.
            let both = cohort.days[0].iter().zip(&cohort.days[1]);
            assert!(both.into_iter().all(|(first, last)| first <= last));
        }
    }
}

#[test]
fn a_cohort_belongs_to_its_number() {
    let problem = problem(Assumptions::Wide);
    let all = problem.cohorts(0..3, 7, EFFORT);
    assert_eq!(problem.cohorts(2..3, 7, EFFORT)[0], all[2]);
    assert_ne!(all[0], all[1]);
}

#[test]
fn a_search_outward_reaches_further_than_cohorts_do() {
    let problem = problem(Assumptions::Wide);
    let ratio = Statistic::LogHazardRatio { endpoint: 0, after: 0, until: 36_525 };
    let cohorts = problem.cohorts(0..6, 1, EFFORT);
    let ratios: Vec<f64> = cohorts.iter().flatten().map(|cohort| cohort.statistic(ratio)).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let cohorts: Vec<Cohort> = cohorts.into_iter().flatten().collect();
    let reach = problem.reach(&[ratio], &cohorts, 2, 1, 40_000)[0].unwrap();
    assert!(reach.least <= least && greatest <= reach.greatest, "{reach:?} {least} {greatest}");
    assert!(reach.greatest - reach.least > greatest - least, "{reach:?} {least} {greatest}");
}
