//! The cells in which two files of delimited text differ.

use report::comparison::CellChange;

/// A row of a file: the line it begins in, and its cells.
struct Row {
    line: u64,
    cells: Vec<String>,
}

/// The cells that differ between two files of delimited text, in the order of the
/// rows; rows that only one of them has, as a whole.
pub(super) fn changes(before: &[u8], after: &[u8]) -> Vec<CellChange> {
    // workbooks and other encodings: that the file differs is told by its digest
    let (Ok(before), Ok(after)) = (std::str::from_utf8(before), std::str::from_utf8(after)) else {
        return vec![];
    };
    let delimiter = delimiter(before);
    let (first, second) = (rows(before, delimiter), rows(after, delimiter));
    let header: Vec<String> = first.first().map(|row| row.cells.clone()).unwrap_or_default();
    compared(&header, &first, &second)
}

/// The lines that differ between two other texts.
pub(super) fn line_changes(before: &[u8], after: &[u8]) -> Vec<CellChange> {
    let (Ok(before), Ok(after)) = (std::str::from_utf8(before), std::str::from_utf8(after)) else {
        return vec![];
    };
    let lines = |text: &str| -> Vec<Row> {
        let lines = text.lines().zip(1..);
        lines.map(|(text, line)| Row { line, cells: vec![text.to_owned()] }).collect()
    };
    compared(&["text".to_owned()], &lines(before), &lines(after))
}

fn compared(header: &[String], first: &[Row], second: &[Row]) -> Vec<CellChange> {
    let head = first.iter().zip(second).take_while(|(one, other)| one.cells == other.cells).count();
    // beginning and end that are the same are set aside, so that only what lies between
    // is matched
    let tails = first[head..].iter().rev().zip(second[head..].iter().rev());
    let tail = tails.take_while(|(one, other)| one.cells == other.cells).count();
    let between = |rows: &[Row]| head..rows.len() - tail;
    let (one, other) = (&first[between(first)], &second[between(second)]);
    // where a stretch of rows has the same length on both sides, row stands against row;
    // where not, rows of the shorter side stand against those whose first cell is theirs
    pairs(one, other).into_iter().flat_map(|pair| cells_of(header, pair)).collect()
}

type Pair<'a> = (Option<&'a Row>, Option<&'a Row>);

fn pairs<'a>(one: &'a [Row], other: &'a [Row]) -> Vec<Pair<'a>> {
    if one.len() == other.len() {
        return one.iter().map(Some).zip(other.iter().map(Some)).collect();
    }
    let mut found = Vec::new();
    let mut next = 0;
    for row in one {
        // the first cell, which most often names the patient
        let alike = |candidate: &Row| candidate.cells.first() == row.cells.first();
        match other[next..].iter().position(alike) {
            Some(steps) => {
                found.extend(other[next..next + steps].iter().map(|row| (None, Some(row))));
                found.push((Some(row), Some(&other[next + steps])));
                next += steps + 1;
            }
            None => found.push((Some(row), None)),
        }
    }
    found.extend(other[next..].iter().map(|row| (None, Some(row))));
    found
}

fn cells_of(header: &[String], pair: Pair<'_>) -> Vec<CellChange> {
    let whole = |row: &Row| row.cells.join(" | ");
    match pair {
        (Some(one), Some(other)) => {
            let width = one.cells.len().max(other.cells.len());
            let differing =
                (0..width).filter(|place| one.cells.get(*place) != other.cells.get(*place));
            let change = |place: usize| CellChange {
                line_before: Some(one.line),
                line_after: Some(other.line),
                column: Some(match header.get(place) {
                    Some(name) => name.clone(),
                    None => format!("cell {}", place + 1),
                }),
                before: one.cells.get(place).cloned(),
                after: other.cells.get(place).cloned(),
            };
            differing.map(change).collect()
        }
        (one, other) => vec![CellChange {
            line_before: one.map(|row| row.line),
            line_after: other.map(|row| row.line),
            column: None,
            before: one.map(whole),
            after: other.map(whole),
        }],
    }
}

/// What cuts the first line into most cells.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |delimiter: &&u8| header.bytes().filter(|byte| byte == *delimiter).count();
    b",;\t|"
        .iter()
        // a header of one column has none of them: then it is a comma
        .max_by_key(|delimiter| (count(delimiter), **delimiter == b','))
        .copied()
        .unwrap_or(b',')
}

fn rows(text: &str, delimiter: u8) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let row = |record: csv::StringRecord| Row {
        line: record.position().map_or(0, csv::Position::line),
        cells: record.iter().map(str::to_owned).collect(),
    };
    reader.records().filter_map(Result::ok).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(before: &str, after: &str) -> Vec<String> {
        let changes = changes(before.as_bytes(), after.as_bytes());
        changes.iter().map(CellChange::words).collect()
    }

    #[test]
    fn a_cell_is_named_by_line_and_column() {
        let before = "id;day\nA;2021-01-02\nB;\"x\n y\"\nC;3\n";
        let after = "id;day\nA;2021-01-03\nB;\"x\n y\"\nC;4\n";
        assert_eq!(
            words(before, after),
            ["line 2, day: `2021-01-02` became `2021-01-03`", "line 5, day: `3` became `4`"]
        );
    }

    #[test]
    fn a_row_of_one_side_does_not_shift_the_others() {
        // a row taken out or put in must not make all rows below it differ
        let before = "id,v\nA,1\nB,2\nC,3\nD,4\n";
        assert_eq!(
            words(before, "id,v\nA,1\nC,3\nD,5\n"),
            ["line 3 is on the first side only: B | 2", "line 5, now 4, v: `4` became `5`"]
        );
        assert_eq!(
            words("id,v\nA,1\nB,2\n", "id,v\nA,1\nX,9\nB,2\n"),
            ["line 3 is on the second side only: X | 9"]
        );
    }
}
