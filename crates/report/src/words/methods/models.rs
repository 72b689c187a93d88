//! Models in words: those of the same terms are told together, and what each
//! has of its own behind them.

use study::{Account, Clusters, Covariate, Detail, Errors, IntervalKind, Ties};

use super::lists::{alike, distinct, listed, outcomes_of, sorted};
use super::sets::{self, covariate};
use super::shared::{DISCRETE, limits};
use super::teller::Teller;
use crate::words::choices;
use crate::words::method::interval_name;

/// A detail of a method as a phrase, where it is particular; weights bring
/// robust errors with them.
pub(super) fn particular(teller: &Teller<'_>, detail: &Detail, weighted: bool) -> Option<String> {
    let words = match detail {
        Detail::Ties(ties) if teller.shared.are_ties(*ties) => return None,
        Detail::Ties(Ties::Exact) => format!("with exact ties ({DISCRETE})"),
        Detail::Ties(ties) => format!("with {}'s approximation for ties", choices::ties(*ties)),
        Detail::Firth => "with Firth's penalty (profile limits and tests)".to_owned(),
        Detail::Ridge(size) => format!("with a ridge of size {size}"),
        Detail::StandardizedRidge(size) => {
            format!("with a ridge of {size} on standardised terms")
        }
        Detail::StratifiedBy(columns) => format!("stratified by {}", teller.columns(columns)),
        Detail::Offset(column) => format!("with {} as offset", teller.column(column)),
        Detail::AtRiskFrom(column) => {
            format!("with patients at risk from {} on", teller.column(column))
        }
        Detail::WeightedBy(entry) => teller.weights(entry),
        Detail::Errors(Errors::Robust) if !weighted => "with robust errors".to_owned(),
        Detail::Errors(Errors::Clustered(Clusters::By(column))) => {
            format!("with robust errors clustered by {}", teller.column(column))
        }
        Detail::Errors(Errors::ClustersAlone(Clusters::By(column))) => {
            format!("with errors clustered by {}", teller.column(column))
        }
        Detail::Interval { interval: IntervalKind::Profile, .. } => {
            "with limits and tests from the profile of the likelihood".to_owned()
        }
        _ => return None,
    };
    Some(words)
}

impl Teller<'_> {
    /// What is particular about a method, each as a phrase; nothing of what
    /// holds for the whole study.
    pub(super) fn variant(&self, account: &Account) -> Vec<String> {
        let details = &account.method.details;
        let weighted = details.iter().any(|detail| matches!(detail, Detail::WeightedBy(_)));
        details.iter().filter_map(|detail| particular(self, detail, weighted)).collect()
    }
}

/// The limits of a curve, where they are not on the scale of the study.
pub(super) fn scale(teller: &Teller<'_>, account: &Account) -> Option<String> {
    let own = limits(account).filter(|own| !teller.shared.is_scale(*own))?;
    Some(format!("{} limits", interval_name(own)))
}

/// Notes in parentheses, with a blank before them.
pub(super) fn notes(notes: &[String]) -> String {
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

/// What several models of one practice are, each difference once: `unadjusted,
/// also with overlap weights; for overall survival, adjusted for age`.
pub(super) fn models(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    each(teller, accounts, of_terms)
}

/// The same in short, for models that were told before: `PFS with set A`.
pub(super) fn briefly(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let brief = |teller: &Teller<'_>, own: &[&Account]| {
        let text = of_terms(teller, own).replacen("adjusted for", "with", 1);
        text.strip_prefix("for ").map_or_else(|| text.clone(), str::to_owned)
    };
    each(teller, accounts, brief)
}

fn each(
    teller: &Teller<'_>,
    accounts: &[&Account],
    words: impl Fn(&Teller<'_>, &[&Account]) -> String,
) -> String {
    let same = |account: &Account| {
        let compared: Vec<Covariate> = owned(&teller.sets.compared(account));
        (compared, owned(&teller.sets.adjusted(account)), account.interactions.clone())
    };
    let told: Vec<String> =
        (alike(accounts, same).iter()).map(|(_, own)| words(teller, own)).collect();
    told.join("; ")
}

/// Terms to compare models by.
pub(super) fn owned(terms: &[&Covariate]) -> Vec<Covariate> {
    terms.iter().map(|term| (*term).clone()).collect()
}

/// Models of the same terms.
fn of_terms(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let mut variants =
        alike(accounts, |account| (teller.variant(account), teller.patients(account)));
    // the plain one leads
    variants.sort_by_key(|((phrase, patients), _)| (!patients.is_empty(), !phrase.is_empty()));
    let all = sorted(outcomes_of(accounts));
    let is_even = variants.iter().all(|(_, own)| sorted(outcomes_of(own)) == all);
    let own_endpoints = |own: &[&Account]| match is_even {
        true => String::new(),
        false => format!(" for {}", teller.outcomes(&outcomes_of(own))),
    };
    let (mut phrases, mut first): (Vec<String>, String) = Default::default();
    let weights = teller.all_weights();
    let told = |phrase: &Vec<String>| matches!(&phrase[..], [own] if weights.contains(own));
    let has_all = weights.len() > 2
        && is_even
        && weights.iter().all(|own| {
            variants.iter().any(|((phrase, _), _)| phrase.as_slice() == std::slice::from_ref(own))
        });
    for (place, ((phrase, patients), own)) in variants.iter().enumerate() {
        let text = format!("{}{patients}{}", phrase.join(", "), own_endpoints(own));
        match place {
            0 => first = text,
            _ if has_all && told(phrase) => {
                let each = teller.shared.each_weighting();
                phrases.push(format!("with each propensity {each}{patients}"));
            }
            _ => phrases.push(text.trim().to_owned()),
        }
    }
    let mut text = adjustment(teller, accounts[0]);
    if is_even {
        let of = teller.endpoints("for", accounts);
        if !of.is_empty() {
            text = format!("{} {text}", of.trim_start());
        }
    }
    match first.as_str() {
        "" => {}
        own if own.starts_with(' ') => text.push_str(own),
        own => text.push_str(&format!(", {own}")),
    }
    if !phrases.is_empty() {
        text.push_str(&format!(", also {}", listed(&distinct(phrases))));
    }
    text
}

/// The terms of a model: what is compared, and what it is adjusted for.
pub(super) fn adjustment(teller: &Teller<'_>, account: &Account) -> String {
    let (mut is_of_groups, mut compared) = (false, Vec::new());
    for term in teller.sets.compared(account) {
        match teller.shared.is_term(term) {
            true => is_of_groups = true,
            false => compared.push(covariate(teller, term)),
        }
    }
    let adjusted = teller.sets.adjusted(account);
    let set = |words: &str| format!("{words} {}", sets::words(teller, &adjusted));
    let mut text = match (is_of_groups, compared.as_slice(), adjusted.as_slice()) {
        (true, [], []) => "unadjusted".to_owned(),
        (true, [], _) => set("adjusted for"),
        (false, [], []) => "without terms".to_owned(),
        (false, [], _) => set("of"),
        (false, own, []) => format!("of {}", listed(own)),
        (false, own, _) => set(&format!("of {}, adjusted for", listed(own))),
        (true, own, []) => format!("adjusted for {}", listed(own)),
        (true, own, _) => set(&format!("adjusted for {} and", listed(own))),
    };
    if !account.interactions.is_empty() {
        let pairs = account.interactions.iter();
        let pairs: Vec<String> = pairs
            .map(|[one, two]| format!("{} and {}", teller.column(one), teller.column(two)))
            .collect();
        let word = if pairs.len() == 1 { "interaction" } else { "interactions" };
        text.push_str(&format!(", with the {word} of {}", pairs.join(", and of ")));
    }
    text
}

/// The terms of a model of an exposure that is none of them.
pub(super) fn adjusted_for(teller: &Teller<'_>, account: &Account) -> String {
    match account.terms.is_empty() {
        true => "unadjusted".to_owned(),
        false => {
            let terms: Vec<&Covariate> = account.terms.iter().collect();
            format!("adjusted for {}", sets::words(teller, &terms))
        }
    }
}

/// `a Cox model`, or `Cox models` where there are several.
pub(super) fn named(name: &str, accounts: &[&Account]) -> String {
    match accounts {
        [_] => format!("a {name}"),
        _ => format!("{name}s"),
    }
}
