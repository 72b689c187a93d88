//! `findings_table`: any findings, chosen by their ids, under headings.

mod cells;
mod pivot;
mod words;

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, Role, StudySettings, Warning};

use self::words::Page;
use crate::analysis::Words;
use crate::evidence::Evidence;
use crate::lookup::is_reference;
use crate::ratios::burden;
use crate::table::{announced, finish};
use crate::{format, parameters};

/// A table of any findings, chosen by their ids and put under headings. A row is what findings are
/// about (a level, a group, a time), a column a statistic with its limits, beside it its p-value. What
/// holds for all rows, such as the patients or the group compared, is said once under the table, and
/// so are the methods.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingsTable {
    /// Title of the table.
    pub title: String,
    /// Headings, each with the ids of its findings. A `*` stands for any one
    /// part of an id, at the end for all that follow; of one number by several methods it means the
    /// one that the analysis chose. A p-value that belongs to an estimate stands beside it.
    pub findings: Named<Vec<String>>,
    /// Where statistics stand: each in a column, or in a row, where a table holds many numbers of
    /// few things, such as the measures of one model.
    #[serde(default)]
    pub statistics: Statistics,
    /// What stands in columns instead of rows, beside the statistics.
    #[serde(default)]
    pub across: Vec<Across>,
    /// Analyses, their models (`pooled.complete_cases`) and columns by names of their own, such as
    /// `{ overlap: Overlap weights }`.
    #[serde(default)]
    pub names: Named<String>,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

/// Where statistics stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistics {
    /// Each in a column.
    #[default]
    Columns,
    /// Each in a row.
    Rows,
}

/// What can stand in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Across {
    /// Analyses that have names.
    Analyses,
    /// Groups.
    Groups,
    /// Times and parts of follow-up.
    Times,
    /// Everything: each heading is one row.
    All,
}

impl Kind for FindingsTable {
    const NAME: &'static str = "findings_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut named = BTreeSet::new();
        let stages = self.patterns().filter_map(|(heading, place, pattern)| {
            let stage = Reference(pattern).stage();
            let at = ["findings", heading, &place.to_string()];
            named.insert(stage).then(|| Read::stage(stage, Section::Analyze, &at))
        });
        let labels = Read::table(&study.analysis_table, &[]);
        Wiring { reads: stages.chain([labels]).collect(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        mistakes.note(parameters::check_by(call, self.by.as_deref()));
        if self.findings.iter().next().is_none() {
            let mistake = Mistake::at(&["findings"], "`findings` is empty");
            mistakes.push(mistake.hint("give a heading and the ids of its findings"));
        }
        for (heading, patterns) in self.findings.iter() {
            if patterns.is_empty() {
                let message = format!("heading `{heading}` has no findings");
                mistakes.push(Mistake::at(&["findings", heading], message));
            }
        }
        match self.chosen(&Evidence::of(call)) {
            Ok(chosen) => mistakes.0.extend(self.unknown_names(&chosen)),
            Err(found) => mistakes.0.extend(found.0),
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let chosen = self.chosen(&evidence)?;
        let words = Words::of(call, self.by.as_deref());
        let page = Page { words, study: call.study, kind: self, evidence: &evidence };
        let mut table = page.table(&chosen);
        let shown = || chosen.iter().flat_map(|(_, own)| own.iter().copied());
        table.tell_populations(&words, shown());
        if table.prints(format::NOT_REACHED) {
            table.note(format!("{}, not reached.", format::NOT_REACHED));
        }
        // The same dash joins limits, so that only a cell of it alone needs the note.
        if table.prints_alone(format::NOT_ESTIMABLE) {
            table.note(format!("{}, not estimable.", format::NOT_ESTIMABLE));
        }
        table.warn(shown());
        // How few events a model has for its coefficients is a warning of another finding than the
        // ratio, and would be lost.
        for warning in burdens(&evidence, shown()) {
            table.warn_of(&warning.0, &warning.1);
        }
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

impl FindingsTable {
    /// Every pattern with its heading and its place under it.
    fn patterns(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.findings.iter().flat_map(|(heading, patterns)| {
            let patterns = patterns.iter().enumerate();
            patterns.map(move |(place, pattern)| (heading, place, pattern.as_str()))
        })
    }
}

impl FindingsTable {
    /// The findings under each heading, in the order of their stage.
    fn chosen<'a>(
        &'a self,
        evidence: &'a Evidence,
    ) -> Result<Vec<(&'a str, Vec<&'a Finding>)>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut chosen: Vec<(&str, Vec<&Finding>)> = Vec::new();
        for (heading, place, pattern) in self.patterns() {
            let at = ["findings", heading, &place.to_string()];
            let found = mistakes.note(evidence.named(pattern, &at, ("finding", &|_| true)));
            let mut found = found.unwrap_or_default();
            // An id in full is what was asked for, whatever its role. A pattern would bring every
            // method of one number.
            if pattern.contains('*') {
                found = without_alternatives(&found);
            }
            match chosen.last_mut().filter(|(known, _)| *known == heading) {
                Some((_, own)) => own.extend(found),
                None => chosen.push((heading, found)),
            }
        }
        mistakes.or(chosen)
    }
}

impl FindingsTable {
    /// Names of what no finding of the table is of.
    fn unknown_names(&self, chosen: &[(&str, Vec<&Finding>)]) -> Vec<Mistake> {
        let findings = || chosen.iter().flat_map(|(_, own)| own.iter().copied());
        let mut known: BTreeSet<String> =
            self.patterns().map(|(_, _, id)| Reference(id).stage().to_owned()).collect();
        for finding in findings() {
            known.extend(finding.variable.clone());
            known.extend(
                finding.address.model().map(|model| format!("{}.{model}", finding.stage())),
            );
        }
        let unknown = self.names.iter().filter(|(name, _)| !known.contains(*name));
        let told = unknown.map(|(name, _)| {
            Mistake::at(&["names", name], format!("no finding of the table is of `{name}`"))
                .hint_nearest(name, known.iter().map(String::as_str))
        });
        told.collect()
    }
}

/// Findings without those by another method than the one that the analysis chose.
fn without_alternatives<'a>(found: &[&'a Finding]) -> Vec<&'a Finding> {
    let without_method = |one: &Finding| {
        let parts = one.address.parts.iter();
        parts.filter(|part| !matches!(part, study::Part::Method(_))).cloned().collect::<Vec<_>>()
    };
    let is_of_chosen = |one: &Finding| {
        let chosen = found.iter().filter(|other| other.role == Role::Chosen);
        chosen
            .filter(|other| other.stage() == one.stage())
            // An alternative goes only where the chosen one is there too. Asked for alone, as by a
            // pattern of one method, it stays.
            .any(|other| without_method(other) == without_method(one))
    };
    let is_kept = |one: &&Finding| one.role != Role::Alternative || !is_of_chosen(one);
    found.iter().copied().filter(is_kept).collect()
}

/// What is told of models with few events, each once, with the ids of the ratios that are of one.
fn burdens<'f>(
    evidence: &Evidence,
    shown: impl Iterator<Item = &'f Finding>,
) -> Vec<(Warning, BTreeSet<String>)> {
    let mut told: Vec<(Warning, BTreeSet<String>)> = Vec::new();
    let ratios = shown.filter(|one| one.quantity == Quantity::Ratio && !is_reference(one));
    for ratio in ratios {
        let around = evidence.around(ratio);
        let Some(warning) = burden(&around, ratio) else { continue };
        match told.iter_mut().find(|(known, _)| known == warning) {
            Some((_, ids)) => drop(ids.insert(ratio.id())),
            None => told.push((warning.clone(), BTreeSet::from([ratio.id()]))),
        }
    }
    told
}
