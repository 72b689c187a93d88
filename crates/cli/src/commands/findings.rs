//! `restudy findings`.

use std::io::Write;

use engine::{Project, Reference};
use study::Finding;

use super::{Done, in_order, open};
use crate::arguments::Findings;
use crate::screen::Trouble;

/// Lists the ids of findings with their words; before a run those that it will
/// give.
pub(crate) fn findings(arguments: &Findings, out: &mut dyn Write) -> Done {
    let (pattern, file) = arguments.named();
    let project = open(&file)?;
    let mut analyses = project.findings();
    if analyses.iter().all(Vec::is_empty) {
        // Where nothing is known the file is to blame.
        let diagnostics = project.check();
        if !diagnostics.is_empty() {
            return Err(project.mistakes(in_order(diagnostics)).into());
        }
    }
    if let Some(pattern) = pattern {
        choose(&mut analyses, pattern)?;
    }
    let study = &project.pipeline.settings;
    if arguments.json {
        writeln!(out, "{}", report::listing::json(&analyses, study))?;
        return Ok(true);
    }
    list(&project, &analyses, out)
}

/// Keeps the findings that a pattern names. What it names is looked up before
/// any number is hidden, so that nothing can be had by asking.
fn choose(analyses: &mut [Vec<Finding>], pattern: &str) -> Result<(), Trouble> {
    let reference = Reference(pattern);
    let all = || analyses.iter().flatten();
    if reference.among(all()).is_empty() {
        // names of the same analysis are the likelier ones to be meant
        let of_stage = all().filter(|finding| finding.stage() == reference.stage());
        let hint = reference.nearest(of_stage).or_else(|| reference.nearest(all()));
        return Err(Trouble::Other {
            message: format!("there is no finding `{pattern}`"),
            hint: hint.or_else(|| Some("`restudy findings` lists all ids".to_owned())),
        });
    }
    for findings in analyses {
        findings.retain(|finding| reference.names(finding));
    }
    Ok(())
}

fn list(project: &Project, analyses: &[Vec<Finding>], out: &mut dyn Write) -> Done {
    let lines = report::listing::listed(analyses, &project.pipeline.settings);
    let width = |text: &dyn Fn(&report::listing::Listed) -> usize| {
        lines.iter().map(text).max().unwrap_or_default()
    };
    let ids = width(&|line| line.id.chars().count());
    let values = width(&|line| line.value.as_deref().unwrap_or_default().chars().count());
    for line in &lines {
        let value = line.value.as_deref().unwrap_or_default();
        match values {
            // before a run there is no column of values to leave room for
            0 => writeln!(out, "{:ids$}  {}", line.id, line.words)?,
            _ => writeln!(out, "{:ids$}  {value:values$}  {}", line.id, line.words)?,
        }
    }
    let known = lines.iter().filter(|line| line.value.is_some()).count();
    let rest = match lines.len() - known {
        0 => String::new(),
        rest => format!(", {rest} of them not yet computed"),
    };
    writeln!(out, "{}{rest}", super::count(lines.len(), "finding"))?;
    Ok(true)
}
