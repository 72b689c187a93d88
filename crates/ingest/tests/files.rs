//! Several files read into one table, text in more than one form, and what
//! stands below a table of a CSV file.

mod support;

use restudy_ingest::{Csv, Xlsx};
use support::{ingest, ingest_files, ingest_found, problems, values};

const SITES: &str = "
path: [data/site_a.csv, data/site_b.csv]
source: site
columns: { id: { type: id, unique: true }, age: { type: whole } }
";

fn sites(path: &str, b: &'static str) -> Vec<u8> {
    if path.ends_with("a.csv") { "id,age\nA1,50\nA2,60\n" } else { b }.as_bytes().to_vec()
}

#[test]
fn files_follow_one_another_by_the_names_of_their_columns() {
    // the second file has its columns in another order, and lines count anew in it
    let output = ingest_files::<Csv>(SITES, &|path| sites(path, "age,id\n70,B1\n"));
    assert_eq!(
        values(&output.expect("written alike").tables["t"]),
        "_line:i64 id:str age:i64 site:str\n2 \"A1\" 50 \"site_a\"\n3 \"A2\" 60 \"site_a\"\n2 \"B1\" 70 \"site_b\"\n"
    );
}

#[test]
fn a_wildcard_stands_for_all_files_that_match() {
    let yaml = SITES.replace("data/site_a.csv, data/site_b.csv", "data/site_*.csv");
    // found out of order: the files are read by name
    let found = ["data/site_b.csv", "data/site_a.csv"];
    let read =
        |yaml: &str| ingest_found::<Csv>(yaml, &found, &|path| sites(path, "age,id\n70,B1\n"));
    assert_eq!(
        values(&read(&yaml).expect("written alike").tables["t"]),
        "_line:i64 id:str age:i64 site:str\n2 \"A1\" 50 \"site_a\"\n3 \"A2\" 60 \"site_a\"\n2 \"B1\" 70 \"site_b\"\n"
    );
    // a file that the wildcard means already
    let twice = yaml.replace("csv]", "csv, data/site_b.csv]");
    assert_eq!(
        read(&twice).expect_err("a mistake"),
        "[path.1] `data/site_b.csv` is listed twice\n"
    );
}

#[test]
fn mistakes_of_all_files_are_told_at_once() {
    let said = |yaml: &str, b: &'static str| {
        ingest_files::<Csv>(yaml, &|path| sites(path, b)).expect_err("mistakes")
    };
    assert_eq!(
        // the repeated id stands in the other file, whose name and line are told
        said(SITES, "id,age\nB1,old\nA2,70\n"),
        "[columns.age] data/site_b.csv:2: column `age`: `old` is not a whole number\n\
         -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
         [columns.id] data/site_b.csv:3: column `id`: `A2` stands already in line 3 of data/site_a.csv, and the column is unique\n\
         -> correct one of them, or take `unique` from the column and drop repeated rows in `clean:`\n"
    );
    assert_eq!(
        // mistakes of the declaration and of a header together
        said(&SITES.replace("source: site", "source: age"), "id,years\nB1,1\n"),
        "[source] there is a column `age` already\n-> choose another name\n\
         [columns.age] data/site_b.csv has no column `age`\n-> there are: `id`, `years`\n\
         [columns] data/site_b.csv has columns that are not declared: `years`\n\
         -> declare them, or write `other_columns: ignore` to leave them out\n"
    );
    let twice = SITES.replace("site_b", "site_a");
    assert_eq!(said(&twice, ""), "[path.1] `data/site_a.csv` is listed twice\n");
    assert_eq!(
        said(&SITES.replace("data/site_a.csv, data/site_b.csv", ""), ""),
        "[path] no file is named\n"
    );
}

#[test]
fn one_path_is_written_as_it_was() {
    let one: Csv = serde_yaml::from_str("{ path: a.csv, columns: {} }").expect("decodes");
    let several: Xlsx = serde_yaml::from_str("{ path: [a, b], columns: {} }").expect("decodes");
    // a list only where there are several
    let written = serde_yaml::to_string(&(one.path, several.path)).expect("plain");
    assert_eq!(written, "- a.csv\n- - a\n  - b\n");
}

/// `ö` in one character and in two.
#[test]
fn text_that_looks_the_same_is_the_same() {
    let yaml = "
path: p.csv
missing: [k\u{f6}]
columns:
  'Größe': { type: real }
  town: { type: category, levels: { Bonn: [], Köln: [] } }
  key: { type: id, unique: true }
";
    // header, level and identifier each once in two characters
    let file = "Gro\u{308}ße,town,key\n1.5,Ko\u{308}ln,o\u{308}\n2,Köln,x\n";
    let output = ingest::<Csv>(yaml, file.as_bytes()).expect("one form");
    assert_eq!(
        values(&output.tables["t"]),
        "_line:i64 Größe:f64 town:str key:str\n2 1.5 \"Köln\" \"ö\"\n3 2.0 \"Köln\" \"x\"\n"
    );
    let log: Vec<_> =
        output.changes.iter().map(|c| (c.line, c.field.to_string(), c.reason)).collect();
    let reason = || "letters with accents in their one form".into();
    assert_eq!(
        log,
        [(Some(2), "town".to_owned(), reason()), (Some(2), "key".to_owned(), reason())]
    );
    // the two forms are one value of a unique column
    let twice = "Größe,town,key\n1,Köln,o\u{308}\n1,Köln,ö\n";
    let said = ingest::<Csv>(yaml, twice.as_bytes()).expect_err("a mistake");
    assert!(said.contains("column `key`: `ö` stands already in line 2, and"), "{said}");
}

#[test]
fn a_message_shows_what_nobody_sees() {
    let yaml = "
path: p.csv
columns: { id: { type: id }, town: { type: category, levels: { Bonn: [], Köln: [] } } }
";
    // a space of no width, a soft hyphen and a no-break space: nobody sees what is
    // wrong with them
    let file = "id,town\nP\u{200B}7,K\u{AD}öln\nP\u{A0}8,Bonn\n";
    assert_eq!(
        ingest::<Csv>(yaml, file.as_bytes()).expect_err("mistakes"),
        "[columns.id] p.csv:2: column `id`: `P<U+200B>7` holds U+200B, which nobody can see\n\
         -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n\
         [columns.town] p.csv:2: column `town`: `K<U+00AD>öln` is none of the levels\n\
         -> did you mean `Köln`? (here stands `K<U+00AD>öln`) otherwise add the spelling to its level under `levels:`, or to `missing:`\n\
         [columns.id] p.csv:3: column `id`: `P<U+00A0>8` holds U+00A0, which nobody can see\n\
         -> correct the cell, or name its code in `missing:`, or read the column as `type: text` and mend it in `clean:`\n"
    );
    let header = ingest::<Csv>(yaml, "i\u{200B}d,town\n".as_bytes()).expect_err("a mistake");
    assert!(
        header.contains(
            "p.csv has no column `id`\n-> did you mean `i\u{200B}d`? (that is `i<U+200B>d`)"
        ),
        "{header}"
    );
}

#[test]
fn rows_below_a_table_of_text_are_no_patients() {
    let yaml = |more: &str| {
        format!(
            "{{ path: p.csv, {more} columns: {{ id: {{ type: text }}, age: {{ type: whole }} }} }}"
        )
    };
    // A2 has an empty cell too, but no empty row above it
    let file = b"id,age\nA1,50\nA2,\n,\nSource: registry,\n";
    let said = ingest::<Csv>(&yaml(""), file).expect_err("a mistake");
    assert!(
        said.starts_with("[] p.csv:5: the row stands below an empty one and holds nothing but `Source: registry`\n"),
        "{said}"
    );
    let output = ingest::<Csv>(&yaml("stop_at_blank_row: true,"), file).expect("declared");
    assert_eq!(values(&output.tables["t"]), "_line:i64 id:str age:i64\n2 \"A1\" 50\n3 \"A2\" ~\n");
    // empty rows among the others are passed over, and the run says so
    let output = ingest::<Csv>(&yaml(""), b"id,age\nA1,50\n,\nA2,60\n").expect("in order");
    let later = "1 row stands below an empty one, from p.csv:4 on: `stop_at_blank_row: true` would end the table there";
    assert_eq!(output.notices, ["1 row holds nothing and is passed over", later]);
    assert_eq!(problems(&output), "");
}

/// What may be a footnote or a sum is read as it stands, and told.
#[test]
fn rows_that_may_be_none_of_the_table_are_told() {
    let yaml = |more: &str| {
        format!(
            "{{ path: p.csv, {more} columns: {{ id: {{ type: text }}, sex: {{ type: text }}, age: {{ type: whole }} }} }}"
        )
    };
    let told = |more: &str, file: &str| {
        ingest::<Csv>(&yaml(more), file.as_bytes()).expect("in order").notices
    };
    // no empty row stands above the footnote, so it is told and kept
    let below = "id,sex,age\nA1,f,50\nA2,m,\nSource: registry,,\n";
    assert_eq!(
        told("", below),
        [
            "1 row holds one cell alone, such as `Source: registry` in p.csv:4: `last_row` would end the table above a footnote"
        ]
    );
    assert_eq!(told("last_row: 3,", below), [""; 0]);
    // two cells are filled in the row of the sum: it may be a patient
    let total = "id,sex,age\nA1,f,50\n,,\nTotal,,50\nMean,,50\n";
    assert_eq!(
        told("", total)[1..],
        [
            "2 rows stand below an empty one, from p.csv:4 on: `stop_at_blank_row: true` would end the table there"
        ]
    );
    assert_eq!(told("stop_at_blank_row: true,", total), ["1 row holds nothing and is passed over"]);
}
