//! What is read off a curve of weighted or late-entering patients.

use std::collections::BTreeMap;

use stats::survival_curve::{SurvivalCurve, SurvivalCurveRow};
use study::{CurveRow, Finding, GroupCurve, Procedure, Quantity, State, Warning};

use super::readings::draft_quantile;
use crate::arms::Arm;
use crate::book::{Book, Told};
use crate::curve_rows::CurveRows;
use crate::horizon::Horizon;

/// The sums of the weights of a group's `own` rows.
pub(super) fn weight_sums(rows: &CurveRows, own: &[usize]) -> [f64; 3] {
    let weights: Vec<f64> = own.iter().map(|row| rows.weight(*row)).collect();
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let events = own.iter().filter(|row| rows.events()[**row]).map(|row| rows.weight(*row)).sum();
    [sum, events, sum * sum / squares]
}

/// What those sums are called, and how each is made.
pub(super) const WEIGHT_SUMS: [(&str, Procedure); 3] = [
    ("weighted_n", Procedure::SumOfWeights),
    ("weighted_events", Procedure::SumOfWeights),
    ("effective_n", Procedure::EffectiveN),
];

pub(super) fn general_quantile(
    book: &Book,
    curve: Option<&SurvivalCurve>,
    probability: f64,
) -> Result<Finding, stats::Error> {
    let found = curve.map(|curve| curve.quantile(probability)).transpose()?;
    let value = found.as_ref().and_then(|found| found.estimate);
    let limits = found.as_ref().map_or((None, None), |found| (found.lower, found.upper));
    let finding = draft_quantile(book, "", probability, value);
    let finding = finding.limits(limits.0, limits.1, book.level);
    if value.is_some() {
        return Ok(finding);
    }
    let finding = finding.without_value(State::NotReached);
    let is_flat = |curve: &SurvivalCurve| !curve.rows.iter().any(|row| row.n_events > 0.0);
    Ok(if curve.is_some_and(is_flat) { finding.warn(Warning::NoEvents) } else { finding })
}

/// A curve at one time.
pub(super) enum At<'a> {
    Before,
    In(&'a SurvivalCurveRow),
    After,
}

impl<'a> At<'a> {
    pub(super) fn new(curve: Option<&'a SurvivalCurve>, days: f64) -> Self {
        let Some(curve) = curve else { return Self::After };
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
            book.draft(&horizon.parts("survival"), "survival", Quantity::Survival, value)
        };
        match self {
            Self::Before => {
                draft(1.0).limits(Some(1.0), Some(1.0), book.level).with_error(Some(0.0))
            }
            Self::In(row) => draft(row.survival)
                .limits(row.lower, row.upper, book.level)
                .with_error(row.standard_error),
            Self::After => draft(f64::NAN).warn(Warning::NobodyFollowed),
        }
    }

    pub(super) fn cumulative_hazard(
        &self,
        book: &Book,
        horizon: &Horizon,
    ) -> Result<Finding, stats::Error> {
        let name = "cumulative_hazard";
        let draft = |value: f64| book.draft(&horizon.parts(name), name, Quantity::Statistic, value);
        Ok(match self {
            Self::Before => draft(0.0).with_error(Some(0.0)),
            Self::In(row) => {
                let limits = row.hazard_limits(book.level)?;
                draft(row.cumulative_hazard)
                    .limits(limits.map(|(lower, _)| lower), limits.map(|l| l.1), book.level)
                    .with_error(Some(row.hazard_standard_error))
            }
            Self::After => draft(f64::NAN).warn(Warning::NobodyFollowed),
        })
    }
}

/// The steps of a group of the `own` rows, with patients counted by heads.
pub(super) fn steps(
    rows: &CurveRows,
    (arm, own): (&Arm, &[usize]),
    curve: &SurvivalCurve,
) -> GroupCurve {
    let mut left: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for row in own {
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
    let mut steps: Vec<CurveRow> = curve.rows.iter().map(step).collect();
    enter(&mut steps, rows, own);
    GroupCurve {
        level: arm.value().to_owned(),
        label: arm.label().to_owned(),
        n: arm.n as u64,
        rows: steps,
    }
}

/// Puts a row at every later entry at which no step stands: the numbers at
/// risk change there, and the curve does not.
fn enter(steps: &mut Vec<CurveRow>, rows: &CurveRows, own: &[usize]) {
    let entry = |row: &usize| rows.entries().get(*row).copied();
    let mut times: Vec<f64> = own.iter().filter_map(entry).collect();
    times.retain(|time| *time > 0.0);
    times.sort_by(f64::total_cmp);
    times.dedup();
    for time in times {
        let place = steps.partition_point(|step| step.time_days < time);
        if steps.get(place).is_some_and(|step| step.time_days == time) {
            continue;
        }
        let before = place.checked_sub(1).map(|place| steps[place]);
        let at_risk = own.iter().filter(|row| rows.is_at_risk(**row, time)).count() as u64;
        let (survival, lower, upper) = before
            .map_or((1.0, Some(1.0), Some(1.0)), |step| (step.survival, step.lower, step.upper));
        let entry =
            CurveRow { time_days: time, at_risk, events: 0, censored: 0, survival, lower, upper };
        steps.insert(place, entry);
    }
}
