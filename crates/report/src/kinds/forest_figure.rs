//! `forest_figure`: the hazard ratios of a Cox model on a logarithmic axis.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, StudySettings, Table};

use crate::draw::ForestRow;
use crate::exhibit::{FigureWords, announced, figure, sentence};
use crate::forest::{Frame, boxes_in_words, row};
use crate::format;
use crate::lookup::{Findings, column_label, is_reference, is_univariable, level_label, warnings};
use crate::parameters::full_width;

/// A forest plot of a Cox model: a row per level with its patients and events, the hazard ratio
/// with its interval on a logarithmic axis, and the p-value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForestFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `cox_model` entry to draw.
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
    pub width_mm: f64,
}

impl Kind for ForestFigure {
    const NAME: &'static str = "forest_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.model, Section::Analyze, &["model"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        self.frame().check(&mut mistakes);
        mistakes.or(announced(call, &self.words(call, &[])))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let findings = self.ratios(call)?;
        let rows = rows(call.table(&call.study.analysis_table), call, self, &findings);
        let headings = ("Variable", "Hazard ratio");
        let drawing = self.frame().draw(call, headings, &findings, rows)?;
        figure(call, &drawing, &self.words(call, &findings))
    }
}

impl ForestFigure {
    fn frame(&self) -> Frame<'_> {
        let (favours, limits) = (self.favours.as_deref(), self.limits.as_deref());
        Frame { favours, limits, width_mm: self.width_mm }
    }

    /// The hazard ratios to draw, in the order of the model.
    fn ratios<'a>(&self, call: &'a Call<'_>) -> Result<Vec<&'a Finding>, Mistakes> {
        let findings = Findings(&call.stage(&self.model).findings);
        let ratios: Vec<&Finding> = findings
            .of("hazard_ratio")
            .filter(|finding| is_univariable(finding) == self.univariable)
            .collect();
        if !ratios.is_empty() {
            return Ok(ratios);
        }
        let (message, hint) = if self.univariable && findings.of("hazard_ratio").next().is_some() {
            ("has no models of one term each", "set `also_univariable: true` in that entry")
        } else {
            ("has no hazard ratios", "name an entry of kind `cox_model`")
        };
        Err(Mistake::at(&["model"], format!("`{}` {message}", self.model)).hint(hint).into())
    }

    fn words(&self, call: &Call<'_>, findings: &[&Finding]) -> FigureWords {
        let mut caption = vec![self.caption.clone().unwrap_or_default()];
        let method = findings.iter().find(|finding| !is_reference(finding));
        let mut conventions = String::new();
        if let Some(finding) = method {
            conventions.push_str(&sentence(&crate::words::method(&finding.method)));
            conventions.push(' ');
            conventions.push_str(if self.univariable {
                "Each variable is in a model of its own. "
            } else {
                "Every hazard ratio is adjusted for all other variables shown. "
            });
        }
        conventions.push_str("Patients and events are those of the model, by level. ");
        conventions.push_str(&boxes_in_words());
        conventions.push_str(
            "; open boxes are reference levels; an arrowhead marks an interval that goes on \
             beyond the axis. p of a level compares it with the reference (Wald test); p beside \
             the name of a variable is of all its levels. Ratios of measured variables are per \
             unit.",
        );
        if findings.iter().any(|finding| finding.value.is_none()) {
            conventions.push_str(" –, not estimable.");
        }
        caption.push(conventions);
        caption.extend(left_out(call, self, findings));
        FigureWords {
            title: self.title.clone(),
            caption,
            warnings: warnings(findings.iter().copied()),
            alternative_text: alternative_text(call, findings),
        }
    }
}

fn left_out(call: &Call<'_>, figure: &ForestFigure, findings: &[&Finding]) -> Option<String> {
    if findings.is_empty() || figure.univariable {
        return None;
    }
    let all = Findings(&call.stage(&figure.model).findings);
    let [n, events, missing] =
        ["n", "events", "missing"].map(|name| all.overall(name).and_then(|found| found.value));
    let (n, events, missing) = (n?, events?, missing?);
    let count = |value: f64| format::count(value as u64);
    Some(format!(
        "{} patients with {} events; {} left out for a missing value.",
        count(n),
        count(events),
        count(missing)
    ))
}

fn alternative_text(call: &Call<'_>, findings: &[&Finding]) -> String {
    let ratios: Vec<String> = findings
        .iter()
        .filter(|finding| !is_reference(finding))
        .map(|finding| {
            let level = finding.level.as_deref().map(|level| format!(" {level}"));
            format!(
                "{}{} {}",
                finding.variable.as_deref().unwrap_or_default(),
                level.unwrap_or_default(),
                format::value_with_limits(finding, call.study)
            )
        })
        .collect();
    format!("Forest plot of hazard ratios: {}.", ratios.join("; "))
}

fn rows(
    table: &Table,
    call: &Call<'_>,
    figure: &ForestFigure,
    ratios: &[&Finding],
) -> Vec<ForestRow> {
    let all = Findings(&call.stage(&figure.model).findings);
    let p = |variable: &str, level: Option<&str>| {
        let found = all.of_term("p_value", variable, level, figure.univariable);
        found.map(|found| format::value(found, call.study)).unwrap_or_default()
    };
    let mut rows: Vec<ForestRow> = Vec::new();
    let mut former = None;
    let mut place = 0;
    for ratio in ratios {
        let variable = ratio.variable.as_deref().unwrap_or_default();
        if former.is_some_and(|former| former != variable) {
            place += 1;
        }
        if ratio.level.is_some() && former != Some(variable) {
            let label = column_label(table, variable);
            let p = p(variable, None);
            rows.push(ForestRow { label, p, variable: place, ..ForestRow::default() });
        }
        former = Some(variable);
        let label = match ratio.level.as_deref() {
            Some(level) => level_label(table, variable, level),
            None => column_label(table, variable),
        };
        let p = p(variable, ratio.level.as_deref());
        rows.push(row(call.study, ratio, label, p, place));
    }
    rows
}

#[cfg(test)]
mod tests;
