//! `provenance_table`: the seed, the digests of the inputs, and the stages
//! with the versions of their kinds.

use engine::{Call, Kind, Mistakes, Provenance, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use crate::table::{Cell, Column, PrintedTable, Row, finish};

/// A table of where everything comes from: the program's version, the seed,
/// the SHA-256 of the pipeline file and of every input, and each stage with
/// its kind.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenanceTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Seeds, digests and versions".to_owned()
}

impl Kind for ProvenanceTable {
    const NAME: &'static str = "provenance_table";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::Provenance], ..Wiring::default() }
    }

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let provenance = call.provenance.as_deref().expect("invariant: the wiring reads it");
        let mut table = table(provenance, call.study);
        table.note("Digests are SHA-256: `sha256sum FILE` gives the same.".replace('`', ""));
        table.note("That of the pipeline is taken of its values, so that comments do not count.");
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

fn table(provenance: &Provenance, study: &StudySettings) -> PrintedTable {
    let mut table = PrintedTable::of(vec![
        Column::words("item", ""),
        Column::words("kind", "Kind"),
        Column::words("value", "Version, seed or digest"),
    ]);
    table.rows.push(Row::section("Program"));
    let program = format!("restudy {}", env!("CARGO_PKG_VERSION"));
    table.rows.push(row("Program", "", Cell::text(program)));
    table.rows.push(row("Seed of the study", "", Cell::text(study.seed.to_string())));
    table.rows.push(row("Pipeline", "", Cell::code(&provenance.pipeline)));
    table.rows.push(Row::section("Inputs"));
    for (path, digest) in &provenance.inputs {
        let cells = vec![Cell::code(path), Cell::default(), Cell::code(digest)];
        table.rows.push(Row::values(cells));
    }
    table.rows.push(Row::section("Stages"));
    for (stage, kind, version) in &provenance.stages {
        let version = Cell::text(format!("version {version}"));
        table.rows.push(Row::values(vec![Cell::code(stage), Cell::code(kind), version]));
    }
    table
}

fn row(label: &str, kind: &str, value: Cell) -> Row {
    Row::values(vec![Cell::text(label), Cell::text(kind), value])
}
