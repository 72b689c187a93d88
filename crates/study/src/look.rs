//! Text that looks the same but is not: one form for letters with accents, and
//! words for what nobody can see.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text with each accented letter as one character (Unicode's form NFC), in
/// which two texts that look the same are the same. Programs of Apple write
/// `ö` as an `o` with dots behind it.
#[must_use]
pub fn composed(text: &str) -> Cow<'_, str> {
    // Nearly every text is, and needs no copy.
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The first character of a text that is not to be seen, or looks like a blank
/// but is none.
#[must_use]
pub fn hidden(text: &str) -> Option<char> {
    // most texts hold nothing but plain letters and digits
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    text.chars().find(|character| is_hidden(*character))
}

/// A character by its number, as `U+200B`, for messages.
#[must_use]
pub fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// The text with its hidden characters as `<U+200B>`, for messages.
#[must_use]
pub fn revealed(text: &str) -> Cow<'_, str> {
    if hidden(text).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(spelled_out(text, is_hidden))
}

/// What tells two texts apart that look alike: the first one with each
/// character beyond ASCII that the other does not have by its number; nothing
/// where an eye sees the difference.
#[must_use]
pub fn unseen_difference(written: &str, other: &str) -> Option<String> {
    let differs = |character: char| !character.is_ascii() && !other.contains(character);
    // a letter of another script, or an odd blank, in the place of the one it looks like
    // Letter by letter, each the same or one that passes for a plain one.
    let stands_in = written.chars().count() == other.chars().count()
        && written.chars().zip(other.chars()).all(|(a, b)| a == b || looks_plain(a));
    // What an eye takes in: one form of accents, and nothing without width.
    let seen: String = composed(written).chars().filter(|c| !is_invisible(*c)).collect();
    let alike = stands_in || seen == composed(other);
    // Texts that differ in plain letters alone are told apart by reading.
    (alike && written.chars().any(differs)).then(|| spelled_out(written, differs))
}

/// Letters that look like Latin ones, and dashes and blanks that look like the
/// plain ones; of some of their scripts more than those, which does no harm.
fn looks_plain(character: char) -> bool {
    matches!(
        character,
        // Greek and Cyrillic letters, dashes and the minus sign, Roman numerals, letters of
        // full width.
        '\u{370}'..='\u{52F}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2160}'..='\u{217F}' | '\u{FF01}'..='\u{FF5E}'
    ) || (is_hidden(character) && !is_invisible(character))
}

fn spelled_out(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut told = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if which(character) {
            // a String takes every write
            let _ = write!(told, "<{}>", code_point(character));
        } else {
            told.push(character);
        }
    }
    told
}

fn is_hidden(character: char) -> bool {
    let odd_blank = character != ' ' && (character.is_whitespace() || character.is_control());
    is_invisible(character) || (odd_blank && !matches!(character, '\n' | '\r' | '\t'))
}

/// Whether a character takes no room of its own: joiners, marks of direction,
/// soft hyphens, byte order marks, selectors of variants, fillers.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_have_one_form() {
        assert_eq!(composed("Ko\u{308}ln"), "Köln");
        assert_eq!(composed("\u{1112}\u{1161}\u{11AB}"), "한");
        assert!(matches!(composed("Köln"), Cow::Borrowed(_)));
        // forms that look different are kept apart: those of NFKC are not undone here
        // Roman four as one character, and a digit of full width.
        assert_eq!(composed("Ⅳ１"), "Ⅳ１");
    }

    #[test]
    fn what_is_not_to_be_seen_is_spelled_out() {
        assert_eq!(revealed("P\u{200B}7"), "P<U+200B>7");
        assert_eq!(revealed("P\u{A0}7\u{202E}"), "P<U+00A0>7<U+202E>");
        assert_eq!(revealed("P 7 ö 女\n"), "P 7 ö 女\n");
        assert_eq!(hidden("a\u{AD}b"), Some('\u{AD}'));
    }

    #[test]
    fn a_difference_that_no_eye_sees_is_told() {
        let cases = [
            ("Ko\u{308}ln", "Köln", Some("Ko<U+0308>ln")),
            ("P\u{200B}7", "P7", Some("P<U+200B>7")),
            // A Cyrillic A.
            ("\u{410}1", "A1", Some("<U+0410>1")),
            ("P\u{A0}7", "P 7", Some("P<U+00A0>7")),
            ("P8", "P7", None),
            ("Köln", "Köln", None),
            // Two letters differ, and one of them is seen.
            ("Bönn", "Bern", None),
            ("女", "F", None),
            ("P\u{2013}7", "P-7", Some("P<U+2013>7")),
        ];
        for (written, other, expected) in cases {
            assert_eq!(unseen_difference(written, other).as_deref(), expected, "{written:?}");
        }
    }
}
