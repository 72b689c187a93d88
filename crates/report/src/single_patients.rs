//! What figures that show single patients have in common: whether the study's
//! privacy allows them, the order of their groups, and what they show as a file.

use engine::{Mistake, Mistakes, Named};
use study::{Level, PrivacyTier, StudySettings};

use crate::analysis::Analysis;
use crate::format;
use crate::lookup::Whom;

/// Refuses a figure of single patients where the study shows aggregates only.
pub(crate) fn check_tier(study: &StudySettings) -> Result<(), Mistake> {
    if study.privacy.tier != PrivacyTier::Aggregate {
        return Ok(());
    }
    let message = "the figure shows single patients, which `tier: aggregate` does not allow";
    Err(Mistake::new(message).hint(
        "leave the figure out, or state in `privacy` of `study:` that rows of patients may be shown, such as `tier: pseudonymised`",
    ))
}

/// The groups from above, by the position in which the analysis has them; one of
/// all patients where it has none.
pub(crate) fn in_order(
    groups: &[Level],
    wanted: &[String],
) -> Result<Vec<Option<usize>>, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut order: Vec<Option<usize>> = Vec::new();
    for (place, level) in wanted.iter().enumerate() {
        let at = ["groups", &place.to_string()];
        match groups.iter().position(|group| group.value == *level) {
            Some(found) if order.contains(&Some(found)) => {
                mistakes.push(Mistake::at(&at, format!("`{level}` is listed twice")));
            }
            Some(found) => order.push(Some(found)),
            // Before a run only the data know the levels.
            None if groups.iter().any(Level::is_any) => {}
            None => {
                let known = groups.iter().map(|group| group.value.as_str());
                let message = format!("no group has the level `{level}`");
                mistakes.push(Mistake::at(&at, message).hint_nearest(level, known));
            }
        }
    }
    match groups {
        [] => order.push(None),
        groups => {
            // Groups that are not named come behind: a patient is never left out by a forgotten
            // name.
            let left: Vec<_> =
                (0..groups.len()).map(Some).filter(|group| !order.contains(group)).collect();
            order.extend(left);
        }
    }
    mistakes.or(order)
}

/// A group in words.
pub(crate) fn group_label(
    groups: &[Level],
    group: Option<usize>,
    labels: &Named<String>,
) -> String {
    let Some(level) = group.map(|group| &groups[group]) else { return "All patients".to_owned() };
    labels.get(&level.value).cloned().unwrap_or_else(|| level.label.clone())
}

/// Labels for levels that no group has.
pub(crate) fn check_labels(groups: &[Level], labels: &Named<String>) -> Vec<Mistake> {
    if groups.iter().any(Level::is_any) {
        return Vec::new();
    }
    let known = || groups.iter().map(|group| group.value.as_str());
    let unknown = labels.iter().filter(|(level, _)| known().all(|own| own != *level));
    let told = unknown.map(|(level, _)| {
        Mistake::at(&["labels", level], format!("no group has the level `{level}`"))
            .hint_nearest(level, known())
    });
    told.collect()
}

/// Whom the findings of a group are about.
pub(crate) fn whom(groups: &[Level], group: Option<usize>) -> Whom<'_> {
    group.map_or(Whom::Everybody, |group| Whom::Group(&groups[group].value))
}

/// A statistic of a group as it is printed.
pub(crate) fn printed(
    analysis: &Analysis<'_>,
    statistic: &str,
    whom: Whom<'_>,
    study: &StudySettings,
) -> String {
    let found = analysis.of_group(statistic, whom);
    found.map_or_else(|| format::NOT_ESTIMABLE.to_owned(), |found| format::value(found, study))
}
