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
        // Said in the opening paragraph.
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
        // The opening says that weights bring robust errors.
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

/// What is particular of some models of the same terms, whom they are of, and
/// these models.
type Variant<'a> = ((Vec<String>, String), Vec<&'a Account>);

/// Models of the same terms.
fn of_terms(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let mut variants: Vec<Variant<'_>> =
        alike(accounts, |account| (teller.variant(account), teller.patients(account)));
    // the plain one leads
    variants.sort_by_key(|((phrase, patients), _)| (!patients.is_empty(), !phrase.is_empty()));
    let all = sorted(outcomes_of(accounts));
    let is_even = variants.iter().all(|(_, own)| sorted(outcomes_of(own)) == all);
    let mut text = adjustment(teller, accounts[0]);
    if is_even {
        let of = teller.endpoints("for", accounts);
        text = match of.starts_with(" for") {
            true => format!("{} {text}", of.trim_start()),
            false => format!("{text}{of}"),
        };
    }
    let Some((((phrase, patients), own), further)) = variants.split_first() else { return text };
    if !phrase.is_empty() {
        text.push_str(&format!(", {}", phrase.join(", ")));
    }
    text.push_str(patients);
    let of = teller.endpoints("for", own);
    // behind `(also for relapse)` nothing is said of the endpoints of the study
    let first = match of.starts_with(" for") {
        true => outcomes_of(own),
        false => teller.shared.endpoints().to_vec(),
    };
    let first = sorted(first);
    if !is_even {
        text.push_str(&of);
    }
    // endpoints that several variants share are named once, and not again behind the first one's
    let mut by_endpoints =
        alike(&further.iter().collect::<Vec<_>>(), |(_, own)| sorted(outcomes_of(own)));
    by_endpoints.sort_by_key(|(endpoints, _)| *endpoints != first);
    let phrases = by_endpoints.iter().flat_map(|(endpoints, variants)| {
        let phrases = variant_phrases(teller, variants);
        match is_even || *endpoints == first {
            true => phrases,
            false => {
                let of = teller.outcomes(&outcomes_of(&variants[0].1));
                vec![format!("for {of} {}", listed(&phrases))]
            }
        }
    });
    let phrases: Vec<String> = phrases.collect();
    if !phrases.is_empty() {
        text.push_str(&format!(", also {}", listed(&distinct(phrases))));
    }
    text
}

/// What is particular of each of some variants, all that scores were made into
/// as one.
fn variant_phrases(teller: &Teller<'_>, variants: &[&Variant<'_>]) -> Vec<String> {
    let weights = teller.all_weights();
    let is_of = |own: &String, phrase: &[String]| phrase == std::slice::from_ref(own);
    let has_all = weights.len() > 2
        && weights.iter().all(|own| variants.iter().any(|((phrase, _), _)| is_of(own, phrase)));
    let phrases = variants.iter().map(|((phrase, patients), _)| {
        match has_all && weights.iter().any(|own| is_of(own, phrase)) {
            true => format!("with each propensity {}{patients}", teller.shared.each_weighting()),
            false => format!("{}{patients}", phrase.join(", ")).trim().to_owned(),
        }
    });
    distinct(phrases)
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
        // The groups of the study are its comparison. Other terms beside them are what it is
        // adjusted for.
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
