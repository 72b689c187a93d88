//! Runs what is stale: each stage as soon as all it needs is there, on as many
//! threads as there are.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use study::{Output, Table};

use crate::codec::{self, RECORD, table_slot};
use crate::graph::Input;
use crate::ingredients::Ingredients;
use crate::plan::{Verdict, judge};
use crate::project::Project;
use crate::store::{Made, Slots, Store};
use crate::{Call, Diagnostic, Failure, Mistake, StageId};

/// What became of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its last result still holds.
    Fresh,
    /// An earlier result was taken from the store.
    Restored,
    /// It ran, for these reasons.
    Ran(Vec<String>),
    /// It ran and found mistakes.
    Failed,
    /// It did not run because a stage it needs failed.
    Skipped,
}

/// A stage with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The stage.
    pub id: StageId,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// Is told of the progress of a run, from any thread.
pub trait Observer: Sync {
    /// A stage starts to run.
    fn started(&self, id: &StageId);
    /// A stage is done with.
    fn finished(&self, report: &Report);
}

/// Uses this many threads for every run of the process.
///
/// # Errors
/// If the number was set before.
pub fn use_threads(threads: usize) -> Result<(), rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()
}

/// All stages done: their reports in the order of the file, and their results.
pub(crate) struct Executed {
    pub(crate) reports: Vec<Report>,
    pub(crate) slots: Vec<Slots>,
}

struct Execution<'a> {
    project: &'a Project,
    store: &'a Store,
    observer: &'a dyn Observer,
    force: bool,
    state: Mutex<State>,
    tables: Mutex<BTreeMap<String, Arc<Table>>>,
    records: Mutex<BTreeMap<String, Arc<Output>>>,
}

struct State {
    slots: Vec<Option<Slots>>,
    reports: Vec<Option<Report>>,
    /// How many of the stages it needs are not done with.
    open: Vec<usize>,
    diagnostics: Vec<(usize, Diagnostic)>,
    failure: Option<Failure>,
}

/// Runs every stage that is stale.
///
/// # Errors
/// With all mistakes of all stages that failed; the results of the others are kept.
pub(crate) fn execute(
    project: &Project,
    store: &Store,
    observer: &dyn Observer,
    force: bool,
) -> Result<Executed, Failure> {
    let count = project.pipeline.stages.len();
    let state = State {
        slots: vec![None; count],
        reports: vec![None; count],
        open: (0..count).map(|index| project.graph.needs(index).len()).collect(),
        diagnostics: vec![],
        failure: None,
    };
    let execution = Execution {
        project,
        store,
        observer,
        force,
        state: Mutex::new(state),
        tables: Mutex::default(),
        records: Mutex::default(),
    };
    rayon::scope(|scope| {
        for index in (0..count).filter(|index| project.graph.needs(*index).is_empty()) {
            let execution = &execution;
            scope.spawn(move |scope| execution.visit(scope, index));
        }
    });
    let mut state = execution.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = state.failure {
        return Err(failure);
    }
    if !state.diagnostics.is_empty() {
        state.diagnostics.sort_by_key(|(index, _)| *index);
        let diagnostics = state.diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect();
        return Err(project.mistakes(diagnostics));
    }
    let done = "invariant: every stage is done with";
    Ok(Executed {
        reports: state.reports.into_iter().map(|report| report.expect(done)).collect(),
        slots: state.slots.into_iter().map(|slots| slots.expect(done)).collect(),
    })
}

impl<'a> Execution<'a> {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visit<'s>(&'s self, scope: &rayon::Scope<'s>, index: usize) {
        let start = Instant::now();
        let (outcome, slots) = self.make(index);
        let report = Report {
            id: self.project.pipeline.stages[index].id.clone(),
            outcome,
            took: start.elapsed(),
        };
        self.observer.finished(&report);
        let mut state = self.state();
        state.slots[index] = slots;
        state.reports[index] = Some(report);
        let dependents = (0..self.project.pipeline.stages.len())
            .filter(|other| self.project.graph.needs(*other).contains(&index));
        for dependent in dependents {
            state.open[dependent] -= 1;
            if state.open[dependent] == 0 {
                scope.spawn(move |scope| self.visit(scope, dependent));
            }
        }
    }

    fn make(&self, index: usize) -> (Outcome, Option<Slots>) {
        let slots = self.state().slots.clone();
        if self.project.graph.needs(index).iter().any(|need| slots[*need].is_none()) {
            return (Outcome::Skipped, None);
        }
        match judge(self.project, self.store, index, &slots, self.force) {
            Verdict::Known { made, restored: false } => (Outcome::Fresh, Some(made.slots)),
            Verdict::Known { made, restored: true } => {
                let noted = self.store.note(&self.project.pipeline.stages[index].id, &made);
                let noted = noted.map_err(|error| {
                    Failure::file("write to", &self.project.store_folder(), &error)
                });
                self.settle(noted.map(|()| made.slots), Outcome::Restored)
            }
            Verdict::Stale { ingredients, reasons } => {
                self.observer.started(&self.project.pipeline.stages[index].id);
                match self.run(index, &slots) {
                    Ok(output) => {
                        self.settle(self.keep(index, ingredients, output), Outcome::Ran(reasons))
                    }
                    Err(diagnostics) => {
                        let located = diagnostics.into_iter().map(|diagnostic| (index, diagnostic));
                        self.state().diagnostics.extend(located);
                        (Outcome::Failed, None)
                    }
                }
            }
        }
    }

    fn settle(&self, slots: Result<Slots, Failure>, outcome: Outcome) -> (Outcome, Option<Slots>) {
        match slots {
            Ok(slots) => (outcome, Some(slots)),
            Err(failure) => {
                self.state().failure.get_or_insert(failure);
                (Outcome::Failed, None)
            }
        }
    }

    /// Runs a stage on what the stages before it made.
    fn run(&self, index: usize, slots: &[Option<Slots>]) -> Result<Output, Vec<Diagnostic>> {
        let project = self.project;
        let stage = &project.pipeline.stages[index];
        let mut tables = BTreeMap::new();
        let mut stages = Vec::new();
        for input in &project.graph.inputs[index] {
            let made = slots[input.maker()]
                .as_ref()
                .expect("invariant: a stage runs after those it needs");
            match input {
                Input::Table { name, .. } => {
                    drop(tables.insert(name.clone(), self.table(&made[&table_slot(name)])));
                }
                Input::Stage { index } => {
                    let id = &project.pipeline.stages[*index].id;
                    stages.push((id.name.clone(), id.section, self.record(&made[RECORD])));
                }
            }
        }
        let seed = seed_of(project.pipeline.settings.seed, &stage.id);
        let call = Call { seed, tables, stages, ..project.call(index) };
        // a panic is a bug: it must not take the other stages' results with it
        match catch_unwind(AssertUnwindSafe(|| stage.stage.run(&call))) {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(mistakes)) => {
                Err(mistakes.0.into_iter().map(|mistake| stage.locate(mistake)).collect())
            }
            Err(_) => {
                let mistake = Mistake::new(
                    "the program failed here: this is a bug in restudy, not in the study",
                );
                Err(vec![stage.locate(mistake.hint("please report it with the message above"))])
            }
        }
    }

    fn keep(
        &self,
        index: usize,
        ingredients: Ingredients,
        mut output: Output,
    ) -> Result<Slots, Failure> {
        let id = &self.project.pipeline.stages[index].id;
        let objects = codec::encode(&output)
            .map_err(|error| Failure::Store { stage: id.clone(), reason: error.to_string() })?;
        let mut slots = Slots::new();
        for (slot, bytes) in objects {
            let digest = self.store.keep(&bytes);
            let digest = digest
                .map_err(|error| Failure::file("write to", &self.project.store_folder(), &error))?;
            slots.insert(slot, digest);
        }
        for (name, table) in std::mem::take(&mut output.tables) {
            lock(&self.tables).insert(slots[&table_slot(&name)].clone(), Arc::new(table));
        }
        output.files.clear();
        lock(&self.records).insert(slots[RECORD].clone(), Arc::new(output));
        let made = Made { ingredients, slots };
        let noted = self.store.note(id, &made);
        noted.map_err(|error| Failure::file("write to", &self.project.store_folder(), &error))?;
        Ok(made.slots)
    }

    fn table(&self, digest: &str) -> Arc<Table> {
        if let Some(table) = lock(&self.tables).get(digest) {
            return Arc::clone(table);
        }
        let bytes = self.store.get(digest).unwrap_or_default();
        let table =
            Arc::new(Table::decode(&bytes).expect("invariant: the plan read this object whole"));
        lock(&self.tables).insert(digest.to_owned(), Arc::clone(&table));
        table
    }

    fn record(&self, digest: &str) -> Arc<Output> {
        if let Some(record) = lock(&self.records).get(digest) {
            return Arc::clone(record);
        }
        let bytes = self.store.get(digest).unwrap_or_default();
        let record = Arc::new(
            codec::decode_record(&bytes).expect("invariant: the plan read this object whole"),
        );
        lock(&self.records).insert(digest.to_owned(), Arc::clone(&record));
        record
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The seed of a stage: from the study's seed and the stage's name, so that
/// adding a stage changes no other stage's numbers.
fn seed_of(seed: u64, id: &StageId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(id.to_string().as_bytes());
    let digest = hasher.finalize();
    let head = digest.as_bytes().first_chunk::<8>().expect("invariant: a digest has 32 bytes");
    u64::from_le_bytes(*head)
}
