//! What a program does with a project: check, status, run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use study::{Reads, Unknown};

use crate::codec::file_of_slot;
use crate::declared::Declared;
use crate::digest::sha256;
use crate::disk::{self, Found, look};
use crate::done::Done;
use crate::execute::{Executed, Observer, Outcome, Report, Work, execute};
use crate::ledger::Known;
use crate::lockfile::Digests;
use crate::outputs::{Sources, is_source};
use crate::plan::{Bench, Planned, Standing, plan};
use crate::project::Project;
use crate::publish::{Published, Terms, is_published, made_files, publish};
use crate::rehearse::{Refusals, rehearse, rehearse_each, rehearse_findings};
use crate::selection::Selection;
use crate::store::{Care, Store};
use crate::{Diagnostic, Failure, StageId, mistake, turn};

/// How to run.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Run every stage, stale or not.
    pub force: bool,
    /// Put back outputs that were changed by hand, and write over files that
    /// stand where outputs are to be.
    pub overwrite: bool,
    /// Publish what went well though other stages failed.
    pub keep_going: bool,
    /// Look at these stages only; the lock then stays the former one.
    pub only: Option<Selection>,
}

/// What a run did.
#[derive(Debug)]
pub struct Run {
    /// Every stage that was asked for with what became of it, in the order of the file.
    pub reports: Vec<Report>,
    /// What changed on disk.
    pub published: Published,
    /// Conditions that missing values left open, with the stage that has them,
    /// in the order of the file.
    pub unknowns: Vec<(StageId, Unknown)>,
    /// A publication that an earlier run had left unfinished was finished.
    pub recovered: bool,
    /// Inputs of which only the line ends differ from those of the last accepted run.
    pub line_ends: Vec<String>,
    /// The mistakes of the stages that failed, where the run kept going: then
    /// it was not accepted, and the lock is the former one.
    pub mistakes: Option<Failure>,
}

/// Where a project stands.
#[derive(Debug)]
pub struct Status {
    /// Every stage with its standing, in the order of the file.
    pub stages: Vec<Planned>,
    /// Outputs that were changed since the last run made them.
    pub tampered: Vec<String>,
    /// Outputs that are not there.
    pub missing: Vec<String>,
    /// Outputs and inputs of which only the line ends differ from the lock.
    pub line_ends: Vec<String>,
    /// Outputs that a run made which was not accepted.
    pub unaccepted: Vec<String>,
    /// A run was interrupted while it published: the next one finishes that.
    pub unfinished: bool,
    /// Whether a run was ever accepted.
    pub locked: bool,
}

impl Status {
    /// Whether a run would find nothing to do.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let fresh = self.stages.iter().all(|stage| stage.standing == Standing::Fresh);
        let listed = [&self.tampered, &self.missing, &self.line_ends, &self.unaccepted];
        fresh && listed.iter().all(|paths| paths.is_empty()) && self.locked && !self.unfinished
    }

    /// Notes how the output at `path` stands beside what is known of it;
    /// `fresh` is what the stored results would put there.
    fn note(&mut self, known: &Known, path: &str, found: &Found, fresh: Option<&String>) {
        let locked = known.lock.as_ref().and_then(|lock| lock.outputs.get(path));
        let list = match found {
            Found::Nothing if locked.is_some() => &mut self.missing,
            Found::Nothing => return,
            Found::Obstacle(_) => &mut self.tampered,
            Found::File(bytes) => {
                let digest = sha256(bytes);
                let is_new =
                    fresh.is_some_and(|fresh| blake3::hash(bytes).to_hex().as_str() == fresh);
                // After a kill the old content may stand there, or the new one already: both are
                // the publication's, and neither is an edit.
                let is_underway =
                    self.unfinished && (is_new || known.is_being_published(path, &digest));
                if locked == Some(&digest) || is_underway {
                    return;
                }
                // Where no run was accepted there is no lock to agree with: what the store put
                // there is as it should be.
                match (known.vouches(path, &digest), self.locked) {
                    (true, true) => &mut self.unaccepted,
                    (true, false) => return,
                    _ if known.vouches_but_for_line_ends(path, bytes) => &mut self.line_ends,
                    _ => &mut self.tampered,
                }
            }
        };
        list.push(path.to_owned());
    }
}

impl Project {
    /// Says everything that is wrong with the parameters, before anything runs.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        rehearse(self).0
    }

    /// The same, and of a file without mistakes what should be known before a run:
    /// fragments without a full stop.
    ///
    /// # Errors
    /// Everything that is wrong with the parameters.
    pub fn check_and_note(&self) -> Result<Vec<String>, Vec<Diagnostic>> {
        rehearse_findings(self).map(|findings| self.notes(&findings))
    }

    /// What each stage reads of each table, column by column, as its rehearsal
    /// shows; stages whose rehearsal fails are left out.
    #[must_use]
    pub fn reads(&self) -> Vec<(StageId, BTreeMap<String, Reads>)> {
        let declared = self.declared(&Store::at(&self.store_folder()));
        let stages = self.pipeline.stages.iter().zip(declared.0);
        stages.filter_map(|(stage, reads)| Some((stage.id.clone(), reads?))).collect()
    }

    /// The reads of the last rehearsal of this very pipeline, or of one now.
    pub(crate) fn declared(&self, store: &Store) -> Declared {
        store.rehearsal(&self.rehearsal_key()).unwrap_or_else(|| rehearse(self).1)
    }

    /// Digest of all that a rehearsal depends on, and with it every result: the
    /// program, what the pipeline file says, and the files that are read.
    fn rehearsal_key(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [self.program.as_str(), self.meaning()] {
            hasher.update(part.as_bytes());
        }
        // where a report prints them, lines are a part of its result
        if self.graph.reads_origins.contains(&true) {
            hasher.update(self.source.as_bytes());
        }
        for path in self.graph.files.iter().flatten() {
            // its name too: of files that a wildcard means the pipeline file has none
            let digest = self.files.get(path).map_or("none", |file| &file.digest);
            for part in [path.as_str(), digest] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Rehearses everything, and remembers what was read.
    pub(crate) fn rehearsed(&self, store: &Store) -> Result<Declared, Failure> {
        let (diagnostics, declared) = rehearse(self);
        if !diagnostics.is_empty() {
            return Err(self.mistakes(diagnostics));
        }
        self.note_rehearsal(store, &declared)?;
        Ok(declared)
    }

    fn note_rehearsal(&self, store: &Store, declared: &Declared) -> Result<(), Failure> {
        let noted = store.note_rehearsal(&self.rehearsal_key(), declared);
        noted.map_err(|error| Failure::file("write to", &self.store_folder(), &error))
    }

    /// The same for a run with these options: what is not asked for may be mistaken, and a run
    /// that keeps going is handed the reports that are mistaken, where nothing else is, as refused.
    pub(crate) fn rehearsed_for(
        &self,
        store: &Store,
        options: &RunOptions,
        is_noted: bool,
    ) -> Result<(Declared, Refusals), Failure> {
        let (mut diagnostics, declared, mut refused) = rehearse_each(self);
        if diagnostics.is_empty() && is_noted {
            self.note_rehearsal(store, &declared)?;
        }
        if let Some(only) = &options.only {
            let ids = self.pipeline.stages.iter().map(|stage| &stage.id).enumerate();
            let asked: Vec<String> =
                ids.filter(|(index, _)| only.has(*index)).map(|(_, id)| id.to_string()).collect();
            // A mistake of no stage, such as one of the settings, stands in the way of every
            // run.
            diagnostics.retain(|one| one.stage.as_ref().is_none_or(|stage| asked.contains(stage)));
            refused.retain(|index, _| only.has(*index));
        }
        let of_reports: usize = refused.values().map(Vec::len).sum();
        let is_whole = self.pipeline.broken.is_empty();
        // Only where every mistake is one of a report: of an analysis or a rule nothing
        // could be published that rests on it.
        let goes_on = options.keep_going && is_whole && of_reports == diagnostics.len();
        if diagnostics.is_empty() || goes_on {
            Ok((declared, refused))
        } else {
            Err(self.mistakes(diagnostics))
        }
    }

    /// The failure of these mistakes, each cause once.
    #[must_use]
    pub fn mistakes(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure::Mistakes {
            file: self.file.clone(),
            source_text: self.source.clone(),
            diagnostics: mistake::by_cause(diagnostics),
        }
    }

    /// What is stale, and why.
    ///
    /// # Errors
    /// If the lock or an output cannot be read.
    pub fn status(&self) -> Result<Status, Failure> {
        let known = Known::read(self)?;
        let store = Store::at(&self.store_folder());
        let declared = self.declared(&store);
        let bench = Bench { project: self, declared: &declared, store: &store, care: Care::There };
        let (stages, done) = plan(bench);
        let mut status = Status {
            stages,
            tampered: vec![],
            missing: vec![],
            line_ends: self.inputs_with_other_line_ends(&known),
            unaccepted: vec![],
            unfinished: known.is_cut_off,
            locked: known.lock.is_some(),
        };
        let fresh = files_of(&done);
        for path in known.outputs() {
            if !is_source(self, path) {
                let found = look(&self.root, path)
                    .map_err(|error| Failure::file("read", &self.root.join(path), &error))?;
                status.note(&known, path, &found, fresh.get(path.as_str()).copied());
            }
        }
        Ok(status)
    }

    /// Makes everything that is stale, publishes it, and writes the lock.
    ///
    /// # Errors
    /// With all mistakes; the last good outputs then stay as they are. With
    /// the files that somebody changed or put where outputs are to be.
    pub fn run(
        &self,
        options: &RunOptions,
        observer: &dyn Observer,
        waiting: &dyn Fn(&str),
    ) -> Result<Run, Failure> {
        // The turn before anything is read: until it is ours another run may change lock,
        // ledger and outputs.
        let _turn = turn::take(self, waiting)?;
        // A killed verification may have left rows of patients there.
        turn::clear_scratch(self);
        let store = Store::at(&self.store_folder());
        let known = Known::read(self)?;
        // after a publication that was cut off, what is new on disk is known
        // once the results are: then each file is looked at before it is replaced
        let is_looked_at_later = options.overwrite || known.is_cut_off;
        let (untouched, fresh) = rayon::join(
            || match is_looked_at_later {
                true => Ok(Digests::new()),
                false => self.require_untouched(&known),
            },
            || if options.force { None } else { self.all_fresh(&store, options.only.as_ref()) },
        );
        let on_disk = untouched?;
        // Nothing is to be done only where the store, the ledger, the lock, the disk and
        // the pipeline file all say the same. What differs goes the long way, which mends
        // it or refuses.
        if let (Some(lock), Some((executed, outputs))) = (&known.lock, fresh)
            && known.is_settled()
            && [&on_disk, &outputs].iter().all(|same| **same == lock.outputs)
            && lock.pipeline == self.meaning()
            && lock.inputs == self.files.for_lock()
        {
            return Ok(Run {
                unknowns: executed.unknowns(self, &store),
                reports: executed.reports,
                published: Published { unchanged: lock.outputs.len(), ..Published::default() },
                recovered: false,
                line_ends: self.inputs_with_other_line_ends(&known),
                mistakes: None,
            });
        }
        let (declared, refused) = self.rehearsed_for(&store, options, true)?;
        let only = options.only.as_ref();
        let work = Work { declared: &declared, refused: &refused, force: options.force, only };
        // the lock has another digest of the raw files than the keys of stages
        let executed =
            rayon::join(|| execute(self, work, &store, observer), || self.files.for_lock()).0?;
        let went_well = executed.diagnostics.is_empty();
        let accepted = went_well && options.only.is_none();
        // All or nothing, unless somebody asked for what went well.
        if !went_well && !options.keep_going {
            return Err(self.mistakes(executed.diagnostics));
        }
        let files = self.made(&executed)?;
        // A lock vouches for the disk only together with the ledger: after a kill they
        // differ, and every file is looked at again.
        let agreed = known.lock.as_ref().filter(|_| accepted && known.is_settled());
        let published = match agreed {
            Some(lock) if is_published(self, &files, lock) => {
                Published { unchanged: lock.outputs.len(), ..Published::default() }
            }
            _ => {
                let terms = Terms { known: &known, overwrite: options.overwrite, accepted };
                publish(self, &store, &files, &terms)?
            }
        };
        // After the lock, so that a kill before this line leaves a store that judges each
        // stage, and not one that takes a half-published state for settled.
        if accepted {
            let slots = executed.slots.iter().flatten().map(AsRef::as_ref);
            // Read again, because publishing wrote it.
            let outputs = self.read_lock()?.unwrap_or_default().outputs;
            let noted = store.note_whole(&self.rehearsal_key(), slots.collect(), outputs);
            noted.map_err(|error| Failure::file("write to", &self.store_folder(), &error))?;
        }
        Ok(Run {
            unknowns: executed.unknowns(self, &store),
            reports: executed.reports,
            published,
            recovered: known.is_cut_off,
            line_ends: self.inputs_with_other_line_ends(&known),
            mistakes: (!went_well).then(|| self.mistakes(executed.diagnostics)),
        })
    }

    /// The results of the last run, if all of them still hold, and the digests
    /// of their files.
    fn all_fresh(&self, store: &Store, only: Option<&Selection>) -> Option<(Executed, Digests)> {
        // nothing of the store is read: an object that is damaged at its full length
        // is found out before a stage reads it
        let (slots, outputs) = store.whole(&self.rehearsal_key())?;
        let report = |id: &StageId| Report {
            id: id.clone(),
            outcome: Outcome::Fresh,
            took: Duration::ZERO,
            told: vec![],
        };
        // A selection is told of its own stages; the results of the others hold all the
        // same.
        let stages = self.pipeline.stages.iter().enumerate();
        let asked = stages.filter(|(index, _)| Selection::asks_for(only, *index));
        let executed = Executed {
            reports: asked.map(|(_, stage)| report(&stage.id)).collect(),
            slots: slots.into_iter().map(|slots| Some(Arc::new(slots))).collect(),
            diagnostics: vec![],
        };
        Some((executed, outputs))
    }

    /// The files that a run made, by path.
    fn made(&self, executed: &Executed) -> Result<BTreeMap<String, String>, Failure> {
        made_files(self, executed.slots.iter().map(Option::as_deref))
    }

    /// Refuses to begin where somebody changed an output: a long run would
    /// end with the same refusal. Gives the digests of the outputs on disk.
    pub(crate) fn require_untouched(&self, known: &Known) -> Result<Digests, Failure> {
        let sources = Sources::of(self);
        let outputs = known.outputs().into_iter().filter(|path| !sources.have(self, path));
        let outputs: Vec<&String> = outputs.collect();
        let look_at = |path: &&String| match look(&self.root, path) {
            Ok(Found::File(bytes)) => {
                let digest = sha256(&bytes);
                let is_own =
                    known.vouches(path, &digest) || known.vouches_but_for_line_ends(path, &bytes);
                (is_own, Some(digest))
            }
            Ok(Found::Nothing) => (true, None),
            Ok(Found::Obstacle(_)) | Err(_) => (false, None),
        };
        let looked_at: Vec<_> = outputs.par_iter().map(look_at).collect();
        let (mut on_disk, mut paths) = (Digests::new(), Vec::new());
        for (path, (is_own, digest)) in outputs.into_iter().zip(looked_at) {
            if !is_own {
                paths.push(path.clone());
            }
            on_disk.extend(digest.map(|digest| (path.clone(), digest)));
        }
        if paths.is_empty() { Ok(on_disk) } else { Err(Failure::Tampered { paths }) }
    }

    /// The inputs that git has given other line ends since the last accepted run.
    fn inputs_with_other_line_ends(&self, known: &Known) -> Vec<String> {
        let locked = known.lock.iter().flat_map(|lock| &lock.inputs);
        let differing = locked.filter(|(path, digest)| {
            let Some(file) = self.files.get(path) else { return false };
            // The cheap comparison first: the other one makes two copies of the file.
            file.sha256() != *digest && disk::only_line_ends_differ(&file.bytes, digest)
        });
        differing.map(|(path, _)| path.clone()).collect()
    }
}

/// The stored digest of every file that these results hold, by path.
fn files_of(done: &[Option<Done>]) -> BTreeMap<&str, &String> {
    let slots = done.iter().flatten().flat_map(|done| done.slots.iter());
    slots.filter_map(|(slot, digest)| Some((file_of_slot(slot)?, digest))).collect()
}
