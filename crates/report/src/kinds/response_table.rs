//! `response_table`: best responses, response rates, and how the groups
//! compare.

use engine::{Call, Kind, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::{Analysis, Words, distinct, group_heading, reads};
use crate::exhibit::sentence;
use crate::table::{Cell, Column, PrintedTable, Row, Tone, finish};
use crate::{format, parameters};

/// A table of best responses and response rates with their confidence
/// intervals, differences and ratios between the groups, and the p-value of
/// every test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The `response` entry it prints.
    pub response: String,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Tumour response".to_owned()
}

struct Page<'a> {
    analysis: Analysis<'a>,
    words: Words<'a>,
    study: &'a StudySettings,
    groups: Vec<&'a str>,
}

impl Kind for ResponseTable {
    const NAME: &'static str = "response_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: reads(study, &[(&self.response, vec!["response"])]), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        parameters::check_by(call, self.by.as_deref())?;
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let analysis = Analysis::of_kind(call, &self.response, "response", &["response"])?;
        let words = Words::of(call, self.by.as_deref());
        let page = Page { words, study: call.study, groups: analysis.groups(), analysis };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table()))
    }
}

impl Page<'_> {
    fn table(&self) -> PrintedTable {
        let tests = self.analysis.of_statistic("p_value").next().is_some();
        let mut columns = vec![Column::words("measure", "Measure")];
        for group in &self.groups {
            let heading = group_heading(&self.analysis, &self.words, group, self.study);
            columns.push(Column::numbers(&study::slug(group), &heading));
        }
        columns.extend(tests.then(|| Column::numbers("p", "p")));
        let mut table = PrintedTable::of(columns);
        self.categories(&mut table);
        for rate in ["objective_response_rate", "disease_control_rate"] {
            self.rate(&mut table, rate);
        }
        table.warn(self.analysis.findings.iter());
        table
    }

    fn categories(&self, table: &mut PrintedTable) {
        let counts = || self.analysis.of_statistic("count").filter(|f| f.level.is_some());
        let variable = counts().find_map(|finding| finding.variable.as_deref()).unwrap_or_default();
        let heading = format!("{}, n (%)", self.words.variable(variable));
        table.rows.push(Row::section(&heading));
        for level in distinct(counts().filter_map(|finding| finding.level.as_deref())) {
            let mut cells = vec![Cell::text(self.words.level(variable, level))];
            cells.extend(self.groups.iter().map(|group| {
                let share = self.analysis.get(&["proportion", level, group]);
                Cell::of(self.analysis.get(&["count", level, group]), |count| match share {
                    Some(share) if share.value.is_some() => {
                        format!(
                            "{} ({})",
                            format::value(count, self.study),
                            format::value(share, self.study)
                        )
                    }
                    _ => format::value(count, self.study),
                })
            }));
            table.rows.push(Row::values(cells));
        }
        let missing: Vec<_> =
            self.groups.iter().map(|group| self.analysis.get(&["missing", group])).collect();
        if missing.iter().flatten().any(|finding| finding.value != Some(0.0)) {
            let mut cells = vec![Cell::text("Not recorded")];
            cells.extend(missing.into_iter().map(|finding| Cell::value(finding, self.study)));
            table.rows.push(Row::values(cells));
        }
    }

    fn rate(&self, table: &mut PrintedTable, statistic: &str) {
        let rates: Vec<&Finding> = self
            .analysis
            .findings
            .iter()
            .filter(|finding| finding.statistic == statistic)
            .collect();
        let Some(first) = rates.first() else { return };
        let short = &self.short(first);
        table.rows.push(Row::section(&sentence(&statistic.replace('_', " ")).replace('.', "")));
        let mut cells = vec![Cell::text("Patients, n/N (%)")];
        cells.extend(self.groups.iter().map(|group| {
            Cell::of(self.analysis.get(&[short, group]), |finding| {
                match (finding.events, finding.n) {
                    (Some(events), Some(n)) => format::fraction_percent(events, n),
                    _ => format::value(finding, self.study),
                }
            })
        }));
        table.rows.push(Row::values(cells));
        self.intervals(table, short, &rates);
        self.contrasts(table, short);
        self.tests(table, short);
    }

    /// The endpoint's part of the ids: what stands behind the stage's name.
    fn short(&self, finding: &Finding) -> String {
        let id = finding.id();
        let rest = id.strip_prefix(self.analysis.name).unwrap_or_default();
        rest.trim_start_matches('.').split('.').next().unwrap_or_default().to_owned()
    }

    /// One row for each method of the confidence interval.
    fn intervals(&self, table: &mut PrintedTable, short: &str, rates: &[&Finding]) {
        let Some(group) = self.groups.first() else { return };
        let prefix = format!("{}.{short}.{}.", self.analysis.name, study::slug(group));
        let methods = rates
            .iter()
            .filter_map(|finding| finding.id().strip_prefix(&prefix).map(str::to_owned));
        for method in methods {
            let method = method.as_str();
            let limits = |group: &&str| {
                Cell::of(self.analysis.get(&[short, group, method]), |finding| {
                    format::limits(finding, self.study).unwrap_or_default()
                })
            };
            let one = self.analysis.get(&[short, group, method]);
            let level = one.and_then(|finding| finding.confidence_level);
            let name = format::interval_name(level.unwrap_or(self.study.confidence_level));
            let label = format!("{name}, %, {}", method_words(one, method));
            let mut cells = vec![Cell::text(label)];
            cells.extend(self.groups.iter().map(limits));
            table.rows.push(Row::below(cells));
        }
    }

    fn contrasts(&self, table: &mut PrintedTable, short: &str) {
        const CONTRASTS: [(&str, &str, Option<&str>); 4] = [
            ("risk_difference", "Risk difference, percentage points", None),
            ("odds_ratio", "Odds ratio", None),
            ("odds_ratio", "Odds ratio, conditional", Some("conditional")),
            ("relative_risk", "Relative risk", None),
        ];
        for (statistic, label, variant) in CONTRASTS {
            let get = |group: &str| {
                let parts = [short, statistic, group].into_iter().chain(variant);
                self.analysis.get(&parts.collect::<Vec<_>>())
            };
            let found: Vec<_> = self.groups.iter().map(|group| get(group)).collect();
            let Some(first) = found.iter().flatten().next() else { continue };
            let level = first.confidence_level.unwrap_or(self.study.confidence_level);
            let footnote = table.footnotes.place(&sentence(&crate::words::method(&first.method)));
            let label = format!("{label} ({})", format::interval_name(level));
            let mut cells = vec![Cell::text(label).noted(footnote)];
            for (group, finding) in self.groups.iter().zip(&found) {
                cells.push(match first.reference.as_deref() == Some(*group) {
                    true => Cell::text("reference").toned(Tone::Quiet),
                    false => Cell::estimate(*finding, self.study),
                });
            }
            table.rows.push(Row::values(cells));
        }
    }

    /// One row for each test.
    fn tests(&self, table: &mut PrintedTable, short: &str) {
        let prefix = format!("{}.{short}.p.", self.analysis.name);
        let chosen = self.analysis.get(&[short, "p"]).map(|finding| &finding.method);
        for p in self.analysis.of_statistic("p_value").filter(|f| f.id().starts_with(&prefix)) {
            let mut label =
                Cell::text(sentence(&crate::words::method(&p.method)).trim_end_matches('.'));
            if Some(&p.method) == chosen {
                label =
                    label.noted(table.footnotes.place("The test that the analysis plan names."));
            }
            let mut cells = vec![label];
            cells.extend(self.groups.iter().map(|_| Cell::default()));
            cells.push(Cell::value(Some(p), self.study));
            table.rows.push(Row::values(cells));
        }
    }
}

/// The interval's own part of a method such as `proportion, Wilson 95% CI`.
fn method_words(finding: Option<&Finding>, slug: &str) -> String {
    let words = finding.and_then(|finding| {
        let words = crate::words::method(&finding.method);
        let (_, interval) = words.rsplit_once(", ")?;
        let kept = interval.split(' ').filter(|word| !word.ends_with('%') && *word != "CI");
        Some(kept.collect::<Vec<_>>().join(" "))
    });
    words.unwrap_or_else(|| slug.replace('_', " "))
}
