//! `model_table`: the hazard ratios of Cox models.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::{Analysis, Words, distinct};
use crate::exhibit::sentence;
use crate::table::{Cell, Column, PrintedTable, Row, Span, Tone, finish};
use crate::{format, parameters};

/// A table of the hazard ratios of Cox models: for each term or level the
/// patients, the events, the hazard ratio with its confidence interval and
/// the p-value. Under it stand each model's patients, events per
/// coefficient and concordance.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The `cox_model` entries it prints, one part of the table each.
    pub models: Vec<String>,
    /// Which of their models are shown.
    #[serde(default)]
    pub show: Shown,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

/// Which models of an entry are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The models of one term each; needs `also_univariable: true`.
    Univariable,
    /// The model of all terms.
    #[default]
    Multivariable,
    /// The one beside the other; needs `also_univariable: true`.
    Both,
}

fn default_title() -> String {
    "Prognostic factors (Cox regression)".to_owned()
}

/// One model of an entry: the parts of its ids before the statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fit {
    prefix: &'static [&'static str],
    key: &'static str,
    label: &'static str,
}

const UNIVARIABLE: Fit = Fit { prefix: &["univariable"], key: "univariable", label: "Univariable" };
const MULTIVARIABLE: Fit = Fit { prefix: &[], key: "multivariable", label: "Multivariable" };

impl Shown {
    fn fits(self) -> &'static [Fit] {
        match self {
            Self::Univariable => &[UNIVARIABLE],
            Self::Multivariable => &[MULTIVARIABLE],
            Self::Both => &[UNIVARIABLE, MULTIVARIABLE],
        }
    }
}

struct Page<'a> {
    words: Words<'a>,
    study: &'a StudySettings,
    fits: &'static [Fit],
}

impl Kind for ModelTable {
    const NAME: &'static str = "model_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: parameters::list_reads(study, &self.models, "models"), ..Wiring::default() }
    }

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        parameters::check_list(&self.models, "models", "cox_model")?;
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let analyses = parameters::analyses(call, &self.models, "cox_model", "models")?;
        let mut mistakes = Mistakes::default();
        for (place, analysis) in analyses.iter().enumerate() {
            let has = |fit: &Fit| terms(analysis, *fit).next().is_some();
            if !self.show.fits().iter().all(has) {
                let at = ["models", &place.to_string()];
                let message = format!("`{}` has no univariable models", analysis.name);
                mistakes.push(
                    Mistake::at(&at, message)
                        .hint("set `also_univariable: true` there, or `show: multivariable` here"),
                );
            }
        }
        let words = Words::of(call, None);
        let page = Page { words, study: call.study, fits: self.show.fits() };
        mistakes.or(())?;
        Ok(finish(call, &self.title, self.note.as_deref(), page.table(&analyses)))
    }
}

/// The hazard ratios of a fit in order.
fn terms<'a>(analysis: &Analysis<'a>, fit: Fit) -> impl Iterator<Item = &'a Finding> {
    let parts: Vec<&str> = [analysis.name].into_iter().chain(fit.prefix.iter().copied()).collect();
    let prefix = format!("{}.hazard_ratio.", parts.join("."));
    analysis.of_statistic("hazard_ratio").filter(move |finding| finding.id().starts_with(&prefix))
}

fn get<'a>(analysis: &Analysis<'a>, fit: Fit, parts: &[&str]) -> Option<&'a Finding> {
    let parts: Vec<&str> = fit.prefix.iter().copied().chain(parts.iter().copied()).collect();
    analysis.get(&parts)
}

impl Page<'_> {
    fn table(&self, analyses: &[Analysis<'_>]) -> PrintedTable {
        let level = format::interval_name(self.study.confidence_level);
        let both = self.fits.len() > 1;
        let mut columns = vec![Column::words("term", "")];
        let mut spans = vec![Span { label: String::new(), width: 1 }];
        for (place, fit) in self.fits.iter().enumerate() {
            let key =
                |name: &str| if both { format!("{}_{name}", fit.key) } else { name.to_owned() };
            let before = columns.len();
            if place == 0 {
                columns.push(Column::numbers(&key("n"), "Patients"));
                columns.push(Column::numbers(&key("events"), "Events"));
            }
            columns.push(Column::numbers(&key("hazard_ratio"), &format!("Hazard ratio ({level})")));
            columns.push(Column::numbers(&key("p"), "p"));
            spans.push(Span { label: fit.label.to_owned(), width: columns.len() - before });
        }
        let mut table = PrintedTable::of(columns);
        if both {
            table.spans = spans;
        }
        for analysis in analyses {
            table.rows.push(Row::section(&self.words.subject(analysis)));
            self.terms(&mut table, analysis);
        }
        self.notes(&mut table, analyses);
        table
    }

    fn terms(&self, table: &mut PrintedTable, analysis: &Analysis<'_>) {
        let ratios = || self.fits.iter().flat_map(|fit| terms(analysis, *fit));
        for term in distinct(ratios().filter_map(|finding| finding.variable.as_deref())) {
            let of_term = ratios().filter(|finding| finding.variable.as_deref() == Some(term));
            let met = of_term.filter(|finding| finding.n != Some(0));
            let levels = distinct(met.filter_map(|finding| finding.level.as_deref()));
            if levels.is_empty() {
                let label = self.words.with_unit(term);
                let cells = self.cells(table, analysis, label, &[term]);
                table.rows.push(Row::values(cells));
                continue;
            }
            let heading = self.term_heading(table, analysis, term);
            table.rows.push(heading);
            for level in levels {
                let label = self.words.level(term, level);
                let cells = self.cells(table, analysis, label, &[term, level]);
                table.rows.push(Row::below(cells));
            }
        }
    }

    /// The row of a category, with the test of all its levels where it has three.
    fn term_heading(&self, table: &mut PrintedTable, analysis: &Analysis<'_>, term: &str) -> Row {
        let mut cells = vec![Cell::text(self.words.variable(term))];
        for (place, fit) in self.fits.iter().enumerate() {
            let gap = if place == 0 { 3 } else { 1 };
            cells.extend((0..gap).map(|_| Cell::default()));
            let p = get(analysis, *fit, &["term", "p", term]);
            let cell = Cell::value(p, self.study);
            cells.push(match p {
                Some(_) => cell.noted(table.footnotes.place("All levels at once, Wald test.")),
                None => cell,
            });
        }
        Row::values(cells)
    }

    fn cells(
        &self,
        table: &mut PrintedTable,
        analysis: &Analysis<'_>,
        label: String,
        place: &[&str],
    ) -> Vec<Cell> {
        let mut cells = vec![Cell::text(label)];
        for (column, fit) in self.fits.iter().enumerate() {
            let find = |name: &'static str| {
                let parts: Vec<&str> = [name].into_iter().chain(place.iter().copied()).collect();
                get(analysis, *fit, &parts)
            };
            let ratio = find("hazard_ratio");
            if column == 0 {
                let counted =
                    |count: Option<u64>| Cell::text(count.map(format::count).unwrap_or_default());
                cells.push(counted(ratio.and_then(|finding| finding.n)));
                cells.push(counted(ratio.and_then(|finding| finding.events)));
            }
            let is_reference = ratio.is_some_and(|finding| finding.role == study::Role::Reference);
            cells.push(match ratio {
                Some(_) if is_reference => {
                    Cell::of(ratio, |_| "1 (reference)".to_owned()).toned(Tone::Quiet)
                }
                Some(finding) if finding.value.is_none() => {
                    let reason = finding
                        .warnings
                        .last()
                        .map_or_else(|| "not defined".to_owned(), crate::words::warning);
                    let footnote = table.footnotes.place(&sentence(&reason));
                    Cell::estimate(ratio, self.study).noted(footnote)
                }
                _ => Cell::estimate(ratio, self.study),
            });
            cells.push(Cell::value(find("p"), self.study));
        }
        cells
    }

    fn notes(&self, table: &mut PrintedTable, analyses: &[Analysis<'_>]) {
        for analysis in analyses.iter().filter(|_| self.fits.contains(&MULTIVARIABLE)) {
            table.note(self.model_in_words(analysis));
        }
        let shown = || {
            let of = |analysis| self.fits.iter().flat_map(move |fit| terms(analysis, *fit));
            analyses.iter().flat_map(of).filter(|finding| finding.role != study::Role::Reference)
        };
        for method in crate::words::words_of(shown()) {
            table.note(sentence(&method));
        }
        if shown().any(|finding| finding.value.is_none()) {
            table.note(format!("{}, could not be estimated.", format::NOT_ESTIMABLE));
        }
        table.warn(shown().filter(|finding| finding.value.is_some()));
    }

    /// Patients, events per coefficient, concordance and the test of a model.
    fn model_in_words(&self, analysis: &Analysis<'_>) -> String {
        let value =
            |name: &[&str]| analysis.get(name).map(|finding| format::value(finding, self.study));
        let mut parts = Vec::new();
        if let (Some(n), Some(events)) = (value(&["n"]), value(&["events"])) {
            parts.push(format!("{n} patients with {events} events"));
        }
        if let Some(missing) = value(&["missing"]).filter(|missing| missing != "0") {
            parts.push(format!("{missing} left out for missing values"));
        }
        if let Some(ratio) = analysis.get(&["events_per_coefficient"]).and_then(|f| f.value) {
            parts.push(format!("{} events per coefficient", format::number(ratio, 1)));
        }
        if let Some(concordance) = analysis.get(&["concordance"]).and_then(|f| f.value) {
            parts.push(format!("concordance {}", format::number(concordance, 2)));
        }
        if let Some(p) = analysis.get(&["likelihood_ratio", "p"]).and_then(|f| f.value) {
            let statement = format::p_statement(p, format::PValueStyle::Rounded);
            parts.push(format!("likelihood-ratio test {statement}"));
        }
        let subject = self.words.subject(analysis);
        format!("{subject}, multivariable model: {}.", parts.join(", "))
    }
}
