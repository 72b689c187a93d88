//! Dates as days since 1970-01-01, in the Gregorian calendar of the years 1 to 9999.

/// A unit in which the time between dates is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    /// Reads `day`, `days`, `DAY`.
    pub(crate) fn read(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        match word.strip_suffix('s').unwrap_or(&word) {
            "day" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            "year" => Some(Self::Year),
            _ => None,
        }
    }
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Quarter,
    Month,
    Day,
    /// Day of the year, from 1.
    DayOfYear,
    /// Day of the week, Monday 1 to Sunday 7.
    WeekDay,
}

impl Part {
    /// Reads `year`, `doy`, `isodow`.
    pub(crate) fn read(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "year" => Some(Self::Year),
            "quarter" => Some(Self::Quarter),
            "month" => Some(Self::Month),
            "day" => Some(Self::Day),
            "doy" | "dayofyear" => Some(Self::DayOfYear),
            "isodow" => Some(Self::WeekDay),
            _ => None,
        }
    }
}

/// 0001-01-01.
const FIRST: i64 = -719_162;
/// 9999-12-31.
const LAST: i64 = 2_932_896;

/// The day, if it lies in the years 1 to 9999.
pub(crate) fn within(day: i64) -> Option<i32> {
    // Beyond it a date could not be written with four digits, and is a wrong cell.
    if (FIRST..=LAST).contains(&day) { i32::try_from(day).ok() } else { None }
}

/// Year, month and day of a date.
///
/// # Source
/// H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`:
/// the year begins in March, so that the leap day is its last.
pub(crate) fn civil(day: i32) -> (i64, i64, i64) {
    // 719,468 days from 0000-03-01 to 1970-01-01; 146,097 days are 400 years, after
    // which the calendar repeats.
    let shifted = i64::from(day) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    // The subtractions take off the leap days: one in four years, none in a hundred,
    // one in four hundred.
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on five months have 153 days, and again five: so a month follows from
    // a division.
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The date, if there is such a day; Hinnant's `days_from_civil`.
pub(crate) fn date(year: i64, month: i64, day: i64) -> Option<i32> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    if !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let march_month = (month + 9) % 12;
    let of_year = (153 * march_month + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    within(era * 146_097 + of_era - 719_468)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        // Gregorian throughout, also before 1582.
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads `2024-01-31`, and nothing else.
pub(crate) fn read(text: &str) -> Option<i32> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    // Two digits of a year, or one of a month, are left to `parse_dates`, where their
    // form is declared.
    let digits = |part: &str, length: usize| {
        let fits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if fits { part.parse().ok() } else { None }
    };
    date(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)
}

/// Writes a day since 1970-01-01 as `2024-01-31`.
#[must_use]
pub fn write(day: i32) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A date plus a number of units. A month later is the same day of the month,
/// or the month's last day where it has no such day.
pub(crate) fn add(day: i32, count: i64, unit: Unit) -> Option<i32> {
    // A count comes from a cell and may be anything.
    let days = |per_unit: i64| within(i64::from(day).checked_add(count.checked_mul(per_unit)?)?);
    let months = match unit {
        Unit::Day => return days(1),
        Unit::Week => return days(7),
        Unit::Month => count,
        Unit::Year => count.checked_mul(12)?,
    };
    let (year, month, day) = civil(day);
    // Months since year 0, so that a year is no special case.
    let months = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    date(year, month, day.min(days_in(year, month)))
}

/// Completed units from one date to another; below zero where it comes before.
/// A month is completed on the day that [`add`] gives for it; a year is twelve
/// completed months.
pub(crate) fn between(from: i32, to: i32, unit: Unit) -> i64 {
    let days = i64::from(to) - i64::from(from);
    match unit {
        Unit::Day => days,
        // Towards zero, as completed weeks before a date are.
        Unit::Week => days / 7,
        Unit::Year => between(from, to, Unit::Month) / 12,
        // By exchange: so that both directions give the same number.
        Unit::Month if days < 0 => -between(to, from, Unit::Month),
        Unit::Month => {
            let (a, b) = (civil(from), civil(to));
            let months = (b.0 - a.0) * 12 + b.1 - a.1;
            // Asked of `add`, so that both agree on the 31st and on 29 February.
            let completed = add(from, months, Unit::Month).is_some_and(|day| day <= to);
            if completed { months } else { months - 1 }
        }
    }
}

/// A part of a date as a number.
pub(crate) fn part(day: i32, part: Part) -> i64 {
    let (year, month, of_month) = civil(day);
    match part {
        Part::Year => year,
        Part::Quarter => (month - 1) / 3 + 1,
        Part::Month => month,
        Part::Day => of_month,
        Part::DayOfYear => {
            let first = date(year, 1, 1).unwrap_or(day);
            i64::from(day) - i64::from(first) + 1
        }
        // 1970-01-01 was a Thursday
        Part::WeekDay => (i64::from(day) + 3).rem_euclid(7) + 1,
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The date in a form of `%Y %m %d %j %b %B %u %%`; none where the form has others.
pub(crate) fn formatted(day: i32, form: &str) -> Option<String> {
    let (year, month, of_month) = civil(day);
    let name = MONTHS[usize::try_from(month - 1).unwrap_or(0) % 12];
    let mut text = String::new();
    let mut letters = form.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        match letters.next()? {
            'Y' => text.push_str(&format!("{year:04}")),
            'm' => text.push_str(&format!("{month:02}")),
            'd' => text.push_str(&format!("{of_month:02}")),
            'j' => text.push_str(&format!("{:03}", part(day, Part::DayOfYear))),
            // English whatever the machine speaks, as the same bytes are promised everywhere.
            'b' => text.push_str(&name[..3]),
            'B' => text.push_str(name),
            'u' => text.push_str(&part(day, Part::WeekDay).to_string()),
            '%' => text.push('%'),
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i32 {
        read(text).expect("a date")
    }

    #[test]
    fn every_day_is_written_as_it_is_read() {
        // 97 is prime, so that all days of weeks, months and leap years are met.
        for day in (within(FIRST).expect("first")..=within(LAST).expect("last")).step_by(97) {
            assert_eq!(read(&write(day)), Some(day));
        }
        assert_eq!((day("1970-01-01"), write(19_723)), (0, "2024-01-01".to_owned()));
        assert_eq!((read("2023-02-29"), read("24-01-01"), read("2024-1-01")), (None, None, None));
    }

    #[test]
    fn months_and_years_are_completed_on_their_day() {
        let months = |from, to| between(day(from), day(to), Unit::Month);
        // The month is completed on its last day, and 2024 is a leap year.
        assert_eq!(months("2024-01-31", "2024-02-28"), 0);
        assert_eq!(months("2024-01-31", "2024-02-29"), 1);
        assert_eq!(months("2024-01-31", "2024-03-30"), 1);
        assert_eq!(months("2024-03-15", "2024-01-16"), -1);
        assert_eq!(months("2024-03-15", "2024-01-15"), -2);
        let years = |from, to| between(day(from), day(to), Unit::Year);
        assert_eq!(years("1960-02-29", "2021-02-27"), 60);
        // Born on a leap day: a year older on 28 February.
        assert_eq!(years("1960-02-29", "2021-02-28"), 61);
        assert_eq!(years("1961-05-10", "2021-05-09"), 59);
        assert_eq!(between(day("2024-01-01"), day("2024-01-14"), Unit::Week), 1);
    }

    #[test]
    fn adding_stays_within_the_month_and_the_calendar() {
        assert_eq!(add(day("2024-01-31"), 1, Unit::Month), read("2024-02-29"));
        assert_eq!(add(day("2024-03-31"), -1, Unit::Month), read("2024-02-29"));
        assert_eq!(add(day("2020-02-29"), 1, Unit::Year), read("2021-02-28"));
        assert_eq!(add(day("9999-12-31"), 1, Unit::Day), None);
        assert_eq!(add(0, i64::MAX, Unit::Week), None);
        assert_eq!(add(0, i64::MAX, Unit::Month), None);
    }
}
