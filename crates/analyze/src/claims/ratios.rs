//! Ratios, their limits, their p-values and their events.

use stats::forensics::{Printed, middle_of_limits, size_of_z, standard_error, two_sided_p};
use study::{Check, Examined, Published, PublishedTest, Quantity, Standing};

use super::statement::Statement;
use super::statements::Statements;
use super::verdict::Verdict;

/// How far an estimate may lie from the middle of its limits beyond rounding, as a
/// part of their half length, and be an interval of another kind than Wald's.
const LOPSIDED: f64 = 0.15;
/// How far z of another test may lie from z of the limits: so much, and so large a
/// part of it. Log-rank, likelihood-ratio and Wald tests of one hazard ratio are that
/// near, those of counts with a correction for continuity only that of a ratio of counts.
const OTHER_TEST: (f64, f64) = (0.2, 0.1);
const OTHER_TEST_OF_COUNTS: (f64, f64) = (0.4, 0.1);

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let within = all.all.iter().filter_map(|one| within_limits(one));
    let ratios: Vec<&Statement> =
        all.all.iter().copied().filter(|one| is_ratio(one.statistic)).collect();
    let p = ratios.iter().filter_map(|ratio| limits_and_p(all, ratio));
    let events = ratios.iter().filter_map(|ratio| limits_and_events(all, ratio));
    within.chain(p).chain(events).collect()
}

fn is_ratio(statistic: Published) -> bool {
    matches!(statistic, Published::HazardRatio | Published::OddsRatio | Published::RelativeRisk)
}

/// An estimate lies between its limits; a ratio in their middle on the logarithm.
fn within_limits(one: &Statement) -> Option<Examined> {
    let (value, (lower, upper)) = (one.value?, one.limits?);
    let verdict = Verdict::of(Check::EstimateWithinLimits, [one.name.as_str()]);
    let is_between = !value.is_above(upper) && !lower.is_above(value) && !lower.is_above(upper);
    // A limit that may be zero or below has no logarithm.
    if !is_between || !is_ratio(one.statistic) || lower.lower <= 0.0 {
        return Some(verdict.fits(is_between));
    }
    let middle = middle_of_limits(lower, upper);
    let verdict = verdict.clue_that_prints(
        "middle_of_limits",
        Quantity::Ratio,
        middle.middle(),
        Some(middle.meets(value)),
    );
    let [value, middle] = [value, middle].map(|printed| printed.logarithm());
    let half = 0.5 * (upper.logarithm().middle() - lower.logarithm().middle());
    Some(verdict.stands(match value.gap(middle) {
        0.0 => Standing::Consistent,
        gap if gap <= LOPSIDED * half => Standing::Unusual,
        _ => Standing::Contradiction,
    }))
}

/// The p-value of the limits, and the printed one.
fn limits_and_p(all: &Statements<'_>, ratio: &Statement) -> Option<Examined> {
    let p = all.p_of(ratio)?;
    let (value, (lower, upper)) = (ratio.value?, ratio.limits?);
    if lower.lower <= 0.0 {
        return None;
    }
    // Limits are of the study's level: claims do not say theirs.
    let error = standard_error(lower, upper, all.confidence_level).ok()?;
    let log = value.logarithm().size();
    // The widest range that rounding leaves: the smallest
    // effect by the largest error, and the reverse.
    let z = Printed::new(log.lower / error.upper, log.upper / error.lower);
    let printed = size_of_z(p.value?, p.sides.unwrap_or(2));
    let verdict = Verdict::of(Check::LimitsAndP, [ratio.name.as_str(), &p.name])
        .clue(
            "p_of_limits",
            Quantity::PValue,
            two_sided_p(Printed::exactly(log.middle() / error.middle())).middle(),
        )
        .clue("z_of_limits", Quantity::Statistic, log.middle() / error.middle())
        .clue("z_of_p", Quantity::Statistic, printed.lower);
    let gap = z.gap(printed);
    // Only a Wald test must give the z of the limits; other tests are near it.
    let is_same_test = p.test == Some(PublishedTest::Wald);
    let (most, part) = match ratio.is(Published::HazardRatio) {
        true => OTHER_TEST,
        false => OTHER_TEST_OF_COUNTS,
    };
    let is_near = gap <= most + part * z.middle().max(printed.lower);
    Some(verdict.stands(match gap {
        0.0 => Standing::Consistent,
        _ if is_near && !is_same_test => Standing::Consistent,
        _ if is_near => Standing::Unusual,
        _ => Standing::Contradiction,
    }))
}

/// Limits of a hazard ratio are no narrower than its events permit: the information
/// of an event is at most a quarter, which it is where both groups are equally at risk.
fn limits_and_events(all: &Statements<'_>, ratio: &Statement) -> Option<Examined> {
    if !ratio.is(Published::HazardRatio) {
        return None;
    }
    let (lower, upper) = ratio.limits.filter(|(lower, _)| lower.lower > 0.0)?;
    let pair = all.pair(ratio)?;
    let events = all.events_of(&ratio.what, &pair);
    let most = match &events {
        Some(events) => events.clone(),
        // no more events than patients
        None => {
            let both = pair.iter().map(|whom| all.patients(whom));
            let both: Option<Vec<_>> = both.collect();
            let mut both = both?;
            let mut first = both.remove(0);
            first.n += both[0].n;
            first.claims.append(&mut both[0].claims);
            first
        }
    };
    let error = standard_error(lower, upper, all.confidence_level).ok()?;
    // A quarter for each event makes the error 2 divided by the root of the events.
    let least = 2.0 / (most.n as f64).sqrt();
    let names = std::iter::once(ratio.name.as_str()).chain(most.claims.iter().copied());
    let verdict = Verdict::of(Check::LimitsAndEvents, names)
        .count(if events.is_some() { "events" } else { "patients" }, most.n)
        .clue("standard_error", Quantity::Coefficient, error.middle())
        .clue("least_standard_error", Quantity::Coefficient, least);
    // Room for the rounding of the arithmetic only.
    Some(verdict.fits(error.upper * (1.0 + 1e-12) >= least))
}
