//! The engine: it reads a pipeline file, says what is wrong with it, plans
//! what must be made again and why, runs it, keeps every result by the digest
//! of its content, and writes the lock. It knows no kind by name and no
//! statistics.

// the kinds and the study of the tests beside this crate serve those within it too
#[cfg(test)]
extern crate self as restudy_engine;

mod atomic;
mod attributes;
mod behind;
mod claimed;
mod codec;
mod columns;
mod command;
mod declared;
mod definitions;
mod digest;
mod disk;
mod done;
mod edit;
mod execute;
mod explain;
mod failure;
mod faults;
mod findings;
mod foresight;
mod globs;
mod graph;
mod holdings;
mod impact;
mod ingredients;
mod inputs;
mod kind;
mod ledger;
mod levels;
mod lockfile;
mod look;
mod mistake;
mod named;
mod notes;
mod origins;
mod outputs;
mod paths;
mod plan;
mod project;
mod publish;
mod reference;
mod registry;
mod rehearse;
mod section;
mod selection;
mod shelf;
mod spec;
mod store;
mod tables;
mod told;
mod trace;
mod turn;
mod unknowns;
mod verify;
mod work;

pub use command::{Run, RunOptions, Status};
pub use declared::as_declared;
pub use definitions::{Behind, Definition, Said, definitions};
pub use digest::sha256;
pub use edit::{Edit, EditError, RowChange, RowEdit};
pub use execute::{Observer, Outcome, Report, use_threads};
pub use explain::{Contribution, Explanation};
pub use failure::Failure;
pub use foresight::Foresight;
pub use holdings::{Holding, Holdings};
pub use impact::{CellTrial, CellTrials, Trial, Tried};
pub use kind::{Call, Kind, Origin, Provenance, Read, StageOrigin, Wiring};
pub use levels::check_level_ids;
pub use lockfile::{Lock, LockError};
pub use mistake::{Missed, Mistake, Mistakes};
pub use named::Named;
pub use plan::{Planned, Standing};
pub use project::Project;
pub use publish::Published;
pub use reference::Reference;
pub use registry::Registry;
pub use section::Section;
pub use selection::Selection;
pub use spec::{
    Diagnostic, Pipeline, Place, StageId, kind_schema, meant, nearest, pipeline_schema,
};
pub use trace::{RawRow, RowChangeTold, StageTold, Trace};
pub use unknowns::Unknowns;
pub use verify::{Difference, Verification};
pub use work::Work;
