//! The documents beside the page, read back: what a table prints stands in each.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use restudy_tests::Study;

/// A study with tables and figures of every shape, with its documents.
fn study() -> Study {
    let study = Study::of_repository("examples/veteran");
    study.says("run --quiet").succeeds();
    study
}

fn part(archive: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut text = String::new();
    zip.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

/// What stands between two marks, each time.
fn each<'a>(text: &'a str, from: &'a str, to: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(from).skip(1).filter_map(move |rest| rest.split(to).next())
}

// `&amp;` comes last, or what it brings forth would be taken for another sign
fn unescaped(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.iter().fold(text.to_owned(), |text, (written, sign)| text.replace(written, sign))
}

/// The letters of a cell but for the marks of its footnotes.
fn letters(cell: &str) -> String {
    let runs = each(cell, "<w:r>", "</w:r>").filter(|run| !run.contains("w:vertAlign"));
    let texts = runs.flat_map(|run| each(run, "<w:t xml:space=\"preserve\">", "</w:t>"));
    unescaped(&texts.collect::<String>())
}

/// The tables of the study as its CSV files have them: the texts of each row behind its heading.
fn printed(study: &Study) -> Vec<(String, Vec<Vec<String>>)> {
    let mut tables = Vec::new();
    for (path, bytes) in study.made() {
        let Some(name) = path.strip_prefix("reports/tables/") else { continue };
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let headings = reader.headers().expect("headings").clone();
        let first = if &headings[0] == "section" { 2 } else { 1 };
        let rows = reader.records().map(|row| {
            let row = row.expect("a row");
            let cells = row.iter().skip(first).take(headings.len() - first - 1);
            // a spreadsheet's apostrophe is of the file alone
            cells.map(|cell| cell.strip_prefix('\'').unwrap_or(cell).to_owned()).collect()
        });
        tables.push((name.trim_end_matches(".csv").to_owned(), rows.collect()));
    }
    tables
}

#[test]
fn a_word_document_has_the_tables_of_the_page() {
    let study = study();
    let made = study.made();
    let archive = &made["reports/supplement.docx"];
    let document = part(archive, "word/document.xml");
    let mut tables: Vec<Vec<Vec<String>>> = each(&document, "<w:tbl>", "</w:tbl>")
        .map(|table| {
            let rows = each(table, "<w:tr>", "</w:tr>");
            let values = rows.filter(|row| !row.contains("<w:tblHeader/>"));
            let cells =
                values.map(|row| each(row, "<w:tc>", "</w:tc>").skip(1).map(letters).collect());
            // a heading over rows is one cell
            cells.filter(|cells: &Vec<String>| !cells.is_empty()).collect()
        })
        .collect();
    let printed = printed(&study);
    assert!(printed.len() >= 6, "{}", printed.len());
    for (name, rows) in printed {
        // each table is found once and taken out, so that two alike need two
        let place = tables.iter().position(|table| *table == rows);
        let place = place.unwrap_or_else(|| panic!("no table of the document is {name}: {rows:?}"));
        tables.remove(place);
    }
    // headings stand again on each page, figures have words, pages have numbers
    assert!(document.matches("<w:tblHeader/>").count() >= 7);
    let figures = each(&document, "<wp:docPr ", "/>").collect::<Vec<_>>();
    assert!(figures.len() >= 2);
    assert!(
        figures.iter().all(|figure| each(figure, "descr=\"", "\"").all(|words| words.len() > 40))
    );
    assert!(part(archive, "word/footer1.xml").contains(" NUMPAGES "));
    assert!(part(archive, "word/header1.xml").contains("EXAMPLE"));
    for name in ["document.xml", "styles.xml", "numbering.xml", "settings.xml", "header1.xml"] {
        sound(&part(archive, &format!("word/{name}")));
    }
}

/// Elements that are opened and closed in their order.
fn sound(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in each(xml, "<", ">").filter(|tag| !tag.starts_with('?') && !tag.ends_with('/')) {
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None => open.push(tag.split(' ').next().expect("a name")),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn a_workbook_has_numbers_that_are_numbers() {
    let study = study();
    let made = study.made();
    let bytes = made["reports/supplement.xlsx"].clone();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let names = book.sheet_names();
    assert_eq!(names[0], "Contents");
    assert!(names.contains(&"eTable 3".to_owned()), "{names:?}");
    let mut numbers = 0;
    let sheets: Vec<Vec<Vec<Data>>> = names[1..]
        .iter()
        .map(|name| {
            book.worksheet_range(name).expect("a sheet").rows().map(<[Data]>::to_vec).collect()
        })
        .collect();
    for (name, rows) in printed(&study) {
        let holds = |sheet: &Vec<Vec<Data>>| {
            rows.iter().all(|row| sheet.iter().any(|cells| alike(row, cells)))
        };
        let found = sheets.iter().filter(|sheet| holds(sheet)).count();
        assert!(found >= 1, "no sheet is {name}");
    }
    for sheet in &sheets {
        numbers += sheet
            .iter()
            .flatten()
            .filter(|cell| matches!(cell, Data::Float(_) | Data::Int(_)))
            .count();
    }
    assert!(numbers > 100, "{numbers} cells are numbers");
}

/// Whether the cells behind the heading say what was printed: a number is the number that it shows.
fn alike(printed: &[String], cells: &[Data]) -> bool {
    let empty = Data::Empty;
    printed.iter().enumerate().all(|(place, text)| {
        let cell = cells.get(place + 1).unwrap_or(&empty);
        let plain = text.replace('\u{2212}', "-");
        match cell {
            Data::Empty => text.is_empty(),
            Data::Float(number) => {
                // a percentage is kept as a share and shown with its sign
                let (digits, unit) =
                    plain.strip_suffix('%').map_or((plain.as_str(), 1.0), |it| (it, 100.0));
                digits.parse::<f64>().is_ok_and(|value| (value / unit - number).abs() < 1e-12)
            }
            // behind a text stand the names of its footnotes
            Data::String(own) => own == text || own.starts_with(&format!("{text} ")),
            _ => false,
        }
    })
}

#[test]
fn a_table_for_latex_is_whole() {
    let made = study().made();
    let text = String::from_utf8(made["reports/supplement.tex"].clone()).expect("text");
    for name in ["longtable", "landscape"] {
        let [begun, ended] =
            ["begin", "end"].map(|word| text.matches(&format!("\\{word}{{{name}}}")).count());
        assert_eq!(begun, ended, "{name}");
    }
    assert_eq!(text.matches("\\begin{longtable}").count(), printed(&study()).len());
    assert!(text.contains("Age, years, median (IQR)"), "{text}");
}

#[test]
fn documents_have_the_same_bytes() {
    let (one, two) = (study().made(), study().made());
    for ending in ["docx", "xlsx", "tex"] {
        let path = format!("reports/supplement.{ending}");
        assert!(one[&path] == two[&path], "{path}");
    }
}
