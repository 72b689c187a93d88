//! Paragraphs of an exposure that begins during follow-up.

use study::{Account, CensoringWeights, Covariate, Detail, ExposureTime, Practice, Procedure};

use super::Told;
use super::lists::{alike, behind, compact, listed};
use super::models::{adjusted_for, notes, scale};
use super::sets;
use super::shared::limits;
use super::teller::Teller;
use crate::format;

/// The exposure in words.
fn exposure(teller: &Teller<'_>, account: &Account) -> String {
    match &account.groups {
        Some(groups) if !teller.shared.are_groups(groups) => teller.groups(groups),
        // The opening paragraph says what the exposure is, where it is the study's own.
        Some(_) | None => "exposure".to_owned(),
    }
}

/// Landmark analyses.
pub(super) fn landmark(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        (
            account.practice.clone(),
            account.groups.clone(),
            account.terms.clone(),
            teller.variant(account),
            teller.patients(account),
        )
    });
    let told = same.iter().map(|((practice, _, terms, variant, patients), own)| {
        let Practice::Landmark { landmarks } = practice else { return String::new() };
        let times: Vec<String> = landmarks.iter().map(ToString::to_string).collect();
        let which = match landmarks.as_slice() {
            [_] => "At a landmark of",
            _ => "At landmarks of",
        };
        let adjusted = match terms.is_empty() {
            true => String::new(),
            false => {
                let terms: Vec<&Covariate> = terms.iter().collect();
                format!(", unadjusted and adjusted for {}", sets::words(teller, &terms))
            }
        };
        let variant = behind(variant);
        format!(
            // That only those still followed are compared is what a landmark is for, and what its
            // numbers depend on.
            "{which} {}{}{patients}, those followed beyond without the event are compared from there by {} until then (Kaplan-Meier curves{}, log-rank test, Cox model{adjusted}{variant}).",
            compact(&times),
            teller.endpoints("for", own),
            exposure(teller, own[0]),
            notes(&scale(teller, own[0]).into_iter().collect::<Vec<_>>())
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Cox models of such an exposure.
pub(super) fn time_dependent(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| account.groups.clone());
    let told = same.iter().map(|(_, own)| {
        let models = alike(own, |account| {
            (account.terms.clone(), teller.variant(account), teller.patients(account))
        });
        let models = models.iter().map(|((_, variant, patients), own)| {
            let variant = behind(variant);
            let of = teller.endpoints("for", own);
            format!("{}{variant}{patients}{of}", adjusted_for(teller, own[0]))
        });
        let models: Vec<String> = models.collect();
        format!(
            "Time-dependent Cox models, {}, count follow-up before {} as unexposed; Mantel and Byar's test compares the states.",
            listed(&models),
            exposure(teller, own[0])
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Curves by state of such an exposure.
pub(super) fn simon_makuch(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let groups = account.groups.clone();
        (account.practice.clone(), limits(account), groups, teller.patients(account))
    });
    let told = same.iter().map(|((practice, _, _, patients), own)| {
        let from = match practice {
            Practice::SimonMakuch { landmark: Some(landmark) } => {
                format!(", from a landmark at {landmark} on")
            }
            _ => String::new(),
        };
        let state = match exposure(teller, own[0]).as_str() {
            "exposure" => String::new(),
            own => format!(" of {own}"),
        };
        // The paragraph of the models tells the same test.
        let is_model = |told: &Told<'_>| told.account.practice == Practice::TimeDependentCox;
        let test = match teller.told.iter().any(is_model) {
            true => "",
            false => ", compared by Mantel and Byar's test",
        };
        format!(
            "Curves{} by state{state}{patients} are Simon and Makuch's{}{from}{test}.",
            teller.endpoints("for", own),
            notes(&scale(teller, own[0]).into_iter().collect::<Vec<_>>())
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Strategies compared by clones.
pub(super) fn clones(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let groups = account.groups.clone();
        (
            account.practice.clone(),
            account.method.clone(),
            groups,
            account.terms.clone(),
            teller.patients(account),
        )
    });
    let told = same.iter().map(|((practice, method, _, terms, patients), own)| {
        let grace = match method.procedure {
            Procedure::CloneCensorWeight { grace } => grace.to_string(),
            _ => String::new(),
        };
        let terms: Vec<&Covariate> = terms.iter().collect();
        let set = match terms.is_empty() {
            true => String::new(),
            false => format!(
                // The assumption that no data can check is said with the terms that it is about.
                " on {}, assumed to explain who starts",
                sets::bare(teller, &terms)
            ),
        };
        let detail = |find: fn(&Detail) -> Option<String>| method.details.iter().find_map(find);
        let weights = detail(|detail| match detail {
            Detail::CensoringWeights(CensoringWeights::Cox) => {
                Some("a Cox model of that censoring".to_owned())
            }
            Detail::CensoringWeights(CensoringWeights::PooledLogistic { interval }) => {
                Some(format!(
                    "a pooled logistic model of that censoring by intervals of {interval}"
                ))
            }
            _ => None,
        });
        let cut = detail(|detail| match detail {
            Detail::CutAt(weight) => Some(format!(", weights cut at {weight}")),
            _ => None,
        });
        let weighted = match weights {
            Some(weights) => {
                format!(" and weighted by {weights}{set}{}", cut.unwrap_or_default())
            }
            None => ", without weights".to_owned(),
        };
        let limits = match practice {
            // Without samples there are no limits to tell of.
            Practice::CloneCensorWeight { samples: samples @ 1.. } => format!(
                "; limits are percentiles of {} refitted bootstrap samples",
                format::count(*samples as u64)
            ),
            _ => String::new(),
        };
        let variant = behind(&teller.variant(own[0]));
        format!(
            "Starting {} within {grace} was compared with not starting{}{patients}{variant} by clones in both strategies, censored on deviating{weighted}{limits}.",
            exposure(teller, own[0]),
            teller.endpoints("in", own)
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// How late an exposure must have begun.
pub(super) fn tipping_point(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let groups = account.groups.clone();
        (
            account.method.procedure.clone(),
            groups,
            account.terms.clone(),
            teller.variant(account),
            teller.patients(account),
        )
    });
    let told = same.iter().map(|((procedure, _, terms, variant, patients), own)| {
        let assumed = match procedure {
            Procedure::TimeDependentCox(ExposureTime::AssumedShare) => {
                "assumed starts, after one share of each follow-up,"
            }
            _ => "assumed common starts",
        };
        let adjusted = match terms.is_empty() {
            true => String::new(),
            false => format!(", {}", adjusted_for(teller, own[0])),
        };
        let variant = behind(variant);
        format!(
            "Tipping points{}{patients} are the first {assumed} of {} at which its hazard ratio{adjusted}{variant} reaches, and its limits include, 1.",
            teller.endpoints("for", own),
            exposure(teller, own[0])
        )
    });
    told.collect::<Vec<_>>().join(" ")
}
