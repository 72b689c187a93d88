//! What is read off a curve of weighted or late-entering patients.

use std::collections::BTreeMap;

use stats::special::normal_quantile;
use stats::survival_curve::{CurveValue, SurvivalCurve, SurvivalCurveRow};
use study::{CurveRow, Finding, GroupCurve, Quantity, State};

use super::general::Member;
use crate::book::{Book, Told};
use crate::curve_rows::CurveRows;
use crate::horizon::Horizon;

/// The sums of a group's weights; none without weights.
pub(super) fn weight_sums(
    rows: &CurveRows,
    own: &[usize],
) -> Vec<(&'static str, f64, &'static str)> {
    if !rows.are_weighted() {
        return Vec::new();
    }
    let weights: Vec<f64> = own.iter().map(|row| rows.weight(*row)).collect();
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let events = own.iter().filter(|row| rows.events()[**row]).map(|row| rows.weight(*row)).sum();
    vec![
        ("weighted_n", sum, "sum of weights"),
        ("weighted_events", events, "sum of weights"),
        (
            "effective_n",
            sum * sum / squares,
            "squared sum of weights over the sum of their squares",
        ),
    ]
}

pub(super) fn general_quantile(
    book: &Book,
    curve: &SurvivalCurve,
    probability: f64,
) -> Result<Finding, stats::Error> {
    let found = curve.quantile(probability)?;
    let value = found.estimate.unwrap_or(f64::NAN);
    let percent = ((probability * 1e6).round() / 1e4).to_string();
    let finding = match probability == 0.5 {
        true => book.draft(&["median"], "median", Quantity::Days, value),
        false => book.draft(&["quantile", &percent], "quantile", Quantity::Days, value),
    };
    let finding = finding.limits(found.lower, found.upper, book.level);
    let has_events = curve.rows.iter().any(|row| row.n_events > 0.0);
    Ok(match found.estimate {
        Some(_) => finding,
        None if !has_events => finding.without_value(State::NotReached).warn("no events"),
        None => finding.without_value(State::NotReached),
    })
}

/// A curve at one time.
pub(super) enum At<'a> {
    Before,
    In(&'a SurvivalCurveRow),
    After,
}

impl<'a> At<'a> {
    pub(super) fn new(curve: &'a SurvivalCurve, days: f64) -> Self {
        let past = curve.rows.partition_point(|row| row.time <= days);
        let last = past.checked_sub(1).map(|place| &curve.rows[place]);
        match last {
            Some(row) if past < curve.rows.len() || row.time == days || row.survival == 0.0 => {
                Self::In(row)
            }
            None if !curve.rows.is_empty() => Self::Before,
            _ => Self::After,
        }
    }

    pub(super) fn survival(&self, book: &Book, horizon: &Horizon) -> Finding {
        let draft = |value: f64| {
            book.draft(&["survival", &horizon.id], "survival", Quantity::Survival, value)
        };
        match self {
            Self::Before => {
                draft(1.0).limits(Some(1.0), Some(1.0), book.level).with_error(Some(0.0))
            }
            Self::In(row) => draft(row.survival)
                .limits(row.lower, row.upper, book.level)
                .with_error(row.standard_error),
            Self::After => draft(f64::NAN).warn("nobody was followed to this time"),
        }
    }

    pub(super) fn cumulative_hazard(
        &self,
        book: &Book,
        horizon: &Horizon,
    ) -> Result<Finding, stats::Error> {
        let name = "cumulative_hazard";
        let draft = |value: f64| book.draft(&[name, &horizon.id], name, Quantity::Statistic, value);
        Ok(match self {
            Self::Before => draft(0.0).with_error(Some(0.0)),
            Self::In(row) => {
                let limits = row.hazard_limits(book.level)?;
                draft(row.cumulative_hazard)
                    .limits(limits.map(|(lower, _)| lower), limits.map(|l| l.1), book.level)
                    .with_error(Some(row.hazard_standard_error))
            }
            Self::After => draft(f64::NAN).warn("nobody was followed to this time"),
        })
    }
}

pub(super) fn general_mean(book: &Book, found: Option<&CurveValue>, horizon: &Horizon) -> Finding {
    let value = found.map_or(f64::NAN, |found| found.estimate);
    let error = found.map(|found| found.standard_error);
    let reach = error.map(|error| normal_quantile(0.5 + book.level / 2.0) * error);
    let finding = book
        .draft(&["restricted_mean", &horizon.id], "restricted_mean", Quantity::Days, value)
        .limits(reach.map(|reach| value - reach), reach.map(|reach| value + reach), book.level)
        .with_error(error)
        .at_days(horizon.days);
    match found.is_some_and(|found| found.is_extended) {
        true => {
            finding.warn("the last follow-up is before this time: the last survival was carried on")
        }
        false => finding,
    }
}

/// The steps of a group, with patients counted by heads.
pub(super) fn steps(rows: &CurveRows, member: &Member<'_>) -> GroupCurve {
    let mut left: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for row in &member.rows {
        // Times are not negative, so that their bits sort as they do.
        let counts = left.entry(rows.ends()[*row].to_bits()).or_default();
        match rows.events()[*row] {
            true => counts.0 += 1,
            false => counts.1 += 1,
        }
    }
    let step = |row: &SurvivalCurveRow| {
        let (events, censored) = left.get(&row.time.to_bits()).copied().unwrap_or_default();
        CurveRow {
            time_days: row.time,
            at_risk: row.n_rows_at_risk as u64,
            events,
            censored,
            survival: row.survival,
            lower: row.lower,
            upper: row.upper,
        }
    };
    let mut steps: Vec<CurveRow> = member.curve.rows.iter().map(step).collect();
    enter(&mut steps, rows, member);
    GroupCurve {
        level: member.arm.level.clone(),
        label: member.arm.label.clone(),
        n: member.arm.n as u64,
        rows: steps,
    }
}

/// Puts a row at every later entry at which no step stands: the numbers at
/// risk change there, and the curve does not.
fn enter(steps: &mut Vec<CurveRow>, rows: &CurveRows, member: &Member<'_>) {
    let of_member = |row: &usize| rows.entries().get(*row).copied();
    let mut times: Vec<f64> = member.rows.iter().filter_map(of_member).collect();
    times.retain(|time| *time > 0.0);
    times.sort_by(f64::total_cmp);
    times.dedup();
    for time in times {
        let place = steps.partition_point(|step| step.time_days < time);
        if steps.get(place).is_some_and(|step| step.time_days == time) {
            continue;
        }
        let before = place.checked_sub(1).map(|place| steps[place]);
        let at_risk = member.rows.iter().filter(|row| rows.is_at_risk(**row, time)).count() as u64;
        let (survival, lower, upper) = before
            .map_or((1.0, Some(1.0), Some(1.0)), |step| (step.survival, step.lower, step.upper));
        let entry =
            CurveRow { time_days: time, at_risk, events: 0, censored: 0, survival, lower, upper };
        steps.insert(place, entry);
    }
}
