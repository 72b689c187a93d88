//! How a written number is read. What is done with what was read is left to
//! the rule.

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
    Unreadable(&'static str),
}

/// Reads a written number; `strip` are units that may stand around it.
pub(crate) fn read(text: &str, strip: &[String]) -> WrittenNumber {
    let folded = fold(text);
    let (own, unit) = without_unit(&folded, strip);
    if let Some((below, limit)) = without_sign(own) {
        return match plain(limit.trim()) {
            Some(limit) if below => WrittenNumber::Below(limit),
            Some(limit) => WrittenNumber::Above(limit),
            None => WrittenNumber::Unreadable("no number"),
        };
    }
    if own.contains(',') {
        return comma(own);
    }
    match (plain(own), unit) {
        (None, _) => WrittenNumber::Unreadable("no number"),
        (Some(value), Some(unit)) => WrittenNumber::Mended(value, format!("`{unit}` taken off")),
        (Some(value), None) if folded == text => WrittenNumber::Plain(value),
        (Some(value), None) => WrittenNumber::Mended(value, "plain digits".to_owned()),
    }
}

fn without_unit<'a>(text: &'a str, strip: &'a [String]) -> (&'a str, Option<&'a str>) {
    for unit in strip {
        let folded = fold(unit);
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
        [("<=", true), ("≤", true), ("<", true), (">=", false), ("≥", false), (">", false)];
    SIGNS.iter().find_map(|(sign, below)| text.strip_prefix(sign).map(|rest| (*below, rest)))
}

/// Digits with an optional sign, point and exponent; `nan` and `inf` are words.
pub(crate) fn plain(text: &str) -> Option<f64> {
    let shape =
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    let value: f64 = text.parse().ok().filter(|_| shape)?;
    value.is_finite().then_some(value)
}

fn comma(text: &str) -> WrittenNumber {
    let Some((whole, decimals)) = text.split_once(',') else {
        return WrittenNumber::Unreadable("no number");
    };
    let digits = whole.trim_start_matches(['-', '+']);
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(digits) || !all_digits(decimals) {
        return WrittenNumber::Unreadable("no number");
    }
    if decimals.len() == 3 && digits.len() <= 3 && !digits.starts_with('0') {
        return WrittenNumber::Unreadable("the comma may mark thousands or decimals");
    }
    match plain(&format!("{whole}.{decimals}")) {
        Some(value) => WrittenNumber::DecimalComma(value),
        None => WrittenNumber::Unreadable("no number"),
    }
}

#[cfg(test)]
mod tests {
    use WrittenNumber::{Above, Below, DecimalComma, Mended, Plain, Unreadable};

    use super::*;

    #[test]
    fn every_form_is_read() {
        let mended = |value, why: &str| Mended(value, why.to_owned());
        let cases = [
            ("12.5", Plain(12.5)),
            ("-3", Plain(-3.0)),
            ("1e3", Plain(1000.0)),
            (" 12.5\u{A0}", mended(12.5, "plain digits")),
            ("１２．５", mended(12.5, "plain digits")),
            ("20%", mended(20.0, "`%` taken off")),
            ("20 ％", mended(20.0, "`%` taken off")),
            ("65 KG", mended(65.0, "`kg` taken off")),
            ("12,5", DecimalComma(12.5)),
            ("0,125", DecimalComma(0.125)),
            ("1,234", Unreadable("the comma may mark thousands or decimals")),
            ("1,234,567", Unreadable("no number")),
            ("1.234,5", Unreadable("no number")),
            ("<1", Below(1.0)),
            ("≤ 0.5", Below(0.5)),
            (">=1", Above(1.0)),
            ("＞１%", Above(1.0)),
            ("<", Unreadable("no number")),
            ("nan", Unreadable("no number")),
            ("inf", Unreadable("no number")),
            ("1e999", Unreadable("no number")),
            ("12 5", Unreadable("no number")),
            ("%", Unreadable("no number")),
            ("abc", Unreadable("no number")),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, &["%".to_owned(), "kg".to_owned()]), expected, "{text}");
        }
    }
}
