//! What a table of models says of them, whatever regression they are of.

use serde_json::json;

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
    assert!(!text.to_lowercase().contains("hazard") && !text.contains("Cox"), "{text}");
}

#[test]
fn a_title_that_is_not_declared_is_true_of_all_models() {
    let title = |models, title| table(models, title).exhibit.expect("a table").title;
    assert_eq!(title(&["pfs_prognosis"], None), "Prognostic factors (Cox regression)");
    assert_eq!(title(&["pfs_prognosis", "response"], None), "Prognostic factors");
    assert_eq!(title(&["response"], Some("Who responds")), "Who responds");
    let both = table(&["pfs_prognosis", "response"], None);
    assert_eq!(csv(&both)[0], "section,term,n,events,ratio,p,data_status");
}
