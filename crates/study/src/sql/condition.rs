//! A condition on the rows of a table, and what is to be told where a missing
//! value leaves it open.

use std::collections::BTreeSet;

use super::evaluate::CaseUnknown;
use super::parse::shortened;
use crate::Table;

/// The answers of a condition, a row each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Yes, no, or none where a missing value leaves it open.
    pub answers: Vec<Option<bool>>,
    /// The rows that it leaves open, if there are any.
    pub unknown: Option<UnknownRows>,
    /// Conditions of a `CASE` within it that were unknown where it gave a value.
    pub cases: Vec<UnknownCase>,
}

/// A condition that is unknown on some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRows {
    /// The condition as it was written, shortened where it is long.
    pub condition: String,
    /// Its columns that are missing there.
    pub columns: Vec<String>,
    /// The rows, from 0.
    pub rows: Vec<usize>,
}

/// A condition of a `CASE` that is unknown on rows on which the `CASE` has a value.
pub type UnknownCase = UnknownRows;

impl Condition {
    pub(super) fn new(
        table: &Table,
        sql: &str,
        columns: &[String],
        answers: Vec<Option<bool>>,
        cases: Vec<UnknownCase>,
    ) -> Self {
        // By number, for the log: each patient about whom something was left open has a row
        // there.
        let rows: Vec<usize> = (0..answers.len()).filter(|row| answers[*row].is_none()).collect();
        if rows.is_empty() {
            return Self { answers, unknown: None, cases };
        }
        // Only columns that are missing on one of these rows: the others left nothing open.
        let missing = |column: &&String| {
            let column = table.series(column).expect("invariant: checked");
            let missing = column.is_null();
            rows.iter().any(|row| missing.get(*row) == Some(true))
        };
        let columns = columns.iter().filter(missing).cloned().collect();
        let unknown = Some(UnknownRows { condition: shortened(sql), columns, rows });
        Self { answers, unknown, cases }
    }

    /// True where the condition holds.
    #[must_use]
    pub fn holds(&self) -> Vec<bool> {
        // An unknown row does not hold: nobody is chosen by a value that is not there.
        self.answers.iter().map(|answer| *answer == Some(true)).collect()
    }
}

impl From<CaseUnknown> for UnknownRows {
    fn from(case: CaseUnknown) -> Self {
        let columns: BTreeSet<String> = case.columns;
        Self { condition: case.condition, columns: columns.into_iter().collect(), rows: case.rows }
    }
}
