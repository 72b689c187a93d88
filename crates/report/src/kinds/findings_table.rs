//! `findings_table`: any findings, chosen by their ids, under headings.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, StudySettings};

use crate::analysis::{Words, distinct};
use crate::exhibit::capitalised;
use crate::lookup::{first_clause, is_reference, p_value_of, stage_of};
use crate::table::{Cell, Column, PrintedTable, Row, finish};
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
            let stage = stage_of(pattern);
            let at = ["findings", heading, &place.to_string()];
            named.insert(stage).then(|| Read::stage(stage, Section::Analyze, &at))
        });
        let labels = Read::table(&study.analysis_table, &[]);
        Wiring { reads: stages.chain([labels]).collect(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        parameters::check_by(call, self.by.as_deref())?;
        let mut mistakes = Mistakes::default();
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
        mistakes.or(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut table = PrintedTable::of(columns(call.study));
        let page = Page { words: Words::of(call, self.by.as_deref()), study: call.study };
        let mut shown: Vec<&Finding> = Vec::new();
        for (heading, patterns) in self.findings.iter() {
            let mut own = Vec::new();
            for (place, pattern) in patterns.iter().enumerate() {
                let found = mistakes.note(chosen(call, heading, place, pattern));
                own.extend(found.into_iter().flatten());
            }
            page.part(&mut table, call, heading, &own);
            shown.extend(own);
        }
        mistakes.or(())?;
        if table.prints(format::NOT_REACHED) {
            table.note(format!("{}, not reached.", format::NOT_REACHED));
        }
        if table.prints_alone(format::NOT_ESTIMABLE) {
            table.note(format!("{}, not estimable.", format::NOT_ESTIMABLE));
        }
        table.warn(shown);
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

/// The findings that a pattern chooses, in the order of their stage.
fn chosen<'a>(
    call: &'a Call<'_>,
    heading: &str,
    place: usize,
    pattern: &str,
) -> Result<Vec<&'a Finding>, Mistake> {
    let findings = &call.stage(stage_of(pattern)).findings;
    let found: Vec<&Finding> =
        findings.iter().filter(|finding| matches(pattern, &finding.id())).collect();
    if found.is_empty() {
        let ids: Vec<String> = findings.iter().map(Finding::id).collect();
        let at = ["findings", heading, &place.to_string()];
        return Err(Mistake::at(&at, format!("there is no finding `{pattern}`"))
            .hint_nearest(pattern, ids.iter().map(String::as_str)));
    }
    Ok(found)
}

/// Whether an id fits a pattern: part by part, `*` being any part, and at the
/// end one or more.
fn matches(pattern: &str, id: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('.').peekable(), id.split('.'));
    while let Some(wanted) = patterns.next() {
        let Some(part) = parts.next() else { return false };
        if wanted == "*" && patterns.peek().is_none() {
            return true;
        }
        if wanted != "*" && wanted != part {
            return false;
        }
    }
    parts.next().is_none()
}

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
}

impl Page<'_> {
    fn part(&self, table: &mut PrintedTable, call: &Call<'_>, heading: &str, own: &[&Finding]) {
        table.rows.push(Row::section(heading));
        let tests: Vec<Option<&Finding>> = own.iter().map(|one| p_value_of(call, one)).collect();
        let is_shown_beside =
            |finding: &Finding| tests.iter().flatten().any(|test| test.id() == finding.id());
        let has_endpoints = distinct(own.iter().filter_map(|f| f.endpoint.as_deref())).len() > 1;
        let labels: Vec<String> = own.iter().map(|one| self.label(one, has_endpoints)).collect();
        for (place, (finding, test)) in own.iter().zip(&tests).enumerate() {
            if is_shown_beside(finding) {
                continue;
            }
            let others = own.iter().zip(&labels).filter(|(_, label)| **label == labels[place]);
            let difference = difference(finding, others.map(|(other, _)| *other));
            let is_test = finding.quantity == Quantity::PValue;
            let estimate = if is_test { None } else { Some(*finding) };
            let test = if is_test { Some(*finding) } else { *test };
            table.rows.push(Row::values(vec![
                Cell::text(labels[place].clone() + &difference),
                Cell::text(counts(finding)),
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
            Quantity::PValue => capitalised(first_clause(&crate::words::method(&finding.method))),
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
        if let Some(group) = &finding.group {
            words += &format!(", {}", study::in_sentence(&self.words.group(group)));
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

    /// The time a finding speaks of: as its id has it, else in the study's unit.
    fn time(&self, finding: &Finding) -> Option<String> {
        let days = finding.time_days?;
        let id = finding.id();
        let as_declared = id.split('.').find(|part| {
            let number = part.split_once('_').map_or("", |(number, _)| number);
            number.parse::<u32>().is_ok() && part.split('_').count() == 2
        });
        let unit = self.study.time_unit.word();
        let own =
            || format!("{} {unit}", format::axis_number(days / self.study.days_per_time_unit()));
        Some(as_declared.map_or_else(own, |part| part.replace('_', " ")))
    }
}

/// What sets a finding apart from others that read the same: the end of its id,
/// such as `before` in `overlap.largest_smd.before`.
fn difference<'a>(finding: &Finding, others: impl Iterator<Item = &'a Finding>) -> String {
    let end = |finding: &Finding| finding.id().rsplit('.').next().unwrap_or_default().to_owned();
    let own = end(finding);
    let ends: Vec<String> = others.map(end).collect();
    let is_apart = ends.len() > 1 && ends.iter().filter(|end| **end == own).count() == 1;
    if is_apart { format!(", {}", own.replace('_', " ")) } else { String::new() }
}

/// Events and patients; of a count nothing, because it is itself one.
fn counts(finding: &Finding) -> String {
    match (finding.quantity, finding.events, finding.n) {
        (Quantity::Count, _, _) | (_, _, None) => String::new(),
        (_, Some(events), Some(n)) => format!("{}/{}", format::count(events), format::count(n)),
        (_, None, Some(n)) => format::count(n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_that_read_the_same_differ_by_the_ends_of_their_ids() {
        let finding = |id: &str| Finding {
            id: id.to_owned(),
            ..Finding::new("overlap", "propensity_score", "largest_smd", Quantity::Statistic, 0.1)
        };
        let [before, after] =
            ["overlap.largest_smd.before", "overlap.largest_smd.after"].map(finding);
        let other = finding("adjusted.largest_smd.after");
        assert_eq!(difference(&before, [&before, &after].into_iter()), ", before");
        assert_eq!(difference(&before, [&before].into_iter()), "");
        assert_eq!(difference(&after, [&after, &other].into_iter()), "");
    }
}
