//! `restudy claims`: claims beside recomputed numbers, and published numbers against
//! each other, with data and without.

use restudy_tests::{Said, Study, repository};
use serde_json::Value;

const FILE: &str = "pipeline.yaml";

/// The example of docs/claims.md: an abstract with no data.
fn documented() -> Study {
    let path = repository().join("docs/claims.md");
    let text = std::fs::read_to_string(path).expect("the documentation");
    // the example itself, so that the documentation cannot go stale
    let yaml = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    Study::empty().with(FILE, yaml.expect("an example"))
}

/// The small study with claims of a recomputed number and of what it is beside.
fn small(survival: u8) -> Study {
    let study = Study::small();
    let claims = format!(
        "  forensics: {{ kind: claim_forensics }}
claims:
  median_new: {{ label: Median, quote: \"3.0\", place: abstract, value: 3.0, decimals: 1, unit: months, finding: survival.median.new }}
  survival_new: {{ label: Survival, quote: \"{survival}%\", place: abstract, value: {survival}, unit: percent, about: {{ statistic: survival, of: os, group: new, at: 1 month }} }}
report:
  table: {{ kind: forensics_table, forensics: forensics }}
"
    );
    study.replacing(FILE, "report:\n", &claims)
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("no JSON: {}{}", said.out, said.err))
}

#[test]
fn an_abstract_alone_is_examined() {
    let said = documented().says("claims");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    // the p-value of the example is printed as .009, which only one of the tests rounds
    // to
    let line = "Pearson 0.00886 (prints it); Yates 0.0124";
    assert!(said.out.contains(line), "{}", said.out);
    assert!(said.out.contains("n 150; counts that fit 1; count 72"), "{}", said.out);
    assert!(said.out.ends_with("0 of them contradictions, 0 unusual, 0 not checkable\n"));
}

#[test]
fn a_contradiction_is_exit_code_1_however_it_is_printed() {
    // a p-value that no test of the counts gives
    let wrong = documented().replacing(FILE, "value: 0.009,", "value: 0.029,");
    let said = wrong.says("claims");
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let contradiction = "contradiction   Tests of the counts that print the p-value: orr_p, ";
    assert!(said.out.contains(contradiction), "{}", said.out);
    let said = wrong.says("claims --json");
    let found = json(&said);
    let examined = found["examined"].as_array().expect("a list");
    let one = examined.iter().find(|one| one["standing"] == "contradiction").expect("one");
    assert_eq!((said.code, &one["check"]), (1, &"p_from_counts".into()));
    assert!(one["evidence"][0]["value"].as_f64().is_some_and(|p| (p - 0.00886).abs() < 1e-5));
    let said = wrong.says("claims --inspect --json");
    let found = json(&said);
    let checks = found.as_array().expect("a list");
    assert_eq!((said.code, checks.len()), (1, 21));
    let of = |number: &str| {
        let one = checks.iter().find(|one| one["check"] == number).expect("a check");
        one["answer"].as_str().expect("words").to_owned()
    };
    // the example is a trial
    assert_eq!(
        ["4.9", "4.10", "4.2", "1.1"].map(of),
        ["serious concern", "not checkable", "needs a person", "needs a person"]
    );
}

#[test]
fn a_finding_says_what_a_claim_is_of() {
    let before = small(70).says("claims");
    assert_eq!(before.code, 0, "{}{}", before.out, before.err);
    assert!(before.out.contains("not yet computed"), "{}", before.out);
    // a median of 3 months is late for survival of 10% in month 1
    let wrong = json(&small(10).says("claims --json"));
    let one = wrong["examined"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["check"] == "median_and_survival");
    assert_eq!(one.expect("examined")["standing"], "contradiction");
}

#[test]
fn a_changed_claim_makes_what_examines_it_run() {
    let study = small(10);
    study.says("run").succeeds();
    let changed = study.replacing(FILE, "value: 10,", "value: 70,");
    let status = changed.says("status").out;
    let stale = status.lines().filter(|line| line.contains("forensics")).count();
    assert!(stale > 0 && status.contains("claim"), "{status}");
}

#[test]
fn what_a_claim_is_of_is_checked_with_the_file() {
    let said = documented()
        .replacing(FILE, "statistic: p_value, of: response", "statistic: p_valeu, off: response")
        .says("claims");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    for words in ["p_valeu", "off", "did you mean"] {
        assert!(said.err.contains(words), "no `{words}` in {}", said.err);
    }
    let said = documented().says("claims --inspct");
    assert_eq!(said.code, 2, "{}", said.err);
}
