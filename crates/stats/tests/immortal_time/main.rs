//! Analyses of an exposure that begins after time zero, against R and by
//! their properties: landmarks, changes of group, clones, assumed starts.

#[path = "../support/reference.rs"]
mod reference;

mod assumed_starts;
mod clones;
mod landmarks;

use reference::{assert_close, table};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// Closed forms, and what an iteration ended.
const EXACT: f64 = 1e-9;
const ITERATED: f64 = 1e-7;

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn close(what: &str, found: f64, expected: &Value, tolerance: f64) {
    assert_close(what, Some(found), number(expected), tolerance);
}

fn jasa() -> (SurvivalData, Vec<Option<f64>>, Vec<f64>) {
    let table = table("jasa_switch");
    (table.survival(), table.cells("switch"), table.column("age"))
}
