//! The steps of survival curves, as figures draw them and risk tables count
//! them.

use serde::{Deserialize, Serialize};

use crate::{IntervalKind, Warning};

/// Survival curves of one endpoint, one per group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCurves {
    /// The endpoint's name, such as `pfs`.
    pub endpoint: String,
    /// The endpoint in words.
    pub endpoint_label: String,
    /// The grouping variable in words, where there are groups.
    pub by_label: Option<String>,
    /// How the confidence limits were made.
    pub interval: IntervalKind,
    /// Confidence level of the limits.
    pub confidence_level: f64,
    /// True where events and censorings changed places (reverse Kaplan-Meier).
    pub reverse: bool,
    /// True where patients come under observation after time zero; a row
    /// stands at every entry then.
    #[serde(default)]
    pub late_entry: bool,
    /// The groups in declared order.
    pub groups: Vec<GroupCurve>,
    /// What a reader must know before using the curves.
    pub warnings: Vec<Warning>,
}

/// The curve of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupCurve {
    /// The group's level, as in `Finding::group`; `all` where there is one group.
    pub level: String,
    /// The level in words.
    pub label: String,
    /// Patients.
    pub n: u64,
    /// One row per distinct time, ascending.
    pub rows: Vec<CurveRow>,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurveRow {
    /// Days from the index date.
    pub time_days: f64,
    /// Patients at risk just before this time.
    pub at_risk: u64,
    /// Events at this time.
    pub events: u64,
    /// Patients censored at this time.
    pub censored: u64,
    /// Survival probability from this time on.
    pub survival: f64,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
}

/// The three rows of a KMunicate table at one time; they sum to the group's n
/// unless patients move between groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Patients whose time is later than this time.
    pub at_risk: u64,
    /// Patients censored at or before it.
    pub censored: u64,
    /// Patients with an event at or before it.
    pub events: u64,
}

impl SurvivalCurves {
    /// The counts under the axis at `time_days`. Where patients enter late, at
    /// risk are those who entered before the time and are followed to it or
    /// longer (start < t <= end), as in R; at time 0 those who enter at 0.
    #[must_use]
    pub fn counts_at(&self, group: &GroupCurve, time_days: f64) -> Counts {
        let counts = group.counts_at(time_days);
        if !self.late_entry {
            return counts;
        }
        let next = group.rows.iter().find(|row| row.time_days >= time_days);
        Counts { at_risk: next.map_or(0, |row| row.at_risk), ..counts }
    }
}

impl GroupCurve {
    /// Counts at `time_days`: an event or censoring at the time itself has
    /// happened, so the three rows sum to `n` where nobody enters or leaves the
    /// group. At time 0 everybody is still at risk but for those whose own time
    /// is 0.
    #[must_use]
    pub fn counts_at(&self, time_days: f64) -> Counts {
        let past = self.rows.partition_point(|row| row.time_days <= time_days);
        let (events, censored) = self.rows[..past]
            .iter()
            .fold((0, 0), |(events, censored), row| (events + row.events, censored + row.censored));
        // Between two rows nobody enters or leaves; after the last nobody is left.
        let at_risk = match self.rows.get(past) {
            Some(next) => next.at_risk,
            None if self.rows.is_empty() => self.n,
            None => 0,
        };
        Counts { at_risk, censored, events }
    }

    /// The last time anybody was followed to.
    #[must_use]
    pub fn last_time_days(&self) -> f64 {
        self.rows.last().map_or(0.0, |row| row.time_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(time_days: f64, at_risk: u64, events: u64, censored: u64) -> CurveRow {
        CurveRow { time_days, at_risk, events, censored, survival: 1.0, lower: None, upper: None }
    }

    /// Two begin in the group, one enters at 2, and one leaves for another at 3.
    #[test]
    fn those_who_enter_are_at_risk_from_then_on() {
        let rows = vec![row(1.0, 2, 1, 0), row(2.0, 1, 0, 0), row(3.0, 2, 0, 0), row(4.0, 1, 0, 1)];
        let curve = GroupCurve { level: "a".into(), label: "A".into(), n: 3, rows };
        let at_risk = [0.0, 1.0, 2.0, 3.0, 4.0].map(|time| curve.counts_at(time).at_risk);
        assert_eq!(at_risk, [2, 1, 2, 1, 0]);
    }

    /// One is there from 0 to 2, one enters at 2 and leaves at 4, one enters at 3
    /// and has the event at 5.
    #[test]
    fn with_late_entry_those_under_observation_just_before_are_at_risk() {
        let rows = vec![row(2.0, 1, 0, 1), row(3.0, 1, 0, 0), row(4.0, 2, 0, 1), row(5.0, 1, 1, 0)];
        let group = GroupCurve { level: "a".into(), label: "A".into(), n: 3, rows };
        let mut curves = SurvivalCurves {
            endpoint: "os".into(),
            endpoint_label: "Overall survival".into(),
            by_label: None,
            interval: IntervalKind::Log,
            confidence_level: 0.95,
            reverse: false,
            late_entry: true,
            groups: Vec::new(),
            warnings: Vec::new(),
        };
        let times = [0.0, 1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0];
        let at_risk = times.map(|time| curves.counts_at(&group, time).at_risk);
        assert_eq!(at_risk, [1, 1, 1, 1, 1, 2, 2, 1, 0]);
        curves.late_entry = false;
        assert_eq!(curves.counts_at(&group, 4.0), group.counts_at(4.0));
    }

    #[test]
    fn the_three_rows_sum_to_n() {
        let curve = GroupCurve {
            level: "a".into(),
            label: "A".into(),
            n: 5,
            rows: vec![row(1.0, 5, 1, 0), row(2.0, 4, 1, 1), row(3.0, 2, 0, 2)],
        };
        assert_eq!(curve.counts_at(0.0), Counts { at_risk: 5, censored: 0, events: 0 });
        assert_eq!(curve.counts_at(2.0), Counts { at_risk: 2, censored: 1, events: 2 });
        for time in [0.0, 0.5, 1.0, 2.5, 3.0, 9.0] {
            let counts = curve.counts_at(time);
            assert_eq!(counts.at_risk + counts.censored + counts.events, 5);
        }
    }
}
