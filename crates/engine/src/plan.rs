//! What must be made again, and why.

use serde_json::Value as Json;

use crate::StageId;
use crate::codec::{RECORD, table_slot};
use crate::graph::Input;
use crate::ingredients::Ingredients;
use crate::project::Project;
use crate::spec::canonical;
use crate::store::{Made, Slots, Store};

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
    Known { made: Made, restored: bool },
    Stale { ingredients: Ingredients, reasons: Vec<String> },
}

/// All stages in the order of the file with where they stand.
pub(crate) fn plan(project: &Project, store: &Store) -> (Vec<Planned>, Vec<Option<Slots>>) {
    let count = project.pipeline.stages.len();
    let mut slots: Vec<Option<Slots>> = vec![None; count];
    let mut standings: Vec<Option<Standing>> = vec![None; count];
    for &index in &project.graph.order {
        let unknown: Vec<StageId> = project
            .graph
            .needs(index)
            .into_iter()
            .filter(|need| slots[*need].is_none())
            .map(|need| project.pipeline.stages[need].id.clone())
            .collect();
        standings[index] = Some(if unknown.is_empty() {
            match judge(project, store, index, &slots, false) {
                Verdict::Known { made, restored } => {
                    slots[index] = Some(made.slots);
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
        standing: standing.unwrap_or(Standing::Stale(vec!["it needs itself".to_owned()])),
    });
    (planned.collect(), slots)
}

/// Whether a stage must run, given the results of all it needs.
pub(crate) fn judge(
    project: &Project,
    store: &Store,
    index: usize,
    slots: &[Option<Slots>],
    force: bool,
) -> Verdict {
    let ingredients = ingredients(project, index, slots);
    if force {
        return Verdict::Stale { ingredients, reasons: vec!["forced".to_owned()] };
    }
    let id = &project.pipeline.stages[index].id;
    let last = store.last(id);
    if let Some(made) = last.as_ref().filter(|made| made.ingredients == ingredients) {
        return Verdict::Known { made: made.clone(), restored: false };
    }
    if let Some(made) = store.remembered(&ingredients.key()) {
        return Verdict::Known { made, restored: true };
    }
    let reasons = match last {
        None => vec!["no result is stored here".to_owned()],
        Some(made) => ingredients.changes_since(&made.ingredients),
    };
    Verdict::Stale { ingredients, reasons }
}

/// Everything the result of a stage depends on.
fn ingredients(project: &Project, index: usize, slots: &[Option<Slots>]) -> Ingredients {
    let stage = &project.pipeline.stages[index];
    let mut ingredients = Ingredients::default();
    ingredients.add("program", &project.program);
    ingredients.add("stage", stage.id.to_string());
    ingredients.add("kind", format!("{} version {}", stage.kind, stage.version));
    ingredients.add_json("study", &canonical(&project.pipeline.settings));
    ingredients.add_json("parameter", &stage.parameters);
    if project.graph.reads_claims[index] {
        ingredients.add_json(
            "claim",
            &Json::Object(
                project
                    .pipeline
                    .claims
                    .iter()
                    .map(|(name, claim)| (name.clone(), canonical(claim)))
                    .collect(),
            ),
        );
    }
    if project.graph.reads_provenance[index] {
        let provenance = project.provenance();
        ingredients.add("meaning of the pipeline file", &provenance.pipeline);
        for (path, digest) in &provenance.inputs {
            ingredients.add(format!("input {path}"), digest);
        }
    }
    for path in &project.graph.files[index] {
        let digest = project.files.get(path).map(|file| file.digest.clone()).unwrap_or_default();
        ingredients.add(format!("file {path}"), digest);
    }
    for input in &project.graph.inputs[index] {
        let of = |slot: &str| {
            slots[input.maker()]
                .as_ref()
                .and_then(|slots| slots.get(slot))
                .cloned()
                .unwrap_or_default()
        };
        match input {
            Input::Table { name, .. } => {
                ingredients.add(format!("table {name}"), of(&table_slot(name)));
            }
            Input::Stage { index } => {
                ingredients
                    .add(format!("result of {}", project.pipeline.stages[*index].id), of(RECORD));
            }
        }
    }
    ingredients
}
