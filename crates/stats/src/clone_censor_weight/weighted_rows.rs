//! The weighted follow-up of the clones of one strategy.

use super::censoring::Uncensored;
use super::clones::Copied;

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
        // At least 1, so that the tolerance below does not vanish when all
        // follow-up is tiny.
        let longest = clones.iter().fold(1.0_f64, |most, clone| most.max(clone.end));
        // The end of an interval may miss that of a clone by rounding alone.
        let rounding = f64::EPSILON.sqrt() * longest;
        for (subject, clone) in clones.iter().enumerate() {
            let (mut start, mut weight) = (0.0, 1.0);
            for (step, time) in uncensored.times.iter().enumerate() {
                // The weight 1 / G(t-) is from before t: a deviation at the very
                // end of follow-up changes nothing any more.
                if *time >= clone.end - rounding {
                    break;
                }
                // A clone that deviates at time zero falls before any follow-up:
                // there is nothing to cut.
                if *time > start {
                    rows.push(subject, (start, *time), false, cap(weight));
                }
                start = *time;
                weight = 1.0 / uncensored.probability(subject, step);
            }
            // Follow-up of length zero cannot be an interval (start, stop].
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
            // The rows are cut at the horizon; an event beyond it is censored
            // there.
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
