//! The other library against R, and what it says of analyses.

use engine::Kind;
use serde_json::{Value, json};
use study::{Finding, Output};

use super::another;
use super::*;
use crate::kinds::baseline_table::BaselineTable;
use crate::kinds::cox_model::CoxModel;
use crate::kinds::kaplan_meier::KaplanMeier;
use crate::kinds::response::Response;
use crate::kinds::survival_difference::SurvivalDifference;
use crate::testing::{Sample, call_beside, read_reference, run, value, veteran};

/// Where the other library is known to be good; farther out it is not as exact
/// as R, and such numbers agree in fewer digits.
const TOLERANCE: f64 = 1e-9;

#[test]
fn the_other_library_agrees_with_r() {
    let values: Value = serde_json::from_str(&read_reference("special/values.json")).expect("JSON");
    let mut compared = 0;
    for case in values["cases"].as_array().expect("cases") {
        let number = |name: &str| case["arguments"][name].as_f64().expect("a number");
        let found = match case["name"].as_str().expect("a name") {
            "chi_square_upper_tail" => another::chi_square_tail(number("x"), number("df")),
            "student_t_two_sided_tail" => another::student_tail(number("t"), number("df")),
            "f_upper_tail" => another::f_tail(number("f"), number("df1"), number("df2")),
            "student_t_quantile" => another::student_quantile(number("p"), number("df")),
            "beta_quantile" => another::beta_quantile(number("p"), number("a"), number("b")),
            "normal_quantile" => Some(another::normal_quantile(number("p"))),
            _ => continue,
        };
        let (found, expected) = (found.expect("a law"), case["value"].as_f64().expect("a number"));
        // what stands behind p-values and limits: neither the middle of a law nor its far ends
        let argument = |name: &str| case["arguments"][name].as_f64();
        let is_usual = expected.abs() > 1e-6
            && argument("p").is_none_or(|p| p > 1e-4 && !(0.3..0.7).contains(&p))
            && argument("t").is_none_or(|t| t >= 0.1)
            && ["df", "df2", "a"]
                .into_iter()
                .filter_map(argument)
                .all(|df| (1.0..=1000.0).contains(&df));
        if is_usual {
            compared += 1;
            let apart = (found - expected).abs() / expected.abs();
            assert!(apart <= TOLERANCE, "{case}: {found} is {apart:e} away");
        }
    }
    // Most of R's cases must be usual ones, or nothing was compared.
    assert!(compared > 150, "{compared} were compared");
}

fn outputs(sample: &Sample) -> Vec<(&'static str, Output)> {
    let table = || sample.table();
    vec![
        ("baseline", run::<BaselineTable>(table(), json!({ "by": "trt", "variables": ["age", "celltype"], "tests": true })).expect("a table")),
        ("cox", run::<CoxModel>(table(), json!({ "endpoint": "os", "terms": ["trt", "karno"] })).expect("a model")),
        ("curves", run::<KaplanMeier>(table(), json!({ "endpoint": "os", "by": "trt", "at": ["90 days"] })).expect("curves")),
        ("differences", run::<SurvivalDifference>(table(), json!({ "endpoint": "os", "by": "trt", "at": ["90 days"], "restricted_mean": ["90 days"] })).expect("differences")),
    ]
}

fn opinion(stages: Vec<(&str, Output)>) -> Output {
    call_beside::<SecondOpinion>(Vec::new(), stages, json!({}), Kind::run).expect("an opinion")
}

#[test]
fn sound_numbers_agree_to_many_digits() {
    let output = opinion(outputs(&veteran()));
    for distribution in ["normal_tail", "chi_square_tail", "student_t_tail", "normal_quantile"] {
        assert!(value(&output, &format!("checked.{distribution}")) >= 1.0, "{distribution}");
        let digits = value(&output, &format!("agreeing_digits.{distribution}"));
        assert!(digits >= 10.0, "{distribution}: {digits} digits");
    }
    // None of these analyses has an F test.
    assert_eq!(value(&output, "checked.f_tail"), 0.0);
    let of = |id: &str| output.findings.iter().find(|one| one.id() == id).and_then(|one| one.value);
    assert_eq!(of("stage.agreeing_digits.f_tail"), None, "of nothing there is no difference");
    // the medians are read off curves
    assert!(value(&output, "not_checked_of_kind.kaplan_meier") >= 2.0);
    // Every one of its limits follows from a standard error.
    assert_eq!(value(&output, "not_checked_of_kind.survival_difference"), 0.0);
}

/// A number that was changed a little is told.
#[test]
fn a_wrong_tail_or_limit_is_seen() {
    for (stage, statistic, distribution) in [
        ("cox", "p", "normal_tail"),
        ("cox", "hazard_ratio", "normal_quantile"),
        ("curves", "survival", "normal_quantile"),
    ] {
        let mut stages = outputs(&veteran());
        let (_, output) = stages.iter_mut().find(|(name, _)| *name == stage).expect("a stage");
        // A p-value of the whole model has no variable, and is computed from another law.
        let is_it = |one: &&mut Finding| {
            one.address.statistic() == Some(statistic)
                && one.variable.is_some() == (stage == "cox")
                && one.value.is_some()
        };
        let finding = output.findings.iter_mut().find(is_it).expect("a finding");
        // Three in a million: the sixth digit differs, the fifth does not.
        match statistic {
            "p" => finding.value = finding.value.map(|p| p * (1.0 + 3e-6)),
            _ => finding.upper = finding.upper.map(|limit| limit * (1.0 + 3e-6)),
        }
        let output = opinion(stages);
        assert_eq!(
            value(&output, &format!("agreeing_digits.{distribution}")),
            5.0,
            "{stage}.{statistic}"
        );
    }
}

/// Every interval of a share is computed again from its counts.
#[test]
// 13 of 20, by both methods of limits.
fn limits_of_shares_come_from_their_counts() {
    let sample = Sample::of(20)
        .text("response", (0..20).map(|i| Some(if i < 13 { "PR" } else { "PD" })))
        .levels("response", &["PR", "PD"]);
    let found = run::<Response>(
        sample.table(),
        json!({ "column": "response", "responders": ["PR"], "controlled": ["PR"] }),
    )
    .expect("shares");
    let output = opinion(vec![("response", found)]);
    assert_eq!(value(&output, "not_checked_of_kind.response"), 0.0);
    for distribution in ["normal_quantile", "beta_quantile"] {
        assert!(
            value(&output, &format!("agreeing_digits.{distribution}")) >= 9.0,
            "{distribution}"
        );
    }
}
