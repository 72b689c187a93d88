//! The commands, one file each.

mod bundle;
mod check;
mod claims;
mod diff;
mod explain;
mod export;
mod findings;
mod impact;
mod kinds;
mod qc;
mod run;
mod status;
mod trace;
mod verify;

use std::io::Write;
use std::path::Path;

use engine::Project;

use crate::screen::Trouble;

pub(crate) use bundle::bundle;
pub(crate) use check::check;
pub(crate) use claims::claims;
pub(crate) use diff::diff;
pub(crate) use explain::explain;
pub(crate) use export::export;
pub(crate) use findings::findings;
pub(crate) use impact::impact;
pub(crate) use kinds::kinds;
pub(crate) use qc::qc;
pub(crate) use run::run;
pub(crate) use status::status;
pub(crate) use trace::trace;
pub(crate) use verify::verify;

/// What git does to text where it is set to convert line ends.
const ONLY_LINE_ENDS: &str = "only its line ends differ from those of the last accepted run, as git leaves them when it converts text";

/// Whether all is well, or why the command came to nothing.
pub(crate) type Done = Result<bool, Trouble>;

/// Prints a text.
pub(crate) fn print(out: &mut dyn Write, text: &str) -> Done {
    out.write_all(text.as_bytes())?;
    Ok(true)
}

/// A project without mistakes in its file, or all of them, those of the
/// rehearsal included.
fn open(file: &Path) -> Result<Project, Trouble> {
    let (project, mut diagnostics) = Project::open(&crate::registry(), file, crate::PROGRAM)?;
    match project {
        Some(project) if diagnostics.is_empty() => Ok(project),
        Some(project) => {
            // the rehearsal too, so that one call tells all mistakes
            diagnostics.extend(project.check());
            Err(project.mistakes(in_order(diagnostics)).into())
        }
        None => {
            // no project has the text, in whose lines the mistakes are shown
            let source = std::fs::read_to_string(file)?;
            let source_text = source.trim_start_matches('\u{feff}').to_owned();
            Err(engine::Failure::Mistakes {
                file: file.display().to_string(),
                source_text,
                diagnostics,
            }
            .into())
        }
    }
}

fn in_order(mut diagnostics: Vec<engine::Diagnostic>) -> Vec<engine::Diagnostic> {
    diagnostics.sort();
    // reading and rehearsal may find the same one
    diagnostics.dedup();
    diagnostics
}

/// A duration as a person reads it.
fn seconds(took: std::time::Duration) -> String {
    if took.as_millis() < 1000 {
        format!("{} ms", took.as_millis())
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

/// `1 file`, `2 files`.
pub(crate) fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}
