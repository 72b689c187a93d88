//! The privacy rule on a whole study: what is below the smallest cell stands in
//! no file, of whatever kind the finding and the report are.

use restudy_tests::{Study, findings_by_id};
use serde_json::Value;

const FILE: &str = "pipeline.yaml";

/// The small study (six patients an arm) with every kind of report that counts.
fn study(privacy: &str) -> Study {
    let reports = "  forest: { kind: forest_figure, title: F, model: model }
  all: { kind: findings_table, title: A, findings: { A: [survival.*, comparison.*, model.*, baseline.*] } }
  models: { kind: model_table, models: [model] }
  who: { kind: characteristics_table, baseline: baseline, by: arm }
  at: { kind: survival_table, curves: [survival], by: arm }
  results: { kind: results }
";
    let baseline =
        "  baseline: { kind: baseline_table, by: arm, variables: [age, elderly] }\nreport:\n";
    let study = Study::small()
        .replacing(FILE, "  index_date: started\n", &format!("  index_date: started\n{privacy}"))
        .replacing(FILE, "report:\n", baseline);
    let file = study.read(FILE) + reports;
    let study = study.with(FILE, file);
    study.says("run --quiet").succeeds();
    study
}

/// The whole numbers of a text that stand for themselves.
fn is_small_count(text: &str) -> bool {
    // nought tells of nobody, and is shown
    text.parse::<u64>().is_ok_and(|count| (1..5).contains(&count))
}

#[test]
fn no_file_holds_a_count_below_the_smallest_cell() {
    let study = study("  privacy: { tier: aggregate, smallest_cell: 5 }\n");
    let findings = findings_by_id(&study.read("reports/results/findings.csv"));
    let mut hidden = 0;
    for (id, finding) in &findings {
        let counts = ["n", "events", "missing"].map(|name| &finding[name]);
        let value = Some(&finding["value"]).filter(|_| finding["quantity"] == "count");
        for count in counts.into_iter().chain(value).filter_map(Value::as_f64) {
            assert!(count == 0.0 || count >= 5.0, "{id} tells {count}");
        }
        hidden += usize::from(finding["state"] == "suppressed");
        // such a value is that of one patient, whatever the count
        let extreme = ["minimum", "maximum", "shortest_follow_up", "longest_follow_up"];
        if extreme.iter().any(|name| finding["statistic"] == *name) {
            assert!(finding["value"].is_null(), "{id} tells the value of a patient");
        }
    }
    // a study without small counts would pass everything above
    assert!(hidden > 10, "the study has small counts: {hidden}");
    for table in ["all", "models", "who", "at"] {
        let csv = study.read(&format!("reports/tables/{table}.csv"));
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let header = reader.headers().expect("a header").clone();
        for record in reader.records() {
            let record = record.expect("a row");
            for (column, cell) in header.iter().zip(&record) {
                let counts = ["n", "events", "events_of_patients"].contains(&column)
                    || column.ends_with("at_risk");
                // numerator and denominator of a fraction are counts each
                let told = cell.split('/').any(is_small_count);
                assert!(!(counts && told), "{table}: {column} tells {cell}");
            }
        }
    }
    let figure = study.read("reports/figures/curves.svg");
    assert!(
        figure.contains(">&lt;5<") || figure.contains("&lt;5/6"),
        "small counts are told as such"
    );
}

/// The open tier hides nothing, and nothing says that it does.
#[test]
fn an_open_study_says_nothing_of_hiding() {
    let study = study("  privacy: { tier: open, smallest_cell: 5 }\n");
    for (path, bytes) in study.made() {
        // that file describes the columns, and so names the words
        if path.ends_with(".csv") && !path.ends_with("columns.csv") {
            let text = String::from_utf8(bytes).expect("text");
            for word in ["suppressed", "[c]", "<5"] {
                assert!(!text.contains(word), "{path} has `{word}`");
            }
        }
    }
}
