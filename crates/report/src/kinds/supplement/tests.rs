//! The whole page over a made-up study: sound HTML, one number one way, the
//! same bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::Kind;
use serde_json::{Value, json};

use super::*;
use crate::cohort;
use crate::kinds;

const TEXTS: [&str; 10] = [
    "abstract", "data", "methods", "patients", "response", "survival", "prognosis",
    "model_checks", "cleaning", "limitations",
];

fn run<K: Kind>(name: &str, parameters: Value) -> (String, Output) {
    let kind: K = serde_json::from_value(parameters).expect("parameters of the kind");
    let (study, claims) = (cohort::study(), cohort::claims());
    let call = cohort::call(name, &study, &claims, &[]);
    let output = kind.run(&call).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}"));
    (name.to_owned(), output)
}

/// Every exhibit of the study.
fn reports() -> Vec<(String, Output)> {
    use kinds::*;
    let by = "radiotherapy";
    let figure = |curves: &str, test: &str, model: &str| {
        json!({"title": "Survival by radiotherapy", "curves": curves, "test": test, "hazard_ratio": model, "ticks_months": 6})
    };
    vec![
        run::<ClaimLedger>("etable_1", json!({})),
        run::<CleaningTable>("etable_5", json!({})),
        run::<VariableDictionary>("etable_6", json!({})),
        run::<CharacteristicsTable>("etable_7", json!({"baseline": "baseline", "by": by})),
        run::<ResponseTable>("etable_10", json!({"response": "response_by_rt", "by": by})),
        run::<SurvivalTable>("etable_11", json!({"curves": ["pfs_by_rt", "os_by_rt", "follow_up_by_rt"], "by": by})),
        run::<ModelTable>("etable_12", json!({"models": ["pfs_prognosis", "os_prognosis"], "show": "univariable", "title": "Univariable models"})),
        run::<ModelTable>("etable_13", json!({"models": ["pfs_prognosis"], "show": "both"})),
        run::<ProportionalHazardsTable>("etable_14", json!({"tests": ["pfs_hazards_test", "os_hazards_test"]})),
        run::<ProvenanceTable>("etable_21", json!({})),
        run::<FlowFigure>("efigure_1", json!({"title": "Flow of patients", "groups": "pfs_by_rt"})),
        run::<SurvivalFigure>("efigure_5", figure("pfs_by_rt", "pfs_log_rank", "pfs_prognosis.radiotherapy")),
        run::<SurvivalFigure>("efigure_6", figure("os_by_rt", "os_log_rank", "os_prognosis.radiotherapy")),
        run::<SurvivalFigure>("efigure_7", json!({"title": "Follow-up by radiotherapy", "curves": "follow_up_by_rt", "ticks_months": 6})),
        run::<ForestFigure>("efigure_13", json!({"title": "Prognostic factors", "model": "pfs_prognosis"})),
    ]
}

fn supplement() -> Supplement {
    let section = |heading: &str, text: &str, exhibits: &[&str]| {
        json!({"heading": heading, "text": format!("reports/text/{text}.md"), "exhibits": exhibits})
    };
    let parameters = json!({
        "title": "Radiotherapy with immunotherapy in recurrent or metastatic head and neck cancer: a recomputation",
        "authors": ["A. Author", "B. Author"],
        "sections": [
            section("Summary", "abstract", &["etable_1"]),
            section("Data", "data", &[]),
            section("Methods", "methods", &[]),
            section("Patients", "patients", &["efigure_1", "etable_7"]),
            section("Response", "response", &["etable_10"]),
            section("Survival", "survival", &["efigure_5", "efigure_6", "efigure_7", "etable_11"]),
            section("Prognostic factors", "prognosis", &["etable_12", "etable_13", "efigure_13"]),
            section("Model checks", "model_checks", &["etable_14"]),
            section("Cleaning and audit", "cleaning", &["etable_5", "etable_6", "etable_21"]),
            section("Limitations", "limitations", &[]),
        ],
    });
    serde_json::from_value(parameters).expect("parameters of the kind")
}

/// The study's own texts.
fn texts() -> BTreeMap<String, Arc<Vec<u8>>> {
    let folder = format!("{}/../../reports/text", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &&str| {
        let bytes = std::fs::read(format!("{folder}/{name}.md")).expect("the text is there");
        (format!("reports/text/{name}.md"), Arc::new(bytes))
    };
    TEXTS.iter().map(read).collect()
}

fn page() -> String {
    let (study, claims) = (cohort::study(), cohort::claims());
    let reports = reports();
    let mut call = cohort::call("supplement", &study, &claims, &reports);
    call.files = texts();
    let output = supplement().run(&call).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let page = output.files["reports/supplement.html"].clone();
    String::from_utf8(page).expect("HTML is text")
}

#[test]
fn the_page_is_whole_and_repeats_to_the_byte() {
    let page = page();
    if let Ok(folder) = std::env::var("RESTUDY_PICTURES") {
        std::fs::write(format!("{folder}/supplement.html"), &page).expect("the folder is there");
    }
    assert!(page == self::page(), "the same findings give the same bytes");
}
