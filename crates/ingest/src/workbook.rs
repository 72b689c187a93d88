//! A sheet of a workbook with the state of each cell: its value, whether a
//! formula made it, and the number format in which the sheet shows it. Only
//! cells that hold something are kept, so that one at the far end costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Data, Dimensions, Reader, Xlsx, XlsxError};

use crate::package::{self, PackageFault};

/// The most cells with something in them that a sheet may have.
const MOST_CELLS: usize = 30_000_000;

/// Why a workbook cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkbookFault {
    #[error("cannot be read as a workbook: {0}")]
    Unreadable(#[from] XlsxError),
    #[error("{0}")]
    Package(#[from] PackageFault),
    #[error("has more than {MOST_CELLS} cells in sheet `{sheet}`")]
    TooManyCells { sheet: String },
}

impl WorkbookFault {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "save it in Excel as .xlsx, without a password",
            Self::Package(_) | Self::TooManyCells { .. } => {
                "save the sheet that is meant as a workbook of its own, or as CSV"
            }
        }
    }
}

/// A workbook that is small enough to be read.
pub(crate) struct Workbook<'f> {
    book: Xlsx<Cursor<&'f [u8]>>,
    bytes: &'f [u8],
}

/// A cell that holds something.
pub(crate) struct Held {
    pub(crate) value: Data,
    /// Whether a formula made it.
    pub(crate) formula: bool,
    /// Number of its format in the list of the sheet.
    format: usize,
}

/// A sheet, with rows and columns counted from 0.
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) is_1904: bool,
    /// The program that wrote it left the computing of formulas to the next one.
    pub(crate) uncomputed: bool,
    rows: BTreeMap<u32, BTreeMap<u32, Held>>,
    formats: Vec<String>,
    /// Cells of merged ones, but for the first, with the place of the first.
    merged: BTreeMap<(u32, u32), (u32, u32)>,
    pub(crate) hidden_rows: BTreeSet<u32>,
}

impl<'f> Workbook<'f> {
    pub(crate) fn open(bytes: &'f [u8]) -> Result<Self, WorkbookFault> {
        // before the package is opened, since opening it unpacks parts into memory
        package::check(bytes)?;
        Ok(Self { book: calamine::open_workbook_from_rs(Cursor::new(bytes))?, bytes })
    }

    pub(crate) fn sheet_names(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    pub(crate) fn sheet(&mut self, name: &str) -> Result<Sheet, WorkbookFault> {
        let traits = package::traits_of(self.bytes, name);
        let mut sheet = Sheet {
            name: name.to_owned(),
            is_1904: self.book.has_1904_epoch(),
            uncomputed: traits.uncomputed,
            rows: BTreeMap::new(),
            formats: Vec::new(),
            merged: BTreeMap::new(),
            hidden_rows: traits.hidden_rows,
        };
        self.read_values(&mut sheet)?;
        self.read_formulas(&mut sheet)?;
        let merged = self.book.merge_cells_by_sheet_name(name)?;
        sheet.merge(&merged);
        Ok(sheet)
    }

    fn read_values(&mut self, sheet: &mut Sheet) -> Result<(), WorkbookFault> {
        let mut reader = self.book.worksheet_cells_reader(&sheet.name)?;
        let code = |style: &calamine::Style| {
            style.number_format.as_ref().map_or_else(String::new, |f| f.format_code.clone())
        };
        sheet.formats = reader.styles().iter().map(code).collect();
        let mut count = 0;
        while let Some((cell, format)) = reader.next_cell_with_style_id()? {
            let (row, column) = cell.get_position();
            let value = Data::from(cell.get_value().clone());
            // a sheet may have formats for a million cells in which nothing stands
            if value != Data::Empty {
                count += 1;
                let held = Held { value, formula: false, format };
                sheet.rows.entry(row).or_default().insert(column, held);
            }
            if count > MOST_CELLS {
                return Err(WorkbookFault::TooManyCells { sheet: sheet.name.clone() });
            }
        }
        Ok(())
    }

    fn read_formulas(&mut self, sheet: &mut Sheet) -> Result<(), WorkbookFault> {
        // A second way through the sheet: the values come without their formulas.
        let mut reader = self.book.worksheet_cells_reader(&sheet.name)?;
        let mut count = 0;
        while let Some(record) = reader.next_cell_with_formula_metadata()? {
            if record.formula.is_some() {
                count += 1;
                if count > MOST_CELLS {
                    return Err(WorkbookFault::TooManyCells { sheet: sheet.name.clone() });
                }
                let (row, column) = record.pos;
                // A formula without a saved value was never computed, which is told.
                let nothing = || Held { value: Data::Empty, formula: true, format: 0 };
                let row = sheet.rows.entry(row).or_default();
                row.entry(column).or_insert_with(nothing).formula = true;
            }
        }
        Ok(())
    }
}

impl Sheet {
    fn merge(&mut self, regions: &[Dimensions]) {
        for Dimensions { start, end } in regions {
            // Merged cells may span whole columns: only rows that hold something are gone
            // through.
            for (row, cells) in self.rows.range(start.0..=end.0) {
                let last = cells.last_key_value().map_or(0, |(column, _)| *column);
                // beyond the cells of the sheet nothing is read
                for column in start.1..=end.1.min(last.max(start.1)) {
                    if (*row, column) != *start {
                        self.merged.insert((*row, column), *start);
                    }
                }
            }
        }
    }

    /// The cell, where it holds something.
    pub(crate) fn held(&self, row: u32, column: u32) -> Option<&Held> {
        self.rows.get(&row)?.get(&column)
    }

    /// The value of a cell.
    pub(crate) fn value(&self, row: u32, column: u32) -> &Data {
        self.held(row, column).map_or(&Data::Empty, |held| &held.value)
    }

    /// The number format of a cell that holds something.
    pub(crate) fn format(&self, held: &Held) -> &str {
        self.formats.get(held.format).map_or("", String::as_str)
    }

    /// Where the merged cells begin of which this one is a later part.
    pub(crate) fn merged_into(&self, row: u32, column: u32) -> Option<(u32, u32)> {
        self.merged.get(&(row, column)).copied()
    }

    /// The rows from one on in which a cell holds something.
    pub(crate) fn rows_from(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        self.rows.range(row..).map(|(row, _)| *row)
    }

    /// The columns in which a cell holds something, from one row on.
    pub(crate) fn columns_from(&self, row: u32) -> BTreeSet<u32> {
        self.rows.range(row..).flat_map(|(_, cells)| cells.keys().copied()).collect()
    }
}

/// A cell as a spreadsheet names it, such as `D2`.
pub(crate) fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    // there is no letter for nought: after Z comes AA
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("invariant: below 26");
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_a_spreadsheet() {
        let named =
            [(0, 0, "A1"), (1, 3, "D2"), (9, 26, "AA10"), (1_048_575, 16_383, "XFD1048576")];
        for (row, column, name) in named {
            assert_eq!(cell_name(row, column), name);
        }
    }
}
