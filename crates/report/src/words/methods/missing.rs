//! Paragraphs of missing values: imputed, and the models of completed data.

use study::{Account, Practice};

use super::lists::{alike, listed};
use super::models::{models, named};
use super::teller::Teller;
use crate::format;

/// Missing values imputed.
pub(super) fn imputation(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let mut practice = account.practice.clone();
        if let Practice::Imputation { shifts, of_odds, .. } = &mut practice {
            // Imputations that differ in their shifts alone are one method, with the shifts told
            // behind.
            shifts.clear();
            of_odds.clear();
        }
        (practice, account.outcome.clone(), teller.patients(account))
    });
    let told = same.iter().map(|((practice, outcome, patients), own)| {
        let Practice::Imputation {
            variables, auxiliary, data_sets, iterations, donors, categories, ..
        } = practice
        else {
            return String::new();
        };
        let among = (variables.len() > 1).then(|| "one another".to_owned());
        let mut from: Vec<String> = among.into_iter().collect();
        from.extend(outcome.as_ref().map(|outcome| {
            format!("the event and Nelson-Aalen hazard of {}", teller.outcome(outcome))
        }));
        if !auxiliary.is_empty() {
            let named = auxiliary.iter().map(|column| teller.column_or_group(column));
            from.push(listed(&named.collect::<Vec<_>>()));
        }
        let numbers = donors.map(|donors| {
            let of = if *categories { "numbers by " } else { "" };
            format!("{of}predictive mean matching, type 1, {donors} donors")
        });
        let levels = categories.then(|| {
            "categories by logistic regression, coefficients drawn and data augmented against perfect prediction"
                .to_owned()
        });
        let from = match from.is_empty() {
            true => String::new(),
            false => format!(" from {}", from.join(", ")),
        };
        let iterations = std::iter::once(format!("{iterations} iterations"));
        let how: Vec<String> = iterations.chain(numbers).chain(levels).collect();
        format!(
            "Missing {}{patients} {} imputed {} times by chained equations ({}){from}{}.",
            teller.columns(variables),
            if variables.len() == 1 { "was" } else { "were" },
            format::count(*data_sets as u64),
            how.join("; "),
            shifted(teller, own)
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Departures from values missing at random.
fn shifted(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let phrases: Vec<String> = (accounts.iter())
        .filter_map(|account| match &account.practice {
            Practice::Imputation { shifts, of_odds, .. } if !shifts.is_empty() => {
                let one = |(column, shift): &(String, f64)| {
                    let name = teller.column(column);
                    match of_odds.contains(column) {
                        true => format!("log odds of {name} shifted by {shift}"),
                        false => {
                            format!("{name} shifted by {shift}{}", teller.unit(column))
                        }
                    }
                };
                Some(listed(&shifts.iter().map(one).collect::<Vec<_>>()))
            }
            _ => None,
        })
        .collect();
    let again = if phrases.len() == accounts.len() { "" } else { "again " };
    match phrases.is_empty() {
        true => String::new(),
        false => format!(", {again}with {}", phrases.join(", and with ")),
    }
}

/// Cox models of completed data sets.
pub(super) fn pooled(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| match &account.practice {
        Practice::PooledCox { derived, .. } => derived.clone(),
        _ => Vec::new(),
    });
    let told = same.iter().map(|(derived, own)| {
        // A column made of imputed ones is made again in each data set. Carried over, it would
        // contradict them.
        let derived = if derived.is_empty() { "" } else { " (columns derived anew)" };
        format!(
            "{} of completed data sets{derived} {} pooled by Rubin's rules (Barnard-Rubin t limits), beside complete cases: {}.",
            study::capitalised(&named("Cox model", own)),
            if own.len() == 1 { "is" } else { "are" },
            models(teller, own)
        )
    });
    told.collect::<Vec<_>>().join(" ")
}
