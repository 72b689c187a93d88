//! Compares the estimators of tables, locations and tails with R.
//!
//! Each `tests/reference/<module>/values.json` holds calls, their arguments and
//! R's results; its `make.R` writes them anew. A module here turns arguments
//! into a call, and all else is shared.

mod adjust;
mod contingency;
mod forensics;
mod location;
mod proportion;
mod quantile;
mod rate;
mod special;
mod standardized_difference;
#[path = "../support/validation.rs"]
mod validation;

use serde_json::Value;
use std::path::Path;

/// A tolerance from which on the reference itself is rough, where a search of R ends early.
const ROUGH: f64 = 1e-6;

/// The named arguments of a case.
struct Arguments<'a>(&'a Value);

impl Arguments<'_> {
    fn number(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or_else(|| panic!("no number `{name}` in {}", self.0))
    }

    fn count(&self, name: &str) -> u64 {
        let number = self.number(name);
        assert!(number >= 0.0 && number.fract() == 0.0, "`{name}` is {number}");
        number as u64
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        flatten(&self.0[name])
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {}", self.0))
    }
}

/// The numbers in a result, named ones in the order R gave them.
fn flatten(value: &Value) -> Vec<f64> {
    // Named results come as objects, in whose order R wrote them.
    match value {
        Value::Array(items) => items.iter().flat_map(flatten).collect(),
        Value::Object(fields) => fields.values().flat_map(flatten).collect(),
        other => vec![other.as_f64().unwrap_or_else(|| panic!("no number: {other}"))],
    }
}

/// Runs every case of a module and reports all that differ. `evaluate` returns
/// the results in R's order, and the relative tolerance for that call.
fn compare(module: &str, cases: usize, evaluate: impl Fn(&str, &Arguments) -> (Vec<f64>, f64)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference");
    let text = std::fs::read_to_string(root.join(module).join("values.json")).expect("readable");
    let file: Value = serde_json::from_str(&text).expect("valid JSON");
    let listed = file["cases"].as_array().expect("a list of cases");
    // A reference file that lost its cases must not pass for a comparison.
    assert!(listed.len() >= cases, "{} cases of {module}", listed.len());
    // All that differ are told at once: one run shows what a change has moved.
    let mut wrong = Vec::new();
    let _comparison = validation::Comparison::with(module);
    for case in listed {
        let name = case["name"].as_str().expect("a name");
        let (found, tolerance) = evaluate(name, &Arguments(&case["arguments"]));
        let expected = flatten(&case["value"]);
        assert_eq!(found.len(), expected.len(), "results of {name}");
        // of a rough reference a difference says nothing
        if tolerance < ROUGH {
            for (found, expected) in found.iter().zip(&expected) {
                validation::compares(*found, *expected, *expected);
            }
        }
        if !found.iter().zip(&expected).all(|(one, other)| near(*one, *other, tolerance)) {
            let call = &case["call"];
            wrong.push(format!("{name} {} {call}: {found:?}, R {expected:?}", case["arguments"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), listed.len(), wrong.join("\n"));
}

/// Within `tolerance` of R's value, relative to it.
fn near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs()
}
