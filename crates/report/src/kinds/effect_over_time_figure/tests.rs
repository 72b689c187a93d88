//! Tests of the kind: what is drawn with and without a cut, and what it refuses.

use study::{EffectPoint, EffectRow, Privacy, PrivacyTier};

use super::*;
use crate::sample::{body, call, caption, named, study, variable};

const MONTH: f64 = 30.4375;

fn effect(variable: &str, level: Option<&str>) -> ChangingEffect {
    let points = (0..12).map(|n| EffectPoint {
        time_days: MONTH * f64::from(n + 1),
        // One event far beyond any axis: exp(9) is 8103.
        log_ratio: if n == 5 { 9.0 } else { -1.0 + 0.2 * f64::from(n) },
        has_level: n % 3 == 0,
    });
    let row = |n: i32| EffectRow {
        time_days: MONTH * f64::from(n + 1),
        log_ratio: -1.0 + 0.1 * f64::from(n),
        lower: -2.0 + 0.1 * f64::from(n),
        upper: 0.1 * f64::from(n),
    };
    ChangingEffect {
        variable: variable.to_owned(),
        level: level.map(str::to_owned),
        points: points.collect(),
        curve: (0..12).map(row).collect(),
        degrees_of_freedom: 3,
    }
}

fn hazards(has_cut: bool, effects: Vec<ChangingEffect>) -> Output {
    let new = |statistic: &str, quantity, value| {
        Finding::new("test", "proportional_hazards", statistic, quantity, value)
    };
    let mut findings = vec![new("n", Quantity::Count, 94.0), new("events", Quantity::Count, 62.0)];
    let mut p = new("p_value", Quantity::PValue, 0.013);
    p.address.parts = vec![named("p"), variable("radiotherapy")];
    p.variable = Some("radiotherapy".to_owned());
    findings.push(p);
    if has_cut {
        // The events of both sum to the 62 of the model.
        for (period, ratio, events) in [("before", 0.11, 33.0), ("after", 1.2, 29.0)] {
            let mut count = new("events", Quantity::Count, events).part(Part::period(period));
            count.time_days = Some(4.0 * MONTH);
            let lower = Some(ratio / 3.0);
            let ratio = new("hazard_ratio", Quantity::Ratio, ratio).limits(lower, Some(3.0), 0.95);
            let ratio =
                ratio.part(Part::period(period)).of_variable("radiotherapy").at_level("yes");
            findings.extend([count, ratio]);
        }
    }
    let changing = ChangingEffects {
        confidence_level: 0.95,
        places: (0..12).map(|n| (MONTH * f64::from(n + 1), f64::from(n) / 11.0)).collect(),
        effects,
        warnings: Vec::new(),
    };
    Output { findings, figures: changing.into(), ..Output::default() }
}

fn cox() -> Output {
    let ratio = Finding::new("cox", "cox_model", "hazard_ratio", Quantity::Ratio, 0.42);
    let ratio =
        ratio.of_variable("radiotherapy").at_level("yes").limits(Some(0.2), Some(0.8), 0.95);
    let mean =
        Finding::new("cox", "cox_model", "restricted_mean_difference", Quantity::Days, 3.0 * MONTH);
    Output { findings: vec![ratio, mean], ..Output::default() }
}

fn run(has_cut: bool, tier: PrivacyTier) -> Output {
    let mut study = study();
    study.privacy = Privacy { tier, smallest_cell: 5 };
    let figure: EffectOverTimeFigure = serde_json::from_value(serde_json::json!({
        "title": "Over time", "test": "test", "term": "radiotherapy",
        "constant": "cox.hazard_ratio.radiotherapy.yes",
        "also": { "Difference of restricted means": "cox.restricted_mean_difference" },
        "favours": ["longer", "shorter"],
    }))
    .expect("valid");
    let effects = vec![effect("radiotherapy", Some("yes")), effect("age_decades", None)];
    let analyses = vec![("test", hazards(has_cut, effects)), ("cox", cox())];
    figure.run(&call("efigure_14", &study, analyses)).expect("draws")
}

fn csv(output: &Output) -> String {
    String::from_utf8(output.files["reports/figures/efigure_14.csv"].clone()).expect("text")
}

#[test]
fn everything_that_is_known_of_the_ratio_is_drawn() {
    let output = run(true, PrivacyTier::Open);
    let exhibit = output.exhibit.clone().expect("a figure");
    for text in [
        ">94 patients with 62 events; test of proportional hazards for this term: p = 0.01<",
        ">Hazard ratio, taken as constant: 0.42 (0.20–0.80)<",
        ">Hazard ratio until 4.0 months: 0.11 (0.04–3.00), 33 events; afterwards: 1.20 (0.40–3.00), 29 events<",
        ">Difference of restricted means: 3.0 months<",
        ">Natural spline, 3 degrees of freedom, with 95% band<",
        ">Event: yes<",
        ">longer<",
    ] {
        assert!(body(&exhibit).contains(text), "{text} in {}", body(&exhibit));
    }
    assert!(caption(&exhibit).contains("One event beyond the axis stands at its edge."));
    assert!(exhibit.alternative_text.contains("the spline runs from 0.37 at the first event"));
    let csv = csv(&output);
    let far = libm::exp(9.0).to_string();
    assert!(csv.contains(&far), "the file has the event beyond the axis");
    assert_eq!(csv.lines().filter(|line| line.contains(",Spline,")).count(), 12);
    assert_eq!(csv.lines().filter(|line| line.contains(",Event")).count(), 12);
}

/// Without a cut there are no periods; where patients are private, no marks.
#[test]
fn what_is_not_there_is_not_spoken_of() {
    let without = run(false, PrivacyTier::Open);
    let exhibit = without.exhibit.expect("a figure");
    assert!(!body(&exhibit).contains("afterwards") && !body(&exhibit).contains("each period"));
    let private = run(true, PrivacyTier::Aggregate);
    assert!(!csv(&private).contains(",Event"), "no single event");
    let exhibit = private.exhibit.expect("a figure");
    assert!(caption(&exhibit).contains("Single events are not drawn"));
    assert!(!body(&exhibit).contains(">Event"));
}

#[test]
fn a_term_of_several_levels_needs_one() {
    let study = study();
    let told = |more: serde_json::Value| {
        let mut kind = serde_json::json!({ "title": "T", "test": "test", "term": "ecog" });
        let serde_json::Value::Object(more) = more else { panic!("a mapping") };
        kind.as_object_mut().expect("an object").extend(more);
        let figure: EffectOverTimeFigure = serde_json::from_value(kind).expect("valid");
        // Two levels beside the reference.
        let effects = vec![effect("ecog", Some("1")), effect("ecog", Some("2"))];
        let analyses = vec![("test", hazards(false, effects))];
        figure.rehearse(&call("efigure_14", &study, analyses)).map_err(|mut all| {
            let one = all.0.remove(0);
            (one.message, one.hint.unwrap_or_default())
        })
    };
    let several = told(serde_json::json!({})).expect_err("a mistake");
    assert_eq!(several.0, "`ecog` has 2 levels beside its reference");
    assert_eq!(several.1, "name one of them: `1`, `2`");
    assert!(told(serde_json::json!({ "level": "2" })).is_ok());
    let other = told(serde_json::json!({ "level": "3" })).expect_err("a mistake");
    assert_eq!(other.0, "`ecog` has no ratio of the level `3`");
    let term = told(serde_json::json!({ "term": "ecg" })).expect_err("a mistake");
    assert_eq!(term, ("`test` has no effect of `ecg`".into(), "did you mean `ecog`?".into()));
}
