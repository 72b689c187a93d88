//! Cells to the columns of a table, one after the other, with everything that
//! does not fit. How rows are found in a file is left to the kinds.

use std::collections::BTreeMap;

use engine::{Mistake, Mistakes};
use rayon::prelude::*;
use study::{Action, Change, Changes, Lineage, Output, Problem, Table, Values as Cells, composed};

use crate::cell::{Misfit, Value};
use crate::column::ColumnType;
use crate::column_reader::{ColumnReader, SHOWN};
use crate::declaration::{Declaration, LINE};
use crate::ending::Standing;
use crate::place::Place;
use crate::values::Values;

/// A table in the making.
pub(crate) struct TableReader<'a> {
    declaration: Declaration<'a>,
    columns: Vec<ColumnReader<'a>>,
    /// The files read so far, and the rows read before each began.
    files: Vec<(&'a str, usize)>,
    lines: Vec<i64>,
    bad_rows: Vec<(Place, Mistake)>,
    /// Rows in which nothing stands.
    empty: usize,
    /// Rows below such a one, which may be no rows of the table.
    later: Vec<Place>,
    /// Rows that hold one cell alone, with its text.
    lone: Vec<(Place, String)>,
}

impl<'a> TableReader<'a> {
    pub(crate) fn new(declaration: Declaration<'a>) -> Self {
        let columns = declaration.columns.iter();
        let columns = columns.map(|(name, spec)| ColumnReader::new(name, spec, &declaration));
        Self {
            declaration,
            columns: columns.collect(),
            files: Vec::new(),
            lines: Vec::new(),
            bad_rows: Vec::new(),
            empty: 0,
            later: Vec::new(),
            lone: Vec::new(),
        }
    }

    /// Begins a file; the rows that follow are its own.
    pub(crate) fn start_file(&mut self, path: &'a str) {
        self.files.push((path, self.lines.len()));
    }

    /// Begins the row at a line of the file.
    pub(crate) fn start_row(&mut self, line: u64) {
        self.lines.push(i64::try_from(line).expect("invariant: lines are countable"));
    }

    /// Notes of a row what may make it no row of the table: that it stands below
    /// an empty one, or holds one cell alone of so many.
    pub(crate) fn note_standing(
        &mut self,
        line: u64,
        standing: Standing,
        (lone, of): (Option<&str>, usize),
    ) {
        let place = self.at(line);
        if standing == Standing::Later {
            self.later.push(place);
        } else if let Some(text) = lone.filter(|_| of > 2) {
            // of two columns one may well be missing
            self.lone.push((place, text.to_owned()));
        }
    }

    /// Takes rows, each at its line, column by column and several columns at
    /// once; `cell` gives the cell of a row in a column.
    pub(crate) fn rows<'c>(
        &mut self,
        lines: impl Iterator<Item = u64>,
        cell: impl Fn(usize, usize) -> &'c str + Sync,
    ) {
        let before = self.lines.len();
        // of all columns one thread must not see fewer rows than another: the lines are
        // there first
        lines.for_each(|line| self.start_row(line));
        let (lines, file) = (&self.lines[before..], self.at(0).file);
        // A column is one thread's, and its values and misfits in the order of the rows.
        self.columns.par_iter_mut().enumerate().for_each(|(place, column)| {
            for (row, line) in lines.iter().enumerate() {
                let line = line.unsigned_abs();
                column.take(Place { file, line }, cell(row, place));
            }
        });
    }

    /// Takes the next cell of a declared column; every row needs one.
    pub(crate) fn cell(&mut self, column: usize, line: u64, raw: &str) {
        let place = self.at(line);
        self.columns[column].take(place, raw);
    }

    /// Takes a cell that does not hold what it seems to, unless its text is a
    /// code for missing.
    pub(crate) fn misfit(&mut self, column: usize, line: u64, raw: &str, misfit: Misfit) {
        let place = self.at(line);
        self.columns[column].take_unfit(place, raw, misfit);
    }

    /// Notes a row that cannot be told into cells.
    pub(crate) fn bad_row(&mut self, line: u64, message: impl Into<String>, hint: &str) {
        let place = self.at(line);
        let mistake = Mistake::new(message).hint(hint);
        self.bad_rows.push((place, mistake.in_raw_file(self.in_words(place))));
    }

    /// Notes a row in which nothing stands.
    pub(crate) fn empty_row(&mut self) {
        self.empty += 1;
    }

    fn at(&self, line: u64) -> Place {
        Place { file: self.files.len().saturating_sub(1), line }
    }

    fn path(&self, place: Place) -> &'a str {
        self.files[place.file].0
    }

    fn in_words(&self, place: Place) -> String {
        format!("{}:{}", self.path(place), place.line)
    }

    /// The table, or everything in the files that does not fit.
    pub(crate) fn finish(mut self) -> Result<Output, Mistakes> {
        // these look at the columns, which the table takes over below
        let mistakes = self.mistakes();
        let problems = self.problems();
        let changes = self.changes();
        // everything is gathered first, so that one run tells all that does not fit
        mistakes.or(())?;
        let mut about = BTreeMap::new();
        let height = self.lines.len();
        let mut table = Table::new(height);
        let source = self.source();
        let notices = self.notices();
        table.put(LINE, Cells::Whole(self.lines.into_iter().map(Some).collect()));
        about.insert(LINE.to_owned(), labelled("Line in the raw file"));
        for (column, (_, spec)) in self.columns.into_iter().zip(self.declaration.columns.iter()) {
            let lineage = self.declaration.lineage(column.name, spec);
            about.insert(column.name.to_owned(), study::Column { lineage, ..column.about() });
            table.put_series(column.values.finish());
        }
        if let Some((name, values)) = source {
            let lineage = self.declaration.lineage_of_source(name);
            about.insert(name.to_owned(), study::Column { lineage, ..labelled(name) });
            table.put_series(values.finish());
        }
        table.columns = about.into();
        table.rows = self.declaration.lineage_of_rows();
        Ok(Output { problems, changes, notices, ..Output::of_table(self.declaration.table, table) })
    }

    /// What may be no row of the table, for the screen.
    fn notices(&self) -> Vec<String> {
        let mut notices = match self.empty {
            0 => vec![],
            1 => vec!["1 row holds nothing and is passed over".to_owned()],
            more => vec![format!("{more} rows hold nothing and are passed over")],
        };
        if let Some(first) = self.later.first() {
            let rows = if self.later.len() == 1 { "row stands" } else { "rows stand" };
            notices.push(format!(
                "{} {rows} below an empty one, from {} on: `stop_at_blank_row: true` would end the table there",
                self.later.len(),
                self.in_words(*first)
            ));
        }
        if let Some((first, text)) = self.lone.first() {
            let rows = if self.lone.len() == 1 { "row holds" } else { "rows hold" };
            notices.push(format!(
                "{} {rows} one cell alone, such as `{text}` in {}: `last_row` would end the table above a footnote",
                self.lone.len(),
                self.in_words(*first)
            ));
        }
        notices
    }

    /// The column that says from which file each row comes, where one is declared.
    fn source(&self) -> Option<(&'a str, Values)> {
        let name = self.declaration.source?;
        let mut values = Values::new(name, ColumnType::Text);
        let short = self.declaration.paths.short_names();
        // the rows of a file end where those of the next begin
        let ends = self.files.iter().skip(1).map(|(_, start)| *start).chain([self.lines.len()]);
        for ((file, (_, start)), end) in self.files.iter().enumerate().zip(ends) {
            for _ in *start..end {
                values.push(Some(Value::Text(short[file])));
            }
        }
        Some((name, values))
    }

    fn mistakes(&mut self) -> Mistakes {
        // counts all, also those of which no text was kept
        let found =
            self.bad_rows.len() + self.columns.iter().map(|column| column.stops).sum::<usize>();
        let mut shown = std::mem::take(&mut self.bad_rows);
        for column in &self.columns {
            let stopping = column.misfits.iter().filter(|bad| column.stops_run(&bad.misfit));
            shown.extend(stopping.map(|bad| {
                let path = |place: Place| self.path(place);
                let mistake = column.mistake(bad, &path);
                (bad.place, mistake.in_raw_file(self.in_words(bad.place)))
            }));
        }
        // Whoever mends a file goes down its lines; within a line the columns keep their
        // declared order.
        shown.sort_by_key(|(place, _)| *place);
        shown.truncate(SHOWN);
        let mut mistakes = Mistakes(shown.into_iter().map(|(_, mistake)| mistake).collect());
        if found > mistakes.0.len() {
            let more = found - mistakes.0.len();
            let paths: Vec<&str> = self.files.iter().map(|(path, _)| *path).collect();
            let has = if paths.len() == 1 { "has" } else { "have" };
            let message =
                format!("{} {has} {more} more cells or rows that do not fit", paths.join(", "));
            mistakes.push(Mistake::new(message).hint("mend those shown and run again"));
        }
        mistakes
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<(Place, Problem)> = Vec::new();
        for column in &self.columns {
            let own = column.misfits.iter().map(|bad| {
                let problem = Problem {
                    table: self.declaration.table.to_owned(),
                    file: self.path(bad.place).to_owned(),
                    line: bad.place.line,
                    column: column.name.to_owned(),
                    raw: bad.raw.clone(),
                    reason: bad.misfit.to_string(),
                };
                (bad.place, problem)
            });
            problems.extend(own);
        }
        // by line, then by column as declared, however many threads read them
        problems.sort_by_key(|(place, _)| *place);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// The log of cells that were written in another form of Unicode.
    fn changes(&self) -> Changes {
        let mut changes: Vec<(Place, Change<'_>)> = Vec::new();
        for column in &self.columns {
            let own = column.composed.iter().map(|(place, raw)| {
                let change = Change {
                    rule: self.declaration.table.into(),
                    table: self.declaration.table.into(),
                    patient: "".into(),
                    line: Some(place.line),
                    field: column.name.into(),
                    raw: Some(raw.as_str().into()),
                    clean: Some(composed(raw)),
                    action: Action::Fixed,
                    reason: "letters with accents in their one form".into(),
                };
                (*place, change)
            });
            changes.extend(own);
        }
        // in the same order as the problems
        changes.sort_by_key(|(place, _)| *place);
        changes.into_iter().map(|(_, change)| change).collect()
    }
}

fn labelled(label: &str) -> study::Column {
    // a line or the name of a file tells rows apart and measures nothing
    let lineage = Lineage { identifier: true, ..Lineage::default() };
    study::Column { label: label.to_owned(), lineage, ..study::Column::default() }
}
