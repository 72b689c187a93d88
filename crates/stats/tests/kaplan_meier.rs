//! Kaplan-Meier curves against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, counts, numbers, table, text};
use restudy_stats::groups::Groups;
use restudy_stats::survival_curve::{
    ConfidenceType, CurveValue, SurvivalCurve, SurvivalCurveModel, SurvivalCurveRow,
};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-11;

const CONFIDENCE_TYPES: [(&str, ConfidenceType); 5] = [
    ("plain", ConfidenceType::Plain),
    ("log", ConfidenceType::Log),
    ("log-log", ConfidenceType::LogLog),
    ("logit", ConfidenceType::Logit),
    ("arcsin", ConfidenceType::Arcsin),
];

fn model<'a>(case: &Value, data: &'a SurvivalData) -> SurvivalCurveModel<'a> {
    let name = text(case, "confidence_type").expect("a type");
    let (_, confidence_type) =
        CONFIDENCE_TYPES.into_iter().find(|(known, _)| *known == name).expect("a known type");
    let level = case["confidence_level"].as_f64().expect("a level");
    let model = SurvivalCurveModel::new(data).confidence(level, confidence_type).unwrap();
    if case["reverse"].as_bool().expect("true or false") { model.reverse() } else { model }
}

#[test]
fn curves_equal_those_of_r() {
    for case in cases("kaplan_meier") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let data = table.survival();
        let curves = match text(&case, "group") {
            None => vec![model(&case, &data).estimate()],
            Some(group) => {
                let codes = table.codes(group);
                let n_groups = codes.iter().max().unwrap() + 1;
                model(&case, &data)
                    .estimate_by_group(&Groups::new(&codes[..], n_groups).unwrap())
                    .unwrap()
            }
        };
        let expected = case["curves"].as_array().expect("curves");
        assert_eq!(curves.len(), expected.len(), "{call}");
        for (curve, expected) in curves.iter().zip(expected) {
            compare_rows(call, curve, expected);
            compare_quantiles(call, curve, expected);
            compare_at(call, curve, &expected["at"]);
            compare_restricted_means(call, curve, expected);
        }
    }
}

/// Reads one value of a row.
type Column = fn(&SurvivalCurveRow) -> Option<f64>;

fn compare_rows(call: &str, curve: &SurvivalCurve, expected: &Value) {
    assert_eq!(curve.n as u64, expected["n"].as_u64().unwrap(), "{call}");
    let whole =
        |pick: fn(&SurvivalCurveRow) -> usize| curve.rows.iter().map(pick).collect::<Vec<_>>();
    assert_eq!(whole(|row| row.n_at_risk), counts(&expected["n_at_risk"]), "{call}");
    assert_eq!(whole(|row| row.n_events), counts(&expected["n_events"]), "{call}");
    assert_eq!(whole(|row| row.n_censored), counts(&expected["n_censored"]), "{call}");
    let columns: [(&str, Column); 5] = [
        ("time", |row| Some(row.time)),
        ("survival", |row| Some(row.survival)),
        ("log_standard_error", SurvivalCurveRow::log_standard_error),
        ("lower", |row| row.lower),
        ("upper", |row| row.upper),
    ];
    for (name, pick) in columns {
        for (row, expected) in curve.rows.iter().zip(numbers(&expected[name])) {
            let what = format!("{call}: {name} at time {}", row.time);
            assert_close(&what, pick(row), expected, TOLERANCE);
        }
    }
}

fn compare_quantiles(call: &str, curve: &SurvivalCurve, expected: &Value) {
    let median = curve.median();
    let found = [median.estimate, median.lower, median.upper];
    // Times of the data, to the last bit: no tolerance.
    assert_eq!(found.to_vec(), numbers(&expected["median"]), "{call}: median");
    for expected in expected["quantiles"].as_array().into_iter().flatten() {
        let expected = numbers(expected);
        let quantile = curve.quantile(expected[0].unwrap()).unwrap();
        let found = [quantile.estimate, quantile.lower, quantile.upper];
        assert_eq!(found, expected[1..], "{call}: quantile {:?}", expected[0]);
    }
}

fn compare_at(call: &str, curve: &SurvivalCurve, expected: &Value) {
    let Some(times) = expected.get("time").map(numbers) else { return };
    for (index, time) in times.into_iter().enumerate() {
        let at = curve.at(time.unwrap()).unwrap();
        assert_eq!(at.n_at_risk, counts(&expected["n_at_risk"])[index], "{call} at {time:?}");
        assert_eq!(at.n_events, counts(&expected["n_events"])[index], "{call} at {time:?}");
        let columns = [
            ("survival", at.survival),
            ("standard_error", at.standard_error),
            ("lower", at.lower),
            ("upper", at.upper),
        ];
        for (name, found) in columns {
            let expected = numbers(&expected[name])[index];
            assert_close(&format!("{call}: {name} at {time:?}"), found, expected, TOLERANCE);
        }
    }
}

fn compare_restricted_means(call: &str, curve: &SurvivalCurve, expected: &Value) {
    let means = expected["restricted_means"].as_array().expect("means");
    for (tau, expected) in numbers(&expected["taus"]).into_iter().zip(means) {
        let mean = curve.restricted_mean(tau.unwrap()).unwrap().expect("rows");
        let expected = numbers(expected);
        assert_close(
            &format!("{call}: mean to {tau:?}"),
            Some(mean.estimate),
            expected[0],
            TOLERANCE,
        );
        let what = format!("{call}: standard error to {tau:?}");
        assert_close(&what, Some(mean.standard_error), expected[1], TOLERANCE);
    }
}

fn mean(curve: &SurvivalCurve, tau: f64) -> CurveValue {
    curve.restricted_mean(tau).unwrap().expect("rows")
}

/// The numbers of R that are published beside this program.
#[test]
fn lung_by_sex_gives_the_known_numbers() {
    let table = table("lung");
    let (data, sex) = (table.survival(), table.codes("group"));
    let curves = |confidence_type| {
        let model = SurvivalCurveModel::new(&data).confidence(0.95, confidence_type).unwrap();
        model.estimate_by_group(&Groups::new(&sex[..], 2).unwrap()).unwrap()
    };
    let medians = |confidence_type| {
        let triple = |curve: &SurvivalCurve| {
            let median = curve.median();
            [median.estimate, median.lower, median.upper].map(Option::unwrap)
        };
        curves(confidence_type).iter().map(triple).collect::<Vec<_>>()
    };
    assert_eq!(medians(ConfidenceType::Log), [[270.0, 212.0, 310.0], [426.0, 348.0, 550.0]]);
    assert_eq!(medians(ConfidenceType::LogLog), [[270.0, 210.0, 306.0], [426.0, 345.0, 524.0]]);
    let means = [(297.267480575811, 16.9122475619312), (397.414735527222, 21.4293640273467)];
    for (curve, (estimate, standard_error)) in curves(ConfidenceType::Log).iter().zip(means) {
        let mean = mean(curve, 600.0);
        assert_close("mean", Some(mean.estimate), Some(estimate), 1e-14);
        assert_close("its error", Some(mean.standard_error), Some(standard_error), 1e-14);
    }
    let year: Vec<String> = curves(ConfidenceType::Log)
        .iter()
        .map(|curve| format!("{:.2}", mean(curve, 365.0).estimate))
        .collect();
    assert_eq!(year, ["241.50", "297.47"]);
    let reverse = SurvivalCurveModel::new(&data).reverse();
    assert_eq!(reverse.estimate().median().estimate, Some(588.0));
    assert_eq!(reverse.detailed().estimate().median().estimate, Some(588.0));
}

/// Six subjects by hand: events at 1, 2 (two) and 4, censored at 2 and 3.
#[test]
fn six_subjects_by_hand() {
    let times = [1.0, 2.0, 2.0, 2.0, 3.0, 4.0];
    let events = [true, true, true, false, false, true];
    let data = SurvivalData::new(&times, &events).unwrap();
    let curve = SurvivalCurveModel::new(&data).estimate();
    let at_risk: Vec<usize> = curve.rows.iter().map(|row| row.n_at_risk).collect();
    assert_eq!(at_risk, [6, 5, 2, 1]);
    let survival = [5.0 / 6.0, 5.0 / 6.0 * 3.0 / 5.0, 0.5, 0.0];
    // 1 / (6 * 5), plus 2 / (5 * 3), and nothing at 3, which is a censoring.
    let variance = [1.0 / 30.0, 1.0 / 30.0 + 2.0 / 15.0, 1.0 / 6.0];
    for (row, survival) in curve.rows.iter().zip(survival) {
        assert_close("S", Some(row.survival), Some(survival), 1e-15);
    }
    for (row, variance) in curve.rows.iter().zip(variance) {
        assert_close("Greenwood", row.log_standard_error(), Some(f64::sqrt(variance)), 1e-15);
    }
    assert_eq!(curve.rows[3].log_standard_error(), None);
    // The first time is 2 and the next lower S is at 4.
    // S is exactly one half from 2 to 4: the midpoint.
    assert_eq!(curve.median().estimate, Some(3.0));
    // 1 + 5/6 + 1/2 (4 - 2) = 2.8333
    let mean = mean(&curve, 4.0);
    assert_close("mean", Some(mean.estimate), Some(1.0 + 5.0 / 6.0 + 1.0), 1e-15);
}

#[test]
fn after_the_last_follow_up_the_curve_is_unknown_unless_zero() {
    let curve = |last: bool| {
        let data = SurvivalData::new(&[1.0, 2.0], &[true, last]).unwrap();
        SurvivalCurveModel::new(&data).estimate()
    };
    assert_eq!(curve(false).at(2.5).unwrap().survival, None);
    assert_eq!(curve(true).at(2.5).unwrap().survival, Some(0.0));
    assert!(mean(&curve(false), 3.0).is_extended);
    assert!(!mean(&curve(true), 3.0).is_extended);
}

#[test]
fn a_group_without_subjects_has_an_empty_curve() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, false]).unwrap();
    let curves =
        SurvivalCurveModel::new(&data).estimate_by_group(&Groups::new([0, 2], 3).unwrap()).unwrap();
    assert_eq!((curves[1].n, curves[1].rows.len()), (0, 0));
    assert_eq!(curves[1].median().estimate, None);
    assert_eq!(curves[1].at(0.0).unwrap().survival, None);
    // Nothing is known of nobody, not even at zero.
    assert_eq!(curves[1].restricted_mean(1.0), Ok(None));
}

#[test]
fn mistakes_are_named() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, false]).unwrap();
    let wrong = SurvivalCurveModel::new(&data).confidence(95.0, ConfidenceType::Log);
    let error = wrong.unwrap_err().to_string();
    assert_eq!(error, "`confidence_level` is 95, outside (0, 1)");
    let error = Groups::new([0, 2], 2).unwrap_err().to_string();
    assert_eq!(error, "`groups` is 2 at position 1, but there are 2 groups");
    let curve = SurvivalCurveModel::new(&data).estimate();
    assert!(curve.quantile(1.0).is_err() && curve.at(-1.0).is_err());
    assert!(curve.restricted_mean(0.0).is_err() && curve.restricted_mean(f64::NAN).is_err());
}

/// Follow-up on a coarse grid, so that ties are common.
fn follow_up() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((0_u8..12, any::<bool>()), 1..40)
}

fn curve_of(subjects: &[(u8, bool)], scale: f64) -> SurvivalCurve {
    let times: Vec<f64> = subjects.iter().map(|(time, _)| f64::from(*time) * scale).collect();
    let events: Vec<bool> = subjects.iter().map(|(_, event)| *event).collect();
    let data = SurvivalData::new(&times, &events).unwrap();
    SurvivalCurveModel::new(&data).estimate()
}

proptest! {
    /// Both passes over time give the same rows to the last bit: the one over
    /// whole counts, and the one over rows of data that keeps details.
    #[test]
    fn the_detailed_curve_has_the_same_rows(subjects in follow_up(), turned in any::<bool>()) {
        let (times, events): (Vec<f64>, Vec<bool>) =
            subjects.iter().map(|(time, event)| (f64::from(*time), *event)).unzip();
        let data = SurvivalData::new(&times, &events).unwrap();
        let mut model = SurvivalCurveModel::new(&data);
        if turned {
            model = model.reverse();
        }
        let (plain, detailed) = (model.estimate(), model.detailed().estimate());
        prop_assert_eq!((plain.n, plain.n_events), (detailed.n, detailed.n_events));
        prop_assert_eq!(plain.rows.len(), detailed.rows.len());
        for (row, other) in plain.rows.iter().zip(&detailed.rows) {
            prop_assert_eq!(row.n_at_risk, other.n_at_risk);
            prop_assert_eq!((row.n_events, row.n_censored), (other.n_events, other.n_censored));
            prop_assert_eq!(row.survival, other.survival);
            prop_assert_eq!(row.log_standard_error(), other.log_standard_error());
            prop_assert_eq!((row.lower, row.upper), (other.lower, other.upper));
        }
    }

    #[test]
    fn the_order_of_subjects_does_not_matter(subjects in follow_up()) {
        let mut reversed = subjects.clone();
        reversed.reverse();
        prop_assert_eq!(curve_of(&subjects, 1.0), curve_of(&reversed, 1.0));
    }

    #[test]
    fn scaling_time_scales_times_alone(subjects in follow_up()) {
        // A power of two, so that no rounding enters.
        let (curve, scaled) = (curve_of(&subjects, 1.0), curve_of(&subjects, 4.0));
        prop_assert_eq!(curve.median().estimate.map(|time| 4.0 * time), scaled.median().estimate);
        for (row, scaled) in curve.rows.iter().zip(&scaled.rows) {
            prop_assert_eq!(4.0 * row.time, scaled.time);
            prop_assert_eq!((row.survival, row.upper), (scaled.survival, scaled.upper));
        }
    }

    #[test]
    fn without_censoring_it_is_the_share_alive(times in prop::collection::vec(0_u8..9, 1..30)) {
        let subjects: Vec<(u8, bool)> = times.iter().map(|time| (*time, true)).collect();
        for row in &curve_of(&subjects, 1.0).rows {
            let alive = times.iter().filter(|time| f64::from(**time) > row.time).count();
            prop_assert!((row.survival - alive as f64 / times.len() as f64).abs() < 1e-14);
        }
    }
}
