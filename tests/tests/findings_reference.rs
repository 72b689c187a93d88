//! docs/findings.md lists the ids that analyses announce: of a pipeline that uses
//! every kind with its options, which is only ever checked.

use std::collections::BTreeSet;
use std::fs;

use engine::{Project, Section};
use restudy_tests::repository;

/// Set to write the tables anew instead of comparing them.
const WRITE: &str = "RESTUDY_WRITE_DOCS";

/// What every kind announces.
fn announced() -> Project {
    let file = repository().join("tests/studies/every_kind/pipeline.yaml");
    // nothing is run, so no digest of the program is needed
    let (project, said) = Project::open(&cli::registry(), &file, "").expect("readable");
    assert_eq!(said, [], "the file holds");
    let project = project.expect("a pipeline without mistakes");
    // announced ids come from the rehearsal, which a mistake would cut short
    assert_eq!(project.check(), [], "nothing is wrong");
    project
}

fn tables() -> std::collections::BTreeMap<String, String> {
    report::listing::grammar(&announced().findings())
}

#[test]
fn the_ids_in_the_documentation_are_those_that_analyses_announce() {
    let path = repository().join("docs/findings.md");
    let committed = fs::read_to_string(&path).expect("the documentation");
    // only the tables are made; the text around them is written by hand
    let mut current = committed.clone();
    for (kind, table) in tables() {
        let (begin, end) = (format!("<!-- ids of {kind} -->\n"), "<!-- end -->");
        let start = current.find(&begin).unwrap_or_else(|| {
            panic!("docs/findings.md has no place for the ids of `{kind}`: {begin}{end}")
        });
        let start = start + begin.len();
        let length = current[start..].find(end).expect("the end of the place");
        current.replace_range(start..start + length, &table);
    }
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, current).expect("writable");
        return;
    }
    assert!(committed == current, "docs/findings.md is not current: run this test with {WRITE}=1");
}

/// Every kind of analysis stands in the pipeline that the documentation is made
/// from.
#[test]
fn every_kind_announces_its_findings() {
    let announced: BTreeSet<String> = tables().into_keys().collect();
    let registry = cli::registry();
    let offered: BTreeSet<String> = registry.names(Section::Analyze).map(str::to_owned).collect();
    // a kind that is missing in the pipeline would be missing in the documentation
    assert_eq!(announced, offered);
}

/// A kind or a statistic that is misspelt in a guideline would be missing from
/// every study for ever.
#[test]
fn guidelines_ask_for_what_analyses_announce() {
    let found: Vec<study::Finding> = announced().findings().into_iter().flatten().collect();
    let kinds: BTreeSet<&str> = found.iter().map(|finding| finding.kind.as_str()).collect();
    let statistics: BTreeSet<&str> = found.iter().map(|one| one.statistic.as_str()).collect();
    // read as data: the test is not to depend on how the report reads them
    for name in ["strobe", "sampl"] {
        let path = repository().join(format!("crates/report/src/checklist/{name}.json"));
        let text = fs::read_to_string(path).expect("a guideline");
        let guideline: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let items = guideline["items"].as_array().expect("items");
        for part in items.iter().filter_map(|item| item["parts"].as_array()).flatten() {
            let proof = &part["proof"];
            let asked = [
                (&proof["methods"], &kinds),
                (&proof["numbers"]["kinds"], &kinds),
                (&proof["numbers"]["statistics"], &statistics),
            ];
            for (listed, known) in asked {
                for one in listed.as_array().into_iter().flatten() {
                    let one = one.as_str().expect("a name");
                    assert!(known.contains(one), "{name}: {}: there is no `{one}`", part["says"]);
                }
            }
        }
    }
}
