//! Every finding about single patients and rows of other tables that R gives
//! too, by id: `tests/reference/analyze_rows`.

use serde_json::{Value, json};
use study::{Output, Table};

use crate::analysis::Analysis;
use crate::kinds::change_from_baseline::ChangeFromBaseline;
use crate::kinds::event_rates::EventRates;
use crate::kinds::missing_values::MissingValues;
use crate::kinds::patient_courses::PatientCourses;
use crate::kinds::row_summary::RowSummary;
use crate::testing::{Reference, Sample, run_with};

const R: Reference = Reference { folder: "analyze_rows", relative: 1e-9, absolute: |_| 1e-12 };

const ZERO: i32 = 17_000;

/// Forty patients, the same as in make.R.
fn patients() -> Table {
    // Numbers without a common divisor scatter the days without random numbers.
    let days = |i: i64| (i * 37) % 91 + 60;
    Sample::of(40)
        .whole("os_days", (0..40).map(|i| Some(days(i))))
        .whole("os_event", (0..40).map(|i| Some(i64::from(i % 3 == 0))))
        .date("start", [Some(ZERO); 40])
        .date("stop", (0..40).map(|i| Some(ZERO + (i * 7) % 40 + 5)))
        .text("arm", (0..40).map(|i| Some(if i % 2 == 0 { "a" } else { "b" })))
        .levels("arm", &["a", "b"])
        .whole("lab", (0..40).map(|i| (i % 5 != 0).then_some(i)))
        .table()
}

fn of(patient: i32) -> Option<String> {
    Some(format!("P{}", patient + 1))
}

/// A scan of each before time zero and one after it.
fn scans() -> Table {
    let size = |row: i32| {
        let i = row % 40;
        f64::from(if row < 40 { 20 + (i * 11) % 30 } else { 10 + (i * 13) % 45 })
    };
    Sample::of(80)
        .text("patient", (0..80).map(|row| of(row % 40)))
        .date("day", (0..80).map(|row| Some(ZERO + if row < 40 { -3 } else { 60 })))
        .real("size", (0..80).map(|row| Some(size(row))))
        .table()
}

/// An event of three in four.
fn events() -> Table {
    // Every fourth patient has no event.
    let with: Vec<i32> = (0..40).filter(|i| i % 4 != 0).collect();
    Sample::of(with.len())
        .text("patient", with.iter().map(|i| of(*i)))
        .date("day", with.iter().map(|i| Some(ZERO + (i * 5) % 50)))
        .text("term", with.iter().map(|i| Some(if i % 3 == 0 { "rash" } else { "colitis" })))
        .whole("grade", with.iter().map(|i| Some(i64::from(1 + i % 4))))
        .table()
}

fn check<A: Analysis>(name: &str, others: Vec<(&str, Table)>, parameters: Value) -> Output {
    let output = run_with::<A>(patients(), others, parameters).expect("runs");
    // A reference cut short would agree with anything.
    assert!(R.compare(&output, name) >= 3, "{name}");
    output
}

#[test]
fn rows_and_single_patients_agree() {
    let bar = json!({ "label": "After", "from": "stop", "to": "stop" });
    let parameters = json!({ "endpoint": "os", "by": "arm", "bars": { "after": bar } });
    check::<PatientCourses>("courses", Vec::new(), parameters);
    let parameters = json!({
        "table": "scans", "date": "day", "value": "size", "by": "arm", "thresholds": [-30, 20],
    });
    check::<ChangeFromBaseline>("changes", vec![("scans", scans())], parameters);
    let parameters = json!({
        "table": "events", "date": "day", "term": "term", "grade": "grade",
        "exposure": "os_days", "by": "arm",
    });
    check::<EventRates>("rates", vec![("events", events())], parameters);
    let parameters = json!({ "table": "scans", "variables": ["size"] });
    check::<RowSummary>("rows", vec![("scans", scans())], parameters);
    let parameters = json!({ "variables": ["lab"], "by": "arm" });
    check::<MissingValues>("missing", Vec::new(), parameters);
}
