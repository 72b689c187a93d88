//! `forest_figure`: the hazard ratios of a Cox model on a logarithmic axis.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, State, StudySettings, Table};

use crate::draw::{ForestPlot, ForestRow, RowEstimate, SMALLEST_BOX};
use crate::exhibit::{FigureWords, announced, draw_mistake, figure, points, sentence};
use crate::format;
use crate::lookup::{Findings, column_label, is_reference, is_univariable, level_label, warnings};

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
    #[serde(default = "default_width")]
    pub width_mm: f64,
}

fn default_width() -> f64 {
    183.0
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
        mistakes.note(points(self.width_mm, "width_mm"));
        mistakes.note(two_sides(self.favours.as_deref()));
        mistakes.note(declared_limits(self.limits.as_deref()));
        mistakes.or(announced(call, &self.words(call, &[])))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let findings = self.ratios(call)?;
        let rows = rows(call.table(&call.study.analysis_table), call, self, &findings);
        let limits = declared_limits(self.limits.as_deref())?.unwrap_or_else(|| limits(&rows));
        let interval = interval_name(&findings, call.study);
        let plot = ForestPlot {
            headings: ["Variable", "Patients", "Events"]
                .map(str::to_owned)
                .into_iter()
                .chain([format!("Hazard ratio ({interval})"), "p".to_owned()])
                .collect::<Vec<_>>()
                .try_into()
                .expect("invariant: there are five columns"),
            rows,
            x_label: format!("Hazard ratio ({interval}), logarithmic axis"),
            limits,
            favours: two_sides(self.favours.as_deref())?,
            mark: call.study.mark(),
            width: points(self.width_mm, "width_mm")?,
        };
        let drawing = plot.draw().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
        figure(call, &drawing, &self.words(call, &findings))
    }
}

impl ForestFigure {
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
            conventions.push_str(&sentence(&finding.method));
            conventions.push(' ');
            conventions.push_str(if self.univariable {
                "Each variable is in a model of its own. "
            } else {
                "Every hazard ratio is adjusted for all other variables shown. "
            });
        }
        conventions.push_str(
            "Patients and events are those of the model, by level. The area of a box is \
             proportional to the information on the logarithm of its ratio (one over the squared \
             standard error), and no box is drawn smaller than ",
        );
        conventions.push_str(&format::number(SMALLEST_BOX, 1));
        conventions.push_str(
            " pt; open boxes are reference levels; an arrowhead marks an interval that goes on \
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

/// What lies on either side of a ratio of 1.
pub(super) fn two_sides(favours: Option<&[String]>) -> Result<Option<[String; 2]>, Mistake> {
    let Some(texts) = favours else { return Ok(None) };
    <[String; 2]>::try_from(texts.to_vec()).map(Some).map_err(|texts| {
        let message = format!("`favours` has {} texts and needs 2", texts.len());
        Mistake::at(&["favours"], message)
            .hint("give the text for ratios below 1, then the one for ratios above 1")
    })
}

/// The declared ends of the axis, which must lie on either side of 1.
pub(super) fn declared_limits(limits: Option<&[f64]>) -> Result<Option<(f64, f64)>, Mistake> {
    match limits {
        None => Ok(None),
        Some(&[low, high]) if low > 0.0 && low < 1.0 && high > 1.0 && high <= 1000.0 => {
            Ok(Some((low, high)))
        }
        Some(_) => Err(Mistake::at(&["limits"], "the limits do not enclose a ratio of 1")
            .hint("give a number between 0 and 1 and one above 1, such as `[0.1, 10]`")),
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

/// The name of the intervals of some findings.
pub(super) fn interval_name(findings: &[&Finding], study: &StudySettings) -> String {
    let level = findings.iter().find_map(|finding| finding.confidence_level);
    format::interval_name(level.unwrap_or(study.confidence_level))
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

/// A finding as a row of the plot.
pub(super) fn row(
    study: &StudySettings,
    ratio: &Finding,
    label: String,
    p: String,
    variable: usize,
) -> ForestRow {
    let number = |count: Option<u64>| count.map(format::count).unwrap_or_default();
    let is_reference = is_reference(ratio);
    let estimated = ratio
        .value
        .filter(|value| ratio.state == State::Estimated && !is_reference && *value > 0.0);
    let error = ratio.standard_error.unwrap_or(f64::INFINITY);
    ForestRow {
        label,
        is_level: ratio.level.is_some(),
        is_reference,
        n: number(ratio.n),
        events: number(ratio.events),
        estimate: estimated.map(|value| RowEstimate {
            value,
            lower: ratio.lower,
            upper: ratio.upper,
            information: 1.0 / (error * error),
        }),
        text: if is_reference {
            "1 (reference)".to_owned()
        } else {
            format::value_with_limits(ratio, study)
        },
        p: if is_reference { String::new() } else { p },
        variable,
    }
}

/// The ends of the axis: the ticks that enclose all intervals, but no further
/// than a tenth and ten unless an estimate itself lies beyond.
pub(super) fn limits(rows: &[ForestRow]) -> (f64, f64) {
    let (mut low, mut high): (f64, f64) = (0.5, 2.0);
    for estimate in rows.iter().filter_map(|row| row.estimate) {
        let lower = estimate.lower.unwrap_or(estimate.value);
        let upper = estimate.upper.unwrap_or(estimate.value);
        low = low.min(lower.max(0.1)).min(0.8 * estimate.value);
        high = high.max(upper.min(10.0)).max(1.25 * estimate.value);
    }
    (crate::draw::tick_below(low), crate::draw::tick_above(high))
}

#[cfg(test)]
mod tests;
