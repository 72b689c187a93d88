//! `row_summary_table`: what the rows of a table are like that has several of a
//! patient, such as courses of treatment.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::{Analysis, Words, distinct};
use crate::evidence::Evidence;
use crate::format;
use crate::lookup::{About, Whom};
use crate::table::{Cell, Column, PrintedTable, Row, announced, finish};

/// A table of what the rows of a table are like that has several of a patient, such as courses of
/// treatment: rows and patients at each level of categories, and quartiles of numbers over rows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowSummaryTable {
    /// Title of the table.
    pub title: String,
    /// The `row_summary` entry it prints.
    pub summary: String,
    /// The table that the entry sums up, for the words of its columns.
    pub table: String,
    /// What a row is called at the head of its column, such as `Courses`.
    #[serde(default = "default_rows")]
    pub rows: String,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_rows() -> String {
    "Rows".to_owned()
}

impl Kind for RowSummaryTable {
    const NAME: &'static str = "row_summary_table";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.summary, Section::Analyze, &["summary"]),
            Read::table(&self.table, &["table"]),
        ];
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        let evidence = Evidence::of(call);
        if let Some(analysis) = mistakes.note(self.analysis(&evidence)) {
            let table = call.table(&self.table);
            let of = analysis.findings.iter().filter_map(|finding| finding.variable.as_deref());
            // The table is named for its labels. A wrong one would print names of columns.
            if let Some(unknown) = distinct(of).into_iter().find(|column| !table.has(column)) {
                let message =
                    format!("`{}` has no column `{unknown}` of `{}`", self.table, self.summary);
                let mistake = Mistake::at(&["table"], message);
                mistakes.push(mistake.hint("name the table that the entry sums up"));
            }
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analysis = self.analysis(&evidence)?;
        let words = Words::on(call.table(&self.table));
        let page = Page { kind: self, words, study: call.study, analysis };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table()))
    }
}

impl RowSummaryTable {
    fn analysis<'a>(&self, evidence: &'a Evidence) -> Result<Analysis<'a>, Mistake> {
        evidence.of_kind(&self.summary, &["row_summary"], &["summary"])
    }
}

/// The groups of the entry's findings: what is counted.
const ROWS: Whom<'_> = Whom::Group("rows");
const PATIENTS: Whom<'_> = Whom::Group("patients");

struct Page<'a> {
    kind: &'a RowSummaryTable,
    analysis: Analysis<'a>,
    words: Words<'a>,
    study: &'a StudySettings,
}

impl Page<'_> {
    fn table(&self) -> PrintedTable {
        let size = |whom| match self.analysis.group_size(whom) {
            Some(size) => format!(" (n\u{a0}=\u{a0}{})", format::value(size, self.study)),
            None => String::new(),
        };
        let columns = vec![
            Column::words("characteristic", "Characteristic"),
            Column::numbers("rows", &format!("{}{}", self.kind.rows, size(ROWS))),
            Column::numbers("patients", &format!("Patients{}", size(PATIENTS))),
        ];
        let mut table = PrintedTable::of(columns);
        let of = self.analysis.findings.iter().filter_map(|finding| finding.variable.as_deref());
        for variable in distinct(of) {
            match self.analysis.get("median", &About::variable(variable)) {
                Some(median) => table.rows.push(self.numbers(variable, median)),
                None => self.levels(&mut table, variable),
            }
            let missing = self.analysis.get("missing", &About::variable(variable));
            if let Some(missing) = missing.filter(|missing| missing.value != Some(0.0)) {
                // Two cells: what is missing is counted over rows alone.
                let cells = vec![Cell::text("Unknown"), self.cell(Some(missing))];
                table.rows.push(Row::below(cells));
            }
        }
        table.note("n (% of those known), or median (quartiles) over rows.");
        table.tell_populations(&self.words, self.analysis.findings);
        table.warn(self.analysis.findings.iter());
        table
    }

    fn cell(&self, finding: Option<&Finding>) -> Cell {
        Cell::of(finding, |finding| format::value(finding, self.study))
    }

    fn numbers(&self, variable: &str, median: &Finding) -> Row {
        let about = About::variable(variable);
        let quartiles = ["lower_quartile", "upper_quartile"].map(|name| {
            let found = self.analysis.get(name, &about);
            found.map_or_else(String::new, |found| format::value(found, self.study))
        });
        let text = |median: &Finding| {
            let [lower, upper] = &quartiles;
            format!("{} ({})", format::value(median, self.study), format::interval(lower, upper))
        };
        Row::values(vec![Cell::text(self.words.with_unit(variable)), Cell::of(Some(median), text)])
    }

    fn levels(&self, table: &mut PrintedTable, variable: &str) {
        table.rows.push(Row::values(vec![Cell::text(self.words.variable(variable))]));
        let of_variable = |finding: &&Finding| finding.variable.as_deref() == Some(variable);
        let levels = self.analysis.findings.iter().filter(of_variable);
        for level in distinct(levels.filter_map(|finding| finding.level.as_deref())) {
            let get = |statistic, whom| {
                let about =
                    About { level: Some(level), whom: Some(whom), ..About::variable(variable) };
                self.analysis.get(statistic, &about)
            };
            // Shares are of rows. Patients may stand at several levels, so that theirs would not
            // sum to one.
            let share = get("proportion", ROWS).filter(|share| share.value.is_some());
            let rows = Cell::of(get("count", ROWS), |count| match share {
                Some(share) => {
                    format!(
                        "{} ({})",
                        format::value(count, self.study),
                        format::value(share, self.study)
                    )
                }
                None => format::value(count, self.study),
            });
            let name = Cell::text(self.words.level(variable, level));
            table.rows.push(Row::below(vec![name, rows, self.cell(get("count", PATIENTS))]));
        }
    }
}
