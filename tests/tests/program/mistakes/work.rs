//! Numbers that are each permitted and together are days of work.

use restudy_tests::Study;

use super::FILE;

#[test]
fn work_that_would_take_too_long_is_refused_before_it_begins() {
    let study = Study::small_after_a_run().replacing(
        FILE,
        "  index_date: started\n",
        // 36 seconds, so that numbers a test can bear are too much
        "  index_date: started\n  longest_stage_hours: 0.01\n",
    );
    let model = "  model: { kind: cox_model, endpoint: os, terms: [arm, age] }\n";
    // each number is within its own bound
    let entries = "  completed: { kind: multiple_imputation, variables: [age, arm], imputations: 10000, iterations: 1000 }
  grace: { kind: clone_censor_weight, endpoint: os, exposure: irradiated, grace: 30 days, weights: none, replicates: 100000 }
  performance: { kind: cox_performance, endpoint: os, terms: [age], bootstrap: 100000 }
";
    study.replacing(FILE, model, &format!("{model}{entries}")).refuses(r#"
  × analyze.completed: `variables` of 2 times `iterations` of 1000 times `imputations` of 10000
  │ for 12 rows is about 1.5 minutes of work for one processor, and a stage may take 0.6 minutes
    ╭─[pipeline.yaml:28:79]
 27 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
 28 │   completed: { kind: multiple_imputation, variables: [age, arm], imputations: 10000, iterations: 1000 }
    ·                                                                               ─────
 29 │   grace: { kind: clone_censor_weight, endpoint: os, exposure: irradiated, grace: 30 days, weights: none, replicates: 100000 }
    ╰────
  help: ask for less by `imputations`, or let a stage take longer by `longest_stage_hours` in
        `study:`
  × analyze.grace: `replicates` of 100000 for 12 rows is about 3.1 minutes of work for one
  │ processor, and a stage may take 0.6 minutes
    ╭─[pipeline.yaml:29:118]
 28 │   completed: { kind: multiple_imputation, variables: [age, arm], imputations: 10000, iterations: 1000 }
 29 │   grace: { kind: clone_censor_weight, endpoint: os, exposure: irradiated, grace: 30 days, weights: none, replicates: 100000 }
    ·                                                                                                                      ──────
 30 │   performance: { kind: cox_performance, endpoint: os, terms: [age], bootstrap: 100000 }
    ╰────
  help: ask for less by `replicates`, or let a stage take longer by `longest_stage_hours` in
        `study:`
  × analyze.performance: `bootstrap` of 100000 for 12 rows is about 0.6 minutes of work for one
  │ processor, and a stage may take 0.6 minutes
    ╭─[pipeline.yaml:30:80]
 29 │   grace: { kind: clone_censor_weight, endpoint: os, exposure: irradiated, grace: 30 days, weights: none, replicates: 100000 }
 30 │   performance: { kind: cox_performance, endpoint: os, terms: [age], bootstrap: 100000 }
    ·                                                                                ──────
 31 │ report:
    ╰────
  help: ask for less by `bootstrap`, or let a stage take longer by `longest_stage_hours` in
        `study:`
3 mistakes in pipeline.yaml: nothing was written
"#);
}
