//! `kind: xlsx`: what it makes of a workbook, and what it reports, in full.

mod support;

use restudy_ingest::Xlsx;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
use support::{ingest, problems, values};

type Fill = fn(&mut Worksheet) -> Result<(), XlsxError>;

fn book(sheets: &[(&str, Fill)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, fill) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a valid name");
        fill(sheet).expect("cells within the sheet");
    }
    book.save_to_buffer().expect("the workbook is written")
}

fn day(year: u16, month: u8, day: u8) -> ExcelDateTime {
    ExcelDateTime::from_ymd(year, month, day).expect("a day of Excel's calendar")
}

/// Two rows of title, the names in row 3, and an empty row among the others.
fn patients(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let iso = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(0, 0, "Export of patients")?;
    for (column, name) in (1..).zip(["id", "cycles", "albumin", "dead", "born", "sex", "note"]) {
        sheet.write(2, column, name)?;
    }
    sheet.write(3, 1, "P1")?.write(3, 2, 4)?.write(3, 3, 36.5)?.write(3, 4, true)?;
    sheet.write_with_format(3, 5, day(1950, 2, 28), &iso)?.write(3, 6, "F")?;
    sheet.write_formula(3, 7, Formula::new("=1+1").set_result("2"))?;
    // Row 5 is left empty. An identifier, a code for missing and a level that are
    // numbers to the workbook, and 1 January 2020 as Excel's count of days.
    sheet.write(5, 1, 7)?.write(5, 2, 999)?.write(5, 4, "no")?;
    sheet.write(5, 5, 43_831)?.write(5, 6, 2)?.write_with_format(5, 7, day(2020, 1, 2), &iso)?;
    sheet.write(6, 1, "P3")?.write(6, 5, "1949-12-31")?;
    Ok(())
}

const PATIENTS: &str = "
path: data/raw/p.xlsx
header_row: 3
other_columns: ignore
missing: ['999']
columns:
  id: { type: id, unique: true }
  cycles: { type: whole }
  albumin: { type: real }
  dead: { type: boolean, levels: { yes: [], no: [] } }
  born: { type: date }
  sex: { type: category, levels: { female: [F], male: ['2'] } }
  note: { type: text }
";

#[test]
fn cells_of_every_sort_are_typed_as_declared() {
    let output = ingest::<Xlsx>(PATIENTS, &book(&[("Sheet", patients)])).expect("in order");
    assert_eq!(
        values(&output.tables["t"]),
        "_line:i64 id:str cycles:i64 albumin:f64 dead:bool born:date sex:str note:str\n\
         4 \"P1\" 4 36.5 true 1950-02-28 \"female\" \"2\"\n\
         6 \"7\" ~ ~ false 2020-01-01 \"male\" \"2020-01-02\"\n\
         7 \"P3\" ~ ~ ~ 1949-12-31 ~ ~\n"
    );
}

fn dates(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write(0, 0, "seen")?.write(0, 1, "n")?;
    // 2021 may be a year or a day of 1905: it is not read as a date
    sheet.write(1, 0, 2021)?.write(1, 1, 1.5)?;
    // noon of a day, as a number and below as a moment
    sheet.write(2, 0, 43_831.5)?;
    let noon = day(2021, 3, 4).and_hms(12, 30, 0)?;
    sheet.write_with_format(3, 0, noon, &moment)?;
    sheet.write_formula(4, 1, Formula::new("=1/0").set_result("#DIV/0!"))?;
    Ok(())
}

#[test]
fn cells_that_do_not_fit_are_listed_with_their_row() {
    let yaml = "{ path: d.xlsx, misfits: set_missing, columns: { seen: { type: date }, n: { type: whole } } }";
    let output = ingest::<Xlsx>(yaml, &book(&[("d", dates)])).expect("misfits are set to missing");
    assert_eq!(output.tables["t"].height(), 4);
    assert_eq!(
        problems(&output),
        "t d.xlsx:2 seen: \"2021\" is not a date written as YYYY-MM-DD\n\
         t d.xlsx:2 n: \"1.5\" is not a whole number\n\
         t d.xlsx:3 seen: \"43831.5\" is not a date written as YYYY-MM-DD\n\
         t d.xlsx:4 seen: \"2021-03-04T12:30:00\" is not a date written as YYYY-MM-DD\n\
         t d.xlsx:5 n: \"#DIV/0!\" is an error in the workbook\n"
    );
}

fn empty(_: &mut Worksheet) -> Result<(), XlsxError> {
    Ok(())
}

// the note stands in a column without a name, beside rows that end above it
fn note_beside(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write(0, 0, "seen")?.write(1, 0, "2021-01-01")?.write(4, 3, "ask Dr. Li")?;
    Ok(())
}

#[test]
fn every_mistake_is_reported_in_full() {
    let seen = "path: d.xlsx\ncolumns: { seen: { type: date } }";
    let cases: [(&str, Vec<u8>, &str); 7] = [
        (
            "",
            b"no workbook".to_vec(),
            "[path] d.xlsx cannot be read as a workbook: Zip error: invalid Zip archive: Could not find EOCD\n\
             -> save it in Excel as .xlsx, without a password\n",
        ),
        (
            "",
            book(&[("a", dates), ("b", empty)]),
            "[sheet] d.xlsx has several sheets: `a`, `b`\n\
             -> name one in `sheet:`\n",
        ),
        (
            "sheet: visit",
            book(&[("visits", dates), ("b", empty)]),
            "[sheet] d.xlsx has no sheet `visit`\n\
             -> did you mean `visits`?\n",
        ),
        (
            "",
            book(&[("a", empty)]),
            "[header_row] row 1 of sheet `a` in d.xlsx holds no names of columns\n\
             -> name the row in `header_row:`\n",
        ),
        (
            "header_row: 9",
            book(&[("a", dates)]),
            "[header_row] row 9 of sheet `a` in d.xlsx holds no names of columns\n\
             -> name the row in `header_row:`\n",
        ),
        (
            "",
            book(&[("a", dates)]),
            "[columns] d.xlsx has columns that are not declared: `n`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
        (
            "",
            book(&[("a", note_beside)]),
            "[columns] d.xlsx has columns that are not declared: the 4. one, without a name\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
    ];
    for (parameters, file, expected) in cases {
        let text = ingest::<Xlsx>(&format!("{seen}\n{parameters}"), &file);
        assert_eq!(text.expect_err("there are mistakes"), expected, "{parameters}");
    }
}

#[test]
fn a_column_without_a_name_can_be_ignored() {
    let yaml = "{ path: d.xlsx, other_columns: ignore, columns: { seen: { type: date } } }";
    let output = ingest::<Xlsx>(yaml, &book(&[("d", note_beside)])).expect("in order");
    // a note beside the table is no row of it
    assert_eq!(values(&output.tables["t"]), "_line:i64 seen:date\n2 2021-01-01\n");
}
