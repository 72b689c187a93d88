//! Parameters that several kinds share, and their checks.

use engine::{Call, Mistake, Mistakes, Named, Read, Section};
use study::StudySettings;

use crate::analysis::Analysis;
use crate::evidence::Evidence;

/// Checks the column that makes the groups.
pub(crate) fn check_by(call: &Call<'_>, by: Option<&str>) -> Result<(), Mistake> {
    by.map_or(Ok(()), |by| call.require_column(&call.study.analysis_table, by, &["by"]))
}

/// Checks a list of entries: not empty, none twice.
pub(crate) fn check_list(names: &[String], parameter: &str, kind: &str) -> Result<(), Mistakes> {
    let mut mistakes = Mistakes::default();
    if names.is_empty() {
        let mistake = Mistake::at(&[parameter], format!("`{parameter}` is empty"));
        mistakes.push(mistake.hint(format!("name entries of kind `{kind}`")));
    }
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            let at = [parameter, &place.to_string()];
            mistakes.push(Mistake::at(&at, format!("`{name}` is listed twice")));
        }
    }
    mistakes.or(())
}

/// The reads of a list of analyses and the labels of the analysis table.
pub(crate) fn list_reads(study: &StudySettings, names: &[String], parameter: &str) -> Vec<Read> {
    let stages = names
        .iter()
        .enumerate()
        .map(|(place, name)| Read::stage(name, Section::Analyze, &[parameter, &place.to_string()]));
    stages.chain([Read::table(&study.analysis_table, &[])]).collect()
}

/// The analyses of a list, each of one of some kinds.
pub(crate) fn analyses<'a>(
    evidence: &'a Evidence,
    names: &[String],
    kinds: &[&str],
    parameter: &str,
) -> Result<Vec<Analysis<'a>>, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut found = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let at = [parameter, &place.to_string()];
        found.extend(mistakes.note(evidence.of_kind(name, kinds, &at)));
    }
    mistakes.or(found)
}

/// The width of a figure over both columns of a journal, in millimetres.
pub(crate) fn full_width() -> f64 {
    // Two columns of Nature and nearly those of most journals.
    183.0
}

/// Names of entries that the list does not have.
pub(crate) fn unknown_names(names: &Named<String>, entries: &[String]) -> Vec<Mistake> {
    let unknown = names.iter().filter(|(name, _)| !entries.iter().any(|entry| entry == name));
    let told = unknown.map(|(name, _)| {
        Mistake::at(&["names", name], format!("the table does not print `{name}`"))
            .hint_nearest(name, entries.iter().map(String::as_str))
    });
    told.collect()
}
