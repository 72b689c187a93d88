//! Reading and writing the columns of a table, and the log that goes with it.
//! A rule opens a `Revision`, reads columns as plain vectors, writes new ones,
//! notes each change, and closes it into the stage's output.

use engine::{Call, Mistake, Mistakes, nearest};
use polars::prelude::{
    BooleanChunked, DataType, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn, IntoSeries,
    NewChunkedArray, Series, StringChunked,
};
use study::{Action, Change, Output, Table};

use crate::calendar;

/// The column that every ingested table carries: the line in the raw file.
pub(crate) const LINE: &str = "_line";

/// A new version of a table in the making, with its log and the mistakes met.
pub(crate) struct Revision {
    rule: String,
    name: String,
    /// The table as it stands so far.
    pub(crate) table: Table,
    /// The mistakes met so far.
    pub(crate) mistakes: Mistakes,
    patients: Vec<String>,
    lines: Vec<Option<u64>>,
    changes: Vec<Change>,
}

/// What happened to one cell, or with an empty `field` to a whole row.
pub(crate) struct Edit<'a> {
    pub(crate) field: &'a str,
    pub(crate) raw: Option<&'a str>,
    pub(crate) clean: Option<&'a str>,
    pub(crate) action: Action,
    pub(crate) reason: String,
}

impl Revision {
    /// Opens a table of the call.
    pub(crate) fn open(call: &Call<'_>, name: &str) -> Self {
        let table = call.table(name).clone();
        let rows = table.frame.height();
        let patients = if table.frame.column(&call.study.patient).is_ok() {
            texts(&table, &call.study.patient).into_iter().map(Option::unwrap_or_default).collect()
        } else {
            vec![String::new(); rows]
        };
        let lines = match table.frame.column(LINE).ok().and_then(|column| column.i64().ok()) {
            Some(lines) => {
                lines.iter().map(|line| line.and_then(|l| u64::try_from(l).ok())).collect()
            }
            None => vec![None; rows],
        };
        Self {
            rule: call.name.to_owned(),
            name: name.to_owned(),
            table,
            mistakes: Mistakes::default(),
            patients,
            lines,
            changes: Vec::new(),
        }
    }

    /// The name of the table.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many rows there were when it was opened.
    pub(crate) fn height(&self) -> usize {
        self.lines.len()
    }

    /// Gives the patients of the log other names, row by row.
    pub(crate) fn name_patients(&mut self, patients: Vec<String>) {
        self.patients = patients;
    }

    /// The line of a row in the raw file, where known.
    pub(crate) fn line(&self, row: usize) -> Option<u64> {
        self.lines[row]
    }

    /// A row in words: `line 12 (P-007)`.
    pub(crate) fn place(&self, row: usize) -> String {
        let patient = &self.patients[row];
        match (self.lines[row], patient.as_str()) {
            (Some(line), "") => format!("line {line}"),
            (Some(line), _) => format!("line {line} ({patient})"),
            (None, "") => format!("row {}", row + 1),
            (None, _) => format!("row {} ({patient})", row + 1),
        }
    }

    /// Rows in words, the first three by name: `line 3 (P-001), line 9 (P-004) and 5 more`.
    pub(crate) fn places(&self, rows: &[usize]) -> String {
        let named: Vec<String> = rows.iter().take(3).map(|row| self.place(*row)).collect();
        match rows.len().saturating_sub(3) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }

    /// Notes a change.
    pub(crate) fn note(&mut self, row: usize, edit: Edit<'_>) {
        self.changes.push(Change {
            rule: self.rule.clone(),
            table: self.name.clone(),
            patient: self.patients[row].clone(),
            line: self.lines[row],
            field: edit.field.to_owned(),
            raw: edit.raw.map(str::to_owned),
            clean: edit.clean.map(str::to_owned),
            action: edit.action,
            reason: edit.reason,
        });
    }

    /// Notes that a row is dropped.
    pub(crate) fn note_dropped(&mut self, row: usize, reason: String) {
        let whole = Edit { field: "", raw: None, clean: None, action: Action::RowDropped, reason };
        self.note(row, whole);
    }

    /// Checks that there is such a column; notes the mistake if not.
    pub(crate) fn has(&mut self, column: &str, at: &[&str]) -> bool {
        if self.table.frame.column(column).is_ok() {
            return true;
        }
        let mut mistake =
            Mistake::at(at, format!("table `{}` has no column `{column}`", self.name));
        mistake.hint = nearest(column, self.table.names().iter().map(String::as_str));
        self.mistakes.push(mistake.about_a_column());
        false
    }

    /// Checks that there is such a column of one of these types; notes the
    /// mistake, with `mend` as the hint, if not.
    pub(crate) fn has_type(
        &mut self,
        column: &str,
        types: &[DataType],
        mend: &str,
        at: &[&str],
    ) -> bool {
        if !self.has(column, at) {
            return false;
        }
        let found = self.dtype(column);
        if types.contains(&found) {
            return true;
        }
        let expected: Vec<_> = types.iter().map(type_in_words).collect();
        let message = format!(
            "column `{column}` of table `{}` holds {}, not {}",
            self.name,
            type_in_words(&found),
            expected.join(" or ")
        );
        self.mistakes.push(Mistake::at(at, message).hint(mend));
        false
    }

    /// The type of a column that is there.
    pub(crate) fn dtype(&self, column: &str) -> DataType {
        dtype(&self.table, column)
    }

    /// Writes a column: in its old place, or as the last one.
    pub(crate) fn write(&mut self, series: Series) {
        let written = self.table.frame.with_column(series.into_column());
        written.expect("invariant: a rule writes one value a row");
    }

    /// A column that is there.
    pub(crate) fn series(&self, column: &str) -> &Series {
        let found = self.table.frame.column(column).expect("invariant: the column was checked");
        found.as_materialized_series()
    }

    /// Keeps the rows marked true; each of the others has its note in the log.
    pub(crate) fn keep(&mut self, keep: &[bool]) {
        self.table = keep_rows(&self.table, keep);
    }

    /// The output of the stage: the table with its log.
    ///
    /// # Errors
    /// If mistakes were met.
    pub(crate) fn close(self) -> Result<Output, Mistakes> {
        let mut output = Output::of_table(&self.name, self.table);
        output.changes = self.changes;
        self.mistakes.or(output)
    }
}

/// One output of several revisions.
///
/// # Errors
/// The mistakes of all of them.
pub(crate) fn close_all(revisions: Vec<Revision>) -> Result<Output, Mistakes> {
    let mut whole = Output::default();
    let mut mistakes = Mistakes::default();
    for revision in revisions {
        match revision.close() {
            Ok(output) => {
                whole.tables.extend(output.tables);
                whole.changes.extend(output.changes);
            }
            Err(found) => mistakes.0.extend(found.0),
        }
    }
    mistakes.or(whole)
}

/// The type of a column that is there.
pub(crate) fn dtype(table: &Table, column: &str) -> DataType {
    table.frame.column(column).expect("invariant: the column was checked").dtype().clone()
}

/// A type as a statistician would call it.
pub(crate) fn type_in_words(kind: &DataType) -> String {
    match kind {
        DataType::String => "text".to_owned(),
        DataType::Int64 => "whole numbers".to_owned(),
        DataType::Float64 => "numbers".to_owned(),
        DataType::Boolean => "yes/no".to_owned(),
        DataType::Date => "dates".to_owned(),
        other => other.to_string(),
    }
}

/// The table without the rows marked false, in the old order.
pub(crate) fn keep_rows(table: &Table, keep: &[bool]) -> Table {
    let mask = BooleanChunked::from_slice("keep".into(), keep);
    let frame = table.frame.filter(&mask).expect("invariant: one mark a row");
    Table { frame, columns: table.columns.clone() }
}

/// The values of a column of any type as text: dates in ISO form, yes/no as
/// `true` and `false`, numbers with as many digits as they need.
pub(crate) fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let series = table.frame.column(column).expect("invariant: the column was checked");
    let fits = "invariant: the type was just read";
    match series.dtype() {
        DataType::String => owned(series.str().expect(fits).iter(), str::to_owned),
        DataType::Int64 => owned(series.i64().expect(fits).iter(), |value| value.to_string()),
        DataType::Float64 => owned(series.f64().expect(fits).iter(), |value| value.to_string()),
        DataType::Boolean => owned(series.bool().expect(fits).iter(), |value| value.to_string()),
        DataType::Date => owned(series.date().expect(fits).physical().iter(), calendar::iso),
        _ => vec![None; series.len()],
    }
}

fn owned<T>(
    values: impl Iterator<Item = Option<T>>,
    text: impl Fn(T) -> String,
) -> Vec<Option<String>> {
    values.map(|value| value.map(&text)).collect()
}

/// The numbers of a column of whole or real numbers; none elsewhere.
pub(crate) fn numbers(table: &Table, column: &str) -> Vec<Option<f64>> {
    let series = table.frame.column(column).expect("invariant: the column was checked");
    if let Ok(real) = series.f64() {
        return real.iter().collect();
    }
    match series.i64() {
        #[expect(clippy::cast_precision_loss, reason = "counts in a study are far below 2^53")]
        Ok(whole) => whole.iter().map(|value| value.map(|value| value as f64)).collect(),
        Err(_) => vec![None; series.len()],
    }
}

/// The days since 1970-01-01 of a column of dates; none elsewhere.
pub(crate) fn days(table: &Table, column: &str) -> Vec<Option<i32>> {
    let series = table.frame.column(column).expect("invariant: the column was checked");
    match series.date() {
        Ok(dates) => dates.physical().iter().collect(),
        Err(_) => vec![None; series.len()],
    }
}

/// A column of text.
pub(crate) fn text_series(name: &str, values: &[Option<String>]) -> Series {
    let values = values.iter().map(Option::as_deref);
    StringChunked::from_iter_options(name.into(), values).into_series()
}

/// A column of whole numbers.
pub(crate) fn whole_series(name: &str, values: Vec<Option<i64>>) -> Series {
    Int64Chunked::from_iter_options(name.into(), values.into_iter()).into_series()
}

/// A column of numbers.
pub(crate) fn real_series(name: &str, values: Vec<Option<f64>>) -> Series {
    Float64Chunked::from_iter_options(name.into(), values.into_iter()).into_series()
}

/// A column of yes/no.
pub(crate) fn boolean_series(name: &str, values: Vec<Option<bool>>) -> Series {
    BooleanChunked::from_iter_options(name.into(), values.into_iter()).into_series()
}

/// A column of dates, from days since 1970-01-01.
pub(crate) fn date_series(name: &str, values: Vec<Option<i32>>) -> Series {
    Int32Chunked::from_iter_options(name.into(), values.into_iter()).into_date().into_series()
}

/// The column with the marked cells missing.
pub(crate) fn without(series: &Series, marked: &[bool]) -> Series {
    let name = series.name().as_str();
    let fits = "invariant: the type was just read";
    match series.dtype() {
        DataType::Int64 => whole_series(name, masked(series.i64().expect(fits).iter(), marked)),
        DataType::Float64 => real_series(name, masked(series.f64().expect(fits).iter(), marked)),
        DataType::Boolean => {
            boolean_series(name, masked(series.bool().expect(fits).iter(), marked))
        }
        DataType::Date => {
            date_series(name, masked(series.date().expect(fits).physical().iter(), marked))
        }
        _ => {
            let kept = masked(series.str().expect(fits).iter(), marked).into_iter();
            StringChunked::from_iter_options(name.into(), kept).into_series()
        }
    }
}

fn masked<T>(values: impl Iterator<Item = Option<T>>, marked: &[bool]) -> Vec<Option<T>> {
    values.zip(marked).map(|(value, marked)| value.filter(|_| !marked)).collect()
}
