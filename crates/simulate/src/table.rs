//! Tables whose every cell knows both what the export shows and what cleaning must make of it.

use crate::schema::{Column, TableSchema, level_code};

/// One cell: the text in the export and the value after cleaning (empty for missing).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What the file holds.
    pub raw: String,
    /// What cleaning must arrive at: ISO date, level name, number in the column's unit.
    pub clean: String,
    /// Whether dirt was injected here, so that no cell is dirtied twice.
    pub dirty: bool,
}

/// What cleaning must do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It repeats another row.
    Duplicate,
    /// Its record does not exist.
    Orphan,
}

/// One row, cells in the order of the schema's columns.
#[derive(Clone, Debug)]
pub struct Row {
    /// The cells.
    pub cells: Vec<Cell>,
    /// What becomes of the row.
    pub fate: Fate,
}

/// A table of the export.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its declaration.
    pub schema: &'static TableSchema,
    /// Its rows, in file order.
    pub rows: Vec<Row>,
}

impl Table {
    /// An empty table of that declaration.
    #[must_use]
    pub fn new(schema: &'static TableSchema) -> Self {
        Self { schema, rows: Vec::new() }
    }

    /// Adds a row from clean values by column name; columns left out stay missing.
    ///
    /// # Panics
    /// On a column or level the schema does not know, which is a bug of the generator.
    pub fn push(&mut self, values: &[(&str, String)]) {
        let mut cells = vec![Cell::default(); self.schema.columns.len()];
        for (name, clean) in values {
            let index = self.index(name);
            // the export holds codes, cleaning arrives at names
            let raw = encode(&self.schema.columns[index], clean);
            cells[index] = Cell { raw, clean: clean.clone(), dirty: false };
        }
        self.rows.push(Row { cells, fate: Fate::Kept });
    }

    /// Position of a column.
    ///
    /// # Panics
    /// When the schema has no such column, which is a bug of the generator.
    #[must_use]
    pub fn index(&self, column: &str) -> usize {
        let found = self.schema.columns.iter().position(|known| known.name == column);
        found.unwrap_or_else(|| panic!("invariant: `{}` has a column `{column}`", self.schema.name))
    }

    /// The clean value of a cell.
    #[must_use]
    pub fn clean(&self, row: usize, column: &str) -> &str {
        &self.rows[row].cells[self.index(column)].clean
    }

    /// Whether a row is as it was made: not repeated by another, and without dirt in these columns.
    #[must_use]
    pub fn is_untouched(&self, row: usize, columns: &[&str]) -> bool {
        let own = &self.rows[row];
        let is_clean = columns.iter().all(|column| !own.cells[self.index(column)].dirty);
        let key = [self.clean(row, "record_id"), self.clean(row, "instance")];
        let is_copy = |other: &Row| {
            let named =
                ["record_id", "instance"].map(|name| other.cells[self.index(name)].clean.as_str());
            // a copy holds the former values and would contradict the changed row
            other.fate == Fate::Duplicate && named == key
        };
        is_clean && own.fate == Fate::Kept && !self.rows.iter().any(is_copy)
    }

    /// Puts another clean value in a cell without dirt.
    pub fn put(&mut self, row: usize, column: &str, clean: String) {
        let index = self.index(column);
        let raw = encode(&self.schema.columns[index], &clean);
        self.rows[row].cells[index] = Cell { raw, clean, dirty: false };
    }

    /// The indices of the rows that cleaning keeps.
    pub fn kept(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows.len()).filter(|row| self.rows[*row].fate == Fate::Kept)
    }

    /// The kept rows of one record, in file order.
    pub fn of_record<'a>(&'a self, record_id: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.kept().filter(move |row| self.clean(*row, "record_id") == record_id)
    }
}

fn encode(column: &Column, clean: &str) -> String {
    match column.levels {
        Some(list) if !clean.is_empty() => level_code(list, clean).to_owned(),
        _ => clean.to_owned(),
    }
}
