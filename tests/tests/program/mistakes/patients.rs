//! Mistakes that only the patients show.

use restudy_tests::Study;

use super::{FILE, RAW};

#[test]
fn a_table_without_rows() {
    // a header alone is in order as a file
    Study::small_after_a_run()
        .with(RAW, "id,arm,age,started,irradiated_on,os_days,os_event\n")
        .refuses(
            r#"
  × analyze.survival: table `patients` has no rows
    ╭─[pipeline.yaml:24:3]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·   ────────
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: the same at 2 more places: 25:3 (analyze.comparison), 26:3 (analyze.model)
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_condition_that_nobody_meets() {
    // nobody is that old
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arm, where: age > 300 }",
        )
        .refuses(
            r#"
  × analyze.comparison: no patient is left: `age > 300` holds for none of 12
    ╭─[pipeline.yaml:25:63]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm, where: age > 300 }
    ·                                                               ─────────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: a condition on a missing value does not hold
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_rule_that_leaves_nobody() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "  irradiated: {",
            "  adults: { kind: exclude, where: age >= 18, reason: an adult }\n  irradiated: {",
        )
        .refuses(
            r#"
  × clean.adults: no patient is left of 12
    ╭─[pipeline.yaml:22:35]
 21 │   elderly: { kind: derive, sql: age >= 65 }
 22 │   adults: { kind: exclude, where: age >= 18, reason: an adult }
    ·                                   ─────────
 23 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: the condition holds for every patient, or none reached this rule
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn no_events() {
    // curves without events can be drawn, so they are not refused
    Study::small_after_a_run().replacing(RAW, ",1\n", ",0\n").refuses(
        r#"
  × analyze.comparison: no events: `os_event` is no for all 12 patients of the analysis
    ╭─[pipeline.yaml:25:43]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ·                                           ──
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: nothing can be compared without events
        the same at 1 more place: 26:39 (analyze.model)
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn one_arm() {
    // the level is declared and has no patients
    Study::small_after_a_run().replacing(RAW, ",new,", ",old,").refuses(
        r#"
  × analyze.survival: group `new` of `arm` has no patients
    ╭─[pipeline.yaml:24:53]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·                                                     ───
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: leave the level out of the column's levels, or widen `where`
        the same at 1 more place: 25:51 (analyze.comparison)
  × analyze.model: term `arm` is constant: it is the same for all 12 patients of the model
    ╭─[pipeline.yaml:26:51]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ·                                                   ───
 27 │ report:
    ╰────
  help: leave it out of `terms`
2 mistakes in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn one_arm_left_by_a_condition() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arm, where: arm = 'old' }",
        )
        .refuses(
            r#"
  × analyze.comparison: group `new` of `arm` has no patients
    ╭─[pipeline.yaml:25:51]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm, where: arm = 'old' }
    ·                                                   ───
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: leave the level out of the column's levels, or widen `where`
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_category_of_one_level() {
    Study::small_after_a_run()
        // here there is no second level at all
        .replacing(FILE, "levels: { old: [], new: [] }", "levels: { old: [new] }")
        .refuses(
            r#"
  × analyze.survival: `arm` makes one group only: everybody is `old`
    ╭─[pipeline.yaml:24:53]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·                                                     ───
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: groups need a column of two levels or more
        the same at 1 more place: 25:51 (analyze.comparison)
  × analyze.model: term `arm` is constant: it is the same for all 12 patients of the model
    ╭─[pipeline.yaml:26:51]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ·                                                   ───
 27 │ report:
    ╰────
  help: leave it out of `terms`
2 mistakes in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_negative_time() {
    // as an end before the beginning gives
    Study::small_after_a_run().replacing(RAW, ",310,1", ",-310,1").refuses(
        r#"
  × analyze.survival: follow-up `os_days` is negative for patient `A01`: -310 days
    ╭─[pipeline.yaml:24:45]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·                                             ──
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: an end before the index date: mend the dates with a cleaning rule
        the same at 2 more places: 25:43 (analyze.comparison), 26:39 (analyze.model)
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_event_that_is_neither_0_nor_1() {
    // some programs code death as 2, which must not be taken for yes or no
    Study::small_after_a_run().replacing(RAW, ",310,1", ",310,2").refuses(
        r#"
  × analyze.survival: event column `os_event` holds `2` for patient `A01`, where an event is yes
  │ or no (1 or 0)
    ╭─[pipeline.yaml:24:45]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·                                             ──
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: derive it, as in `status = 2`
        the same at 2 more places: 25:43 (analyze.comparison), 26:39 (analyze.model)
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_endpoint_that_everybody_lacks() {
    Study::small_after_a_run()
        .replacing(FILE, "os_days: { type: whole }", r#"os_days: { type: whole, missing: ["64", "95", "122", "150", "201", "288", "310", "345", "398", "421", "455", "512"] }"#)
        .refuses(
            r#"
  × analyze.survival: endpoint `os` is missing for every patient
    ╭─[pipeline.yaml:24:45]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·                                             ──
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: the same at 2 more places: 25:43 (analyze.comparison), 26:39 (analyze.model)
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn two_rows_of_one_patient() {
    // such a patient would count twice
    Study::small_after_a_run().replacing(RAW, "A02,", "A01,").refuses(
        r#"
  × analyze.survival: table `patients` has 2 rows for patient `A01`
    ╭─[pipeline.yaml:24:3]
 23 │ analyze:
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
    ·   ────────
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
    ╰────
  help: an analysis needs one row per patient: let a cleaning rule drop the repeats or sum them up
        the same at 2 more places: 25:3 (analyze.comparison), 26:3 (analyze.model)
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}
