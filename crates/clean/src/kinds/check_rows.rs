//! Rows that contradict themselves.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings};

use crate::cells::{Edit, Revision, without};
use crate::coded::texts;
use crate::kinds::parameters::{condition, twice, wiring_of};
use crate::lineage::{LookedAt, of_condition};

/// Finds rows that contradict themselves, such as a death before the last
/// contact or a dose that is not fractions times dose per fraction. The
/// condition marks the contradiction; a row on which it is unknown, because a
/// value is missing, is left alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRows {
    /// The table.
    pub table: String,
    /// SQL condition that holds where a row contradicts itself, such as
    /// `death_date < last_contact`.
    #[serde(rename = "where")]
    pub condition: String,
    /// What is wrong with such a row, in words for the log.
    pub reason: String,
    /// What to do with it: `query` keeps the row and asks, `set_missing` takes
    /// out the values of `fields`, `query_set_missing` takes them out and asks,
    /// `drop` drops the row, `stop` reports it as a mistake.
    #[serde(default)]
    pub action: RowAction,
    /// The columns that the contradiction is about; the log has a row for each.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// What to do with a row that contradicts itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowAction {
    /// Keep it and ask the hospital.
    #[default]
    Query,
    /// Take out the values of `fields`.
    SetMissing,
    /// Take out the values of `fields` and ask the hospital.
    QuerySetMissing,
    /// Drop the row.
    Drop,
    /// Report it as a mistake and stop.
    Stop,
}

impl Kind for CheckRows {
    const NAME: &'static str = "check_rows";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        revision.mistakes.0.extend(twice("fields", &self.fields));
        for (at, field) in self.fields.iter().enumerate() {
            revision.has(field, &["fields", &at.to_string()]);
        }
        // Which of two contradicting dates is wrong, only the study can say.
        if self.takes_out() && self.fields.is_empty() {
            let message = "`action` needs the columns whose values to take out";
            revision.mistakes.push(Mistake::at(&["fields"], message));
        }
        let marked = condition(&mut revision, Some(&self.condition));
        // With a mistaken condition every row would be marked.
        if revision.mistakes.0.is_empty() {
            self.act(&mut revision, &marked);
        }
        revision.close()
    }
}

impl CheckRows {
    fn takes_out(&self) -> bool {
        matches!(self.action, RowAction::SetMissing | RowAction::QuerySetMissing)
    }

    fn act(&self, revision: &mut Revision<'_>, marked: &[bool]) {
        let rows: Vec<usize> = (0..marked.len()).filter(|row| marked[*row]).collect();
        match self.action {
            RowAction::Query => self.note_fields(revision, &rows, Action::Query),
            RowAction::SetMissing | RowAction::QuerySetMissing => {
                let asks = self.action == RowAction::QuerySetMissing;
                let action = if asks { Action::Query } else { Action::SetMissing };
                self.note_fields(revision, &rows, action);
                for field in &self.fields {
                    let kept = without(revision.series(field), marked);
                    let made = revision.own_where(field, Some(&self.condition));
                    revision.write(kept, made);
                }
            }
            RowAction::Drop => {
                // Noted first: afterwards the rows are gone.
                for row in rows {
                    revision.note_dropped(row, self.reason.clone());
                }
                let keep: Vec<bool> = marked.iter().map(|marked| !marked).collect();
                let decided = of_condition(&revision.table, Some(&self.condition));
                revision.keep(&keep, &decided);
                // What is left has its dates on the other side of the condition: lineage may use
                // that as a bound.
                let left = LookedAt::left_by(&revision.table, &self.condition);
                let table = &mut revision.table;
                let lineages = table.columns.values_mut().map(|about| &mut about.lineage);
                lineages.chain([&mut table.rows]).for_each(|lineage| left.note_bounds(lineage));
            }
            // Nothing is wrong, and the rule says nothing.
            RowAction::Stop if rows.is_empty() => {}
            RowAction::Stop => {
                let (table, reason) = (&self.table, &self.reason);
                let message = format!("table `{table}`: {reason}: {}", revision.places(&rows));
                let hint = "mend the raw rows, or let `action` settle them";
                revision.mistakes.push(Mistake::at(&["where"], message).hint(hint));
            }
        }
    }

    /// A note for each field of each row; for the row itself where no field is named.
    fn note_fields(&self, revision: &mut Revision<'_>, rows: &[usize], action: Action) {
        let columns: Vec<_> =
            self.fields.iter().map(|field| texts(&revision.table, field)).collect();
        for row in rows {
            let reason = || self.reason.clone();
            if self.fields.is_empty() {
                let edit = Edit { field: "", raw: None, clean: None, action, reason: reason() };
                revision.note(*row, edit);
            }
            for (field, column) in self.fields.iter().zip(&columns) {
                let raw = column[*row].as_deref();
                // A query keeps the value; only what is taken out has none after it.
                let clean = raw.filter(|_| !self.takes_out());
                // What was missing already is not taken out a second time.
                if raw.is_some() || !self.takes_out() {
                    revision.note(*row, Edit { field, raw, clean, action, reason: reason() });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    const RAW: &str = "record_id|last_contact:date|death_date:date\nP-1|2021-03-05|2021-03-01\nP-2|2021-03-05|\nP-3|2021-03-05|2021-03-06";

    fn checked(action: &str, fields: &[&str]) -> Output {
        let parameters = json!({
            "table": "followup", "where": "death_date < last_contact", "reason": "death before last contact",
            "action": action, "fields": fields,
        });
        run_twice::<CheckRows>(parameters, "followup", &table(RAW))
    }

    #[test]
    fn contradictions_are_settled_as_declared() {
        let asked = checked("query", &["death_date", "last_contact"]);
        assert_eq!(shown(&asked.tables["followup"])[1], "P-1|2021-03-05|2021-03-01");
        assert_eq!(
            log(&asked),
            [
                "2 P-1 death_date: 2021-03-01 -> 2021-03-01 (query: death before last contact)",
                "2 P-1 last_contact: 2021-03-05 -> 2021-03-05 (query: death before last contact)",
            ]
        );
        assert_eq!(
            log(&checked("query", &[])),
            ["2 P-1: (missing) -> (missing) (query: death before last contact)"]
        );
        let out = checked("set_missing", &["death_date"]);
        assert_eq!(shown(&out.tables["followup"])[1..3], ["P-1|2021-03-05|", "P-2|2021-03-05|"]);
        assert_eq!(
            log(&out),
            ["2 P-1 death_date: 2021-03-01 -> (missing) (set_missing: death before last contact)"]
        );
        assert_eq!(
            log(&checked("query_set_missing", &["death_date"])),
            ["2 P-1 death_date: 2021-03-01 -> (missing) (query: death before last contact)"]
        );
        let dropped = checked("drop", &[]);
        assert_eq!(
            shown(&dropped.tables["followup"])[1..],
            ["P-2|2021-03-05|", "P-3|2021-03-05|2021-03-06"]
        );
        assert_eq!(
            log(&dropped),
            ["2 P-1: (missing) -> (missing) (row_dropped: death before last contact)"]
        );
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table(RAW);
        let said = |parameters| {
            messages(&run::<CheckRows>(parameters, &[("followup", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(
                json!({"table": "followup", "where": "death_date < last_contact", "reason": "death before last contact", "action": "stop"})
            ),
            [
                "where: table `followup`: death before last contact: line 2 (P-1); mend the raw rows, or let `action` settle them"
            ]
        );
        assert_eq!(
            said(
                json!({"table": "followup", "where": "death < last_contact", "reason": "x", "action": "set_missing"})
            ),
            [
                "fields: `action` needs the columns whose values to take out",
                "where: SQL expression names a column `death` that the table does not have; there are: `record_id`, `last_contact`, `death_date`, `_line`",
            ]
        );
        assert_eq!(
            said(
                json!({"table": "followup", "where": "death_date", "reason": "x", "fields": ["deathdate"]})
            ),
            [
                "fields.0: table `followup` has no column `deathdate`; did you mean `death_date`?",
                "where: SQL condition gives a date, not yes or no",
            ]
        );
    }
}
