//! Where a number comes from: the columns that its analysis read, the rules and
//! raw columns in their lineage, and the patients it was computed from.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use study::{Finding, FlowStep, RawColumn, Texts};

use crate::behind::Behind;
use crate::codec::{RECORD, decode_record};
use crate::definitions::{self, Said};
use crate::done::Done;
use crate::look::Look;
use crate::plan::{Bench, plan};
use crate::project::Project;
use crate::rehearse::reads_for;
use crate::spec::nearest;
use crate::store::{Care, Store};
use crate::trace::{RawRow, RowChangeTold, StageTold};
use crate::{Failure, Section, StageId};

/// Where a number comes from.
#[derive(Debug)]
pub struct Explanation {
    /// The finding itself.
    pub finding: Finding,
    /// The parameters of the stage that made it, defaults filled in, each with its line.
    pub parameters: BTreeMap<String, Said>,
    /// The ids of the patients it was computed from.
    pub patients: Vec<String>,
    /// The columns that the analysis read for it, by table.
    pub columns: BTreeMap<String, BTreeSet<String>>,
    /// The stages that touched them, or decided which rows are there, in the
    /// order of the file and each with its line; the analysis itself last.
    pub stages: Vec<(StageId, usize)>,
    /// The raw columns that they can come from.
    pub raw: BTreeSet<RawColumn>,
    /// SHA-256 of the raw files that hold these.
    pub files: BTreeMap<String, String>,
    /// Who was included and excluded on the way to its patients: the steps of the flow.
    pub flow: Vec<(StageTold, FlowStep)>,
}

/// A patient behind a number: what entered, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// The patient.
    pub patient: String,
    /// The cells that the analysis read of his rows, by table; where he has several
    /// in one, by table and line of the raw file, such as `visits:12`.
    pub entered: BTreeMap<String, Vec<(String, String)>>,
    /// His raw rows, with the cells from which these can come.
    pub rows: Vec<RawRow>,
    /// What the rules behind the number did with these.
    pub changes: Vec<RowChangeTold>,
}

impl Project {
    /// The patients behind a number of the last run, each with what entered and where it comes
    /// from: all of its population, or those of its group where the analysis forms groups by a
    /// column of its own row.
    #[must_use]
    pub fn contributions(&self, explanation: &Explanation) -> Vec<Contribution> {
        let store = Store::at(&self.store_folder());
        let declared = self.declared(&store);
        let look = Look::at(self, &declared, &store);
        let behind: BTreeSet<String> =
            explanation.stages.iter().map(|(stage, _)| stage.to_string()).collect();
        // A plain column only: where `by` is a mapping there is no leaf of this name, and
        // all of the population is told.
        let by = explanation.parameters.get("by").map(|said| said.value.as_str());
        let group = explanation.finding.group.as_deref();
        let all = look.changes(&store);
        let mut found = Vec::new();
        // whoever has no value of the column is in no group
        let grouped = by.zip(group.filter(|group| *group != "all"));
        let is_in_group = |columns: &BTreeSet<String>, cells: &[(String, String)]| {
            grouped.is_none_or(|(by, group)| {
                !columns.contains(by)
                    || cells.iter().any(|(column, cell)| column == by && cell == group)
            })
        };
        for patient in &explanation.patients {
            let mut entered = BTreeMap::new();
            let mut is_of_group = true;
            for (name, columns) in &explanation.columns {
                // What an analysis reads is the last version, after every rule.
                let Some(last) = look.versions(name).last().copied() else { continue };
                let own: Vec<usize> = look.rows_in(last, patient).collect();
                // Nobody is left out by a table in which he has no row.
                let mut is_in = own.is_empty();
                let lines = if own.len() > 1 { look.line_numbers(last) } else { vec![] };
                for row in &own {
                    let cells = look.cells_of(last, *row, &|column| columns.contains(column));
                    if !is_in_group(columns, &cells) {
                        continue;
                    }
                    is_in = true;
                    // several rows are told apart by their lines, tables of one row by nothing
                    let line = lines.get(*row).copied().flatten();
                    let line =
                        line.map_or_else(|| format!(" row {}", row + 1), |line| format!(":{line}"));
                    let key = if own.len() > 1 { format!("{name}{line}") } else { name.clone() };
                    entered.insert(key, cells);
                }
                is_of_group &= is_in;
            }
            if !is_of_group {
                continue;
            }
            let mut rows = look.rows_of_patient(patient);
            let changes = look.own_changes(&all, patient, &rows);
            // What other rules did with the same rows has no part in the number.
            let changes = changes.into_iter().filter(|change| behind.contains(&change.by.stage));
            for row in &mut rows {
                let is_read = |column: &str| {
                    let raw = |raw: &RawColumn| raw.table == row.table && raw.column == column;
                    explanation.raw.iter().any(raw)
                };
                // Only what the number can come from: a whole row may hold what nobody asked for.
                row.cells.retain(|(column, _)| is_read(column));
            }
            rows.retain(|row| !row.cells.is_empty());
            found.push(Contribution {
                patient: patient.clone(),
                entered,
                rows,
                changes: changes.collect(),
            });
        }
        found
    }

    /// Says where a finding of the last run comes from.
    ///
    /// # Errors
    /// If there is no such finding, or its stage is stale.
    pub fn explain(&self, id: &str) -> Result<Explanation, Failure> {
        let store = Store::at(&self.store_folder());
        let declared = self.declared(&store);
        // Where objects are there, the plan knows the results; those that are read compare
        // their digests.
        let bench = Bench { project: self, declared: &declared, store: &store, care: Care::There };
        let (_, done) = plan(bench);
        let mut known = Vec::new();
        for (index, stage) in self.pipeline.stages.iter().enumerate() {
            let record = done[index].as_ref().filter(|_| stage.id.section == Section::Analyze);
            let record = record
                // The record alone: the log of a stage is larger than all its findings.
                .and_then(|done| store.get(&done.slots[RECORD]))
                .and_then(|bytes| decode_record(&bytes).ok());
            let Some(output) = record else { continue };
            if let Some(finding) = output.findings.iter().find(|finding| finding.id() == id) {
                let patients = output.patients.get(&finding.population);
                let patients = patients.into_iter().flat_map(Texts::iter).flatten();
                let patients = patients.map(str::to_owned).collect();
                let mut behind = Behind::new(self, &declared, &done);
                behind.narrow(index, reads_for(self, index, finding));
                behind.add(index);
                let flow = self.flow_told(&store, &done);
                let found = (finding.clone(), patients);
                return Ok(self.explanation(behind, index, found, flow));
            }
            known.extend(output.findings.into_iter().map(|finding| finding.id()));
        }
        let hint = if known.is_empty() {
            Some("`restudy run` makes the findings".to_owned())
        } else {
            nearest(id, known.iter().map(String::as_str))
                .or_else(|| Some("reports/results lists all ids".to_owned()))
        };
        Err(Failure::NoFinding { id: id.to_owned(), hint: hint.unwrap_or_default() })
    }

    /// The steps of the flow, in the order of the file, each with its rule.
    fn flow_told(&self, store: &Store, done: &[Option<Done>]) -> Vec<(StageTold, FlowStep)> {
        let mut told = Vec::new();
        for (stage, done) in self.pipeline.stages.iter().zip(done) {
            let record = done.as_ref().filter(|_| stage.id.section == Section::Clean);
            let record = record.and_then(|done| store.get(&done.slots[RECORD]));
            let steps = record.and_then(|bytes| decode_record(&bytes).ok());
            let steps = steps.map(|output| output.flow).unwrap_or_default();
            let by = StageTold { stage: stage.id.to_string(), line: stage.line() };
            told.extend(steps.into_iter().map(|step| (by.clone(), step)));
        }
        told
    }

    /// What was found, put together.
    fn explanation(
        &self,
        behind: Behind<'_>,
        index: usize,
        (finding, patients): (Finding, Vec<String>),
        flow: Vec<(StageTold, FlowStep)>,
    ) -> Explanation {
        let project = self;
        let is_raw = |id: &StageId| behind.lineage.raw.iter().any(|raw| raw.table == id.name);
        // A rule is behind a number by lineage and not by its place: most of those above
        // touched other columns.
        let is_behind = |(place, id): &(usize, &StageId)| match id.section {
            Section::Ingest => is_raw(id),
            Section::Clean => behind.lineage.rules.contains(&id.name),
            _ => behind.analyses.contains(place) && *place != index,
        };
        let stages = || project.pipeline.stages.iter().map(|stage| &stage.id).enumerate();
        let found: Vec<usize> = stages().filter(is_behind).map(|(place, _)| place).collect();
        let of_ingest = found
            .iter()
            .filter(|place| project.pipeline.stages[**place].id.section == Section::Ingest);
        let files = of_ingest.flat_map(|place| &project.graph.files[*place]);
        let files = files
            .filter_map(|path| Some((path.clone(), project.files.get(path)?.sha256().to_owned())));
        let told = |place: usize| {
            let stage = &project.pipeline.stages[place];
            (stage.id.clone(), stage.line())
        };
        Explanation {
            finding,
            parameters: definitions::parameters(&project.pipeline.stages[index]),
            flow,
            patients,
            columns: behind.columns,
            files: files.collect(),
            // Found in the order of the file; the analysis ends the way.
            stages: found.into_iter().chain([index]).map(told).collect(),
            raw: behind.lineage.raw,
        }
    }
}
