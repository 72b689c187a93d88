//! `restudy trace`.

use std::io::Write;

use engine::{Edit, Project};
use report::listing;
use study::{PrivacyTier, Reading, Tolerance, differences};

use super::explain::{require_rows, write_changes, write_rows};
use super::{Done, open};
use crate::arguments::Trace;

/// How far a finding goes without a patient.
struct Influence {
    id: String,
    with: String,
    without: String,
    standard_errors: Option<f64>,
    turned: bool,
}

/// Tells everything about one patient.
pub(crate) fn trace(arguments: &Trace, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    // pseudonyms are refused as well: the patient is named by the caller
    require_rows(&project.pipeline.settings, PrivacyTier::Pseudonymised, "trace")?;
    let trace = project.trace(&arguments.patient)?;
    // without a row in the analysis table a patient moves no finding
    let influences = match arguments.no_influence || trace.analysed.is_empty() {
        true => vec![],
        false => influences(&project, arguments)?,
    };
    if arguments.json {
        let mut whole = serde_json::to_value(&trace).unwrap_or_default();
        let all = influences.iter().map(|one| {
            serde_json::json!({
                "id": one.id, "with": one.with, "without": one.without,
                "standard_errors": one.standard_errors, "conclusion_turned": one.turned,
            })
        });
        whole["influence"] = all.collect();
        writeln!(out, "{whole:#}")?;
        return Ok(true);
    }
    writeln!(out, "{}", trace.patient)?;
    writeln!(out, "raw rows:")?;
    write_rows(&trace.rows, out)?;
    writeln!(out, "what rules did:")?;
    write_changes(&trace.changes, out)?;
    if let Some(by) = &trace.excluded_by {
        writeln!(out, "excluded by {} (line {})", by.stage, by.line)?;
    }
    if !trace.analysed.is_empty() {
        writeln!(out, "row of the analysis table:")?;
        for (column, cell) in &trace.analysed {
            writeln!(out, "  {column}: {cell}")?;
        }
    }
    for (by, cells) in &trace.made {
        let cells: Vec<String> =
            cells.iter().map(|(name, cell)| format!("{name} {cell}")).collect();
        writeln!(out, "in the table of {} (line {}): {}", by.stage, by.line, cells.join(", "))?;
    }
    writeln!(out, "counts in:")?;
    for (by, population, findings) in &trace.counts_in {
        let whom = if population == "all" { String::new() } else { format!(" of `{population}`") };
        let findings = super::count(*findings, "finding");
        writeln!(out, "  {} (line {}): {findings}{whom}", by.stage, by.line)?;
    }
    if !influences.is_empty() {
        writeln!(out, "without this patient:")?;
    }
    for one in &influences {
        let errors = one
            .standard_errors
            .map_or_else(String::new, |errors| format!("  {errors:+.3} standard errors"));
        let turned = if one.turned { "  TURNED" } else { "" };
        writeln!(out, "  {}: {} would be {}{errors}{turned}", one.id, one.with, one.without)?;
    }
    Ok(true)
}

/// The findings that claims are about, or those asked for, with the patient and without.
fn influences(
    project: &Project,
    arguments: &Trace,
) -> Result<Vec<Influence>, crate::screen::Trouble> {
    let claims = project.pipeline.claims.iter();
    let claimed = claims.filter_map(|(_, claim)| claim.finding.clone());
    let wanted = if arguments.of.is_empty() { claimed.collect() } else { arguments.of.clone() };
    // no claim names a finding, and none was asked for
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    let edit = Edit::Drop(arguments.patient.clone());
    let trial = project.impact(&crate::registry(), &[edit], &wanted)?;
    let study = &project.pipeline.settings;
    let readings = |analyses| listing::readings(analyses, study);
    let (before, after) = (readings(&trial.before), readings(&trial.after));
    let alpha = 1.0 - study.confidence_level;
    let found = differences(&before, &after, &Tolerance::default(), alpha);
    let printed = |reading: &Option<Reading>| {
        reading.as_ref().map_or_else(String::new, |reading| listing::printed(reading, study))
    };
    let influence = |one: &study::Difference| Influence {
        id: one.id().to_owned(),
        with: printed(&one.before),
        without: printed(&one.after),
        standard_errors: one.standard_errors(),
        turned: !one.flips.is_empty(),
    };
    Ok(found.iter().filter(|one| one.moved()).map(influence).collect())
}
