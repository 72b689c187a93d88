//! A study of its own, of which no crate knows anything: R's `veteran` data.
//! Every finding that R gives too must be R's: tests/reference/veteran_study.

use std::collections::BTreeMap;
use std::fs;

use restudy_tests::{Study, repository};
use serde_json::Value;

/// Largest relative difference. Cox models are iterated to 1e-9 of the
/// log-likelihood on both sides, so their estimates agree less closely.
const EXACT: f64 = 1e-9;
const ITERATED: f64 = 1e-7;

fn findings(study: &Study) -> BTreeMap<String, Value> {
    restudy_tests::findings_by_id(&study.read("reports/results/findings.csv"))
}

fn reference() -> BTreeMap<String, Vec<Option<f64>>> {
    let path = repository().join("tests/reference/veteran_study/values.json");
    let values: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON");
    let findings = values["findings"].as_object().expect("findings by id").iter();
    let numbers =
        |row: &Value| row.as_array().expect("numbers").iter().map(Value::as_f64).collect();
    findings.map(|(id, row)| (id.clone(), numbers(row))).collect()
}

/// A reference of two numbers is a value with its error, of three or four a
/// value with limits.
fn parts(count: usize) -> &'static [&'static str] {
    if count == 2 {
        &["value", "standard_error"]
    } else {
        &["value", "lower", "upper", "standard_error"]
    }
}

fn agrees(found: Option<f64>, expected: Option<f64>, tolerance: f64) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= tolerance * expected.abs(),
        // neither side has a number, such as a limit that is not reached
        (found, expected) => found == expected,
    }
}

#[test]
fn the_findings_are_those_of_r() {
    let study = Study::of_repository("examples/veteran");
    study.says("run").succeeds();
    let (findings, reference) = (findings(&study), reference());
    assert!(reference.len() > 150, "{} references", reference.len());
    let mut wrong = Vec::new();
    for (id, expected) in &reference {
        let is_cox = id.starts_with("prognosis.") || id.starts_with("hazards_over_time.");
        let tolerance = if is_cox { ITERATED } else { EXACT };
        let found = findings.get(id).unwrap_or(&Value::Null);
        for (part, expected) in parts(expected.len()).iter().zip(expected) {
            if !agrees(found[part].as_f64(), *expected, tolerance) {
                wrong.push(format!("{id} {part}: {}, not {expected:?}", found[part]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let printed = |id: &str, part: &str| findings[id][part].as_f64().expect("a number");
    // as R prints them
    assert_eq!(format!("{:.5}", printed("prognosis.coefficient.karno", "value")), "-0.03282");
    assert_eq!(
        format!("{:.5}", printed("prognosis.coefficient.karno", "standard_error")),
        "0.00551"
    );
    assert_eq!(
        format!("{:.2}", printed("prognosis.likelihood_ratio.chi_square", "value")),
        "62.10"
    );
    assert_eq!(format!("{:.2}", printed("hazards_over_time.chi_square.karno", "value")), "12.94");
    assert_eq!(format!("{:.2}", printed("hazards_over_time.chi_square.global", "value")), "34.55");
    // what R prints of them stands in the study's own claims
    let ledger = study.read("reports/tables/etable_5.csv");
    let agree = |line: &&str| line.contains(",exact,") || line.contains(",rounds to,");
    assert_eq!(ledger.lines().skip(1).filter(agree).count(), 6, "{ledger}");
}
