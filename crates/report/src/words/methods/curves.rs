//! Paragraphs of curves of survival and incidence.

use study::{Account, Detail, Groups, Method, Practice, Procedure, Variance};

use super::lists::{alike, behind, distinct, listed, outcomes_of, sorted};
use super::models::{notes, scale};
use super::shared::limits;
use super::teller::Teller;
use crate::format;

/// The variance that a method names.
fn variance(method: &Method) -> Option<Variance> {
    method.details.iter().find_map(|detail| match detail {
        Detail::Variance(variance) => Some(*variance),
        _ => None,
    })
}

/// A variance as a phrase; of weighted curves it is said with the weights.
fn variance_words(variance: Variance) -> Option<String> {
    match variance {
        Variance::Greenwood => Some("Greenwood's variance".to_owned()),
        Variance::Aalen => Some("Aalen's variance".to_owned()),
        Variance::InfinitesimalJackknife => Some("infinitesimal jackknife variance".to_owned()),
        Variance::ObservedInformation => Some("observed information".to_owned()),
        Variance::Bootstrap(samples) => {
            Some(format!("{} bootstrap samples", format::count(samples)))
        }
        Variance::Robust | Variance::RobustByCluster => None,
    }
}

/// Survival curves, and those of follow-up.
pub(super) fn curves(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| (account.method.procedure.clone(), limits(account)));
    let mut known = Vec::new();
    let told: Vec<String> = (same.iter())
        .map(|((procedure, _), own)| {
            let variances = distinct(own.iter().filter_map(|one| variance(&one.method)));
            let variances = variances.into_iter().filter_map(variance_words);
            // A variance is told at the first curves that have it, and holds for later ones.
            let new: Vec<String> = variances.filter(|own| !known.contains(own)).collect();
            known.extend(new.clone());
            let how: Vec<String> = scale(teller, own[0]).into_iter().chain(new).collect();
            let name = match procedure {
                // Of follow-up, not of survival: the same estimator with the roles of event and
                // censoring exchanged.
                Procedure::ReverseKaplanMeier => "follow-up",
                _ => "survival",
            };
            let (whose, curves) = (whose(teller, own), estimator(procedure));
            format!("{name} was estimated by {curves}{}{whose}", notes(&how))
        })
        .collect();
    let any = |is: fn(&Practice) -> bool| accounts.iter().any(|one| is(&one.practice));
    let read: Vec<&str> = [
        (
            any(|practice| matches!(practice, Practice::Curves { quantiles: true, .. })),
            "quantiles (Brookmeyer and Crowley)",
        ),
        (
            any(|practice| matches!(practice, Practice::Curves { restricted_means: true, .. })),
            "restricted means",
        ),
        (
            any(|practice| matches!(practice, Practice::Curves { hazards: true, .. })),
            "cumulative hazards",
        ),
    ]
    .into_iter()
    .filter_map(|(is, words)| is.then_some(words))
    .collect();
    let mut text = told.join("; ").replace("; follow-up was estimated by", "; follow-up by");
    if !read.is_empty() {
        text.push_str(&format!(", with {}", listed(&read)));
    }
    text
}

/// Whose curves of one kind they are, each difference once.
fn whose(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let variants = alike(accounts, |account| {
        (account.groups.clone(), teller.variant(account), teller.patients(account))
    });
    let known = sorted(outcomes_of(accounts));
    let is_even = variants.iter().all(|(_, own)| sorted(outcomes_of(own)) == known);
    let all = if is_even { teller.endpoints("for", accounts) } else { String::new() };
    let (before, behind) = match all.starts_with(" for") {
        true => (all, String::new()),
        false => (String::new(), all),
    };
    let mut text = format!("{before},");
    let (mut last, mut is_named) = (None, false);
    for (place, ((groups, variant, patients), own)) in variants.iter().enumerate() {
        // The same groups again need no second name.
        let by = if last == Some(groups) { String::new() } else { teller.whose(groups.as_ref()) };
        last = Some(groups);
        let variant = variant.iter().map(|phrase| format!(" {phrase}")).collect::<String>();
        // behind other endpoints those of the study are named too
        let of = match (is_even, is_named) {
            (true, _) => String::new(),
            (false, false) => teller.endpoints("for", own),
            (false, true) => format!(" for {}", teller.outcomes(&outcomes_of(own))),
        };
        is_named |= of.starts_with(" for");
        let before = match place {
            0 => "",
            _ if by.is_empty() => ", also",
            _ => " and",
        };
        text.push_str(&format!("{before}{by}{variant}{patients}{of}"));
    }
    text + &behind
}

fn estimator(procedure: &Procedure) -> &'static str {
    match procedure {
        Procedure::ReverseKaplanMeier => "reverse Kaplan-Meier curves",
        Procedure::NelsonAalen => "the exponential of the Nelson-Aalen cumulative hazard",
        Procedure::FlemingHarrington => {
            "the exponential of the Fleming-Harrington cumulative hazard, ties taken one by one"
        }
        _ => "Kaplan-Meier curves",
    }
}

/// Differences of survival and of its means.
pub(super) fn differences(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let groups = account.groups.clone();
        (account.practice.clone(), groups, teller.variant(account), teller.patients(account))
    });
    let told = same.iter().map(|((practice, groups, variant, patients), own)| {
        let Practice::SurvivalDifference { survival, restricted_means } = practice else {
            return String::new();
        };
        let what: Vec<&str> = [
            (*survival, "differences of survival at set times"),
            (*restricted_means, "differences and ratios (delta method) of restricted means"),
        ]
        .into_iter()
        .filter_map(|(is, words)| is.then_some(words))
        .collect();
        // the variance of curves is told with them
        let is_told = |own: &Variance| {
            let mut curves = teller.told.iter().map(|told| told.account);
            curves.any(|curve| {
                matches!(curve.practice, Practice::Curves { .. })
                    && variance(&curve.method) == Some(*own)
            })
        };
        let variances = distinct(own.iter().filter_map(|one| variance(&one.method)));
        let variances = variances.into_iter().filter(|own| !is_told(own));
        let how = std::iter::once("Wald limits".to_owned());
        let how: Vec<String> = how.chain(variances.filter_map(variance_words)).collect();
        let variant = behind(variant);
        format!(
            "Groups{}{patients} were compared{} by {} ({}){variant}.",
            teller.by(groups.as_ref()),
            teller.endpoints("in", own),
            listed(&what),
            how.join(", ")
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// What accounts are alike in that differ in their outcome alone.
fn but_for_outcome(
    teller: &Teller<'_>,
    account: &Account,
) -> (Practice, Method, Option<Groups>, String) {
    let patients = teller.patients(account);
    (account.practice.clone(), account.method.clone(), account.groups.clone(), patients)
}

/// How variances are estimated, and limits that are not those of all curves.
fn errors(teller: &Teller<'_>, method: &Method, account: &Account) -> Vec<String> {
    let limits = scale(teller, account);
    variance(method).and_then(variance_words).into_iter().chain(limits).collect()
}

/// Survival between examinations.
pub(super) fn turnbull(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| but_for_outcome(teller, account));
    let told = same.iter().map(|((practice, method, groups, patients), own)| {
        let how = errors(teller, method, own[0]);
        let midpoint = match practice {
            Practice::Turnbull { midpoint: true } => ", beside Kaplan-Meier curves of midpoints",
            _ => "",
        };
        format!(
            "Between examinations, {}{}{patients} is Turnbull's estimate{}{midpoint}.",
            teller.outcomes(&outcomes_of(own)),
            groups.as_ref().map_or_else(|| teller.whose(None), |own| teller.by(Some(own))),
            notes(&how)
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Cumulative incidence of causes.
pub(super) fn incidence(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| but_for_outcome(teller, account));
    let told = same.iter().map(|((practice, method, groups, patients), own)| {
        let Practice::CumulativeIncidence { column, causes, test, time_lost } = practice else {
            return String::new();
        };
        let named: Vec<String> = causes.iter().map(|cause| teller.level(column, cause)).collect();
        let how = errors(teller, method, own[0]);
        // whom a test compares needs no word
        let whose = match test {
            Some(_) => teller.by(groups.as_ref()),
            None => teller.whose(groups.as_ref()),
        };
        let test = test.as_ref().map_or_else(String::new, |test| {
            let rho = match test.procedure {
                Procedure::Gray { rho } if rho != 0.0 => Some(format!("rho {rho}")),
                _ => None,
            };
            let strata = test.details.iter().find_map(|detail| match detail {
                Detail::StratifiedBy(columns) => {
                    Some(format!("stratified by {}", teller.columns(columns)))
                }
                _ => None,
            });
            let how: Vec<String> = rho.into_iter().chain(strata).collect();
            format!(", compared by Gray's test{}", notes(&how))
        });
        let lost = match time_lost {
            true => ", with time lost (area)",
            false => "",
        };
        format!(
            "Cumulative incidence of {}{whose}{}{patients} is Aalen and Johansen's{}{test}{lost}.",
            listed(&named),
            teller.endpoints("in", own),
            notes(&how)
        )
    });
    told.collect::<Vec<_>>().join(" ")
}
