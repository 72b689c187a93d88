//! The methods section: one paragraph of all that a study did of a practice.
//! Endpoints and models of which the same is true are told in one sentence,
//! and what holds for the whole study once, before the first paragraph.

mod checks;
mod confounding;
mod constructed;
mod curves;
mod exposure;
mod groups;
mod lettered;
mod lists;
mod missing;
mod models;
mod opening;
mod ratios;
mod sets;
mod shared;
mod teller;

use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};

use study::{Account, Finding, FlowStep, Practice, in_sentence};

use crate::analysis::Words;
use crate::exhibit::sentence;
use lists::alike;
use teller::Teller;

/// An entry of `analyze` and what it did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    /// The name of the entry.
    pub(crate) stage: &'a str,
    /// Its account.
    pub(crate) account: &'a Account,
}

/// What a study did, a paragraph for each practice in the order in which the
/// first of its entries stands; `level` is that of confidence limits.
pub(crate) fn paragraphs(
    told: &[Told<'_>],
    findings: &[&Finding],
    words: Words<'_>,
    level: f64,
) -> Vec<String> {
    if told.is_empty() {
        return Vec::new();
    }
    let teller = Teller::new(told, findings, words);
    let accounts: Vec<&Account> = told.iter().map(|one| one.account).collect();
    // One paragraph a practice, however many entries have it: a methods section of a study with
    // dozens of models must be readable.
    let practices = alike(&accounts, |account| paragraph(&account.practice));
    let own = practices.iter().map(|(_, accounts)| of_practice(&teller, accounts));
    std::iter::once(teller.opening(level))
        .chain(own)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| sentence(&paragraph))
        .collect()
}

/// What tells paragraphs apart: the practice, but that ratios of one cause, and
/// judgements of a model, are told together.
fn paragraph(practice: &Practice) -> (u8, Option<Discriminant<Practice>>) {
    match practice {
        // The first number only keeps these apart from the discriminants of the others.
        Practice::CauseSpecificCox(_) | Practice::FineGray(_) => (1, None),
        Practice::Performance { .. } | Practice::Diagnostics { .. } => (2, None),
        other => (0, Some(discriminant(other))),
    }
}

/// What is said of an exclusion by what becomes known only after time zero.
pub(crate) fn looks_ahead(step: &FlowStep) -> Option<String> {
    (!step.known_late.is_empty()).then(|| {
        format!(
            "The exclusion \u{201c}{}\u{201d} looks past time zero ({}).",
            step.reason,
            step.known_late.join(", ")
        )
    })
}

/// What is said of groups that become known only after time zero, each with
/// the date from which on.
pub(crate) fn naive(late: &BTreeSet<(&str, &str)>) -> Option<String> {
    let late: Vec<String> = (late.iter())
        .map(|(label, date)| {
            format!("{}, known from {} on,", in_sentence(label), in_sentence(date))
        })
        .collect();
    (!late.is_empty()).then(|| {
        format!("Comparisons by {} are naive: open to immortal-time bias.", late.join(" and by "))
    })
}

/// The paragraph of some accounts of one practice.
fn of_practice(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    teller.begin();
    match &accounts[0].practice {
        Practice::Characteristics { .. } => groups::characteristics(teller, accounts),
        Practice::GroupDifference { .. } => groups::differences(teller, accounts),
        Practice::Response { .. } => groups::response(teller, accounts),
        Practice::SurvivalTests { .. } => groups::survival_tests(teller, accounts),
        Practice::Curves { .. } => curves::curves(teller, accounts),
        Practice::SurvivalDifference { .. } => curves::differences(teller, accounts),
        Practice::Turnbull { .. } => curves::turnbull(teller, accounts),
        Practice::CumulativeIncidence { .. } => curves::incidence(teller, accounts),
        Practice::Cox(_) => ratios::cox(teller, accounts),
        Practice::Logistic(_) => ratios::logistic(teller, accounts),
        Practice::Parametric { .. } => ratios::parametric(teller, accounts),
        Practice::CauseSpecificCox(_) | Practice::FineGray(_) => {
            ratios::of_causes(teller, accounts)
        }
        Practice::Subgroups { .. } => ratios::subgroups(teller, accounts),
        Practice::PredictedSurvival => checks::predicted(teller, accounts),
        Practice::ProportionalHazards { .. } => checks::proportional_hazards(teller, accounts),
        Practice::Performance { .. } | Practice::Diagnostics { .. } => {
            checks::judged(teller, accounts)
        }
        Practice::Landmark { .. } => exposure::landmark(teller, accounts),
        Practice::TimeDependentCox => exposure::time_dependent(teller, accounts),
        Practice::SimonMakuch { .. } => exposure::simon_makuch(teller, accounts),
        Practice::CloneCensorWeight { .. } => exposure::clones(teller, accounts),
        Practice::TippingPoint => exposure::tipping_point(teller, accounts),
        Practice::PropensityScore { .. } => confounding::propensity_score(teller, accounts),
        Practice::EValue { .. } => confounding::e_value(teller, accounts),
        Practice::IdentifiedSet { .. } => constructed::identified_set(accounts),
        Practice::Imputation { .. } => missing::imputation(teller, accounts),
        Practice::PooledCox { .. } => missing::pooled(teller, accounts),
    }
}

#[cfg(test)]
mod tests;
