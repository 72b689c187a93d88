//! Outputs as bytes in the store: one object per column, per selection of
//! rows, per file, one for the log, and one record of all the rest.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use study::{Account, Changes, Exhibit, Figures, Finding, FlowStep, Output, Texts, Unknown};

use crate::columns;
use crate::store::{Slots, Store};

/// Everything of an output but its tables, its log and its files; lent where it
/// is written, as an analysis names every patient whom it counts.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record<'a> {
    notices: Cow<'a, [String]>,
    #[serde(default)]
    unknowns: Cow<'a, [Unknown]>,
    flow: Cow<'a, [FlowStep]>,
    findings: Cow<'a, [Finding]>,
    figures: Cow<'a, Figures>,
    patients: Cow<'a, BTreeMap<String, Texts>>,
    exhibit: Cow<'a, Option<Exhibit>>,
    methods: Cow<'a, Option<Account>>,
}

/// Slot of the record.
pub(crate) const RECORD: &str = "record";
/// Slot of the cleaning log.
pub(crate) const CHANGES: &str = "changes";
/// Slot of the cells that did not fit.
pub(crate) const PROBLEMS: &str = "problems";
/// Slot of the conditions that were unknown, where there are any: a run with
/// nothing to do tells them again without reading the records.
pub(crate) const UNKNOWNS: &str = "unknowns";
const TABLE: &str = "table ";
const FILE: &str = "file ";

/// Slot of what was written of a table.
pub(crate) fn table_slot(name: &str) -> String {
    format!("{TABLE}{name}")
}

/// The name of the table, where the slot is one of a table.
pub(crate) fn table_of_slot(slot: &str) -> Option<&str> {
    slot.strip_prefix(TABLE)
}

/// The path, where the slot is one of a file.
pub(crate) fn file_of_slot(slot: &str) -> Option<&str> {
    slot.strip_prefix(FILE)
}

/// The objects of an output but those of its tables, by slot.
pub(crate) fn encode(output: &Output) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let record = Record {
        notices: Cow::Borrowed(&output.notices),
        unknowns: Cow::Borrowed(&output.unknowns),
        flow: Cow::Borrowed(&output.flow),
        findings: Cow::Borrowed(&output.findings),
        figures: Cow::Borrowed(&output.figures),
        patients: Cow::Borrowed(&output.patients),
        exhibit: Cow::Borrowed(&output.exhibit),
        methods: Cow::Borrowed(&output.methods),
    };
    // In JSON, whose numbers come back to the bit: `serde_json` writes the shortest
    // digits that do, and reads them exactly (`float_roundtrip` in the workspace's
    // manifest).
    let record = serde_json::to_vec(&record).expect("invariant: plain values always serialise");
    let mut slots = BTreeMap::from([(RECORD.to_owned(), record)]);
    // Slots that would be empty are left out: a missing one is read as empty below.
    if !output.unknowns.is_empty() {
        let unknowns = serde_json::to_vec(&output.unknowns);
        let unknowns = unknowns.expect("invariant: plain values always serialise");
        slots.insert(UNKNOWNS.to_owned(), unknowns);
    }
    if !output.changes.is_empty() {
        let log = columns::encode_changes(&output.changes);
        slots.insert(CHANGES.to_owned(), log.map_err(|error| error.to_string())?);
    }
    if !output.problems.is_empty() {
        let problems = columns::encode_problems(&output.problems);
        slots.insert(PROBLEMS.to_owned(), problems.map_err(|error| error.to_string())?);
    }
    for (path, bytes) in &output.files {
        slots.insert(format!("{FILE}{path}"), bytes.clone());
    }
    Ok(slots)
}

/// The conditions of the slot of those that were unknown.
pub(crate) fn decode_unknowns(bytes: &[u8]) -> Vec<Unknown> {
    // The store compared the digest before it handed these bytes out.
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// The output of a stage without tables and files; none where an object is
/// missing or damaged.
pub(crate) fn decode(store: &Store, slots: &Slots) -> Option<Output> {
    // Without a record there is no output; the other slots may be missing.
    let record = decode_record(&store.get(slots.get(RECORD)?)?).ok()?;
    let changes = match slots.get(CHANGES) {
        Some(digest) => columns::decode_changes(&store.get(digest)?)?,
        None => Changes::default(),
    };
    let problems = match slots.get(PROBLEMS) {
        Some(digest) => columns::decode_problems(&store.get(digest)?)?,
        None => vec![],
    };
    Some(Output { changes, problems, ..record })
}

/// The output of a stored record, without tables, log and files.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Output, serde_json::Error> {
    let record: Record<'_> = serde_json::from_slice(bytes)?;
    Ok(Output {
        notices: record.notices.into_owned(),
        unknowns: record.unknowns.into_owned(),
        flow: record.flow.into_owned(),
        findings: record.findings.into_owned(),
        figures: record.figures.into_owned(),
        patients: record.patients.into_owned(),
        exhibit: record.exhibit.into_owned(),
        methods: record.methods.into_owned(),
        ..Output::default()
    })
}
