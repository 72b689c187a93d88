//! Clocks that jump, disks that differ, merges that nobody resolved.

use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use restudy_tests::Study;

#[test]
fn times_of_files_mean_nothing() {
    let study = Study::small_after_a_run();
    let before = study.made();
    // one before every run and one long after, in turn, so that neighbours contradict
    // each other
    let (past, future) = (UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(5_000_000_000));
    for (path, time) in study.everything().into_iter().zip([past, future].into_iter().cycle()) {
        let file = File::options().append(true).open(path).expect("a file");
        file.set_modified(time).expect("a time");
    }
    study.says("status").prints("7 stages, all fresh: nothing to do");
    study.says("run").prints("pipeline.yaml: 7 stages, nothing to do (TIME)");
    study.says("verify").succeeds();
    assert!(study.made() == before);
}

#[cfg(unix)]
#[test]
fn a_store_may_stand_on_another_disk() {
    let (study, elsewhere) = (Study::small(), tempfile::tempdir().expect("a folder"));
    // a store on another disk: a rename does not reach from one file system to another
    std::os::unix::fs::symlink(elsewhere.path(), study.path(".restudy")).expect("a link");
    study.says("run").succeeds();
    study.says("status").prints("7 stages, all fresh: nothing to do");
    study.says("verify").succeeds();
    assert!(elsewhere.path().join("objects").is_dir());
    assert!(study.made() == Study::small_after_a_run().made());
}

#[test]
fn a_lock_with_both_sides_of_a_merge_is_explained() {
    let study = Study::small_after_a_run();
    let lock = study.read("pipeline.lock");
    let merged = lock.replacen("# outputs\n", "# outputs\n<<<<<<< HEAD\n", 1);
    let study = study.with("pipeline.lock", merged);
    for command in ["status", "run", "verify"] {
        let said = study.says(command);
        assert_eq!(said.code, 1, "{command}");
        let said = said.err;
        assert!(said.contains("of the lock is a mark of a merge: `<<<<<<< HEAD`"), "{said}");
        assert!(said.contains("git checkout --ours pipeline.lock"), "{said}");
    }
    // the restored lock is taken as if nothing had been
    let study = study.with("pipeline.lock", lock);
    study.says("run").prints("pipeline.yaml: 7 stages, nothing to do (TIME)");
}
