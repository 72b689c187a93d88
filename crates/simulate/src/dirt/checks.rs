//! Values that contradict each other: orders of dates, doses, ages, typed against derived response.

use jiff::civil::Date;

use super::{Action, Dirtier, Place};
use crate::calendar::{days_between, plus_days};
use crate::patients::DeathRecord;
use crate::recist::{best_response, classify};

pub(super) fn inject(dirtier: &mut Dirtier<'_>) {
    death_before_last_contact(dirtier);
    radiation_ends_before_start(dirtier);
    scan_before_baseline(dirtier);
    progression_after_death(dirtier);
    response_mismatch(dirtier);
    dose_mismatch(dirtier);
    dead_while_alive(dirtier);
    impossible_age(dirtier);
}

fn date_of(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn is_included(dirtier: &Dirtier<'_>, place: Place) -> bool {
    dirtier.screened(place).exclusion.is_none()
}

fn death_before_last_contact(dirtier: &mut Dirtier<'_>) {
    // only a death with its day can contradict a last contact by days
    let complete = |dirtier: &Dirtier<'_>, place: Place| {
        let death = dirtier.beside(place, "death_date");
        is_included(dirtier, place)
            && !dirtier.cell(death).clean.is_empty()
            && dirtier.screened(place).death_record == DeathRecord::Full
    };
    for place in dirtier.pick("followup", "last_contact", 3, complete) {
        let death = dirtier.clean_beside(place, "death_date").to_owned();
        let later = date_of(&death).expect("invariant: a complete death date");
        let raw = plus_days(later, dirtier.random.integer(4, 25) as i32).to_string();
        // the rule takes the day of death for the last contact, so survival stays as
        // calibrated
        dirtier.stain(place, "death_before_last_contact", raw, death, Action::Fixed);
    }
}

fn radiation_ends_before_start(dirtier: &mut Dirtier<'_>) {
    for place in dirtier.pick("rt_courses", "stop_date", 2, is_included) {
        let start = date_of(dirtier.clean_beside(place, "start_date"));
        let start = start.expect("invariant: courses have a start");
        let raw = plus_days(start, -(dirtier.random.integer(9, 30) as i32)).to_string();
        // the start alone decides whether the course counts, so the endpoint does not need
        // the answer
        dirtier.queried(place, "rt_end_before_start", raw);
    }
}

/// A scan typed with the year before: answered twice, left open once where response does not turn on it.
fn scan_before_baseline(dirtier: &mut Dirtier<'_>) {
    let number = |dirtier: &Dirtier<'_>, place: Place| -> usize {
        dirtier.clean_beside(place, "instance").parse().expect("invariant: a repeat number")
    };
    let later = |dirtier: &Dirtier<'_>, place: Place| {
        let instance = number(dirtier, place);
        let day = dirtier.screened(place).scans[instance].day;
        // so early that the day one year before lies before the first dose and its baseline
        is_included(dirtier, place) && instance > 0 && day < 300
    };
    for place in dirtier.pick("assessments", "scan_date", 2, later) {
        let raw = year_before(dirtier, place);
        dirtier.answered(place, "scan_before_baseline", raw);
    }
    let indifferent = |dirtier: &Dirtier<'_>, place: Place| {
        later(dirtier, place) && survives_without(dirtier, place, number(dirtier, place))
    };
    for place in dirtier.pick("assessments", "scan_date", 1, indifferent) {
        let raw = year_before(dirtier, place);
        dirtier.queried(place, "scan_before_baseline", raw);
    }
}

fn year_before(dirtier: &Dirtier<'_>, place: Place) -> String {
    let date = date_of(&dirtier.cell(place).clean).expect("invariant: a scan date");
    // 29 February has no day of its name the year before
    format!("{}-{:02}-{:02}", date.year() - 1, date.month(), date.day().min(28))
}

/// Whether best response, progression and the last scan stay the same without that scan.
fn survives_without(dirtier: &Dirtier<'_>, place: Place, instance: usize) -> bool {
    let scans = &dirtier.screened(place).scans;
    let mut fewer = scans.clone();
    // without an answer the scan has no date and drops out of the course
    fewer.remove(instance);
    let summary = |scans: &[crate::scans::Scan]| {
        let readings: Vec<_> = scans.iter().map(|scan| scan.reading.clone()).collect();
        let responses = classify(&readings);
        let progression = responses.iter().position(|response| *response == "PD");
        let progression = progression.map(|index| scans[index + 1].day);
        (best_response(&responses), progression, scans.last().map(|scan| scan.day))
    };
    // the summary must be the same without it, or the calibrated endpoints would change
    instance > 1 && instance + 2 < scans.len() && summary(scans) == summary(&fewer)
}

fn progression_after_death(dirtier: &mut Dirtier<'_>) {
    let dead = |dirtier: &Dirtier<'_>, place: Place| {
        is_included(dirtier, place) && !dirtier.clean_beside(place, "death_date").is_empty()
    };
    for place in dirtier.pick("followup", "progression_date", 2, dead) {
        let death = date_of(dirtier.clean_beside(place, "death_date"));
        let death = death.expect("invariant: a death date");
        let raw = plus_days(death, dirtier.random.integer(20, 60) as i32).to_string();
        // the scans decide on progression: the typed date is only held against them
        dirtier.queried(place, "progression_after_death", raw);
    }
}

fn response_mismatch(dirtier: &mut Dirtier<'_>) {
    for place in dirtier.pick("assessments", "recist", 6, is_included) {
        // the response is derived from the lesions, so what was typed stays and is only
        // logged
        let other = if dirtier.cell(place).clean == "SD" { "PR" } else { "SD" };
        dirtier.stain(place, "recist_mismatch", other, other, Action::LoggedOnly);
    }
    for place in dirtier.pick("assessments", "target_sum_mm", 4, is_included) {
        let sum: i32 = dirtier.cell(place).clean.parse().expect("invariant: a whole number");
        // the sum of the lesions wins as well
        let typed = (sum + 10).to_string();
        dirtier.stain(place, "target_sum_mismatch", typed.clone(), typed, Action::LoggedOnly);
    }
}

fn dose_mismatch(dirtier: &mut Dirtier<'_>) {
    for place in dirtier.pick("rt_courses", "dose", 2, is_included) {
        let dose: f64 = dirtier.cell(place).clean.parse().expect("invariant: a number");
        // the rule takes the product of fractions and dose of each
        dirtier.fixed(place, "dose_mismatch", format!("{:.1}", dose + 3.0));
        // From these two cells the dose is recovered: marked as used, no later class can
        // spoil them.
        let fraction = dirtier.beside(place, "dose_per_fraction_gy");
        let count = dirtier.beside(place, "fractions");
        for place in [fraction, count] {
            dirtier.tables[place.table].rows[place.row].cells[place.column].dirty = true;
        }
    }
}

fn dead_while_alive(dirtier: &mut Dirtier<'_>) {
    let at_baseline = |dirtier: &Dirtier<'_>, place: Place| {
        is_included(dirtier, place) && dirtier.clean_beside(place, "instance") == "1"
    };
    let later = |dirtier: &Dirtier<'_>, place: Place| {
        is_included(dirtier, place) && dirtier.clean_beside(place, "instance") != "1"
    };
    let mut places = dirtier.pick("visits", "ecog", 1, at_baseline);
    // one at baseline, where the value that is set missing reaches the analysis, and
    // two where it does not
    places.extend(dirtier.pick("visits", "ecog", 2, later));
    for place in places {
        dirtier.queried(place, "ecog_5_alive", "5");
    }
}

fn impossible_age(dirtier: &mut Dirtier<'_>) {
    for (index, place) in
        dirtier.pick("patients", "date_of_birth", 2, is_included).into_iter().enumerate()
    {
        let birth = date_of(&dirtier.cell(place).clean).expect("invariant: a birth date");
        let start = dirtier.screened(place).start;
        let years = days_between(birth, start) / 365;
        // about 210 years old: no plausible range holds that
        let wrong = i32::from(birth.year()) - (210 - years);
        let raw = format!("{wrong}-{:02}-{:02}", birth.month(), birth.day().min(28));
        // one patient's age stays unknown, the other's is known from the answer
        if index == 0 {
            dirtier.queried(place, "impossible_age", raw);
        } else {
            dirtier.answered(place, "impossible_age", raw);
        }
    }
}
