//! `identified_set_figure`: histograms of what published numbers imply.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Reference, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Histograms, Output, Quantity, StudySettings, capitalised};

use crate::constructed::{Constructed, between};
use crate::draw::{HistogramPanel, HistogramPlot};
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, announced, glyphs, plot_figure, points, with_fonts};
use crate::format;
use crate::parameters::full_width;

/// Histograms of the numbers of constructed cohorts (`identified_set`), each with the range that
/// searches outward met and the study's own number; published numbers, which every cohort has, are
/// spikes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifiedSetFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// Panels by their titles.
    pub panels: Named<Panel>,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 120.0, max = 420.0))]
    pub width_mm: f64,
}

/// One histogram.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// The id of a median over cohorts, such as `published.sampled.hazard_ratio.pfs.50`, or of a
    /// published number as they have it, such as `published.reproduced.pfs_rt.50`.
    pub median: String,
    /// The id of the study's own number.
    #[serde(default)]
    pub own: Option<String>,
}

/// A panel with what was found.
struct Chosen<'a> {
    title: &'a str,
    number: Constructed<'a>,
    own: Option<&'a Finding>,
}

impl Kind for IdentifiedSetFigure {
    const NAME: &'static str = "identified_set_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = self.panels.iter().flat_map(|(title, panel)| {
            let read = |id: &str, key| {
                Read::stage(Reference(id).stage(), Section::Analyze, &["panels", title, key])
            };
            let own = panel.own.as_ref().map(|id| read(id, "own"));
            std::iter::once(read(&panel.median, "median")).chain(own).collect::<Vec<_>>()
        });
        Wiring { reads: reads.collect(), files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            mistakes.note(points(self.width_mm, "width_mm"));
            if self.panels.is_empty() {
                let mistake = Mistake::at(&["panels"], "`panels` is empty");
                mistakes
                    .push(mistake.hint("give a title, and the `median` that it is the spread of"));
            }
            for title in self.panels.names() {
                mistakes.note(glyphs([title], &["panels", title]));
            }
            let evidence = Evidence::of(call);
            if let Err(found) = self.chosen(&evidence) {
                mistakes.0.extend(found.0);
            }
            mistakes.or(announced(call, &self.words(call, &[], None)))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let chosen = self.chosen(&evidence)?;
            let panels = chosen.iter().map(|one| panel(one, &evidence, call.study)).collect();
            // In the order that `HistogramPlot` documents for its key.
            let key = [
                "90% of cohorts",
                "the others",
                "met by searches outward",
                "own data",
                "published: the same in all cohorts",
            ];
            let mut key = key.map(str::to_owned);
            if let Some(mark) = call.study.mark() {
                // The marked number is of simulated data, while the cohorts are built on published
                // ones.
                key[3] += &format!(" ({})", mark.to_lowercase());
            }
            let width = points(self.width_mm, "width_mm")?;
            let plot = HistogramPlot { panels, key, mark: call.study.mark(), width };
            plot_figure(call, &plot, &self.words(call, &chosen, Some(&evidence)))
        })
    }
}

impl IdentifiedSetFigure {
    fn chosen<'a>(&'a self, evidence: &'a Evidence) -> Result<Vec<Chosen<'a>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut chosen = Vec::new();
        for (title, panel) in self.panels.iter() {
            let at = ["panels", title, "median"];
            let is_median = |one: &Finding| Constructed::of(evidence.around(one), one).is_some();
            // Only a median has a histogram: another percentile by the same name would show a
            // number that the bars do not have.
            let found = evidence.named(&panel.median, &at, ("median over cohorts", &is_median));
            let own = panel.own.as_ref().and_then(|id| {
                let at = ["panels", title, "own"];
                let found = mistakes.note(evidence.named(id, &at, ("finding", &|_| true)))?;
                found.first().copied()
            });
            let found = mistakes.note(found).and_then(|found| found.first().copied());
            let number = found.and_then(|one| Constructed::of(evidence.around(one), one));
            chosen.extend(number.map(|number| Chosen { title, number, own }));
        }
        mistakes.or(chosen)
    }

    fn words(
        &self,
        call: &Call<'_>,
        chosen: &[Chosen<'_>],
        evidence: Option<&Evidence>,
    ) -> FigureWords {
        let cohorts = chosen.first().zip(evidence).and_then(|(one, evidence)| {
            evidence.around(one.number.median).of_statistic("cohorts").next()
        });
        let cohorts = cohorts.map_or_else(String::new, |n| {
            format!("Bars count {} constructed cohorts.", format::value(n, call.study))
        });
        let warnings = crate::lookup::distinct_warnings(chosen.iter().map(|one| one.number.median));
        let texts =
            chosen.iter().map(|one| format!("{}: {}", one.title, text(one, call.study).join(", ")));
        FigureWords {
            title: self.title.clone(),
            caption: vec![self.caption.clone().unwrap_or_default(), cohorts],
            warnings: warnings.into_iter().map(crate::words::warning).collect(),
            alternative_text: format!("Histograms. {}.", texts.collect::<Vec<_>>().join("; ")),
        }
    }
}

/// The ranges of a panel in words.
fn text(one: &Chosen<'_>, study: &StudySettings) -> Vec<String> {
    if one.number.is_published() {
        let value = match (one.number.median.quantity, one.number.median.value) {
            (Quantity::PValue, Some(p)) => {
                // As published: an abstract that prints p = 0.00099 must not be shown as `<0.001`.
                format::p_value_in(p, format::PValueStyle::TwoSignificantDigits)
            }
            _ => format::value(one.number.median, study),
        };
        return vec![format!("{value} in all cohorts, as published")];
    }
    let told =
        |name: &str, ends: Option<[&Finding; 2]>| Some(format!("{name} {}", between(ends?, study)));
    let central = told("in 90%", one.number.central());
    let sampled = told("in all", one.number.ends("sampled"));
    let sampled = central.into_iter().chain(sampled).collect::<Vec<_>>().join(", ");
    std::iter::once(sampled).chain(told("searched", one.number.ends("directed"))).collect()
}

/// A panel in the units that are printed.
fn panel(one: &Chosen<'_>, evidence: &Evidence, study: &StudySettings) -> HistogramPanel {
    let median = one.number.median;
    let (scale, x_label) = match median.quantity {
        // Scaled here, as stored numbers are in days and shares.
        Quantity::Days => (1.0 / study.days_per_time_unit(), capitalised(study.time_unit.word())),
        // The axis has the unit in which text and table print the number.
        Quantity::Survival | Quantity::Proportion => (100.0, "%".to_owned()),
        Quantity::PValue => (1.0, "p".to_owned()),
        Quantity::Count => (1.0, "Patients".to_owned()),
        _ => (1.0, capitalised(&median.statistic.replace('_', " "))),
    };
    let histograms = evidence.around(median).figures.get::<Histograms>();
    let drawn = histograms.and_then(|all| all.of(&median.address));
    let ends = |ends: Option<[&Finding; 2]>| {
        let [least, greatest] = ends?;
        Some([scale * least.value?, scale * greatest.value?])
    };
    HistogramPanel {
        title: one.title.to_owned(),
        text: text(one, study),
        x_label,
        edges: drawn.map_or_else(Vec::new, |own| own.edges.iter().map(|x| scale * x).collect()),
        counts: drawn.map_or_else(Vec::new, |own| own.counts.clone()),
        central: ends(one.number.central()),
        range: ends(one.number.ends("directed")),
        marked: one.own.and_then(|own| Some(scale * own.value?)),
        is_pinned: one.number.is_published(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::constructed::sample::published;
    use crate::sample::{TERMS, body, call, caption, cox, study};

    fn run_with(panels: &serde_json::Value) -> Result<Output, Mistakes> {
        let parameters = json!({ "title": "What is implied", "panels": panels });
        let kind: IdentifiedSetFigure = serde_json::from_value(parameters).expect("parameters");
        let stages = vec![("published", published()), ("pfs_prognosis", cox(&TERMS))];
        kind.run(&call("efigure_17", &study(), stages))
    }

    #[test]
    fn panels_have_ranges_and_the_own_number() {
        let own = "pfs_prognosis.hazard_ratio.radiotherapy.yes";
        let output = run_with(&json!({
            "Hazard ratio": { "median": "published.sampled.hazard_ratio.pfs.50", "own": own },
            "Median": { "median": "published.reproduced.pfs_rt.50" },
        }));
        let exhibit = output.expect("draws").exhibit.expect("a figure");
        for text in [
            ">in 90% 0.38 to 0.42, in all 0.36 to 0.43<",
            ">searched 0.30 to 0.44<",
            ">20.0 in all cohorts, as published<",
            ">own data (simulated)<",
        ] {
            assert!(body(&exhibit).contains(text), "{text}");
        }
        let told = caption(&exhibit);
        assert!(told.contains("Bars count 60 constructed cohorts."), "{told}");
        assert!(told.contains("either a confidence interval nor an estimate"), "{told}");
        assert!(exhibit.alternative_text.contains("Hazard ratio: in 90% 0.38 to 0.42"));
    }

    #[test]
    fn only_medians_over_cohorts_have_histograms() {
        let id = "published.sampled.hazard_ratio.pfs.95";
        let panels = json!({ "Hazard ratio": { "median": id } });
        let mistake = run_with(&panels).expect_err("a mistake").0.remove(0);
        assert_eq!(mistake.at, ["panels", "Hazard ratio", "median"]);
        assert_eq!(mistake.message, format!("there is no median over cohorts `{id}`"));
    }
}
