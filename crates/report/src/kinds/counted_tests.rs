//! Tests of figures and tables of what is counted in groups: missing values and
//! events, in an open study and in one of aggregates.

use engine::Kind;
use serde_json::{Value, json};
use study::{
    Figures, Finding, Level, MissingPattern, MissingPatterns, Output, Part, Privacy, PrivacyTier,
    Quantity, StudySettings,
};

use super::{EventsTable, MissingFigure};
use crate::sample::{call, study};

fn in_groups(finding: &Finding, counts: [f64; 3]) -> Vec<Finding> {
    let told = |(group, count): (&str, f64)| {
        let finding = Finding { value: Some(count), ..finding.clone() };
        match group {
            "all" => finding.of_everybody(),
            group => finding.in_group(group),
        }
    };
    ["no", "yes", "all"].into_iter().zip(counts).map(told).collect()
}

fn count(kind: &str, statistic: &str) -> Finding {
    Finding::new("counted", kind, statistic, Quantity::Count, 0.0)
}

fn missing() -> Output {
    let of = |variable: &str, level: &str, counts: [f64; 3]| {
        let finding = count("missing_values", "count").of_variable(variable).at_level(level);
        in_groups(&finding, counts)
    };
    let findings = [
        in_groups(&count("missing_values", "n"), [76.0, 37.0, 113.0]),
        of("ecog", "missing", [3.0, 9.0, 12.0]),
        of("ecog", "known", [73.0, 28.0, 101.0]),
        of("pattern", "none", [73.0, 28.0, 101.0]),
        of("pattern", "ecog", [3.0, 9.0, 12.0]),
    ];
    let pattern = |level: &str, missing: bool| MissingPattern {
        level: level.into(),
        missing: vec![missing],
        together: 1,
    };
    let figure = MissingPatterns {
        by_label: Some("Radiotherapy".into()),
        groups: vec![Level::new("no", "No radiotherapy"), Level::new("yes", "Radiotherapy")],
        variables: vec![Level::new("ecog", "ECOG performance status")],
        patterns: vec![pattern("none", false), pattern("ecog", true)],
        warnings: Vec::new(),
    };
    Output { findings: findings.concat(), figures: Figures::from(figure), ..Output::default() }
}

fn events() -> Output {
    let of = |statistic: &str, quantity: Quantity, counts: [f64; 3]| {
        let finding = count("event_rates", statistic).part(Part::outcome("any_grade"));
        in_groups(&Finding { quantity, ..finding }, counts)
    };
    let person_time = Finding { quantity: Quantity::Days, ..count("event_rates", "person_time") };
    let findings = [
        in_groups(&count("event_rates", "n"), [76.0, 37.0, 113.0]),
        in_groups(&person_time, [30_437.5, 15_218.75, 45_656.25]),
        of("patients_with", Quantity::Count, [8.0, 2.0, 10.0]),
        of("share_with", Quantity::Proportion, [8.0 / 76.0, 2.0 / 37.0, 10.0 / 113.0]),
        of("number_of_events", Quantity::Count, [9.0, 2.0, 11.0]),
        of("event_rate", Quantity::Measured, [0.9, 0.4, 0.7333]),
    ];
    Output { findings: findings.concat(), ..Output::default() }
}

fn in_tier(tier: PrivacyTier) -> StudySettings {
    let mut study = study();
    study.privacy = Privacy { tier, smallest_cell: 5 };
    study
}

fn file<K: Kind>(tier: PrivacyTier, output: Output, parameters: Value, path: &str) -> Vec<String> {
    let kind: K = serde_json::from_value(parameters).expect("valid parameters");
    let study = in_tier(tier);
    let made = kind.run(&call("counted", &study, vec![("counted", output)])).expect("makes it");
    let text = String::from_utf8(made.files[path].clone()).expect("text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn small_numbers_of_missing_values_are_kept_back() {
    let path = "reports/figures/counted.csv";
    let of = |tier| {
        let parameters = json!({ "title": "Missing", "missing": "counted", "groups": ["yes"] });
        file::<MissingFigure>(tier, missing(), parameters, path)
    };
    assert_eq!(
        of(PrivacyTier::Open),
        [
            "what,name,yes,no,all,data_status",
            "variable,ecog,9,3,12,simulated",
            "pattern,none,28,73,101,simulated",
            "pattern,ecog,9,3,12,simulated",
        ]
    );
    // nothing from which the three could be had
    assert_eq!(of(PrivacyTier::Aggregate)[1], "variable,ecog,[c],<5,12,simulated");
    assert_eq!(of(PrivacyTier::Aggregate)[2], "pattern,none,[c],[c],101,simulated");
}

#[test]
fn small_numbers_of_events_are_kept_back_with_their_rates() {
    let path = "reports/tables/counted.csv";
    let of = |tier| {
        let parameters = json!({ "title": "Events", "events": "counted" });
        file::<EventsTable>(tier, events(), parameters, path)[1].clone()
    };
    assert_eq!(of(PrivacyTier::Open), "Any,8 (10.5%),0.9,2 (5.4%),0.4,10 (8.8%),0.7,simulated");
    assert_eq!(of(PrivacyTier::Aggregate), "Any,[c],[c],<5,[c],10 (8.8%),0.7,simulated");
}
