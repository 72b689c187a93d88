//! Mistakes in the form of the pipeline file.

use restudy_tests::Study;

use super::FILE;

#[test]
fn there_is_no_pipeline_file() {
    Study::small_after_a_run().without(FILE).refuses(
        r#"
error: failed to read `pipeline.yaml`: there is no such file
 help: name the pipeline file: `restudy run path/to/pipeline.yaml`
"#,
    );
}

#[test]
fn an_empty_file() {
    Study::small_after_a_run().with(FILE, "").refuses(
        r#"
  × the file must hold `restudy: 1`, `study:` and stages
   ╭─[pipeline.yaml:1:1]
   ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_list_instead_of_sections() {
    Study::small_after_a_run().with(FILE, "- one\n- two\n").refuses(
        r#"
  × the file must hold `restudy: 1`, `study:` and stages
   ╭─[pipeline.yaml:1:1]
 1 │ - one
   · ▲
 2 │ - two
   ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn bytes_that_are_no_text() {
    // there are no lines to show of what is no text
    Study::small_after_a_run().with(FILE, b"restudy: 1\nstudy: \xff\n").refuses(
        r#"
error: `pipeline.yaml` is not UTF-8 text at byte 18
"#,
    );
}

#[test]
fn a_bracket_that_is_never_closed() {
    Study::small_after_a_run().replacing(FILE, "ingest:", "ingest: [").refuses(
        r#"
  × this is not readable YAML: while parsing a flow mapping, did not find expected ',' or '}'
    ╭─[pipeline.yaml:10:9]
  9 │   patients:
 10 │     kind: csv
    ·         ─
 11 │     path: data/patients.csv
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn both_sides_of_a_merge() {
    Study::small_after_a_run().replacing(FILE, "analyze:\n", "<<<<<<< HEAD\nanalyze:\n").refuses(
        r#"
  × this is not readable YAML: simple key expected ':'
    ╭─[pipeline.yaml:23:1]
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
 23 │ <<<<<<< HEAD
    · ─
 24 │ analyze:
    ╰────
  help: both sides of a merge stand in this file: keep one of them
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_tab_for_indentation() {
    Study::small_after_a_run().replacing(FILE, "  patients:\n", "\tpatients:\n").refuses(
        r#"
  × this is not readable YAML: tabs disallowed within this context (block indentation)
    ╭─[pipeline.yaml:9:2]
  8 │ ingest:
  9 │     patients:
    ·     ─
 10 │     kind: csv
    ╰────
  help: indent with blanks instead of tabs
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_entry_that_stands_twice() {
    // a reader of YAML may take the last of two and drop the first
    Study::small_after_a_run().replacing(FILE, "  comparison:", "  survival:").refuses(
        r#"
  × the key `survival` stands here a second time
    ╭─[pipeline.yaml:25:3]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   survival: { kind: log_rank, endpoint: os, by: arm }
    ·   ────────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: take one of the two out, or give it another name
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_key_that_stands_twice() {
    Study::small_after_a_run()
        .replacing(FILE, "endpoint: os, terms", "endpoint: os, endpoint: os, terms")
        .refuses(
            r#"
  × the key `endpoint` stands here a second time
    ╭─[pipeline.yaml:26:43]
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm }
 26 │   model: { kind: cox_model, endpoint: os, endpoint: os, terms: [arm, age] }
    ·                                           ────────
 27 │ report:
    ╰────
  help: take one of the two out, or give it another name
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn an_alias_of_nothing() {
    Study::small_after_a_run().replacing(FILE, "title: A small study", "title: *other").refuses(
        r#"
  × this is not readable YAML: alias references unknown anchor
   ╭─[pipeline.yaml:3:10]
 2 │ study:
 3 │   title: *other
   ·          ─
 4 │   data_status: example
   ╰────
  help: a text that begins with `*` stands in quotes: title: "*other"
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn another_format() {
    Study::small_after_a_run().replacing(FILE, "restudy: 1", "restudy: 2").refuses(
        r#"
  × this program reads files of format 1, not `2`
   ╭─[pipeline.yaml:1:10]
 1 │ restudy: 2
   ·          ─
 2 │ study:
   ╰────
  help: write `restudy: 1` on the first line
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn no_format() {
    Study::small_after_a_run().replacing(FILE, "restudy: 1\n", "").refuses(
        r#"
  × the file does not say which format it has
   ╭─[pipeline.yaml:1:1]
 1 │ study:
   · ▲
 2 │   title: A small study
   ╰────
  help: write `restudy: 1` on the first line
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_section_that_does_not_exist() {
    Study::small_after_a_run().replacing(FILE, "report:", "reports:").refuses(
        r#"
  × the file has no section `reports`
    ╭─[pipeline.yaml:27:1]
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
 27 │ reports:
    · ───────
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
    ╰────
  help: did you mean `report`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_file_without_study() {
    // two mistakes with one cause, as the second could also come alone
    Study::small_after_a_run().replacing(FILE, "study:\n", "studdy:\n").refuses(
        r#"
  × the file has no section `studdy`
   ╭─[pipeline.yaml:2:1]
 1 │ restudy: 1
 2 │ studdy:
   · ──────
 3 │   title: A small study
   ╰────
  help: did you mean `study`?
  × the file lacks the key `study`
   ╭─[pipeline.yaml:1:1]
 1 │ restudy: 1
   · ▲
 2 │ studdy:
   ╰────
  help: it says what the study is: title, data_status, patient, analysis_table
2 mistakes in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_name_that_is_no_name() {
    Study::small_after_a_run().replacing(FILE, "  elderly:", "  Elderly-People:").refuses(
        r#"
  × `Elderly-People` is not a name
    ╭─[pipeline.yaml:21:3]
 20 │ clean:
 21 │   Elderly-People: { kind: derive, sql: age >= 65 }
    ·   ──────────────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: a name has small letters, digits and `_`, and starts with a letter
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_entry_that_is_no_mapping() {
    Study::small_after_a_run()
        .replacing(FILE, "ingest:\n", "ingest:\n  visits: data/visits.csv\n")
        .refuses(
            r#"
  × `visits` lacks the key `kind`
    ╭─[pipeline.yaml:9:3]
  8 │ ingest:
  9 │   visits: data/visits.csv
    ·   ──────
 10 │   patients:
    ╰────
  help: `ingest` has the kinds: csv, parquet, xlsx
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}
