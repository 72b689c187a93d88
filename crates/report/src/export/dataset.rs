//! A table of texts as Dataset-JSON 1.1 (CDISC) and as CSV.

use serde_json::{Value, json};

use crate::render::inert;

/// A table whose cells are texts, or missing.
pub(super) struct Dataset<const N: usize> {
    /// Its name, of capital letters.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) label: String,
    /// The columns, each with what it holds.
    pub(super) columns: [(&'static str, &'static str); N],
    /// The rows.
    pub(super) rows: Vec<[Option<String>; N]>,
}

/// The moment that stands for an undeclared one: the beginning of the count of seconds.
const UNDECLARED: &str = "1970-01-01";

impl<const N: usize> Dataset<N> {
    /// As Dataset-JSON 1.1. The standard asks for the moment of creation: it is the declared day
    /// of release, so that the same findings give the same bytes.
    pub(super) fn json(&self, released: Option<&str>) -> String {
        let columns = self.columns.iter().map(|(name, label)| {
            json!({
                "itemOID": format!("IT.{}.{name}", self.name),
                "name": name,
                "label": label,
                // All columns are texts, since `stat` holds numbers and words.
                "dataType": "string",
            })
        });
        let head = json!({
            "datasetJSONCreationDateTime": format!("{}T00:00:00", released.unwrap_or(UNDECLARED)),
            "datasetJSONVersion": "1.1.0",
            "sourceSystem": { "name": "restudy", "version": env!("CARGO_PKG_VERSION") },
            "itemGroupOID": format!("IG.{}", self.name),
            "records": self.rows.len(),
            "name": self.name,
            "label": self.label,
            "columns": columns.collect::<Vec<Value>>(),
        });
        let mut text = format!("{head:#}");
        // one line a row, so that two exports can be compared line by line
        // The closing brace of the head is taken off and set again behind the rows.
        text.truncate(text.trim_end_matches(['}', '\n']).len());
        text += ",\n  \"rows\": [";
        for (place, row) in self.rows.iter().enumerate() {
            text += if place == 0 { "\n    " } else { ",\n    " };
            text += &json!(row.as_slice()).to_string();
        }
        text + "\n  ]\n}\n"
    }

    /// As CSV; what is missing is an empty cell.
    pub(super) fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = self.columns.map(|(name, _)| name);
        writer.write_record(header).expect("invariant: memory takes every record");
        for row in &self.rows {
            // Labels and warnings are words of a study and could begin with `=`, which a
            // spreadsheet would compute.
            let cells = row.iter().map(|cell| inert(cell.as_deref().unwrap_or_default()));
            let cells: Vec<String> = cells.map(std::borrow::Cow::into_owned).collect();
            writer.write_record(cells).expect("invariant: rows are as wide as the header");
        }
        let bytes = writer.into_inner().expect("invariant: memory takes every byte");
        String::from_utf8(bytes).expect("invariant: cells are text")
    }
}
