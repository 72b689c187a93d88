//! Mistakes in names: of tables, columns and entries.

use restudy_tests::Study;

use super::FILE;

#[test]
fn an_analysis_table_that_does_not_exist() {
    // many stages read the table: the mistake is told once, with the other places
    Study::small_after_a_run()
        .replacing(FILE, "analysis_table: patients", "analysis_table: patient")
        .refuses(
            r#"
  × clean.elderly: there is no table `patient` at this place
    ╭─[pipeline.yaml:21:3]
 20 │ clean:
 21 │   elderly: { kind: derive, sql: age >= 65 }
    ·   ───────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: did you mean `patients`?
        the same at 5 more places: 22:3 (clean.irradiated), 24:3 (analyze.survival), 25:3
        (analyze.comparison), 26:3 (analyze.model), 28:3 (report.curves)
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_column_that_does_not_exist_in_several_rules() {
    Study::small_after_a_run()
        .replacing(FILE, "  elderly: {", "  old: { kind: derive, sql: agee >= 70 }\n  older: { kind: derive, sql: agee >= 80 }\n  oldest: { kind: derive, sql: older AND agee >= 90 }\n  elderly: {")
        .refuses(
            r#"
  × clean.old: SQL expression names a column `agee` that the table does not have
    ╭─[pipeline.yaml:21:29]
 20 │ clean:
 21 │   old: { kind: derive, sql: agee >= 70 }
    ·                             ──────────
 22 │   older: { kind: derive, sql: agee >= 80 }
    ╰────
  help: did you mean `age`?
        the same at 1 more place: 22:31 (clean.older)
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_patient_column_that_does_not_exist() {
    Study::small_after_a_run().replacing(FILE, "patient: id", "patient: idd").refuses(
        r#"
  × analysis table `patients` has no column `idd`
   ╭─[pipeline.yaml:5:12]
 4 │   data_status: example
 5 │   patient: idd
   ·            ───
 6 │   analysis_table: patients
   ╰────
  help: did you mean `id`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_index_date_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(FILE, "index_date: started", "index_date: startd")
        .refuses(
            r#"
  × analysis table `patients` has no column `startd`
   ╭─[pipeline.yaml:7:15]
 6 │   analysis_table: patients
 7 │   index_date: startd
   ·               ──────
 8 │ ingest:
   ╰────
  help: did you mean `started`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_table_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(FILE, "elderly: { kind: derive,", "elderly: { kind: derive, table: patient,")
        .refuses(
            r#"
  × clean.elderly: there is no table `patient` at this place
    ╭─[pipeline.yaml:21:35]
 20 │ clean:
 21 │   elderly: { kind: derive, table: patient, sql: age >= 65 }
    ·                                   ───────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: did you mean `patients`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_table_that_is_made_later() {
    // the table is there in the end, but not yet at this rule
    Study::small_after_a_run()
        .replacing(FILE, "  elderly: {", "  first: { kind: derive, table: others, sql: age }\n  others: { kind: select_row, table: patients, into: others, take: first }\n  elderly: {")
        .refuses(
            r#"
  × clean.first: there is no table `others` at this place
    ╭─[pipeline.yaml:21:33]
 20 │ clean:
 21 │   first: { kind: derive, table: others, sql: age }
    ·                                 ──────
 22 │   others: { kind: select_row, table: patients, into: others, take: first }
    ╰────
  help: it is made further down, by `clean.others`: rules apply in the order of the file
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn an_entry_that_does_not_exist() {
    Study::small_after_a_run().replacing(FILE, "curves: survival,", "curves: surviwal,").refuses(
        r#"
  × report.curves: `analyze` has no entry `surviwal`
    ╭─[pipeline.yaml:28:61]
 27 │ report:
 28 │   curves: { kind: survival_figure, title: Survival, curves: surviwal, test: comparison }
    ·                                                             ────────
    ╰────
  help: did you mean `survival`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_entry_of_another_kind() {
    Study::small_after_a_run().replacing(FILE, "curves: survival,", "curves: comparison,").refuses(
        r#"
  × report.curves: `comparison` has no survival curves
    ╭─[pipeline.yaml:28:61]
 27 │ report:
 28 │   curves: { kind: survival_figure, title: Survival, curves: comparison, test: comparison }
    ·                                                             ──────────
    ╰────
  help: name an entry of kind `kaplan_meier`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_endpoint_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(FILE, "endpoint: os, terms", "endpoint: pfs, terms")
        .refuses(
            r#"
  × analyze.model: endpoint `pfs` needs `pfs_days` and `pfs_event` in table `patients`
    ╭─[pipeline.yaml:26:39]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: pfs, terms: [arm, age] }
    ·                                       ───
 27 │ report:
    ╰────
  help: there are: `os`
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_term_that_does_not_exist() {
    Study::small_after_a_run().replacing(FILE, "terms: [arm, age]", "terms: [arm, aeg]").refuses(
        r#"
  × analyze.model: table `patients` has no column `aeg`
    ╭─[pipeline.yaml:26:56]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, aeg] }
    ·                                                        ───
 27 │ report:
    ╰────
  help: did you mean `age`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_grouping_column_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arms }",
        )
        .refuses(
            r#"
  × analyze.comparison: table `patients` has no column `arms`
    ╭─[pipeline.yaml:25:51]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arms }
    ·                                                   ────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: did you mean `arm`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_reference_level_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(FILE, "terms: [arm, age]", "terms: [arm, age], references: { arm: olds }")
        .refuses(
            r#"
  × analyze.model: column `arm` has no level `olds`
    ╭─[pipeline.yaml:26:81]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age], references: { arm: olds } }
    ·                                                                                 ────
 27 │ report:
    ╰────
  help: did you mean `old`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn the_endpoint_as_a_term() {
    Study::small_after_a_run()
        .replacing(FILE, "terms: [arm, age]", "terms: [arm, os_event]")
        .refuses(
            r#"
  × analyze.model: term `os_event` is the endpoint `os` itself
    ╭─[pipeline.yaml:26:56]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, os_event] }
    ·                                                        ────────
 27 │ report:
    ╰────
  help: leave it out of `terms`
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn groups_by_a_date() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: started }",
        )
        .refuses(
            r#"
  × analyze.comparison: `started` holds dates, which make no groups
    ╭─[pipeline.yaml:25:51]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: started }
    ·                                                   ───────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: derive a category from it
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_group_that_is_known_only_later() {
    // whoever was irradiated has survived until then: immortal time
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: irradiated }",
        )
        .refuses(
            r#"
  × analyze.comparison: `irradiated` is known only from `irradiated_on`, after time zero
  │ (`started`): a patient must survive until then to get into the group
    ╭─[pipeline.yaml:25:51]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: irradiated }
    ·                                                   ──────────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`,
        `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare
        `immortal_time: naive` to do it all the same, with a warning on every finding
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_term_that_is_known_only_later() {
    Study::small_after_a_run()
        .replacing(FILE, "terms: [arm, age]", "terms: [arm, irradiated]")
        .refuses(
            r#"
  × analyze.model: `irradiated` is known only from `irradiated_on`, after time zero (`started`): a
  │ patient must survive until then to get into the group
    ╭─[pipeline.yaml:26:56]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, irradiated] }
    ·                                                        ──────────
 27 │ report:
    ╰────
  help: analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`,
        `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare
        `immortal_time: naive` to do it all the same, with a warning on every finding
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn mistakes_all_over_the_file_come_at_once() {
    // mistakes that different steps find come together
    Study::small_after_a_run()
        .replacing(FILE, "path: data/patients.csv", "path: data/patient.csv")
        .replacing(FILE, "curves: survival,", "curves: surviwal,")
        .replacing(FILE, "endpoint: os, terms", "endpont: os, terms")
        .refuses(
            r#"
  × ingest.patients: there is no file `data/patient.csv`
    ╭─[pipeline.yaml:11:11]
 10 │     kind: csv
 11 │     path: data/patient.csv
    ·           ────────────────
 12 │     columns:
    ╰────
  help: did you mean `data/patients.csv`?
  × analyze.model (cox_model): `model` has no key `endpont`
    ╭─[pipeline.yaml:26:29]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpont: os, terms: [arm, age] }
    ·                             ───────
 27 │ report:
    ╰────
  help: did you mean `endpoint`?
  × report.curves: `analyze` has no entry `surviwal`
    ╭─[pipeline.yaml:28:61]
 27 │ report:
 28 │   curves: { kind: survival_figure, title: Survival, curves: surviwal, test: comparison }
    ·                                                             ────────
    ╰────
  help: did you mean `survival`?
3 mistakes in pipeline.yaml: nothing was written
"#,
        );
}
