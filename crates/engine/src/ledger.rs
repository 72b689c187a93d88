//! What the store remembers of its publications: which content it put at
//! which path, for which pipeline file. Whatever else stands at a path is
//! somebody's own, and no run writes over it.
//!
//! Two such ledgers stand in the store. `published.json` says what was put in
//! its place. `publishing.json` is there while a run publishes and says what
//! stood there before and what is to stand there, so that after a kill
//! neither is taken for somebody's own. Both are only ever read as that: no
//! ledger makes a run write a file, whatever it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::{self, LARGEST_TEXT};
use crate::lockfile::Lock;
use crate::project::Project;
use crate::{Failure, atomic, paths};

/// SHA-256 of the contents that are the store's own, by path.
pub(crate) type Contents = BTreeMap<String, Vec<String>>;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    /// The folder that it was written in, as the system counts: a ledger that
    /// came with a copy of somebody else's store vouches for nothing here.
    folder: u64,
    /// By the name of the pipeline file.
    files: BTreeMap<String, Contents>,
}

impl Ledger {
    /// The ledger at `path`; none where it is damaged or of another folder.
    fn read(path: &Path) -> Option<Self> {
        let bytes = disk::read_plain(path, LARGEST_TEXT).ok()?;
        let mut ledger: Self = serde_json::from_slice(&bytes).ok()?;
        // A ledger may have come with the folder: a path that no output can have is not one
        // of ours.
        for contents in ledger.files.values_mut() {
            contents.retain(|path, _| paths::unfit(path).is_none());
        }
        // See `Ledger::folder`: a copied ledger would vouch for files that it never saw.
        (ledger.folder == number_of(path.parent()?)).then_some(ledger)
    }

    /// Writes it, or takes the file away where there is nothing to say.
    fn write(mut self, path: &Path) -> Result<(), Failure> {
        self.files.retain(|_, contents| !contents.is_empty());
        if path.is_dir() {
            // nothing of this program's: it would be in the way of every run
            fs::remove_dir_all(path).map_err(|error| Failure::file("remove", path, &error))?;
        }
        if self.files.is_empty() {
            return match atomic::remove(path) {
                Err(error) if !disk::is_absent(&error) => {
                    Err(Failure::file("remove", path, &error))
                }
                _ => Ok(()),
            };
        }
        self.folder = path.parent().map(number_of).unwrap_or_default();
        let bytes =
            serde_json::to_vec_pretty(&self).expect("invariant: plain values always serialise");
        atomic::replace(path, &bytes).map_err(|error| Failure::file("write", path, &error))
    }
}

/// The number of a folder on its disk, which no copy of it shares.
#[cfg(unix)]
fn number_of(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder).map(|found| found.ino()).unwrap_or_default()
}

#[cfg(not(unix))]
fn number_of(_: &Path) -> u64 {
    // No such number is asked of the system here: every ledger counts as one of this
    // folder.
    0
}

fn published_path(project: &Project) -> PathBuf {
    project.store_folder().join("published.json")
}

fn publishing_path(project: &Project) -> PathBuf {
    project.store_folder().join("publishing.json")
}

/// Everything that vouches for what stands in the places of the outputs.
#[derive(Debug)]
pub(crate) struct Known {
    /// The lock, as it stands beside the pipeline file.
    pub(crate) lock: Option<Lock>,
    /// A publication was cut off, of this pipeline file as far as one can tell.
    pub(crate) is_cut_off: bool,
    /// What this store put in place for this pipeline file.
    published: Contents,
    /// What stood there before the publication that was cut off, and what was to.
    publishing: Contents,
    /// What this store put in place for pipeline files that are gone.
    left: Contents,
    /// Other pipeline files beside this one, by the folded path of an output of theirs.
    owners: BTreeMap<String, String>,
}

impl Known {
    /// Reads the lock and the ledgers.
    ///
    /// # Errors
    /// If the lock cannot be read; a ledger that cannot be read vouches for nothing.
    pub(crate) fn read(project: &Project) -> Result<Self, Failure> {
        let own = project.file_name();
        let journal = publishing_path(project);
        let cut_off = Ledger::read(&journal);
        let is_cut_off = match &cut_off {
            // Several pipeline files share a store, and another one's publication is its own
            // affair.
            Some(ledger) => ledger.files.contains_key(&own),
            // A journal that cannot be read still says that a publication was under way. Whose,
            // nobody knows: then each file is looked at before it is replaced.
            None => journal.symlink_metadata().is_ok(),
        };
        let mut known = Self {
            lock: project.read_lock()?,
            is_cut_off,
            published: Contents::new(),
            publishing: cut_off.and_then(|mut it| it.files.remove(&own)).unwrap_or_default(),
            left: Contents::new(),
            owners: BTreeMap::new(),
        };
        for (file, contents) in Ledger::read(&published_path(project)).unwrap_or_default().files {
            if file == own {
                known.published = contents;
            } else if project.root.join(&file).exists() {
                let owned = contents.into_keys().map(|path| (paths::folded(&path), file.clone()));
                known.owners.extend(owned);
            } else {
                known.left.extend(contents);
            }
        }
        Ok(known)
    }

    /// Whether the content of this SHA-256 at `path` is a run's own.
    pub(crate) fn vouches(&self, path: &str, digest: &str) -> bool {
        self.contents_at(path).any(|known| known == digest)
    }

    /// Whether `bytes` at `path` are a run's own but for their line ends.
    pub(crate) fn vouches_but_for_line_ends(&self, path: &str, bytes: &[u8]) -> bool {
        self.contents_at(path).any(|known| disk::only_line_ends_differ(bytes, known))
    }

    /// Whether the content of this SHA-256 at `path` is of the publication
    /// that was cut off.
    pub(crate) fn is_being_published(&self, path: &str, digest: &str) -> bool {
        self.publishing.get(path).is_some_and(|known| known.iter().any(|known| known == digest))
    }

    fn contents_at(&self, path: &str) -> impl Iterator<Item = &str> {
        let locked = self.lock.as_ref().and_then(|lock| lock.outputs.get(path));
        let noted = [&self.published, &self.publishing, &self.left];
        let noted = noted.into_iter().filter_map(|contents| contents.get(path)).flatten();
        // The lock counts as much as the ledger: after a clone there is no store.
        locked.into_iter().chain(noted).map(String::as_str)
    }

    /// Whether this store put the file at `path` for this pipeline file.
    pub(crate) fn is_published(&self, path: &str) -> bool {
        self.published.contains_key(path) || self.publishing.contains_key(path)
    }

    /// Whether a run of this pipeline file is known to have made `path`.
    pub(crate) fn is_output(&self, path: &str) -> bool {
        self.is_published(path)
            || self.lock.as_ref().is_some_and(|lock| lock.outputs.contains_key(path))
    }

    /// Every path that a run of this pipeline file is known to have made.
    pub(crate) fn outputs(&self) -> BTreeSet<&String> {
        let locked = self.lock.iter().flat_map(|lock| lock.outputs.keys());
        locked.chain(self.published.keys()).chain(self.publishing.keys()).collect()
    }

    /// Another pipeline file, still there, whose output this path is.
    pub(crate) fn owner(&self, path: &str) -> Option<&str> {
        self.owners.get(&paths::folded(path)).map(String::as_str)
    }

    /// Whether the ledger says the same as the lock, so that a run that finds
    /// everything in its place has nothing to note.
    pub(crate) fn is_settled(&self) -> bool {
        let Some(lock) = &self.lock else { return false };
        let noted = self.published.iter().map(|(path, contents)| (path, contents.as_slice()));
        let locked = lock.outputs.iter().map(|(path, digest)| (path, std::slice::from_ref(digest)));
        // Path by path and digest by digest, both in the order of paths.
        !self.is_cut_off && noted.eq(locked)
    }

    /// Notes that this is about to be published.
    pub(crate) fn begin(&self, project: &Project, contents: Contents) -> Result<(), Failure> {
        let path = publishing_path(project);
        let mut ledger = Ledger::read(&path).unwrap_or_default();
        // what an earlier publication began is as much the store's own
        // Added to and not replaced, or the first of two kills would be forgotten.
        let own = ledger.files.entry(project.file_name()).or_default();
        for (path, digests) in contents {
            own.entry(path).or_default().extend(digests);
        }
        ledger.write(&path)
    }

    /// Notes that it is published: these paths with this content, and, where
    /// the run was accepted, no others.
    pub(crate) fn end(
        &self,
        project: &Project,
        made: &BTreeMap<String, String>,
        accepted: bool,
    ) -> Result<(), Failure> {
        let path = published_path(project);
        let mut ledger = Ledger::read(&path).unwrap_or_default();
        // a file that is gone has handed its outputs on to the one that makes them now
        for (file, contents) in &mut ledger.files {
            if !project.root.join(file).exists() {
                contents.retain(|path, _| !made.contains_key(path));
            }
        }
        let own = ledger.files.entry(project.file_name()).or_default();
        if accepted {
            own.clear();
        }
        own.extend(made.iter().map(|(path, digest)| (path.clone(), vec![digest.clone()])));
        // First what stands there now, then that nothing is under way: after a kill in
        // between both say the same of these files.
        ledger.write(&path)?;
        let path = publishing_path(project);
        let mut ledger = Ledger::read(&path).unwrap_or_default();
        ledger.files.remove(&project.file_name());
        ledger.write(&path)
    }
}
