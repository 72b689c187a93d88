//! Tests of figures and tables of what is counted in groups: missing values and
//! events, in an open study and in one of aggregates.

use engine::Kind;
use serde_json::{Value, json};
use study::{
    Figures, Finding, Level, MissingPattern, MissingPatterns, Output, Part, Privacy, PrivacyTier,
    Quantity, StudySettings,
};

use super::{EventsTable, ImputedFigure, MissingFigure, RowSummaryTable};
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
        // 3 in one group is small, and 12 - 9 would give it.
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
        // 1000 and 500 months.
        in_groups(&person_time, [30_437.5, 15_218.75, 45_656.25]),
        // 2 is small, and so is its share and its rate.
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

/// However many grades there are, a group takes two columns: no page is wide enough for more.
#[test]
fn grades_of_events_stand_below_one_another() {
    let mut output = events();
    let severe = output.findings.iter().filter(|one| one.address.outcome() == Some("any_grade"));
    let severe: Vec<Finding> = severe
        .map(|one| {
            let mut own = one.clone();
            own.address.parts = (own.address.parts.into_iter())
                .map(|part| match part {
                    Part::Outcome(_) => Part::outcome("grade_3_or_more"),
                    other => other,
                })
                .collect();
            own
        })
        .collect();
    assert!(!severe.is_empty());
    output.findings.extend(severe);
    let parameters = json!({ "title": "Events", "events": "counted" });
    let path = "reports/tables/counted.csv";
    let made = file::<EventsTable>(PrivacyTier::Open, output, parameters, path);
    assert_eq!(made[0].split(',').count(), 1 + 3 * 2 + 1, "{}", made[0]);
    assert_eq!(made[1], "Any,8 (10.5%),0.9,2 (5.4%),0.4,10 (8.8%),0.7,simulated");
    assert_eq!(made[2], "Any: Grade 3 or more,8 (10.5%),0.9,2 (5.4%),0.4,10 (8.8%),0.7,simulated");
}

#[test]
fn rows_stand_beside_the_patients_they_are_of() {
    let of = |statistic: &str, quantity, value| {
        Finding::new("counted", "row_summary", statistic, quantity, value)
    };
    let n = |group: &str, value| of("n", Quantity::Count, value).in_group(group);
    let site = |group: &str, value| {
        let finding = of("count", Quantity::Count, value).of_variable("subsite");
        finding.at_level("larynx").in_group(group)
    };
    let dose =
        |statistic: &str, value| of(statistic, Quantity::Measured, value).of_variable("cps_group");
    let share = of("proportion", Quantity::Proportion, 0.5).of_variable("subsite");
    let findings = vec![
        n("rows", 40.0),
        n("patients", 30.0),
        of("missing", Quantity::Count, 2.0).of_variable("subsite"),
        site("rows", 19.0),
        site("patients", 11.0),
        share.at_level("larynx").in_group("rows"),
        dose("median", 35.0),
        dose("lower_quartile", 30.0),
        dose("upper_quartile", 50.0),
    ];
    let output = Output { findings, ..Output::default() };
    let parameters =
        json!({ "title": "Courses", "summary": "counted", "table": "patients", "rows": "Courses" });
    let rows = file::<RowSummaryTable>(
        PrivacyTier::Open,
        output,
        parameters,
        "reports/tables/counted.csv",
    );
    assert_eq!(rows[2], "subsite: larynx,19 (50.0%),11,simulated");
    assert_eq!(rows[3], "subsite: Unknown,2,,simulated");
    assert_eq!(rows[4], "PD-L1 combined positive score,35.0 (30.0–50.0),,simulated");
}

#[test]
fn known_values_stand_above_imputed_ones() {
    let of = |group: &str, shift: f64, n: u64| -> Vec<Finding> {
        let quantile = |percent: f64| {
            // The fifth percentile of the known values is 1 + 30, the median of the imputed ones 10
            // + 28.5.
            let value = percent / 5.0 + shift;
            let finding = Finding::new(
                "counted",
                "multiple_imputation",
                "quantile",
                Quantity::Measured,
                value,
            );
            let finding = finding.part(Part::place(percent)).of_variable("albumin").in_group(group);
            Finding { n: Some(n), ..finding }
        };
        [5.0, 25.0, 50.0, 75.0, 95.0].map(quantile).into()
    };
    let output = Output {
        findings: [of("observed", 30.0, 100), of("imputed", 28.5, 4)].concat(),
        ..Output::default()
    };
    let parameters = json!({ "title": "Imputed", "imputations": "counted" });
    let rows =
        file::<ImputedFigure>(PrivacyTier::Open, output, parameters, "reports/figures/counted.csv");
    // A header, and five quantiles of each.
    assert_eq!(rows.len(), 11);
    assert_eq!(rows[1], "albumin,,observed,100,quantile_5,31,simulated");
    assert_eq!(rows[8], "albumin,,imputed,4,quantile_50,38.5,simulated");
}
