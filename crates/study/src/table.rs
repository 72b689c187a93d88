//! A table: columns with what is known of them.
//!
//! Only five types of column pass between stages: text, whole numbers, real
//! numbers, yes/no and dates. A category is text with declared levels. Columns
//! that a stage is handed are read when they are asked for, and which ones
//! those are is known ([`Reads`]); whoever changes a table makes new columns
//! and shares the others.

mod cell;
mod reads;
mod texts;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::{DataType, IdxSize, Series};
use serde::{Deserialize, Serialize};

pub use cell::{Lazy, Rows};
pub use reads::{Access, Known, Reads};
pub use texts::Texts;
pub use values::{ColumnType, Values};

use crate::Lineage;
use cell::Cell;

/// One declared level of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The value in the column.
    pub value: String,
    /// The value in words.
    pub label: String,
    /// Its own name in the ids of findings, where it was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The value of a level that only the data know; no cell holds it.
const ANY: &str = "\0";

impl Level {
    /// A level in words of its own.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), id: None }
    }

    /// A level whose words are its value.
    #[must_use]
    pub fn named(value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label: value.clone(), value, id: None }
    }

    /// The same level with a name of its own in the ids of findings, if there
    /// is one.
    #[must_use]
    pub fn with_id(self, id: Option<impl Into<String>>) -> Self {
        Self { id: id.map(Into::into), ..self }
    }

    /// In a rehearsal: a level that only the data know.
    #[must_use]
    pub fn any() -> Self {
        Self::new(ANY, "any level")
    }

    /// Whether it stands for levels that only the data know.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.value == ANY
    }
}

/// What is known of a column beside its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The column in words.
    pub label: String,
    /// Unit of its numbers.
    pub unit: Option<String>,
    /// Digits after the decimal point in which its numbers are printed; one unless declared.
    // left out where there are none: the digest of such a column stays what it was
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Levels in their declared order; empty where it is no category.
    pub levels: Vec<Level>,
    /// How it was made, in words or SQL, for the dictionary of variables.
    pub derivation: Option<String>,
    /// Where its values come from, and from when on they are known.
    #[serde(default, skip_serializing_if = "Lineage::is_empty")]
    pub lineage: Lineage,
}

/// Columns of one length with what is known of them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    height: usize,
    /// Shared between versions, and copied by whoever changes one: a table may
    /// have a thousand columns and a thousand rules that each add one.
    entries: Arc<Vec<Entry>>,
    access: Access,
    /// What is known of the columns; a column may be missing here.
    pub columns: Known,
    /// What decided which rows are there. Whoever reads a table reads it, so
    /// that no read of it needs to be noted.
    pub rows: Lineage,
}

#[derive(Debug, Clone)]
struct Entry {
    name: Arc<str>,
    cell: Cell,
}

impl Entry {
    /// The column as it is handed over with the table `from`; none of a type
    /// that stages do not pass.
    fn handed(&self, from: &Arc<str>) -> Option<Self> {
        let lazy = match &self.cell {
            // Untouched: the same values at hand for all that hold it.
            Cell::Handed { lazy, rows: None, .. } => Arc::clone(lazy),
            // Made or selected by a rule: from here on it is a column of the table that is
            // handed over.
            cell => {
                let (kind, cell) = (ColumnType::of(&cell.data_type())?, cell.clone());
                Arc::new(Lazy::new(kind, move || cell.series().clone()))
            }
        };
        Some(Self { name: Arc::clone(&self.name), cell: Cell::handed(Arc::clone(from), lazy) })
    }

    /// Whether it is as it was handed over with the table `name`.
    fn is_of(&self, name: &str) -> bool {
        matches!(&self.cell, Cell::Handed { from, rows: None, .. } if **from == *name)
    }
}

/// A column of a table that was handed over, as it comes back from a stage.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// The stage made it.
    Made(&'a Series),
    /// It is the column of this name of a table that was handed over.
    Passed {
        /// The table.
        from: &'a str,
        /// The rows of it that stand, where not all do.
        rows: Option<&'a Rows>,
    },
}

impl Table {
    /// A table of `height` rows without columns.
    #[must_use]
    pub fn new(height: usize) -> Self {
        Self { height, ..Self::default() }
    }

    /// A table of new columns, of `height` values each, no name twice.
    ///
    /// # Panics
    /// If a column has another length: a bug in the caller.
    #[must_use]
    pub fn of<N: AsRef<str>>(
        height: usize,
        columns: impl IntoIterator<Item = (N, Values)>,
    ) -> Self {
        let mut table = Self::new(height);
        for (name, values) in columns {
            table.put(name.as_ref(), values);
        }
        table
    }

    /// The table `name` as a stage is handed it: columns that are read when
    /// they are asked for, and what is known of them and of its rows.
    #[must_use]
    pub fn handed(
        name: &str,
        (height, rows): (usize, Lineage),
        columns: impl IntoIterator<Item = (String, Arc<Lazy>)>,
        known: BTreeMap<String, Column>,
        access: Access,
    ) -> Self {
        let from: Arc<str> = name.into();
        let entry = |(name, lazy): (String, Arc<Lazy>)| Entry {
            name: name.into(),
            cell: Cell::handed(Arc::clone(&from), lazy),
        };
        let entries = Arc::new(columns.into_iter().map(entry).collect());
        Self { height, entries, columns: Known::new(known, access.clone()), access, rows }
    }

    /// This table as a stage is handed it under the name `name`, with what the
    /// access allows to be known of its columns.
    #[must_use]
    pub fn handed_over(&self, name: &str, access: Access) -> Self {
        let from: Arc<str> = name.into();
        // Shared where nothing changed: a thousand rules on a thousand columns copy no
        // list.
        let entry = |entry: &Entry| match entry.is_of(name) {
            true => Some(entry.clone()),
            false => entry.handed(&from),
        };
        let entries = match self.entries.iter().all(|entry| entry.is_of(name)) {
            true => Arc::clone(&self.entries),
            false => Arc::new(self.entries.iter().filter_map(entry).collect()),
        };
        // What is known goes with the access, so that to ask for a label is a read, too.
        let mut columns = self.columns.handed_over(access.clone());
        if let Access::Only(reads, _) = &access {
            columns.retain(|column| reads.knows(column));
        }
        Self { height: self.height, entries, columns, access, rows: self.rows.clone() }
    }

    /// The same values, free to be read: what a stage made, once it is done.
    #[must_use]
    pub fn freed(&self) -> Self {
        let mut free = Self::new(self.height);
        self.entries.iter().for_each(|entry| free.put_series(entry.cell.series().clone()));
        free.columns = self.columns.handed_over(Access::Free);
        free.rows.clone_from(&self.rows);
        free
    }

    /// The columns in order, as they come back from a stage.
    pub fn parts(&self) -> impl Iterator<Item = (&str, Origin<'_>)> {
        self.entries.iter().map(|entry| {
            let part = match &entry.cell {
                Cell::Made(series) => Origin::Made(series),
                Cell::Handed { from, rows, .. } => Origin::Passed { from, rows: rows.as_ref() },
            };
            (&*entry.name, part)
        })
    }

    /// How many rows it has.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The names of the columns in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.access.names();
        self.entries.iter().map(|entry| entry.name.to_string()).collect()
    }

    /// Whether there is such a column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        match self.entry(column) {
            // What the stage made itself is no read of what it was handed.
            Some(entry) if matches!(entry.cell, Cell::Made(_)) => true,
            found => {
                self.access.known(column);
                found.is_some()
            }
        }
    }

    /// What is known of `column`, or nothing but its name as label.
    #[must_use]
    pub fn about(&self, column: &str) -> Column {
        let mut about = self.columns.get(column).cloned().unwrap_or_default();
        // A name is better than nothing on an axis.
        if about.label.is_empty() {
            column.clone_into(&mut about.label);
        }
        about
    }

    /// The type of a column; none if there is no such column, or of another type.
    #[must_use]
    pub fn type_of(&self, column: &str) -> Option<ColumnType> {
        ColumnType::of(&self.data_type(column)?)
    }

    /// The type of a column as polars has it.
    #[must_use]
    pub fn data_type(&self, column: &str) -> Option<DataType> {
        Some(self.read(column)?.cell.data_type())
    }

    /// The whole column, for work on whole columns.
    #[must_use]
    pub fn series(&self, column: &str) -> Option<&Series> {
        Some(self.read(column)?.cell.series())
    }

    /// The values of a column of a type that stages pass.
    #[must_use]
    pub fn values(&self, column: &str) -> Option<Values> {
        Values::of(self.series(column)?)
    }

    /// The values of a column of whole or real numbers; none of another column.
    #[must_use]
    pub fn numbers(&self, column: &str) -> Option<Vec<Option<f64>>> {
        // No text is read as a number here: that is a declared rule's work.
        match self.values(column)? {
            Values::Real(values) => Some(values),
            #[expect(clippy::cast_precision_loss, reason = "counts in a study are below 2^53")]
            Values::Whole(values) => {
                Some(values.into_iter().map(|value| value.map(|whole| whole as f64)).collect())
            }
            _ => None,
        }
    }

    /// The days since 1970-01-01 of a column of dates; none of another column.
    #[must_use]
    pub fn days(&self, column: &str) -> Option<Vec<Option<i32>>> {
        match self.values(column)? {
            Values::Date(days) => Some(days),
            _ => None,
        }
    }

    /// The values of a column of yes or no; none of another column.
    #[must_use]
    pub fn conditions(&self, column: &str) -> Option<Vec<Option<bool>>> {
        match self.values(column)? {
            Values::YesNo(values) => Some(values),
            _ => None,
        }
    }

    /// The values of a column as categories: text as it is, whole numbers in
    /// digits, yes/no in these words; none of another column.
    #[must_use]
    pub fn categories(&self, column: &str) -> Option<Texts> {
        Texts::of(self.series(column)?)
    }

    /// Puts a column behind the others, or in the place of the one of its name.
    ///
    /// # Panics
    /// If it has not one value a row: a bug in the caller.
    pub fn put(&mut self, name: &str, values: Values) {
        self.put_series(values.into_series(name));
    }

    /// Puts a whole column under its own name.
    ///
    /// # Panics
    /// If it has not one value a row: a bug in the caller.
    pub fn put_series(&mut self, series: Series) {
        // A column of another length would shift values to other patients.
        assert_eq!(series.len(), self.height, "invariant: one value a row in `{}`", series.name());
        let name: Arc<str> = series.name().as_str().into();
        let cell = Cell::Made(series);
        // Copied only if another version holds them.
        let entries = Arc::make_mut(&mut self.entries);
        match entries.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => entry.cell = cell,
            None => entries.push(Entry { name, cell }),
        }
    }

    /// The rows marked true, in their order.
    #[must_use]
    pub fn keep(&self, keep: &[bool]) -> Self {
        let rows = Rows::marked(keep);
        // All rows are no selection: the columns pass on by the digests that they have.
        if rows.is_all(self.height) { self.clone() } else { self.at(&rows) }
    }

    /// Some rows in the order given; a row may repeat.
    ///
    /// # Panics
    /// If there is no such row: a bug in the caller.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let index = |row: &usize| IdxSize::try_from(*row).expect("invariant: a row");
        self.at(&Rows::new(rows.iter().map(index).collect()))
    }

    fn at(&self, rows: &Rows) -> Self {
        // Columns that had the same rows before share what comes of them.
        let mut composed = Vec::new();
        let entries = self.entries.iter().map(|entry| Entry {
            name: entry.name.clone(),
            cell: entry.cell.take(rows, &mut composed),
        });
        let entries = Arc::new(entries.collect());
        Self { height: rows.numbers().len(), entries, ..self.clone() }
    }

    /// Some columns, in the order given.
    ///
    /// # Panics
    /// If there is no such column: a bug in the caller.
    #[must_use]
    pub fn select(&self, names: &[String]) -> Self {
        // what a stage leaves out must not come back with the columns it passes on
        self.access.names();
        let entry = |name: &String| self.entry(name).expect("invariant: a column").clone();
        let mut columns = self.columns.clone();
        columns.retain(|column| names.iter().any(|name| name == column));
        let entries = Arc::new(names.iter().map(entry).collect());
        Self { entries, columns, ..self.clone() }
    }

    /// The same columns without rows, free to be read.
    #[must_use]
    pub fn without_rows(&self) -> Self {
        let empty = |entry: &Entry| {
            let series = Series::new_empty((&*entry.name).into(), &entry.cell.data_type());
            Entry { name: Arc::clone(&entry.name), cell: Cell::Made(series) }
        };
        let entries = match self.height {
            // A table without rows is its own shape.
            0 => Arc::clone(&self.entries),
            _ => Arc::new(self.entries.iter().map(empty).collect()),
        };
        let columns = self.columns.handed_over(Access::Free);
        Self { height: 0, entries, columns, access: Access::Free, rows: self.rows.clone() }
    }

    fn entry(&self, column: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| *entry.name == *column)
    }

    fn read(&self, column: &str) -> Option<&Entry> {
        let found = self.entry(column);
        match found {
            Some(entry) if matches!(entry.cell, Cell::Made(_)) => {}
            Some(_) => self.access.values(column),
            // That it is not there is an answer that a key must hold.
            None => self.access.known(column),
        }
        found
    }
}

#[cfg(test)]
mod tests;
