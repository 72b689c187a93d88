//! Tables put together from several, and what a change of lineage makes run.

use super::*;

#[test]
fn rows_under_one_another_are_as_late_as_those_of_each_table() {
    // two tables of courses, told apart by their dose and put under one another
    let both = "  early: { kind: select_row, table: courses, into: early, where: dose < 15, take: first, order: [start_date] }
  other: { kind: select_row, table: courses, into: other, where: dose >= 15, take: first, order: [start_date] }
  both: { kind: append, tables: [early, other], into: both, source: which }
  picked: { kind: select_row, table: both, into: picked, take: first, order: [start_date] }
  brought: { kind: join, with: picked, columns: [start_date, which], rename: { start_date: begun } }\n";
    group(both, "which", "is known only from `begun`, after time zero");
    // the last row of both is known when no more can come to either
    let last =
        both.replace("take: first, order: [start_date] }\n  brought", "take: last }\n  brought");
    group(&last, "which", "is known only after the last `both.start_date` of a patient");
}

#[test]
fn time_zero_is_not_put_together_from_tables() {
    let with = |same: &str| {
        let rules = format!(
            "  begun: {{ kind: select_row, table: courses, into: begun, take: first, order: [start_date] }}
  both: {{ kind: append, tables: [treatments, begun], into: both, absent: set_missing{same} }}
  first_dose: {{ kind: select_row, table: both,"
        );
        Study::of_repository("tests/studies/radiotherapy")
            .replacing(FILE, "  first_dose: { kind: select_row, table: treatments,", &rules)
            .says("check")
    };
    refused(
        &with(""),
        "clean.index_date",
        "the index date `ici_start` is made of `begun.start_date` and `treatments.start_date`",
    );
    // whoever declares that the dates are of one event answers for it
    let declared = with(", same_event: [start_date]");
    assert_eq!(declared.code, 0, "{}", declared.err);
}

#[test]
fn every_file_of_a_table_is_known_from_its_rows_day_on() {
    let two = Study::of_repository("tests/studies/radiotherapy")
        .replacing(
            FILE,
            "    path: data/courses.csv\n",
            "    path: [data/courses.csv, data/more.csv]\n    source: hospital\n",
        )
        .with(
            "data/more.csv",
            // the second file is known from the same column on, and so is the name of the file
            "id,intent,dose,start_date,stop_date\nP02,curative,20,2020-02-01,2020-02-20\n",
        )
        .replacing(
            FILE,
            "columns: [start_date, intent, dose]",
            "columns: [start_date, intent, dose, hospital]",
        )
        .replacing(FILE, "  # more analyses\n", &log_rank("hospital"));
    refused(&two.says("check"), "analyze.tried", FROM_START);
}

#[test]
fn a_change_of_lineage_alone_makes_its_readers_run() {
    let naive =
        "  tried: { kind: log_rank, endpoint: os, by: radiotherapy, immortal_time: naive }\n";
    let run = study("", naive);
    run.says("run --quiet").succeeds();
    let warns = |run: &Study| run.read("reports/results/warnings.csv").contains("after time zero");
    assert!(warns(&run));
    // not one value differs
    let declared = "    path: data/courses.csv\n    known_from: start_date\n";
    let run = run.replacing(FILE, declared, "    path: data/courses.csv\n");
    let said = run.says("run");
    assert_eq!(said.code, 0, "{}", said.err);
    let ran =
        |stage: &str| said.err.lines().any(|line| line.starts_with("ran ") && line.contains(stage));
    assert!(ran("clean.radiotherapy") && ran("analyze.tried"), "{}", said.err);
    // what does not read the courses stays fresh
    assert!(!ran("analyze.survival"), "it reads nothing of the courses:\n{}", said.err);
    assert!(!warns(&run));
}
