//! What must be made again, and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::codec::{CHANGES, PROBLEMS, RECORD};
use crate::declared::Declared;
use crate::done::{Done, handed};
use crate::graph::Input;
use crate::ingredients::Ingredients;
use crate::project::Project;
use crate::shelf::versions;
use crate::spec::canonical;
use crate::store::{Care, Made, Store};
use crate::tables::Version;
use crate::{Section, StageId, origins};

/// Where a stage stands before a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Its last result still holds.
    Fresh,
    /// An earlier result holds and is taken from the store.
    Restored,
    /// It must run, for these reasons.
    Stale(Vec<String>),
    /// It may have to run: these stages must run first.
    Waiting(Vec<StageId>),
}

/// A stage with its standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The stage.
    pub id: StageId,
    /// Its standing.
    pub standing: Standing,
}

/// Where a stage stands once everything before it is known.
pub(crate) enum Verdict {
    Known { made: Made, tables: BTreeMap<String, Arc<Version>>, restored: bool },
    Stale { ingredients: Ingredients, reasons: Vec<String> },
}

/// By what stages are judged.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) project: &'a Project,
    pub(crate) declared: &'a Declared,
    pub(crate) store: &'a Store,
    pub(crate) care: Care,
}

/// All stages in the order of the file with where they stand.
pub(crate) fn plan(bench: Bench<'_>) -> (Vec<Planned>, Vec<Option<Done>>) {
    let project = bench.project;
    let count = project.pipeline.stages.len();
    let mut done: Vec<Option<Done>> = vec![None; count];
    let mut standings: Vec<Option<Standing>> = vec![None; count];
    // Each after those it needs, so that their digests are known.
    for &index in &project.graph.order {
        let unknown: Vec<StageId> = project
            .graph
            .needs(index)
            .iter()
            .filter(|need| done[**need].is_none())
            .map(|need| project.pipeline.stages[*need].id.clone())
            .collect();
        standings[index] = Some(if unknown.is_empty() {
            match judge(bench, index, &done, false) {
                Verdict::Known { made, tables, restored } => {
                    done[index] = Some(Done { slots: Arc::new(made.slots), tables });
                    if restored { Standing::Restored } else { Standing::Fresh }
                }
                Verdict::Stale { reasons, .. } => Standing::Stale(reasons),
            }
        } else {
            Standing::Waiting(unknown)
        });
    }
    let planned = project.pipeline.stages.iter().zip(standings).map(|(stage, standing)| Planned {
        id: stage.id.clone(),
        // A stage in a circle has no place in the order.
        standing: standing.unwrap_or(Standing::Stale(vec!["it needs itself".to_owned()])),
    });
    (planned.collect(), done)
}

/// Whether a stage must run, given the results of all it needs.
pub(crate) fn judge(bench: Bench<'_>, index: usize, done: &[Option<Done>], force: bool) -> Verdict {
    let Bench { project, store, care, .. } = bench;
    let ingredients = ingredients(bench, index, done);
    if force {
        return Verdict::Stale { ingredients, reasons: vec!["forced".to_owned()] };
    }
    let id = &project.pipeline.stages[index].id;
    let before = handed(project, index, done);
    let last = store.last(id, care);
    // Whole ingredients and not their digest: they are at hand, and tell the reasons
    // below.
    if let Some(made) = last.as_ref().filter(|made| made.ingredients == ingredients)
        // A record of a table that is gone or damaged makes the stage run again.
        && let Some(tables) = versions(store, &made.slots, &before)
    {
        return Verdict::Known { made: made.clone(), tables, restored: false };
    }
    // Older results count too: who goes back to former parameters runs nothing.
    if let Some(made) = store.remembered(&ingredients.key(), care)
        && let Some(tables) = versions(store, &made.slots, &before)
    {
        return Verdict::Known { made, tables, restored: true };
    }
    let reasons = match last {
        None => vec!["no result is stored here".to_owned()],
        Some(made) => ingredients.changes_since(&made.ingredients),
    };
    Verdict::Stale { ingredients, reasons }
}

/// The settings that a stage of a section can depend on: how figures are printed changes no table
/// and no finding.
fn settings(project: &Project, section: Section) -> Json {
    let mut settings = canonical(&project.pipeline.settings);
    if let Some(settings) = settings.as_object_mut().filter(|_| section != Section::Report) {
        settings.shift_remove("figures");
    }
    settings
}

/// Everything the result of a stage depends on.
fn ingredients(bench: Bench<'_>, index: usize, done: &[Option<Done>]) -> Ingredients {
    let project = bench.project;
    let stage = &project.pipeline.stages[index];
    let mut ingredients = Ingredients::default();
    ingredients.add("program", &project.program);
    ingredients.add("stage", stage.id.to_string());
    ingredients.add("kind", format!("{} version {}", stage.kind, stage.version));
    ingredients.add_json("study", &settings(project, stage.id.section));
    ingredients.add_json("parameter", &stage.parameters);
    let claims = project.graph.claims[index].iter();
    let claims: serde_json::Map<_, _> =
        claims.map(|(name, claim)| (name.clone(), canonical(claim))).collect();
    // Stages without claims keep their key where claims are first written.
    if !claims.is_empty() {
        ingredients.add_json("claim", &Json::Object(claims));
    }
    if project.graph.reads_provenance[index] {
        // Only for what prints it: for all others a change in any file would make
        // everything run.
        let provenance = project.provenance();
        ingredients.add("meaning of the pipeline file", &provenance.pipeline);
        for (path, digest) in &provenance.inputs {
            ingredients.add(format!("input {path}"), digest);
        }
    }
    if project.graph.reads_origins[index] {
        let (lines, raw) = origins::digests(&project.origins(bench.declared, done));
        ingredients.add("lines of the analyses in the pipeline file", lines);
        ingredients.add("raw columns behind the analyses", raw);
    }
    for path in &project.graph.files[index] {
        // A file that is not there was told as a mistake; no run begins.
        let digest = project.files.get(path).map(|file| file.digest.clone()).unwrap_or_default();
        ingredients.add(format!("file {path}"), digest);
    }
    let declared = bench.declared.of(index);
    for (name, version) in handed(project, index, done) {
        match declared.and_then(|tables| tables.get(&name)) {
            Some(reads) => version.add_to(&mut ingredients, &name, reads),
            // A stage that showed no reads may read anything.
            None => version.add_to(&mut ingredients, &name, &version.all()),
        }
    }
    for input in &project.graph.inputs[index] {
        let Input::Stage { index } = input else { continue };
        let Some(done) = &done[*index] else { continue };
        let id = &project.pipeline.stages[*index].id;
        // Of another stage its record and logs are handed on, not its files: these are the
        // digests of just that.
        for (slot, what) in [(RECORD, "result"), (CHANGES, "log"), (PROBLEMS, "misfits")] {
            if let Some(digest) = done.slots.get(slot) {
                ingredients.add(format!("{what} of {id}"), digest);
            }
        }
    }
    ingredients
}
