//! The clones of all subjects in one strategy.

use super::CloneCensorWeight;

/// How long a clone agrees with its strategy, and how that ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Copied {
    /// When its follow-up ends.
    pub(super) end: f64,
    /// Whether with the event.
    pub(super) event: bool,
    /// Whether by deviating.
    pub(super) deviates: bool,
}

/// The clones of strategy 0 or 1, subject by subject.
pub(super) fn clones(design: &CloneCensorWeight<'_>, strategy: usize) -> Vec<Copied> {
    let subjects = design.data.times().iter().zip(design.data.events()).zip(&design.starts);
    let clone = |((time, event), start): ((&f64, &bool), &Option<f64>)| {
        let whole = Copied { end: *time, event: *event, deviates: false };
        let until = |end: f64| Copied { end, event: false, deviates: true };
        // A start at the end of follow-up or later is none: the event or censoring
        // came first.
        match start.filter(|start| *start <= design.grace && start < time) {
            Some(start) if strategy == 0 => until(start),
            // Whoever is followed only up to the end of the grace period could
            // still have started: only strictly later follow-up shows the
            // deviation.
            None if strategy == 1 && *time > design.grace => until(design.grace),
            _ => whole,
        }
    };
    subjects.map(clone).collect()
}
