//! Runs what is stale: each stage as soon as all it needs is there, on as many
//! threads as there are.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use study::{Output, Unknown};

use crate::codec::{self, UNKNOWNS};
use crate::declared::Declared;
use crate::done::{Done, handed};
use crate::graph::Input;
use crate::ingredients::Ingredients;
use crate::kind::seed_of;
use crate::plan::{Bench, Verdict, judge};
use crate::project::Project;
use crate::rehearse::Refusals;
use crate::selection::Selection;
use crate::shelf::{Handing, Refused, Shelf};
use crate::store::{Care, Made, Slots, Store};
use crate::told::told;
use crate::work::Budget;
use crate::{Call, Diagnostic, Failure, Mistake, Provenance, StageId};

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
    /// What it dropped, left unmatched or turned into queries, where it made
    /// its result in this run.
    pub told: Vec<String>,
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
    // One pool for stages and for what goes on inside of them, so that they share the
    // processors.
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()
}

/// All stages done: their reports in the order of the file, and their results.
pub(crate) struct Executed {
    pub(crate) reports: Vec<Report>,
    /// None where a stage failed, or one that it needs.
    pub(crate) slots: Vec<Option<Arc<Slots>>>,
    /// The mistakes of all stages that failed.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Executed {
    /// The conditions that missing values left open, of fresh results as well.
    pub(crate) fn unknowns(&self, project: &Project, store: &Store) -> Vec<(StageId, Unknown)> {
        let mut all = Vec::new();
        for (slots, stage) in self.slots.iter().zip(&project.pipeline.stages) {
            let kept = slots
                .as_ref()
                .and_then(|slots| slots.get(UNKNOWNS))
                .and_then(|digest| store.get(digest));
            let unknowns = kept.map(|bytes| codec::decode_unknowns(&bytes)).unwrap_or_default();
            all.extend(unknowns.into_iter().map(|unknown| (stage.id.clone(), unknown)));
        }
        all
    }
}

struct Execution<'a> {
    bench: Bench<'a>,
    work: Work<'a>,
    observer: &'a dyn Observer,
    state: Mutex<State>,
    shelf: Arc<Shelf>,
    records: Mutex<BTreeMap<usize, Arc<Output>>>,
    budget: Budget,
}

struct State {
    done: Vec<Option<Done>>,
    reports: Vec<Option<Report>>,
    /// How many of the stages it needs are not done with.
    open: Vec<usize>,
    /// How many of the stages that need it are not done with.
    needed: Vec<usize>,
    diagnostics: Vec<(usize, Diagnostic)>,
    failure: Option<Failure>,
}

/// What is to be executed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work<'a> {
    /// What each stage reads.
    pub(crate) declared: &'a Declared,
    /// Reports that do not run, and why.
    pub(crate) refused: &'a Refusals,
    /// Run every stage, stale or not.
    pub(crate) force: bool,
    /// The stages to look at; all where there is none.
    pub(crate) only: Option<&'a Selection>,
}

impl Work<'_> {
    fn has(&self, index: usize) -> bool {
        Selection::asks_for(self.only, index)
    }
}

/// Runs every stage that is stale.
///
/// # Errors
/// If a result cannot be stored.
pub(crate) fn execute(
    project: &Project,
    work: Work<'_>,
    store: &Store,
    observer: &dyn Observer,
) -> Result<Executed, Failure> {
    let declared = work.declared;
    let count = project.pipeline.stages.len();
    let state = State {
        done: vec![None; count],
        reports: vec![None; count],
        // Counted of the whole graph: a selection holds everything that its stages need.
        open: (0..count).map(|index| project.graph.needs(index).len()).collect(),
        // Only of stages that are visited: what nobody will ask for is let go of at once.
        needed: (0..count)
            .map(|index| project.graph.needed_by(index).iter().filter(|by| work.has(**by)).count())
            .collect(),
        diagnostics: vec![],
        failure: None,
    };
    let execution = Execution {
        // Read whole, since stages are handed these objects: one that rotted makes its
        // stage run again and never reaches another.
        bench: Bench { project, declared, store, care: Care::Whole },
        work,
        observer,
        state: Mutex::new(state),
        shelf: Shelf::new(store),
        records: Mutex::default(),
        budget: Budget::default(),
    };
    // Each other stage is spawned by the last of those it needs: no thread waits.
    rayon::scope(|scope| {
        let is_first = |index: &usize| project.graph.needs(*index).is_empty() && work.has(*index);
        for index in (0..count).filter(is_first) {
            let execution = &execution;
            scope.spawn(move |scope| execution.visit(scope, index));
        }
    });
    let mut state = execution.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A disk that is full ends the run whatever else went well.
    if let Some(failure) = state.failure {
        return Err(failure);
    }
    // Stages end in any order; mistakes are told in that of the file.
    state.diagnostics.sort_by_key(|(index, _)| *index);
    // A circle would leave stages without one; it is a mistake of the file and no run
    // begins.
    let done = "invariant: every stage is done with";
    let reports = state.reports.into_iter().enumerate().filter(|(index, _)| work.has(*index));
    Ok(Executed {
        reports: reports.map(|(_, report)| report.expect(done)).collect(),
        slots: state.done.into_iter().map(|done| Some(done?.slots)).collect(),
        diagnostics: state.diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect(),
    })
}

impl<'a> Execution<'a> {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visit<'s>(&'s self, scope: &rayon::Scope<'s>, index: usize) {
        // For the screen alone: no output holds a time.
        let start = Instant::now();
        let (outcome, done) = self.make(index);
        let told = match (&outcome, &done) {
            (Outcome::Ran(_) | Outcome::Restored, Some(done)) => {
                told(&self.record(index, &done.slots))
            }
            _ => vec![],
        };
        let report = Report {
            id: self.bench.project.pipeline.stages[index].id.clone(),
            outcome,
            took: start.elapsed(),
            told,
        };
        // Before the stages that waited for it are spawned, so that nobody hears of them
        // first.
        self.observer.finished(&report);
        let mut state = self.state();
        state.done[index] = done;
        state.reports[index] = Some(report);
        // Whoever holds the state may take the records, never the other way round.
        self.let_go(&mut state, index);
        let dependents = self.bench.project.graph.needed_by(index).iter();
        for &dependent in dependents.filter(|index| self.work.has(**index)) {
            state.open[dependent] -= 1;
            if state.open[dependent] == 0 {
                scope.spawn(move |scope| self.visit(scope, dependent));
            }
        }
    }

    /// Lets go of what nobody needs once a stage is done with: of the stages
    /// that it needs, and of its own. All of it is in the store.
    fn let_go(&self, state: &mut State, index: usize) {
        let needs = self.bench.project.graph.needs(index);
        needs.iter().for_each(|need| state.needed[*need] -= 1);
        for stage in needs.iter().copied().chain([index]).filter(|stage| state.needed[*stage] == 0)
        {
            lock(&self.records).remove(&stage);
            if let Some(done) = &mut state.done[stage] {
                // The slots stay: the files that are published and the notes of the run name them.
                done.tables.clear();
            }
        }
        if !self.bench.project.graph.is_told_of(index) {
            lock(&self.records).remove(&index);
        }
    }

    /// What the stages that a stage needs came to.
    fn needed(&self, index: usize) -> Vec<Option<Done>> {
        let state = self.state();
        // Copies, so that the state is not held while the stage is judged and runs.
        let mut done = vec![None; state.done.len()];
        for need in self.bench.project.graph.needs(index) {
            done[*need].clone_from(&state.done[*need]);
        }
        done
    }

    fn make(&self, index: usize) -> (Outcome, Option<Done>) {
        let project = self.bench.project;
        let done = self.needed(index);
        if project.graph.needs(index).iter().any(|need| done[*need].is_none()) {
            return (Outcome::Skipped, None);
        }
        // Refused in its rehearsal: it would say the same once more.
        if let Some(found) = self.work.refused.get(&index) {
            let located = found.iter().map(|diagnostic| (index, diagnostic.clone()));
            self.state().diagnostics.extend(located);
            return (Outcome::Failed, None);
        }
        let id = &project.pipeline.stages[index].id;
        match judge(self.bench, index, &done, self.work.force) {
            Verdict::Known { made, tables, restored } => {
                let outcome = if restored { Outcome::Restored } else { Outcome::Fresh };
                // Next time it is the last result, which tells what has changed.
                // A fresh result was noted when it was made.
                let noted = if restored { self.bench.store.note(id, &made) } else { Ok(()) };
                let noted = noted.map_err(|error| self.refused(index, error.into()));
                let done = Done { slots: Arc::new(made.slots), tables };
                self.settle(noted.map(|()| done), outcome)
            }
            Verdict::Stale { ingredients, reasons } => {
                self.observer.started(id);
                match self.run(index, &done) {
                    Ok(output) => {
                        let kept = self.keep(index, ingredients, output, &done);
                        let kept = kept.map_err(|refused| self.refused(index, refused));
                        self.settle(kept, Outcome::Ran(reasons))
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

    fn settle(&self, done: Result<Done, Failure>, outcome: Outcome) -> (Outcome, Option<Done>) {
        match done {
            Ok(done) => (outcome, Some(done)),
            Err(failure) => {
                // The first is told: after a full disk the others say the same.
                self.state().failure.get_or_insert(failure);
                (Outcome::Failed, None)
            }
        }
    }

    fn refused(&self, index: usize, refused: Refused) -> Failure {
        let project = self.bench.project;
        match refused {
            Refused::Disk(error) => Failure::file("write to", &project.store_folder(), &error),
            Refused::Bug(reason) => {
                Failure::Store { stage: project.pipeline.stages[index].id.clone(), reason }
            }
        }
    }

    /// Runs a stage on what the stages before it made.
    fn run(&self, index: usize, done: &[Option<Done>]) -> Result<Output, Vec<Diagnostic>> {
        let project = self.bench.project;
        let stage = &project.pipeline.stages[index];
        let wiring = stage.stage.wiring(&stage.id.name, &project.pipeline.settings);
        let declared = self.bench.declared.of(index);
        let tables = handed(project, index, done).into_iter().map(|(name, version)| {
            let reads = declared.and_then(|tables| tables.get(&name)).cloned();
            // A stage whose rehearsal showed nothing may read anything.
            let reads = reads.unwrap_or_else(|| version.all());
            let passes_on = wiring.writes.contains(&name);
            let handing = Handing { kind: &stage.kind, passes_on };
            let table = self.shelf.hand(&name, &version, reads, handing);
            (name, Arc::new(table))
        });
        let mut stages = Vec::new();
        for input in &project.graph.inputs[index] {
            let Input::Stage { index } = input else { continue };
            let made = done[*index].as_ref().expect("invariant: a stage runs after those it needs");
            let id = &project.pipeline.stages[*index].id;
            stages.push((id.name.clone(), id.section, self.record(*index, &made.slots)));
        }
        let seed = seed_of(project.pipeline.settings.seed, &stage.id);
        let mut call = Call { seed, tables: tables.collect(), stages, ..project.call(index) };
        if project.graph.reads_origins[index] {
            let origins = project.origins(self.bench.declared, done);
            let known = call.provenance.as_deref().cloned().unwrap_or_default();
            call.provenance = Some(Arc::new(Provenance { origins, ..known }));
        }
        // a panic is a bug: it must not take the other stages' results with it
        let run = || {
            // Inside of what is caught: the estimate is the kind's own code, too.
            self.budget.begin(&stage.stage.work(&call), call.study)?;
            stage.stage.run(&call)
        };
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(mut output)) => {
                // Every kind tells them this way: none can forget to hand them on.
                output.unknowns.extend(call.unknowns.noted());
                Ok(output)
            }
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
        done: &[Option<Done>],
    ) -> Result<Done, Refused> {
        let Bench { project, store, .. } = self.bench;
        let before = handed(project, index, done);
        let mut slots = Slots::new();
        // the log of a rule may be larger than what it changed
        let (others, tables) = rayon::join(
            || -> Result<Slots, Refused> {
                let others = codec::encode(&output).map_err(Refused::Bug)?;
                let keep = |(slot, bytes): (String, Vec<u8>)| Ok((slot, store.keep(&bytes)?));
                others.into_iter().map(keep).collect()
            },
            || self.shelf.keep(&output, &before, &mut slots),
        );
        let tables = tables?;
        slots.extend(others?);
        // What is at hand is what `record` gives of a stored result; tables and files are
        // read by other ways.
        output.tables.clear();
        output.files.clear();
        lock(&self.records).insert(index, Arc::new(output));
        let made = Made { ingredients, slots };
        // After all its objects: a kill before leaves objects that nobody names, and the
        // stage runs again.
        store.note(&project.pipeline.stages[index].id, &made)?;
        Ok(Done { slots: Arc::new(made.slots), tables })
    }

    /// Everything but the tables and files of a stage that is done.
    fn record(&self, index: usize, slots: &Slots) -> Arc<Output> {
        // Two threads may decode the same record; they come to the same.
        if let Some(record) = lock(&self.records).get(&index) {
            return Arc::clone(record);
        }
        let record = codec::decode(self.bench.store, slots);
        let record = Arc::new(record.expect("invariant: the plan read these objects whole"));
        lock(&self.records).insert(index, Arc::clone(&record));
        record
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Kinds, which may panic, run while none of these is held: what stands behind a
    // poisoned lock is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
