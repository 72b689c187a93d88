//! Rows of delimited text with their true lines: cells may hold line breaks,
//! and blank lines are no rows.

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::quoting::{self, QuotingFault};

/// The rows of a text, one after the other.
pub(crate) struct Rows<'t> {
    text: &'t str,
    pub(crate) delimiter: u8,
    pub(crate) line_break: u8,
    reader: Reader<&'t [u8]>,
    cells: StringRecord,
    /// Bytes whose line breaks are counted in `line`.
    counted: usize,
    line: u64,
}

/// One row.
pub(crate) struct Row<'r> {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    pub(crate) cells: &'r StringRecord,
    /// Its quotation marks are not in order, so neither are its cells.
    pub(crate) fault: Option<QuotingFault>,
    /// Where in the text it begins, and where it ends behind its line break.
    pub(crate) bytes: (usize, usize),
}

impl<'t> Rows<'t> {
    pub(crate) fn new(text: &'t str, delimiter: u8) -> Self {
        let mut builder = ReaderBuilder::new();
        // The header is read as a row, for it has a line too. Rows of another width are
        // told with their line instead of ending the reading.
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        Self {
            text,
            delimiter,
            // In `\r\n` the `\n` counts. A text that has none ends its lines by `\r`.
            line_break: if text.contains('\n') { b'\n' } else { b'\r' },
            reader: builder.from_reader(text.as_bytes()),
            cells: StringRecord::new(),
            counted: 0,
            line: 1,
        }
    }

    /// The next row, if there is one.
    pub(crate) fn next(&mut self) -> Option<Row<'_>> {
        let more = self.reader.read_record(&mut self.cells);
        if !more.expect("invariant: text in memory has no read errors and no wrong bytes") {
            return None;
        }
        let offset = |byte: u64| usize::try_from(byte).expect("invariant: the text is in memory");
        let from = offset(self.cells.position().map_or(0, csv::Position::byte));
        let to = offset(self.reader.position().byte());
        // the position that `csv` gives stands before blank lines, and before
        // the second half of the break that ended the row above
        let breaks = self.text.as_bytes()[from..to]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        self.count_lines(from + breaks);
        Some(Row {
            line: self.line,
            cells: &self.cells,
            // of this row's bytes only: a mark out of place above does not accuse the rows
            // below
            fault: quoting::fault(&self.text.as_bytes()[from + breaks..to], self.delimiter),
            bytes: (from + breaks, to),
        })
    }

    /// What follows the rows that were read, and the line on which it begins.
    pub(crate) fn rest(&self) -> (&'t str, u64) {
        let at = usize::try_from(self.reader.position().byte());
        let at = at.expect("invariant: the text is in memory");
        // the last row read may hold breaks, or end with one, that are not counted yet
        let between = self.breaks_in(self.counted, at);
        (&self.text[at..], self.line + between)
    }

    /// Whether no quotation mark stands in what follows.
    pub(crate) fn is_plain(&self) -> bool {
        !self.rest().0.contains('"')
    }

    fn breaks_in(&self, from: usize, to: usize) -> u64 {
        let passed = &self.text.as_bytes()[from..to];
        passed.iter().filter(|byte| **byte == self.line_break).count() as u64
    }

    fn count_lines(&mut self, to: usize) {
        self.line += self.breaks_in(self.counted, to);
        self.counted = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut rows = Rows::new(text, b',');
        let mut all = Vec::new();
        while let Some(row) = rows.next() {
            assert_eq!(row.fault, None, "{text}");
            all.push((row.line, row.cells.iter().map(str::to_owned).collect()));
        }
        all
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let expected = [row(1, &["a", "b"]), row(2, &["1", "x"]), row(3, &["2", "y"])];
        // the three breaks of files, and last rows with and without one
        for text in ["a,b\n1,x\n2,y\n", "a,b\r\n1,x\r\n2,y\r\n", "a,b\r1,x\r2,y", "a,b\n1,x\n2,y"] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }

    #[test]
    fn blank_lines_and_breaks_in_cells_count() {
        // blank lines above the header, between rows and within a cell: an editor counts
        // them all
        for newline in ["\n", "\r\n"] {
            let text = "\na,b\n\n\n1,\"x\n\ny\"\n\n2,\"\"\n\n".replace('\n', newline);
            let cell = "x\n\ny".replace('\n', newline);
            let expected = [row(2, &["a", "b"]), row(5, &["1", &cell]), row(9, &["2", ""])];
            assert_eq!(lines(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_without_rows_has_none() {
        for text in ["", "\n", "\r\n\r\n"] {
            assert!(lines(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn a_mark_that_is_never_closed_is_found_where_it_opens() {
        // the mark swallows the row below, which then cannot be told by its own line
        let mut rows = Rows::new("a,b\n1,x\n2,\"y\n3,z\n", b',');
        rows.next().expect("the header");
        assert_eq!(rows.next().expect("a row").fault, None);
        let swallowed = rows.next().expect("a row");
        assert_eq!((swallowed.line, swallowed.fault), (3, Some(QuotingFault::Open)));
        assert!(rows.next().is_none());
    }
}
