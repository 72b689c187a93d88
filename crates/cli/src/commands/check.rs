//! `restudy check`.

use std::io::Write;

use super::{Done, in_order, open};
use crate::arguments::File;

/// Says everything that is wrong with the pipeline file, and of one without mistakes
/// what nothing prints and how much a run has to do.
pub(crate) fn check(arguments: &File, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    let noted = project.check_and_note();
    let notes = noted.map_err(|found| project.mistakes(in_order(found)))?;
    let stages = project.pipeline.stage_ids().count();
    writeln!(
        out,
        "{}: {}, {}, no mistakes",
        project.source().0,
        counted(stages, "stages"),
        counted(project.pipeline.claims.len(), "claims")
    )?;
    for note in notes {
        writeln!(out, "noted    {note}")?;
    }
    Ok(true)
}

/// So many, such as `1 claim`.
fn counted(number: usize, plural: &str) -> String {
    study::numbered(&number.to_string(), plural)
}
