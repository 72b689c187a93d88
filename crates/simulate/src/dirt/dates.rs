//! Dates: other formats, ambiguous, partial, impossible and future ones.

use jiff::civil::Date;

use super::{Action, Dirtier, Place};
use crate::calendar::{EXPORT_DATE, excel_serial};
use crate::patients::DeathRecord;

pub(super) fn inject(dirtier: &mut Dirtier<'_>) {
    // these come first because they need particular cells, which no other class may
    // have used
    partial_deaths(dirtier);
    ambiguous(dirtier);
    other_formats(dirtier);
    partial(dirtier);
    impossible(dirtier);
    future(dirtier);
}

fn day(dirtier: &Dirtier<'_>, place: Place) -> Date {
    dirtier.cell(place).clean.parse().expect("invariant: clean dates are ISO")
}

fn two_orders(date: Date) -> bool {
    // the fifth of May reads the same in both orders
    date.day() <= 12 && date.day() != date.month()
}

fn slashes(first: i8, second: i8, year: i16) -> String {
    format!("{first:02}/{second:02}/{year}")
}

/// The death keeps its true day, which the mid-month rule finds (see `DeathRecord`).
fn partial_deaths(dirtier: &mut Dirtier<'_>) {
    let count =
        dirtier.screened.iter().filter(|patient| patient.death_record != DeathRecord::Full).count();
    let incomplete = |dirtier: &Dirtier<'_>, place: Place| {
        dirtier.screened(place).death_record != DeathRecord::Full
    };
    // all of them, as the patients' days of death were chosen for it
    for place in dirtier.pick("followup", "death_date", count, incomplete) {
        let date = day(dirtier, place);
        let raw = match dirtier.screened(place).death_record {
            DeathRecord::UnknownDay => format!("UK/{:02}/{}", date.month(), date.year()),
            _ => format!("{}-{:02}", date.year(), date.month()),
        };
        dirtier.fixed(place, "date_partial_death", raw);
    }
}

fn ambiguous(dirtier: &mut Dirtier<'_>) {
    // left open: none of these dates is an endpoint
    let open = [
        ("labs", "lab_date", 5),
        ("visits", "visit_date", 4),
        ("prior_therapy", "start_date", 3),
        ("patients", "date_of_birth", 1),
    ];
    let fits = |dirtier: &Dirtier<'_>, place: Place| two_orders(day(dirtier, place));
    for (table, column, count) in open {
        for place in dirtier.pick(table, column, count, fits) {
            let raw = either_order(dirtier, place);
            dirtier.queried(place, "date_ambiguous", raw);
        }
    }
    // answered: scans, first doses and ages reach the analysis
    let decisive = [
        ("assessments", "scan_date", 4),
        ("systemic", "start_date", 2),
        ("patients", "date_of_birth", 2),
    ];
    for (table, column, count) in decisive {
        let included = |dirtier: &Dirtier<'_>, place: Place| {
            fits(dirtier, place) && dirtier.screened(place).exclusion.is_none()
        };
        for place in dirtier.pick(table, column, count, included) {
            let raw = either_order(dirtier, place);
            dirtier.answered(place, "date_ambiguous", raw);
        }
    }
}

fn either_order(dirtier: &mut Dirtier<'_>, place: Place) -> String {
    let date = day(dirtier, place);
    // the order is drawn, so neither reading is right more often
    let day_first = dirtier.random.chance(0.5);
    let (first, second) =
        if day_first { (date.day(), date.month()) } else { (date.month(), date.day()) };
    slashes(first, second, date.year())
}

fn other_formats(dirtier: &mut Dirtier<'_>) {
    let columns = [
        ("patients", "date_of_birth", true),
        ("prior_therapy", "start_date", true),
        ("prior_therapy", "stop_date", true),
        ("systemic", "start_date", true),
        ("systemic", "stop_date", true),
        ("assessments", "scan_date", true),
        ("labs", "lab_date", true),
        ("visits", "visit_date", true),
        ("diagnosis", "diagnosis_date", false),
        ("diagnosis", "recurrence_date", false),
        ("rt_courses", "start_date", false),
        ("irae", "onset_date", false),
        ("followup", "last_contact", false),
        ("followup", "death_date", false),
        ("followup", "progression_date", false),
    ];
    for (table, column, both) in columns {
        let late =
            // In a column that holds both orders only a day above 12 tells which one it is.
            move |dirtier: &Dirtier<'_>, place: Place| !both || day(dirtier, place).day() > 12;
        for place in dirtier.pick(table, column, 3, late) {
            let date = day(dirtier, place);
            let raw = slashes(date.day(), date.month(), date.year());
            dirtier.fixed(place, "date_day_month_year", raw);
        }
        let past_twelve = |dirtier: &Dirtier<'_>, place: Place| day(dirtier, place).day() > 12;
        // with two digits for the year a smaller day could stand in any of three places
        for place in dirtier.pick(table, column, 1, past_twelve) {
            let date = day(dirtier, place);
            let year = date.year().rem_euclid(100);
            let raw = format!("{:02}/{:02}/{year:02}", date.day(), date.month());
            dirtier.fixed(place, "date_two_digit_year", raw);
        }
        // in the other columns the dictionary allows the day first alone
        for place in dirtier.pick(table, column, if both { 3 } else { 0 }, past_twelve) {
            let date = day(dirtier, place);
            let raw = slashes(date.month(), date.day(), date.year());
            dirtier.fixed(place, "date_month_day_year", raw);
        }
        for place in dirtier.pick(table, column, 2, |_, _| true) {
            let date = day(dirtier, place);
            let raw = format!("{}年{}月{}日", date.year(), date.month(), date.day());
            dirtier.fixed(place, "date_chinese", raw);
        }
        for place in dirtier.pick(table, column, 2, |_, _| true) {
            let raw = excel_serial(day(dirtier, place)).to_string();
            dirtier.fixed(place, "date_excel_serial", raw);
        }
    }
}

fn partial(dirtier: &mut Dirtier<'_>) {
    let columns = [
        ("diagnosis", "diagnosis_date", 3),
        ("prior_therapy", "stop_date", 2),
        ("irae", "onset_date", 2),
    ];
    for (table, column, count) in columns {
        for (index, place) in
            dirtier.pick(table, column, count, |_, _| true).into_iter().enumerate()
        {
            let date = day(dirtier, place);
            // the three forms in which a day or a month is left out
            let raw = match index {
                0 => format!("{}-{:02}", date.year(), date.month()),
                1 => format!("UK/{:02}/{}", date.month(), date.year()),
                _ => date.year().to_string(),
            };
            // of these dates no day is imputed, unlike that of a death
            dirtier.queried(place, "date_partial", raw);
        }
    }
}

fn impossible(dirtier: &mut Dirtier<'_>) {
    // so that what was typed lies near the true day
    let near_february =
        |dirtier: &Dirtier<'_>, place: Place| (2..=3).contains(&day(dirtier, place).month());
    let columns =
        [("visits", "visit_date", 2), ("labs", "lab_date", 1), ("irae", "resolved_date", 1)];
    for (table, column, count) in columns {
        for place in dirtier.pick(table, column, count, near_february) {
            let raw = format!("{}-02-31", day(dirtier, place).year());
            dirtier.queried(place, "date_impossible", raw);
        }
    }
    for place in dirtier.pick("followup", "last_contact", 1, near_february) {
        let raw = format!("31/02/{}", day(dirtier, place).year());
        // the last contact ends follow-up, so the hospital was asked
        dirtier.answered(place, "date_impossible", raw);
    }
}

fn future(dirtier: &mut Dirtier<'_>) {
    for (table, column, count) in [("visits", "visit_date", 2), ("labs", "lab_date", 1)] {
        for place in dirtier.pick(table, column, count, |_, _| true) {
            let raw = ten_years_on(day(dirtier, place));
            dirtier.stain(place, "date_future", raw, "", Action::QuerySetMissing);
        }
    }
    let included =
        |dirtier: &Dirtier<'_>, place: Place| dirtier.screened(place).exclusion.is_none();
    for (table, column) in [("assessments", "scan_date"), ("followup", "last_contact")] {
        for place in dirtier.pick(table, column, 1, included) {
            let raw = ten_years_on(day(dirtier, place));
            dirtier.answered(place, "date_future", raw);
        }
    }
}

fn ten_years_on(date: Date) -> String {
    // 2025 at least: later than the day of the export
    let year = date.year().max(EXPORT_DATE.year() - 9) + 10;
    format!("{year}-{:02}-{:02}", date.month(), date.day().min(28))
}
