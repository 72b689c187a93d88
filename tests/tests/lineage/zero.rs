//! Time zero itself: what decides it, and whether time is counted from it.

use super::*;

/// The study with another time zero, that rules make.
fn zero(rules: &str) -> Study {
    study("", "").replacing(FILE, "index_date: ici_start", "index_date: zero").replacing(
        FILE,
        "  endpoints:",
        &format!("{rules}  endpoints:"),
    )
}

fn derived(sql: &str) -> String {
    format!("  zero: {{ kind: derive, sql: \"{sql}\" }}\n")
}

#[test]
fn time_zero_is_not_moved_by_what_comes_later() {
    let moved =
        "the index date `zero` is moved by what is known only from `first_course.start_date` on";
    for sql in [
        // whoever is irradiated gets a later time zero, by three ways of writing it
        "CASE WHEN rt_start IS NOT NULL THEN ici_start + 30 ELSE ici_start END",
        "ici_start + IF(rt_dose > 0, 60, 0)",
        "DATEADD(day, CASE WHEN rt_dose > 0 THEN 60 ELSE 0 END, ici_start)",
    ] {
        refused(&zero(&derived(sql)).says("check"), "clean.zero", moved);
    }
    // a fixed shift, or one by what is known at time zero
    for sql in
        ["ici_start", "ici_start - 3", "CASE WHEN sex = 'f' THEN ici_start + 1 ELSE ici_start END"]
    {
        let said = zero(&derived(sql)).says("check");
        assert_eq!(said.code, 0, "{}", said.err);
    }
}

#[test]
fn a_date_in_a_text_is_a_date_of_its_own() {
    refused(
        // a text is a date only once it is read as one
        &zero(&derived("COALESCE(CAST(hospital_number AS DATE), ici_start)")).says("check"),
        "clean.zero",
        "the index date `zero` is made of `first_dose.start_date` and `patients.hospital_number`",
    );
    refused(
        &zero(&derived("COALESCE(TRY_CAST(hospital_number AS DATE), DATE(sex))")).says("check"),
        "clean.zero",
        "the index date `zero` is made of `patients.hospital_number` and `patients.sex`",
    );
    let one = zero(&derived("MAKE_DATE(age + 1900, LENGTH(sex), 1)")).says("check");
    assert_eq!(one.code, 0, "one date out of several columns: {}", one.err);
}

#[test]
fn who_has_no_time_zero_by_what_comes_later_is_told() {
    let warns = |sql: &str, more: &str| {
        let run = zero(&format!("{}{more}", derived(sql)));
        run.says("run --quiet").succeeds();
        run.read("reports/results/warnings.csv")
            .contains("patients are in the table by what becomes known only after time zero")
    };
    // who is followed for long has a time zero, the others have none
    let alive = "CASE WHEN last_contact - ici_start > 200 THEN ici_start END";
    assert!(warns(alive, ""));
    assert!(warns(
        alive,
        "  no_zero: { kind: exclude, where: zero IS NULL, reason: No time zero }\n"
    ));
    assert!(warns("NULLIF(ici_start, CASE WHEN rt_start IS NULL THEN ici_start END)", ""));
    // age is known at time zero
    assert!(!warns("CASE WHEN age > 50 THEN ici_start END", ""));
}

#[test]
fn one_event_is_not_two_dates_of_one_file() {
    // two tables of the same patients, told apart by radiotherapy and put together
    // again
    let parts = "  never: { kind: select_row, table: patients, into: never, take: first, where: rt_start IS NULL }
  once: { kind: select_row, table: patients, into: once, take: first, where: rt_start IS NOT NULL }
  of_never: { kind: derive, table: never, column: zero, sql: ici_start }
  of_once: { kind: derive, table: once, column: zero, sql: rt_start }
  both: { kind: append, tables: [never, once], into: both, same_event: [zero] }
  brought: { kind: join, with: both, columns: [zero] }\n";
    refused(
        &zero(parts).says("check"),
        "clean.both",
        "`zero` is `first_dose.start_date` in `never` and `first_course.start_date` in `once`, whose patients come from the same file: that is not one event",
    );
    let same = zero(&parts.replace("sql: rt_start", "sql: ici_start")).says("check");
    assert_eq!(same.code, 0, "{}", same.err);
}

#[test]
fn time_is_counted_from_time_zero() {
    let other = |rules: &str, index: &str| {
        study(rules, &log_rank("radiotherapy")).replacing(
            FILE,
            "index_date: ici_start\n",
            &format!("index_date: {index}\n"),
        )
    };
    let not_counted = "`os_days` is not counted from `";
    // counted from the first dose, then time zero is another date
    let overwritten = "  later: { kind: derive, column: ici_start, sql: rt_start }\n";
    refused(&other(overwritten, "ici_start").says("check"), "analyze.survival", not_counted);
    let second = "  zero: { kind: derive, sql: rt_start }\n";
    let elsewhere = other(second, "zero").replacing(
        FILE,
        "{ kind: endpoints, define:",
        "{ kind: endpoints, index_date: ici_start, define:",
    );
    refused(&elsewhere.says("check"), "analyze.survival", not_counted);
    // where both are there, the one that time is counted from cannot be the earlier
    let earlier = other("", "rt_start").replacing(
        FILE,
        "{ kind: endpoints, define:",
        "{ kind: endpoints, index_date: ici_start, define:",
    );
    refused(
        &earlier.says("run --quiet"),
        "clean.endpoints",
        "`ici_start` comes before the study's time zero, `rt_start`: line 2 (P01)",
    );
    // an endpoint counted from a later date than time zero is permitted
    let later = "  since_course: { kind: endpoints, index_date: rt_start, define: { since: { label: Since, event: [death_date], censor: last_contact } } }\n";
    let run = study(later, "  tried: { kind: kaplan_meier, endpoint: since, by: sex }\n");
    let said = run.says("run --quiet");
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn who_has_no_entry_by_what_comes_later_is_told() {
    let warns = |sql: &str| {
        let rules = format!("  entered: {{ kind: derive, sql: \"{sql}\" }}\n");
        let analyses = "  curve: { kind: kaplan_meier, endpoint: os, entry: entered }
  model: { kind: cox_model, endpoint: os, terms: [age], entry: entered }\n";
        let run = study(&rules, analyses);
        run.says("run --quiet").succeeds();
        let warnings = run.read("reports/results/warnings.csv");
        let told = |entry: &str| {
            let mut lines = warnings.lines().filter(|line| line.contains(entry));
            lines.any(|line| line.contains("patients are chosen by entered"))
        };
        (told(",curve."), told(",model."))
    };
    assert_eq!(warns("CASE WHEN rt_start IS NOT NULL THEN 0 END"), (true, true));
    // from the first fraction on: who has none is not at risk in it
    assert_eq!(warns("rt_start - ici_start"), (false, false));
}
