//! Claims on a screen and as JSON: each beside the recomputed number, and published
//! numbers against each other.

use engine::Mistakes;
use serde_json::{Value, json};
use study::{Claim, Examination, Examined, Finding, Standing, State, StudySettings, Verdict};

use crate::evidence::Evidence;
use crate::kinds::evidence_of;
use crate::ledger;
use crate::words::forensics as words;

/// A claim beside what the data give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The claim's own name.
    pub name: String,
    /// What is claimed, in words.
    pub label: String,
    /// The words of the source.
    pub published: String,
    /// The recomputed number in the printed digits; none before a run, and where there is none.
    pub recomputed: Option<String>,
    /// How it stands to the printed one.
    pub verdict: Verdict,
    /// The methods that agree.
    pub methods: Vec<String>,
}

/// Claims beside the findings of analyses, by entry.
///
/// # Errors
/// The claims that name a finding there is not.
pub fn compared(
    claims: &[(String, Claim)],
    analyses: Vec<(String, Vec<Finding>)>,
    study: &StudySettings,
) -> Result<Vec<Compared>, Mistakes> {
    let evidence = Evidence::of_findings(analyses, study);
    let entries = ledger::entries(claims, study, &evidence)?;
    let compared = claims.iter().zip(&entries).map(|((name, claim), entry)| {
        // A claim may name several findings, as where the source names no test. The verdict is that
        // of the best, so only those that have it are told of.
        let best = entry.compared.iter().filter(|one| one.verdict == entry.verdict);
        // Before a run findings have no numbers, but their methods are known.
        let known = best.clone().find(|one| one.finding.state != State::Announced);
        Compared {
            name: name.clone(),
            label: claim.label.clone(),
            published: ledger::published(claim),
            recomputed: known.map(|one| one.as_printed(claim, study)),
            verdict: entry.verdict,
            methods: crate::words::words_of(best.map(|one| one.finding)),
        }
    });
    Ok(compared.collect())
}

/// An examination as a line of text: what was tried.
#[must_use]
pub fn tried(examined: &Examined) -> String {
    study::capitalised(words::check(examined.check))
}

/// What came of it, in words.
#[must_use]
pub fn standing(standing: Standing) -> &'static str {
    words::standing(standing)
}

/// The numbers behind it, or why there are none.
#[must_use]
pub fn evidence(examined: &Examined, study: &StudySettings) -> String {
    evidence_of(examined, study)
}

/// Both as one JSON value.
#[must_use]
pub fn json(compared: &[Compared], examination: &Examination, study: &StudySettings) -> Value {
    let claims = compared.iter().map(|one| {
        json!({
            "claim": one.name,
            "label": one.label,
            "published": one.published,
            "recomputed": one.recomputed,
            "verdict": one.verdict.words(),
            "methods": one.methods,
        })
    });
    let examined = examination.0.iter().map(|one| examined_json(one, study));
    json!({
        "claims": claims.collect::<Vec<_>>(),
        "examined": examined.collect::<Vec<_>>(),
    })
}

fn examined_json(one: &Examined, study: &StudySettings) -> Value {
    let clues = one
        .clues
        .iter()
        .map(|clue| json!({ "name": clue.name, "value": clue.value, "prints": clue.prints }));
    json!({
        "check": one.check.name(),
        "tried": words::check(one.check),
        "claims": one.claims,
        "standing": one.standing.name(),
        "evidence": clues.collect::<Vec<_>>(),
        "in_words": evidence_of(one, study),
    })
}
