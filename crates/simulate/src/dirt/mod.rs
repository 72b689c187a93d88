//! The dirt of real exports, injected cell by cell, each with what cleaning must make of it.

mod checks;
mod coding;
mod dates;
mod identity;
mod units;
mod values;

use crate::patients::Patient;
use crate::random::Random;
use crate::schema::level_code;
use crate::table::{Cell, Fate, Table};

/// What cleaning must do about a piece of dirt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A rule or an answer restores the value (a missing code becomes missing).
    Fixed,
    /// The value is set missing and a query stays open.
    QuerySetMissing,
    /// The row is left out.
    Excluded,
    /// The row repeats another and is dropped.
    DroppedDuplicate,
    /// Nothing changes, but the log tells.
    LoggedOnly,
}

impl Action {
    /// The name in `dirt.csv`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::QuerySetMissing => "query_set_missing",
            Self::Excluded => "excluded",
            Self::DroppedDuplicate => "dropped_duplicate",
            Self::LoggedOnly => "logged_only",
        }
    }
}

/// One piece of dirt: a cell, a row (no field) or a file (no record).
#[derive(Clone, Debug)]
pub struct DirtRecord {
    /// Id of the class, explained in data/README.md.
    pub class: &'static str,
    /// Table.
    pub table: &'static str,
    /// Canonical record number.
    pub record_id: String,
    /// Repeat number, empty where the table has none.
    pub instance: String,
    /// Column, empty for rows and files.
    pub field: &'static str,
    /// What the export holds.
    pub raw: String,
    /// What cleaning must arrive at.
    pub clean: String,
    /// What cleaning must do.
    pub action: Action,
    /// Whether a `rule` or an `answer` of the hospital decides.
    pub resolution: &'static str,
}

/// The hospital's answer to a data query.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Table.
    pub table: &'static str,
    /// Canonical record number.
    pub record_id: String,
    /// Repeat number, empty where the table has none.
    pub instance: String,
    /// Column.
    pub field: &'static str,
    /// The cell that was asked about.
    pub raw: String,
    /// The value to use, as the export would hold it.
    pub answer: String,
}

/// A cell's place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    table: usize,
    row: usize,
    column: usize,
}

/// The tables while they are being dirtied.
pub struct Dirtier<'a> {
    /// The tables.
    pub tables: &'a mut Vec<Table>,
    /// Everything injected so far.
    pub log: Vec<DirtRecord>,
    /// The answers given so far.
    pub answers: Vec<Answer>,
    screened: &'a [Patient],
    random: Random,
}

/// Injects every class of dirt.
pub fn inject<'a>(
    tables: &'a mut Vec<Table>,
    screened: &'a [Patient],
    seed: u64,
) -> (Vec<DirtRecord>, Vec<Answer>) {
    let random = Random::new(seed, "dirt");
    let mut dirtier = Dirtier { tables, log: Vec::new(), answers: Vec::new(), screened, random };
    // The order matters: dates need particular cells, so they choose first. Identity
    // comes last, so that copied rows carry the dirt of their originals.
    dates::inject(&mut dirtier);
    checks::inject(&mut dirtier);
    units::inject(&mut dirtier);
    coding::inject(&mut dirtier);
    values::inject(&mut dirtier);
    identity::inject(&mut dirtier);
    (dirtier.log, dirtier.answers)
}

impl Dirtier<'_> {
    fn table(&self, name: &str) -> usize {
        let found = self.tables.iter().position(|table| table.schema.name == name);
        found.expect("invariant: dirt names tables of the schema")
    }

    fn cell(&self, place: Place) -> &Cell {
        &self.tables[place.table].rows[place.row].cells[place.column]
    }

    /// Another cell of the same row.
    fn beside(&self, place: Place, column: &str) -> Place {
        Place { column: self.tables[place.table].index(column), ..place }
    }

    fn clean_beside(&self, place: Place, column: &str) -> &str {
        &self.cell(self.beside(place, column)).clean
    }

    fn screened(&self, place: Place) -> &Patient {
        let record_id = self.clean_beside(place, "record_id");
        let found = self.screened.iter().find(|patient| patient.record_id == record_id);
        found.expect("invariant: rows that can be dirtied belong to a patient")
    }

    /// `count` random filled cells of a column that are not dirty yet and fit.
    ///
    /// # Panics
    /// When fewer fit, so that no class of dirt can go missing unseen.
    fn pick(
        &mut self,
        table: &str,
        column: &str,
        count: usize,
        fits: impl Fn(&Self, Place) -> bool,
    ) -> Vec<Place> {
        let table_index = self.table(table);
        let column_index = self.tables[table_index].index(column);
        let mut places: Vec<Place> = (0..self.tables[table_index].rows.len())
            .map(|row| Place { table: table_index, row, column: column_index })
            // an empty cell shows no dirt, and a cell with two kinds has no single right answer
            .filter(|place| {
                let cell = self.cell(*place);
                !cell.dirty && !cell.clean.is_empty() && fits(self, *place)
            })
            .collect();
        assert!(places.len() >= count, "invariant: `{table}.{column}` has {count} cells to dirty");
        // drawn at random, then put in order, so that the log follows the file
        self.random.shuffle(&mut places);
        places.truncate(count);
        places.sort_by_key(|place| place.row);
        places
    }

    /// Replaces a cell, by rule.
    fn stain(
        &mut self,
        place: Place,
        class: &'static str,
        raw: impl Into<String>,
        clean: impl Into<String>,
        action: Action,
    ) {
        let (raw, clean) = (raw.into(), clean.into());
        let record = self.record(place, class, &raw, &clean, action, "rule");
        self.log.push(record);
        let cell = &mut self.tables[place.table].rows[place.row].cells[place.column];
        *cell = Cell { raw, clean, dirty: true };
    }

    /// A cell that some rule restores.
    fn fixed(&mut self, place: Place, class: &'static str, raw: impl Into<String>) {
        let clean = self.cell(place).clean.clone();
        self.stain(place, class, raw, clean, Action::Fixed);
    }

    /// A cell that becomes missing with a query.
    fn queried(&mut self, place: Place, class: &'static str, raw: impl Into<String>) {
        self.stain(place, class, raw, "", Action::QuerySetMissing);
    }

    /// A cell that only the hospital's answer restores.
    fn answered(&mut self, place: Place, class: &'static str, raw: impl Into<String>) {
        let raw = raw.into();
        let clean = self.cell(place).clean.clone();
        let record = self.record(place, class, &raw, &clean, Action::Fixed, "answer");
        let column = &self.tables[place.table].schema.columns[place.column];
        // as the export would hold it: the hospital answers with its own code
        let answer =
            column.levels.map_or_else(|| clean.clone(), |list| level_code(list, &clean).to_owned());
        self.answers.push(Answer {
            table: record.table,
            record_id: record.record_id.clone(),
            instance: record.instance.clone(),
            field: record.field,
            raw: raw.clone(),
            answer,
        });
        self.log.push(record);
        let cell = &mut self.tables[place.table].rows[place.row].cells[place.column];
        *cell = Cell { raw, clean, dirty: true };
    }

    fn record(
        &self,
        place: Place,
        class: &'static str,
        raw: &str,
        clean: &str,
        action: Action,
        resolution: &'static str,
    ) -> DirtRecord {
        let table = &self.tables[place.table];
        DirtRecord {
            class,
            table: table.schema.name,
            record_id: self.clean_beside(place, "record_id").to_owned(),
            instance: instance(table, place.row),
            field: table.schema.columns[place.column].name,
            raw: raw.to_owned(),
            clean: clean.to_owned(),
            action,
            resolution,
        }
    }

    /// A whole row, or with no row a whole file.
    fn record_row(
        &mut self,
        class: &'static str,
        table: usize,
        row: Option<usize>,
        action: Action,
    ) {
        let schema = self.tables[table].schema;
        // a property of a whole file belongs to no record
        let (record_id, instance) = row.map_or_else(Default::default, |row| {
            let table = &self.tables[table];
            (table.clean(row, "record_id").to_owned(), instance(table, row))
        });
        self.log.push(DirtRecord {
            class,
            table: schema.name,
            record_id,
            instance,
            field: "",
            raw: String::new(),
            clean: String::new(),
            action,
            resolution: "rule",
        });
    }

    /// Adds a row that cleaning drops: at the end, or right below `after`.
    fn add_row(&mut self, table: usize, cells: Vec<Cell>, fate: Fate, after: Option<usize>) {
        let rows = &mut self.tables[table].rows;
        let at = after.map_or(rows.len(), |row| row + 1);
        rows.insert(at, crate::table::Row { cells, fate });
    }
}

fn instance(table: &Table, row: usize) -> String {
    if table.schema.columns.iter().any(|column| column.name == "instance") {
        table.clean(row, "instance").to_owned()
    } else {
        String::new()
    }
}
