//! How much each group differs from the reference, and the limits of its own
//! shares.

use stats::location::{hodges_lehmann, welch_t_test};
use study::{Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, Role};

use crate::arms::{Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::category::Category;
use crate::kinds::baseline_table::comparison::{Pairs, samples};
use crate::kinds::baseline_table::{Variable, VariableValues};
use crate::kinds::response::Interval;
use crate::two_groups::{ContrastPlace, TwoGroups};

/// Confidence limits of the share of each level in each group and in all.
pub(super) fn record_limits(
    book: &mut Book,
    variable: &Variable,
    arms: &Arms,
) -> Result<(), stats::Error> {
    let VariableValues::Levels(category) = &variable.values else { return Ok(()) };
    for (code, arm) in arms.each() {
        let members: Vec<usize> =
            arms.members(code).into_iter().map(|place| arms.included[place]).collect();
        let counts = category.counts(&members);
        let n: usize = counts.iter().sum();
        // In a rehearsal nobody has a value, and a run may find some.
        let is_told = n > 0 || arms.included.is_empty();
        for (level, count) in category.levels.iter().zip(counts).filter(|_| is_told) {
            // Both are written down: tables choose between them without a new run.
            for interval in [Interval::Wilson, Interval::ClopperPearson] {
                let limits = (n > 0).then(|| interval.of(count as u64, n as u64, book.level));
                let limits = limits.transpose()?;
                let share = count as f64 / n as f64;
                let (parts, name) = ([Part::statistic("proportion")], "proportion");
                let finding = book
                    .draft(&parts, name, Quantity::Proportion, share)
                    .of_variable(&variable.name)
                    .of_level(level)
                    .in_arm(arm)
                    .limits(limits.map(|l| l.lower), limits.map(|l| l.upper), book.level)
                    // Of the group itself: the missing of other groups do not enter its share.
                    .from(Basis { n, events: Some(count), missing: arm.n - n })
                    .by_method(interval.method(book.level));
                let finding = finding.part(Part::method(interval.id()));
                book.push(finding.in_role(Role::Alternative));
            }
        }
    }
    Ok(())
}

/// The contrasts of each group with the reference.
pub(super) fn record(
    book: &mut Book,
    variable: &Variable,
    arms: &Arms,
    reference: usize,
) -> Result<(), stats::Error> {
    let others = arms.others(reference);
    // A contrast is of two groups; the others do not enter it.
    match (Pairs::new(variable, arms), &variable.values) {
        (Pairs::Numbers(pairs), _) => {
            let samples = samples(&pairs, arms.groups.len());
            for group in others {
                let of = |code: usize| arms.groups[code].n - samples[code].len();
                let basis = Basis {
                    n: samples[group].len() + samples[reference].len(),
                    events: None,
                    missing: of(group) + of(reference),
                };
                for finding in shifts(book, &samples[group], &samples[reference]) {
                    let mut finding = finding.of_variable(&variable.name);
                    finding.unit.clone_from(&variable.unit);
                    let finding = finding.in_arm(&arms.groups[group]);
                    book.push(finding.against_arm(&arms.groups[reference]).from(basis));
                }
            }
        }
        (Pairs::Levels(pairs), VariableValues::Levels(category))
            // With more levels no single level is the event.
            // In a rehearsal there may turn out to be two.
            if category.n_levels() == 2 || category.is_open() =>
        {
            for group in others {
                record_pair(book, category, &pairs, arms, [group, reference])?;
            }
        }
        (Pairs::Levels(_), _) => {}
    }
    Ok(())
}

/// The difference of means, and the shift.
fn shifts(book: &Book, group: &[f64], reference: &[f64]) -> [Finding; 2] {
    let draft =
        |name: &str, value| book.attempt(&[Part::statistic(name)], name, Quantity::Measured, value);
    let method = |procedure, interval| {
        Method::of(procedure).with(Detail::Interval { interval, level: book.level })
    };
    let means = welch_t_test(group, reference, book.level);
    let known = means.clone().ok();
    let mut mean = draft("mean_difference", means.map(|found| found.difference.estimate))
        .with_error(known.map(|found| found.standard_error))
        .by_method(method(Procedure::MeanDifference, IntervalKind::Welch));
    if let Some(found) = known {
        let limits = found.difference;
        mean = mean.limits(Some(limits.lower), Some(limits.upper), book.level);
    }
    let shift = hodges_lehmann(group, reference, book.level);
    let known = shift.clone().ok();
    // Which form the data allow is part of the method,
    // as with the rank test whose limits they are.
    let interval = match known.is_some_and(|found| found.exact) {
        true => IntervalKind::Exact,
        false => IntervalKind::NormalApproximation,
    };
    let mut location = draft("hodges_lehmann", shift.map(|found| found.interval.estimate))
        .by_method(method(Procedure::HodgesLehmann, interval));
    if let Some(found) = known {
        let limits = found.interval;
        location = location.limits(Some(limits.lower), Some(limits.upper), book.level);
    }
    [mean, location]
}

/// Risk difference and ratios of the second level; where a group has nobody
/// with a value there are none.
fn record_pair(
    book: &mut Book,
    category: &Category,
    pairs: &[(usize, usize)],
    arms: &Arms,
    [group, reference]: [usize; 2],
) -> Result<(), stats::Error> {
    let count = |code: usize| pairs.iter().filter(|pair| pair.0 == code).count();
    // The second level is the one that is told of, as `yes` of a yes/no column.
    let with = |code: usize| pairs.iter().filter(|pair| **pair == (code, 1)).count();
    let missing = |code: usize| arms.groups[code].n - count(code);
    let pair = TwoGroups {
        events: with(group) as u64,
        n: count(group) as u64,
        reference_events: with(reference) as u64,
        reference_n: count(reference) as u64,
        missing: missing(group) + missing(reference),
    };
    // Where all values of a group are missing no contrast
    // can be made; that they are missing is told.
    if (pair.n == 0 || pair.reference_n == 0) && !arms.included.is_empty() {
        return Ok(());
    }
    let (variable, level) = (category.column.as_str(), &category.levels[1]);
    let group = &arms.groups[group];
    let place = ContrastPlace { outcome: None, variable: Some(variable), group };
    for mut finding in pair.contrasts(book, place)? {
        // Set without a part of the id: there is one contrast
        // for a group, whatever the level is called.
        finding.level = (!level.is_any()).then(|| level.value.clone());
        book.push(finding.against_arm(&arms.groups[reference]));
    }
    Ok(())
}
