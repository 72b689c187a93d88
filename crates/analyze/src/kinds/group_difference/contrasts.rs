//! How much each group differs from the reference, and the limits of its own
//! shares.

use stats::location::{hodges_lehmann, welch_t_test};
use study::{Finding, Quantity};

use crate::arms::Arms;
use crate::book::{Basis, Book, Told, level_words};
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
        for (level, count) in category.levels.iter().zip(counts).filter(|_| n > 0) {
            for interval in [Interval::Wilson, Interval::ClopperPearson] {
                let limits = interval.of(count as u64, n as u64, book.level)?;
                let share = count as f64 / n as f64;
                let method =
                    format!("proportion, {} {} CI", interval.words(), level_words(book.level));
                let finding = book
                    .draft(&["proportion"], "proportion", Quantity::Proportion, share)
                    .of_variable(&variable.name)
                    .at_level(&level.value)
                    .in_group(&arm.level)
                    .limits(Some(limits.lower), Some(limits.upper), book.level)
                    .from(Basis { n, events: Some(count), missing: arm.n - n })
                    .by_method(method);
                book.push(finding.part(study::Part::Words((interval.id()).to_string())));
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
    let others = (0..arms.groups.len()).filter(|group| *group != reference);
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
                    let finding = finding.in_group(&arms.groups[group].level);
                    book.push(finding.against(&arms.groups[reference].level).from(basis));
                }
            }
        }
        (Pairs::Levels(pairs), VariableValues::Levels(category)) if category.n_levels() == 2 => {
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
    let words = level_words(book.level);
    let draft = |name: &str, value| book.attempt(&[name], name, Quantity::Measured, value);
    let means = welch_t_test(group, reference, book.level);
    let known = means.clone().ok();
    let mut mean = draft("mean_difference", means.map(|found| found.difference))
        .with_error(known.map(|found| found.standard_error))
        .by_method(format!("difference of means, Welch {words} CI"));
    if let Some(found) = known {
        let limits = found.interval;
        mean = mean.limits(Some(limits.lower), Some(limits.upper), book.level);
    }
    let shift = hodges_lehmann(group, reference, book.level);
    let known = shift.clone().ok();
    let how = if known.is_some_and(|found| found.exact) { "exact" } else { "normal-approximation" };
    let mut location = draft("hodges_lehmann", shift.map(|found| found.estimate))
        .by_method(format!("Hodges-Lehmann shift, {how} {words} CI"));
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
    let with = |code: usize| pairs.iter().filter(|pair| **pair == (code, 1)).count();
    let missing = |code: usize| arms.groups[code].n - count(code);
    let pair = TwoGroups {
        events: with(group) as u64,
        n: count(group) as u64,
        reference_events: with(reference) as u64,
        reference_n: count(reference) as u64,
        missing: missing(group) + missing(reference),
    };
    if pair.n == 0 || pair.reference_n == 0 {
        return Ok(());
    }
    let (variable, level) = (category.column.as_str(), &category.levels[1].value);
    let place =
        ContrastPlace { before: None, variable: Some(variable), group: &arms.groups[group].level };
    for mut finding in pair.contrasts(book, place)? {
        finding.level = Some(level.clone());
        book.push(finding.against(&arms.groups[reference].level));
    }
    Ok(())
}
