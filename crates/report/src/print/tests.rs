//! Tests of what figures say of their print, and of what journals ask.

use std::sync::Arc;

use engine::{Kind, Mistakes, Section};
use serde_json::{Value, json};
use study::{Body, FigureSettings, Output, StudySettings};

use super::measured::Measured;
use super::{Numbered, Printed, SETTINGS};
use crate::draw::POINTS_PER_MM;
use crate::kinds::{CompositeFigure, FlowFigure, SurvivalFigure, SwimmerFigure};
use crate::sample::{ARMS, call, curves, kaplan_meier, study};

fn survival(said: &Value) -> Printed<SurvivalFigure> {
    let mut parameters = json!({ "title": "Survival", "curves": "pfs_curves" });
    let both = parameters.as_object_mut().expect("an object");
    both.extend(said.as_object().expect("an object").clone());
    serde_json::from_value(parameters).expect("valid parameters")
}

fn analyses() -> Vec<(&'static str, Output)> {
    vec![("pfs_curves", kaplan_meier(curves(&ARMS)))]
}

fn rehearsed(said: &Value, study: &StudySettings) -> Result<Output, Mistakes> {
    survival(said).rehearse(&call("efigure_5", study, analyses()))
}

fn run(said: &Value, study: &StudySettings) -> Result<Output, Mistakes> {
    survival(said).run(&call("efigure_5", study, analyses()))
}

fn of_journal(settings: &Value) -> StudySettings {
    let figures: FigureSettings = serde_json::from_value(settings.clone()).expect("settings");
    StudySettings { figures, ..study() }
}

/// Place, message and hint of every mistake.
fn told(mistakes: Mistakes) -> Vec<(String, String, String)> {
    let told = mistakes.0.into_iter();
    told.map(|one| (one.at.join("."), one.message, one.hint.unwrap_or_default())).collect()
}

#[test]
fn a_figure_may_say_all_settings_and_no_kind_says_them_otherwise() {
    let keys = |schema: schemars::Schema| -> Vec<String> {
        let properties = schema.get("properties").and_then(Value::as_object).expect("a struct");
        properties.keys().cloned().collect()
    };
    assert_eq!(keys(schemars::schema_for!(FigureSettings)), SETTINGS);
    let own = [
        keys(schemars::schema_for!(SurvivalFigure)),
        keys(schemars::schema_for!(SwimmerFigure)),
        keys(schemars::schema_for!(FlowFigure)),
        keys(schemars::schema_for!(CompositeFigure)),
    ];
    // A parameter of a kind by the same name would never reach it.
    for key in SETTINGS.into_iter().map(str::to_owned).chain(keys(schemars::schema_for!(Numbered)))
    {
        assert!(!own.iter().flatten().any(|own| *own == key), "`{key}` is twice");
        assert!(keys(schemars::schema_for!(Printed<SurvivalFigure>)).contains(&key), "`{key}`");
    }
}

#[test]
fn parameters_say_what_a_result_hangs_on() {
    let parameters = serde_json::to_value(survival(&json!({ "dpi": 600 }))).expect("plain");
    assert_eq!((&parameters["dpi"], parameters.get("width_mm")), (&json!(600), None));
    let given = serde_json::to_value(survival(&json!({ "width_mm": 183 }))).expect("plain");
    assert_eq!((&given["width_mm"], given.get("files")), (&json!(183.0), None));
}

#[test]
fn the_files_are_those_that_are_asked_for() {
    let formats = json!({ "files": ["svg", "png", "pdf", "pdf_outlined", "tiff"] });
    let rehearsal = rehearsed(&formats, &study()).expect("nothing is wrong");
    let output = run(&formats, &study()).expect("draws");
    let files: Vec<&str> = output.files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "reports/figures/efigure_5.csv",
            "reports/figures/efigure_5.pdf",
            "reports/figures/efigure_5.png",
            "reports/figures/efigure_5.svg",
            "reports/figures/efigure_5.tif",
            "reports/figures/efigure_5_outlined.pdf",
        ]
    );
    assert!(rehearsal.files.keys().eq(output.files.keys()), "announced files are those made");
    assert_eq!(output.files, run(&formats, &study()).expect("draws").files, "the same bytes again");
    let plain = run(&json!({}), &study()).expect("draws");
    // More formats change none of the others.
    assert!(plain.files.iter().all(|(path, file)| output.files[path] == *file));
    let paths: Vec<&str> = plain.files.keys().map(String::as_str).collect();
    let endings = ["csv", "png", "svg"].map(|ending| format!("reports/figures/efigure_5.{ending}"));
    assert_eq!(paths, endings);
}

#[test]
fn what_the_study_says_holds_where_a_figure_is_silent() {
    let study =
        of_journal(&json!({ "files": ["pdf"], "journal": "nature", "accept": ["font", "height"] }));
    let files = |said: Value| {
        let output = rehearsed(&said, &study).expect("nothing is wrong");
        // the numbers of a figure stand beside it whatever its formats
        let drawn = output.files.into_keys().filter(|path| !path.ends_with(".csv"));
        drawn.collect::<Vec<_>>()
    };
    assert_eq!(files(json!({})), ["reports/figures/efigure_5.pdf"]);
    assert_eq!(
        files(json!({ "files": ["tiff"], "journal": "none" })),
        ["reports/figures/efigure_5.tif"]
    );
}

#[test]
fn a_journal_brings_files_names_widths_and_sizes_of_letters() {
    let said = json!({ "journal": "plos", "accept": ["font"], "number": 2 });
    let output = run(&said, &study()).expect("draws");
    let files: Vec<&str> = output.files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "reports/figures/Fig2.tif",
            "reports/figures/efigure_5.csv",
            "reports/figures/efigure_5.png",
            "reports/figures/efigure_5.svg"
        ]
    );
    let svg = String::from_utf8(output.files["reports/figures/efigure_5.svg"].clone());
    let svg = svg.expect("text");
    // Larger inside, and as wide as without a journal: drawn narrower first.
    assert!(svg.contains("<g transform=\"scale(1.231)\">") && svg.contains("width=\"183mm\""));
    let elsevier = json!({ "journal": "elsevier", "files": ["svg", "pdf"] });
    let output = run(&elsevier, &study()).expect("draws");
    let svg = String::from_utf8(output.files["reports/figures/efigure_5.svg"].clone());
    assert!(svg.expect("text").contains("width=\"190mm\""), "two columns of Elsevier");
}

#[test]
fn every_broken_rule_is_named_before_the_run() {
    let said = json!({
        "journal": "nature", "width_mm": 120, "height_mm": 200, "text_scale": 1.5, "black_text": false,
        "files": ["svg", "tiff"],
    });
    let guide = "https://research-figure-guide.nature.com/figures/";
    let (panels, specifications) = (
        format!("{guide}building-and-exporting-figure-panels"),
        format!("{guide}preparing-figures-our-specifications"),
    );
    let expected = [
        (
            "files",
            format!(
                "none of `files` is taken, and Nature asks: text that can be edited: embedded fonts, not outlined ({panels})"
            ),
            "add `pdf` to `files`; or write `accept: [files]`",
        ),
        (
            "width_mm",
            format!(
                "the figure is 120 mm wide, and Nature asks: 89 mm (one column) or 183 mm (two) ({panels})"
            ),
            "write `width_mm: 183` or leave `width_mm` out; or write `accept: [width]`",
        ),
        (
            "height_mm",
            format!(
                "the figure is 200 mm high, and Nature asks: at most 170 mm, so that the legend fits below ({panels})"
            ),
            "write `height_mm: 170` or less; or write `accept: [height]`",
        ),
        (
            "text_scale",
            format!("letters are 9.75 to 12.75 pt, and Nature asks: 5 to 7 pt ({panels})"),
            "leave `text_scale` out, which comes to 0.823; or write `accept: [text_size]`",
        ),
        (
            "black_text",
            format!(
                "letters have colours, and Nature asks: no coloured text; keys instead ({specifications})"
            ),
            "write `black_text: true` or leave it out; or write `accept: [coloured_text]`",
        ),
        (
            "journal",
            format!(
                "letters are set in Inter, and Nature asks: standard fonts, such as Arial or Helvetica ({panels})"
            ),
            "ask the journal whether it takes the font; or write `accept: [font]`",
        ),
    ];
    let expected: Vec<_> =
        expected.map(|(at, message, hint)| (at.to_owned(), message, hint.to_owned())).into();
    assert_eq!(told(rehearsed(&said, &study()).expect_err("six rules are broken")), expected);
}

#[test]
fn dots_that_a_journal_does_not_take_are_named() {
    let said = json!({ "journal": "plos", "dpi": 1000, "accept": ["font"] });
    let told = told(rehearsed(&said, &study()).expect_err("too fine"));
    assert_eq!(
        told,
        [(
            "dpi".to_owned(),
            "`tiff` has 1000 dots an inch, and PLOS asks: 300 to 600 dpi (https://journals.plos.org/plosmedicine/s/figures)".to_owned(),
            "write `dpi: 300` or leave `dpi` out; or write `accept: [resolution]`".to_owned(),
        )]
    );
    // what a study says is no parameter of the figure
    let study = of_journal(&json!({ "journal": "plos", "dpi": 200, "accept": ["font"] }));
    let told = self::told(rehearsed(&json!({}), &study).expect_err("too coarse"));
    assert_eq!((told.len(), told[0].0.as_str()), (1, ""));
}

#[test]
fn gridlines_go_where_a_journal_wants_none_and_are_told_where_they_are_asked_for() {
    let parameters = json!({ "title": "Courses", "courses": "patients", "journal": "nature", "gridlines": true });
    let kind: Printed<SwimmerFigure> = serde_json::from_value(parameters).expect("parameters");
    let study = study();
    let plan = kind.plan(&study);
    let found = told(kind.check(&plan, &study));
    assert!(found.iter().any(
        |(at, message, _)| at == "gridlines" && message.starts_with("the figure has gridlines")
    ));
    let parameters = json!({ "title": "Courses", "courses": "patients", "journal": "nature" });
    let kind: Printed<SwimmerFigure> = serde_json::from_value(parameters).expect("parameters");
    let plan = kind.plan(&study);
    assert!(!told(kind.check(&plan, &study)).iter().any(|(at, ..)| at == "gridlines"));
    assert!(kind.kind.gridlines && !kind.as_drawn(&plan).get(&kind.kind).gridlines);
}

#[test]
fn what_only_the_drawing_shows_is_a_mistake_of_the_run() {
    // as high as what it holds: nobody knows before
    let said = json!({ "journal": "plos", "accept": ["font"], "width_mm": 67, "text_scale": 0.5 });
    let told = told(run(&said, &study()).expect_err("letters are too small"));
    assert!(
        told.iter().any(|(at, message, _)| at == "text_scale"
            && message.starts_with("letters are 3.25 to 4 pt, and PLOS asks: 8 to 12 pt")),
        "{told:?}"
    );
}

#[test]
fn a_number_without_a_journal_and_a_format_twice_are_told() {
    let said = json!({ "number": 1, "files": ["svg", "pdf", "svg"] });
    let told = told(rehearsed(&said, &study()).expect_err("two mistakes"));
    let said: Vec<(&str, &str)> =
        told.iter().map(|(at, message, _)| (at.as_str(), message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("files.2", "`svg` is listed twice"),
            ("number", "no journal calls the files by `number`")
        ]
    );
}

#[test]
fn panels_of_a_composed_figure_are_as_large_as_alone() {
    let study = of_journal(&json!({ "journal": "nature", "accept": ["font", "height"] }));
    let panel = |name: &'static str| {
        let output = survival(&json!({ "width_mm": 89 })).run(&call(name, &study, analyses()));
        (name.to_owned(), Section::Report, Arc::new(output.expect("draws")))
    };
    let mut call = call("efigure_6", &study, vec![]);
    call.stages = vec![panel("pfs"), panel("os")];
    let composite = |rows: Value| -> Printed<CompositeFigure> {
        let parameters = json!({ "title": "Both", "rows": rows, "files": ["svg", "pdf"] });
        serde_json::from_value(parameters).expect("valid parameters")
    };
    let output = composite(json!([["pfs", "os"]])).run(&call).expect("draws");
    let Body::Figure(drawings) = output.exhibit.expect("a figure").body else { panic!("a figure") };
    let [drawing] = drawings.as_slice() else { panic!("one drawing") };
    assert_eq!(drawing.elements.matches("scale(").count(), 1, "larger as a whole, and only once");
    let width = drawing.width / POINTS_PER_MM;
    // Twice 89 mm and 14 points between them, at 0.823 of their size: 182 mm.
    assert!((width - 183.0).abs() < 1.0, "two columns with what is between them: {width} mm");
    let measured = Measured::of(drawing).expect("is a drawing");
    let (smallest, largest) = measured.text_pt.expect("has letters");
    assert!(smallest >= 5.0 && largest <= 7.0 && !measured.has_coloured_text, "{measured:?}");
    // one panel over the other is as wide as a column; three are as wide as no page
    assert!(composite(json!([["pfs"], ["os"]])).run(&call).is_ok());
    call.stages.push(panel("third"));
    let told = told(composite(json!([["pfs", "os", "third"]])).run(&call).expect_err("too wide"));
    assert_eq!(told.len(), 1);
    let (at, message, hint) = &told[0];
    assert!(
        at.is_empty()
            // Three times 89 mm and two gaps.
            && message.starts_with("the figure is 275.")
            && hint.starts_with("make the panels"),
        "{told:?}"
    );
}
