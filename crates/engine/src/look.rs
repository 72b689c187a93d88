//! The tables of every stage, looked at from outside: whose a row is, on which
//! line of a raw file it began, and what its cells hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use study::{Table, Values};

use crate::declared::Declared;
use crate::done::Done;
use crate::plan::{Bench, plan};
use crate::project::Project;
use crate::shelf::{Handing, Shelf};
use crate::spec::StageEntry;
use crate::store::{Care, Store};
use crate::tables::Version;
use crate::{Mistake, Section};

/// The column that ingest writes with the line of each row.
pub(crate) const LINE: &str = "_line";

/// The tables of every stage, read as they are asked for.
pub(crate) struct Look<'a> {
    pub(crate) project: &'a Project,
    pub(crate) done: Vec<Option<Done>>,
    /// What is read of a version of a table stays with it, and is read by this.
    shelf: Arc<Shelf>,
    /// By table and patient the lines on which his rows stand, once somebody asked.
    lines: OnceLock<BTreeMap<String, Lines>>,
    /// By table its raw rows, once somebody asked.
    raw: OnceLock<BTreeMap<String, RawTable>>,
}

/// By patient the lines on which his rows stand, each with the patient as the raw row
/// names him.
type Lines = BTreeMap<String, BTreeMap<u64, String>>;

/// A table as it was read from its file.
#[derive(Default)]
struct RawTable {
    columns: Vec<(String, Vec<Option<String>>)>,
    rows: BTreeMap<(u64, String), usize>,
}

impl<'a> Look<'a> {
    /// At what the stages of a project came to, by what a store holds.
    pub(crate) fn at(project: &'a Project, declared: &Declared, store: &Store) -> Self {
        // Enough that objects are there: what is read compares its digest.
        let (_, done) = plan(Bench { project, declared, store, care: Care::There });
        let shelf = Shelf::new(store);
        Self { project, done, shelf, lines: OnceLock::new(), raw: OnceLock::new() }
    }

    fn ingest(&self) -> impl Iterator<Item = (usize, &StageEntry)> {
        let stages = self.project.pipeline.stages.iter().enumerate();
        stages.filter(|(_, stage)| stage.id.section == Section::Ingest)
    }

    /// The tables that are read from raw files.
    pub(crate) fn raw_tables(&self) -> impl Iterator<Item = &str> {
        self.ingest().map(|(_, stage)| stage.id.name.as_str())
    }

    /// The file that a table is read from, where it is one only.
    pub(crate) fn file_of(&self, table: &str) -> Option<String> {
        let (index, _) = self.ingest().find(|(_, stage)| stage.id.name == table)?;
        match self.project.graph.files[index].as_slice() {
            [file] => Some(file.clone()),
            _ => None,
        }
    }

    pub(crate) fn require_raw(&self, table: &str) -> Result<(), Mistake> {
        if self.raw_tables().any(|name| name == table) {
            return Ok(());
        }
        let mistake = Mistake::new(format!("`ingest` has no table `{table}`"));
        Err(mistake.hint_nearest(table, self.raw_tables()))
    }

    /// That nobody is called so, in a table or at all.
    pub(crate) fn no_patient(&self, table: Option<&str>, patient: &str) -> Mistake {
        let place = table.map_or_else(String::new, |table| format!(" of `{table}`"));
        let analysed = &self.project.pipeline.settings.analysis_table;
        let versions = self.versions(table.unwrap_or(analysed));
        let known: BTreeSet<String> =
            versions.iter().flat_map(|version| self.patients(version)).flatten().collect();
        let mistake = Mistake::new(format!("no row{place} is of patient `{patient}`"));
        mistake.hint_nearest(patient, known.iter().map(String::as_str))
    }

    /// The versions of a table from its raw file on, in order.
    pub(crate) fn versions(&self, table: &str) -> Vec<&Version> {
        let made = self.done.iter().flatten();
        made.filter_map(|done| Some(done.tables.get(table)?.as_ref())).collect()
    }

    fn handed(&self, version: &Version) -> Table {
        // Every column, as nobody rehearsed what will be asked.
        let handing = Handing { kind: "look", passes_on: false };
        self.shelf.hand("", version, version.all(), handing)
    }

    /// The cells of a column as text; none where the version has no such column.
    pub(crate) fn texts_of(&self, version: &Version, column: &str) -> Vec<Option<String>> {
        self.handed(version).values(column).map(texts).unwrap_or_default()
    }

    /// The patient of each row.
    pub(crate) fn patients(&self, version: &Version) -> Vec<Option<String>> {
        self.texts_of(version, &self.project.pipeline.settings.patient)
    }

    /// Of each row the line of the raw file.
    pub(crate) fn line_numbers(&self, version: &Version) -> Vec<Option<u64>> {
        match self.handed(version).values(LINE) {
            Some(Values::Whole(lines)) => {
                lines.into_iter().map(|line| u64::try_from(line?).ok()).collect()
            }
            _ => vec![],
        }
    }

    /// The lines on which rows of a patient stand, each with the patient as the raw
    /// row names him: rules may have brought several spellings to one.
    pub(crate) fn lines(&self, table: &str, patient: &str) -> Vec<(u64, String)> {
        let all = self.lines.get_or_init(|| {
            // All tables at once: whoever asks for one patient asks for him in each.
            self.raw_tables().map(|table| (table.to_owned(), self.lines_of(table))).collect()
        });
        let own = all.get(table).and_then(|lines| lines.get(patient));
        own.into_iter().flatten().map(|(line, named)| (*line, named.clone())).collect()
    }

    fn lines_of(&self, table: &str) -> Lines {
        let versions = self.versions(table);
        let Some(raw) = versions.first() else { return Lines::new() };
        // By line the name as the raw file has it: the first version is what ingest read.
        let rows = self.line_numbers(raw).into_iter().zip(self.patients(raw));
        let named: BTreeMap<u64, String> =
            rows.filter_map(|(line, of)| Some((line?, of.unwrap_or_default()))).collect();
        let mut lines = Lines::new();
        // Under every name that the row ever had, so that a former spelling finds it too.
        for version in versions {
            for (line, of) in self.line_numbers(version).into_iter().zip(self.patients(version)) {
                let (Some(line), Some(of)) = (line, of) else { continue };
                if let Some(named) = named.get(&line) {
                    lines.entry(of).or_default().insert(line, named.clone());
                }
            }
        }
        lines
    }

    fn raw_table(&self, table: &str) -> RawTable {
        let versions = self.versions(table);
        let Some(raw) = versions.first() else { return RawTable::default() };
        let handed = self.handed(raw);
        // A leading `_` marks what the program writes for itself.
        let names = handed.names().into_iter().filter(|name| !name.starts_with('_'));
        let columns = names.filter_map(|name| {
            let cells = texts(handed.values(&name)?);
            Some((name, cells))
        });
        let columns = columns.collect();
        let rows = self.line_numbers(raw).into_iter().zip(self.patients(raw)).enumerate();
        let rows =
            rows.filter_map(|(row, (line, of))| Some(((line?, of.unwrap_or_default()), row)));
        RawTable { columns, rows: rows.collect() }
    }

    /// The cells of a raw row that hold something, by column.
    pub(crate) fn raw_cells(&self, table: &str, line: u64, patient: &str) -> Vec<(String, String)> {
        let all = self.raw.get_or_init(|| {
            self.raw_tables().map(|table| (table.to_owned(), self.raw_table(table))).collect()
        });
        let Some(raw) = all.get(table) else { return vec![] };
        let Some(row) = raw.rows.get(&(line, patient.to_owned())) else { return vec![] };
        let cells =
            raw.columns.iter().map(|(name, cells)| Some((name.clone(), cells.get(*row)?.clone()?)));
        cells.flatten().collect()
    }

    /// The cells of a row that hold something, by column; without those that the
    /// program keeps for itself.
    pub(crate) fn cells_of(
        &self,
        version: &Version,
        row: usize,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Vec<(String, String)> {
        let table = self.handed(version);
        let names = table.names().into_iter().filter(|name| !name.starts_with('_'));
        let names = names.filter(|name| is_wanted(name));
        let cell = |name: String| {
            let cells = texts(table.values(&name)?);
            let cell = cells.get(row)?.clone()?;
            Some((name, cell))
        };
        names.filter_map(cell).collect()
    }

    /// The row of a patient in a table of one row each.
    pub(crate) fn row_of(&self, version: &Version, patient: &str) -> Option<usize> {
        self.rows_in(version, patient).next()
    }

    /// All rows of a patient in a table.
    pub(crate) fn rows_in(
        &self,
        version: &Version,
        patient: &str,
    ) -> impl Iterator<Item = usize> + use<> {
        let rows = self.patients(version).into_iter().enumerate();
        let own: Vec<usize> =
            rows.filter(|(_, of)| of.as_deref() == Some(patient)).map(|(row, _)| row).collect();
        own.into_iter()
    }
}

/// Values as a person reads them; dates as in the files of ISO 8601.
fn texts(values: Values) -> Vec<Option<String>> {
    fn all<T: ToString>(cells: Vec<Option<T>>) -> Vec<Option<String>> {
        cells.into_iter().map(|cell| cell.map(|cell| cell.to_string())).collect()
    }
    match values {
        Values::Text(cells) => cells,
        Values::Whole(cells) => all(cells),
        Values::Real(cells) => all(cells),
        Values::YesNo(cells) => all(cells),
        Values::Date(cells) => cells.into_iter().map(|cell| cell.map(study::iso_date)).collect(),
    }
}
