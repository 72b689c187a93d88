//! Calendar arithmetic in whole days.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The day the export was made; nothing in it can be later.
pub const EXPORT_DATE: Date = date(2024, 6, 30);
/// The first possible first dose.
pub const FIRST_DOSE: Date = date(2018, 1, 8);
/// The last possible first dose.
pub const LAST_DOSE: Date = date(2022, 12, 20);

/// The date `days` later (earlier when negative).
#[must_use]
pub fn plus_days(start: Date, days: i32) -> Date {
    start.checked_add(days.days()).expect("invariant: simulated dates stay in this era")
}

/// Days from `start` to `end`.
#[must_use]
pub fn days_between(start: Date, end: Date) -> i32 {
    // a span between two dates is in days alone unless other units are asked for
    end.since(start).expect("invariant: two civil dates").get_days()
}

/// Excel's serial number: days since 1899-12-30.
#[must_use]
pub fn excel_serial(day: Date) -> i32 {
    // Excel counts a 29 February 1900 that never was: from March of that year on, its
    // count fits this beginning.
    days_between(date(1899, 12, 30), day)
}

/// Age in completed years at `day`.
#[must_use]
pub fn completed_years(birth: Date, day: Date) -> i32 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    i32::from(day.year()) - i32::from(birth.year()) - i32::from(before_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_serials_and_ages() {
        assert_eq!(plus_days(date(2020, 2, 28), 2), date(2020, 3, 1));
        // 2020 is a leap year
        assert_eq!(days_between(date(2019, 12, 31), date(2021, 1, 1)), 367);
        // as a spreadsheet shows it in a cell without a date format
        assert_eq!(excel_serial(date(2021, 3, 5)), 44_260);
        // the day before a birthday and the birthday
        assert_eq!(completed_years(date(1960, 6, 15), date(2020, 6, 14)), 59);
        assert_eq!(completed_years(date(1960, 6, 15), date(2020, 6, 15)), 60);
    }
}
