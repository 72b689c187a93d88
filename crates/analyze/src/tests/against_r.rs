//! Every finding that R gives too, by id: `tests/reference/analyze`.

use serde_json::json;

use crate::kinds::{
    baseline_table, cox_model, kaplan_meier, log_rank, proportional_hazards, response,
};
use crate::testing::{Reference, Sample, finding, reference_data, run, veteran};

/// Largest relative difference. Cox models are iterated to 1e-9 of the
/// log-likelihood on both sides, so their estimates agree less closely.
const EXACT: Reference = Reference { folder: "analyze", relative: 1e-9, absolute: |_| 0.0 };
const ITERATED: Reference = Reference { relative: 1e-7, ..EXACT };
/// R searches the conditional odds ratio and its limits to 1e-4 only.
const SEARCHED: Reference = Reference { relative: 1e-3, ..EXACT };

fn lung() -> Sample {
    reference_data("lung")
}

#[test]
fn kaplan_meier_agrees() {
    let parameters = json!({
        "endpoint": "os", "by": "sex", "at": ["6 months", "12 months"], "quantiles": [0.25, 0.5],
        "restricted_mean": ["20 months"],
    });
    let output = run::<kaplan_meier::KaplanMeier>(lung().table(), parameters).expect("runs");
    EXACT.compare(&output, "kaplan_meier");
}

#[test]
fn reverse_kaplan_meier_agrees() {
    let parameters = json!({
        "endpoint": "os", "at": ["6 months", "12 months"], "quantiles": [0.25, 0.5], "reverse": true,
        "restricted_mean": ["20 months"],
    });
    let output = run::<kaplan_meier::KaplanMeier>(lung().table(), parameters).expect("runs");
    EXACT.compare(&output, "reverse");
}

#[test]
fn log_rank_agrees() {
    let parameters = json!({ "endpoint": "os", "by": "sex", "strata": ["ph_ecog"] });
    let output = run::<log_rank::LogRank>(lung().table(), parameters).expect("runs");
    EXACT.compare(&output, "log_rank");
}

#[test]
fn cox_model_agrees() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno", "age"], "also_univariable": true,
    });
    let output = run::<cox_model::CoxModel>(veteran().table(), parameters).expect("runs");
    ITERATED.compare(&output, "cox_model");
}

#[test]
fn robust_errors_agree() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "karno"], "strata": ["celltype"], "ties": "breslow",
        "cluster": "prior",
    });
    let output = run::<cox_model::CoxModel>(veteran().table(), parameters).expect("runs");
    ITERATED.compare(&output, "robust");
}

#[test]
fn proportional_hazards_agrees() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno", "age"], "cut": "4 months",
    });
    let output = run::<proportional_hazards::ProportionalHazards>(veteran().table(), parameters);
    ITERATED.compare(&output.expect("runs"), "proportional_hazards");
}

#[test]
fn baseline_table_agrees() {
    let sample = lung().levels("ph_ecog", &["0", "1", "2", "3"]);
    let parameters = json!({ "variables": ["age", "ph_ecog"], "by": "sex" });
    let output = run::<baseline_table::BaselineTable>(sample.table(), parameters).expect("runs");
    EXACT.compare(&output, "baseline_table");
}

#[test]
fn response_agrees() {
    // The patients of the published abstract, by arm and response.
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
        // Complete response is declared and nobody has it.
        .text("best", rows.iter().map(|row| Some(row.1)))
        .levels("best", &["CR", "PR", "SD", "PD"]);
    let parameters = json!({
        "column": "best", "by": "arm", "responders": ["CR", "PR"],
        "controlled": ["CR", "PR", "SD"], "test": "yates",
    });
    let output = run::<response::Response>(sample.table(), parameters).expect("runs");
    EXACT.compare(&output, "response");
    SEARCHED.compare(&output, "conditional");
    let close = |id: &str| (crate::testing::value(&output, id) * 1e5).round() / 1e5;
    assert_eq!(
        [close("orr.p.pearson"), close("orr.p.yates"), close("orr.p.mid_p")],
        [0.00505, 0.00923, 0.00707]
    );
    // The chosen test stands under the bare id.
    assert_eq!(finding(&output, "orr.p").value, finding(&output, "orr.p.yates").value);
    assert_eq!(crate::testing::value(&output, "count.sd.rt"), 10.0);
}
