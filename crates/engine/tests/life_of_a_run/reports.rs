//! Reports that read other reports, and what they know of where all comes from.

use restudy_engine::{Call, Kind, Mistakes, Read, Registry, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use super::folder::Study;

/// Lists the reports that read no other one, and what each of all stages reads.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Overview {
    /// The file.
    path: String,
}

impl Kind for Overview {
    const NAME: &'static str = "overview";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::Exhibits, Read::Provenance], ..Wiring::default() }
    }

    fn rehearse(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output { files: [(self.path.clone(), vec![])].into(), ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut text = String::new();
        for (name, _) in call.section(Section::Report) {
            text += &format!("handed {name}\n");
        }
        for stage in &call.provenance.as_deref().expect("it is read").stages {
            let reads: Vec<String> = stage.reads.iter().map(ToString::to_string).collect();
            let reads = reads.into_iter().chain(stage.files.clone()).collect::<Vec<_>>();
            text += &format!("{} ({}) reads {}\n", stage.id, stage.kind, reads.join(", "));
        }
        Ok(Output { files: [(self.path.clone(), text.into_bytes())].into(), ..Output::default() })
    }
}

/// Holds another report.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Binder {
    /// The report.
    of: String,
}

impl Kind for Binder {
    const NAME: &'static str = "binder";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        let reads = vec![Read::stage(&self.of, Section::Report, &["of"])];
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::default())
    }

    fn run(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::default())
    }
}

pub(crate) fn register(registry: &mut Registry) {
    registry.register::<Overview>(Section::Report);
    registry.register::<Binder>(Section::Report);
}

/// Two overviews and what binds them do not wait for one another.
#[test]
fn exhibits_are_the_reports_that_read_no_other() {
    let study = Study::new();
    // The binder stands before what it binds: reports are not read in order.
    let reports = "report:\n  binder: { kind: binder, of: overview }\n  overview: { kind: overview, path: reports/overview.txt }\n  second: { kind: overview, path: reports/second.txt }\n";
    study.replace("pipeline.yaml", "report:\n", reports);
    study.run();
    let expected = "\
handed page
handed other_page
ingest.numbers (numbers) reads numbers.txt
ingest.others (numbers) reads others.txt
analyze.total (sum) reads ingest.numbers
analyze.other_total (sum) reads ingest.others
report.binder (binder) reads report.overview
report.overview (overview) reads report.page, report.other_page
report.second (overview) reads report.page, report.other_page
report.page (page) reads analyze.total
report.other_page (page) reads analyze.other_total
";
    assert_eq!(study.read("reports/overview.txt"), expected);
    assert_eq!(study.read("reports/second.txt"), expected);
    assert_eq!(study.ran(), Vec::<String>::new());
}

/// What a stage reads is a part of what the pipeline file says.
#[test]
fn an_overview_is_made_again_when_a_report_reads_something_else() {
    let study = Study::new();
    let report = "report:\n  overview: { kind: overview, path: reports/overview.txt }\n";
    study.replace("pipeline.yaml", "report:\n", report);
    study.run();
    study.replace("pipeline.yaml", "of: other_total", "of: total");
    assert!(study.ran().contains(&"report.overview".to_owned()));
    assert!(study.read("reports/overview.txt").contains("other_page (page) reads analyze.total"));
}
