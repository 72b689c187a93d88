//! What a program does with a project: check, status, run, verify.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use crate::execute::{Executed, Observer, Outcome, Report, execute};
use crate::lockfile::Lock;
use crate::plan::{Planned, Standing, plan};
use crate::project::Project;
use crate::publish::{
    Published, Recovery, compare_outputs, is_published, lock_of, made_files, publish, recover,
};
use crate::rehearse::rehearse;
use crate::store::Store;
use crate::{Diagnostic, Failure, turn};

/// How to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunOptions {
    /// Run every stage, stale or not.
    pub force: bool,
    /// Put back outputs that were changed by hand.
    pub overwrite: bool,
}

/// What a run did.
#[derive(Debug)]
pub struct Run {
    /// Every stage with what became of it, in the order of the file.
    pub reports: Vec<Report>,
    /// What changed on disk.
    pub published: Published,
    /// A publication that an earlier run had left unfinished was finished first.
    pub recovered: bool,
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
    /// Whether a run was ever accepted.
    pub locked: bool,
}

impl Status {
    /// Whether a run would find nothing to do.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let fresh = self.stages.iter().all(|stage| stage.standing == Standing::Fresh);
        fresh && self.tampered.is_empty() && self.missing.is_empty() && self.locked
    }
}

/// What verification found.
#[derive(Debug)]
pub struct Verification {
    /// Inputs that differ from the lock.
    pub inputs: Vec<Difference>,
    /// Outputs that differ between lock, disk and the repeated run.
    pub outputs: Vec<Difference>,
    /// The pipeline file says something else than at the last accepted run.
    pub pipeline_changed: bool,
    /// How many outputs were compared.
    pub compared: usize,
}

/// A file that is not the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub path: String,
    /// What is different, in words.
    pub what: String,
    /// The first lines that differ: on disk, and made again.
    pub lines: Vec<(String, String)>,
}

impl Verification {
    /// Whether everything was the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.inputs.is_empty() && self.outputs.is_empty() && !self.pipeline_changed
    }
}

impl Project {
    /// Says everything that is wrong with the parameters, before anything runs.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        rehearse(self)
    }

    /// The failure of these mistakes.
    #[must_use]
    pub fn mistakes(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure::Mistakes { file: self.file.clone(), source_text: self.source.clone(), diagnostics }
    }

    /// What is stale, and why.
    ///
    /// # Errors
    /// If the lock cannot be read.
    pub fn status(&self) -> Result<Status, Failure> {
        let lock = self.read_lock()?;
        let (stages, _) = plan(self, &Store::at(&self.store_folder()));
        let (tampered, missing) = compare_outputs(
            self,
            &lock.as_ref().map(|lock| lock.outputs.clone()).unwrap_or_default(),
        );
        Ok(Status { stages, tampered, missing, locked: lock.is_some() })
    }

    /// Makes everything that is stale, publishes it, and writes the lock.
    ///
    /// # Errors
    /// With all mistakes; the last good outputs then stay as they are.
    pub fn run(
        &self,
        options: RunOptions,
        observer: &dyn Observer,
        waiting: &dyn Fn(&str),
    ) -> Result<Run, Failure> {
        let _turn = turn::take(self, waiting)?;
        let store = Store::at(&self.store_folder());
        let recovered = recover(self, &store)?;
        let overwrites = options.overwrite || recovered == Recovery::Lost;
        let (agreed, fresh) = rayon::join(
            || if overwrites { Ok(None) } else { self.lock_that_holds() },
            || if options.force { None } else { self.all_fresh(&store) },
        );
        let agreed = agreed?;
        // What no stage reads, such as a claim that no report prints, is in the
        // file all the same: only a file that says what it said needs no rehearsal.
        let is_accepted = agreed.as_ref().is_some_and(|lock| lock.pipeline == self.meaning());
        if fresh.is_none() || !is_accepted {
            let diagnostics = rehearse(self);
            if !diagnostics.is_empty() {
                return Err(self.mistakes(diagnostics));
            }
        }
        let executed = match fresh {
            Some(executed) => executed,
            None => execute(self, &store, observer, options.force)?,
        };
        let published = match agreed {
            Some(lock) if is_published(self, &executed.slots, &lock)? => {
                Published { unchanged: lock.outputs.len(), ..Published::default() }
            }
            _ => publish(self, &store, &executed.slots)?,
        };
        Ok(Run { reports: executed.reports, published, recovered: recovered == Recovery::Finished })
    }

    /// The results of the last run, if all of them still hold.
    fn all_fresh(&self, store: &Store) -> Option<Executed> {
        let (planned, slots) = plan(self, store);
        let reports = planned.into_iter().map(|stage| {
            let fresh = stage.standing == Standing::Fresh;
            fresh.then_some(Report { id: stage.id, outcome: Outcome::Fresh, took: Duration::ZERO })
        });
        Some(Executed {
            reports: reports.collect::<Option<_>>()?,
            slots: slots.into_iter().collect::<Option<_>>()?,
        })
    }

    /// The lock, if there is one, after no output was found to differ from it.
    fn lock_that_holds(&self) -> Result<Option<Lock>, Failure> {
        let Some(lock) = self.read_lock()? else { return Ok(None) };
        let (paths, _) = compare_outputs(self, &lock.outputs);
        if paths.is_empty() { Ok(Some(lock)) } else { Err(Failure::Tampered { paths }) }
    }

    /// Makes everything again in a fresh folder and compares it with the lock
    /// and with what is on disk.
    ///
    /// # Errors
    /// If there is no lock, or if the run itself fails.
    pub fn verify(&self, observer: &dyn Observer) -> Result<Verification, Failure> {
        let path = self.lock_path();
        let lock = self
            .read_lock()?
            .ok_or_else(|| Failure::NoLock { path: path.display().to_string() })?;
        let diagnostics = rehearse(self);
        if !diagnostics.is_empty() {
            return Err(self.mistakes(diagnostics));
        }
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::file("make a folder in", &std::env::temp_dir(), &error))?;
        let store = Store::at(folder.path());
        let executed = execute(self, &store, observer, false)?;
        let files = made_files(self, &executed.slots)?;
        let again = lock_of(self, &store, &files);
        let content = |path: &str| files.get(path).and_then(|digest| store.get(digest));
        Ok(Verification {
            inputs: compare_inputs(&lock, &again),
            outputs: self.compare_with(&lock, &again, &content),
            pipeline_changed: lock.pipeline != again.pipeline,
            compared: again.outputs.len(),
        })
    }

    fn compare_with(
        &self,
        lock: &Lock,
        again: &Lock,
        content: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Vec<Difference> {
        let paths: BTreeSet<&String> = lock.outputs.keys().chain(again.outputs.keys()).collect();
        let differences = paths.into_iter().filter_map(|path| {
            let locked = lock.outputs.get(path);
            let repeated = again.outputs.get(path);
            let bytes = fs::read(self.root.join(path)).ok();
            let disk = bytes.as_deref().map(crate::lockfile::sha256);
            let what = match (locked, repeated, disk.as_ref()) {
                (Some(a), Some(b), Some(c)) if a == b && b == c => return None,
                (Some(_), None, _) => "is in the lock, but no stage makes it any more",
                (None, Some(_), _) => "is made by a stage, but is not in the lock",
                (Some(a), Some(b), None) if a == b => "is missing on disk",
                (Some(_), Some(_), None) => "is missing on disk, and the repeated run makes something else than the lock says",
                (Some(a), Some(b), Some(_)) if a == b => "was changed on disk: the repeated run agrees with the lock",
                (Some(a), Some(_), Some(c)) if a == c => "comes out differently: the lock and the file on disk agree with one another",
                (Some(_), Some(b), Some(c)) if b == c => "is not what the lock says: the file on disk and the repeated run agree with one another",
                _ => "differs in the lock, on disk and in the repeated run",
            };
            let lines = match (bytes, content(path)) {
                (Some(disk), Some(made)) => differing_lines(&disk, &made),
                _ => vec![],
            };
            Some(Difference { path: path.clone(), what: what.to_owned(), lines })
        });
        differences.collect()
    }
}

fn compare_inputs(lock: &Lock, now: &Lock) -> Vec<Difference> {
    let paths: BTreeSet<&String> = lock.inputs.keys().chain(now.inputs.keys()).collect();
    let differences = paths.into_iter().filter_map(|path| {
        let what = match (lock.inputs.get(path), now.inputs.get(path)) {
            (Some(locked), Some(now)) if locked == now => return None,
            (Some(_), Some(_)) => "was changed since the last accepted run",
            (Some(_), None) => "was read by the last accepted run, and is not read any more",
            (None, _) => "was not read by the last accepted run",
        };
        Some(Difference { path: path.clone(), what: what.to_owned(), lines: vec![] })
    });
    differences.collect()
}

/// How many differing lines of a file are shown.
const SHOWN_LINES: usize = 8;
/// How much of a line is shown.
const SHOWN_CHARACTERS: usize = 240;

/// The first lines that differ between two texts, by line number; none for other content.
fn differing_lines(disk: &[u8], made: &[u8]) -> Vec<(String, String)> {
    let (Ok(disk), Ok(made)) = (std::str::from_utf8(disk), std::str::from_utf8(made)) else {
        return vec![];
    };
    let numbered = |text: &str| -> BTreeMap<usize, String> {
        let short = |line: &str| line.chars().take(SHOWN_CHARACTERS).collect();
        text.lines().enumerate().map(|(index, line)| (index + 1, short(line))).collect()
    };
    let (disk, made) = (numbered(disk), numbered(made));
    let count = disk.len().max(made.len());
    let at = |lines: &BTreeMap<usize, String>, number: usize| {
        lines
            .get(&number)
            .map_or_else(|| "(no such line)".to_owned(), |line| format!("line {number}: {line}"))
    };
    (1..=count)
        .filter(|number| disk.get(number) != made.get(number))
        .take(SHOWN_LINES)
        .map(|number| (at(&disk, number), at(&made, number)))
        .collect()
}
