//! `kind: csv`: delimited text, such as an export of a database.

use std::borrow::Cow;

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use crate::column::{ColumnSpec, Misfits, OtherColumns};
use crate::declaration::Declaration;
use crate::quoting::QuotingFault;
use crate::reading::TableReader;
use crate::rows::{Row, Rows};
use crate::text::decode;

/// Reads a file of delimited text into a table of the stage's name.
///
/// The first line that is not blank holds the names of the columns. Every
/// other line is a row; blank lines are passed over. A cell with a delimiter,
/// a line break or a quotation mark in it stands in quotation marks. An empty
/// cell is missing. Cells are taken to the letter: what does not follow the
/// declared type is a misfit and is never mended here. The table gets a column
/// `_line` with the line of the row in the file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Csv {
    /// The file, relative to the pipeline file.
    pub path: String,
    /// The columns of the table, in order.
    pub columns: Named<ColumnSpec>,
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
}

/// How the bytes of a file stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf_8")]
    Utf8,
    /// The Chinese national standard; GBK and GB 2312 are parts of it.
    #[serde(rename = "gb18030")]
    Gb18030,
    /// The western European code page of Windows.
    #[serde(rename = "windows_1252")]
    Windows1252,
}

impl Encoding {
    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Windows1252 => "windows-1252",
        }
    }
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
        Wiring {
            writes: vec![name.to_owned()],
            files: vec![self.path.clone()],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let declaration = self.declaration(call.name);
        self.opened(&declaration, call)?;
        TableReader::new(declaration).finish()
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let declaration = self.declaration(call.name);
        let text = self.opened(&declaration, call)?;
        let (rows, header) = self.headed(&declaration, &text)?;
        read(TableReader::new(declaration), rows, &header)
    }
}

/// Where the declared columns stand in the file, and how many it has.
struct Header {
    places: Vec<usize>,
    width: usize,
}

impl Csv {
    fn declaration<'a>(&'a self, table: &'a str) -> Declaration<'a> {
        Declaration {
            table,
            path: &self.path,
            columns: &self.columns,
            missing: &self.missing,
            misfits: self.misfits,
            other_columns: self.other_columns,
            decimal_mark: if self.decimal_comma { ',' } else { '.' },
        }
    }

    /// The text of the file, if it and the declaration are in order.
    fn opened<'f>(
        &self,
        declaration: &Declaration<'_>,
        call: &'f Call<'_>,
    ) -> Result<Cow<'f, str>, Mistakes> {
        let mut mistakes = declaration.check();
        let text = mistakes.note(decode(call.file(&self.path), self.encoding).map_err(|fault| {
            let place = match fault.line() {
                Some(line) => format!("{}:{line}", self.path),
                None => self.path.clone(),
            };
            Mistake::at(&["encoding"], fault.to_string()).hint(fault.hint()).in_raw_file(place)
        }));
        // a mistake of the declaration must not hide one of the header
        if let Some(Err(others)) = text.as_ref().map(|text| self.headed(declaration, text)) {
            mistakes.0.extend(others.0);
        }
        let text = text.unwrap_or_default();
        mistakes.or(text)
    }

    /// The rows below the header, and what the header says.
    fn headed<'t>(
        &self,
        declaration: &Declaration<'_>,
        text: &'t str,
    ) -> Result<(Rows<'t>, Header), Mistakes> {
        let mut rows = Rows::new(text, self.delimiter.byte());
        let Some(first) = rows.next() else {
            let mistake = Mistake::at(&["path"], format!("{} is empty", self.path));
            return Err(mistake.hint("its first line holds the names of the columns").into());
        };
        if let Some(fault) = first.fault {
            let place = format!("{}:{}", self.path, first.line);
            let mistake = Mistake::at(&["path"], fault.to_string()).hint(QuotingFault::HINT);
            return Err(mistake.in_raw_file(place).into());
        }
        let names: Vec<&str> = first.cells.iter().collect();
        if let Some(mistake) = self.other_delimiter(&names) {
            return Err(mistake.into());
        }
        let columns: Vec<Option<&str>> = names.iter().copied().map(Some).collect();
        let header = Header { places: declaration.locate(&columns)?, width: names.len() };
        Ok((rows, header))
    }

    /// A header of one cell that holds another delimiter.
    fn other_delimiter(&self, names: &[&str]) -> Option<Mistake> {
        let [only] = names else { return None };
        let declared =
            |(name, spec): (&str, &ColumnSpec)| spec.header.as_deref().unwrap_or(name) == *only;
        if self.columns.iter().any(declared) {
            return None;
        }
        let other =
            Delimiter::ALL.into_iter().find(|other| only.contains(char::from(other.byte())))?;
        let message =
            format!("{} has one column only when cut at each {}", self.path, self.delimiter.key());
        Some(
            Mistake::at(&["delimiter"], message)
                .hint(format!("its header reads as if cut by `delimiter: {}`", other.key())),
        )
    }
}

fn read(
    mut table: TableReader<'_>,
    mut rows: Rows<'_>,
    header: &Header,
) -> Result<Output, Mistakes> {
    while let Some(row) = rows.next() {
        if let Some(fault) = row.fault {
            table.bad_row(row.line, fault.to_string(), QuotingFault::HINT);
        } else if row.cells.len() == header.width {
            table.start_row(row.line);
            for (column, place) in header.places.iter().enumerate() {
                table.cell(column, row.line, &row.cells[*place]);
            }
        } else {
            note_width(&mut table, &row, header.width);
        }
    }
    table.finish()
}

fn note_width(table: &mut TableReader<'_>, row: &Row<'_>, width: usize) {
    let found = row.cells.len();
    let cells = if found == 1 { "cell" } else { "cells" };
    let hint = if found > width {
        "put a cell that holds a delimiter in quotation marks"
    } else {
        "write a delimiter for every cell, also for empty ones, and put a cell that holds a line \
         break in quotation marks"
    };
    table.bad_row(row.line, format!("the row has {found} {cells}, the header {width}"), hint);
}
