//! The clones of all subjects in one strategy, and their weighted follow-up.

use super::CloneCensorWeight;
use super::censoring::Uncensored;

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
        match start.filter(|start| *start <= design.grace && start < time) {
            Some(start) if strategy == 0 => until(start),
            None if strategy == 1 && *time > design.grace => until(design.grace),
            _ => whole,
        }
    };
    subjects.map(clone).collect()
}

/// Intervals of follow-up with the weight that holds in each.
#[derive(Debug, Clone, Default)]
pub(super) struct WeightedRows {
    pub(super) starts: Vec<f64>,
    pub(super) stops: Vec<f64>,
    pub(super) events: Vec<bool>,
    pub(super) subjects: Vec<usize>,
    pub(super) weights: Vec<f64>,
}

impl WeightedRows {
    /// Cuts the follow-up of the clones wherever their weight changes; those
    /// without follow-up are in no row.
    pub(super) fn new(clones: &[Copied], uncensored: &Uncensored, largest: Option<f64>) -> Self {
        let mut rows = Self::default();
        let cap = |weight: f64| largest.map_or(weight, |largest| weight.min(largest));
        let longest = clones.iter().fold(1.0_f64, |most, clone| most.max(clone.end));
        // The end of an interval may miss that of a clone by rounding alone.
        let rounding = f64::EPSILON.sqrt() * longest;
        for (subject, clone) in clones.iter().enumerate() {
            let (mut start, mut weight) = (0.0, 1.0);
            for (step, time) in uncensored.times.iter().enumerate() {
                if *time >= clone.end - rounding {
                    break;
                }
                if *time > start {
                    rows.push(subject, (start, *time), false, cap(weight));
                }
                start = *time;
                weight = 1.0 / uncensored.probability(subject, step);
            }
            if clone.end > start {
                rows.push(subject, (start, clone.end), clone.event, cap(weight));
            }
        }
        rows
    }

    fn push(&mut self, subject: usize, interval: (f64, f64), event: bool, weight: f64) {
        self.starts.push(interval.0);
        self.stops.push(interval.1);
        self.events.push(event);
        self.subjects.push(subject);
        self.weights.push(weight);
    }

    /// The part of the rows until a time.
    pub(super) fn until(&self, end: f64) -> Self {
        let mut rows = Self::default();
        for row in (0..self.stops.len()).filter(|row| self.starts[*row] < end) {
            let stop = self.stops[row].min(end);
            let event = self.events[row] && self.stops[row] <= end;
            rows.push(self.subjects[row], (self.starts[row], stop), event, self.weights[row]);
        }
        rows
    }

    /// Puts other rows behind these, their subjects counted from `first`.
    pub(super) fn append(&mut self, other: &Self, first: usize) {
        self.starts.extend(&other.starts);
        self.stops.extend(&other.stops);
        self.events.extend(&other.events);
        self.subjects.extend(other.subjects.iter().map(|subject| subject + first));
        self.weights.extend(&other.weights);
    }
}
