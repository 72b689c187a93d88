//! What becomes of lineage in the rules that make columns and pick rows.

use super::*;

#[test]
fn what_an_event_brings_is_known_from_its_day_on() {
    group("", "radiotherapy", FROM_START);
    group("", "rt_intent", FROM_START);
    group("  tried_group: { kind: derive, sql: rt_dose IS NOT NULL }\n", "tried_group", FROM_START);
    group(
        "  tried_group: { kind: derive, sql: rt_start - ici_start > 30 }\n",
        "tried_group",
        FROM_START,
    );
    // within a function, a comparison of text, the branches of an IF
    for sql in [
        "ROUND(COALESCE(rt_dose, 0)) > 1",
        "rt_intent LIKE 'cur%'",
        "NULLIF('a', rt_intent)",
        "IF(age > 60, CAST(rt_dose AS VARCHAR), 'none')",
        "CASE rt_intent WHEN 'curative' THEN 'a' ELSE 'b' END",
    ] {
        let rules = format!("  tried_group: {{ kind: derive, sql: \"{sql}\" }}\n");
        group(&rules, "tried_group", FROM_START);
        // how unknown values are taken changes nothing of what is known when
        let missing = rules.replace(" }\n", ", unknown: missing }\n");
        group(&missing, "tried_group", FROM_START);
    }
    group(
        "  copied: { kind: derive, sql: radiotherapy }\n  tried_group: { kind: derive, sql: UPPER(copied) }\n",
        "tried_group",
        FROM_START,
    );
    group(
        // other names for the levels are the same values
        "  recoded: { kind: recode, table: patients, columns: [rt_intent], levels: { curative: [], palliative: [] } }\n",
        "rt_intent",
        FROM_START,
    );
}

#[test]
fn a_renamed_date_is_the_same_date() {
    let rules = "  again: { kind: join, with: first_course, columns: [start_date], rename: { start_date: begun } }
  tried_group: { kind: derive, sql: begun IS NOT NULL }\n";
    group(rules, "tried_group", "is known only from `begun`, after time zero");
}

#[test]
fn a_count_over_all_rows_is_known_when_no_more_can_come() {
    let last = "is known only after the last `courses.start_date` of a patient";
    let count = |statistic: &str| {
        format!(
            "  counted: {{ kind: summarize, table: courses, into: counted, values: {{ courses: {statistic} }} }}
  brought: {{ kind: join, with: counted }}
  tried_group: {{ kind: derive, sql: \"COALESCE(courses, 0) > 0\" }}\n"
        )
    };
    group(&count("{ statistic: count }"), "tried_group", last);
    group(&count("{ statistic: max, column: dose }"), "tried_group", last);
    group(&count("{ statistic: sum, column: dose, where: dose > 10 }"), "tried_group", last);
    // the earliest date is itself the day on which it is known
    let rules = "  begun: { kind: summarize, table: courses, into: begun, values: { begun: { statistic: min, column: start_date } } }
  brought: { kind: join, with: begun }
  tried_group: { kind: derive, sql: begun IS NOT NULL }\n";
    group(rules, "tried_group", "is known only from `begun`, after time zero");
}

#[test]
fn a_constant_that_is_changed_by_a_condition_is_as_late_as_the_condition() {
    let rules = |what: &str| format!("  tried_group: {{ kind: derive, sql: \"'a'\" }}\n{what}");
    group(
        &rules(
            // the constant says nothing, that it was changed tells who was irradiated
            "  changed: { kind: assign, table: patients, where: rt_start IS NOT NULL, set: { tried_group: \"'b'\" }, reason: x }\n",
        ),
        "tried_group",
        FROM_START,
    );
    group(
        &rules(
            "  emptied: { kind: check_rows, table: patients, where: rt_dose > 20, reason: x, action: set_missing, fields: [tried_group] }\n",
        ),
        "tried_group",
        FROM_START,
    );
}

#[test]
fn rows_that_were_chosen_by_what_came_later_hand_it_on() {
    // The mark is the same for all rows. That a patient has a row to be marked is what
    // comes later.
    let exposed = "  exposed: { kind: select_row, table: patients, into: exposed, where: radiotherapy = 'rt', take: first }
  marked: { kind: derive, table: exposed, column: mark, sql: \"'yes'\" }
  back: { kind: join, with: exposed, columns: [mark] }
  tried_group: { kind: derive, sql: mark IS NOT NULL }\n";
    group(exposed, "tried_group", FROM_START);
    // the same by dropping rows, and below by excluding them
    let dropped = "  copy: { kind: select_row, table: patients, into: copy, take: first }
  dropped: { kind: check_rows, table: copy, where: rt_start IS NULL, reason: x, action: drop }
  marked: { kind: derive, table: copy, column: mark, sql: \"'yes'\" }
  back: { kind: join, with: copy, columns: [mark] }
  tried_group: { kind: derive, sql: mark IS NOT NULL }\n";
    group(dropped, "tried_group", FROM_START);
    let excluded = "  copy: { kind: select_row, table: patients, into: copy, take: first }
  out: { kind: exclude, table: copy, where: os_days < 120, reason: x }
  marked: { kind: derive, table: copy, column: mark, sql: \"'yes'\" }
  back: { kind: join, with: copy, columns: [mark] }
  tried_group: { kind: derive, sql: mark IS NOT NULL }\n";
    group(excluded, "tried_group", "is known only from `death_date`, after time zero");
}

#[test]
fn the_last_row_is_known_as_the_last_only_at_the_end() {
    let picked = |more: &str| {
        format!(
            "  picked: {{ kind: select_row, table: scans, into: picked, {more} }}
  brought: {{ kind: join, with: picked, columns: [size_mm] }}
  tried_group: {{ kind: derive, sql: size_mm > 30 }}\n"
        )
    };
    let late = "is known only after the last `scans.scan_date` of a patient";
    // each of these needs all scans to be known: no later one may come
    group(&picked("take: last, order: [scan_date]"), "tried_group", late);
    group(&picked("take: first"), "tried_group", late);
    group(&picked("take: first, order: [scan_date desc]"), "tried_group", late);
    group(&picked("take: first, order: [size_mm]"), "tried_group", late);
    group(&picked("take: nearest, date: scan_date"), "tried_group", late);
    group(
        // a window that ends after time zero is open until then
        &picked("take: last, order: [scan_date], date: scan_date, window: [-28 days, 7 days]"),
        "tried_group",
        late,
    );
    group_passes(
        // up to time zero: no scan that comes later can be in it
        &picked("take: last, order: [scan_date], date: scan_date, window: [-28 days, 0 days]"),
        "tried_group",
    );
    group_passes(
        &picked("take: nearest, date: scan_date, window: [-28 days, 0 days]"),
        "tried_group",
    );
    let kept = "  one_scan: { kind: deduplicate, table: scans, by: [id], near: keep_last }
  brought: { kind: join, with: scans, columns: [size_mm] }
  tried_group: { kind: derive, sql: size_mm > 30 }\n";
    group(kept, "tried_group", late);
    let beside_course = picked(
        "take: last, order: [scan_date], date: scan_date, to: rt_start, window: [-28 days, 0 days]",
    );
    group(&beside_course, "tried_group", FROM_START);
    // an expression looks at one row at a time
    let across = study(
        "  best: { kind: derive, table: scans, sql: MIN(size_mm) OVER (PARTITION BY id) }\n",
        "",
    );
    refused(&across.says("check"), "clean.best", "calls `MIN`, which is no function here");
}

#[test]
fn rows_up_to_time_zero_are_known_then() {
    let beside = "  beside: { kind: join, table: scans, with: first_dose, columns: [start_date], rename: { start_date: zero }, cardinality: many_to_one }\n";
    let picked = |condition: &str| {
        format!(
            "{beside}  picked: {{ kind: select_row, table: scans, into: picked, where: {condition}, take: last, order: [scan_date] }}
  brought: {{ kind: join, with: picked, columns: [size_mm] }}
  tried_group: {{ kind: derive, sql: size_mm > 30 }}\n"
        )
    };
    let late = "is known only after the last `scans.scan_date` of a patient";
    // a further condition makes fewer rows, an alternative lets later ones in
    group_passes(&picked("scan_date <= zero AND size_mm > 0"), "tried_group");
    group_passes(&picked("zero > scan_date"), "tried_group");
    group(&picked("scan_date <= zero OR size_mm > 0"), "tried_group", late);
    group(&picked("scan_date >= zero"), "tried_group", late);
    let count = |condition: &str| {
        format!(
            "{beside}  counted: {{ kind: summarize, table: scans, into: counted, values: {{ scans: {{ statistic: count, where: {condition} }} }} }}
  brought: {{ kind: join, with: counted, columns: [scans] }}
  tried_group: {{ kind: derive, sql: scans > 1 }}\n"
        )
    };
    // who has a scan at all is in the table of counts: that, too, must be bounded
    group(&count("scan_date <= zero"), "tried_group", late);
    let dropped = |condition: &str| {
        format!(
            "{beside}  up_to_zero: {{ kind: check_rows, table: scans, where: {condition}, reason: x, action: drop }}\n{}",
            count("size_mm > 0").replace(beside, "")
        )
    };
    // what comes later is dropped, so the rest is known at time zero
    group_passes(&dropped("scan_date > zero"), "tried_group");
    group(&dropped("scan_date < zero"), "tried_group", late);
    group(&dropped("scan_date > zero AND size_mm > 30"), "tried_group", late);
    // up to a date that is itself later is as late as that
    // 900 days after time zero
    let moved = picked("scan_date <= moved").replace(
        "  picked:",
        "  moved: { kind: derive, table: scans, sql: \"zero + INTERVAL '900 days'\" }\n  picked:",
    );
    group(&moved, "tried_group", late);
}

#[test]
fn a_table_of_another_name_does_not_take_the_date_of_time_zero() {
    let rules = "  again: { kind: select_row, table: courses, into: first_dose, take: first, order: [start_date] }
  brought: { kind: join, with: first_dose, columns: [start_date], rename: { start_date: begun } }
  tried_group: { kind: derive, sql: begun IS NOT NULL }\n";
    group(rules, "tried_group", "is known only from `begun`, after time zero");
}

#[test]
fn a_rule_says_from_when_on_the_rows_of_a_table_are_known() {
    let base = "  copies: { kind: select_row, table: patients, into: copies, take: first }\n";
    let rest = "  marked: { kind: derive, table: copies, column: mark, sql: \"'yes'\" }
  back: { kind: join, with: copies, columns: [mark] }\n";
    group_passes(&format!("{base}{rest}"), "mark");
    let dated = "  dated: { kind: known_from, table: copies, date: rt_start }\n";
    group(&format!("{base}{dated}{rest}"), "mark", FROM_START);
}

#[test]
fn a_declared_date_may_only_be_later() {
    let copy = |date: &str| {
        format!("  tried_group: {{ kind: derive, sql: radiotherapy, known_from: {date} }}\n")
    };
    refused(
        &study(&copy("ici_start"), "").says("check"),
        "clean.tried_group",
        "`ici_start` is earlier than `rt_start`, from which the expression is known",
    );
    let invented =
        |sql: &str| format!("  invented: {{ kind: derive, sql: {sql} }}\n{}", copy("invented"));
    let naive = "  tried: { kind: time_dependent_cox, endpoint: os, exposure: tried_group }\n";
    // that it is earlier than radiotherapy is seen in the data alone
    let sql = "\"ici_start + INTERVAL '1 day'\"";
    let said = study(&invented(sql), naive).says("run --quiet");
    refused(
        &said,
        "clean.tried_group",
        "`invented` is earlier than `rt_start`, from which the expression is known: line 2 (P01), line 5 (P04), line 8 (P07) and 11 more",
    );
    let later = study(&invented("\"CAST(rt_start + INTERVAL '1 day' AS DATE)\""), naive)
        .says("run --quiet");
    assert_eq!(later.code, 0, "{}", later.err);
    group(
        &invented("\"CAST(rt_start + INTERVAL '1 day' AS DATE)\""),
        "tried_group",
        "is known only from `invented`",
    );
}

#[test]
fn time_zero_is_one_date() {
    let mixed = Study::of_repository("tests/studies/radiotherapy")
        .replacing(FILE, "index_date: ici_start", "index_date: zero")
        .replacing(
            FILE,
            "  endpoints:",
            // the classic immortal time: whoever is irradiated starts later
            "  zero: { kind: derive, sql: \"COALESCE(rt_start, ici_start)\" }\n  endpoints:",
        );
    refused(
        &mixed.says("check"),
        "clean.zero",
        "the index date `zero` is made of `first_course.start_date` and `first_dose.start_date`",
    );
    let early = Study::of_repository("tests/studies/radiotherapy").replacing(
        FILE,
        "  index_date: { kind: join",
        // the same through the table that the index date is joined from
        "  courses_first: { kind: select_row, table: courses, into: begun, take: first, order: [start_date] }
  beside: { kind: join, table: first_dose, with: begun, columns: [start_date], rename: { start_date: begun } }
  moved: { kind: assign, table: first_dose, where: begun IS NOT NULL, set: { start_date: begun }, reason: x }
  index_date: { kind: join",
    );
    refused(
        &early.says("check"),
        "clean.index_date",
        "the index date `ici_start` is made of `begun.start_date` and `first_dose.start_date`",
    );
    let assigned = study(
        "  moved: { kind: assign, table: patients, where: rt_start IS NOT NULL, set: { ici_start: rt_start }, reason: x }\n",
        "",
    );
    refused(&assigned.says("check"), "clean.moved", "the index date `ici_start` is made of");
    // a copy of it, and one that is mended in itself, stay the same date
    let rules = "  mended: { kind: assign, table: patients, where: id = 'P01', set: { ici_start: CAST('2020-01-11' AS DATE) }, reason: x }
  drug_group: { kind: derive, sql: drug }\n";
    group_passes(rules, "drug_group");
}
