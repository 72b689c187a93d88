//! A study in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::mask::masked;
use crate::said::Said;

/// The content of files by their path in the study.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The folder of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// A study in a temporary folder; it goes when the value does.
pub struct Study {
    folder: TempDir,
}

impl Study {
    /// An empty folder.
    #[must_use]
    pub fn empty() -> Self {
        // a folder for each test, as tests run side by side
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// A small study that nobody has run: twelve patients in two arms.
    #[must_use]
    pub fn small() -> Self {
        Self::of_repository("tests/studies/small")
    }

    /// A small study that was run, with its outputs, lock and store.
    #[must_use]
    pub fn small_after_a_run() -> Self {
        // one run for all tests of a program, each of which gets a copy
        static RUN: OnceLock<Study> = OnceLock::new();
        let run = RUN.get_or_init(|| {
            let study = Self::small();
            study.says("run").succeeds();
            study
        });
        let study = Self::empty();
        copy(run.folder.path(), study.folder.path());
        study
    }

    /// A study of the repository: `pipeline.yaml`, `data`, `qc/results.csv` and `reports/text`
    /// of this folder of it, which nobody has run.
    #[must_use]
    pub fn of_repository(folder: &str) -> Self {
        let (from, study) = (repository().join(folder), Self::empty());
        // without lock, store and outputs, which would spare the run under test its work
        for part in ["pipeline.yaml", "data", "qc/results.csv", "reports/text"] {
            if from.join(part).exists() {
                copy(&from.join(part), &study.path(part));
            }
        }
        study
    }

    /// The study with a file.
    #[must_use]
    pub fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let whole = self.path(path);
        fs::create_dir_all(whole.parent().expect("below the study")).expect("a folder");
        fs::write(whole, content).expect("writable");
        self
    }

    /// The study with `to` in place of `from`, which must stand in the file.
    #[must_use]
    #[track_caller]
    pub fn replacing(self, path: &str, from: &str, to: &str) -> Self {
        let text = self.read(path);
        // a replacement that does nothing would leave a test without its case
        assert!(text.contains(from), "`{path}` does not hold `{from}`");
        self.with(path, text.replace(from, to))
    }

    /// The study without a file.
    #[must_use]
    pub fn without(self, path: &str) -> Self {
        fs::remove_file(self.path(path)).expect("there was such a file");
        self
    }

    /// What the program says to `restudy COMMAND… pipeline.yaml`.
    pub fn says(&self, command: &str) -> Said {
        let file = self.path("pipeline.yaml").display().to_string();
        let words = ["restudy"].into_iter().chain(command.split_whitespace());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        // in this process: a program is started only where a test is about processes
        let code = cli::run(words.chain([file.as_str()]), &mut out, &mut err);
        let text = |bytes: Vec<u8>| {
            masked(&String::from_utf8(bytes).expect("the screen shows text"), self.folder.path())
        };
        Said { code, out: text(out), err: text(err) }
    }

    /// `restudy run` says exactly this and ends with exit code 1, and the last
    /// good outputs stay as they were.
    #[track_caller]
    pub fn refuses(&self, screen: &str) {
        let before = self.made();
        // without outputs that could be lost the comparison below proves nothing
        assert!(before.contains_key("pipeline.lock"), "there was no run to keep the outputs of");
        self.says("run --quiet").fails(screen);
        assert!(self.made() == before, "the last good outputs are not as they were");
    }

    /// Where a file of the study is.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The text of a file.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
    }

    /// Where every file of the study is, those of its store included.
    #[must_use]
    pub fn everything(&self) -> Vec<PathBuf> {
        let mut files = Files::new();
        collect(self.folder.path(), self.folder.path(), &mut files);
        files.keys().map(|path| self.path(path)).collect()
    }

    /// Everything that runs have left: the lock, and all files below `reports`.
    #[must_use]
    pub fn made(&self) -> Files {
        let mut files = Files::new();
        collect(self.folder.path(), &self.path("reports"), &mut files);
        if let Ok(lock) = fs::read(self.path("pipeline.lock")) {
            files.insert("pipeline.lock".to_owned(), lock);
        }
        files
    }
}

/// Copies a file, or a folder with all below it.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("below a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let name = entry.expect("readable").file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").display().to_string();
            files.insert(name, fs::read(&path).expect("readable"));
        }
    }
}
