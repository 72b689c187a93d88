//! Every mistake that a user can make with a logistic model, with its text.

use serde_json::{Value, json};

use super::super::LogisticModel;
use crate::testing::{Sample, rehearse, run};

/// Eight patients; `rt` is known only from `rt_start`.
fn sample() -> Sample {
    Sample::eight()
        .yes_no("response", [true, true, false, true, false, false, true, false].map(Some))
        .yes_no("all", [Some(true); 8])
        .yes_no("unknown", [None; 8])
        .text("best", ["CR", "PR", "SD", "PD", "CR", "SD", "PR", "PD"].map(Some))
        .levels("best", &["CR", "PR", "SD", "PD"])
        .text("open", ["a", "b", "a", "b", "a", "b", "b", "a"].map(Some))
        .whole("count", [0, 1, 2, 1, 0, 1, 1, 0].map(Some))
        .text("same", ["a"; 8].map(Some))
        .levels("same", &["a", "b"])
        .text("site", ["x"; 8].map(Some))
}

fn with(own: &Value) -> Value {
    let mut parameters = json!({ "outcome": "response", "terms": ["age"] });
    for (key, value) in own.as_object().expect("parameters") {
        parameters[key] = value.clone();
    }
    parameters
}

fn rehearsed(own: &Value) -> Vec<String> {
    let result = rehearse::<LogisticModel>(&sample().table(), with(own));
    result.err().unwrap_or_default()
}

#[test]
fn what_needs_no_rows_is_found_without_them() {
    let robust = "a penalised likelihood has no robust errors: leave one out";
    let cases = [
        (
            json!({ "outcome": "respons" }),
            vec!["outcome: table `analysis` has no column `respons`; did you mean `response`?"],
        ),
        (
            json!({ "outcome": "age", "terms": ["rt"], "immortal_time": "naive" }),
            vec![
                "outcome: `age` holds numbers, not an outcome; derive yes or no from it, or name a category and its `event`",
            ],
        ),
        (
            json!({ "outcome": "start" }),
            vec![
                "outcome: `start` holds dates, not an outcome; derive yes or no from it, or name a category and its `event`",
            ],
        ),
        (
            json!({ "outcome": "best" }),
            vec![
                "outcome: `best` is a category: which of its levels are the outcome?; name some of `CR`, `PR`, `SD`, `PD` under `event`",
            ],
        ),
        (
            json!({ "outcome": "open" }),
            vec![
                "outcome: `open` is a category: which of its levels are the outcome?; name them under `event`",
            ],
        ),
        (
            json!({ "outcome": "best", "event": ["CR", "RP", "CR"] }),
            vec![
                "event.2: `CR` is listed twice",
                "event.1: column `best` has no level `RP`; there are: `CR`, `PR`, `SD`, `PD`",
            ],
        ),
        (
            json!({ "outcome": "best", "event": ["CR", "PR", "SD", "PD"] }),
            vec![
                "event: `event` names every level of `best`; leave out the levels of those who do not have the outcome",
            ],
        ),
        (
            json!({ "terms": ["age", "response"] }),
            vec!["terms.1: term `response` is the outcome itself; leave it out of `terms`"],
        ),
        (json!({ "terms": [] }), vec!["terms: `terms` is empty"]),
        (
            json!({ "limits": "wald", "penalty": "firth" }),
            vec![
                "limits: `limits: wald` cannot be combined with `penalty: firth`; where the penalty is needed, the likelihood is no parabola: leave `limits` out",
            ],
        ),
        (
            json!({ "limits": "profile", "penalty": "ridge", "ridge": 1 }),
            vec![
                "limits: `limits: profile` cannot be combined with `penalty: ridge`; a ridge shrinks the estimates, and no profile is known to hold: leave `limits` out",
            ],
        ),
        (
            json!({ "limits": "profile", "robust": true }),
            vec![
                "limits: `limits: profile` cannot be combined with robust errors; a profile trusts the model, which `robust`, `cluster` and `weights` do not: leave one out",
            ],
        ),
        (
            json!({ "penalty": "ridge" }),
            vec!["penalty: `penalty: ridge` needs `ridge`; declare its size, such as `ridge: 1`"],
        ),
        (
            json!({ "weights": "analysis" }),
            vec![
                "weights: `analysis` makes no weights of patients; name an entry of `analyze` that does, such as a `propensity_score`",
            ],
        ),
        (
            json!({ "references": { "age": "60", "best": "CR" } }),
            vec![
                "references.age: term `age` holds numbers and has no reference level; declare the column's levels to make it a category",
                "references.best: `best` is not a term of this model; there are: `age`",
            ],
        ),
    ];
    for (own, expected) in cases {
        assert_eq!(rehearsed(&own), expected, "{own}");
    }
    // These two come of the model that all regressions share.
    for (own, parameter) in [
        (json!({ "penalty": "firth", "robust": true }), "robust"),
        (json!({ "penalty": "firth", "cluster": "site" }), "cluster"),
    ] {
        let text =
            format!("{parameter}: `{parameter}` cannot be combined with a penalty; {robust}");
        assert_eq!(rehearsed(&own), [text]);
    }
}

#[test]
fn terms_are_guarded_against_immortal_time_and_the_outcome_is_not() {
    let refused = rehearsed(&json!({ "terms": ["rt"] }));
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].starts_with(
            "terms.0: `rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group"
        ),
        "{refused:?}"
    );
    // What is explained may be known late: that is what it is.
    assert_eq!(rehearsed(&json!({ "outcome": "rt" })), Vec::<String>::new());
    let naive = with(&json!({ "terms": ["rt"], "immortal_time": "naive" }));
    let output = run::<LogisticModel>(sample().table(), naive).expect("runs");
    let has_warning = |finding: &study::Finding| {
        finding.warnings.iter().any(|warning| warning.code() == "naive_group")
    };
    assert!(output.findings.iter().all(has_warning));
    // Who is analysed was chosen by what came later, and every finding says so.
    let chosen = with(&json!({ "where": "rt or age > 45" }));
    let output = run::<LogisticModel>(sample().table(), chosen).expect("runs");
    let is_chosen = |finding: &study::Finding| {
        finding.warnings.iter().any(|warning| warning.code() == "chosen_late")
    };
    assert!(output.findings.iter().all(is_chosen));
}

#[test]
fn what_only_the_data_show_is_told_with_its_mend() {
    let odds = "odds need patients with the outcome and patients without it";
    let cases = [
        (
            json!({ "outcome": "all" }),
            format!("outcome: each of the 8 patients of the analysis has the outcome `all`; {odds}"),
        ),
        (
            json!({ "where": "not response" }),
            format!(
                "outcome: none of the 4 patients of the analysis has the outcome `response`; {odds}"
            ),
        ),
        (
            json!({ "outcome": "unknown" }),
            "outcome: outcome `unknown` is missing for every patient".to_owned(),
        ),
        (
            json!({ "outcome": "count" }),
            "outcome: outcome column `count` holds `2` for patient `P3`, where an outcome is yes or no (1 or 0); derive it, as in `status = 2`".to_owned(),
        ),
        (
            json!({ "outcome": "open", "event": ["c"] }),
            "event.0: column `open` has no level `c`; there are: `a`, `b`".to_owned(),
        ),
        (
            json!({ "terms": ["same"] }),
            "terms.0: term `same` is constant: it is the same for all 8 patients of the model; leave it out of `terms`".to_owned(),
        ),
        (
            json!({ "cluster": "site" }),
            "cluster: all 8 patients of the analysis are one cluster; errors by cluster need two or more, and hold for many: leave it out".to_owned(),
        ),
    ];
    for (own, expected) in cases {
        let found = run::<LogisticModel>(sample().table(), with(&own)).err();
        assert_eq!(found, Some(vec![expected]), "{own}");
    }
}
