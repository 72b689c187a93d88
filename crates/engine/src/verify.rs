//! Verification: everything again in a fresh folder, compared byte by byte
//! with the lock and with what is on disk.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::sha256;
use crate::disk::{self, Found, look};
use crate::execute::{Observer, Work, execute};
use crate::lockfile::Lock;
use crate::project::Project;
use crate::publish::{lock_of, made_files};
use crate::rehearse::Refusals;
use crate::store::Store;
use crate::{Failure, turn};

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
        let scratch = turn::take_scratch(self)?;
        // Nothing is lent here: a result of the study's own store would only be compared
        // with itself.
        let store = Store::at(scratch.path());
        let declared = self.rehearsed(&store)?;
        let refused = Refusals::new();
        let work = Work { declared: &declared, refused: &refused, force: false, only: None };
        let executed = execute(self, work, &store, observer)?;
        if !executed.diagnostics.is_empty() {
            return Err(self.mistakes(executed.diagnostics));
        }
        let files = made_files(self, executed.slots.iter().map(Option::as_deref))?;
        let again = lock_of(self, &store, &files);
        let content = |path: &str| files.get(path).and_then(|digest| store.get(digest));
        Ok(Verification {
            inputs: self.compare_inputs(&lock, &again),
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
            let bytes = match look(&self.root, path) {
                Ok(Found::File(bytes)) => Some(bytes),
                _ => None,
            };
            let disk = bytes.as_deref().map(sha256);
            // Only where lock and repeated run agree: otherwise more than line ends differ.
            let line_ends = || match (locked, repeated, &bytes) {
                (Some(locked), Some(again), Some(bytes)) => {
                    locked == again && disk::only_line_ends_differ(bytes, locked)
                }
                _ => false,
            };
            // Three witnesses: who stands alone is named.
            let what = match (locked, repeated, disk.as_ref()) {
                (Some(a), Some(b), Some(c)) if a == b && b == c => return None,
                (Some(_), None, _) => "is in the lock, but no stage makes it any more",
                (None, Some(_), _) => "is made by a stage, but is not in the lock",
                (Some(a), Some(b), None) if a == b => "is missing on disk",
                (Some(_), Some(_), None) => "is missing on disk, and the repeated run makes something else than the lock says",
                (Some(_), Some(_), Some(_)) if line_ends() => ONLY_LINE_ENDS,
                (Some(a), Some(b), Some(_)) if a == b => "was changed on disk: the repeated run agrees with the lock",
                (Some(a), Some(_), Some(c)) if a == c => "comes out differently: the lock and the file on disk agree with one another",
                (Some(_), Some(b), Some(c)) if b == c => "is not what the lock says: the file on disk and the repeated run agree with one another",
                _ => "differs in the lock, on disk and in the repeated run",
            };
            let lines = match (bytes, content(path)) {
                (Some(disk), Some(made)) if what != ONLY_LINE_ENDS => differing_lines(&disk, &made),
                _ => vec![],
            };
            Some(Difference { path: path.clone(), what: what.to_owned(), lines })
        });
        differences.collect()
    }

    fn compare_inputs(&self, lock: &Lock, now: &Lock) -> Vec<Difference> {
        let paths: BTreeSet<&String> = lock.inputs.keys().chain(now.inputs.keys()).collect();
        let line_ends = |path: &String, locked: &String| {
            let file = self.files.get(path);
            file.is_some_and(|file| disk::only_line_ends_differ(&file.bytes, locked))
        };
        let differences = paths.into_iter().filter_map(|path| {
            let what = match (lock.inputs.get(path), now.inputs.get(path)) {
                (Some(locked), Some(now)) if locked == now => return None,
                (Some(locked), Some(_)) if line_ends(path, locked) => ONLY_LINE_ENDS,
                (Some(_), Some(_)) => "was changed since the last accepted run",
                (Some(_), None) => "was read by the last accepted run, and is not read any more",
                (None, _) => "was not read by the last accepted run",
            };
            Some(Difference { path: path.clone(), what: what.to_owned(), lines: vec![] })
        });
        differences.collect()
    }
}

/// What git does to text where it is set to convert line ends.
const ONLY_LINE_ENDS: &str =
    "only its line ends differ: git converts them, unless `.gitattributes` says `-text`";

/// How many differing lines of a file are shown.
const SHOWN_LINES: usize = 8;
/// How much of a line is shown.
const SHOWN_CHARACTERS: usize = 240;

/// The first lines that differ between two texts, by line number; none for other content.
fn differing_lines(disk: &[u8], made: &[u8]) -> Vec<(String, String)> {
    // Pictures and archives have no lines to show.
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
