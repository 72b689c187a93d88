//! Tests of the layout of forest plots.

use super::*;
use crate::sample::assert_sound;

fn row(label: &str, level: bool, variable: usize, ratio: Option<(f64, f64)>) -> ForestRow {
    let estimate = ratio.map(|(value, error)| RowEstimate {
        value,
        // A Wald interval, which is symmetric on the axis. The printed limits are fixed, as only
        // their width matters here.
        lower: Some(value * libm::exp(-1.96 * error)),
        upper: Some(value * libm::exp(1.96 * error)),
        information: Some(1.0 / (error * error)),
    });
    ForestRow {
        label: label.to_owned(),
        is_level: level,
        is_reference: false,
        counts: vec!["113".to_owned(), "80".to_owned()],
        text: ratio.map_or("–".to_owned(), |(value, _)| format!("{value:.2} (0.24–0.63)")),
        estimate,
        tests: vec!["<0.001".to_owned()],
        variable,
    }
}

fn heading(label: &str, variable: usize) -> ForestRow {
    ForestRow { label: label.to_owned(), variable, ..ForestRow::default() }
}

fn reference(label: &str, variable: usize) -> ForestRow {
    ForestRow {
        is_reference: true,
        text: "1 (reference)".to_owned(),
        tests: Vec::new(),
        ..row(label, true, variable, None)
    }
}

fn plot(rows: Vec<ForestRow>) -> ForestPlot {
    ForestPlot {
        rows,
        headings: ForestHeadings {
            names: "Variable".to_owned(),
            counts: ["Patients", "Events"].map(str::to_owned).into(),
            ratio: "Hazard ratio (95% CI)".to_owned(),
            tests: vec!["p".to_owned()],
        },
        x_label: "Hazard ratio (95% CI), logarithmic axis".to_owned(),
        limits: (0.1, 10.0),
        favours: Some(["favours radiotherapy".to_owned(), "favours no radiotherapy".to_owned()]),
        mark: Some("SIMULATED"),
        width: 183.0 * POINTS_PER_MM,
    }
}

#[test]
fn intervals_beyond_the_axis() {
    let rows = vec![
        heading("Radiotherapy", 0),
        reference("No", 0),
        row("Yes", true, 0, Some((0.39, 0.25))),
        row("Age, per 10 years", false, 1, Some((1.08, 0.11))),
        heading("A category with separation", 2),
        reference("None", 2),
        // 6 times exp(1.96 × 1.4) is 93, beyond an axis that ends at 10.
        row("Few", true, 2, Some((6.0, 1.4))),
        row("Rare", true, 2, Some((0.12, 0.9))),
        row("Never", true, 2, None),
    ];
    let drawing = plot(rows.clone()).draw().expect("draws");
    assert_sound("forest", &drawing);
    assert_eq!(drawing, plot(rows).draw().expect("draws"), "the same drawing again");
}

#[test]
fn fifteen_variables_with_long_labels() {
    let mut rows = Vec::new();
    for variable in 0..15 {
        let label =
            "Previous systemic therapy for recurrent or metastatic disease within six months";
        let label = if variable % 5 == 0 { label } else { "ECOG performance status" };
        rows.push(heading(label, variable));
        rows.push(reference("Not given or unknown at the time of the first dose", variable));
        // From 0.41 to 2.5, with errors that grow, so that boxes of many sizes are drawn.
        let ratio = libm::exp(0.13 * variable as f64 - 0.9);
        rows.push(row("Given", true, variable, Some((ratio, 0.15 + 0.05 * variable as f64))));
    }
    assert_sound("forest_fifteen", &plot(rows).draw().expect("draws"));
}

/// Two groups and two tests, with headings that take two lines.
#[test]
fn columns_of_groups_and_of_several_tests() {
    let counts = || vec!["28/40".to_owned(), "7/12".to_owned()];
    let mut first = heading("Extent of disease at the first dose", 0);
    first.tests = vec!["0.31".to_owned(), "1.00".to_owned()];
    let level = |label: &str, ratio| ForestRow {
        counts: counts(),
        tests: Vec::new(),
        ..row(label, true, 0, Some((ratio, 0.4)))
    };
    let mut plot = plot(vec![first, level("Distant", 0.5), level("Locoregional", 0.8)]);
    plot.headings.counts = vec!["No radiotherapy events/N".into(), "Radiotherapy events/N".into()];
    plot.headings.tests = vec!["Interaction p".into(), "Holm p".into()];
    let drawing = plot.draw().expect("draws");
    assert_sound("forest_groups", &drawing);
    let lines = |text: &str| drawing.texts.iter().filter(|one| one.text == text).count();
    assert_eq!(lines("No radiotherapy"), 1, "a heading of two lines");
    assert_eq!(lines("28/40"), 2);
    assert_eq!(lines("1.00"), 1);
}

#[test]
fn one_variable_without_favours() {
    let rows = vec![row("Age (years)", false, 0, Some((1.01, 0.01)))];
    let plot = ForestPlot {
        favours: None,
        limits: (0.5, 2.0),
        mark: None,
        width: 130.0 * POINTS_PER_MM,
        ..plot(rows)
    };
    assert_sound("forest_one", &plot.draw().expect("draws"));
}

#[test]
fn a_page_too_narrow_is_refused() {
    let rows = vec![row("Age (years)", false, 0, Some((1.01, 0.01)))];
    let error =
        ForestPlot { width: 60.0 * POINTS_PER_MM, ..plot(rows) }.draw().expect_err("narrow");
    assert!(error.to_string().starts_with("the figure is 60 mm wide and needs "));
}

#[test]
fn no_box_hides_its_interval() {
    let plot =
        plot(vec![row("Yes", true, 0, Some((0.39, 0.25))), row("Few", true, 0, Some((0.9, 1.2)))]);
    let information = |error: f64| Some(1.0 / (error * error));
    // The smallest error of the plot has the largest box. The other would have 0.25 / 1.2 of its
    // side, and is raised to the smallest that is drawn.
    assert_eq!(plot.side(information(0.25), Some(100.0)), LARGEST_BOX);
    assert!(plot.side(information(1.2), Some(100.0)) < LARGEST_BOX / 4.0);
    assert_eq!(plot.side(Some(0.0), Some(100.0)), SMALLEST_BOX, "of no information");
    for drawn in [0.0, 0.5, 1.0, 3.0, 8.0, 15.9] {
        let side = plot.side(information(0.25), Some(drawn));
        assert!(side <= (drawn / 2.0).max(NARROWEST_BOX), "{side} on {drawn}");
    }
}

#[test]
fn boxes_are_equal_beside_a_ratio_per_unit() {
    let mut age = row("Age, per year", false, 1, Some((1.01, 0.004)));
    age.estimate = age.estimate.map(|own| RowEstimate { information: None, ..own });
    let plot = plot(vec![row("Yes", true, 0, Some((0.39, 0.25))), age]);
    let sides = plot.rows.iter().filter_map(|row| row.estimate);
    let sides: Vec<f64> = sides.map(|own| plot.side(own.information, Some(100.0))).collect();
    assert_eq!(sides, [EQUAL_BOX; 2]);
    assert_eq!(plot.side(None, Some(1.0)), NARROWEST_BOX, "an interval of a year is short");
}
