//! Rows by key, and the checks of a column that several rules share.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Call, Mistake};
use polars::prelude::{DataType, IdxCa, IdxSize, NewChunkedArray, PlSmallStr, Series};
use study::{StudySettings, Table, revealed};

use crate::cells::{Revision, days, dtype, numbers, texts, type_in_words};

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

/// The key of each row: the cells of some columns as text; none where one is missing.
pub(crate) fn keys(table: &Table, by: &[String]) -> Vec<Option<Vec<String>>> {
    let cells: Vec<Vec<Option<String>>> = by.iter().map(|column| texts(table, column)).collect();
    (0..table.height())
        .map(|row| cells.iter().map(|column| column[row].clone()).collect())
        .collect()
}

/// The rows of each key, in the order in which the keys first appear.
pub(crate) fn grouped(keys: &[Option<Vec<String>>]) -> Vec<(Vec<String>, Vec<usize>)> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for (row, key) in keys.iter().enumerate() {
        let Some(key) = key else { continue };
        let place = *places.entry(key).or_insert_with(|| {
            groups.push((key.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(row);
    }
    groups
}

/// Checks that no key stands twice in a table; `at` and `hint` go into the mistake.
pub(crate) fn unique(
    call: &Call<'_>,
    table: &str,
    by: &[String],
    at: &[&str],
    hint: &str,
) -> Result<(), Mistake> {
    let rows = Revision::open(call, table);
    let twice: Vec<String> = grouped(&keys(&rows.table, by))
        .into_iter()
        .filter(|(_, found)| found.len() > 1)
        .map(|(key, found)| format!("{} ({})", key.join(", "), rows_in_words(&rows, &found)))
        .collect();
    if twice.is_empty() {
        return Ok(());
    }
    let by = by.join("`, `");
    let message = format!("`{by}` is not unique in table `{table}`: {}", listed(&twice));
    Err(Mistake::at(at, message).hint(hint))
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
    let first = |table: &Table| -> Vec<String> {
        let groups = grouped(&keys(table, by)).into_iter().take(3);
        groups.map(|(key, _)| format!("`{}`", revealed(&key.join(", ")))).collect()
    };
    let (own, other) = (first(here.1), first(there.1));
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
pub(crate) fn without_key(table: &str, keys: &[Option<Vec<String>>]) -> Option<String> {
    match keys.iter().filter(|key| key.is_none()).count() {
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
    match dtype(table, column) {
        DataType::Int64 | DataType::Float64 => numbers(table, column),
        DataType::Date => days(table, column).iter().map(|day| day.map(f64::from)).collect(),
        _ => {
            let values = texts(table, column);
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
