//! What is printed of the comparisons and of a second opinion.

use std::sync::Arc;

use serde_json::json;
use study::{Part, Procedure, Quantity};

use super::*;
use crate::cohort;

fn opinion() -> Output {
    let finding = |statistic: &str, method: &str, value: f64| {
        let finding = Finding::new("again", "second_opinion", statistic, Quantity::Count, value);
        finding.part(Part::method(method)).by_method(Procedure::SecondOpinion)
    };
    let findings = vec![
        finding("checked", "normal_tail", 1204.0),
        finding("agreeing_digits", "normal_tail", 12.0),
        finding("agreeing_decimals", "normal_tail", 10.0),
        finding("checked", "f_tail", 0.0),
        // Nothing was checked of this one, so that it has no digits and no row.
        finding("agreeing_digits", "f_tail", f64::NAN),
        finding("checked_of_kind", "cox_model", 7.0),
        finding("not_checked_of_kind", "cox_model", 4.0),
        finding("checked_of_kind", "e_value", 0.0),
        finding("not_checked_of_kind", "e_value", 0.0),
    ];
    Output { findings, ..Output::default() }
}

fn lines(parameters: serde_json::Value) -> Vec<String> {
    let study = cohort::study();
    let mut call = cohort::call("etable_20", &study, &[], &[]);
    call.stages.push(("again".to_owned(), Section::Analyze, Arc::new(opinion())));
    let kind: ValidationTable = serde_json::from_value(parameters).expect("parameters");
    let output = kind.run(&call).expect("a table");
    let file = &output.files["reports/tables/etable_20.csv"];
    String::from_utf8(file.clone()).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn estimators_stand_with_data_functions_and_versions() {
    let lines = lines(json!({}));
    assert_eq!(lines.len(), 1 + validation::with_r().len());
    let of =
        |name: &str| lines.iter().find(|line| line.contains(&format!(",{name},"))).expect(name);
    let kaplan_meier = of("Kaplan-Meier");
    assert!(
        kaplan_meier.contains("veteran")
            && kaplan_meier.contains("survfit (R 4.2.2, survival 3.5.3)")
    );
    assert!(of("Adjustment of p-values").contains("given numbers,p.adjust (R 4.2.2)"));
}

/// They are no counts of patients: the smallest cell of a study hides none.
#[test]
fn a_second_opinion_stands_beside_them() {
    let lines = lines(json!({ "second_opinion": "again" }));
    let statrs = validation::statrs();
    let tail = format!(
        "\"Normal distribution, both tails\",\"p-values of this run, no more than 10\u{207b}\u{b9}\u{2070} apart\",statrs {statrs},1204,\u{2264} 10\u{207b}\u{b9}\u{b2},,simulated"
    );
    assert!(lines.iter().any(|line| line.ends_with(&tail)), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.ends_with("Cox model,4 not computed again,,7,,,simulated"))
    );
    assert!(!lines.iter().any(|line| line.contains("F, upper tail") || line.contains("E-value,0")));
}

#[test]
fn another_kind_of_entry_is_refused() {
    let study = cohort::study();
    let call = cohort::call("etable_20", &study, &[], &[]);
    let kind: ValidationTable =
        serde_json::from_value(json!({ "second_opinion": "baseline" })).expect("parameters");
    let found = kind.rehearse(&call).expect_err("a mistake").0;
    assert_eq!(found[0].at, ["second_opinion"]);
    assert_eq!(found[0].message, "`baseline` is a `baseline_table`, not a `second_opinion`");
}

fn with_a_second_program(results: &str) -> Result<String, Mistakes> {
    let study = cohort::study();
    let mut call = cohort::call("etable_20", &study, &[], &[]);
    call.stages.push(("again".to_owned(), Section::Analyze, Arc::new(opinion())));
    call.files.insert("qc.csv".to_owned(), Arc::new(results.as_bytes().to_vec()));
    let kind: ValidationTable =
        serde_json::from_value(json!({ "second_program": "qc.csv" })).expect("parameters");
    kind.rehearse(&call)?;
    let exhibit = kind.run(&call)?.exhibit.expect("a table");
    Ok(format!("{exhibit:?}"))
}

#[test]
fn a_second_program_confirms_what_it_has_and_no_more() {
    let told = |results: &str| with_a_second_program(results).expect("a table");
    let all = told("id,value\nagain.checked.normal_tail,1204\nagain.agreeing_digits.f_tail,NA\n");
    assert!(all.contains("has 2 of the") && all.contains("and confirms 2 with"), "{all}");
    assert!(!all.contains("not confirmed") && !all.contains("of no finding"));
    let one = told(
        // One number off by one, one that both cannot give, and an id of no finding.
        "id,value\nagain.checked.normal_tail,1205\nagain.agreeing_digits.f_tail,NA\nagain.x,1\n",
    );
    assert!(one.contains("and confirms 1 with") && one.contains("1 not confirmed"), "{one}");
    assert!(one.contains("1 of its ids are of no finding"));
}

#[test]
fn results_of_a_second_program_that_are_none_are_refused() {
    let found = with_a_second_program("id,value\na,low\n").expect_err("a mistake").0;
    assert_eq!(found[0].at, ["second_program"]);
    assert_eq!(found[0].message, "`qc.csv` holds no results: line 2: `low` is no value");
}
