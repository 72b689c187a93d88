//! Errors that nobody planted in the corpus, one after the other: what is said with the
//! number as it should be, and as it should not.

use serde_json::{Value, json};
use study::{Check, Claim, Standing};

use super::examine;
use crate::testing::settings;

fn standing(all: &Value, check: Check) -> Option<Standing> {
    let all = all.as_object().expect("claims by name");
    let claims: Vec<(String, Claim)> = (all.iter())
        .map(|(name, claim)| {
            let mut whole = json!({ "label": name, "quote": "x", "place": "abstract" });
            for (key, value) in claim.as_object().expect("a claim") {
                whole[key] = value.clone();
            }
            (name.clone(), serde_json::from_value(whole).expect("a claim"))
        })
        .collect();
    let examination = examine(&claims, &[], &settings());
    let own = examination.0.iter().filter(|one| one.check == check);
    // The worst of them: a check may be made of several claims.
    own.map(|one| one.standing).max()
}

/// A claim of a value, with digits behind its point as in `decimals`.
fn of(value: f64, decimals: u8, about: Value) -> Value {
    let mut claim = json!({ "value": value, "decimals": decimals });
    claim["about"] = about;
    claim
}

fn with(mut claim: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().expect("keys") {
        claim[key] = value.clone();
    }
    claim
}

fn arms() -> Value {
    json!({
        "n_a": of(120.0, 0, json!({ "statistic": "patients", "group": "a" })),
        "n_b": of(60.0, 0, json!({ "statistic": "patients", "group": "b" })),
    })
}

/// The arms and what else is claimed.
fn beside(claims: &Value) -> Value {
    with(arms(), claims)
}

fn timed(statistic: &str, group: &str, at: Option<&str>) -> Value {
    json!({ "statistic": statistic, "of": "os", "group": group, "at": at })
}

#[test]
fn each_examination_tells_right_from_wrong() {
    let percent = json!({ "unit": "percent" });
    let months = json!({ "unit": "months" });
    let share = |value: f64, of_what: &Value| with(of(value, 1, of_what.clone()), &percent);
    let response = json!({ "statistic": "proportion", "of": "response", "group": "a" });
    let hazard = |value: f64, lower: f64, upper: f64| {
        let about = json!({ "statistic": "hazard_ratio", "of": "os", "group": "a" });
        with(of(value, 2, about), &json!({ "lower": lower, "upper": upper }))
    };
    let p = |value: f64, test: Option<&str>| {
        of(value, 3, json!({ "statistic": "p_value", "of": "os", "test": test }))
    };
    let median =
        |value: f64, group: &str| with(of(value, 1, timed("median", group, None)), &months);
    let at = |value: f64, at: &str| share(value, &timed("survival", "a", Some(at)));
    let risk = |value: f64, at: &str| of(value, 0, timed("at_risk", "a", Some(at)));
    let events = |value: f64, group: &str| of(value, 0, timed("events", group, None));
    let level = |value: f64, level: &str| {
        share(
            value,
            &json!({ "statistic": "proportion", "of": "sex", "level": level, "group": "a", "all_levels": true }),
        )
    };
    let subgroup = |value: f64, level: &str| {
        of(
            value,
            0,
            json!({ "statistic": "patients", "subgroup": { "variable": "sex", "level": level } }),
        )
    };
    let age = |value: f64, statistic: &str| {
        of(
            value,
            1,
            json!({ "statistic": statistic, "of": "age", "group": "b", "whole_numbers": true }),
        )
    };
    // In each pair one number is changed, and everything else is as it should be.
    for (check, right, wrong) in [
        (
            // 49 of 120 are 40.83%, and no count of 120 is 40.9%.
            Check::CountsThatFit,
            json!({ "r": share(40.8, &response) }),
            json!({ "r": share(40.9, &response) }),
        ),
        (
            Check::CountAndShare,
            json!({ "r": share(40.8, &response), "c": of(49.0, 0, json!({ "statistic": "count", "of": "response", "group": "a" })) }),
            json!({ "r": share(40.8, &response), "c": of(94.0, 0, json!({ "statistic": "count", "of": "response", "group": "a" })) }),
        ),
        (
            Check::PartWithinWhole,
            json!({ "e": events(59.0, "b") }),
            json!({ "e": events(61.0, "b") }),
        ),
        (
            // 120 and 60 are 180.
            Check::GroupsAddUp,
            json!({ "n": of(180.0, 0, json!({ "statistic": "patients" })) }),
            json!({ "n": of(182.0, 0, json!({ "statistic": "patients" })) }),
        ),
        (
            Check::LevelsAddUp,
            json!({ "m": level(60.0, "m"), "f": level(40.0, "f") }),
            json!({ "m": level(60.0, "m"), "f": level(35.0, "f") }),
        ),
        (
            Check::LevelsAddUp,
            json!({ "m": subgroup(100.0, "m"), "f": subgroup(80.0, "f") }),
            json!({ "m": subgroup(100.0, "m"), "f": subgroup(81.0, "f") }),
        ),
        (
            // The root of 0.42 times 0.86 is 0.60.
            Check::EstimateWithinLimits,
            json!({ "h": hazard(0.6, 0.42, 0.86) }),
            json!({ "h": hazard(0.8, 0.42, 0.86) }),
        ),
        (
            Check::EstimateWithinLimits,
            json!({ "h": hazard(0.6, 0.42, 0.86) }),
            json!({ "h": hazard(0.6, 0.62, 0.86) }),
        ),
        (
            // By the limits z is 2.8 and p 0.005.
            Check::LimitsAndP,
            json!({ "h": hazard(0.6, 0.42, 0.86), "p": p(0.005, Some("log_rank")) }),
            json!({ "h": hazard(0.6, 0.42, 0.86), "p": p(0.05, Some("log_rank")) }),
        ),
        (
            // 128 events permit a standard error of 0.177, and
            // 68 one of 0.243; that of the limits is 0.183.
            Check::LimitsAndEvents,
            json!({ "h": hazard(0.6, 0.42, 0.86), "a": events(78.0, "a"), "b": events(50.0, "b") }),
            json!({ "h": hazard(0.6, 0.42, 0.86), "a": events(38.0, "a"), "b": events(30.0, "b") }),
        ),
        (
            Check::RatioFromPAndEvents,
            json!({ "h": hazard(0.6, 0.42, 0.86), "p": p(0.005, None), "a": events(78.0, "a"), "b": events(50.0, "b") }),
            json!({ "h": hazard(0.9, 0.42, 0.86), "p": p(0.005, None), "a": events(78.0, "a"), "b": events(50.0, "b") }),
        ),
        (
            // Medians of 12 and 20 have the ratio 0.6, the other way round.
            Check::MediansAndRatio,
            json!({ "h": hazard(0.6, 0.42, 0.86), "a": median(20.0, "a"), "b": median(12.0, "b") }),
            json!({ "h": hazard(0.6, 0.42, 0.86), "a": median(12.0, "a"), "b": median(20.0, "b") }),
        ),
        (
            Check::SurvivalFalls,
            json!({ "x": at(80.0, "6 months"), "y": at(70.0, "1 year") }),
            json!({ "x": at(70.0, "6 months"), "y": at(80.0, "1 year") }),
        ),
        (
            Check::AtRiskFalls,
            json!({ "x": risk(80.0, "6 months"), "y": risk(70.0, "1 year") }),
            json!({ "x": risk(70.0, "6 months"), "y": risk(80.0, "1 year") }),
        ),
        (
            Check::MedianAndSurvival,
            json!({ "m": median(14.0, "a"), "s": at(55.0, "12 months") }),
            json!({ "m": median(11.0, "a"), "s": at(55.0, "12 months") }),
        ),
        (
            // 90 of 120 at risk are 75%, more than ever survived six months.
            Check::SurvivalAndAtRisk,
            json!({ "s": at(70.0, "6 months"), "r": risk(60.0, "1 year") }),
            json!({ "s": at(70.0, "6 months"), "r": risk(90.0, "1 year") }),
        ),
        (
            Check::MedianAndEvents,
            json!({ "m": { "not_reached": true, "about": timed("median", "a", None) }, "e": events(55.0, "a") }),
            json!({ "m": { "not_reached": true, "about": timed("median", "a", None) }, "e": events(75.0, "a") }),
        ),
        (
            // limits of 55 of 120 by ln(-ln S), and with one of them exchanged
            Check::LimitsOfSurvival,
            json!({ "s": with(at(54.2, "1 year"), &json!({ "lower": 44.8, "upper": 62.6 })) }),
            json!({ "s": with(at(54.2, "1 year"), &json!({ "lower": 48.8, "upper": 62.6 })) }),
        ),
        (
            Check::NestedEndpoints,
            json!({ "o": median(14.0, "a"), "p": with(of(9.0, 1, json!({ "statistic": "median", "of": "pfs", "group": "a", "part_of": "os" })), &months) }),
            json!({ "o": median(14.0, "a"), "p": with(of(19.0, 1, json!({ "statistic": "median", "of": "pfs", "group": "a", "part_of": "os" })), &months) }),
        ),
        (
            // 61.45 times 60 is 3687; what prints 61.46 has no whole sum.
            Check::MeanOfWholeNumbers,
            json!({ "m": with(age(61.45, "mean"), &json!({ "decimals": 2 })) }),
            json!({ "m": with(age(61.46, "mean"), &json!({ "decimals": 2 })) }),
        ),
        (
            // Between 40 and 80 with this mean no spread is larger than 20.1.
            Check::SpreadWithinRange,
            json!({ "m": age(61.4, "mean"), "s": age(9.0, "standard_deviation"), "l": age(40.0, "minimum"), "u": age(80.0, "maximum") }),
            json!({ "m": age(61.4, "mean"), "s": age(29.0, "standard_deviation"), "l": age(40.0, "minimum"), "u": age(80.0, "maximum") }),
        ),
        (
            Check::SameInAllPlaces,
            json!({ "x": median(14.0, "a"), "y": median(14.0, "a") }),
            json!({ "x": median(14.0, "a"), "y": median(14.2, "a") }),
        ),
    ] {
        let (right, wrong) = (beside(&right), beside(&wrong));
        assert_eq!(standing(&right, check), Some(Standing::Consistent), "{check:?}: {right:#}");
        assert_eq!(standing(&wrong, check), Some(Standing::Contradiction), "{check:?}: {wrong:#}");
    }
}

/// What no data print is a contradiction by itself, and what they can is not told.
#[test]
fn impossible_numbers_contradict_themselves() {
    let about = |statistic: &str| json!({ "statistic": statistic, "of": "os", "group": "a" });
    let limits = |lower: f64, upper: f64| {
        with(of(0.6, 2, about("hazard_ratio")), &json!({ "lower": lower, "upper": upper }))
    };
    for (possible, impossible) in [
        (of(1.0, 1, about("p_value")), of(1.2, 1, about("p_value"))),
        (of(0.0, 2, about("p_value")), of(-0.1, 1, about("p_value"))),
        (of(0.0, 1, about("hazard_ratio")), of(-0.5, 1, about("hazard_ratio"))),
        (of(7.0, 0, about("events")), of(7.5, 1, about("events"))),
        (of(0.0, 0, about("count")), of(-3.0, 0, about("count"))),
        (of(0.0, 1, about("median")), of(-2.0, 1, about("median"))),
        (limits(0.42, 0.86), limits(0.86, 0.42)),
    ] {
        let (right, wrong) =
            (beside(&json!({ "x": possible })), beside(&json!({ "x": impossible })));
        assert_eq!(standing(&right, Check::PossibleValue), None, "{right:#}");
        let found = standing(&wrong, Check::PossibleValue);
        assert_eq!(found, Some(Standing::Contradiction), "{wrong:#}");
    }
}

#[test]
fn what_is_rare_is_unusual() {
    let baseline = |value: f64| {
        of(value, 2, json!({ "statistic": "p_value", "of": format!("v{value}"), "baseline": true }))
    };
    let all = |values: [f64; 6]| {
        let mut claims = arms();
        for value in values {
            claims[format!("p{value}")] = baseline(value);
        }
        claims
    };
    let alike = all([0.99, 0.97, 0.98, 0.96, 0.95, 0.94]);
    assert_eq!(standing(&alike, Check::TooAlike), Some(Standing::Unusual));
    let usual = all([0.99, 0.07, 0.48, 0.36, 0.15, 0.74]);
    assert_eq!(standing(&usual, Check::TooAlike), Some(Standing::Consistent));
}

/// A ratio that does not say of which group it is fits in either direction.
#[test]
fn a_ratio_of_no_group_is_turned_as_it_fits() {
    let months = json!({ "unit": "months" });
    let median =
        |value: f64, group: &str| with(of(value, 1, timed("median", group, None)), &months);
    let about = json!({ "statistic": "hazard_ratio", "of": "os" });
    let ratio = with(of(0.6, 2, about), &json!({ "lower": 0.42, "upper": 0.86 }));
    for (a, b) in [(20.0, 12.0), (12.0, 20.0)] {
        let all = beside(&json!({ "h": ratio, "a": median(a, "a"), "b": median(b, "b") }));
        assert_eq!(standing(&all, Check::MediansAndRatio), Some(Standing::Consistent));
    }
}
