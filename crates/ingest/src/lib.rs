//! Raw files to typed tables, each misfit kept as a problem.
//!
//! A stage under `ingest:` reads one file into one table of its own name. Each
//! cell is read as text first and then typed by its declared column; nothing is
//! guessed, mended or dropped here. Mending dirty text is left to `clean`.

mod cell;
mod column;
mod column_reader;
mod declaration;
mod header;
mod kinds;
mod quoting;
mod reading;
mod rows;
mod text;
mod values;

pub use column::{ColumnSpec, ColumnType, Misfits, OtherColumns};
pub use kinds::{Csv, Delimiter, Encoding, Parquet, Xlsx, register};
