//! An entry that is asked for one finding alone gives the same number: what it
//! does not read then is not behind the finding.

use serde_json::{Value, json};

use crate::analysis::Analysis;
use crate::kinds::baseline_table::BaselineTable;
use crate::kinds::cox_model::CoxModel;
use crate::kinds::group_difference::GroupDifference;
use crate::kinds::logistic_model::LogisticModel;
use crate::kinds::subgroups::Subgroups;
use crate::testing::{run, veteran};

/// How many findings were given by an entry that reads less, all of them alike.
fn narrowed<K: Analysis>(parameters: &Value) -> usize {
    // Numbers as categories, so that references can be named.
    let trial = veteran().levels("prior", &["0", "10"]).levels("trt", &["1", "2"]).table();
    let output = run::<K>(trial.clone(), parameters.clone()).expect("runs");
    let kind: K = serde_json::from_value(parameters.clone()).expect("parameters");
    let mut same = 0;
    for finding in &output.findings {
        // Findings that hang on everything are not narrowed.
        let Some(narrowed) = kind.narrowed(finding) else { continue };
        let own = serde_json::to_value(narrowed).expect("plain");
        // An entry with one column may lack what the
        // finding needs; then everything stands behind it.
        let Ok(alone) = run::<K>(trial.clone(), own) else { continue };
        // what is not among them is told as made of everything
        for found in alone.findings.iter().filter(|found| found.id() == finding.id()) {
            assert_eq!(found, finding);
            same += 1;
        }
    }
    same
}

#[test]
fn what_is_left_out_changes_no_number() {
    let variables = json!({
        "variables": ["age", "celltype", "karno"], "by": "trt", "where": "diagtime < 20",
    });
    let mut with_summaries = variables.clone();
    with_summaries["summaries"] = json!({ "age": "mean_sd" });
    // Most findings must be among those that were compared.
    assert!(narrowed::<BaselineTable>(&with_summaries) > 60);
    assert!(narrowed::<GroupDifference>(&variables) > 60);
    let cox = json!({
        "endpoint": "os", "terms": ["age", "trt", "karno"], "also_univariable": true,
        "univariable": ["diagtime"], "splines": { "age": { "degrees_of_freedom": 3 } }, "references": { "trt": "2" },
        "interactions": [["trt", "karno"]],
    });
    assert!(narrowed::<CoxModel>(&cox) > 20);
    let logistic = json!({
        "outcome": "os_event", "terms": ["age", "trt", "karno"], "also_univariable": true,
    });
    assert!(narrowed::<LogisticModel>(&logistic) > 5);
    let subgroups = json!({
        "endpoint": "os", "treatment": "trt", "by": ["celltype", "prior"], "adjust": ["age"],
    });
    assert!(narrowed::<Subgroups>(&subgroups) > 5);
}
