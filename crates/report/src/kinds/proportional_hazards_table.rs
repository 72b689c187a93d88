//! `proportional_hazards_table`: tests of proportional hazards, and hazard
//! ratios before and after a cut.

use engine::{Call, Kind, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::{Analysis, Words, distinct};
use crate::exhibit::sentence;
use crate::table::{Cell, Column, PrintedTable, Row, Span, Tone, finish};
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

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        parameters::check_list(&self.tests, "tests", "proportional_hazards")?;
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let analyses = parameters::analyses(call, &self.tests, "proportional_hazards", "tests")?;
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
            [days] => {
                let number = format::axis_number(days / self.study.days_per_time_unit());
                format!("{word} {number} {}", self.study.time_unit.word())
            }
            _ => format!("{word} the cut"),
        }
    }

    fn terms(&self, table: &mut PrintedTable, analysis: &Analysis<'_>) {
        let tests = || analysis.of_statistic("p_value").filter(|f| !f.id().contains(".piecewise."));
        for term in distinct(tests().filter_map(|finding| finding.variable.as_deref())) {
            let ratios = || {
                let of_term = |f: &&Finding| f.variable.as_deref() == Some(term);
                analysis.of_statistic("hazard_ratio").filter(of_term)
            };
            let levels = distinct(ratios().filter_map(|finding| finding.level.as_deref()));
            let mut cells = self.test(analysis, &self.words.with_unit(term), term);
            if levels.is_empty() {
                cells.extend(self.ratios(analysis, &[term]));
            }
            table.rows.push(Row::values(cells));
            for level in levels {
                let mut cells = vec![Cell::text(self.words.level(term, level))];
                cells.extend((0..3).map(|_| Cell::default()));
                cells.extend(self.ratios(analysis, &[term, level]));
                table.rows.push(Row::below(cells));
            }
        }
        table.rows.push(Row::values(self.test(analysis, "All terms at once", "global")));
    }

    fn test(&self, analysis: &Analysis<'_>, label: &str, term: &str) -> Vec<Cell> {
        let numbers = ["chi_square", "degrees_of_freedom", "p"];
        let values =
            numbers.iter().map(|name| Cell::value(analysis.get(&[name, term]), self.study));
        [Cell::text(label)].into_iter().chain(values).collect()
    }

    fn ratios(&self, analysis: &Analysis<'_>, place: &[&str]) -> Vec<Cell> {
        if !self.piecewise {
            return Vec::new();
        }
        let ratio = |period: &&str| {
            let before = ["piecewise", "hazard_ratio", *period];
            let parts: Vec<&str> = before.into_iter().chain(place.iter().copied()).collect();
            let finding = analysis.get(&parts);
            match finding.is_some_and(|finding| finding.role == study::Role::Reference) {
                true => Cell::of(finding, |_| "1 (reference)".to_owned()).toned(Tone::Quiet),
                false => Cell::estimate(finding, self.study),
            }
        };
        ["before", "after"].iter().map(ratio).collect()
    }

    fn notes(&self, table: &mut PrintedTable, analyses: &[Analysis<'_>]) {
        for analysis in analyses {
            let own = analysis.get(&["p", "global"]).into_iter();
            let difference = analysis.get(&["piecewise", "likelihood_ratio", "p"]);
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
        table.note("df, degrees of freedom.");
        table.warn(analyses.iter().flat_map(|analysis| analysis.findings));
    }
}
