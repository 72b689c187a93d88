//! Days of the calendar as the number of days since 1970-01-01, which is how
//! columns of dates hold them.

use jiff::civil::{Date, date};

/// The day's number; none where the calendar has no such day.
pub(crate) fn day_number(year: i16, month: i8, day: i8) -> Option<i32> {
    Date::new(year, month, day).ok().map(number)
}

/// The number of the last day of a month; none where there is no such month.
// Asked of the calendar, since February has two ends.
pub(crate) fn last_day(year: i16, month: i8) -> Option<i32> {
    Date::new(year, month, 1).ok().map(|first| number(first.last_of_month()))
}

/// A day's number in ISO form, `2021-03-05`; in plain digits where the
/// calendar does not reach that far.
pub(crate) fn iso(day: i32) -> String {
    // A column of dates may hold any 32-bit number; a log must not fail on it.
    let span = jiff::Span::new().try_days(day);
    match span.and_then(|span| EPOCH.checked_add(span)) {
        Ok(day) => day.to_string(),
        Err(_) => format!("day {day}"),
    }
}

/// The number of a day in ISO form.
pub(crate) fn parse_iso(text: &str) -> Option<i32> {
    // Exactly four, two and two digits: jiff reads other forms as well, which a study
    // has to declare.
    let digits = text.len() == 10 && text.bytes().filter(u8::is_ascii_digit).count() == 8;
    digits.then(|| text.parse().ok().map(number)).flatten()
}

const EPOCH: Date = date(1970, 1, 1);

fn number(day: Date) -> i32 {
    (day - EPOCH).get_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_match_the_calendar() {
        assert_eq!(day_number(1970, 1, 1), Some(0));
        // 48 years of 365 days and the 12 leap days since 1972.
        assert_eq!(day_number(2018, 1, 1), Some(17_532));
        assert_eq!(day_number(1969, 12, 31), Some(-1));
        assert_eq!(day_number(2021, 2, 29), None);
        assert_eq!(last_day(2020, 2), day_number(2020, 2, 29));
        assert_eq!(last_day(2020, 13), None);
    }

    #[test]
    fn iso_forms_go_both_ways() {
        for day in [-25_567, -1, 0, 17_532, 60_000] {
            assert_eq!(parse_iso(&iso(day)), Some(day));
        }
        assert_eq!(iso(17_532), "2018-01-01");
        assert_eq!(parse_iso("2018-1-1"), None);
        assert_eq!(parse_iso("2018-02-30"), None);
        // No calendar reaches there.
        assert_eq!(iso(i32::MAX), "day 2147483647");
    }
}
