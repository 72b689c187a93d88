//! Parts and wholes: groups, levels and subgroups that add up.

use std::ops::RangeInclusive;

use study::{Check, Examined, Lack, Published, Quantity, Standing};

use super::statement::{Statement, What, Whom};
use super::statements::{Statements, distinct};
use super::verdict::Verdict;

/// What is counted.
const COUNTED: [Published; 4] =
    [Published::Patients, Published::Events, Published::Count, Published::Proportion];

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let mut examined = Vec::new();
    examined.extend(all.all.iter().filter_map(|one| within_patients(all, one)));
    examined.extend(all.all.iter().filter_map(|one| within_whole(all, one)));
    examined.extend(groups(all));
    examined.extend(levels(all));
    examined.extend(subgroups(all));
    examined.extend(same(all));
    examined
}

/// Events, patients with an outcome and those at risk are no more than patients, and
/// no share is more than the whole.
fn within_patients(all: &Statements<'_>, one: &Statement) -> Option<Examined> {
    if matches!(one.statistic, Published::Proportion | Published::Survival) {
        let is_more = one.value?.lower > 1.0 || one.value?.upper < 0.0;
        // Told only where it is wrong: that a share is no more than the whole is no news.
        return is_more
            .then(|| Verdict::of(Check::PartWithinWhole, [one.name.as_str()]).fits(false));
    }
    if !matches!(one.statistic, Published::Events | Published::Count | Published::AtRisk) {
        return None;
    }
    let patients = all.denominator(one)?;
    let names = std::iter::once(one.name.as_str()).chain(patients.claims);
    let verdict = Verdict::of(Check::PartWithinWhole, names).count("n", patients.n);
    let value = one.value?;
    // who is at risk at the start is everybody
    let starts = one.is(Published::AtRisk) && one.at_days == Some(0.0);
    let fits = value.lower <= patients.n as f64 && (!starts || value.contains(patients.n as f64));
    Some(verdict.fits(fits))
}

/// What is part of another outcome is counted no more often.
fn within_whole(all: &Statements<'_>, one: &Statement) -> Option<Examined> {
    if !matches!(one.statistic, Published::Count | Published::Proportion) {
        return None;
    }
    let whole = What { of: Some(one.part_of.clone()?), level: None };
    let beside = all.find(one.statistic, &whole, &one.whom)?;
    let verdict = Verdict::of(Check::PartWithinWhole, [one.name.as_str(), &beside.name]);
    Some(verdict.fits(!one.value?.is_above(beside.value?)))
}

/// The counts of somebody.
fn counted(
    all: &Statements<'_>,
    statistic: Published,
    what: &What,
    whom: &Whom,
) -> Option<(RangeInclusive<u64>, Vec<String>)> {
    if statistic == Published::Proportion {
        let counts = all.counts(what, whom)?;
        return Some((counts.counts, counts.claims.into_iter().map(str::to_owned).collect()));
    }
    let found = all.find(statistic, what, whom)?;
    let whole = found.whole()?;
    Some((whole..=whole, vec![found.name.clone()]))
}

/// The sum of counts.
fn sum(parts: &[(RangeInclusive<u64>, Vec<String>)]) -> RangeInclusive<u64> {
    let ends = |end: fn(&RangeInclusive<u64>) -> u64| parts.iter().map(|(part, _)| end(part)).sum();
    // The fewest of each, and the most of each.
    ends(|part| *part.start())..=ends(|part| *part.end())
}

fn names(parts: &[(RangeInclusive<u64>, Vec<String>)]) -> impl Iterator<Item = &str> {
    parts.iter().flat_map(|(_, claims)| claims).map(String::as_str)
}

/// All groups together are everybody.
fn groups(all: &Statements<'_>) -> Vec<Examined> {
    let mut examined = Vec::new();
    for statistic in COUNTED {
        for what in all.whats(&[statistic]) {
            let whole =
                all.whoms(&[statistic], &what).into_iter().filter(|one| one.group.is_none());
            examined.extend(whole.filter_map(|whole| groups_of(all, statistic, &what, &whole)));
        }
    }
    examined
}

fn groups_of(
    all: &Statements<'_>,
    statistic: Published,
    what: &What,
    whole: &Whom,
) -> Option<Examined> {
    let parts: Option<Vec<_>> = (all.groups_within(whole).iter())
        .map(|group| counted(all, statistic, what, group))
        .collect();
    let parts = parts.filter(|parts| parts.len() > 1)?;
    let total = counted(all, statistic, what, whole)?;
    let sums = sum(&parts);
    let own = total.1.first().map(String::as_str);
    let verdict = Verdict::of(Check::GroupsAddUp, own.into_iter().chain(names(&parts)))
        .count("total", *total.0.start())
        .count("sum_of_groups", *sums.start());
    // Both ranges need only meet, because each holds all counts that print the claim.
    Some(verdict.fits(sums.start() <= total.0.end() && total.0.start() <= sums.end()))
}

/// The levels of a variable are no more than everybody, and no fewer where they are all.
fn levels(all: &Statements<'_>) -> Vec<Examined> {
    let kinds = [Published::Proportion, Published::Count];
    let levels: Vec<What> =
        all.whats(&kinds).into_iter().filter(|what| what.level.is_some()).collect();
    let variables = distinct(levels.iter().map(|what| what.of.clone()));
    let mut examined = Vec::new();
    for variable in variables {
        let own: Vec<&What> = levels.iter().filter(|what| what.of == variable).collect();
        let whoms = distinct(own.iter().flat_map(|what| all.whoms(&kinds, what)));
        examined.extend(whoms.iter().filter_map(|whom| levels_of(all, &own, whom)));
    }
    examined
}

fn levels_of(all: &Statements<'_>, levels: &[&What], whom: &Whom) -> Option<Examined> {
    let is_claimed = |what: &What| {
        let own = all.all.iter().filter(|one| one.what == *what && one.whom == *whom);
        own.map(|one| one.statistic).any(|statistic| COUNTED.contains(&statistic))
    };
    let claimed: Vec<&What> = levels.iter().copied().filter(|what| is_claimed(what)).collect();
    // One level alone adds up to nothing.
    if claimed.len() < 2 {
        return None;
    }
    // Without that word others may have been left out of the paper.
    let are_all = all.all.iter().any(|one| one.all_levels && one.what.of == levels[0].of);
    let Some(n) = all.patients(whom).map(|patients| patients.n) else {
        return shares_of_levels(all, &claimed, whom, are_all);
    };
    let parts: Option<Vec<_>> = (claimed.iter())
        .map(|what| {
            let counts = all.counts(what, whom)?;
            let claims = counts.claims.into_iter().map(str::to_owned).collect();
            Some((counts.counts, claims))
        })
        .collect();
    let parts = parts?;
    let sums = sum(&parts);
    let verdict = Verdict::of(Check::LevelsAddUp, names(&parts))
        .count("n", n)
        .count("sum_of_levels", *sums.start());
    Some(verdict.fits(*sums.start() <= n && (!are_all || *sums.end() >= n)))
}

/// The same of percentages whose denominator is not claimed.
fn shares_of_levels(
    all: &Statements<'_>,
    levels: &[&What],
    whom: &Whom,
    are_all: bool,
) -> Option<Examined> {
    let shares: Option<Vec<_>> = (levels.iter())
        .map(|what| {
            let share = all.find(Published::Proportion, what, whom)?;
            Some((share.name.as_str(), share.value?))
        })
        .collect();
    let shares = shares?;
    let verdict = Verdict::of(Check::LevelsAddUp, shares.iter().map(|(name, _)| *name));
    let ends = |end: fn(&(&str, stats::forensics::Printed)) -> f64| shares.iter().map(end).sum();
    let (least, most): (f64, f64) =
        (ends(|(_, share)| share.lower), ends(|(_, share)| share.upper));
    let verdict = verdict.clue("sum_of_levels", Quantity::Proportion, 0.5 * (least + most));
    // Room for the rounding of the sum only.
    Some(verdict.fits(least <= 1.0 + 1e-12 && (!are_all || most >= 1.0 - 1e-12)))
}

/// Subgroups by a variable are no more than everybody; where they are everybody,
/// so are their events.
fn subgroups(all: &Statements<'_>) -> Vec<Examined> {
    let subgroups = all.all.iter().filter_map(|one| one.whom.subgroup.as_ref());
    let variables = distinct(subgroups.map(|(variable, _)| variable.clone()));
    let mut examined = Vec::new();
    for variable in variables {
        let whoms = distinct(
            (all.all.iter())
                .map(|one| one.whom.clone())
                .filter(|whom| whom.subgroup.as_ref().is_some_and(|(own, _)| *own == variable)),
        );
        for group in distinct(whoms.iter().map(|whom| whom.group.clone())) {
            let own: Vec<&Whom> = whoms.iter().filter(|whom| whom.group == group).collect();
            let whole = Whom { group, subgroup: None };
            let are_all = all.all.iter().any(|one| {
                one.all_levels && one.whom.subgroup.as_ref().is_some_and(|(of, _)| *of == variable)
            });
            examined.extend(subgroups_of(all, &own, &whole, are_all));
        }
    }
    examined
}

fn subgroups_of(
    all: &Statements<'_>,
    subgroups: &[&Whom],
    whole: &Whom,
    are_all: bool,
) -> Vec<Examined> {
    let mut examined = Vec::new();
    let mut are_all = are_all;
    // Patients come first in `COUNTED`. Only if theirs are everybody
    // is it known that events and the others must add up, too.
    for statistic in COUNTED {
        for what in all.whats(&[statistic]) {
            let parts: Vec<_> = (subgroups.iter())
                .filter_map(|whom| counted(all, statistic, &what, whom))
                .collect();
            let total = match statistic {
                Published::Patients if what == What::default() => {
                    all.patients(whole).map(|found| {
                        (found.n..=found.n, found.claims.into_iter().map(str::to_owned).collect())
                    })
                }
                _ => counted(all, statistic, &what, whole),
            };
            let Some(total) = total.filter(|_| parts.len() > 1) else { continue };
            let sums = sum(&parts);
            let verdict = Verdict::of(
                Check::LevelsAddUp,
                names(&parts).chain(names(std::slice::from_ref(&total))),
            )
            .count("total", *total.0.start())
            .count("sum_of_subgroups", *sums.start());
            // No count that prints a part leaves room in the whole.
            let is_more = sums.start() > total.0.end();
            let is_less = sums.end() < total.0.start();
            are_all |= statistic == Published::Patients && sums == total.0;
            examined.push(verdict.stands(match (is_more, is_less) {
                (false, false) => Standing::Consistent,
                // some may have no value of the variable
                (false, true) if !are_all => Standing::Unusual,
                _ => Standing::Contradiction,
            }));
        }
    }
    examined
}

/// The same number in several places is the same.
fn same(all: &Statements<'_>) -> Vec<Examined> {
    let key = |one: &Statement| {
        (
            one.statistic,
            one.what.clone(),
            one.whom.clone(),
            one.at_days.map(f64::to_bits),
            (one.adjusted, one.test.map(|test| format!("{test:?}")), one.n, one.reference.clone()),
        )
    };
    let mut examined = Vec::new();
    for (place, first) in all.all.iter().enumerate() {
        // Only the first of its kind is held against
        // the others, so that each pair is told once.
        if all.all[..place].iter().any(|one| key(one) == key(first)) {
            continue;
        }
        for other in all.all[place + 1..].iter().filter(|one| key(one) == key(first)) {
            let verdict = Verdict::of(Check::SameInAllPlaces, [first.name.as_str(), &other.name]);
            let limits = || match (first.limits, other.limits) {
                (Some((l1, u1)), Some((l2, u2))) => l1.meets(l2) && u1.meets(u2),
                _ => true,
            };
            examined.push(match (first.value, other.value) {
                (Some(one), Some(same)) => verdict.fits(one.meets(same) && limits()),
                (None, None) if first.not_reached == other.not_reached => verdict.fits(true),
                // Reached in one place and not reached in another.
                _ if first.not_reached || other.not_reached => verdict.fits(false),
                _ => verdict.lacking(Lack::Number),
            });
        }
    }
    examined
}
