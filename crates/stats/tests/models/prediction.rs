//! Brier scores and calibration.

use restudy_stats::Error;
use restudy_stats::calibration::calibration;
use restudy_stats::prediction_error::{brier_score, integrated_brier_score};
use restudy_stats::survival_curve::SurvivalCurveModel;
use restudy_stats::survival_data::SurvivalData;

use super::penalty::known;
use crate::reference::{assert_all_close, assert_close, cases, counts, matrix, table, text};

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-11;

#[test]
fn scores_and_groups_equal_those_of_r() {
    for case in cases("prediction_error") {
        let call = text(&case, "call").unwrap();
        let data = table(text(&case, "data").unwrap()).survival();
        let (times, predicted) = (known(&case, "times"), matrix(&case["predicted"]));
        let rows: Vec<&[f64]> = predicted.chunks(data.n()).collect();
        let scores: Vec<f64> = rows
            .iter()
            .zip(&times)
            .map(|(row, time)| brier_score(&data, row, *time).unwrap())
            .collect();
        assert_all_close(call, &scores, &known(&case, "scores"), TOLERANCE);
        let integrated = integrated_brier_score(&data, &predicted, &times).unwrap();
        assert_close(call, Some(integrated), case["integrated"].as_f64(), TOLERANCE);
        let n_groups = case["n_groups"].as_u64().unwrap() as usize;
        let groups =
            // R's values of calibration are those at the second time.
            calibration(&SurvivalCurveModel::new(&data), rows[1], times[1], n_groups).unwrap();
        let n: Vec<usize> = groups.iter().map(|group| group.n).collect();
        assert_eq!(n, counts(&case["group_n"]), "{call}");
        let column = |pick: fn(&restudy_stats::calibration::CalibrationGroup) -> f64| {
            groups.iter().map(pick).collect::<Vec<f64>>()
        };
        let mean = column(|group| group.mean_predicted);
        assert_all_close(call, &mean, &known(&case, "group_predicted"), TOLERANCE);
        let observed = column(|group| group.observed.survival.unwrap());
        assert_all_close(call, &observed, &known(&case, "group_observed"), TOLERANCE);
        let lower = column(|group| group.observed.lower.unwrap());
        assert_all_close(call, &lower, &known(&case, "group_lower"), TOLERANCE);
    }
}

/// One of four is censored at 1: the three left stand for four thirds each.
/// At 2.5: (0.4^2 + (1 - 0.7)^2 + (1 - 0.8)^2) / 0.75 / 4.
#[test]
fn a_score_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[false, true, true, true]).unwrap();
    let score = brier_score(&data, &[0.9, 0.4, 0.7, 0.8], 2.5).unwrap();
    assert!((score - (0.16 + 0.09 + 0.04) / 3.0).abs() < 1e-15);
}

#[test]
fn equal_predictions_are_one_group() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0], &[true; 3]).unwrap();
    let groups = calibration(&SurvivalCurveModel::new(&data), &[0.5; 3], 1.5, 4).unwrap();
    // All cuts are at one half: nothing lies above them.
    assert_eq!((groups.len(), groups[0].n), (1, 3));
}

#[test]
fn mistakes_are_named() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true; 2]).unwrap();
    let error = brier_score(&data, &[0.5, 1.5], 1.0).unwrap_err();
    assert_eq!(error.to_string(), "`predicted` is no probability at position 1: 1.5");
    // Nobody is followed beyond 2.
    assert!(matches!(brier_score(&data, &[0.5; 2], 2.0), Err(Error::Parameter { .. })));
    assert!(matches!(brier_score(&data, &[0.5; 2], -1.0), Err(Error::Parameter { .. })));
    let twice = integrated_brier_score(&data, &[0.5; 4], &[1.0, 1.0]).unwrap_err();
    assert_eq!(twice.to_string(), "`times` does not ascend at position 1");
    assert!(integrated_brier_score(&data, &[0.5; 2], &[1.0]).is_err());
    assert!(calibration(&SurvivalCurveModel::new(&data), &[0.5; 2], 1.0, 0).is_err());
}
