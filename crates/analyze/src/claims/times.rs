//! Hazard ratios behind p-values and medians.

use stats::forensics::{
    Printed, events_behind, information, log_ratio_behind, size_of_z, two_sided_p,
};
use study::{Check, Examined, Published, Quantity, Standing};

use super::statement::{Statement, Whom};
use super::statements::Statements;
use super::verdict::Verdict;

/// How far the log hazard ratio of Peto's approximation may lie from a printed one:
/// so much, and so large a part of it. It takes the groups to stay at risk in their
/// first proportion.
const PETO: (f64, f64) = (0.1, 0.3);
/// The standard error of the logarithm of a ratio of medians, less that of a hazard
/// ratio, in that of the hazard ratio: 1 / ln 2 for exponential curves, and more
/// where hazards change.
const OF_MEDIANS: f64 = 1.6;
/// From how many such errors on medians are unusual, and contradict; the last where
/// the hazard ratio says clearly that the other group lives longer.
const UNUSUAL: f64 = 2.0;
const CONTRADICTS: f64 = 3.5;
const OTHER_WAY: f64 = 1.8;
/// How many times as large as that of the p-value z of the medians may be, or as small.
const OTHER_SHAPE: f64 = 1.5;

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let p_values = || all.every(Published::PValue).filter(|p| !p.adjusted && p.at_days.is_none());
    let ratios = p_values().filter_map(|p| ratio_behind(all, p));
    let with_ratio = all
        .every(Published::HazardRatio)
        .filter(|ratio| !ratio.adjusted)
        .filter_map(|ratio| medians_and_ratio(all, ratio));
    let with_p = p_values().filter_map(|p| medians_and_p(all, p));
    ratios.chain(with_ratio).chain(with_p).collect()
}

/// What is claimed of two groups that a log-rank test compares.
struct Comparison<'a> {
    pair: [Whom; 2],
    n: [u64; 2],
    /// The events: as claimed, or from half of the patients to all of them.
    events: [f64; 2],
    are_known: bool,
    claims: Vec<&'a str>,
}

impl<'a> Comparison<'a> {
    fn of(all: &Statements<'a>, one: &Statement) -> Option<Self> {
        let pair = all.pair(one)?;
        let [group, reference] = [&pair[0], &pair[1]].map(|whom| all.patients(whom));
        let (group, reference) = (group?, reference?);
        let known = all.events_of(&one.what, &pair);
        let total = (group.n + reference.n) as f64;
        let events = known.as_ref().map_or([0.5 * total, total], |found| [found.n as f64; 2]);
        let mut claims = [group.claims, reference.claims].concat();
        claims.extend(known.iter().flat_map(|found| found.claims.iter().copied()));
        Some(Self { pair, n: [group.n, reference.n], events, are_known: known.is_some(), claims })
    }

    /// The information of so many events.
    fn information(&self, events: f64) -> f64 {
        information(events, self.n[0] as f64, self.n[1] as f64)
    }
}

/// Whether anything is claimed of times to this outcome.
fn is_timed(all: &Statements<'_>, one: &Statement) -> bool {
    use Published::{AtRisk, Events, HazardRatio, Median, Survival};
    let timed = [Events, HazardRatio, Median, Survival, AtRisk];
    all.all.iter().any(|other| other.what == one.what && timed.contains(&other.statistic))
}

/// The hazard ratio behind a p-value and its events; where they are not claimed,
/// behind every patient and half of them having one.
fn ratio_behind(all: &Statements<'_>, p: &Statement) -> Option<Examined> {
    if !is_timed(all, p) {
        return None;
    }
    let comparison = Comparison::of(all, p)?;
    let z = size_of_z(p.value?, p.sides.unwrap_or(2));
    let [few, many] =
        comparison.events.map(|events| log_ratio_behind(z, comparison.information(events)));
    let printed = all.every(Published::HazardRatio).find(|ratio| {
        ratio.what == p.what && ratio.whom.subgroup == p.whom.subgroup && !ratio.adjusted
    });
    let names = std::iter::once(p.name.as_str())
        .chain(printed.map(|ratio| ratio.name.as_str()))
        .chain(comparison.claims.iter().copied());
    let ratio = |size: f64| Printed::exactly(-size).exponential().middle();
    let verdict = Verdict::of(Check::RatioFromPAndEvents, names);
    // A p-value printed as below some number has no largest z.
    let middle = |size: Printed| if size.upper.is_finite() { size.middle() } else { size.lower };
    let verdict = match comparison.are_known {
        true => verdict.count("events", comparison.events[0] as u64).clue(
            "hazard_ratio",
            Quantity::Ratio,
            ratio(middle(many)),
        ),
        false => verdict
            .clue("hazard_ratio_if_half_have_events", Quantity::Ratio, ratio(middle(few)))
            .clue("hazard_ratio_if_all_have_events", Quantity::Ratio, ratio(middle(many))),
    };
    let Some(value) = printed.and_then(|ratio| ratio.value) else {
        // The ratio is told as a clue; there is nothing that it could contradict.
        return Some(verdict.fits(true));
    };
    let size = value.logarithm().size();
    let (most, part) = PETO;
    let slack = most + part * size.middle().max(many.lower);
    // without the events only their largest number bounds the ratio
    let is_near = match comparison.are_known {
        true => size.gap(many) <= slack,
        false => size.upper + slack >= many.lower,
    };
    Some(verdict.fits(is_near))
}

/// Medians of both groups; the median of a group that does not come down to one half is later than any.
fn medians<'a>(
    all: &Statements<'a>,
    one: &Statement,
    pair: &[Whom; 2],
) -> Option<[&'a Statement; 2]> {
    let of = |whom| all.find(Published::Median, &one.what, whom);
    Some([of(&pair[0])?, of(&pair[1])?])
}

/// Whether a ratio says which group it is of.
fn is_directed(ratio: &Statement) -> bool {
    ratio.whom.group.is_some() || ratio.reference.is_some()
}

/// The ratio of medians against the hazard ratio: they are each other's inverse
/// where both curves are exponential.
fn medians_and_ratio(all: &Statements<'_>, ratio: &Statement) -> Option<Examined> {
    let pair = all.pair(ratio)?;
    let [group, reference] = medians(all, ratio, &pair)?;
    let log = ratio.value?.logarithm();
    let names = [ratio.name.as_str(), &group.name, &reference.name];
    let verdict = Verdict::of(Check::MediansAndRatio, names);
    let is_clear =
        // The limits lie on one side of 1 whatever their rounding.
        ratio.limits.is_some_and(|(lower, upper)| lower.lower > 1.0 || upper.upper < 1.0);
    let (Some(own), Some(other)) = (group.value, reference.value) else {
        // the group whose median is not reached lives longer
        let is_against = match (group.not_reached, reference.not_reached) {
            (true, false) => log.lower > 0.0,
            (false, true) => log.upper < 0.0,
            _ => false,
        } && is_directed(ratio);
        return Some(verdict.stands(match (is_against, is_clear) {
            (false, _) => Standing::Consistent,
            (true, false) => Standing::Unusual,
            (true, true) => Standing::Contradiction,
        }));
    };
    let of_medians = other.logarithm().minus(own.logarithm());
    // nothing says which group the ratio is of: then it is of the one that fits
    let turned = of_medians.map(|log| -log);
    let of_medians = match is_directed(ratio) {
        false if log.gap(turned) < log.gap(of_medians) => turned,
        _ => of_medians,
    };
    let verdict =
        verdict.clue("hazard_ratio_of_medians", Quantity::Ratio, of_medians.exponential().middle());
    let error = match ratio.limits {
        Some((lower, upper)) if lower.lower > 0.0 => {
            // The larger error that prints the limits: it errs on the side of what was printed.
            stats::forensics::standard_error(lower, upper, all.confidence_level).ok()?.upper
        }
        _ => {
            let comparison = Comparison::of(all, ratio)?;
            // The fewest events have the largest error.
            1.0 / comparison.information(comparison.events[0]).sqrt()
        }
    };
    let apart = log.gap(of_medians) / (OF_MEDIANS * error);
    let verdict = verdict.clue("standard_errors_apart", Quantity::Statistic, apart);
    let is_other_way = log.is_above(Printed::exactly(0.0)) && of_medians.upper < 0.0
        || log.upper < 0.0 && of_medians.lower > 0.0;
    let most = if is_clear && is_other_way { OTHER_WAY } else { CONTRADICTS };
    Some(verdict.stands(match apart {
        apart if apart >= most => Standing::Contradiction,
        apart if apart >= UNUSUAL => Standing::Unusual,
        _ => Standing::Consistent,
    }))
}

/// The ratio of medians against the p-value, where no hazard ratio is claimed: the
/// events with which exponential curves of these medians have it.
fn medians_and_p(all: &Statements<'_>, p: &Statement) -> Option<Examined> {
    let has_ratio = all.every(Published::HazardRatio).any(|ratio| ratio.what == p.what);
    // With a hazard ratio at hand `medians_and_ratio` says more.
    let comparison = Comparison::of(all, p).filter(|_| !has_ratio)?;
    let [group, reference] = medians(all, p, &comparison.pair)?;
    let ratio = reference.value?.middle() / group.value?.middle();
    let log = Printed::exactly(ratio).logarithm().middle().abs();
    let z = size_of_z(p.value?, p.sides.unwrap_or(2));
    let names = [p.name.as_str(), &group.name, &reference.name];
    let names = names.into_iter().chain(comparison.claims.iter().copied());
    let z_of_medians = comparison.events.map(|events| log * comparison.information(events).sqrt());
    let p_of = |z: f64| two_sided_p(Printed::exactly(z)).middle();
    let mut verdict = Verdict::of(Check::MediansAndP, names).clue(
        "hazard_ratio_of_medians",
        Quantity::Ratio,
        ratio,
    );
    verdict = match comparison.are_known {
        true => verdict.clue("p_of_medians", Quantity::PValue, p_of(z_of_medians[1])),
        false => verdict
            .clue("p_of_medians_if_half_have_events", Quantity::PValue, p_of(z_of_medians[0]))
            .clue("p_of_medians_if_all_have_events", Quantity::PValue, p_of(z_of_medians[1])),
    };
    let needed = events_behind(Printed::exactly(z.lower), log, comparison.information(1.0));
    let verdict = verdict.clue("events_that_would_fit", Quantity::Statistic, needed.middle());
    let [least, most] = z_of_medians;
    let is_near = least <= OTHER_SHAPE * z.upper.max(1.0) && most * OTHER_SHAPE >= z.lower;
    // Curves need not be exponential, so that this alone contradicts nothing.
    Some(verdict.stands(if is_near { Standing::Consistent } else { Standing::Unusual }))
}
