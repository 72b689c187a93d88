//! How a written cell is read: full-width letters, odd spaces and dashes mean
//! the same as their plain forms. Every rule compares and parses folded text.

use study::{composed, is_invisible};

/// The text in plain forms: full-width letters and digits become ASCII, every
/// kind of space a blank, every kind of dash a hyphen, every accented letter one
/// character; invisible characters vanish, blanks at the ends too, and runs of
/// blanks become one.
pub(crate) fn fold(text: &str) -> String {
    // Most cells are, and cost one look at their bytes.
    if is_folded(text) {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    // composed last: what stood between a letter and its accent may have vanished
    let plain: String = text.chars().filter_map(plain).collect();
    for character in composed(&plain).chars() {
        match character {
            // Leading blanks and runs of them.
            ' ' if folded.is_empty() || folded.ends_with(' ') => {}
            '\u{2160}'..='\u{216B}' | '\u{2170}'..='\u{217B}' => folded.push_str(roman(character)),
            _ => folded.push(character),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Whether a text is as most are: printable ASCII with single blanks inside,
/// which is folded already.
fn is_folded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_plain = |at: usize| match bytes[at] {
        b' ' => at > 0 && bytes.get(at + 1).is_some_and(|next| *next != b' '),
        byte => byte.is_ascii_graphic(),
    };
    (0..bytes.len()).all(is_plain)
}

/// The text as a person would have typed it: full-width letters, digits and
/// signs of numbers become ASCII, odd spaces blanks, accented letters one
/// character each, and blanks at the ends and invisible characters vanish. Line breaks inside and the punctuation of Chinese stay.
pub(crate) fn tidy(text: &str) -> String {
    // Not all of full width: Chinese punctuation belongs to its text.
    let typed = |character: char| match character {
        '０'..='９'
        | 'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '．'
        | '－'
        | '／'
        | '％'
        | '＋'
        | '＜'
        | '＝'
        | '＞' => plain(character),
        '\n' | '\r' | '\t' => Some(character),
        _ if character.is_whitespace() || plain(character).is_none() => plain(character),
        _ => Some(character),
    };
    let typed: String = text.chars().filter_map(typed).collect();
    composed(&typed).trim().to_owned()
}

/// What two spellings of one value have in common: folded, in lower case.
pub(crate) fn key(text: &str) -> String {
    fold(text).to_lowercase()
}

/// Folded, in lower case and without blanks.
pub(crate) fn tight(text: &str) -> String {
    key(text).replace(' ', "")
}

/// The letters of a Roman numeral that is one character.
fn roman(numeral: char) -> &'static str {
    const LETTERS: [&str; 12] =
        ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
    const SMALL: [&str; 12] =
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
    // Two blocks of twelve, sixteen apart.
    let at = u32::from(numeral) as usize - 0x2160;
    if at < 16 { LETTERS[at] } else { SMALL[at - 16] }
}

fn plain(character: char) -> Option<char> {
    match character {
        // Full width stands at a fixed distance from ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0),
        _ if is_invisible(character) => None,
        // Dashes of all lengths and the minus sign of typesetters: a number or a date is
        // meant.
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' => Some('-'),
        // The full stop of Chinese and Japanese, typed where a point was meant.
        '\u{3002}' | '\u{FF61}' => Some('.'),
        _ if character.is_whitespace() || character.is_control() => Some(' '),
        _ => Some(character),
    }
}

/// Whether a cell holds a code for missing, or nothing at all: the reason for
/// the log, or none where it holds a value.
pub(crate) fn missing_reason(text: &str, codes: &[String]) -> Option<String> {
    // As read: `nk `, `ＮＫ` and `NK` are one code.
    let own = key(text);
    if own.is_empty() {
        return Some("blank".to_owned());
    }
    codes.iter().find(|code| key(code) == own).map(|code| format!("`{code}` is a code for missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_forms_become_plain() {
        let cases = [
            ("P－００７", "P-007"),
            ("\u{3000}１２．５\u{A0}", "12.5"),
            ("  a \u{2009}\t b  ", "a b"),
            ("\u{FEFF}x\u{200B}y", "xy"),
            ("\u{202A}P\u{AD}7\u{200E}", "P7"),
            ("Ko\u{308}ln", "Köln"),
            ("ｋo\u{200B}\u{308}ln", "köln"),
            ("3\u{2212}4\u{2013}5", "3-4-5"),
            ("女", "女"),
            ("Ⅳa ⅻ", "IVa xii"),
            ("\u{A0}", ""),
        ];
        for (raw, expected) in cases {
            assert_eq!(fold(raw), expected, "{raw:?}");
            assert_eq!(fold(&fold(raw)), fold(raw), "folding {raw:?} twice");
        }
    }

    #[test]
    fn tidy_text_keeps_its_lines_and_punctuation() {
        assert_eq!(tidy("\u{FEFF} a  b\u{A0}\nｃ１，“d”\u{3000}"), "a  b \nc1，“d”");
        assert_eq!(tidy("１２．５％ "), "12.5%");
    }

    #[test]
    fn codes_for_missing_are_compared_as_read() {
        let codes = ["NK".to_owned(), "-1".to_owned()];
        assert_eq!(missing_reason(" nk ", &codes).as_deref(), Some("`NK` is a code for missing"));
        assert_eq!(missing_reason("−１", &codes).as_deref(), Some("`-1` is a code for missing"));
        assert_eq!(missing_reason("\u{3000}", &codes).as_deref(), Some("blank"));
        assert_eq!(missing_reason("1", &codes), None);
    }
}
