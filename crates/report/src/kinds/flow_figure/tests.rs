//! Tests of the kind: its sums.

use std::sync::Arc;

use super::*;
use crate::sample::{ARMS, body, call, curves, kaplan_meier, log_rank, study};

fn step(stage: &str, before: u64, excluded: u64, after: u64) -> FlowStep {
    let reason = format!("reason of {stage}");
    let (unknown, known_late) = (None, vec![]);
    FlowStep { stage: stage.to_owned(), reason, before, excluded, after, unknown, known_late }
}

fn run(steps: &[FlowStep]) -> Result<Output, Mistakes> {
    let parameters = serde_json::json!({ "title": "Flow of patients", "groups": "pfs_curves" });
    let figure: FlowFigure = serde_json::from_value(parameters).expect("valid parameters");
    let study = study();
    let mut call = call("efigure_1", &study, vec![("pfs_curves", kaplan_meier(curves(&ARMS)))]);
    for step in steps {
        let output = Output { flow: vec![step.clone()], ..Output::default() };
        call.stages.push((step.stage.clone(), Section::Clean, Arc::new(output)));
    }
    figure.run(&call)
}

fn messages(result: Result<Output, Mistakes>) -> Vec<String> {
    result.expect_err("a mistake").0.into_iter().map(|mistake| mistake.message).collect()
}

#[test]
fn the_boxes_come_from_the_steps() {
    // The groups of the curves hold 37 and 76, which are the 113 that are left.
    let steps = [step("not_squamous", 141, 19, 122), step("no_scan", 122, 9, 113)];
    let exhibit = run(&steps).expect("draws").exhibit.expect("a figure");
    for text in [
        ">n = 141<",
        ">Excluded (n = 28)<",
        ">reason of no_scan<",
        ">n = 113<",
        ">n = 37<",
        ">n = 76<",
    ] {
        assert!(body(&exhibit).contains(text), "{text}");
    }
    assert_eq!(run(&steps).expect("draws").files, run(&steps).expect("draws").files);
}

#[test]
fn a_flow_that_does_not_add_up_is_told() {
    // One patient too few behind the first step: both its own sum and its neighbour's are wrong.
    let steps = [step("one", 141, 19, 121), step("two", 122, 9, 113)];
    assert_eq!(
        messages(run(&steps)),
        [
            "the flow does not add up: `one` has 141 patients, excludes 19 and leaves 121",
            "the flow does not add up: `one` leaves 121 patients, but `two` starts from 122",
        ]
    );
}

#[test]
fn groups_that_are_not_all_patients_are_told() {
    assert_eq!(
        messages(run(&[step("one", 141, 19, 122)])),
        ["the groups of `pfs_curves` hold 113 patients and 0 are missing, but 122 are analysed"]
    );
}

#[test]
fn a_study_without_exclusions_is_told() {
    assert_eq!(messages(run(&[])), ["there is no flow of patients to draw"]);
}

#[test]
fn groups_of_an_entry_without_curves_are_told_before_a_run() {
    let analyses =
        || vec![("pfs_curves", kaplan_meier(curves(&ARMS))), ("pfs_test", log_rank(0.01))];
    let rehearsed = |groups: &str| {
        let parameters = serde_json::json!({ "title": "Flow of patients", "groups": groups });
        let figure: FlowFigure = serde_json::from_value(parameters).expect("valid parameters");
        figure.rehearse(&call("efigure_1", &study(), analyses()))
    };
    assert_eq!(messages(rehearsed("pfs_test")), ["`pfs_test` has no groups of patients"]);
    assert!(rehearsed("pfs_curves").is_ok());
}

#[test]
fn the_numbers_of_all_boxes_stand_in_a_file() {
    let steps = [step("not_squamous", 141, 19, 122), step("no_scan", 122, 9, 113)];
    let output = run(&steps).expect("draws");
    let file = String::from_utf8(output.files["reports/figures/efigure_1.csv"].clone());
    let file = file.expect("text");
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "part,box,line,n,data_status");
    assert!(lines.contains(&"excluded,Excluded (n = 28),reason of no_scan,9,simulated"), "{file}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("group,")).count(), 2, "{file}");
}
