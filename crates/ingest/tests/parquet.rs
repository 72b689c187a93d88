//! `kind: parquet`: what it makes of a file, and what it reports, in full.

mod support;

use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;
use restudy_ingest::Parquet;
use support::{ingest, problems, values};

fn written(mut frame: DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        // three rows make two groups, so that reading over the end of a group is tried
        .with_row_group_size(Some(2))
        .finish(&mut frame)
        .expect("the frame is written");
    bytes
}

fn patients() -> DataFrame {
    // 28 February 1950, 1 January 1970 and 14 April 2019 in days from 1970
    let days = Int32Chunked::from_slice("born".into(), &[-7247, 0, 18_000]).into_date();
    // two midnights and a noon, in microseconds
    let hours = [Some(0), Some(86_400_000_000), Some(43_200_000_000)];
    let seen = Int64Chunked::from_iter_options("seen".into(), hours.into_iter())
        .into_datetime(TimeUnit::Microseconds, None);
    let frame = df!(
        "id" => ["P1", "P2", "P3"],
        "cycles" => [Some(4i32), Some(999), None],
        "albumin" => [Some(36.5f64), Some(40.0), None],
        // as a double, 0.1 of 32 bits would show many more digits
        "dose" => [0.1f32, 2.0, 3.5],
        "dead" => [Some(true), Some(false), None],
        "sex" => [1i64, 2, 2],
    );
    let mut frame = frame.expect("columns of one length");
    frame.with_column(days.into_column()).expect("three rows");
    frame.with_column(seen.into_column()).expect("three rows");
    frame
}

const PATIENTS: &str = "
path: data/raw/p.parquet
missing: ['999']
misfits: set_missing
columns:
  id: { type: id, required: true, unique: true }
  sex: { type: category, levels: { female: ['2'], male: ['1'] } }
  cycles: { type: whole }
  albumin_text: { type: text, header: albumin }
  albumin: { type: whole }
  dose: { type: real }
  dead: { type: boolean, levels: { yes: ['1'], no: ['0'] } }
  born: { type: date }
  seen: { type: date }
";

#[test]
fn values_are_typed_as_declared() {
    let output = ingest::<Parquet>(PATIENTS, &written(patients())).expect("in order");
    assert_eq!(
        values(&output.tables["t"]),
        "_line:i64 id:str sex:str cycles:i64 albumin_text:str albumin:i64 dose:f64 dead:bool \
         born:date seen:date\n\
         1 \"P1\" \"male\" 4 \"36.5\" ~ 0.1 true 1950-02-28 1970-01-01\n\
         2 \"P2\" \"female\" ~ \"40\" 40 2.0 false 1970-01-01 1970-01-02\n\
         3 \"P3\" \"female\" ~ ~ ~ 3.5 ~ 2019-04-14 ~\n"
    );
    assert_eq!(
        problems(&output),
        "t data/raw/p.parquet:1 albumin: \"36.5\" is not a whole number\n\
         t data/raw/p.parquet:3 seen: \"1970-01-01T12:00:00\" is not a date written as YYYY-MM-DD\n"
    );
}

#[test]
fn every_mistake_is_reported_in_full() {
    let lists = df!("a" => [Series::new("".into(), [1i64, 2])]).expect("one row");
    // what is not a number, or infinite, is no measurement; 1e-7 is one
    let nan = df!("a" => [1.0, f64::NAN, f64::INFINITY, 1e-7]).expect("four rows");
    let cases: [(&str, Vec<u8>, &str); 5] = [
        (
            "{ a: { type: whole } }",
            b"PAR1 but no more".to_vec(),
            "[path] p.parquet cannot be read as Parquet: parquet: File out of specification: The file must end with PAR1\n\
             -> write the file again, or name its true kind\n",
        ),
        (
            "{ a: { type: whole } }",
            b"".to_vec(),
            "[path] p.parquet cannot be read as Parquet: parquet: File out of specification: A Parquet file must contain a header and footer with at least 12 bytes\n\
             -> write the file again, or name its true kind\n",
        ),
        (
            "{ a: { type: text } }",
            written(lists),
            "[columns.a] p.parquet holds column `a` as values of type LargeList\n\
             -> write the file again with text, numbers of 32 or 64 bits, yes/no or dates in this column\n",
        ),
        (
            "{ a: { type: real } }",
            written(nan.clone()),
            "[columns.a] p.parquet:2: column `a`: `NaN` is not a plain decimal number with a decimal `.`\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
             [columns.a] p.parquet:3: column `a`: `inf` is not a plain decimal number with a decimal `.`\n\
             -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n",
        ),
        (
            "{ A: { type: real } }",
            written(nan),
            "[columns.A] p.parquet has no column `A`\n\
             -> did you mean `a`?\n\
             [columns] p.parquet has columns that are not declared: `a`\n\
             -> declare them, or write `other_columns: ignore` to leave them out\n",
        ),
    ];
    for (columns, file, expected) in cases {
        let text = ingest::<Parquet>(&format!("path: p.parquet\ncolumns: {columns}"), &file);
        assert_eq!(text.expect_err("there are mistakes"), expected, "{columns}");
    }
}

/// Written by pyarrow: see make_factors.py beside it.
const FACTORS: &[u8] = include_bytes!("files/factors.parquet");

#[test]
fn files_of_other_programs_are_read() {
    let yaml = "
path: f.parquet
other_columns: ignore
columns:
  sex: { type: category, levels: { female: [F], male: [M] } }
  seen: { type: date }
  born: { type: date }
  note: { type: text }
  none: { type: text }
";
    let output = ingest::<Parquet>(yaml, FACTORS).expect("in order");
    assert_eq!(
        values(&output.tables["t"]),
        "_line:i64 sex:str seen:date born:date note:str none:str\n\
         1 \"female\" 2020-01-02 1950-02-28 \"a\" ~\n\
         2 \"male\" 2020-01-02 ~ ~ ~\n\
         3 ~ ~ ~ ~ ~\n"
    );
}

#[test]
fn types_that_are_not_read_are_named() {
    let yaml = "
path: f.parquet
other_columns: ignore
columns:
  albumin: { type: real }
  scans: { type: text }
  ecog: { type: whole }
  cycles: { type: whole }
  lines: { type: real }
";
    let expected: String = [
        ("albumin", "Decimal"),
        ("scans", "Struct"),
        ("ecog", "Int8"),
        ("cycles", "Int16"),
        ("lines", "UInt8"),
    ]
    .map(|(column, found)| {
        format!(
            "[columns.{column}] f.parquet holds column `{column}` as values of type {found}\n\
             -> write the file again with text, numbers of 32 or 64 bits, yes/no or dates in this \
             column\n"
        )
    })
    .concat();
    assert_eq!(ingest::<Parquet>(yaml, FACTORS).expect_err("there are mistakes"), expected);
}
