//! `response_table`: best responses, response rates, and how the groups
//! compare.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Detail, Finding, Output, Role, StudySettings};

use crate::analysis::{Analysis, Words, distinct, group_heading, reads};
use crate::evidence::Evidence;
use crate::exhibit::sentence;
use crate::lookup::{About, Whom};
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, Tone, announced, finish};
use crate::words::method::interval_name;
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
    groups: Vec<Whom<'a>>,
}

impl Kind for ResponseTable {
    const NAME: &'static str = "response_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: reads(study, &[(&self.response, vec!["response"])]), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        mistakes.note(parameters::check_by(call, self.by.as_deref()));
        let evidence = Evidence::of(call);
        mistakes.note(self.analysis(&evidence).map(drop));
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analysis = self.analysis(&evidence)?;
        let words = Words::of(call, self.by.as_deref());
        let page = Page { words, study: call.study, groups: analysis.groups(), analysis };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table()))
    }
}

impl ResponseTable {
    fn analysis<'a>(&self, evidence: &'a Evidence) -> Result<Analysis<'a>, Mistake> {
        evidence.of_kind(&self.response, &["response"], &["response"])
    }
}

impl Page<'_> {
    fn table(&self) -> PrintedTable {
        let tests = self.analysis.of_statistic("p_value").next().is_some();
        let mut columns = vec![Column::words("measure", "Measure")];
        for group in &self.groups {
            let heading = group_heading(&self.analysis, &self.words, *group, self.study);
            columns.push(Column::numbers(&group.key(), &heading));
        }
        columns.extend(tests.then(|| Column::numbers("p", "p")));
        let mut table = PrintedTable::of(columns);
        self.categories(&mut table);
        for rate in ["objective_response_rate", "disease_control_rate"] {
            self.rate(&mut table, rate);
        }
        table.tell_populations(&self.words, self.analysis.findings);
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
                let about =
                    About { level: Some(level), whom: Some(*group), ..About::variable(variable) };
                let share = self.analysis.get("proportion", &about);
                Cell::of(self.analysis.get("count", &about), |count| match share {
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
            self.groups.iter().map(|group| self.analysis.of_group("missing", *group)).collect();
        // A count that is kept back has no value and keeps its row.
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
        let Some(outcome) = rates.iter().find_map(|finding| finding.address.outcome()) else {
            return;
        };
        table.rows.push(Row::section(&sentence(&statistic.replace('_', " ")).replace('.', "")));
        let mut cells = vec![Cell::text("Patients, n/N (%)")];
        cells.extend(self.groups.iter().map(|group| {
            let about = About { outcome: Some(outcome), ..About::whom(*group) };
            Cell::of(self.analysis.get(statistic, &about), |finding| {
                format::fraction_with_percent(finding, self.study)
                    .unwrap_or_else(|| format::value(finding, self.study))
            })
        }));
        table.rows.push(Row::values(cells));
        self.intervals(table, outcome, &rates);
        self.contrasts(table, outcome);
        self.tests(table, outcome);
    }

    /// One row for each method of the confidence interval.
    fn intervals(&self, table: &mut PrintedTable, outcome: &str, rates: &[&Finding]) {
        let Some(first) = rates.first() else { return };
        // Every method that was computed is printed, so that a published interval can be
        // recognised.
        for method in distinct(rates.iter().filter_map(|finding| finding.address.method())) {
            let find = |group: &Whom<'_>| {
                let about =
                    About { outcome: Some(outcome), method: Some(method), ..About::whom(*group) };
                self.analysis.get(&first.statistic, &about)
            };
            let limits = |group: &Whom<'_>| {
                Cell::of(find(group), |finding| {
                    let limits = format::limits(finding, self.study);
                    limits.unwrap_or_else(|| format::value(finding, self.study))
                })
            };
            let one = self.groups.first().and_then(find);
            let level = one.and_then(|finding| finding.confidence_level);
            let name = format::interval_name(level.unwrap_or(self.study.confidence_level));
            let label = format!("{name}, %, {}", interval_in_words(one, method));
            let mut cells = vec![Cell::text(label)];
            cells.extend(self.groups.iter().map(limits));
            table.rows.push(Row::below(cells));
        }
    }

    fn contrasts(&self, table: &mut PrintedTable, outcome: &str) {
        const CONTRASTS: [(&str, &str, Option<&str>); 4] = [
            ("risk_difference", "Risk difference, percentage points", None),
            ("odds_ratio", "Odds ratio", None),
            // The conditional estimate goes with Fisher's test, the other with the chi-square test.
            // They differ in small samples.
            ("odds_ratio", "Odds ratio, conditional", Some("conditional")),
            ("relative_risk", "Relative risk", None),
        ];
        for (statistic, label, variant) in CONTRASTS {
            let get = |group: &Whom<'_>| {
                let about =
                    About { outcome: Some(outcome), method: variant, ..About::whom(*group) };
                self.analysis.get(statistic, &about)
            };
            let found: Vec<_> = self.groups.iter().map(get).collect();
            let Some(first) = found.iter().flatten().next() else { continue };
            let level = first.confidence_level.unwrap_or(self.study.confidence_level);
            let footnote = table.footnotes.place(&sentence(&crate::words::method(&first.method)));
            let label = format!("{label} ({})", format::interval_name(level));
            let mut cells = vec![Cell::text(label).noted(footnote)];
            for (group, finding) in self.groups.iter().zip(&found) {
                let reference = first.reference.as_deref().map(Whom::Group);
                cells.push(match reference == Some(*group) {
                    true => Cell::text("reference").toned(Tone::Quiet),
                    false => Cell::estimate(*finding, self.study),
                });
            }
            table.rows.push(Row::values(cells));
        }
    }

    /// One row for each test.
    fn tests(&self, table: &mut PrintedTable, outcome: &str) {
        let of_outcome = |finding: &&Finding| finding.address.outcome() == Some(outcome);
        let tests = || self.analysis.of_statistic("p_value").filter(of_outcome);
        let chosen = tests().find(|p| p.role == Role::Chosen).map(|finding| &finding.method);
        // The chosen test is among the alternatives once more, with its method in its id, so that
        // it has a row like the others.
        for p in tests().filter(|p| p.role == Role::Alternative) {
            let mut label =
                Cell::text(sentence(&crate::words::method(&p.method)).trim_end_matches('.'));
            if Some(&p.method) == chosen {
                label =
                    // Which test was chosen is said, because several stand side by side and readers
                    // would pick.
                    label.noted(table.footnotes.place("The test that the analysis plan names."));
            }
            let mut cells = vec![label];
            cells.extend(self.groups.iter().map(|_| Cell::default()));
            cells.push(Cell::value(Some(p), self.study));
            table.rows.push(Row::values(cells));
        }
    }
}

/// The name of an interval, such as `Wilson`.
fn interval_in_words(finding: Option<&Finding>, method: &str) -> String {
    let details = finding.into_iter().flat_map(|finding| &finding.method.details);
    let named = details.clone().find_map(|detail| match detail {
        Detail::Interval { interval, .. } => Some(interval_name(*interval)),
        _ => None,
    });
    match named {
        Some(name) => name.to_owned(),
        None => study::capitalised(&method.replace('_', "-")),
    }
}
