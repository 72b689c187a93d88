//! The life of a run, with three small kinds of its own: what is made again,
//! what is not, and what happens to outputs that were changed or lost.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use polars::prelude::*;
use restudy_engine::{
    Call, Failure, Kind, Mistake, Mistakes, Observer, Outcome, Project, Read, Registry, Report,
    Run, RunOptions, Section, StageId, Standing, Wiring,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, StudySettings, Table};

/// Reads one number a line.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Numbers {
    /// The file.
    path: String,
}

impl Kind for Numbers {
    const NAME: &'static str = "numbers";

    fn wiring(&self, name: &str, _: &StudySettings) -> Wiring {
        Wiring { reads: vec![], writes: vec![name.to_owned()], files: vec![self.path.clone()] }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let frame = df!("number" => Vec::<f64>::new()).expect("one column");
        Ok(Output::of_table(call.name, Table { frame, ..Table::default() }))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let text = String::from_utf8_lossy(call.file(&self.path)).into_owned();
        let mut numbers = Vec::new();
        let mut mistakes = Mistakes::default();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("{}:{}", self.path, index + 1);
            let number = line.trim().parse::<f64>();
            let number = number.map_err(|_| {
                Mistake::at(&["path"], format!("`{line}` is no number")).in_raw_file(place)
            });
            numbers.extend(mistakes.note(number));
        }
        let frame = df!("number" => numbers).expect("one column");
        mistakes.or(Output::of_table(call.name, Table { frame, ..Table::default() }))
    }
}

/// Rounds down to a multiple.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sum {
    /// The table.
    table: String,
    /// The multiple.
    #[serde(default)]
    floor_to: u32,
}

impl Kind for Sum {
    const NAME: &'static str = "sum";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&self.table, &["table"])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        call.require_column(&self.table, "number", &["table"]).map_err(Mistakes::from)?;
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let numbers =
            call.table(&self.table).frame.column("number").and_then(|column| column.f64().cloned());
        let sum: f64 = numbers.expect("rehearsed").iter().flatten().sum();
        let step = f64::from(self.floor_to.max(1));
        let finding = Finding::new(
            call.name,
            Self::NAME,
            "sum",
            Quantity::Measured,
            (sum / step).floor() * step,
        );
        Ok(Output { findings: vec![finding], ..Output::default() })
    }
}

/// Writes a sum to a file.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The sum's stage.
    of: String,
    /// The file.
    path: String,
}

impl Kind for Page {
    const NAME: &'static str = "page";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        Wiring {
            reads: vec![Read::stage(&self.of, Section::Analyze, &["of"])],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let value = call.stage(&self.of).findings[0].value;
        let text = format!("sum {}\n", value.expect("a sum"));
        Ok(Output { files: [(self.path.clone(), text.into_bytes())].into(), ..Output::default() })
    }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.register::<Numbers>(Section::Ingest);
    registry.register::<Sum>(Section::Analyze);
    registry.register::<Page>(Section::Report);
    registry
}

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

struct Quiet(Mutex<Vec<StageId>>);

impl Observer for Quiet {
    fn started(&self, id: &StageId) {
        self.0.lock().expect("no panic").push(id.clone());
    }
    fn finished(&self, _: &Report) {}
}

/// A study in a folder of its own.
struct Study {
    folder: tempfile::TempDir,
}

impl Study {
    fn new() -> Self {
        let study = Self { folder: tempfile::tempdir().expect("a folder") };
        study.write("pipeline.yaml", PIPELINE);
        study.write("numbers.txt", "1\n20\n");
        study.write("others.txt", "5\n");
        study
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("readable")
    }

    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} holds {from}");
        self.write(name, &text.replace(from, to));
    }

    fn open(&self) -> Project {
        let (project, said) =
            Project::open(&registry(), &self.path("pipeline.yaml"), "program").expect("readable");
        assert_eq!(said, vec![]);
        project.expect("without mistakes")
    }

    fn try_run(&self, options: RunOptions) -> Result<Run, Failure> {
        self.open().run(options, &Quiet(Mutex::default()), &|_| {})
    }

    /// The stages that ran, with the reasons.
    fn run(&self) -> Vec<(String, Vec<String>)> {
        let run = self.try_run(RunOptions::default()).expect("a good study");
        let ran = run.reports.into_iter().filter_map(|report| match report.outcome {
            Outcome::Ran(reasons) => Some((report.id.to_string(), reasons)),
            _ => None,
        });
        ran.collect()
    }

    /// The stages that ran.
    fn ran(&self) -> Vec<String> {
        self.run().into_iter().map(|(id, _)| id).collect()
    }
}

#[test]
fn a_second_run_has_nothing_to_do() {
    let study = Study::new();
    assert_eq!(study.ran().len(), 6);
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
    assert_eq!(study.ran(), Vec::<String>::new());
    assert!(study.open().status().expect("readable").is_fresh());
}

#[test]
fn a_comment_costs_nothing() {
    let study = Study::new();
    study.run();
    study.replace("pipeline.yaml", "analyze:", "# sums of numbers\nanalyze:");
    assert_eq!(study.ran(), Vec::<String>::new());
}

#[test]
fn a_parameter_is_named_from_and_to() {
    let study = Study::new();
    study.run();
    study.replace("pipeline.yaml", "floor_to: 10", "floor_to: 5");
    let status = study.open().status().expect("readable");
    let total = &status.stages[2];
    assert_eq!(
        total.standing,
        Standing::Stale(vec!["parameter.floor_to changed from `10` to `5`".into()])
    );
    assert_eq!(status.stages[4].standing, Standing::Waiting(vec![total.id.clone()]));
    // the sum stays 20, so what reads it is not made again
    assert_eq!(study.ran(), ["analyze.total"]);
}

#[test]
fn an_unchanged_result_stops_the_wave() {
    let study = Study::new();
    study.run();
    study.write("numbers.txt", "1\n21\n");
    let ran = study.run();
    let ids: Vec<&str> = ran.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["ingest.numbers", "analyze.total"]);
    assert_eq!(ran[0].1, ["file numbers.txt changed"]);
    assert_eq!(ran[1].1, ["table numbers changed"]);
}

#[test]
fn an_earlier_result_is_restored() {
    let study = Study::new();
    study.run();
    study.replace("pipeline.yaml", "floor_to: 10", "floor_to: 7");
    assert_eq!(study.ran(), ["analyze.total", "report.page"]);
    assert_eq!(study.read("reports/page.txt"), "sum 21\n");
    study.replace("pipeline.yaml", "floor_to: 7", "floor_to: 10");
    assert_eq!(study.ran(), Vec::<String>::new());
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn another_program_takes_nothing_over() {
    let study = Study::new();
    study.run();
    let (project, _) = Project::open(&registry(), &study.path("pipeline.yaml"), "other program")
        .expect("readable");
    let status = project.expect("good").status().expect("readable");
    assert_eq!(
        status.stages[0].standing,
        Standing::Stale(vec!["program changed from `program` to `other program`".into()])
    );
}

#[test]
fn a_tampered_output_is_never_overwritten_in_silence() {
    let study = Study::new();
    study.run();
    study.write("reports/page.txt", "sum 99\n");
    assert_eq!(study.open().status().expect("readable").tampered, ["reports/page.txt"]);
    let failure = study.try_run(RunOptions::default()).expect_err("tampered");
    assert_eq!(
        failure.to_string(),
        "1 output was changed since the last run made it: reports/page.txt"
    );
    assert_eq!(study.read("reports/page.txt"), "sum 99\n");
    study.try_run(RunOptions { overwrite: true, ..RunOptions::default() }).expect("overwrites");
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn a_missing_output_is_put_back_without_running() {
    let study = Study::new();
    study.run();
    fs::remove_file(study.path("reports/page.txt")).expect("there");
    assert_eq!(study.ran(), Vec::<String>::new());
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn a_damaged_store_is_made_again() {
    let study = Study::new();
    study.run();
    for folder in fs::read_dir(study.path(".restudy/objects")).expect("there").flatten() {
        for object in fs::read_dir(folder.path()).expect("there").flatten() {
            fs::write(object.path(), "rot").expect("writable");
        }
    }
    assert_eq!(study.ran().len(), 6);
    assert_eq!(study.ran(), Vec::<String>::new());
}

#[test]
fn mistakes_leave_the_last_good_outputs() {
    let study = Study::new();
    study.run();
    let before = (
        study.read("reports/page.txt"),
        study.read("reports/other.txt"),
        study.read("pipeline.lock"),
    );
    study.write("numbers.txt", "1\nx\n20\ny\n");
    study.write("others.txt", "6\n");
    let Err(Failure::Mistakes { diagnostics, .. }) = study.try_run(RunOptions::default()) else {
        panic!("mistakes")
    };
    let said: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| {
            format!("{} {}", diagnostic.raw_place.clone().unwrap_or_default(), diagnostic.message)
        })
        .collect();
    assert_eq!(said, ["numbers.txt:2 `x` is no number", "numbers.txt:4 `y` is no number"]);
    assert_eq!(
        before,
        (
            study.read("reports/page.txt"),
            study.read("reports/other.txt"),
            study.read("pipeline.lock")
        )
    );
    // what went well is kept for the next run
    study.write("numbers.txt", "1\n20\n");
    assert_eq!(study.ran(), Vec::<String>::new());
    assert_eq!(study.read("reports/other.txt"), "sum 6\n");
}

#[test]
fn an_interrupted_publication_is_finished() {
    let study = Study::new();
    study.run();
    let lock = study.read("pipeline.lock");
    let old = study.read("reports/page.txt");
    study.write("numbers.txt", "100\n");
    study.run();
    let (new_lock, new) = (study.read("pipeline.lock"), study.read("reports/page.txt"));
    assert_ne!(old, new);
    // as a kill between the journal and the renames leaves it
    let object = blake3::hash(new.as_bytes()).to_hex().to_string();
    let journal = serde_json::json!({ "write": { "reports/page.txt": object }, "remove": [], "lock": new_lock });
    study.write("reports/page.txt", &old);
    study.write("pipeline.lock", &lock);
    study.write(".restudy/publishing.json", &journal.to_string());
    assert!(study.try_run(RunOptions::default()).expect("finishes").recovered);
    assert_eq!((study.read("reports/page.txt"), study.read("pipeline.lock")), (new, new_lock));
    assert!(!study.path(".restudy/publishing.json").exists());
}

#[test]
fn a_file_that_no_stage_makes_any_more_goes() {
    let study = Study::new();
    study.run();
    study.replace("pipeline.yaml", "reports/other.txt", "reports/another.txt");
    let run = study.try_run(RunOptions::default()).expect("a good study");
    assert_eq!(run.published.removed, ["reports/other.txt"]);
    assert!(!study.path("reports/other.txt").exists());
    assert!(study.path("reports/another.txt").exists());
}

#[test]
fn two_stages_cannot_make_one_file() {
    let study = Study::new();
    study.replace("pipeline.yaml", "reports/other.txt", "reports/page.txt");
    let failure = study.try_run(RunOptions::default()).expect_err("one file");
    assert_eq!(
        failure.to_string(),
        "`report.page` and `report.other_page` both make `reports/page.txt`"
    );
}

#[test]
fn verification_tells_the_lock_the_disk_and_the_data_apart() {
    let study = Study::new();
    study.run();
    let verify = || study.open().verify(&Quiet(Mutex::default())).expect("runs");
    assert!(verify().is_same());

    study.write("reports/page.txt", "sum 21\n");
    let found = verify();
    assert_eq!(found.outputs.len(), 1);
    assert_eq!(found.outputs[0].what, "was changed on disk: the repeated run agrees with the lock");
    assert_eq!(found.outputs[0].lines, [("line 1: sum 21".into(), "line 1: sum 20".into())]);

    study.write("reports/page.txt", "sum 20\n");
    study.write("numbers.txt", "31\n");
    let found = verify();
    assert_eq!(found.inputs[0].path, "numbers.txt");
    assert_eq!(
        found.outputs[0].what,
        "comes out differently: the lock and the file on disk agree with one another"
    );

    study.write("numbers.txt", "1\n20\n");
    let lock = study.read("pipeline.lock");
    let line = lock.lines().find(|line| line.ends_with("page.txt")).expect("locked").to_owned();
    study.write(
        "pipeline.lock",
        &lock.replace(&line, &format!("{}  reports/page.txt", "0".repeat(64))),
    );
    assert_eq!(
        verify().outputs[0].what,
        "is not what the lock says: the file on disk and the repeated run agree with one another"
    );
}

#[test]
fn all_mistakes_of_the_file_come_at_once() {
    let study = Study::new();
    study.replace("pipeline.yaml", "path: numbers.txt", "path: nubers.txt");
    study.replace("pipeline.yaml", "table: others", "table: othrs");
    study.replace("pipeline.yaml", "of: total", "of: totl");
    study.replace("pipeline.yaml", "floor_to: 10", "florto: 10");
    study.replace("pipeline.yaml", "kind: page, of: other_total", "kind: pag, of: other_total");
    let (_, said) =
        Project::open(&registry(), &study.path("pipeline.yaml"), "program").expect("readable");
    let mut said: Vec<String> = said.iter().map(ToString::to_string).collect();
    said.sort();
    assert_eq!(
        said,
        [
            "10:27: `analyze` has no entry `totl` (did you mean `total`?)",
            "11:23: `report` has no kind `pag` (did you mean `page`?)",
            "4:35: there is no file `nubers.txt` (did you mean `numbers.txt`?)",
            "7:39: `total` has no key `florto` (did you mean `floor_to`?)",
            "8:36: there is no table `othrs` at this place (did you mean `others`?)",
        ]
    );
}

#[test]
fn an_entry_that_makes_no_table_is_no_table() {
    let study = Study::new();
    study.replace("pipeline.yaml", "table: others", "table: total");
    let (_, said) =
        Project::open(&registry(), &study.path("pipeline.yaml"), "program").expect("readable");
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["8:36: `analyze.total` makes no table (there are: `numbers`, `others`)"]);
}

#[test]
fn stages_that_need_one_another_are_named() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct After {
        /// The other stage.
        after: String,
    }
    impl Kind for After {
        const NAME: &'static str = "after";
        fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
            Wiring {
                reads: vec![Read::stage(&self.after, Section::Report, &["after"])],
                ..Wiring::default()
            }
        }
        fn rehearse(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
            Ok(Output::default())
        }
        fn run(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
            Ok(Output::default())
        }
    }
    let study = Study::new();
    let mut registry = Registry::new();
    registry.register::<After>(Section::Report);
    study.write(
        "pipeline.yaml",
        "restudy: 1\nstudy: { title: T, data_status: simulated, patient: id, analysis_table: t }\nreport:\n  \
         a: { kind: after, after: b }\n  b: { kind: after, after: c }\n  c: { kind: after, after: b }\n",
    );
    let (_, said) =
        Project::open(&registry, &study.path("pipeline.yaml"), "program").expect("readable");
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "5:3: stages need one another in a circle: `report.b` needs `report.c` needs `report.b` (take one of these references out)"
        ]
    );
}
