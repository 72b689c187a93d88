//! `restudy explain`.

use std::io::Write;

use engine::{Explanation, Project};
use study::Finding;

use super::{Done, open};
use crate::arguments::Explain;

/// Says where a number comes from.
pub(crate) fn explain(arguments: &Explain, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    let explanation = project.explain(&arguments.finding)?;
    write_finding(&project, &explanation.finding, out)?;
    write_origin(&explanation, arguments.patients, out)?;
    Ok(true)
}

fn write_finding(project: &Project, finding: &Finding, out: &mut dyn Write) -> std::io::Result<()> {
    // one mapping, so that it can be read by a person and by a program
    let described = report::listing::described(finding, &project.pipeline.settings);
    let text = serde_yaml::to_string(&described).unwrap_or_default();
    let said = text.lines().filter(|line| !line.ends_with(": null") && !line.ends_with(": []"));
    for line in said {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn write_origin(
    explanation: &Explanation,
    patients: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "parameters: {}", explanation.parameters)?;
    writeln!(out, "patients_of_the_population: {}", explanation.patients.len())?;
    if patients {
        for patient in &explanation.patients {
            writeln!(out, "  - {patient}")?;
        }
    }
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
