//! The pipeline file: read with the place of every node, checked against the
//! types, decoded. All mistakes are collected before anything is said.

mod diagnostic;
mod format;
mod nearest;
mod node;
mod pipeline;
mod quoting;
mod schema;
mod validate;

pub use diagnostic::{Diagnostic, Place};
pub use nearest::{meant, nearest};
pub(crate) use node::{Entry, Node, Value};
pub(crate) use pipeline::StageEntry;
pub(crate) use pipeline::canonical;
pub use pipeline::{Pipeline, StageId};
pub use schema::{kind_schema, pipeline_schema};
