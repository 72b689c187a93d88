//! What a text can speak of.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Call, Section};
use study::{Action, Finding, FlowStep, StudySettings, Verdict, Warning};

use crate::analysis::{Analysis, Words};
use crate::evidence::Evidence;
use crate::ledger::Entry;
use crate::lookup::distinct_warnings;
use crate::words::methods::{self, Told};

/// How much is known: before a run only which findings there will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The analyses have not run; it is known what they will find.
    Announced,
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
    /// What the analyses found.
    pub(crate) evidence: Evidence,
    /// The exhibits of the page: name and label.
    pub(crate) exhibits: Vec<(String, String)>,
    /// Paragraphs on methods, from the settings that ran.
    pub(crate) methods: Vec<String>,
    /// The flow of patients.
    pub(crate) flow: Vec<FlowStep>,
    /// The cleaning rules, of which some are steps of the flow.
    pub(crate) rules: Vec<String>,
    /// Counts of the cleaning log, by the word that asks for them.
    pub(crate) cleaning: BTreeMap<&'static str, u64>,
    /// Counts of the claims, by the word that asks for them.
    pub(crate) claims: BTreeMap<&'static str, u64>,
}

impl Facts {
    /// The facts of a call that reads all analyses and cleaning rules.
    pub(crate) fn of(call: &Call<'_>, evidence: &Evidence, known: Known) -> Self {
        Self {
            study: call.study.clone(),
            known,
            evidence: evidence.clone(),
            exhibits: Vec::new(),
            methods: methods(call, evidence),
            rules: call.section(Section::Clean).map(|(name, _)| name.to_owned()).collect(),
            flow: call
                .section(Section::Clean)
                .flat_map(|(_, output)| output.flow.clone())
                .collect(),
            cleaning: cleaning(call),
            claims: tally(&[]),
        }
    }

    /// With the counts of the claims.
    pub(crate) fn with_claims(mut self, entries: &[Entry<'_>]) -> Self {
        self.claims = tally(entries);
        self
    }
}

/// Counts of the claims by the word that asks for them.
fn tally(entries: &[Entry<'_>]) -> BTreeMap<&'static str, u64> {
    let count = |wanted: &dyn Fn(Verdict) -> bool| {
        entries.iter().filter(|entry| wanted(entry.verdict)).count() as u64
    };
    BTreeMap::from([
        ("total", entries.len() as u64),
        ("agree", count(&|verdict| verdict < Verdict::Contradicts)),
        ("contradict", count(&|verdict| verdict == Verdict::Contradicts)),
        ("not_verifiable", count(&|verdict| verdict == Verdict::NotVerifiable)),
    ])
}

/// Exclusions that look ahead, a paragraph for each practice, and what is naive
/// in the last one.
fn methods(call: &Call<'_>, evidence: &Evidence) -> Vec<String> {
    let told: Vec<Told<'_>> = (evidence.analyses())
        .filter_map(|analysis| Some(Told { stage: analysis.name, account: analysis.methods? }))
        .collect();
    let findings: Vec<&Finding> = evidence.findings().collect();
    let words = Words::of(call, None);
    let of_analyses = methods::paragraphs(&told, &findings, words, call.study.confidence_level);
    let steps = call.section(Section::Clean).flat_map(|(_, output)| &output.flow);
    let ahead = steps.filter_map(methods::looks_ahead);
    // Who was chosen first, then what was done, and last what is open to bias in it.
    ahead.chain(of_analyses).chain(naive(evidence.analyses())).collect()
}

/// By what analyses are naive, as a paragraph.
fn naive<'a>(analyses: impl Iterator<Item = Analysis<'a>>) -> Option<String> {
    let findings = analyses.flat_map(|analysis| analysis.findings);
    // A set: each of many analyses warns of the same groups.
    let late: BTreeSet<(&str, &str)> = distinct_warnings(findings)
        .into_iter()
        .filter_map(|warning| match warning {
            Warning::NaiveGroup { label, date_label } => {
                Some((label.as_str(), date_label.as_str()))
            }
            _ => None,
        })
        .collect();
    methods::naive(&late)
}

fn cleaning(call: &Call<'_>) -> BTreeMap<&'static str, u64> {
    let outputs = || call.section(Section::Ingest).chain(call.section(Section::Clean));
    // what was left open is no change, however it was taken
    let sum = |of: &dyn Fn(Action) -> bool| -> u64 {
        let deeds = outputs().flat_map(|(_, output)| output.changes.counted());
        deeds.filter(|(deed, _)| of(deed.action)).map(|(_, count)| count).sum()
    };
    let count = |action: Action| sum(&|own| own == action);
    let edits = [Action::Fixed, Action::Corrected, Action::SetMissing].map(count);
    let problems: usize = outputs().map(|(_, output)| output.problems.len()).sum();
    let rules = call.section(Section::Clean).filter(|(_, output)| !output.changes.is_empty());
    BTreeMap::from([
        ("changes", sum(&|action| action != Action::Unknown)),
        ("values", edits.iter().sum()),
        ("set_missing", edits[2]),
        ("queries", count(Action::Query)),
        ("rows_dropped", count(Action::RowDropped)),
        ("problems", problems as u64),
        ("rules", rules.count() as u64),
    ])
}
