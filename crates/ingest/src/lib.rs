//! Raw files to typed tables, each misfit kept as a problem.
//!
//! A stage under `ingest:` reads one file into one table of its own name. Each
//! cell is read as text first and then typed by its declared column; nothing is
//! guessed, mended or dropped here. Mending dirty text is left to `clean`.

mod blocks;
mod cell;
mod cell_state;
mod column;
mod column_reader;
mod declaration;
mod edited;
mod ending;
mod first_places;
mod header;
mod kinds;
mod lineage;
mod number_format;
mod package;
mod paths;
mod place;
mod quoting;
mod reading;
mod rows;
mod text;
mod values;
mod workbook;

pub use column::{ColumnSpec, ColumnType, Misfits, OtherColumns};
pub use ending::HiddenRows;
pub use kinds::{Csv, Delimiter, NumberFormats, Parquet, Xlsx, register};
pub use paths::Paths;
pub use text::Encoding;
