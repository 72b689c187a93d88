//! Survival at times, medians, numbers at risk and events.

use stats::forensics::{Printed, scales_that_print, wide_enough};
use study::{Check, Examined, Published, Quantity, Standing};

use super::statement::{Statement, What, Whom};
use super::statements::Statements;
use super::verdict::Verdict;

/// What stands along follow-up.
const TIMED: [Published; 4] =
    [Published::Survival, Published::AtRisk, Published::Median, Published::Events];

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let mut examined = Vec::new();
    for what in all.whats(&TIMED) {
        for whom in all.whoms(&TIMED, &what) {
            examined.extend(Course::of(all, &what, &whom).examine(all));
        }
    }
    examined.extend(all.all.iter().filter_map(|one| nested(all, one)));
    examined
}

/// Everything that is claimed of one endpoint of somebody.
struct Course<'a> {
    survival: Vec<(f64, &'a Statement)>,
    at_risk: Vec<(f64, &'a Statement)>,
    median: Option<&'a Statement>,
    events: Option<&'a Statement>,
    n: Option<u64>,
}

impl<'a> Course<'a> {
    fn of(all: &Statements<'a>, what: &What, whom: &Whom) -> Self {
        let timed = |statistic| {
            let own = all.every(statistic).filter(|one| one.what == *what && one.whom == *whom);
            let mut own: Vec<(f64, &Statement)> =
                own.filter_map(|one| Some((one.at_days?, one))).collect();
            // Total order of numbers, and a stable sort:
            // equal times stay in the order of the claims.
            own.sort_by(|one, other| one.0.total_cmp(&other.0));
            own
        };
        Self {
            survival: timed(Published::Survival),
            at_risk: timed(Published::AtRisk),
            median: all.find(Published::Median, what, whom),
            events: all.find(Published::Events, what, whom),
            n: all.patients(whom).map(|patients| patients.n),
        }
    }

    fn examine(&self, all: &Statements<'_>) -> Vec<Examined> {
        let mut examined = Vec::new();
        examined.extend(falls(Check::SurvivalFalls, &self.survival));
        examined.extend(falls(Check::AtRiskFalls, &self.at_risk));
        examined.extend(self.median_and_survival());
        examined.extend(self.survival_and_at_risk());
        examined.extend(self.median_and_events());
        examined.extend(self.survival.iter().filter_map(|(_, one)| self.limits(all, one)));
        examined
    }

    /// Survival is at least one half before the median, and at most behind it.
    fn median_and_survival(&self) -> Option<Examined> {
        let median = self.median.filter(|_| !self.survival.is_empty())?;
        let when = match median.value {
            // Later than any time, so that survival at every time must be at least one half.
            Some(value) => value,
            None if median.not_reached => Printed::exactly(f64::INFINITY),
            None => return None,
        };
        let fits = |(time, survival): &(f64, &Statement)| {
            let Some(value) = survival.value else { return true };
            let is_before = *time < when.lower;
            // Within the interval of times that print the median, either may hold.
            let is_behind = *time > when.upper;
            !(is_before && value.upper < 0.5 || is_behind && value.lower > 0.5)
        };
        let names = self.survival.iter().map(|(_, one)| one.name.as_str());
        let verdict = Verdict::of(
            Check::MedianAndSurvival,
            std::iter::once(median.name.as_str()).chain(names),
        );
        Some(verdict.fits(self.survival.iter().all(fits)))
    }

    /// Survival is no less than the share still at risk, and no less than all events
    /// would make it if they came just before.
    fn survival_and_at_risk(&self) -> Option<Examined> {
        let n = self.n.filter(|_| !self.survival.is_empty() && !self.at_risk.is_empty())? as f64;
        let (mut standing, mut least) = (Standing::Consistent, f64::INFINITY);
        for (time, survival) in &self.survival {
            let Some(value) = survival.value else { continue };
            for (at, risk) in &self.at_risk {
                let Some(risk) = risk.value else { continue };
                // The fewest patients that print the number: the share
                // at risk must not be taken for larger than it may be.
                let share = risk.lower.max(0.0) / n;
                let found = match at.total_cmp(time) {
                    // events at that very time may make it less
                    std::cmp::Ordering::Equal if value.upper < share => Standing::Unusual,
                    std::cmp::Ordering::Greater if value.upper < share => Standing::Contradiction,
                    std::cmp::Ordering::Equal if self.is_too_low(value, risk) => {
                        Standing::Contradiction
                    }
                    _ => Standing::Consistent,
                };
                least = least.min(value.upper - share);
                // Standings are ordered from the best to the worst, and the worst found stands.
                standing = standing.max(found);
            }
        }
        let (survival, at_risk) = (self.survival.iter(), self.at_risk.iter());
        let names = survival.chain(at_risk).map(|(_, one)| one.name.as_str());
        let names = names.chain(self.events.map(|one| one.name.as_str()));
        let verdict = Verdict::of(Check::SurvivalAndAtRisk, names);
        Some(
            verdict
                .clue("least_excess_over_share_at_risk", Quantity::ProportionDifference, least)
                .stands(standing),
        )
    }

    /// With Y at risk and D events in all, survival is at least Y / (Y + D).
    fn is_too_low(&self, survival: Printed, at_risk: Printed) -> bool {
        let Some(events) = self.events.and_then(|one| one.value) else { return false };
        let (left, events) = (at_risk.lower.max(0.0), events.upper.max(0.0));
        left > 0.0 && survival.upper < left / (left + events)
    }

    /// A curve in which more than half have the event comes down below one half.
    fn median_and_events(&self) -> Option<Examined> {
        let (median, events) = (self.median?, self.events?);
        let (n, most) = (self.n? as f64, events.value?);
        let verdict = Verdict::of(Check::MedianAndEvents, [median.name.as_str(), &events.name]);
        let verdict =
            verdict.clue("share_with_events", Quantity::Proportion, (most.middle() / n).min(1.0));
        // Exactly half of all may have the event with the curve just at one half.
        Some(verdict.fits(!(median.not_reached && most.lower > 0.5 * n)))
    }

    /// The limits of survival are an interval of some kind, and wide enough.
    fn limits(&self, all: &Statements<'_>, one: &Statement) -> Option<Examined> {
        let ((lower, upper), value) = (one.limits?, one.value?);
        // Rounding must not carry a share beyond 0 and 1, where the scales of intervals end.
        let cut = |end: Printed| Printed::new(end.lower.max(0.0), end.upper.min(1.0));
        let (value, lower, upper) = (cut(value), cut(lower), cut(upper));
        let scales = scales_that_print(value, lower, upper);
        let verdict = Verdict::of(Check::LimitsOfSurvival, [one.name.as_str()])
            .count("kinds_of_interval_that_print", scales.len() as u64);
        let is_wide = self.n.is_none_or(|n| {
            // What cannot be computed contradicts nothing.
            wide_enough((value, lower, upper), n, all.confidence_level, &scales).unwrap_or(true)
        });
        Some(verdict.fits(!scales.is_empty() && is_wide))
    }
}

/// What stands along follow-up does not rise.
fn falls(check: Check, course: &[(f64, &Statement)]) -> Option<Examined> {
    if course.len() < 2 {
        return None;
    }
    let rises = |pair: &[(f64, &Statement)]| match (pair[0].1.value, pair[1].1.value) {
        (Some(first), Some(later)) => pair[0].0 < pair[1].0 && later.is_above(first),
        // Numbers of the same time are compared elsewhere (`same`).
        _ => false,
    };
    let verdict = Verdict::of(check, course.iter().map(|(_, one)| one.name.as_str()));
    Some(verdict.fits(!course.windows(2).any(rises)))
}

/// An endpoint that includes another's events comes no later.
fn nested(all: &Statements<'_>, one: &Statement) -> Option<Examined> {
    let whole = What { of: Some(one.part_of.clone()?), level: None };
    let beside = all.every(one.statistic).find(|other| {
        other.what == whole && other.whom == one.whom && other.at_days == one.at_days
    })?;
    let verdict = Verdict::of(Check::NestedEndpoints, [one.name.as_str(), &beside.name]);
    let fits = match one.statistic {
        Published::Survival | Published::Median => match (one.value, beside.value) {
            (Some(value), Some(most)) => !value.is_above(most),
            (None, Some(_)) => !one.not_reached,
            _ => true,
        },
        Published::Events => !beside.value?.is_above(one.value?),
        _ => return None,
    };
    Some(verdict.fits(fits))
}
