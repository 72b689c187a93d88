//! `results`: every finding as data, for whoever wants to compute on.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use study::{Finding, Output, State, StudySettings};

use crate::evidence::Evidence;
use crate::render::{data_status, inert};
use crate::words;

/// All findings as files: `findings.csv`, one row a finding at full precision,
/// `warnings.csv`, one row for each warning of each finding, which says in words
/// what the codes mean, and `columns.csv`, which says what each column holds.
/// `restudy findings --json` gives the same as JSON.
///
/// In studies of the aggregate tier small counts and what is made of them are
/// left out here as they are in every figure, table and text; the state of such
/// a finding is `suppressed`.
///
/// A text that begins as a formula does (`=`, `+`, `-`, `@`) has an apostrophe
/// before it in the CSV files, here and in those of the tables, so that no
/// spreadsheet computes it; numbers stay numbers.
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
    (
        "warnings",
        "codes of what a reader must know before using it, joined by `; `; see warnings.csv",
    ),
    ("data_status", "where the data come from: `observed`, `simulated` or `example`"),
];

impl Kind for Results {
    const NAME: &'static str = "results";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::Section(Section::Analyze)], ..Wiring::default() }
    }

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        // The engine guards paths of its own. This message says it in words of the parameter.
        if self.folder.is_empty() || self.folder.starts_with('/') || self.folder.contains("..") {
            let message = format!("`{}` is no folder below the pipeline file", self.folder);
            return Err(Mistake::at(&["folder"], message).hint("such as `reports/results`").into());
        }
        let files = FILES.map(|name| (self.path(name), Vec::new()));
        Ok(Output { files: BTreeMap::from(files), ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let rows: Vec<Value> =
            evidence.findings().map(|finding| row(finding, call.study)).collect();
        let contents = [csv_of(&rows), warnings(evidence.findings()), columns()];
        let files = FILES.map(|name| self.path(name)).into_iter().zip(contents);
        Ok(Output { files: files.collect(), ..Output::default() })
    }
}

/// The files, in the order in which they are made.
const FILES: [&str; 3] = ["findings.csv", "warnings.csv", "columns.csv"];

impl Results {
    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.trim_end_matches('/'))
    }
}

/// A finding by column, in the order of the columns.
fn row(finding: &Finding, study: &StudySettings) -> Value {
    let mut row = serde_json::to_value(finding).expect("invariant: findings are plain values");
    // What serde writes of a finding is its address. Files have the id, as everything that users
    // type does.
    row["id"] = json!(finding.id());
    row["stage"] = json!(finding.stage());
    row["method"] = json!(words::method(&finding.method));
    row["warnings"] = finding.warnings.iter().map(words::code).collect();
    if matches!(finding.state, State::Small | State::Hidden) {
        // One word for small and for hidden, as `columns.csv` explains it.
        row["state"] = json!("suppressed");
    }
    row["data_status"] = json!(data_status(study));
    row
}

/// The warnings of the findings: a row for each warning of each finding, those
/// of one code and text together, so that a cell is a word or a sentence.
fn warnings<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<u8> {
    let mut told: Vec<(String, String, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in findings {
        for warning in &finding.warnings {
            let (code, text) = (words::code(warning), words::warning(warning));
            // Looked up in a map: to go through the list for each warning would take its square in
            // time.
            let place = *places.entry((code.clone(), text.clone())).or_insert_with(|| {
                told.push((code, text, Vec::new()));
                told.len() - 1
            });
            told[place].2.push(finding.id());
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["code", "words", "id"]).expect("invariant: memory takes every record");
    for (code, words, ids) in told {
        for id in ids {
            let record = [&code, &words, &id].map(|cell| inert(cell));
            let record = record.iter().map(|cell| cell.as_bytes());
            writer.write_record(record).expect("invariant: records are as wide as the header");
        }
    }
    writer.into_inner().expect("invariant: memory takes every byte")
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

/// A value as a cell: the shortest digits that read back to the same number,
/// and texts that no spreadsheet takes for a formula.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => inert(text).into_owned(),
        Value::Array(texts) => {
            inert(&texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "))
                .into_owned()
        }
        // serde_json writes the shortest digits that read back to the same double.
        other => other.to_string(),
    }
}

/// A finding as one mapping in the order of the columns, its warnings in words:
/// what `restudy explain` prints.
pub(crate) fn described(finding: &Finding, study: &StudySettings) -> Value {
    let mut row = row(finding, study);
    row["warnings"] = finding.warnings.iter().map(words::warning).collect();
    // On a screen the mark of the data stands elsewhere.
    let said = COLUMNS.iter().filter(|(name, _)| *name != "data_status");
    said.map(|(name, _)| ((*name).to_owned(), row[*name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Findings as JSON, with their words: what `restudy findings --json` prints.
pub(crate) fn json_of(findings: &[Finding], study: &StudySettings) -> String {
    let in_order = |finding: &Finding| -> Value {
        let mut row = row(finding, study);
        row["warnings"] = finding
            .warnings
            .iter()
            .map(|warning| json!({"code": words::code(warning), "words": words::warning(warning)}))
            .collect();
        COLUMNS
            .iter()
            .map(|(name, _)| ((*name).to_owned(), row[*name].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let rows: Vec<Value> = findings.iter().map(in_order).collect();
    let whole = json!({
        "title": study.title,
        "data_status": study.data_status,
        "mark": study.mark(),
        "findings": rows,
    });
    serde_json::to_string_pretty(&whole).expect("invariant: plain values")
}

/// `findings.csv` of these findings.
#[cfg(test)]
pub(crate) fn findings_csv(findings: &[Finding], study: &StudySettings) -> Vec<u8> {
    let handed = crate::evidence::handed(findings, study);
    csv_of(&handed.iter().map(|finding| row(finding, study)).collect::<Vec<_>>())
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
    use study::{Method, Procedure, Quantity, Warning};

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
        // 0.1 + 0.2 is not 0.3 in doubles, which shows whether a digit was lost.
        let ratio = Finding::new("pfs", "cox_model", "hazard_ratio", Quantity::Ratio, 0.1 + 0.2)
            .limits(Some(1e-7), None, 0.95)
            .by_method(Method::of(Procedure::Cox));
        let files = made(vec![ratio.clone()], 5);
        let csv = text(&files, "findings.csv");
        assert_eq!(
            csv.lines().nth(1).expect("one row"),
            "pfs.hazard_ratio,pfs,cox_model,hazard_ratio,,,,,,,all,ratio,,estimated,\
             0.30000000000000004,1e-7,,0.95,,,,,Cox proportional hazards,,simulated"
        );
        assert!(!files.contains_key("reports/results/findings.json"));
        let json: Value = serde_json::from_str(&json_of(&[ratio], &sample::study())).expect("JSON");
        assert_eq!(json["findings"][0]["value"].as_f64(), Some(0.1 + 0.2));
        assert_eq!(json["findings"][0]["id"], "pfs.hazard_ratio");
        assert_eq!(json["mark"], "SIMULATED");
    }

    #[test]
    fn each_warning_of_each_finding_has_its_row() {
        let finding = |statistic: &str, warning: Warning| Finding {
            warnings: vec![warning],
            ..Finding::new("pfs", "cox_model", statistic, Quantity::Ratio, 0.5)
        };
        let all = ["a", "b"].map(|statistic| finding(statistic, Warning::NoEvents));
        let files = made(all.into_iter().chain([finding("c", Warning::NotDefined)]).collect(), 0);
        let csv = text(&files, "warnings.csv");
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "code,words,id");
        let ends: Vec<_> = lines[1..].iter().map(|line| line.rsplit(',').next()).collect();
        assert_eq!(ends, ["pfs.a", "pfs.b", "pfs.c"].map(Some));
        assert!(lines[1..3].iter().all(|line| line.starts_with("no_events,")), "{csv}");
        assert_eq!(text(&files, "findings.csv").matches(",no_events,").count(), 2);
    }

    #[test]
    fn the_columns_are_those_of_a_finding() {
        let finding = Finding::new("s", "k", "x", Quantity::Count, 1.0);
        let fields = row(&finding, &sample::study());
        let fields: Vec<&String> = fields.as_object().expect("an object").keys().collect();
        let names: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
        // Where it stands is printed as its id, and its role stands in its method.
        let inner = ["address", "role"];
        for field in fields.iter().filter(|field| !inner.contains(&field.as_str())) {
            assert!(names.contains(field), "no column for {field}");
        }
        assert_eq!(fields.len(), names.len() + inner.len());
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
        // 34 is hidden too, because 37 patients less 34 would give the 3.
        assert!(!csv.contains("3.0") && !csv.contains("34"), "{csv}");
        assert_eq!(csv.matches(",suppressed,").count(), 2);
        let csv = text(&made(vec![count("f", 3.0), count("m", 34.0)], 0), "findings.csv");
        assert!(csv.contains(",estimated,3.0,"), "{csv}");
    }
}
