//! Exports come in any order: every raw file of a study with its rows
//! shuffled gives the same findings, to the last bit.

use std::fs;

use restudy_tests::{Study, repository};

/// A fixed sequence of numbers (Knuth's linear congruential generator), so
/// that every machine shuffles alike.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).expect("below a length")
    }
}

/// The rows of a CSV file, the header first; a line break in quotes ends no row.
fn rows(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rows = vec![Vec::new()];
    let mut is_quoted = false;
    for byte in bytes {
        rows.last_mut().expect("there is one").push(*byte);
        // a doubled mark turns it twice and so changes nothing
        is_quoted ^= *byte == b'"';
        if *byte == b'\n' && !is_quoted {
            rows.push(Vec::new());
        }
    }
    rows.retain(|row| !row.is_empty());
    // the last row may lack its break, and need it once it stands elsewhere
    if let Some(last) = rows.last_mut().filter(|row| !row.ends_with(b"\n")) {
        last.push(b'\n');
    }
    rows
}

fn shuffled(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut rows = rows(bytes);
    // row 0 is the header and stays
    for place in (2..rows.len()).rev() {
        let other = 1 + numbers.below(place);
        rows.swap(place, other);
    }
    rows.concat()
}

fn same_findings_in_any_order(folder: &str, raw: &str) {
    let mut study = Study::of_repository(folder);
    let mut numbers = Numbers(7);
    let mut paths: Vec<_> = fs::read_dir(study.path(raw)).expect("raw files").collect();
    // folders are listed in another order on every machine
    paths.sort_by_key(|entry| entry.as_ref().expect("readable").file_name());
    let mut moved = 0;
    for entry in paths {
        let name = entry.expect("readable").file_name().into_string().expect("plain names");
        if name.ends_with(".csv") {
            let path = format!("{raw}/{name}");
            let before = fs::read(study.path(&path)).expect("readable");
            let after = shuffled(&before, &mut numbers);
            moved += usize::from(before != after);
            study = study.with(&path, after);
        }
    }
    assert!(moved > 0, "the shuffle moved nothing");
    study.says("run --quiet").succeeds();
    let findings = "reports/results/findings.csv";
    let committed =
        fs::read_to_string(repository().join(folder).join(findings)).expect("committed");
    let again = study.read(findings);
    // compared as text, so to the last digit that is written
    let differing = committed.lines().zip(again.lines()).filter(|(one, other)| one != other);
    assert_eq!(differing.take(5).collect::<Vec<_>>(), []);
    assert_eq!(committed.lines().count(), again.lines().count());
}

#[test]
fn the_study_gives_the_same_findings() {
    same_findings_in_any_order("", "data/raw");
}

#[test]
fn the_veteran_example_gives_the_same_findings() {
    same_findings_in_any_order("examples/veteran", "data");
}
