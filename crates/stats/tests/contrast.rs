//! Differences of curves and restricted means against R and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, numbers, table, text};
use restudy_stats::Error;
use restudy_stats::contrast::Contrast;
use restudy_stats::groups::Groups;
use restudy_stats::survival_curve::{CurveValue, SurvivalCurve, SurvivalCurveModel};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-10;

fn compare(what: &str, found: &Contrast, expected: &Value) {
    let found = [
        found.interval.estimate,
        found.standard_error,
        found.interval.lower,
        found.interval.upper,
        found.p_value,
    ];
    for (found, expected) in found.into_iter().zip(numbers(expected)) {
        assert_close(what, Some(found), expected, TOLERANCE);
    }
}

#[test]
fn contrasts_equal_those_of_r() {
    // Those of other models are with `survival_curve`.
    for case in cases("contrast").iter().filter(|case| text(case, "kind").is_none()) {
        let call = text(case, "call").expect("a call");
        let table = table(text(case, "data").expect("data"));
        let groups = table.codes(text(case, "group").expect("a group"));
        let curves = SurvivalCurveModel::new(&table.survival())
            .estimate_by_group(&Groups::new(&groups[..], 2).unwrap())
            .unwrap();
        let number = |key: &str| case[key].as_f64().expect("a number");
        let level = number("level");
        let [first, second] = [0, 1].map(|group| at(&curves[group], number("time")).unwrap());
        compare(call, &first.difference(&second, level).unwrap(), &case["survival"]);
        let [first, second] = [0, 1].map(|group| mean(&curves[group], number("tau")));
        compare(call, &first.difference(&second, level).unwrap(), &case["difference"]);
        compare(call, &first.ratio(&second, level).unwrap().unwrap(), &case["ratio"]);
    }
}

fn curve(times: &[f64], events: &[bool]) -> SurvivalCurve {
    let data = SurvivalData::new(times, events).unwrap();
    SurvivalCurveModel::new(&data).estimate()
}

fn at(curve: &SurvivalCurve, time: f64) -> Option<CurveValue> {
    curve.survival(time).unwrap()
}

fn mean(curve: &SurvivalCurve, tau: f64) -> CurveValue {
    curve.restricted_mean(tau).unwrap().expect("rows")
}

/// S is 1/2 of two and 3/4 of four: variances 1/8 and 3/64.
#[test]
fn one_difference_by_hand() {
    let (one, other) = (
        curve(&[1.0, 5.0], &[true, false]),
        curve(&[1.0, 5.0, 5.0, 5.0], &[true, false, false, false]),
    );
    let contrast = at(&one, 2.0).unwrap().difference(&at(&other, 2.0).unwrap(), 0.95).unwrap();
    assert_eq!(contrast.interval.estimate, -0.25);
    // 1/8 + 3/64 = 11/64.
    assert!((contrast.standard_error - (11.0_f64 / 64.0).sqrt()).abs() < 1e-15);
}

#[test]
fn where_a_curve_is_unknown_or_zero_there_is_no_difference() {
    let (short, dead) = (curve(&[1.0, 2.0], &[true, false]), curve(&[1.0, 2.0], &[true; 2]));
    assert!(at(&short, 1.5).is_some() && at(&dead, 1.5).is_some());
    assert_eq!((dead.at(2.0).unwrap().survival, at(&dead, 2.0)), (Some(0.0), None));
    assert_eq!((short.at(3.0).unwrap().survival, at(&short, 3.0)), (None, None));
    // All dead at 0 have a mean of 0: there is no ratio to it.
    let [one, other] = [mean(&short, 2.0), mean(&curve(&[0.0], &[true]), 2.0)];
    assert_eq!(one.ratio(&other, 0.95), Ok(None));
    // 1 + 1/2 of one, 0 of the other.
    assert_eq!(one.difference(&other, 0.95).unwrap().interval.estimate, 1.5);
}

#[test]
fn mistakes_are_named() {
    let one = curve(&[1.0, 2.0], &[true, false]);
    let value = mean(&one, 1.0);
    let error = value.difference(&value, 95.0).unwrap_err();
    assert_eq!(error.to_string(), "`confidence_level` is 95, outside (0, 1)");
    assert!(one.survival(-1.0).is_err() && one.restricted_mean(0.0).is_err());
    assert!(matches!(
        value.ratio(&value, 1.0),
        Err(Error::Parameter { what: "confidence_level", .. })
    ));
}

proptest! {
    #[test]
    fn exchanging_the_curves_turns_the_sign(
        times in prop::collection::vec((1_u8..9, any::<bool>()), 2..20),
        others in prop::collection::vec((1_u8..9, any::<bool>()), 2..20),
    ) {
        let of = |subjects: &[(u8, bool)]| {
            let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
            let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
            curve(&times, &events)
        };
        let (one, other) = (mean(&of(&times), 5.0), mean(&of(&others), 5.0));
        let (there, back) =
            (one.difference(&other, 0.95).unwrap(), other.difference(&one, 0.95).unwrap());
        prop_assert_eq!(there.interval.estimate, -back.interval.estimate);
        prop_assert_eq!(there.interval.lower, -back.interval.upper);
        let ratio = |one: &CurveValue, other| one.ratio(other, 0.95).unwrap().unwrap();
        let product = ratio(&one, &other).interval.upper * ratio(&other, &one).interval.lower;
        prop_assert!((product - 1.0).abs() < 1e-12);
    }
}
