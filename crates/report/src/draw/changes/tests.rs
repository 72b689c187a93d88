//! Tests of waterfalls and spiders: nothing clipped, nothing over anything else,
//! what leaves the axis is cut and told.

use study::ChangePoint;

use super::spider::below;
use super::*;
use crate::draw::POINTS_PER_MM;
use crate::sample::assert_sound;

fn bar(change: f64) -> WaterfallBar {
    // False is 0 and true is 1: two categories, by the sign.
    WaterfallBar { change, category: Some((change < 0.0).into()), marks: vec![change < -50.0] }
}

fn waterfall(changes: &[&[f64]]) -> WaterfallPlot {
    let panel = |changes: &&[f64]| WaterfallPanel {
        headings: vec!["Radiotherapy: 7 of 8 evaluable".into(), "At −30% or lower: 3/7".into()],
        bars: changes.iter().map(|change| bar(*change)).collect(),
    };
    WaterfallPlot {
        panels: changes.iter().map(panel).collect(),
        categories: ("Best overall response".into(), vec!["Stable".into(), "Response".into()]),
        marks: vec!["A target lesion was irradiated".into()],
        thresholds: vec![-30.0, 20.0],
        clip: 100.0,
        y_label: "Best change of the sum of diameters (%)".into(),
        mark: Some("SIMULATED"),
        width: 183.0 * POINTS_PER_MM,
    }
}

#[test]
fn bars_beyond_the_axis_are_cut_and_their_values_written() {
    // Two bars beyond the end, one of no height, one to the bottom, and a second panel with
    // neither.
    let plot = waterfall(&[&[243.0, 112.4, 30.0, 0.0, -35.0, -100.0], &[10.0, -20.0]]);
    let drawing = plot.draw().expect("draws");
    assert_sound("waterfall", &drawing);
    let texts: Vec<&str> = drawing.texts.iter().map(|text| text.text.as_str()).collect();
    assert!(texts.join(" ").contains("Cut at +100%: +243, +112%"), "{texts:?}");
    let whole = waterfall(&[&[90.0, -35.0]]).draw().expect("draws");
    assert!(whole.texts.iter().all(|text| !text.text.contains("Cut")));
}

#[test]
fn more_bars_than_points_do_not_fit() {
    // At 0.8 points each 700 bars take 560 points. 183 mm are 519.
    let many = vec![-10.0; 700];
    let error = waterfall(&[&many]).draw().expect_err("too many");
    assert_eq!(error.to_string(), "the figure is 183 mm wide and needs 224 mm");
}

/// A line that rises beyond 100 and comes back is two runs that end and begin
/// on the way, in proportion.
#[test]
fn lines_leave_the_axis_where_they_cross_its_end() {
    // From 0 to 200 in two units, so that 100 is passed after one.
    let corners = [(0.0, 0.0), (2.0, 200.0), (4.0, 0.0), (5.0, -50.0)];
    let runs = below(&corners, 100.0);
    assert_eq!(runs[0], [(0.0, 0.0), (1.0, 100.0)]);
    assert_eq!(runs[1], [(3.0, 100.0), (4.0, 0.0), (5.0, -50.0)]);
    assert_eq!(runs.len(), 2);
}

#[test]
fn a_spider_has_a_panel_for_each_group() {
    let point = |days, change, flagged| ChangePoint { days, change, flagged };
    let points = [
        point(60.0, Some(-20.0), false),
        point(120.0, Some(150.0), true),
        // A flag without a measurement.
        point(150.0, None, true),
    ];
    let panel = |name: &str| SpiderPanel {
        headings: vec![format!("{name}: 1 of 2 evaluable")],
        lines: vec![SpiderLine { category: Some(1), points: &points, start_days: Some(30.0) }],
    };
    let plot = SpiderPlot {
        panels: vec![panel("Radiotherapy"), panel("No radiotherapy")],
        categories: ("Best overall response".into(), vec!["Stable".into(), "Response".into()]),
        flag: Some("New lesion".into()),
        start: Some("Start of radiotherapy".into()),
        thresholds: vec![-30.0, 20.0],
        clip: 100.0,
        days_per_unit: 30.4375,
        tick: 6.0,
        end: 24.0,
        x_label: "Time since first dose (months)".into(),
        y_label: "Change (%)".into(),
        mark: Some("SIMULATED"),
        width: 183.0 * POINTS_PER_MM,
    };
    let drawing = plot.draw().expect("draws");
    assert_sound("spider", &drawing);
    assert_eq!(drawing, plot.draw().expect("draws"), "the same drawing again");
    let narrow = SpiderPlot { width: 60.0 * POINTS_PER_MM, ..plot };
    let error = narrow.draw().expect_err("two panels need room");
    assert_eq!(error.to_string(), "the figure is 60 mm wide and needs 96 mm");
}
