//! Tests of the layout of swimmer plots.

use study::{CourseBar, CourseMark, Level};

use super::*;
use crate::draw::POINTS_PER_MM;
use crate::sample::assert_sound;

fn courses(n: usize) -> Vec<PatientCourse> {
    let bar = |bar, from_days: f64, to_days: Option<f64>| CourseBar {
        bar,
        from_days,
        to_days,
        goes_on: bar == 0 && to_days == Some(900.0),
    };
    let course = |place: usize| PatientCourse {
        patient: String::new(),
        group: Some(0),
        end_days: 900.0,
        event: place.is_multiple_of(2),
        bars: vec![
            // One who is still treated at the end of follow-up.
            bar(0, 0.0, Some(if place == 1 { 900.0 } else { 400.0 })),
            // One whose course has no known end. Of patients numbered above 16 the last day lies
            // before the first.
            bar(1, 60.0 + place as f64, (place != 2).then_some(75.0)),
        ],
        marks: vec![CourseMark { mark: 3, days: 900.0 }],
        // One without a level.
        strips: vec![(place != 3).then_some(place % 3)],
    };
    (0..n).map(course).collect()
}

fn plot<'a>(courses: &'a [PatientCourse], strips: &'a [Strip]) -> SwimmerPlot<'a> {
    let lanes = courses.iter().enumerate().map(|(place, course)| Lane::Patient(place + 1, course));
    SwimmerPlot {
        lanes: std::iter::once(Lane::Heading("Radiotherapy: n = 9, events 5".into()))
            .chain(lanes)
            .collect(),
        bars: vec!["Immunotherapy".into(), "Radiotherapy".into()],
        marks: ["Partial response", "Complete response", "Progression", "Death"]
            .map(String::from)
            .into(),
        strips,
        strip_names: vec![None; strips.len()],
        waiting: Some((1, "Before the first radiotherapy (immortal time)".into())),
        follow_up: "Follow-up (overall survival)".into(),
        days_per_unit: 30.4375,
        tick: 6.0,
        end: 30.0,
        x_label: "Time since first dose (months)".into(),
        gridlines: true,
        mark: Some("SIMULATED"),
        width: 183.0 * POINTS_PER_MM,
    }
}

fn strip(label: &str) -> Strip {
    let levels = ["0", "1", "2 or more"].map(Level::named).into();
    Strip { column: "ecog".into(), label: label.into(), levels }
}

#[test]
fn lines_are_numbered_and_nothing_overlaps() {
    let (courses, strips) = (courses(23), [strip("ECOG")]);
    let drawing = plot(&courses, &strips).draw().expect("draws");
    assert_sound("swimmer", &drawing);
    for number in ["5", "10", "15", "20"] {
        assert!(drawing.texts.iter().any(|text| text.text == number), "{number}");
    }
    assert!(drawing.texts.iter().any(|text| text.text == "Immunotherapy goes on"));
    assert!(drawing.texts.iter().all(|text| text.text != "Radiotherapy goes on"));
}

/// A label that is too long to stand upright over a strip is a letter there,
/// and stands in the legend.
#[test]
fn a_long_label_of_a_strip_is_a_letter() {
    let (courses, strips) = (courses(9), [strip("Eastern Cooperative Oncology Group status")]);
    let drawing = plot(&courses, &strips).draw().expect("draws");
    assert_sound("swimmer_letter", &drawing);
    let texts: Vec<&str> = drawing.texts.iter().map(|text| text.text.as_str()).collect();
    assert!(texts.contains(&"a"));
    assert!(texts.contains(&"a: Eastern Cooperative Oncology Group status"));
}

#[test]
fn too_many_ticks_are_refused() {
    let (courses, strips) = (courses(2), []);
    let plot = SwimmerPlot { tick: 0.1, ..plot(&courses, &strips) };
    assert!(matches!(plot.draw(), Err(DrawError::TooManyTicks { count: 301, .. })));
}
