//! A table in the making, and its way into an exhibit. It holds texts that are
//! already formatted; it computes nothing, and how it looks is left to renderers.

mod exhibit;
mod model;

pub use exhibit::{announced, finish};
pub(crate) use model::FindingCell;
pub use model::{Footnotes, PrintedTable};
pub use study::printed::{Cell, Column, Row, Span, Tone};
