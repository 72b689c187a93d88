//! Rows by key, and the checks of a column that several rules share.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Call, Mistake};
use polars::prelude::{DataType, IdxCa, IdxSize, NewChunkedArray, PlSmallStr, Series};
use study::{StudySettings, Table, Texts, revealed};

use crate::cells::{Revision, days, dtype, numbers, type_in_words};
use crate::coded::{cells, texts};
use crate::keys::Keys;

/// The name of a table parameter, or the study's analysis table.
pub(crate) fn table_or_default<'a>(table: Option<&'a str>, study: &'a StudySettings) -> &'a str {
    table.unwrap_or(&study.analysis_table)
}

/// The columns of a key, or the study's patient column.
pub(crate) fn key_or_default(by: &[String], study: &StudySettings) -> Vec<String> {
    if by.is_empty() { vec![study.patient.clone()] } else { by.to_vec() }
}

/// The cells of a column of yes/no; none where there is no such column.
pub(crate) fn conditions(table: &Table, column: &str) -> Vec<Option<bool>> {
    table.conditions(column).unwrap_or_else(|| vec![None; table.height()])
}

/// What a parameter needs a column to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Dates,
    Numbers,
    Conditions,
    Texts,
}

impl Holds {
    // No type is taken for another: how is a declared rule's work.
    fn fits(self, kind: &DataType) -> bool {
        match self {
            Self::Dates => *kind == DataType::Date,
            Self::Numbers => matches!(kind, DataType::Int64 | DataType::Float64),
            Self::Conditions => *kind == DataType::Boolean,
            Self::Texts => *kind == DataType::String,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Dates => "dates",
            Self::Numbers => "numbers",
            Self::Conditions => "yes/no",
            Self::Texts => "text",
        }
    }

    fn mend(self) -> &'static str {
        match self {
            Self::Dates => "turn it into dates with a `parse_dates` rule first",
            Self::Numbers => "turn it into numbers with a `parse_numbers` rule first",
            Self::Conditions => "turn it into yes/no with a `derive` rule first",
            Self::Texts => "turn it into text with a `derive` rule first",
        }
    }
}

/// Checks that a column is there and holds what is needed.
pub(crate) fn require(
    call: &Call<'_>,
    table: &str,
    column: &str,
    holds: Holds,
    at: &[&str],
) -> Result<(), Mistake> {
    call.require_column(table, column, at)?;
    let found = dtype(call.table(table), column);
    if holds.fits(&found) {
        return Ok(());
    }
    let found = type_in_words(&found);
    let message =
        format!("column `{column}` of table `{table}` holds {found}, not {}", holds.words());
    Err(Mistake::at(at, message).hint(holds.mend()))
}

/// The parts of the key of some rows that have one, as text.
pub(crate) fn key_parts(table: &Table, by: &[String], rows: &[usize]) -> Vec<Vec<String>> {
    let cells: Vec<Texts> = by.iter().map(|column| cells(table, column)).collect();
    // A missing part is shown as nothing.
    let part = |cells: &Texts, row: usize| cells.get(row).unwrap_or_default().to_owned();
    rows.iter().map(|row| cells.iter().map(|cells| part(cells, *row)).collect()).collect()
}

/// Checks that no key stands twice in a table; `at` and `hint` go into the mistake.
pub(crate) fn unique(
    call: &Call<'_>,
    table: &str,
    by: &[String],
    at: &[&str],
    hint: &str,
) -> Result<(), Mistake> {
    // For the lines of the message.
    let rows = Revision::open(call, table);
    // most exports stand in the order of their keys: then none needs to be remembered
    if let [column] = by
        && is_ascending(&cells(&rows.table, column))
    {
        return Ok(());
    }
    let keys = Keys::of(&rows.table, by);
    // Every key once. Rows without a key are no twins of one another.
    if keys.count() + keys.missing() == rows.height() {
        return Ok(());
    }
    let groups = keys.groups();
    let twice: Vec<&[usize]> = groups.iter().filter(|found| found.len() > 1).collect();
    let first: Vec<usize> = twice.iter().map(|found| found[0]).collect();
    let named = key_parts(&rows.table, by, &first).into_iter().zip(twice);
    let twice: Vec<String> = named
        .map(|(key, found)| format!("{} ({})", key.join(", "), rows_in_words(&rows, found)))
        .collect();
    let by = by.join("`, `");
    let message = format!("`{by}` is not unique in table `{table}`: {}", listed(&twice));
    Err(Mistake::at(at, message).hint(hint))
}

/// Whether each cell stands behind the one before it, and none is missing.
fn is_ascending(cells: &Texts) -> bool {
    let none_is_missing = cells.iter().next().is_none_or(|first| first.is_some());
    // a missing cell is before all others, so that it can be the first only
    // Strictly: two equal cells are a double key.
    none_is_missing && cells.iter().is_sorted_by(|before, cell| before < cell)
}

/// The mistake of two tables, each with its name, of which no key is in both:
/// the keys are then written in two ways, and bringing the tables together
/// would say nothing. A table without keys is no such table.
///
/// # Errors
/// If both have keys.
pub(crate) fn strangers(
    here: (&str, &Table),
    there: (&str, &Table),
    by: &[String],
    at: &[&str],
) -> Result<(), Mistake> {
    // Three of each side show how the two are written.
    let first = |table: &Table| -> Vec<String> {
        let first = Keys::of(table, by).first_rows().into_iter().flatten().take(3);
        let keys = key_parts(table, by, &first.collect::<Vec<_>>());
        keys.iter().map(|key| format!("`{}`", revealed(&key.join(", ")))).collect()
    };
    let (own, other) = (first(here.1), first(there.1));
    // A table without rows, as in a rehearsal, is no stranger.
    if own.is_empty() || other.is_empty() {
        return Ok(());
    }
    let message = format!(
        "no row of `{}` finds a partner in `{}`: `{}` holds {} here and {} there",
        here.0,
        there.0,
        by.join("`, `"),
        own.join(", "),
        other.join(", "),
    );
    Err(Mistake::at(at, message).hint(
        "bring the keys to one form by a rule before this one, such as `normalize_id`, `tidy_text` or \
         `derive`, or match by other columns",
    ))
}

/// A notice of the rows of a table that have no key, if there are any.
pub(crate) fn without_key(table: &str, keys: &Keys) -> Option<String> {
    match keys.missing() {
        0 => None,
        1 => Some(format!("1 row of `{table}` has no key and is left out")),
        more => Some(format!("{more} rows of `{table}` have no key and are left out")),
    }
}

fn rows_in_words(revision: &Revision<'_>, rows: &[usize]) -> String {
    let lines: Vec<String> =
        rows.iter().filter_map(|row| revision.line(*row)).map(|line| line.to_string()).collect();
    if lines.len() == rows.len() {
        format!("lines {}", lines.join(", "))
    } else {
        format!("{} rows", rows.len())
    }
}

/// The values of a column as numbers in the same order.
pub(crate) fn ranks(table: &Table, column: &str) -> Vec<Option<f64>> {
    // Numbers order any type: one comparison for all.
    match dtype(table, column) {
        DataType::Int64 | DataType::Float64 => numbers(table, column),
        DataType::Date => days(table, column).iter().map(|day| day.map(f64::from)).collect(),
        _ => {
            let values = texts(table, column);
            // Texts by their letters, the same on every machine, and not by a language.
            let sorted: BTreeSet<_> = values.iter().flatten().collect();
            let rank: BTreeMap<_, _> = sorted.into_iter().zip(1u32..).collect();
            let of = |value: &Option<String>| rank.get(value.as_ref()?).map(|r| f64::from(*r));
            values.iter().map(of).collect()
        }
    }
}

/// Items after one another, the first ten of them in full.
pub(crate) fn listed(items: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = items[..items.len().min(SHOWN)].join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Some rows of a column, in the order given; `None` gives a missing value.
pub(crate) fn take(column: &Series, rows: &[Option<usize>]) -> Series {
    let indices = rows.iter().map(|row| row.map(index));
    let indices = IdxCa::from_iter_options(PlSmallStr::EMPTY, indices);
    column.take(&indices).expect("invariant: the rows are rows of the column")
}

fn index(row: usize) -> IdxSize {
    IdxSize::try_from(row).expect("invariant: a table has fewer than 2^32 rows")
}
