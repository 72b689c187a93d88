//! Characters and blanks that nobody meant to type.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, DeedId, Output, StudySettings, composed, is_invisible};

use crate::cells::{Edit, Revision, close_all, lent_series};
use crate::coded::Coded;
use crate::kinds::parameters::{Targets, twice};
use crate::text::tidy;

/// Tidies text: full-width letters and digits become plain ones, odd spaces
/// become blanks, letters with accents get the one form in which they can be
/// compared (NFC), invisible characters vanish and so do blanks at the ends; a
/// cell of blanks is missing.
/// Line breaks inside a text and Chinese punctuation stay. Without `columns`
/// it does so in every column of text.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TidyText {
    /// The table; for several use `tables`.
    #[serde(default)]
    pub table: Option<String>,
    /// The tables, where text is tidied in several.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The columns of text; all of them where it is left out.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Columns to leave as they are.
    #[serde(default)]
    pub except: Vec<String>,
}

impl Kind for TidyText {
    const NAME: &'static str = "tidy_text";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        self.targets().wiring()
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = self.targets().check();
        mistakes.0.extend(twice("columns", &self.columns));
        mistakes.0.extend(twice("except", &self.except));
        // One of the two would have no effect.
        if !self.columns.is_empty() && !self.except.is_empty() {
            let message = "`columns` and `except` are given both";
            mistakes.push(Mistake::at(&["except"], message).hint("keep one of them"));
        }
        mistakes.or(())?;
        close_all(self.targets().names().map(|table| self.revise(call, table)).collect())
    }
}

impl TidyText {
    fn targets(&self) -> Targets<'_> {
        Targets { table: self.table.as_deref(), tables: &self.tables }
    }

    fn revise<'a>(&self, call: &'a Call<'a>, table: &str) -> Revision<'a> {
        let mut revision = Revision::open(call, table);
        for (at, column) in self.columns.iter().enumerate() {
            let mend = "only text is tidied";
            revision.has_type(column, &[DataType::String], mend, &["columns", &at.to_string()]);
        }
        for (at, column) in self.except.iter().enumerate() {
            revision.has(column, &["except", &at.to_string()]);
        }
        if revision.mistakes.0.is_empty() {
            for column in self.chosen(&revision) {
                tidy_column(&mut revision, &column);
            }
        }
        revision
    }

    fn chosen(&self, revision: &Revision<'_>) -> Vec<String> {
        let wanted = |column: &String| {
            // Every column of text; numbers and dates have no blanks.
            let named = self.columns.is_empty() || self.columns.contains(column);
            named && !self.except.contains(column) && revision.dtype(column) == DataType::String
        };
        revision.table.names().into_iter().filter(wanted).collect()
    }
}

fn tidy_column(revision: &mut Revision<'_>, column: &str) {
    let cells = Coded::of(&revision.table, column);
    let tidied: Vec<(Option<String>, Option<DeedId>)> =
        cells.distinct().map(|raw| tidy_cell(revision, column, raw)).collect();
    revision.note_rows(|row| [cells.meaning(&tidied, row).and_then(|(_, deed)| *deed)]);
    let cell = |row| cells.meaning(&tidied, row)?.0.as_deref();
    let series = lent_series(column, cells.codes.len(), cell);
    revision.write(series, revision.own(column));
}

/// The tidy text of a cell, and what the log says of it where it is another one.
fn tidy_cell(
    revision: &mut Revision<'_>,
    field: &str,
    raw: &str,
) -> (Option<String>, Option<DeedId>) {
    // Nothing but blanks is nothing.
    let tidied = Some(tidy(raw)).filter(|text| !text.is_empty());
    let (action, reason) = match &tidied {
        Some(clean) if clean == raw => return (tidied, None),
        None => (Action::SetMissing, "blank"),
        // The log tells which of several things was mended, the rarest first.
        Some(clean) if *clean == composed(raw) => {
            (Action::Fixed, "letters with accents in their one form")
        }
        Some(_) if raw.chars().any(is_invisible) => {
            (Action::Fixed, "invisible characters taken out")
        }
        Some(_) => (Action::Fixed, "blanks at the ends or characters of another width"),
    };
    let (clean, reason) = (tidied.as_deref(), reason.to_owned());
    let deed = revision.deed(Edit { field, raw: Some(raw), clean, action, reason });
    (tidied, Some(deed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    const RAW: &str =
        "record_id|note|n:whole\nP-1| a，b \u{A0}|1\nP-2|３．８|2\nP-3|\u{3000}|3\n P-4|c|4";

    #[test]
    fn every_text_is_tidied() {
        let output = run_twice::<TidyText>(json!({"tables": ["t"]}), "t", &table(RAW));
        assert_eq!(
            shown(&output.tables["t"]),
            ["record_id|note|n", "P-1|a，b|1", "P-2|3.8|2", "P-3||3", "P-4|c|4"]
        );
        assert_eq!(
            log(&output),
            [
                "5  P-4 record_id:  P-4 -> P-4 (fixed: blanks at the ends or characters of another width)",
                "2 P-1 note:  a，b \u{A0} -> a，b (fixed: blanks at the ends or characters of another width)",
                "3 P-2 note: ３．８ -> 3.8 (fixed: blanks at the ends or characters of another width)",
                "4 P-3 note: \u{3000} -> (missing) (set_missing: blank)",
            ]
        );
        let output =
            run_twice::<TidyText>(json!({"table": "t", "except": ["note"]}), "t", &table(RAW));
        assert_eq!(output.changes.len(), 1);
    }

    #[test]
    fn text_that_looks_the_same_becomes_the_same() {
        let raw = table("record_id|town\nP-1|Ko\u{308}ln\nP-2|Köln\nP-3|K\u{AD}öln\u{200E}");
        let output = run_twice::<TidyText>(json!({"table": "t"}), "t", &raw);
        assert_eq!(
            shown(&output.tables["t"]),
            ["record_id|town", "P-1|Köln", "P-2|Köln", "P-3|Köln"]
        );
        assert_eq!(
            log(&output),
            [
                "2 P-1 town: Ko\u{308}ln -> Köln (fixed: letters with accents in their one form)",
                "4 P-3 town: K\u{AD}öln\u{200E} -> Köln (fixed: invisible characters taken out)",
            ]
        );
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table(RAW);
        let said = |parameters| {
            messages(&run::<TidyText>(parameters, &[("t", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({"table": "t", "columns": ["n", "nota"]})),
            [
                "columns.0: column `n` of table `t` holds whole numbers, not text; only text is tidied",
                "columns.1: table `t` has no column `nota`; did you mean `note`?",
            ]
        );
        assert_eq!(
            said(json!({"columns": ["note"], "except": ["n", "n"]})),
            [
                "table: no table is named; give `table` or `tables`",
                "except.1: `n` is listed twice",
                "except: `columns` and `except` are given both; keep one of them",
            ]
        );
    }

    proptest! {
        #[test]
        fn a_second_run_changes_nothing(cells in prop::collection::vec("[ \u{A0}\u{3000}\u{200B}\u{301}ae１，．é]{0,6}", 1..12)) {
            let lines: String = cells.iter().map(|cell| format!("\nP|{cell}")).collect();
            run_twice::<TidyText>(json!({"table": "t"}), "t", &table(&format!("record_id|x{lines}")));
        }
    }
}
