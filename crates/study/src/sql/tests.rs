//! Expressions as a study writes them, from the text to the values.

mod dates;
mod documented;
mod limits;
mod mistakes;
mod unknown;
mod words;

use polars::prelude::*;

use super::evaluate::written;
use super::*;
use crate::{Column as About, Level};

/// Three patients; of the second, age, note and stop are missing.
// A whole, a real, a text, a yes/no and a date column each with something missing,
// a letter beyond ASCII, and a zero to divide by.
pub(super) fn table() -> Table {
    let date = |name: &str, days: [Option<i32>; 3]| {
        Int32Chunked::from_iter_options(name.into(), days.into_iter()).into_date().into_column()
    };
    let frame = DataFrame::new(
        3,
        vec![
            Column::new("age".into(), [Some(67i64), None, Some(40)]),
            Column::new("weight".into(), [Some(61.5), Some(80.0), None]),
            Column::new("zero".into(), [1i64, 0, 0]),
            Column::new("sex".into(), [Some("male"), Some("female"), None]),
            Column::new("drug".into(), ["Pembro", "Nivo", "Ömega"]),
            Column::new("note".into(), [None, None, Some("x")]),
            Column::new("treated".into(), [Some(true), None, Some(false)]),
            date("birth", [Some(-6_000), Some(-10_000), Some(0)]),
            // 1, 11 and 21 March 2021.
            date("start", [Some(18_687), Some(18_697), Some(18_707)]),
            date("stop", [Some(18_839), None, Some(18_707)]),
        ],
    );
    let level = Level::named;
    let sex = About { levels: vec![level("male"), level("female")], ..About::default() };
    let frame = frame.expect("columns of one length");
    let mut table = Table::new(3);
    for column in frame.columns() {
        table.put_series(column.as_materialized_series().clone());
    }
    table.columns.insert("sex".to_owned(), sex);
    table
}

/// The values of an expression as text; nothing for a missing one.
pub(super) fn values(sql: &str) -> Vec<String> {
    let table = table();
    let checked = table.checked(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let found = evaluate::evaluate(&checked, &table, OnUnknown::Otherwise);
    let found = found.unwrap_or_else(|error| panic!("{sql}: {error}"));
    (0..3).map(|row| written(&found.cells.at(row))).collect()
}

/// What is wrong with an expression, and the mend.
pub(super) fn said(sql: &str) -> String {
    let error = table().evaluate(sql, "x").expect_err("a mistake");
    match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}
