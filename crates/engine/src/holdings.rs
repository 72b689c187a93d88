//! What a study holds: every file that its lock names, as it stands on disk, with
//! the stages that read or make it.

use std::path::Path;

use crate::digest::sha256;
use crate::disk::{self, Found, LARGEST_TEXT, look};
use crate::lockfile::Lock;
use crate::project::Project;
use crate::rehearse::made_by;
use crate::{Failure, Section, StageId};

/// A study at its last accepted run.
#[derive(Debug, Clone)]
pub struct Holdings {
    /// The pipeline file: its name, and what stands in it.
    pub pipeline: (String, Vec<u8>),
    /// The lock: its name, and what stands in it.
    pub lock: (String, Vec<u8>),
    /// Digest of everything the pipeline file says, as the lock has it.
    pub meaning: String,
    /// The files that the run read and made, in the order of their paths.
    pub files: Vec<Holding>,
}

/// A file that a run read or made.
#[derive(Debug, Clone)]
pub struct Holding {
    /// Its path relative to the pipeline file.
    pub path: String,
    /// Its digest.
    pub sha256: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The run made it.
    pub is_output: bool,
    /// A stage other than a report reads it, so that it may hold rows of patients.
    pub is_data: bool,
    /// The stages that read it, or the one that makes it.
    pub stages: Vec<StageId>,
}

impl Project {
    /// Every file that the lock names, as it stands on disk.
    ///
    /// # Errors
    /// If there is no lock, or if a file or the pipeline file is not what the lock says.
    pub fn holdings(&self) -> Result<Holdings, Failure> {
        let lock_path = self.lock_path();
        let lock = self
            .read_lock()?
            .ok_or_else(|| Failure::NoLock { path: lock_path.display().to_string() })?;
        let read = |path: &Path| {
            // The text itself is handed on: the lock has a digest of what it means, not of its
            // bytes.
            disk::read_plain(path, LARGEST_TEXT)
                .map_err(|error| Failure::file("read", path, &error))
        };
        let [pipeline_name, lock_name] = self.own_names();
        let mut differing = Vec::new();
        // By meaning, so that a comment does not part a study from its lock.
        if lock.pipeline != self.meaning() {
            differing.push(pipeline_name.clone());
        }
        let files = self.files_of(&lock, &mut differing);
        if !differing.is_empty() {
            return Err(Failure::NotOfLock { paths: differing });
        }
        Ok(Holdings {
            pipeline: (pipeline_name, read(Path::new(&self.file))?),
            lock: (lock_name, read(&lock_path)?),
            meaning: lock.pipeline,
            files,
        })
    }

    fn own_names(&self) -> [String; 2] {
        let mut names = self.own_files();
        [(); 2].map(|()| names.next().expect("invariant: a pipeline file and a lock"))
    }

    fn files_of(&self, lock: &Lock, differing: &mut Vec<String>) -> Vec<Holding> {
        let makers = made_by(self);
        let mut files = Vec::new();
        for (path, sha256_then) in &lock.inputs {
            let stages = self.readers(path);
            match self.files.get(path).filter(|file| file.sha256() == sha256_then) {
                Some(file) => files.push(Holding {
                    path: path.clone(),
                    sha256: sha256_then.clone(),
                    bytes: file.bytes.to_vec(),
                    is_output: false,
                    // A file that an analysis or a rule reads may hold rows as well.
                    is_data: stages.iter().any(|stage| stage.section != Section::Report),
                    stages,
                }),
                None => differing.push(path.clone()),
            }
        }
        // Read now and not in the lock: what is handed on would not be what was accepted.
        let unread = self.files.paths().filter(|path| !lock.inputs.contains_key(*path));
        differing.extend(unread.cloned());
        for (path, sha256_then) in &lock.outputs {
            match look(&self.root, path) {
                Ok(Found::File(bytes)) if sha256(&bytes) == *sha256_then => files.push(Holding {
                    path: path.clone(),
                    sha256: sha256_then.clone(),
                    bytes,
                    is_output: true,
                    is_data: false,
                    stages: makers.get(path).cloned().into_iter().collect(),
                }),
                _ => differing.push(path.clone()),
            }
        }
        // Inputs and outputs in one order, which archives are written in.
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files
    }

    /// The stages that read a file.
    fn readers(&self, path: &str) -> Vec<StageId> {
        let stages = self.pipeline.stages.iter().zip(&self.graph.files);
        let reading = stages.filter(|(_, files)| files.iter().any(|file| file == path));
        reading.map(|(stage, _)| stage.id.clone()).collect()
    }
}
