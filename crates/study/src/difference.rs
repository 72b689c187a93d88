//! Two lists of findings side by side: what was added, removed and renamed, and
//! which numbers moved, by how much, and whether a conclusion turned with them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{Quantity, State};

/// A finding as a file of results holds it: everything of a [`crate::Finding`]
/// that a results folder publishes, its words as text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// Its id.
    pub id: String,
    /// The `analyze` entry that made it.
    pub stage: String,
    /// The kind of that entry.
    pub kind: String,
    /// Name of the statistic.
    pub statistic: String,
    /// What kind of number it is.
    pub quantity: Quantity,
    /// The unit of a measured value.
    pub unit: Option<String>,
    /// Whether the number could be had.
    pub state: State,
    /// The number.
    pub value: Option<f64>,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
    /// Confidence level of the limits.
    pub confidence_level: Option<f64>,
    /// Standard error; of a ratio, that of its logarithm.
    pub standard_error: Option<f64>,
    /// Patients it was computed from.
    pub n: Option<u64>,
    /// Events among them.
    pub events: Option<u64>,
    /// Patients left out for a missing value.
    pub missing: Option<u64>,
    /// The method in words.
    pub method: String,
    /// Codes of its warnings.
    pub warnings: Vec<String>,
}

/// How far two numbers may be apart and still be called the same: relative to
/// the larger of the two, by quantity. Zero calls no two numbers the same that
/// differ in a bit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tolerance {
    /// Of every quantity not named in `of`.
    pub all: f64,
    /// By quantity.
    pub of: BTreeMap<Quantity, f64>,
}

impl Tolerance {
    /// Whether two numbers of a quantity are called the same.
    #[must_use]
    pub fn allows(&self, quantity: Quantity, before: f64, after: f64) -> bool {
        let share = self.of.get(&quantity).copied().unwrap_or(self.all);
        // Asked first, since infinite numbers that are equal have no difference.
        before == after || (before - after).abs() <= share * before.abs().max(after.abs())
    }
}

/// What of a finding is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Whether it could be had.
    State,
    /// Its number.
    Value,
    /// A confidence limit, or the level of both.
    Limits,
    /// Its standard error.
    StandardError,
    /// Patients, events or missing ones.
    Counts,
    /// How it was computed.
    Method,
    /// What a reader is warned of.
    Warnings,
}

/// A conclusion that a reader would draw from one and not from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flip {
    /// It could be had on one side only.
    State,
    /// The interval holds the value of no difference on one side only.
    Interval,
    /// The estimate lies on the other side of no difference.
    Direction,
    /// The p-value is below alpha on one side only.
    Significance,
}

/// A finding that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// As the first side has it; none where it was added.
    pub before: Option<Reading>,
    /// As the second side has it; none where it was removed.
    pub after: Option<Reading>,
    /// What is not the same, where both have it.
    pub changed: Vec<Changed>,
    /// The conclusions that turned.
    pub flips: Vec<Flip>,
}

impl Difference {
    /// The id, as the second side has it where both do.
    ///
    /// # Panics
    /// If neither side has it: there is no such difference.
    #[must_use]
    pub fn id(&self) -> &str {
        // The newer name, under which a reader finds it.
        let either = self.after.as_ref().or(self.before.as_ref());
        &either.expect("invariant: a difference is of a finding of one side").id
    }

    /// Whether both sides have the same numbers under two ids.
    #[must_use]
    pub fn is_renamed(&self) -> bool {
        matches!((&self.before, &self.after), (Some(before), Some(after)) if before.id != after.id)
    }

    /// Whether the number itself, its limits or its state are not the same.
    #[must_use]
    pub fn moved(&self) -> bool {
        // `Changed` is ordered so that what moves a number comes first.
        self.changed.iter().any(|changed| *changed <= Changed::Limits)
    }

    fn values(&self) -> Option<(f64, f64)> {
        Some((self.before.as_ref()?.value?, self.after.as_ref()?.value?))
    }

    /// The second number less the first.
    #[must_use]
    pub fn absolute(&self) -> Option<f64> {
        self.values().map(|(before, after)| after - before)
    }

    /// That as a share of the first; none where the first is zero.
    #[must_use]
    pub fn relative(&self) -> Option<f64> {
        let (before, after) = self.values()?;
        // A share of nothing has no size.
        (before != 0.0).then(|| (after - before) / before.abs())
    }

    /// That in standard errors of the first side; for ratios on the logarithmic
    /// scale, on which their errors are.
    #[must_use]
    pub fn standard_errors(&self) -> Option<f64> {
        let (before, after) = self.values()?;
        let first = self.before.as_ref()?;
        let error = first.standard_error.filter(|error| *error > 0.0)?;
        match first.quantity {
            Quantity::Ratio if before > 0.0 && after > 0.0 => {
                // A standard error of a ratio is one of its logarithm.
                Some((libm::log(after) - libm::log(before)) / error)
            }
            Quantity::Ratio => None,
            _ => Some((after - before) / error),
        }
    }
}

/// What is not the same in two lists of findings, in the order of the first, what
/// was added behind. A p-value below `alpha` is a conclusion.
#[must_use]
pub fn differences(
    before: &[Reading],
    after: &[Reading],
    tolerance: &Tolerance,
    alpha: f64,
) -> Vec<Difference> {
    let by_id = |readings: &[Reading]| -> BTreeMap<String, usize> {
        readings.iter().enumerate().map(|(place, reading)| (reading.id.clone(), place)).collect()
    };
    let (first, second) = (by_id(before), by_id(after));
    // Looked for before the comparison, so that a renamed finding is told at its place
    // in the first list.
    let gone: Vec<&Reading> =
        before.iter().filter(|reading| !second.contains_key(&reading.id)).collect();
    let new: Vec<&Reading> =
        after.iter().filter(|reading| !first.contains_key(&reading.id)).collect();
    let renamed = renamed(&gone, &new);
    let mut found = Vec::new();
    for reading in before {
        if let Some(place) = second.get(&reading.id) {
            found.extend(compared(reading, &after[*place], tolerance, alpha));
        } else {
            let after = renamed.get(reading.id.as_str()).map(|other| Reading::clone(other));
            let before = Some(reading.clone());
            // Gone, or the same number under another id: nothing moved.
            found.push(Difference { before, after, changed: vec![], flips: vec![] });
        }
    }
    let taken: BTreeSet<&str> = renamed.values().map(|reading| reading.id.as_str()).collect();
    for reading in new.into_iter().filter(|reading| !taken.contains(reading.id.as_str())) {
        let after = Some(reading.clone());
        found.push(Difference { before: None, after, changed: vec![], flips: vec![] });
    }
    found
}

/// The numbers by which a finding is known under another name: rarely are all of
/// them the same by chance, and where they are, nothing is said.
type Known = (String, Quantity, [Option<u64>; 4], [Option<u64>; 3]);

fn known(reading: &Reading) -> Option<Known> {
    // By their bits: a number that is merely near belongs to another finding.
    let bits = |value: Option<f64>| value.map(f64::to_bits);
    let numbers = [reading.value, reading.lower, reading.upper, reading.standard_error].map(bits);
    let counts = [reading.n, reading.events, reading.missing];
    // Counts alone are shared by many findings.
    numbers[0]?;
    Some((reading.statistic.clone(), reading.quantity, numbers, counts))
}

/// The findings that only their ids tell from one of the other side, by the
/// former id: one of each, so that there is no doubt which became which.
fn renamed<'a>(gone: &[&'a Reading], new: &[&'a Reading]) -> BTreeMap<&'a str, &'a Reading> {
    let grouped = |readings: &[&'a Reading]| {
        let mut groups: BTreeMap<Known, Vec<&'a Reading>> = BTreeMap::new();
        for reading in readings {
            if let Some(known) = known(reading) {
                groups.entry(known).or_default().push(reading);
            }
        }
        groups
    };
    let new = grouped(new);
    let pairs = grouped(gone).into_iter().filter_map(|(known, former)| {
        match (former.as_slice(), new.get(&known)?.as_slice()) {
            // Two that could be meant on either side are told as gone and new.
            ([former], [later]) => Some((former.id.as_str(), *later)),
            _ => None,
        }
    });
    pairs.collect()
}

fn compared(
    before: &Reading,
    after: &Reading,
    tolerance: &Tolerance,
    alpha: f64,
) -> Option<Difference> {
    let same = |first: Option<f64>, second: Option<f64>| match (first, second) {
        (Some(first), Some(second)) => tolerance.allows(before.quantity, first, second),
        (first, second) => first == second,
    };
    let limits = same(before.lower, after.lower)
        && same(before.upper, after.upper)
        && before.confidence_level == after.confidence_level;
    let counts = |reading: &Reading| (reading.n, reading.events, reading.missing);
    // In the order of `Changed`, which is that of the report.
    let checks = [
        // No tolerance: a number that could not be had is no small difference.
        (Changed::State, before.state == after.state),
        (Changed::Value, same(before.value, after.value)),
        (Changed::Limits, limits),
        (Changed::StandardError, same(before.standard_error, after.standard_error)),
        (Changed::Counts, counts(before) == counts(after)),
        (Changed::Method, before.method == after.method),
        (Changed::Warnings, before.warnings == after.warnings),
    ];
    let changed: Vec<Changed> =
        checks.into_iter().filter(|(_, same)| !same).map(|(changed, _)| changed).collect();
    (!changed.is_empty()).then(|| Difference {
        flips: flips(before, after, alpha),
        before: Some(before.clone()),
        after: Some(after.clone()),
        changed,
    })
}

fn flips(before: &Reading, after: &Reading, alpha: f64) -> Vec<Flip> {
    let turned = |of: &dyn Fn(&Reading) -> Option<bool>| matches!((of(before), of(after)), (Some(first), Some(second)) if first != second);
    let checks = [
        (Flip::State, before.state != after.state),
        (Flip::Interval, turned(&excludes_no_difference)),
        (Flip::Direction, turned(&above_no_difference)),
        (
            Flip::Significance,
            turned(&|reading| {
                let is_p = reading.quantity == Quantity::PValue;
                // At alpha itself a p-value is not significant.
                reading.value.filter(|_| is_p).map(|p| p < alpha)
            }),
        ),
    ];
    checks.into_iter().filter(|(_, turned)| *turned).map(|(flip, _)| flip).collect()
}

/// The value that means no difference; none for numbers that compare nothing.
fn no_difference(reading: &Reading) -> Option<f64> {
    match reading.quantity {
        Quantity::Ratio => Some(1.0),
        Quantity::ProportionDifference
        | Quantity::Coefficient
        | Quantity::StandardizedDifference => Some(0.0),
        // a difference of restricted means or medians is in days as they are
        Quantity::Days if reading.statistic.contains("difference") => Some(0.0),
        _ => None,
    }
}

fn excludes_no_difference(reading: &Reading) -> Option<bool> {
    let none = no_difference(reading)?;
    if reading.lower.is_none() && reading.upper.is_none() {
        // Without limits nothing is excluded, and nothing turns.
        return None;
    }
    let above = reading.lower.is_some_and(|lower| lower > none);
    let below = reading.upper.is_some_and(|upper| upper < none);
    Some(above || below)
}

fn above_no_difference(reading: &Reading) -> Option<bool> {
    let (none, value) = (no_difference(reading)?, reading.value?);
    // An estimate of no difference lies on neither side.
    (value != none).then_some(value > none)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(id: &str, value: f64, limits: (f64, f64)) -> Reading {
        Reading {
            id: id.to_owned(),
            stage: "pfs".to_owned(),
            kind: "cox_model".to_owned(),
            statistic: "hazard_ratio".to_owned(),
            quantity: Quantity::Ratio,
            unit: None,
            state: State::Estimated,
            value: Some(value),
            lower: Some(limits.0),
            upper: Some(limits.1),
            confidence_level: Some(0.95),
            standard_error: Some(0.25),
            n: Some(113),
            events: Some(74),
            missing: Some(0),
            method: "Cox".to_owned(),
            warnings: vec![],
        }
    }

    fn found(before: &[Reading], after: &[Reading]) -> Vec<Difference> {
        differences(before, after, &Tolerance::default(), 0.05)
    }

    #[test]
    fn the_same_lists_differ_in_nothing() {
        let list = [ratio("a", 0.4, (0.2, 0.8)), ratio("b", 0.5, (0.2, 1.8))];
        assert_eq!(found(&list, &list), []);
    }

    #[test]
    fn a_move_is_told_in_every_measure() {
        // Half a unit of the logarithm is two standard errors of 0.25.
        let after = ratio("a", 0.4 * libm::exp(0.5), (0.3, 1.2));
        let [one] = &found(&[ratio("a", 0.4, (0.2, 0.8))], &[after])[..] else {
            panic!("one difference")
        };
        assert_eq!(one.changed, [Changed::Value, Changed::Limits]);
        assert_eq!(one.flips, [Flip::Interval]);
        assert!((one.standard_errors().expect("an error is known") - 2.0).abs() < 1e-12);
        assert!((one.relative().expect("not zero") - (libm::exp(0.5) - 1.0)).abs() < 1e-12);
    }

    #[test]
    fn what_is_the_same_but_for_the_id_was_renamed_where_there_is_no_doubt() {
        let before = [ratio("a", 0.4, (0.2, 0.8)), ratio("b", 0.7, (0.2, 0.8))];
        // The numbers of `a` under another id; those of `b` nowhere.
        let after = [ratio("c", 0.4, (0.2, 0.8))];
        let all = found(&before, &after);
        assert!(all[0].is_renamed() && all[0].id() == "c");
        assert!(all[1].after.is_none() && all.len() == 2);
        // Two findings have the numbers of the former one: which it became is not guessed.
        let twice = [ratio("c", 0.4, (0.2, 0.8)), ratio("d", 0.4, (0.2, 0.8))];
        assert!(found(&before[..1], &twice).iter().all(|one| !one.is_renamed()));
    }

    #[test]
    fn a_comparison_is_symmetric() {
        let before = [ratio("a", 0.4, (0.2, 0.8)), ratio("b", 0.5, (0.2, 0.9))];
        let after = [ratio("a", 1.4, (0.9, 1.8)), ratio("c", 0.6, (0.2, 0.9))];
        let (there, back) = (found(&before, &after), found(&after, &before));
        assert_eq!(there.len(), back.len());
        for one in &there {
            let other = back.iter().find(|other| other.before == one.after).expect("both ways");
            assert_eq!((&other.after, &other.flips), (&one.before, &one.flips));
            assert_eq!(other.absolute(), one.absolute().map(|by| -by));
        }
    }

    #[test]
    fn a_tolerance_is_of_its_quantity_and_states_have_none() {
        let of = BTreeMap::from([(Quantity::Ratio, 1e-6)]);
        let tolerance = Tolerance { all: 0.0, of };
        let close = [ratio("a", 0.4 + 1e-8, (0.2, 0.8))];
        let all = differences(&[ratio("a", 0.4, (0.2, 0.8))], &close, &tolerance, 0.05);
        assert_eq!(all, []);
        let mut lost = ratio("a", 0.4, (0.2, 0.8));
        lost.state = State::NotEstimable;
        lost.value = None;
        let all = differences(&[ratio("a", 0.4, (0.2, 0.8))], &[lost], &tolerance, 0.05);
        assert_eq!(all[0].flips, [Flip::State]);
    }

    #[test]
    fn a_p_value_turns_at_alpha_and_an_estimate_at_no_difference() {
        let p = |value| Reading { quantity: Quantity::PValue, ..ratio("p", value, (0.0, 0.0)) };
        assert_eq!(found(&[p(0.049)], &[p(0.05)])[0].flips, [Flip::Significance]);
        let turned = found(&[ratio("a", 0.9, (0.5, 1.5))], &[ratio("a", 1.1, (0.6, 1.7))]);
        assert_eq!(turned[0].flips, [Flip::Direction]);
    }
}
