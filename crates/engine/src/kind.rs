//! The contract between the engine and a kind of stage.
//!
//! The engine knows no kind by name: a program registers kinds, and each is a
//! struct of parameters that says what it reads, what it writes, and how to
//! make the one from the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use study::{Claim, Finding, Output, RawColumn, StudySettings, Table};

use crate::{Mistake, Mistakes, RowEdit, Section, StageId, Unknowns, Work, globs};

/// A kind of stage: its parameters, and what it does with them.
///
/// The doc comment of the struct and of each field become the reference in
/// docs/, the JSON Schema and the text of `restudy help KIND`.
pub trait Kind: DeserializeOwned + Serialize + JsonSchema + Send + Sync + 'static {
    /// The name in `kind:`, the file's name, and the folder of its references.
    const NAME: &'static str;
    /// Raised whenever the same parameters and inputs may give other outputs.
    const VERSION: u32 = 1;

    /// What the stage named `name` reads and writes.
    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring;

    /// The same call as `run` on tables without rows: finds every mistake that
    /// needs no data, and hands on tables of the shape that `run` will make.
    ///
    /// # Errors
    /// Everything that is wrong with the parameters.
    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes>;

    /// How much `run` will have to do on these tables: it is refused before it
    /// begins where that is more than the study lets a stage do. Kinds that
    /// repeat something as often as a parameter says must say so.
    fn work(&self, _call: &Call<'_>) -> Work {
        Work::default()
    }

    /// The files that it reads with rows changed or left out, for `restudy impact`,
    /// which tries such changes out. Kinds of ingest that can write their format say how.
    ///
    /// # Errors
    /// If a row is not there, or the format is not written.
    fn edited(
        &self,
        _call: &Call<'_>,
        _edits: &[RowEdit],
    ) -> Result<BTreeMap<String, Vec<u8>>, Mistake> {
        // The default, so that a new kind of ingest need not write its format before
        // somebody asks.
        let message = format!("files of `kind: {}` cannot be changed for a trial", Self::NAME);
        Err(Mistake::new(message).hint("change a copy of the file, and compare by `restudy diff`"))
    }

    /// The same entry asked for no more than it takes to give this finding, such
    /// as for one variable of many; `restudy explain` then names what that one
    /// reads. None where every finding hangs on all that the entry reads.
    fn narrowed(&self, _finding: &Finding) -> Option<Self> {
        None
    }

    /// Does the work.
    ///
    /// # Errors
    /// Everything that is wrong with the data.
    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes>;
}

/// What a stage reads and writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wiring {
    /// What it reads.
    pub reads: Vec<Read>,
    /// Tables of which it makes a new version.
    pub writes: Vec<String>,
    /// Files it reads, relative to the pipeline file. Those of ingest may be
    /// written with the wildcards `*` and `?`: `Call::matching` says which they are.
    pub files: Vec<String>,
}

/// One thing a stage reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// A table as it stands at this place in the file; for analyses and
    /// reports, as the last cleaning rule left it.
    Table {
        /// Its name.
        name: String,
        /// The parameter that names it, for messages; empty where a default does.
        at: Vec<String>,
    },
    /// Everything but the tables of another stage.
    Stage {
        /// Its name.
        name: String,
        /// The section it must stand in.
        section: Section,
        /// The parameter that names it, for messages.
        at: Vec<String>,
    },
    /// Everything but the tables of all stages of a section.
    Section(Section),
    /// What every report made that reads no other report.
    Exhibits,
    /// The `claims:` section.
    Claims,
    /// Everything but the tables of the analyses whose findings the claims name,
    /// the stage itself left out.
    Claimed,
    /// One claim, and the analysis whose finding it is about: everything of
    /// that but its tables.
    Claim {
        /// Its name.
        name: String,
        /// The parameter that names it, for messages.
        at: Vec<String>,
    },
    /// Where everything comes from: input files, stages, versions.
    Provenance,
    /// The same with what each analysis stands on, [`Origin`]; and everything but
    /// the tables of all stages of ingest, cleaning and analysis, without which
    /// that is not known.
    Origins,
}

/// Where everything comes from, for a table of versions and digests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// SHA-256 of every input file, by path.
    pub inputs: BTreeMap<String, String>,
    /// Every stage, in the order of the file.
    pub stages: Vec<StageOrigin>,
    /// SHA-256 of what the pipeline file says.
    pub pipeline: String,
    /// The name of the pipeline file.
    pub file: String,
    /// What each analysis stands on, by its name; only for what reads `Read::Origins`, when it runs.
    pub origins: BTreeMap<String, Origin>,
}

/// What an analysis stands on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The first and the last line of its entry in the pipeline file, from 1.
    pub lines: [usize; 2],
    /// These lines as they are written, without the indent that all have.
    pub text: String,
    /// The raw columns from which what it read can come.
    pub raw: BTreeSet<RawColumn>,
}

/// What stands behind one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOrigin {
    /// The stage.
    pub id: StageId,
    /// Its kind.
    pub kind: String,
    /// The version of the kind.
    pub version: u32,
    /// The stages that it reads, in the order in which it names them.
    pub reads: Vec<StageId>,
    /// The files that it reads.
    pub files: Vec<String>,
}

impl Read {
    /// A table named by the parameter at `at` (a path such as `["table"]`).
    #[must_use]
    pub fn table(name: &str, at: &[&str]) -> Self {
        Self::Table { name: name.to_owned(), at: path(at) }
    }

    /// A claim named by the parameter at `at`.
    #[must_use]
    pub fn claim(name: &str, at: &[&str]) -> Self {
        Self::Claim { name: name.to_owned(), at: path(at) }
    }

    /// A stage of `section` named by the parameter at `at`.
    #[must_use]
    pub fn stage(name: &str, section: Section, at: &[&str]) -> Self {
        Self::Stage { name: name.to_owned(), section, at: path(at) }
    }
}

impl Read {
    /// Whether it reads what reports made.
    pub(crate) fn is_of_reports(&self) -> bool {
        matches!(
            self,
            Self::Exhibits
                | Self::Section(Section::Report)
                | Self::Stage { section: Section::Report, .. }
        )
    }
}

fn path(at: &[&str]) -> Vec<String> {
    at.iter().map(ToString::to_string).collect()
}

/// What a stage is handed when it runs.
pub struct Call<'a> {
    /// The stage's own name.
    pub name: &'a str,
    /// The settings of the study.
    pub study: &'a StudySettings,
    /// The claims that the stage reads.
    pub claims: &'a [(String, Claim)],
    /// Where everything comes from, where the stage reads it.
    pub provenance: Option<Arc<Provenance>>,
    /// The seed of this stage, derived from the study's seed and the stage's name.
    pub seed: u64,
    /// The tables it reads.
    pub tables: BTreeMap<String, Arc<Table>>,
    /// The stages it reads, without their tables, in the order of the file.
    pub stages: Vec<(String, Section, Arc<Output>)>,
    /// The files it reads, by their path.
    pub files: BTreeMap<String, Arc<Vec<u8>>>,
    /// Where it notes conditions that missing values leave open.
    pub unknowns: Unknowns,
}

/// The seed of a stage: from the study's seed and the stage's name, so that
/// adding a stage changes no other stage's numbers.
pub(crate) fn seed_of(seed: u64, id: &StageId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    // Of one order of bytes, so that the numbers drawn are the same on every machine.
    hasher.update(&seed.to_le_bytes());
    hasher.update(id.to_string().as_bytes());
    let digest = hasher.finalize();
    let head = digest.as_bytes().first_chunk::<8>().expect("invariant: a digest has 32 bytes");
    u64::from_le_bytes(*head)
}

impl Call<'_> {
    /// The seed of a stage that draws as the entry `draws` of `analyze` does,
    /// so that both have the same random numbers; its own without one.
    #[must_use]
    pub fn seed_for(&self, draws: Option<&str>) -> u64 {
        let id = |name: &str| StageId { section: Section::Analyze, name: name.to_owned() };
        // Two analyses that are compared must not differ by their draws.
        draws.map_or(self.seed, |name| seed_of(self.study.seed, &id(name)))
    }

    /// A table of the wiring.
    ///
    /// # Panics
    /// If the wiring does not name it: a bug in the kind.
    #[must_use]
    pub fn table(&self, name: &str) -> &Table {
        self.tables.get(name).expect("invariant: a kind reads the tables of its wiring")
    }

    /// The output of a stage of the wiring.
    ///
    /// # Panics
    /// If the wiring does not name it: a bug in the kind.
    #[must_use]
    pub fn stage(&self, name: &str) -> &Output {
        let found = self.stages.iter().find(|(stage, _, _)| stage == name);
        &found.expect("invariant: a kind reads the stages of its wiring").2
    }

    /// The outputs of all stages of a section that the wiring reads, in order.
    pub fn section(&self, section: Section) -> impl Iterator<Item = (&str, &Output)> {
        self.stages
            .iter()
            .filter(move |(_, of, _)| *of == section)
            .map(|(name, _, output)| (name.as_str(), output.as_ref()))
    }

    /// How many rows the analysis table has.
    ///
    /// # Panics
    /// If the wiring does not name it: a bug in the kind.
    #[must_use]
    pub fn patients(&self) -> usize {
        self.table(&self.study.analysis_table).height()
    }

    /// The content of a file of the wiring.
    ///
    /// # Panics
    /// If the wiring does not name it: a bug in the kind.
    #[must_use]
    pub fn file(&self, path: &str) -> &[u8] {
        self.files.get(path).expect("invariant: a kind reads the files of its wiring")
    }

    /// The files that a path of the wiring means: itself, or all that match its
    /// wildcards, by name.
    #[must_use]
    pub fn matching(&self, path: &str) -> Vec<&str> {
        let found = self.files.keys().filter(|file| globs::matches(path, file));
        found.map(String::as_str).collect()
    }

    /// Checks that a table has a column; on a miss the mistake points at the
    /// parameter and offers the nearest name.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn require_column(&self, table: &str, column: &str, at: &[&str]) -> Result<(), Mistake> {
        // whoever needs a column reads it: its type, which in a rehearsal declares the read
        if self.table(table).data_type(column).is_some() {
            return Ok(());
        }
        let names = self.table(table).names();
        Err(Mistake::at(at, format!("table `{table}` has no column `{column}`"))
            .hint_nearest(column, names.iter().map(String::as_str))
            .about_a_column())
    }
}
