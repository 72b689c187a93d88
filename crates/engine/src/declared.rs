//! What each stage reads of its tables, as its rehearsal showed it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use study::{Access, Origin, Output, Reads, Table};

use crate::{Call, Kind};

/// For each stage, in the order of the file, what it reads of each table; none
/// where its rehearsal failed and it may read anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Declared(pub(crate) Vec<Option<BTreeMap<String, Reads>>>);

impl Declared {
    pub(crate) fn of(&self, stage: usize) -> Option<&BTreeMap<String, Reads>> {
        self.0.get(stage)?.as_ref()
    }
}

/// Notes what a stage reads of the tables that it is handed in its rehearsal.
#[derive(Debug, Default)]
pub(crate) struct Recorder(BTreeMap<String, Arc<Mutex<Reads>>>);

impl Recorder {
    /// A table without rows, each read of which is noted.
    pub(crate) fn hand(&mut self, name: &str, shape: &Table) -> Table {
        let reads = Arc::new(Mutex::new(Reads::default()));
        self.0.insert(name.to_owned(), Arc::clone(&reads));
        // Copies of the table share the notes: a kind may read its table through any of
        // them.
        shape.handed_over(name, Access::Noted(reads))
    }

    /// Notes that what is known of every column is read: a report's words are
    /// those of the columns and levels that the findings of a run will name.
    pub(crate) fn note_all_known(&self) {
        for reads in self.0.values() {
            reads.lock().unwrap_or_else(PoisonError::into_inner).all_known = true;
        }
    }

    /// What was read, once the stage is done.
    pub(crate) fn reads(self, output: &Output) -> BTreeMap<String, Reads> {
        let mut all: BTreeMap<String, Reads> = self
            .0
            .into_iter()
            .map(|(name, reads)| {
                // A rehearsal that panicked left whole notes: each is one insertion.
                let reads = reads.lock().unwrap_or_else(PoisonError::into_inner).clone();
                (name, reads)
            })
            .collect();
        for (name, table) in &output.tables {
            note_passed(&mut all, name, table);
        }
        all
    }
}

/// A column that goes into a table of another name is part of what the stage
/// made, as if it had been read; in a new version of its own table it passes by.
fn note_passed(all: &mut BTreeMap<String, Reads>, name: &str, table: &Table) {
    for (column, origin) in table.parts() {
        // What the stage made itself came from reads, which were noted.
        let Origin::Passed { from, .. } = origin else { continue };
        if let Some(reads) = all.get_mut(from).filter(|_| from != name) {
            reads.values.insert(column.to_owned());
        }
    }
}

/// The tables of a call as a run hands them to a kind: what its rehearsal reads
/// of them, and any other read is a panic. For tests of kinds, so that a read
/// which a rehearsal forgets is found where it is made.
pub fn as_declared<K: Kind>(kind: &K, call: &Call<'_>) -> BTreeMap<String, Arc<Table>> {
    let mut recorder = Recorder::default();
    let shapes = call
        .tables
        .iter()
        .map(|(name, table)| (name.clone(), Arc::new(recorder.hand(name, &table.without_rows()))));
    let rehearsal = Call {
        unknowns: crate::Unknowns::default(),
        name: call.name,
        study: call.study,
        claims: call.claims,
        provenance: call.provenance.clone(),
        seed: call.seed,
        tables: shapes.collect(),
        stages: call.stages.clone(),
        files: call.files.clone(),
    };
    // what fails in its rehearsal never runs
    let Ok(output) = kind.rehearse(&rehearsal) else { return call.tables.clone() };
    let reads = recorder.reads(&output);
    let writes = kind.wiring(call.name, call.study).writes;
    let tables = call.tables.iter().map(|(name, table)| {
        // A table that the rehearsal did not touch is handed over without a column.
        let of = reads.get(name).cloned().unwrap_or_default();
        // Whole where the stage passes it on or asks which columns there are, as a run
        // hands it over.
        let table = match writes.contains(name) || of.names || of.all_known {
            true => Table::clone(table),
            false => {
                let mut names = table.names();
                names.retain(|name| of.columns().any(|column| column == name));
                table.select(&names)
            }
        };
        let access = Access::Only(Arc::new(of), K::NAME.into());
        (name.clone(), Arc::new(table.handed_over(name, access)))
    });
    tables.collect()
}
