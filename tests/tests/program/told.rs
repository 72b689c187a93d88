//! What a run says of data that it dropped, left unmatched or turned into
//! queries, and the ways in which several files become one table.

use restudy_tests::Study;

const STUDY: &str = "
restudy: 1
study: { title: T, data_status: example, patient: id, analysis_table: p, time_unit: days }
ingest:
  p:
    kind: csv
    path: [data/site_a.csv, data/site_b.csv]
    source: site
    columns:
      id: { type: id, unique: true }
      time: { type: whole }
      status: { type: text }
      weight: { type: text }
  labs: { kind: csv, path: data/labs.csv, misfits: set_missing, columns: { id: { type: id }, hb: { type: real } } }
clean:
  weights: { kind: parse_numbers, table: p, columns: [weight], decimal_comma: accept }
  with_labs: { kind: join, with: labs, columns: [hb] }
  endpoints: { kind: endpoints, define: { os: { time: time, status: status, event_values: [dead], censored_values: [alive], label: OS } } }
analyze:
  km: { kind: kaplan_meier, endpoint: os, by: site }
report:
  results: { kind: results }
";

// weights in several ways of writing, of which some cannot be told for sure
const A: &str = "id,time,status,weight\nA1,10,dead,\"61,5\"\nA2,20,alive,1.234\nA3,30,dead,70-\n";
// an empty row, a patient without time and status, and one without a weight
const B: &str = "id,time,status,weight\nB1,10,dead,50\n,,,\nB2,,,1e2\nB3,30,alive,\n";
// a value that is no number, and a patient whom the study does not know
const LABS: &str = "id,hb\nA1,9\nB1,low\nC1,8\n";

fn study() -> Study {
    Study::empty()
        .with("pipeline.yaml", STUDY)
        .with("data/site_a.csv", A)
        .with("data/site_b.csv", B)
        .with("data/labs.csv", LABS)
}

#[test]
fn a_run_says_by_rule_what_it_took_away() {
    let study = study();
    let said = study.says("run --quiet");
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    let noted: Vec<&str> = said.out.lines().filter(|line| line.starts_with("noted")).collect();
    assert_eq!(
        noted,
        [
            "noted    ingest.p: 1 row holds nothing and is passed over; 2 rows stand below an empty one, from data/site_b.csv:4 on: `stop_at_blank_row: true` would end the table there",
            "noted    ingest.labs: 1 cell did not fit and is missing",
            "noted    clean.weights: 2 cells became queries and are missing",
            "noted    clean.with_labs: 1 row was dropped; 4 of 6 rows of `p` find no row in `labs`",
            "noted    clean.endpoints: 1 cell became a query and is missing",
        ]
    );
    // what was said once is not said again of results that still hold
    study.says("run --quiet").prints("pipeline.yaml: 7 stages, nothing to do (TIME)");
}

#[test]
fn a_patient_without_an_endpoint_is_counted_as_missing() {
    let study = study();
    study.says("run").succeeds();
    let findings = study.read("reports/results/findings.csv");
    let mut rows = findings.lines();
    let header: Vec<&str> = rows.next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|own| *own == name).expect("a column");
    let median = rows
        .find(|row| row.starts_with("km.median") && row.contains("site_b"))
        .expect("the median of the second site");
    let cells: Vec<&str> = median.split(',').collect();
    // B1 and B3 are followed, B2 is not
    assert_eq!((cells[place("n")], cells[place("missing")]), ("2", "1"), "{median}");
}

#[test]
fn tables_are_stacked_by_a_rule_too() {
    let two = STUDY
        .replace("  p:\n    kind: csv\n    path: [data/site_a.csv, data/site_b.csv]\n    source: site\n", "  a: &site\n    kind: csv\n    path: data/site_a.csv\n")
        .replace("  labs:", "  b:\n    kind: csv\n    path: data/site_b.csv\n    columns: { id: { type: id }, time: { type: whole }, status: { type: text }, weight: { type: text } }\n  labs:")
        .replace("&site", "")
        .replace("clean:\n", "clean:\n  all: { kind: append, tables: [a, b], into: p, source: site }\n");
    let study = study().with("pipeline.yaml", two);
    study.says("run").succeeds();
    let findings = study.read("reports/results/findings.csv");
    for number in ["\nkm.n.a,", "\nkm.n.b,"] {
        assert!(findings.contains(number), "{findings}");
    }
}

#[test]
fn an_unknown_status_names_what_would_know_it() {
    // an unknown word must not count as alive
    let study = study().replacing("data/site_a.csv", "A1,10,dead", "A1,10,DECEASED");
    let said = study.says("run --quiet");
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("add `DECEASED` to `event_values` or to `censored_values`"),
        "{}",
        said.err
    );
}
