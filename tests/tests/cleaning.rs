//! The cleaning policy of the study against the truth: the raw export goes
//! through the `ingest` and `clean` sections of the root pipeline file, and what
//! comes out must be the table that the generator held before it made it dirty.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use engine::{Call, Kind, Mistakes, Observer, Project, Read, Registry, Report, RunOptions};
use engine::{Section, StageId, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use study::{Action, Change, FlowStep, Output, StudySettings, Table, Values};

/// Hands the analysis table, the log and the flow to the test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Probe {}

impl Kind for Probe {
    const NAME: &'static str = "probe";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        // the section as well, since the log and the flow are on the outputs of its stages
        let reads = vec![Read::table(&study.analysis_table, &[]), Read::Section(Section::Clean)];
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        // a run is handed the columns that the rehearsal read: all of them
        stored(call.table(&call.study.analysis_table));
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let table = call.table(&call.study.analysis_table);
        let outputs: Vec<&Output> =
            call.section(Section::Clean).map(|(_, output)| output).collect();
        let changes: Vec<Change<'_>> = outputs.iter().flat_map(|output| &output.changes).collect();
        let flow: Vec<&FlowStep> = outputs.iter().flat_map(|output| &output.flow).collect();
        let files = [
            ("reports/table.json", stored(table)),
            ("reports/changes.json", serde_json::to_vec(&changes).expect("plain values")),
            ("reports/flow.json", serde_json::to_vec(&flow).expect("plain values")),
        ];
        let files = files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
        Ok(Output { files, ..Output::default() })
    }
}

/// A table as JSON: each column with its name, type and values.
fn stored(table: &Table) -> Vec<u8> {
    let column = |name: String| {
        let (kind, values) = match table.values(&name).expect("a type that stages pass") {
            Values::Text(values) => ("text", json!(values)),
            Values::Whole(values) => ("whole", json!(values)),
            Values::Real(values) => ("real", json!(values)),
            Values::YesNo(values) => ("boolean", json!(values)),
            Values::Date(values) => ("date", json!(values)),
        };
        json!({ "name": name, "kind": kind, "values": values })
    };
    let columns: Vec<_> = table.names().into_iter().map(column).collect();
    json!({ "height": table.height(), "columns": columns }).to_string().into_bytes()
}

struct Silent;

impl Observer for Silent {
    fn started(&self, _id: &StageId) {}
    fn finished(&self, _report: &Report) {}
}

type Row = BTreeMap<String, String>;

/// What cleaning made of the raw export.
struct Cleaned {
    patients: BTreeMap<String, Row>,
    changes: Vec<Change<'static>>,
    flow: Vec<FlowStep>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The study's raw export, cleaned once for all tests.
fn cleaned() -> &'static Cleaned {
    static CLEANED: OnceLock<Cleaned> = OnceLock::new();
    CLEANED.get_or_init(clean)
}

/// Runs the ingest and clean sections of the study in a folder of its own.
fn clean() -> Cleaned {
    let folder = tempfile::tempdir().expect("a folder");
    let raw = folder.path().join("data/raw");
    fs::create_dir_all(&raw).expect("a folder");
    // a copy, as paths of a pipeline file start from its folder
    for file in fs::read_dir(root().join("data/raw")).expect("the raw export") {
        let file = file.expect("a file");
        fs::copy(file.path(), raw.join(file.file_name())).expect("a copy");
    }
    let whole = fs::read_to_string(root().join("pipeline.yaml")).expect("the pipeline file");
    // analyses and reports are cut off: only cleaning is looked at, by rules word for
    // word those of the study
    let sections = whole.split("\nanalyze:").next().expect("ingest and clean");
    let path = folder.path().join("pipeline.yaml");
    fs::write(&path, format!("{sections}\nreport:\n  probe: {{ kind: probe }}\n")).expect("a file");
    run(&path);
    let read = |name: &str| fs::read(folder.path().join("reports").join(name)).expect("made");
    Cleaned {
        patients: rows(&read("table.json")),
        changes: serde_json::from_slice(&read("changes.json")).expect("the log"),
        flow: serde_json::from_slice(&read("flow.json")).expect("the flow"),
    }
}

fn run(path: &Path) {
    let mut registry = Registry::new();
    ingest::register(&mut registry);
    clean::register(&mut registry);
    registry.register::<Probe>(Section::Report);
    // any text will do for the program's digest, as the store is empty
    let (project, diagnostics) = Project::open(&registry, path, "test").expect("it is read");
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let options = RunOptions { force: false, ..RunOptions::default() };
    let made = project.expect("a pipeline").run(&options, &Silent, &|_| ());
    if let Err(failure) = made {
        panic!("{failure:#?}");
    }
}

/// The rows of a stored table by record number, every cell as text.
fn rows(stored: &[u8]) -> BTreeMap<String, Row> {
    let table: serde_json::Value = serde_json::from_slice(stored).expect("a stored table");
    let columns = table["columns"].as_array().expect("columns");
    let height = usize::try_from(table["height"].as_u64().expect("a height")).expect("small");
    let row = |row: usize| -> Row {
        let cell = |column: &serde_json::Value| {
            let name = column["name"].as_str().expect("a name").to_owned();
            (name, text(&column["values"][row], column["kind"].as_str().expect("a type")))
        };
        columns.iter().map(cell).collect()
    };
    (0..height).map(row).map(|row| (row["record_id"].clone(), row)).collect()
}

fn text(value: &serde_json::Value, kind: &str) -> String {
    match (value, kind) {
        (serde_json::Value::Null, _) => String::new(),
        // the truth writes yes and no as 1 and 0
        (serde_json::Value::Bool(value), _) => u8::from(*value).to_string(),
        (serde_json::Value::String(value), _) => value.clone(),
        (value, "date") => iso(value.as_i64().expect("a day")),
        (value, _) => value.to_string(),
    }
}

/// A day since 1970 in ISO form (Hinnant's algorithm on the proleptic calendar).
// by an algorithm of its own, so that a mistake in the dates of the program shows
fn iso(day: i64) -> String {
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn truth(name: &str) -> Vec<Row> {
    let path = root().join("tests/truth").join(name);
    let mut reader = csv::Reader::from_path(path).expect("the truth");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// The column of the analysis table for a column of the truth.
fn own_name(column: &str) -> &str {
    if column == "best_response" { "best_overall_response" } else { column }
}

/// Whether two cells say the same: as text, or as the same number.
fn agree(column: &str, truth: &str, found: &str) -> bool {
    let found = match (column, found) {
        ("radiotherapy", "rt") | ("death_day_imputed", "true") => "1",
        ("radiotherapy", "no_rt") | ("death_day_imputed", "") => "0",
        _ => found,
    };
    let number = |text: &str| text.parse::<f64>().ok();
    // `12` and `12.0` are one number; nothing else is let pass
    truth == found || number(truth).is_some_and(|truth| number(found) == Some(truth))
}

#[test]
fn cleaning_the_dirty_export_gives_the_truth() {
    let cleaned = cleaned();
    let truth = truth("analysis.csv");
    let expected: Vec<&String> = truth.iter().map(|row| &row["record_id"]).collect();
    // first who is analysed: a patient too many would be in no row of the truth
    assert_eq!(cleaned.patients.keys().collect::<Vec<_>>(), expected, "the patients analysed");
    let mut differences = Vec::new();
    for row in &truth {
        let found = &cleaned.patients[&row["record_id"]];
        for (column, value) in row {
            let own = found.get(own_name(column)).unwrap_or_else(|| panic!("no column {column}"));
            if !agree(column, value, own) {
                differences
                    .push(format!("{} {column}: truth `{value}`, found `{own}`", row["record_id"]));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_flow_is_that_of_the_truth() {
    let cleaned = cleaned();
    let truth = truth("flow.csv");
    let count = |step: &str| -> u64 {
        let row = truth.iter().find(|row| row["step"] == step).expect("a step");
        row["n"].parse().expect("a count")
    };
    assert_eq!(cleaned.flow[0].before, count("screened"));
    for step in &cleaned.flow {
        assert_eq!(step.excluded, count(&step.stage), "{}", step.stage);
    }
    assert_eq!(cleaned.flow[cleaned.flow.len() - 1].after, count("analysed"));
    // four rows of the truth are no exclusion: screened, analysed and the two arms
    assert_eq!(cleaned.flow.len(), truth.len() - 4);
}

/// Whether a change of the log is the one a piece of dirt asks for.
fn answers(change: &Change<'_>, dirt: &Row) -> bool {
    let same = |own: Option<&str>, wanted: &str| {
        let own = own.unwrap_or("");
        // the log writes numbers as the program does
        own == wanted || own.parse::<f64>().is_ok_and(|own| wanted.parse::<f64>() == Ok(own))
    };
    let place = change.table == dirt["table"] && change.patient == dirt["record_id"];
    let field = change.field == dirt["field"];
    match dirt["expected_action"].as_str() {
        "dropped_duplicate" | "excluded" => place && change.action == Action::RowDropped,
        "query_set_missing" => {
            // a query or a plain removal, as the rule has it
            let taken_out = matches!(change.action, Action::Query | Action::SetMissing);
            place && field && taken_out && change.clean.is_none()
        }
        "fixed" => place && field && same(change.clean.as_deref(), &dirt["clean_expected"]),
        _ => place && field,
    }
}

#[test]
fn every_piece_of_dirt_is_in_the_log() {
    let cleaned = cleaned();
    // What a reader must cope with leaves nothing to log: a whole file's
    // encoding, delimiters inside quoted text; nor does a spelling that is
    // the clean value itself.
    let by_the_reader = ["byte_order_mark", "crlf", "gb18030", "embedded_delimiter"];
    let mut unlogged = Vec::new();
    for dirt in truth("dirt.csv") {
        let clean_already =
            dirt["expected_action"] == "fixed" && dirt["raw"] == dirt["clean_expected"];
        let handled = clean_already
            || by_the_reader.contains(&dirt["dirt_class"].as_str())
            || cleaned.changes.iter().any(|change| answers(change, &dirt));
        if !handled {
            unlogged.push(format!("{dirt:?}"));
        }
    }
    assert!(unlogged.is_empty(), "{} of them:\n{}", unlogged.len(), unlogged.join("\n"));
}

#[test]
fn nothing_clean_is_changed() {
    let cleaned = cleaned();
    let dirt = truth("dirt.csv");
    let about = |change: &Change<'_>, dirt: &Row| {
        // a dirty row (a duplicate, an orphan) may be mended in any cell before it is dropped
        let field = change.field.replace("dose_in_text", "dose");
        change.table == dirt["table"]
            && change.patient == dirt["record_id"]
            && (dirt["field"].is_empty() || field == dirt["field"])
    };
    let unasked: Vec<String> = cleaned
        .changes
        .iter()
        // exclusions are the study's own, and codes are read as their levels everywhere
        .filter(|change| change.action != Action::Excluded && !change.reason.starts_with("code of"))
        .filter(|change| !dirt.iter().any(|dirt| about(change, dirt)))
        .map(|change| format!("{change:?}"))
        .collect();
    assert!(unasked.is_empty(), "{} of them:\n{}", unasked.len(), unasked.join("\n"));
}
