//! Outputs as bytes in the store: one object per table, one per file, and one
//! record of all the rest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use study::{Change, Exhibit, Finding, FlowStep, Output, Problem, SurvivalCurves, TableError};

/// Everything of an output but its tables and files.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    problems: Vec<Problem>,
    changes: Vec<Change>,
    flow: Vec<FlowStep>,
    findings: Vec<Finding>,
    curves: Option<SurvivalCurves>,
    patients: BTreeMap<String, Vec<String>>,
    exhibit: Option<Exhibit>,
    methods: Option<String>,
}

/// Slot of the record.
pub(crate) const RECORD: &str = "record";
const TABLE: &str = "table ";
const FILE: &str = "file ";

/// Slot of a table.
pub(crate) fn table_slot(name: &str) -> String {
    format!("{TABLE}{name}")
}

/// The path, where the slot is one of a file.
pub(crate) fn file_of_slot(slot: &str) -> Option<&str> {
    slot.strip_prefix(FILE)
}

/// The objects of an output, by slot.
pub(crate) fn encode(output: &Output) -> Result<BTreeMap<String, Vec<u8>>, TableError> {
    let record = Record {
        problems: output.problems.clone(),
        changes: output.changes.clone(),
        flow: output.flow.clone(),
        findings: output.findings.clone(),
        curves: output.curves.clone(),
        patients: output.patients.clone(),
        exhibit: output.exhibit.clone(),
        methods: output.methods.clone(),
    };
    let record = serde_json::to_vec(&record).expect("invariant: plain values always serialise");
    let mut slots = BTreeMap::from([(RECORD.to_owned(), record)]);
    for (name, table) in &output.tables {
        slots.insert(table_slot(name), table.encode()?);
    }
    for (path, bytes) in &output.files {
        slots.insert(format!("{FILE}{path}"), bytes.clone());
    }
    Ok(slots)
}

/// The output of a stored record, without tables and files.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Output, serde_json::Error> {
    let record: Record = serde_json::from_slice(bytes)?;
    Ok(Output {
        problems: record.problems,
        changes: record.changes,
        flow: record.flow,
        findings: record.findings,
        curves: record.curves,
        patients: record.patients,
        exhibit: record.exhibit,
        methods: record.methods,
        ..Output::default()
    })
}
