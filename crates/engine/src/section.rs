//! The sections of the pipeline file that hold stages.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A section of the pipeline file that holds stages, in the order of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Raw files to typed tables.
    Ingest,
    /// Tables to one row per patient.
    Clean,
    /// Columns to findings.
    Analyze,
    /// Findings to figures, tables and pages.
    Report,
}

impl Section {
    /// All sections in the order of the data.
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Clean, Self::Analyze, Self::Report];

    /// The key of the section in the pipeline file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Clean => "clean",
            Self::Analyze => "analyze",
            Self::Report => "report",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.key())
    }
}
