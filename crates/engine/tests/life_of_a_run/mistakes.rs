//! Mistakes in the data and in the file.

use restudy_engine::{
    Call, Failure, Kind, Mistakes, Project, Read, Registry, RunOptions, Section, Wiring,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use super::folder::Study;
use super::registry;

#[test]
fn mistakes_leave_the_last_good_outputs() {
    let study = Study::new();
    study.run();
    let before = (
        study.read("reports/page.txt"),
        study.read("reports/other.txt"),
        study.read("pipeline.lock"),
    );
    // Two bad lines in one file, and a good change in the other.
    study.write("numbers.txt", "1\nx\n20\ny\n");
    study.write("others.txt", "6\n");
    let Err(Failure::Mistakes { diagnostics, .. }) = study.try_run(&RunOptions::default()) else {
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
fn all_mistakes_of_the_file_come_at_once() {
    let study = Study::new();
    // A mistake of every sort at once: file, table, stage, key, kind.
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
