//! Tests of the kind: what is drawn, in which order, and which schemes are flagged.

use study::{
    Finding, Part, Privacy, PrivacyTier, Procedure, Quantity, ScoreGroup, Spread, Warning,
    Weighting,
};

use super::*;
use crate::sample::{body, call, caption, named, study};

/// Differences of age and of the second level of sex, before and after.
struct Made(&'static str, [f64; 2], [f64; 2]);

const SCHEMES: [Made; 2] =
    // One scheme that balances both and one that leaves sex above 0.1.
    [Made("overlap", [0.1, -0.45], [0.0, 0.02]), Made("matched", [0.1, -0.45], [0.05, 0.31])];

fn scores() -> ScoreHistogram {
    let group = |level: &str, is_treated: bool, scores: &[(f64, f64)]| ScoreGroup {
        level: level.to_owned(),
        label: level.to_owned(),
        is_treated,
        n: scores.len() as u64,
        weight: scores.iter().map(|(_, weight)| weight).sum(),
        classes: ScoreHistogram::classes(4, scores),
    };
    // Five in each quarter of the score, so that shares are 25% each.
    let others: Vec<(f64, f64)> = (0..20).map(|n| (f64::from(n) / 20.0, 0.5)).collect();
    ScoreHistogram {
        treatment_label: "Radiotherapy".to_owned(),
        edges: ScoreHistogram::edges(4),
        groups: vec![
            group("no", false, &others),
            group("yes", true, &[(0.3, 1.0), (0.6, 1.0), (0.61, 2.0)]),
        ],
        warnings: Vec::new(),
    }
}

fn made(Made(stage, before, after): &Made) -> Output {
    let new = |statistic: &str, quantity, value| {
        Finding::new(stage, "propensity_score", statistic, quantity, value)
    };
    let mut findings = vec![new("c_statistic", Quantity::Proportion, 0.671)];
    for (level, size) in [("no", 18.25), ("yes", 2.94)] {
        let size = new("effective_sample_size", Quantity::Statistic, size);
        findings.push(size.in_group(level));
    }
    let difference = |when, period: &str, name: &str, level: Option<&str>, value: f64| {
        let statistic = "standardized_mean_difference";
        let mut one = new(statistic, Quantity::StandardizedDifference, value);
        one.address.parts = vec![named("smd"), Part::period(period)];
        one = one.of_variable(name);
        one = level.map_or(one.clone(), |level| one.at_level(level));
        one.by_method(Procedure::BalanceDifference(when, Spread::Pooled))
    };
    for (when, period, [age, sex]) in
        [(Weighting::Before, "before", before), (Weighting::After, "after", after)]
    {
        findings.push(difference(when, period, "age_decades", None, *age));
        // Both levels of sex, with the same difference but for the sign: one of them is to be
        // drawn.
        findings.push(difference(when, period, "sex", Some("f"), -sex));
        findings.push(difference(when, period, "sex", Some("m"), *sex));
        let ratio = new("variance_ratio", Quantity::Ratio, 1.3).of_variable("age_decades");
        findings.push(ratio.by_method(Procedure::VarianceRatio(when)));
        let name = "largest_standardized_mean_difference";
        let largest = age.abs().max(sex.abs());
        let mut largest = new(name, Quantity::StandardizedDifference, largest);
        largest.address.parts = vec![named("largest_smd"), Part::period(period)];
        if when == Weighting::After && sex.abs() > 0.1 {
            largest.warnings = vec![Warning::StillImbalanced { above: 0.1 }];
        }
        findings.push(largest);
    }
    Output { findings, figures: scores().into(), ..Output::default() }
}

fn figure_of(schemes: &serde_json::Value) -> PropensityFigure {
    let kind = serde_json::json!({ "title": "Scores", "schemes": schemes });
    serde_json::from_value(kind).expect("valid")
}

fn run(tier: PrivacyTier) -> Output {
    let mut study = study();
    study.privacy = Privacy { tier, smallest_cell: 5 };
    let analyses = SCHEMES.iter().map(|one| (one.0, made(one))).collect();
    let schemes = serde_json::json!({ "Overlap weights": "overlap", "Matched pairs": "matched" });
    figure_of(&schemes).run(&call("efigure_11", &study, analyses)).expect("draws")
}

fn csv(output: &Output) -> String {
    String::from_utf8(output.files["reports/figures/efigure_11.csv"].clone()).expect("text")
}

#[test]
fn differences_are_sorted_and_the_schemes_that_leave_any_are_flagged() {
    let output = run(PrivacyTier::Open);
    let exhibit = output.exhibit.clone().expect("a figure");
    for text in [
        ">n = 20 and 3<",
        ">C-statistic 0.67<",
        ">Effective n = 18.3 and 2.9<",
        ">Largest difference 0.02<",
        ">Largest difference 0.31: above 0.1<",
        ">Largest before: 0.45; still above 0.1: matched pairs<",
        ">Radiotherapy: yes, upwards<",
    ] {
        assert!(body(&exhibit).contains(text), "{text} in {}", body(&exhibit));
    }
    let warning = crate::words::warning(&Warning::StillImbalanced { above: 0.1 });
    let told = format!("Matched pairs: {warning}");
    assert!(caption(&exhibit).contains(&told), "{}", caption(&exhibit));
    let csv = csv(&output);
    let before: Vec<&str> =
        csv.lines().filter(|line| line.contains(",Before weighting,Absolute")).collect();
    assert_eq!(before.len(), 2, "of two levels one: {before:?}");
    assert!(before[0].contains(",0.45,") && before[0].contains("sex: m"), "{before:?}");
    assert!(before[1].contains(",0.1,") && before[1].contains("Age, per 10 years"), "{before:?}");
    // shares of a group sum to one, on its side
    let share = |series: &str| -> f64 {
        let own = csv.lines().filter(|line| line.starts_with("B Overlap") && line.contains(series));
        own.filter_map(|line| line.split(',').rev().nth(1)?.parse::<f64>().ok()).sum()
    };
    assert!((share("Radiotherapy: yes") - 1.0).abs() < 1e-9);
    assert!((share("Radiotherapy: no") + 1.0).abs() < 1e-9);
    assert_eq!(output.files, run(PrivacyTier::Open).files);
}

/// The three treated patients are too few for any class of theirs.
#[test]
fn classes_of_few_patients_are_neither_drawn_nor_written() {
    let output = run(PrivacyTier::Aggregate);
    let exhibit = output.exhibit.clone().expect("a figure");
    assert!(caption(&exhibit).contains("Classes of few patients are not drawn."));
    let csv = csv(&output);
    let treated = csv.lines().filter(|line| line.contains("Radiotherapy: yes"));
    assert!(treated.clone().all(|line| line.contains(",0,0,simulated")), "{csv}");
}

#[test]
fn what_made_no_scores_is_told() {
    let mut other = made(&SCHEMES[0]);
    other.findings.iter_mut().for_each(|one| one.kind = "cox_model".into());
    let study = study();
    let figure = figure_of(&serde_json::json!({ "Weights": "m" }));
    let mistakes = figure.rehearse(&call("efigure_11", &study, vec![("m", other)]));
    let mistake = mistakes.expect_err("a mistake").0.remove(0);
    assert_eq!(mistake.message, "`m` is a `cox_model`, not a `propensity_score`");
    assert_eq!(mistake.at, ["schemes", "Weights"]);
    let none = figure_of(&serde_json::json!({})).rehearse(&call("efigure_11", &study, vec![]));
    assert_eq!(none.expect_err("a mistake").0[0].message, "`schemes` names no weights");
}
