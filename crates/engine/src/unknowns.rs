//! Conditions that missing values left open, as a stage notes them while it
//! runs: wherever a condition is evaluated, the stage's output will say so.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use study::Unknown;

/// The notes of one run of a stage. What is noted twice, by the imputed data
/// sets of one analysis say, is told once.
#[derive(Debug, Clone, Default)]
pub struct Unknowns(Arc<Mutex<BTreeSet<Unknown>>>);

impl Unknowns {
    /// Notes a condition.
    pub fn note(&self, unknown: Unknown) {
        // A set: which thread notes first must not show in the output.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(unknown);
    }

    /// Everything that was noted, in order, whatever the threads did.
    #[must_use]
    pub fn noted(&self) -> Vec<Unknown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
