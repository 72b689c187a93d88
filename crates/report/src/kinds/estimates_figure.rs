//! `estimates_figure`: any ratios side by side on one logarithmic axis.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, StudySettings};

use crate::analysis::distinct;
use crate::draw::ForestRow;
use crate::exhibit::{FigureWords, announced, capitalised, figure};
use crate::forest::{Frame, boxes_in_words, row};
use crate::format;
use crate::lookup::{Findings, p_value_of, stage_of, warnings};
use crate::parameters::full_width;

/// Ratios of any analyses side by side on a logarithmic axis, under headings and with the names
/// that are given here: one question answered in several ways, or one analysis at several
/// landmarks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimatesFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// Headings, each with the names of its rows and the id of the ratio that each shows.
    pub rows: Named<Named<String>>,
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

/// A row as it was asked for, with what was found.
struct Chosen<'a> {
    heading: &'a str,
    label: &'a str,
    ratio: &'a Finding,
    p: Option<&'a Finding>,
    /// Patients and events of its whole analysis.
    counts: [Option<u64>; 2],
}

impl Kind for EstimatesFigure {
    const NAME: &'static str = "estimates_figure";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let mut named = BTreeSet::new();
        let stages = self.declared().filter_map(|(heading, label, id)| {
            let stage = stage_of(id);
            let at = ["rows", heading, label];
            named.insert(stage).then(|| Read::stage(stage, Section::Analyze, &at))
        });
        Wiring { reads: stages.collect(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        self.frame().check(&mut mistakes);
        if self.declared().next().is_none() {
            let mistake = Mistake::at(&["rows"], "`rows` names no ratio");
            mistakes.push(mistake.hint("give a heading, and under it names with ids of findings"));
        }
        mistakes.or(announced(call, &self.words(call, &[])))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let chosen = self.chosen(call)?;
        let rows = rows(call.study, &chosen);
        let ratios: Vec<&Finding> = chosen.iter().map(|row| row.ratio).collect();
        let what = statistic_of(&ratios);
        let drawing = self.frame().draw(call, ("Analysis", &what), &ratios, rows)?;
        figure(call, &drawing, &self.words(call, &chosen))
    }
}

impl EstimatesFigure {
    fn frame(&self) -> Frame<'_> {
        let (favours, limits) = (self.favours.as_deref(), self.limits.as_deref());
        Frame { favours, limits, width_mm: self.width_mm }
    }

    /// Heading, name and id of every row.
    fn declared(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.rows.iter().flat_map(|(heading, rows)| {
            rows.iter().map(move |(label, id)| (heading, label, id.as_str()))
        })
    }

    fn chosen<'a>(&'a self, call: &'a Call<'_>) -> Result<Vec<Chosen<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut chosen = Vec::new();
        for (heading, label, id) in self.declared() {
            let ratio = mistakes.note(ratio(call, id, &["rows", heading, label]));
            chosen.extend(ratio.map(|ratio| {
                let (p, counts) = (p_value_of(call, ratio), counts(call, ratio));
                Chosen { heading, label, ratio, p, counts }
            }));
        }
        mistakes.or(chosen)
    }

    fn words(&self, call: &Call<'_>, chosen: &[Chosen<'_>]) -> FigureWords {
        let conventions = format!(
            "{}; an arrowhead marks an interval that goes on beyond the axis.",
            boxes_in_words()
        );
        let mut blanks = Vec::new();
        if chosen.iter().any(|row| row.ratio.value.is_none()) {
            blanks.push("–, not estimable.");
        }
        if chosen.iter().any(|row| row.ratio.value.is_some() && row.p.is_none()) {
            blanks.push("Without a p-value: its method gives none.");
        }
        let texts: Vec<String> = chosen
            .iter()
            .map(|row| {
                let estimate = format::value_with_limits(row.ratio, call.study);
                format!("{}, {}: {estimate}", row.heading, row.label)
            })
            .collect();
        FigureWords {
            title: self.title.clone(),
            caption: vec![self.caption.clone().unwrap_or_default(), conventions, blanks.join(" ")],
            warnings: warnings_of(chosen),
            alternative_text: format!("Forest plot of ratios: {}.", texts.join("; ")),
        }
    }
}

/// What the ratios are in words, where all are the same.
fn statistic_of(ratios: &[&Finding]) -> String {
    match distinct(ratios.iter().map(|ratio| ratio.statistic.as_str())).as_slice() {
        [one] => capitalised(&one.replace('_', " ")),
        _ => "Ratio".to_owned(),
    }
}

/// The warnings of the rows: of some rows with their names, but for what makes
/// groups naive, of all without.
fn warnings_of(chosen: &[Chosen<'_>]) -> Vec<String> {
    let of_row = |row: &Chosen<'_>, warning: &String| {
        row.ratio.warnings.iter().any(|own| crate::words::warning(own) == *warning)
    };
    let told = |warning: String| {
        let rows = chosen.iter().filter(|row| of_row(row, &warning));
        let names: Vec<String> =
            rows.map(|row| format!("{}, {}", row.heading, study::in_sentence(row.label))).collect();
        match names.len() == chosen.len() || warning.starts_with("naive") {
            true => warning,
            false => format!("{}: {warning}", names.join("; ")),
        }
    };
    warnings(chosen.iter().map(|row| row.ratio)).into_iter().map(told).collect()
}

/// The ratio of an id.
fn ratio<'a>(call: &'a Call<'_>, id: &str, at: &[&str]) -> Result<&'a Finding, Mistake> {
    let findings = &call.stage(stage_of(id)).findings;
    let ratios = || findings.iter().filter(|finding| finding.quantity == Quantity::Ratio);
    ratios().find(|finding| finding.id() == id).ok_or_else(|| {
        let ids: Vec<String> = ratios().map(Finding::id).collect();
        Mistake::at(at, format!("there is no ratio `{id}`"))
            .hint_nearest(id, ids.iter().map(String::as_str))
    })
}

/// Patients and events of the analysis that a ratio comes from, at its time
/// where the analysis counts them there; those of its group, where it speaks
/// of one.
fn counts(call: &Call<'_>, ratio: &Finding) -> [Option<u64>; 2] {
    let of_stage = Findings(&call.stage(ratio.stage()).findings);
    let whole = |statistic| {
        let here = of_stage.overall_at(statistic, ratio.time_days);
        here.or_else(|| of_stage.overall(statistic)).and_then(|count| count.value)
    };
    match (&ratio.group, whole("n"), whole("events")) {
        (None, Some(n), Some(events)) => [Some(n as u64), Some(events as u64)],
        _ => [ratio.n, ratio.events],
    }
}

fn rows(study: &StudySettings, chosen: &[Chosen<'_>]) -> Vec<ForestRow> {
    let mut rows = Vec::new();
    let mut former = None;
    let mut place = 0;
    for Chosen { heading, label, ratio, p, counts } in chosen {
        if former != Some(heading) {
            place += usize::from(former.is_some());
            former = Some(heading);
            let label = (*heading).to_owned();
            rows.push(ForestRow { label, variable: place, ..ForestRow::default() });
        }
        let p = p.map(|p| format::value(p, study)).unwrap_or_default();
        let drawn = row(study, ratio, (*label).to_owned(), p, place);
        let [n, events] = counts.map(|count| count.map(format::count).unwrap_or_default());
        rows.push(ForestRow { is_level: true, n, events, ..drawn });
    }
    rows
}

#[cfg(test)]
mod tests;
