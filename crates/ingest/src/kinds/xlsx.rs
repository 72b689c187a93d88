//! `kind: xlsx`: one sheet of an Excel workbook.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{Data, ExcelDateTime, ExcelDateTimeType, Range, Reader, Xlsx as Workbook};
use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use crate::column::{ColumnSpec, ColumnType, Misfits, OtherColumns};
use crate::declaration::Declaration;
use crate::reading::TableReader;

/// Numbers in a column of dates that are read as Excel's count of days: from
/// 1927 to 9999. A smaller one may as well be a year.
const SERIAL_DAYS: std::ops::RangeInclusive<f64> = 10_000.0..=2_958_465.0;

/// Reads one sheet of an Excel workbook (.xlsx) into a table of the stage's name.
///
/// Each cell is taken as the text that a CSV file would hold, and then typed
/// as declared; of a formula, the value that Excel last saved. In a column of
/// type `date` a cell may be a date or Excel's count of days (from 10000 on: a
/// smaller number may be a year). Rows without any cell are passed over. The
/// table gets a column `_line` with the row of the sheet.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Xlsx {
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
}

fn first_row() -> u32 {
    1
}

impl Kind for Xlsx {
    const NAME: &'static str = "xlsx";

    fn wiring(&self, name: &str, _study: &StudySettings) -> Wiring {
        Wiring {
            writes: vec![name.to_owned()],
            files: vec![self.path.clone()],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let declaration = self.declaration(call.name);
        self.opened(&declaration, call.file(&self.path))?;
        TableReader::new(declaration).finish()
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let declaration = self.declaration(call.name);
        let (sheet, places) = self.opened(&declaration, call.file(&self.path))?;
        self.read(TableReader::new(declaration), &sheet, &places)
    }
}

/// A sheet, with rows and columns counted from 0.
struct Sheet {
    name: String,
    cells: Range<Data>,
    is_1904: bool,
}

impl Sheet {
    /// How many rows and columns reach to the last cell.
    fn size(&self) -> (u32, u32) {
        self.cells.end().map_or((0, 0), |(row, column)| (row + 1, column + 1))
    }

    fn cell(&self, row: u32, column: u32) -> &Data {
        self.cells.get_value((row, column)).unwrap_or(&Data::Empty)
    }

    /// The text that a CSV file would hold.
    fn text(&self, row: u32, column: u32, column_type: ColumnType) -> Cow<'_, str> {
        let is_date = column_type == ColumnType::Date;
        match self.cell(row, column) {
            Data::Empty => Cow::Borrowed(""),
            Data::String(text) | Data::DurationIso(text) => Cow::Borrowed(text),
            Data::DateTimeIso(text) => {
                Cow::Borrowed(text.strip_suffix("T00:00:00").unwrap_or(text))
            }
            Data::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
            Data::DateTime(moment) if moment.is_datetime() => moment_text(moment).into(),
            Data::DateTime(duration) => duration.as_f64().to_string().into(),
            Data::Float(days) if is_date && is_serial(*days) => {
                let kind = ExcelDateTimeType::DateTime;
                moment_text(&ExcelDateTime::new(*days, kind, self.is_1904)).into()
            }
            Data::Float(number) => number.to_string().into(),
            Data::Int(number) => number.to_string().into(),
            Data::Error(error) => error.to_string().into(),
        }
    }
}

impl Xlsx {
    fn declaration<'a>(&'a self, table: &'a str) -> Declaration<'a> {
        Declaration {
            table,
            path: &self.path,
            columns: &self.columns,
            missing: &self.missing,
            misfits: self.misfits,
            other_columns: self.other_columns,
            decimal_mark: '.',
        }
    }

    /// The sheet, and the place in it of each declared column.
    fn opened(
        &self,
        declaration: &Declaration<'_>,
        bytes: &[u8],
    ) -> Result<(Sheet, Vec<usize>), Mistakes> {
        let mut mistakes = declaration.check();
        let sheet = mistakes.note(self.sheet(bytes));
        let located = match &sheet {
            Some(sheet) => self.header(sheet).and_then(|names| {
                let names: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
                declaration.locate(&names)
            }),
            None => Err(Mistakes::default()),
        };
        match (sheet, located) {
            (Some(sheet), Ok(places)) => mistakes.or((sheet, places)),
            (_, located) => {
                mistakes.0.extend(located.err().unwrap_or_default().0);
                Err(mistakes)
            }
        }
    }

    fn sheet(&self, bytes: &[u8]) -> Result<Sheet, Mistake> {
        let unreadable = |error: calamine::XlsxError| {
            let message = format!("{} cannot be read as a workbook: {error}", self.path);
            Mistake::at(&["path"], message).hint("save it in Excel as .xlsx, without a password")
        };
        let mut book: Workbook<_> =
            calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
        let name = self.sheet_name(&book.sheet_names())?;
        let cells = book.worksheet_range(&name).map_err(unreadable)?;
        Ok(Sheet { name, cells, is_1904: book.has_1904_epoch() })
    }

    fn sheet_name(&self, names: &[String]) -> Result<String, Mistake> {
        let listed = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match (&self.sheet, names) {
            (Some(name), _) if names.contains(name) => Ok(name.clone()),
            (Some(name), _) => {
                let message = format!("{} has no sheet `{name}`", self.path);
                let hint = nearest(name, names.iter().map(String::as_str));
                Err(Mistake { hint, ..Mistake::at(&["sheet"], message) })
            }
            (None, [only]) => Ok(only.clone()),
            (None, _) => {
                let message = format!("{} has several sheets: {}", self.path, listed());
                Err(Mistake::at(&["sheet"], message).hint("name one in `sheet:`"))
            }
        }
    }

    /// The names above the columns; none where a whole column is empty.
    fn header(&self, sheet: &Sheet) -> Result<Vec<Option<String>>, Mistakes> {
        let row = self.header_row.saturating_sub(1);
        let (height, width) = sheet.size();
        let is_used =
            |column: &u32| (row..height).any(|row| *sheet.cell(row, *column) != Data::Empty);
        let names: Vec<Option<String>> = (0..width)
            .map(|column| {
                is_used(&column).then(|| sheet.text(row, column, ColumnType::Text).into_owned())
            })
            .collect();
        if names.iter().flatten().any(|name| !name.is_empty()) {
            return Ok(names);
        }
        let message = format!(
            "row {} of sheet `{}` in {} holds no names of columns",
            self.header_row, sheet.name, self.path
        );
        Err(Mistake::at(&["header_row"], message).hint("name the row in `header_row:`").into())
    }

    fn read(
        &self,
        mut table: TableReader<'_>,
        sheet: &Sheet,
        places: &[usize],
    ) -> Result<Output, Mistakes> {
        let (height, width) = sheet.size();
        for row in self.header_row..height {
            if (0..width).all(|column| *sheet.cell(row, column) == Data::Empty) {
                continue;
            }
            let line = u64::from(row) + 1;
            table.start_row(line);
            for (column, (place, (_, spec))) in places.iter().zip(self.columns.iter()).enumerate() {
                let place = u32::try_from(*place).expect("invariant: sheets have few columns");
                let raw = sheet.text(row, place, spec.column_type);
                match sheet.cell(row, place) {
                    Data::Error(_) => table.error_cell(column, line, &raw),
                    _ => table.cell(column, line, &raw),
                }
            }
        }
        table.finish()
    }
}

fn is_serial(days: f64) -> bool {
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
