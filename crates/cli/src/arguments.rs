//! What can be written behind `restudy`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Reruns a whole study from its raw data.
///
/// A pipeline file says what the study is: which raw files are read, how they
/// are cleaned, what is analysed, and which figures and tables come out. One
/// command makes all of it again, byte for byte.
#[derive(Debug, Parser)]
#[command(
    name = "restudy",
    version,
    max_term_width = 100,
    after_help = "\
Start with:
  restudy check      to see whether pipeline.yaml is right
  restudy run        to make every figure and table of it
  restudy kinds      to see what can stand in it

Exit codes: 0 all is well; 1 something is wrong, and said; 2 the arguments are not understood."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make everything that is stale, and write the lock.
    ///
    /// Only what changed is made again: a stage runs if its parameters, its
    /// inputs or the program changed. The outputs are replaced all at once when
    /// every stage went well; if one fails, the last good outputs stay.
    Run(Run),
    /// Say everything that is wrong with the pipeline file, without running it.
    Check(File),
    /// Say what is stale, and why, without running anything.
    Status(File),
    /// Make everything again in a fresh folder and compare it with the lock and
    /// the files, byte by byte.
    ///
    /// Nothing is written. Exit code 1 if anything differs; the differing lines
    /// are shown.
    Verify(File),
    /// Say where a number comes from: its method, the patients behind it, the
    /// stages and the raw files.
    Explain(Explain),
    /// List the ids of findings with their words: before a run those that it will
    /// give, after it with their values.
    Findings(Findings),
    /// Say how the claims stand to the recomputed numbers of the last run, and published
    /// numbers to each other.
    ///
    /// The second needs no data: a file with `study:` and `claims:` alone will do. Exit code
    /// 0 if nothing contradicts, 1 if something does (or the file is wrong), 2 if the arguments
    /// are not understood. What is unusual, or cannot be checked, is told and is no contradiction.
    Claims(Claims),
    /// Print the JSON Schema of the pipeline file, for completion in editors.
    Schema,
    /// List the kinds of stages, or describe the parameters of one.
    Kinds(Kinds),
}

#[derive(Debug, Args)]
pub(crate) struct File {
    /// The pipeline file.
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) file: File,
    /// Run every stage, stale or not.
    #[arg(long)]
    pub(crate) force: bool,
    /// Put back outputs that were changed by hand since the last run, and write over files that
    /// stand where outputs are to be.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Publish what went well though other stages failed; the lock stays the former one.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Threads to use [default: one a processor]; the results are the same with any number.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Say only what was made and what is wrong.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Id of the finding, as in reports/results/findings.csv.
    pub(crate) finding: String,
    /// The pipeline file.
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
    /// List the patients behind the number. Their ids leave the study's store with this.
    #[arg(long)]
    pub(crate) patients: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Findings {
    /// Ids to list, such as `pfs_by_rt.median.*`: `*` stands for any part, at the
    /// end for all that follow [default: all].
    pub(crate) pattern: Option<String>,
    /// The pipeline file [default: pipeline.yaml]; may stand alone.
    pub(crate) file: Option<PathBuf>,
    /// As JSON at full precision, with methods and warnings in words.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Findings {
    /// The pattern and the pipeline file: a file that stands alone is no pattern.
    pub(crate) fn named(&self) -> (Option<&str>, PathBuf) {
        let default = || PathBuf::from("pipeline.yaml");
        match (&self.pattern, &self.file) {
            (Some(alone), None) if PathBuf::from(alone).is_file() => (None, alone.into()),
            (pattern, file) => (pattern.as_deref(), file.clone().unwrap_or_else(default)),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Claims {
    #[command(flatten)]
    pub(crate) file: File,
    /// What that says of the 21 checks of INSPECT-SR, and which of them need a person.
    #[arg(long)]
    pub(crate) inspect: bool,
    /// As JSON at full precision.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Kinds {
    /// The kind to describe, such as `kaplan_meier`.
    pub(crate) kind: Option<String>,
    /// The whole reference as Markdown.
    #[arg(long, conflicts_with = "kind")]
    pub(crate) markdown: bool,
}
