//! Mistakes in the raw files.

use restudy_tests::Study;

use super::{FILE, RAW};

#[test]
fn a_raw_file_that_does_not_exist() {
    // nothing of a similar name is there to be guessed
    Study::small_after_a_run().without(RAW).refuses(
        r#"
  × ingest.patients: there is no file `data/patients.csv`
    ╭─[pipeline.yaml:11:11]
 10 │     kind: csv
 11 │     path: data/patients.csv
    ·           ─────────────────
 12 │     columns:
    ╰────
  help: paths start from the folder of the pipeline file
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_raw_file_whose_name_is_misspelt() {
    Study::small_after_a_run().replacing(FILE, "data/patients.csv", "data/patient.csv").refuses(
        r#"
  × ingest.patients: there is no file `data/patient.csv`
    ╭─[pipeline.yaml:11:11]
 10 │     kind: csv
 11 │     path: data/patient.csv
    ·           ────────────────
 12 │     columns:
    ╰────
  help: did you mean `data/patients.csv`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_absolute_path() {
    // such a path would be right on one machine only
    Study::small_after_a_run().replacing(FILE, "data/patients.csv", "/data/patients.csv").refuses(
        r#"
  × ingest.patients: `/data/patients.csv` is an absolute path
    ╭─[pipeline.yaml:11:11]
 10 │     kind: csv
 11 │     path: /data/patients.csv
    ·           ──────────────────
 12 │     columns:
    ╰────
  help: write it relative to the pipeline file, so that the study runs on any machine
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_folder_instead_of_a_file() {
    Study::small_after_a_run().replacing(FILE, "path: data/patients.csv", "path: data").refuses(
        r#"
  × ingest.patients: failed to read `data`: is a directory
    ╭─[pipeline.yaml:11:11]
 10 │     kind: csv
 11 │     path: data
    ·           ────
 12 │     columns:
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_empty_raw_file() {
    Study::small_after_a_run().with(RAW, "").refuses(
        r#"
  × ingest.patients: data/patients.csv is empty
    ╭─[pipeline.yaml:11:11]
 10 │     kind: csv
 11 │     path: data/patients.csv
    ·           ─────────────────
 12 │     columns:
    ╰────
  help: its first line holds the names of the columns
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_column_that_the_file_lacks() {
    // `years` is too unlike `age` for a guess, so all are listed
    Study::small_after_a_run().replacing(RAW, "id,arm,age", "id,arm,years").refuses(
        r#"
  × ingest.patients: data/patients.csv has no column `age`
    ╭─[pipeline.yaml:15:7]
 14 │       arm: { type: category, levels: { old: [], new: [] } }
 15 │       age: { type: whole }
    ·       ───
 16 │       started: { type: date }
    ╰────
  help: there are: `id`, `arm`, `years`, `started`, `irradiated_on`, `os_days`, `os_event`
  × ingest.patients: data/patients.csv has columns that are not declared: `years`
    ╭─[pipeline.yaml:12:5]
 11 │     path: data/patients.csv
 12 │     columns:
    ·     ───────
 13 │       id: { type: id }
    ╰────
  help: declare them, or write `other_columns: ignore` to leave them out
2 mistakes in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn cells_that_do_not_fit() {
    // three columns in three rows: they come in the order of the file
    Study::small_after_a_run()
        .replacing(RAW, "2020-01-17", "17.01.2020")
        .replacing(RAW, ",55,", ",fifty,")
        .replacing(RAW, "A09,old", "A09,odl")
        .refuses(
            r#"
  × ingest.patients: data/patients.csv:3: column `started`: `17.01.2020` is not a date written as
  │ YYYY-MM-DD
    ╭─[pipeline.yaml:16:7]
 15 │       age: { type: whole }
 16 │       started: { type: date }
    ·       ───────
 17 │       irradiated_on: { type: date }
    ╰────
  help: correct the cell, or name its code in `missing:`, or read the column as `type: text` and
        mend it in `clean:`
  × ingest.patients: data/patients.csv:4: column `age`: `fifty` is not a whole number
    ╭─[pipeline.yaml:15:7]
 14 │       arm: { type: category, levels: { old: [], new: [] } }
 15 │       age: { type: whole }
    ·       ───
 16 │       started: { type: date }
    ╰────
  help: correct the cell, or name its code in `missing:`, or read the column as `type: text` and
        mend it in `clean:`
  × ingest.patients: data/patients.csv:10: column `arm`: `odl` is none of the levels
    ╭─[pipeline.yaml:14:7]
 13 │       id: { type: id }
 14 │       arm: { type: category, levels: { old: [], new: [] } }
    ·       ───
 15 │       age: { type: whole }
    ╰────
  help: did you mean `old`? otherwise add the spelling to its level under `levels:`, or to
        `missing:`
3 mistakes in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn an_event_that_is_no_whole_number() {
    // read as a number it might be cut to 1
    Study::small_after_a_run().replacing(RAW, ",310,1", ",310,1.5").refuses(
        r#"
  × ingest.patients: data/patients.csv:2: column `os_event`: `1.5` is not a whole number
    ╭─[pipeline.yaml:19:7]
 18 │       os_days: { type: whole }
 19 │       os_event: { type: whole }
    ·       ────────
 20 │ clean:
    ╰────
  help: correct the cell, or name its code in `missing:`, or read the column as `type: text` and
        mend it in `clean:`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_row_that_is_cut_off() {
    Study::small_after_a_run()
        .replacing(RAW, "A03,old,55,2020-02-03,,122,1", "A03,old,55")
        .refuses(
            r#"
  × ingest.patients: data/patients.csv:4: the row has 3 cells, the header 7
    ╭─[pipeline.yaml:9:3]
  8 │ ingest:
  9 │   patients:
    ·   ────────
 10 │     kind: csv
    ╰────
  help: write a delimiter for every cell, also for empty ones, and put a cell that holds a line
        break in quotation marks
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_quotation_mark_that_is_never_closed() {
    // it swallows all rows below, so only the row where it opens can be told
    Study::small_after_a_run().replacing(RAW, "A03,old", r#"A03,"old"#).refuses(
        r#"
  × ingest.patients: data/patients.csv:4: a quotation mark that opens in this row is never closed
    ╭─[pipeline.yaml:9:3]
  8 │ ingest:
  9 │   patients:
    ·   ────────
 10 │     kind: csv
    ╰────
  help: put the whole cell in quotation marks, and double each mark that belongs to its text
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn bytes_of_another_encoding() {
    // a letter of windows-1252
    Study::small_after_a_run()
        .with(
            RAW,
            b"id,arm,age,started,irradiated_on,os_days,os_event\nA\xdf,old,61,2020-01-10,,310,1\n",
        )
        .refuses(
            r#"
  × ingest.patients: data/patients.csv:2: byte 2 of the line (0xDF) is not UTF-8
    ╭─[pipeline.yaml:9:3]
  8 │ ingest:
  9 │   patients:
    ·   ────────
 10 │     kind: csv
    ╰────
  help: declare the encoding in which the file was saved: `encoding: utf_8`, `gb18030` (Chinese)
        or `windows_1252` (western European)
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_required_cell_that_is_empty() {
    Study::small_after_a_run()
        .replacing(FILE, "age: { type: whole }", "age: { type: whole, required: true }")
        .replacing(RAW, ",61,", ",,")
        .refuses(
            r#"
  × ingest.patients: data/patients.csv:2: column `age`: the cell is empty, but the column is
  │ required
    ╭─[pipeline.yaml:15:7]
 14 │       arm: { type: category, levels: { old: [], new: [] } }
 15 │       age: { type: whole, required: true }
    ·       ───
 16 │       started: { type: date }
    ╰────
  help: fill it in, or take `required` from the column
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn an_identifier_that_stands_twice() {
    Study::small_after_a_run()
        .replacing(FILE, "id: { type: id }", "id: { type: id, unique: true }")
        .replacing(RAW, "A02,", "A01,")
        .refuses(
            r#"
  × ingest.patients: data/patients.csv:3: column `id`: `A01` stands already in line 2, and the
  │ column is unique
    ╭─[pipeline.yaml:13:7]
 12 │     columns:
 13 │       id: { type: id, unique: true }
    ·       ──
 14 │       arm: { type: category, levels: { old: [], new: [] } }
    ╰────
  help: correct one of them, or take `unique` from the column and drop repeated rows in `clean:`
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn what_a_terminal_would_obey_is_spelled_out() {
    // an escape that clears the screen, and a mark that turns the direction of writing
    let said = Study::small()
        .with("data/patients.csv", "id,arm,age,started,irradiated_on,os_days,os_event\np1,\u{1B}[2Jold\u{202E},6,2020-01-01,,5,1\n")
        .says("run");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("<U+001B>[2Jold<U+202E>"), "{}", said.err);
    assert!(!said.err.contains(['\u{1B}', '\u{202E}']), "{}", said.err);
}
