//! Reading and writing the columns of a table, and the log that goes with it.
//! A rule opens a `Revision`, reads columns as plain vectors, writes new ones,
//! notes each change, and closes it into the stage's output.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::{Call, Mistake, Mistakes, Unknowns, nearest};
use polars::prelude::{DataType, Int64Chunked, IntoSeries, NewChunkedArray, Series, StringChunked};
use study::{
    Action, Changes, Condition, Deed, DeedId, Lineage, Output, Table, TakenAs, Texts, Unknown,
    UnknownRows, Values, in_blocks,
};

use crate::coded::cells;
use crate::lineage::{Author, check_time_zero, of_condition};

/// The column that every ingested table carries: the line in the raw file.
pub(crate) const LINE: &str = "_line";

/// A new version of a table in the making, with its log and the mistakes met.
pub(crate) struct Revision<'a> {
    call: &'a Call<'a>,
    rule: Arc<str>,
    name: Arc<str>,
    /// The table as it stands so far.
    pub(crate) table: Table,
    /// The mistakes met so far.
    pub(crate) mistakes: Mistakes,
    /// The patient of each row, where the table names them.
    patients: Option<Texts>,
    /// The line of each row in the raw file, where the table has it.
    lines: Option<Int64Chunked>,
    height: usize,
    changes: Changes,
    /// What the screen tells at the end of the run.
    notices: Vec<String>,
    unknowns: Unknowns,
}

/// What happened to one cell, or with an empty `field` to a whole row.
pub(crate) struct Edit<'a> {
    pub(crate) field: &'a str,
    pub(crate) raw: Option<&'a str>,
    pub(crate) clean: Option<&'a str>,
    pub(crate) action: Action,
    pub(crate) reason: String,
}

impl<'a> Revision<'a> {
    /// Opens a table of the call.
    pub(crate) fn open(call: &'a Call<'a>, name: &str) -> Self {
        // The columns are shared with the version before; only what is written is new.
        let table = call.table(name).clone();
        let patient = &call.study.patient;
        // The log needs the patient of each row, so every rule reads that column.
        let patients = table.has(patient).then(|| cells(&table, patient));
        let lines = table.series(LINE).and_then(|lines| lines.i64().ok());
        // in one piece, so that a row is found at once
        let lines = lines.map(|lines| lines.rechunk().into_owned());
        Self {
            call,
            rule: call.name.into(),
            name: name.into(),
            height: table.height(),
            table,
            mistakes: Mistakes::default(),
            patients,
            lines,
            changes: Changes::default(),
            notices: Vec::new(),
            // The notes of the whole stage, so that none is lost where a revision ends with
            // mistakes.
            unknowns: call.unknowns.clone(),
        }
    }

    /// The name of the table.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many rows there were when it was opened.
    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Gives the patients of the log other names, row by row.
    pub(crate) fn name_patients(&mut self, patients: Texts) {
        self.patients = Some(patients);
    }

    /// The line of a row in the raw file, where known.
    pub(crate) fn line(&self, row: usize) -> Option<u64> {
        // A line below zero is none.
        u64::try_from(self.lines.as_ref()?.get(row)?).ok()
    }

    /// The patient of a row; empty where unknown.
    fn patient(&self, row: usize) -> &str {
        self.patients.as_ref().and_then(|patients| patients.get(row)).unwrap_or_default()
    }

    /// A row in words: `line 12 (P-007)`.
    pub(crate) fn place(&self, row: usize) -> String {
        let patient = self.patient(row);
        match (self.line(row), patient) {
            (Some(line), "") => format!("line {line}"),
            (Some(line), _) => format!("line {line} ({patient})"),
            // A table that no file holds has no lines.
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

    /// Declares what is done with several rows, so that each is noted by its number.
    // Many rows have the same done to them; the texts are kept once (`study::Changes`).
    pub(crate) fn deed(&mut self, edit: Edit<'_>) -> DeedId {
        self.changes.deed(Deed {
            rule: Arc::clone(&self.rule),
            table: Arc::clone(&self.name),
            field: edit.field.into(),
            raw: edit.raw.map(Into::into),
            clean: edit.clean.map(Into::into),
            action: edit.action,
            reason: edit.reason.into(),
        })
    }

    /// Notes that what was declared was done with a row.
    fn note_deed(&mut self, row: usize, deed: DeedId) {
        let line = self.line(row);
        let patient = self.patients.as_ref().and_then(|patients| patients.get(row));
        self.changes.note(deed, patient.unwrap_or_default(), line);
    }

    /// Notes what of that was done with each row, in order.
    pub(crate) fn note_rows<const N: usize>(
        &mut self,
        done: impl Fn(usize) -> [Option<DeedId>; N] + Sync,
    ) {
        // Side by side, and put together in the order of the rows: the log hangs on no
        // thread.
        let blocks = in_blocks(self.height, |rows| {
            let mut noted = Changes::default();
            for row in rows {
                for deed in done(row).into_iter().flatten() {
                    noted.note(deed, self.patient(row), self.line(row));
                }
            }
            noted
        });
        blocks.into_iter().for_each(|noted| self.changes.append_noted(noted));
    }

    /// Notes a change.
    pub(crate) fn note(&mut self, row: usize, edit: Edit<'_>) {
        let deed = self.deed(edit);
        self.note_deed(row, deed);
    }

    /// Notes what a condition leaves open, and what becomes of those rows.
    pub(crate) fn note_unknown(&self, condition: &Condition, at: &[&str], taken_as: TakenAs) {
        if let Some(rows) = &condition.unknown {
            self.unknowns.note(self.unknown(rows, at, taken_as));
        }
        self.note_cases(&condition.cases, at, TakenAs::Otherwise);
    }

    /// Notes the conditions of a `CASE` that were unknown where it has a value.
    pub(crate) fn note_cases(&self, cases: &[UnknownRows], at: &[&str], taken_as: TakenAs) {
        for rows in cases {
            self.unknowns.note(self.unknown(rows, at, taken_as));
        }
    }

    /// Rows on which a condition is unknown, counted for the output of the stage.
    pub(crate) fn unknown(&self, found: &UnknownRows, at: &[&str], taken_as: TakenAs) -> Unknown {
        // Two rows of a patient are one patient of whom it is told.
        let patients: BTreeSet<&str> = found.rows.iter().map(|row| self.patient(*row)).collect();
        // Rows without an identifier are counted as rows alone.
        let named = patients.iter().filter(|patient| !patient.is_empty()).count();
        Unknown {
            table: self.name.to_string(),
            parameter: at.join("."),
            condition: found.condition.clone(),
            columns: found.columns.clone(),
            rows: count(found.rows.len()),
            patients: count(named),
            taken_as,
        }
    }

    /// Tells something at the end of the run.
    pub(crate) fn tell(&mut self, notice: impl Into<String>) {
        self.notices.push(notice.into());
    }

    /// Tells of a condition that chose nothing: it may be misspelt.
    pub(crate) fn tell_if_none(&mut self, sql: &str, chosen: &[bool]) {
        self.notices.extend(none_chosen(&self.name, sql, chosen));
    }

    /// Notes that a row is dropped.
    // An empty field marks the whole row.
    pub(crate) fn note_dropped(&mut self, row: usize, reason: String) {
        let whole = Edit { field: "", raw: None, clean: None, action: Action::RowDropped, reason };
        self.note(row, whole);
    }

    /// Checks that there is such a column; notes the mistake if not.
    pub(crate) fn has(&mut self, column: &str, at: &[&str]) -> bool {
        // whoever needs a column reads it: its type, which in a rehearsal declares the read
        if self.table.data_type(column).is_some() {
            return true;
        }
        let mut mistake =
            Mistake::at(at, format!("table `{}` has no column `{column}`", self.name));
        // Names are asked for only now: to ask for all of them is a read of its own.
        mistake.hint = nearest(column, self.table.names().iter().map(String::as_str));
        // Marked, as the column may be missing because the rule that makes it has failed.
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

    /// Declares in a rehearsal that any column may be read: which ones, the data say.
    pub(crate) fn may_read_any(&self) {
        for column in self.table.names() {
            // To ask for the type declares the read.
            let _ = self.table.type_of(&column);
        }
    }

    /// The type of a column that is there.
    pub(crate) fn dtype(&self, column: &str) -> DataType {
        dtype(&self.table, column)
    }

    /// Writes a column, in its old place or as the last one, with what it was
    /// made from.
    pub(crate) fn write(&mut self, series: Series, made: Lineage) {
        // A column that is only mended keeps its label, unit and levels.
        let about = self.table.columns.get(series.name().as_str()).cloned().unwrap_or_default();
        self.write_as(series, about, made);
    }

    /// Writes a column of which something else is known than before.
    pub(crate) fn write_as(&mut self, series: Series, about: study::Column, made: Lineage) {
        let endless: Vec<usize> = not_finite(&series).collect();
        // Never stored: every mean and every model after it would be lost, far from the
        // cause.
        if !endless.is_empty() {
            let (name, places) = (series.name(), self.places(&endless));
            let message = format!("`{name}` would be larger than a number can be: {places}");
            self.mistakes.push(Mistake::at(&[], message).hint("look for a wrong value in the row"));
        }
        // The one way to write a column, so that none is without its lineage.
        let lineage = self.author().written(&series, made, &self.table.rows);
        set_column(&mut self.table, series, study::Column { lineage, ..about });
    }

    /// Who writes here.
    pub(crate) fn author(&self) -> Author<'_> {
        Author { rule: &self.rule, table: &self.name }
    }

    /// Whether one row for each of these keys is one of many events of a
    /// patient. Rows of the analysis table are no events: a second one is an error.
    pub(crate) fn leaves_one_of_many(&self, by: &[String]) -> bool {
        let study = self.call.study;
        // A second row of the analysis table is told as a mistake elsewhere.
        by == [study.patient.as_str()] && *self.name != *study.analysis_table
    }

    /// The study's index date.
    pub(crate) fn index_date(&self) -> Option<&'a str> {
        self.call.study.index_date.as_deref()
    }

    /// Whether a column is time zero: the study's index date, in the table of
    /// one row a patient or joined to another.
    pub(crate) fn is_time_zero(&self, column: &str) -> bool {
        let index = self.index_date().filter(|_| *self.name == *self.call.study.analysis_table);
        let date = |column: &str| self.own(column).date.map(|date| date.date);
        // By name or by identity: a copy of time zero is time zero.
        index.is_some_and(|index| index == column || date(index) == date(column))
    }

    /// The lineage of a column of the table as it stands.
    pub(crate) fn own(&self, column: &str) -> Lineage {
        self.table.lineage(column)
    }

    /// The lineage of a column that is mended where a condition holds.
    pub(crate) fn own_where(&self, column: &str, condition: Option<&str>) -> Lineage {
        let mut own = self.own(column);
        own.given(&of_condition(&self.table, condition));
        own
    }

    /// A column that is there.
    pub(crate) fn series(&self, column: &str) -> &Series {
        self.table.series(column).expect("invariant: the column was checked")
    }

    /// Keeps the rows marked true, with what decided it; each of the others has
    /// its note in the log.
    pub(crate) fn keep(&mut self, keep: &[bool], decided: &Lineage) {
        // Dropped rows have their notes before this: `close` checks nothing of it, the
        // tests of the kinds do.
        self.table = self.table.keep(keep);
        self.table.rows.given(decided);
        self.table.rows.rules.insert(self.rule.to_string());
    }

    /// The output of the stage: the table with its log.
    ///
    /// # Errors
    /// If mistakes were met.
    pub(crate) fn close(mut self) -> Result<Output, Mistakes> {
        let before = self.call.tables.get(&*self.name).map(AsRef::as_ref);
        // With the last word on the table, as a rule may have written the index date
        // itself.
        self.mistakes.note(check_time_zero(self.call, &self.name, before, &self.table));
        let mut output = Output::of_table(&self.name, self.table);
        output.changes = self.changes;
        output.notices = self.notices;
        self.mistakes.or(output)
    }
}

/// The notice of a condition that holds on no row of a table, if it has rows.
pub(crate) fn none_chosen(table: &str, sql: &str, chosen: &[bool]) -> Option<String> {
    // In a rehearsal there are no rows, and nothing is told.
    let rows = match chosen.len() {
        0 => return None,
        1 => "the one row".to_owned(),
        more => format!("none of the {more} rows"),
    };
    let holds = if chosen.len() == 1 { "does not hold on" } else { "holds on" };
    (!chosen.contains(&true)).then(|| format!("`{sql}` {holds} {rows} of `{table}`"))
}

/// The rows of a column of real numbers that hold none.
pub(crate) fn not_finite(series: &Series) -> impl Iterator<Item = usize> {
    let values = series.f64().ok().into_iter().flat_map(|values| values.iter().enumerate());
    values.filter(|(_, value)| value.is_some_and(|value| !value.is_finite())).map(|(row, _)| row)
}

/// Adds or replaces a column with what is known of it.
pub(crate) fn set_column(table: &mut Table, series: Series, about: study::Column) {
    table.columns.insert(series.name().to_string(), about);
    table.put_series(series);
}

/// One output of several revisions.
///
/// # Errors
/// The mistakes of all of them.
pub(crate) fn close_all(revisions: Vec<Revision<'_>>) -> Result<Output, Mistakes> {
    // In the order in which the tables are named: the log is one text.
    let mut whole = Output::default();
    let mut mistakes = Mistakes::default();
    for revision in revisions {
        match revision.close() {
            Ok(output) => {
                whole.tables.extend(output.tables);
                whole.changes.append(output.changes);
                whole.notices.extend(output.notices);
            }
            Err(found) => mistakes.0.extend(found.0),
        }
    }
    mistakes.or(whole)
}

/// A number of rows or patients.
pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).expect("invariant: counts fit u64")
}

/// The type of a column that is there.
pub(crate) fn dtype(table: &Table, column: &str) -> DataType {
    table.data_type(column).expect("invariant: the column was checked")
}

/// A type as a statistician would call it.
pub(crate) fn type_in_words(kind: &DataType) -> String {
    // The words of statistics, as users read them in messages.
    match kind {
        DataType::String => "text".to_owned(),
        DataType::Int64 => "whole numbers".to_owned(),
        DataType::Float64 => "numbers".to_owned(),
        DataType::Boolean => "yes/no".to_owned(),
        DataType::Date => "dates".to_owned(),
        other => other.to_string(),
    }
}

/// The numbers of a column of whole or real numbers; none elsewhere.
pub(crate) fn numbers(table: &Table, column: &str) -> Vec<Option<f64>> {
    // Missing throughout where the column is of another type: that was told as a
    // mistake.
    table.numbers(column).unwrap_or_else(|| vec![None; table.height()])
}

/// The days since 1970-01-01 of a column of dates; none elsewhere.
pub(crate) fn days(table: &Table, column: &str) -> Vec<Option<i32>> {
    table.days(column).unwrap_or_else(|| vec![None; table.height()])
}

/// A column of text.
pub(crate) fn text_series(name: &str, values: &[Option<String>]) -> Series {
    Values::Text(values.to_vec()).into_series(name)
}

/// A column of text from cells that are lent, row by row.
pub(crate) fn lent_series<'c>(
    name: &str,
    height: usize,
    cell: impl Fn(usize) -> Option<&'c str> + Sync,
) -> Series {
    let blocks =
        in_blocks(height, |rows| StringChunked::from_iter_options(name.into(), rows.map(&cell)));
    let mut whole =
        StringChunked::from_iter_options(name.into(), std::iter::empty::<Option<&str>>());
    for block in blocks {
        whole.append(&block).expect("invariant: fewer rows than polars can count");
    }
    whole.rechunk().into_owned().into_series()
}

/// A column of whole numbers.
pub(crate) fn whole_series(name: &str, values: Vec<Option<i64>>) -> Series {
    Values::Whole(values).into_series(name)
}

/// A column of numbers.
pub(crate) fn real_series(name: &str, values: Vec<Option<f64>>) -> Series {
    Values::Real(values).into_series(name)
}

/// A column of yes/no.
pub(crate) fn boolean_series(name: &str, values: Vec<Option<bool>>) -> Series {
    Values::YesNo(values).into_series(name)
}

/// A column of dates, from days since 1970-01-01.
pub(crate) fn date_series(name: &str, values: Vec<Option<i32>>) -> Series {
    Values::Date(values).into_series(name)
}

/// The column with the marked cells missing.
pub(crate) fn without(series: &Series, marked: &[bool]) -> Series {
    // Of every type, as any column can be emptied by a check.
    let values = match Values::of(series).expect("invariant: a type that stages pass") {
        Values::Text(values) => Values::Text(masked(values, marked)),
        Values::Whole(values) => Values::Whole(masked(values, marked)),
        Values::Real(values) => Values::Real(masked(values, marked)),
        Values::YesNo(values) => Values::YesNo(masked(values, marked)),
        Values::Date(values) => Values::Date(masked(values, marked)),
    };
    values.into_series(series.name())
}

fn masked<T>(values: Vec<Option<T>>, marked: &[bool]) -> Vec<Option<T>> {
    values.into_iter().zip(marked).map(|(value, marked)| value.filter(|_| !marked)).collect()
}
