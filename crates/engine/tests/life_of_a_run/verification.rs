//! What verification finds, and what it leaves behind.

use std::fs;
use std::sync::Mutex;

use restudy_engine::RunOptions;

use super::folder::{Quiet, Study};

#[test]
fn verification_tells_the_lock_the_disk_and_the_data_apart() {
    let study = Study::new();
    study.run();
    let verify = || study.open().verify(&Quiet(Mutex::default())).expect("runs");
    assert!(verify().is_same());

    // The disk alone differs.
    study.write("reports/page.txt", "sum 21\n");
    let found = verify();
    assert_eq!(found.outputs.len(), 1);
    assert_eq!(found.outputs[0].what, "was changed on disk: the repeated run agrees with the lock");
    assert_eq!(found.outputs[0].lines, [("line 1: sum 21".into(), "line 1: sum 20".into())]);

    // The data alone differ.
    study.write("reports/page.txt", "sum 20\n");
    study.write("numbers.txt", "31\n");
    let found = verify();
    assert_eq!(found.inputs[0].path, "numbers.txt");
    assert_eq!(
        found.outputs[0].what,
        "comes out differently: the lock and the file on disk agree with one another"
    );

    // The lock alone differs.
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

#[test]
fn verification_leaves_no_rows_behind() {
    let study = Study::new();
    study.run();
    // as a verification that was killed leaves it
    study.write(".restudy/verifying/objects/ab/cdef", "1\n20\n");
    assert!(study.open().verify(&Quiet(Mutex::default())).expect("runs").is_same());
    assert!(!study.path(".restudy/verifying").exists());
    // and where nobody verifies again, the next run takes it away
    study.write(".restudy/verifying/objects/ab/cdef", "1\n20\n");
    study.try_run(&RunOptions::default()).expect("a good study");
    assert!(!study.path(".restudy/verifying").exists());
}

#[test]
fn verification_makes_no_store() {
    let study = Study::new();
    study.run();
    fs::remove_dir_all(study.path(".restudy")).expect("there");
    assert!(study.open().verify(&Quiet(Mutex::default())).expect("runs").is_same());
    assert!(!study.path(".restudy").exists());
}

/// Notes, while a stage runs, who may look into the folder of the verification.
#[cfg(unix)]
struct Looking<'a>(&'a Study, Mutex<Vec<u32>>);

#[cfg(unix)]
impl restudy_engine::Observer for Looking<'_> {
    fn started(&self, _: &restudy_engine::StageId) {
        use std::os::unix::fs::PermissionsExt;
        // Asked while a stage runs, as the folder is gone afterwards.
        let found = fs::metadata(self.0.path(".restudy/verifying")).expect("there while it runs");
        self.1.lock().expect("no panic").push(found.permissions().mode() & 0o777);
    }
    fn finished(&self, _: &restudy_engine::Report) {}
}

#[cfg(unix)]
#[test]
fn nobody_else_looks_into_a_verification() {
    let study = Study::new();
    study.run();
    let looking = Looking(&study, Mutex::default());
    study.open().verify(&looking).expect("runs");
    assert_eq!(looking.1.into_inner().expect("no panic"), [0o700; 6]);
}
