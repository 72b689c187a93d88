//! `propensity_figure`: how propensity scores are spread, and how alike the groups
//! are before and after weighting by several schemes.

mod balance;
mod scores;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, ScoreHistogram, StudySettings, in_sentence};

use crate::analysis::{Analysis, Words};
use crate::draw::{KeyEntry, PanelFigure};
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, announced, glyphs, plot_figure, points, with_fonts};
use crate::format;
use crate::parameters::full_width;
use crate::words::method::spread_in_words;

/// Propensity scores and balance: histograms of the scores of both groups, mirrored, without weights and
/// with those of each scheme, with patients, effective sample sizes and the C-statistic; under them every
/// standardised mean difference before and after each scheme, with lines at 0.1 and 0.2, and the ratios of
/// variances.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropensityFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// Names of schemes, each with the `propensity_score` entry that made its weights or matched sets; the
    /// differences before weighting are those of the first.
    pub schemes: Named<String>,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

/// A scheme with what was found.
pub(super) struct Scheme<'a> {
    name: &'a str,
    analysis: Analysis<'a>,
}

impl Kind for PropensityFigure {
    const NAME: &'static str = "propensity_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let stages = self
            .schemes
            .iter()
            .map(|(name, entry)| Read::stage(entry, Section::Analyze, &["schemes", name]));
        let reads = stages.chain([Read::table(&study.analysis_table, &[])]).collect();
        Wiring { reads, files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            if self.schemes.iter().next().is_none() {
                let mistake = Mistake::at(&["schemes"], "`schemes` names no weights");
                mistakes.push(mistake.hint("give a name, and the `propensity_score` entry"));
            }
            let evidence = Evidence::of(call);
            match self.find(&evidence) {
                Err(found) => mistakes.0.extend(found.0),
                Ok(schemes) => {
                    let words = Words::of(call, None);
                    // Rows are those of the columns, which a rehearsal knows.
                    for row in balance::rows(&words, &schemes) {
                        mistakes.note(glyphs([row.label.as_str()], &["schemes"]));
                    }
                }
            }
            for (name, _) in self.schemes.iter() {
                mistakes.note(glyphs([name], &["schemes", name]));
            }
            mistakes.or(announced(call, &self.words(call, None)))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let schemes = self.find(&evidence)?;
            let plot = self.plot(call, &evidence, &schemes)?;
            plot_figure(call, &plot, &self.words(call, Some((&evidence, &schemes))))
        })
    }
}

impl PropensityFigure {
    fn find<'a>(&'a self, evidence: &'a Evidence) -> Result<Vec<Scheme<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut schemes = Vec::new();
        for (name, entry) in self.schemes.iter() {
            let at = ["schemes", name];
            let analysis = mistakes.note(evidence.of_kind(entry, &["propensity_score"], &at));
            schemes.extend(analysis.map(|analysis| Scheme { name, analysis }));
        }
        mistakes.or(schemes)
    }

    fn plot(
        &self,
        call: &Call<'_>,
        evidence: &Evidence,
        schemes: &[Scheme<'_>],
    ) -> Result<PanelFigure, Mistakes> {
        let rows = balance::rows(&Words::of(call, None), schemes);
        let mut plot = PanelFigure {
            mark: call.study.mark(),
            width: points(self.width_mm, "width_mm")?,
            ..PanelFigure::default()
        };
        let histograms = scores::panels(call.study, evidence, schemes);
        // Letters go on from the histograms to the differences.
        let n_histograms = histograms.len();
        plot.rows.extend(scores::in_rows(&histograms));
        plot.rows.push(balance::panels(call.study, schemes, &rows, n_histograms));
        plot.key = key(schemes);
        Ok(plot)
    }

    fn words(&self, call: &Call<'_>, found: Option<(&Evidence, &[Scheme<'_>])>) -> FigureWords {
        let mut words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
        words.caption.extend(self.caption.clone());
        let Some((_, schemes)) = found else { return words };
        words.caption.push(scores::conventions(schemes));
        words.caption.push(conventions(call, schemes));
        words.warnings = warned(schemes);
        words.alternative_text = alternative_text(call, schemes);
        words
    }
}

/// The warnings of all schemes once, those of some with their names.
fn warned(schemes: &[Scheme<'_>]) -> Vec<String> {
    let of = |scheme: &Scheme<'_>| crate::lookup::warnings(balance::told(scheme));
    let own: Vec<Vec<String>> = schemes.iter().map(of).collect();
    let mut told: Vec<String> = Vec::new();
    for (scheme, texts) in schemes.iter().zip(&own) {
        for text in texts {
            // Schemes share their scores, and so most of their warnings.
            let is_of_all = own.iter().all(|other| other.contains(text));
            let text = if is_of_all { text.clone() } else { format!("{}: {text}", scheme.name) };
            if !told.contains(&text) {
                told.push(text);
            }
        }
    }
    told
}

/// The groups.
fn key(schemes: &[Scheme<'_>]) -> Vec<KeyEntry> {
    let scores = schemes.first().and_then(|scheme| scheme.analysis.figures.get());
    let groups = scores.into_iter().flat_map(|scores: &ScoreHistogram| {
        scores.groups.iter().enumerate().map(|(place, group)| {
            let side = if group.is_treated { "upwards" } else { "downwards" };
            KeyEntry {
                looks: vec![scores::look(place, group).0],
                text: format!("{}, {side}", scores::name(scores, group)),
            }
        })
    });
    groups.collect()
}

fn conventions(call: &Call<'_>, schemes: &[Scheme<'_>]) -> String {
    let mut text = String::from(
        "Differences: absolute standardised mean differences of each number and level, sorted by \
         those before weighting; lines at 0.1 and 0.2. Of two levels one is shown, since the other \
         differs as much. Ratios of variances, treated to others, are of numbers alone; lines at \
         0.5, 1 and 2.",
    );
    let first = schemes.first().and_then(balance::spread);
    // By which standard deviation differences are divided changes their size. Schemes that differ
    // in it are told apart.
    let others = schemes.iter().filter(|scheme| balance::spread(scheme) != first);
    let others = others.filter_map(|scheme| {
        let spread = balance::spread(scheme)?;
        Some(format!("those of {} by the {}", in_sentence(scheme.name), spread_in_words(spread)))
    });
    let divided = first.map(|spread| format!("by the {}", spread_in_words(spread)));
    let divided: Vec<String> = divided.into_iter().chain(others).collect();
    text.push_str(&match divided.as_slice() {
        [] => String::new(),
        [all] => format!(" They are divided {all}."),
        [all, rest @ ..] => format!(" They are divided {all}, but {}.", rest.join(", ")),
    });
    // schemes may have other terms, and leave out other patients: the most is told
    let left_out = schemes.iter().filter_map(|scheme| {
        let missing = scheme.analysis.of_statistic("missing").next()?;
        Some((missing.value.filter(|value| *value > 0.0)?, missing))
    });
    let most = left_out.max_by(|one, other| one.0.total_cmp(&other.0));
    if let Some((_, missing)) = most {
        text.push_str(&format!(
            " {} patients were left out for a missing value.",
            format::value(missing, call.study)
        ));
    }
    text
}

fn alternative_text(call: &Call<'_>, schemes: &[Scheme<'_>]) -> String {
    let mut parts = Vec::new();
    if let Some(before) = balance::largest(schemes.first(), "before") {
        parts.push(format!("before weighting {}", format::value(before, call.study)));
    }
    for scheme in schemes {
        if let Some(after) = balance::largest(Some(scheme), "after") {
            let value = format::value(after, call.study);
            parts.push(format!("{} {value}", in_sentence(scheme.name)));
        }
    }
    format!(
        "Mirrored histograms of propensity scores, and differences between the groups in every \
         covariate. Largest standardised difference: {}.",
        parts.join("; ")
    )
}

#[cfg(test)]
mod tests;
