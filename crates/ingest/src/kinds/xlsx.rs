//! `kind: xlsx`: one sheet of an Excel workbook.

use std::borrow::Cow;

use calamine::{Data, ExcelDateTime, ExcelDateTimeType};
use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use crate::cell::Misfit;
use crate::cell_state::CellState;
use crate::column::{ColumnSpec, ColumnType, Misfits, OtherColumns};
use crate::declaration::Declaration;
use crate::ending::{Ending, HiddenRows, Standing};
use crate::number_format::{Shown, is_bare, part_left_out, shown};
use crate::paths::{FilePaths, Paths};
use crate::reading::TableReader;
use crate::workbook::{Held, Sheet, Workbook, WorkbookFault, cell_name};

/// Numbers in a column of dates that are read as Excel's count of days: from
/// 1927 to 9999. A smaller one may as well be a year.
const SERIAL_DAYS: std::ops::RangeInclusive<f64> = 10_000.0..=2_958_465.0;

/// Numbers that are days to a workbook, from 1 January 1900 or 1904 to the end of 9999.
const DAYS: std::ops::Range<f64> = 1.0..2_958_466.0;
// day 0 of this count is day 1,462 of the other
const DAYS_OF_1904: std::ops::Range<f64> = 0.0..2_957_004.0;

/// A workbook keeps fifteen digits of a number.
const MOST_DIGITS: f64 = 1e15;

/// Reads one sheet of an Excel workbook (.xlsx) into a table of the stage's name.
///
/// Each cell is taken as the text that a CSV file would hold, and then typed
/// as declared; of a formula, the value that was last saved. Where the sheet
/// shows something else than a cell holds, the cell is a misfit: a formula that was
/// never computed, a later part of merged cells, a percentage, a number with words
/// around it, a date of which only the month is shown, an error. Zeros that a
/// number format puts before an identifier (`007`) belong to it. In a column of
/// type `date` a cell may be a date or Excel's count of days (from 10000 on: a
/// smaller number may be a year). Rows in which no column with a name has a
/// cell are passed over; one cell alone below such a row is a footnote and a
/// mistake. The table gets a column `_line` with the row of the sheet.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Xlsx {
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
    /// What happens to columns of the sheet that are not declared.
    #[serde(default)]
    pub other_columns: OtherColumns,
    /// The sheet; it may be left out where the workbook has only one.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The row that holds the names of the columns, from 1.
    #[serde(default = "first_row")]
    #[schemars(range(min = 1))]
    pub header_row: u32,
    /// The last row of the table; what stands below it is not read.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub last_row: Option<u32>,
    /// The table ends at the first row below it in which nothing stands.
    #[serde(default)]
    pub stop_at_blank_row: bool,
    /// What happens to rows that the sheet does not show.
    #[serde(default)]
    pub hidden_rows: HiddenRows,
    /// What happens to a cell that its number format shows as something else.
    #[serde(default)]
    pub number_formats: NumberFormats,
}

/// What happens to a cell that its number format shows as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberFormats {
    /// It is a misfit: whoever typed it meant what the sheet shows.
    #[default]
    Check,
    /// What the cell holds is taken: 0.45 where the sheet shows 45%.
    Ignore,
}

fn first_row() -> u32 {
    1
}

impl Kind for Xlsx {
    const NAME: &'static str = "xlsx";

    fn wiring(&self, name: &str, _study: &StudySettings) -> Wiring {
        Wiring { writes: vec![name.to_owned()], files: self.path.to_vec(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        self.opened(declaration, call)?;
        TableReader::new(declaration).finish()
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        let files = self.opened(declaration, call)?;
        let mut table = TableReader::new(declaration);
        for (path, opened) in paths.iter().zip(&files) {
            table.start_file(path);
            self.read(&mut table, opened)?;
        }
        table.finish()
    }
}

/// A sheet with the places of its columns.
struct Opened {
    sheet: Sheet,
    /// Of each declared column.
    places: Vec<u32>,
    /// Of every column with a name above it.
    named: Vec<u32>,
}

impl Xlsx {
    fn declaration<'a>(&'a self, call: &'a Call<'_>, paths: &'a FilePaths<'a>) -> Declaration<'a> {
        Declaration {
            table: call.name,
            known_from: self.known_from.as_deref(),
            patient: &call.study.patient,
            path: "",
            paths,
            source: self.source.as_deref(),
            columns: &self.columns,
            missing: &self.missing,
            misfits: self.misfits,
            other_columns: self.other_columns,
            // numbers of a workbook are no text: they are written with a point below
            decimal_mark: '.',
        }
    }

    /// The sheet of each file, if all of them and the declaration are in order.
    fn opened(
        &self,
        declaration: Declaration<'_>,
        call: &Call<'_>,
    ) -> Result<Vec<Opened>, Mistakes> {
        let mut mistakes = declaration.check();
        let mut files = Vec::new();
        for path in declaration.paths.iter() {
            match self.opened_file(&declaration.of_file(path), call.file(path)) {
                Ok(opened) => files.push(opened),
                Err(found) => mistakes.0.extend(found.0),
            }
        }
        mistakes.or(files)
    }

    fn opened_file(&self, declaration: &Declaration<'_>, bytes: &[u8]) -> Result<Opened, Mistakes> {
        let sheet = self.sheet(declaration.path, bytes)?;
        let names = self.header(declaration.path, &sheet)?;
        let header: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
        let column =
            |place: usize| u32::try_from(place).expect("invariant: sheets have few columns");
        let places = declaration.locate(&header)?.into_iter().map(column).collect();
        // a remark in a column without a name neither makes a row nor keeps one from being
        // empty
        let is_named = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.is_empty());
        let named = (0..names.len()).filter(|place| is_named(&names[*place])).map(column).collect();
        Ok(Opened { sheet, places, named })
    }

    fn sheet(&self, path: &str, bytes: &[u8]) -> Result<Sheet, Mistake> {
        let unreadable = |fault: WorkbookFault| {
            Mistake::at(&["path"], format!("{path} {fault}")).hint(fault.hint())
        };
        let mut book = Workbook::open(bytes).map_err(unreadable)?;
        let name = self.sheet_name(path, &book.sheet_names())?;
        book.sheet(&name).map_err(unreadable)
    }

    fn sheet_name(&self, path: &str, names: &[String]) -> Result<String, Mistake> {
        let listed = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match (&self.sheet, names) {
            (Some(name), _) if names.contains(name) => Ok(name.clone()),
            (Some(name), _) => {
                let message = format!("{path} has no sheet `{name}`");
                let hint = nearest(name, names.iter().map(String::as_str));
                Err(Mistake { hint, ..Mistake::at(&["sheet"], message) })
            }
            (None, [only]) => Ok(only.clone()),
            // which of several is meant is not guessed
            (None, _) => {
                let message = format!("{path} has several sheets: {}", listed());
                Err(Mistake::at(&["sheet"], message).hint("name one in `sheet:`"))
            }
        }
    }

    /// The names above the columns; none where a whole column is empty.
    fn header(&self, path: &str, sheet: &Sheet) -> Result<Vec<Option<String>>, Mistakes> {
        let row = self.header_row.saturating_sub(1);
        // from the header down, so that a title above it adds no column
        let used = sheet.columns_from(row);
        let width = used.last().map_or(0, |column| column + 1);
        let name = |column: u32| {
            // A used column without a name has an empty one, so that it is told as not
            // declared.
            used.contains(&column).then(|| plain_text(sheet.value(row, column)).into_owned())
        };
        let names: Vec<Option<String>> = (0..width).map(name).collect();
        if names.iter().flatten().any(|name| !name.is_empty()) {
            return Ok(names);
        }
        let message = format!(
            "row {} of sheet `{}` in {path} holds no names of columns",
            self.header_row, sheet.name
        );
        Err(Mistake::at(&["header_row"], message).hint("name the row in `header_row:`").into())
    }

    fn read(&self, table: &mut TableReader<'_>, opened: &Opened) -> Result<(), Mistakes> {
        let sheet = &opened.sheet;
        let mut ending = Ending::new(self.last_row.map(u64::from), self.stop_at_blank_row);
        let mut above = self.header_row;
        let mut hidden = Vec::new();
        for row in sheet.rows_from(self.header_row) {
            let line = u64::from(row) + 1;
            // rows without any cell are not in the list
            if row > above {
                ending.judge(u64::from(above) + 1, 0, opened.named.len());
            }
            above = row + 1;
            let filled: Vec<u32> = opened
                .named
                .iter()
                .copied()
                .filter(|column| sheet.held(row, *column).is_some())
                .collect();
            match ending.judge(line, filled.len(), opened.named.len()) {
                Standing::Below => break,
                Standing::Empty => {}
                Standing::Footnote => {
                    let text = plain_text(sheet.value(row, filled[0]));
                    table.bad_row(line, Ending::footnote(&text), Ending::HINT);
                }
                standing @ (Standing::Row | Standing::Later) => {
                    // asked of rows of the table only: an empty row or one below its end may be
                    // hidden
                    let is_hidden = sheet.hidden_rows.contains(&row);
                    if is_hidden {
                        hidden.push(line.to_string());
                    }
                    if !is_hidden || self.hidden_rows == HiddenRows::Read {
                        self.read_row(table, opened, row);
                        let lone =
                            (filled.len() == 1).then(|| plain_text(sheet.value(row, filled[0])));
                        table.note_standing(line, standing, (lone.as_deref(), opened.named.len()));
                    }
                }
            }
        }
        if hidden.is_empty() || self.hidden_rows != HiddenRows::Stop {
            return Ok(());
        }
        let (rows, are) = if hidden.len() == 1 { ("row", "is") } else { ("rows", "are") };
        let message = format!("{rows} {} of sheet `{}` {are} hidden", listed(&hidden), sheet.name);
        let hint = "show them or delete them, or say `hidden_rows: read` or `leave_out`";
        // the numbers were made into text above, so the first is one
        table.bad_row(hidden[0].parse().unwrap_or_default(), message, hint);
        Ok(())
    }

    fn read_row(&self, table: &mut TableReader<'_>, opened: &Opened, row: u32) {
        let line = u64::from(row) + 1;
        table.start_row(line);
        for (index, (place, (_, spec))) in opened.places.iter().zip(self.columns.iter()).enumerate()
        {
            let sheet = &opened.sheet;
            // A workbook keeps the value in the first cell only. Whether it is meant for the
            // later ones is not known, so they are not missing either.
            if let Some((first_row, first_column)) = sheet.merged_into(row, *place) {
                let (cell, first) = (cell_name(row, *place), cell_name(first_row, first_column));
                let state = CellState::Merged { cell, first };
                table.misfit(index, line, "", Misfit::Sheet(state));
                continue;
            }
            // nothing was ever entered here, or it was deleted
            let Some(held) = sheet.held(row, *place) else {
                table.cell(index, line, "");
                continue;
            };
            let cell = Cell { sheet, held, row, column: *place, formats: self.number_formats };
            match cell.taken(spec.column_type) {
                Ok(raw) => table.cell(index, line, &raw),
                Err(state) => {
                    let raw = match state {
                        CellState::NoSavedValue { .. } => Cow::Borrowed(""),
                        _ => plain_text(&held.value),
                    };
                    table.misfit(index, line, &raw, Misfit::Sheet(state));
                }
            }
        }
    }
}

/// Some numbers of rows, the first ten in full.
fn listed(rows: &[String]) -> String {
    match rows.len().saturating_sub(10) {
        0 => rows.join(", "),
        more => format!("{} and {more} more", rows[..10].join(", ")),
    }
}

/// A cell that holds something.
struct Cell<'s> {
    sheet: &'s Sheet,
    held: &'s Held,
    row: u32,
    column: u32,
    formats: NumberFormats,
}

impl<'s> Cell<'s> {
    /// The text that a CSV file would hold, or why that is not what is shown.
    fn taken(&self, column_type: ColumnType) -> Result<Cow<'s, str>, CellState> {
        let cell = || cell_name(self.row, self.column);
        let value = &self.held.value;
        let checked = self.formats == NumberFormats::Check;
        match value {
            Data::Error(_) => return Err(CellState::Error),
            Data::Empty if self.held.formula => {
                return Err(CellState::NoSavedValue { cell: cell() });
            }
            // what programs without a way to compute write for every formula
            Data::Float(0.0) | Data::Int(0) if self.held.formula && self.sheet.uncomputed => {
                return Err(CellState::Placeholder { cell: cell() });
            }
            Data::DateTime(moment) if checked => self.check_moment(moment, column_type)?,
            Data::Float(number) => return self.number(*number, column_type),
            #[expect(clippy::cast_precision_loss, reason = "compared with 15 digits below")]
            Data::Int(number) => return self.number(*number as f64, column_type),
            // texts, yes and no, and with formats ignored also moments are taken as held
            _ => {}
        }
        Ok(plain_text(value))
    }

    fn check_moment(&self, moment: &ExcelDateTime, kind: ColumnType) -> Result<(), CellState> {
        let cell = cell_name(self.row, self.column);
        let format = self.sheet.format(self.held).to_owned();
        if moment.is_duration() {
            return Err(CellState::Duration { cell, format });
        }
        // the sheet shows marks, or the nought of January, and the reader another day
        let days = if self.sheet.is_1904 { DAYS_OF_1904 } else { DAYS };
        let number = moment.as_f64();
        // a time of day alone is below 1; that its day is lacking is told below
        let is_time = part_left_out(&format).is_some() && (0.0..1.0).contains(&number);
        if !is_time && !days.contains(&number) {
            return Err(CellState::NoDay { cell, number: number.to_string() });
        }
        match (kind, part_left_out(&format)) {
            // A spreadsheet makes a date of an entry such as `1-2`: in these columns what was
            // typed is lost.
            (ColumnType::Id | ColumnType::Category, _) => Err(CellState::Date { cell, format }),
            (ColumnType::Date | ColumnType::Text, Some(part)) => {
                Err(CellState::PartOfDate { cell, part, format })
            }
            _ => Ok(()),
        }
    }

    fn number(&self, number: f64, kind: ColumnType) -> Result<Cow<'s, str>, CellState> {
        let cell = || cell_name(self.row, self.column);
        let format = self.sheet.format(self.held);
        if kind == ColumnType::Date && is_serial(number) {
            let moment = ExcelDateTimeType::DateTime;
            return Ok(moment_text(&ExcelDateTime::new(number, moment, self.sheet.is_1904)).into());
        }
        // A measurement has no use for more digits. A number that identifies something may
        // have lost its last ones.
        if kind != ColumnType::Real && number.abs() >= MOST_DIGITS {
            return Err(CellState::TooManyDigits { cell: cell() });
        }
        if self.formats == NumberFormats::Ignore {
            return Ok(number.to_string().into());
        }
        let is_text = matches!(kind, ColumnType::Text | ColumnType::Id | ColumnType::Category);
        match shown(number, format) {
            // for a number the noughts before it mean nothing
            Shown::Padded(digits) if is_text => Ok(digits.into()),
            Shown::Otherwise => Err(CellState::Format { cell: cell(), format: format.to_owned() }),
            // an identifier is what is read off the sheet, to the last mark
            _ if kind == ColumnType::Id && !is_bare(format) => {
                Err(CellState::Format { cell: cell(), format: format.to_owned() })
            }
            _ => Ok(number.to_string().into()),
        }
    }
}

/// The text that a CSV file would hold for a value.
fn plain_text(value: &Data) -> Cow<'_, str> {
    match value {
        Data::Empty => Cow::Borrowed(""),
        Data::String(text) | Data::DurationIso(text) => Cow::Borrowed(text),
        // a moment at midnight is a day
        Data::DateTimeIso(text) => Cow::Borrowed(text.strip_suffix("T00:00:00").unwrap_or(text)),
        Data::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        Data::DateTime(moment) if moment.is_datetime() => moment_text(moment).into(),
        Data::DateTime(duration) => duration.as_f64().to_string().into(),
        Data::Float(number) => number.to_string().into(),
        Data::Int(number) => number.to_string().into(),
        Data::Error(error) => error.to_string().into(),
    }
}

fn is_serial(days: f64) -> bool {
    // with a part of a day it is a moment, which is no date
    SERIAL_DAYS.contains(&days) && days.fract() == 0.0
}

/// A moment as its day if it is midnight, otherwise with the time of day.
fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        return date;
    }
    format!("{date}T{hour:02}:{minute:02}:{second:02}")
}
