//! What a text can speak of.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Call, Section};
use study::{Action, Finding, FlowStep, Output, StudySettings, Verdict};

use crate::exhibit::capitalised;
use crate::ledger::Entry;
use crate::suppress::Suppression;

/// How much is known: before a run only the names of the analyses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The analyses have not run; their names are known.
    Names,
    /// Everything.
    Findings,
}

/// What a text can speak of.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The settings of the study.
    pub(crate) study: StudySettings,
    /// How much is known.
    pub(crate) known: Known,
    /// The names of the analyses.
    pub(crate) analyses: Vec<String>,
    /// Every finding by its id.
    pub(crate) findings: BTreeMap<String, Finding>,
    /// Which small counts are not shown.
    pub(crate) suppression: Suppression,
    /// The exhibits of the page: name and label.
    pub(crate) exhibits: Vec<(String, String)>,
    /// Paragraphs on methods, from the settings that ran.
    pub(crate) methods: Vec<String>,
    /// The flow of patients.
    pub(crate) flow: Vec<FlowStep>,
    /// Counts of the cleaning log, by the word that asks for them.
    pub(crate) cleaning: BTreeMap<&'static str, u64>,
    /// Counts of the claims, by the word that asks for them.
    pub(crate) claims: BTreeMap<&'static str, u64>,
}

impl Facts {
    /// The facts of a call that reads all analyses and cleaning rules.
    pub(crate) fn of(call: &Call<'_>, known: Known) -> Self {
        let analyses: Vec<_> = call.section(Section::Analyze).collect();
        let findings = || analyses.iter().flat_map(|(_, output)| &output.findings);
        let all: Vec<&Finding> = findings().collect();
        Self {
            study: call.study.clone(),
            known,
            analyses: analyses.iter().map(|(name, _)| (*name).to_owned()).collect(),
            suppression: Suppression::of(all.iter().copied(), call.study),
            findings: all.into_iter().map(|one| (one.id(), one.clone())).collect(),
            exhibits: Vec::new(),
            methods: methods(&analyses),
            flow: call
                .section(Section::Clean)
                .flat_map(|(_, output)| output.flow.clone())
                .collect(),
            cleaning: cleaning(call),
            claims: BTreeMap::new(),
        }
    }

    /// With the counts of the claims.
    pub(crate) fn with_claims(mut self, entries: &[Entry<'_>]) -> Self {
        let count = |wanted: &dyn Fn(Verdict) -> bool| {
            entries.iter().filter(|entry| wanted(entry.verdict)).count() as u64
        };
        self.claims = BTreeMap::from([
            ("total", entries.len() as u64),
            ("agree", count(&|verdict| verdict < Verdict::Contradicts)),
            ("contradict", count(&|verdict| verdict == Verdict::Contradicts)),
            ("not_verifiable", count(&|verdict| verdict == Verdict::NotVerifiable)),
        ]);
        self
    }
}

/// One paragraph for each kind of analysis, each sentence once.
/// One paragraph a kind, no sentence twice, and what is naive in the last one.
fn methods(analyses: &[(&str, &Output)]) -> Vec<String> {
    let mut paragraphs: Vec<(String, Vec<String>)> = Vec::new();
    for (name, output) in analyses {
        let Some(text) = &output.methods else { continue };
        let kind = output.findings.first().map_or_else(|| (*name).to_owned(), |f| f.kind.clone());
        let place = paragraphs.iter().position(|(known, _)| *known == kind);
        let place = place.unwrap_or_else(|| {
            paragraphs.push((kind, Vec::new()));
            paragraphs.len() - 1
        });
        let sentences = &mut paragraphs[place].1;
        for sentence in text.split_inclusive(". ").map(str::trim) {
            if !sentences.iter().any(|known| known == sentence) {
                sentences.push(sentence.to_owned());
            }
        }
    }
    let naive = naive(analyses);
    paragraphs.into_iter().map(|(_, sentences)| sentences.join(" ")).chain(naive).collect()
}

/// The warnings of naive analyses, each once, as a paragraph.
fn naive(analyses: &[(&str, &Output)]) -> Option<String> {
    let findings = analyses.iter().flat_map(|(_, output)| &output.findings);
    let warnings = findings.flat_map(|finding| &finding.warnings);
    let texts: Vec<String> = warnings.map(crate::words::warning).collect();
    let told: BTreeSet<&str> =
        texts.iter().filter_map(|warning| warning.strip_prefix("naive: ")).collect();
    let told: Vec<String> =
        told.into_iter().map(|warning| format!("{}.", capitalised(warning))).collect();
    (!told.is_empty()).then(|| format!("Naive analyses were declared as such. {}", told.join(" ")))
}

fn cleaning(call: &Call<'_>) -> BTreeMap<&'static str, u64> {
    let outputs = || call.section(Section::Ingest).chain(call.section(Section::Clean));
    let changes = || outputs().flat_map(|(_, output)| &output.changes);
    let count = |action: Action| changes().filter(|change| change.action == action).count() as u64;
    let edits = [Action::Fixed, Action::Corrected, Action::SetMissing].map(count);
    let problems: usize = outputs().map(|(_, output)| output.problems.len()).sum();
    let rules = call.section(Section::Clean).filter(|(_, output)| !output.changes.is_empty());
    BTreeMap::from([
        ("changes", changes().count() as u64),
        ("values", edits.iter().sum()),
        ("set_missing", edits[2]),
        ("queries", count(Action::Query)),
        ("rows_dropped", count(Action::RowDropped)),
        ("problems", problems as u64),
        ("rules", rules.count() as u64),
    ])
}
