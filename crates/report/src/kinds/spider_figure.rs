//! `spider_figure`: the changes of each patient along time.

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Numbers, Output, Span, StudySettings};

use crate::change_figure::{Drawn, Parameters};
use crate::draw::{SpiderLine, SpiderPanel, SpiderPlot};
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, announced, draw_mistake, figure, glyphs, points, with_fonts};
use crate::format;
use crate::kinds::waterfall_figure::hundred;
use crate::parameters::full_width;
use crate::time_axis::{default_tick, on_axis, title as time_title};

/// A spider plot: the changes of a measurement in each patient along time, in percent of its
/// baseline, a panel per group, in colour and dash by a category, with marks at flagged measurements
/// and at the day on which something began. What it shows is a CSV file beside it. It shows single
/// patients, so `tier: aggregate` refuses it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpiderFigure {
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
    /// What the axis of changes shows.
    #[serde(default)]
    pub y_label: Option<String>,
    /// What the time axis shows.
    #[serde(default)]
    pub x_label: Option<String>,
    /// Distance between two ticks of the time axis.
    #[serde(default)]
    pub ticks: Option<Span>,
    /// End of the time axis, where lines are cut; the tick after the last measurement where it is
    /// left out.
    #[serde(default)]
    pub to: Option<Span>,
    /// The highest change on the axis, in percent.
    #[serde(default = "hundred")]
    pub clip: f64,
    /// Width in millimetres.
    #[serde(default = "full_width")]
    #[schemars(range(min = 40.0, max = 420.0))]
    pub width_mm: f64,
}

impl SpiderFigure {
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

    fn x_title(&self, call: &Call<'_>) -> String {
        self.x_label.clone().unwrap_or_else(|| time_title(call))
    }
}

impl Kind for SpiderFigure {
    const NAME: &'static str = "spider_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        self.parameters().wiring(study)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
            let output = announced(call, &words);
            let mut mistakes = self.parameters().check(call);
            for (parameter, time) in [("ticks", self.ticks), ("to", self.to)] {
                // Shorter than any time on paper, and a division by nought would follow.
                if time.is_some_and(|time| on_axis(time, call.study) < 0.001) {
                    let message = format!("`{parameter}` is no length of time for an axis");
                    let mistake = Mistake::at(&[parameter], message);
                    mistakes.push(mistake.hint("give a time above 0"));
                }
            }
            mistakes.note(glyphs([self.x_title(call).as_str()], &["x_label"]));
            mistakes.or(output)
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let evidence = Evidence::of(call);
            let parameters = self.parameters();
            let drawn = parameters.drawn(call, &evidence)?;
            let plot = self.plot(call, &drawn)?;
            let drawing = plot.draw().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
            let beyond = self.beyond(call, &drawn);
            let words = drawn
                .words(&format!("A line is a patient, from no change at time zero on.{beyond}"));
            Ok(figure(call, &drawing, numbers(&drawn), &words))
        })
    }
}

impl SpiderFigure {
    /// How many lines go on behind the end of the axis, as a sentence.
    fn beyond(&self, call: &Call<'_>, drawn: &Drawn<'_>) -> String {
        // Without a declared end the axis holds all measurements.
        let Some(to) = self.to else { return String::new() };
        let patients = drawn.order.iter().flat_map(|group| drawn.patients(*group));
        let days = to.days(call.study);
        let beyond = patients.filter(|own| own.points.iter().any(|point| point.days > days));
        match beyond.count() {
            0 => String::new(),
            1 => " 1 line goes on behind the end of the axis.".to_owned(),
            several => format!(" {several} lines go on behind the end of the axis."),
        }
    }

    fn plot<'a>(&self, call: &Call<'_>, drawn: &Drawn<'a>) -> Result<SpiderPlot<'a>, Mistakes> {
        let study = call.study;
        let panel = |group: &Option<usize>| SpiderPanel {
            headings: drawn.headings(*group),
            lines: (drawn.patients(*group).into_iter())
                .map(|patient| SpiderLine {
                    category: patient.category,
                    points: &patient.points,
                    start_days: patient.start_days,
                })
                .collect(),
        };
        let panels: Vec<SpiderPanel<'a>> = drawn.order.iter().map(panel).collect();
        let lines = panels.iter().flat_map(|panel| &panel.lines);
        let days = lines
            .flat_map(|line| line.points.iter().map(|point| point.days).chain(line.start_days));
        let last = days.fold(0.0, f64::max) / study.days_per_time_unit();
        let last = self.to.map_or(last, |to| on_axis(to, study));
        let tick = self
            .ticks
            .map_or_else(|| default_tick(study.time_unit, last), |ticks| on_axis(ticks, study));
        Ok(SpiderPlot {
            panels,
            categories: drawn.categories(),
            flag: drawn.changes.flag_label.clone(),
            start: drawn.changes.start_label.clone(),
            thresholds: drawn.changes.thresholds.clone(),
            clip: self.clip,
            days_per_unit: study.days_per_time_unit(),
            tick,
            end: match self.to {
                Some(_) => last,
                // A measurement right at a tick does not ask for another one, whatever its last
                // bit.
                None => tick * (last / tick - 1e-9).ceil().max(1.0),
            },
            x_label: self.x_title(call),
            y_label: drawn.y_label("Change"),
            mark: study.mark(),
            width: points(self.width_mm, "width_mm")?,
        })
    }
}

/// A row per measurement, and one for the day on which something began.
fn numbers(drawn: &Drawn<'_>) -> Numbers {
    let rest = ["days", "change_percent", "flagged", "start"];
    let header: Vec<&str> = drawn.header().into_iter().chain(rest).collect();
    let mut rows = Vec::new();
    let sorted = drawn.order.iter().flat_map(|group| drawn.patients(*group));
    for (place, patient) in sorted.enumerate() {
        let known = drawn.known(place, patient);
        let mut push = |days: f64, change: Option<f64>, flagged: &str, start: &str| {
            let change = change.map(format::exact).unwrap_or_default();
            let cells = [format::exact(days), change, flagged.to_owned(), start.to_owned()];
            rows.push([known.clone(), cells.to_vec()].concat());
        };
        for point in &patient.points {
            push(point.days, point.change, if point.flagged { "yes" } else { "no" }, "no");
        }
        if let Some(days) = patient.start_days {
            push(days, None, "no", "yes");
        }
    }
    Numbers::new(&header, rows)
}
