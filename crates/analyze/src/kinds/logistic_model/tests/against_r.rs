//! Logistic models against R: `tests/reference/logistic_model`.

use serde_json::{Value, json};
use study::{Output, Table};

use super::super::LogisticModel;
use crate::columns;
use crate::testing::{self, Reference, Sample, ids, reference_data, run, run_with};

/// Largest relative difference: maxima of both sides are found to 1e-11.
const ITERATED: Reference =
    Reference { folder: "logistic_model", relative: 1e-7, absolute: |_| 1e-11 };

/// `veteran` with prior therapy, which is 0 or 10, as a category.
fn veteran() -> Sample {
    let sample = testing::veteran();
    // R holds it as 0 and 10: as a category of two it is an outcome whose level must be named.
    let prior = columns::numbers(&sample.table(), "prior").expect("a column");
    sample
        .whole("before", prior.into_iter().map(|value| value.map(|value| value as i64)))
        .levels("before", &["0", "10"])
}

/// `lung` with sex as yes or no, and the status of ECOG as a category.
fn lung() -> Sample {
    let sample = reference_data("lung_complete");
    let table = sample.table();
    let column = |name: &str| columns::numbers(&table, name).expect("a column");
    let whole = |value: Option<f64>| value.map(|value| value as i64);
    sample
        .yes_no("woman", column("sex").into_iter().map(|sex| sex.map(|sex| sex == 2.0)))
        .whole("ecog", column("ph_ecog").into_iter().map(whole))
        .levels("ecog", &["0", "1", "2", "3"])
}

fn made(sample: &Sample) -> Table {
    // The weights stand in the reference data, and go in as an entry would make them.
    let weights = columns::numbers(&sample.table(), "weight").expect("a column");
    Sample::of(weights.len()).real("weight", weights).table()
}

fn agrees(name: &str, own: &Value) -> Output {
    // R's script names each case by its data.
    let is_lung = name.ends_with("lung") || name == "interaction_robust";
    let sample = if is_lung { lung() } else { veteran() };
    let mut parameters = match is_lung {
        true => json!({ "outcome": "woman", "terms": ["age", "ph_ecog"] }),
        false => json!({
            "outcome": "before", "event": ["10"], "terms": ["karno", "celltype", "age"],
        }),
    };
    for (key, value) in own.as_object().expect("parameters") {
        parameters[key] = value.clone();
    }
    let weights = vec![("score", made(&lung()))];
    let output = match parameters.get("weights") {
        Some(_) => run_with::<LogisticModel>(sample.table(), weights, parameters),
        None => run::<LogisticModel>(sample.table(), parameters),
    };
    let output = output.expect("runs");
    // A reference cut short would agree with anything.
    assert!(ITERATED.compare(&output, name) > 5);
    output
}

#[test]
fn wald_limits_agree() {
    agrees("wald_veteran", &json!({ "also_univariable": true }));
    agrees("wald_lung", &json!({}));
}

#[test]
fn robust_and_clustered_errors_agree() {
    agrees("robust_lung", &json!({ "robust": true }));
    agrees("cluster_lung", &json!({ "cluster": "cluster" }));
    agrees("weights_lung", &json!({ "weights": "score" }));
}

#[test]
fn profile_limits_agree() {
    agrees("profile_veteran", &json!({ "limits": "profile" }));
    agrees("profile_lung", &json!({ "limits": "profile" }));
}

#[test]
fn firth_models_agree_where_the_likelihood_has_a_maximum_and_where_not() {
    agrees("firth_veteran", &json!({ "penalty": "firth" }));
    agrees("firth_lung", &json!({ "penalty": "firth", "terms": ["age", "ecog"] }));
}

#[test]
fn ridges_agree_and_have_no_tests_of_the_model() {
    let ridge = json!({ "penalty": "ridge", "ridge": 5, "also_univariable": true });
    let output = agrees("ridge_veteran", &ridge);
    // No p-value must stand under any name that a text might look for.
    let tests =
        ["stage.wald.p", "stage.likelihood_ratio.p", "stage.univariable.likelihood_ratio.p.age"];
    assert!(ids(&output).iter().all(|id| !tests.contains(&id.as_str())));
    agrees("ridge_lung", &json!({ "penalty": "ridge", "ridge": 20 }));
}

#[test]
fn interactions_agree() {
    let terms = json!({ "terms": ["karno", "trt", "age"], "interactions": [["karno", "trt"]] });
    agrees("interaction_veteran", &terms);
    let terms = json!({ "interactions": [["age", "ph_ecog"]], "robust": true });
    // With robust errors there is a Wald test alone.
    let output = agrees("interaction_robust", &terms);
    let other = "stage.interaction.p.age_ph_ecog.likelihood_ratio";
    assert!(ids(&output).iter().all(|id| id != other));
}
