//! What is known when, and who is who, on whole studies: every way round the
//! guard against immortal time that was thought of is refused or told, and
//! what is known at time zero passes.

use restudy_tests::{Said, Study};

const FILE: &str = "pipeline.yaml";

/// The study with more rules and analyses.
fn study(rules: &str, analyses: &str) -> Study {
    Study::of_repository("tests/studies/radiotherapy")
        .replacing(FILE, "  # more rules\n", rules)
        .replacing(FILE, "  # more analyses\n", analyses)
}

fn log_rank(by: &str) -> String {
    format!("  tried: {{ kind: log_rank, endpoint: os, by: {by} }}\n")
}

/// `check` finds a mistake that says this, at this stage.
#[track_caller]
fn refused(said: &Said, stage: &str, message: &str) {
    assert_eq!(said.code, 1, "it passed: {}", said.out);
    let plain =
        |text: &str| text.replace("\n  │", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let found = plain(&said.err);
    assert!(found.contains(&format!("× {stage}: ")), "no mistake at {stage}:\n{}", said.err);
    assert!(found.contains(message), "nothing says `{message}`:\n{}", said.err);
}

/// A group that rules make is refused, in these words.
#[track_caller]
fn group(rules: &str, by: &str, message: &str) {
    refused(&study(rules, &log_rank(by)).says("check"), "analyze.tried", message);
}

/// The same group passes.
#[track_caller]
fn group_passes(rules: &str, by: &str) {
    let said = study(rules, &log_rank(by)).says("check");
    assert_eq!(said.code, 0, "{}", said.err);
}

const FROM_START: &str = "is known only from `rt_start`, after time zero (`ici_start`)";

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
        let missing = rules.replace(" }\n", ", unknown: missing }\n");
        group(&missing, "tried_group", FROM_START);
    }
    group(
        "  copied: { kind: derive, sql: radiotherapy }\n  tried_group: { kind: derive, sql: UPPER(copied) }\n",
        "tried_group",
        FROM_START,
    );
    group(
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
    let exposed = "  exposed: { kind: select_row, table: patients, into: exposed, where: radiotherapy = 'rt', take: first }
  marked: { kind: derive, table: exposed, column: mark, sql: \"'yes'\" }
  back: { kind: join, with: exposed, columns: [mark] }
  tried_group: { kind: derive, sql: mark IS NOT NULL }\n";
    group(exposed, "tried_group", FROM_START);
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
    group(&picked("take: last, order: [scan_date]"), "tried_group", late);
    group(&picked("take: first"), "tried_group", late);
    group(&picked("take: first, order: [scan_date desc]"), "tried_group", late);
    group(&picked("take: first, order: [size_mm]"), "tried_group", late);
    group(&picked("take: nearest, date: scan_date"), "tried_group", late);
    group(
        &picked("take: last, order: [scan_date], date: scan_date, window_days: [-28, 7]"),
        "tried_group",
        late,
    );
    group_passes(
        &picked("take: last, order: [scan_date], date: scan_date, window_days: [-28, 0]"),
        "tried_group",
    );
    group_passes(&picked("take: nearest, date: scan_date, window_days: [-28, 0]"), "tried_group");
    let kept = "  one_scan: { kind: deduplicate, table: scans, by: [id], near: keep_last }
  brought: { kind: join, with: scans, columns: [size_mm] }
  tried_group: { kind: derive, sql: size_mm > 30 }\n";
    group(kept, "tried_group", late);
    let beside_course = picked(
        "take: last, order: [scan_date], date: scan_date, to: rt_start, window_days: [-28, 0]",
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
    group_passes(&dropped("scan_date > zero"), "tried_group");
    group(&dropped("scan_date < zero"), "tried_group", late);
    group(&dropped("scan_date > zero AND size_mm > 30"), "tried_group", late);
    // up to a date that is itself later is as late as that
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

#[test]
fn every_way_into_an_analysis_is_guarded() {
    let tried =
        |parameters: &str| study("", &format!("  tried: {{ {parameters} }}\n")).says("check");
    let duration = "  ici_days: { kind: derive, sql: ici_stop - ici_start }\n";
    for parameters in [
        "kind: log_rank, endpoint: os, by: sex, strata: [radiotherapy]",
        "kind: cox_model, endpoint: os, terms: [age], strata: [rt_intent]",
        "kind: cox_model, endpoint: os, terms: [age, rt_dose]",
        "kind: cox_model, endpoint: os, terms: [age], univariable: [rt_dose]",
        "kind: cox_model, endpoint: os, terms: [age], offset: rt_dose",
        "kind: cox_model, endpoint: os, terms: [age], cluster: rt_intent",
        "kind: cox_model, endpoint: os, terms: [age, sex, radiotherapy], interactions: [[sex, radiotherapy]]",
        "kind: propensity_score, treatment: radiotherapy, terms: [age], weights: overlap",
        "kind: propensity_score, treatment: sex, terms: [rt_dose], weights: overlap",
        "kind: baseline_table, by: radiotherapy, variables: [age]",
        "kind: group_difference, by: radiotherapy, variables: [age]",
        "kind: survival_comparison, endpoint: os, by: radiotherapy",
        "kind: survival_difference, endpoint: os, by: radiotherapy, at: [100]",
        "kind: time_dependent_cox, endpoint: os, exposure: radiotherapy, terms: [rt_dose]",
        "kind: proportional_hazards, endpoint: os, terms: [radiotherapy]",
        "kind: parametric_model, endpoint: os, terms: [radiotherapy]",
    ] {
        refused(&tried(parameters), "analyze.tried", FROM_START);
    }
    let term = |rules: &str, terms: &str| {
        study(rules, &format!("  tried: {{ kind: cox_model, endpoint: os, terms: [{terms}] }}\n"))
            .says("check")
    };
    refused(&term(duration, "ici_days"), "analyze.tried", "is known only from `ici_stop`, after");
    let other = "  pfs: { kind: endpoints, define: { pfs: { label: Other, event: [death_date], censor: ici_stop } } }\n";
    refused(&term(other, "pfs_days"), "analyze.tried", "`pfs_days` is known only from");
    let scans = "  counted: { kind: summarize, table: scans, into: counted, values: { scans: { statistic: count } } }
  brought: { kind: join, with: counted }\n";
    refused(
        &term(scans, "scans"),
        "analyze.tried",
        "is known only after the last `scans.scan_date`",
    );
    assert_eq!(term("", "age, sex, drug").code, 0);
}

#[test]
fn weights_hand_on_what_they_are_made_of() {
    let score = "  score: { kind: propensity_score, treatment: radiotherapy, terms: [age], weights: overlap, immortal_time: naive }\n";
    for model in [
        "kind: cox_model, endpoint: os, terms: [age], weights: score",
        "kind: kaplan_meier, endpoint: os, by: sex, weights: score",
        "kind: log_rank, endpoint: os, by: sex, weights: score",
    ] {
        let analyses = format!("{score}  tried: {{ {model} }}\n");
        refused(
            &study("", &analyses).says("check"),
            "analyze.tried",
            "what the weights `score` are of is known only from `rt_start`",
        );
    }
    let naive = format!(
        "{score}  tried: {{ kind: cox_model, endpoint: os, terms: [age], weights: score, immortal_time: naive }}\n"
    );
    let run = study("", &naive);
    run.says("run --quiet").succeeds();
    let lines = findings(&run, "tried.");
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| {
        line.contains("what the weights `score` are of becomes known only after time zero")
    }));
}

/// The lines of the results on findings whose id begins so.
fn findings(study: &Study, prefix: &str) -> Vec<String> {
    let text = study.read("reports/results/findings.csv");
    text.lines().filter(|line| line.starts_with(prefix)).map(str::to_owned).collect()
}

#[test]
fn derived_columns_of_a_pooled_model_are_guarded() {
    let pooled = "  completed: { kind: multiple_imputation, endpoint: os, variables: [age], imputations: 5 }
  tried: { kind: pooled_cox_model, imputations: completed, endpoint: os, terms: [age, given], derived: { given: rt_dose IS NOT NULL } }\n";
    refused(&study("", pooled).says("check"), "analyze.tried", FROM_START);
}

#[test]
fn patients_who_were_chosen_by_what_came_later_are_told_of() {
    let analyses = "  curve: { kind: kaplan_meier, endpoint: os, where: radiotherapy = 'rt' }
  table: { kind: baseline_table, variables: [age], where: radiotherapy = 'rt' }\n";
    let run = study("", analyses);
    run.says("run --quiet").succeeds();
    for prefix in ["curve.", "table."] {
        let lines = findings(&run, prefix);
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| line.contains(
            "patients are chosen by radiotherapy, which becomes known only after time zero"
        )));
    }
    let dropped = "  dropped: { kind: check_rows, table: patients, where: os_days < 150, reason: x, action: drop }\n";
    let run = study(dropped, "");
    run.says("run --quiet").succeeds();
    assert!(findings(&run, "survival.").iter().all(|line| {
        line.contains("patients are in the table by what becomes known only after time zero")
    }));
}

#[test]
fn an_exclusion_that_looks_ahead_is_told_in_the_flow() {
    let flow = |rules: &str| {
        let run = study(rules, "").replacing(FILE, "  results: { kind: results }", "  results: { kind: results }\n  flow: { kind: flow_figure, title: Flow, screened: Screened, analysed: Analysed }\n  page: { kind: supplement, title: A page, sections: [{ heading: Flow, exhibits: [flow] }] }");
        run.says("run --quiet").succeeds();
        run.read("reports/supplement.html")
            .contains("excludes by what becomes known only after time zero")
    };
    assert!(flow(
        "  early: { kind: exclude, where: radiotherapy = 'no_rt' AND os_days < 120, reason: Died early }\n"
    ));
    assert!(!flow("  young: { kind: exclude, where: age < 50, reason: Young }\n"));
    assert!(!flow(
        "  before: { kind: exclude, where: rt_start < ici_start OR age < 50, reason: Irradiated before }\n"
    ));
    assert!(flow(
        "  before: { kind: exclude, where: rt_start < ici_stop OR age < 50, reason: Irradiated on treatment }\n"
    ));
}

#[test]
fn identifiers_are_not_printed() {
    let number = "identifies patients: its values cannot be printed";
    group("", "id", number);
    group("", "hospital_number", number);
    group(
        "  tried_group: { kind: derive, sql: \"SUBSTR(hospital_number, 1, 5) || sex\" }\n",
        "tried_group",
        number,
    );
    group(
        "  tried_group: { kind: derive, sql: CASE WHEN age > 60 THEN id END }\n",
        "tried_group",
        number,
    );
    group("", "_line", number);
    group_passes(
        "  tried_group: { kind: derive, sql: hospital_number = 'MRN1017' }\n",
        "tried_group",
    );
    let levels = study("  tried_group: { kind: derive, sql: id, levels: [P01] }\n", "");
    refused(
        &levels.says("check"),
        "clean.tried_group",
        "identifies patients: it has no levels to print",
    );
    for parameters in [
        "kind: baseline_table, variables: [age, hospital_number]",
        "kind: cox_model, endpoint: os, terms: [hospital_number]",
        "kind: log_rank, endpoint: os, by: sex, strata: [hospital_number]",
        "kind: propensity_score, treatment: hospital_number, terms: [age], weights: overlap",
    ] {
        let said = study("", &format!("  tried: {{ {parameters} }}\n")).says("check");
        refused(&said, "analyze.tried", number);
    }
}

#[test]
fn what_a_file_declares_must_be_there() {
    let with = |from: &str, to: &str| {
        let study = Study::of_repository("tests/studies/radiotherapy");
        study.replacing(FILE, from, to).says("check")
    };
    let said = with("known_from: scan_date", "known_from: scanned");
    refused(&said, "ingest.scans", "table `scans` declares no column `scanned`");
    let said = with("dose: { type: real }", "dose: { type: real, known_from: dose }");
    refused(&said, "ingest.courses", "column `dose` does not hold dates");
    // a column may be known later than its row
    let late = with("age: { type: whole }", "age: { type: whole }");
    assert_eq!(late.code, 0, "{}", late.err);
    let study = Study::of_repository("tests/studies/radiotherapy")
        .replacing(FILE, "drug: { type: text }", "drug: { type: text, known_from: stop_date }")
        .replacing(FILE, "  # more analyses\n", &log_rank("drug"));
    refused(
        &study.says("check"),
        "analyze.tried",
        "is known only from `ici_stop`, after time zero",
    );
}

#[test]
fn the_outcome_is_no_term() {
    let file = "analyze:\n  survival: { kind: kaplan_meier, endpoint: os, by: arm }";
    let tried =
        format!("{file}\n  tried: {{ kind: cox_model, endpoint: pfs, terms: [age, os_days] }}");
    let study = Study::small()
        .replacing(FILE, file, &tried)
        .replacing(FILE, "analyze:", "  pfs: { kind: endpoints, define: { pfs: { label: Other, event: [irradiated_on], censor: started } } }\nanalyze:");
    refused(
        &study.says("check"),
        "analyze.tried",
        "`os_days` is the outcome `os`, known only after time zero",
    );
}

#[test]
fn explain_names_what_the_number_is_made_of_and_no_more() {
    let run = study("  unused: { kind: derive, sql: age + 1 }\n", "");
    run.says("run --quiet").succeeds();
    let said = run.says("explain survival.median.female");
    assert_eq!(said.code, 0, "{}", said.err);
    let made = said.out.split_once("columns:").expect("columns").1;
    let lines: Vec<&str> =
        made.lines().map(str::trim).filter(|line| line.starts_with('-')).collect();
    let stages: Vec<&str> = (lines.iter())
        .filter_map(|line| line.strip_prefix("- ")?.split_once("  line ").map(|(stage, _)| stage))
        .collect();
    assert_eq!(
        stages,
        [
            "ingest.patients",
            "ingest.treatments",
            "ingest.followup",
            "clean.first_dose",
            "clean.index_date",
            "clean.follow_up",
            "clean.endpoints",
            "analyze.survival",
        ]
    );
    for present in ["- patients.sex", "- followup.death_date", "- treatments.start_date"] {
        assert!(lines.contains(&present), "{present} is not in {lines:?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with("- courses.") || line.contains("age")));
}

#[test]
fn the_study_itself_passes() {
    study("", "  timed: { kind: time_dependent_cox, endpoint: os, exposure: radiotherapy, terms: [age, drug] }\n")
        .says("run --quiet")
        .succeeds();
}
