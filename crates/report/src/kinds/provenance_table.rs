//! `provenance_table`: the seed, the digests of the inputs, and the stages
//! with the versions of their kinds.

use engine::{Call, Kind, Mistakes, Provenance, Read, Section, StageOrigin, Wiring};
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
        // So that whoever doubts a file can check it without this program.
        table.note("Digests are SHA-256, as sha256sum prints them.");
        table.note("That of the pipeline is taken of its values, so that comments do not count.");
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

fn table(provenance: &Provenance, study: &StudySettings) -> PrintedTable {
    let mut table = PrintedTable::of(vec![
        Column::words("item", ""),
        Column::words("version", "Version"),
        Column::words("value", "Digest, seed or entries"),
    ]);
    let mut row = |item: Cell, version: &str, value: Cell| {
        table.rows.push(Row::values(vec![item, Cell::text(version), value]));
    };
    // The version of the crate, not a commit: the same sources must give the same bytes outside a
    // repository.
    row(Cell::text("restudy"), env!("CARGO_PKG_VERSION"), Cell::default());
    row(Cell::text("Seed of the study"), "", Cell::text(study.seed.to_string()));
    row(Cell::text("Pipeline"), "", Cell::code(&provenance.pipeline));
    table.rows.push(Row::section("Inputs"));
    for (path, digest) in &provenance.inputs {
        let cells = vec![Cell::code(path), Cell::default(), Cell::code(digest)];
        table.rows.push(Row::values(cells));
    }
    stages(&mut table, provenance);
    table
}

/// The kinds of each section, in the order in which the file first uses them,
/// with the entries that are of the kind.
fn stages(table: &mut PrintedTable, provenance: &Provenance) {
    let mut kinds: Vec<(Section, &str, u32, Vec<&str>)> = Vec::new();
    for StageOrigin { id, kind, version, .. } in &provenance.stages {
        // A kind is one row with all entries of it: a study has hundreds of stages and few kinds.
        match kinds.iter_mut().find(|known| known.0 == id.section && known.1 == kind) {
            Some((_, _, _, names)) => names.push(&id.name),
            None => kinds.push((id.section, kind, *version, vec![&id.name])),
        }
    }
    let mut heading = None;
    for (section, kind, version, names) in kinds {
        if heading != Some(section) {
            heading = Some(section);
            table.rows.push(Row::section(&format!("Kinds of stages: {section}")));
        }
        let cells =
            [Cell::code(kind), Cell::text(version.to_string()), Cell::code(names.join(", "))];
        table.rows.push(Row::values(cells.into()));
    }
}
