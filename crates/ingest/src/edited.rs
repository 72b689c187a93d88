//! Delimited text with rows changed or left out; every other byte stays.

use std::borrow::Cow;

use encoding_rs::{GB18030, WINDOWS_1252};
use engine::{Mistake, RowChange, RowEdit};

use crate::rows::Rows;
use crate::text::Encoding;

/// Where the columns stand that edits are about.
pub(crate) struct Places<'a> {
    /// The place of a declared column in the file.
    pub(crate) column: &'a dyn Fn(&str) -> Result<usize, Mistake>,
    /// Whether a row belongs to the patient of an edit; asked only where several
    /// files have a row on that line.
    pub(crate) is_of: &'a dyn Fn(&csv::StringRecord, &str) -> bool,
}

/// The text with these edits; the number of edits that found their row.
pub(crate) fn edited(
    text: &str,
    delimiter: u8,
    edits: &[RowEdit],
    places: &Places<'_>,
) -> Result<(String, usize), Mistake> {
    let mut rows = Rows::new(text, delimiter);
    let mut made = String::with_capacity(text.len());
    let mut copied = 0;
    let mut found = 0;
    // the header is no row
    let mut is_header = true;
    while let Some(row) = rows.next() {
        if std::mem::take(&mut is_header) {
            continue;
        }
        // Several files may have a row on the same line, so there the patient decides too.
        let own =
            |edit: &&RowEdit| edit.line == row.line && (places.is_of)(row.cells, &edit.patient);
        let own: Vec<&RowEdit> = edits.iter().filter(own).collect();
        if own.is_empty() {
            continue;
        }
        found += own.len();
        let (from, to) = row.bytes;
        // the reader stands between the two halves of a break
        let to = to + usize::from(text[..to].ends_with('\r') && text[to..].starts_with('\n'));
        made.push_str(&text[copied..from]);
        copied = to;
        if own.iter().any(|edit| edit.change == RowChange::Gone) {
            continue;
        }
        let mut cells: Vec<&str> = row.cells.iter().collect();
        for edit in own {
            let RowChange::Cell { column, value } = &edit.change else { continue };
            let place = (places.column)(column)?;
            if cells.len() <= place {
                cells.resize(place + 1, "");
            }
            cells[place] = value;
        }
        // The changed row is written anew as a whole: its other cells keep their values,
        // while needless quotation marks go.
        made.push_str(&written(&cells, delimiter));
        // the break that ended the row
        let kept = text[from..to].trim_end_matches(['\r', '\n']).len();
        made.push_str(&text[from + kept..to]);
    }
    made.push_str(&text[copied..]);
    Ok((made, found))
}

fn written(cells: &[&str], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(cells).expect("invariant: memory takes every record");
    let bytes = writer.into_inner().expect("invariant: memory takes every byte");
    let text = String::from_utf8(bytes).expect("invariant: cells are text");
    // the writer ends the row by itself; the caller puts the row's own break back
    text.trim_end_matches('\n').to_owned()
}

/// A text as the bytes of a file in an encoding.
pub(crate) fn encoded(text: &str, encoding: Encoding) -> Result<Vec<u8>, Mistake> {
    let (bytes, _, lost) = match encoding {
        Encoding::Utf8 => (Cow::Borrowed(text.as_bytes()), encoding_rs::UTF_8, false),
        Encoding::Gb18030 => GB18030.encode(text),
        Encoding::Windows1252 => WINDOWS_1252.encode(text),
    };
    // the encoder would write `&#…;` for a letter that the encoding does not have
    if lost {
        let message = format!("the file is {}, which cannot hold the new text", encoding.name());
        return Err(Mistake::new(message));
    }
    Ok(bytes.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places<'static> {
        Places { column: &|name| Ok(usize::from(name == "day")), is_of: &|_, _| true }
    }

    fn edit(line: u64, change: RowChange) -> RowEdit {
        RowEdit { line, patient: String::new(), change }
    }

    #[test]
    fn only_the_row_that_is_meant_changes() {
        // Windows breaks, a blank line, a break within a cell, and a last row without a
        // break: each could shift the lines or be lost.
        let text = "id;day\r\nA;2021-01-02\r\n\r\nB;\"x\r\ny\"\r\nC;3";
        let cell = RowChange::Cell { column: "day".into(), value: "a;b".into() };
        let made = edited(text, b';', &[edit(4, cell)], &places()).expect("the row is there");
        assert_eq!(made, ("id;day\r\nA;2021-01-02\r\n\r\nB;\"a;b\"\r\nC;3".to_owned(), 1));
        let gone = [edit(2, RowChange::Gone), edit(6, RowChange::Gone)];
        let made = edited(text, b';', &gone, &places()).expect("the rows are there");
        assert_eq!(made, ("id;day\r\n\r\nB;\"x\r\ny\"\r\n".to_owned(), 2));
        // an edit that finds no row leaves every byte as it was
        let none = edited(text, b';', &[edit(9, RowChange::Gone)], &places()).expect("no row");
        assert_eq!(none, (text.to_owned(), 0));
    }
}
