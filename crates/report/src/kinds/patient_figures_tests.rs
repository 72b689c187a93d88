//! Tests of the figures that show single patients: what the study's privacy
//! allows, their parts, their files.

use engine::{Kind, Mistakes};
use serde_json::{Value, json};
use study::{
    ChangePoint, CourseBar, CourseMark, Figures, Finding, Level, Output, PatientChange,
    PatientChanges, PatientCourse, PatientCourses, PrivacyTier, Quantity, Strip, StudySettings,
};

use super::{SpiderFigure, SwimmerFigure, WaterfallFigure};
use crate::print::Printed;
use crate::sample::{call, study};

fn level(value: &str, label: &str) -> Level {
    Level::new(value, label)
}

fn groups() -> Vec<Level> {
    vec![level("no", "No radiotherapy"), level("yes", "Radiotherapy")]
}

/// Counts of both groups.
fn counts(kind: &str, names: &[&str]) -> Vec<Finding> {
    // Five patients: three in one group, two in the other, as `place % 2` puts them below.
    let of = |name: &&str, group: &str, count: f64| {
        Finding::new("patients", kind, name, Quantity::Count, count).in_group(group)
    };
    names.iter().flat_map(|name| [of(name, "no", 3.0), of(name, "yes", 2.0)]).collect()
}

/// Five patients, the later ones followed longer.
fn courses() -> Output {
    let course = |place: usize| PatientCourse {
        patient: format!("P-{place}"),
        group: Some(place % 2),
        end_days: 100.0 * (place + 1) as f64,
        event: place == 0,
        bars: vec![CourseBar {
            bar: 0,
            from_days: 0.0,
            to_days: (place > 0).then_some(50.5),
            goes_on: false,
        }],
        marks: vec![CourseMark { mark: 0, days: 30.0 }],
        strips: vec![(place > 1).then_some(0)],
    };
    let figure = PatientCourses {
        by_label: Some("Radiotherapy".into()),
        groups: groups(),
        endpoint_label: "Overall survival".into(),
        bars: vec![level("drug", "Immunotherapy")],
        marks: vec![level("response", "Response")],
        strips: vec![Strip {
            column: "ecog".into(),
            label: "ECOG".into(),
            levels: vec![level("0", "0")],
        }],
        patients: (0..5).map(course).collect(),
    };
    let findings = counts("patient_courses", &["n", "events", "missing"]);
    Output { findings, figures: Figures::from(figure), ..Output::default() }
}

fn changes() -> Output {
    let change = |place: usize| PatientChange {
        patient: format!("P-{place}"),
        group: Some(place % 2),
        category: (place > 0).then_some(0),
        marks: vec![place == 4],
        start_days: (place % 2 == 1).then_some(20.0),
        points: vec![ChangePoint {
            days: 60.0,
            // Exact in doubles, so that the file has few digits: -40, -29.75, -19.5, -9.25 and 1.
            change: Some(10.25 * place as f64 - 40.0),
            flagged: place == 1,
        }],
        // One who is not evaluable and has no bar.
        best: (place != 2).then_some(10.25 * place as f64 - 40.0),
    };
    let figure = PatientChanges {
        label: "Sum of diameters".into(),
        by_label: Some("Radiotherapy".into()),
        groups: groups(),
        category_label: Some("Best response".into()),
        categories: vec![level("PR", "partial response")],
        marks: vec![level("irradiated", "Irradiated")],
        flag_label: Some("New lesion".into()),
        start_label: Some("Start".into()),
        thresholds: vec![-30.0],
        patients: (0..5).map(change).collect(),
        warnings: Vec::new(),
    };
    let findings = counts("change_from_baseline", &["n", "evaluable", "median_best_change"]);
    Output { findings, figures: Figures::from(figure), ..Output::default() }
}

fn in_tier(tier: PrivacyTier) -> StudySettings {
    let mut study = study();
    study.privacy.tier = tier;
    study
}

fn both<K: Kind>(
    study: &StudySettings,
    output: Output,
    parameters: Value,
) -> [Result<Output, Mistakes>; 2] {
    let kind: Printed<K> = serde_json::from_value(parameters).expect("valid parameters");
    let call = call("efigure_2", study, vec![("patients", output)]);
    [kind.rehearse(&call), kind.run(&call)]
}

fn swimmer(more: &Value) -> Value {
    with(json!({ "title": "Courses", "courses": "patients" }), more)
}

fn of_changes(more: &Value) -> Value {
    with(json!({ "title": "Changes", "changes": "patients" }), more)
}

fn with(mut parameters: Value, more: &Value) -> Value {
    let both = parameters.as_object_mut().expect("an object");
    both.extend(more.as_object().expect("an object").clone());
    parameters
}

/// Every figure of single patients in a tier.
fn all(tier: PrivacyTier) -> Vec<[Result<Output, Mistakes>; 2]> {
    let study = in_tier(tier);
    vec![
        both::<SwimmerFigure>(&study, courses(), swimmer(&json!({ "parts": 2 }))),
        both::<WaterfallFigure>(&study, changes(), of_changes(&json!({}))),
        both::<SpiderFigure>(&study, changes(), of_changes(&json!({ "to": "1 month" }))),
    ]
}

#[test]
fn aggregates_show_no_single_patient() {
    for result in all(PrivacyTier::Aggregate).into_iter().flatten() {
        let told = result.expect_err("refused").0;
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].message,
            "the figure shows single patients, which `tier: aggregate` does not allow"
        );
        assert_eq!(
            told[0].hint.as_deref(),
            Some(
                "leave the figure out, or state in `privacy` of `study:` that rows of patients may be shown, such as `tier: pseudonymised`"
            )
        );
    }
}

/// A figure that forgot to ask would still be handed nobody.
#[test]
fn nobody_gets_through_the_door_of_aggregates() {
    for (tier, patients, names) in [
        (PrivacyTier::Aggregate, 0, 0),
        (PrivacyTier::Pseudonymised, 5, 0),
        (PrivacyTier::Internal, 5, 5),
        (PrivacyTier::Open, 5, 5),
    ] {
        let study = in_tier(tier);
        let call = call("any", &study, vec![("one", courses()), ("two", changes())]);
        let evidence = crate::evidence::Evidence::of(&call);
        let one: &PatientCourses = evidence.analysis("one").figures.get().expect("courses");
        let two: &PatientChanges = evidence.analysis("two").figures.get().expect("changes");
        assert_eq!((one.patients.len(), two.patients.len()), (patients, patients), "{tier:?}");
        let named = one.patients.iter().map(|own| &own.patient).filter(|name| !name.is_empty());
        assert_eq!(named.count(), names, "{tier:?}");
        let named = two.patients.iter().map(|own| &own.patient).filter(|name| !name.is_empty());
        assert_eq!(named.count(), names, "{tier:?}");
    }
}

#[test]
fn names_stand_in_no_file_of_the_pseudonymised_tier() {
    for (tier, is_named) in [(PrivacyTier::Pseudonymised, false), (PrivacyTier::Open, true)] {
        for [rehearsed, run] in all(tier) {
            let (rehearsed, run) = (rehearsed.expect("rehearses"), run.expect("draws"));
            assert!(rehearsed.files.keys().eq(run.files.keys()), "announced files are those made");
            // Pixels may hold any bytes by chance.
            let mut texts = run.files.iter().filter(|(path, _)| !path.ends_with("png"));
            let has_name = texts.any(|(_, file)| String::from_utf8_lossy(file).contains("P-3"));
            assert_eq!(has_name, is_named, "{tier:?}");
            let body = crate::sample::body(&run.exhibit.expect("a figure"));
            assert!(!body.contains("P-3"), "no figure names a patient");
        }
    }
}

#[test]
fn a_swimmer_has_parts_and_its_file_every_line() {
    let study = in_tier(PrivacyTier::Open);
    let parameters =
        swimmer(&json!({ "parts": 2, "groups": ["yes", "no"], "waiting_for": "drug" }));
    let [_, run] = both::<SwimmerFigure>(&study, courses(), parameters);
    let output = run.expect("draws");
    let files: Vec<&str> = output.files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "reports/figures/efigure_2.csv",
            "reports/figures/efigure_2_part_1.png",
            "reports/figures/efigure_2_part_1.svg",
            "reports/figures/efigure_2_part_2.png",
            "reports/figures/efigure_2_part_2.svg",
        ]
    );
    let csv = String::from_utf8(output.files[files[0]].clone()).expect("text");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        &lines[..4],
        [
            "line,patient,group,ECOG,what,name,from_days,to_days,goes_on,data_status",
            "1,P-3,yes,0,follow-up,no event,0,400,,simulated",
            "1,P-3,yes,0,bar,drug,0,50.5,no,simulated",
            "1,P-3,yes,0,mark,response,30,,,simulated",
        ]
    );
    // the patient followed shortest is the last, with an unknown end of the bar
    assert!(lines.contains(&"5,P-0,no,,follow-up,event,0,100,,simulated"), "{csv}");
    assert!(lines.contains(&"5,P-0,no,,bar,drug,0,,no,simulated"), "{csv}");
    let exhibit = output.exhibit.expect("a figure");
    let body = crate::sample::body(&exhibit);
    assert!(body.contains("Radiotherapy: n = 2, events 2"));
    assert!(body.contains("No radiotherapy: n = 3, events 3, continued"));
    let caption = crate::sample::caption(&exhibit);
    assert!(
        caption
            .contains("Immunotherapy whose last day is unknown is drawn on its first day alone.")
    );
}

#[test]
fn a_waterfall_sorts_by_the_best_change() {
    let study = in_tier(PrivacyTier::Pseudonymised);
    let [_, run] =
        both::<WaterfallFigure>(&study, changes(), of_changes(&json!({ "groups": ["yes"] })));
    let output = run.expect("draws");
    let csv =
        String::from_utf8(output.files["reports/figures/efigure_2.csv"].clone()).expect("text");
    assert_eq!(
        csv.lines().collect::<Vec<_>>(),
        [
            "line,group,category,best_change_percent,irradiated,data_status",
            "1,yes,PR,-9.25,no,simulated",
            "2,yes,PR,-29.75,no,simulated",
            "3,no,PR,1,yes,simulated",
            "4,no,,-40,no,simulated",
        ]
    );
}

#[test]
fn mistakes_are_told_together() {
    let study = in_tier(PrivacyTier::Open);
    let parameters = swimmer(&json!({
        "groups": ["yess"], "labels": { "maybe": "Maybe" }, "strip_names": { "cps": "CPS" },
        // One mistake in each parameter.
        "waiting_for": "drugs", "ticks": "0 days",
    }));
    let [rehearsed, _] = both::<SwimmerFigure>(&study, courses(), parameters);
    let told: Vec<String> = rehearsed
        .expect_err("mistakes")
        .0
        .into_iter()
        .map(|one| format!("{}: {}", one.at.join("."), one.message))
        .collect();
    assert_eq!(
        told,
        [
            "ticks: ticks lie too close together",
            "groups.0: no group has the level `yess`",
            "labels.maybe: no group has the level `maybe`",
            "waiting_for: `patients` has no bar `drugs`",
            "strip_names.cps: `patients` has no strip `cps`",
        ]
    );
    let [rehearsed, _] =
        both::<WaterfallFigure>(&study, courses(), of_changes(&json!({ "clip": 5 })));
    let told: Vec<String> =
        rehearsed.expect_err("mistakes").0.into_iter().map(|one| one.message).collect();
    assert_eq!(
        told,
        [
            "an axis of changes does not end at 5 percent",
            "`patients` is a `patient_courses`, not a `change_from_baseline`"
        ]
    );
}
