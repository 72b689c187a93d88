//! `proportional_hazards_table`: tests of proportional hazards, and hazard
//! ratios before and after a cut.

use engine::{Call, Kind, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Part, StudySettings};

use crate::analysis::{Analysis, Words, distinct};
use crate::evidence::Evidence;
use crate::exhibit::sentence;
use crate::lookup::{About, is_reference};
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, Span, Tone, announced, finish};
use crate::{format, parameters};

/// A table of tests of proportional hazards by term and for the whole model;
/// where the analyses cut time in two, also of the hazard ratios before and
/// after.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProportionalHazardsTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The `proportional_hazards` entries it prints, one part of the table each.
    pub tests: Vec<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Tests of proportional hazards".to_owned()
}

/// The kind whose findings it prints.
const KIND: &str = "proportional_hazards";
/// The reading of all terms at once.
const GLOBAL: Option<&str> = Some("global");
/// The reading in which time is cut in two.
const PIECEWISE: Option<&str> = Some("piecewise");

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
    piecewise: bool,
}

impl Kind for ProportionalHazardsTable {
    const NAME: &'static str = "proportional_hazards_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: parameters::list_reads(study, &self.tests, "tests"), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        if let Err(found) = parameters::check_list(&self.tests, "tests", KIND) {
            mistakes.0.extend(found.0);
        }
        let evidence = Evidence::of(call);
        if let Err(found) = parameters::analyses(&evidence, &self.tests, &[KIND], "tests") {
            mistakes.0.extend(found.0);
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analyses = parameters::analyses(&evidence, &self.tests, &[KIND], "tests")?;
        // One analysis with a cut is enough for the columns. The others leave them empty.
        let piecewise = analyses.iter().any(|a| a.of_statistic("hazard_ratio").next().is_some());
        let page = Page { words: Words::of(call, None), study: call.study, piecewise };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table(&analyses)))
    }
}

impl Page<'_> {
    fn table(&self, analyses: &[Analysis<'_>]) -> PrintedTable {
        let mut columns = vec![
            Column::words("term", ""),
            Column::numbers("chi_square", "χ²"),
            Column::numbers("degrees_of_freedom", "df"),
            Column::numbers("p", "p"),
        ];
        if self.piecewise {
            columns.push(Column::numbers("before", &self.period(analyses, "Until")));
            columns.push(Column::numbers("after", &self.period(analyses, "After")));
        }
        let mut table = PrintedTable::of(columns);
        if self.piecewise {
            let level = format::interval_name(self.study.confidence_level);
            let ratios = format!("Hazard ratio ({level})");
            table.spans = [("", 1), ("Test of proportional hazards", 3), (ratios.as_str(), 2)]
                .map(|(label, width)| Span { label: label.to_owned(), width })
                .into();
        }
        for analysis in analyses {
            table.rows.push(Row::section(&self.words.subject(analysis)));
            self.terms(&mut table, analysis);
        }
        self.notes(&mut table, analyses);
        table
    }

    /// `Until 4 months`, where all parts have one cut.
    fn period(&self, analyses: &[Analysis<'_>], word: &str) -> String {
        let cuts =
            analyses.iter().flat_map(|a| a.of_statistic("events")).filter_map(|f| f.time_days);
        let mut cuts: Vec<f64> = cuts.collect();
        cuts.dedup();
        match cuts.as_slice() {
            [days] => format!("{word} {}", format::time(*days, self.study)),
            // With several cuts a heading cannot name one time.
            _ => format!("{word} the cut"),
        }
    }

    fn terms(&self, table: &mut PrintedTable, analysis: &Analysis<'_>) {
        let tests = || {
            // The piecewise model has p-values of ratios, which are no tests of proportional
            // hazards.
            let is_test = |finding: &&Finding| finding.address.model() != PIECEWISE;
            analysis.of_statistic("p_value").filter(is_test)
        };
        for term in distinct(tests().filter_map(|finding| finding.variable.as_deref())) {
            let ratios = || {
                let of_term = |f: &&Finding| f.variable.as_deref() == Some(term);
                analysis.of_statistic("hazard_ratio").filter(of_term)
            };
            let levels = distinct(ratios().filter_map(|finding| finding.level.as_deref()));
            let label = self.words.with_unit(term);
            let mut cells = self.test(analysis, &label, &About::variable(term));
            if levels.is_empty() {
                cells.extend(self.ratios(analysis, term, None));
            }
            table.rows.push(Row::values(cells));
            for level in levels {
                let mut cells = vec![Cell::text(self.words.level(term, level))];
                // The test is of the term, not of its levels.
                cells.extend((0..3).map(|_| Cell::default()));
                cells.extend(self.ratios(analysis, term, Some(level)));
                table.rows.push(Row::below(cells));
            }
        }
        let global = About { model: GLOBAL, ..About::WHOLE };
        table.rows.push(Row::values(self.test(analysis, "All terms at once", &global)));
    }

    fn test(&self, analysis: &Analysis<'_>, label: &str, about: &About<'_>) -> Vec<Cell> {
        let numbers = ["chi_square", "degrees_of_freedom", "p_value"];
        let values = numbers.iter().map(|name| Cell::value(analysis.get(name, about), self.study));
        [Cell::text(label)].into_iter().chain(values).collect()
    }

    fn ratios(&self, analysis: &Analysis<'_>, term: &str, level: Option<&str>) -> Vec<Cell> {
        if !self.piecewise {
            return Vec::new();
        }
        let ratio = |period: &str| {
            let period = Part::period(period);
            let about =
                About { model: PIECEWISE, times: &[&period], level, ..About::variable(term) };
            let finding = analysis.get("hazard_ratio", &about);
            match finding.is_some_and(is_reference) {
                true => Cell::of(finding, |_| "1 (reference)".to_owned()).toned(Tone::Quiet),
                false => Cell::estimate(finding, self.study),
            }
        };
        ["before", "after"].into_iter().map(ratio).collect()
    }

    fn notes(&self, table: &mut PrintedTable, analyses: &[Analysis<'_>]) {
        for analysis in analyses {
            let global = About { model: GLOBAL, ..About::WHOLE };
            let own = analysis.get("p_value", &global).into_iter();
            // Whether all ratios differ between the periods: one test, told under the table.
            let joint = About { model: PIECEWISE, test: Some("likelihood_ratio"), ..About::WHOLE };
            let difference = analysis.get("p_value", &joint);
            for finding in own {
                table.note(sentence(&crate::words::method(&finding.method)));
            }
            if let Some(finding) = difference {
                let p = finding.value.map(|p| format::p_statement(p, format::PValueStyle::Rounded));
                table.note(format!(
                    "{}: {}, {}.",
                    self.words.subject(analysis),
                    crate::words::method(&finding.method),
                    p.unwrap_or_else(|| "not estimable".to_owned())
                ));
            }
        }
        table.tell_populations(&self.words, analyses.iter().flat_map(|analysis| analysis.findings));
        table.note("df, degrees of freedom.");
        table.warn(analyses.iter().flat_map(|analysis| analysis.findings));
    }
}
