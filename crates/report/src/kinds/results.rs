//! `results`: every finding as data, for whoever wants to compute on.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use study::{Finding, Output, StudySettings};

use crate::suppress::{Shown, Suppression};
use crate::table::data_status;
use crate::words;

/// All findings as files: `findings.csv` and `findings.json`, one row or
/// object a finding at full precision, and `columns.csv`, which says what
/// each column holds.
///
/// In studies of the aggregate tier the small counts of baseline tables are
/// left out here as they are in the tables; their state is `suppressed`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Folder of the files, relative to the pipeline file.
    #[serde(default = "default_folder")]
    pub folder: String,
}

fn default_folder() -> String {
    "reports/results".to_owned()
}

/// The columns, with what they hold.
const COLUMNS: [(&str, &str); 25] = [
    ("id", "stable name: stage.statistic, then variable, level, time and group as needed"),
    ("stage", "the entry of `analyze:` that made it"),
    ("kind", "kind of that entry"),
    ("statistic", "what was computed, in full words"),
    ("endpoint", "name of the endpoint"),
    ("variable", "the covariate, or the row of a baseline table"),
    ("level", "the level of that variable, as in the data"),
    ("group", "the level of the grouping column, as in the data; `all` for everybody"),
    ("reference", "the level compared with"),
    ("time_days", "the time it speaks of, in days from the index date"),
    ("population", "the filter that was declared, or `all`"),
    ("quantity", "what kind of number it is"),
    ("unit", "unit of a measured number"),
    (
        "state",
        "`estimated`, `not_reached`, `not_estimable` (see `warnings`), or `suppressed` (a small count)",
    ),
    ("value", "the number at full precision; empty unless estimated"),
    ("lower", "lower confidence limit"),
    ("upper", "upper confidence limit"),
    ("confidence_level", "confidence level of the limits"),
    ("standard_error", "standard error; of a ratio, that of its logarithm"),
    ("n", "patients it was computed from"),
    ("events", "events among them"),
    ("missing", "patients left out for a missing value"),
    ("method", "the estimator or test in words"),
    ("warnings", "what a reader must know before using it, joined by `; `"),
    ("data_status", "where the data come from: `observed`, `simulated` or `example`"),
];

impl Kind for Results {
    const NAME: &'static str = "results";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::Section(Section::Analyze)], ..Wiring::default() }
    }

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        if self.folder.is_empty() || self.folder.starts_with('/') || self.folder.contains("..") {
            let message = format!("`{}` is no folder below the pipeline file", self.folder);
            return Err(Mistake::at(&["folder"], message).hint("such as `reports/results`").into());
        }
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let findings = || call.section(Section::Analyze).flat_map(|(_, output)| &output.findings);
        let suppression = Suppression::of(findings().collect::<Vec<_>>().into_iter(), call.study);
        let rows: Vec<Value> =
            findings().map(|finding| row(finding, &suppression, call.study)).collect();
        let folder = self.folder.trim_end_matches('/');
        let files = [
            ("findings.csv", csv_of(&rows)),
            ("findings.json", json_of(&rows, call.study)),
            ("columns.csv", columns()),
        ];
        let files = files.map(|(name, bytes)| (format!("{folder}/{name}"), bytes));
        Ok(Output { files: BTreeMap::from(files), ..Output::default() })
    }
}

/// A finding by column, in the order of the columns.
fn row(finding: &Finding, suppression: &Suppression, study: &StudySettings) -> Value {
    let mut row = serde_json::to_value(finding).expect("invariant: findings are plain values");
    row["id"] = json!(finding.id());
    row["stage"] = json!(finding.stage());
    row["method"] = json!(words::method(&finding.method));
    row["warnings"] = finding.warnings.iter().map(words::warning).collect();
    if suppression.shown(finding) != Shown::Count {
        row["state"] = json!("suppressed");
        for column in ["value", "lower", "upper", "standard_error", "n", "events"] {
            row[column] = Value::Null;
        }
    }
    row["data_status"] = json!(data_status(study));
    row
}

fn csv_of(rows: &[Value]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = COLUMNS.map(|(name, _)| name);
    writer.write_record(header).expect("invariant: memory takes every record");
    for row in rows {
        let record = header.map(|name| cell(&row[name]));
        writer.write_record(record).expect("invariant: records are as wide as the header");
    }
    writer.into_inner().expect("invariant: memory takes every byte")
}

/// A value as a cell: the shortest digits that read back to the same number.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(texts) => {
            texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn json_of(rows: &[Value], study: &StudySettings) -> Vec<u8> {
    let in_order = |row: &Value| -> Value {
        COLUMNS
            .iter()
            .map(|(name, _)| ((*name).to_owned(), row[*name].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let rows: Vec<Value> = rows.iter().map(in_order).collect();
    let whole = json!({
        "title": study.title,
        "data_status": study.data_status,
        "mark": study.mark(),
        "findings": rows,
    });
    let mut bytes = serde_json::to_vec_pretty(&whole).expect("invariant: plain values");
    bytes.push(b'\n');
    bytes
}

fn columns() -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (name, about) in [("column", "what it holds")].into_iter().chain(COLUMNS) {
        writer.write_record([name, about]).expect("invariant: memory takes every record");
    }
    writer.into_inner().expect("invariant: memory takes every byte")
}

#[cfg(test)]
mod tests {
    use study::Quantity;

    use super::*;
    use crate::sample;

    fn made(findings: Vec<Finding>, smallest_cell: u64) -> BTreeMap<String, Vec<u8>> {
        let mut study = sample::study();
        study.privacy.smallest_cell = smallest_cell;
        let output = Output { findings, ..Output::default() };
        let call = sample::call("results", &study, vec![("a", output)]);
        let results = Results { folder: default_folder() };
        results.run(&call).expect("nothing is wrong").files
    }

    fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
        String::from_utf8(files[&format!("reports/results/{name}")].clone()).expect("text")
    }

    #[test]
    fn numbers_keep_every_digit() {
        let ratio = Finding::new("pfs", "cox_model", "hazard_ratio", Quantity::Ratio, 0.1 + 0.2)
            .limits(Some(1e-7), None, 0.95)
            .by_method("Cox, \"Efron\"");
        let files = made(vec![ratio], 5);
        let csv = text(&files, "findings.csv");
        assert_eq!(
            csv.lines().nth(1).expect("one row"),
            "pfs.hazard_ratio,pfs,cox_model,hazard_ratio,,,,,,,all,ratio,,estimated,\
             0.30000000000000004,1e-7,,0.95,,,,,\"Cox, \"\"Efron\"\"\",,simulated"
        );
        let json: Value = serde_json::from_str(&text(&files, "findings.json")).expect("JSON");
        assert_eq!(json["findings"][0]["value"].as_f64(), Some(0.1 + 0.2));
        assert_eq!(json["mark"], "SIMULATED");
    }

    #[test]
    fn the_columns_are_those_of_a_finding() {
        let finding = Finding::new("s", "k", "x", Quantity::Count, 1.0);
        let fields = serde_json::to_value(finding).expect("plain");
        let fields: Vec<&String> = fields.as_object().expect("an object").keys().collect();
        let names = COLUMNS.map(|(name, _)| name);
        assert_eq!(fields, names[..24].iter().collect::<Vec<_>>());
        assert_eq!(text(&made(Vec::new(), 0), "columns.csv").lines().count(), 26);
    }

    #[test]
    fn small_cells_are_left_out_here_too() {
        let count = |level: &str, value: f64| {
            let mut count = Finding::new("b", "baseline_table", "count", Quantity::Count, value)
                .of_variable("sex");
            count = count.at_level(level).in_group("all");
            count.n = Some(value as u64);
            count
        };
        let csv = text(&made(vec![count("f", 3.0), count("m", 34.0)], 5), "findings.csv");
        assert!(!csv.contains("3.0") && !csv.contains("34"), "{csv}");
        assert_eq!(csv.matches(",suppressed,").count(), 2);
        let csv = text(&made(vec![count("f", 3.0), count("m", 34.0)], 0), "findings.csv");
        assert!(csv.contains(",estimated,3.0,"), "{csv}");
    }
}
