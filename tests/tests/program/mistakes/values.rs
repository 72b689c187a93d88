//! Mistakes in the keys and values of an entry.

use restudy_tests::Study;

use super::FILE;

#[test]
fn a_key_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(FILE, "endpoint: os, terms", "endpont: os, terms")
        .refuses(
            r#"
  × analyze.model (cox_model): `model` has no key `endpont`
    ╭─[pipeline.yaml:26:29]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpont: os, terms: [arm, age] }
    ·                             ───────
 27 │ report:
    ╰────
  help: did you mean `endpoint`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_key_that_is_missing() {
    Study::small_after_a_run()
        .replacing(FILE, "endpoint: os, terms: [arm, age]", "endpoint: os")
        .refuses(
            r#"
  × analyze.model (cox_model): `model` lacks the key `terms`
    ╭─[pipeline.yaml:26:29]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os }
    ·                             ────────
 27 │ report:
    ╰────
  help: `terms`: Columns of the model
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_setting_that_is_missing() {
    Study::small_after_a_run().replacing(FILE, "  data_status: example\n", "").refuses(
        r#"
  × `study` lacks the key `data_status`
   ╭─[pipeline.yaml:3:3]
 2 │ study:
 3 │   title: A small study
   ·   ─────
 4 │   patient: id
   ╰────
  help: `data_status`: Where the data come from; anything but `observed` is marked on every output
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn text_instead_of_a_list() {
    Study::small_after_a_run().replacing(FILE, "terms: [arm, age]", "terms: arm").refuses(
        r#"
  × analyze.model (cox_model): `terms` must be a list of texts, not `arm`
    ╭─[pipeline.yaml:26:50]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: arm }
    ·                                                  ───
 27 │ report:
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_list_instead_of_text() {
    Study::small_after_a_run()
        .replacing(FILE, "title: A small study", "title: [A small study]")
        .refuses(
            r#"
  × `title` must be text, not a list
   ╭─[pipeline.yaml:3:10]
 2 │ study:
 3 │   title: [A small study]
   ·          ─
 4 │   data_status: example
   ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_list_instead_of_a_mapping() {
    Study::small_after_a_run()
        .replacing(FILE, "levels: { old: [], new: [] }", "levels: [old, new]")
        .refuses(
            r#"
  × ingest.patients (csv): `levels` must be a mapping, not a list
    ╭─[pipeline.yaml:14:38]
 13 │       id: { type: id }
 14 │       arm: { type: category, levels: [old, new] }
    ·                                      ─
 15 │       age: { type: whole }
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn text_instead_of_a_number() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arm, rho: one }",
        )
        .refuses(
            r#"
  × analyze.comparison (log_rank): `rho` must be a number, not `one`
    ╭─[pipeline.yaml:25:61]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm, rho: one }
    ·                                                             ───
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn text_instead_of_yes_or_no() {
    Study::small_after_a_run()
        .replacing(FILE, "terms: [arm, age]", "terms: [arm, age], robust: perhaps")
        .refuses(
            r#"
  × analyze.model (cox_model): `robust` must be `true` or `false`, not `perhaps`
    ╭─[pipeline.yaml:26:70]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age], robust: perhaps }
    ·                                                                      ───────
 27 │ report:
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_number_out_of_range() {
    // 95 for 95% is what people write
    Study::small_after_a_run()
        .replacing(FILE, "index_date: started", "index_date: started\n  confidence_level: 95")
        .refuses(
            r#"
  × `confidence_level` must be at most 0.9999, not `95`
   ╭─[pipeline.yaml:8:21]
 7 │   index_date: started
 8 │   confidence_level: 95
   ·                     ──
 9 │ ingest:
   ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_word_that_is_no_choice() {
    Study::small_after_a_run()
        .replacing(FILE, "data_status: example", "data_status: real")
        .refuses(
            r#"
  × `data_status` cannot be `real`
   ╭─[pipeline.yaml:4:16]
 3 │   title: A small study
 4 │   data_status: real
   ·                ────
 5 │   patient: id
   ╰────
  help: there are: `observed`, `simulated`, `example`
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_type_that_is_no_choice() {
    Study::small_after_a_run()
        .replacing(FILE, "age: { type: whole }", "age: { type: integer }")
        .refuses(
            r#"
  × ingest.patients (csv): `type` cannot be `integer`
    ╭─[pipeline.yaml:15:20]
 14 │       arm: { type: category, levels: { old: [], new: [] } }
 15 │       age: { type: integer }
    ·                    ───────
 16 │       started: { type: date }
    ╰────
  help: there are: `text`, `id`, `whole`, `real`, `boolean`, `date`, `category`
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_kind_that_does_not_exist() {
    Study::small_after_a_run().replacing(FILE, "kind: cox_model", "kind: cox_modell").refuses(
        r#"
  × `analyze` has no kind `cox_modell`
    ╭─[pipeline.yaml:26:18]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_modell, endpoint: os, terms: [arm, age] }
    ·                  ──────────
 27 │ report:
    ╰────
  help: did you mean `cox_model`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_kind_of_another_section() {
    // a kind that there is, in another section
    Study::small_after_a_run().replacing(FILE, "kind: cox_model", "kind: derive").refuses(
        r#"
  × `analyze` has no kind `derive`
    ╭─[pipeline.yaml:26:18]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: derive, endpoint: os, terms: [arm, age] }
    ·                  ──────
 27 │ report:
    ╰────
  help: `derive` is a kind of `clean`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_entry_without_a_kind() {
    Study::small_after_a_run().replacing(FILE, "    kind: csv\n", "").refuses(
        r#"
  × `patients` lacks the key `kind`
    ╭─[pipeline.yaml:9:3]
  8 │ ingest:
  9 │   patients:
    ·   ────────
 10 │     path: data/patients.csv
    ╰────
  help: `ingest` has the kinds: csv, parquet, xlsx
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_empty_list() {
    Study::small_after_a_run().replacing(FILE, "terms: [arm, age]", "terms: []").refuses(
        r#"
  × analyze.model: `terms` is empty
    ╭─[pipeline.yaml:26:43]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [] }
    ·                                           ─────
 27 │ report:
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_term_that_stands_twice() {
    Study::small_after_a_run().replacing(FILE, "terms: [arm, age]", "terms: [arm, arm]").refuses(
        r#"
  × analyze.model: `arm` is listed twice
    ╭─[pipeline.yaml:26:56]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, arm] }
    ·                                                        ───
 27 │ report:
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}
