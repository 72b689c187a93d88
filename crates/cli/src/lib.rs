//! The command line of `restudy`: arguments, the registry of all kinds, and
//! errors on screen. Everything else is done elsewhere.

mod arguments;
mod bundle;
mod commands;
mod reference;
mod screen;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;
use engine::{Registry, Section};

use arguments::{Arguments, Command};

/// Digest of the program's sources.
const PROGRAM: &str = env!("RESTUDY_PROGRAM");

/// Every kind that the program offers.
#[must_use]
pub fn registry() -> Registry {
    let mut registry = Registry::new();
    ingest::register(&mut registry);
    clean::register(&mut registry);
    analyze::register(&mut registry);
    report::register(&mut registry);
    registry
}

/// The reference of all kinds as Markdown, as it stands in docs/reference.md.
#[must_use]
pub fn reference() -> String {
    reference::markdown(&registry())
}

/// The JSON Schema of the pipeline file, as it stands in docs/pipeline.schema.json.
#[must_use]
pub fn schema() -> String {
    let schema = engine::pipeline_schema(&registry());
    let mut text =
        serde_json::to_string_pretty(&schema).expect("invariant: plain values always serialise");
    text.push('\n');
    text
}

/// Runs the program: results go to `out`, progress and mistakes to `err`.
/// Returns the exit code: 0 if all went well, 1 if something is wrong, 2 if the
/// arguments are not understood.
pub fn run<I>(arguments: I, out: &mut (dyn Write + Send), err: &mut (dyn Write + Send)) -> u8
where
    I: IntoIterator,
    I::Item: Into<OsString> + Clone,
{
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // asked for, help is an answer and goes to where answers go
            let help = !error.use_stderr();
            let rendered = error.render().ansi().to_string();
            let written = if help { write!(out, "{rendered}") } else { write!(err, "{rendered}") };
            return if help && written.is_ok() { 0 } else { 2 };
        }
    };
    let done = match &arguments.command {
        Command::Run(run) => commands::run(run, out, err),
        Command::Check(file) => commands::check(file, out),
        Command::Status(file) => commands::status(file, out),
        Command::Verify(verify) => commands::verify(verify, out, err),
        Command::Explain(explain) => commands::explain(explain, out),
        Command::Claims(claims) => commands::claims(claims, out),
        Command::Findings(findings) => commands::findings(findings, out),
        Command::Diff(diff) => commands::diff(diff, out),
        Command::Qc(qc) => commands::qc(qc, out),
        Command::Export(export) => commands::export(export, out),
        Command::Bundle(bundle) => commands::bundle(bundle, out),
        Command::Impact(impact) => commands::impact(impact, out),
        Command::Trace(trace) => commands::trace(trace, out),
        Command::Schema => commands::print(out, &schema()),
        Command::Kinds(kinds) => commands::kinds(kinds, out),
    };
    match done {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(trouble) => {
            // nowhere left to say it
            let _ = screen::show(&trouble, err);
            // a difference is an answer of `diff` and `qc`, not trouble
            if matches!(arguments.command, Command::Diff(_) | Command::Qc(_)) { 2 } else { 1 }
        }
    }
}

/// The sections in the order of the data, for listings.
const SECTIONS: [Section; 4] = Section::ALL;
