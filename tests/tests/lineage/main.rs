//! What is known when, and who is who, on whole studies: every way round the
//! guard against immortal time that was thought of is refused or told, and
//! what is known at time zero passes.

mod analyses;
mod rules;
mod tables;
mod zero;

use restudy_tests::{Said, Study};

const FILE: &str = "pipeline.yaml";

/// The study with more rules and analyses.
fn study(rules: &str, analyses: &str) -> Study {
    Study::of_repository("tests/studies/radiotherapy")
        .replacing(FILE, "  # more rules\n", rules)
        .replacing(FILE, "  # more analyses\n", analyses)
}

fn log_rank(by: &str) -> String {
    format!("  tried: {{ kind: log_rank, endpoint: os, by: {by} }}\n")
}

/// `check` finds a mistake that says this, at this stage.
#[track_caller]
fn refused(said: &Said, stage: &str, message: &str) {
    assert_eq!(said.code, 1, "it passed: {}", said.out);
    let plain =
        // the screen breaks long messages, an expectation does not
        |text: &str| text.replace("\n  │", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let found = plain(&said.err);
    assert!(found.contains(&format!("× {stage}: ")), "no mistake at {stage}:\n{}", said.err);
    assert!(found.contains(message), "nothing says `{message}`:\n{}", said.err);
}

/// A group that rules make is refused, in these words.
#[track_caller]
fn group(rules: &str, by: &str, message: &str) {
    refused(&study(rules, &log_rank(by)).says("check"), "analyze.tried", message);
}

/// The same group passes.
#[track_caller]
fn group_passes(rules: &str, by: &str) {
    let said = study(rules, &log_rank(by)).says("check");
    assert_eq!(said.code, 0, "{}", said.err);
}

const FROM_START: &str = "is known only from `rt_start`, after time zero (`ici_start`)";
