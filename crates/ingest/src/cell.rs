//! One cell of text to one typed value, strictly: what does not follow the
//! declared form to the letter is a misfit with its reason.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Date;
use study::{code_point, hidden};

use crate::cell_state::CellState;
use crate::place::Place;

/// Why a cell does not fit its column. Each reason follows the cell in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misfit {
    #[error("has a blank before or after it")]
    Blank,
    #[error("is not a whole number")]
    NotWhole,
    #[error("is too large for a whole number")]
    WholeTooLarge,
    #[error("is not a plain decimal number with a decimal `{mark}`")]
    NotReal { mark: char },
    #[error("is too large for a number")]
    RealTooLarge,
    #[error("is closer to zero than a number can be")]
    RealTooSmall,
    #[error("is not a date written as YYYY-MM-DD")]
    NotDate,
    #[error("is not a day of the calendar")]
    NoSuchDay,
    #[error("is neither yes nor no: there are {spellings}")]
    NotBoolean { spellings: String },
    #[error("is none of the levels")]
    UnknownLevel,
    #[error("holds {}, which nobody can see", code_point(*character))]
    Hidden { character: char },
    #[error("{0}")]
    Sheet(CellState),
    #[error("means missing, but the column is required")]
    Required,
    #[error("stands already in line {}{}, and the column is unique", first.line, if *in_other_file { " of another file" } else { "" })]
    Repeated { first: Place, in_other_file: bool },
}

impl Misfit {
    /// Whether it breaks a promise about the whole column, which no way of
    /// setting single cells to missing can keep.
    pub(crate) fn breaks_promise(&self) -> bool {
        matches!(self, Self::Required | Self::Repeated { .. })
    }
}

/// A typed value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Whole(i64),
    Real(f64),
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Whole(number) => number.fmt(formatter),
            Self::Real(number) => number.fmt(formatter),
            Self::Boolean(yes) => yes.fmt(formatter),
            Self::Date(days) => days.fmt(formatter),
        }
    }
}

/// Text without a blank at either end, and without a character that nobody sees.
pub(crate) fn id(raw: &str) -> Result<&str, Misfit> {
    match hidden(raw) {
        // A no-break space at an end is told as a blank, though it is hidden too: that says
        // where it stands.
        _ if has_outer_blank(raw) => Err(Misfit::Blank),
        Some(character) => Err(Misfit::Hidden { character }),
        None => Ok(raw),
    }
}

pub(crate) fn has_outer_blank(raw: &str) -> bool {
    raw.trim().len() != raw.len()
}

/// ASCII digits with or without a minus before them.
pub(crate) fn whole(raw: &str) -> Result<i64, Misfit> {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    // the parser alone would take `+1`
    if !all_digits(digits) {
        return Err(Misfit::NotWhole);
    }
    raw.parse().map_err(|_| Misfit::WholeTooLarge)
}

/// ASCII digits with or without a minus before, a fraction behind, and the
/// exponent that programs write where a number is large or small (`1e+05`).
pub(crate) fn real(raw: &str, mark: char) -> Result<f64, Misfit> {
    let (mantissa, exponent) = raw.split_at(raw.find(['e', 'E']).unwrap_or(raw.len()));
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let plain = match unsigned.split_once(mark) {
        Some((before, after)) => (before.is_empty() || all_digits(before)) && all_digits(after),
        None => all_digits(unsigned),
    };
    let power = exponent.get(1..).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    if !plain || power.is_some_and(|power| !all_digits(power)) {
        return Err(Misfit::NotReal { mark });
    }
    // Rust's own parser would take `inf`, `nan` and `1.` too.
    // With a decimal comma a point was refused above, so no mark of thousands is read
    // as a decimal one.
    let parsed = if mark == '.' { raw.parse() } else { raw.replacen(mark, ".", 1).parse() };
    let number: f64 = parsed.expect("invariant: plain decimals parse");
    // the parser turns what is too large into infinity without an error
    if !number.is_finite() {
        return Err(Misfit::RealTooLarge);
    }
    // What is too close to zero is parsed as zero, which is not what stands there. Only
    // noughts are zero.
    if number == 0.0 && mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9')) {
        return Err(Misfit::RealTooSmall);
    }
    Ok(number)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A day written as YYYY-MM-DD, in days since 1970-01-01.
pub(crate) fn date(raw: &str) -> Result<i32, Misfit> {
    let bytes = raw.as_bytes();
    // A day without its noughts, or with a time behind it, is no date here, however
    // clear it may look.
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return Err(Misfit::NotDate);
    }
    let part = |from: usize, to: usize| {
        let digits = &bytes[from..to];
        // Of a byte that is no digit the number is wrong, and refused below.
        let number = digits.iter().fold(0i16, |sum, digit| sum * 10 + i16::from(digit & 15));
        digits.iter().all(u8::is_ascii_digit).then_some(number)
    };
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(5, 7), part(8, 10)) else {
        return Err(Misfit::NotDate);
    };
    let small = |number: i16| i8::try_from(number).expect("invariant: two digits");
    let date = Date::new(year, small(month), small(day)).map_err(|_| Misfit::NoSuchDay)?;
    Ok(days_since_epoch(date))
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

fn days_since_epoch(date: Date) -> i32 {
    // days of the calendar without a time zone have 24 hours each
    let days = date.duration_since(epoch()).as_hours() / 24;
    i32::try_from(days).expect("invariant: years have four digits")
}

/// The text of a day, as [`date`] reads it; `None` beyond the years of four digits.
pub(crate) fn date_text(days: i32) -> Option<String> {
    let date = epoch().checked_add(SignedDuration::from_hours(i64::from(days) * 24)).ok()?;
    // the calendar has years before 0, which four digits cannot write
    (date.year() >= 0).then(|| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_ascii_digits() {
        assert_eq!(whole("0"), Ok(0));
        assert_eq!(whole("-12"), Ok(-12));
        assert_eq!(whole("007"), Ok(7));
        assert_eq!(whole("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(whole("9223372036854775808"), Err(Misfit::WholeTooLarge));
        // a letter l for a 1, and digits of other scripts, which look like numbers to a
        // reader
        for raw in ["+1", "1.0", "1e3", "1 000", "6l", "-", "--1", "\u{661}", "\u{ff11}", " 1"] {
            assert_eq!(whole(raw), Err(Misfit::NotWhole), "{raw}");
        }
    }

    #[test]
    fn reals_are_plain_decimals_with_one_mark() {
        assert_eq!(real("-0.25", '.'), Ok(-0.25));
        assert_eq!(real("12", '.'), Ok(12.0));
        assert_eq!(real(".5", '.'), Ok(0.5));
        assert_eq!(real("3,75", ','), Ok(3.75));
        assert_eq!(real("1e+05", '.'), Ok(100_000.0));
        assert_eq!(real("-1.5E-3", '.'), Ok(-0.0015));
        assert_eq!(real("2,5e1", ','), Ok(25.0));
        assert_eq!(real("1e999", '.'), Err(Misfit::RealTooLarge));
        assert_eq!(real("-0.01e-400", '.'), Err(Misfit::RealTooSmall));
        assert_eq!(real("0.00e-400", '.'), Ok(0.0));
        // what the parser of Rust or another program would take
        for raw in [
            "nan", "NaN", "inf", "-inf", "e3", "1e", "1e+", "1e1.5", "1ee3", "1,5", "1.2.3", "5.",
            ".", "-", "+1",
        ] {
            assert_eq!(real(raw, '.'), Err(Misfit::NotReal { mark: '.' }), "{raw}");
        }
        for raw in ["3.75", "1,2,3", ","] {
            assert_eq!(real(raw, ','), Err(Misfit::NotReal { mark: ',' }), "{raw}");
        }
        assert_eq!(real(&"9".repeat(400), '.'), Err(Misfit::RealTooLarge));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(date("1970-01-01"), Ok(0));
        // 2000 is a leap year by the rule of 400 years, and 1900 below is none by that of
        // 100
        assert_eq!(date("2000-02-29"), Ok(11_016));
        assert_eq!(date("1969-12-31"), Ok(-1));
        for raw in ["2021-02-29", "2021-00-10", "2021-13-01", "1900-02-29", "2021-04-31"] {
            assert_eq!(date(raw), Err(Misfit::NoSuchDay), "{raw}");
        }
        for raw in ["2021-3-01", "01/03/2021", "2021-03", "20210301", "2021-03-01T", "２０２1-1-1"]
        {
            assert_eq!(date(raw), Err(Misfit::NotDate), "{raw}");
        }
    }

    #[test]
    fn the_text_of_a_day_reads_as_the_day() {
        // the first day of year 0 and the last of 9999 are the ends
        for days in [-719_528, -1, 0, 59, 17_000, 2_932_896] {
            let text = date_text(days).expect("a year of four digits");
            assert_eq!(date(&text), Ok(days), "{text}");
        }
        assert_eq!(date_text(2_932_897), None);
        assert_eq!(date_text(i32::MIN), None);
    }

    #[test]
    fn blanks_of_any_script_are_blanks() {
        assert_eq!(id("P 7"), Ok("P 7"));
        // among them the no-break space and the wide space of Chinese and Japanese text
        for raw in [" P7", "P7\t", "P7\u{a0}", "\u{3000}P7"] {
            assert_eq!(id(raw), Err(Misfit::Blank), "{raw:?}");
        }
        for (raw, character) in [("P\u{200B}7", '\u{200B}'), ("P\u{A0}7", '\u{A0}')] {
            assert_eq!(id(raw), Err(Misfit::Hidden { character }), "{raw:?}");
        }
    }
}
