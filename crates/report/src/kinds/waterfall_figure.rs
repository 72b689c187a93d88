//! `waterfall_figure`: the best change of each patient.

use engine::{Call, Kind, Mistakes, Named, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Numbers, Output, StudySettings};

use crate::change_figure::{Drawn, Parameters};
use crate::draw::{WaterfallBar, WaterfallPanel, WaterfallPlot};
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, announced, draw_mistake, figure, points, with_fonts};
use crate::format;
use crate::parameters::full_width;

/// A waterfall plot: a bar per patient, the best change of a measurement in percent of its baseline,
/// the largest rise first, in colour and pattern by a category, with marks below. Bars beyond the
/// axis are cut and their values written. What it shows is a CSV file beside it. It shows single
/// patients, so `tier: aggregate` refuses it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaterfallFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says beside the conventions of the figure.
    #[serde(default)]
    pub caption: Option<String>,
    /// The `change_from_baseline` entry to draw.
    pub changes: String,
    /// The groups from the left, by level; in their declared order where they are left out.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Groups in other words than the column's, by level.
    #[serde(default)]
    pub labels: Named<String>,
    /// What the axis shows.
    #[serde(default)]
    pub y_label: Option<String>,
    /// The highest change on the axis, in percent.
    #[serde(default = "hundred")]
    pub clip: f64,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

pub(crate) fn hundred() -> f64 {
    100.0
}

impl WaterfallFigure {
    fn parameters(&self) -> Parameters<'_> {
        Parameters {
            title: &self.title,
            caption: self.caption.as_ref(),
            changes: &self.changes,
            groups: &self.groups,
            labels: &self.labels,
            y_label: self.y_label.as_ref(),
            clip: self.clip,
            width_mm: self.width_mm,
        }
    }
}

impl Kind for WaterfallFigure {
    const NAME: &'static str = "waterfall_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        self.parameters().wiring(study)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
            let output = announced(call, &words);
            self.parameters().check(call).or(output)
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let parameters = self.parameters();
            let drawn = parameters.drawn(call, &evidence)?;
            let panel = |group: &Option<usize>| WaterfallPanel {
                headings: drawn.headings(*group),
                bars: (drawn.patients(*group).into_iter())
                    .map(|patient| WaterfallBar {
                        // Patients without a best change were left out by `Drawn::patients`.
                        change: patient.best.unwrap_or_default(),
                        category: patient.category,
                        marks: patient.marks.clone(),
                    })
                    .collect(),
            };
            let plot = WaterfallPlot {
                panels: drawn.order.iter().map(panel).collect(),
                categories: drawn.categories(),
                marks: drawn.changes.marks.iter().map(|mark| mark.label.clone()).collect(),
                thresholds: drawn.changes.thresholds.clone(),
                clip: self.clip,
                y_label: drawn.y_label("Best change"),
                mark: call.study.mark(),
                width: points(self.width_mm, "width_mm")?,
            };
            let drawing = plot.draw().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
            let words = drawn.words("A bar is a patient with the lowest change that was measured.");
            Ok(figure(call, &drawing, numbers(&drawn), &words))
        })
    }
}

/// A row per bar.
fn numbers(drawn: &Drawn<'_>) -> Numbers {
    let marks = drawn.changes.marks.iter().map(|mark| mark.value.as_str());
    let header: Vec<&str> =
        drawn.header().into_iter().chain(["best_change_percent"]).chain(marks).collect();
    // In the order of the bars, so that the number of a line is the number of a bar.
    let sorted = drawn.order.iter().flat_map(|group| drawn.patients(*group));
    let row = |(place, patient): (usize, &study::PatientChange)| {
        let mut cells = drawn.known(place, patient);
        cells.push(patient.best.map(format::exact).unwrap_or_default());
        cells.extend(patient.marks.iter().map(|has| if *has { "yes" } else { "no" }.to_owned()));
        cells
    };
    Numbers::new(&header, sorted.enumerate().map(row).collect())
}
