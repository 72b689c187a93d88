//! A small study in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use restudy_engine::{Failure, Observer, Outcome, Project, Report, Run, RunOptions, StageId};

use super::registry;

// two chains that share nothing, so that a change in one shows what it leaves alone
const PIPELINE: &str = "\
restudy: 1
study: { title: Sums, data_status: simulated, patient: number, analysis_table: numbers }
ingest:
  numbers: { kind: numbers, path: numbers.txt }
  others: { kind: numbers, path: others.txt }
analyze:
  total: { kind: sum, table: numbers, floor_to: 10 }
  other_total: { kind: sum, table: others }
report:
  page: { kind: page, of: total, path: reports/page.txt }
  other_page: { kind: page, of: other_total, path: reports/other.txt }
";

pub(crate) struct Quiet(pub(crate) Mutex<Vec<StageId>>);

impl Observer for Quiet {
    fn started(&self, id: &StageId) {
        self.0.lock().expect("no panic").push(id.clone());
    }
    fn finished(&self, _: &Report) {}
}

/// A study in a folder of its own.
pub(crate) struct Study {
    folder: tempfile::TempDir,
}

impl Study {
    pub(crate) fn new() -> Self {
        let study = Self { folder: tempfile::tempdir().expect("a folder") };
        study.write("pipeline.yaml", PIPELINE);
        study.write("numbers.txt", "1\n20\n");
        study.write("others.txt", "5\n");
        study
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the study")).expect("a folder");
        fs::write(path, text).expect("writable");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("readable")
    }

    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        // a replacement that does nothing would leave a test without its case
        assert!(text.contains(from), "{name} holds {from}");
        self.write(name, &text.replace(from, to));
    }

    pub(crate) fn open(&self) -> Project {
        self.open_file("pipeline.yaml")
    }

    pub(crate) fn open_file(&self, file: &str) -> Project {
        let (project, said) =
            Project::open(&registry(), &self.path(file), "program").expect("readable");
        assert_eq!(said, vec![]);
        project.expect("without mistakes")
    }

    /// Everything that is wrong with the file, of its rehearsal too.
    pub(crate) fn said(&self) -> Vec<String> {
        let (project, mut said) =
            Project::open(&registry(), &self.path("pipeline.yaml"), "program").expect("readable");
        said.extend(project.expect("decoded").check());
        said.into_iter().map(|said| said.message).collect()
    }

    /// What a refused run says.
    pub(crate) fn refusal(&self) -> String {
        self.try_run(&RunOptions::default()).expect_err("a refusal").to_string()
    }

    pub(crate) fn try_run(&self, options: &RunOptions) -> Result<Run, Failure> {
        // opened anew each time, as every command does
        self.open().run(options, &Quiet(Mutex::default()), &|_| {})
    }

    /// The stages that ran, with the reasons.
    pub(crate) fn run(&self) -> Vec<(String, Vec<String>)> {
        let run = self.try_run(&RunOptions::default()).expect("a good study");
        let ran = run.reports.into_iter().filter_map(|report| match report.outcome {
            Outcome::Ran(reasons) => Some((report.id.to_string(), reasons)),
            _ => None,
        });
        ran.collect()
    }

    /// The stages that ran.
    pub(crate) fn ran(&self) -> Vec<String> {
        self.run().into_iter().map(|(id, _)| id).collect()
    }
}
