//! A printed table as CSV: the printed texts, with what a reader of the page
//! sees from headings and indents spelled out in columns of their own, and
//! nothing in it that a spreadsheet would compute.

use std::borrow::Cow;

use study::printed::{Cell, RowRole, Table};
use study::{Numbers, StudySettings};

/// The rows as CSV; the last column says where the data come from.
pub(crate) fn table(table: &Table, study: &StudySettings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let sections = table.rows.iter().any(|row| row.role == RowRole::Section);
    let columns = table.columns.iter().map(|column| (column.key.as_str(), column.label.as_str()));
    put(&mut writer, &header(sections.then_some("section"), columns));
    let (mut section, mut parent) = (String::new(), String::new());
    for row in &table.rows {
        let first = row.cells.first().map(|cell| cell.text.clone()).unwrap_or_default();
        if row.role == RowRole::Section {
            section = first;
            continue;
        }
        let heading = if row.indent == 0 {
            parent.clone_from(&first);
            first
        } else {
            // An indent is lost in a file, and `Female` alone could stand under any variable.
            format!("{parent}: {first}")
        };
        let mut record: Vec<String> = sections.then(|| section.clone()).into_iter().collect();
        record.push(heading);
        for place in 1..table.columns.len() {
            // Sections have one cell, and rows may have fewer than columns.
            record.push(row.cells.get(place).map(Cell::plain).unwrap_or_default());
        }
        // In every row: rows are copied out of files, and a mark at the top would stay behind.
        record.push(data_status(study));
        put(&mut writer, &record);
    }
    writer.into_inner().expect("invariant: memory takes every byte")
}

/// The numbers of a figure as CSV; the last column says where the data come from.
pub(crate) fn plotted(numbers: &Numbers, study: &StudySettings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    put(&mut writer, &header(None, numbers.header.iter().map(|name| (name.as_str(), ""))));
    for row in &numbers.rows {
        put(&mut writer, &[row.as_slice(), &[data_status(study)]].concat());
    }
    writer.into_inner().expect("invariant: memory takes every byte")
}

/// The name of the column that says where the data come from.
const DATA_STATUS: &str = "data_status";

/// The names of all columns: those that a file has of its own come first to their names,
/// whatever a table calls a column; where the data come from stands last.
fn header<'a>(
    section: Option<&'a str>,
    columns: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<String> {
    let own = section.into_iter().chain([DATA_STATUS]).map(|name| (name, ""));
    let mut names = named_apart(&own.chain(columns).collect::<Vec<_>>());
    names[usize::from(section.is_some())..].rotate_left(1);
    names
}

/// Names of columns, each once: several columns of one key, as `A/B` and `A-B`
/// have, are called by their labels where these tell them apart, and else by numbers.
fn named_apart(columns: &[(&str, &str)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (key, label) in columns {
        let alike = columns.iter().filter(|(other, _)| other == key);
        let own: Vec<&str> = alike.map(|(_, label)| *label).collect();
        let tells = |label: &str| own.iter().filter(|other| **other == label).count() == 1;
        let by_label = own.len() > 1 && !label.is_empty() && tells(label);
        let name = if by_label { plain(label) } else { (*key).to_owned() };
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|own| !names.contains(own));
        names.push(free.expect("invariant: there are more numbers than columns"));
    }
    names
}

/// A label in one line.
fn plain(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a row.
fn put(writer: &mut csv::Writer<Vec<u8>>, record: &[String]) {
    let inert = record.iter().map(|cell| inert(cell).into_owned());
    writer.write_record(inert).expect("invariant: records are as wide as the header");
}

/// The cell as a spreadsheet must not read it: one that would be a formula
/// gets an apostrophe before it, which spreadsheets take for "this is text".
/// Numbers stay as they are.
pub(crate) fn inert(cell: &str) -> Cow<'_, str> {
    let begins = cell
        .trim_start_matches(' ')
        // Spreadsheets pass over blanks before a sign, and take the wide forms of East Asian
        // keyboards for the same.
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    // A negative number computes nothing, and must stay a number for whoever reads the file.
    if !begins || is_number(cell) { Cow::Borrowed(cell) } else { Cow::Owned(format!("'{cell}")) }
}

/// A sign, digits with a decimal point, an exponent, and a sign of percent at most.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_suffix('%').unwrap_or(cell);
    digits.contains(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| b"0123456789.+-eE".contains(&byte))
        && digits.parse::<f64>().is_ok()
}

/// The status of the data as it stands in files: `simulated`, `observed`.
pub(crate) fn data_status(study: &StudySettings) -> String {
    let value = serde_json::to_value(study.data_status).expect("invariant: a plain word");
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use study::printed::{Column, Row};

    use super::*;
    use crate::sample::study;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        // A sign inside a text is harmless.
        for number in ["-0.5", "+3", "-1.5e-3", "-5%", "0.5", "", "a-b", "(-1)"] {
            assert_eq!(inert(number), number);
        }
        for formula in [
            "=HYPERLINK(\"x\")",
            "+1+2",
            "-2+3",
            "-0.5 (-1.0 to 0.1)",
            "@SUM(A1)",
            "\t=1",
            " =1",
            "＝1",
            "-",
            "-inf",
            "+e",
        ] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
    }

    /// Whatever a table or a figure calls its columns, a reader of the file finds each by its name.
    #[test]
    fn no_two_columns_have_one_name() {
        let header = |columns: &[(&str, &str)]| {
            let columns = columns.iter().map(|(key, label)| Column::numbers(key, label)).collect();
            let made = table(&Table { columns, ..Table::default() }, &study());
            String::from_utf8(made).expect("text").trim_end().to_owned()
        };
        let groups = [("what", ""), ("a_b", "A/B"), ("a_b", "A-B")];
        assert_eq!(header(&groups), "what,A/B,A-B,data_status");
        let twice = [("what", ""), ("n", "n"), ("n", "n"), ("n", "n")];
        assert_eq!(header(&twice), "what,n,n_2,n_3,data_status");
        let reserved =
            [("what", ""), ("data_status", "Data"), ("p_2", "p"), ("p", "p"), ("p", "p")];
        assert_eq!(header(&reserved), "what,Data,p_2,p,p_3,data_status");
        let numbers = Numbers {
            header: ["data_status", "value", "value"].map(str::to_owned).to_vec(),
            rows: vec![["a", "1", "2"].map(str::to_owned).to_vec()],
        };
        assert_eq!(
            String::from_utf8(plotted(&numbers, &study())).expect("text"),
            "data_status_2,value,value_2,data_status\na,1,2,simulated\n"
        );
    }

    #[test]
    fn headings_and_indents_are_spelled_out() {
        let columns = vec![Column::words("term", "Term"), Column::numbers("n", "n")];
        let rows = vec![
            Row::section("PFS"),
            Row::values(vec![Cell::text("Sex")]),
            Row::below(vec![Cell::text("female, \"f\""), Cell::text("25")]),
        ];
        let printed = Table { columns, rows, ..Table::default() };
        assert_eq!(
            String::from_utf8(table(&printed, &study())).expect("text"),
            "section,term,n,data_status\nPFS,Sex,,simulated\n\
             PFS,\"Sex: female, \"\"f\"\"\",25,simulated\n"
        );
    }
}
