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
  × report.ledger: claim `median` names the finding `survival.median.od`, which there is not
    ╭─[pipeline.yaml:29:3]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   ledger: { kind: claim_ledger }
    ·   ──────
 30 │ claims:
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
  × report.ledger: claim `median` names the finding `surviwal.median.old`, but no analysis is
  │ called `surviwal`
    ╭─[pipeline.yaml:29:3]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   ledger: { kind: claim_ledger }
    ·   ──────
 30 │ claims:
    ╰────
  help: did you mean `survival`?
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
