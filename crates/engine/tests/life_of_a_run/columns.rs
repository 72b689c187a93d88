//! A stage depends on the columns that it reads, and a version of a table
//! costs the columns that it changed.

use std::fs;

use restudy_engine::{Failure, RunOptions};

use super::folder::Study;

const PIPELINE: &str = "\
restudy: 1
study: { title: Sums, data_status: simulated, patient: a, analysis_table: pairs }
ingest:
  pairs: { kind: pairs, path: pairs.txt }
clean:
  twice_a: { kind: double, table: pairs, column: a }
  some: { kind: above, table: pairs, column: a }
  taken: { kind: copy, table: pairs }
analyze:
  sum_of_a: { kind: sum_of, table: pairs, column: a }
  sum_of_b: { kind: sum_of, table: pairs, column: b }
  sum_of_copy: { kind: sum_of, table: taken, column: b }
report:
  page_a: { kind: page, of: sum_of_a, path: reports/a.txt }
  page_b: { kind: page, of: sum_of_b, path: reports/b.txt }
  page_copy: { kind: page, of: sum_of_copy, path: reports/copy.txt }
";

fn study() -> Study {
    let study = Study::new();
    study.write("pipeline.yaml", PIPELINE);
    // `a` is doubled and -3 falls out: 2 + 4 = 6; of `b` 10 + 20 stay.
    study.write("pairs.txt", "1 10\n2 20\n-3 30\n");
    assert_eq!(study.ran().len(), 10);
    study
}

fn sums(study: &Study) -> [String; 3] {
    ["a", "b", "copy"].map(|page| study.read(&format!("reports/{page}.txt")).trim().to_owned())
}

#[test]
fn a_change_in_a_column_that_a_stage_does_not_read_does_not_make_it_run() {
    let study = study();
    assert_eq!(sums(&study), ["sum 6", "sum 30", "sum 30"]);
    // Only `b` of a row that stays.
    study.write("pairs.txt", "1 10\n2 25\n-3 30\n");
    let ran = study.run();
    let ids: Vec<&str> = ran.iter().map(|(id, _)| id.as_str()).collect();
    // the two rules on `a` pass the new `b` on without running
    let expected = [
        "ingest.pairs",
        "clean.taken",
        "analyze.sum_of_b",
        "analyze.sum_of_copy",
        "report.page_b",
        "report.page_copy",
    ];
    assert_eq!(ids, expected);
    assert_eq!(ran[2].1, ["column pairs.b changed"]);
    assert_eq!(sums(&study), ["sum 6", "sum 35", "sum 35"]);
    assert_eq!(study.ran(), Vec::<String>::new());
}

#[test]
fn which_rows_stand_counts_for_every_column() {
    let study = study();
    // Now the second row falls out too: no cell of `b` changed, and its sum did.
    study.write("pairs.txt", "1 10\n-2 20\n-3 30\n");
    let ran = study.run();
    let (id, reasons) = ran.iter().find(|(id, _)| id == "analyze.sum_of_b").expect("it ran");
    assert_eq!(
        (id.as_str(), reasons),
        ("analyze.sum_of_b", &vec!["rows of pairs changed".to_owned()])
    );
    assert_eq!(sums(&study), ["sum 2", "sum 10", "sum 10"]);
}

#[test]
fn what_is_known_of_a_column_goes_with_it() {
    let study = study();
    study.replace("pipeline.yaml", "path: pairs.txt", "path: pairs.txt, label_of_b: B");
    let ran = study.run();
    let ids: Vec<&str> = ran.iter().map(|(id, _)| id.as_str()).collect();
    // No page: the label is not in the numbers.
    let expected = ["ingest.pairs", "clean.taken", "analyze.sum_of_b", "analyze.sum_of_copy"];
    assert_eq!(ids, expected);
    assert_eq!(ran[2].1, ["description of pairs.b changed"]);
}

#[test]
fn a_version_of_a_table_costs_what_it_changed() {
    let study = study();
    let objects = || {
        let folders = fs::read_dir(study.path(".restudy/objects")).expect("there").flatten();
        folders.map(|folder| fs::read_dir(folder.path()).expect("there").count()).sum::<usize>()
    };
    let before = objects();
    study.replace(
        "pipeline.yaml",
        "  some:",
        "  again: { kind: double, table: pairs, column: b }\n  some:",
    );
    study.run();
    // the column that the new rule made, what it and the copy wrote of a table,
    // two sums, and one page, as both say the same
    assert_eq!(objects() - before, 1 + 2 + 2 + 1);
    assert_eq!(sums(&study), ["sum 6", "sum 60", "sum 60"]);
}

#[test]
fn a_read_that_the_rehearsal_did_not_show_is_a_bug() {
    let study = study();
    study.replace("pipeline.yaml", "column: a }\n  sum_of_b", "column: a, also: b }\n  sum_of_b");
    let Err(Failure::Mistakes { diagnostics, .. }) = study.try_run(&RunOptions::default()) else {
        panic!("it reads `b` in secret")
    };
    assert_eq!(
        diagnostics[0].message,
        "the program failed here: this is a bug in restudy, not in the study"
    );
}

#[test]
fn an_object_that_was_damaged_is_found_out_before_it_is_read() {
    let study = study();
    for folder in fs::read_dir(study.path(".restudy/objects")).expect("there").flatten() {
        // One bit of each column, at the same length: only a digest can tell.
        for object in fs::read_dir(folder.path()).expect("there").flatten() {
            let mut bytes = fs::read(object.path()).expect("readable");
            if bytes.starts_with(b"PAR1") {
                bytes[4] ^= 1;
                fs::write(object.path(), bytes).expect("writable");
            }
        }
    }
    // nothing is read where nothing is to be done
    assert_eq!(study.ran(), Vec::<String>::new());
    // A new question makes columns be read: the damaged ones are made again first.
    study.replace("pipeline.yaml", "table: pairs, column: b }", "table: taken, column: a }");
    study.run();
    assert_eq!(sums(&study), ["sum 6", "sum 6", "sum 30"]);
}

#[test]
fn the_reads_of_a_stage_can_be_asked_for() {
    let reads = study().open().reads();
    let of = |stage: &str| {
        let (_, reads) = reads.iter().find(|(id, _)| id.to_string() == stage).expect("a stage");
        reads["pairs"].values.iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(of("clean.twice_a"), ["a"]);
    assert_eq!(of("clean.taken"), ["a", "b"]);
    assert_eq!(of("analyze.sum_of_b"), ["b"]);
}
