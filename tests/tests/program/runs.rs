//! What a run says and makes, and what a second one does.

use restudy_tests::Study;

#[test]
fn a_run_says_what_it_made() {
    Study::small().says("run --quiet").prints(
        "
wrote    reports/figures/curves.csv
wrote    reports/figures/curves.png
wrote    reports/figures/curves.svg
wrote    .gitattributes: git leaves the line ends of this study alone
pipeline.yaml: 7 stages, 7 ran, 0 fresh; 3 files written, 0 unchanged (TIME)
",
    );
}

#[test]
fn a_second_run_does_nothing() {
    let study = Study::small_after_a_run();
    let before = study.made();
    study.says("run").prints("pipeline.yaml: 7 stages, nothing to do (TIME)");
    study.says("status").prints("7 stages, all fresh: nothing to do");
    assert!(study.made() == before);
}

#[test]
fn two_cold_runs_make_the_same_bytes() {
    let study = Study::small();
    study.says("run").succeeds();
    assert!(study.made() == Study::small_after_a_run().made());
}

#[test]
fn a_run_by_force_makes_the_same_bytes() {
    let study = Study::small_after_a_run();
    let before = study.made();
    study
        .says("run --quiet --force")
        // every stage ran, and no byte differs
        .prints("pipeline.yaml: 7 stages, 7 ran, 0 fresh; 0 files written, 3 unchanged (TIME)");
    assert!(study.made() == before);
}

#[test]
fn status_says_what_is_stale_and_why() {
    Study::small_after_a_run()
        .replacing("pipeline.yaml", "by: arm }\n  model", "by: arm, rho: 1 }\n  model")
        .says("status")
        .prints(
            "
stale     analyze.comparison: parameter.rho changed from `0.0` to `1.0`
waiting   report.curves: for analyze.comparison
7 stages, 5 fresh
",
        );
}

#[test]
fn a_comment_makes_nothing_stale() {
    Study::small_after_a_run()
        .replacing("pipeline.yaml", "analyze:", "# what is compared\nanalyze:")
        .says("status")
        .prints("7 stages, all fresh: nothing to do");
}

#[test]
fn what_comes_out_the_same_is_not_written() {
    // only the Cox model uses the age, and no figure shows that model
    let study =
        Study::small_after_a_run().replacing("data/patients.csv", "A01,old,61", "A01,old,62");
    let before = study.made();
    study
        .says("run --quiet")
        .prints("pipeline.yaml: 7 stages, 3 ran, 4 fresh; 0 files written, 3 unchanged (TIME)");
    let changed: Vec<String> = study
        .made()
        .into_iter()
        .filter(|(path, bytes)| before.get(path) != Some(bytes))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, ["pipeline.lock"]);
}

#[test]
fn a_tampered_output_stops_the_run() {
    let study = Study::small_after_a_run().with("reports/figures/curves.svg", "my own\n");
    study.refuses(
        "
error: 1 output was changed since the last run made it: reports/figures/curves.svg
 help: a run never overwrites what somebody changed: keep a copy of the change, then `restudy run --overwrite` puts the study's own version back
",
    );
    study.says("run --overwrite").succeeds();
    assert!(study.made() == Study::small_after_a_run().made());
}

#[test]
fn a_lock_that_is_no_lock_stops_the_run() {
    Study::small_after_a_run().with("pipeline.lock", "once upon a time\n").refuses(
        "
error: failed to read `pipeline.lock`: line 1 of the lock is not understood: `once upon a time`
 help: restore it from version control, or delete it to accept the next run as the first
",
    );
}

#[test]
fn a_lock_takes_no_source_away() {
    // the lock claims that the raw file is an output, which nothing makes any more
    let study = Study::small_after_a_run();
    let lock = study.read("pipeline.lock");
    let line = lock.lines().find(|line| line.ends_with("patients.csv")).expect("an input");
    let study = study.replacing("pipeline.lock", "# outputs\n", &format!("# outputs\n{line}\n"));
    study.says("run").succeeds();
    assert!(study.path("data/patients.csv").exists());
    assert!(study.made() == Study::small_after_a_run().made());
}

#[test]
fn a_lock_that_leads_out_of_the_study_stops_the_run() {
    // the SHA-256 of nothing: the line is right but for its path
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let line = format!("# outputs\n{digest}  ../elsewhere.txt\n");
    Study::small_after_a_run().replacing("pipeline.lock", "# outputs\n", &line).refuses(&format!(
        "
error: failed to read `pipeline.lock`: line 6 of the lock is not understood: `{digest}  ../elsewhere.txt`
 help: restore it from version control, or delete it to accept the next run as the first
"
    ));
}

#[test]
fn a_number_says_where_it_comes_from() {
    // the curve of the six stands at one half from day 122 to 201, and the median is
    // the middle of the two
    Study::small_after_a_run().says("explain survival.median.old").prints(
        r#"
id: survival.median.old
stage: survival
kind: kaplan_meier
statistic: median
endpoint: os
group: old
population: all
quantity: days
state: estimated
value: 161.5
lower: 64.0
confidence_level: 0.95
n: 6
events: 5
missing: 0
method: Kaplan-Meier, log-log 95% CI
sources:
  - Kaplan and Meier 1958, Journal of the American Statistical Association 53:457
  - Kalbfleisch and Prentice 1980, The Statistical Analysis of Failure Time Data
parameters:
  at: []  line 24
  by: arm  line 24
  ci: log_log  line 24
  cumulative_hazard: false  line 24
  endpoint: os  line 24
  estimator: kaplan_meier  line 24
  immortal_time: refuse  line 24
  kind: kaplan_meier version 1  line 24
  quantiles: [0.5]  line 24
  restricted_mean: []  line 24
  reverse: false  line 24
flow:
patients_of_the_population: 12
columns:
  - patients.arm
  - patients.id
  - patients.os_days
  - patients.os_event
made_by:
  - ingest.patients  line 9
  - analyze.survival  line 24
raw_columns:
  - patients.arm
  - patients.id
  - patients.os_days
  - patients.os_event
raw_files:
  - data/patients.csv  sha256 938c434ee7327a7774a9e7c256321edaa58b9bf99203021a2e1e96207ec203c5
"#,
    );
}

#[test]
fn a_number_that_does_not_exist_is_missed() {
    Study::small_after_a_run().says("explain survival.median.od").fails(
        "error: there is no finding `survival.median.od`: did you mean `survival.median.old`?",
    );
}
