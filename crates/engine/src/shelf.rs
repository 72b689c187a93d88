//! What is at hand of the store during a run: each column and each selection
//! of rows is read at most once, and only if a stage asks for it.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use polars::prelude::Series;
use rayon::prelude::*;
use study::{Access, ColumnType, Lazy, Origin, Output, Reads, Rows, Table};

use crate::codec::{table_of_slot, table_slot};
use crate::columns;
use crate::store::{Slots, Store};
use crate::tables::{Passes, Placed, Stored, Version, Written};

/// Why a result cannot be put away.
pub(crate) enum Refused {
    /// The disk.
    Disk(io::Error),
    /// A bug in a kind.
    Bug(String),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Columns of one place: object, selections, and the name they have in a table.
type Key = (String, Vec<String>, String);

/// The columns at hand: those of the versions of tables that somebody still needs.
pub(crate) struct Shelf {
    store: Store,
    /// Itself, for columns that are read later.
    own: Weak<Self>,
    // Weak: versions hold the columns, and with the last version that has one its
    // memory goes.
    columns: Mutex<BTreeMap<Key, Weak<Lazy>>>,
    // Held for the whole run, since many columns share each.
    rows: Mutex<BTreeMap<String, Rows>>,
}

impl Shelf {
    pub(crate) fn new(store: &Store) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            store: store.clone(),
            own: own.clone(),
            columns: Mutex::default(),
            rows: Mutex::default(),
        })
    }

    /// A table as a stage of this kind is handed it.
    pub(crate) fn hand(
        &self,
        name: &str,
        version: &Version,
        reads: Reads,
        hand: Handing<'_>,
    ) -> Table {
        // What passes a table on is handed all columns, as references: none is read for
        // that.
        let handed: Vec<&Placed> = match hand.passes_on {
            true => version.columns.iter().collect(),
            false => version.read(&reads).collect(),
        };
        let known = version
            .read(&reads)
            .filter_map(|column| Some((column.stored.name.clone(), column.stored.about.clone()?)));
        let known = known.collect();
        let columns = handed.iter().map(|column| (column.stored.name.clone(), self.placed(column)));
        let columns: Vec<_> = columns.collect();
        let access = Access::Only(Arc::new(reads), hand.kind.into());
        Table::handed(name, (version.height, version.lineage.clone()), columns, known, access)
    }

    fn placed(&self, column: &Placed) -> Arc<Lazy> {
        Arc::clone(column.at_hand.get_or_init(|| self.column(&column.stored)))
    }

    fn column(&self, stored: &Stored) -> Arc<Lazy> {
        let key = key_of(stored);
        // Two versions with the same values under the same rows share one column.
        if let Some(found) = lock(&self.columns).get(&key).and_then(Weak::upgrade) {
            return found;
        }
        let (own, stored) = (self.own.clone(), stored.clone());
        // Read when the first stage asks for a cell, and not before: many columns only pass
        // by.
        let lazy = Arc::new(Lazy::new(stored.kind, move || {
            let shelf = own.upgrade().expect("invariant: a column is read while its run lasts");
            shelf.load(&stored)
        }));
        lock(&self.columns).insert(key, Arc::downgrade(&lazy));
        lazy
    }

    fn load(&self, stored: &Stored) -> Series {
        let whole = "invariant: the plan read this object whole";
        // Rows were left out several times: each selection counts within what the former
        // left, so that they are applied in order.
        let Some((last, before)) = stored.rows.split_last() else {
            let bytes = self.store.get(&stored.object).expect(whole);
            return columns::decode(&bytes, &stored.name).expect(whole);
        };
        let mut former = stored.clone();
        former.rows = before.to_vec();
        // By way of the shelf, so that columns before the exclusion are read once for both.
        self.column(&former).at(&self.selection(last))
    }

    fn selection(&self, digest: &str) -> Rows {
        if let Some(rows) = lock(&self.rows).get(digest) {
            return rows.clone();
        }
        let whole = "invariant: the plan read this object whole";
        let bytes = self.store.get(digest).expect(whole);
        let rows = columns::decode_rows(&bytes).expect(whole);
        lock(&self.rows).insert(digest.to_owned(), rows.clone());
        rows
    }

    fn object(&self, column: &str, series: &Series) -> Result<(ColumnType, String), Refused> {
        // Only these types are promised to come back from the store to the bit (`columns`).
        let kind = ColumnType::of(series.dtype()).ok_or_else(|| {
            let found = series.dtype();
            Refused::Bug(format!("column `{column}` has type {found}, which stages do not pass on"))
        })?;
        let bytes = columns::encode(series).map_err(|error| Refused::Bug(error.to_string()))?;
        Ok((kind, self.store.keep(&bytes)?))
    }

    /// Keeps the tables of an output; adds their objects to the slots.
    pub(crate) fn keep(
        &self,
        output: &Output,
        before: &BTreeMap<String, Arc<Version>>,
        slots: &mut Slots,
    ) -> Result<BTreeMap<String, Arc<Version>>, Refused> {
        let mut versions = BTreeMap::new();
        for (name, table) in &output.tables {
            let rows = Vec::new();
            let mut keeping = Keeping { shelf: self, name, before, slots, rows, made: Vec::new() };
            let written = keeping.write(table)?;
            let made = keeping.made;
            let record = serde_json::to_vec(&written);
            let record = record.expect("invariant: plain values always serialise");
            slots.insert(table_slot(name), self.store.keep(&record)?);
            let former = before.get(name).map(AsRef::as_ref);
            let version = Version::composed(written, former);
            // the next stage need not read what is at hand
            for lazy in made {
                // Of a version that was just composed no column is at hand.
                if let Some(column) = version.column(&lazy.0) {
                    let _ = column.at_hand.set(lazy.1);
                }
            }
            versions.insert(name.clone(), Arc::new(version));
        }
        Ok(versions)
    }
}

/// To whom a table is handed.
#[derive(Clone, Copy)]
pub(crate) struct Handing<'a> {
    /// Its kind, for messages.
    pub(crate) kind: &'a str,
    /// It makes a new version of the table, and passes on what it does not change.
    pub(crate) passes_on: bool,
}

/// A table on its way into the store.
struct Keeping<'a> {
    shelf: &'a Shelf,
    name: &'a str,
    before: &'a BTreeMap<String, Arc<Version>>,
    slots: &'a mut Slots,
    /// Selections that were kept already, with their digests.
    rows: Vec<(Rows, String)>,
    /// The columns that the stage made, by name.
    made: Vec<(String, Arc<Lazy>)>,
}

fn key_of(stored: &Stored) -> Key {
    (stored.object.clone(), stored.rows.clone(), stored.name.clone())
}

impl Keeping<'_> {
    fn write(&mut self, table: &Table) -> Result<Written, Refused> {
        let lineage = table.rows.clone();
        let mut written = Written { height: table.height(), passes: None, made: vec![], lineage };
        let former = self.before.get(self.name).cloned();
        let mut passes = former.as_ref().map(|_| Passes::default());
        let names: Vec<&str> = table.parts().map(|(column, _)| column).collect();
        if let (Some(passes), Some(former)) = (&mut passes, &former) {
            let all = former.columns.iter().map(|column| &column.stored.name);
            // By what is missing and not by what is there: a column that comes into the table
            // above later passes by without the rule having to run.
            passes.without = all.filter(|name| !names.contains(&name.as_str())).cloned().collect();
        }
        // In the order of the columns below, whatever thread was first.
        let mut objects = self.objects(table)?.into_iter();
        for (column, origin) in table.parts() {
            let about = table.columns.plain(column).cloned();
            match origin {
                Origin::Made(series) => {
                    let (kind, object) = objects.next().expect("invariant: one for each");
                    let made = self.made(column, (series, kind, object), about);
                    written.made.push(made);
                }
                Origin::Passed { from, rows } => {
                    let rows = rows.map(|rows| self.selection(rows)).transpose()?;
                    match &mut passes {
                        Some(passes) if from == self.name => {
                            passes.rows = rows;
                            let known = former.as_ref().and_then(|table| table.column(column));
                            let known = known.and_then(|column| column.stored.about.as_ref());
                            // Only what the rule changed of it, so that the rest follows the
                            // version before.
                            if let Some(about) = about.filter(|about| known != Some(about)) {
                                passes.about.insert(column.to_owned(), about);
                            }
                        }
                        _ => written.made.push(self.passed(column, from, rows, about)?),
                    }
                }
            }
        }
        written.passes = passes;
        Ok(written)
    }

    /// Keeps the columns that the stage made, several at once; their types and
    /// digests in order.
    fn objects(&self, table: &Table) -> Result<Vec<(ColumnType, String)>, Refused> {
        let parts: Vec<(&str, Origin<'_>)> = table.parts().collect();
        let keep = |(column, origin): (&str, Origin<'_>)| match origin {
            Origin::Made(series) => Some(self.shelf.object(column, series)),
            Origin::Passed { .. } => None,
        };
        parts.into_par_iter().filter_map(keep).collect()
    }

    fn made(
        &mut self,
        column: &str,
        (series, kind, object): (&Series, ColumnType, String),
        about: Option<study::Column>,
    ) -> Stored {
        // Every object that a version needs is a slot of the stage that named it: by the
        // slots a plan asks whether all are there.
        self.slots.insert(format!("column {}.{column}", self.name), object.clone());
        let stored = Stored { name: column.to_owned(), kind, object, rows: vec![], about };
        let series = series.clone();
        let lazy = Arc::new(Lazy::new(kind, move || series.clone()));
        lock(&self.shelf.columns).insert(key_of(&stored), Arc::downgrade(&lazy));
        self.made.push((column.to_owned(), lazy));
        stored
    }

    /// A column of another table that was handed over.
    fn passed(
        &mut self,
        column: &str,
        from: &str,
        rows: Option<String>,
        about: Option<study::Column>,
    ) -> Result<Stored, Refused> {
        let found = self.before.get(from).and_then(|table| table.column(column));
        let found = found.ok_or_else(|| {
            Refused::Bug(format!("column `{column}` comes from table `{from}`, which has none"))
        })?;
        let mut stored = Stored { about, ..Stored::clone(&found.stored) };
        stored.rows.extend(rows);
        self.slots.insert(format!("column {}.{column}", self.name), stored.object.clone());
        for digest in &stored.rows {
            self.slots.insert(format!("rows {digest}"), digest.clone());
        }
        Ok(stored)
    }

    fn selection(&mut self, rows: &Rows) -> Result<String, Refused> {
        // All columns of a table share a selection, which is encoded once.
        if let Some((_, digest)) = self.rows.iter().find(|(known, _)| known == rows) {
            return Ok(digest.clone());
        }
        let bytes = columns::encode_rows(rows).map_err(|error| Refused::Bug(error.to_string()))?;
        let digest = self.shelf.store.keep(&bytes)?;
        self.slots.insert(format!("rows {digest}"), digest.clone());
        self.rows.push((rows.clone(), digest.clone()));
        lock(&self.shelf.rows).insert(digest.clone(), rows.clone());
        Ok(digest)
    }
}

/// The tables that a stage wrote when it came to these slots; none where a
/// record of one is missing or damaged.
pub(crate) fn versions(
    store: &Store,
    slots: &Slots,
    before: &BTreeMap<String, Arc<Version>>,
) -> Option<BTreeMap<String, Arc<Version>>> {
    let tables = slots.iter().filter_map(|(slot, digest)| Some((table_of_slot(slot)?, digest)));
    let version = |(name, digest): (&str, &String)| {
        let written: Written = serde_json::from_slice(&store.get(digest)?).ok()?;
        let former = before.get(name).map(AsRef::as_ref);
        Some((name.to_owned(), Arc::new(Version::composed(written, former))))
    };
    tables.map(version).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
