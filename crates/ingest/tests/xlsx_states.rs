//! What a sheet shows and what its cells hold: every way in which the two
//! differ is a misfit that names the cell, and files that would fill the
//! memory are not opened.

mod support;

use std::io::{Cursor, Read, Write};

use restudy_ingest::Xlsx;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
use support::{ingest, problems, values};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

type Fill = fn(&mut Worksheet) -> Result<(), XlsxError>;

fn book(fill: Fill) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("s").expect("a valid name")).expect("cells of the sheet");
    book.save_to_buffer().expect("the workbook is written")
}

/// The workbook with another text in one of its parts.
fn edited(book: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut parts = ZipArchive::new(Cursor::new(book)).expect("a package");
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..parts.len() {
        let mut own = parts.by_index(index).expect("a part");
        let name = own.name().expect("a name of text").into_owned();
        let mut text = String::new();
        own.read_to_string(&mut text).expect("text");
        if name == part {
            assert!(text.contains(from), "{text}");
            text = text.replace(from, to);
        }
        written.start_file(name, SimpleFileOptions::default()).expect("a new part");
        written.write_all(text.as_bytes()).expect("memory takes it");
    }
    written.finish().expect("a package").into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

fn said(yaml: &str, book: &[u8]) -> String {
    let yaml = format!("{{ path: d.xlsx, misfits: set_missing, {yaml} }}");
    problems(&ingest::<Xlsx>(&yaml, book).expect("misfits are set to missing"))
}

fn formulas(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write(0, 0, "id")?.write(0, 1, "f")?;
    // the library that writes the file saves 0 for a formula it was given no result of
    for (row, result) in [(1, "77"), (2, "0"), (3, "5")] {
        sheet.write(row, 0, format!("p{row}"))?;
        sheet.write_formula(row, 1, Formula::new("=1+1").set_result(result))?;
    }
    Ok(())
}

#[test]
fn a_formula_that_was_never_computed_has_no_value() {
    let columns = "columns: { id: { type: id }, f: { type: real } }";
    let never = edited(&book(formulas), SHEET, "<v>77</v>", "<v></v>");
    assert_eq!(
        said(columns, &never),
        "t d.xlsx:2 f: \"\" cell B2 holds a formula without a saved value\n\
         t d.xlsx:3 f: \"0\" in cell B3 may be a placeholder: its formula was never computed by the program that wrote the file\n"
    );
    let stopped = ingest::<Xlsx>(&format!("{{ path: d.xlsx, {columns} }}"), &never);
    assert_eq!(
        stopped.expect_err("a mistake").lines().take(2).collect::<Vec<_>>(),
        [
            "[columns.f] d.xlsx:2: column `f`: cell B2 holds a formula without a saved value",
            "-> open the workbook in a spreadsheet program and save it there, which computes its formulas",
        ]
    );
    // a spreadsheet program that saves it takes the request to compute away
    let saved = edited(&book(formulas), "xl/workbook.xml", " fullCalcOnLoad=\"1\"", "");
    assert_eq!(said(columns, &saved), "");
    // a formula whose text is empty has a value
    let empty = edited(
        &saved,
        SHEET,
        "<c r=\"B2\"><f>1+1</f><v>77</v></c>",
        "<c r=\"B2\" t=\"str\"><f>1+1</f><v></v></c>",
    );
    assert_eq!(said(columns, &empty), "");
}

// Row 2 of the sheet holds what may be taken, the rows below what its format shows
// as something else.
fn formats(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let format = |code: &str| Format::new().set_num_format(code);
    for (column, name) in (0..).zip(["id", "text", "share", "level", "whole"]) {
        sheet.write(0, column, name)?;
    }
    sheet.write_with_format(1, 0, 7, &format("000"))?;
    sheet.write_with_format(1, 1, 8, &format("0000"))?;
    sheet.write_with_format(1, 2, 0.5, &format("0.00"))?;
    sheet.write_with_format(1, 3, 1, &format("00"))?;
    sheet.write_with_format(1, 4, 12, &format("0000"))?;
    sheet.write_with_format(2, 0, 9, &format("\"P-\"000"))?;
    sheet.write_with_format(2, 1, 9, &format("0\" mm\""))?;
    sheet.write_with_format(2, 2, 0.45, &format("0%"))?;
    sheet.write_with_format(2, 3, ExcelDateTime::from_ymd(2021, 1, 2)?, &format("d/m"))?;
    sheet.write_with_format(2, 4, 5000, &format("0,"))?;
    sheet.write_with_format(3, 0, 1234, &format("#,##0"))?;
    sheet.write_with_format(3, 1, ExcelDateTime::from_ymd(2021, 3, 1)?, &format("mmm yy"))?;
    sheet.write_with_format(3, 2, 3.0, &format("\"<\"0"))?;
    // seventeen digits, of which a double keeps fewer
    sheet.write(3, 4, 12_345_678_901_234_567_u64 as f64)?;
    sheet.write_with_format(4, 0, 0.0625, &format("[h]:mm"))?;
    Ok(())
}

const FORMATS: &str = "columns: { id: { type: id }, text: { type: text }, share: { type: real }, \
    level: { type: category, levels: { one: ['01'] } }, whole: { type: whole } }";

#[test]
fn a_number_is_taken_as_the_sheet_shows_it_or_not_at_all() {
    let file = book(formats);
    let yaml = format!("{{ path: d.xlsx, misfits: set_missing, {FORMATS} }}");
    let output = ingest::<Xlsx>(&yaml, &file).expect("misfits are set to missing");
    assert_eq!(
        values(&output.tables["t"]),
        "_line:i64 id:str text:str share:f64 level:str whole:i64\n\
         2 \"007\" \"0008\" 0.5 \"one\" 12\n3 ~ ~ ~ ~ ~\n4 ~ ~ ~ ~ ~\n5 ~ ~ ~ ~ ~\n"
    );
    assert_eq!(
        problems(&output),
        "t d.xlsx:3 id: \"9\" in cell A3 is shown by the sheet in the number format `\"P-\"000`\n\
         t d.xlsx:3 text: \"9\" in cell B3 is shown by the sheet in the number format `0\" mm\"`\n\
         t d.xlsx:3 share: \"0.45\" in cell C3 is shown by the sheet in the number format `0%`\n\
         t d.xlsx:3 level: \"2021-01-02\" in cell D3 is a date to the workbook, shown in the number format `d/m`\n\
         t d.xlsx:3 whole: \"5000\" in cell E3 is shown by the sheet in the number format `0,`\n\
         t d.xlsx:4 id: \"1234\" in cell A4 is shown by the sheet in the number format `#,##0`\n\
         t d.xlsx:4 text: \"2021-03-01\" in cell B4 is shown by the sheet without its day, in the number format `mmm yy`\n\
         t d.xlsx:4 share: \"3\" in cell C4 is shown by the sheet in the number format `\"<\"0`\n\
         t d.xlsx:4 whole: \"12345678901234568\" in cell E4 has more digits than a number of a workbook keeps\n\
         t d.xlsx:5 id: \"0.0625\" in cell A5 is a length of time, shown in the number format `[h]:mm`\n"
    );
    // on demand what the cells hold is taken, but a date is no level
    let held = ingest::<Xlsx>(&yaml.replace("columns:", "number_formats: ignore, columns:"), &file);
    let held = values(&held.expect("taken as held").tables["t"]);
    assert!(held.contains("\n3 \"9\" \"9\" 0.45 ~ 5000\n"), "{held}");
}

fn no_days(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(0, 0, "id")?.write(0, 1, "d")?;
    // -5, 0, half a day and three million are no days; 1 and the last of 9999 are
    for (row, number) in [(1, -5.0), (2, 0.0), (3, 3e6), (4, 1.0), (5, 2_958_465.0), (6, 0.5)] {
        sheet.write(row, 0, format!("p{row}"))?;
        sheet.write_number_with_format(row, 1, number, &day)?;
    }
    Ok(())
}

#[test]
fn a_number_that_is_no_day_is_no_date() {
    let no_day = "which is no day of a workbook";
    for kind in ["date", "text"] {
        let columns = format!("columns: {{ id: {{ type: id }}, d: {{ type: {kind} }} }}");
        let said = said(&columns, &book(no_days));
        let cells = [("B2", "-5"), ("B3", "0"), ("B4", "3000000"), ("B7", "0.5")];
        let expected = cells.map(|(cell, number)| {
            format!("in cell {cell} stands for the number {number}, {no_day}")
        });
        let found: Vec<&str> =
            said.lines().map(|line| &line[line.find("in cell").expect("a cell")..]).collect();
        assert_eq!(found, expected, "{kind}");
    }
}

fn merged(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(["id", "visit", "ldh"]) {
        sheet.write(0, column, name)?;
    }
    for row in 1..4 {
        // the other columns are filled, so each row is one visit of the same patient
        sheet.write(row, 1, row)?.write(row, 2, row * 10)?;
    }
    sheet.merge_range(1, 0, 3, 0, "P1", &Format::new())?;
    Ok(())
}

#[test]
fn a_later_part_of_merged_cells_has_no_value_of_its_own() {
    let columns = "columns: { id: { type: id }, visit: { type: whole }, ldh: { type: real } }";
    assert_eq!(
        said(columns, &book(merged)),
        "t d.xlsx:3 id: \"\" cell A3 is part of the merged cells that begin in A2, whose one value stands there\n\
         t d.xlsx:4 id: \"\" cell A4 is part of the merged cells that begin in A2, whose one value stands there\n"
    );
}

fn filtered(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write(0, 0, "id")?.write(0, 1, "age")?;
    for row in 1..5 {
        sheet.write(row, 0, format!("p{row}"))?.write(row, 1, 50)?;
    }
    // row 10 is hidden as well, but nothing stands in it
    sheet.set_row_hidden(2)?.set_row_hidden(4)?.set_row_hidden(9)?;
    Ok(())
}

#[test]
fn rows_that_are_not_shown_are_a_question() {
    let yaml = |more: &str| {
        format!(
            "{{ path: d.xlsx, {more} columns: {{ id: {{ type: id }}, age: {{ type: whole }} }} }}"
        )
    };
    let file = book(filtered);
    assert_eq!(
        ingest::<Xlsx>(&yaml(""), &file).expect_err("a mistake"),
        "[] d.xlsx:3: rows 3, 5 of sheet `s` are hidden\n\
         -> show them or delete them, or say `hidden_rows: read` or `leave_out`\n"
    );
    let rows = |more: &str| {
        let output = ingest::<Xlsx>(&yaml(more), &file).expect("that is declared");
        output.tables["t"].height()
    };
    assert_eq!((rows("hidden_rows: read,"), rows("hidden_rows: leave_out,")), (4, 2));
}

fn with_footnotes(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(["id", "sex", "age"]) {
        sheet.write(0, column, name)?;
    }
    for row in 1..4 {
        sheet.write(row, 0, format!("p{row}"))?.write(row, 1, "f")?.write(row, 2, 50)?;
    }
    // row 5 is empty; the footnotes stand below it
    sheet.write(5, 0, "* age at diagnosis")?.write(6, 0, "Source: registry")?;
    Ok(())
}

#[test]
fn footnotes_are_no_patients() {
    let yaml = |more: &str| {
        format!(
            "{{ path: d.xlsx, {more} columns: {{ id: {{ type: id }}, sex: {{ type: text }}, age: {{ type: whole }} }} }}"
        )
    };
    let file = book(with_footnotes);
    let hint = "-> end the table above it with `stop_at_blank_row: true` or `last_row:`, or delete the empty row if it is a row of the table";
    assert_eq!(
        ingest::<Xlsx>(&yaml(""), &file).expect_err("a mistake"),
        format!(
            "[] d.xlsx:6: the row stands below an empty one and holds nothing but `* age at diagnosis`\n{hint}\n\
             [] d.xlsx:7: the row stands below an empty one and holds nothing but `Source: registry`\n{hint}\n"
        )
    );
    for declared in ["stop_at_blank_row: true,", "last_row: 4,"] {
        let output = ingest::<Xlsx>(&yaml(declared), &file).expect("the end is declared");
        assert_eq!(output.tables["t"].height(), 3, "{declared}");
    }
}

fn far_away(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    // the last cell that a sheet can have
    sheet.write(0, 0, "id")?.write(1, 0, "p1")?.write(1_048_575, 16_383, "x")?;
    Ok(())
}

/// Seventeen thousand million cells lie between the two.
#[test]
fn a_cell_at_the_far_end_costs_nothing() {
    let yaml = "{ path: d.xlsx, other_columns: ignore, columns: { id: { type: id } } }";
    let output = ingest::<Xlsx>(yaml, &book(far_away)).expect("it is beside the table");
    assert_eq!(values(&output.tables["t"]), "_line:i64 id:str\n2 \"p1\"\n");
    let yaml = "{ path: d.xlsx, columns: { id: { type: id } } }";
    assert_eq!(
        ingest::<Xlsx>(yaml, &book(far_away)).expect_err("a mistake"),
        "[columns] d.xlsx has columns that are not declared: the 16384. one, without a name\n\
         -> declare them, or write `other_columns: ignore` to leave them out\n"
    );
}

#[test]
fn a_file_that_would_fill_the_memory_is_not_unpacked() {
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file(SHEET, SimpleFileOptions::default()).expect("a part");
    let blanks = vec![b' '; 1 << 20];
    // 66 MB of blanks, packed to less than 256 KB
    for _ in 0..66 {
        bomb.write_all(&blanks).expect("memory takes it");
    }
    let bomb = bomb.finish().expect("a package").into_inner();
    assert!(bomb.len() < 1 << 18, "{}", bomb.len());
    let yaml = "{ path: d.xlsx, columns: { id: { type: id } } }";
    let said = ingest::<Xlsx>(yaml, &bomb).expect_err("a mistake");
    assert!(said.starts_with("[path] d.xlsx has more than 64 MB unpacked, "), "{said}");
}
