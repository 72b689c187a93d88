//! `estimates_figure`: any ratios side by side on one logarithmic axis.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, StudySettings, Warning};

use crate::analysis::{Words, whole_counts};
use crate::draw::ForestRow;
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, announced, glyphs, population, with_fonts};
use crate::forest::{Frame, Headings, boxes_in_words, row};
use crate::format;
use crate::lookup::{Findings, is_reference};
use crate::parameters::full_width;
use crate::ratios::{burden, statistic_in_words};

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
    /// A column of which the figure accounts for every ratio of the statistics in its rows: one that
    /// has no row and stands under no heading of `elsewhere` is a mistake.
    #[serde(default)]
    pub every: Option<String>,
    /// Ratios without a row, by words for them that say where they are printed, such as
    /// `{ "landmarks at other days (eFigure 8)": ["pfs_landmarks.hazard_ratio.*"] }`. The caption names
    /// them. A `*` stands for any one part of an id, at the end for all that follow.
    #[serde(default)]
    pub elsewhere: Named<Vec<String>>,
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

/// A row as it was asked for, with what was found.
struct Chosen<'a> {
    heading: &'a str,
    label: &'a str,
    ratio: &'a Finding,
    p: Option<&'a Finding>,
    /// Whether its model has few events for its coefficients.
    few: Option<&'a Warning>,
    /// Patients and events of its whole analysis, as they are printed.
    counts: [Option<String>; 2],
}

impl Kind for EstimatesFigure {
    const NAME: &'static str = "estimates_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut named = BTreeSet::new();
        let stages = self.declared().filter_map(|(heading, label, id)| {
            let stage = Reference(id).stage();
            let at = ["rows", heading, label];
            // One read an entry, at the place where it is named first: that is where a message
            // about it points.
            named.insert(stage).then(|| Read::stage(stage, Section::Analyze, &at))
        });
        // what accounts for every ratio looks at every analysis
        let all = self.every.as_ref().map(|_| Read::Section(Section::Analyze));
        let elsewhere = self.elsewhere_patterns().filter(|_| self.every.is_none());
        let elsewhere: Vec<Read> = elsewhere
            .map(|(words, place, id)| {
                let at = ["elsewhere", words, &place.to_string()];
                Read::stage(Reference(id).stage(), Section::Analyze, &at)
            })
            .collect();
        let labels = Read::table(&study.analysis_table, &[]);
        let reads = stages.chain(elsewhere).chain(all).chain([labels]).collect();
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            self.frame().check(&mut mistakes);
            if self.declared().next().is_none() {
                let mistake = Mistake::at(&["rows"], "`rows` names no ratio");
                mistakes
                    .push(mistake.hint("give a heading, and under it names with ids of findings"));
            }
            let evidence = Evidence::of(call);
            if let Err(found) = self.chosen(&evidence, call.study) {
                mistakes.0.extend(found.0);
            }
            if let Err(found) = self.account(&evidence) {
                mistakes.0.extend(found.0);
            }
            for (heading, label, _) in self.declared() {
                mistakes.note(glyphs([heading, label], &["rows", heading, label]));
            }
            mistakes.or(announced(call, &self.words(call, &[])))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let chosen = self.chosen(&evidence, call.study)?;
            let rows = rows(call.study, &chosen);
            let ratios: Vec<&Finding> = chosen.iter().map(|row| row.ratio).collect();
            let what = statistic_in_words(&ratios);
            let (headings, words) = (Headings::plain("Analysis"), self.words(call, &chosen));
            self.frame().draw(call, (headings, &what), &ratios, rows, &words)
        })
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

    /// Words, place under them and id of every ratio that stands elsewhere.
    fn elsewhere_patterns(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.elsewhere.iter().flat_map(|(words, ids)| {
            ids.iter().enumerate().map(move |(place, id)| (words, place, id.as_str()))
        })
    }

    /// Checks that what stands elsewhere is there, and that no ratio of the
    /// column of `every` is forgotten.
    fn account(&self, evidence: &Evidence) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let is_ratio = |finding: &Finding| finding.quantity == Quantity::Ratio;
        let mut told: Vec<&Finding> = Vec::new();
        let (mut rows, mut is_silent) = (Vec::new(), false);
        for (heading, label, id) in self.declared() {
            let at = ["rows", heading, label];
            rows.extend(evidence.named(id, &at, ("ratio", &is_ratio)).unwrap_or_default());
            // Of a mistaken entry nothing is known, so that its ratios would all seem forgotten.
            is_silent |= evidence.is_silent(id);
        }
        for (words, place, id) in self.elsewhere_patterns() {
            let at = ["elsewhere", words, &place.to_string()];
            let found = mistakes.note(evidence.named(id, &at, ("ratio", &is_ratio)));
            told.extend(found.unwrap_or_default());
        }
        // Only ratios like those shown are asked for: a figure of hazard ratios owes no odds
        // ratios.
        let statistics: BTreeSet<&str> = rows.iter().map(|row| row.statistic.as_str()).collect();
        told.extend(rows);
        if let Some(column) = self.every.as_ref().filter(|_| !is_silent) {
            let is_one = |finding: &&Finding| {
                is_ratio(finding)
                    && statistics.contains(finding.statistic.as_str())
                    && finding.variable.as_deref() == Some(column)
                    && !is_reference(finding)
                    && !told.iter().any(|known| known.address == finding.address)
            };
            let forgotten: Vec<String> =
                evidence.findings().filter(is_one).map(|one| format!("`{}`", one.id())).collect();
            if !forgotten.is_empty() {
                mistakes.push(forgotten_ratios(column, &forgotten));
            }
        }
        mistakes.or(())
    }

    /// What the caption says of ratios without a row.
    fn accounted(&self) -> Option<String> {
        let words: Vec<&str> = self.elsewhere.iter().map(|(words, _)| words).collect();
        let stand = (!words.is_empty()).then(|| words.join("; "))?;
        Some(format!("Printed elsewhere: {stand}."))
    }

    fn chosen<'a>(
        &'a self,
        evidence: &'a Evidence,
        study: &StudySettings,
    ) -> Result<Vec<Chosen<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut chosen = Vec::new();
        let is_ratio = |finding: &Finding| finding.quantity == Quantity::Ratio;
        for (heading, label, id) in self.declared() {
            let at = ["rows", heading, label];
            let found = mistakes.note(evidence.named(id, &at, ("ratio", &is_ratio)));
            let found = found.unwrap_or_default();
            if found.iter().any(|one| one.address != found[0].address) {
                mistakes.push(several(id, &found, &at));
            }
            chosen.extend(found.first().map(|ratio| {
                let few = burden(&evidence.around(ratio), ratio);
                let around = Findings(evidence.around(ratio).findings);
                let (p, counts) = (around.p_value_of(ratio), whole_counts(around, ratio, study));
                Chosen { heading, label, ratio, p, few, counts }
            }));
        }
        mistakes.or(chosen)
    }

    fn words(&self, call: &Call<'_>, chosen: &[Chosen<'_>]) -> FigureWords {
        let ratios: Vec<&Finding> = chosen.iter().map(|row| row.ratio).collect();
        let conventions = format!(
            "{}; an arrowhead marks an interval that goes on beyond the axis.",
            boxes_in_words(&ratios)
        );
        let mut blanks = Vec::new();
        if chosen.iter().any(|row| row.ratio.value.is_none()) {
            blanks.push("–, not estimable.");
        }
        // An empty cell beside an estimate would look like a mistake of the table.
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
            caption: vec![
                self.caption.clone().unwrap_or_default(),
                self.accounted().unwrap_or_default(),
                conventions,
                blanks.join(" "),
                populations(&Words::of(call, None), chosen).unwrap_or_default(),
            ],
            warnings: warnings_of(chosen),
            alternative_text: format!("Forest plot of ratios: {}.", texts.join("; ")),
        }
    }
}

fn forgotten_ratios(column: &str, ids: &[String]) -> Mistake {
    // Five show the pattern. A study with many landmarks could forget hundreds.
    let (some, more) = ids.split_at(ids.len().min(5));
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("no row and no heading of `elsewhere` has {}{more}", some.join(", "));
    let hint = format!("give every ratio of `{column}` a row, or say where it is printed");
    Mistake::at(&["every"], message).hint(hint)
}

/// A row shows one ratio.
fn several(id: &str, found: &[&Finding], at: &[&str]) -> Mistake {
    let ids: Vec<String> = found.iter().take(3).map(|one| format!("`{}`", one.id())).collect();
    Mistake::at(at, format!("`{id}` names {} ratios, and a row shows one", found.len()))
        .hint(format!("write one of them: {}", ids.join(", ")))
}

/// Who was left out of which rows.
fn populations(words: &Words<'_>, chosen: &[Chosen<'_>]) -> Option<String> {
    let told = chosen.iter().filter_map(|row| {
        let told = population(words, [row.ratio])?;
        Some(format!("{}, {}: {told}", row.heading, study::in_sentence(row.label)))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// The warnings of the rows: of some rows with their names, but for what makes
/// groups naive, of all without.
fn warnings_of(chosen: &[Chosen<'_>]) -> Vec<String> {
    let of_row = |row: &Chosen<'_>| row.ratio.warnings.iter().chain(row.few).cloned().collect();
    let by_row: Vec<Vec<Warning>> = chosen.iter().map(of_row).collect();
    let mut distinct: Vec<&Warning> = Vec::new();
    for warning in by_row.iter().flatten() {
        if !distinct.contains(&warning) {
            distinct.push(warning);
        }
    }
    let told = |warning: &Warning| {
        let rows = chosen.iter().zip(&by_row).filter(|(_, own)| own.contains(warning));
        let names: Vec<String> = rows
            .map(|(row, _)| format!("{}, {}", row.heading, study::in_sentence(row.label)))
            .collect();
        let text = crate::words::warning(warning);
        // That a group looks ahead touches the whole figure: the rows without it are compared with
        // those that have it.
        match names.len() == chosen.len() || crate::words::is_naive(warning) {
            true => text,
            false => format!("{}: {text}", names.join("; ")),
        }
    };
    distinct.into_iter().map(told).collect()
}

fn rows(study: &StudySettings, chosen: &[Chosen<'_>]) -> Vec<ForestRow> {
    let mut rows = Vec::new();
    let mut former = None;
    let mut place = 0;
    for Chosen { heading, label, ratio, p, counts, .. } in chosen {
        if former != Some(heading) {
            // Every heading begins a new band of the background.
            place += usize::from(former.is_some());
            former = Some(heading);
            let label = (*heading).to_owned();
            rows.push(ForestRow { label, variable: place, ..ForestRow::default() });
        }
        let p = p.map(|p| format::value(p, study)).unwrap_or_default();
        let drawn = row(study, ratio, (*label).to_owned(), p, place);
        let counts = counts.clone().map(Option::unwrap_or_default).into();
        rows.push(ForestRow { is_level: true, counts, ..drawn });
    }
    rows
}

#[cfg(test)]
mod tests;
