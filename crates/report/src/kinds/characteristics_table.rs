//! `characteristics_table`: who the patients are, by group.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Role, State, StudySettings};

use crate::analysis::{Analysis, Words, distinct, group_heading, ordered, reads};
use crate::evidence::Evidence;
use crate::exhibit::sentence;
use crate::format::CONFIDENTIAL;
use crate::lookup::{About, Whom};
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, announced, finish};
use crate::{format, parameters};

/// A table of the patients' characteristics by group, with standardised
/// differences and tests.
///
/// It prints what a `baseline_table` found. In studies of the aggregate tier
/// counts below `study: privacy: smallest_cell` are not shown, nor are counts
/// from which they could be had.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CharacteristicsTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The `baseline_table` it prints.
    pub baseline: String,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// Digits after the decimal point by variable, for those that are numbers, where this table
    /// prints others than the `decimals` of their columns.
    #[serde(default)]
    pub decimals: Named<Digits>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

/// Digits after the decimal point.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digits(#[schemars(range(max = 12))] pub u8);

fn default_title() -> String {
    "Characteristics of the patients".to_owned()
}

/// What a row of the table needs to know.
struct Page<'a> {
    analysis: Analysis<'a>,
    words: Words<'a>,
    study: &'a StudySettings,
    decimals: &'a Named<Digits>,
    groups: Vec<Whom<'a>>,
    /// Groups that are compared with the reference.
    compared: Vec<Whom<'a>>,
}

impl Kind for CharacteristicsTable {
    const NAME: &'static str = "characteristics_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: reads(study, &[(&self.baseline, vec!["baseline"])]), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        mistakes.note(parameters::check_by(call, self.by.as_deref()));
        let evidence = Evidence::of(call);
        if let Some(analysis) = mistakes.note(self.analysis(&evidence)) {
            self.check_decimals(&analysis, &mut mistakes);
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analysis = self.analysis(&evidence)?;
        let differences = analysis.of_statistic("standardized_mean_difference");
        let page = Page {
            words: Words::of(call, self.by.as_deref()),
            study: call.study,
            decimals: &self.decimals,
            groups: analysis.groups(),
            compared: ordered(differences.filter_map(Whom::of)),
            analysis,
        };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table()))
    }
}

impl CharacteristicsTable {
    fn analysis<'a>(&self, evidence: &'a Evidence) -> Result<Analysis<'a>, Mistake> {
        evidence.of_kind(&self.baseline, &["baseline_table"], &["baseline"])
    }
}

impl CharacteristicsTable {
    /// Digits are of a variable of the table that is a number.
    fn check_decimals(&self, analysis: &Analysis<'_>, mistakes: &mut Mistakes) {
        let numbers = distinct(
            analysis
                .findings
                .iter()
                .filter(|finding| ["median", "mean"].contains(&finding.statistic.as_str()))
                .filter_map(|finding| finding.variable.as_deref()),
        );
        for name in self.decimals.names().filter(|name| !numbers.contains(name)) {
            let message = format!("`{name}` is no number of the table");
            let mistake = Mistake::at(&["decimals", name], message);
            mistakes.push(mistake.hint_nearest(name, numbers.iter().copied()));
        }
    }
}

impl Page<'_> {
    /// A number of a variable with the digits that are declared for it.
    fn number(&self, variable: &str, finding: &Finding) -> String {
        match (self.decimals.get(variable), finding.value) {
            // Digits of a number that is kept back would print it.
            (Some(digits), Some(value)) if finding.state == State::Estimated => {
                format::number(value, usize::from(digits.0))
            }
            _ => format::value(finding, self.study),
        }
    }

    fn table(&self) -> PrintedTable {
        let mut table = PrintedTable::of(self.columns());
        let variables = self.analysis.findings.iter().filter_map(|f| f.variable.as_deref());
        for variable in distinct(variables) {
            let categorical = self
                .analysis
                .of_statistic("count")
                .any(|f| f.variable.as_deref() == Some(variable));
            match categorical {
                true => self.categorical(&mut table, variable),
                false => self.continuous(&mut table, variable),
            }
        }
        self.notes(&mut table);
        table
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::words("characteristic", "Characteristic")];
        for group in &self.groups {
            let heading = group_heading(&self.analysis, &self.words, *group, self.study);
            columns.push(Column::numbers(&group.key(), &heading));
        }
        for group in &self.compared {
            let (key, label) = match self.compared.len() {
                // One comparison needs no name: the headings of the two groups say which it is.
                1 => ("smd".to_owned(), "SMD".to_owned()),
                _ => (format!("smd_{}", group.key()), format!("SMD, {}", self.words.group(*group))),
            };
            columns.push(Column::numbers(&key, &label));
        }
        if self.analysis.of_statistic("p_value").next().is_some() {
            columns.push(Column::numbers("p", "p"));
        }
        columns
    }

    fn continuous(&self, table: &mut PrintedTable, variable: &str) {
        let by_mean = self
            .analysis
            .of_statistic("mean")
            .any(|mean| mean.variable.as_deref() == Some(variable) && mean.role == Role::Chosen);
        // Which of the two describes a variable was chosen by the analysis. The table only says it.
        let summary = if by_mean { "mean (SD)" } else { "median (IQR)" };
        let label = format!("{}, {summary}", self.words.with_unit(variable));
        let mut cells = vec![Cell::text(label)];
        for group in &self.groups {
            let about = About { whom: Some(*group), ..About::variable(variable) };
            let get = |name: &str| self.analysis.get(name, &about);
            let value = |name: &str| get(name).map(|finding| self.number(variable, finding));
            let middle = get(if by_mean { "mean" } else { "median" });
            let spread = match by_mean {
                true => value("standard_deviation"),
                false => value("lower_quartile")
                    .zip(value("upper_quartile"))
                    .map(|(low, high)| format::interval(&low, &high)),
            };
            cells.push(Cell::of(middle, |finding| match &spread {
                Some(spread) if finding.value.is_some() => {
                    format!("{} ({spread})", self.number(variable, finding))
                }
                _ => self.number(variable, finding),
            }));
        }
        cells.extend(self.comparisons(table, variable));
        table.rows.push(Row::values(cells));
        self.missing(table, variable);
    }

    fn categorical(&self, table: &mut PrintedTable, variable: &str) {
        let counts = self.analysis.of_statistic("count");
        let of_variable = counts.filter(|finding| finding.variable.as_deref() == Some(variable));
        let levels = distinct(of_variable.filter_map(|finding| finding.level.as_deref()));
        let label = format!("{}, n (%)", self.words.variable(variable));
        // One row says both: those without are the rest.
        if levels == ["no", "yes"] {
            let mut cells = vec![Cell::text(label)];
            cells.extend(self.counts(variable, "yes"));
            cells.extend(self.comparisons(table, variable));
            table.rows.push(Row::values(cells));
        } else {
            let mut cells = vec![Cell::text(label)];
            cells.extend(self.groups.iter().map(|_| Cell::default()));
            cells.extend(self.comparisons(table, variable));
            table.rows.push(Row::values(cells));
            // A declared level that nobody has would be a row of noughts.
            for level in levels.into_iter().filter(|level| self.is_met(variable, level)) {
                let mut cells = vec![Cell::text(self.words.level(variable, level))];
                cells.extend(self.counts(variable, level));
                table.rows.push(Row::below(cells));
            }
        }
        self.missing(table, variable);
    }

    /// Whether anybody has a level.
    fn is_met(&self, variable: &str, level: &str) -> bool {
        let counts =
            self.groups.iter().map(|group| self.of_level("count", variable, level, *group));
        // A count that is kept back has no value, and its level is shown.
        counts.flatten().any(|count| count.value != Some(0.0))
    }

    fn counts(&self, variable: &str, level: &str) -> Vec<Cell> {
        let cell = |group: &Whom<'_>| {
            let share = self.of_level("proportion", variable, level, *group);
            let count = self.of_level("count", variable, level, *group);
            Cell::of(count, |count| self.count_with_share(count, share))
        };
        self.groups.iter().map(cell).collect()
    }

    fn of_level(
        &self,
        statistic: &str,
        variable: &str,
        level: &str,
        whom: Whom<'_>,
    ) -> Option<&Finding> {
        let about = About { level: Some(level), whom: Some(whom), ..About::variable(variable) };
        self.analysis.get(statistic, &about)
    }

    fn count_with_share(&self, count: &Finding, share: Option<&Finding>) -> String {
        let text = format::value(count, self.study);
        match share.filter(|share| share.value.is_some()) {
            Some(share) => format!("{text} ({})", format::value(share, self.study)),
            None => text,
        }
    }

    /// A row of missing values, where there are any.
    fn missing(&self, table: &mut PrintedTable, variable: &str) {
        let found: Vec<_> = self
            .groups
            .iter()
            .map(|group| {
                let about = About { whom: Some(*group), ..About::variable(variable) };
                self.analysis.get("missing", &about)
            })
            .collect();
        if found.iter().flatten().any(|finding| finding.value != Some(0.0)) {
            let mut cells = vec![Cell::text("Missing")];
            cells.extend(found.into_iter().map(|finding| Cell::value(finding, self.study)));
            table.rows.push(Row::below(cells));
        }
    }

    fn comparisons(&self, table: &mut PrintedTable, variable: &str) -> Vec<Cell> {
        let difference = |group: &Whom<'_>| {
            let about = About { whom: Some(*group), ..About::variable(variable) };
            let found = self.analysis.get("standardized_mean_difference", &about);
            Cell::value(found, self.study)
        };
        let mut cells: Vec<Cell> = self.compared.iter().map(difference).collect();
        if let Some(p) = self.analysis.get("p_value", &About::variable(variable)) {
            // Tests differ from row to row, so that each p-value has the letter of its own.
            let footnote = table.footnotes.place(&sentence(&crate::words::method(&p.method)));
            cells.push(Cell::value(Some(p), self.study).noted(footnote));
        }
        cells
    }

    fn notes(&self, table: &mut PrintedTable) {
        let differences = self.analysis.of_statistic("standardized_mean_difference");
        let methods = crate::words::words_of(differences);
        if !methods.is_empty() {
            table.note(format!("SMD, standardised mean difference: {}.", methods.join("; ")));
        }
        let remarks = [
            ("mean (SD)", "SD, standard deviation.".to_owned()),
            ("median (IQR)", "IQR, lower to upper quartile.".to_owned()),
        ];
        let kept_back = self.study.privacy.hides_below().into_iter().flat_map(|smallest| {
            let small = format::below(smallest);
            let confidential = format!(
                "{CONFIDENTIAL}, not shown, because a count of fewer than {smallest} could be had from it."
            );
            let told = format!("{small}, at least one patient but fewer than {smallest}.");
            [(small, told), (CONFIDENTIAL.to_owned(), confidential)]
        });
        let kept_back: Vec<(String, String)> = kept_back.collect();
        for (text, remark) in remarks {
            if table.prints(text) {
                table.note(remark);
            }
        }
        for (text, remark) in kept_back {
            if table.prints(&text) {
                table.note(remark);
            }
        }
        // Readers take them to be of all patients in the column unless they are told.
        table.note("Percentages are of the patients with a value.");
        table.tell_populations(&self.words, self.analysis.findings);
        // Tests that were not chosen are not printed, and their warnings are of no use.
        let cells = table.rows.iter().flat_map(|row| &row.cells);
        let printed: BTreeSet<String> = cells.filter_map(|cell| cell.finding.clone()).collect();
        let findings = self.analysis.findings.iter();
        table.warn(findings.filter(|finding| printed.contains(&finding.id())));
    }
}
