//! Tests of the layout of survival figures: nothing clipped, nothing over
//! anything else, the table under its ticks.

use study::{CurveRow, SurvivalCurves};

use super::curves::thin_from;
use super::*;
use crate::sample::{ARMS, Arm, assert_sound, curves, median};

fn plot<'a>(curves: &'a SurvivalCurves, end: f64) -> SurvivalPlot<'a> {
    let arm = |group: &study::GroupCurve| ArmText {
        label: group.label.clone(),
        short_label: group.label.clone(),
        events: format!("{}/{}", group.rows.iter().map(|row| row.events).sum::<u64>(), group.n),
        median: "20.0 (13.1–NR)".to_owned(),
    };
    SurvivalPlot {
        curves,
        days_per_unit: 30.4375,
        tick: 6.0,
        end,
        x_label: "Time since first dose of immunotherapy (months)".to_owned(),
        y_label: "Progression-free survival".to_owned(),
        arms: curves.groups.iter().map(arm).collect(),
        // From the curve itself, so that the line to it ends on the curve.
        medians: curves.groups.iter().map(median).collect(),
        headings: ["Events/N".to_owned(), "Median (95% CI), months".to_owned()],
        statements: vec![
            "Hazard ratio (95% CI), radiotherapy v no radiotherapy: 0.39 (0.24–0.63)".to_owned(),
            "Log-rank test: p < 0.001".to_owned(),
        ],
        table_rows: Some(["At risk", "Censored", "Events"]),
        at_risk: AtRisk::At,
        hides_below: None,
        shade: None,
        mark: Some("SIMULATED"),
        width: 183.0 * POINTS_PER_MM,
        height: None,
    }
}

fn numbers_at(drawing: &Drawing, text: &str) -> Vec<Area> {
    drawing.texts.iter().filter(|found| found.text == text).map(|found| found.area).collect()
}

#[test]
fn two_arms() {
    let curves = curves(&ARMS);
    let drawing = plot(&curves, 36.0).draw().expect("draws");
    assert_sound("two_arms", &drawing);
    assert_eq!(drawing, plot(&curves, 36.0).draw().expect("draws"), "the same drawing again");
}

/// Ten begin in the group; six leave for another one at 2 months, where no
/// step is drawn, and one of the others has the event at each later month.
#[test]
fn those_who_moved_to_another_group_are_not_left() {
    let row = |months: f64, at_risk: u64, events: u64, survival: f64| CurveRow {
        time_days: months * 30.4375,
        at_risk,
        events,
        censored: 0,
        survival,
        lower: Some(survival / 2.0),
        upper: Some(1.0),
    };
    let mut curves = curves(&ARMS[..1]);
    curves.groups[0].n = 10;
    curves.groups[0].rows =
        vec![row(2.0, 10, 0, 1.0), row(3.0, 4, 1, 0.75), row(4.0, 3, 1, 0.5), row(5.0, 2, 1, 0.25)];
    let plot = plot(&curves, 6.0);
    // At 3 months 3 of 4 are left after the event, and 2 at 4 months. The six who moved are not
    // counted as left.
    assert_eq!(thin_from(&plot, &curves.groups[0]), 4.0);
}

#[test]
fn every_column_of_the_table_stands_under_its_tick() {
    let curves = curves(&ARMS);
    let plot = plot(&curves, 36.0);
    let drawing = plot.draw().expect("draws");
    for tick in plot.ticks() {
        let middles: Vec<f64> = numbers_at(&drawing, &axis_number(tick))
            .iter()
            .chain(&numbers_at(&drawing, "76"))
            .map(|area| (area.left + area.right) / 2.0)
            .collect();
        let column = |middle: &&f64| {
            drawing
                .texts
                .iter()
                .filter(|found| {
                    let own = (found.area.left + found.area.right) / 2.0;
                    // Coordinates are hundredths of a point, so that rounding moves a middle by
                    // half of one.
                    (own - **middle).abs() < 0.006
                })
                .count()
        };
        let best = middles.iter().map(|middle| column(&middle)).max();
        // Three rows for each of two groups.
        assert!(best >= Some(7), "tick {tick}: its number and six counts share one x");
    }
}

#[test]
fn the_rows_of_the_table_sum_to_the_group() {
    let curves = curves(&ARMS);
    let drawing = plot(&curves, 36.0).draw().expect("draws");
    let row = |name: &str, group: usize| -> Vec<u64> {
        let middle = numbers_at(&drawing, name)[group].bottom;
        let numbers =
            drawing.texts.iter().filter(|found| (found.area.bottom - middle).abs() < 0.01);
        numbers.filter_map(|found| found.text.parse().ok()).collect()
    };
    for (place, group) in curves.groups.iter().enumerate() {
        let [at_risk, censored, events] =
            ["At risk", "Censored", "Events"].map(|name| row(name, place));
        assert_eq!(at_risk.len(), 7);
        for tick in 0..7 {
            // Whoever is not at risk any more was censored or had the event: nobody enters late
            // here.
            assert_eq!(at_risk[tick] + censored[tick] + events[tick], group.n);
        }
    }
}

#[test]
fn four_arms_with_long_labels() {
    let arms = [
        Arm(
            "a",
            "Immunotherapy with concurrent radiotherapy of the primary tumour and of at least two metastases",
            61,
            18.0,
        ),
        Arm("b", "Radiotherapy of metastases only", 48, 9.0),
        Arm("c", "Radiotherapy of the primary tumour only", 22, 6.0),
        Arm("d", "None", 130, 3.0),
    ];
    let curves = curves(&arms);
    assert_sound("four_arms", &plot(&curves, 36.0).draw().expect("draws"));
}

#[test]
fn an_arm_without_events_moves_the_key_off_the_curves() {
    // A curve along the upper edge, where the key would stand.
    let arms = [Arm("a", "Radiotherapy", 37, f64::INFINITY), Arm("b", "No radiotherapy", 76, 30.0)];
    let curves = curves(&arms);
    assert_sound("no_events", &plot(&curves, 36.0).draw().expect("draws"));
}

#[test]
fn five_patients() {
    let curves = curves(&[Arm("a", "A", 2, 3.0), Arm("b", "B", 3, 5.0)]);
    assert_sound("five_patients", &plot(&curves, 24.0).draw().expect("draws"));
}

#[test]
fn one_group_on_half_a_page() {
    let curves = curves(&[Arm("all", "All patients", 113, 8.0)]);
    let narrow = SurvivalPlot {
        width: 89.0 * POINTS_PER_MM,
        statements: Vec::new(),
        mark: None,
        ..plot(&curves, 36.0)
    };
    assert_sound("one_group", &narrow.draw().expect("draws"));
}

#[test]
fn equal_arms_still_have_a_key() {
    let arms = [
        Arm("a", "Radiotherapy", 200, 12.0),
        // Three curves so close that no name finds a place at its own.
        Arm("b", "No radiotherapy", 200, 12.3),
        Arm("c", "Unknown", 200, 11.8),
    ];
    let curves = curves(&arms);
    assert_sound("equal_arms", &plot(&curves, 36.0).draw().expect("draws"));
}

#[test]
fn a_table_too_wide_for_its_ticks_is_refused() {
    let curves = curves(&ARMS);
    // 36 months in quarters, and one at zero.
    let error = SurvivalPlot { tick: 0.25, ..plot(&curves, 36.0) }.draw().expect_err("145 ticks");
    assert!(error.to_string().starts_with("145 ticks do not fit on the axis: there is room for "));
}

#[test]
fn a_figure_too_low_says_what_it_needs() {
    let curves = curves(&ARMS);
    let error =
        SurvivalPlot { height: Some(150.0), ..plot(&curves, 36.0) }.draw().expect_err("low");
    assert_eq!(error.to_string(), "the figure is 53 mm high and needs 84 mm");
}

/// A name stands by the end of its curve, even on a band, and has a halo there.
#[test]
fn names_stay_by_the_ends_of_their_curves() {
    let arms = [Arm("a", "Radiotherapy", 37, 20.0), Arm("b", "No radiotherapy", 76, 18.0)];
    let curves = curves(&arms);
    let plot = plot(&curves, 36.0);
    let drawing = plot.draw().expect("draws");
    assert_sound("names", &drawing);
    let panel = plot.panel(0.0).expect("a panel");
    for (group, arm) in curves.groups.iter().zip(&plot.arms) {
        let end =
            panel.left + panel.width() * group.last_time_days() / plot.days_per_unit / plot.end;
        let names = numbers_at(&drawing, &arm.label);
        // in the key, under the axis, and at the curve
        assert_eq!(names.len(), 3, "{}", arm.label);
        let nearest = names
            .iter()
            .filter(|name| name.bottom > panel.top && name.bottom < panel.bottom + 60.0);
        let drifts = nearest.map(|name| (name.left - end).max(end - name.right).max(0.0));
        // The most that both costs together, 60 points each, let a name drift.
        assert!(drifts.fold(f64::INFINITY, f64::min) <= 120.0, "{}", arm.label);
        let halo = format!(
            r##"stroke="#ffffff" stroke-width="2.4" stroke-linejoin="round" font-size="7.5" fill="#ffffff" font-weight="600">{}<"##,
            arm.label
        );
        assert!(drawing.picture.elements.contains(&halo), "{}", drawing.picture.elements);
    }
}
