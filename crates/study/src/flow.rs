//! The flow of patients from those screened to those analysed.

use serde::{Deserialize, Serialize};

use crate::Unknown;

/// One step of the flow, in the order of the pipeline file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStep {
    /// The `clean` entry that made the step.
    pub stage: String,
    /// What stands in the box, such as the reason of an exclusion.
    pub reason: String,
    /// Patients before the step.
    pub before: u64,
    /// Patients taken out by it.
    pub excluded: u64,
    /// Patients left after it.
    pub after: u64,
    /// Patients for whom its condition was unknown, and what became of them.
    #[serde(default)]
    pub unknown: Option<Unknown>,
    /// Columns of the condition that are known only after time zero, where it
    /// took out patients who had a time zero: they were chosen by what came later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_late: Vec<String>,
}
