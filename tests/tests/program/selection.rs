//! Runs of some stages only, and runs that are only told.

use restudy_tests::Study;

#[test]
fn a_selection_runs_with_what_it_needs_and_leaves_the_lock() {
    let study = Study::small();
    // the reading and both rules belong to it, the other analyses do not
    study.says("run --quiet survival").prints(
        "
pipeline.yaml: 4 of 7 stages, 4 ran, 0 fresh; 0 files written, 0 unchanged (TIME)
the lock is the former one: `restudy run` makes the rest, and writes it
",
    );
    study.says("run --quiet report.c*").prints(
        "
wrote    reports/figures/curves.csv
wrote    reports/figures/curves.png
wrote    reports/figures/curves.svg
pipeline.yaml: 6 of 7 stages, 2 ran, 4 fresh; 3 files written, 0 unchanged (TIME)
the lock is the former one: `restudy run` makes the rest, and writes it
",
    );
    assert!(!study.made().contains_key("pipeline.lock"));
    study.says("run --quiet").prints(
        "
wrote    .gitattributes: git leaves the line ends of this study alone
pipeline.yaml: 7 stages, 1 ran, 6 fresh; 0 files written, 3 unchanged (TIME)
",
    );
    assert!(study.made() == Study::small_after_a_run().made());
    // all but the model, which the figure does not show
    study.says("run curves").prints("pipeline.yaml: 6 of 7 stages, nothing to do (TIME)");
}

#[test]
fn what_a_selection_published_is_told_to_be_another_than_the_lock() {
    let study = Study::small_after_a_run().replacing(
        "data/patients.csv",
        "A05,old,72,2020-03-09,2020-04-20,64",
        "A05,old,72,2020-03-09,2020-04-20,164",
    );
    let lock = study.read("pipeline.lock");
    study.says("run --quiet curves").succeeds();
    assert_eq!(study.read("pipeline.lock"), lock);
    study.says("status --exit-code").finds(
        "
stale     analyze.model: column patients.os_days changed
another   reports/figures/curves.csv: it is of a run of this study, and not of the one in the lock
another   reports/figures/curves.png: it is of a run of this study, and not of the one in the lock
another   reports/figures/curves.svg: it is of a run of this study, and not of the one in the lock
7 stages, 6 fresh
",
    );
    study.says("run --quiet").succeeds();
    study.says("status --exit-code").prints("7 stages, all fresh: nothing to do");
}

#[test]
fn a_mistake_beside_a_selection_does_not_stop_it() {
    let study = Study::small().replacing("pipeline.yaml", "terms: [arm, age]", "terms: [arm, sex]");
    study.says("run --quiet survival").succeeds();
    // asked for, or as part of the whole
    for command in ["run --quiet model", "run --quiet"] {
        let said = study.says(command);
        assert_eq!(said.code, 1, "{command}");
        assert!(said.err.contains("`sex`"), "{}", said.err);
    }
}

#[test]
fn names_that_mean_no_stage_are_all_told() {
    Study::small().says("run survivl report.curvs curves nothing*").fails(
        "
  × there is no stage `survivl`
  help: did you mean `survival`?
  × there is no stage `report.curvs`
  help: did you mean `report.curves`?
  × `nothing*` fits no stage
3 mistakes in pipeline.yaml: nothing was written
",
    );
}

#[test]
fn a_dry_run_says_what_would_be_made_and_makes_nothing() {
    let study = Study::small_after_a_run().replacing(
        "pipeline.yaml",
        "by: arm }\n  model",
        "by: arm, rho: 1 }\n  model",
    );
    let before = study.made();
    study.says("run --dry-run").prints(
        "
stale     analyze.comparison: parameter.rho changed from `0.0` to `1.0`
waiting   report.curves: for analyze.comparison
may write reports/figures/curves.csv: of report.curves
may write reports/figures/curves.png: of report.curves
may write reports/figures/curves.svg: of report.curves
pipeline.yaml: 7 stages, 2 to be made; nothing was written
",
    );
    study
        .says("run --dry-run model")
        .prints("pipeline.yaml: 4 of 7 stages, 0 to be made; nothing was written");
    assert!(study.made() == before);
    // a run would refuse to begin, and the dry run says so
    let edited = study.with("reports/figures/curves.svg", "my own");
    let said = edited.says("run --dry-run");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("1 output was changed since the last run made it"), "{}", said.err);
}
