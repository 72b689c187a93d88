//! Where a table ends, if rows that are no patients stand below it: empty rows,
//! and the footnotes and sums that people write under a table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a row is, judged by how many of its cells are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A row of the table.
    Row,
    /// Such a row below an empty one: it may be no row of the table.
    Later,
    /// Nothing stands in it.
    Empty,
    /// One cell alone, below an empty row: a footnote rather than a patient.
    Footnote,
    /// Below the declared end of the table.
    Below,
}

/// Follows a table down its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) last_row: Option<u64>,
    pub(crate) stop_at_blank_row: bool,
    seen: bool,
    gap: bool,
}

impl Ending {
    pub(crate) fn new(last_row: Option<u64>, stop_at_blank_row: bool) -> Self {
        Self { last_row, stop_at_blank_row, seen: false, gap: false }
    }

    /// What the next row is, of which so many of all its cells are filled.
    pub(crate) fn judge(&mut self, line: u64, filled: usize, of: usize) -> Standing {
        let ended = self.gap && self.stop_at_blank_row;
        if ended || self.last_row.is_some_and(|last| line > last) {
            return Standing::Below;
        }
        if filled == 0 {
            // empty rows between the header and the first row end nothing
            self.gap |= self.seen;
            return Standing::Empty;
        }
        self.seen = true;
        // who declared the end has looked at what stands above it
        // In a table of one column every row is one cell.
        if self.gap && filled == 1 && of > 1 && self.last_row.is_none() {
            return Standing::Footnote;
        }
        if self.gap && self.last_row.is_none() { Standing::Later } else { Standing::Row }
    }

    /// What is wrong with a footnote, and what to do about it.
    pub(crate) fn footnote(text: &str) -> String {
        format!("the row stands below an empty one and holds nothing but `{text}`")
    }

    pub(crate) const HINT: &'static str = "end the table above it with `stop_at_blank_row: true` or `last_row:`, or delete the empty row if it is a row of the table";
}

/// What happens to rows that a filter or a person has hidden in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HiddenRows {
    /// They are a mistake: whether they belong to the study is open.
    // a filter that was left on would otherwise decide who is in the study
    #[default]
    Stop,
    /// They are read like the others.
    Read,
    /// They are left out.
    LeaveOut,
}
