//! How a written date is read, given the forms that a column may hold. What
//! is done with what was read is left to the rule.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::{day_number, last_day};
use crate::text::key;

/// A form in which dates are written; `-`, `/`, `.` and blanks separate alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateFormat {
    /// `2021-03-05`, `2021/3/5`, `20210305`.
    Iso,
    /// `05/03/2021`, the 5th of March.
    DayMonthYear,
    /// `03/05/2021`, the 5th of March.
    MonthDayYear,
    /// `2021年3月5日`.
    Chinese,
    /// `44260`: days as a spreadsheet counts them, five digits.
    ExcelSerial,
    /// `5 Mar 2021`, `05MAR2021`, `March 5, 2021`.
    DayMonthName,
}

/// What a written date says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// A day, and the form it was written in.
    Day { day: i32, form: &'static str },
    /// A month without its day, by its first and last day.
    Month { first: i32, last: i32 },
    /// Day and month may have changed places.
    Ambiguous { day_first: i32, month_first: i32 },
    /// No date, and why.
    Unreadable(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Number { value: i16, digits: usize },
    Month(i8),
    Unknown,
}

/// Reads a written date by the declared forms. A two-digit year up to `pivot`
/// is 20yy, a later one 19yy; without a pivot it is unreadable.
pub(crate) fn read(text: &str, formats: &[DateFormat], pivot: Option<u8>) -> Written {
    let reader = Reader { formats, pivot };
    // Folded: full-width digits, blanks and capitals are settled before any form is
    // tried.
    let own = key(text);
    // Its separators are read like others; the form is told by the year's sign.
    let chinese = own.contains('年');
    let own = without_time(&own);
    // Five digits are no other form: 10000 to 99999 are the days from 1927 to 2173.
    if own.len() == 5 && own.bytes().all(|byte| byte.is_ascii_digit()) {
        return reader.serial(own);
    }
    match parts(own) {
        Some(parts) => reader.parts(&parts, chinese),
        None => no_date(),
    }
}

/// The text without a time of day behind the date, or a spreadsheet's `.0`.
fn without_time(text: &str) -> &str {
    let is_time = |rest: &str| {
        // Midnight or not: dates are whole days, and the time is left out without a note.
        rest.contains(':')
            && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'z'))
    };
    let cut = text.rfind(['t', ' ']).filter(|at| is_time(&text[at + 1..]));
    let text = cut.map_or(text, |at| &text[..at]);
    // As spreadsheets are exported where the column was taken for numbers.
    text.strip_suffix(".0").filter(|whole| whole.len() == 5).unwrap_or(text)
}

fn no_date() -> Written {
    Written::Unreadable("no date".to_owned())
}

fn no_such_day() -> Written {
    Written::Unreadable("there is no such day in the calendar".to_owned())
}

fn undeclared(form: &str) -> Written {
    Written::Unreadable(format!("{form} is not among the declared formats"))
}

/// The numbers and names of a date; none where it holds anything else.
fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let alike = |c: char| class(c) == class(first);
        // Runs of one class, so that `05MAR2021` falls into three parts without separators.
        let end = rest.find(|c| !alike(c)).unwrap_or(rest.len());
        match class(first) {
            Class::Digit => parts.extend(number(&rest[..end])?),
            Class::Letter => parts.push(name(&rest[..end])?),
            Class::Separator => {}
            Class::Other => return None,
        }
        rest = &rest[end..];
    }
    Some(parts)
}

#[derive(PartialEq, Eq)]
enum Class {
    Digit,
    Letter,
    Separator,
    Other,
}

fn class(character: char) -> Class {
    match character {
        '0'..='9' => Class::Digit,
        'a'..='z' | '?' => Class::Letter,
        // Which separator it is says nothing of the order.
        '-' | '/' | '.' | ',' | ' ' | '年' | '月' | '日' | '号' => Class::Separator,
        _ => Class::Other,
    }
}

/// A number as one part; eight digits are year, month and day.
fn number(digits: &str) -> Option<Vec<Part>> {
    let part = |digits: &str| {
        let value = digits.parse().ok()?;
        // `00` for a day is how several systems write that it is unknown.
        Some(if value == 0 { Part::Unknown } else { Part::Number { value, digits: digits.len() } })
    };
    match digits.len() {
        // Without separators eight digits can only be year, month and day.
        8 => [&digits[..4], &digits[4..6], &digits[6..]].into_iter().map(part).collect(),
        // Numbers of other lengths are no day, month or year.
        1 | 2 | 4 => Some(vec![part(digits)?]),
        _ => None,
    }
}

/// A month by name, or a word for unknown.
fn name(word: &str) -> Option<Part> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const UNKNOWN: [&str; 8] = ["uk", "un", "unk", "nk", "nd", "x", "xx", "na"];
    if UNKNOWN.contains(&word) || word.bytes().all(|byte| byte == b'?') {
        return Some(Part::Unknown);
    }
    // By its first three letters at least: `ma` could be two months.
    let month = MONTHS.iter().position(|month| word.len() >= 3 && month.starts_with(word));
    let month = month.or_else(|| (word == "sept").then_some(8))?;
    i8::try_from(month + 1).ok().map(Part::Month)
}

struct Reader<'a> {
    formats: &'a [DateFormat],
    pivot: Option<u8>,
}

impl Reader<'_> {
    fn declared(&self, format: DateFormat) -> bool {
        self.formats.contains(&format)
    }

    fn serial(&self, digits: &str) -> Written {
        // day 25569 of the spreadsheet's count is 1970-01-01
        match digits.parse::<i32>() {
            Ok(serial) if self.declared(DateFormat::ExcelSerial) && serial >= 10_000 => {
                // Past the spreadsheet's 29 February 1900, which there never was: all serials of
                // five digits lie behind it.
                Written::Day { day: serial - 25_569, form: "Excel serial number" }
            }
            Ok(_) => undeclared("an Excel serial number"),
            Err(_) => no_date(),
        }
    }

    fn parts(&self, parts: &[Part], chinese: bool) -> Written {
        use Part::{Month, Number, Unknown};
        match *parts {
            [
                Number { value: year, digits: 4 },
                Number { value: month, .. },
                Number { value: day, digits: 1 | 2 },
            ] => self.year_first(year, month, day, chinese),
            [
                Number { value: first, digits: 1 | 2 },
                Number { value: second, digits: 1 | 2 },
                Number { value, digits },
            // The year stands last; which of the others is the day hangs on what is declared.
            ] => match self.year(value, digits) {
                Some(year) => self.year_last(first, second, year),
                None => two_digit_year(),
            },
            [Number { value: year, digits: 4 }, Month(month), Number { value: day, .. }] => {
                self.by_name(year, month, day)
            }
            [Number { value: day, .. }, Month(month), Number { value, digits }]
            | [Month(month), Number { value: day, .. }, Number { value, digits }] => {
                match self.year(value, digits) {
                    Some(year) => self.by_name(year, month, day),
                    None => two_digit_year(),
                }
            }
            [Number { value: year, digits: 4 }, Number { value: month, digits: 1 | 2 }]
            | [
                Number { value: year, digits: 4 },
                Number { value: month, digits: 1 | 2 },
                Unknown,
            ]
            | [
                Unknown,
                Number { value: month, digits: 1 | 2 },
                Number { value: year, digits: 4 },
            ]
            | [
                Number { value: month, digits: 1 | 2 },
                Unknown,
                Number { value: year, digits: 4 },
            ]
            // `03/2021` and `2021-03` are a month in any order.
            | [Number { value: month, digits: 1 | 2 }, Number { value: year, digits: 4 }] => {
                month_of(year, small(month))
            }
            [Month(month), Number { value: year, digits: 4 }]
            | [Unknown, Month(month), Number { value: year, digits: 4 }]
            | [Number { value: year, digits: 4 }, Month(month)] => month_of(year, month),
            // A year alone is never completed: `partial` speaks of months.
            [Number { digits: 4, .. }]
            | [Number { digits: 4, .. }, Unknown, Unknown]
            | [Unknown, Unknown, Number { digits: 4, .. }] => {
                Written::Unreadable("only the year is known".to_owned())
            }
            _ => no_date(),
        }
    }

    fn year(&self, value: i16, digits: usize) -> Option<i16> {
        match (digits, self.pivot) {
            (4, _) => Some(value),
            (2, Some(pivot)) if value <= i16::from(pivot) => Some(2000 + value),
            (2, Some(_)) => Some(1900 + value),
            _ => None,
        }
    }

    // What begins with its year is only ever read as year, month, day.
    fn year_first(&self, year: i16, month: i16, day: i16, chinese: bool) -> Written {
        let (format, form, name) = if chinese {
            (DateFormat::Chinese, "Chinese form", "a Chinese date")
        } else {
            (DateFormat::Iso, "year-month-day", "year-month-day")
        };
        // Read only where declared: what looks like a date may be a number of a sample.
        if self.declared(format) { one_day(year, month, day, form) } else { undeclared(name) }
    }

    fn by_name(&self, year: i16, month: i8, day: i16) -> Written {
        if self.declared(DateFormat::DayMonthName) {
            one_day(year, i16::from(month), day, "month by name")
        } else {
            undeclared("a month by name")
        }
    }

    fn year_last(&self, first: i16, second: i16, year: i16) -> Written {
        let day_first = || one_day(year, second, first, "day/month/year");
        let month_first = || one_day(year, first, second, "month/day/year");
        let orders =
            (self.declared(DateFormat::DayMonthYear), self.declared(DateFormat::MonthDayYear));
        match orders {
            (true, false) => day_first(),
            (false, true) => month_first(),
            // Only one order gives a day of the calendar, or both give the same: then there is
            // no doubt.
            (true, true) => match (day_first(), month_first()) {
                (Written::Day { day: one, .. }, Written::Day { day: other, .. })
                    if one != other =>
                {
                    Written::Ambiguous { day_first: one, month_first: other }
                }
                (day @ Written::Day { .. }, _) | (_, day) => day,
            },
            (false, false) => undeclared("a date that ends with its year"),
        }
    }
}

fn small(number: i16) -> i8 {
    // A number beyond is no month and no day, and 0 is neither.
    i8::try_from(number).unwrap_or_default()
}

fn one_day(year: i16, month: i16, day: i16, form: &'static str) -> Written {
    match day_number(year, small(month), small(day)) {
        Some(day) => Written::Day { day, form },
        None => no_such_day(),
    }
}

fn month_of(year: i16, month: i8) -> Written {
    match (day_number(year, month, 1), last_day(year, month)) {
        (Some(first), Some(last)) => Written::Month { first, last },
        _ => no_such_day(),
    }
}

fn two_digit_year() -> Written {
    Written::Unreadable(
        "the year has two digits and no `two_digit_year_pivot` is declared".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use DateFormat::{Chinese, DayMonthName, DayMonthYear, ExcelSerial, Iso, MonthDayYear};

    use super::*;
    use crate::calendar::iso;

    const ALL: [DateFormat; 6] =
        [Iso, DayMonthYear, MonthDayYear, Chinese, ExcelSerial, DayMonthName];

    fn words(written: &Written) -> String {
        match written {
            Written::Day { day, form } => format!("{} {form}", iso(*day)),
            Written::Month { first, last } => format!("{} to {}", iso(*first), iso(*last)),
            Written::Ambiguous { day_first, month_first } => {
                format!("{} or {}", iso(*day_first), iso(*month_first))
            }
            Written::Unreadable(reason) => reason.clone(),
        }
    }

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("2021-03-05", "2021-03-05 year-month-day"),
            ("２０２１/３/５", "2021-03-05 year-month-day"),
            ("20210305", "2021-03-05 year-month-day"),
            ("2021-03-05 00:00:00", "2021-03-05 year-month-day"),
            ("2021-03-05T09:30", "2021-03-05 year-month-day"),
            ("25.03.2021", "2021-03-25 day/month/year"),
            ("03/25/2021", "2021-03-25 month/day/year"),
            ("03/03/2021", "2021-03-03 day/month/year"),
            ("05/03/2021", "2021-03-05 or 2021-05-03"),
            ("25-3-21", "2021-03-25 day/month/year"),
            ("25/3/57", "1957-03-25 day/month/year"),
            ("2021年3月5日", "2021-03-05 Chinese form"),
            ("44260", "2021-03-05 Excel serial number"),
            ("44260.0", "2021-03-05 Excel serial number"),
            ("5 Mar 2021", "2021-03-05 month by name"),
            ("05MAR2021", "2021-03-05 month by name"),
            ("March 5, 2021", "2021-03-05 month by name"),
            ("2021-Mar-05", "2021-03-05 month by name"),
            ("5 sept 2021", "2021-09-05 month by name"),
            ("2021-03", "2021-03-01 to 2021-03-31"),
            ("03/2021", "2021-03-01 to 2021-03-31"),
            ("UK/02/2020", "2020-02-01 to 2020-02-29"),
            ("2021-03-UN", "2021-03-01 to 2021-03-31"),
            ("00/03/2021", "2021-03-01 to 2021-03-31"),
            ("2021年3月", "2021-03-01 to 2021-03-31"),
            ("Mar 2021", "2021-03-01 to 2021-03-31"),
            ("??/Mar/2021", "2021-03-01 to 2021-03-31"),
            ("2021", "only the year is known"),
            ("UK/UK/2021", "only the year is known"),
            ("31/02/2021", "there is no such day in the calendar"),
            ("2021-13", "there is no such day in the calendar"),
            ("25/25/2021", "there is no such day in the calendar"),
            ("2021-03-05-06", "no date"),
            ("soon", "no date"),
            ("-5", "no date"),
            ("３月", "no date"),
            ("2021~03~05", "no date"),
        ];
        for (text, expected) in cases {
            assert_eq!(words(&read(text, &ALL, Some(30))), expected, "{text}");
        }
    }

    #[test]
    fn only_declared_forms_are_read() {
        let cases = [
            ("2021-03-05", "year-month-day is not among the declared formats"),
            ("2021年3月5日", "a Chinese date is not among the declared formats"),
            ("44260", "an Excel serial number is not among the declared formats"),
            ("5 Mar 2021", "a month by name is not among the declared formats"),
            ("05/03/2021", "a date that ends with its year is not among the declared formats"),
        ];
        for (text, expected) in cases {
            assert_eq!(words(&read(text, &[], None)), expected, "{text}");
        }
        assert_eq!(words(&read("05/03/2021", &[MonthDayYear], None)), "2021-05-03 month/day/year");
        assert_eq!(
            words(&read("25/03/2021", &[MonthDayYear], None)),
            "there is no such day in the calendar"
        );
        assert_eq!(
            words(&read("05/03/21", &[DayMonthYear], None)),
            "the year has two digits and no `two_digit_year_pivot` is declared"
        );
    }
}
