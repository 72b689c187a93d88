//! `restudy explain`.

use std::io::Write;

use engine::{Contribution, Explanation, Project, RawRow, RowChangeTold};
use serde_json::{Value, json};
use study::{Finding, PrivacyTier, StudySettings};

use super::{Done, open};
use crate::arguments::Explain;
use crate::screen::Trouble;

/// Says where a number comes from.
pub(crate) fn explain(arguments: &Explain, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    let study = &project.pipeline.settings;
    if arguments.rows {
        // before anything is looked up, so that a refusal tells nothing of the data
        require_rows(study, PrivacyTier::Aggregate, "explain --rows")?;
    }
    let explanation = project.explain(&arguments.finding)?;
    let contributions = match arguments.rows {
        true => shown(project.contributions(&explanation), study),
        false => vec![],
    };
    if arguments.json {
        let whole = as_json(&explanation, &contributions, study, arguments.rows);
        writeln!(out, "{whole:#}")?;
        return Ok(true);
    }
    write_finding(&project, &explanation.finding, out)?;
    write_origin(&explanation, out)?;
    if arguments.rows {
        write_curve(&explanation.finding, &contributions, out)?;
        for one in &contributions {
            write_contribution(one, out)?;
        }
    }
    Ok(true)
}

/// Refuses to show rows of patients in a tier that forbids it.
pub(super) fn require_rows(
    study: &StudySettings,
    forbidding: PrivacyTier,
    what: &str,
) -> Result<(), Trouble> {
    let tier = study.privacy.tier;
    // aggregate is the strictest tier, so what any tier forbids it forbids too
    let forbidden = tier == forbidding || tier == PrivacyTier::Aggregate;
    if !forbidden {
        return Ok(());
    }
    let word = serde_json::to_value(tier).ok();
    let word = word.as_ref().and_then(Value::as_str).unwrap_or_default();
    Err(Trouble::Other {
        message: format!(
            "`restudy {what}` shows rows of patients, and the study declares `tier: {word}`"
        ),
        hint: Some(
            "whoever may see them sets `privacy: { tier: internal }` in a copy of the file".into(),
        ),
    })
}

/// The contributions as a study's tier lets them be seen: without identifiers where
/// patients are pseudonymised.
fn shown(mut all: Vec<Contribution>, study: &StudySettings) -> Vec<Contribution> {
    if study.privacy.tier != PrivacyTier::Pseudonymised {
        return all;
    }
    for (place, one) in all.iter_mut().enumerate() {
        // by their place behind this number, which names nobody behind another one
        one.patient = format!("patient {}", place + 1);
        let is_identifier = |(column, _): &(String, String)| *column == study.patient;
        one.entered.values_mut().for_each(|cells| cells.retain(|cell| !is_identifier(cell)));
        one.rows.iter_mut().for_each(|row| row.cells.retain(|cell| !is_identifier(cell)));
        // a change of the identifier would show it twice, before and after
        one.changes.retain(|change| change.column != study.patient);
    }
    all
}

fn as_json(
    explanation: &Explanation,
    contributions: &[Contribution],
    study: &StudySettings,
    rows: bool,
) -> Value {
    let stages = explanation.stages.iter();
    let mut whole = json!({
        "finding": report::listing::described(&explanation.finding, study),
        "sources": report::words::sources(&explanation.finding.method),
        "parameters": explanation.parameters,
        "patients": explanation.patients.len(),
        "columns": explanation.columns,
        "stages": stages.map(|(id, line)| json!({ "stage": id.to_string(), "line": line })).collect::<Vec<_>>(),
        "raw_columns": explanation.raw.iter().map(|raw| format!("{}.{}", raw.table, raw.column)).collect::<Vec<_>>(),
        "raw_files": explanation.files,
        "flow": explanation.flow,
    });
    if rows {
        whole["rows"] = json!(contributions);
    }
    whole
}

fn write_finding(project: &Project, finding: &Finding, out: &mut dyn Write) -> std::io::Result<()> {
    // one mapping, so that it can be read by a person and by a program
    let described = report::listing::described(finding, &project.pipeline.settings);
    let text = serde_yaml::to_string(&described).unwrap_or_default();
    let said = text.lines().filter(|line| !line.ends_with(": null") && !line.ends_with(": []"));
    for line in said {
        writeln!(out, "{line}")?;
    }
    let sources = report::words::sources(&finding.method);
    if !sources.is_empty() {
        writeln!(out, "sources:")?;
    }
    for work in sources {
        writeln!(out, "  - {work}")?;
    }
    Ok(())
}

fn write_origin(explanation: &Explanation, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "parameters:")?;
    let is_told = |(path, said): &(&String, &engine::Said)| {
        // the order of keys and what was left at nothing say little to a reader
        !path.ends_with("(order)") && said.value != "null"
    };
    for (path, said) in explanation.parameters.iter().filter(is_told) {
        writeln!(out, "  {path}: {}  line {}", said.value, said.line)?;
    }
    writeln!(out, "flow:")?;
    for (by, step) in &explanation.flow {
        let (reason, line) = (&step.reason, by.line);
        writeln!(out, "  - {} left out of {}: {reason}  line {line}", step.excluded, step.before)?;
    }
    writeln!(out, "patients_of_the_population: {}", explanation.patients.len())?;
    writeln!(out, "columns:")?;
    for (table, columns) in &explanation.columns {
        for column in columns {
            writeln!(out, "  - {table}.{column}")?;
        }
    }
    writeln!(out, "made_by:")?;
    for (stage, line) in &explanation.stages {
        writeln!(out, "  - {stage}  line {line}")?;
    }
    writeln!(out, "raw_columns:")?;
    for raw in &explanation.raw {
        writeln!(out, "  - {}.{}", raw.table, raw.column)?;
    }
    writeln!(out, "raw_files:")?;
    for (path, digest) in &explanation.files {
        writeln!(out, "  - {path}  sha256 {digest}")?;
    }
    Ok(())
}

/// Of a number at a time of an endpoint: who is at risk then, and who had the event or
/// left before, counted from the rows that follow.
fn write_curve(
    finding: &Finding,
    contributions: &[Contribution],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let (Some(endpoint), Some(at)) = (&finding.endpoint, finding.time_days) else { return Ok(()) };
    let cell = |one: &Contribution, column: &str| {
        let mut cells = one.entered.values().flatten();
        cells.find(|(name, _)| name == column).map(|(_, cell)| cell.clone())
    };
    let follow = |one: &Contribution| {
        let days: f64 = cell(one, &format!("{endpoint}_days"))?.parse().ok()?;
        let event = cell(one, &format!("{endpoint}_event"))?;
        Some((days, matches!(event.as_str(), "1" | "true")))
    };
    let followed: Vec<(f64, bool)> = contributions.iter().filter_map(follow).collect();
    if followed.is_empty() {
        return Ok(());
    }
    let count = |is: &dyn Fn(&(f64, bool)) -> bool| followed.iter().filter(|one| is(one)).count();
    writeln!(out, "at_day_{at}:")?;
    // who has the event on the day is still at risk on it
    writeln!(out, "  at risk (followed to the day or longer): {}", count(&|one| one.0 >= at))?;
    writeln!(out, "  events until then: {}", count(&|one| one.0 <= at && one.1))?;
    writeln!(out, "  censored before: {}", count(&|one| one.0 < at && !one.1))
}

fn write_contribution(one: &Contribution, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}:", one.patient)?;
    for (table, cells) in &one.entered {
        let cells: Vec<String> =
            cells.iter().map(|(name, cell)| format!("{name} {cell}")).collect();
        writeln!(out, "  {table}: {}", cells.join(", "))?;
    }
    write_rows(&one.rows, out)?;
    write_changes(&one.changes, out)
}

pub(super) fn write_rows(rows: &[RawRow], out: &mut dyn Write) -> std::io::Result<()> {
    for row in rows {
        let place = row.file.as_deref().unwrap_or(&row.table);
        let cells: Vec<String> =
            row.cells.iter().map(|(name, cell)| format!("{name} `{cell}`")).collect();
        writeln!(out, "  {place}:{}  {}", row.line, cells.join(", "))?;
    }
    Ok(())
}

pub(super) fn write_changes(changes: &[RowChangeTold], out: &mut dyn Write) -> std::io::Result<()> {
    for change in changes {
        let cell = |cell: &Option<String>| match cell {
            Some(text) => format!("`{text}`"),
            None => "nothing".to_owned(),
        };
        let line = change.line.map_or(String::new(), |line| format!(":{line}"));
        let place = match change.column.as_str() {
            "" => format!("{}{line}", change.table),
            column => format!("{}{line} {column}", change.table),
        };
        let (before, after) = (cell(&change.before), cell(&change.after));
        let (by, at, reason) = (&change.by.stage, change.by.line, &change.reason);
        writeln!(out, "  {by} (line {at}): {place}: {before} became {after}: {reason}")?;
    }
    Ok(())
}
