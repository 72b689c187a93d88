//! Every published finding of the study against R, by id: what `restudy run`
//! made of the dirty export (`reports/results/findings.csv`) beside what R
//! makes of the generator's truth (`tests/reference/study`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Largest relative difference of closed forms.
const EXACT: f64 = 1e-9;
/// Of what both sides search until a tolerance of their own: Cox models and
/// the conditional odds ratio.
const ITERATED: f64 = 1e-7;
/// The numbers of a finding that R gives too.
const PARTS: [&str; 7] = ["value", "lower", "upper", "standard_error", "n", "events", "missing"];

/// Kinds of which the study's findings are no business of R, or are compared with it on
/// data of their own: the folder of these, where there is one.
const COMPARED_ELSEWHERE: [(&str, Option<&str>); 4] = [
    // what another library says of the program
    ("second_opinion", None),
    ("claim_forensics", Some("claim_forensics")),
    // cohorts that are drawn
    ("identified_set", Some("identified_set")),
    ("missing_values", Some("analyze_rows")),
];

/// The ids of which the second program, in R and from the raw files, has a value.
fn of_the_second_program() -> BTreeSet<String> {
    let results = text("qc/results.csv");
    let rows = csv::Reader::from_reader(results.as_bytes()).into_records();
    rows.map(|row| row.expect("a row")[0].to_owned()).collect()
}

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above");
    fs::read_to_string(root.join(path)).expect(path)
}

fn read(path: &str) -> Value {
    serde_json::from_str(&text(path)).expect(path)
}

fn published() -> BTreeMap<String, Value> {
    restudy_tests::findings_by_id(&text("reports/results/findings.csv"))
}

fn expected() -> BTreeMap<String, Value> {
    let values = read("tests/reference/study/values.json");
    let findings = values["findings"].as_object().expect("findings");
    findings.iter().map(|(id, value)| (id.clone(), value.clone())).collect()
}

/// What is wrong with a part of a finding; nothing if R says the same.
fn difference(found: &Value, expected: &Value, part: &str) -> Option<String> {
    let wanted = expected.get(part)?;
    let tolerance = if expected["rule"] == "exact" { EXACT } else { ITERATED };
    let agrees = match (found[part].as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => {
            // beside zero a relative difference means nothing
            let near_zero = (found - wanted).abs() < 1e-14;
            near_zero || (found - wanted).abs() <= tolerance * wanted.abs()
        }
        // both say that there is no number
        (None, None) => true,
        _ => false,
    };
    let found = &found[part];
    (!agrees).then(|| format!("{part} is {found}, R has {wanted}"))
}

#[test]
fn every_finding_has_a_value_of_r() {
    let values = read("tests/reference/study/values.json");
    let random: Vec<&str> =
        (values["drawn_at_random"].as_array().expect("beginnings of ids").iter())
            .map(|start| start.as_str().expect("the beginning of an id"))
            .collect();
    let elsewhere = |kind: &str| COMPARED_ELSEWHERE.iter().any(|(known, _)| *known == kind);
    let compared = |(id, found): &(String, Value)| {
        let kind = found["kind"].as_str().expect("a kind");
        // what is drawn at random differs between generators
        !random.iter().any(|start| id.starts_with(start)) && !elsewhere(kind)
    };
    let published: BTreeSet<String> =
        published().into_iter().filter(compared).map(|(id, _)| id).collect();
    // what the second program has of the raw files is R's, too
    let second = of_the_second_program();
    let second = second.iter().filter(|id| published.contains(*id)).cloned();
    let expected: BTreeSet<String> = expected().into_keys().chain(second).collect();
    let lacking: Vec<_> = published.symmetric_difference(&expected).collect();
    assert!(lacking.is_empty(), "on one side only: {lacking:?}");
}

#[test]
fn every_finding_equals_that_of_r() {
    let (published, mut wrong, mut compared) = (published(), Vec::new(), 0);
    for (id, expected) in expected() {
        // the test above finds ids of one side
        let Some(found) = published.get(&id) else { continue };
        compared += 1;
        let parts = PARTS.iter().filter_map(|part| difference(found, &expected, part));
        wrong.extend(parts.map(|told| format!("{id}: {told}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // a comparison of little would pass unseen
    assert!(compared > 1000, "only {compared} findings were compared");
}

/// The study's patients are made up: it declares the tier in which nothing is
/// hidden.
#[test]
fn nothing_is_suppressed() {
    let suppressed = published().into_iter().filter(|(_, found)| found["state"] == "suppressed");
    assert_eq!(suppressed.map(|(id, _)| id).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn what_is_compared_elsewhere_has_its_values() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in COMPARED_ELSEWHERE.iter().filter_map(|(_, folder)| *folder) {
        assert!(root.join("reference").join(folder).join("make.R").exists(), "{folder}");
    }
}
