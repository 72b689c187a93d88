//! Everything about one patient: the raw rows, what each rule did with them, the
//! row of the analysis table, and the analyses in which he counts.

use std::collections::BTreeSet;

use serde::Serialize;
use study::Action;

use crate::codec::{RECORD, decode, decode_record};
use crate::look::Look;
use crate::project::Project;
use crate::store::Store;
use crate::{Failure, Section};

/// Everything about one patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// The patient, as the cleaned tables name him.
    pub patient: String,
    /// The rows of raw files that are his, in the order of the tables.
    pub rows: Vec<RawRow>,
    /// What rules did with them, in the order of the file.
    pub changes: Vec<RowChangeTold>,
    /// The rule that excluded him; none where he is analysed.
    pub excluded_by: Option<StageTold>,
    /// His row of the analysis table; empty where he has none.
    pub analysed: Vec<(String, String)>,
    /// His rows of tables that analyses made: weights, residuals, imputed values.
    pub made: Vec<(StageTold, Vec<(String, String)>)>,
    /// The analyses in which he counts, with the population and how many findings it has.
    pub counts_in: Vec<(StageTold, String, usize)>,
}

/// A stage with its line in the pipeline file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageTold {
    /// Section and name.
    pub stage: String,
    /// The line, from 1.
    pub line: usize,
}

/// A row of a raw file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RawRow {
    /// The entry of `ingest:`.
    pub table: String,
    /// The file, where the entry reads one only.
    pub file: Option<String>,
    /// The line in which it begins, from 1.
    pub line: u64,
    /// The cells that hold something, by column.
    pub cells: Vec<(String, String)>,
}

/// What a rule did with a cell or a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowChangeTold {
    /// The rule.
    pub by: StageTold,
    /// The table.
    pub table: String,
    /// The line of the raw file, where there is one.
    pub line: Option<u64>,
    /// The column; empty of a whole row.
    pub column: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// What was done.
    pub action: Action,
    /// Why, in words.
    pub reason: String,
}

impl Project {
    /// Everything about one patient of the last run.
    ///
    /// # Errors
    /// If no table has such a patient.
    pub fn trace(&self, patient: &str) -> Result<Trace, Failure> {
        let store = Store::at(&self.store_folder());
        let declared = self.declared(&store);
        let look = Look::at(self, &declared, &store);
        let rows = look.rows_of_patient(patient);
        let table = &self.pipeline.settings.analysis_table;
        let last = look.versions(table).last().copied();
        let row = last.and_then(|last| Some((last, look.row_of(last, patient)?)));
        if rows.is_empty() && row.is_none() {
            let mistake = look.no_patient(None, patient);
            return Err(self.mistakes(vec![self.tried(mistake)]));
        }
        let changes = look.own_changes(&look.changes(&store), patient, &rows);
        let excluded = changes.iter().find(|change| change.action == Action::Excluded);
        Ok(Trace {
            patient: patient.to_owned(),
            // An exclusion from another table leaves him in the analysis.
            excluded_by: excluded.filter(|_| row.is_none()).map(|change| change.by.clone()),
            analysed: row.map_or_else(Vec::new, |(last, row)| look.cells_of(last, row, &|_| true)),
            made: look.made_of(patient),
            counts_in: look.counts_in(&store, patient),
            rows,
            changes,
        })
    }
}

impl Look<'_> {
    pub(crate) fn told(&self, index: usize) -> StageTold {
        let stage = &self.project.pipeline.stages[index];
        StageTold { stage: stage.id.to_string(), line: stage.line() }
    }

    /// The rows of raw files that are a patient's.
    pub(crate) fn rows_of_patient(&self, patient: &str) -> Vec<RawRow> {
        let row = |table: &str, (line, named): (u64, String)| RawRow {
            table: table.to_owned(),
            file: self.file_of(table),
            line,
            cells: self.raw_cells(table, line, &named),
        };
        let tables = self.raw_tables();
        let rows = tables.flat_map(|table| {
            self.lines(table, patient).into_iter().map(move |found| row(table, found))
        });
        rows.collect()
    }

    /// What every rule did, each with the patient as the log names him.
    pub(crate) fn changes(&self, store: &Store) -> Vec<(String, RowChangeTold)> {
        let mut all = Vec::new();
        // Stages that made no log decode to an empty one.
        for (index, done) in self.done.iter().enumerate() {
            let output = done.as_ref().and_then(|done| decode(store, &done.slots));
            for change in output.iter().flat_map(|output| output.changes.iter()) {
                let told = RowChangeTold {
                    by: self.told(index),
                    table: change.table.into_owned(),
                    line: change.line,
                    column: change.field.into_owned(),
                    before: change.raw.map(|text| text.into_owned()),
                    after: change.clean.map(|text| text.into_owned()),
                    action: change.action,
                    reason: change.reason.into_owned(),
                };
                all.push((change.patient.into_owned(), told));
            }
        }
        all
    }

    /// What rules did with a patient's rows: under his name, or a name that a raw row has.
    pub(crate) fn own_changes(
        &self,
        all: &[(String, RowChangeTold)],
        patient: &str,
        rows: &[RawRow],
    ) -> Vec<RowChangeTold> {
        let column = &self.project.pipeline.settings.patient;
        let named = rows.iter().flat_map(|row| &row.cells);
        let named = named.filter(|(name, _)| name == column).map(|(_, cell)| cell.as_str());
        let names: BTreeSet<&str> = named.chain([patient]).collect();
        let is_his_row = |table: &str, line: Option<u64>| {
            // A change without a line is about the patient, in no row of a file.
            line.is_none_or(|line| rows.iter().any(|row| row.table == table && row.line == line))
        };
        let is_raw = |table: &str| self.raw_tables().any(|name| name == table);
        // a spelling of one patient may be another's name elsewhere: the line tells them apart
        let is_his = |(of, change): &&(String, RowChangeTold)| {
            names.contains(of.as_str())
                && (!is_raw(&change.table) || is_his_row(&change.table, change.line))
        };
        all.iter().filter(is_his).map(|(_, change)| change.clone()).collect()
    }

    /// A patient's rows of the tables that analyses made.
    fn made_of(&self, patient: &str) -> Vec<(StageTold, Vec<(String, String)>)> {
        let mut all = Vec::new();
        for (index, done) in self.done.iter().enumerate() {
            let is_analysis = self.project.pipeline.stages[index].id.section == Section::Analyze;
            let tables = done.iter().filter(|_| is_analysis).flat_map(|done| done.tables.values());
            for version in tables {
                let rows = self.rows_in(version, patient);
                all.extend(
                    rows.map(|row| (self.told(index), self.cells_of(version, row, &|_| true))),
                );
            }
        }
        all
    }

    /// The analyses whose populations have a patient.
    fn counts_in(&self, store: &Store, patient: &str) -> Vec<(StageTold, String, usize)> {
        let mut all = Vec::new();
        for (index, done) in self.done.iter().enumerate() {
            if self.project.pipeline.stages[index].id.section != Section::Analyze {
                continue;
            }
            let record = done.as_ref().and_then(|done| store.get(&done.slots[RECORD]));
            let Some(output) = record.and_then(|bytes| decode_record(&bytes).ok()) else {
                continue;
            };
            for (population, patients) in &output.patients {
                if patients.iter().any(|one| one == Some(patient)) {
                    let of = |finding: &&study::Finding| &finding.population == population;
                    let count = output.findings.iter().filter(of).count();
                    all.push((self.told(index), population.clone(), count));
                }
            }
        }
        all
    }
}
