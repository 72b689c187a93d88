//! Why a command ended without what was asked for.

use std::io;
use std::path::Path;

use crate::lockfile::LockError;
use crate::{Diagnostic, StageId};

/// Why a command ended without what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Mistakes in the pipeline file or in the data, each with its place.
    #[error("{} in `{file}`", count(diagnostics.len(), "mistake"))]
    Mistakes {
        /// The pipeline file as given.
        file: String,
        /// Its text.
        source_text: String,
        /// What is wrong.
        diagnostics: Vec<Diagnostic>,
    },
    /// A file could not be read or written.
    #[error("failed to {doing} `{path}`: {reason}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The pipeline file is not text.
    #[error("`{path}` is not UTF-8 text at byte {offset}")]
    NotUtf8 {
        /// The file.
        path: String,
        /// The first byte that is wrong.
        offset: usize,
    },
    /// The lock cannot be read.
    #[error("failed to read `{path}`: {source}")]
    Lock {
        /// The lock file.
        path: String,
        /// What is wrong with it.
        source: LockError,
    },
    /// Outputs were changed since the last run made them.
    #[error("{} since the last run made {}: {}", changed(paths), if paths.len() == 1 { "it" } else { "them" }, paths.join(", "))]
    Tampered {
        /// The outputs.
        paths: Vec<String>,
    },
    /// Files stand where outputs are to be, and no run of this study made them.
    #[error("{} where an output is to be, and no run of this study made {}: {}", standing(paths), if paths.len() == 1 { "it" } else { "them" }, paths.join(", "))]
    Occupied {
        /// The files.
        paths: Vec<String>,
    },
    /// Another pipeline file in the same folder makes the same file.
    #[error("`{path}` is an output of `{other}`, which stands beside this file")]
    Taken {
        /// The file.
        path: String,
        /// The other pipeline file.
        other: String,
    },
    /// Another pipeline file in the same folder would have the same lock.
    #[error("`{file}` and `{other}` would share the lock `{lock}`")]
    SharedLock {
        /// The pipeline file as given.
        file: String,
        /// The other one.
        other: String,
        /// The lock.
        lock: String,
    },
    /// What stands in the place of an output is nothing that a run replaces.
    #[error("no run writes `{path}`, which {reason}")]
    Obstacle {
        /// The file.
        path: String,
        /// What is in the way.
        reason: String,
    },
    /// Two stages make the same file.
    #[error("`{first}` and `{second}` both make `{path}`")]
    SameFile {
        /// The file.
        path: String,
        /// One stage.
        first: StageId,
        /// The other.
        second: StageId,
    },
    /// A stage makes a file where no output may be.
    #[error("`{stage}` makes `{path}`, which {reason}")]
    Misplaced {
        /// The file.
        path: String,
        /// The stage.
        stage: StageId,
        /// What speaks against it.
        reason: String,
    },
    /// A bug in a kind: its output cannot be stored.
    #[error("failed to store the result of `{stage}`: {reason}")]
    Store {
        /// The stage.
        stage: StageId,
        /// Why.
        reason: String,
    },
    /// No stored finding has this id.
    #[error("there is no finding `{id}`: {hint}")]
    NoFinding {
        /// The id as written.
        id: String,
        /// The nearest one, or what to do.
        hint: String,
    },
    /// What stands on disk is not what the last accepted run read and made.
    #[error("the lock is of other content than what stands in {}", paths.join(", "))]
    NotOfLock {
        /// The files.
        paths: Vec<String>,
    },
    /// There is nothing to verify against.
    #[error("there is no lock `{path}` to verify against: no run was accepted yet")]
    NoLock {
        /// Where it would be.
        path: String,
    },
}

const PERMISSION_DENIED: &str = "permission denied";
const READ_ONLY: &str = "the disk can only be read";
const DISK_FULL: &str = "the disk is full";

impl Failure {
    /// Whether a file could not be written because nothing can be written there.
    #[must_use]
    pub fn is_of_a_place_to_read(&self) -> bool {
        let Self::File { doing, reason, .. } = self else { return false };
        // A file that may not be read is a matter of that file; a place that cannot be
        // written is one of the whole study.
        *doing != "read" && [PERMISSION_DENIED, READ_ONLY].contains(&reason.as_str())
    }

    /// Whether the disk is full.
    #[must_use]
    pub fn is_of_a_full_disk(&self) -> bool {
        matches!(self, Self::File { reason, .. } if reason == DISK_FULL)
    }

    pub(crate) fn file(doing: &'static str, path: &Path, error: &io::Error) -> Self {
        // In words of our own where users meet them: those of systems differ.
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => PERMISSION_DENIED.to_owned(),
            io::ErrorKind::ReadOnlyFilesystem => READ_ONLY.to_owned(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DISK_FULL.to_owned(),
            _ => error.to_string(),
        };
        Self::File { doing, path: path.display().to_string(), reason }
    }
}

fn changed(paths: &[String]) -> String {
    if paths.len() == 1 {
        "1 output was changed".to_owned()
    } else {
        format!("{} outputs were changed", paths.len())
    }
}

fn standing(paths: &[String]) -> String {
    if paths.len() == 1 {
        "1 file stands".to_owned()
    } else {
        format!("{} files stand", paths.len())
    }
}

pub(crate) fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}
