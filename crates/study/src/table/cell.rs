//! One column of a table: values at hand, or in the store until they are read;
//! all of them, or those of some rows.

use std::fmt;
use std::sync::{Arc, OnceLock};

use polars::prelude::*;

use super::ColumnType;

/// Rows of a table, by number from 0, in the order in which they are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows(Arc<[IdxSize]>);

impl Rows {
    /// These rows.
    #[must_use]
    pub fn new(rows: Vec<IdxSize>) -> Self {
        Self(rows.into())
    }

    /// The rows marked true.
    #[must_use]
    pub fn marked(keep: &[bool]) -> Self {
        // Numbers of 32 bits, as polars counts rows.
        let rows = (0..).zip(keep).filter(|(_, keep)| **keep);
        Self(rows.map(|(row, _)| row).collect())
    }

    /// Their numbers.
    #[must_use]
    pub fn numbers(&self) -> &[IdxSize] {
        &self.0
    }

    /// Of these rows some: one selection instead of two.
    // Numbers of the first selection, so that the values are looked up once.
    #[must_use]
    pub fn then(&self, some: &Self) -> Self {
        Self(some.0.iter().map(|row| self.0[*row as usize]).collect())
    }

    /// Whether they are all rows of a table of `height` rows in their order.
    // In their order: a table that was sorted is another one.
    #[must_use]
    pub fn is_all(&self, height: usize) -> bool {
        self.0.len() == height && self.0.iter().zip(0..).all(|(row, place)| *row == place)
    }

    fn of(&self, series: &Series) -> Series {
        series.take_slice(&self.0).expect("invariant: rows of the table")
    }
}

type Load = Box<dyn Fn() -> Series + Send + Sync>;

/// Values that are read once, and only if somebody asks for them.
pub struct Lazy {
    kind: ColumnType,
    series: OnceLock<Series>,
    load: Load,
}

impl Lazy {
    /// Values of this type that `load` reads.
    #[must_use]
    pub fn new(kind: ColumnType, load: impl Fn() -> Series + Send + Sync + 'static) -> Self {
        Self { kind, series: OnceLock::new(), load: Box::new(load) }
    }

    fn series(&self) -> &Series {
        // Whoever asks first reads; the others wait for it.
        self.series.get_or_init(|| (self.load)())
    }

    /// The values at some rows.
    pub fn at(&self, rows: &Rows) -> Series {
        rows.of(self.series())
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lazy").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The values of a column.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// Made by whoever holds the table.
    Made(Series),
    /// Handed over with the table `from`, with the rows of it that stand.
    Handed { from: Arc<str>, lazy: Arc<Lazy>, rows: Option<Rows>, taken: Arc<OnceLock<Series>> },
}

impl Cell {
    pub(super) fn handed(from: Arc<str>, lazy: Arc<Lazy>) -> Self {
        Self::Handed { from, lazy, rows: None, taken: Arc::default() }
    }

    pub(super) fn series(&self) -> &Series {
        match self {
            Self::Made(series) => series,
            Self::Handed { lazy, rows: None, .. } => lazy.series(),
            // Selected once, however often it is asked for.
            Self::Handed { lazy, rows: Some(rows), taken, .. } => {
                taken.get_or_init(|| rows.of(lazy.series()))
            }
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Made(series) => series.dtype().clone(),
            Self::Handed { lazy, .. } => lazy.kind.data_type(),
        }
    }

    /// The values of some of the rows; `composed` shares what several columns
    /// of the same former rows come to.
    pub(super) fn take(&self, some: &Rows, composed: &mut Vec<(Rows, Rows)>) -> Self {
        match self {
            Self::Made(series) => Self::Made(some.of(series)),
            Self::Handed { from, lazy, rows, .. } => {
                let rows = match rows {
                    None => some.clone(),
                    Some(former) => compose(former, some, composed),
                };
                let (from, lazy) = (Arc::clone(from), Arc::clone(lazy));
                Self::Handed { from, lazy, rows: Some(rows), taken: Arc::default() }
            }
        }
    }
}

fn compose(former: &Rows, some: &Rows, composed: &mut Vec<(Rows, Rows)>) -> Rows {
    // By address and not by content: columns of one table share their selection.
    let known = composed.iter().find(|(rows, _)| Arc::ptr_eq(&rows.0, &former.0));
    if let Some((_, rows)) = known {
        return rows.clone();
    }
    let rows = former.then(some);
    composed.push((former.clone(), rows.clone()));
    rows
}
