//! The words and numbers of a card.

use study::{Finding, Part, PrivacyTier, Quantity, State, StudySettings, Withheld, in_sentence};

use crate::analysis::Words;
use crate::format;
use crate::lookup::{Whom, is_reference};

/// What the words of an entry's cards are made from.
pub(super) struct Said<'a> {
    pub(super) words: Words<'a>,
    pub(super) study: &'a StudySettings,
    /// The endpoint that is said of the whole entry.
    pub(super) shared_endpoint: Option<&'a str>,
}

impl Said<'_> {
    /// What a finding is: its statistic, and all that tells it from others of its entry.
    pub(super) fn definition(&self, finding: &Finding) -> String {
        // `n` is short for the many who know it. A card is for those who do not.
        let mut said = vec![match finding.statistic.as_str() {
            "n" => "Number of patients".to_owned(),
            _ => crate::words::statistic_name(finding),
        }];
        let own = finding.endpoint.as_deref().filter(|own| Some(*own) != self.shared_endpoint);
        said.extend(own.map(|endpoint| self.words.endpoint(endpoint)));
        said.extend(finding.address.parts.iter().filter_map(|part| self.part(part, finding)));
        // A reference is compared with itself, which says nothing.
        let other = finding.reference.as_deref().filter(|_| !is_reference(finding));
        said.extend(other.map(|other| format!("against {}", self.level(other, finding))));
        let first = said.remove(0);
        let rest = said.iter().map(|words| format!(", {}", in_sentence(words)));
        std::iter::once(first).chain(rest).collect()
    }

    fn part(&self, part: &Part, finding: &Finding) -> Option<String> {
        match part {
            // The statistic leads the definition already.
            Part::Statistic(_) | Part::AnyLevel => None,
            Part::Variable(name) => Some(self.variable(name, finding)),
            Part::Level { value, .. } => Some(self.level(value, finding)),
            Part::Group { value, .. } => Some(self.words.group(Whom::Group(value))),
            Part::Everybody => Some("everybody".to_owned()),
            Part::Time(_) | Part::Period(_) => part.time_words(),
            Part::Place(number) => Some(format::as_stored(number.0)),
            Part::Model(name) | Part::Outcome(name) | Part::Test(name) | Part::Method(name) => {
                Some(crate::words::named(name))
            }
        }
    }

    /// A column in words; of a ratio or a coefficient with the step it is for.
    fn variable(&self, name: &str, finding: &Finding) -> String {
        let is_per_unit = matches!(finding.quantity, Quantity::Ratio | Quantity::Coefficient);
        match is_per_unit && finding.level.is_none() {
            true => crate::ratios::term_label(&self.words, Some(name)),
            false => self.words.variable(name),
        }
    }

    fn level(&self, level: &str, finding: &Finding) -> String {
        match &finding.variable {
            Some(variable) => self.words.level(variable, level),
            None => self.words.group(Whom::Group(level)),
        }
    }

    /// Who was analysed.
    pub(super) fn population(&self, finding: &Finding) -> String {
        match finding.population.as_str() {
            "all" => "all patients of the analysis table".to_owned(),
            condition => format!("patients for whom {}", self.words.condition(condition)),
        }
    }
}

/// The number as it is stored, or why there is none.
pub(super) fn value(finding: &Finding, study: &StudySettings) -> String {
    match (finding.state, finding.value) {
        (State::Estimated, Some(value)) => format::as_stored(value),
        (State::NotReached, _) => "not reached".to_owned(),
        // As tables print it, so that a card tells no more than they do.
        (State::Small | State::Hidden, _) => format::value(finding, study),
        _ => "not estimable".to_owned(),
    }
}

/// What stands behind a stored number: its unit, limits and standard error.
pub(super) fn precision(finding: &Finding) -> String {
    let unit = match finding.quantity {
        // Stored in days whatever the study prints, and a card shows what is stored.
        Quantity::Days => Some("days"),
        Quantity::Measured => finding.unit.as_deref(),
        _ => None,
    };
    let mut said =
        unit.filter(|_| finding.value.is_some()).map(|unit| format!(" {unit}")).unwrap_or_default();
    let limit = |limit: Option<f64>| limit.map_or_else(|| "no limit".to_owned(), format::as_stored);
    let level = finding.confidence_level.map(format::interval_name);
    // One limit is enough: `no limit` stands for the other.
    if let Some(level) = level.filter(|_| finding.lower.is_some() || finding.upper.is_some()) {
        said += &format!(", {level} {} to {}", limit(finding.lower), limit(finding.upper));
    }
    if let Some(error) = finding.standard_error {
        said += &format!(", standard error {}", format::as_stored(error));
    }
    said
}

/// Patients, events and missing ones, as far as the finding has them.
pub(super) fn counts(finding: &Finding, study: &StudySettings) -> String {
    let counts = [(Withheld::N, "n"), (Withheld::Events, "events"), (Withheld::Missing, "missing")];
    let said = counts.iter().filter_map(|(which, word)| {
        Some(format!("{word} {}", format::counted(finding, *which, study)?))
    });
    said.collect::<Vec<_>>().join(", ")
}

/// What of the findings is kept back, and by which tier.
pub(super) fn suppressed<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    study: &StudySettings,
) -> String {
    let tier = match study.privacy.tier {
        PrivacyTier::Internal => "internal",
        PrivacyTier::Pseudonymised => "pseudonymised",
        PrivacyTier::Aggregate => "aggregate",
        PrivacyTier::Open => "open",
    };
    let is_kept_back = |finding: &Finding| matches!(finding.state, State::Small | State::Hidden);
    let (mut all, mut kept_back) = (0, 0);
    for finding in findings {
        all += 1;
        kept_back += u64::from(is_kept_back(finding));
    }
    match study.privacy.hides_below() {
        // How many are kept back is told as well, so that an auditor can see that the rule was
        // applied.
        Some(least) => format!(
            "{} of {} numbers (tier {tier}, counts below {})",
            format::count(kept_back),
            format::count(all),
            format::count(least)
        ),
        None => format!("nothing (tier {tier})"),
    }
}
