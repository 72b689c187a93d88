//! Logistic models by hand, under separation, and in words.

use std::f64::consts::LN_2;

use serde_json::{Value, json};
use study::{
    Detail, InteractionPlace, IntervalKind, Method, Output, Procedure, Role, State, Test, Warning,
};

use super::super::LogisticModel;
use crate::testing::{Sample, check_documented, finding, ids, run, run_with, value};

/// The natural logarithm of 3.
const LN_3: f64 = 1.098_612_288_668_109_8;

/// Of the treated 6 of 8 respond, of the others 2 of 8; one outcome and one
/// sex are missing.
fn sample() -> Sample {
    let treated = |place: usize| place < 8 || place == 16;
    let responds = |place: usize| if treated(place) { place < 6 } else { place < 10 };
    // P17 is treated and has no outcome, P18 no sex.
    Sample::of(18)
        .yes_no("treated", (0..18).map(|place| Some(treated(place))))
        .yes_no("response", (0..18).map(|place| (place != 16).then(|| responds(place))))
        .text("sex", (0..18).map(|place| (place != 17).then(|| ["f", "m", "f"][place % 3])))
        .levels("sex", &["f", "m"])
        .text(
            "best",
            (0..18).map(|place| {
                let levels = if responds(place) { ["CR", "PR"] } else { ["SD", "PD"] };
                (place != 16).then(|| levels[place % 2])
            }),
        )
        .levels("best", &["CR", "PR", "SD", "PD"])
        .text("site", (0..18).map(|place| Some(["x", "y", "z"][place % 3])))
        .whole("age", (0..18).map(|place| Some([50, 61, 47, 70, 66][place as usize % 5])))
}

fn model(own: &Value) -> Output {
    let mut parameters = json!({
        // Whoever has no sex is left out by `where` here, to leave eight in each group.
        "outcome": "response", "terms": ["treated"], "where": "patient <> 'P18'",
    });
    for (key, value) in own.as_object().expect("parameters") {
        parameters[key] = value.clone();
    }
    run::<LogisticModel>(sample().table(), parameters).expect("runs")
}

fn close(output: &Output, id: &str, expected: f64) {
    let found = value(output, id);
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{id}: {found}");
}

/// One yes/no term gives the cross ratio of its table, 6 * 6 / (2 * 2), and
/// Woolf's standard error.
#[test]
fn a_table_of_two_by_two_gives_its_cross_ratio() {
    let output = model(&json!({ "also_univariable": true }));
    // Woolf's error from the four counts.
    let error = (1.0 / 6.0 + 1.0 / 2.0 + 1.0 / 2.0 + 1.0 / 6.0_f64).sqrt();
    // Twelve patients are predicted with three quarters, and four with one quarter.
    let likelihood = 12.0 * (LN_3 - 2.0 * LN_2) - 4.0 * 2.0 * LN_2;
    let chi = 2.0 * (likelihood + 16.0 * LN_2);
    close(&output, "odds_ratio.treated.yes", 9.0);
    let ratio = finding(&output, "odds_ratio.treated.yes");
    // exp(ln 9 -+ 1.96 error), and the error is the root of 4/3.
    for (found, expected) in [(ratio.lower, 0.9361805827580646), (ratio.upper, 86.52176886789024)] {
        assert!((found.expect("a limit") - expected).abs() < 1e-8 * expected, "{found:?}");
    }
    assert_eq!((ratio.n, ratio.events, ratio.missing), (Some(8), Some(6), Some(1)));
    close(&output, "coefficient.treated.yes", 2.0 * LN_3);
    close(&output, "intercept", -LN_3);
    close(&output, "n", 16.0);
    close(&output, "events", 8.0);
    close(&output, "missing", 1.0);
    close(&output, "events_per_coefficient", 8.0);
    // Of 64 pairs 36 are ordered and 24 tied: 6 * 6 + (6 * 2 + 2 * 6) / 2.
    // A pair that is tied counts half.
    close(&output, "c_statistic", 48.0 / 64.0);
    // Probabilities are 3/4 and 1/4.
    close(&output, "brier_score", 0.75 * 0.0625 + 0.25 * 0.5625);
    close(&output, "log_likelihood", likelihood);
    close(&output, "log_likelihood_null", -16.0 * LN_2);
    close(&output, "likelihood_ratio.chi_square", chi);
    close(&output, "univariable.likelihood_ratio.chi_square.treated", chi);
    close(&output, "wald.chi_square", 4.0 * LN_3 * LN_3 / (error * error));
    let reference = finding(&output, "odds_ratio.treated.no");
    // A reference is 1 without limits or a test.
    assert_eq!((reference.role, reference.value), (Role::Reference, Some(1.0)));
    for finding in &output.findings {
        assert_eq!(finding.endpoint.as_deref(), Some("response"), "{}", finding.id());
        assert_eq!(finding.kind, "logistic_model");
    }
}

#[test]
fn a_category_counts_the_levels_that_are_named() {
    let of_levels = json!({ "outcome": "best", "event": ["PR", "CR"] });
    let [one, other] = [model(&json!({})), model(&of_levels)];
    // Whichever way the outcome is written, all findings are the same.
    assert_eq!(ids(&one), ids(&other));
    for (one, other) in one.findings.iter().zip(&other.findings) {
        assert_eq!((one.value, one.lower), (other.value, other.lower), "{}", one.id());
    }
    let method = Method::of(Procedure::Logistic)
        .with(Detail::OutcomeLevels(vec!["PR".into(), "CR".into()]))
        .interval(IntervalKind::Wald, 0.95);
    assert_eq!(finding(&other, "odds_ratio.treated.yes").method, method);
    let account = other.methods.expect("an account");
    assert_eq!(account.method, method);
    let levels = vec!["PR".to_owned(), "CR".to_owned()];
    assert_eq!(account.outcome, Some(study::Outcome::Column { column: "best".into(), levels }));
    let scale = study::Scale::Against("no".into());
    assert_eq!(account.terms, [study::Covariate { column: "treated".into(), scale }]);
    assert_eq!(account.patients.as_deref(), Some("patient <> 'P18'"));
    // Those of a level that is not named count as having no outcome.
    let none = model(&json!({ "outcome": "best", "event": ["SD", "PD"] }));
    close(&none, "odds_ratio.treated.yes", 1.0 / 9.0);
}

#[test]
fn order_of_rows_and_scale_of_terms_change_nothing() {
    let terms = json!(["age", "sex"]);
    let parameters = json!({ "outcome": "response", "terms": terms, "limits": "profile" });
    let output = run::<LogisticModel>(sample().table(), parameters.clone()).expect("runs");
    // A coefficient of half years is half that of years; nothing else may change.
    let twice = |place: usize| Some(2 * [50, 61, 47, 70, 66][place % 5]);
    let scaled = sample().whole("age", (0..18).map(twice)).table();
    let scaled = run::<LogisticModel>(scaled, parameters).expect("runs");
    close(&scaled, "coefficient.age", 0.5 * value(&output, "coefficient.age"));
    for id in ["p.age", "odds_ratio.sex.m", "c_statistic", "likelihood_ratio.p", "brier_score"] {
        let (found, expected) = (value(&scaled, id), value(&output, id));
        assert!((found - expected).abs() < 1e-9, "{id}");
    }
    // Whose sex or outcome is missing is left out.
    close(&output, "n", 16.0);
    close(&output, "missing", 2.0);
    let ratio = finding(&output, "odds_ratio.age");
    assert_eq!(
        ratio.method.details.last(),
        Some(&Detail::Interval { interval: IntervalKind::Profile, level: 0.95 })
    );
    let p = finding(&output, "p.age");
    assert_eq!(p.method, Method::of(Procedure::Logistic).tested(Test::LikelihoodRatio));
}

/// All of site `x` respond, and no others of the treated do.
fn separated() -> Sample {
    sample()
        .text("site", (0..18).map(|place| Some(if place < 4 { "x" } else { "y" })))
        .levels("site", &["y", "x", "z"])
}

#[test]
fn a_term_that_separates_is_named_and_firth_gives_it_an_estimate() {
    let parameters = |own: &Value| {
        let mut parameters = json!({ "outcome": "response", "terms": ["age", "site"] });
        // Profile limits are refused for the same reason
        // as Wald's: there is no maximum to go down from.
        for (key, value) in own.as_object().expect("parameters") {
            parameters[key] = value.clone();
        }
        parameters
    };
    for limits in ["wald", "profile"] {
        let own = parameters(&json!({ "limits": limits }));
        let output = run::<LogisticModel>(separated().table(), own).expect("runs");
        let warning = Warning::Separates { term: "site".into() };
        for id in ["odds_ratio.site.x", "coefficient.site.x", "p.site.x"] {
            let lost = finding(&output, id);
            assert_eq!((lost.state, lost.value), (State::NotEstimable, None), "{id}");
            assert_eq!(lost.warnings, std::slice::from_ref(&warning), "{id}");
        }
        assert_eq!(finding(&output, "odds_ratio.age").state, State::Estimated);
        // The level `z` is declared, and nobody has it.
        assert_eq!(finding(&output, "odds_ratio.site.z").warnings, [Warning::NoPatientsAtLevel]);
        assert_eq!(finding(&output, "wald.p").warnings, [Warning::SomeMayBeInfinite]);
    }
    let own = parameters(&json!({ "penalty": "firth" }));
    let output = run::<LogisticModel>(separated().table(), own).expect("runs");
    let ratio = finding(&output, "odds_ratio.site.x");
    assert_eq!(ratio.state, State::Estimated);
    assert!(ratio.value > Some(1.0) && ratio.lower > Some(0.0) && ratio.warnings.is_empty());
    let method = Method::of(Procedure::Logistic).with(Detail::Firth);
    assert_eq!(finding(&output, "p.site.x").method, method.tested(Test::PenalizedLikelihoodRatio));
    let profile = Method::of(Procedure::Logistic).with(Detail::Firth);
    let profile = profile.interval(IntervalKind::ProfilePenalized, 0.95);
    assert_eq!(output.methods.expect("an account").method, profile);
}

/// A number above which all have the outcome leaves neither slope nor intercept.
#[test]
fn a_number_that_separates_all_patients_is_named_too() {
    // All above the seventh value have the outcome.
    let sample = Sample::of(12)
        .yes_no("outcome", (0..12).map(|place| Some(place > 6)))
        .real("x", (0..12).map(|place| Some(f64::from(place) * 0.7)));
    let of = |penalty: &str| {
        let own = json!({ "outcome": "outcome", "terms": ["x"], "penalty": penalty });
        run::<LogisticModel>(sample.table(), own).expect("runs")
    };
    let output = of("none");
    let warning = Warning::Separates { term: "x".into() };
    assert_eq!(finding(&output, "odds_ratio.x").warnings, [warning]);
    assert_eq!(finding(&output, "intercept").state, State::NotEstimable);
    assert_eq!(finding(&output, "events_per_coefficient").warnings, [Warning::NoCoefficient]);
    close(&output, "c_statistic", 1.0);
    let firth = of("firth");
    let ratio = finding(&firth, "odds_ratio.x");
    assert!(ratio.value > Some(1.0) && ratio.lower > Some(1.0) && ratio.upper > ratio.value);
}

#[test]
fn a_term_that_repeats_another_has_no_coefficient() {
    let sample = sample().yes_no("again", (0..18).map(|place| Some(place < 8 || place == 16)));
    let parameters = json!({ "outcome": "response", "terms": ["treated", "again"] });
    let output = run::<LogisticModel>(sample.table(), parameters).expect("runs");
    let lost = finding(&output, "odds_ratio.again.yes");
    assert_eq!(lost.warnings, [Warning::DependentTerm { term: "again".into() }]);
    assert_eq!(value(&output, "likelihood_ratio.degrees_of_freedom"), 1.0);
    // Eight events for the one coefficient that was estimated.
    close(&output, "events_per_coefficient", 8.0);
}

#[test]
fn the_rarer_of_outcome_and_none_bounds_the_coefficients() {
    let n = 60;
    let of = |few: bool| {
        // Nine of 60 places are divisible by seven.
        let outcome = (0..n).map(|place| Some((place % 7 == 0) == few));
        let sample = Sample::of(n).yes_no("outcome", outcome);
        let sample = sample.real("x", (0..n).map(|place| Some((place * 37 % 11) as f64)));
        let parameters = json!({ "outcome": "outcome", "terms": ["x"] });
        run::<LogisticModel>(sample.table(), parameters).expect("runs")
    };
    let burden = |output: &Output| {
        let finding = finding(output, "events_per_coefficient");
        (finding.value, finding.warnings.clone())
    };
    assert_eq!(burden(&of(true)), (Some(9.0), vec![Warning::FewEventsPerCoefficient]));
    assert_eq!(burden(&of(false)), (Some(51.0), vec![Warning::FewWithoutOutcomePerCoefficient]));
}

#[test]
fn a_ratio_beside_an_interaction_says_where_it_holds() {
    let output =
        model(&json!({ "terms": ["treated", "age"], "interactions": [["treated", "age"]] }));
    let place = Warning::RatioHoldsAt { column: "age".into(), at: InteractionPlace::Zero };
    assert!(finding(&output, "odds_ratio.treated.yes").warnings.contains(&place));
    let product = finding(&output, "product.ratio_of_odds_ratios.treated_age.yes");
    assert_eq!(product.statistic, "ratio_of_odds_ratios");
    // The product holds everywhere; only the ratios of its two terms hold at a place.
    assert!(product.warnings.is_empty());
    let chosen = finding(&output, "interaction.p.treated_age");
    let ratio = finding(&output, "interaction.p.treated_age.likelihood_ratio");
    assert_eq!((chosen.role, ratio.role), (Role::Chosen, Role::Alternative));
    assert_eq!(chosen.value, ratio.value);
}

#[test]
fn weights_of_an_entry_make_errors_robust_and_leave_out_who_has_none() {
    let weights = Sample::of(18).real("weight", (0..18).map(|place| (place > 0).then_some(2.0)));
    // P1, who is treated and responds, has no weight: 5 to 2 among
    // the treated. P18 is analysed here: 2 to 7 among the others.
    let parameters = json!({ "outcome": "response", "terms": ["treated"], "weights": "score" });
    let tables = vec![("score", weights.table())];
    let output = run_with::<LogisticModel>(sample().table(), tables, parameters).expect("runs");
    close(&output, "odds_ratio.treated.yes", (5.0 / 2.0) / (2.0 / 7.0));
    close(&output, "sum_of_weights", 32.0);
    close(&output, "effective_n", 16.0);
    // Equal weights of two tell as much as sixteen patients.
    close(&output, "n", 16.0);
    assert_eq!(finding(&output, "likelihood_ratio.p").warnings, [Warning::WeightsAsNumbers]);
    assert!(finding(&output, "wald.p").warnings.is_empty());
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let interactions = json!({ "terms": ["treated", "age"], "interactions": [["treated", "age"]] });
    let outputs = [
        model(&interactions),
        model(&json!({ "penalty": "firth", "also_univariable": true })),
        model(&json!({ "penalty": "ridge", "ridge": 1 })),
        model(&json!({ "terms": ["age", "site"] })),
    ];
    check_documented(outputs);
}
