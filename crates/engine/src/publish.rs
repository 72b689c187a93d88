//! Puts what the stages made into the reports folder, and the lock behind it.
//!
//! All new content is on disk before the first file changes its place, and a
//! journal says what is meant: if the program is killed in between, the next
//! command finishes the work.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::atomic::{self, Staged};
use crate::codec::file_of_slot;
use crate::lockfile::{Digests, Lock, leads_out, sha256};
use crate::project::Project;
use crate::store::{Slots, Store};

/// What a published run changed on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that are new or have new content.
    pub written: Vec<String>,
    /// Files that no stage makes any more, and that were taken away.
    pub removed: Vec<String>,
    /// How many files stayed as they were.
    pub unchanged: usize,
}

/// What is to be done: digests in the store by path, paths to remove, the lock.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    write: BTreeMap<String, String>,
    remove: Vec<String>,
    lock: String,
}

/// The files that the stages made: store digests by path.
pub(crate) fn made_files(
    project: &Project,
    slots: &[Slots],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut files: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (index, slots) in slots.iter().enumerate() {
        for (slot, digest) in slots {
            let Some(path) = file_of_slot(slot) else { continue };
            if let Some(reason) = misplaced(project, path) {
                let stage = project.pipeline.stages[index].id.clone();
                return Err(Failure::Misplaced { path: path.to_owned(), stage, reason });
            }
            if let Some((first, _)) = files.insert(path.to_owned(), (index, digest.clone())) {
                let id = |index: usize| project.pipeline.stages[index].id.clone();
                return Err(Failure::SameFile {
                    path: path.to_owned(),
                    first: id(first),
                    second: id(index),
                });
            }
        }
    }
    Ok(files.into_iter().map(|(path, (_, digest))| (path, digest)).collect())
}

/// What speaks against an output at `path`.
pub(crate) fn misplaced(project: &Project, path: &str) -> Option<&'static str> {
    if leads_out(path) {
        Some("is no plain path below the study's folder")
    } else if project.is_own(path) || project.files.get(path).is_some() {
        Some("the study is made from")
    } else {
        None
    }
}

/// The lock that goes with these results.
pub(crate) fn lock_of(project: &Project, store: &Store, files: &BTreeMap<String, String>) -> Lock {
    let content = |digest: &String| {
        store.get(digest).expect("invariant: the results of a run are in the store")
    };
    let outputs =
        files.iter().map(|(path, digest)| (path.clone(), sha256(&content(digest)))).collect();
    Lock { pipeline: project.meaning(), inputs: project.files.for_lock(), outputs }
}

/// The outputs of the lock that are not on disk as the lock has them: changed, missing.
pub(crate) fn compare_outputs(project: &Project, outputs: &Digests) -> (Vec<String>, Vec<String>) {
    let mut changed = Vec::new();
    let mut missing = Vec::new();
    for (path, digest) in outputs {
        match fs::read(project.root.join(path)) {
            Ok(bytes) if sha256(&bytes) == *digest => {}
            Ok(_) => changed.push(path.clone()),
            Err(_) => missing.push(path.clone()),
        }
    }
    (changed, missing)
}

/// Whether a lock that agrees with the disk is the lock of these results, and
/// the files on disk are theirs: then there is nothing to publish.
pub(crate) fn is_published(
    project: &Project,
    slots: &[Slots],
    lock: &Lock,
) -> Result<bool, Failure> {
    let files = made_files(project, slots)?;
    let is_on_disk = |(path, digest): (&String, &String)| {
        let bytes = fs::read(project.root.join(path));
        bytes.is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == digest)
    };
    Ok(lock.pipeline == project.meaning()
        && lock.inputs == project.files.for_lock()
        && lock.outputs.keys().eq(files.keys())
        && files.iter().all(is_on_disk))
}

/// Publishes the results of a run.
pub(crate) fn publish(
    project: &Project,
    store: &Store,
    slots: &[Slots],
) -> Result<Published, Failure> {
    let files = made_files(project, slots)?;
    sweep(project, files.keys());
    let lock = lock_of(project, store, &files);
    let former = project.read_lock().ok().flatten().unwrap_or_default();
    let (changed, missing) = compare_outputs(project, &lock.outputs);
    let to_write: BTreeSet<String> = changed.into_iter().chain(missing).collect();
    let gone = former.outputs.keys().filter(|path| {
        // whatever a lock says, what the study is made from stays
        let is_source = lock.inputs.contains_key(*path) || project.is_own(path);
        !files.contains_key(*path) && !is_source && project.root.join(path).exists()
    });
    let gone: Vec<String> = gone.cloned().collect();
    let unchanged = files.len() - to_write.len();
    if to_write.is_empty() && gone.is_empty() && former == lock {
        return Ok(Published { unchanged, ..Published::default() });
    }
    let journal = Journal {
        write: files.into_iter().filter(|(path, _)| to_write.contains(path)).collect(),
        remove: gone,
        lock: lock.to_text(),
    };
    let staged = stage(project, store, &journal)?;
    let bytes =
        serde_json::to_vec_pretty(&journal).expect("invariant: plain values always serialise");
    let path = journal_path(project);
    atomic::replace(&path, &bytes).map_err(|error| Failure::file("write", &path, &error))?;
    finish(project, &journal, staged)?;
    Ok(Published {
        written: journal.write.into_keys().collect(),
        removed: journal.remove,
        unchanged,
    })
}

/// What was found of a publication that a killed run had begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// There was none.
    Nothing,
    /// It was finished.
    Finished,
    /// Its content is gone from the store (the machine lost power): the outputs
    /// on disk may be of either run and are to be made again.
    Lost,
}

/// Finishes the publication that a killed run had begun.
pub(crate) fn recover(project: &Project, store: &Store) -> Result<Recovery, Failure> {
    let path = journal_path(project);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Recovery::Nothing),
        Err(error) => return Err(Failure::file("read", &path, &error)),
    };
    let journal = serde_json::from_slice::<Journal>(&bytes).ok();
    match journal.filter(|journal| journal.write.values().all(|digest| store.get(digest).is_some()))
    {
        Some(journal) => {
            sweep(project, journal.write.keys());
            let staged = stage(project, store, &journal)?;
            finish(project, &journal, staged)?;
            Ok(Recovery::Finished)
        }
        None => {
            fs::remove_file(&path).map_err(|error| Failure::file("remove", &path, &error))?;
            Ok(Recovery::Lost)
        }
    }
}

/// Takes away the temporary files that a killed run left beside these outputs.
fn sweep<'a>(project: &Project, outputs: impl Iterator<Item = &'a String>) {
    let paths = outputs.map(|path| project.root.join(path)).chain([project.lock_path()]);
    let folders: BTreeSet<PathBuf> =
        paths.filter_map(|path| path.parent().map(Into::into)).collect();
    folders.iter().for_each(|folder| atomic::sweep(folder));
}

fn journal_path(project: &Project) -> PathBuf {
    project.store_folder().join("publishing.json")
}

fn stage(
    project: &Project,
    store: &Store,
    journal: &Journal,
) -> Result<Vec<(PathBuf, Staged)>, Failure> {
    let staged = journal.write.iter().map(|(path, digest)| {
        let path = project.root.join(path);
        let bytes = store.get(digest).ok_or_else(|| Failure::File {
            doing: "read",
            path: project.store_folder().display().to_string(),
            reason: format!("the stored content of `{}` is gone", path.display()),
        })?;
        let staged =
            Staged::write(&path, &bytes).map_err(|error| Failure::file("write", &path, &error))?;
        Ok((path, staged))
    });
    staged.collect()
}

fn finish(
    project: &Project,
    journal: &Journal,
    staged: Vec<(PathBuf, Staged)>,
) -> Result<(), Failure> {
    for (path, staged) in staged {
        staged.place(&path).map_err(|error| Failure::file("write", &path, &error))?;
    }
    for path in &journal.remove {
        let path = project.root.join(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::file("remove", &path, &error));
            }
            _ => {}
        }
    }
    let lock = project.lock_path();
    atomic::replace(&lock, journal.lock.as_bytes())
        .map_err(|error| Failure::file("write", &lock, &error))?;
    let journal = journal_path(project);
    fs::remove_file(&journal).map_err(|error| Failure::file("remove", &journal, &error))
}
