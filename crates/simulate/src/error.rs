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
    /// The truth recovered from the cleaned cells is not the calibrated course.
    #[error(
        "failed to keep the course of `{record_id}`: its {field} is `{found}` after cleaning, calibrated `{calibrated}`"
    )]
    EndpointChanged {
        /// Whose.
        record_id: String,
        /// Which value.
        field: &'static str,
        /// After cleaning.
        found: String,
        /// As calibrated.
        calibrated: String,
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
