//! The invariants of this crate, as they can be read off its sources.

use std::path::Path;

/// Every source file with its text, by name.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).expect("a source file");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            found.push((name, text));
        }
    }
}

#[test]
fn nothing_names_the_data_frame() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    // Spelled in two parts, so that this file does not name it.
    let name = ["pol", "ars"].concat();
    let naming: Vec<&str> = found
        .iter()
        .filter(|(_, text)| text.contains(&name))
        .map(|(file, _)| file.as_str())
        .collect();
    assert_eq!(naming, Vec::<&str>::new());
}

#[test]
fn every_kind_is_one_registered_file() {
    let mut registry = engine::Registry::new();
    crate::register(&mut registry);
    let names: Vec<&str> = registry.names(engine::Section::Analyze).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kinds");
    for name in &names {
        assert!(folder.join(format!("{name}.rs")).is_file(), "{name}.rs");
        let schema = registry.schema(engine::Section::Analyze, name).expect("a schema");
        let text = std::fs::read_to_string(folder.join(format!("{name}.rs"))).expect("a source");
        let words = schema["description"].as_str().expect("what users read");
        let first = words.lines().next().expect("a line");
        assert!(text.contains(&format!("/// {first}")), "{name} is described by `{first}`");
    }
}

#[test]
fn no_kind_does_what_is_done_for_all() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kinds"), &mut found);
    // What `Entry` does for every kind: the guard, the population,
    // the weights and the warnings must not be passed by.
    let by_hand = ["Kind for ", "Population::new", "PatientWeights::new", "Book::new", "Output::"];
    // Tests may build what they need by hand.
    let kinds = found.iter().filter(|(file, _)| file != "tests.rs");
    let wrong: Vec<String> = kinds
        .flat_map(|(file, text)| {
            let has = |words: &&str| text.contains(*words);
            by_hand.into_iter().filter(has).map(move |words| format!("{file}: {words}"))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}
