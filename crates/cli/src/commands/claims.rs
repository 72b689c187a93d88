//! `restudy claims`.

use std::io::Write;

use engine::{Project, Section};
use report::claims::{Compared, compared};
use report::inspect::{Basis, inspect};
use study::{Examination, Finding, Standing, Verdict};

use super::{Done, count, in_order, open};
use crate::arguments::Claims;
use crate::screen::Trouble;

/// Says how the claims stand to recomputed numbers, and published numbers to each
/// other; false where something contradicts.
pub(crate) fn claims(arguments: &Claims, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file.file)?;
    let diagnostics = project.check();
    // claims name findings of the pipeline: a wrong file would make them look
    // unverifiable
    if !diagnostics.is_empty() {
        return Err(project.mistakes(in_order(diagnostics)).into());
    }
    let (claims, study) = (&project.pipeline.claims, &project.pipeline.settings);
    let analyses = analyses(&project);
    let findings: Vec<Finding> =
        analyses.iter().flat_map(|(_, findings)| findings.iter().cloned()).collect();
    let examination = analyze::claims::examine(claims, &findings, study);
    let compared = compared(claims, analyses, study).map_err(|mistakes| {
        // `check` has told all of them; what is left is a bug
        Trouble::Other { message: format!("{:?}", mistakes.0), hint: None }
    })?;
    match (arguments.inspect, arguments.json) {
        (false, false) => list(&project, &compared, &examination, out)?,
        (false, true) => {
            let json = report::claims::json(&compared, &examination, study);
            writeln!(out, "{json:#}")?;
        }
        (true, json) => inspected(&project, &compared, &examination, json, out)?,
    }
    let contradicts = compared.iter().any(|one| one.verdict == Verdict::Contradicts)
        || examination.0.iter().any(|one| one.standing == Standing::Contradiction);
    Ok(!contradicts)
}

/// The findings of every analysis with the name of its entry.
fn analyses(project: &Project) -> Vec<(String, Vec<Finding>)> {
    let names = project.pipeline.stage_ids().filter(|id| id.section == Section::Analyze);
    names.map(|id| id.name.clone()).zip(project.findings()).collect()
}

fn list(
    project: &Project,
    compared: &[Compared],
    examination: &Examination,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let study = &project.pipeline.settings;
    writeln!(out, "Claims beside recomputed numbers")?;
    let width = |of: &dyn Fn(&Compared) -> usize| compared.iter().map(of).max().unwrap_or_default();
    let names = width(&|one| one.name.chars().count());
    let quotes = width(&|one| one.published.chars().count());
    for one in compared {
        let recomputed = one.recomputed.as_deref().unwrap_or("not yet computed");
        let recomputed = match one.verdict {
            // no finding is named, so nothing was to be computed
            Verdict::NotVerifiable if one.methods.is_empty() => "",
            _ => recomputed,
        };
        writeln!(
            out,
            "  {:14}  {:names$}  {:quotes$}  {recomputed}",
            one.verdict.words(),
            one.name,
            one.published
        )?;
    }
    writeln!(out, "\nPublished numbers against each other")?;
    // what needs a person's eye first
    for standing in
        [Standing::Contradiction, Standing::Unusual, Standing::Consistent, Standing::NotCheckable]
    {
        for one in examination.0.iter().filter(|one| one.standing == standing) {
            let words = report::claims::standing(standing);
            writeln!(
                out,
                "  {words:14}  {}: {}",
                report::claims::tried(one),
                one.claims.join(", ")
            )?;
            let evidence = report::claims::evidence(one, study);
            if !evidence.is_empty() {
                writeln!(out, "  {:14}    {evidence}", "")?;
            }
        }
    }
    let wrong = compared.iter().filter(|one| one.verdict == Verdict::Contradicts).count();
    let of = |standing| examination.0.iter().filter(|one| one.standing == standing).count();
    writeln!(
        out,
        "\n{}, {wrong} contradicted; {}, {} of them contradictions, {} unusual, {} not checkable",
        count(compared.len(), "claim"),
        count(examination.0.len(), "examination"),
        of(Standing::Contradiction),
        of(Standing::Unusual),
        of(Standing::NotCheckable)
    )
}

fn inspected(
    project: &Project,
    compared: &[Compared],
    examination: &Examination,
    as_json: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let excludes = project.pipeline.of_kind("exclude");
    let exclusions: Vec<String> = excludes.map(|id| id.name.clone()).collect();
    let found = inspect(&Basis {
        claims: &project.pipeline.claims,
        compared,
        examination,
        design: project.pipeline.settings.design,
        exclusions: &exclusions,
    });
    if as_json {
        return writeln!(out, "{:#}", report::inspect::json(&found));
    }
    writeln!(out, "INSPECT-SR v1.0, in our own words")?;
    for one in &found {
        writeln!(
            out,
            "  {:5} {:15}  {}: {}",
            one.number,
            one.answer.words(),
            one.question,
            one.evidence
        )?;
    }
    Ok(())
}
