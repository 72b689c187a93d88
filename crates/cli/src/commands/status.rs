//! `restudy status`.

use std::io::Write;

use engine::{Planned, Standing, Status};

use super::{Done, ONLY_LINE_ENDS, count, open};
use crate::arguments;

/// Says what is stale, and why.
pub(crate) fn status(arguments: &arguments::Status, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file.file)?;
    let status = project.status()?;
    for planned in &status.stages {
        write_stage(planned, out)?;
    }
    for path in &status.tampered {
        writeln!(out, "TAMPERED  {path}: it was changed since the last run made it")?;
    }
    for path in &status.missing {
        writeln!(out, "missing   {path}")?;
    }
    for path in &status.line_ends {
        writeln!(out, "line ends {path}: {ONLY_LINE_ENDS}")?;
    }
    if !status.line_ends.is_empty() {
        let advice = "`.gitattributes` with the line `* -text` keeps git from it: then check the files out again";
        writeln!(out, "          {advice}")?;
    }
    for path in &status.unaccepted {
        writeln!(
            out,
            "another   {path}: it is of a run of this study, and not of the one in the lock"
        )?;
    }
    if status.unfinished {
        let advice = "a run was interrupted while it published: `restudy run` finishes that";
        writeln!(out, "unfinished  {advice}")?;
    }
    if !status.locked {
        writeln!(out, "unlocked  no run was accepted yet: there is no lock")?;
    }
    write_summary(&status, out)?;
    // staleness is a usual state while one works; a changed output is not
    Ok(if arguments.exit_code { status.is_fresh() } else { status.tampered.is_empty() })
}

/// Writes where a stage stands, unless it is fresh.
pub(crate) fn write_stage(planned: &Planned, out: &mut dyn Write) -> std::io::Result<()> {
    let id = planned.id.to_string();
    match &planned.standing {
        Standing::Fresh => Ok(()),
        Standing::Restored => writeln!(out, "restored  {id}: an earlier result holds"),
        Standing::Stale(reasons) => {
            writeln!(out, "stale     {id}: {}", reasons.first().map_or("", String::as_str))?;
            for reason in reasons.iter().skip(1) {
                writeln!(out, "          {:width$}  {reason}", "", width = id.len())?;
            }
            Ok(())
        }
        Standing::Waiting(needs) => {
            let names: Vec<String> = needs.iter().map(ToString::to_string).collect();
            let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let more = if names.len() > 3 {
                format!(" and {} more", names.len() - 3)
            } else {
                String::new()
            };
            writeln!(out, "waiting   {id}: for {shown}{more}")
        }
    }
}

fn write_summary(status: &Status, out: &mut dyn Write) -> std::io::Result<()> {
    if status.is_fresh() {
        return writeln!(out, "{}, all fresh: nothing to do", count(status.stages.len(), "stage"));
    }
    let fresh = status.stages.iter().filter(|stage| stage.standing == Standing::Fresh).count();
    writeln!(out, "{}, {fresh} fresh", count(status.stages.len(), "stage"))
}
