//! A pipeline file on disk, read, resolved, with the files it names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::graph::Graph;
use crate::lockfile::{Digests, Lock, sha256};
use crate::spec::{canonical, nearest};
use crate::{Call, Diagnostic, Failure, Mistake, Pipeline, Provenance, Registry};

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
}

/// The files that stages read.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, InputFile>);

#[derive(Debug)]
pub(crate) struct InputFile {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) digest: String,
}

impl Files {
    pub(crate) fn get(&self, path: &str) -> Option<&InputFile> {
        self.0.get(path)
    }

    /// The digests of all files for the lock.
    pub(crate) fn for_lock(&self) -> Digests {
        self.0.iter().map(|(path, file)| (path.clone(), sha256(&file.bytes))).collect()
    }
}

impl Project {
    /// Reads a pipeline file and the files it names.
    ///
    /// What could be read comes with all that is wrong with it. `program` is a
    /// digest of the program, an ingredient of every result.
    ///
    /// # Errors
    /// If the file itself cannot be read.
    pub fn open(
        registry: &Registry,
        path: &Path,
        program: &str,
    ) -> Result<(Option<Self>, Vec<Diagnostic>), Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
        let source = String::from_utf8(bytes).map_err(|error| Failure::NotUtf8 {
            path: path.display().to_string(),
            offset: error.utf8_error().valid_up_to(),
        })?;
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
        };
        diagnostics.extend(project.read_files());
        Ok((Some(project), diagnostics))
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
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file("read", &path, &error)),
        };
        let lock = Lock::parse(&text);
        lock.map(Some).map_err(|source| Failure::Lock { path: path.display().to_string(), source })
    }

    /// Whether a path of the lock is the pipeline file or the lock itself.
    pub(crate) fn is_own(&self, path: &str) -> bool {
        let (file, lock) = (Path::new(&self.file), self.lock_path());
        [file, &lock].iter().any(|own| own.file_name() == Some(path.as_ref()))
    }

    /// Digest of everything the file says, however it is written.
    pub(crate) fn meaning(&self) -> String {
        let pipeline = &self.pipeline;
        let stages: Vec<_> = pipeline
            .stages
            .iter()
            .map(|stage| (stage.id.to_string(), &stage.kind, stage.version, &stage.parameters))
            .collect();
        sha256(canonical(&(&pipeline.settings, &pipeline.claims, stages)).to_string().as_bytes())
    }

    /// What a stage is handed in rehearsal and run alike: all but its seed and
    /// what the stages before it made.
    pub(crate) fn call(&self, index: usize) -> Call<'_> {
        let file = |path: &String| Some((path.clone(), Arc::clone(&self.files.get(path)?.bytes)));
        Call {
            name: &self.pipeline.stages[index].id.name,
            study: &self.pipeline.settings,
            claims: if self.graph.reads_claims[index] { &self.pipeline.claims } else { &[] },
            provenance: self.graph.reads_provenance[index].then(|| self.provenance()),
            seed: 0,
            tables: BTreeMap::new(),
            stages: vec![],
            files: self.graph.files[index].iter().filter_map(file).collect(),
        }
    }

    /// Where everything comes from.
    pub(crate) fn provenance(&self) -> Arc<Provenance> {
        let stages = self.pipeline.stages.iter();
        Arc::new(Provenance {
            inputs: self.files.for_lock(),
            stages: stages
                .map(|stage| (stage.id.to_string(), stage.kind.clone(), stage.version))
                .collect(),
            pipeline: self.meaning(),
        })
    }

    fn read_files(&mut self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        for (index, paths) in self.graph.files.iter().enumerate() {
            for path in paths {
                if self.files.0.contains_key(path) {
                    continue;
                }
                match read_file(&self.root, path) {
                    Ok(bytes) => {
                        let digest = blake3::hash(&bytes).to_hex().to_string();
                        self.files
                            .0
                            .insert(path.clone(), InputFile { bytes: Arc::new(bytes), digest });
                    }
                    Err(mut mistake) => {
                        let stage = &self.pipeline.stages[index];
                        mistake.at = stage.path_of_text(path);
                        diagnostics.push(stage.locate(mistake));
                    }
                }
            }
        }
        diagnostics
    }
}

fn read_file(root: &Path, path: &str) -> Result<Vec<u8>, Mistake> {
    let relative = Path::new(path);
    if relative.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
        let mistake = Mistake::new(format!("`{path}` is an absolute path"));
        return Err(mistake.hint(
            "write it relative to the pipeline file, so that the study runs on any machine",
        ));
    }
    let whole = root.join(relative);
    fs::read(&whole).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            let mut mistake = Mistake::new(format!("there is no file `{path}`"));
            mistake.hint = near_file(&whole, relative);
            mistake
        }
        _ => Mistake::new(format!("failed to read `{path}`: {}", error.kind())),
    })
}

/// The nearest name in the same folder; else how paths are meant.
fn near_file(whole: &Path, relative: &Path) -> Option<String> {
    let names = fs::read_dir(whole.parent()?).into_iter().flatten();
    let mut names: Vec<String> =
        names.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into())).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    let near = nearest(&relative.file_name()?.to_string_lossy(), names.iter().map(String::as_str));
    let folder = relative.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    Some(match near {
        Some(near) if folder.is_empty() => near,
        Some(near) => near.replace(" `", &format!(" `{folder}/")),
        None => "paths start from the folder of the pipeline file".to_owned(),
    })
}
