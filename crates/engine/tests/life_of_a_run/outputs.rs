//! Outputs that were changed, lost, half written or are no longer made.

use std::fs;
use std::sync::Mutex;

use restudy_engine::RunOptions;

use super::folder::{Quiet, Study};

#[test]
fn a_tampered_output_is_never_overwritten_in_silence() {
    let study = Study::new();
    study.run();
    study.write("reports/page.txt", "sum 99\n");
    assert_eq!(study.open().status().expect("readable").tampered, ["reports/page.txt"]);
    let failure = study.try_run(RunOptions::default()).expect_err("tampered");
    assert_eq!(
        failure.to_string(),
        "1 output was changed since the last run made it: reports/page.txt"
    );
    assert_eq!(study.read("reports/page.txt"), "sum 99\n");
    study.try_run(RunOptions { overwrite: true, ..RunOptions::default() }).expect("overwrites");
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn a_missing_output_is_put_back_without_running() {
    let study = Study::new();
    study.run();
    fs::remove_file(study.path("reports/page.txt")).expect("there");
    assert_eq!(study.ran(), Vec::<String>::new());
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn a_damaged_store_is_made_again() {
    let study = Study::new();
    study.run();
    for folder in fs::read_dir(study.path(".restudy/objects")).expect("there").flatten() {
        for object in fs::read_dir(folder.path()).expect("there").flatten() {
            fs::write(object.path(), "rot").expect("writable");
        }
    }
    assert_eq!(study.ran().len(), 6);
    assert_eq!(study.ran(), Vec::<String>::new());
}

#[test]
fn an_interrupted_publication_is_finished() {
    let study = Study::new();
    study.run();
    let lock = study.read("pipeline.lock");
    let old = study.read("reports/page.txt");
    study.write("numbers.txt", "100\n");
    study.run();
    let (new_lock, new) = (study.read("pipeline.lock"), study.read("reports/page.txt"));
    assert_ne!(old, new);
    // as a kill between the journal and the renames leaves it
    let object = blake3::hash(new.as_bytes()).to_hex().to_string();
    let journal = serde_json::json!({ "write": { "reports/page.txt": object }, "remove": [], "lock": new_lock });
    study.write("reports/page.txt", &old);
    study.write("pipeline.lock", &lock);
    study.write(".restudy/publishing.json", &journal.to_string());
    assert!(study.try_run(RunOptions::default()).expect("finishes").recovered);
    assert_eq!((study.read("reports/page.txt"), study.read("pipeline.lock")), (new, new_lock));
    assert!(!study.path(".restudy/publishing.json").exists());
}

#[test]
fn a_file_that_no_stage_makes_any_more_goes() {
    let study = Study::new();
    study.run();
    study.replace("pipeline.yaml", "reports/other.txt", "reports/another.txt");
    let run = study.try_run(RunOptions::default()).expect("a good study");
    assert_eq!(run.published.removed, ["reports/other.txt"]);
    assert!(!study.path("reports/other.txt").exists());
    assert!(study.path("reports/another.txt").exists());
}

#[test]
fn two_stages_cannot_make_one_file() {
    let study = Study::new();
    study.replace("pipeline.yaml", "reports/other.txt", "reports/page.txt");
    let failure = study.try_run(RunOptions::default()).expect_err("one file");
    assert_eq!(
        failure.to_string(),
        "`report.page` and `report.other_page` both make `reports/page.txt`"
    );
}

#[test]
fn verification_tells_the_lock_the_disk_and_the_data_apart() {
    let study = Study::new();
    study.run();
    let verify = || study.open().verify(&Quiet(Mutex::default())).expect("runs");
    assert!(verify().is_same());

    study.write("reports/page.txt", "sum 21\n");
    let found = verify();
    assert_eq!(found.outputs.len(), 1);
    assert_eq!(found.outputs[0].what, "was changed on disk: the repeated run agrees with the lock");
    assert_eq!(found.outputs[0].lines, [("line 1: sum 21".into(), "line 1: sum 20".into())]);

    study.write("reports/page.txt", "sum 20\n");
    study.write("numbers.txt", "31\n");
    let found = verify();
    assert_eq!(found.inputs[0].path, "numbers.txt");
    assert_eq!(
        found.outputs[0].what,
        "comes out differently: the lock and the file on disk agree with one another"
    );

    study.write("numbers.txt", "1\n20\n");
    let lock = study.read("pipeline.lock");
    let line = lock.lines().find(|line| line.ends_with("page.txt")).expect("locked").to_owned();
    study.write(
        "pipeline.lock",
        &lock.replace(&line, &format!("{}  reports/page.txt", "0".repeat(64))),
    );
    assert_eq!(
        verify().outputs[0].what,
        "is not what the lock says: the file on disk and the repeated run agree with one another"
    );
}
