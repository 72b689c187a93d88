//! `survival_table`: events, medians and survival at declared times.

use engine::{Call, Kind, Mistakes, Named, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{AtRisk, Finding, Output, Part, StudySettings};

use crate::analysis::{Analysis, Words, ordered};
use crate::evidence::Evidence;
use crate::exhibit::sentence;
use crate::lookup::{About, Whom};
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, Span, announced, finish};
use crate::{format, parameters};

/// A table of survival: events, medians, and at each declared time the
/// survival with its confidence interval and the number at risk, by group.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurvivalTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The `kaplan_meier` entries it prints, one part of the table each.
    pub curves: Vec<String>,
    /// Entries by names of their own, which stand over their parts, such as
    /// `{ pfs_overlap: "Progression-free survival, weighted" }`; else the endpoint.
    #[serde(default)]
    pub names: Named<String>,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Survival at declared times".to_owned()
}

/// The statistics whose methods are told.
const ESTIMATES: [&str; 3] = ["survival", "median", "median_follow_up"];

/// The kind whose findings it prints.
const KIND: &str = "kaplan_meier";

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
    groups: Vec<Whom<'a>>,
    names: &'a Named<String>,
}

impl Kind for SurvivalTable {
    const NAME: &'static str = "survival_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: parameters::list_reads(study, &self.curves, "curves"), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        mistakes.note(parameters::check_by(call, self.by.as_deref()));
        mistakes.0.extend(parameters::unknown_names(&self.names, &self.curves));
        if let Err(found) = parameters::check_list(&self.curves, "curves", KIND) {
            mistakes.0.extend(found.0);
        }
        let evidence = Evidence::of(call);
        if let Err(found) = parameters::analyses(&evidence, &self.curves, &[KIND], "curves") {
            mistakes.0.extend(found.0);
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analyses = parameters::analyses(&evidence, &self.curves, &[KIND], "curves")?;
        // Groups of all parts, so that parts with other groups share the columns that they can.
        let groups = ordered(analyses.iter().flat_map(Analysis::groups));
        let words = Words::of(call, self.by.as_deref());
        let page = Page { words, study: call.study, groups, names: &self.names };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table(&analyses)))
    }
}

impl Page<'_> {
    fn table(&self, analyses: &[Analysis<'_>]) -> PrintedTable {
        let mut columns = vec![Column::words("time", "")];
        let mut spans = vec![Span { label: String::new(), width: 1 }];
        for group in &self.groups {
            let key = group.key();
            let level = format::interval_name(self.study.confidence_level);
            columns
                .push(Column::numbers(&format!("{key}_estimate"), &format!("Estimate ({level})")));
            columns.push(Column::numbers(&format!("{key}_at_risk"), "At risk"));
            spans.push(Span { label: self.words.group(*group), width: 2 });
        }
        let mut table = PrintedTable { spans, ..PrintedTable::of(columns) };
        for analysis in analyses {
            self.part(&mut table, analysis);
        }
        self.notes(&mut table, analyses);
        table
    }

    fn part(&self, table: &mut PrintedTable, analysis: &Analysis<'_>) {
        table.rows.push(Row::section(&self.heading(analysis)));
        self.row(table, "Events, n", |group| {
            (analysis.of_group("events", group), analysis.of_group("n", group))
        });
        let unit = self.study.time_unit.word();
        for (statistic, words) in [("median", "Median"), ("median_follow_up", "Median follow-up")] {
            self.row(table, &format!("{words}, {unit}"), |group| {
                (analysis.of_group(statistic, group), None)
            });
        }
        for time in times(analysis, "survival") {
            let followed = analysis.figures.curves().is_some_and(|curves| curves.reverse);
            // `At 12 months` of a reverse curve would be read as survival.
            let word = if followed { "Still followed at" } else { "At" };
            let label = format!("{word} {}, %", time.time_words().unwrap_or_default());
            self.row(table, &label, |group| {
                let about = About { times: &[time], ..About::whom(group) };
                (analysis.get("survival", &about), analysis.get("n_at_risk", &about))
            });
        }
        for time in times(analysis, "restricted_mean") {
            let label =
                format!("Restricted mean to {}, {unit}", time.time_words().unwrap_or_default());
            self.row(table, &label, |group| {
                let about = About { times: &[time], ..About::whom(group) };
                (analysis.get("restricted_mean", &about), None)
            });
        }
    }

    /// A row of an estimate and a count for each group; none where there is nothing in it.
    fn row<'f>(
        &self,
        table: &mut PrintedTable,
        label: &str,
        find: impl Fn(Whom<'_>) -> (Option<&'f Finding>, Option<&'f Finding>),
    ) {
        let found: Vec<_> = self.groups.iter().map(|group| find(*group)).collect();
        // Curves of follow-up have no median of survival, and the other way round.
        if found.iter().all(|(estimate, _)| estimate.is_none()) {
            return;
        }
        let mut cells = vec![Cell::text(label)];
        for (estimate, count) in found {
            cells.push(Cell::of(estimate, |finding| {
                // The label of the row has the unit.
                format::value_with_limits(finding, self.study).replace('%', "")
            }));
            cells.push(Cell::value(count, self.study));
        }
        table.rows.push(Row::values(cells));
    }

    fn heading(&self, analysis: &Analysis<'_>) -> String {
        if let Some(name) = self.names.get(analysis.name) {
            return name.clone();
        }
        if analysis.figures.curves().is_some_and(|curves| curves.reverse) {
            return "Follow-up (reverse Kaplan–Meier)".to_owned();
        }
        let label = analysis.figures.curves().map(|curves| curves.endpoint_label.clone());
        label.unwrap_or_else(|| self.words.subject(analysis))
    }

    fn notes(&self, table: &mut PrintedTable, analyses: &[Analysis<'_>]) {
        let findings = || analyses.iter().flat_map(|analysis| analysis.findings);
        let estimates = findings().filter(|f| ESTIMATES.contains(&f.statistic.as_str()));
        for method in crate::words::words_of(estimates) {
            table.note(sentence(&method));
        }
        let followed = match self.study.at_risk {
            AtRisk::At => "to this time or longer",
            AtRisk::Beyond => "beyond this time",
        };
        table.note(format!("At risk: followed {followed}; in the row of events, all patients."));
        for analysis in analyses {
            let printed = ["median", "median_follow_up"];
            let medians = printed.into_iter().flat_map(|name| analysis.of_statistic(name));
            let name = |finding: &Finding| {
                let group = self.words.group(Whom::of(finding)?);
                Some(format!("{}, {}", self.heading(analysis), study::in_sentence(&group)))
            };
            for note in crate::knife_edge::notes(analysis, medians, name, self.study) {
                table.note(note);
            }
        }
        table.tell_populations(&self.words, findings());
        if table.prints(format::NOT_REACHED) {
            table.note(format!("{}, not reached.", format::NOT_REACHED));
        }
        table.warn(findings());
    }
}

/// The times of a statistic as declared, in ascending order.
fn times<'a>(analysis: &Analysis<'a>, statistic: &'a str) -> Vec<&'a Part> {
    let mut times: Vec<(&Part, f64)> = Vec::new();
    for finding in analysis.of_statistic(statistic) {
        let part = finding.address.times().next();
        if let (Some(part), Some(days)) = (part, finding.time_days)
            && times.iter().all(|(known, _)| *known != part)
        {
            times.push((part, days));
        }
    }
    // By their days: times may be declared in several units and in any order.
    times.sort_by(|a, b| a.1.total_cmp(&b.1));
    times.into_iter().map(|(time, _)| time).collect()
}
