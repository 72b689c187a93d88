//! The lineage of a table fresh from its file: each column is a raw column,
//! known from the date that the declaration names.

use std::collections::BTreeSet;

use engine::{Mistake, Mistakes};
use study::{DateId, Lineage, Moment, RawColumn};

use crate::column::{ColumnSpec, ColumnType};
use crate::declaration::Declaration;

impl Declaration<'_> {
    /// What is wrong with the dates from which rows and columns are known.
    pub(crate) fn check_known_from(&self) -> Mistakes {
        let mut mistakes = Mistakes::default();
        if let Some(date) = self.known_from {
            mistakes.note(self.check_date(date, &["known_from"]));
        }
        for (name, spec) in self.columns.iter() {
            if let Some(date) = &spec.known_from {
                mistakes.note(self.check_date(date, &["columns", name, "known_from"]));
            }
        }
        mistakes
    }

    fn check_date(&self, date: &str, at: &[&str]) -> Result<(), Mistake> {
        let table = self.table;
        let Some(spec) = self.columns.get(date) else {
            let message = format!("table `{table}` declares no column `{date}`");
            return Err(Mistake::at(at, message).hint_nearest(date, self.columns.names()));
        };
        // text may be dates that a rule will parse
        match spec.column_type {
            ColumnType::Date | ColumnType::Text => Ok(()),
            _ => Err(Mistake::at(at, format!("column `{date}` does not hold dates")).hint(
                "name the column with the day on which a row came to be known, of type `date`, or \
                 `text` that a `parse_dates` rule reads",
            )),
        }
    }

    /// What decides which rows there are.
    pub(crate) fn lineage_of_rows(&self) -> Lineage {
        let known = self.known_from.map(|date| Moment::of_row(self.date(date)));
        let raw = self.known_from.map(|date| self.raw(date));
        // which rows there are depends on the date from which they are known
        Lineage {
            known: known.into_iter().collect(),
            raw: raw.into_iter().collect(),
            ..Lineage::default()
        }
    }

    /// The lineage of a declared column.
    pub(crate) fn lineage(&self, name: &str, spec: &ColumnSpec) -> Lineage {
        let own = self.date(name);
        // a column that says from when others are known counts as a date also while it is
        // text
        let is_named = self.known_from == Some(name)
            || self.columns.iter().any(|(_, spec)| spec.known_from.as_deref() == Some(name));
        let is_date = is_named || spec.column_type == ColumnType::Date;
        let named = [self.known_from, spec.known_from.as_deref()].into_iter().flatten();
        let mut known: BTreeSet<_> = named.map(|date| Moment::of_row(self.date(date))).collect();
        // on the row of an event every date is known from its own day on
        if is_named || is_date && !known.is_empty() {
            known.insert(Moment::of_row(own.clone()));
        }
        Lineage {
            raw: BTreeSet::from([self.raw(name)]),
            known,
            dates: is_date.then(|| own.clone()).into_iter().collect(),
            date: is_date.then(|| Moment::of_row(own)),
            // the patient's column may be declared as text
            identifier: name == self.patient || spec.column_type == ColumnType::Id,
            ..Lineage::default()
        }
    }

    /// The lineage of the column that says from which file a row comes: it is
    /// known with its row.
    pub(crate) fn lineage_of_source(&self, name: &str) -> Lineage {
        Lineage { raw: BTreeSet::from([self.raw(name)]), ..self.lineage_of_rows() }
    }

    fn raw(&self, column: &str) -> RawColumn {
        RawColumn { table: self.table.to_owned(), column: column.to_owned() }
    }

    fn date(&self, column: &str) -> DateId {
        DateId { table: self.table.to_owned(), column: column.to_owned(), rule: None }
    }
}
