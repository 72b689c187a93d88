//! Differences of curves and restricted means against R and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, numbers, table, text};
use restudy_stats::Error;
use restudy_stats::contrast::{Contrast, restricted_mean_contrast, survival_difference};
use restudy_stats::kaplan_meier::{
    KaplanMeierCurve, KaplanMeierOptions, kaplan_meier, kaplan_meier_by_group,
};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-10;

fn compare(what: &str, found: &Contrast, expected: &Value) {
    let found = [found.estimate, found.standard_error, found.lower, found.upper, found.p_value];
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
        let options = KaplanMeierOptions::default();
        let curves = kaplan_meier_by_group(&table.survival(), &groups, 2, &options).unwrap();
        let number = |key: &str| case[key].as_f64().expect("a number");
        let level = number("level");
        let at = survival_difference(&curves[0], &curves[1], number("time"), level).unwrap();
        compare(call, &at.difference.unwrap(), &case["survival"]);
        let means = restricted_mean_contrast(&curves[0], &curves[1], number("tau"), level).unwrap();
        compare(call, &means.difference, &case["difference"]);
        compare(call, &means.ratio.unwrap(), &case["ratio"]);
    }
}

fn curve(times: &[f64], events: &[bool]) -> KaplanMeierCurve {
    let data = SurvivalData::new(times, events).unwrap();
    kaplan_meier(&data, &KaplanMeierOptions::default()).unwrap()
}

/// S is 1/2 of two and 3/4 of four: variances 1/8 and 3/64.
#[test]
fn one_difference_by_hand() {
    let (one, other) = (
        curve(&[1.0, 5.0], &[true, false]),
        curve(&[1.0, 5.0, 5.0, 5.0], &[true, false, false, false]),
    );
    let contrast = survival_difference(&one, &other, 2.0, 0.95).unwrap().difference.unwrap();
    assert_eq!(contrast.estimate, -0.25);
    assert!((contrast.standard_error - (11.0_f64 / 64.0).sqrt()).abs() < 1e-15);
}

#[test]
fn where_a_curve_is_unknown_or_zero_there_is_no_difference() {
    let (short, dead) = (curve(&[1.0, 2.0], &[true, false]), curve(&[1.0, 2.0], &[true; 2]));
    let at = |time| survival_difference(&short, &dead, time, 0.95).unwrap();
    assert!(at(1.5).difference.is_some());
    assert_eq!((at(2.0).second.survival, at(2.0).difference), (Some(0.0), None));
    assert_eq!((at(3.0).first.survival, at(3.0).difference), (None, None));
    let instant = curve(&[0.0], &[true]);
    let means = restricted_mean_contrast(&short, &instant, 2.0, 0.95).unwrap();
    assert_eq!(means.ratio, None);
    assert_eq!(means.difference.estimate, 1.5);
}

#[test]
fn mistakes_are_named() {
    let one = curve(&[1.0, 2.0], &[true, false]);
    let error = survival_difference(&one, &one, 1.0, 95.0).unwrap_err();
    assert_eq!(error.to_string(), "`confidence_level` is 95, outside (0, 1)");
    assert!(survival_difference(&one, &one, -1.0, 0.95).is_err());
    assert!(restricted_mean_contrast(&one, &one, 0.0, 0.95).is_err());
    assert!(matches!(
        restricted_mean_contrast(&one, &one, 1.0, 1.0),
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
        let (one, other) = (of(&times), of(&others));
        let there = restricted_mean_contrast(&one, &other, 5.0, 0.95).unwrap();
        let back = restricted_mean_contrast(&other, &one, 5.0, 0.95).unwrap();
        prop_assert_eq!(there.difference.estimate, -back.difference.estimate);
        prop_assert_eq!(there.difference.lower, -back.difference.upper);
        let product = there.ratio.unwrap().upper * back.ratio.unwrap().lower;
        prop_assert!((product - 1.0).abs() < 1e-12);
    }
}
