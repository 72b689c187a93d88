//! Line ends that git converted on checkout are told from edits.

use std::fs;
use std::sync::Mutex;

use super::folder::{Quiet, Study};

const PAGE: &str = "reports/page.txt";

fn convert(study: &Study, name: &str) {
    study.write(name, &study.read(name).replace('\n', "\r\n"));
}

#[test]
fn converted_outputs_are_named_and_put_back() {
    let study = Study::new();
    study.run();
    convert(&study, PAGE);
    convert(&study, "reports/other.txt");
    let status = study.open().status().expect("readable");
    assert_eq!(status.tampered, Vec::<String>::new());
    assert_eq!(status.line_ends, ["reports/other.txt", PAGE]);
    let found = study.open().verify(&Quiet(Mutex::default())).expect("runs");
    assert_eq!(found.outputs.len(), 2);
    assert!(found.outputs.iter().all(|output| output.what.starts_with("only its line ends")));
    assert_eq!(study.ran(), Vec::<String>::new());
    assert_eq!(study.read(PAGE), "sum 20\n");
}

#[test]
fn converted_inputs_are_named() {
    let study = Study::new();
    study.run();
    convert(&study, "numbers.txt");
    assert_eq!(study.open().status().expect("readable").line_ends, ["numbers.txt"]);
    let found = study.open().verify(&Quiet(Mutex::default())).expect("runs");
    assert!(found.inputs[0].what.starts_with("only its line ends"), "{}", found.inputs[0].what);
    let run = study.try_run(&restudy_engine::RunOptions::default()).expect("a run");
    assert_eq!(run.line_ends, ["numbers.txt"]);
}

#[test]
fn an_edit_with_other_line_ends_is_an_edit() {
    let study = Study::new();
    study.run();
    // Converted and changed: the change must win.
    study.write(PAGE, "sum 21\r\n");
    assert_eq!(study.open().status().expect("readable").tampered, [PAGE]);
    assert!(study.refusal().starts_with("1 output was changed"));
}

#[test]
fn a_study_gets_attributes_once() {
    let study = Study::new();
    study.run();
    let text = study.read(".gitattributes");
    for line in ["/numbers.txt -text", "/pipeline.lock -text", "/reports/** -text"] {
        assert!(text.lines().any(|own| own == line), "{text}");
    }
    // Somebody's own file, even one that converts, is not touched again.
    study.write(".gitattributes", "*.txt text\n");
    study.write("numbers.txt", "100\n");
    study.run();
    assert_eq!(study.read(".gitattributes"), "*.txt text\n");
}

#[test]
fn a_repository_that_has_attributes_needs_no_more() {
    let study = Study::new();
    study.write("inner/pipeline.yaml", &study.read("pipeline.yaml"));
    study.write("inner/numbers.txt", "1\n20\n");
    study.write("inner/others.txt", "5\n");
    fs::create_dir_all(study.path(".git")).expect("a folder");
    study.write(".gitattributes", "* -text\n");
    let quiet = Quiet(Mutex::default());
    let run = study.open_file("inner/pipeline.yaml").run(&Default::default(), &quiet, &|_| {});
    assert!(!run.expect("a run").published.attributes);
    assert!(!study.path("inner/.gitattributes").exists());
}
