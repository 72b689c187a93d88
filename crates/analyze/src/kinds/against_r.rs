//! Every finding that R gives too, by id: `tests/reference/analyze`.

use serde_json::{Value, json};
use study::Output;

use super::{baseline_table, cox_model, kaplan_meier, log_rank, proportional_hazards, response};
use crate::testing::{Sample, finding, read_reference, reference_data, run};

/// Largest relative difference. Cox models are iterated to 1e-9 of the
/// log-likelihood on both sides, so their estimates agree less closely.
const EXACT: f64 = 1e-9;
const ITERATED: f64 = 1e-7;
/// R searches the conditional odds ratio and its limits to 1e-4 only.
const SEARCHED: f64 = 1e-3;

/// Compares value, limits and standard error of each finding of a reference.
fn compare(output: &Output, reference: &str, tolerance: f64) {
    let values: Value = serde_json::from_str(&read_reference("analyze/values.json")).expect("JSON");
    let findings = values["findings"][reference].as_object().expect("a reference of this name");
    assert!(!findings.is_empty());
    for (id, expected) in findings {
        let expected: Vec<Option<f64>> =
            expected.as_array().expect("numbers").iter().map(Value::as_f64).collect();
        let found = finding(output, id);
        let parts = match expected.len() {
            2 => vec![found.value, found.standard_error],
            _ => vec![found.value, found.lower, found.upper, found.standard_error],
        };
        for (found, expected) in parts.iter().zip(expected) {
            match (found, expected) {
                (Some(found), Some(expected)) => assert!(
                    (found - expected).abs() <= tolerance * expected.abs().max(1e-300),
                    "{reference}.{id}: {found}, not {expected}"
                ),
                (found, expected) => assert_eq!(*found, expected, "{reference}.{id}"),
            }
        }
    }
}

fn lung() -> Sample {
    reference_data("lung")
}

/// `veteran` with its cell types as one category.
fn veteran() -> Sample {
    let sample = reference_data("veteran");
    let table = sample.table();
    let is = |name: &str| crate::columns::numbers(&table, name).expect("an indicator");
    let (small, adeno, large) = (is("smallcell"), is("adeno"), is("large"));
    let types = (0..small.len()).map(|place| {
        let one = Some(1.0);
        Some(match (small[place] == one, adeno[place] == one, large[place] == one) {
            (true, _, _) => "small cell",
            (_, true, _) => "adeno",
            (_, _, true) => "large",
            _ => "squamous",
        })
    });
    sample.text("celltype", types).levels("celltype", &["squamous", "small cell", "adeno", "large"])
}

#[test]
fn kaplan_meier_agrees() {
    let parameters = json!({
        "endpoint": "os", "by": "sex", "at_months": [6, 12], "quantiles": [0.25, 0.5],
        "restricted_mean_months": [20],
    });
    let output = run::<kaplan_meier::KaplanMeier>(lung().table(), parameters).expect("runs");
    compare(&output, "kaplan_meier", EXACT);
}

#[test]
fn reverse_kaplan_meier_agrees() {
    let parameters = json!({
        "endpoint": "os", "at_months": [6, 12], "quantiles": [0.25, 0.5], "reverse": true,
        "restricted_mean_months": [20],
    });
    let output = run::<kaplan_meier::KaplanMeier>(lung().table(), parameters).expect("runs");
    compare(&output, "reverse", EXACT);
}

#[test]
fn log_rank_agrees() {
    let parameters = json!({ "endpoint": "os", "by": "sex", "strata": ["ph_ecog"] });
    let output = run::<log_rank::LogRank>(lung().table(), parameters).expect("runs");
    compare(&output, "log_rank", EXACT);
}

#[test]
fn cox_model_agrees() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno", "age"], "also_univariable": true,
    });
    let output = run::<cox_model::CoxModel>(veteran().table(), parameters).expect("runs");
    compare(&output, "cox_model", ITERATED);
}

#[test]
fn robust_errors_agree() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "karno"], "strata": ["celltype"], "ties": "breslow",
        "cluster": "prior",
    });
    let output = run::<cox_model::CoxModel>(veteran().table(), parameters).expect("runs");
    compare(&output, "robust", ITERATED);
}

#[test]
fn proportional_hazards_agrees() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno", "age"], "cut_months": 4.0,
    });
    let output = run::<proportional_hazards::ProportionalHazards>(veteran().table(), parameters);
    compare(&output.expect("runs"), "proportional_hazards", ITERATED);
}

#[test]
fn baseline_table_agrees() {
    let sample = lung().levels("ph_ecog", &["0", "1", "2", "3"]);
    let parameters = json!({ "variables": ["age", "ph_ecog"], "by": "sex" });
    let output = run::<baseline_table::BaselineTable>(sample.table(), parameters).expect("runs");
    compare(&output, "baseline_table", EXACT);
}

#[test]
fn response_agrees() {
    let counts = [("RT", [25, 10, 2]), ("no RT", [30, 17, 29])];
    let rows: Vec<(&str, &str)> = counts
        .iter()
        .flat_map(|(arm, counts)| {
            ["PR", "SD", "PD"]
                .into_iter()
                .zip(counts)
                .flat_map(move |(category, count)| std::iter::repeat_n((*arm, category), *count))
        })
        .collect();
    let sample = Sample::of(rows.len())
        .text("arm", rows.iter().map(|row| Some(row.0)))
        .levels("arm", &["no RT", "RT"])
        .text("best", rows.iter().map(|row| Some(row.1)))
        .levels("best", &["CR", "PR", "SD", "PD"]);
    let parameters = json!({
        "column": "best", "by": "arm", "responders": ["CR", "PR"],
        "controlled": ["CR", "PR", "SD"], "test": "yates",
    });
    let output = run::<response::Response>(sample.table(), parameters).expect("runs");
    compare(&output, "response", EXACT);
    compare(&output, "conditional", SEARCHED);
    let close = |id: &str| (crate::testing::value(&output, id) * 1e5).round() / 1e5;
    assert_eq!(
        [close("orr.p.pearson"), close("orr.p.yates"), close("orr.p.mid_p")],
        [0.00505, 0.00923, 0.00707]
    );
    assert_eq!(finding(&output, "orr.p").value, finding(&output, "orr.p.yates").value);
    assert_eq!(crate::testing::value(&output, "count.sd.rt"), 10.0);
}
