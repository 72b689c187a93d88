//! The cleaning log: what did not fit, and what each rule changed.

use std::borrow::Cow;

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
    /// A missing value left a condition open: `clean` says what was given all the same.
    Unknown,
}

/// One row of the cleaning log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<'a> {
    /// The `clean` entry that made the change.
    pub rule: Cow<'a, str>,
    /// The table.
    pub table: Cow<'a, str>,
    /// The patient, as in the study's patient column; empty where unknown.
    pub patient: Cow<'a, str>,
    /// The line in the raw file, where known.
    pub line: Option<u64>,
    /// The column.
    pub field: Cow<'a, str>,
    /// The value before.
    pub raw: Option<Cow<'a, str>>,
    /// The value after.
    pub clean: Option<Cow<'a, str>>,
    /// What was done.
    pub action: Action,
    /// Why, in words.
    pub reason: Cow<'a, str>,
}

/// What became of the rows on which a condition was unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenAs {
    /// They were not chosen.
    NotChosen,
    /// The patients stayed in the study.
    Kept,
    /// The patients stayed, and the hospital is asked.
    Queried,
    /// The patients were excluded.
    Excluded,
    /// A `CASE` gave them the value of a later branch or of `ELSE`.
    Otherwise,
    /// A `CASE` gave them nothing.
    Missing,
}

impl TakenAs {
    /// What became of them in words, for one row or patient or for several.
    #[must_use]
    pub fn words(self, several: bool) -> &'static str {
        match (self, several) {
            (Self::NotChosen, _) => "not chosen",
            (Self::Kept, true) => "who stay",
            (Self::Kept, false) => "who stays",
            (Self::Queried, true) => "who stay and are asked about",
            (Self::Queried, false) => "who stays and is asked about",
            (Self::Excluded, true) => "who are excluded",
            (Self::Excluded, false) => "who is excluded",
            (Self::Otherwise, _) => "given the value of a later branch",
            (Self::Missing, _) => "set missing",
        }
    }
}

/// A condition that a missing value left open on some rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unknown {
    /// The table.
    pub table: String,
    /// The parameter that holds the condition, such as `where`.
    pub parameter: String,
    /// The condition as it was written.
    pub condition: String,
    /// Its columns that are missing there.
    pub columns: Vec<String>,
    /// On how many rows.
    pub rows: u64,
    /// Of how many patients, where the table names them.
    pub patients: u64,
    /// What became of them.
    pub taken_as: TakenAs,
}

impl Unknown {
    /// In words: ``` `age < 18` is unknown for 1 patient, who stays (`age` is missing) ```.
    #[must_use]
    pub fn words(&self) -> String {
        // One row each: then it is patients that a reader counts.
        let (count, thing) = if self.patients > 0 && self.patients == self.rows {
            (self.patients, "patient")
        } else {
            (self.rows, "row")
        };
        let (plural, of) = match (thing, count) {
            (_, 1) => ("", String::new()),
            // Several rows of fewer patients: both numbers are told.
            ("row", _) if self.patients > 0 => {
                let s = if self.patients == 1 { "" } else { "s" };
                ("s", format!(" of {} patient{s}", self.patients))
            }
            _ => ("s", String::new()),
        };
        let columns: Vec<String> =
            self.columns.iter().map(|column| format!("`{column}`")).collect();
        let why = match columns.as_slice() {
            [] => String::new(),
            [one] => format!(" ({one} is missing)"),
            several => format!(" ({} are missing)", several.join(" or ")),
        };
        // By the number that stands in front of it: "who stay", "who stays".
        let became = self.taken_as.words(count > 1);
        format!("`{}` is unknown for {count} {thing}{plural}{of}, {became}{why}", self.condition)
    }
}
