//! A pipeline file on disk, read, resolved, with the files it names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::digest::sha256;
use crate::disk::{self, LARGEST_DATA, LARGEST_TEXT};
use crate::graph::Graph;
use crate::inputs::{self, RawFiles};
use crate::lockfile::{Digests, Lock};
use crate::{
    Call, Diagnostic, Failure, Mistake, Pipeline, Provenance, Registry, Section, StageId,
    StageOrigin, Unknowns, globs, paths,
};

/// Folder of the store, beside the pipeline file.
pub(crate) const STORE: &str = ".restudy";

/// A pipeline that can be planned and run.
pub struct Project {
    /// The folder of the pipeline file; every path in it is relative to it.
    pub(crate) root: PathBuf,
    /// The name of the file as given, for messages.
    pub(crate) file: String,
    pub(crate) source: String,
    /// What the file says.
    pub pipeline: Pipeline,
    pub(crate) graph: Graph,
    pub(crate) files: Files,
    /// Digest of the program, so that another program never serves old results as its own.
    pub(crate) program: String,
    meaning: OnceLock<String>,
}

/// The files that stages read.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, InputFile>);

#[derive(Debug)]
pub(crate) struct InputFile {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) digest: String,
    identity: Option<disk::Identity>,
    sha256: OnceLock<String>,
}

impl Files {
    pub(crate) fn get(&self, path: &str) -> Option<&InputFile> {
        self.0.get(path)
    }

    /// Reads the files that stages named and may read, several at once; with
    /// what is wrong with those that cannot be read.
    fn read(admitted: BTreeMap<String, (PathBuf, Section)>) -> (Self, BTreeMap<String, Mistake>) {
        let read = admitted.into_par_iter().map(|(path, (place, section))| {
            let file = InputFile::read(&path, &place, section);
            (path, file)
        });
        let (mut files, mut failed) = (Self::default(), BTreeMap::new());
        for (path, file) in read.collect::<Vec<_>>() {
            match file {
                Ok(file) => drop(files.0.insert(path, file)),
                Err(mistake) => drop(failed.insert(path, mistake)),
            }
        }
        (files, failed)
    }

    /// Puts other content in the place of a file.
    pub(crate) fn replace(&mut self, path: String, bytes: Arc<Vec<u8>>) {
        // Two digests of a file: the fast one for keys, and SHA-256, which anybody can
        // check, for the lock.
        let digest = blake3::hash(&bytes).to_hex().to_string();
        // It stands nowhere on disk and so has no identity there.
        let file = InputFile { bytes, digest, identity: None, sha256: OnceLock::new() };
        self.0.insert(path, file);
    }

    /// The paths as the stages write them.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// What the files are on disk.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &disk::Identity> {
        self.0.values().filter_map(|file| file.identity.as_ref())
    }

    /// The digests of all files for the lock.
    pub(crate) fn for_lock(&self) -> Digests {
        self.0.iter().map(|(path, file)| (path.clone(), file.sha256().to_owned())).collect()
    }
}

impl Project {
    /// Reads a pipeline file and the files it names.
    ///
    /// What could be read comes with all that is wrong with it. `program` is a
    /// digest of the program, an ingredient of every result.
    ///
    /// # Errors
    /// If the file itself cannot be read, or if another pipeline file would have its lock.
    pub fn open(
        registry: &Registry,
        path: &Path,
        program: &str,
    ) -> Result<(Option<Self>, Vec<Diagnostic>), Failure> {
        let bytes = disk::read_plain(path, LARGEST_TEXT)
            .map_err(|error| Failure::file("read", path, &error))?;
        // Before anything else: two files that share a lock would each call the other's
        // outputs edits.
        require_own_lock(path)?;
        let source = String::from_utf8(bytes).map_err(|error| Failure::NotUtf8 {
            path: path.display().to_string(),
            offset: error.utf8_error().valid_up_to(),
        })?;
        // Some editors begin a file with a mark of its order of bytes.
        let source = source.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(source);
        let (pipeline, mut diagnostics) = Pipeline::read(registry, &source);
        let Some(pipeline) = pipeline else {
            return Ok((None, diagnostics));
        };
        let (graph, unresolved) = Graph::build(&pipeline);
        diagnostics.extend(unresolved);
        let root = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut project = Self {
            root,
            file: path.display().to_string(),
            source,
            pipeline,
            graph,
            files: Files::default(),
            program: program.to_owned(),
            meaning: OnceLock::new(),
        };
        diagnostics.extend(project.read_files());
        Ok((Some(project), diagnostics))
    }

    /// The same study with another pipeline; its files are not read yet.
    pub(crate) fn with(&self, pipeline: Pipeline, graph: Graph) -> Self {
        Self {
            root: self.root.clone(),
            file: self.file.clone(),
            source: self.source.clone(),
            pipeline,
            graph,
            files: Files::default(),
            program: self.program.clone(),
            meaning: OnceLock::new(),
        }
    }

    /// The name of the pipeline file as it was given, and its text.
    #[must_use]
    pub fn source(&self) -> (&str, &str) {
        (&self.file, &self.source)
    }

    pub(crate) fn store_folder(&self) -> PathBuf {
        self.root.join(STORE)
    }

    /// Path of the lock: `pipeline.lock` beside `pipeline.yaml`.
    pub(crate) fn lock_path(&self) -> PathBuf {
        let name = Path::new(&self.file).with_extension("lock");
        self.root.join(name.file_name().unwrap_or("pipeline.lock".as_ref()))
    }

    /// The lock of the last accepted run, if there was one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read_lock(&self) -> Result<Option<Lock>, Failure> {
        let path = self.lock_path();
        let bytes = match disk::read_plain(&path, LARGEST_TEXT) {
            Ok(bytes) => bytes,
            Err(error) if disk::is_absent(&error) => return Ok(None),
            Err(error) => return Err(Failure::file("read", &path, &error)),
        };
        // what is not text is found at its line
        let lock = Lock::parse(&String::from_utf8_lossy(&bytes));
        lock.map(Some).map_err(|source| Failure::Lock { path: path.display().to_string(), source })
    }

    /// The name of the pipeline file, by which the store tells its outputs from
    /// those of another file beside it.
    pub(crate) fn file_name(&self) -> String {
        name_of(Path::new(&self.file))
    }

    /// The names of the pipeline file and of the lock.
    pub(crate) fn own_files(&self) -> impl Iterator<Item = String> {
        [self.file_name(), name_of(&self.lock_path())].into_iter()
    }

    /// The folders of the raw files: where ingest reads from, and `data`.
    pub(crate) fn raw_folders(&self) -> impl Iterator<Item = String> {
        let stages = self.pipeline.stages.iter().zip(&self.graph.files);
        let read = stages.filter(|(stage, _)| stage.id.section == Section::Ingest);
        let folders = read.flat_map(|(_, files)| files).filter_map(|path| paths::folder_of(path));
        // Also where no stage reads from it yet.
        std::iter::once("data".to_owned()).chain(folders)
    }

    /// Digest of everything the file says, however it is written.
    pub(crate) fn meaning(&self) -> &str {
        self.meaning.get_or_init(|| self.meant())
    }

    fn meant(&self) -> String {
        let pipeline = &self.pipeline;
        let stages: Vec<_> = pipeline
            .stages
            .iter()
            .map(|stage| (stage.id.to_string(), &stage.kind, stage.version, &stage.parameters))
            .collect();
        // With defaults filled in, so that to write one out changes nothing.
        let said = serde_json::to_vec(&(&pipeline.settings, &pipeline.claims, stages));
        sha256(&said.expect("invariant: plain values always serialise"))
    }

    /// What a stage is handed in rehearsal and run alike: all but its seed and
    /// what the stages before it made.
    pub(crate) fn call(&self, index: usize) -> Call<'_> {
        let file = |path: &String| Some((path.clone(), Arc::clone(&self.files.get(path)?.bytes)));
        Call {
            name: &self.pipeline.stages[index].id.name,
            study: &self.pipeline.settings,
            claims: &self.graph.claims[index],
            provenance: self.graph.reads_provenance[index].then(|| self.provenance()),
            // A rehearsal draws nothing.
            seed: 0,
            tables: BTreeMap::new(),
            stages: vec![],
            files: self.graph.files[index].iter().filter_map(file).collect(),
            unknowns: Unknowns::default(),
        }
    }

    /// Where everything comes from.
    pub(crate) fn provenance(&self) -> Arc<Provenance> {
        let stages = self.pipeline.stages.iter().enumerate().map(|(index, stage)| {
            let mut reads: Vec<StageId> = Vec::new();
            for input in &self.graph.inputs[index] {
                let id = &self.pipeline.stages[input.maker()].id;
                if !reads.contains(id) {
                    reads.push(id.clone());
                }
            }
            StageOrigin {
                id: stage.id.clone(),
                kind: stage.kind.clone(),
                version: stage.version,
                reads,
                files: self.graph.files[index].clone(),
            }
        });
        Arc::new(Provenance {
            inputs: self.files.for_lock(),
            stages: stages.collect(),
            pipeline: self.meaning().to_owned(),
            file: self.file_name(),
            origins: BTreeMap::new(),
        })
    }

    /// Reads the files that the stages name, and those that their wildcards mean.
    pub(crate) fn read_files(&mut self) -> Vec<Diagnostic> {
        let mut named: Vec<(usize, String, Result<String, Mistake>)> = Vec::new();
        let mut admitted = BTreeMap::new();
        let mut raw = RawFiles::default();
        // Wildcards give way to the files that they mean, by which keys, lock and calls
        // know them.
        let written = std::mem::take(&mut self.graph.files);
        for (index, (stage, paths)) in self.pipeline.stages.iter().zip(written).enumerate() {
            let mut found = Vec::new();
            for written in paths {
                let is_glob = stage.id.section == Section::Ingest && globs::is_glob(&written);
                let meant = match is_glob {
                    true => globs::expand(&self.root, &written),
                    false => Ok(vec![written.clone()]),
                };
                let meant = meant.unwrap_or_else(|mistake| {
                    named.push((index, written.clone(), Err(mistake)));
                    Vec::new()
                });
                for path in &meant {
                    let place = raw.admit(&self.root, path, &stage.id).map(|place| {
                        // Two stages may read one file; it is read once.
                        admitted.entry(path.clone()).or_insert((place, stage.id.section));
                        path.clone()
                    });
                    named.push((index, written.clone(), place));
                }
                // What means no file stays as written, so that the stage is known to lack it.
                found.extend(if meant.is_empty() { vec![written] } else { meant });
            }
            self.graph.files.push(found);
        }
        let (files, failed) = Files::read(admitted);
        self.files = files;
        let mistakes = named.into_iter().filter_map(|(index, written, path)| {
            let mistake = match path {
                Ok(path) => failed.get(&path)?.clone(),
                Err(mistake) => mistake,
            };
            let stage = &self.pipeline.stages[index];
            Some(stage.locate(Mistake { at: stage.path_of_text(&written), ..mistake }))
        });
        mistakes.collect()
    }
}

impl InputFile {
    fn read(path: &str, place: &Path, section: Section) -> Result<Self, Mistake> {
        // Texts are read into pages, and a page of gigabytes is a mistake.
        let most = if section == Section::Ingest { LARGEST_DATA } else { LARGEST_TEXT };
        let bytes = inputs::read(path, place, most)?;
        let digest = blake3::hash(&bytes).to_hex().to_string();
        let identity = disk::identity(place);
        Ok(Self { bytes: Arc::new(bytes), digest, identity, sha256: OnceLock::new() })
    }

    /// Its digest as the lock writes it.
    pub(crate) fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| sha256(&self.bytes))
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Refuses a pipeline file beside which another one would have the same lock:
/// `pipeline.yaml` and `pipeline.yml`.
fn require_own_lock(path: &Path) -> Result<(), Failure> {
    let lock_of = |path: &Path| name_of(&path.with_extension("lock")).to_lowercase();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let mut others: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    others.retain(|other| {
        let extension = other.extension().map(|extension| extension.to_ascii_lowercase());
        let is_pipeline =
            extension.is_some_and(|extension| extension == "yaml" || extension == "yml");
        // on a file system that knows no case the file itself may be listed in another one
        is_pipeline
            && lock_of(other) == lock_of(path)
            && disk::identity(other) != disk::identity(path)
    });
    others.sort();
    match others.first() {
        None => Ok(()),
        Some(other) => Err(Failure::SharedLock {
            file: name_of(path),
            other: name_of(other),
            lock: name_of(&path.with_extension("lock")),
        }),
    }
}
