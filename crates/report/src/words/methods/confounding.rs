//! Paragraphs of propensity scores and E-values.

use study::{Account, Detail, Finding, Practice, Procedure, ScoreWeighting, TakenFor};

use super::lists::{alike, compact, distinct, listed};
use super::models::particular;
use super::sets::{self, covariate};
use super::teller::Teller;
use crate::words::method::percentile;

/// Propensity scores and what was made of them.
pub(super) fn propensity_score(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| {
        let groups = account.groups.clone();
        (account.method.clone(), groups, account.terms.clone(), teller.patients(account))
    });
    let told = same.iter().map(|((method, _, terms, patients), own)| {
        let Practice::PropensityScore { treated, .. } = &own[0].practice else {
            return String::new();
        };
        let column = own[0].groups.as_ref().map(|groups| groups.column.as_str());
        let is_shared = own[0].groups.as_ref().is_some_and(|own| teller.shared.are_groups(own));
        let of = match column {
            Some(column) if !is_shared => {
                format!(" of {} against others", teller.level(column, treated))
            }
            _ => String::new(),
        };
        // No ratios of these terms are told, so that units and references mean nothing here.
        let terms = sets::bare(teller, &terms.iter().collect::<Vec<_>>());
        let penalty = method.details.iter().find_map(|detail| match detail {
            Detail::Firth => Some(" with Firth's penalty".to_owned()),
            other => particular(teller, other, false).map(|phrase| format!(" {phrase}")),
        });
        let made = own.iter().filter_map(|account| match &account.practice {
            Practice::PropensityScore { weighting, .. } => Some(made(teller, weighting)),
            _ => None,
        });
        format!(
            "Propensity scores{of}{patients} ({terms}; logistic regression{}) give {}.",
            penalty.unwrap_or_default(),
            listed(&distinct(made))
        )
    });
    told.collect::<Vec<_>>().join(" ")
}

/// What was made of scores.
fn made(teller: &Teller<'_>, weighting: &study::Method) -> String {
    let what = match weighting.procedure {
        Procedure::ScoreWeights(ScoreWeighting::Overlap) => "overlap weights",
        Procedure::ScoreWeights(ScoreWeighting::InverseProbability) => {
            "inverse probability weights"
        }
        Procedure::ScoreWeights(ScoreWeighting::Stabilized) => {
            "stabilised inverse probability weights"
        }
        Procedure::ScoreWeights(ScoreWeighting::Treated) => {
            // The bracket stays open for what may be added, and is closed below.
            "weights towards the treated (the odds of treatment in the untreated"
        }
        Procedure::ScoreWeights(ScoreWeighting::Matching) => {
            "matches nearest on the logit (highest treated score first, without replacement"
        }
        _ => "weights",
    };
    let how: Vec<String> = (weighting.details.iter())
        .filter_map(|detail| match detail {
            Detail::UpToControls(number) => Some(format!("up to {number} each")),
            Detail::WithinCaliper(width) => Some(format!("within {width} standard deviations")),
            Detail::SameIn(columns) => Some(format!("the same in {}", teller.columns(columns))),
            Detail::Truncated { lower, upper } => Some(format!(
                "cut at percentiles {} and {}",
                percentile(*lower),
                percentile(*upper)
            )),
            _ => None,
        })
        .collect();
    match (how.is_empty(), what.contains('(')) {
        (true, false) => what.to_owned(),
        (true, true) => format!("{what})"),
        (false, false) => format!("{what} ({})", how.join(", ")),
        (false, true) => format!("{what}, {})", how.join(", ")),
    }
}

/// E-values of other findings.
pub(super) fn e_value(teller: &Teller<'_>, accounts: &[&Account]) -> String {
    let same = alike(accounts, |account| match &account.practice {
        Practice::EValue { taken_for, .. } => *taken_for,
        _ => TakenFor::RiskRatio,
    });
    let told = same.iter().map(|(taken_for, own)| {
        let found: Vec<&Finding> = (own.iter())
            .filter_map(|account| match &account.practice {
                Practice::EValue { finding, .. } => Some(finding),
                _ => None,
            })
            .filter_map(|address| {
                let is_it = |finding: &&&Finding| finding.address == *address;
                teller.findings.iter().find(is_it).copied()
            })
            .collect();
        let ratios = alike(&found, |finding| ratio(teller, finding));
        let (mut several, mut named): (Vec<String>, Vec<String>) = Default::default();
        for ((ratio, own_outcome), own) in &ratios {
            let of = match own_outcome {
                Some(outcome) => format!(" for {outcome}"),
                None => of_endpoints(teller, own),
            };
            match own.len() {
                1 => named.push(format!("the {ratio}{of}")),
                _ => several.push(format!("{}{of}", ratio.replacen("ratio", "ratios", 1))),
            }
        }
        if !several.is_empty() {
            named.insert(0, compact(&several));
        }
        let taken = match taken_for {
            // A risk ratio needs no conversion and no remark.
            TakenFor::RiskRatio => return listed(&named),
            TakenFor::RareOddsRatio | TakenFor::RareHazardRatio => "as of a rare outcome",
            TakenFor::CommonOddsRatio => "by its square root as of a common outcome",
            TakenFor::CommonHazardRatio => "as of a common outcome",
        };
        format!("{} ({taken})", listed(&named))
    });
    format!("E-values (VanderWeele and Ding) are of {}.", told.collect::<Vec<_>>().join(" and "))
}

/// A ratio by how it was adjusted and what it is of, and the outcome, where it
/// is none that a model names.
fn ratio(teller: &Teller<'_>, finding: &Finding) -> (String, Option<&'static str>) {
    let account = account_of(teller, finding);
    let model = account.map_or("", |account| match &account.practice {
        Practice::Cox(_) | Practice::Logistic(_) if account.terms.len() == 1 => "unadjusted ",
        Practice::Cox(_) | Practice::Logistic(_) => "adjusted ",
        _ => "",
    });
    let weights = account.map(|account| teller.variant(account)).unwrap_or_default();
    let weights = weights.iter().map(|phrase| format!(" {phrase}")).collect::<String>();
    let term = account.and_then(|account| {
        let variable = finding.variable.as_deref()?;
        account.terms.iter().find(|term| term.column == variable)
    });
    let term = match term {
        Some(term) if !teller.shared.is_term(term) => format!(" of {}", covariate(teller, term)),
        _ => String::new(),
    };
    let outcome = match finding.address.outcome() {
        // The two outcomes that the kind `response` names by itself.
        Some("orr") => Some("objective response"),
        Some("dcr") => Some("disease control"),
        _ => None,
    };
    (format!("{model}{}{term}{weights}", finding.statistic.replace('_', " ")), outcome)
}

/// The account of the entry that made a finding.
fn account_of<'t>(teller: &Teller<'t>, finding: &Finding) -> Option<&'t Account> {
    let told = teller.told.iter().find(|told| told.stage == finding.stage());
    told.map(|told| told.account)
}

/// The endpoints of the models that made some findings.
fn of_endpoints(teller: &Teller<'_>, findings: &[&Finding]) -> String {
    let accounts: Vec<&Account> =
        findings.iter().filter_map(|finding| account_of(teller, finding)).collect();
    teller.endpoints("for", &accounts)
}
