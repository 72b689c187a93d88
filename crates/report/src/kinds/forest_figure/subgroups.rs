//! What rows of subgroups have beside those of terms: events and patients of each
//! group of the treatment, and the tests of the interactions.

use study::{Finding, StudySettings};

use crate::analysis::{Words, distinct};
use crate::format;
use crate::ratios::{self, Ratios};

/// The levels of the treatment in declared order; none where it is a number.
pub(super) fn arms<'a>(ratios: &Ratios<'a>) -> Vec<&'a str> {
    if !ratios.is_by_subgroup() {
        return Vec::new();
    }
    let counts = ratios.analysis.of_statistic("n");
    // A treatment that is a number has counts of everybody alone.
    distinct(counts.filter_map(|one| one.group.as_deref()).filter(|group| *group != "all"))
}

/// Headings of the columns of the groups.
pub(super) fn headings(words: &Words<'_>, ratios: &Ratios<'_>) -> Vec<String> {
    let treatment = ratios.analysis.methods.and_then(|account| account.terms.first());
    let name = |arm: &str| match treatment {
        Some(treatment) => words.level(&treatment.column, arm),
        None => arm.to_owned(),
    };
    arms(ratios).into_iter().map(|arm| format!("{} events/N", name(arm))).collect()
}

/// Events and patients of each group in the subgroup of a ratio; none where the
/// treatment has no groups.
pub(super) fn counts(
    study: &StudySettings,
    ratios: &Ratios<'_>,
    ratio: &Finding,
) -> Option<Vec<String>> {
    let arms = arms(ratios);
    let count = |statistic: &str, arm: &str| {
        let is_own = |one: &&Finding| {
            one.group.as_deref() == Some(arm)
                && one.variable == ratio.variable
                && one.level == ratio.level
        };
        let found = ratios.analysis.findings.iter().filter(|one| one.statistic == statistic);
        let found = found.into_iter().find(is_own);
        found.map_or_else(|| format::NOT_ESTIMABLE.to_owned(), |one| format::value(one, study))
    };
    // Events first, as trials print them: they, and not patients, decide how much a subgroup can
    // say.
    let text = |arm: &&str| format!("{}/{}", count("events", arm), count("n", arm));
    (!arms.is_empty()).then(|| arms.iter().map(text).collect())
}

/// Headings of the tests of interactions.
pub(super) fn tests() -> Vec<String> {
    ["Interaction p", "Holm p"].map(str::to_owned).into()
}

/// The p-value of the interaction of a column, and the one adjusted for all columns.
pub(super) fn p_values(study: &StudySettings, ratios: &Ratios<'_>, term: &str) -> Vec<String> {
    let plain = ratios::test_of_interaction(&ratios.analysis, term);
    let holm = ratios.analysis.of_statistic("p_value").find(|one| {
        one.variable.as_deref() == Some(term) && one.address.statistic() == Some("p_holm")
    });
    let shown = |one: Option<&Finding>| one.map(|one| format::value(one, study));
    [plain, holm].map(|one| shown(one).unwrap_or_default()).into()
}
