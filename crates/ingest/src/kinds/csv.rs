//! `kind: csv`: delimited text, such as an export of a database.

use std::borrow::Cow;
use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Named, RowEdit, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings, composed};

use crate::blocks::{self, Row};
use crate::column::{ColumnSpec, Misfits, OtherColumns};
use crate::declaration::Declaration;
use crate::edited::{Places, edited, encoded};
use crate::ending::{Ending, Standing};
use crate::paths::{FilePaths, Paths};
use crate::quoting::QuotingFault;
use crate::reading::TableReader;
use crate::rows::Rows;
use crate::text::Encoding;
use crate::text::decode;

/// Reads a file of delimited text into a table of the stage's name.
///
/// The first line that is not blank holds the names of the columns. Every
/// other line is a row; blank lines are passed over, and so are rows of which
/// every cell is empty; one cell alone below such a row is a footnote and a
/// mistake. A cell with a delimiter, a line break or a quotation mark in it
/// stands in quotation marks. An empty
/// cell is missing. Cells are taken to the letter: what does not follow the
/// declared type is a misfit and is never mended here. The table gets a column
/// `_line` with the line of the row in the file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Csv {
    /// The file, relative to the pipeline file; or a list of files written
    /// alike, whose rows follow one another. In a name `*` stands for any letters
    /// and `?` for one: `data/raw/centre_*.csv` are all files that match, by
    /// name, and a file that is added makes the stage run.
    pub path: Paths,
    /// Name of a column that says from which file a row comes: the file's name
    /// without folder and ending.
    #[serde(default)]
    pub source: Option<String>,
    /// The columns of the table, in order.
    pub columns: Named<ColumnSpec>,
    /// The date column that says from when on a row is known: the start of a
    /// treatment, the day of a scan. Everything that is made of the rows is known
    /// no earlier. Left out for what was known from the beginning.
    #[serde(default)]
    pub known_from: Option<String>,
    /// Codes that mean a missing value in every column, beside the empty cell.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What happens to a cell that does not fit its column.
    #[serde(default)]
    pub misfits: Misfits,
    /// What happens to columns of the file that are not declared.
    #[serde(default)]
    pub other_columns: OtherColumns,
    /// How the bytes of the file stand for characters.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands between two cells.
    #[serde(default)]
    pub delimiter: Delimiter,
    /// Numbers are written with a decimal comma: `36,6`.
    #[serde(default)]
    pub decimal_comma: bool,
    /// The last line of the table; what stands below it is not read.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub last_row: Option<u32>,
    /// The table ends at the first row below it in which nothing stands.
    #[serde(default)]
    pub stop_at_blank_row: bool,
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// A comma.
    #[default]
    Comma,
    /// A semicolon.
    Semicolon,
    /// A tab.
    Tab,
    /// A vertical bar.
    Bar,
}

impl Delimiter {
    const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Bar => "bar",
        }
    }
}

impl Kind for Csv {
    const NAME: &'static str = "csv";

    fn wiring(&self, name: &str, _study: &StudySettings) -> Wiring {
        Wiring { writes: vec![name.to_owned()], files: self.path.to_vec(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        // the headers are looked at before any stage runs, so a missing column is told at
        // once
        self.opened(declaration, call)?;
        // made as in the run but without rows, so names and types cannot differ
        TableReader::new(declaration).finish()
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        let files = self.opened(declaration, call)?;
        let mut table = TableReader::new(declaration);
        for (path, text) in paths.iter().zip(&files) {
            let (rows, header) = self.headed(&declaration.of_file(path), text)?;
            table.start_file(path);
            self.read(&mut table, rows, &header);
        }
        table.finish()
    }

    fn edited(
        &self,
        call: &Call<'_>,
        edits: &[RowEdit],
    ) -> Result<BTreeMap<String, Vec<u8>>, Mistake> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        let several = paths.iter().nth(1).is_some();
        let mut files = BTreeMap::new();
        let mut found = 0;
        for path in paths.iter() {
            let text = self.decoded(path, call.file(path))?;
            let (_, header) = self
                .headed(&declaration.of_file(path), &text)
                .map_err(|all| all.0.into_iter().next().expect("invariant: it holds a mistake"))?;
            let place = |column: &str| {
                let declared = self.columns.iter().position(|(name, _)| name == column);
                declared.map(|place| header.places[place]).ok_or_else(|| {
                    let message = format!("table `{}` reads no column `{column}`", call.name);
                    Mistake::new(message)
                        .hint_nearest(column, self.columns.iter().map(|(name, _)| name))
                })
            };
            let patient = place(&call.study.patient);
            let is_of = |cells: &csv::StringRecord, patient_of_edit: &str| match &patient {
                // Where the patient is no column of this table the line alone decides. If that
                // meets rows in several files, the count below tells.
                Ok(place) if several => {
                    cells.get(*place).map(composed).as_deref() == Some(patient_of_edit)
                }
                _ => true,
            };
            let places = Places { column: &place, is_of: &is_of };
            let (made, changed) = edited(&text, self.delimiter.byte(), edits, &places)?;
            found += changed;
            files.insert(path.to_owned(), encoded(&made, self.encoding)?);
        }
        // An edit that met no row, or more than one, would make another change than the one
        // that is meant.
        if found != edits.len() {
            let message = format!("{found} of {} rows to change were told apart", edits.len());
            let hint = "change a copy of the file, and compare by `restudy diff`";
            return Err(Mistake::new(message).hint(hint));
        }
        Ok(files)
    }
}

/// Where the declared columns stand in the file, and how many it has.
struct Header {
    places: Vec<usize>,
    width: usize,
}

impl Csv {
    fn declaration<'a>(&'a self, call: &'a Call<'_>, paths: &'a FilePaths<'a>) -> Declaration<'a> {
        Declaration {
            table: call.name,
            known_from: self.known_from.as_deref(),
            patient: &call.study.patient,
            // `of_file` sets it for each file in its turn
            path: "",
            paths,
            source: self.source.as_deref(),
            columns: &self.columns,
            missing: &self.missing,
            misfits: self.misfits,
            other_columns: self.other_columns,
            decimal_mark: if self.decimal_comma { ',' } else { '.' },
        }
    }

    /// The text of each file, if all of them and the declaration are in order.
    fn opened<'f>(
        &self,
        declaration: Declaration<'_>,
        call: &'f Call<'_>,
    ) -> Result<Vec<Cow<'f, str>>, Mistakes> {
        let mut mistakes = declaration.check();
        let mut files = Vec::new();
        for path in declaration.paths.iter() {
            let text = mistakes.note(self.decoded(path, call.file(path)));
            // a mistake of the declaration must not hide one of the header
            let headed = text.as_ref().map(|text| self.headed(&declaration.of_file(path), text));
            if let Some(Err(others)) = headed {
                mistakes.0.extend(others.0);
            }
            files.push(text.unwrap_or_default());
        }
        mistakes.or(files)
    }

    fn decoded<'f>(&self, path: &str, bytes: &'f [u8]) -> Result<Cow<'f, str>, Mistake> {
        decode(bytes, self.encoding).map_err(|fault| {
            let place = match fault.line() {
                Some(line) => format!("{path}:{line}"),
                None => path.to_owned(),
            };
            Mistake::at(&["encoding"], fault.to_string()).hint(fault.hint()).in_raw_file(place)
        })
    }

    /// The rows below the header, and what the header says.
    fn headed<'t>(
        &self,
        declaration: &Declaration<'_>,
        text: &'t str,
    ) -> Result<(Rows<'t>, Header), Mistakes> {
        let mut rows = Rows::new(text, self.delimiter.byte());
        let Some(first) = rows.next() else {
            let mistake = Mistake::at(&["path"], format!("{} is empty", declaration.path));
            return Err(mistake.hint("its first line holds the names of the columns").into());
        };
        // the names would be cut at the wrong places: none is looked up
        if let Some(fault) = first.fault {
            let place = format!("{}:{}", declaration.path, first.line);
            let mistake = Mistake::at(&["path"], fault.to_string()).hint(QuotingFault::HINT);
            return Err(mistake.in_raw_file(place).into());
        }
        let names: Vec<&str> = first.cells.iter().collect();
        // told before the columns are: otherwise each of them would be reported as absent
        if let Some(mistake) = self.other_delimiter(declaration.path, &names) {
            return Err(mistake.into());
        }
        let columns: Vec<Option<&str>> = names.iter().copied().map(Some).collect();
        let header = Header { places: declaration.locate(&columns)?, width: names.len() };
        Ok((rows, header))
    }

    /// A header of one cell that holds another delimiter.
    fn other_delimiter(&self, path: &str, names: &[&str]) -> Option<Mistake> {
        let [only] = names else { return None };
        let declared =
            |(name, spec): (&str, &ColumnSpec)| spec.header.as_deref().unwrap_or(name) == *only;
        // a declared name may have a semicolon in it
        if self.columns.iter().any(declared) {
            return None;
        }
        let other =
            Delimiter::ALL.into_iter().find(|other| only.contains(char::from(other.byte())))?;
        let message =
            format!("{path} has one column only when cut at each {}", self.delimiter.key());
        Some(
            Mistake::at(&["delimiter"], message)
                .hint(format!("its header reads as if cut by `delimiter: {}`", other.key())),
        )
    }

    fn read(&self, table: &mut TableReader<'_>, rows: Rows<'_>, header: &Header) {
        let mut ending = Ending::new(self.last_row.map(u64::from), self.stop_at_blank_row);
        blocks::for_each(rows, |block| {
            let mut ended = false;
            let mut standing = Vec::with_capacity(block.rows.len());
            for row in &block.rows {
                // of one column alone an empty cell is a row, because it is written `""`;
                // beyond two, how many cells are filled makes no difference
                let count = match header.width {
                    1 => 1,
                    _ => block.cells(row).filter(|cell| is_filled(cell)).take(2).count(),
                };
                match ending.judge(row.line, count, header.width) {
                    // Asked first: what stands below the declared end may have any form, also
                    // quotation marks out of order.
                    Standing::Below => {
                        ended = true;
                        break;
                    }
                    _ if row.fault.is_some() || row.width != header.width => {
                        note_form(table, row, header.width);
                    }
                    Standing::Empty => table.empty_row(),
                    Standing::Footnote => {
                        let text = block.cells(row).find(|cell| is_filled(cell));
                        let message = Ending::footnote(text.unwrap_or_default());
                        table.bad_row(row.line, message, Ending::HINT);
                    }
                    found @ (Standing::Row | Standing::Later) => {
                        let lone =
                            (count == 1).then(|| block.cells(row).find(|cell| is_filled(cell)));
                        table.note_standing(row.line, found, (lone.flatten(), header.width));
                        standing.push(row);
                    }
                }
            }
            // columns are typed side by side, which needs all rows of the block told apart
            // before
            let lines = standing.iter().map(|row| row.line);
            table.rows(lines, |row, column| block.cell(standing[row], header.places[column]));
            !ended
        });
    }
}

fn is_filled(cell: &str) -> bool {
    // most cells begin with a letter or a digit
    cell.bytes().next().is_some_and(|byte| byte.is_ascii_graphic()) || !cell.trim().is_empty()
}

/// Notes a row whose cells cannot be told apart, or are too many or too few.
fn note_form(table: &mut TableReader<'_>, row: &Row, width: usize) {
    match row.fault {
        Some(fault) => table.bad_row(row.line, fault.to_string(), QuotingFault::HINT),
        None => note_width(table, row, width),
    }
}

fn note_width(table: &mut TableReader<'_>, row: &Row, width: usize) {
    let found = row.width;
    let cells = if found == 1 { "cell" } else { "cells" };
    let hint = if found > width {
        "put a cell that holds a delimiter in quotation marks"
    } else {
        "write a delimiter for every cell, also for empty ones, and put a cell that holds a line \
         break in quotation marks"
    };
    table.bad_row(row.line, format!("the row has {found} {cells}, the header {width}"), hint);
}
