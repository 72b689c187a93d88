//! `restudy verify`: everything again in a fresh folder, against the lock and
//! the files, with the numbers that differ.

use restudy_tests::Study;

const FIGURE: &str = "reports/figures/curves.svg";

#[test]
fn what_nobody_touched_is_verified() {
    let study = Study::small_after_a_run();
    let before = study.made();
    study
        .says("verify")
        .prints("verified: 3 outputs made again from the raw files, every byte as in the lock");
    assert!(study.made() == before);
}

#[test]
fn a_clone_without_a_store_is_verified() {
    let run = Study::small_after_a_run();
    // what a clone from git has: all but the store
    let study = Study::small()
        .with("pipeline.lock", run.read("pipeline.lock"))
        .with(FIGURE, run.read(FIGURE))
        .with("reports/figures/curves.csv", &run.made()["reports/figures/curves.csv"])
        .with("reports/figures/curves.png", &run.made()["reports/figures/curves.png"]);
    study.says("verify").succeeds();
    assert!(!study.path(".restudy").exists(), "verification writes nothing");
}

#[test]
fn a_number_changed_in_an_output_is_shown() {
    // one event less, written into the figure's description by hand
    Study::small_after_a_run().replacing(FIGURE, "6 patients, 5 events", "6 patients, 4 events").says("verify").finds(
        "
DIFFERS  reports/figures/curves.svg: was changed on disk: the repeated run agrees with the lock
           on disk    line 4: <desc id=\"curves-description\">Curves of os. old: 6 patients, 4 events, median 5.3 (2.1–NR) months; new: 6 patients, 3 events, median 13.1 (4.9–NR) months.</desc>
           made again line 4: <desc id=\"curves-description\">Curves of os. old: 6 patients, 5 events, median 5.3 (2.1–NR) months; new: 6 patients, 3 events, median 13.1 (4.9–NR) months.</desc>
NOT verified: of 3 outputs 1 differs, of the inputs 0 differ
",
    );
}

#[test]
fn an_output_that_is_gone_is_named() {
    Study::small_after_a_run().without(FIGURE).says("verify").finds(
        "
DIFFERS  reports/figures/curves.svg: is missing on disk
NOT verified: of 3 outputs 1 differs, of the inputs 0 differ
",
    );
}

#[test]
fn a_digest_changed_in_the_lock_is_named() {
    let study = Study::small_after_a_run();
    let lock = study.read("pipeline.lock");
    let line = lock.lines().find(|line| line.ends_with(".svg")).expect("an output");
    let other = format!("{}  {FIGURE}", "0".repeat(64));
    study.replacing("pipeline.lock", line, &other).says("verify").finds(
        "
DIFFERS  reports/figures/curves.svg: is not what the lock says: the file on disk and the repeated run agree with one another
NOT verified: of 3 outputs 1 differs, of the inputs 0 differ
",
    );
}

#[test]
fn a_line_taken_out_of_the_lock_is_named() {
    let study = Study::small_after_a_run();
    let lock = study.read("pipeline.lock");
    let line = lock.lines().find(|line| line.ends_with(".svg")).expect("an output");
    study.replacing("pipeline.lock", &format!("{line}\n"), "").says("verify").finds(
        "
DIFFERS  reports/figures/curves.svg: is made by a stage, but is not in the lock
NOT verified: of 3 outputs 1 differs, of the inputs 0 differ
",
    );
}

#[test]
fn a_raw_cell_that_was_changed_shows_in_the_numbers() {
    let study = Study::small_after_a_run().replacing(
        "data/patients.csv",
        "2020-04-20,64,1",
        "2020-04-20,164,1",
    );
    let said = study.says("verify");
    // a difference is an answer, so nothing goes to standard error
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    for line in [
        "CHANGED  data/patients.csv: was changed since the last accepted run",
        "DIFFERS  reports/figures/curves.png: comes out differently: the lock and the file on disk agree with one another",
        "DIFFERS  reports/figures/curves.svg: comes out differently: the lock and the file on disk agree with one another",
        "           on disk    line 4: <desc id=\"curves-description\">Curves of os. old: 6 patients, 5 events, median 5.3 (2.1–NR) months; new: 6 patients, 3 events, median 13.1 (4.9–NR) months.</desc>",
        "           made again line 4: <desc id=\"curves-description\">Curves of os. old: 6 patients, 5 events, median 6.0 (3.1–NR) months; new: 6 patients, 3 events, median 13.1 (4.9–NR) months.</desc>",
        "NOT verified: of 3 outputs 3 differ, of the inputs 1 differs",
    ] {
        assert!(said.out.lines().any(|said| said == line), "{line}\n\n{}", said.out);
    }
}

#[test]
fn a_pipeline_that_says_something_else_is_named() {
    let said = Study::small_after_a_run()
        // no output shows the model, so only the pipeline file differs
        .replacing("pipeline.yaml", "terms: [arm, age]", "terms: [arm]")
        .says("verify");
    said.finds(
        "
CHANGED  pipeline.yaml: it says something else than at the last accepted run
NOT verified: of 3 outputs 0 differ, of the inputs 0 differ
",
    );
}

#[test]
fn without_a_lock_there_is_nothing_to_verify_against() {
    Study::small_after_a_run().without("pipeline.lock").says("verify").fails(
        "
error: there is no lock `pipeline.lock` to verify against: no run was accepted yet
 help: `restudy run` makes the outputs and the lock
",
    );
}

#[test]
fn a_raw_file_with_a_bad_cell_fails_verification() {
    let said = Study::small_after_a_run()
        .replacing("data/patients.csv", "A01,old,61", "A01,old,sixty")
        .says("verify");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("data/patients.csv:2: column `age`: `sixty` is not a whole number"));
}
