//! Weighted, late-entering and group-changing curves against R, by hand, by
//! property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{Table, assert_close, cases, numbers, table, text, weights_of};
use restudy_stats::Error;
use restudy_stats::contrast::Contrast;
use restudy_stats::counting_data::CountingData;
use restudy_stats::groups::Groups;
use restudy_stats::survival_curve::{
    ConfidenceType, CurveDetail, CurveEstimator, CurveValue, SurvivalCurve, SurvivalCurveModel,
    SurvivalCurveRow,
};
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::switching::SwitchingData;
use serde_json::Value;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-10;

fn confidence_type(case: &Value) -> ConfidenceType {
    match text(case, "confidence_type") {
        Some("plain") => ConfidenceType::Plain,
        Some("log-log") => ConfidenceType::LogLog,
        Some("logit") => ConfidenceType::Logit,
        Some("arcsin") => ConfidenceType::Arcsin,
        other => {
            assert!(other.is_none_or(|name| name == "log"), "{other:?}");
            ConfidenceType::Log
        }
    }
}

fn estimator(case: &Value) -> CurveEstimator {
    match text(case, "estimator") {
        Some("nelson_aalen") => CurveEstimator::NelsonAalen,
        Some("fleming_harrington") => CurveEstimator::FlemingHarrington,
        other => {
            assert_eq!(other, Some("kaplan_meier"));
            CurveEstimator::KaplanMeier
        }
    }
}

fn events(table: &Table) -> Vec<bool> {
    table.column("event").iter().map(|event| *event == 1.0).collect()
}

fn intervals(table: &Table) -> CountingData {
    let starts = table.column("start");
    let subjects: Vec<usize> = (0..starts.len()).collect();
    CountingData::new(&starts, &table.column("stop"), &events(table), &subjects).unwrap()
}

/// What a case's model gives, `read` being told the groups of its rows.
fn with_model<T>(
    case: &Value,
    table: &Table,
    read: impl FnOnce(&SurvivalCurveModel<'_>, Option<Vec<usize>>) -> T,
) -> T {
    let is = |key: &str| case[key].as_bool().expect("true or false");
    // True for the column of this name, or the name of another.
    let named = |key: &'static str| text(case, key).or_else(|| is(key).then_some(key));
    let weights = named("weight").map(|name| table.column(name));
    let clusters = named("cluster").map(|name| table.codes(name));
    let switching = (text(case, "group") == Some("switch"))
        .then(|| SwitchingData::new(&table.survival(), &table.cells("switch")).unwrap());
    let (right_censored, counting);
    let mut model = if let Some(switching) = &switching {
        SurvivalCurveModel::counting(switching.intervals())
    } else if is("interval") {
        counting = intervals(table);
        SurvivalCurveModel::counting(&counting)
    } else {
        right_censored = table.survival();
        SurvivalCurveModel::new(&right_censored)
    };
    model = model.estimator(estimator(case)).confidence(0.95, confidence_type(case)).unwrap();
    if let Some(weights) = &weights {
        model = model.weights(weights_of(weights)).unwrap();
    }
    if let Some(clusters) = &clusters {
        model = model.clusters(clusters).unwrap();
    }
    if is("robust") {
        model = model.robust();
    }
    let groups = match text(case, "group") {
        None => None,
        Some("switch") => Some(switching.as_ref().expect("split").groups().codes().to_vec()),
        Some(group) => Some(table.codes(group)),
    };
    // Detailed, as weights at risk and hazards are compared too.
    read(&model.detailed(), groups)
}

/// The curves of a case.
fn curves(case: &Value, table: &Table) -> Vec<SurvivalCurve> {
    with_model(case, table, |model, groups| match groups {
        None => vec![model.estimate()],
        Some(groups) => {
            let count = groups.iter().max().unwrap() + 1;
            model.estimate_by_group(&Groups::new(groups, count).unwrap()).unwrap()
        }
    })
}

#[test]
fn curves_equal_those_of_r() {
    for case in cases("survival_curve") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let curves = curves(&case, &table);
        let expected = case["curves"].as_array().expect("curves");
        assert_eq!(curves.len(), expected.len(), "{call}");
        for (curve, expected) in curves.iter().zip(expected) {
            compare_rows(call, curve, expected);
            let median = curve.quantile(0.5).unwrap();
            let found = [median.estimate, median.lower, median.upper];
            assert_eq!(found.to_vec(), numbers(&expected["median"]), "{call}: median");
        }
    }
}

/// Reads one value of a row.
type Column = fn(&SurvivalCurveRow, &CurveDetail) -> Option<f64>;

fn compare_rows(call: &str, curve: &SurvivalCurve, expected: &Value) {
    let columns: [(&str, Column); 9] = [
        ("time", |row, _| Some(row.time)),
        ("n_at_risk", |_, detail| Some(detail.weight_at_risk)),
        ("n_events", |_, detail| Some(detail.weight_of_events)),
        ("survival", |row, _| Some(row.survival)),
        ("log_standard_error", |row, _| row.log_standard_error()),
        ("lower", |row, _| row.lower),
        ("upper", |row, _| row.upper),
        ("cumulative_hazard", |_, detail| Some(detail.hazard.estimate)),
        ("hazard_standard_error", |_, detail| Some(detail.hazard.standard_error)),
    ];
    for (name, pick) in columns {
        let expected = numbers(&expected[name]);
        assert_eq!(curve.rows.len(), expected.len(), "{call}");
        for ((row, detail), expected) in curve.rows.iter().zip(curve.details()).zip(expected) {
            let what = format!("{call}: {name} at time {}", row.time);
            assert_close(&what, pick(row, detail), expected, TOLERANCE);
        }
    }
}

/// Two late entries by hand: at time 2 the first subject is alone at risk
/// with the third, whom the second joins after it.
#[test]
fn late_entry_by_hand() {
    let data =
        CountingData::new(&[0.0, 2.0, 1.0], &[2.0, 5.0, 4.0], &[true, true, true], &[0, 1, 2])
            .unwrap();
    let curve = SurvivalCurveModel::counting(&data).estimate();
    let at_risk: Vec<usize> = curve.rows.iter().map(|row| row.n_at_risk).collect();
    // At 2: the first and the third, as the second enters at 2 and is not yet at
    // risk; at 4: the second and the third.
    assert_eq!(at_risk, [2, 2, 1]);
    let survival: Vec<f64> = curve.rows.iter().map(|row| row.survival).collect();
    assert_eq!(survival, [0.5, 0.25, 0.0]);
    assert_eq!(curve.rows[2].standard_error(), None);
    let at = |time| curve.at(time).unwrap();
    assert_eq!(at(4.5).survival, Some(0.25));
    // Before the first event H is 0.
    assert_eq!((at(1.0).survival, at(1.0).hazard.unwrap().estimate), (Some(1.0), 0.0));
    assert_eq!((at(7.0).survival, at(7.0).hazard.unwrap().estimate), (Some(0.0), 2.0));
}

#[test]
fn mistakes_are_named() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, false]).unwrap();
    let model = || SurvivalCurveModel::new(&data);
    let message = |error: Error| error.to_string();
    assert_eq!(
        message(model().clusters(&[1]).unwrap_err()),
        "`clusters` has 1 values where 2 are needed"
    );
    assert!(model().confidence(1.0, ConfidenceType::Log).is_err());
    assert!(model().estimate_by_group(&Groups::new([0; 9], 2).unwrap()).is_err());
    assert!(model().estimate().quantile(0.0).is_err());
    assert!(model().estimate().at(f64::NAN).is_err());
    let empty = &model().estimate_by_group(&Groups::new([0, 0], 2).unwrap()).unwrap()[1];
    assert_eq!((empty.n, empty.rows.len(), empty.at(0.0).unwrap().survival), (0, 0, None));
}

/// Follow-up on a coarse grid, so that ties are common.
fn follow_up() -> impl Strategy<Value = Vec<(u8, bool, u8)>> {
    prop::collection::vec((0_u8..12, any::<bool>(), 1_u8..4), 1..40)
}

fn split(subjects: &[(u8, bool, u8)]) -> (SurvivalData, Vec<f64>) {
    let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
    let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
    let weights = subjects.iter().map(|subject| f64::from(subject.2)).collect();
    (SurvivalData::new(&times, &events).unwrap(), weights)
}

fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * (1.0 + other.abs()),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// For roots of sums that may cancel to nothing: 1e-16 of rounding is 1e-8 after the root.
fn near_root(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-7 * (1.0 + other.abs()),
        (one, other) => one.is_none() && other.is_none(),
    }
}

proptest! {
    #[test]
    fn unweighted_it_is_the_plain_curve_and_the_jackknife_is_greenwood(subjects in follow_up()) {
        let (data, _) = split(&subjects);
        let plain = SurvivalCurveModel::new(&data).estimate();
        let curve = SurvivalCurveModel::new(&data).robust().estimate();
        prop_assert_eq!(plain.rows.len(), curve.rows.len());
        for (row, plain) in curve.rows.iter().zip(&plain.rows) {
            prop_assert!(near(Some(row.survival), Some(plain.survival)));
            prop_assert!(near_root(row.standard_error(), plain.standard_error()));
            prop_assert!(near(row.upper, plain.upper));
        }
    }

    #[test]
    fn a_whole_weight_is_as_many_subjects(subjects in follow_up()) {
        let (data, weights) = split(&subjects);
        let copies: Vec<_> = subjects
            .iter()
            .flat_map(|subject| std::iter::repeat_n(*subject, usize::from(subject.2)))
            .collect();
        let (copied, _) = split(&copies);
        // Copies of one subject are one cluster: they are no more independent than
        // its weight was.
        let clusters: Vec<usize> = subjects
            .iter()
            .enumerate()
            .flat_map(|(index, subject)| std::iter::repeat_n(index, usize::from(subject.2)))
            .collect();
        let weighted = SurvivalCurveModel::new(&data).weights(weights_of(&weights)).unwrap();
        let repeated = SurvivalCurveModel::new(&copied).clusters(&clusters).unwrap();
        for estimator in [CurveEstimator::KaplanMeier, CurveEstimator::NelsonAalen] {
            let one = weighted.clone().robust().estimator(estimator).estimate();
            let other = repeated.clone().estimator(estimator).estimate();
            for (one, other) in one.rows.iter().zip(&other.rows) {
                prop_assert!(near(Some(one.survival), Some(other.survival)));
                prop_assert!(near_root(one.standard_error(), other.standard_error()));
            }
            for (one, other) in one.details().iter().zip(other.details()) {
                let apart = one.hazard.standard_error - other.hazard.standard_error;
                prop_assert!(apart.abs() < 1e-7);
            }
        }
    }

    #[test]
    fn cutting_follow_up_into_intervals_changes_nothing(subjects in follow_up(), cut in 1_u8..11) {
        let later: Vec<_> = subjects.into_iter().map(|(t, e, w)| (t + 1, e, w)).collect();
        // All times one later, so that nobody ends at 0, where an interval would
        // have no length.
        let (data, _) = split(&later);
        let switches = vec![Some(f64::from(cut)); data.n()];
        let split = SwitchingData::new(&data, &switches).unwrap();
        let whole = SurvivalCurveModel::new(&data).robust().estimate();
        let cut = SurvivalCurveModel::counting(split.intervals()).robust().estimate();
        for row in &whole.rows {
            let other = cut.at(row.time).unwrap();
            prop_assert!(near(other.survival, Some(row.survival)));
            prop_assert!(near(other.standard_error, row.standard_error()));
        }
    }
}

/// Differences and ratios between groups by weights, clusters, late entry and
/// every estimator.
#[test]
fn contrasts_equal_those_of_r() {
    for case in cases("contrast").iter().filter(|case| text(case, "kind") == Some("model")) {
        let table = table(text(case, "data").expect("data"));
        let number = |key: &str| case[key].as_f64().expect("a number");
        let (time, tau, level) = (number("time"), number("tau"), number("level"));
        with_model(case, &table, |model, _| {
            let curves =
                model.estimate_by_group(&Groups::new(table.codes("group"), 2).unwrap()).unwrap();
            let [first, second] =
                [0, 1].map(|group| curves[group].survival(time).unwrap().expect("known"));
            compare_contrast(case, "survival", &first.difference(&second, level).unwrap());
            let [first, second] = [0, 1].map(|group| mean(&curves[group], tau));
            compare_contrast(case, "difference", &first.difference(&second, level).unwrap());
            compare_contrast(
                case,
                "ratio",
                &first.ratio(&second, level).unwrap().expect("a ratio"),
            );
        });
    }
}

fn mean(curve: &SurvivalCurve, tau: f64) -> CurveValue {
    curve.restricted_mean(tau).unwrap().expect("rows")
}

fn compare_contrast(case: &Value, name: &str, found: &Contrast) {
    let what = format!("{}: {name}", text(case, "call").expect("a call"));
    let found = [
        found.interval.estimate,
        found.standard_error,
        found.interval.lower,
        found.interval.upper,
        found.p_value,
    ];
    for (found, expected) in found.into_iter().zip(numbers(&case[name])) {
        assert_close(&what, Some(found), expected, 1e-9);
    }
}

/// H exp(-+ z s / H) by hand: H = 1/4 + 1/3, s^2 = 1/16 + 1/9.
#[test]
fn limits_of_the_hazard_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false]).unwrap();
    let curve = SurvivalCurveModel::new(&data).estimator(CurveEstimator::NelsonAalen).estimate();
    let (lower, upper) = curve.details()[1].hazard.limits(0.95).unwrap().expect("events");
    let hazard = 1.0 / 4.0 + 1.0 / 3.0;
    let ratio = libm::exp(1.959_963_984_540_054 * (1.0 / 16.0 + 1.0 / 9.0_f64).sqrt() / hazard);
    assert_close("lower", Some(lower), Some(hazard / ratio), 1e-14);
    assert_close("upper", Some(upper), Some(hazard * ratio), 1e-14);
    let error = curve.details()[1].hazard.limits(1.0).unwrap_err();
    assert_eq!(error.to_string(), "`confidence_level` is 1, outside (0, 1)");
    let none = SurvivalCurveModel::new(&data.reversed()).detailed().estimate();
    // Reversed, the first end is no event: H is 0 and has no logarithm.
    assert_eq!(none.details()[0].hazard.limits(0.95), Ok(None));
}

/// The rows of a case of `survival_difference`, with a code of its group.
fn compared_groups() -> (Table, Vec<usize>) {
    let table = table("lung_complete");
    let groups = table.codes("group");
    (table, groups)
}

#[test]
fn values_without_weights_equal_greenwoods() {
    let (table, groups) = compared_groups();
    let data = table.survival();
    let plain = SurvivalCurveModel::new(&data)
        .estimate_by_group(&Groups::new(&groups[..], 2).unwrap())
        .unwrap();
    let model = SurvivalCurveModel::new(&data);
    for model in [model.clone().detailed(), model.robust()] {
        let curves = model.estimate_by_group(&Groups::new(&groups[..], 2).unwrap()).unwrap();
        for tau in [30.0, 365.0, 900.0, 2000.0] {
            let of = |curves: &[SurvivalCurve]| [0, 1].map(|group| mean(&curves[group], tau));
            let (means, of_plain) = (of(&curves), of(&plain));
            for (mean, expected) in means.iter().zip(&of_plain) {
                assert_close("mean", Some(mean.estimate), Some(expected.estimate), 1e-12);
                let errors = (Some(mean.standard_error), Some(expected.standard_error));
                assert_close("error", errors.0, errors.1, 1e-10);
                assert_eq!(mean.is_extended, expected.is_extended);
            }
            let lower = |[first, second]: &[CurveValue; 2]| {
                first.difference(second, 0.9).unwrap().interval.lower
            };
            assert_close("lower", Some(lower(&means)), Some(lower(&of_plain)), 1e-9);
            let upper = |[first, second]: &[CurveValue; 2]| {
                first.ratio(second, 0.9).unwrap().expect("positive").interval.upper
            };
            assert_close("ratio", Some(upper(&means)), Some(upper(&of_plain)), 1e-10);
            for (curve, plain) in curves.iter().zip(&plain) {
                let (value, expected) = (curve.survival(tau).unwrap(), plain.at(tau).unwrap());
                let known = expected.survival.filter(|survival| *survival > 0.0);
                assert_close("survival", value.as_ref().map(|value| value.estimate), known, 1e-12);
                let error = value.as_ref().map(|value| value.standard_error);
                assert_close("its error", error, expected.standard_error, 1e-10);
            }
        }
    }
}

/// Each subject in both groups: the curves are one another's copies, and so
/// is what a cluster adds to them.
#[test]
fn clusters_in_both_groups_cancel() {
    let times: Vec<f64> = (0..2).flat_map(|_| [3.0, 5.0, 5.0, 8.0, 9.0]).collect();
    let events: Vec<bool> = (0..2).flat_map(|_| [true, true, false, true, false]).collect();
    let data = SurvivalData::new(&times, &events).unwrap();
    let groups = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    let pairs = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4];
    let means = |model: SurvivalCurveModel<'_>| {
        let curves = model.estimate_by_group(&Groups::new(&groups[..], 2).unwrap()).unwrap();
        [mean(&curves[0], 7.0), mean(&curves[1], 7.0)]
    };
    let [first, second] = means(SurvivalCurveModel::new(&data).clusters(&pairs).unwrap());
    assert!(first.standard_error > 0.1);
    let difference = first.difference(&second, 0.95).unwrap();
    // Each cluster adds the same to both, and the difference is zero without error.
    assert_eq!((difference.interval.estimate, difference.standard_error), (0.0, 0.0));
    let [one, other] = means(SurvivalCurveModel::new(&data).robust());
    let difference = one.difference(&other, 0.95);
    // Taken as independent, both variances add up.
    let expected = first.standard_error * 2.0_f64.sqrt();
    assert!((difference.unwrap().standard_error - expected).abs() < 1e-14);
}

#[test]
fn wrong_times_of_a_value_are_refused() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, false]).unwrap();
    for model in [SurvivalCurveModel::new(&data), SurvivalCurveModel::new(&data).detailed()] {
        let curves = model.estimate_by_group(&Groups::new([0, 1], 3).unwrap()).unwrap();
        let wrong = curves[0].restricted_mean(0.0).unwrap_err();
        assert_eq!(wrong.to_string(), "`tau` is 0, outside (0, infinity)");
        assert!(curves[0].survival(-1.0).is_err());
        // The first is dead at 1; an empty group has nothing.
        let found = [0, 1, 2].map(|group| curves[group].survival(1.0).unwrap().is_some());
        assert_eq!(found, [false, true, false]);
        assert_eq!(curves[2].restricted_mean(1.0), Ok(None));
    }
}
