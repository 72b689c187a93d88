//! What a table of models says of them, whatever regression they are of.

use serde_json::json;
use study::State;

use super::*;
use crate::sample::{TERMS, body, call, caption, cox, logistic, study};

fn table(models: &[&str], title: Option<&str>) -> Output {
    let kind: ModelTable =
        serde_json::from_value(json!({ "models": models, "title": title })).expect("parameters");
    let stages =
        vec![("pfs_prognosis", cox(&TERMS)), ("response", logistic(&TERMS, "radiotherapy"))];
    kind.run(&call("etable_14", &study(), stages)).expect("prints")
}

fn csv(output: &Output) -> Vec<String> {
    let file = output.files["reports/tables/etable_14.csv"].clone();
    String::from_utf8(file).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn a_logistic_model_has_odds_ratios_and_its_own_notes() {
    let output = table(&["response"], None);
    let rows = csv(&output);
    assert_eq!(rows[0], "section,term,n,events,odds_ratio,p,data_status");
    assert!(rows[1].starts_with("Radiotherapy,"), "{}", rows[1]);
    assert!(rows.iter().any(|row| row.contains("0.39 (0.23–0.67)")), "{rows:?}");
    let exhibit = output.exhibit.expect("a table");
    assert_eq!(exhibit.title, "Prognostic factors (logistic regression)");
    let text = format!("{}{}", body(&exhibit), caption(&exhibit));
    for said in [
        "Odds ratio <span class=\"interval\">(95% CI)</span>",
        "13.3 events per coefficient, C statistic 0.71",
        "Radiotherapy: fewer than 10 patients without the outcome per coefficient: estimates may be unstable.",
        "Logistic regression, outcome: CR or PR, Wald 95% CI",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // The words were made for Cox models first. One that is left would call odds hazards.
    assert!(!text.to_lowercase().contains("hazard") && !text.contains("Cox"), "{text}");
}

#[test]
fn a_title_that_is_not_declared_is_true_of_all_models() {
    let title = |models, title| table(models, title).exhibit.expect("a table").title;
    assert_eq!(title(&["pfs_prognosis"], None), "Prognostic factors (Cox regression)");
    assert_eq!(title(&["pfs_prognosis", "response"], None), "Prognostic factors");
    assert_eq!(title(&["response"], Some("Who responds")), "Who responds");
    // Two kinds of ratios under one heading.
    let both = table(&["pfs_prognosis", "response"], None);
    assert_eq!(csv(&both)[0], "section,term,n,events,ratio,p,data_status");
}

/// Where a coefficient may be infinite, the model with Firth's penalty stands beside
/// it; where all can be estimated, it does not.
#[test]
fn a_model_is_shown_where_a_finding_asks_for_it() {
    let rows = |separates: bool| {
        let kind: ModelTable = serde_json::from_value(json!({
            "models": ["pfs_prognosis"],
            "names": { "firth": "With Firth's penalty" },
            "also_when": [{
                "when": { "finding": "pfs_prognosis.hazard_ratio.*", "not_estimable": true },
                "models": ["firth"],
            }],
        }))
        .expect("parameters");
        let mut plain = cox(&TERMS);
        let ratios = plain.findings.iter_mut().filter(|one| one.statistic == "hazard_ratio");
        // the last one, so that it is not the first alone that is asked
        if let Some(ratio) = ratios.last().filter(|_| separates) {
            *ratio = ratio.clone().without_value(State::NotEstimable);
        }
        let stages = vec![("pfs_prognosis", plain), ("firth", cox(&TERMS))];
        csv(&kind.run(&call("etable_14", &study(), stages)).expect("prints"))
    };
    let is_firth = |row: &String| row.starts_with("With Firth's penalty,");
    assert_eq!(rows(false).iter().filter(|row| is_firth(row)).count(), 0);
    let beside = rows(true);
    assert_eq!(2 * beside.iter().filter(|row| is_firth(row)).count(), beside.len() - 1);
}

#[test]
fn a_condition_on_nothing_is_a_mistake() {
    let kind: ModelTable = serde_json::from_value(json!({
        "models": ["pfs_prognosis"],
        "also_when": [
            { "when": { "finding": "pfs_prognosis.hazard_ratios.*", "not_estimable": true }, "models": ["response"] },
            { "when": { "finding": "pfs_prognosis.hazard_ratio.*" }, "models": ["response"] },
        ],
    }))
    .expect("parameters");
    let stages =
        vec![("pfs_prognosis", cox(&TERMS)), ("response", logistic(&TERMS, "radiotherapy"))];
    let found = kind.run(&call("etable_14", &study(), stages)).expect_err("two mistakes");
    let places: Vec<String> = found.0.iter().map(|mistake| mistake.at.join(".")).collect();
    assert_eq!(places, ["also_when.0.when.finding", "also_when.1.when"]);
}
