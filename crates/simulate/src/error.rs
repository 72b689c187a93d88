//! What can go wrong while simulating and writing the export.

use std::path::PathBuf;

/// A failure of the generator.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// No seed of the row reached every published number.
    #[error(
        "failed to calibrate: none of {seeds} seeds from {first_seed} reaches every published number"
    )]
    NotCalibrated {
        /// The first seed tried.
        first_seed: u64,
        /// How many were tried.
        seeds: u64,
    },
    /// A file could not be written.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
