//! What is made again, and what is not.

use restudy_engine::{Project, Standing};

use super::folder::Study;
use super::registry;

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
    // 21 rounded down to a multiple of 5 is 20, as to one of 10: the parameter changes
    // and the result does not.
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
    // 22 instead of 21: other raw values, the same 20.
    study.write("numbers.txt", "1\n21\n");
    let ran = study.run();
    let ids: Vec<&str> = ran.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["ingest.numbers", "analyze.total"]);
    assert_eq!(ran[0].1, ["file numbers.txt changed"]);
    assert_eq!(ran[1].1, ["column numbers.number changed"]);
}

#[test]
fn an_earlier_result_is_restored() {
    let study = Study::new();
    study.run();
    // 21 is a multiple of 7.
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
