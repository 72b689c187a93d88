//! What is wrong, on screen: each mistake with its place, the line it stands
//! in, and what to do.

use std::io::{self, Write};

use engine::{Diagnostic, Failure};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};
use study::revealed;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The engine says why.
    Failure(Failure),
    /// Some stages failed, and what the others made was published.
    Partly(Failure),
    /// Something else, in words, with what to do.
    Other { message: String, hint: Option<String> },
    /// The screen itself is gone.
    Screen,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<io::Error> for Trouble {
    // meant for writing to the screen: errors of files are told with their path
    fn from(_: io::Error) -> Self {
        Self::Screen
    }
}

/// Writes what is wrong.
pub(crate) fn show(trouble: &Trouble, err: &mut dyn Write) -> io::Result<()> {
    match trouble {
        Trouble::Failure(Failure::Mistakes { file, source_text, diagnostics }) => {
            show_mistakes((file, source_text), diagnostics, "nothing was written", err)
        }
        Trouble::Partly(Failure::Mistakes { file, source_text, diagnostics }) => {
            let ending =
                "what needs none of these stages was written, and the lock is the former one";
            show_mistakes((file, source_text), diagnostics, ending, err)
        }
        Trouble::Failure(failure) | Trouble::Partly(failure) => {
            show_plain(&failure.to_string(), hint_for(failure), err)
        }
        Trouble::Other { message, hint } => show_plain(message, hint.as_deref(), err),
        Trouble::Screen => Ok(()),
    }
}

fn show_mistakes(
    (file, source): (&str, &str),
    diagnostics: &[Diagnostic],
    ending: &str,
    err: &mut dyn Write,
) -> io::Result<()> {
    for diagnostic in diagnostics {
        write!(err, "{}", drawn(file, source, diagnostic))?;
    }
    let count = match diagnostics.len() {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    writeln!(err, "{count} in {file}: {ending}")
}

fn show_plain(message: &str, hint: Option<&str>, err: &mut dyn Write) -> io::Result<()> {
    writeln!(err, "error: {}", revealed(message))?;
    match hint {
        Some(hint) => writeln!(err, " help: {}", revealed(hint)),
        None => Ok(()),
    }
}

fn hint_for(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::Tampered { .. } => Some(
            "a run never overwrites what somebody changed: keep a copy of the change, then `restudy run --overwrite` puts the study's own version back",
        ),
        // asked first, since a lock with the marks of a merge is a damaged one too
        Failure::Lock { source, .. } if source.is_unmerged() => Some(
            "the lock follows from the rest: merge pipeline.yaml and the raw files, take the lock of either side (`git checkout --ours pipeline.lock`), and `restudy run` writes that of both",
        ),
        Failure::Lock { .. } => Some(
            "restore it from version control, or delete it to accept the next run as the first",
        ),
        Failure::Occupied { .. } => Some(
            "a run writes over nothing that it did not make: move it elsewhere, or `restudy run --overwrite` replaces it",
        ),
        Failure::Taken { .. } => Some(
            "give the outputs of one of the two files other paths, or take the other file away",
        ),
        Failure::SharedLock { .. } => Some("rename one of the two files, or take it away"),
        Failure::Obstacle { .. } => {
            Some("take out of the way what stands there, or give the output another path")
        }
        Failure::NotOfLock { .. } => Some("`restudy run` makes outputs and lock of what is there"),
        Failure::NoLock { .. } => Some("`restudy run` makes the outputs and the lock"),
        // from here on by the cause, after the failures that have a name of their own
        failure if failure.is_of_a_place_to_read() => Some(
            "a run writes `.restudy`, the outputs and the lock beside the pipeline file: copy the study to where that may be; `check`, `status` and `verify` write nothing",
        ),
        failure if failure.is_of_a_full_disk() => Some(
            "nothing is lost, and the next run goes on from here; `.restudy` may be taken away to make room",
        ),
        Failure::File { doing: "read", reason, .. } if reason == "there is no such file" => {
            Some("name the pipeline file: `restudy run path/to/pipeline.yaml`")
        }
        _ => None,
    }
}

/// One mistake with its line of the pipeline file. Cells of raw files stand in messages: what a
/// terminal would obey, and what nobody sees, is spelled out.
fn drawn(file: &str, source: &str, diagnostic: &Diagnostic) -> String {
    let stage = diagnostic.stage.as_deref().map(|stage| format!("{stage}: ")).unwrap_or_default();
    let raw = diagnostic.raw_place.as_deref().map(|place| format!("{place}: ")).unwrap_or_default();
    let mut drawing = MietteDiagnostic::new(format!("{stage}{raw}{}", diagnostic.message));
    let help: Vec<String> = diagnostic.hint.iter().cloned().chain(diagnostic.elsewhere()).collect();
    if !help.is_empty() {
        drawing = drawing.with_help(help.join("\n"));
    }
    // line 0 stands for the file as a whole
    if diagnostic.place.line > 0 {
        // the file may have been saved again, and be shorter, since it was read
        let offset = diagnostic.place.offset.min(source.len());
        let length = diagnostic.place.length.min(source.len() - offset);
        // a place that spans lines is shown by its first
        let length = source[offset..offset + length].find('\n').unwrap_or(length);
        drawing = drawing.with_label(LabeledSpan::new(None, offset, length));
    }
    let report = Report::new(drawing).with_source_code(NamedSource::new(file, source.to_owned()));
    let mut text = String::new();
    // one width and no colours, so that messages are the same on every screen and in
    // every test
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_context_lines(1);
    match handler.render_report(&mut text, report.as_ref()) {
        Ok(()) => revealed(&text).into_owned(),
        Err(_) => revealed(&format!("{file}:{diagnostic}\n")).into_owned(),
    }
}
