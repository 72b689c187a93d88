//! Exports of findings, held against the rules of the formats.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use study::{Finding, Method, Part, PrivacyTier, Procedure, Quantity, State, StudySettings};

use super::*;
use crate::sample::{self, level, named, test, time, variable};

fn baseline() -> Vec<Finding> {
    let of = |statistic: &str, quantity: Quantity, value: f64| {
        Finding::new("baseline", "baseline_table", statistic, quantity, value)
    };
    let mut share = of("proportion", Quantity::Proportion, 0.25).of_variable("sex").at_level("f");
    // A share carries its denominator, which `cards` has as a row of its own.
    share.n = Some(8);
    vec![
        of("n", Quantity::Count, 8.0).in_group("RT"),
        of("n", Quantity::Count, 20.0).of_everybody(),
        of("mean", Quantity::Measured, 60.5).of_variable("age").in_group("RT"),
        of("median", Quantity::Measured, 61.0).of_variable("age").in_group("RT"),
        of("missing", Quantity::Count, 0.0).of_variable("age").in_group("RT"),
        of("count", Quantity::Count, 2.0).of_variable("sex").at_level("f").in_group("RT"),
        share.in_group("RT"),
    ]
}

fn at(kind: &str, statistic: &str, quantity: Quantity, parts: Vec<Part>) -> Finding {
    let mut finding = Finding::new("os", kind, statistic, quantity, 0.5)
        .by_method(Method::of(Procedure::Cox))
        .limits(Some(0.25), Some(1.0), 0.95);
    finding.endpoint = Some("os".to_owned());
    finding.address.parts = parts;
    finding
}

fn model() -> Vec<Finding> {
    let ratio = |parts: Vec<Part>| {
        let mut ratio = at("cox_model", "hazard_ratio", Quantity::Ratio, parts);
        (ratio.variable, ratio.level) = (Some("rt".into()), Some("RT".into()));
        ratio
    };
    let mut p = ratio(vec![named("p"), variable("rt"), level("RT")]);
    // Four p-values of one analysis: of a ratio, the same after Holm, and two tests of the whole
    // model. Their rows must differ by name.
    (p.statistic, p.quantity, p.lower, p.upper) = ("p_value".into(), Quantity::PValue, None, None);
    let holm = Finding {
        address: study::Address {
            stage: "os".into(),
            parts: vec![named("p_holm"), variable("rt"), level("RT")],
        },
        ..p.clone()
    };
    let of_test = |name: &str| {
        let parts = vec![test(name), named("p")];
        let p = at("cox_model", "p_value", Quantity::PValue, parts);
        Finding { lower: None, upper: None, ..p }
    };
    vec![
        ratio(vec![named("hazard_ratio"), variable("rt"), level("RT")]),
        ratio(vec![Part::model("univariable"), named("hazard_ratio"), variable("rt"), level("RT")]),
        p,
        holm,
        of_test("wald"),
        of_test("score"),
    ]
}

fn curve() -> Vec<Finding> {
    let parts = vec![named("survival"), time("12_months")];
    let mut survival = at("kaplan_meier", "survival", Quantity::Survival, parts);
    survival.address.stage = "curve".into();
    survival.time_days = Some(365.25);
    let mut lost = survival.clone().without_value(State::NotReached);
    (lost.statistic, lost.quantity, lost.time_days) = ("median".into(), Quantity::Days, None);
    lost.address.parts = vec![named("median")];
    (lost.lower, lost.upper) = (None, None);
    vec![survival, lost]
}

fn results<'a>(findings: &[Vec<Finding>], study: &'a StudySettings) -> Results<'a> {
    let groupings = BTreeMap::from([("baseline", "arm")]);
    Results { groupings, ..Results::new(findings, study) }
}

/// The rows by the names of their columns.
fn rows(results: &Results<'_>) -> Vec<BTreeMap<String, Value>> {
    let whole: Value = serde_json::from_str(&ard_json(results)).expect("JSON");
    let columns = whole["columns"].as_array().expect("columns").clone();
    let rows = whole["rows"].as_array().expect("rows").clone();
    let named = |row: Value| {
        let cells = row.as_array().expect("a row").clone();
        assert_eq!(cells.len(), columns.len());
        let names =
            columns.iter().map(|column| column["name"].as_str().expect("a name").to_owned());
        names.zip(cells).collect()
    };
    rows.into_iter().map(named).collect()
}

fn found<'a>(rows: &'a [BTreeMap<String, Value>], wanted: &[(&str, &str)]) -> &'a Value {
    let fits =
        |row: &&BTreeMap<String, Value>| wanted.iter().all(|(name, text)| row[*name] == *text);
    let mut rows = rows.iter().filter(fits);
    let row = rows.next().unwrap_or_else(|| panic!("no row has {wanted:?}"));
    assert!(rows.next().is_none(), "several rows have {wanted:?}");
    &row["stat"]
}

#[test]
fn numbers_stand_under_the_names_of_cards() {
    let study = sample::study();
    let results = results(&[baseline(), model(), curve()], &study);
    let rows = rows(&results);
    let of_arm = |more: &[(&'static str, &'static str)]| {
        [&[("group1", "arm"), ("group1_level", "RT")], more].concat()
    };
    let age = [("variable", "age"), ("context", "summary"), ("stat_name", "median")];
    assert_eq!(found(&rows, &of_arm(&age)), "61");
    let sex = [("variable", "sex"), ("variable_level", "f"), ("context", "tabulate")];
    assert_eq!(found(&rows, &of_arm(&[&sex[..], &[("stat_name", "p")]].concat())), "0.25");
    assert_eq!(found(&rows, &of_arm(&[&sex[..], &[("stat_name", "N")]].concat())), "8");
    assert_eq!(found(&rows, &[("variable", "arm"), ("variable_level", "RT")]), "8");
    assert_eq!(found(&rows, &[("variable", "..ard_total_n.."), ("stat_name", "N")]), "20");
    let hazard = [("variable", "rt"), ("variable_level", "RT"), ("context", "regression")];
    for (name, stat) in [("estimate", "0.5"), ("conf.low", "0.25"), ("p.value", "0.5")] {
        assert_eq!(found(&rows, &[&hazard[..], &[("stat_name", name)]].concat()), stat);
    }
    let at_a_year = [("variable", "time"), ("variable_level", "365.25")];
    assert_eq!(found(&rows, &[&at_a_year[..], &[("stat_name", "estimate")]].concat()), "0.5");
    let median = [("variable", "prob"), ("stat_name", "estimate"), ("error", "not reached")];
    assert!(found(&rows, &median).is_null());
}

#[test]
fn no_two_numbers_of_an_analysis_have_one_name() {
    let study = sample::study();
    let rows = rows(&results(&[baseline(), model(), curve()], &study));
    let key = |row: &BTreeMap<String, Value>| {
        let names = [
            "analysis",
            "group1",
            "group1_level",
            "variable",
            "variable_level",
            "context",
            "stat_name",
        ];
        names.map(|name| row[name].to_string())
    };
    let keys: BTreeSet<_> = rows.iter().map(key).collect();
    assert_eq!(keys.len(), rows.len());
}

#[test]
fn what_is_suppressed_is_in_no_export() {
    let mut study = sample::study();
    study.privacy.tier = PrivacyTier::Aggregate;
    // The count of 2 out of 8 is below it.
    study.privacy.smallest_cell = 5;
    let results = results(&[baseline()], &study);
    let rows = rows(&results);
    let count = rows.iter().find(|row| row["finding"] == "baseline.count.sex.f.rt");
    let count = count.expect("its row is there");
    assert!(count["stat"].is_null());
    assert_eq!(count["error"], "suppressed");
    // The share of 2 out of 8 would give the count away.
    assert!(!ard_csv(&results).contains("0.25") && !ars_json(&results).contains("0.25"));
}

/// The keys of each class of the standard that is used here, those that it demands first.
// As version 1 of the standard has them in its model, `ars_ldm.json`.
const CLASSES: [(&str, &[&str], &[&str]); 9] = [
    (
        "",
        &["id", "name", "mainListOfContents"],
        &[
            "version",
            "description",
            "terminologyExtensions",
            "analysisSets",
            "analysisGroupings",
            "methods",
            "analyses",
        ],
    ),
    (
        "analyses",
        &["id", "name", "reason", "purpose", "methodId"],
        &["version", "dataset", "variable", "analysisSetId", "orderedGroupings", "results"],
    ),
    ("results", &["operationId"], &["rawValue", "formattedValue", "resultGroups"]),
    ("resultGroups", &["groupingId"], &["groupId"]),
    ("orderedGroupings", &["order", "groupingId", "resultsByGroup"], &[]),
    ("methods", &["id", "name", "operations"], &["label"]),
    ("operations", &["id", "name", "order"], &["label", "description"]),
    ("analysisSets", &["id", "name", "level", "order"], &["label"]),
    ("analysisGroupings", &["id", "name", "dataDriven"], &["label", "groupingVariable", "groups"]),
];

fn assert_class(name: &str, value: &Value) {
    let Some(object) = value.as_object() else { return };
    if let Some((_, demanded, allowed)) = CLASSES.iter().find(|(class, ..)| *class == name) {
        for key in *demanded {
            assert!(object.contains_key(*key), "`{name}` lacks `{key}`");
        }
        for key in object.keys() {
            let is_known = demanded.contains(&key.as_str()) || allowed.contains(&key.as_str());
            assert!(is_known, "`{name}` may not have `{key}`");
        }
    }
    for (key, value) in object {
        let members = value.as_array().into_iter().flatten();
        members.for_each(|member| assert_class(key, member));
    }
}

#[test]
fn a_reporting_event_has_the_keys_of_the_standard_and_its_references_lead_somewhere() {
    let study = sample::study();
    let event: Value =
        serde_json::from_str(&ars_json(&results(&[baseline(), model(), curve()], &study)))
            .expect("JSON");
    assert_class("", &event);
    let list = |of: &Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
    let ids = |of: &[Value]| -> BTreeSet<String> {
        let ids: Vec<String> = of.iter().map(|one| one["id"].to_string()).collect();
        let once: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!(once.len(), ids.len(), "each id once");
        once
    };
    let methods = list(&event, "methods");
    let operations: Vec<Value> = methods.iter().flat_map(|one| list(one, "operations")).collect();
    let groupings = list(&event, "analysisGroupings");
    let groups: Vec<Value> = groupings.iter().flat_map(|one| list(one, "groups")).collect();
    let (method_ids, operation_ids) = (ids(&methods), ids(&operations));
    let (grouping_ids, group_ids) = (ids(&groupings), ids(&groups));
    let set_ids = ids(&list(&event, "analysisSets"));
    let analyses = list(&event, "analyses");
    let analysis_ids = ids(&analyses);
    for analysis in &analyses {
        assert!(method_ids.contains(&analysis["methodId"].to_string()));
        assert!(set_ids.contains(&analysis["analysisSetId"].to_string()));
        for result in list(analysis, "results") {
            assert!(operation_ids.contains(&result["operationId"].to_string()));
            for group in list(&result, "resultGroups") {
                assert!(grouping_ids.contains(&group["groupingId"].to_string()));
                assert!(group_ids.contains(&group["groupId"].to_string()));
            }
        }
    }
    let items = list(&event["mainListOfContents"]["contentsList"], "listItems");
    assert_eq!(items.len(), analyses.len());
    assert!(items.iter().all(|item| analysis_ids.contains(&item["analysisId"].to_string())));
    let names: Vec<String> = operations.iter().map(|one| one["name"].to_string()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each number once");
}
