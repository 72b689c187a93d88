//! The steps of survival curves, as figures draw them and risk tables count
//! them.

use serde::{Deserialize, Serialize};

use crate::{AtRisk, IntervalKind, Warning};

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

/// How near to a level a curve may stay before a hair decides where it comes down to it.
pub const HAIR: f64 = 0.01;
/// The share of that time that such a stretch must be longer than to be told: an
/// exponential curve stays that near to one half for 6% of its median.
pub const LONG_STRETCH: f64 = 0.2;

/// A stretch of time of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Where it begins, in days.
    pub from_days: f64,
    /// Where it ends, in days.
    pub until_days: f64,
    /// The height of the curve where it begins.
    pub survival: f64,
}

/// The three rows of a KMunicate table at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Patients at risk, by the study's convention.
    pub at_risk: u64,
    /// Patients censored at or before it.
    pub censored: u64,
    /// Patients with an event at or before it.
    pub events: u64,
}

impl Counts {
    /// All three.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.at_risk + self.censored + self.events
    }
}

impl GroupCurve {
    /// Counts at `time_days`. An event or censoring at the time itself has
    /// happened. At risk are those followed to it or longer (start < t <= end,
    /// as in R) or those followed beyond it, so that the three rows sum to `n`
    /// where nobody enters or leaves the group. A row holds those at risk just
    /// before it, so the number is that of the next row: of one at the time too,
    /// or not.
    #[must_use]
    pub fn counts_at(&self, time_days: f64, convention: AtRisk) -> Counts {
        // Rows are ascending, and whatever happened at the time itself has happened.
        let past = self.rows.partition_point(|row| row.time_days <= time_days);
        let (events, censored) = self.rows[..past]
            .iter()
            .fold((0, 0), |(events, censored), row| (events + row.events, censored + row.censored));
        let next = match convention {
            AtRisk::At => self.rows.partition_point(|row| row.time_days < time_days),
            AtRisk::Beyond => past,
        };
        // Between two rows nobody enters or leaves; after the last nobody is left.
        let at_risk = match self.rows.get(next) {
            Some(next) => next.at_risk,
            None if self.rows.is_empty() => self.n,
            None => 0,
        };
        Counts { at_risk, censored, events }
    }

    /// The stretch in which a hair decides where the curve comes down to `level`:
    /// the curve stays within [`HAIR`] of it there for longer than a fifth of the
    /// time at which it comes down to it, `reached_days`, and that time lies
    /// in it or at its ends. Where the curve does not come down to the level, the
    /// stretch at its end, against the end of follow-up.
    #[must_use]
    pub fn knife_edge(&self, level: f64, reached_days: Option<f64>) -> Option<Stretch> {
        let end = self.last_time_days();
        // A curve that does not come down to the level is decided at the end of follow-up.
        let time = reached_days.unwrap_or(end);
        let mut stretches: Vec<Stretch> = Vec::new();
        for step in self.flat_steps() {
            // a distance of a hair is within it, whatever the last bit of the difference
            if (step.survival - level).abs() > HAIR + 1e-12 {
                continue;
            }
            // Steps that follow one another within a hair make one stretch, as the eye sees it.
            match stretches.last_mut().filter(|stretch| stretch.until_days == step.from_days) {
                Some(stretch) => stretch.until_days = step.until_days,
                None => stretches.push(step),
            }
        }
        let is_told = |stretch: &Stretch| {
            let length = stretch.until_days - stretch.from_days;
            let holds = stretch.from_days <= time && time <= stretch.until_days;
            holds && length > LONG_STRETCH * time
        };
        stretches.into_iter().find(is_told)
    }

    /// The steps: stretches over which the curve keeps its height, the last one
    /// until the end of follow-up.
    fn flat_steps(&self) -> Vec<Stretch> {
        // Everybody is alive until the first row.
        let mut steps = vec![Stretch { from_days: 0.0, until_days: 0.0, survival: 1.0 }];
        for row in &self.rows {
            let step = steps.last_mut().expect("invariant: there is a first step");
            step.until_days = row.time_days;
            // At a row with censoring alone the curve keeps its height.
            if row.survival != step.survival {
                let (time, survival) = (row.time_days, row.survival);
                steps.push(Stretch { from_days: time, until_days: time, survival });
            }
        }
        steps
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

    fn curve(n: u64, rows: Vec<CurveRow>) -> GroupCurve {
        GroupCurve { level: "a".into(), label: "A".into(), n, rows }
    }

    /// Two begin in the group, one enters at 2, and one leaves for another at 3.
    #[test]
    fn those_who_enter_are_at_risk_from_then_on() {
        let rows = vec![row(1.0, 2, 1, 0), row(2.0, 1, 0, 0), row(3.0, 2, 0, 0), row(4.0, 1, 0, 1)];
        let curve = curve(3, rows);
        let at_risk =
            |way| [0.0, 1.0, 2.0, 3.0, 4.0].map(|time| curve.counts_at(time, way).at_risk);
        assert_eq!(at_risk(AtRisk::Beyond), [2, 1, 2, 1, 0]);
        assert_eq!(at_risk(AtRisk::At), [2, 2, 1, 2, 1]);
    }

    /// One is there from 0 to 2, one enters at 2 and leaves at 4, one enters at 3
    /// and has the event at 5.
    #[test]
    fn with_late_entry_those_under_observation_are_at_risk() {
        let rows = vec![row(2.0, 1, 0, 1), row(3.0, 1, 0, 0), row(4.0, 2, 0, 1), row(5.0, 1, 1, 0)];
        let curve = curve(3, rows);
        let times = [0.0, 1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0];
        let at_risk = |way| times.map(|time| curve.counts_at(time, way).at_risk);
        assert_eq!(at_risk(AtRisk::At), [1, 1, 1, 1, 1, 2, 2, 1, 0]);
        assert_eq!(at_risk(AtRisk::Beyond), [1, 1, 1, 1, 2, 2, 1, 0, 0]);
    }

    #[test]
    fn beyond_a_time_the_three_rows_sum_to_n() {
        let curve = curve(5, vec![row(1.0, 5, 1, 0), row(2.0, 4, 1, 1), row(3.0, 2, 0, 2)]);
        let beyond = |time| curve.counts_at(time, AtRisk::Beyond);
        assert_eq!(beyond(0.0), Counts { at_risk: 5, censored: 0, events: 0 });
        assert_eq!(beyond(2.0), Counts { at_risk: 2, censored: 1, events: 2 });
        for time in [0.0, 0.5, 1.0, 2.5, 3.0, 9.0] {
            assert_eq!(beyond(time).sum(), 5);
        }
    }

    /// Whoever leaves at the time itself is at risk at it and has left.
    #[test]
    fn at_a_tie_those_followed_to_the_time_are_at_risk() {
        let curve = curve(5, vec![row(1.0, 5, 1, 0), row(2.0, 4, 1, 1), row(3.0, 2, 0, 2)]);
        let at = |time| curve.counts_at(time, AtRisk::At);
        assert_eq!(at(2.0), Counts { at_risk: 4, censored: 1, events: 2 });
        assert_eq!(at(2.5), curve.counts_at(2.5, AtRisk::Beyond));
        assert_eq!(at(3.0).at_risk, 2);
        assert_eq!(at(4.0).at_risk, 0);
    }

    fn falling(steps: &[(f64, f64)]) -> GroupCurve {
        let at =
            |(time, survival): &(f64, f64)| CurveRow { survival: *survival, ..row(*time, 9, 1, 0) };
        curve(9, steps.iter().map(at).collect())
    }

    #[test]
    fn a_long_stretch_within_a_hair_of_the_level_is_told() {
        let edge = |steps: &[(f64, f64)], reached| falling(steps).knife_edge(0.5, reached);
        // The median at 20 comes after 7 months a hair above one half.
        let before = edge(&[(10.0, 0.6), (13.0, 0.500_23), (20.0, 0.45)], Some(20.0));
        let told = Stretch { from_days: 13.0, until_days: 20.0, survival: 0.500_23 };
        assert_eq!(before, Some(told));
        // It comes a hair below one half, and the next step is far.
        let after = edge(&[(10.0, 0.6), (13.0, 0.495), (20.0, 0.45)], Some(13.0));
        assert_eq!(after.map(|stretch| stretch.until_days), Some(20.0));
        // The curve is at one half itself, and the median in the middle.
        assert!(edge(&[(13.0, 0.5), (20.0, 0.45)], Some(16.5)).is_some());
        // Several steps, each of them short.
        let steps = [(17.5, 0.509), (19.0, 0.504), (20.0, 0.499), (21.0, 0.494), (22.0, 0.4)];
        assert_eq!(edge(&steps, Some(20.0)).map(|stretch| stretch.from_days), Some(17.5));
        // It ends a hair above it.
        assert!(edge(&[(13.0, 0.505), (20.0, 0.505)], None).is_some());
        assert!(edge(&[(13.0, 0.515), (20.0, 0.515)], None).is_none());
        assert!(edge(&[], None).is_none());
    }

    #[test]
    fn a_stretch_that_is_short_or_far_from_the_level_is_not() {
        let edge = |survival, until| {
            falling(&[(10.0, 0.6), (16.0, survival), (until, 0.3)]).knife_edge(0.5, Some(until))
        };
        assert!(edge(0.51, 20.5).is_some(), "one hundredth is within it");
        assert!(edge(0.511, 20.5).is_none());
        assert!(edge(0.505, 20.0).is_none(), "a fifth of the time is not more than a fifth");
        // A long stretch near another level has no part in where the median lies.
        let elsewhere = falling(&[(2.0, 0.755), (12.0, 0.6), (12.5, 0.3)]);
        assert!(elsewhere.knife_edge(0.5, Some(12.5)).is_none());
        assert!(elsewhere.knife_edge(0.75, Some(12.0)).is_some());
    }
}
