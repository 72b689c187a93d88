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
