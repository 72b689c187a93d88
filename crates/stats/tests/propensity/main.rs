//! Logistic regression, what follows from scores of treatment, E-values and
//! the weighted log-rank test, against R and at the edges.

#[path = "../support/reference.rs"]
mod reference;

mod e_value;
mod logistic;
mod scores;
mod weighted_log_rank;

use reference::{Table, table, text, texts};
use serde_json::Value;

/// The complete rows of a case's data.
fn complete(case: &Value) -> Table {
    let name = text(case, "data").unwrap();
    let header: &[&str] = match name {
        "mgus2" => &["mspike"],
        _ => &[],
    };
    table(name).complete(header)
}

/// Who has the value that a case names of a column.
fn indicator(case: &Value, table: &Table, key: &str) -> Vec<bool> {
    let named = texts(&case[key]);
    let value: f64 = named[1].parse().unwrap();
    table.column(&named[0]).iter().map(|found| *found == value).collect()
}
