//! One side of a comparison: a study on disk, a folder of results, a lock, or a
//! revision of git.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::{Lock, Pipeline};
use report::listing;
use study::Reading;

use crate::screen::Trouble;

const PIPELINE: &str = "pipeline.yaml";
const FINDINGS: &str = "findings.csv";

/// What is known of a side.
pub(in crate::commands) struct Loaded {
    /// As it was asked for.
    pub(in crate::commands) name: String,
    /// Its pipeline file; none where there is none that can be read.
    pub(in crate::commands) pipeline: Option<Pipeline>,
    /// Its lock, where it has one.
    pub(in crate::commands) lock: Option<Lock>,
    /// Its findings, as published.
    pub(in crate::commands) findings: Vec<Reading>,
    /// What could not be read.
    pub(in crate::commands) remarks: Vec<String>,
    place: Place,
}

/// Where the files of a side are.
enum Place {
    /// In a folder.
    Folder(PathBuf),
    /// In a commit of git, below a folder of the repository.
    Commit { revision: String, folder: String },
}

impl Loaded {
    /// Finds out what was asked for, and reads it.
    pub(in crate::commands) fn open(asked: &str) -> Result<Self, Trouble> {
        let path = Path::new(asked);
        if path.is_dir() {
            // a folder of results alone, such as that of a second program
            if path.join(FINDINGS).is_file() {
                return Self::of_results(asked, &path.join(FINDINGS));
            }
            return Self::of_study(asked, Place::Folder(path.to_owned()), PIPELINE);
        }
        if path.is_file() {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            if name.ends_with(".csv") {
                return Self::of_results(asked, path);
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).to_owned();
            // the lock is found again from its pipeline file
            let file = match name.strip_suffix(".lock") {
                Some(stem) => beside(&folder, stem),
                None => name,
            };
            return Self::of_study(asked, Place::Folder(folder), &file);
        }
        // what exists on disk comes first: a folder may have the name of a branch
        let (revision, file) = asked.split_once(':').unwrap_or((asked, PIPELINE));
        let file = if file.is_empty() { PIPELINE } else { file };
        // a tag is followed to its commit, and the name of anything else is refused
        let commit = format!("{revision}^{{commit}}");
        if git(&["rev-parse", "--verify", "--quiet", &commit]).is_none() {
            return Err(Trouble::Other {
                message: format!("there is no `{asked}` to compare"),
                hint: Some(
                    "name a study's folder, its pipeline file or lock, a folder with findings.csv, or a revision of git, \
                     such as `HEAD~1` or `v1:studies/a/pipeline.yaml`".to_owned(),
                ),
            });
        }
        let (folder, file) = file.rsplit_once('/').unwrap_or((".", file));
        let place = Place::Commit { revision: revision.to_owned(), folder: folder.to_owned() };
        Self::of_study(asked, place, file)
    }

    /// A file of results alone.
    fn of_results(asked: &str, file: &Path) -> Result<Self, Trouble> {
        let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
        let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error.to_string()))?;
        let findings =
            listing::read(&bytes).map_err(|error| unreadable(file, &error.to_string()))?;
        Ok(Self {
            name: asked.to_owned(),
            pipeline: None,
            lock: None,
            findings,
            remarks: vec![],
            place: Place::Folder(folder),
        })
    }

    fn of_study(asked: &str, place: Place, file: &str) -> Result<Self, Trouble> {
        let mut side = Self {
            name: asked.to_owned(),
            pipeline: None,
            lock: None,
            findings: vec![],
            remarks: vec![],
            place,
        };
        match side.read(file).map(String::from_utf8) {
            Some(Ok(source)) => {
                let source = source.trim_start_matches('\u{feff}');
                let (pipeline, mistakes) = Pipeline::read(&crate::registry(), source);
                // A former revision may have been right for the program of its day: it is compared
                // as far as it can be read.
                if !mistakes.is_empty() {
                    let count = super::super::count(mistakes.len(), "mistake");
                    side.remarks.push(format!(
                        "{file} has {count} for this program: definitions may be incomplete"
                    ));
                }
                side.pipeline = pipeline;
            }
            Some(Err(_)) => side.remarks.push(format!("{file} is not UTF-8")),
            None => side.remarks.push(format!("there is no {file}")),
        }
        let lock = Path::new(file).with_extension("lock");
        let lock = lock.to_string_lossy();
        if let Some(bytes) = side.read(&lock) {
            match Lock::parse(&String::from_utf8_lossy(&bytes)) {
                Ok(lock) => side.lock = Some(lock),
                Err(error) => side.remarks.push(format!("{lock}: {error}")),
            }
        } else {
            side.remarks.push(format!("there is no {lock}: raw files are not compared"));
        }
        side.read_findings()?;
        if side.pipeline.is_none() && side.lock.is_none() {
            return Err(Trouble::Other {
                message: format!("`{asked}` is no study and holds no results"),
                hint: Some(format!("it has neither {file} nor a findings.csv")),
            });
        }
        Ok(side)
    }

    /// The findings that the lock says were published.
    fn read_findings(&mut self) -> Result<(), Trouble> {
        let outputs = self.lock.iter().flat_map(|lock| lock.outputs.keys());
        let is_results = |path: &&String| Path::new(path).file_name() == Some(FINDINGS.as_ref());
        // where results are published is the study's own choice, and the lock knows it
        let Some(path) = outputs.into_iter().find(is_results).cloned() else {
            self.remarks.push("it has no findings.csv: put `kind: results` under `report:`".into());
            return Ok(());
        };
        let Some(bytes) = self.read(&path) else {
            self.remarks.push(format!("{path} is not there, so that no finding is compared"));
            return Ok(());
        };
        self.findings = listing::read(&bytes)
            .map_err(|error| unreadable(Path::new(&path), &error.to_string()))?;
        Ok(())
    }

    /// The content of a file by its path relative to the pipeline file.
    pub(in crate::commands) fn read(&self, path: &str) -> Option<Vec<u8>> {
        match &self.place {
            Place::Folder(folder) => std::fs::read(folder.join(path)).ok(),
            Place::Commit { revision, folder } => {
                // `./` counts from the present folder instead of the top of the repository
                git(&["show", &format!("{revision}:./{folder}/{path}")])
            }
        }
    }
}

/// The pipeline file beside a lock.
fn beside(folder: &Path, stem: &str) -> String {
    let endings = ["yaml", "yml"].map(|ending| format!("{stem}.{ending}"));
    let found = endings.iter().find(|name| folder.join(name).is_file());
    found.unwrap_or(&endings[0]).clone()
}

pub(in crate::commands) fn unreadable(path: &Path, why: &str) -> Trouble {
    Trouble::Other { message: format!("cannot read {}: {why}", path.display()), hint: None }
}

/// What git prints; none where it fails or is not there.
fn git(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}
