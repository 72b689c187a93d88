//! Tests of the kind: its rows and what it refuses.

use study::State;

use super::*;
use crate::sample::{ARMS, TERMS, Term, call, cox, curves, kaplan_meier, study};

fn run_with(parameters: serde_json::Value, model: Output) -> Result<Output, Mistakes> {
    let mut all = serde_json::json!({ "title": "Prognostic factors", "model": "pfs_prognosis" });
    let serde_json::Value::Object(given) = parameters else { panic!("a mapping") };
    all.as_object_mut().expect("an object").extend(given);
    let figure: ForestFigure = serde_json::from_value(all).expect("valid parameters");
    figure.run(&call("efigure_13", &study(), vec![("pfs_prognosis", model)]))
}

fn mistakes(result: Result<Output, Mistakes>) -> Vec<(String, Option<String>)> {
    let mistakes = result.expect_err("a mistake").0;
    mistakes.into_iter().map(|mistake| (mistake.message, mistake.hint)).collect()
}

#[test]
fn every_level_has_its_row() {
    let favours = serde_json::json!({ "favours": ["lower risk", "higher risk"] });
    let output = run_with(favours.clone(), cox(&TERMS)).expect("draws");
    let again = run_with(favours, cox(&TERMS)).expect("draws");
    assert_eq!(output.files, again.files);
    let exhibit = output.exhibit.expect("a figure");
    assert_eq!(exhibit.body_html.matches(">1 (reference)<").count(), 3);
    for text in [
        ">PD-L1 combined positive score<",
        ">Below 1<",
        ">20 or more<",
        ">0.39 (0.23–0.67)<",
        ">Yes<",
        ">lower risk<",
    ] {
        assert!(exhibit.body_html.contains(text), "{text}");
    }
    assert!(
        exhibit
            .caption_html
            .contains("113 patients with 80 events; 0 left out for a missing value.")
    );
    if let Ok(folder) = std::env::var("RESTUDY_PICTURES") {
        let svg = &output.files["reports/figures/efigure_13.svg"];
        std::fs::write(format!("{folder}/efigure_13.svg"), svg).expect("the folder is there");
    }
}

#[test]
fn a_term_that_is_not_estimable_has_a_row_without_an_estimate() {
    let mut model = cox(&[
        Term("site", Some("a"), 50, 20, 0.0, 0.0),
        Term("site", Some("b"), 3, 0, -19.0, 5e3),
    ]);
    for finding in model.findings.iter_mut().filter(|finding| finding.level.as_deref() == Some("b"))
    {
        *finding = finding.clone().without_value(State::NotEstimable).limits(None, None, 0.95);
        finding.warnings = vec!["the coefficient may be infinite".to_owned()];
    }
    let exhibit = run_with(serde_json::json!({}), model).expect("draws").exhibit.expect("a figure");
    assert!(exhibit.body_html.contains(">–</text>"));
    assert!(
        exhibit.caption_html.contains("<p class=\"warning\">The coefficient may be infinite.</p>")
    );
}

#[test]
fn wrong_parameters_are_told() {
    let one = serde_json::json!({ "favours": ["lower risk"] });
    assert_eq!(
        mistakes(run_with(one, cox(&TERMS))),
        [(
            "`favours` has 1 texts and needs 2".to_owned(),
            Some("give the text for ratios below 1, then the one for ratios above 1".to_owned())
        )]
    );
    let beyond = serde_json::json!({ "limits": [2.0, 10.0] });
    assert_eq!(
        mistakes(run_with(beyond, cox(&TERMS)))[0].0,
        "the limits do not enclose a ratio of 1"
    );
    let univariable = serde_json::json!({ "univariable": true });
    assert_eq!(
        mistakes(run_with(univariable, cox(&TERMS))),
        [(
            "`pfs_prognosis` has no models of one term each".to_owned(),
            Some("set `also_univariable: true` in that entry".to_owned())
        )]
    );
    assert_eq!(
        mistakes(run_with(serde_json::json!({}), kaplan_meier(curves(&ARMS)))),
        [(
            "`pfs_prognosis` has no hazard ratios".to_owned(),
            Some("name an entry of kind `cox_model`".to_owned())
        )]
    );
}
