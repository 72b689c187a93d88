//! The list of comparisons with R holds every module of reference values, and no
//! test that there is no more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn below(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The first cells of its rows: the module and the test.
fn listed() -> Vec<(String, String)> {
    let text = fs::read_to_string(below("../report/src/validation/with_r.csv")).expect("the list");
    let rows = text.lines().skip(1).map(|row| {
        let mut cells = row.split(',').map(str::to_owned);
        (cells.next().expect("a module"), cells.next().expect("a test"))
    });
    rows.collect()
}

#[test]
fn every_module_with_cases_of_r_is_compared() {
    let folders = fs::read_dir(below("../../tests/reference")).expect("a folder");
    let modules = folders.filter_map(|folder| {
        let folder = folder.expect("readable").path();
        // Folders without cases hold data or scripts.
        let text = fs::read_to_string(folder.join("values.json")).ok()?;
        let document: Value = serde_json::from_str(&text).expect("valid JSON");
        document["cases"].is_array().then(|| folder.file_name().unwrap().display().to_string())
    });
    let modules: BTreeSet<String> = modules.collect();
    let compared: BTreeSet<String> = listed().into_iter().map(|(module, _)| module).collect();
    assert_eq!(compared, modules);
}

/// Rows of a test that was renamed or taken out would stay for ever.
#[test]
fn every_test_of_the_list_is_there() {
    for (_, test) in listed() {
        let path: Vec<&str> = test.split(' ').next().unwrap_or_default().split("::").collect();
        let (program, inside, name) = match path.as_slice() {
            [program, name] => (program, None, name),
            [program, file, name] => (program, Some(file), name),
            _ => panic!("`{test}` is no name of a test"),
        };
        let file = match inside {
            Some(file) => format!("tests/{program}/{file}.rs"),
            None => format!("tests/{program}.rs"),
        };
        let source = fs::read_to_string(below(&file)).unwrap_or_default();
        assert!(source.contains(&format!("fn {name}()")), "{test}: take its rows out of the list");
    }
}
