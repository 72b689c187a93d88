//! What can be written behind `restudy`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    ///
    /// Of a file without mistakes it says which analyses no report, claim or text names, and how
    /// much work a run is, where that is more than a moment's.
    Check(File),
    /// Say what is stale, and why, without running anything.
    ///
    /// Exit code 1 if an output was changed by hand; with --exit-code if a run would find
    /// anything to do.
    Status(Status),
    /// Make everything again in a fresh folder and compare it with the lock and
    /// the files, byte by byte.
    ///
    /// Nothing is written. Exit code 1 if anything differs; the differing lines
    /// are shown. Of a bundle every digest is compared, and every byte that is no content.
    Verify(Verify),
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
    /// Tell everything about one patient: raw rows, what each rule did with them, the row of the
    /// analysis table, the analyses in which he counts, and how far the main numbers go without him.
    ///
    /// Refused under `tier: aggregate` and `tier: pseudonymised`.
    Trace(Trace),
    /// Say what differs between two runs of a study, and where they part.
    ///
    /// Each side is a study's folder, its pipeline file or lock, a folder with a findings.csv,
    /// or a revision of git (`HEAD~1`, `v1:studies/a/pipeline.yaml`). Definitions come before
    /// raw cells, and these before numbers. Exit code 0 if nothing differs, 1 if something
    /// does, 2 if a side cannot be read.
    Diff(Diff),
    /// Compare the results of a second program for the same study with the findings of the last run.
    ///
    /// By id: which numbers agree, which differ and by how much, and which only one side has.
    /// Exit code 0 if all that both have agrees, 1 if a number differs or the file has an id that
    /// the study does not know, 2 if a side cannot be read.
    Qc(Qc),
    /// Try out a change, and say which findings move, by how much, and which conclusions turn.
    ///
    /// Nothing is written. A cell is set in the raw file as the patient's rows have it, and
    /// everything behind it is made again.
    Impact(Impact),
    /// Write the findings of the last run in a format that other programs load.
    Export(Export),
    /// Write the study as one zip archive to hand on: what the last accepted run read and made.
    ///
    /// Beside it stand ro-crate-metadata.json, codecheck.yml, a README for replication and a
    /// statement of all digests. Data are in it under `tier: open` and `internal`, and else their
    /// digests alone. Authors, licence and day of release are those of CITATION.cff beside the
    /// pipeline file. The same study gives the same bytes.
    Bundle(Bundle),
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
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) file: File,
    /// End with exit code 1 unless everything is made and nothing was changed since.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The pipeline file, or a bundle (a zip archive).
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
    /// Of a bundle that holds the data: unpack it in a fresh folder, and make everything again.
    #[arg(long)]
    pub(crate) again: bool,
    /// Of a bundle: the public key (Ed25519, PEM) by which it has to be signed.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(subcommand)]
    pub(crate) what: ExportAs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportAs {
    /// Analysis results data, one row a number, in the columns of the R package cards.
    Ard(Ard),
    /// CDISC's Analysis Results Standard, version 1: each finding once.
    Ars(Ars),
}

#[derive(Debug, Args)]
pub(crate) struct Ard {
    #[command(flatten)]
    pub(crate) file: File,
    /// Dataset-JSON 1.1, or CSV.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(crate) format: Format,
    /// The file to write [default: the screen].
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Ars {
    #[command(flatten)]
    pub(crate) file: File,
    /// The file to write [default: the screen].
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Csv,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Bundle {
    /// The pipeline file.
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
    /// The archive to write.
    #[arg(long, short, value_name = "FILE", default_value = "study.zip")]
    pub(crate) output: PathBuf,
    /// The private key (Ed25519, PEM) by which the statement of all digests is signed.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The pipeline file [default: pipeline.yaml], and the stages to make with all that they
    /// need, such as `pfs_by_rt` or `report.efigure_*` [default: all]. What some stages make is
    /// published, and the lock stays the former one.
    #[arg(value_name = "FILE or STAGE")]
    pub(crate) names: Vec<String>,
    /// Say what would run, and why, and which outputs that may change; nothing is written.
    #[arg(long)]
    pub(crate) dry_run: bool,
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

impl Run {
    /// The pipeline file and the names of stages: a name is a file's where it ends like one or
    /// stands there as one.
    ///
    /// # Errors
    /// With the second of two files.
    pub(crate) fn named(&self) -> Result<(PathBuf, Vec<String>), String> {
        let is_file = |name: &String| {
            let path = PathBuf::from(name);
            // a misspelt file is told as one that is not there, not as a stage of that name
            path.extension().is_some_and(|end| end == "yaml" || end == "yml") || path.is_file()
        };
        let (files, stages): (Vec<String>, Vec<String>) =
            self.names.iter().cloned().partition(is_file);
        match files.as_slice() {
            [] => Ok((PathBuf::from("pipeline.yaml"), stages)),
            [file] => Ok((PathBuf::from(file), stages)),
            [_, second, ..] => Err(second.clone()),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Id of the finding, as in reports/results/findings.csv.
    pub(crate) finding: String,
    /// The pipeline file.
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
    /// Say of each patient behind the number what entered, and go back to the cells of the raw
    /// files. Rows of patients leave the study's store with this; refused under `tier: aggregate`.
    #[arg(long)]
    pub(crate) rows: bool,
    /// All of it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// The patient, as the cleaned tables name him.
    pub(crate) patient: String,
    /// The pipeline file.
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
    /// Leave out the trial without him, which makes the analyses behind the claims again.
    #[arg(long)]
    pub(crate) no_influence: bool,
    /// Findings for which his influence is told [default: those that claims are about].
    #[arg(long, value_name = "ID")]
    pub(crate) of: Vec<String>,
    /// All of it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
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
pub(crate) struct Diff {
    /// The first side, such as `HEAD`.
    pub(crate) first: String,
    /// The second side.
    #[arg(default_value = ".")]
    pub(crate) second: String,
    /// How far numbers may be apart and still be the same, relative to the larger: `1e-9` for
    /// all, `ratio=1e-6` for one quantity; may be given several times [default: 0].
    #[arg(long)]
    pub(crate) tolerance: Vec<String>,
    /// All of it as JSON, at full precision.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a page with both sides beside one another to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Qc {
    /// CSV with the columns `id` and `value`, and `lower` and `upper` for limits; `NA` says that a
    /// number cannot be had, an empty limit that it was not computed.
    #[arg(value_name = "FILE")]
    pub(crate) results: PathBuf,
    /// The pipeline file, or a folder with a findings.csv.
    #[arg(default_value = "pipeline.yaml", value_name = "PIPELINE")]
    pub(crate) file: PathBuf,
    /// How far numbers may be apart and still be the same, relative to the larger: `1e-9` for
    /// all, `ratio=1e-6` for one quantity; may be given several times [default: 1e-6].
    #[arg(long)]
    pub(crate) tolerance: Vec<String>,
    /// All of it as JSON, at full precision.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Impact {
    /// The pipeline file.
    #[arg(default_value = "pipeline.yaml")]
    pub(crate) file: PathBuf,
    /// Set a raw cell: `followup[P-047].death_date=2021-03-05`; nothing behind `=` empties it.
    #[arg(long, value_name = "CELL=VALUE")]
    pub(crate) set: Vec<String>,
    /// Leave out a patient, with all rows.
    #[arg(long, value_name = "PATIENT")]
    pub(crate) drop: Vec<String>,
    /// Leave out a rule of `clean`: `--rule NAME off`.
    #[arg(long, num_args = 2, value_names = ["NAME", "off"])]
    pub(crate) rule: Vec<String>,
    /// Set a parameter: `pfs_unadjusted.ties=breslow`, `study.seed=7`.
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) parameter: Vec<String>,
    /// A file of changes, one a line: `set …`, `drop …`, `rule NAME off`, `parameter …`.
    #[arg(long, value_name = "FILE")]
    pub(crate) edits: Option<PathBuf>,
    /// Empty each cell of a raw column in turn, and list the most influential ones.
    // each cell is tried alone: another change beside it would be counted as its
    // influence
    #[arg(long, value_name = "TABLE.COLUMN", conflicts_with_all = ["set", "drop", "rule", "parameter", "edits"])]
    pub(crate) each_cell: Option<String>,
    /// Look at these findings only, such as `pfs_unadjusted.*` [default: all; of each cell of a
    /// column those that claims are about].
    #[arg(long, value_name = "ID")]
    pub(crate) of: Vec<String>,
    /// All of it as JSON, at full precision.
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
