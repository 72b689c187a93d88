//! Which columns a stage reads: noted in its rehearsal, held to in its run.
//!
//! The key of a stage holds the digests of what it reads and of nothing else,
//! so a read that was not noted would serve a stale result. That is why the
//! run is handed what the rehearsal read, and any other read is a bug.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Column;

/// What a stage reads of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Columns whose values it reads.
    pub values: BTreeSet<String>,
    /// Columns of which it reads whether they are there and what is known of them.
    pub known: BTreeSet<String>,
    /// Whether it reads which columns there are.
    pub names: bool,
    /// Whether it reads what is known of every column.
    pub all_known: bool,
}

impl Reads {
    /// Every column that is read in any way by its name.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        self.values.union(&self.known)
    }

    /// Whether what is known of a column is read.
    #[must_use]
    pub fn knows(&self, column: &str) -> bool {
        // Who reads values is handed what is known of them.
        self.all_known || self.known.contains(column) || self.values.contains(column)
    }
}

/// How reads of a table are looked after.
#[derive(Debug, Clone, Default)]
pub enum Access {
    /// Not at all: a table in the making.
    #[default]
    Free,
    /// Each is noted.
    Noted(Arc<Mutex<Reads>>),
    /// Only these are allowed, to the kind of this name.
    Only(Arc<Reads>, Arc<str>),
}

impl Access {
    pub(super) fn values(&self, column: &str) {
        match self {
            Self::Free => {}
            Self::Noted(reads) => drop(note(reads).values.insert(column.to_owned())),
            Self::Only(reads, kind) => {
                // A panic, which ends the stage: to go on would store a result under a key that
                // lacks this column.
                assert!(reads.values.contains(column), "{}", bug(kind, column));
            }
        }
    }

    pub(super) fn known(&self, column: &str) {
        match self {
            Self::Free => {}
            Self::Noted(reads) => drop(note(reads).known.insert(column.to_owned())),
            Self::Only(reads, kind) => {
                assert!(reads.knows(column), "{}", bug(kind, column));
            }
        }
    }

    pub(super) fn names(&self) {
        if let Self::Noted(reads) = self {
            note(reads).names = true;
        }
    }
}

fn note(reads: &Mutex<Reads>) -> std::sync::MutexGuard<'_, Reads> {
    reads.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bug(kind: &str, column: &str) -> String {
    format!("invariant: kind `{kind}` reads column `{column}` in its rehearsal before its run does")
}

/// What is known of the columns of a table, by name; a column may be missing here.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Shared like the columns themselves.
    map: Arc<BTreeMap<String, Arc<Column>>>,
    /// What was put here since the table was handed over is its holder's own.
    own: BTreeSet<String>,
    access: Access,
}

impl Known {
    pub(super) fn new(map: BTreeMap<String, Column>, access: Access) -> Self {
        let map = map.into_iter().map(|(column, about)| (column, Arc::new(about)));
        Self { map: Arc::new(map.collect()), own: BTreeSet::new(), access }
    }

    /// The same, handed over to somebody with this access.
    pub(super) fn handed_over(&self, access: Access) -> Self {
        Self { map: Arc::clone(&self.map), own: BTreeSet::new(), access }
    }

    fn read(&self, column: &str) {
        // What somebody said himself is no read.
        if !self.own.contains(column) {
            self.access.known(column);
        }
    }

    fn read_all(&self) {
        if let Access::Noted(reads) = &self.access {
            note(reads).all_known = true;
        }
    }

    /// What is known of a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Column> {
        self.read(column);
        // The read is noted also where nothing is known: that is an answer.
        self.plain(column)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, column: &str) -> Option<&mut Column> {
        self.read(column);
        Arc::make_mut(&mut self.map).get_mut(column).map(Arc::make_mut)
    }

    /// Whether anything is known of a column.
    #[must_use]
    pub fn contains_key(&self, column: &str) -> bool {
        self.get(column).is_some()
    }

    /// Says what is known of a column.
    pub fn insert(&mut self, column: String, about: Column) {
        self.own.insert(column.clone());
        Arc::make_mut(&mut self.map).insert(column, Arc::new(about));
    }

    /// Forgets a column.
    pub fn remove(&mut self, column: &str) {
        Arc::make_mut(&mut self.map).remove(column);
    }

    /// All columns of which something is known.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Column)> {
        self.read_all();
        self.map.iter().map(|(column, about)| (column, &**about))
    }

    /// The names of these columns.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.read_all();
        self.map.keys()
    }

    /// What is known of them.
    pub fn values(&self) -> impl Iterator<Item = &Column> {
        self.read_all();
        self.map.values().map(AsRef::as_ref)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Column> {
        self.read_all();
        Arc::make_mut(&mut self.map).values_mut().map(Arc::make_mut)
    }

    /// What is known of a column, for the store: no read of a kind.
    #[must_use]
    pub fn plain(&self, column: &str) -> Option<&Column> {
        self.map.get(column).map(AsRef::as_ref)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        // Without anything to leave out the map stays shared.
        if self.map.keys().any(|column| !keep(column)) {
            Arc::make_mut(&mut self.map).retain(|column, _| keep(column));
        }
    }
}

/// What is known, whoever may read it.
impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl From<BTreeMap<String, Column>> for Known {
    fn from(map: BTreeMap<String, Column>) -> Self {
        Self::new(map, Access::Free)
    }
}
