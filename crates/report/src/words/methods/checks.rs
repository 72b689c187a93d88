//! Paragraphs of what was asked of a model: hazards, predictions, influence.

use study::{Account, Detail, Practice};

use super::lists::{alike, joined, listed};
use super::models::{briefly, scale};
use super::shared::limits;
use super::teller::Teller;
use crate::format;
use crate::words::choices;

/// Tests of proportional hazards.
pub(super) fn proportional_hazards(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| match &account.practice {
        Practice::ProportionalHazards { along, .. } => Some(*along),
        _ => None,
    });
    let mut told: Vec<String> = (same.iter())
        .filter_map(|(along, own)| {
            let along = choices::transform((*along)?).trim_start_matches("the ");
            Some(format!(
                "Proportional hazards ({}) were tested by term and globally (Grambsch and Therneau, {along}).",
                briefly(teller, own)
            ))
        })
        .collect();
    let cut = alike(accounts, |account| match &account.practice {
        Practice::ProportionalHazards { cut, .. } => *cut,
        _ => None,
    });
    told.extend(cut.iter().filter_map(|(cut, own)| {
        let cut = (*cut)?;
        let of = teller.endpoints("for", own);
        // Said, as other programs let one term alone change at the cut.
        Some(format!("Ratios{of} before and after {cut} leave all coefficients free."))
    }));
    told.join(" ")
}

/// Survival that models predict.
pub(super) fn predicted(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, limits);
    let told = same.iter().map(|(_, own)| {
        let is_offset = |detail: &Detail| matches!(detail, Detail::Offset(_));
        let offset = own.iter().any(|account| account.method.details.iter().any(is_offset));
        let offset = if offset { ", offsets taken at their mean" } else { "" };
        format!(
            "Survival of chosen profiles was predicted by Cox models ({}; {}limits hold the uncertainty of baseline hazard and coefficients{offset}).",
            briefly(teller, own),
            scale(teller, own[0]).map_or_else(String::new, |scale| scale.replace("limits", ""))
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// How well models predict, and how single patients and terms move them; both
/// of one model are told together.
pub(super) fn judged(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let patients = teller.patients(account);
        (
            account.outcome.clone(),
            account.terms.clone(),
            account.interactions.clone(),
            teller.variant(account),
            patients,
        )
    });
    let told: Vec<(Vec<String>, Vec<&Account>)> = (same.into_iter())
        .map(|(_, own)| (own.iter().flat_map(|account| judgements(account)).collect(), own))
        .collect();
    // By places, since `alike` needs something that can be copied.
    let places: Vec<usize> = (0..told.len()).collect();
    let told = alike(&places, |place| told[place].0.clone()).into_iter().map(|(by, places)| {
        let own: Vec<&Account> = places.iter().map(|place| told[*place].1[0]).collect();
        let which = if own.len() == 1 { "Cox model" } else { "Cox models" };
        let verb = if own.len() == 1 { "was" } else { "were" };
        format!("The {which} ({}) {verb} judged by {}.", briefly(teller, &own), listed(&by))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// What a model was judged by.
fn judgements(account: &Account) -> Vec<String> {
    match &account.practice {
        Practice::Performance { groups, samples } => {
            let mut by = vec!["Harrell's and Uno's concordance".to_owned()];
            if let Some(groups) = groups {
                by.push(format!("calibration in {groups} risk groups"));
                by.push("Brier scores weighted for censoring".to_owned());
            }
            // Without samples there is no optimism to tell.
            if *samples > 0 {
                let samples = format::count(*samples as u64);
                by.push(format!("optimism and calibration slope from {samples} bootstrap samples"));
            }
            by
        }
        Practice::Diagnostics { leave_one_out, without_followed_for } => {
            let mut by = vec!["variance inflation factors".to_owned(), "dfbeta".to_owned()];
            let early = without_followed_for.map(|least| format!("those followed under {least}"));
            let left = leave_one_out.then(|| "each patient".to_owned());
            let left: Vec<String> = left.into_iter().chain(early).collect();
            if !left.is_empty() {
                by.push(format!("fits without {}", joined(&left, "or")));
            }
            by
        }
        _ => Vec::new(),
    }
}
