//! What is drawn, matched or broken as a tie belongs to the patients: rows in
//! another order give the same findings, to the last bit.

use crate::analysis::Analysis;
use serde_json::{Value, json};
use study::{Column, Output};

use crate::kinds::{
    clone_censor_weight, cox_performance, group_difference, multiple_imputation, propensity_score,
    proportional_hazards, survival_comparison, turnbull,
};
use crate::testing::{Sample, run};

/// A hundred patients with many ties: 6 patterns of age and sex.
fn tied() -> Sample {
    let known = Column { lineage: crate::testing::known_from("rt_start"), ..Column::default() };
    let days = |i: i64| (i * 37 + 11) % 83 + 30;
    let has_rt = |i: i64| i % 3 == 0;
    Sample::of(100)
        .whole("os_days", (0..100).map(|i| Some(days(i))))
        .whole("os_event", (0..100).map(|i| Some(i64::from(i % 4 != 1))))
        .whole("seen_until", (0..100).map(|i| Some(days(i) - 20)))
        .whole("seen_from", (0..100).map(|i| (i % 4 != 1).then_some(days(i))))
        .text("trt", (0..100).map(|i| Some(if i % 10 < 3 { "yes" } else { "no" })))
        .levels("trt", &["no", "yes"])
        .whole("age", (0..100).map(|i| Some(50 + 10 * (i * 7 % 3))))
        .text("sex", (0..100).map(|i| Some(if i * 11 % 5 < 2 { "f" } else { "m" })))
        .levels("sex", &["f", "m"])
        .whole("ecog", (0..100).map(|i| (i % 6 != 2).then_some(i * 13 % 4)))
        .date("start", (0..100).map(|_| Some(17_000)))
        .date("rt_start", (0..100).map(|i| has_rt(i).then_some(17_000 + (i as i32 * 5) % 27)))
        .yes_no("rt", (0..100).map(|i| Some(has_rt(i))))
        .about("rt", &known)
}

fn check<A: Analysis>(parameters: &Value) -> Output {
    let first = run::<A>(tied().table(), parameters.clone()).expect("runs");
    // None of these shares a divisor with 100, so that every row moves and none is lost.
    for stride in [99, 37, 13] {
        let other = tied().in_another_order(stride).table();
        let other = run::<A>(other, parameters.clone()).expect("runs");
        assert_eq!(first.findings, other.findings, "{}: rows by {stride}", A::NAME);
        assert_eq!(first.figures, other.figures, "{}: rows by {stride}", A::NAME);
        // As text, so that missing cells compare as well.
        let stored = |output: &Output| -> Vec<String> {
            let columns = output.tables.values().flat_map(|table| {
                table.names().into_iter().map(move |name| (table.values(&name), name))
            });
            columns.map(|column| format!("{column:?}")).collect()
        };
        assert_eq!(stored(&first), stored(&other), "{}: rows by {stride}", A::NAME);
    }
    first
}

#[test]
fn events_that_are_drawn_do_not_hang_on_the_order_of_rows() {
    let parameters = json!({ "endpoint": "os", "terms": ["age", "sex"] });
    let output = check::<proportional_hazards::ProportionalHazards>(&parameters);
    let changing: &study::ChangingEffects = output.figures.get().expect("effects");
    // Three in four have the event.
    assert_eq!(changing.effects[1].points.len(), 75, "an event each");
}

#[test]
fn matching_does_not_hang_on_the_order_of_rows() {
    for more in [json!({ "caliper": 0.2 }), json!({ "ratio": 2, "exact": ["sex"] })] {
        let mut parameters =
            json!({ "treatment": "trt", "terms": ["age", "sex"], "weights": "matching" });
        let both = parameters.as_object_mut().expect("an object");
        both.extend(more.as_object().expect("an object").clone());
        check::<propensity_score::PropensityScore>(&parameters);
    }
}

#[test]
fn ties_of_matching_are_not_decided_by_identifiers_either() {
    // Were they taken in order, the first of equal scores would be matched.
    let parameters = json!({ "treatment": "trt", "terms": ["age", "sex"], "weights": "matching" });
    let output = run::<propensity_score::PropensityScore>(tied().table(), parameters);
    let table = output.expect("runs").tables.remove("stage").expect("a table");
    let number = |name: &str| crate::columns::numbers(&table, name).expect("numbers");
    // Whoever is not matched weighs nothing.
    let (score, weight) = (number("propensity"), number("weight"));
    let is_skipped = |i: usize| weight[i] == Some(0.0);
    let passes = (0..100)
        .filter(|i| is_skipped(*i))
        .any(|i| (i + 1..100).any(|later| score[later] == score[i] && !is_skipped(later)));
    assert!(passes, "an earlier patient of the same score gives way to a later one");
}

#[test]
fn draws_do_not_hang_on_the_order_of_rows() {
    check::<multiple_imputation::MultipleImputation>(&json!({
        "endpoint": "os", "variables": ["ecog", "age", "sex"], "imputations": 3, "iterations": 2,
    }));
    check::<cox_performance::CoxPerformance>(&json!({
        "endpoint": "os", "terms": ["age", "sex"], "bootstrap": 10,
    }));
    check::<clone_censor_weight::CloneCensorWeight>(&json!({
        "endpoint": "os", "exposure": "rt", "grace": "28 days", "terms": ["age"], "replicates": 10,
        "at": ["2 months"],
    }));
    check::<turnbull::Turnbull>(&json!({
        "left": "seen_until", "right": "seen_from", "at": ["2 months"], "bootstrap": 20,
    }));
    check::<survival_comparison::SurvivalComparison>(&json!({
        "endpoint": "os", "by": "trt", "permutation": 50,
    }));
    check::<group_difference::GroupDifference>(
        &json!({ "by": "trt", "variables": ["age", "sex"] }),
    );
}
