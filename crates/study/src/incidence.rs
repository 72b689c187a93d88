//! The steps of cumulative incidence curves, as figures draw them and tables
//! under their axes count them.

use serde::{Deserialize, Serialize};

use crate::{AtRisk, IntervalKind, Level, Warning};

/// Cumulative incidence of competing causes, by group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidenceCurves {
    /// The endpoint that any of the causes ends, in words.
    pub endpoint_label: String,
    /// The grouping variable in words, where there are groups.
    pub by_label: Option<String>,
    /// How the confidence limits were made.
    pub interval: IntervalKind,
    /// Confidence level of the limits.
    pub confidence_level: f64,
    /// The causes in declared order.
    pub causes: Vec<Level>,
    /// The groups in declared order; all patients where there are none.
    pub groups: Vec<IncidenceGroup>,
    /// What a reader must know before using the curves.
    pub warnings: Vec<Warning>,
}

/// The curves of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidenceGroup {
    /// The group's level, as in `Finding::group`; `all` where there is one group.
    pub level: String,
    /// The level in words.
    pub label: String,
    /// Patients.
    pub n: u64,
    /// For each cause one row per distinct time, ascending.
    pub curves: Vec<Vec<IncidenceStep>>,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IncidenceStep {
    /// Days from the index date.
    pub time_days: f64,
    /// Patients at risk just before this time.
    pub at_risk: u64,
    /// Events of the cause at this time.
    pub events: u64,
    /// Events of the other causes at this time.
    pub competing: u64,
    /// Cumulative incidence from this time on.
    pub incidence: f64,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
}

/// What became of a group's patients by one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidenceCounts {
    /// Patients at risk, by the study's convention.
    pub at_risk: u64,
    /// Patients with an event of the cause at or before it.
    pub events: u64,
    /// Patients with an event of another cause at or before it.
    pub competing: u64,
}

impl IncidenceGroup {
    /// Counts at `time_days` for the cause at `place`. An event at the time
    /// itself has happened; at risk are those followed to it or longer, or those
    /// followed beyond it.
    ///
    /// # Panics
    /// If there is no cause at `place`.
    #[must_use]
    pub fn counts_at(&self, place: usize, time_days: f64, convention: AtRisk) -> IncidenceCounts {
        let rows = &self.curves[place];
        // As on survival curves: what happened at the time itself has happened.
        let past = rows.partition_point(|row| row.time_days <= time_days);
        let (events, competing) = rows[..past]
            .iter()
            .fold((0, 0), |(own, other), row| (own + row.events, other + row.competing));
        let next = match convention {
            AtRisk::At => rows.partition_point(|row| row.time_days < time_days),
            AtRisk::Beyond => past,
        };
        // Between two rows nobody leaves; after the last nobody is left.
        let at_risk = match rows.get(next) {
            Some(next) => next.at_risk,
            None if rows.is_empty() => self.n,
            None => 0,
        };
        IncidenceCounts { at_risk, events, competing }
    }

    /// The last time anybody was followed to.
    #[must_use]
    pub fn last_time_days(&self) -> f64 {
        // All causes have the same times, but a group without patients has none.
        let ends = self.curves.iter().filter_map(|rows| rows.last());
        ends.map(|row| row.time_days).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five patients: the cause at 1, another at 2, one censored at 3, the cause
    /// at 4, one censored at 4.
    #[test]
    fn counts_follow_the_convention() {
        let step = |time_days, at_risk, events, competing| IncidenceStep {
            time_days,
            at_risk,
            events,
            competing,
            incidence: 0.0,
            lower: None,
            upper: None,
        };
        // The patient censored at 4 leaves at the time of the last event.
        let rows =
            vec![step(1.0, 5, 1, 0), step(2.0, 4, 0, 1), step(3.0, 3, 0, 0), step(4.0, 2, 1, 0)];
        let group =
            IncidenceGroup { level: "a".into(), label: "A".into(), n: 5, curves: vec![rows] };
        let at = |time, convention| {
            let counts = group.counts_at(0, time, convention);
            [counts.at_risk, counts.events, counts.competing]
        };
        assert_eq!(at(0.0, AtRisk::At), [5, 0, 0]);
        assert_eq!(at(2.0, AtRisk::At), [4, 1, 1]);
        assert_eq!(at(2.0, AtRisk::Beyond), [3, 1, 1]);
        assert_eq!(at(4.0, AtRisk::At), [2, 2, 1]);
        assert_eq!(at(9.0, AtRisk::Beyond), [0, 2, 1]);
        assert_eq!(group.last_time_days(), 4.0);
    }
}
