//! Groups that are too much alike at baseline.

use stats::forensics::{differences_alike, p_values_alike};
use study::{Check, Examined, Published, Quantity, Standing};

use super::statement::{Statement, Whom};
use super::statements::Statements;
use super::verdict::Verdict;

/// Fewer rows than this tell nothing.
const LEAST_ROWS: usize = 5;
/// Chance makes groups so alike once in a thousand studies.
const TOO_RARE: f64 = 0.001;

pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    p_values(all).into_iter().chain(differences(all)).collect()
}

/// Baseline p-values that crowd near 1.
fn p_values(all: &Statements<'_>) -> Option<Examined> {
    let own: Vec<&Statement> = all.every(Published::PValue).filter(|p| p.baseline).collect();
    // The lower end of what prints it lies farther from 1: rounding must not make
    // groups alike. A printed 0 is kept above 0, where its quantile is finite.
    // the end of each that is least remarkable
    let values: Option<Vec<f64>> = own.iter().map(|p| Some(p.value?.lower.max(1e-6))).collect();
    let values = values.filter(|values| values.len() >= LEAST_ROWS)?;
    let p = p_values_alike(&values).ok()?;
    let verdict = Verdict::of(Check::TooAlike, own.iter().map(|p| p.name.as_str()))
        .count("rows", values.len() as u64)
        .clue("p_of_so_alike", Quantity::PValue, p);
    Some(verdict.stands(standing(p)))
}

/// Standardised differences that are all small.
fn differences(all: &Statements<'_>) -> Option<Examined> {
    let own: Vec<&Statement> = all.every(Published::StandardizedDifference).collect();
    // Likewise the upper end of each size.
    let values: Option<Vec<f64>> = own.iter().map(|one| Some(one.value?.size().upper)).collect();
    let values = values.filter(|values| values.len() >= LEAST_ROWS)?;
    let sizes: Vec<u64> = all
        // Only whole groups: the differences of a baseline table are of all patients.
        .groups_within(&Whom::default())
        .iter()
        .filter_map(|whom| Some(all.patients(whom)?.n))
        .collect();
    // More groups would have several differences for each variable.
    let [group, reference] = sizes[..] else { return None };
    let p = differences_alike(&values, group, reference).ok()?;
    let verdict = Verdict::of(Check::TooAlike, own.iter().map(|one| one.name.as_str()))
        .count("rows", values.len() as u64)
        .clue("p_of_so_alike", Quantity::PValue, p);
    Some(verdict.stands(standing(p)))
}

fn standing(p: f64) -> Standing {
    // Rare is not impossible, so that it is no contradiction.
    if p < TOO_RARE { Standing::Unusual } else { Standing::Consistent }
}
