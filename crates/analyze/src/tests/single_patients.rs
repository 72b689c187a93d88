//! What is told of single patients and of rows of other tables: courses,
//! changes from baseline, rates of events, rows, missing values; by hand.

use serde_json::{Value, json};
use study::{Column, CourseBar, CourseMark, Output, PatientChanges, PatientCourses, Table};

use crate::analysis::Analysis;
use crate::kinds::change_from_baseline::ChangeFromBaseline;
use crate::kinds::event_rates::EventRates;
use crate::kinds::missing_values::MissingValues;
use crate::kinds::patient_courses;
use crate::kinds::row_summary::RowSummary;
use crate::testing::{Sample, finding, ids, run_with, value};

const ZERO: i32 = 17_000;

/// Four patients in two arms, all with time zero on one day; P4 has no arm.
fn patients() -> Sample {
    Sample::of(4)
        .whole("os_days", [300, 200, 100, 50].map(Some))
        .whole("os_event", [0, 1, 1, 0].map(Some))
        .date("start", [Some(ZERO); 4])
        .date("stop", [Some(ZERO + 90), None, Some(ZERO + 40), None])
        .date("progression", [None, Some(ZERO + 150), None, None])
        .text("arm", [Some("b"), Some("a"), Some("b"), None])
        .levels("arm", &["a", "b"])
        .text("ecog", [Some("0"), None, Some("1"), Some("0")])
        .levels("ecog", &["0", "1"])
        .real("lab", [None, Some(1.5), None, Some(2.0)])
        .real("seen_days", [300.0, 200.0, 100.0, 50.0].map(Some))
}

/// Rows of patients: `patient`, `day` from time zero on, and more.
fn rows(of: &[(&str, Option<i32>)]) -> Sample {
    Sample::of(of.len())
        .text("patient", of.iter().map(|(patient, _)| Some(*patient)))
        .date("day", of.iter().map(|(_, day)| day.map(|day| ZERO + day)))
}

fn on<A: Analysis>(others: Vec<(&str, Table)>, parameters: Value) -> Result<Output, Vec<String>> {
    run_with::<A>(patients().table(), others, parameters)
}

fn courses_of(order: &[usize]) -> Output {
    // P9 is no patient of the study, and one row has no day.
    let all = [("P2", Some(20)), ("P1", Some(60)), ("P1", Some(30)), ("P9", Some(1)), ("P2", None)];
    let ends = [Some(ZERO + 25), None, Some(ZERO + 44), None, None];
    // Each order of the rows must give the same courses.
    let picked: Vec<_> = order.iter().map(|row| all[*row]).collect();
    let table = rows(&picked).date("until", order.iter().map(|row| ends[*row])).table();
    let parameters = json!({
        "endpoint": "os", "by": "arm", "strips": ["ecog"],
        "bars": {
            "drug": { "label": "Drug", "from": "start", "to": "stop", "open_ended": true },
            "rt": { "label": "Radiotherapy", "table": "rt", "from": "day", "to": "until" },
        },
        "marks": {
            "first_rt": { "label": "First", "table": "rt", "date": "day", "first": true },
            "late": { "label": "Late", "table": "rt", "date": "day", "where": "until IS NOT NULL OR day IS NOT NULL" },
            "progression": { "label": "Progression", "date": "progression" },
        },
    });
    on::<patient_courses::PatientCourses>(vec![("rt", table)], parameters).expect("runs")
}

#[test]
fn courses_have_their_bars_and_marks_in_days() {
    let output = courses_of(&[0, 1, 2, 3, 4]);
    let courses = output.figures.get::<PatientCourses>().expect("courses");
    // P4 is in no arm
    let names: Vec<&str> = courses.patients.iter().map(|own| own.patient.as_str()).collect();
    assert_eq!(names, ["P1", "P2", "P3"]);
    let bar = |bar, from_days, to_days, goes_on| CourseBar { bar, from_days, to_days, goes_on };
    let (one, two) = (&courses.patients[0], &courses.patients[1]);
    assert_eq!(
        one.bars,
        [
            bar(0, 0.0, Some(90.0), false),
            bar(1, 30.0, Some(44.0), false),
            bar(1, 60.0, None, false)
        ]
    );
    // P2 has no stop: the open bar goes on to the end of follow-up.
    assert_eq!(two.bars, [bar(0, 0.0, Some(200.0), true), bar(1, 20.0, Some(25.0), false)]);
    let mark = |mark, days| CourseMark { mark, days };
    // `first` keeps day 30, although day 60 stands above it in the table.
    assert_eq!(one.marks, [mark(0, 30.0), mark(1, 30.0), mark(1, 60.0)]);
    assert_eq!(two.marks, [mark(0, 20.0), mark(1, 20.0), mark(2, 150.0)]);
    assert_eq!((one.group, two.group), (Some(1), Some(0)));
    assert_eq!((one.strips.as_slice(), two.strips.as_slice()), (&[Some(0)][..], &[None][..]));
    assert_eq!((two.end_days, two.event), (200.0, true));
    assert_eq!(value(&output, "patients_with.rt.b"), 1.0);
    assert_eq!(value(&output, "patients_with.rt.all"), 2.0);
    // Between P2's day 20 and P1's day 30.
    assert_eq!(value(&output, "median_first_day.rt.all"), 25.0);
    assert_eq!(value(&output, "events.b"), 1.0);
    assert_eq!(value(&output, "missing.all"), 1.0);
}

#[test]
fn courses_do_not_hang_on_the_order_of_rows() {
    let one = courses_of(&[0, 1, 2, 3, 4]);
    assert_eq!(one.figures, courses_of(&[4, 2, 0, 3, 1]).figures);
}

#[test]
fn mistakes_of_courses_are_told_together() {
    let parameters = json!({
        "endpoint": "os",
        "bars": { "rt": { "label": "RT", "table": "rt", "from": "patient", "to": "untill", "where": "nope = 1" } },
        "marks": { "late": { "label": "Late", "date": "lab" } },
        "strips": ["lab"],
    });
    let table = rows(&[("P1", Some(1))]).date("until", [None]).table();
    let told = on::<patient_courses::PatientCourses>(vec![("rt", table)], parameters);
    let told = told.expect_err("mistakes");
    let expected = [
        "strips.0: `lab` holds numbers, which make no groups; derive a category from it",
        "bars.rt.where: ",
        "bars.rt.from: `patient` holds text, not dates",
        "bars.rt.to: table `rt` has no column `untill`; did you mean `until`?",
        "marks.late.date: `lab` holds numbers, not dates",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (one, begins) in told.iter().zip(expected) {
        assert!(one.starts_with(begins), "{one} is not {begins}");
    }
}

/// P1: baseline 40 (the last before time zero), 30, 10, then 60 after the stop
/// of counting; P2: never measured again; P3: a baseline of 0; P4: in no arm.
fn changes(more: &Value) -> Output {
    let days = [
        ("P1", Some(-30)),
        ("P1", Some(0)),
        ("P1", Some(50)),
        ("P1", Some(90)),
        ("P1", Some(120)),
        ("P2", Some(-5)),
        ("P3", Some(-5)),
        ("P3", Some(60)),
        ("P4", Some(-1)),
        ("P4", Some(70)),
        ("P1", None),
    ];
    // The highest value comes first, so that a wrong baseline would be seen.
    let sums = [80.0, 40.0, 30.0, 10.0, 60.0, 20.0, 0.0, 30.0, 10.0, 15.0, 1.0];
    let table = rows(&days)
        .real("sum", sums.map(Some))
        .about("sum", &Column { label: "Sum of diameters".into(), ..Column::default() })
        .yes_no("new", (0..11).map(|row| Some(row == 2)))
        .table();
    let mut parameters = json!({
        "table": "scans", "date": "day", "value": "sum", "thresholds": [-30, 20],
        "flag": { "label": "New lesion", "where": "new" },
        "marks": { "b": { "label": "In b", "where": "arm = 'b'" } },
        "start": { "label": "Stop", "date": "stop" },
    });
    let both = parameters.as_object_mut().expect("an object");
    both.extend(more.as_object().expect("an object").clone());
    on::<ChangeFromBaseline>(vec![("scans", table)], parameters).expect("runs")
}

#[test]
fn changes_are_in_percent_of_the_last_baseline() {
    let output = changes(&json!({}));
    let figure = output.figures.get::<PatientChanges>().expect("changes");
    assert_eq!(figure.label, "Sum of diameters");
    let one = &figure.patients[0];
    let told: Vec<_> = one.points.iter().map(|own| (own.days, own.change, own.flagged)).collect();
    assert_eq!(
        told,
        [(50.0, Some(-25.0), true), (90.0, Some(-75.0), false), (120.0, Some(50.0), false)]
    );
    assert_eq!((one.best, one.start_days), (Some(-75.0), Some(90.0)));
    let best: Vec<Option<f64>> = figure.patients.iter().map(|own| own.best).collect();
    // P2 was never measured again, and P3 has a baseline of zero.
    assert_eq!(best, [Some(-75.0), None, None, Some(50.0)]);
    assert_eq!(
        figure.patients.iter().map(|own| own.marks[0]).collect::<Vec<_>>(),
        [true, false, true, false]
    );
    assert_eq!(value(&output, "n.all"), 4.0);
    assert_eq!(value(&output, "evaluable.all"), 2.0);
    // Between -75 and 50.
    assert_eq!(value(&output, "median_best_change.all"), -12.5);
    let fallen = finding(&output, "fallen.30.all");
    assert_eq!(
        (fallen.value, fallen.events, fallen.n, fallen.missing),
        (Some(0.5), Some(1), Some(2), Some(2))
    );
    assert_eq!(value(&output, "risen.20.all"), 0.5);
}

/// Nothing after a day counts, a change at a threshold counts as beyond it, and
/// with a later end of the baseline another measurement is the baseline.
#[test]
fn changes_count_until_a_day_and_at_a_threshold() {
    let until = changes(&json!({ "until": "stop", "by": "arm", "thresholds": [-75] }));
    // At the threshold itself.
    assert_eq!(value(&until, "fallen.75.b"), 1.0);
    let points = &until.figures.get::<PatientChanges>().expect("changes").patients[0].points;
    assert_eq!(points.len(), 2);
    // of group a nobody is evaluable
    assert_eq!(finding(&until, "fallen.75.a").value, None);
    let later = changes(&json!({ "baseline_until": "60 days" }));
    let figure = later.figures.get::<PatientChanges>().expect("changes");
    // The measurement of day 50 is the baseline now.
    assert_eq!(figure.patients[0].best, Some(100.0 * (10.0 - 30.0) / 30.0));
}

fn rates(table: Table, more: &Value) -> Result<Output, Vec<String>> {
    let mut parameters = json!({
        "table": "events", "date": "day", "term": "term", "grade": "grade",
        "exposure": "seen_days", "by": "arm",
    });
    let both = parameters.as_object_mut().expect("an object");
    both.extend(more.as_object().expect("an object").clone());
    on::<EventRates>(vec![("events", table)], parameters)
}

/// P1 has a rash twice and a late event that is not counted; P2 a colitis of
/// grade 3; P3 one before time zero; P9 is nobody.
fn events() -> Sample {
    let days = [
        ("P1", Some(10)),
        ("P1", Some(300)),
        ("P1", Some(301)),
        ("P2", Some(0)),
        ("P3", Some(-1)),
        ("P9", Some(3)),
    ];
    rows(&days)
        .text("term", ["rash", "rash", "rash", "colitis", "rash", "rash"].map(Some))
        .whole("grade", [Some(1), Some(2), Some(5), Some(3), Some(3), Some(3)])
}

#[test]
fn events_are_counted_by_patient_and_for_time() {
    let output = rates(events().table(), &json!({})).expect("runs");
    // arm b is P1 and P3, followed for 300 and 100 days
    assert_eq!(value(&output, "person_time.b"), 400.0);
    assert_eq!(value(&output, "patients_with.any_grade.b"), 1.0);
    assert_eq!(value(&output, "number_of_events.any_grade.b"), 2.0);
    assert_eq!(value(&output, "patients_with.grade_3_or_more.b"), 0.0);
    // P1's on day 301, and P3's before time zero.
    assert_eq!(value(&output, "events_left_out.b"), 2.0);
    let rate = finding(&output, "event_rate.any_grade.b");
    assert!((rate.value.expect("a rate") - 2.0 / (400.0 / 30.4375 / 100.0)).abs() < 1e-12);
    assert_eq!(rate.unit.as_deref(), Some("per 100 patient-months"));
    // chi-square quantiles at 2.5 and 97.5% with 4 and 6 degrees of freedom
    let hundreds = 400.0 / 30.4375 / 100.0;
    let limits = [rate.lower, rate.upper].map(|limit| limit.expect("a limit") * 2.0 * hundreds);
    assert!((limits[0] - 0.484418557087931).abs() < 1e-9, "{limits:?}");
    assert!((limits[1] - 14.449375335447922).abs() < 1e-9, "{limits:?}");
    assert_eq!(value(&output, "share_with.any_grade.term.rash.b"), 0.5);
    // The rash came back with a higher grade.
    assert_eq!(value(&output, "worst_grade.2.term.rash.b"), 1.0);
    assert_eq!(value(&output, "worst_grade.1.term.rash.b"), 0.0);
    assert_eq!(value(&output, "patients_with.grade_3_or_more.term.colitis.a"), 1.0);
    // of two terms with one patient each the letter decides
    let terms: Vec<String> = ids(&output)
        .into_iter()
        .filter(|id| id.contains("share_with.any_grade.term") && id.ends_with(".all"))
        .collect();
    assert_eq!(
        terms,
        ["stage.share_with.any_grade.term.colitis.all", "stage.share_with.any_grade.term.rash.all"]
    );
}

#[test]
fn nobody_is_seen_in_no_time() {
    // Nobody can be seen for zero days.
    let told = rates(events().table(), &json!({ "exposure": "os_event" })).expect_err("no time");
    assert_eq!(
        told,
        [
            "exposure: `os_event` is not above 0 for patient `P1`; nobody can be seen to have an event in no time: mend the dates, or leave the patient out by `where`"
        ]
    );
}

#[test]
fn rows_are_summed_up_by_row_and_by_patient() {
    let days =
        [("P1", Some(1)), ("P1", Some(2)), ("P2", Some(3)), ("P3", Some(4)), ("P9", Some(5))];
    let table = rows(&days)
        .text("site", [Some("bone"), Some("bone"), Some("lung"), None, Some("lung")])
        .levels("site", &["bone", "liver", "lung"])
        .real("dose", [Some(20.0), Some(30.0), Some(50.0), Some(60.0), Some(1.0)])
        .table();
    let parameters = json!({ "table": "rt", "variables": ["site", "dose"], "rows": "dose < 60 OR site IS NULL" });
    let output = on::<RowSummary>(vec![("rt", table)], parameters).expect("runs");
    // Two of P1, one each of P2 and P3; P9 is nobody, and nobody is left out by `rows`.
    assert_eq!((value(&output, "n.rows"), value(&output, "n.patients")), (4.0, 3.0));
    assert_eq!(value(&output, "count.site.bone.rows"), 2.0);
    assert_eq!(value(&output, "count.site.bone.patients"), 1.0);
    // A declared level that does not occur is told as zero.
    assert_eq!(value(&output, "count.site.liver.rows"), 0.0);
    assert_eq!(value(&output, "proportion.site.lung.rows"), 1.0 / 3.0);
    assert_eq!(value(&output, "missing.site"), 1.0);
    assert_eq!(value(&output, "median.dose"), 40.0);
    // Quartiles of 20, 30, 50 and 60 by type 7.
    assert_eq!(value(&output, "lower_quartile.dose"), 27.5);
}

#[test]
fn patterns_of_missing_values_are_counted_from_the_commonest() {
    let parameters = json!({ "variables": ["ecog", "lab", "stop"], "by": "arm" });
    let output = on::<MissingValues>(Vec::new(), parameters).expect("runs");
    assert_eq!(value(&output, "count.lab.missing.b"), 2.0);
    assert_eq!(value(&output, "count.lab.known.b"), 0.0);
    // P4 has no arm.
    assert_eq!(value(&output, "proportion.lab.missing.all"), 2.0 / 3.0);
    assert_eq!(value(&output, "count.stop.missing.a"), 1.0);
    // P1 and P3 lack `lab`, P2 lacks `ecog` and `stop`
    assert_eq!(value(&output, "count.pattern.1.b"), 2.0);
    assert_eq!(value(&output, "count.pattern.2.a"), 1.0);
    let patterns = output.figures.get::<study::MissingPatterns>().expect("patterns");
    let told: Vec<_> =
        patterns.patterns.iter().map(|own| (own.level.as_str(), own.missing.clone())).collect();
    assert_eq!(told, [("lab", vec![false, true, false]), ("ecog stop", vec![true, false, true])]);
}

/// The rarer patterns are one: of three patterns only the commonest is told apart.
#[test]
fn rare_patterns_are_counted_together() {
    let parameters =
        json!({ "variables": ["ecog", "lab", "progression", "stop"], "most_patterns": 1 });
    let output = on::<MissingValues>(Vec::new(), parameters).expect("runs");
    // P1 and P3 lack the same columns.
    assert_eq!(value(&output, "count.pattern.1.all"), 2.0);
    assert_eq!(value(&output, "count.pattern.other.all"), 2.0);
    let patterns = output.figures.get::<study::MissingPatterns>().expect("patterns");
    assert_eq!(patterns.patterns[1].together, 2);
    assert_eq!(ids(&output).iter().filter(|id| id.contains("count.pattern")).count(), 2);
}
