//! Ratios and differences of shares from counts.

use stats::contingency::{TwoByTwo, odds_ratio, relative_risk};
use stats::forensics::Printed;
use study::{Check, Examined, Published, Quantity};

use super::statement::Statement;
use super::statements::Statements;
use super::verdict::Verdict;

/// Tables that are tried at most.
const MOST_TABLES: u64 = 2000;

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let effects = [Published::OddsRatio, Published::RelativeRisk, Published::RiskDifference];
    let of = effects.into_iter().flat_map(|statistic| all.every(statistic));
    of.filter(|effect| !effect.adjusted).filter_map(|effect| from_counts(all, effect)).collect()
}

/// What the counts of two groups give. Where nothing says which group comes
/// first, either may.
fn from_counts(all: &Statements<'_>, effect: &Statement) -> Option<Examined> {
    let (printed, pair) = (effect.value?, all.pair(effect)?);
    let what = all.counted(&effect.what);
    let [group, reference] = [&pair[0], &pair[1]].map(|whom| all.counts(&what, whom));
    let (group, reference) = (group?, reference?);
    if group.how_many() * reference.how_many() > MOST_TABLES {
        return None;
    }
    // Which group comes first is said by either of the two.
    let is_directed = effect.whom.group.is_some() || effect.reference.is_some();
    let (mut first, mut prints) = (None, false);
    for a in group.counts.clone() {
        for c in reference.counts.clone() {
            let Some(value) = value(effect.statistic, (a, group.n), (c, reference.n)) else {
                continue;
            };
            // The first table that fits stands for all in what is printed.
            first.get_or_insert(value);
            prints |= printed.contains(value)
                || (!is_directed && printed.contains(turned(effect.statistic, value)));
        }
    }
    let names = std::iter::once(effect.name.as_str())
        .chain(group.claims.iter().chain(&reference.claims).copied());
    let quantity = match effect.statistic {
        Published::RiskDifference => Quantity::ProportionDifference,
        _ => Quantity::Ratio,
    };
    let verdict = Verdict::of(Check::EffectFromCounts, names);
    Some(verdict.clue_that_prints("from_counts", quantity, first?, Some(prints)).fits(prints))
}

fn value(statistic: Published, group: (u64, u64), reference: (u64, u64)) -> Option<f64> {
    let table = TwoByTwo::from_events(group.0, group.1, reference.0, reference.1).ok()?;
    match statistic {
        // The level does not matter: only the estimate is read.
        Published::OddsRatio => odds_ratio(&table, 0.95).ok().map(|found| found.estimate),
        Published::RelativeRisk => relative_risk(&table, 0.95).ok().map(|found| found.estimate),
        _ => {
            let share = |(count, n): (u64, u64)| count as f64 / n as f64;
            Some(share(group) - share(reference))
        }
    }
}

/// The same with the groups exchanged.
fn turned(statistic: Published, value: f64) -> f64 {
    match statistic {
        Published::RiskDifference => -value,
        _ => Printed::exactly(value).map(|value| 1.0 / value).middle(),
    }
}
