//! Right-censored follow-up, checked once: the input of every survival
//! estimator. Groups, strata and covariates stay with the estimators.

use crate::Error;

/// Follow-up times and event indicators of `n` subjects, in the caller's order.
///
/// Times that differ by less than rounding are made equal on construction.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalData {
    times: Vec<f64>,
    events: Vec<bool>,
    order: Vec<usize>,
}

impl SurvivalData {
    /// Checks `times` (any unit, `n` values >= 0) and `events` (`n` values,
    /// true for an event, false for censoring).
    pub fn new(times: &[f64], events: &[bool]) -> Result<Self, Error> {
        let _ = (times, events);
        todo!()
    }

    /// Number of subjects; never zero.
    pub fn n(&self) -> usize {
        self.times.len()
    }

    /// Number of events.
    pub fn n_events(&self) -> usize {
        self.events.iter().filter(|event| **event).count()
    }

    /// Times after near ties are made equal, in the caller's order.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Event indicators, in the caller's order.
    pub fn events(&self) -> &[bool] {
        &self.events
    }

    /// Positions of the subjects by ascending time; equal times keep the
    /// caller's order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The same follow-up with censoring as the event.
    pub fn reversed(&self) -> Self {
        let events = self.events.iter().map(|event| !event).collect();
        Self { times: self.times.clone(), events, order: self.order.clone() }
    }
}
