//! The 21 checks of INSPECT-SR v1.0 with what examinations of claims say of each. What
//! only a person can judge is named as such, and so is what holds for trials alone.

use serde_json::{Value, json};
use study::{Check, Claim, Design, Examination, Examined, Standing, Verdict};

use crate::claims::Compared;

/// What is said of one of the 21 checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Its number, such as `4.9`.
    pub number: &'static str,
    /// What is asked, in our own words.
    pub question: &'static str,
    /// What came of it.
    pub answer: Answer,
    /// What the answer rests on, or what it would need.
    pub evidence: String,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Examined by machine, nothing found.
    NoConcern,
    /// Something unusual.
    SomeConcern,
    /// A contradiction.
    SeriousConcern,
    /// By machine, but what is claimed does not suffice.
    NotCheckable,
    /// A person has to judge.
    Person,
    /// Of randomised trials alone.
    NotApplicable,
}

impl Answer {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoConcern => "no concern",
            Self::SomeConcern => "some concern",
            Self::SeriousConcern => "serious concern",
            Self::NotCheckable => "not checkable",
            Self::Person => "needs a person",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// Who can answer a check.
enum Who {
    /// Examinations of claims; and what claims they take.
    Machine(&'static [Check], &'static str),
    /// Claims beside recomputed numbers, and the same number in several places.
    Text,
    /// Rules that exclude patients, and their data.
    Eligibility,
    /// The same number in several publications.
    Publications,
    /// A person, with this at hand.
    Person(&'static str),
    /// A person, in a randomised trial.
    Trial(&'static str),
}

/// Numbers and questions follow INSPECT-SR v1.0 in our own words.
const QUESTIONS: [(&str, &str, Who); 21] = [
    (
        "1.1",
        "retraction or expression of concern",
        Who::Person("the publisher's page and a database of retractions"),
    ),
    (
        "1.2",
        "other notices on the publication",
        Who::Person("the publisher's page and post-publication comments"),
    ),
    (
        "1.3",
        "concerns about other studies of the team",
        Who::Person("the team's other publications"),
    ),
    ("2.1", "ethical approval", Who::Person("the approval and its number")),
    ("2.2", "registration, and when", Who::Person("the register")),
    ("2.3", "publication and registration agree", Who::Person("the registered record")),
    ("2.4", "plausible recruitment", Who::Person("the period and the sites of recruitment")),
    (
        "2.5",
        "a study that could be done as told",
        Who::Person("the methods, and who funded and ran it"),
    ),
    ("3.1", "copied text", Who::Person("a search for similar text")),
    ("3.2", "copied or changed figures", Who::Person("the figures")),
    ("4.1", "patients meet the criteria of eligibility", Who::Eligibility),
    ("4.2", "sizes of groups fit the allocation", Who::Trial("the method of allocation")),
    (
        "4.3",
        "plausible characteristics at baseline",
        Who::Machine(
            &[Check::TooAlike],
            "at least five p-values or standardised differences at baseline",
        ),
    ),
    ("4.4", "text, tables and figures agree", Who::Text),
    (
        "4.5",
        "plausible loss to follow-up",
        Who::Machine(&[Check::AtRiskFalls, Check::SurvivalAndAtRisk], "numbers at risk"),
    ),
    (
        "4.6",
        "numbers of participants agree",
        Who::Machine(
            &[Check::GroupsAddUp, Check::PartWithinWhole, Check::Denominators],
            "patients by group and in all",
        ),
    ),
    (
        "4.7",
        "plausible outcomes and effects",
        Who::Machine(
            &[
                Check::RatioFromPAndEvents,
                Check::MediansAndRatio,
                Check::MediansAndP,
                Check::MedianAndSurvival,
                Check::MedianAndEvents,
                Check::EffectFromCounts,
            ],
            "effects with the counts, medians or p-values behind them",
        ),
    ),
    (
        "4.8",
        "possible means and standard deviations",
        Who::Machine(
            &[Check::MeanOfWholeNumbers, Check::SpreadWithinRange, Check::PFromMeans],
            "means, standard deviations and ranges",
        ),
    ),
    (
        "4.9",
        "correct statistics",
        Who::Machine(
            &[
                Check::CountsThatFit,
                Check::CountAndShare,
                Check::PFromCounts,
                Check::OneTestForAll,
                Check::LimitsOfShare,
                Check::EstimateWithinLimits,
                Check::PossibleValue,
                Check::LimitsAndP,
                Check::LimitsAndEvents,
                Check::LimitsOfSurvival,
            ],
            "percentages, limits or p-values with the numbers behind them",
        ),
    ),
    (
        "4.10",
        "no contradictions, subgroups against all",
        Who::Machine(
            &[Check::LevelsAddUp, Check::NestedEndpoints, Check::SurvivalFalls],
            "levels, subgroups, endpoints or survival at several times",
        ),
    ),
    ("4.11", "publications of the study agree", Who::Publications),
];

/// What the answers rest on.
pub struct Basis<'a> {
    /// The claims.
    pub claims: &'a [(String, Claim)],
    /// Beside recomputed numbers.
    pub compared: &'a [Compared],
    /// Against each other.
    pub examination: &'a Examination,
    /// Trial or cohort.
    pub design: Design,
    /// The cleaning rules that exclude patients, where there are data.
    pub exclusions: &'a [String],
}

/// Answers the 21 checks.
#[must_use]
pub fn inspect(basis: &Basis<'_>) -> Vec<Inspected> {
    let inspected = QUESTIONS.iter().map(|(number, question, who)| {
        let (answer, evidence) = answer(who, basis);
        Inspected { number, question, answer, evidence }
    });
    inspected.collect()
}

/// The answers as JSON.
#[must_use]
pub fn json(inspected: &[Inspected]) -> Value {
    let one = |one: &Inspected| {
        json!({
            "check": one.number,
            "question": one.question,
            "answer": one.answer.words(),
            "evidence": one.evidence,
        })
    };
    inspected.iter().map(one).collect()
}

fn answer(who: &Who, basis: &Basis<'_>) -> (Answer, String) {
    match who {
        Who::Person(needs) => (Answer::Person, format!("look at {needs}")),
        Who::Trial(_) if basis.design == Design::Cohort => {
            (Answer::NotApplicable, "the study is no randomised trial".to_owned())
        }
        Who::Trial(needs) => (Answer::Person, format!("look at {needs}")),
        Who::Machine(checks, needs) => {
            let own = |one: &&Examined| checks.contains(&one.check);
            of_examined(basis.examination.0.iter().filter(own).collect(), needs)
        }
        Who::Publications => {
            let own = |one: &&Examined| {
                // The same comparison answers two checks, by how many publications the claims are
                // from.
                one.check == Check::SameInAllPlaces && publications(one, basis.claims).len() > 1
            };
            let needs = "claims of several publications (`publication:`)";
            of_examined(basis.examination.0.iter().filter(own).collect(), needs)
        }
        Who::Text => of_text(basis),
        Who::Eligibility if basis.exclusions.is_empty() => {
            (Answer::NotCheckable, "it takes patients' data and rules that exclude".to_owned())
        }
        // That the rules were applied to the data is what was examined. Whether they are the right
        // ones is for a person.
        Who::Eligibility => {
            let rules = basis.exclusions.iter().map(|rule| format!("`{rule}`"));
            let listed = rules.collect::<Vec<_>>().join(", ");
            (Answer::NoConcern, format!("applied to the raw data: {listed}"))
        }
    }
}

/// The publications of the claims of an examination; one without a name among them.
fn publications(examined: &Examined, claims: &[(String, Claim)]) -> Vec<Option<String>> {
    let own = claims.iter().filter(|(name, _)| examined.claims.contains(name));
    let mut found: Vec<Option<String>> = own.map(|(_, claim)| claim.publication.clone()).collect();
    found.sort();
    found.dedup();
    found
}

fn of_examined(own: Vec<&Examined>, needs: &str) -> (Answer, String) {
    let made: Vec<&Examined> =
        // What could not be examined is no sign of soundness, and is not counted as consistent.
        own.into_iter().filter(|one| one.standing != Standing::NotCheckable).collect();
    let of = |standing: Standing| made.iter().filter(move |one| one.standing == standing);
    let told = |standing: Standing| {
        let named = of(standing).map(|one| {
            format!("{} ({})", one.check.name(), one.claims.first().map_or("", String::as_str))
        });
        named.collect::<Vec<_>>().join(", ")
    };
    if made.is_empty() {
        return (Answer::NotCheckable, format!("it takes {needs}"));
    }
    let examined = study::numbered(&made.len().to_string(), "examinations");
    match (of(Standing::Contradiction).count(), of(Standing::Unusual).count()) {
        (0, 0) => (Answer::NoConcern, format!("{examined}, all consistent")),
        (0, _) => {
            (Answer::SomeConcern, format!("{examined}; unusual: {}", told(Standing::Unusual)))
        }
        // One contradiction outweighs whatever else is consistent.
        _ => (
            Answer::SeriousConcern,
            format!("{examined}; contradictions: {}", told(Standing::Contradiction)),
        ),
    }
}

/// The same number in several places of one publication, and beside recomputed ones.
fn of_text(basis: &Basis<'_>) -> (Answer, String) {
    let own = |one: &&Examined| {
        one.check == Check::SameInAllPlaces && publications(one, basis.claims).len() == 1
    };
    let places: Vec<&Examined> = basis.examination.0.iter().filter(own).collect();
    let known: Vec<&Compared> =
        basis.compared.iter().filter(|one| one.verdict != Verdict::NotVerifiable).collect();
    let wrong: Vec<&str> = known
        .iter()
        .filter(|one| one.verdict == Verdict::Contradicts)
        .map(|one| one.name.as_str())
        .collect();
    let of_claims = study::numbered(&known.len().to_string(), "claims");
    match (known.is_empty(), wrong.is_empty()) {
        (true, _) => of_examined(places, "a number in several places, or recomputed ones"),
        // A recomputed number goes before a comparison of texts: the data decide.
        (false, false) => (
            Answer::SeriousConcern,
            format!("{of_claims} recomputed; contradicted: {}", wrong.join(", ")),
        ),
        (false, true) if places.is_empty() => {
            (Answer::NoConcern, format!("{of_claims} recomputed, all agree"))
        }
        (false, true) => {
            let (answer, evidence) = of_examined(places, "");
            (answer, format!("{of_claims} recomputed, all agree; {evidence}"))
        }
    }
}

#[cfg(test)]
mod tests;
