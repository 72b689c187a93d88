//! `restudy check`.

use std::io::Write;

use super::{Done, in_order, open};
use crate::arguments::File;

/// Says everything that is wrong with the pipeline file.
pub(crate) fn check(arguments: &File, out: &mut dyn Write) -> Done {
    let project = open(&arguments.file)?;
    let diagnostics = project.check();
    if !diagnostics.is_empty() {
        return Err(project.mistakes(in_order(diagnostics)).into());
    }
    let stages = project.pipeline.stage_ids().count();
    writeln!(
        out,
        "{}: {}, {}, no mistakes",
        project.source().0,
        counted(stages, "stages"),
        counted(project.pipeline.claims.len(), "claims")
    )?;
    Ok(true)
}

/// So many, such as `1 claim`.
fn counted(number: usize, plural: &str) -> String {
    study::numbered(&number.to_string(), plural)
}
