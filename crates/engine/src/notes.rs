//! What `restudy check` says of a file without mistakes: analyses that nothing
//! prints, and how much a run has to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use study::{Finding, Table};

use crate::claimed;
use crate::graph::Input;
use crate::project::Project;
use crate::work::in_words;
use crate::{Call, Read, Reference, Section, StageId};

/// Work below this many hours, ten seconds, is not worth a word.
const TRIVIAL_HOURS: f64 = 10.0 / 3600.0;

/// How many entries are named one by one.
const NAMED: usize = 5;

impl Project {
    /// What should be known before a run, `findings` being what the stages announced.
    pub(crate) fn notes(&self, findings: &[Vec<Finding>]) -> Vec<String> {
        let analyses: Vec<(&str, &[Finding])> = (self.pipeline.stages.iter().zip(findings))
            .filter(|(entry, _)| entry.id.section == Section::Analyze)
            .map(|(entry, findings)| (entry.id.name.as_str(), findings.as_slice()))
            .collect();
        let lone = claimed::lone(&self.pipeline.claims, &analyses);
        lone.into_iter().chain(self.unprinted(findings)).chain(self.work_in_words()).collect()
    }

    /// Analyses that nothing names: a report, a claim, a text, or another analysis.
    fn unprinted(&self, findings: &[Vec<Finding>]) -> Option<String> {
        let (read, lists) = self.named_by_stages();
        let written = self.written();
        let is_written = |index: usize, name: &str| {
            let by_name = |stage: &str| written.get(stage).into_iter().flatten();
            // What begins with `*` may name a finding of any analysis.
            let mut texts = by_name(name).chain(by_name("*"));
            texts.any(|text| findings[index].iter().any(|own| Reference(text).names(own)))
        };
        let stages = self.pipeline.stages.iter().enumerate();
        let analyses = stages.filter(|(_, entry)| entry.id.section == Section::Analyze);
        let unnamed = analyses.filter(|(index, entry)| {
            !read.contains(&entry.id.name) && !is_written(*index, &entry.id.name)
        });
        let unnamed: Vec<&StageId> = unnamed.map(|(_, entry)| &entry.id).collect();
        if unnamed.is_empty() {
            return None;
        }
        let rest = match lists.is_empty() {
            true => String::new(),
            false => format!(" (what reads all analyses may still list them: {})", named(&lists)),
        };
        Some(format!("no report, text or claim names what these find: {}{rest}", named(&unnamed)))
    }

    /// The entries that stages name, themselves or their tables, to read them, and the
    /// stages that read all analyses.
    fn named_by_stages(&self) -> (BTreeSet<String>, Vec<&StageId>) {
        let (mut read, mut lists) = (BTreeSet::new(), Vec::new());
        for entry in &self.pipeline.stages {
            let wiring = entry.stage.wiring(&entry.id.name, &self.pipeline.settings);
            if wiring.reads.contains(&Read::Section(Section::Analyze)) {
                // Such a report prints whatever there is, and shows nothing of whether it was
                // meant.
                lists.push(&entry.id);
            }
            read.extend(wiring.reads.into_iter().filter_map(|read| match read {
                Read::Stage { name, section: Section::Analyze, .. } | Read::Table { name, .. } => {
                    Some(name)
                }
                _ => None,
            }));
        }
        (read, lists)
    }

    /// Every text that may be the id of a finding: in parameters, claims, and between the
    /// quotation marks of what reports read; by the entry that it begins with.
    fn written(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = Vec::new();
        let claims = self.pipeline.claims.iter();
        found.extend(claims.filter_map(|(_, claim)| claim.finding.clone()));
        for (index, entry) in self.pipeline.stages.iter().enumerate() {
            texts_in(&entry.stage.parameters(), &mut found);
            let files =
                self.graph.files[index].iter().filter(|_| entry.id.section == Section::Report);
            for file in files.filter_map(|path| self.files.get(path)) {
                let text = String::from_utf8_lossy(&file.bytes);
                // Where a quotation mark opens or closes is not asked: each part between two is
                // tried, and what is no id names no finding.
                found.extend(text.split(['"', '\'']).map(str::to_owned));
            }
        }
        // all ids have a dot, and none has a blank
        found.retain(|text| text.contains('.') && !text.contains(char::is_whitespace));
        let mut by_entry: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for text in found {
            by_entry.entry(Reference(&text).stage().to_owned()).or_default().insert(text);
        }
        by_entry
    }

    /// How much a run has to do where everything is made anew, if that is worth a word.
    fn work_in_words(&self) -> Option<String> {
        let (rows, file) = self.rows_of_patients()?;
        let hours = self.pipeline.stages.iter().enumerate().map(|(index, entry)| {
            let reads = entry.stage.wiring(&entry.id.name, &self.pipeline.settings).reads;
            let tables = reads.into_iter().filter_map(|read| match read {
                // Of the raw height and without columns: an estimate asks for rows alone, and
                // exclusions only make them fewer.
                Read::Table { name, .. } => Some((name, Arc::new(Table::new(rows)))),
                _ => None,
            });
            let tables: BTreeMap<_, _> = tables.collect();
            (entry.stage.work(&Call { tables, ..self.call(index) }).hours(), &entry.id)
        });
        let hours: Vec<(f64, &StageId)> = hours.collect();
        let sum: f64 = hours.iter().map(|(hours, _)| hours).sum();
        let (most, id) = hours.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        if sum < TRIVIAL_HOURS {
            return None;
        }
        let largest = self.pipeline.settings.longest_run_hours;
        let beyond = match sum > largest {
            true => format!("; a run may take {} (`longest_run_hours`)", in_words(largest)),
            false => String::new(),
        };
        Some(format!(
            "a run has about {} of work for one processor, {} of it `{id}`, if all {rows} rows of {file} are analysed{beyond}",
            in_words(sum),
            in_words(most)
        ))
    }

    /// How many rows the file has from which the analysis table comes, as far as lines tell.
    fn rows_of_patients(&self) -> Option<(usize, &str)> {
        let stages = &self.pipeline.stages;
        let settings = &self.pipeline.settings;
        let mut index = stages.iter().position(|entry| {
            let writes = entry.stage.wiring(&entry.id.name, settings).writes;
            writes.contains(&settings.analysis_table)
        })?;
        // Back through the rules to the file; each step goes up, so this ends.
        while stages[index].id.section != Section::Ingest {
            // what a rule is about comes first among what it reads
            index = self.graph.inputs[index].iter().find_map(|input| match input {
                Input::Table { writer, .. } => Some(*writer),
                Input::Stage { .. } => None,
            })?;
        }
        let paths = &self.graph.files[index];
        let lines = paths.iter().map(|path| {
            let bytes = &self.files.get(path)?.bytes;
            // a workbook or a file of columns has no lines
            // Both have a zero byte near their beginning; a text has none.
            (!bytes.iter().take(1024).any(|byte| *byte == 0)).then(|| rows_of(bytes))
        });
        Some((lines.sum::<Option<usize>>()?, paths.first()?))
    }
}

/// The lines of a text below its header.
fn rows_of(text: &[u8]) -> usize {
    let ends = text.iter().filter(|byte| **byte == b'\n').count();
    let open = usize::from(text.last().is_some_and(|last| *last != b'\n'));
    (ends + open).saturating_sub(1)
}

fn texts_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts_in(value, found)),
        Value::Object(entries) => entries.iter().for_each(|(_, value)| texts_in(value, found)),
        _ => {}
    }
}

/// Entries by name, the first of many.
fn named(ids: &[&StageId]) -> String {
    let shown: Vec<String> = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
    match ids.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
