//! Rows of delimited text in blocks, so that the columns of a block can be
//! typed side by side. A text without quotation marks is cut into pieces that
//! are told into cells side by side, too; any other is read row by row.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::quoting::QuotingFault;
use crate::rows::Rows;

/// How much text becomes a block.
const BYTES: usize = 1 << 20;

/// Rows that follow one another.
pub(crate) struct Block<'t> {
    text: Cow<'t, str>,
    /// Where in the text each cell begins and ends.
    cells: Vec<(u32, u32)>,
    pub(crate) rows: Vec<Row>,
}

/// One row of a block.
pub(crate) struct Row {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// Its quotation marks are not in order, so neither are its cells.
    pub(crate) fault: Option<QuotingFault>,
    /// The place of its first cell among those of the block.
    first: usize,
    /// How many cells it has.
    pub(crate) width: usize,
}

impl Block<'_> {
    /// A cell of a row.
    pub(crate) fn cell(&self, row: &Row, column: usize) -> &str {
        let (from, to) = self.cells[row.first + column];
        &self.text[from as usize..to as usize]
    }

    /// All cells of a row.
    pub(crate) fn cells(&self, row: &Row) -> impl Iterator<Item = &str> {
        (0..row.width).map(|column| self.cell(row, column))
    }

    fn add(&mut self, line: u64, fault: Option<QuotingFault>, first: usize) {
        self.rows.push(Row { line, fault, first, width: self.cells.len() - first });
    }
}

/// Hands the rows on in blocks, for as long as `take` wants more.
pub(crate) fn for_each(rows: Rows<'_>, mut take: impl FnMut(&Block<'_>) -> bool) {
    // A break inside quotation marks ends no row. So only a text without any mark can
    // be cut at a break without reading it from its beginning.
    match rows.is_plain() {
        true => plain(&rows, &mut take),
        false => quoted(rows, &mut take),
    }
}

fn plain(rows: &Rows<'_>, take: &mut impl FnMut(&Block<'_>) -> bool) {
    // the header is read already: what is left begins below it
    let (mut rest, mut line) = rows.rest();
    // enough for every thread, and few enough to be taken while they are at hand
    let at_once = 2 * rayon::current_num_threads();
    while !rest.is_empty() {
        let mut pieces = Vec::with_capacity(at_once);
        while pieces.len() < at_once && !rest.is_empty() {
            let (piece, after) = rest.split_at(piece_end(rest));
            pieces.push(piece);
            rest = after;
        }
        let pieces = pieces.into_par_iter();
        let blocks: Vec<(Block<'_>, u64)> =
            pieces.map(|text| cut(text, rows.delimiter, rows.line_break)).collect();
        // How many lines stand above a piece is known only when all before it are cut:
        // until then its lines are counted from 0. The blocks stay in the order of the
        // pieces.
        for (mut block, breaks) in blocks {
            block.rows.iter_mut().for_each(|row| row.line += line);
            line += breaks;
            if !take(&block) {
                return;
            }
        }
    }
}

/// Where a piece ends: behind a line.
fn piece_end(text: &str) -> usize {
    // Breaks are single bytes that are no part of another character, so no character is
    // cut. A cut between `\r` and `\n` does no harm: the `\n` begins the next piece as
    // an empty line, and a line is counted at one of the two bytes only.
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let behind = text.as_bytes().iter().skip(BYTES).position(is_break);
    behind.map_or(text.len(), |at| BYTES + at + 1)
}

/// Tells a text without quotation marks into cells, its lines counted from 0;
/// with the number of its line breaks.
fn cut(text: &str, delimiter: u8, line_break: u8) -> (Block<'_>, u64) {
    let mut block = Block { text: text.into(), cells: Vec::new(), rows: Vec::new() };
    let place = |at: usize| u32::try_from(at).expect("invariant: a piece is below 4 GiB");
    let mut breaks = 0;
    // where the row and its cell at hand begin, in a row
    let mut row: Option<(u64, usize)> = None;
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let is_break = byte == b'\n' || byte == b'\r';
        // a row begins at the first byte that is no break, so blank lines are none
        if !is_break && row.is_none() {
            (row, from) = (Some((breaks, block.cells.len())), at);
        }
        if byte == delimiter {
            block.cells.push((place(from), place(at)));
            from = at + 1;
        } else if is_break {
            if let Some((line, first)) = row.take() {
                block.cells.push((place(from), place(at)));
                block.add(line, None, first);
            }
            breaks += u64::from(byte == line_break);
        }
    }
    if let Some((line, first)) = row {
        block.cells.push((place(from), place(text.len())));
        block.add(line, None, first);
    }
    (block, breaks)
}

fn quoted(mut rows: Rows<'_>, take: &mut impl FnMut(&Block<'_>) -> bool) {
    let mut more = true;
    while more {
        // The reader gives cells only until its next row, with their quotation marks
        // undone: they are copied.
        let mut text = String::new();
        let mut block = Block { text: "".into(), cells: Vec::new(), rows: Vec::new() };
        let place = |at: usize| u32::try_from(at).expect("invariant: a row is below 4 GiB");
        while more && text.len() < BYTES {
            let Some(row) = rows.next() else {
                more = false;
                break;
            };
            let first = block.cells.len();
            for cell in row.cells {
                let from = place(text.len());
                text.push_str(cell);
                block.cells.push((from, place(text.len())));
            }
            block.add(row.line, row.fault, first);
        }
        block.text = text.into();
        more &= take(&block);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Told = Vec<(u64, Vec<String>)>;

    fn in_blocks(text: &str) -> Told {
        let mut all = Vec::new();
        let mut rows = Rows::new(text, b',');
        // the header is read apart, as the kind does it, so the blocks begin below it
        let header = rows.next().map(|row| (row.line, owned(row.cells.iter())));
        for_each(rows, |block| {
            all.extend(block.rows.iter().map(|row| (row.line, owned(block.cells(row)))));
            true
        });
        header.into_iter().chain(all).collect()
    }

    fn row_by_row(text: &str) -> Told {
        let mut all = Vec::new();
        let mut rows = Rows::new(text, b',');
        while let Some(row) = rows.next() {
            all.push((row.line, owned(row.cells.iter())));
        }
        all
    }

    fn owned<'c>(cells: impl Iterator<Item = &'c str>) -> Vec<String> {
        cells.map(str::to_owned).collect()
    }

    #[test]
    fn pieces_of_a_long_text_follow_one_another() {
        for newline in ["\n", "\r\n", "\r"] {
            // More text than one piece, with a letter of two bytes so that a cut by characters
            // would be noticed.
            let row = |number: usize| format!("{number},é{number},{}{newline}", "x".repeat(50));
            let text: String = (0..25_000).map(row).collect();
            let blank = format!("{newline}{newline}");
            // with blank lines too, which count as lines but are no rows
            for text in [text.clone(), text.replace("7777,", &format!("{blank}7777,"))] {
                assert!(in_blocks(&text) == row_by_row(&text));
            }
        }
    }

    #[test]
    fn a_block_can_be_the_last_that_is_taken() {
        // five pieces, of which three are wanted
        let text = format!("{}\n", "a".repeat(999)).repeat(BYTES * 5 / 1000);
        let mut taken = 0;
        for_each(Rows::new(&text, b','), |_| {
            taken += 1;
            taken < 3
        });
        assert_eq!(taken, 3);
    }

    proptest! {
        #[test]
        // a delimiter, both bytes of a break, a quotation mark and a letter of two bytes;
        // the semicolon is no delimiter here
        fn both_ways_tell_the_same(text in "[ab,;\" \n\r\u{e9}]{0,40}") {
            prop_assert_eq!(in_blocks(&text), row_by_row(&text));
        }
    }
}
