//! `findings_table`: any findings, chosen by their ids, under headings.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, Role, StudySettings, Withheld};

use crate::analysis::{Words, distinct};
use crate::evidence::Evidence;
use crate::exhibit::capitalised;
use crate::lookup::{Findings, Whom, is_reference};
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, announced, finish};
use crate::{format, parameters};

/// A table of any findings, chosen by their ids and put under headings: what
/// was estimated, from how many patients and events, the estimate with its
/// limits, its p-value and the method. For analyses that no other table knows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingsTable {
    /// Title of the table.
    pub title: String,
    /// Headings, each with the ids of its findings. A `*` stands for any one
    /// part of an id, at the end for all that follow. A p-value that belongs
    /// to an estimate stands in its row.
    pub findings: Named<Vec<String>>,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
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
        if let Err(found) = self.chosen(&Evidence::of(call)) {
            mistakes.0.extend(found.0);
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let chosen = self.chosen(&evidence)?;
        let mut table = PrintedTable::of(columns(call.study));
        let page = Page { words: Words::of(call, self.by.as_deref()), study: call.study };
        for (heading, own) in &chosen {
            page.part(&mut table, &evidence, heading, own);
        }
        let shown = || chosen.iter().flat_map(|(_, own)| own.iter().copied());
        table.tell_populations(shown());
        if table.prints(format::NOT_REACHED) {
            table.note(format!("{}, not reached.", format::NOT_REACHED));
        }
        if table.prints_alone(format::NOT_ESTIMABLE) {
            table.note(format!("{}, not estimable.", format::NOT_ESTIMABLE));
        }
        table.warn(shown());
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

fn columns(study: &StudySettings) -> Vec<Column> {
    let estimate = format!("Estimate ({})", format::interval_name(study.confidence_level));
    vec![
        Column::words("what", ""),
        Column::numbers("events_of_patients", "Events/patients"),
        Column::numbers("estimate", &estimate),
        Column::numbers("p", "p"),
        Column::words("method", "Method"),
    ]
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
            let found = found.unwrap_or_default();
            match chosen.last_mut().filter(|(known, _)| *known == heading) {
                Some((_, own)) => own.extend(found),
                None => chosen.push((heading, found)),
            }
        }
        mistakes.or(chosen)
    }
}

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
}

impl Page<'_> {
    fn part(&self, table: &mut PrintedTable, evidence: &Evidence, heading: &str, own: &[&Finding]) {
        table.rows.push(Row::section(heading));
        let tests: Vec<Option<&Finding>> =
            own.iter().map(|one| Findings(evidence.around(one).findings).p_value_of(one)).collect();
        let is_shown_beside =
            |finding: &Finding| tests.iter().flatten().any(|test| test.address == finding.address);
        let has_endpoints = distinct(own.iter().filter_map(|f| f.endpoint.as_deref())).len() > 1;
        let labels: Vec<String> = own.iter().map(|one| self.label(one, has_endpoints)).collect();
        for (place, (finding, test)) in own.iter().zip(&tests).enumerate() {
            if is_shown_beside(finding) || is_told_as_chosen(finding, own) {
                continue;
            }
            let others = own.iter().zip(&labels).filter(|(_, label)| **label == labels[place]);
            let difference = difference(finding, others.map(|(other, _)| *other));
            let is_test = finding.quantity == Quantity::PValue;
            let estimate = if is_test { None } else { Some(*finding) };
            let test = if is_test { Some(*finding) } else { *test };
            table.rows.push(Row::values(vec![
                Cell::text(labels[place].clone() + &difference),
                Cell::text(counts(finding, self.study)),
                self.estimate(estimate),
                Cell::value(test, self.study),
                Cell::text(capitalised(&crate::words::method(&finding.method).replace('`', ""))),
            ]));
        }
    }

    fn estimate(&self, finding: Option<&Finding>) -> Cell {
        Cell::of(finding, |finding| match is_reference(finding) {
            true => "1 (reference)".to_owned(),
            false => format::value_with_limits(finding, self.study),
        })
    }

    /// What a finding says, in words.
    fn label(&self, finding: &Finding, has_endpoints: bool) -> String {
        let mut words = match finding.quantity {
            Quantity::PValue => capitalised(&crate::words::name(&finding.method)),
            _ => capitalised(&finding.statistic.replace('_', " ")),
        };
        if let Some(variable) = &finding.variable {
            let variable_label = self.words.variable(variable);
            words += &format!(", {}", study::in_sentence(&variable_label));
            let level = finding.level.as_ref().map(|level| self.words.level(variable, level));
            if let Some(level) = level.filter(|level| !variable_label.starts_with(level.as_str())) {
                words += &format!(": {}", study::in_sentence(&level));
            }
        }
        if let Some(whom) = Whom::of(finding) {
            words += &format!(", {}", study::in_sentence(&self.words.group(whom)));
        }
        if let Some(time) = self.time(finding) {
            words += &format!(", {time}");
        }
        if let Some(endpoint) = finding.endpoint.as_ref().filter(|_| has_endpoints) {
            words += &format!(", {}", study::in_sentence(&self.words.endpoint(endpoint)));
        }
        match finding.quantity {
            Quantity::Days => words += &format!(" ({})", self.study.time_unit.word()),
            Quantity::ProportionDifference => words += " (percentage points)",
            _ => {}
        }
        words
    }

    /// The time a finding speaks of: as declared, else in the study's unit.
    fn time(&self, finding: &Finding) -> Option<String> {
        let days = finding.time_days?;
        let unit = self.study.time_unit.word();
        let own = || {
            let number = format::axis_number(days / self.study.days_per_time_unit());
            study::numbered(&number, unit)
        };
        let declared = finding.address.times().find_map(study::Part::time_words);
        Some(declared.unwrap_or_else(own))
    }
}

/// Whether a finding of several methods is the one that the settings choose, and
/// stands there as such: it is one number, and has one row.
fn is_told_as_chosen(finding: &Finding, own: &[&Finding]) -> bool {
    let about = |one: &Finding| {
        (one.statistic.clone(), one.variable.clone(), one.level.clone(), one.group.clone())
    };
    let same = |other: &&&Finding| {
        other.role == Role::Chosen
            && other.stage() == finding.stage()
            && other.address.outcome() == finding.address.outcome()
            && other.address.times().eq(finding.address.times())
            && other.method == finding.method
            && about(other) == about(finding)
    };
    finding.role == Role::Alternative && own.iter().any(|other| same(&other))
}

/// What sets a finding apart from others that read the same: the last part of
/// its address that they have not, such as `before` in `overlap.largest_smd.before`.
fn difference<'a>(finding: &Finding, others: impl Iterator<Item = &'a Finding>) -> String {
    let others: Vec<&Finding> = others.collect();
    let part = |one: &Finding, place: usize| one.address.parts.get(place).map(study::Part::printed);
    let is_apart = |place: &usize| {
        let own = part(finding, *place);
        own.is_some() && others.iter().filter(|one| part(one, *place) == own).count() == 1
    };
    let apart = (0..finding.address.parts.len()).rev().find(is_apart);
    match apart.and_then(|place| part(finding, place)).filter(|_| others.len() > 1) {
        Some(own) => format!(", {}", own.replace('_', " ")),
        None => String::new(),
    }
}

/// Events and patients; of a count nothing, because it is itself one.
fn counts(finding: &Finding, study: &StudySettings) -> String {
    if finding.quantity == Quantity::Count {
        return String::new();
    }
    let patients = || format::counted(finding, Withheld::N, study);
    format::fraction(finding, study).or_else(patients).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_that_read_the_same_differ_by_the_ends_of_their_ids() {
        let finding = |stage: &str, time: &str| {
            Finding::new(stage, "propensity_score", "largest_smd", Quantity::Statistic, 0.1)
                .part(crate::sample::time(time))
        };
        let [before, after] = ["before", "after"].map(|time| finding("overlap", time));
        let other = finding("adjusted", "after");
        assert_eq!(difference(&before, [&before, &after].into_iter()), ", before");
        assert_eq!(difference(&before, [&before].into_iter()), "");
        assert_eq!(difference(&after, [&after, &other].into_iter()), "");
    }
}
