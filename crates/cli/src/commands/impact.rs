//! `restudy impact`.

use std::io::Write;

use engine::{CellTrials, Edit, Project, RowChange, Trial};
use report::comparison::{CellChange, Comparison, FileChange, Moved, Side};
use report::listing;
use study::{Reading, StudySettings, Tolerance, differences};

use super::{Done, count, open};
use crate::arguments::Impact;
use crate::screen::Trouble;

/// How many rows of a list a screen shows.
const SHOWN: usize = 40;

/// Says what a change would do to the findings, and writes nothing.
pub(crate) fn impact(arguments: &Impact, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    let wanted = wanted(&project, arguments)?;
    if let Some(column) = &arguments.each_cell {
        return each_cell(&project, column, &wanted, arguments, out);
    }
    let edits = edits(arguments)?;
    if edits.is_empty() {
        return Err(Trouble::Other {
            message: "there is nothing to try out".to_owned(),
            hint: Some("name a change by --set, --drop, --rule, --parameter or --edits".to_owned()),
        });
    }
    let trial = project.impact(&crate::registry(), &edits, &wanted)?;
    let comparison = compared(&trial, &edits, &project.pipeline.settings);
    match arguments.json {
        true => writeln!(out, "{}", comparison.json())?,
        false => write!(out, "{}", comparison.text(SHOWN))?,
    }
    Ok(true)
}

/// The edits of the command line, then those of the file.
fn edits(arguments: &Impact) -> Result<Vec<Edit>, Trouble> {
    let mut edits = Vec::new();
    let mut wrong = Vec::new();
    let mut note = |edit: Result<Edit, engine::EditError>| match edit {
        Ok(edit) => edits.push(edit),
        Err(error) => wrong.push(error.to_string()),
    };
    arguments.set.iter().for_each(|text| note(Edit::set(text)));
    arguments.drop.iter().for_each(|patient| note(Ok(Edit::Drop(patient.clone()))));
    arguments.parameter.iter().for_each(|text| note(Edit::parameter(text)));
    // the option takes two words each time
    for pair in arguments.rule.chunks(2) {
        note(format!("rule {}", pair.join(" ")).parse());
    }
    if let Some(path) = &arguments.edits {
        let text = std::fs::read_to_string(path).map_err(|error| Trouble::Other {
            message: format!("cannot read {}: {error}", path.display()),
            hint: None,
        })?;
        let lines = text.lines().map(str::trim);
        // such a file is kept beside a study and explained in it
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).for_each(|line| {
            note(line.parse());
        });
    }
    match wrong.as_slice() {
        // all that is wrong is told at once
        [] => Ok(edits),
        wrong => Err(Trouble::Other { message: wrong.join("\n"), hint: None }),
    }
}

/// The findings that are looked at: those asked for; of each cell of a column those
/// that claims are about, as many runs are long.
fn wanted(project: &Project, arguments: &Impact) -> Result<Vec<String>, Trouble> {
    let claimed = || {
        let claims = project.pipeline.claims.iter();
        claims.filter_map(|(_, claim)| claim.finding.clone()).collect::<Vec<_>>()
    };
    let wanted = match (arguments.of.is_empty(), &arguments.each_cell) {
        (false, _) => arguments.of.clone(),
        (true, Some(_)) => claimed(),
        (true, None) => vec![],
    };
    // one run for each cell with nothing to look at would be time for nothing
    if wanted.is_empty() && arguments.each_cell.is_some() {
        return Err(Trouble::Other {
            message: "no claim names a finding to look at".to_owned(),
            hint: Some("name findings by --of, such as `--of 'pfs_unadjusted.*'`".to_owned()),
        });
    }
    // looked up before any trial, which takes long
    let announced = project.findings();
    for pattern in &wanted {
        let reference = engine::Reference(pattern);
        if reference.among(announced.iter().flatten()).is_empty() {
            return Err(Trouble::Other {
                message: format!("there is no finding `{pattern}`"),
                hint: reference.nearest(announced.iter().flatten()),
            });
        }
    }
    Ok(wanted)
}

fn compared(trial: &Trial, edits: &[Edit], study: &StudySettings) -> Comparison {
    let before = listing::readings(&trial.before, &trial.pipeline_before.settings);
    let after = listing::readings(&trial.after, &trial.pipeline_after.settings);
    let alpha = 1.0 - study.confidence_level;
    let found = differences(&before, &after, &Tolerance::default(), alpha);
    let studies = [Some(&trial.pipeline_before.settings), Some(&trial.pipeline_after.settings)];
    let findings = found.into_iter().map(|one| Moved::new(one, studies, vec![])).collect();
    let side = |name: String, readings: &[Reading]| Side {
        name,
        title: Some(study.title.clone()),
        pipeline: None,
        findings: readings.len(),
        remarks: vec![],
    };
    let tried = edits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Comparison {
        sides: [side("as it stands".to_owned(), &before), side(tried, &after)],
        parting: None,
        definitions: engine::definitions(&trial.pipeline_before, &trial.pipeline_after),
        files: raw_changes(trial),
        findings,
    }
}

fn raw_changes(trial: &Trial) -> Vec<FileChange> {
    let mut changes: Vec<FileChange> = Vec::new();
    for tried in &trial.rows {
        let path = tried.file.clone().unwrap_or_else(|| format!("a file of {}", tried.table));
        let (column, after) = match &tried.edit.change {
            RowChange::Cell { column, value } => (Some(column.clone()), Some(value.clone())),
            RowChange::Gone => (None, None),
        };
        let line = Some(tried.edit.line);
        // a row that is gone has no line any more
        let line_after = line.filter(|_| after.is_some());
        let before = tried.former.clone();
        let cell = CellChange { line_before: line, line_after, column, before, after };
        match changes.iter_mut().find(|change| change.path == path) {
            Some(change) => change.cells.push(cell),
            None => changes.push(FileChange {
                path,
                reader: None,
                before: None,
                after: None,
                cells: vec![cell],
            }),
        }
    }
    changes
}

/// A cell with how far the findings go without it.
struct Influence<'a> {
    edit: &'a Edit,
    line: u64,
    /// The largest move, in standard errors where they are known, else relative.
    moved: f64,
    /// Of which finding, in words.
    what: String,
    turned: usize,
}

fn each_cell(
    project: &Project,
    column: &str,
    wanted: &[String],
    arguments: &Impact,
    out: &mut dyn Write,
) -> Done {
    let Some((table, column)) = column.split_once('.') else {
        return Err(Trouble::Other {
            message: format!("`{column}` is no raw column"),
            hint: Some("write it as `table.column`, such as `followup.death_date`".to_owned()),
        });
    };
    let trials = project.impact_of_each_cell(&crate::registry(), table, column, wanted)?;
    let study = &project.pipeline.settings;
    let mut influences = influences(&trials, study);
    influences.sort_by(|one, other| {
        // turned conclusions first, however small the move
        let far = |one: &Influence<'_>| (one.turned, one.moved);
        far(other)
            .partial_cmp(&far(one))
            .unwrap_or(std::cmp::Ordering::Equal)
            // equal ones in the order of the file, so that the list is the same each time
            .then(one.line.cmp(&other.line))
    });
    let failed: Vec<(&Edit, u64, &str)> = trials
        .cells
        .iter()
        .filter_map(|cell| Some((&cell.edit, cell.line, cell.after.as_ref().err()?.as_str())))
        .collect();
    if arguments.json {
        let moved = influences.iter().map(|one| {
            serde_json::json!({
                "edit": one.edit.to_string(), "line": one.line, "largest_move": one.moved,
                "of": one.what, "conclusions_turned": one.turned,
            })
        });
        let failed = failed.iter().map(|(edit, line, why)| {
            serde_json::json!({ "edit": edit.to_string(), "line": line, "fails": why })
        });
        let whole = serde_json::json!({
            "cells": trials.cells.len(),
            "moved": moved.collect::<Vec<_>>(),
            "failed": failed.collect::<Vec<_>>(),
        });
        writeln!(out, "{whole:#}")?;
        return Ok(true);
    }
    let cells = count(trials.cells.len(), "cell");
    writeln!(out, "{cells} of {table}.{column} hold something; with each of them empty in turn:")?;
    for one in influences.iter().take(SHOWN) {
        let turned = match one.turned {
            0 => String::new(),
            turned => format!("  TURNED: {}", count(turned, "conclusion")),
        };
        writeln!(out, "  line {}, {}: {}{turned}", one.line, one.edit, one.what)?;
    }
    let hidden = influences.len().saturating_sub(SHOWN);
    if hidden > 0 {
        writeln!(out, "  and {hidden} more: `--json` holds all")?;
    }
    // a cell without which the study does not run moves nothing and is told apart below
    let still = trials.cells.len() - influences.len() - failed.len();
    writeln!(out, "{} move no finding that is looked at", count(still, "cell"))?;
    for (edit, line, why) in failed.iter().take(SHOWN) {
        writeln!(out, "the study does not run without line {line}, {edit}: {why}")?;
    }
    Ok(true)
}

fn influences<'a>(trials: &'a CellTrials, study: &StudySettings) -> Vec<Influence<'a>> {
    let before = listing::readings(&trials.before, study);
    let alpha = 1.0 - study.confidence_level;
    let of_cell = |cell: &'a engine::CellTrial| {
        let after = listing::readings(cell.after.as_ref().ok()?, study);
        let found = differences(&before, &after, &Tolerance::default(), alpha);
        let turned = found.iter().filter(|one| !one.flips.is_empty()).count();
        let far = |one: &study::Difference| {
            // a move relative to its uncertainty tells more than one relative to its size
            one.standard_errors().or(one.relative()).map_or(0.0, f64::abs)
        };
        let most = found.iter().max_by(|one, other| far(one).total_cmp(&far(other)))?;
        let printed = |reading: &Option<Reading>| {
            reading.as_ref().map_or_else(String::new, |reading| listing::printed(reading, study))
        };
        let errors = most
            .standard_errors()
            .map_or_else(String::new, |errors| format!(" ({errors:+.3} standard errors)"));
        let what = format!(
            "{} {} became {}{errors}",
            most.id(),
            printed(&most.before),
            printed(&most.after)
        );
        Some(Influence { edit: &cell.edit, line: cell.line, moved: far(most), what, turned })
    };
    trials.cells.iter().filter_map(of_cell).collect()
}
