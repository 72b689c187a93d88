//! What somebody wrote is never written over and never taken away, whatever
//! became of the lock, the ledger and earlier runs.

use std::fs;
use std::sync::Mutex;

use restudy_engine::{Failure, Observer, Project, Report, Run, RunOptions, StageId};

use super::folder::{Quiet, Study};
use super::registry;

const JOURNAL: &str = ".restudy/publishing.json";
const LEDGER: &str = ".restudy/published.json";
const PAGE: &str = "reports/page.txt";
const OTHER: &str = "reports/other.txt";

/// The journal of a publication that was cut off, read from the ledger of a
/// study that was killed after the ledger was written and before it ended.
fn cut_off(study: &Study, change: impl Fn(&mut serde_json::Value)) {
    let mut journal: serde_json::Value =
        serde_json::from_str(&study.read(LEDGER)).expect("is JSON");
    change(&mut journal);
    study.write(JOURNAL, &journal.to_string());
}

/// A study whose second publication was cut off before its first rename:
/// other inputs, the old outputs, the old lock.
fn study_cut_off() -> (Study, String) {
    // A second run is done and then taken back by hand, all but its journal.
    let study = Study::new();
    study.run();
    let (page, lock) = (study.read(PAGE), study.read("pipeline.lock"));
    let ledger = study.read(LEDGER);
    study.write("numbers.txt", "100\n");
    study.run();
    let new = study.read(PAGE);
    assert_ne!(page, new);
    cut_off(&study, |_| {});
    study.write(PAGE, &page);
    study.write("pipeline.lock", &lock);
    study.write(LEDGER, &ledger);
    (study, new)
}

#[test]
fn a_first_run_writes_over_nothing() {
    let study = Study::new();
    study.write(PAGE, "my own notes\n");
    assert_eq!(
        study.refusal(),
        "1 file stands where an output is to be, and no run of this study made it: reports/page.txt"
    );
    assert_eq!(study.read(PAGE), "my own notes\n");
    assert!(!study.path(OTHER).exists() && !study.path("pipeline.lock").exists());
    study.try_run(&RunOptions { overwrite: true, ..RunOptions::default() }).expect("overwrites");
    assert_eq!(study.read(PAGE), "sum 20\n");
}

#[test]
fn what_stands_there_already_as_it_is_to_be_is_no_edit() {
    // What the first run would write stands there already: nobody loses a thing.
    let study = Study::new();
    study.write(PAGE, "sum 20\n");
    assert_eq!(study.try_run(&RunOptions::default()).expect("a run").published.written, [OTHER]);
}

#[test]
fn without_the_lock_an_edit_is_still_one() {
    let study = Study::new();
    study.run();
    fs::remove_file(study.path("pipeline.lock")).expect("there");
    study.write(PAGE, "my own\n");
    assert!(study.refusal().starts_with("1 output was changed"), "{}", study.refusal());
    // Without lock and ledger nothing tells an edit from any other file.
    fs::remove_dir_all(study.path(".restudy")).expect("there");
    assert!(study.refusal().starts_with("1 file stands"), "{}", study.refusal());
    assert_eq!(study.read(PAGE), "my own\n");
}

#[test]
fn without_the_lock_what_the_store_published_is_replaced() {
    let study = Study::new();
    study.run();
    fs::remove_file(study.path("pipeline.lock")).expect("there");
    study.write("numbers.txt", "100\n");
    study.run();
    assert_eq!(study.read(PAGE), "sum 100\n");
}

#[test]
fn a_clone_without_a_store_is_run_again_with_other_parameters() {
    let study = Study::new();
    study.run();
    fs::remove_dir_all(study.path(".restudy")).expect("there");
    study.write("numbers.txt", "100\n");
    study.run();
    assert_eq!(study.read(PAGE), "sum 100\n");
}

#[test]
fn a_publication_that_was_cut_off_is_finished() {
    let (study, new) = study_cut_off();
    let status = study.open().status().expect("readable");
    assert!(status.unfinished && status.tampered.is_empty() && !status.is_fresh());
    assert!(study.try_run(&RunOptions::default()).expect("finishes").recovered);
    assert_eq!(study.read(PAGE), new);
    assert!(!study.path(JOURNAL).exists());
    assert!(study.open().status().expect("readable").is_fresh());
}

#[test]
fn after_a_rename_the_rest_is_no_tampering_either() {
    let (study, new) = study_cut_off();
    study.write(PAGE, &new);
    let status = study.open().status().expect("readable");
    assert!(status.unfinished && status.tampered.is_empty());
    // the inputs have changed once more since
    study.write("numbers.txt", "200\n");
    assert!(study.open().status().expect("readable").tampered.is_empty());
    study.run();
    assert_eq!(study.read(PAGE), "sum 200\n");
}

#[test]
fn an_edit_between_a_kill_and_the_next_run_is_kept() {
    let (study, _) = study_cut_off();
    study.write(PAGE, "my own\n");
    assert_eq!(study.open().status().expect("readable").tampered, [PAGE]);
    assert!(study.refusal().starts_with("1 output was changed"));
    assert_eq!(study.read(PAGE), "my own\n");
    study.try_run(&RunOptions { overwrite: true, ..RunOptions::default() }).expect("overwrites");
    assert_eq!(study.read(PAGE), "sum 100\n");
}

#[test]
fn a_damaged_journal_loses_no_edit_and_blocks_nothing() {
    // Empty, cut off, of another shape, and one that asks for a file to be taken away.
    for damage in ["", "{", "[]", r#"{"write":{},"remove":["README.md"],"lock":""}"#] {
        let (study, new) = study_cut_off();
        study.write(JOURNAL, damage);
        study.write(OTHER, "my own\n");
        study.write("README.md", "read me\n");
        assert!(study.open().status().expect("readable").unfinished);
        assert!(study.refusal().starts_with("1 output was changed"));
        assert_eq!(study.read(OTHER), "my own\n");
        study.write(OTHER, "sum 5\n");
        study.run();
        assert_eq!((study.read(PAGE), study.read("README.md")), (new, "read me\n".into()));
        assert!(!study.path(JOURNAL).exists());
    }
}

/// Edits an output while the run is under way.
struct Editor<'a>(&'a Study);

impl Observer for Editor<'_> {
    fn started(&self, id: &StageId) {
        // After the first look at the outputs and before they are replaced.
        if id.name == "total" {
            self.0.write(PAGE, "my own\n");
        }
    }
    fn finished(&self, _: &Report) {}
}

#[test]
fn an_edit_during_a_run_is_kept() {
    let study = Study::new();
    study.run();
    study.write("numbers.txt", "100\n");
    study.write("others.txt", "6\n");
    let failure = study.open().run(&RunOptions::default(), &Editor(&study), &|_| {});
    assert!(matches!(failure, Err(Failure::Tampered { .. })));
    assert_eq!((study.read(PAGE), study.read(OTHER)), ("my own\n".into(), "sum 5\n".into()));
}

#[test]
fn two_pipeline_files_do_not_write_over_one_another() {
    let study = Study::new();
    study.run();
    let second = study.read("pipeline.yaml").replace("floor_to: 10", "floor_to: 1");
    study.write("second.yaml", &second);
    let run = |file: &str| {
        let quiet = Quiet(Mutex::default());
        study.open_file(file).run(&RunOptions::default(), &quiet, &|_| {})
    };
    assert_eq!(
        run("second.yaml").expect_err("taken").to_string(),
        "`reports/other.txt` is an output of `pipeline.yaml`, which stands beside this file"
    );
    assert_eq!(study.read(PAGE), "sum 20\n");
    // a file that was renamed takes its outputs along
    fs::remove_file(study.path("pipeline.yaml")).expect("there");
    run("second.yaml").expect("a run");
    assert_eq!(study.read(PAGE), "sum 21\n");
}

#[test]
fn two_pipeline_files_do_not_share_a_lock() {
    let study = Study::new();
    study.write("pipeline.yml", &study.read("pipeline.yaml"));
    let open = |file: &str| Project::open(&registry(), &study.path(file), "program").err();
    assert_eq!(
        open("pipeline.yaml").expect("refused").to_string(),
        "`pipeline.yaml` and `pipeline.yml` would share the lock `pipeline.lock`"
    );
    assert!(open("pipeline.yml").is_some());
    fs::remove_file(study.path("pipeline.yaml")).expect("there");
    assert!(open("pipeline.yml").is_none());
}

/// The lock with one more output.
fn claim(study: &Study, path: &str) {
    // A lock is read for its form: any digest will do.
    let digest = "85272f89a01e3ddd03e99f06d04a4e49b33ec99bd9c5b89ae8ab81ff2fbc5da7";
    let lock = study.read("pipeline.lock");
    study.write("pipeline.lock", &format!("{lock}{digest}  {path}\n"));
}

#[test]
fn a_foreign_lock_takes_nothing_away() {
    let study = Study::new();
    study.run();
    study.write("README.md", "read me\n");
    claim(&study, "README.md");
    let options = RunOptions { overwrite: true, ..RunOptions::default() };
    let run = study.try_run(&options).expect("a run");
    assert_eq!((run.published.removed, run.published.left), (vec![], vec!["README.md".into()]));
    assert_eq!(study.read("README.md"), "read me\n");
    for path in [".git/config", "../elsewhere", ".restudy/turn", "/etc/passwd"] {
        claim(&study, path);
        assert!(matches!(study.try_run(&options), Err(Failure::Lock { .. })), "{path}");
        study.write("pipeline.lock", "");
        fs::remove_file(study.path("pipeline.lock")).expect("there");
        study.run();
    }
}

#[test]
fn a_ledger_of_another_folder_vouches_for_nothing() {
    let study = Study::new();
    study.run();
    let copy = Study::new();
    let own = blake3::hash(b"").to_hex().to_string();
    copy.write("README.md", "read me\n");
    // The folder has another number, so the foreign ledger must count for nothing.
    copy.write(PAGE, "my own\n");
    // what somebody else's store says of this folder
    let mut ledger: serde_json::Value = serde_json::from_str(&study.read(LEDGER)).expect("JSON");
    let digest = "85272f89a01e3ddd03e99f06d04a4e49b33ec99bd9c5b89ae8ab81ff2fbc5da7";
    ledger["files"]["pipeline.yaml"]["README.md"] = serde_json::json!([digest, own]);
    copy.write(LEDGER, &ledger.to_string());
    copy.write(JOURNAL, &ledger.to_string());
    assert!(copy.try_run(&RunOptions::default()).is_err());
    copy.try_run(&RunOptions { overwrite: true, ..RunOptions::default() }).expect("overwrites");
    assert_eq!(copy.read("README.md"), "read me\n");
}

#[test]
fn a_place_that_is_taken_blocks_nothing_for_good() {
    let (study, new) = study_cut_off();
    fs::remove_file(study.path(PAGE)).expect("there");
    fs::create_dir_all(study.path("reports/page.txt/inside")).expect("a folder");
    let said = study.said();
    assert_eq!(said, ["no output can be `reports/page.txt`, which is the name of a folder"]);
    assert!(study.try_run(&RunOptions::default()).is_err());
    // another path will do, and so will the old one once its place is free
    study.replace("pipeline.yaml", PAGE, "reports/sum.txt");
    study.run();
    assert_eq!(study.read("reports/sum.txt"), new);
    fs::remove_dir_all(study.path(PAGE)).expect("there");
    study.replace("pipeline.yaml", "reports/sum.txt", PAGE);
    study.run();
    assert_eq!(study.read(PAGE), new);
}

fn keep_going(study: &Study) -> Result<Run, Failure> {
    study.try_run(&RunOptions { keep_going: true, ..RunOptions::default() })
}

#[test]
fn a_failed_exhibit_does_not_lose_the_others() {
    let study = Study::new();
    study.run();
    let lock = study.read("pipeline.lock");
    // 1 rounded down to a multiple of 10 is 0, which the page refuses to print.
    study.write("numbers.txt", "1\n");
    study.write("others.txt", "6\n");
    assert!(matches!(study.try_run(&RunOptions::default()), Err(Failure::Mistakes { .. })));
    assert_eq!(study.read(OTHER), "sum 5\n");
    let run = keep_going(&study).expect("keeps going");
    assert_eq!(run.published.written, [OTHER]);
    assert_eq!(run.mistakes.expect("one").to_string().split(" in ").next(), Some("1 mistake"));
    assert_eq!((study.read(PAGE), study.read(OTHER)), ("sum 20\n".into(), "sum 6\n".into()));
    // no run was accepted, and nobody changed anything by hand
    assert_eq!(study.read("pipeline.lock"), lock);
    let status = study.open().status().expect("readable");
    assert_eq!((status.tampered, status.unaccepted), (vec![], vec![OTHER.to_owned()]));
    study.write("numbers.txt", "30\n");
    study.run();
    assert!(study.open().status().expect("readable").is_fresh());
    // nor is an edit lost that way
    study.write("numbers.txt", "1\n");
    study.write(OTHER, "my own\n");
    assert!(matches!(keep_going(&study), Err(Failure::Tampered { .. })));
}
