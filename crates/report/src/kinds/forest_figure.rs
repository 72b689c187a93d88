//! `forest_figure`: the ratios of a model on a logarithmic axis.

mod subgroups;

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings};

use crate::analysis::Words;
use crate::draw::ForestRow;
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, announced, glyphs, population, sentence, with_fonts};
use crate::forest::{Frame, Headings, boxes_in_words, row};
use crate::format;
use crate::lookup::{Findings, is_reference, warnings};
use crate::parameters::full_width;
use crate::ratios::{self, Fit, Ratios};

/// A forest plot of the ratios of any analysis that makes them (Cox, cause-specific, Fine-Gray,
/// time-dependent, landmark, pooled, weighted, parametric and logistic models, subgroups): a row per
/// level with its patients and events, the ratio with its interval on a logarithmic axis, and the p-value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForestFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The entry whose ratios are drawn.
    pub model: String,
    /// Draw the models of one term each instead of the model of all terms.
    #[serde(default)]
    pub univariable: bool,
    /// What a ratio below 1 and one above 1 speak for, such as `[favours treatment, favours control]`.
    #[serde(default)]
    pub favours: Option<Vec<String>>,
    /// Ends of the axis, such as `[0.1, 10]`; by the intervals where it is left out.
    #[serde(default)]
    pub limits: Option<Vec<f64>>,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

impl Kind for ForestFigure {
    const NAME: &'static str = "forest_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.model, Section::Analyze, &["model"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            self.frame().check(&mut mistakes);
            let evidence = Evidence::of(call);
            if let Some(ratios) = mistakes.note(self.ratios(&evidence)) {
                // The rows are made in a rehearsal too: their labels come from columns and levels,
                // in whatever script a study writes them.
                let rows = rows(&Words::of(call, None), call.study, &ratios);
                mistakes.note(glyphs(rows.iter().map(|row| row.label.as_str()), &[]));
            }
            mistakes.or(announced(call, &self.words(call, None)))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let ratios = self.ratios(&evidence)?;
            let rows = rows(&Words::of(call, None), call.study, &ratios);
            let findings: Vec<&Finding> = ratios.all().collect();
            let what = ratios::statistic_in_words(&findings);
            let headings = headings(&Words::of(call, None), &ratios);
            let words = self.words(call, Some(&ratios));
            self.frame().draw(call, (headings, &what), &findings, rows, &words)
        })
    }
}

impl ForestFigure {
    fn frame(&self) -> Frame<'_> {
        let (favours, limits) = (self.favours.as_deref(), self.limits.as_deref());
        Frame { favours, limits, width_mm: self.width_mm }
    }

    /// The ratios to draw, in the order of the analysis.
    fn ratios<'a>(&self, evidence: &'a Evidence) -> Result<Ratios<'a>, Mistake> {
        Ratios::of(evidence.analysis(&self.model), self.univariable, &["model"])
    }

    fn words(&self, call: &Call<'_>, ratios: Option<&Ratios<'_>>) -> FigureWords {
        let mut caption = vec![self.caption.clone().unwrap_or_default()];
        let Some(ratios) = ratios else {
            return FigureWords { title: self.title.clone(), caption, ..FigureWords::default() };
        };
        let findings: Vec<&Finding> = ratios.all().collect();
        caption.push(self.conventions(ratios, &findings));
        // Models of one term each, and subgroups, have numbers of patients of their own, row by
        // row.
        if !self.univariable && !ratios.is_by_subgroup() {
            caption.extend(ratios::counts_in_words(&ratios.analysis, call.study));
        }
        caption.extend(population(&Words::of(call, None), findings.iter().copied()));
        let few = findings.iter().find_map(|ratio| ratios::burden(&ratios.analysis, ratio));
        let few = few.map(crate::words::warning);
        FigureWords {
            title: self.title.clone(),
            caption,
            warnings: warnings(findings.iter().copied()).into_iter().chain(few).collect(),
            alternative_text: alternative_text(call, &findings),
        }
    }

    fn conventions(&self, ratios: &Ratios<'_>, findings: &[&Finding]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let estimate = findings.iter().find(|finding| !is_reference(finding));
        parts.extend(estimate.map(|one| sentence(&crate::words::method(&one.method))));
        parts.extend(ratios::remarks(ratios, self.univariable));
        // With events of each arm in columns of their own the sentence would be wrong.
        if subgroups::arms(ratios).is_empty() {
            parts.push("Patients and events are those of the analysis, by row.".to_owned());
        }
        let open = match findings.iter().any(|finding| is_reference(finding)) {
            true => " open boxes are reference levels;",
            false => "",
        };
        parts.push(format!(
            "{};{open} an arrowhead marks an interval that goes on beyond the axis.",
            boxes_in_words(findings)
        ));
        // Of subgroups the remarks say it: their one p-value is of the interaction, and none is of
        // a row.
        if !ratios.is_by_subgroup() {
            parts.push(
                "p of a level compares it with the reference; p beside the name of a variable is \
                 of all its levels."
                    .to_owned(),
            );
        }
        if findings.iter().any(|finding| finding.level.is_none() && finding.variable.is_some()) {
            parts.push("Ratios of measured variables are per unit.".to_owned());
        }
        if findings.iter().any(|finding| finding.value.is_none()) {
            parts.push("–, not estimable.".to_owned());
        }
        parts.join(" ")
    }
}

fn alternative_text(call: &Call<'_>, findings: &[&Finding]) -> String {
    let words = Words::of(call, None);
    let ratios: Vec<String> = findings
        .iter()
        .filter(|finding| !is_reference(finding))
        .map(|finding| {
            let term = ratios::term_label(&words, finding.variable.as_deref());
            let row = ratios::row_label(&words, finding);
            let name = if row == term { term } else { format!("{term}: {row}") };
            format!("{name} {}", format::value_with_limits(finding, call.study))
        })
        .collect();
    let what = study::in_sentence(&ratios::statistic_in_words(findings));
    format!("Forest plot of {what}s: {}.", ratios.join("; "))
}

/// The headings: of subgroups the events and patients of each group, and the tests
/// of their interactions.
fn headings(words: &Words<'_>, ratios: &Ratios<'_>) -> Headings {
    let mut headings =
        Headings::plain(if ratios.is_by_subgroup() { "Subgroup" } else { "Variable" });
    if ratios.is_by_subgroup() {
        headings.tests = subgroups::tests();
        let arms = subgroups::headings(words, ratios);
        if !arms.is_empty() {
            headings.counts = arms;
        }
    }
    headings
}

/// The rows of all fits; `variable` counts the blocks that stripes alternate by.
fn rows(words: &Words<'_>, study: &StudySettings, ratios: &Ratios<'_>) -> Vec<ForestRow> {
    let mut rows: Vec<ForestRow> = Vec::new();
    let mut block = 0;
    for fit in &ratios.fits {
        if !fit.heading.is_empty() {
            let label = fit.heading.clone();
            rows.push(ForestRow { label, variable: block, ..ForestRow::default() });
        }
        for term in fit.terms() {
            term_rows(&mut rows, (words, study, ratios), fit, (term, block));
            block += 1;
        }
    }
    rows
}

fn term_rows(
    rows: &mut Vec<ForestRow>,
    (words, study, ratios): (&Words<'_>, &StudySettings, &Ratios<'_>),
    fit: &Fit<'_>,
    (term, block): (Option<&str>, usize),
) {
    let all = Findings(ratios.analysis.findings);
    let has_heading = ratios::has_heading(fit, term);
    let of_term = fit.ratios.iter().filter(|ratio| ratio.variable.as_deref() == term);
    for (place, ratio) in of_term.enumerate() {
        if place == 0 && has_heading {
            // At the first ratio, as the heading needs one to know its test by.
            rows.push(heading(words, study, ratios, (ratio, block)));
        }
        let label = match has_heading {
            true => ratios::row_label(words, ratio),
            false => ratios::term_label(words, term),
        };
        let p = all.p_value_of(ratio).map(|p| format::value(p, study)).unwrap_or_default();
        let mut own = row(study, ratio, label, p, block);
        own.is_level = has_heading;
        if ratios.is_by_subgroup() {
            // A p-value of one subgroup invites the reading that the effect is there and not
            // elsewhere.
            own.tests.clear();
            own.counts = subgroups::counts(study, ratios, ratio).unwrap_or(own.counts);
        }
        rows.push(own);
    }
}

/// The row of a variable over its levels. Between subgroups its p-values test
/// whether the ratio differs, and their columns say so; they are no p of a level.
fn heading(
    words: &Words<'_>,
    study: &StudySettings,
    ratios: &Ratios<'_>,
    (ratio, block): (&Finding, usize),
) -> ForestRow {
    let term = ratio.variable.as_deref();
    let label = ratios::term_label(words, term);
    let tests = if ratios.is_by_subgroup() {
        term.map(|term| subgroups::p_values(study, ratios, term)).unwrap_or_default()
    } else {
        let test = ratios::test_of_term(&ratios.analysis, ratio);
        test.map(|test| format::value(test, study)).into_iter().collect()
    };
    ForestRow { label, tests, variable: block, ..ForestRow::default() }
}

#[cfg(test)]
mod tests;
