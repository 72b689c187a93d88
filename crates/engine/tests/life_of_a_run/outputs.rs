//! Outputs that were changed, lost, half written or are no longer made.

use std::fs;

use restudy_engine::RunOptions;

use super::folder::Study;

#[test]
fn a_tampered_output_is_never_overwritten_in_silence() {
    let study = Study::new();
    study.run();
    study.write("reports/page.txt", "sum 99\n");
    assert_eq!(study.open().status().expect("readable").tampered, ["reports/page.txt"]);
    let failure = study.try_run(&RunOptions::default()).expect_err("tampered");
    assert_eq!(
        failure.to_string(),
        "1 output was changed since the last run made it: reports/page.txt"
    );
    assert_eq!(study.read("reports/page.txt"), "sum 99\n");
    study.try_run(&RunOptions { overwrite: true, ..RunOptions::default() }).expect("overwrites");
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn a_missing_output_is_put_back_without_running() {
    let study = Study::new();
    study.run();
    // Only the output is gone: the store still has the page.
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
fn a_file_that_no_stage_makes_any_more_goes() {
    let study = Study::new();
    study.run();
    study.replace("pipeline.yaml", "reports/other.txt", "reports/another.txt");
    let run = study.try_run(&RunOptions::default()).expect("a good study");
    assert_eq!(run.published.removed, ["reports/other.txt"]);
    assert!(!study.path("reports/other.txt").exists());
    assert!(study.path("reports/another.txt").exists());
}
