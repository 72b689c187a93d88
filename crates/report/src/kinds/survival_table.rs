//! `survival_table`: events, medians and survival at declared times.

use engine::{Call, Kind, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::{Analysis, Words, distinct};
use crate::exhibit::sentence;
use crate::table::{Cell, Column, PrintedTable, Row, Span, finish};
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

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
    groups: Vec<&'a str>,
}

impl Kind for SurvivalTable {
    const NAME: &'static str = "survival_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: parameters::list_reads(study, &self.curves, "curves"), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        parameters::check_by(call, self.by.as_deref())?;
        parameters::check_list(&self.curves, "curves", "kaplan_meier")?;
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let analyses = parameters::analyses(call, &self.curves, "kaplan_meier", "curves")?;
        let groups = analyses.iter().flat_map(Analysis::groups);
        let mut groups = distinct(groups);
        groups.sort_by_key(|group| *group == "all");
        let page = Page { words: Words::of(call, self.by.as_deref()), study: call.study, groups };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table(&analyses)))
    }
}

impl Page<'_> {
    fn table(&self, analyses: &[Analysis<'_>]) -> PrintedTable {
        let mut columns = vec![Column::words("time", "")];
        let mut spans = vec![Span { label: String::new(), width: 1 }];
        for group in &self.groups {
            let key = study::slug(group);
            let level = format::interval_name(self.study.confidence_level);
            columns
                .push(Column::numbers(&format!("{key}_estimate"), &format!("Estimate ({level})")));
            columns.push(Column::numbers(&format!("{key}_at_risk"), "At risk"));
            spans.push(Span { label: self.words.group(group), width: 2 });
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
            (analysis.get(&["events", group]), analysis.get(&["n", group]))
        });
        let unit = self.study.time_unit.word();
        for (statistic, words) in [("median", "Median"), ("median_follow_up", "Median follow-up")] {
            self.row(table, &format!("{words}, {unit}"), |group| {
                (analysis.get(&[statistic, group]), None)
            });
        }
        for (time, days) in times(analysis, "survival") {
            let time = time.as_str();
            let followed = analysis.curves.is_some_and(|curves| curves.reverse);
            let word = if followed { "Still followed at" } else { "At" };
            let label = format!("{word} {}, %", self.time(days));
            self.row(table, &label, |group| {
                (
                    analysis.get(&["survival", time, group]),
                    analysis.get(&["n_at_risk", time, group]),
                )
            });
        }
        for (time, days) in times(analysis, "restricted_mean") {
            let time = time.as_str();
            let label = format!("Restricted mean to {}, {unit}", self.time(days));
            self.row(table, &label, |group| {
                (analysis.get(&["restricted_mean", time, group]), None)
            });
        }
    }

    /// A row of an estimate and a count for each group; none where there is nothing in it.
    fn row<'f>(
        &self,
        table: &mut PrintedTable,
        label: &str,
        find: impl Fn(&str) -> (Option<&'f Finding>, Option<&'f Finding>),
    ) {
        let found: Vec<_> = self.groups.iter().map(|group| find(group)).collect();
        if found.iter().all(|(estimate, _)| estimate.is_none()) {
            return;
        }
        let mut cells = vec![Cell::text(label)];
        for (estimate, count) in found {
            cells.push(Cell::of(estimate, |finding| {
                format::value_with_limits(finding, self.study).replace('%', "")
            }));
            cells.push(Cell::value(count, self.study));
        }
        table.rows.push(Row::values(cells));
    }

    fn heading(&self, analysis: &Analysis<'_>) -> String {
        if analysis.curves.is_some_and(|curves| curves.reverse) {
            return "Follow-up (reverse Kaplan–Meier)".to_owned();
        }
        let label = analysis.curves.map(|curves| curves.endpoint_label.clone());
        label.unwrap_or_else(|| self.words.subject(analysis))
    }

    fn time(&self, days: f64) -> String {
        let number = format::axis_number(days / self.study.days_per_time_unit());
        format!("{number} {}", self.study.time_unit.word())
    }

    fn notes(&self, table: &mut PrintedTable, analyses: &[Analysis<'_>]) {
        let findings = || analyses.iter().flat_map(|analysis| analysis.findings);
        let estimates =
            findings().filter(|f| f.statistic == "survival" || f.statistic.starts_with("median"));
        for method in crate::words::words_of(estimates) {
            table.note(sentence(&method));
        }
        table.note("At risk: followed to this time or longer; in the row of events, all patients.");
        if table.prints(format::NOT_REACHED) {
            table.note(format!("{}, not reached.", format::NOT_REACHED));
        }
        table.warn(findings());
    }
}

/// The times of a statistic: their part of the id, and days; in ascending order.
fn times<'a>(analysis: &Analysis<'a>, statistic: &'a str) -> Vec<(String, f64)> {
    let prefix = format!("{}.{statistic}.", analysis.name);
    let mut times: Vec<(String, f64)> = Vec::new();
    for finding in analysis.of_statistic(statistic) {
        let id = finding.id();
        let part = id.strip_prefix(&prefix).and_then(|rest| rest.split('.').next());
        if let (Some(part), Some(days)) = (part, finding.time_days)
            && times.iter().all(|(known, _)| *known != part)
        {
            times.push((part.to_owned(), days));
        }
    }
    times.sort_by(|a, b| a.1.total_cmp(&b.1));
    times
}
