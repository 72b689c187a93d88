//! Whether the quotation marks of a row stand where they may. The `csv` crate
//! takes any of them without a word, and one that is never closed swallows the
//! rest of the file.

/// A quotation mark out of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QuotingFault {
    #[error("a quotation mark that opens in this row is never closed")]
    Open,
    #[error("text follows a closing quotation mark")]
    After,
    #[error("a quotation mark stands inside a cell that is not quoted")]
    Inside,
}

impl QuotingFault {
    /// What to do about it.
    pub(crate) const HINT: &str =
        "put the whole cell in quotation marks, and double each mark that belongs to its text";
}

/// The first quotation mark out of place in the bytes of a row.
pub(crate) fn fault(row: &[u8], delimiter: u8) -> Option<QuotingFault> {
    // most rows have no mark at all
    if !row.contains(&b'"') {
        return None;
    }
    let ends = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
    let mut rest = row;
    loop {
        let cell_end = match rest.strip_prefix(b"\"") {
            Some(quoted) => {
                let Some(length) = quoted_length(quoted) else {
                    return Some(QuotingFault::Open);
                };
                rest = &quoted[length + 1..];
                // behind the closing mark the cell must end
                if rest.first().is_some_and(|byte| !ends(*byte)) {
                    return Some(QuotingFault::After);
                }
                0
            }
            None => rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len()),
        };
        if rest[..cell_end].contains(&b'"') {
            return Some(QuotingFault::Inside);
        }
        match rest.get(cell_end) {
            Some(byte) if *byte == delimiter => rest = &rest[cell_end + 1..],
            // a break or the end: what follows is no part of the row
            _ => return None,
        }
    }
}

/// Bytes before the mark that closes a quoted cell.
fn quoted_length(quoted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let mark = from + quoted[from..].iter().position(|byte| *byte == b'"')?;
        // two marks within a quoted cell are one mark of its text
        if quoted.get(mark + 1) != Some(&b'"') {
            return Some(mark);
        }
        from = mark + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_out_of_place_are_found() {
        let cases: [(&str, Option<QuotingFault>); 13] = [
            ("a,b\n", None),
            ("\"a\",b\r\n", None),
            ("a,\"b\"", None),
            ("\"a,\"\"b\"\"\nc\",\"\"\n", None),
            ("\"\"\"\"", None),
            ("\"\"", None),
            ("a,\"b\n", Some(QuotingFault::Open)),
            // the doubled mark belongs to the text, so none closes the cell
            ("\"a\"\"", Some(QuotingFault::Open)),
            ("\"", Some(QuotingFault::Open)),
            ("\"a\"b,c", Some(QuotingFault::After)),
            ("\"a\" ,c", Some(QuotingFault::After)),
            // inches are a mark that people write
            ("5\" pipe,c", Some(QuotingFault::Inside)),
            ("a, \"b\"", Some(QuotingFault::Inside)),
        ];
        for (row, expected) in cases {
            assert_eq!(fault(row.as_bytes(), b','), expected, "{row}");
        }
        assert_eq!(fault(b"\"a\";\"b,\"", b';'), None);
    }
}
