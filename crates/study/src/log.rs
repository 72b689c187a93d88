//! The cleaning log: what did not fit, and what each rule changed.

use serde::{Deserialize, Serialize};

/// A cell that did not fit its declared column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The table it was read into.
    pub table: String,
    /// The raw file, relative to the pipeline file.
    pub file: String,
    /// The line in the file, from 1; in a workbook, the row.
    pub line: u64,
    /// The column's name.
    pub column: String,
    /// The cell as it stands in the file.
    pub raw: String,
    /// Why it does not fit.
    pub reason: String,
}

/// What a rule did with a cell or a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The value was put into its declared form.
    Fixed,
    /// The value was replaced by a documented correction.
    Corrected,
    /// The value was taken out because it cannot be right or is a code for missing.
    SetMissing,
    /// A question to the hospital: the value is kept or missing as `clean` says.
    Query,
    /// The row was dropped (a duplicate, an orphan).
    RowDropped,
    /// The patient was excluded.
    Excluded,
}

/// One row of the cleaning log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The `clean` entry that made the change.
    pub rule: String,
    /// The table.
    pub table: String,
    /// The patient, as in the study's patient column; empty where unknown.
    pub patient: String,
    /// The line in the raw file, where known.
    pub line: Option<u64>,
    /// The column.
    pub field: String,
    /// The value before.
    pub raw: Option<String>,
    /// The value after.
    pub clean: Option<String>,
    /// What was done.
    pub action: Action,
    /// Why, in words.
    pub reason: String,
}
