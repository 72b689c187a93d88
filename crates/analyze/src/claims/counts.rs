//! Percentages, counts and denominators.

use stats::forensics::{Printed, counts_that_fit, denominators_that_fit};
use stats::inference::Interval;
use stats::proportion::{clopper_pearson, wilson};
use stats::special::normal_quantile;
use study::{Check, Examined, Published, Quantity, Standing};

use super::statement::{Statement, Whom};
use super::statements::{Statements, distinct};
use super::verdict::Verdict;

/// The least part of a group whose denominators are tried.
const LEAST_DENOMINATOR: f64 = 0.9;

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let shares = || all.every(Published::Proportion);
    let fits = shares().filter_map(|share| counts_behind(all, share));
    let beside = shares().filter_map(|share| count_beside(all, share));
    let limits = shares().filter_map(|share| limits_of(all, share));
    fits.chain(beside).chain(denominators(all)).chain(limits).collect()
}

/// Whole counts behind a percentage.
fn counts_behind(all: &Statements<'_>, share: &Statement) -> Option<Examined> {
    let patients = all.denominator(share)?;
    let found = counts_that_fit(share.value?, patients.n);
    let names = std::iter::once(share.name.as_str()).chain(patients.claims);
    let verdict = Verdict::of(Check::CountsThatFit, names).count("n", patients.n);
    // No whole number of these patients prints the share.
    let Some(found) = found else {
        return Some(verdict.count("counts_that_fit", 0).fits(false));
    };
    let many = found.end() - found.start() + 1;
    let verdict = verdict.count("counts_that_fit", many).count("count", *found.start());
    Some(
        // With one count it would be said twice.
        match many {
            1 => verdict,
            _ => verdict.count("largest_count", *found.end()),
        }
        .fits(true),
    )
}

/// A count beside its percentage.
fn count_beside(all: &Statements<'_>, share: &Statement) -> Option<Examined> {
    let count = all.find(Published::Count, &share.what, &share.whom)?;
    let (whole, patients) = (count.whole()?, all.denominator(share)?);
    let of_count = whole as f64 / patients.n as f64;
    let names = [share.name.as_str(), &count.name].into_iter().chain(patients.claims);
    let verdict = Verdict::of(Check::CountAndShare, names).count("n", patients.n);
    let prints = share.value?.contains(of_count);
    let verdict =
        verdict.clue_that_prints("share_of_count", Quantity::Proportion, of_count, Some(prints));
    Some(verdict.fits(prints))
}

/// Denominators that all percentages of a group leave. That every group leaves
/// itself alone says that nobody was left out of any percentage.
fn denominators(all: &Statements<'_>) -> Vec<Examined> {
    let whoms = distinct(
        all.every(Published::Proportion)
            // A share that says its own denominator leaves nothing to find.
            .filter(|share| share.what.level.is_none() && share.n.is_none())
            .map(|share| share.whom.clone()),
    );
    let found: Vec<_> = whoms.iter().filter_map(|whom| denominators_of(all, whom)).collect();
    let nobody_is_missing =
        // One group alone may well be complete by chance.
        found.len() > 1 && found.iter().all(|(left, n, _)| left.as_slice() == [*n]);
    let standing = |left: &[u64], n: &u64| match nobody_is_missing {
        true => Standing::Unusual,
        false if left.contains(n) => Standing::Consistent,
        // that a percentage has no count of the whole group is told of itself
        false => Standing::Unusual,
    };
    let told = found.into_iter().map(|(left, n, verdict)| {
        let standing = standing(&left, &n);
        verdict.stands(standing)
    });
    told.collect()
}

fn denominators_of(all: &Statements<'_>, whom: &Whom) -> Option<(Vec<u64>, u64, Verdict)> {
    let patients = all.patients(whom)?;
    let own = all
        .every(Published::Proportion)
        .filter(|share| share.whom == *whom && share.what.level.is_none() && share.n.is_none());
    let own: Vec<&Statement> = own.collect();
    let shares: Option<Vec<Printed>> = own.iter().map(|share| share.value).collect();
    // A single share leaves many denominators.
    let shares = shares.filter(|shares| shares.len() > 1)?;
    let least = (LEAST_DENOMINATOR * patients.n as f64).ceil() as u64;
    let left = denominators_that_fit(&shares, least..=patients.n);
    let names = own.iter().map(|share| share.name.as_str()).chain(patients.claims);
    let verdict = Verdict::of(Check::Denominators, names)
        .count("n", patients.n)
        .count("denominators_that_fit", left.len() as u64)
        .count("least_denominator", left.first().copied().unwrap_or_default());
    Some((left, patients.n, verdict))
}

/// The confidence limits of a share by the usual methods.
fn limits_of(all: &Statements<'_>, share: &Statement) -> Option<Examined> {
    let (lower, upper) = share.limits?;
    let counts = all.counts(&share.what, &share.whom)?;
    let mut verdict = Verdict::of(
        Check::LimitsOfShare,
        std::iter::once(share.name.as_str()).chain(counts.claims.iter().copied()),
    );
    let mut widest = [f64::INFINITY, f64::NEG_INFINITY];
    let mut prints_any = false;
    // A share with few digits fits many counts, and each has limits by four methods.
    for count in counts.counts.clone().take(MOST_COUNTS) {
        for (name, [low, high]) in intervals(count, counts.n, all.confidence_level) {
            let prints = lower.contains(low) && upper.contains(high);
            // Any count that prints the share may be the one that was meant.
            widest = [widest[0].min(low), widest[1].max(high)];
            prints_any |= prints;
            // One row of numbers is enough to show how the methods differ.
            if count == *counts.counts.start() {
                for (end, value) in [("lower", low), ("upper", high)] {
                    let name = format!("{end}_{name}");
                    verdict =
                        verdict.clue_that_prints(&name, Quantity::Proportion, value, Some(prints));
                }
            }
        }
    }
    // other methods lie between these
    let is_possible = lower.upper >= widest[0] && upper.lower <= widest[1];
    Some(verdict.stands(match (prints_any, is_possible) {
        (true, _) => Standing::Consistent,
        (false, true) => Standing::Unusual,
        (false, false) => Standing::Contradiction,
    }))
}

/// Counts of which limits are tried.
const MOST_COUNTS: usize = 100;

/// The limits of a share by Wilson, Clopper and Pearson, Wald, and Agresti and Coull.
fn intervals(count: u64, n: u64, level: f64) -> Vec<(&'static str, [f64; 2])> {
    let ends =
        |found: Result<Interval, stats::Error>| found.ok().map(|found| [found.lower, found.upper]);
    let z = -normal_quantile(0.5 * (1.0 - level));
    let around = |count: f64, n: f64| {
        let share = count / n;
        let reach = z * (share * (1.0 - share) / n).sqrt();
        // Wald's limits leave 0 to 1 for small counts, and are printed cut.
        Some([(share - reach).max(0.0), (share + reach).min(1.0)])
    };
    let (x, total) = (count as f64, n as f64);
    let found = [
        ("wilson", ends(wilson(count, n, level))),
        ("clopper_pearson", ends(clopper_pearson(count, n, level))),
        ("wald", around(x, total)),
        ("agresti_coull", around(x + 0.5 * z * z, total + z * z)),
    ];
    found.into_iter().filter_map(|(name, ends)| Some((name, ends?))).collect()
}
