//! Whole-program tests: a study in a folder of its own, commands given to it,
//! and what the screen must say, word for word.
//!
//! What differs from run to run is masked: the folder, and durations.

mod mask;
mod printed;
mod results;
mod said;
mod study;

pub use printed::{Letters, Pdf, Pixels};
pub use results::findings_by_id;
pub use said::Said;
pub use study::{Files, Study, repository};
