//! Every stage once on tables without rows: all mistakes that need no data,
//! before anything runs, and which columns each stage reads. A stage is handed
//! what those before it announced: tables without rows, findings without
//! values, exhibits without a body.

use std::collections::BTreeMap;
use std::sync::Arc;

use study::{Finding, Output, Reads, Table};

use crate::claimed;
use crate::declared::{Declared, Recorder};
use crate::graph::Input;
use crate::project::Project;
use crate::registry::Stage;
use crate::{Call, Diagnostic, Mistake, Mistakes, Reference, Section, StageId, outputs};

/// What is known of a stage after its rehearsal.
struct Rehearsed {
    /// Shapes of the tables it writes; where it failed, of those it read.
    tables: BTreeMap<String, Arc<Table>>,
    /// What else it announced; nothing where it failed.
    output: Arc<Output>,
    /// It or a stage before it failed, so its shapes are not to be trusted.
    doubtful: bool,
    /// What it read of its tables, if it did not fail.
    reads: Option<BTreeMap<String, Reads>>,
}

/// Says everything that is wrong with the stages' parameters, and what each
/// stage reads of its tables.
pub(crate) fn rehearse(project: &Project) -> (Vec<Diagnostic>, Declared) {
    let (diagnostics, declared, _) = rehearse_each(project);
    (diagnostics, declared)
}

/// What reports were refused for in their own rehearsal, by their place in the
/// file: without them a run can still publish the others.
pub(crate) type Refusals = BTreeMap<usize, Vec<Diagnostic>>;

/// The same with the mistakes of reports by report; they are among the others.
pub(crate) fn rehearse_each(project: &Project) -> (Vec<Diagnostic>, Declared, Refusals) {
    let (rehearsed, diagnostics, refusals) = rehearsal(project);
    let reads = rehearsed.into_iter().map(|stage| stage.and_then(|stage| stage.reads));
    (diagnostics, Declared(reads.collect()), refusals)
}

/// The findings that a run will give, stage by stage in the order of the file.
pub(crate) fn announced(project: &Project) -> Vec<Vec<Finding>> {
    announced_by(&rehearsal(project).0)
}

/// Everything that is wrong, and else the findings that a run will give.
pub(crate) fn rehearse_findings(project: &Project) -> Result<Vec<Vec<Finding>>, Vec<Diagnostic>> {
    let (rehearsed, diagnostics, _) = rehearsal(project);
    if diagnostics.is_empty() { Ok(announced_by(&rehearsed)) } else { Err(diagnostics) }
}

fn announced_by(rehearsed: &[Option<Rehearsed>]) -> Vec<Vec<Finding>> {
    let of_stage = |stage: &Rehearsed| stage.output.findings.clone();
    rehearsed.iter().map(|stage| stage.as_ref().map(of_stage).unwrap_or_default()).collect()
}

/// The stage that makes each output, by the output's path.
pub(crate) fn made_by(project: &Project) -> BTreeMap<String, StageId> {
    let (rehearsed, ..) = rehearsal(project);
    let stages = project.pipeline.stages.iter().zip(&rehearsed);
    let made = stages.filter_map(|(entry, stage)| Some((entry, stage.as_ref()?)));
    let files = made.flat_map(|(entry, stage)| {
        stage.output.files.keys().map(|path| (path.clone(), entry.id.clone()))
    });
    files.collect()
}

fn rehearsal(project: &Project) -> (Vec<Option<Rehearsed>>, Vec<Diagnostic>, Refusals) {
    let count = project.pipeline.stages.len();
    let mut rehearsed: Vec<Option<Rehearsed>> = (0..count).map(|_| None).collect();
    let (mut diagnostics, mut refusals) = (Vec::new(), Refusals::new());
    // Each after those it needs: it is handed what they announced.
    for &index in &project.graph.order {
        let known = diagnostics.len();
        let result = rehearse_stage(project, index, &rehearsed, &mut diagnostics);
        let is_report = project.pipeline.stages[index].id.section == Section::Report;
        // Mistakes of one stage follow one another.
        if is_report && diagnostics.len() > known {
            refusals.insert(index, diagnostics[known..].to_vec());
        }
        rehearsed[index] = Some(result);
    }
    let made = rehearsed.iter().enumerate().flat_map(|(index, stage)| {
        let files = stage.iter().flat_map(|stage| stage.output.files.keys());
        files.map(move |path| (index, path.clone()))
    });
    diagnostics.extend(outputs::check(project, &made.collect::<Vec<_>>()));
    diagnostics.extend(check_settings(project, &rehearsed));
    diagnostics.extend(check_claims(project, &rehearsed));
    (rehearsed, diagnostics, refusals)
}

/// What is wrong with the claims. Nothing is said of analyses that are themselves mistaken.
fn check_claims(project: &Project, rehearsed: &[Option<Rehearsed>]) -> Vec<Diagnostic> {
    let pipeline = &project.pipeline;
    let is_analysis = |id: &StageId| id.section == Section::Analyze;
    // The claim may be about a stage that could not be read.
    if pipeline.broken.iter().any(is_analysis) {
        return vec![];
    }
    let analyses: Vec<(&str, &[Finding])> = (pipeline.stages.iter().zip(rehearsed))
        .filter(|(entry, _)| is_analysis(&entry.id))
        .map(|(entry, stage)| {
            let findings = stage.as_ref().map_or(&[][..], |stage| &stage.output.findings);
            (entry.id.name.as_str(), findings)
        })
        .collect();
    let mistaken = claimed::mistakes(&pipeline.claims, &analyses).into_iter();
    mistaken.map(|(name, mistake)| pipeline.locate_claim(name, mistake)).collect()
}

/// The columns that the settings name must be there when every rule was applied.
fn check_settings(project: &Project, rehearsed: &[Option<Rehearsed>]) -> Vec<Diagnostic> {
    let settings = &project.pipeline.settings;
    let name = &settings.analysis_table;
    let writer = project.graph.last_writers.get(name).and_then(|index| rehearsed[*index].as_ref());
    // A table that a mistaken stage should have made says nothing of columns.
    let Some(table) = writer.filter(|last| !last.doubtful).and_then(|last| last.tables.get(name))
    else {
        return vec![];
    };
    let names = table.names();
    let index_date = settings.index_date.as_deref().map(|column| ("index_date", column));
    let named = [("patient", settings.patient.as_str())].into_iter().chain(index_date);
    let unknown = named.filter(|(_, column)| names.iter().all(|name| name != column));
    let said = unknown.map(|(key, column)| {
        let message = format!("analysis table `{name}` has no column `{column}`");
        let mistake = Mistake::at(&[key], message);
        project
            .pipeline
            .locate_setting(mistake.hint_nearest(column, names.iter().map(String::as_str)))
    });
    said.collect()
}

/// What a stage reads to give one finding, where its kind knows that it is less
/// than for all of them.
pub(crate) fn reads_for(
    project: &Project,
    index: usize,
    finding: &Finding,
) -> Option<BTreeMap<String, Reads>> {
    let narrowed = project.pipeline.stages[index].stage.narrowed(finding)?;
    let (rehearsed, ..) = rehearsal(project);
    let Shapes { tables, .. } = shapes_before(project, index, &rehearsed);
    let (output, reads) = alone(project, index, &rehearsed, (narrowed.as_ref(), &tables)).ok()?;
    // what hangs on other variables too is not given where these are not asked for
    let id = finding.id();
    // Asked of what the narrowed entry announces: a kind that promised too much is not
    // believed.
    let is_given = !Reference(&id).among(&output.findings).is_empty();
    is_given.then_some(reads)
}

/// The tables that a stage reads, as those before it announced them.
struct Shapes {
    tables: BTreeMap<String, Arc<Table>>,
    doubtful: bool,
    complete: bool,
}

fn shapes_before(project: &Project, index: usize, rehearsed: &[Option<Rehearsed>]) -> Shapes {
    let mut tables = BTreeMap::new();
    // Where a stage could not be read, any table may lack what it would have made.
    let mut doubtful = project.pipeline.may_lack_tables();
    let mut complete = !project.graph.unresolved[index];
    for input in &project.graph.inputs[index] {
        let before =
            rehearsed[input.maker()].as_ref().expect("invariant: stages are rehearsed in order");
        doubtful |= before.doubtful;
        if let Input::Table { name, .. } = input {
            match before.tables.get(name) {
                Some(table) => drop(tables.insert(name.clone(), Arc::clone(table))),
                None => complete = false,
            }
        }
    }
    // A kind is handed the bytes of its files in a rehearsal, too.
    complete &= project.graph.files[index].iter().all(|path| project.files.get(path).is_some());
    Shapes { tables, doubtful, complete }
}

/// Rehearses a stage on these tables, and notes what it reads of them.
fn alone(
    project: &Project,
    index: usize,
    rehearsed: &[Option<Rehearsed>],
    (stage, tables): (&dyn Stage, &BTreeMap<String, Arc<Table>>),
) -> Result<(Output, BTreeMap<String, Reads>), Mistakes> {
    let stages = project.graph.inputs[index].iter().filter_map(|input| match input {
        Input::Stage { index } => {
            let id = &project.pipeline.stages[*index].id;
            let before = rehearsed[*index].as_ref().expect("invariant: it was rehearsed before");
            Some((id.name.clone(), id.section, Arc::clone(&before.output)))
        }
        Input::Table { .. } => None,
    });
    let mut recorder = Recorder::default();
    let handed =
        tables.iter().map(|(name, shape)| (name.clone(), Arc::new(recorder.hand(name, shape))));
    let handed = handed.collect();
    let call = Call { tables: handed, stages: stages.collect(), ..project.call(index) };
    let output = stage.rehearse(&call)?;
    if project.pipeline.stages[index].id.section == Section::Report {
        recorder.note_all_known();
    }
    let reads = recorder.reads(&output);
    Ok((output, reads))
}

fn rehearse_stage(
    project: &Project,
    index: usize,
    rehearsed: &[Option<Rehearsed>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Rehearsed {
    let Shapes { tables, doubtful, complete } = shapes_before(project, index, rehearsed);
    if !complete {
        return Rehearsed { tables, output: Arc::default(), doubtful: true, reads: None };
    }
    let stage = &project.pipeline.stages[index];
    match alone(project, index, rehearsed, (stage.stage.as_ref(), &tables)) {
        Ok((mut output, reads)) => {
            let reads = Some(reads);
            let shapes = std::mem::take(&mut output.tables)
                .into_iter()
                // A kind may hand on rows even here; what follows sees none.
                .map(|(name, table)| (name, Arc::new(table.without_rows())));
            Rehearsed { tables: shapes.collect(), output: Arc::new(output), doubtful, reads }
        }
        Err(mistakes) => {
            // a column may be missing because its maker failed; but one that is missed here
            // in the very words of a mistake that is certain has the same cause
            let is_told = |mistake: &Mistake| {
                let mut told = diagnostics.iter();
                told.any(|told| told.message == mistake.message && told.hint == mistake.hint)
            };
            let is_kept = |own: &Mistake| !(doubtful && own.about_column) || is_told(own);
            let kept: Vec<Mistake> = mistakes.0.into_iter().filter(is_kept).collect();
            diagnostics.extend(kept.into_iter().map(|mistake| stage.locate(mistake)));
            // The tables as they were read: most of their columns are right for those that
            // follow.
            Rehearsed { tables, output: Arc::default(), doubtful: true, reads: None }
        }
    }
}
