//! Tests of the kind: what stands under several panels, and what it refuses.

use std::sync::Arc;

use super::*;
use crate::kinds::{ForestFigure, SurvivalFigure};
use crate::sample::{ARMS, TERMS, body, call, caption, cox, curves, kaplan_meier, study};

fn parts(study: &StudySettings) -> Vec<(&'static str, Output)> {
    let analyses =
        || vec![("pfs_curves", kaplan_meier(curves(&ARMS))), ("pfs_prognosis", cox(&TERMS))];
    // Two panels of one column of a journal each.
    let kind = serde_json::json!({ "title": "Curves", "curves": "pfs_curves", "width_mm": 89 });
    let curves: SurvivalFigure = serde_json::from_value(kind).expect("valid");
    let kind = serde_json::json!({ "title": "Ratios", "model": "pfs_prognosis" });
    let forest: ForestFigure = serde_json::from_value(kind).expect("valid");
    vec![
        ("curves_a", curves.run(&call("curves_a", study, analyses())).expect("draws")),
        ("curves_b", curves.run(&call("curves_b", study, analyses())).expect("draws")),
        ("ratios", forest.run(&call("ratios", study, analyses())).expect("draws")),
    ]
}

fn composite(rows: &serde_json::Value) -> CompositeFigure {
    let kind = serde_json::json!({ "title": "All", "caption": "Three panels.", "rows": rows });
    serde_json::from_value(kind).expect("valid")
}

fn run(
    rows: &serde_json::Value,
    how: impl Fn(&CompositeFigure, &Call<'_>) -> Result<Output, Mistakes>,
) -> Result<Output, Mistakes> {
    let study = study();
    let mut call = call("efigure_1", &study, Vec::new());
    for (name, output) in parts(&study) {
        call.stages.push((name.to_owned(), Section::Report, Arc::new(output)));
    }
    how(&composite(rows), &call)
}

#[test]
fn panels_have_letters_and_what_all_say_is_said_once() {
    let rows = serde_json::json!([["curves_a", "curves_b"], ["ratios"]]);
    let output = run(&rows, Kind::run).expect("draws");
    let exhibit = output.exhibit.expect("a figure");
    let Body::Figure(parts) = &exhibit.body else { panic!("a figure") };
    let drawing = &parts[0];
    assert!(drawing.width > 2.0 * 89.0 * 72.0 / 25.4, "two panels of 89 mm side by side");
    for text in [">A</text>", ">B</text>", ">C</text>", ">Ratios</text>"] {
        assert_eq!(body(&exhibit).matches(text).count(), 1, "{text}");
    }
    assert_eq!(body(&exhibit).matches(">Curves</text>").count(), 2);
    assert_eq!(body(&exhibit).matches("SIMULATED").count(), 1, "one figure has one mark");
    let caption = caption(&exhibit);
    assert!(caption.contains("Three panels."), "{caption}");
    assert!(caption.contains("A, B: Kaplan–Meier estimates"), "{caption}");
    assert!(caption.contains("C: Cox proportional hazards"), "{caption}");
    assert_eq!(caption.matches("Simulated data:").count(), 1, "{caption}");
    assert!(
        exhibit.alternative_text.starts_with("A, Curves. Curves of "),
        "{}",
        exhibit.alternative_text
    );
    // Without the third panel what both say holds for all.
    let twins = run(&serde_json::json!([["curves_a", "curves_b"]]), Kind::run).expect("draws");
    let caption = crate::sample::caption(&twins.exhibit.expect("a figure"));
    assert_eq!(caption.matches("Kaplan–Meier estimates of").count(), 1, "said of both: {caption}");
    assert!(!caption.contains("A: "), "{caption}");
}

#[test]
fn what_makes_no_figure_is_told() {
    let told = |rows: &serde_json::Value| -> Vec<String> {
        let mistakes = run(rows, Kind::rehearse).expect_err("a mistake").0;
        mistakes.into_iter().map(|mistake| mistake.message).collect()
    };
    assert_eq!(told(&serde_json::json!([[]])), ["`rows` names no figure"]);
    let twice = serde_json::json!([["ratios"], ["ratios"]]);
    assert_eq!(told(&twice), ["`ratios` is listed twice"]);
}

#[test]
fn the_numbers_of_all_panels_stand_in_one_file() {
    let rows = serde_json::json!([["curves_a"], ["ratios"]]);
    let output = run(&rows, Kind::run).expect("draws");
    let file = String::from_utf8(output.files["reports/figures/efigure_1.csv"].clone());
    let file = file.expect("text");
    let header = file.lines().next().expect("a header");
    assert!(header.starts_with("part,series,x_axis,x,x_to,y_axis,y,y_to,heading,"), "{header}");
    let of = |part: &str| file.lines().filter(|line| line.starts_with(part)).count();
    let study = study();
    let alone = |name: &str| {
        let (_, output) = parts(&study).into_iter().find(|(own, _)| *own == name).expect("one");
        let file = output.files[&format!("reports/figures/{name}.csv")].clone();
        String::from_utf8(file).expect("text").lines().count() - 1
    };
    assert_eq!([of("A Curves,"), of("B Ratios,")], [alone("curves_a"), alone("ratios")]);
}
