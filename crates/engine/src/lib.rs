//! The engine: it reads a pipeline file, says what is wrong with it, plans
//! what must be made again and why, runs it, keeps every result by the digest
//! of its content, and writes the lock. It knows no kind by name and no
//! statistics.

mod kind;
mod mistake;
mod named;
mod registry;
mod spec;

pub use kind::{Call, Kind, Read, Wiring};
pub use mistake::{Mistake, Mistakes};
pub use named::Named;
pub use registry::{Registry, Section};
pub use spec::{Diagnostic, nearest};
