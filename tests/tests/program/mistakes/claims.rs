//! Mistakes in the published numbers.

use restudy_tests::Study;

use super::FILE;

/// The small study after a run, with `more` at the end of its pipeline file.
fn study(more: &str) -> Study {
    let study = Study::small_after_a_run();
    let file = study.read(FILE) + more.trim_start_matches('\n');
    study.with(FILE, file)
}

#[test]
fn a_claim_about_no_finding() {
    study(
        r#"
  ledger: { kind: claim_ledger }
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: 5.3
    unit: months
    finding: survival.median.od
"#,
    )
    .refuses(
        r#"
  × claim `median`: there is no finding `survival.median.od`
    ╭─[pipeline.yaml:37:14]
 36 │     unit: months
 37 │     finding: survival.median.od
    ·              ──────────────────
    ╰────
  help: did you mean `survival.median.old`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_claim_about_no_analysis() {
    study(
        r#"
  ledger: { kind: claim_ledger }
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: 5.3
    unit: months
    finding: surviwal.median.old
"#,
    )
    .refuses(
        r#"
  × claim `median`: no analysis is called `surviwal`
    ╭─[pipeline.yaml:37:14]
 36 │     unit: months
 37 │     finding: surviwal.median.old
    ·              ───────────────────
    ╰────
  help: did you mean `survival`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

/// One misspelt name is one mistake, whoever misses what it should name.
#[test]
fn an_analysis_that_a_figure_and_a_claim_miss() {
    study(
        r#"
  ledger: { kind: claim_ledger }
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: 5.3
    unit: months
    finding: survival.median.old
"#,
    )
    .replacing(FILE, "  survival: { kind", "  surwival: { kind")
    .refuses(
        r#"
  × report.curves: `analyze` has no entry `survival`
    ╭─[pipeline.yaml:28:61]
 27 │ report:
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
    ·                                                             ────────
 29 │   ledger: { kind: claim_ledger }
    ╰────
  help: did you mean `surwival`?
        the same at 1 more place: 37:14
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_claim_that_is_part_of_nothing() {
    study(
        r#"
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: 5.3
    unit: months
    finding: survival.median.old
    about: { part_of: oss }
"#,
    )
    .refuses(
        r#"
  × claim `median`: no claim is about `oss`
    ╭─[pipeline.yaml:37:23]
 36 │     finding: survival.median.old
 37 │     about: { part_of: oss }
    ·                       ───
    ╰────
  help: did you mean `os`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_claim_with_a_key_that_does_not_exist() {
    study(
        r#"
  ledger: { kind: claim_ledger }
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    valu: 5.3
    finding: survival.median.old
"#,
    )
    .refuses(
        r#"
  × `median` has no key `valu`
    ╭─[pipeline.yaml:35:5]
 34 │     place: abstract
 35 │     valu: 5.3
    ·     ────
 36 │     finding: survival.median.old
    ╰────
  help: did you mean `value`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_claim_of_no_number() {
    study(
        r#"
  ledger: { kind: claim_ledger }
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: five
    finding: survival.median.old
"#,
    )
    .refuses(
        r#"
  × `value` must be a number, not `five`
    ╭─[pipeline.yaml:35:12]
 34 │     place: abstract
 35 │     value: five
    ·            ────
 36 │     finding: survival.median.old
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_claim_in_a_unit_that_does_not_exist() {
    study(
        r#"
  ledger: { kind: claim_ledger }
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: 5.3
    unit: month
    finding: survival.median.old
"#,
    )
    .refuses(
        r#"
  × `unit` cannot be `month`
    ╭─[pipeline.yaml:36:11]
 35 │     value: 5.3
 36 │     unit: month
    ·           ─────
 37 │     finding: survival.median.old
    ╰────
  help: did you mean `months`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

/// A claim needs no ledger to be checked, and a `*` that fits nothing is one
/// more name that there is not.
#[test]
fn a_pattern_that_fits_nothing_without_a_ledger() {
    // a pattern that fits nothing is no empty list of findings
    study(
        r#"
claims:
  median:
    label: Median
    quote: 5.3 months
    place: abstract
    value: 5.3
    unit: months
    finding: survival.medan.*
"#,
    )
    .refuses(
        r#"
  × claim `median`: there is no finding `survival.medan.*`
    ╭─[pipeline.yaml:36:14]
 35 │     unit: months
 36 │     finding: survival.medan.*
    ·              ────────────────
    ╰────
  help: did you mean `survival.median.*`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}
