//! What is read off a curve: quantiles, survival and hazard at a time,
//! restricted means, and the steps themselves.

use stats::inference::Interval;
use stats::propensity::effective_sample_size;
use stats::survival_curve::{CumulativeHazard, SurvivalAt, SurvivalCurve, SurvivalCurveRow};
use study::{CurveRow, Finding, GroupCurve, Part, Procedure, Quantity, State, Warning};

use crate::arms::Arm;
use crate::book::{Book, Told};
use crate::curve_rows::CurveRows;
use crate::horizon::Horizon;

/// One group, or all, and its curve.
pub(super) struct Member<'a> {
    pub(super) arm: &'a Arm,
    /// Its rows of the data.
    pub(super) rows: Vec<usize>,
    /// None in a rehearsal.
    pub(super) curve: Option<SurvivalCurve>,
    /// What a reader of anything but counts must know.
    pub(super) warning: Option<Warning>,
}

/// The sums of the weights of a group's `own` rows.
pub(super) fn weight_sums(rows: &CurveRows, own: &[usize]) -> [f64; 3] {
    let weights: Vec<f64> = own.iter().map(|row| rows.weight(*row)).collect();
    let sum: f64 = weights.iter().sum();
    let events = own.iter().filter(|row| rows.events()[**row]).map(|row| rows.weight(*row)).sum();
    [sum, events, effective_sample_size(&weights)]
}

/// What those sums are called, and how each is made.
pub(super) const WEIGHT_SUMS: [(&str, Procedure); 3] = [
    ("weighted_n", Procedure::SumOfWeights),
    ("weighted_events", Procedure::SumOfWeights),
    ("effective_n", Procedure::EffectiveN),
];

/// The time of a share of patients with the event.
pub(super) fn quantile(
    book: &Book,
    curve: Option<&SurvivalCurve>,
    probability: f64,
    reverse: bool,
) -> Result<Finding, stats::Error> {
    let suffix = if reverse { "_follow_up" } else { "" };
    let found = curve.map(|curve| curve.quantile(probability)).transpose()?;
    let value = found.as_ref().and_then(|found| found.estimate);
    let limits = found.as_ref().map_or((None, None), |found| (found.lower, found.upper));
    let finding = draft_quantile(book, suffix, probability, value);
    let finding = finding.limits(limits.0, limits.1, book.level);
    // Not reached is a result: the curve stayed above.
    // It is told apart from what cannot be estimated.
    if value.is_some() {
        return Ok(finding);
    }
    let finding = finding.without_value(State::NotReached);
    // Without a single event the curve says nothing
    // at all. Reversed, the events are censorings.
    Ok(match (curve.is_some_and(|curve| curve.n_events == 0), reverse) {
        (false, _) => finding,
        (true, true) => finding.warn(Warning::NoCensoring),
        (true, false) => finding.warn(Warning::NoEvents),
    })
}

/// A quantile of follow-up; the median is called so.
pub(in crate::kinds) fn draft_quantile(
    book: &Book,
    suffix: &str,
    probability: f64,
    value: Option<f64>,
) -> Finding {
    let is_median = probability == 0.5;
    let name = format!("{}{suffix}", if is_median { "median" } else { "quantile" });
    // In ten-thousandths of a percent, so that 0.35 times 100 is 35 in an id.
    let percent = Part::place((probability * 1e6).round() / 1e4);
    let parts = [Some(Part::statistic(&name)), (!is_median).then_some(percent)];
    let parts: Vec<Part> = parts.into_iter().flatten().collect();
    book.draft(&parts, &name, Quantity::Days, value.unwrap_or(f64::NAN))
}

/// Survival at one time, as far as somebody was followed to it.
pub(in crate::kinds) fn survival_at(
    book: &Book,
    name: &str,
    horizon: &Horizon,
    found: Option<&SurvivalAt>,
) -> Finding {
    let value = found.and_then(|found| found.survival);
    let parts = horizon.parts(name);
    let finding = book.draft(&parts, name, Quantity::Survival, value.unwrap_or(f64::NAN)).limits(
        found.and_then(|found| found.lower),
        found.and_then(|found| found.upper),
        book.level,
    );
    let finding = finding.with_error(found.and_then(|found| found.standard_error));
    // After the last end of follow-up the curve is not known; it is not carried on.
    if value.is_some() { finding } else { finding.warn(Warning::NobodyFollowed) }
}

/// The cumulative hazard at one time, as far as somebody was followed to it.
pub(super) fn cumulative_hazard(
    book: &Book,
    horizon: &Horizon,
    found: Option<CumulativeHazard>,
) -> Result<Finding, stats::Error> {
    let name = "cumulative_hazard";
    let draft = |value: f64| book.draft(&horizon.parts(name), name, Quantity::Statistic, value);
    let Some(hazard) = found else { return Ok(draft(f64::NAN).warn(Warning::NobodyFollowed)) };
    let (lower, upper) = hazard.limits(book.level)?.unzip();
    let finding = draft(hazard.estimate).limits(lower, upper, book.level);
    Ok(finding.with_error(Some(hazard.standard_error)))
}

/// The restricted mean until one time, with normal limits.
pub(super) fn restricted_mean(
    book: &Book,
    curve: Option<&SurvivalCurve>,
    horizon: &Horizon,
) -> Result<Finding, stats::Error> {
    let found = curve.map(|curve| curve.restricted_mean(horizon.days)).transpose()?.flatten();
    let known = found.as_ref();
    // Not cut at the horizon, which normal limits may pass.
    let limits =
        known.map(|found| Interval::normal(found.estimate, found.standard_error, book.level));
    let (lower, upper) = limits.transpose()?.map(|limits| (limits.lower, limits.upper)).unzip();
    let name = "restricted_mean";
    let finding = book
        .draft(
            &horizon.parts(name),
            name,
            Quantity::Days,
            known.map_or(f64::NAN, |found| found.estimate),
        )
        .limits(lower, upper, book.level)
        .with_error(known.map(|found| found.standard_error))
        .at_days(horizon.days);
    // Follow-up may end before the horizon; the area then
    // takes the last step as going on, which must be said.
    let is_extended = found.is_some_and(|found| found.is_extended);
    Ok(if is_extended { finding.warn(Warning::SurvivalCarriedOn) } else { finding })
}

/// A group before a run: its name, which figures check, and no steps.
pub(super) fn announced_curve(arm: &Arm) -> GroupCurve {
    let (level, label) = (arm.value().to_owned(), arm.label().to_owned());
    GroupCurve { level, label, n: 0, rows: Vec::new() }
}

/// The steps of a group, with patients counted by heads.
pub(super) fn steps(rows: &CurveRows, member: &Member<'_>, curve: &SurvivalCurve) -> GroupCurve {
    let step = |row: &SurvivalCurveRow| CurveRow {
        time_days: row.time,
        at_risk: row.n_at_risk as u64,
        events: row.n_events as u64,
        censored: row.n_censored as u64,
        survival: row.survival,
        lower: row.lower,
        upper: row.upper,
    };
    let mut steps: Vec<CurveRow> = curve.rows.iter().map(step).collect();
    enter(&mut steps, rows, member);
    // Only late entry adds rows: without it the numbers at risk change at steps alone.
    GroupCurve {
        level: member.arm.value().to_owned(),
        label: member.arm.label().to_owned(),
        n: member.arm.n as u64,
        rows: steps,
    }
}

/// Puts a row at every later entry at which no step stands: the numbers at
/// risk change there, and the curve does not.
fn enter(steps: &mut Vec<CurveRow>, rows: &CurveRows, member: &Member<'_>) {
    let of_member = |row: &usize| rows.entries().get(*row).copied();
    let mut times: Vec<f64> = member.rows.iter().filter_map(of_member).collect();
    // Who enters at zero is there when the curve begins.
    times.retain(|time| *time > 0.0);
    times.sort_by(f64::total_cmp);
    times.dedup();
    for time in times {
        let place = steps.partition_point(|step| step.time_days < time);
        if steps.get(place).is_some_and(|step| step.time_days == time) {
            // That step counts those at risk itself.
            continue;
        }
        let before = place.checked_sub(1).map(|place| steps[place]);
        let at_risk = member.rows.iter().filter(|row| rows.is_at_risk(**row, time)).count() as u64;
        // Before the first step nobody has had an event.
        let (survival, lower, upper) = before
            .map_or((1.0, Some(1.0), Some(1.0)), |step| (step.survival, step.lower, step.upper));
        let entry =
            CurveRow { time_days: time, at_risk, events: 0, censored: 0, survival, lower, upper };
        steps.insert(place, entry);
    }
}
