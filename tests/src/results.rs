//! The committed findings of a study, as a test compares them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Columns of `findings.csv` that hold numbers.
const NUMBERS: [&str; 9] = [
    "time_days",
    "value",
    "lower",
    "upper",
    "confidence_level",
    "standard_error",
    "n",
    "events",
    "missing",
];

/// The rows of a `findings.csv` by id: numbers as numbers, what is empty as null.
///
/// # Panics
/// If it is no such file: a test cannot go on.
#[must_use]
pub fn findings_by_id(csv: &str) -> BTreeMap<String, Value> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|record| {
        let record = record.expect("a row as wide as the header");
        let cells = header
            .iter()
            .zip(record.iter())
            .map(|(name, cell)| (name.to_owned(), value(name, cell)));
        let row: Map<String, Value> = cells.collect();
        (row["id"].as_str().expect("an id").to_owned(), Value::Object(row))
    });
    rows.collect()
}

fn value(name: &str, cell: &str) -> Value {
    match cell {
        "" => Value::Null,
        // an id or a level may consist of digits and is text all the same
        _ if NUMBERS.contains(&name) => serde_json::from_str(cell).expect("a number"),
        _ => Value::String(cell.to_owned()),
    }
}
