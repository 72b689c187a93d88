//! How a written number is read: signs, marks and exponents that programs and
//! people write. What is done with what was read is left to the rule.

use crate::text::{fold, key};

/// What a written number says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WrittenNumber {
    /// A number as a program would write it.
    Plain(f64),
    /// A number after this was mended.
    Mended(f64, String),
    /// Written with a decimal comma.
    DecimalComma(f64),
    /// Somewhere below a limit (`<1`).
    Below(f64),
    /// Somewhere above a limit (`>=1`).
    Above(f64),
    /// No number, and why.
    Unreadable(String),
}

/// Which mark stands before the decimals of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decimals {
    /// The point; a comma is read too, and what it means is left to the rule.
    Point,
    /// Either of them; one before three digits could be either.
    Either,
    /// The comma alone.
    Comma,
}

/// How the numbers of a column are written.
pub(crate) struct Writing<'a> {
    pub(crate) decimals: Decimals,
    /// Marks between groups of three digits.
    pub(crate) thousands: &'a [char],
    /// Units that may stand around a number.
    pub(crate) strip: &'a [String],
}

/// Reads a written number.
pub(crate) fn read(text: &str, writing: &Writing<'_>) -> WrittenNumber {
    // Widths, blanks and minus signs are settled first.
    let folded = fold(text);
    let (own, unit) = without_unit(&folded, writing.strip);
    // Behind the unit, as in `<1%`.
    let (sign, own) = match without_sign(own) {
        Some((below, limit)) => (Some(below), limit.trim()),
        None => (None, own),
    };
    let digits = match plain_digits(own, writing) {
        Ok(digits) => digits,
        Err(reason) => return WrittenNumber::Unreadable(reason),
    };
    let Some(value) = plain(&digits.text) else {
        return WrittenNumber::Unreadable("no number".to_owned());
    };
    // A limit is no number, whatever else was mended.
    match (sign, unit) {
        (Some(true), _) => WrittenNumber::Below(value),
        (Some(false), _) => WrittenNumber::Above(value),
        (None, _) if digits.comma => WrittenNumber::DecimalComma(value),
        (None, Some(unit)) => WrittenNumber::Mended(value, format!("`{unit}` taken off")),
        (None, None) if digits.grouped => {
            WrittenNumber::Mended(value, "marks of thousands taken out".to_owned())
        }
        // Nothing was mended: no note.
        (None, None) if folded == text => WrittenNumber::Plain(value),
        (None, None) => WrittenNumber::Mended(value, "plain digits".to_owned()),
    }
}

fn without_unit<'a>(text: &'a str, strip: &'a [String]) -> (&'a str, Option<&'a str>) {
    // Behind the number first, where units mostly stand.
    for unit in strip {
        let folded = fold(unit);
        // Folded lengths may differ from the text: cut only between letters.
        let cut = text.len().checked_sub(folded.len()).filter(|at| text.is_char_boundary(*at));
        if let Some(at) = cut.filter(|at| key(&text[*at..]) == key(unit)) {
            return (text[..at].trim_end(), Some(unit));
        }
        if let Some(rest) = text.strip_prefix(folded.as_str()) {
            return (rest.trim_start(), Some(unit));
        }
    }
    (text, None)
}

/// Whether it is below, and what stands behind the sign.
fn without_sign(text: &str) -> Option<(bool, &str)> {
    const SIGNS: [(&str, bool); 6] =
        // The longer signs first. Whether the limit itself belongs to it makes no
        // difference to what is done.
        [("<=", true), ("≤", true), ("<", true), (">=", false), ("≥", false), (">", false)];
    SIGNS.iter().find_map(|(sign, below)| text.strip_prefix(sign).map(|rest| (*below, rest)))
}

/// Digits with an optional sign, point and exponent; `nan` and `inf` are words.
pub(crate) fn plain(text: &str) -> Option<f64> {
    let shape =
        // Rust's parser takes `inf`, `nan` and `infinity` too.
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    let value: f64 = text.parse().ok().filter(|_| shape)?;
    // what is closer to zero than a number can be is not zero
    let digits = text.split(['e', 'E']).next().unwrap_or(text);
    let is_lost = value == 0.0 && digits.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    (value.is_finite() && !is_lost).then_some(value)
}

/// A number with a decimal point and no other mark.
struct Digits {
    text: String,
    /// Its decimals stood behind a comma.
    comma: bool,
    /// Its thousands were marked.
    grouped: bool,
}

/// Every mark between digits that some way of writing has for thousands.
const MARKS: [char; 5] = [',', '.', ' ', '\'', '\u{2019}'];

fn plain_digits(own: &str, writing: &Writing<'_>) -> Result<Digits, String> {
    let no_number = || Err(why_not(own));
    let at = own.find(['e', 'E']).unwrap_or(own.len());
    let (mantissa, exponent) = own.split_at(at);
    let digits = mantissa.trim_start_matches(['-', '+']);
    let sign = &mantissa[..mantissa.len() - digits.len()];
    // `--1` is a slip, and a letter within is no number.
    if sign.len() > 1 || digits.contains(|c: char| !c.is_ascii_digit() && !MARKS.contains(&c)) {
        return no_number();
    }
    let written = |whole: String, decimals: Option<&str>, comma: bool, grouped: bool| Digits {
        text: match decimals {
            Some(decimals) => format!("{sign}{whole}.{decimals}{exponent}"),
            None => format!("{sign}{whole}{exponent}"),
        },
        comma,
        grouped,
    };
    // the last mark may stand before the decimals, and marks before it between thousands
    let Some((before, mark, after)) = last_mark(digits) else {
        return Ok(written(digits.to_owned(), None, false, false));
    };
    let decimal = match (mark, writing.decimals) {
        ('.', Decimals::Point | Decimals::Either) => true,
        // A comma is read as decimals also where it is not declared, so that the rule can
        // say what it is.
        (',', _) => !(writing.decimals == Decimals::Point && writing.thousands.contains(&',')),
        _ => false,
    };
    let grouped_before = before.contains(MARKS);
    let may_group = is_grouped(&format!("{before}{mark}{after}"));
    // Marks in front of it must be those of thousands.
    if decimal && !before.ends_with(MARKS) && !before.contains(mark) {
        let foreign = match writing.decimals {
            Decimals::Point => mark == ',',
            Decimals::Either => true,
            Decimals::Comma => false,
        };
        // Before three digits, and in a column where it could be either: 1,234 is one or a
        // thousand.
        if may_group && foreign && !grouped_before && !writing.thousands.contains(&mark) {
            let word = mark_in_words(mark);
            return Err(format!("the {word} may mark thousands or decimals"));
        }
        if !(may_group && writing.thousands.contains(&mark)) {
            let whole = ungrouped(before, writing.thousands)?;
            return Ok(written(whole, Some(after), mark == ',', grouped_before));
        }
    }
    if mark == '.' && writing.decimals == Decimals::Comma && !may_group {
        return Err("a decimal point stands in a column with decimal commas".to_owned());
    }
    let whole = ungrouped(digits, writing.thousands)?;
    Ok(written(whole, None, false, true))
}

/// The digits of whole numbers, without declared marks of thousands.
fn ungrouped(digits: &str, declared: &[char]) -> Result<String, String> {
    let Some((_, mark, _)) = last_mark(digits) else { return Ok(digits.to_owned()) };
    if !is_grouped(digits) {
        return Err("no number".to_owned());
    }
    if !declared.contains(&mark) {
        let word = mark_in_words(mark);
        return Err(format!("the {word} may mark thousands: declare it in `thousands`"));
    }
    Ok(digits.replace(mark, ""))
}

fn last_mark(digits: &str) -> Option<(&str, char, &str)> {
    let (at, mark) = digits.char_indices().rev().find(|(_, c)| MARKS.contains(c))?;
    Some((&digits[..at], mark, &digits[at + mark.len_utf8()..]))
}

/// Whether one mark stands before each group of three digits.
fn is_grouped(digits: &str) -> bool {
    let Some((_, mark, _)) = last_mark(digits) else { return false };
    // 12,34,567 and 0,123 are no groups of three.
    let mut groups = digits.split(mark);
    let first = groups.next().unwrap_or_default();
    let all_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && all_digits(first)
        && groups.all(|group| group.len() == 3 && all_digits(group))
}

fn mark_in_words(mark: char) -> &'static str {
    match mark {
        ',' => "comma",
        '.' => "point",
        ' ' => "blank",
        _ => "apostrophe",
    }
}

/// Why a text is no number, as exactly as can be told.
fn why_not(text: &str) -> String {
    // Only to say more exactly what is wrong; no number comes of it.
    let reads = |text: &str| plain(&text.replace(',', ".")).is_some();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    if text.strip_suffix('-').is_some_and(|rest| !rest.starts_with('-') && reads(rest)) {
        "a minus behind the number may be a sign, or a range cut off".to_owned()
    } else if inner.is_some_and(reads) {
        "brackets around the number may mean a minus".to_owned()
    } else if text.strip_suffix(['%', '‰']).is_some_and(|rest| reads(rest.trim_end())) {
        "a sign of percent that is not declared in `strip`".to_owned()
    } else {
        "no number".to_owned()
    }
}

#[cfg(test)]
mod tests;
