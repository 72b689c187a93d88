//! `restudy qc`: the findings of a study beside those of a second program.

use std::process::Command;

use restudy_tests::{Study, repository};
use serde_json::Value;

const RESULTS: &str = "qc.csv";

fn study() -> Study {
    let study = Study::small()
        .replacing("pipeline.yaml", "report:\n", "report:\n  results: { kind: results }\n")
        .replacing(
            "pipeline.yaml",
            "  index_date: started",
            // counts that are kept back could not be compared
            "  index_date: started\n  privacy: { tier: open }",
        );
    study.says("run --quiet").succeeds();
    study
}

/// The findings of a study as a second program would give them.
fn second(study: &Study) -> Vec<(String, String)> {
    let said = study.says("findings --json");
    let whole: Value = serde_json::from_str(&said.out).expect("JSON");
    let rows = whole["findings"].as_array().expect("a list").iter().map(|finding| {
        let value = finding["value"].as_f64().map_or("NA".to_owned(), |value| value.to_string());
        (finding["id"].as_str().expect("an id").to_owned(), value)
    });
    rows.collect()
}

fn told(study: Study, rows: &[(String, String)]) -> (u8, Value, String) {
    let lines = rows.iter().map(|(id, value)| format!("{id},{value}\n"));
    let study = study.with(RESULTS, format!("id,value\n{}", lines.collect::<String>()));
    let file = study.path(RESULTS).display().to_string();
    let json = study.says(&format!("qc {file} --json"));
    let screen = study.says(&format!("qc {file}"));
    assert_eq!(json.code, screen.code);
    (json.code, serde_json::from_str(&json.out).expect("JSON"), screen.out)
}

/// The row of a finding that has a number.
fn hazard_ratio(rows: &mut [(String, String)]) -> &mut (String, String) {
    let found = rows.iter_mut().find(|(id, _)| id == "model.hazard_ratio.age");
    found.expect("the model has an age")
}

#[test]
fn a_second_program_that_agrees_confirms_every_finding() {
    let study = study();
    let rows = second(&study);
    let (code, json, screen) = told(study, &rows);
    assert_eq!(code, 0, "{screen}");
    assert_eq!(json["confirmed"], rows.len());
    assert_eq!(json["study_only"], Value::Array(vec![]));
}

#[test]
fn one_value_that_is_off_is_told_with_both_numbers() {
    let study = study();
    let mut rows = second(&study);
    let value: f64 = hazard_ratio(&mut rows).1.parse().expect("a number");
    // ten times the tolerance
    hazard_ratio(&mut rows).1 = (value * 1.00001).to_string();
    let (code, json, screen) = told(study, &rows);
    assert_eq!(code, 1);
    assert_eq!(json["differing"], serde_json::json!(["model.hazard_ratio.age"]));
    assert_eq!(json["farthest"], "model.hazard_ratio.age");
    assert!(screen.contains(&format!("model.hazard_ratio.age value: {value} here")), "{screen}");
}

#[test]
fn within_the_tolerance_a_value_is_the_same_and_the_tolerance_can_be_set() {
    let study = study();
    let mut rows = second(&study);
    let value: f64 = hazard_ratio(&mut rows).1.parse().expect("a number");
    // a tenth of the tolerance
    hazard_ratio(&mut rows).1 = (value * 1.000_000_1).to_string();
    let lines = rows.iter().map(|(id, value)| format!("{id},{value}\n"));
    let study = study.with(RESULTS, format!("id,value\n{}", lines.collect::<String>()));
    let file = study.path(RESULTS).display().to_string();
    assert_eq!(study.says(&format!("qc {file}")).code, 0);
    assert_eq!(study.says(&format!("qc {file} --tolerance 1e-9")).code, 1);
    assert_eq!(study.says(&format!("qc {file} --tolerance ratio=1e-9")).code, 1);
    // the tolerance of another quantity leaves that of ratios as it was
    assert_eq!(study.says(&format!("qc {file} --tolerance days=1e-9")).code, 0);
}

#[test]
fn an_id_that_the_study_does_not_know_is_told() {
    let study = study();
    let mut rows = second(&study);
    hazard_ratio(&mut rows).0 = "model.hazard_ratio.aged".to_owned();
    let (code, json, screen) = told(study, &rows);
    assert_eq!(code, 1);
    assert_eq!(json["second_only"], serde_json::json!(["model.hazard_ratio.aged"]));
    assert!(screen.contains("In the second program only\n  model.hazard_ratio.aged"), "{screen}");
}

#[test]
fn what_the_second_program_lacks_is_not_confirmed_and_does_not_differ() {
    let study = study();
    let mut rows = second(&study);
    let all = rows.len();
    rows.retain(|(id, _)| !id.starts_with("model."));
    let (code, json, screen) = told(study, &rows);
    assert_eq!(code, 0, "{screen}");
    assert_eq!(json["confirmed"], rows.len());
    assert_eq!(json["study_only"].as_array().expect("a list").len(), all - rows.len());
    assert!(screen.contains("model: "), "{screen}");
}

#[test]
fn what_cannot_be_read_is_no_difference() {
    let study = study().with(RESULTS, "id,value\nsurvival.n.old,six\n");
    let file = study.path(RESULTS).display().to_string();
    let said = study.says(&format!("qc {file}"));
    assert_eq!(said.code, 2);
    assert!(said.err.contains("line 2: `six` is no value"), "{}", said.err);
    assert_eq!(study.says("qc nowhere.csv").code, 2);
    let never = Study::small().with(RESULTS, "id,value\na,1\n");
    let file = never.path(RESULTS).display().to_string();
    let said = never.says(&format!("qc {file}"));
    assert_eq!(said.code, 2);
    assert!(said.err.contains("has no findings to compare with"), "{}", said.err);
}

/// What is said of the published findings and the committed results of the second program.
fn of_the_repository(more: &[&str]) -> (u8, String) {
    let [file, published] = ["qc/results.csv", "reports/results"]
        .map(|path| repository().join(path).display().to_string());
    let words = ["restudy", "qc", &file, &published].into_iter().chain(more.iter().copied());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = cli::run(words, &mut out, &mut err);
    assert!(err.is_empty(), "{}", String::from_utf8_lossy(&err));
    (code, String::from_utf8(out).expect("text"))
}

#[test]
fn the_second_program_of_the_study_confirms_what_is_published() {
    let (code, json) = of_the_repository(&["--json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["differing"], serde_json::json!([]));
    let unknown = json["second_only"].as_array().expect("a list");
    assert_eq!(unknown.first(), None, "of {} ids that are of no finding", unknown.len());
    assert_eq!(code, 0);
    let count = |name: &str| json[name].as_u64().expect("a count");
    assert!(count("confirmed") * 2 > count("findings"), "more than half are confirmed");
}

#[test]
fn the_committed_report_is_of_the_published_findings() {
    let (_, said) = of_the_repository(&[]);
    let path = repository().join("qc/report.txt");
    if std::env::var_os("RESTUDY_WRITE_DOCS").is_some() {
        std::fs::write(&path, &said).expect("writable");
    }
    assert_eq!(std::fs::read_to_string(path).expect("the report"), said);
}

/// Where R is, the committed results are those of the program.
#[test]
fn the_committed_results_are_what_the_second_program_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = folder.path().join("results.csv");
    let run = Command::new("Rscript").arg(repository().join("qc/qc.R")).arg(&made).output();
    // without R, or its packages, there is nothing to compare
    let Ok(run) = run else { return };
    let words = String::from_utf8_lossy(&run.stderr);
    if words.contains("there is no package called") {
        return;
    }
    assert!(run.status.success(), "{words}");
    let committed = std::fs::read_to_string(repository().join("qc/results.csv")).expect("results");
    let made = std::fs::read_to_string(made).expect("results");
    let rows = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let (committed, made) = (rows(&committed), rows(&made));
    assert_eq!(committed.len(), made.len());
    for (committed, made) in committed.iter().zip(&made) {
        let same = committed.iter().zip(made).all(|(committed, made)| {
            match (committed.parse::<f64>(), made.parse::<f64>()) {
                // versions of R and its libraries differ in the last digits
                (Ok(one), Ok(other)) => (one - other).abs() <= 1e-8 * one.abs().max(other.abs()),
                _ => committed == made,
            }
        });
        assert!(same, "{committed:?} and {made:?}");
    }
}

/// What an abstract implies, by a second program (qc/identified_set.R): another search
/// under the same assumptions finds cohorts like ours. Its median lies within our
/// range and ours within its, the middle halves are not a range apart, and few of its
/// cohorts lie beyond ours, which our searches outward may have passed.
#[test]
fn a_second_search_finds_the_same_cohorts() {
    let read = |path: &str| {
        let bytes = std::fs::read(repository().join(path)).expect("committed");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        let row = |record: csv::StringRecord| {
            let cells = header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned));
            cells.collect::<std::collections::BTreeMap<String, String>>()
        };
        reader.records().map(|record| row(record.expect("a row"))).collect::<Vec<_>>()
    };
    let findings = read("reports/results/findings.csv");
    let ours = |id: &str, part: &str, end: &str| {
        let id = format!("published.{part}.{id}.{end}");
        let found = findings.iter().find(|row| row["id"] == id);
        found.unwrap_or_else(|| panic!("{id} is a finding"))["value"].parse::<f64>().ok()
    };
    let mut compared = 0;
    let theirs = read("qc/identified_set.csv");
    assert_eq!(theirs.len(), 16, "eight numbers of two endpoints");
    for row in &theirs {
        let id = row["id"].as_str();
        let number = |column: &str| row[column].parse::<f64>().expect("a number");
        assert!(number("cohorts") >= 30.0, "{id}: too few to tell");
        // where some cohort has no finite ratio, there is no range to compare
        let known = ["5", "50", "95"].map(|end| ours(id, "sampled", end));
        let ends = ["least", "greatest"].map(|end| ours(id, "range", end));
        let ([Some(from), Some(own), Some(to)], [Some(least), Some(greatest)]) = (known, ends)
        else {
            continue;
        };
        compared += 1;
        let [low, middle, high] = ["q5", "q50", "q95"].map(number);
        assert!(least <= middle && middle <= greatest, "{id}: {middle} in {least} to {greatest}");
        assert!(low <= own && own <= high, "{id}: {own} in {low} to {high}");
        let width = (high - low).max(to - from);
        assert!((middle - own).abs() <= 0.3 * width, "{id}: {middle} and {own}");
        assert!(low >= least - 0.1 * width && high <= greatest + 0.1 * width, "{id}");
    }
    assert!(compared >= 14, "{compared} numbers were compared");
}
