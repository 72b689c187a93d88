//! The pages that are written from the types are as the types are.

use std::fs;

use restudy_tests::repository;

fn is_current(path: &str, made: &str, command: &str) {
    let kept = fs::read_to_string(repository().join(path)).unwrap_or_default();
    assert!(kept == made, "`{path}` is out of date: write it again with `{command} > {path}`");
}

#[test]
fn the_reference_is_current() {
    is_current("docs/reference.md", &cli::reference(), "cargo run -- kinds --markdown");
}

#[test]
fn the_schema_is_current() {
    is_current("docs/pipeline.schema.json", &cli::schema(), "cargo run -- schema");
}

/// Counts that cost nothing, whatever they are.
const UNBOUNDED: [&str; 5] = ["seed", "smallest_cell", "header_row", "last_row", "at"];

/// The whole numbers of a schema that can be as large as anybody likes.
fn unbounded(name: &str, schema: &serde_json::Value, found: &mut Vec<String>) {
    let is_whole = match &schema["type"] {
        serde_json::Value::Array(types) => types.iter().any(|one| one == "integer"),
        one => one == "integer",
    };
    let bounded = schema["maximum"].as_f64().is_some_and(|most| most <= 1e7);
    if is_whole && !bounded && !UNBOUNDED.contains(&name) {
        found.push(name.to_owned());
    }
    match schema {
        serde_json::Value::Object(fields) => {
            for (key, inner) in fields {
                // these carry no name of their own
                let inner_name = if key == "items" || key == "anyOf" { name } else { key };
                unbounded(inner_name, inner, found);
            }
        }
        serde_json::Value::Array(items) => {
            items.iter().for_each(|item| unbounded(name, item, found));
        }
        _ => {}
    }
}

#[test]
fn no_count_of_a_pipeline_is_without_a_largest() {
    let schema = serde_json::from_str(&cli::schema()).expect("a schema is JSON");
    let mut found = Vec::new();
    unbounded("", &schema, &mut found);
    assert!(found.is_empty(), "`schemars(range(max = ...))` is missing: {found:?}");
    let text = cli::schema();
    // a renamed parameter would no longer be looked at
    for name in ["imputations", "permutation", "bootstrap", "replicates"] {
        assert!(text.contains(&format!("\"{name}\"")), "`{name}` is a parameter still");
    }
}

/// The section of a page under a heading, without its marks.
fn section(page: &str, heading: &str) -> String {
    let page = fs::read_to_string(repository().join(page)).expect("a page");
    let parts = page.split("<h2").find(|part| {
        part.split_once("</h2>").is_some_and(|(title, _)| title.ends_with(&format!(">{heading}")))
    });
    let part = parts.expect("the page has the section").replace("&#39;", "'");
    let texts = part.split('<').skip(1).filter_map(|piece| piece.split_once('>'));
    texts.map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}

/// A methods section is read: it is short, says what each method is, and names
/// columns, levels and entries by their words.
#[test]
fn the_methods_sections_are_short_and_in_words() {
    let pages =
        [("reports/supplement.html", 900), ("examples/veteran/reports/supplement.html", 300)];
    for (page, most) in pages {
        let text = section(page, "Methods");
        let words = text.split_whitespace().count();
        assert!((100..most).contains(&words), "{page}: {words} words");
        for method in ["Kaplan-Meier", "log-rank", "Cox model", "Grambsch and Therneau", "Efron"] {
            assert!(text.contains(method), "{page} does not name {method}");
        }
        for mark in ['`', '_'] {
            assert!(!text.contains(mark), "{page} has `{mark}`: {text}");
        }
    }
}
