//! Turns tables into the bytes of their files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::dirt::Answer;
use crate::error::SimulateError;
use crate::schema::{CODE_LISTS, Encoding, TABLES};
use crate::table::Table;

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A CSV file of plain records.
#[must_use]
pub fn csv_file<R>(rows: impl IntoIterator<Item = R>, crlf: bool) -> Vec<u8>
where
    R: IntoIterator,
    R::Item: AsRef<[u8]>,
{
    let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("invariant: rows of one width into memory");
    }
    writer.into_inner().expect("invariant: memory does not fail")
}

/// The raw file of a table, in its declared encoding.
#[must_use]
pub fn raw_file(table: &Table) -> Vec<u8> {
    let header = table.schema.columns.iter().map(|column| column.name.to_owned()).collect();
    let rows = table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.raw.clone()).collect());
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let crlf = table.schema.encoding == Encoding::Utf8BomCrlf;
    let bytes = csv_file(rows, crlf);
    match table.schema.encoding {
        Encoding::Utf8 => bytes,
        // as a spreadsheet saves CSV
        Encoding::Utf8BomCrlf => [b"\xEF\xBB\xBF".as_slice(), &bytes].concat(),
        Encoding::Gb18030 => {
            let text = str::from_utf8(&bytes).expect("invariant: written from text");
            // GB18030 has every character of Unicode, so nothing is lost
            encoding_rs::GB18030.encode(text).0.into_owned()
        }
    }
}

/// The data dictionary: one row per column of every table.
#[must_use]
pub fn dictionary() -> Vec<u8> {
    let header = [
        "table",
        "column",
        "type",
        "unit",
        "code_list",
        "formats",
        "missing_codes",
        "range",
        "label",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for table in TABLES {
        for column in table.columns {
            let cells = [
                table.name,
                column.name,
                column.kind.name(),
                column.unit,
                column.levels.unwrap_or(""),
                column.kind.formats(),
                &column.missing.join(";"),
                column.range,
                column.label,
            ];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    csv_file(rows, false)
}

/// The code lists: one row per spelling, with what it means and whether the dictionary declares it.
#[must_use]
pub fn code_lists() -> Vec<u8> {
    let mut rows = vec![["list", "spelling", "level", "role"]];
    for list in CODE_LISTS {
        for level in list.levels {
            rows.push([list.name, level.code, level.label, "code"]);
            for variant in level.variants {
                rows.push([list.name, variant, level.label, "variant"]);
            }
        }
    }
    csv_file(rows, false)
}

/// The hospital's answers to data queries, all given on one day after the export.
#[must_use]
pub fn query_answers(answers: &[Answer]) -> Vec<u8> {
    let header =
        ["query_id", "table", "record_id", "instance", "field", "raw", "answer", "answered_on"];
    let mut rows = vec![header.map(str::to_owned)];
    for (index, answer) in answers.iter().enumerate() {
        rows.push([
            format!("Q-{:03}", index + 1),
            answer.table.to_owned(),
            answer.record_id.clone(),
            answer.instance.clone(),
            answer.field.to_owned(),
            answer.raw.clone(),
            answer.answer.clone(),
            // two weeks after the export, so an answer is newer than what was asked about
            "2024-07-15".to_owned(),
        ]);
    }
    csv_file(rows, false)
}

/// Writes files into a folder, which is made when it does not exist.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_files(folder: &Path, files: &Files) -> Result<(), SimulateError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SimulateError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(failed(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_quotes_and_line_breaks_are_quoted() {
        let bytes = csv_file([["a,b", "c\"d", "e\nf"]], false);
        assert_eq!(bytes, b"\"a,b\",\"c\"\"d\",\"e\nf\"\n");
    }

    #[test]
    fn encodings_are_those_declared() {
        let of = |name: &str| {
            let schema = TABLES.iter().find(|table| table.name == name).expect("a table");
            raw_file(&Table::new(schema))
        };
        assert!(of("labs").starts_with(b"\xEF\xBB\xBFrecord_id"));
        assert!(of("labs").ends_with(b"\r\n"));
        let mut diagnosis = Table::new(&TABLES[1]);
        diagnosis.push(&[("subsite", "larynx".to_owned())]);
        assert!(raw_file(&diagnosis).windows(2).any(|pair| pair == [0xBA, 0xED]));
    }
}
