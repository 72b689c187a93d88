//! What a change would do: the analyses of a study as it stands and with edits,
//! side by side. Nothing of it is kept.

use std::collections::BTreeMap;

use rayon::prelude::*;
use study::Finding;

use crate::codec::decode;
use crate::declared::Declared;
use crate::edit::{Edit, IsTried, RowChange, RowEdit};
use crate::execute::{Executed, Observer, Work, execute};
use crate::graph::Graph;
use crate::look::Look;
use crate::project::Project;
use crate::rehearse::{Refusals, rehearse};
use crate::store::Store;
use crate::{
    Diagnostic, Failure, Mistake, Pipeline, Reference, Registry, Report, Section, StageId, turn,
};

/// How often a patient's rows are looked for again once some are gone: a row that
/// was dropped as a copy of another stands again without it.
const LOOKS: usize = 8;

/// A study as it stands and with edits.
pub struct Trial {
    /// The findings of each analysis as they are.
    pub before: Vec<Vec<Finding>>,
    /// The findings of each analysis with the edits.
    pub after: Vec<Vec<Finding>>,
    /// What the pipeline file says as it stands.
    pub pipeline_before: Pipeline,
    /// What it says with the edits.
    pub pipeline_after: Pipeline,
    /// The rows of raw files that were changed.
    pub rows: Vec<Tried>,
}

/// A row of a raw file that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The entry of `ingest:`.
    pub table: String,
    /// The file, where the entry reads one only.
    pub file: Option<String>,
    /// The row, and what became of it.
    pub edit: RowEdit,
    /// What stood in the cell, or in the whole row.
    pub former: Option<String>,
}

/// A cell and what becomes of the findings if nothing stands in it.
pub struct CellTrial {
    /// The edit that empties it.
    pub edit: Edit,
    /// The line of the raw file.
    pub line: u64,
    /// The findings of each analysis with it, or why there are none.
    pub after: Result<Vec<Vec<Finding>>, String>,
}

/// The trial of every cell of a column.
pub struct CellTrials {
    /// The findings of each analysis as they are.
    pub before: Vec<Vec<Finding>>,
    /// Every cell that holds something.
    pub cells: Vec<CellTrial>,
}

/// A run of which nobody is told.
struct Silent;

impl Observer for Silent {
    fn started(&self, _: &StageId) {}
    fn finished(&self, _: &Report) {}
}

/// The analyses of a study, run in a store of their own that lends results of the study's.
struct Bed<'a> {
    project: Project,
    declared: Declared,
    executed: Executed,
    store: &'a Store,
}

impl Project {
    /// Tries edits out: the findings that `wanted` names (all where it is none)
    /// as they are and with the edits. Nothing is written but a scratch folder that
    /// goes with the call.
    ///
    /// # Errors
    /// With all that is wrong with an edit, or with the data as edited.
    pub fn impact(
        &self,
        registry: &Registry,
        edits: &[Edit],
        wanted: &[String],
    ) -> Result<Trial, Failure> {
        let scratch = turn::take_scratch(self)?;
        // What the trial makes stays in the scratch folder; what did not change is lent and
        // not made again.
        let store = Store::over(scratch.path(), Store::at(&self.store_folder()));
        let is_tried = |pipeline: &Pipeline, graph: &Graph| tried(pipeline, graph, wanted);
        // Run as well and not taken from the last run, which may be of other files or not
        // be there.
        let before = self.bed(registry, &[], &is_tried, BTreeMap::new(), &store)?;
        let mut rows = before.look().rows(edits)?;
        let mut after = self.bed(registry, edits, &is_tried, before.files(&rows)?, &store)?;
        // Each round runs the study once more, so that their number is bounded.
        for _ in 0..LOOKS {
            let again = after.look().rows_of_dropped(edits);
            let known = rows.len();
            rows.extend(again.into_iter().filter(|row| !rows.contains(row)).collect::<Vec<_>>());
            if rows.len() == known {
                break;
            }
            after = self.bed(registry, edits, &is_tried, before.files(&rows)?, &store)?;
        }
        let look = before.look();
        let rows = rows.into_iter().map(|(table, edit)| look.tried(table, edit)).collect();
        drop(look);
        let (found_before, found_after) = (before.findings(wanted), after.findings(wanted));
        Ok(Trial {
            before: found_before,
            after: found_after,
            pipeline_before: before.project.pipeline,
            pipeline_after: after.project.pipeline,
            rows,
        })
    }

    /// Tries out, cell by cell, what becomes of the findings that `wanted` names if
    /// nothing stood in a cell of a raw column. Cells are tried side by side.
    ///
    /// # Errors
    /// If there is no such column, or if the study as it stands does not run.
    pub fn impact_of_each_cell(
        &self,
        registry: &Registry,
        table: &str,
        column: &str,
        wanted: &[String],
    ) -> Result<CellTrials, Failure> {
        let scratch = turn::take_scratch(self)?;
        let store = Store::over(&scratch.path().join("base"), Store::at(&self.store_folder()));
        let is_tried = |pipeline: &Pipeline, graph: &Graph| tried(pipeline, graph, wanted);
        let before = self.bed(registry, &[], &is_tried, BTreeMap::new(), &store)?;
        let cells = before.look().cells(table, column)?;
        let trials = cells.into_par_iter().enumerate().map(|(place, (edit, row))| {
            // Over the base store, so that what the cell does not touch is lent.
            let own = scratch.path().join(place.to_string());
            let store = Store::over(&own, store.clone());
            let line = row.line;
            let files = before.files(&[(table.to_owned(), row)]);
            let bed = files.and_then(|files| self.bed(registry, &[], &is_tried, files, &store));
            let after = bed.map(|bed| bed.findings(wanted)).map_err(|failure| told(&failure));
            // a trial's own results are of no further use
            let _ = std::fs::remove_dir_all(&own);
            CellTrial { edit, line, after }
        });
        Ok(CellTrials { before: before.findings(wanted), cells: trials.collect() })
    }

    fn bed<'s>(
        &self,
        registry: &Registry,
        edits: &[Edit],
        is_tried: IsTried<'_>,
        files: BTreeMap<String, Vec<u8>>,
        store: &'s Store,
    ) -> Result<Bed<'s>, Failure> {
        let mut project =
            self.altered(registry, edits, is_tried).map_err(|all| self.mistakes(all))?;
        project.replace_files(files);
        let (diagnostics, declared) = rehearse(&project);
        // claims may speak of analyses that are not tried
        let diagnostics: Vec<Diagnostic> =
            diagnostics.into_iter().filter(|one| one.stage.is_some()).collect();
        if !diagnostics.is_empty() {
            return Err(self.mistakes(diagnostics));
        }
        let refused = Refusals::new();
        let work = Work { declared: &declared, refused: &refused, force: false, only: None };
        let mut executed = execute(&project, work, store, &Silent)?;
        if !executed.diagnostics.is_empty() {
            return Err(self.mistakes(std::mem::take(&mut executed.diagnostics)));
        }
        Ok(Bed { project, declared, executed, store })
    }
}

/// The stages up to the analyses that give what is wanted; reports never.
fn tried(pipeline: &Pipeline, graph: &Graph, wanted: &[String]) -> Vec<bool> {
    let is_wanted = |id: &StageId| {
        id.section == Section::Analyze
            && (wanted.is_empty()
                || wanted.iter().any(|of| {
                    let stage = Reference(of).stage();
                    stage == id.name || of.starts_with('*')
                }))
    };
    let mut open: Vec<usize> = Vec::new();
    for (index, stage) in pipeline.stages.iter().enumerate() {
        // All of ingest, because a patient's rows are looked for in every raw table.
        if is_wanted(&stage.id) || stage.id.section == Section::Ingest {
            open.push(index);
        }
    }
    let tried = graph.with_needs(open);
    (0..pipeline.stages.len()).map(|index| tried.contains(&index)).collect()
}

/// The first thing that a failure says.
fn told(failure: &Failure) -> String {
    match failure {
        // Thousands of cells are tried: a line each.
        Failure::Mistakes { diagnostics, .. } => {
            diagnostics.first().map_or_else(|| failure.to_string(), |one| one.message.clone())
        }
        other => other.to_string(),
    }
}

impl Bed<'_> {
    fn findings(&self, wanted: &[String]) -> Vec<Vec<Finding>> {
        let stages = self.project.pipeline.stages.iter().zip(&self.executed.slots);
        let analyses = stages.filter(|(stage, _)| stage.id.section == Section::Analyze);
        let is_wanted = |finding: &Finding| {
            wanted.is_empty() || wanted.iter().any(|of| Reference(of).names(finding))
        };
        let found = analyses.map(|(_, slots)| {
            // Announced findings have no place here: a trial compares numbers.
            let output = slots.as_ref().and_then(|slots| decode(self.store, slots));
            let findings = output.map(|output| output.findings).unwrap_or_default();
            findings.into_iter().filter(is_wanted).collect()
        });
        found.collect()
    }

    /// What every stage came to, with its tables at hand.
    fn look(&self) -> Look<'_> {
        Look::at(&self.project, &self.declared, self.store)
    }

    /// The files with these changes of their rows.
    fn files(&self, rows: &[(String, RowEdit)]) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut by_table: BTreeMap<&str, Vec<RowEdit>> = BTreeMap::new();
        for (table, edit) in rows {
            by_table.entry(table).or_default().push(edit.clone());
        }
        let mut files = BTreeMap::new();
        // Edits of several tables are told together.
        let mut mistakes = Vec::new();
        for (table, edits) in by_table {
            let is_meant = |id: &StageId| id.section == Section::Ingest && id.name == table;
            let index = self.project.pipeline.stages.iter().position(|stage| is_meant(&stage.id));
            let index = index.expect("invariant: rows were found in tables of ingest");
            match self.project.edited(index, &edits) {
                Ok(made) => files.extend(made),
                Err(diagnostic) => mistakes.push(*diagnostic),
            }
        }
        if mistakes.is_empty() { Ok(files) } else { Err(self.project.mistakes(mistakes)) }
    }
}

impl Look<'_> {
    fn tried(&self, table: String, edit: RowEdit) -> Tried {
        let cells = self.raw_cells(&table, edit.line, &edit.patient);
        let former = match &edit.change {
            RowChange::Cell { column, .. } => {
                cells.into_iter().find(|(name, _)| name == column).map(|(_, cell)| cell)
            }
            RowChange::Gone => {
                let cells: Vec<String> = cells.into_iter().map(|(_, cell)| cell).collect();
                Some(cells.join(" | "))
            }
        };
        Tried { file: self.file_of(&table), former, table, edit }
    }

    /// The rows that edits change, by table.
    fn rows(&self, edits: &[Edit]) -> Result<Vec<(String, RowEdit)>, Failure> {
        let mut mistakes = Vec::new();
        let mut rows = Vec::new();
        for edit in edits {
            let found = match edit {
                // Of every row of the patient: a cell is named by table, patient and column, and he
                // may have several rows.
                Edit::Set { table, patient, column, value } => {
                    let change = RowChange::Cell { column: column.clone(), value: value.clone() };
                    self.rows_to_set((table, patient), &change)
                }
                Edit::Drop(patient) => match self.rows_of(patient) {
                    none if none.is_empty() => Err(self.no_patient(None, patient)),
                    found => Ok(found),
                },
                Edit::Off(_) | Edit::Parameter { .. } => Ok(vec![]),
            };
            match found {
                Ok(found) => rows.extend(found),
                Err(mistake) => mistakes.push(self.project.tried(mistake)),
            }
        }
        if mistakes.is_empty() { Ok(rows) } else { Err(self.project.mistakes(mistakes)) }
    }

    fn rows_to_set(
        &self,
        (table, patient): (&str, &str),
        change: &RowChange,
    ) -> Result<Vec<(String, RowEdit)>, Mistake> {
        self.require_raw(table)?;
        let rows = self.lines(table, patient);
        if rows.is_empty() {
            return Err(self.no_patient(Some(table), patient));
        }
        let edit =
            |(line, patient)| (table.to_owned(), RowEdit { line, patient, change: change.clone() });
        Ok(rows.into_iter().map(edit).collect())
    }

    fn rows_of_dropped(&self, edits: &[Edit]) -> Vec<(String, RowEdit)> {
        let dropped = edits.iter().filter_map(|edit| match edit {
            Edit::Drop(patient) => Some(patient),
            _ => None,
        });
        dropped.flat_map(|patient| self.rows_of(patient)).collect()
    }

    /// Every row of a patient, to be taken out.
    fn rows_of(&self, patient: &str) -> Vec<(String, RowEdit)> {
        let gone = |table: &str, (line, patient)| {
            (table.to_owned(), RowEdit { line, patient, change: RowChange::Gone })
        };
        let tables: Vec<String> = self.raw_tables().map(str::to_owned).collect();
        // Of every raw table, since a patient of whom a row stays would still be one.
        let rows = tables.iter().flat_map(|table| {
            self.lines(table, patient).into_iter().map(move |row| gone(table, row))
        });
        rows.collect()
    }

    /// Every cell of a raw column that holds something, with the edit that empties it.
    fn cells(&self, table: &str, column: &str) -> Result<Vec<(Edit, RowEdit)>, Failure> {
        let wrong = |mistake| self.project.mistakes(vec![self.project.tried(mistake)]);
        self.require_raw(table).map_err(wrong)?;
        let versions = self.versions(table);
        let raw = *versions.first().expect("invariant: every ingest stage was run");
        if raw.column(column).is_none() {
            let names: Vec<&str> =
                raw.columns.iter().map(|column| column.stored.name.as_str()).collect();
            let mistake = Mistake::new(format!("table `{table}` has no column `{column}`"));
            return Err(wrong(mistake.hint_nearest(column, names.into_iter())));
        }
        let filled = self.texts_of(raw, column).into_iter().map(|cell| cell.is_some());
        // the name that the patient has in the end, for whoever reads the answer
        let last = versions.last().expect("invariant: there is a first one");
        let names: BTreeMap<u64, String> = self
            .line_numbers(last)
            .into_iter()
            .zip(self.patients(last))
            .filter_map(|(line, patient)| Some((line?, patient?)))
            .collect();
        let rows = self.patients(raw).into_iter().zip(self.line_numbers(raw)).zip(filled);
        let cells = rows.filter(|(_, filled)| *filled).filter_map(|((patient, line), _)| {
            let (patient, line) = (patient.unwrap_or_default(), line?);
            let edit = Edit::Set {
                table: table.to_owned(),
                patient: names.get(&line).unwrap_or(&patient).clone(),
                column: column.to_owned(),
                value: String::new(),
            };
            let change = RowChange::Cell { column: column.to_owned(), value: String::new() };
            Some((edit, RowEdit { line, patient, change }))
        });
        Ok(cells.collect())
    }
}
