//! The kinds of stage under `ingest:`, one file each.

mod csv;
mod parquet;
mod xlsx;

pub use csv::{Csv, Delimiter};
pub use parquet::Parquet;
pub use xlsx::{NumberFormats, Xlsx};

use engine::{Registry, Section};

/// Offers every kind of this crate.
pub fn register(registry: &mut Registry) {
    registry.register::<Csv>(Section::Ingest);
    registry.register::<Parquet>(Section::Ingest);
    registry.register::<Xlsx>(Section::Ingest);
}
