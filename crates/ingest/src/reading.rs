//! Cells to the columns of a table, one after the other, with everything that
//! does not fit. How rows are found in a file is left to the kinds.

use std::collections::BTreeMap;

use engine::{Mistake, Mistakes};
use polars::prelude::{Column, DataFrame};
use study::{Output, Problem, Table};

use crate::column_reader::ColumnReader;
use crate::declaration::{Declaration, LINE};

/// How many mistakes in the data are shown; the others are counted.
pub(crate) const SHOWN: usize = 50;

/// A table in the making.
pub(crate) struct TableReader<'a> {
    declaration: Declaration<'a>,
    columns: Vec<ColumnReader<'a>>,
    lines: Vec<i64>,
    bad_rows: Vec<(u64, Mistake)>,
}

impl<'a> TableReader<'a> {
    pub(crate) fn new(declaration: Declaration<'a>) -> Self {
        let columns = declaration.columns.iter();
        let columns = columns.map(|(name, spec)| ColumnReader::new(name, spec, &declaration));
        Self { declaration, columns: columns.collect(), lines: Vec::new(), bad_rows: Vec::new() }
    }

    /// Begins the row at a line of the file.
    pub(crate) fn start_row(&mut self, line: u64) {
        self.lines.push(i64::try_from(line).expect("invariant: lines are countable"));
    }

    /// Takes the next cell of a declared column; every row needs one.
    pub(crate) fn cell(&mut self, column: usize, line: u64, raw: &str) {
        self.columns[column].take(line, raw);
    }

    /// Takes a cell that holds an error of the workbook.
    pub(crate) fn error_cell(&mut self, column: usize, line: u64, raw: &str) {
        self.columns[column].take_error(line, raw);
    }

    /// Notes a row that cannot be told into cells.
    pub(crate) fn bad_row(&mut self, line: u64, message: impl Into<String>, hint: &str) {
        let mistake = Mistake::new(message).hint(hint);
        self.bad_rows.push((line, mistake.in_raw_file(self.place(line))));
    }

    fn place(&self, line: u64) -> String {
        format!("{}:{line}", self.declaration.path)
    }

    /// The table, or everything in the file that does not fit.
    pub(crate) fn finish(mut self) -> Result<Output, Mistakes> {
        let mistakes = self.mistakes();
        let problems = self.problems();
        mistakes.or(())?;
        let mut about = BTreeMap::new();
        let height = self.lines.len();
        let mut frame = vec![Column::new(LINE.into(), &self.lines)];
        about.insert(LINE.to_owned(), labelled("Line in the raw file"));
        for column in self.columns {
            about.insert(column.name.to_owned(), column.about());
            frame.push(column.values.finish());
        }
        let frame = DataFrame::new(height, frame)
            .expect("invariant: every column got every row, and names differ");
        let table = Table { frame, columns: about };
        Ok(Output { problems, ..Output::of_table(self.declaration.table, table) })
    }

    fn mistakes(&mut self) -> Mistakes {
        let found =
            self.bad_rows.len() + self.columns.iter().map(|column| column.stops).sum::<usize>();
        let mut shown = std::mem::take(&mut self.bad_rows);
        for column in &self.columns {
            let stopping = column.misfits.iter().filter(|bad| column.stops_run(&bad.misfit));
            shown.extend(
                stopping
                    .map(|bad| (bad.line, column.mistake(bad).in_raw_file(self.place(bad.line)))),
            );
        }
        shown.sort_by_key(|(line, _)| *line);
        shown.truncate(SHOWN);
        let mut mistakes = Mistakes(shown.into_iter().map(|(_, mistake)| mistake).collect());
        if found > mistakes.0.len() {
            let more = found - mistakes.0.len();
            let path = self.declaration.path;
            let message = format!("{path} has {more} more cells or rows that do not fit");
            mistakes.push(Mistake::new(message).hint("mend those shown and run again"));
        }
        mistakes
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::new();
        for column in &self.columns {
            problems.extend(column.misfits.iter().map(|bad| Problem {
                table: self.declaration.table.to_owned(),
                file: self.declaration.path.to_owned(),
                line: bad.line,
                column: column.name.to_owned(),
                raw: bad.raw.clone(),
                reason: bad.misfit.to_string(),
            }));
        }
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}

fn labelled(label: &str) -> study::Column {
    study::Column { label: label.to_owned(), ..study::Column::default() }
}
