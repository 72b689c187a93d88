//! A printed table: what stands in its cells, as accessible HTML and as CSV.
//! It holds texts that are already formatted; it formats and computes nothing.

mod csv;
mod exhibit;
mod html;
mod model;

pub(crate) use csv::{data_status, inert};
pub use exhibit::{announced, finish};
pub use model::{Alignment, Cell, Column, Footnotes, PrintedTable, Row, RowRole, Span, Tone};
