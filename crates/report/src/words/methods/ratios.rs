//! Paragraphs of models that give ratios.

use study::{
    Account, Alone, Cause, Covariate, Detail, Method, Practice, Procedure, SubgroupModel, Test,
};

use super::lists::{alike, behind, distinct, listed};
use super::models::{briefly, models, named, owned};
use super::sets::{self, covariate};
use super::teller::Teller;
use crate::words::choices;

/// Cox models.
pub(super) fn cox(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    ratios(teller, accounts, ("Hazard ratios", "Cox model"))
}

/// Logistic models.
pub(super) fn logistic(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    ratios(teller, accounts, ("Odds ratios", "logistic model"))
}

fn ratios(teller: &Teller<'_>, accounts: &[&Account], (ratios, name): (&str, &str)) -> String {
    let text =
        format!("{ratios} are from {}: {}.", named(name, accounts), models(teller, accounts));
    let alone = accounts.iter().map(|account| match &account.practice {
        Practice::Cox(alone) | Practice::Logistic(alone) => *alone,
        _ => Alone::default(),
    });
    let alone: Vec<Alone> = distinct(alone.filter(|own| own.terms || own.further));
    let terms = alone.iter().any(|own| own.terms);
    let who = match (terms, alone.iter().any(|own| own.further)) {
        (true, true) => "Terms and further factors",
        (true, false) => "Terms",
        (false, true) => "Further factors",
        (false, false) => return text,
    };
    format!("{text} {who} were also fitted alone.")
}

/// Models of accelerated failure times.
pub(super) fn parametric(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let others = match &account.practice {
            Practice::Parametric { others } => others.clone(),
            _ => Vec::new(),
        };
        (account.method.procedure.clone(), others)
    });
    let told = same.iter().map(|((first, others), own)| {
        let name = match first {
            Procedure::AcceleratedFailureTime(first) => choices::distribution(*first),
            _ => "",
        };
        let others: Vec<&str> = others.iter().map(|one| choices::distribution(*one)).collect();
        let compared = match others.is_empty() {
            true => String::new(),
            false => format!(", compared with {} by Akaike's criterion", listed(&others)),
        };
        let which = named(&format!("{name} accelerated failure time model"), own);
        // The one distribution whose name begins with a vowel.
        let which = which.replace("a exponential", "an exponential");
        format!("Time ratios ({}) are from {which}{compared}.", briefly(teller, own))
    });
    told.collect::<Vec<_>>().join(" ")
}

fn cause(account: &Account) -> &Cause {
    match &account.practice {
        Practice::CauseSpecificCox(cause) | Practice::FineGray(cause) => cause,
        // `of_practice` hands these two practices over and no other.
        _ => unreachable!("the practice was matched"),
    }
}

/// Cox models, and Fine and Gray's, of one cause each; models of the same are
/// told together.
pub(super) fn of_causes(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let methods = alike(accounts, |account| match &account.practice {
        Practice::FineGray(_) => Some(account.method.procedure.clone()),
        _ => None,
    });
    let same = alike(&methods.iter().collect::<Vec<_>>(), |(_, own)| {
        let model = |account: &&Account| Account {
            // Both models of one cause are made the same, so that what else they share can be
            // compared.
            practice: Practice::CauseSpecificCox(cause(account).clone()),
            method: bare(account),
            ..(*account).clone()
        };
        own.iter().map(model).collect::<Vec<_>>()
    });
    let told = same.iter().map(|(_, methods)| {
        let how: Vec<String> =
            methods.iter().map(|(variant, _)| by_method(teller, variant.as_ref())).collect();
        format!("Hazard ratios {} are {}.", by_cause(teller, &methods[0].1), how.join(" and "))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// The method of a model without what tells Cox's from Fine and Gray's.
fn bare(account: &Account) -> Method {
    // Fine and Gray's variant says its ties itself.
    let is_own = |detail: &&Detail| !matches!(detail, Detail::Ties(_));
    let details = account.method.details.iter().filter(is_own).cloned().collect();
    Method { procedure: Procedure::Cox, details }
}

fn by_method(teller: &Teller<'_>, variant: Option<&Procedure>) -> String {
    match variant {
        Some(Procedure::FineGray(variant)) => {
            let ties = choices::fine_gray_ties(*variant);
            // ties of most models are told before all paragraphs
            let ties =
                (!teller.shared.are_ties(ties)).then(|| format!("{} ties", choices::ties(ties)));
            let sets = choices::fine_gray_sets(*variant).map(str::to_owned);
            let errors = choices::fine_gray_errors(*variant).to_owned();
            let how: Vec<String> = [ties, sets, Some(errors)].into_iter().flatten().collect();
            format!("of the subdistribution (Fine and Gray; {})", how.join(", "))
        }
        _ => "cause-specific (Cox models censoring other causes)".to_owned(),
    }
}

/// Causes whose models are alike in one phrase.
fn by_cause(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let of_causes = alike(accounts, |account| cause(account).event.clone());
    let bare = |account: &Account| Account {
        practice: Practice::Cox(Alone::default()),
        method: bare(account),
        ..account.clone()
    };
    let same = alike(&of_causes.iter().collect::<Vec<_>>(), |(_, own)| {
        own.iter().map(|account| bare(account)).collect::<Vec<_>>()
    });
    let phrases = same.iter().map(|(_, causes)| {
        let named: Vec<String> = (causes.iter())
            .map(|(event, own)| teller.level(&cause(own[0]).column, event))
            .collect();
        format!("of {} ({})", listed(&named), briefly(teller, &causes[0].1))
    });
    phrases.collect::<Vec<_>>().join(", and ")
}

/// Ratios in subgroups.
pub(super) fn subgroups(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let practice = account.practice.clone();
        let compared = owned(&teller.sets.compared(account));
        let adjusted = owned(&teller.sets.adjusted(account));
        (practice, compared, adjusted, teller.variant(account), teller.patients(account))
    });
    let told = same.iter().map(|((practice, compared, adjusted, variant, patients), own)| {
        let Practice::Subgroups { by, model, test } = practice else { return String::new() };
        let whose: Vec<String> = (compared.iter())
            .filter(|term| !teller.shared.is_term(term))
            .map(|term| covariate(teller, term))
            .collect();
        let whose =
            if whose.is_empty() { String::new() } else { format!(" of {}", listed(&whose)) };
        let adjusted = match adjusted.is_empty() {
            true => String::new(),
            false => {
                let terms: Vec<&Covariate> = adjusted.iter().collect();
                format!(", adjusted for {}", sets::words(teller, &terms))
            }
        };
        let variant =
            behind(variant);
        let from = match model {
            SubgroupModel::SubgroupAlone => "Cox models of each subgroup alone, beside models with one interaction each",
            SubgroupModel::WithInteraction | SubgroupModel::AllPatients => {
                "Cox models with one interaction each"
            }
        };
        let test = match test {
            Test::Wald => "Wald",
            _ => "likelihood-ratio",
        };
        format!(
            "Subgroups by {} have hazard ratios{whose}{} from {from}{adjusted}{variant}{patients}, {test} p-values also adjusted by Holm and Benjamini-Hochberg.",
            listed(&by.iter().map(|groups| teller.grouping(groups)).collect::<Vec<_>>()),
            teller.endpoints("for", own)
        )
    });
    told.collect::<Vec<_>>().join(" ")
}
