//! Spiders: the changes of each patient along time, a panel per group.

use std::cell::RefCell;
use std::rc::Rc;

use study::ChangePoint;

use super::{axis, level_pen, threshold_pen};
use crate::draw::chart::{Axis, Chart, TICK_SIZE};
use crate::draw::font::width;
use crate::draw::legend::{self, Legend, Sign};
use crate::draw::{
    Anchor, Area, Canvas, DrawError, Drawing, Face, Glyph, INK, Lettering, Mark, PALETTE, Pen,
    RULE, ticks, wrap,
};
use crate::format::axis_number;

const SIZE: f64 = 7.0;
const LEADING: f64 = 9.0;
const PLOT_HEIGHT: f64 = 180.0;
const LEFT: f64 = 44.0;
// Each panel has numbers of its own at its left, for which a gutter has room.
const GUTTER: f64 = 34.0;
const NARROWEST_PANEL: f64 = 90.0;

/// What a flag at a measurement looks like.
const FLAG: Glyph = Glyph { shape: Mark::Cross, colour: INK };
/// What the day on which something began looks like.
const START: Glyph = Glyph { shape: Mark::Diamond, colour: PALETTE[1] };

/// A patient.
#[derive(Debug, Clone, PartialEq)]
pub struct SpiderLine<'a> {
    /// Position of the category.
    pub category: Option<usize>,
    /// The measurements after the baseline, in the order of their days.
    pub points: &'a [ChangePoint],
    /// The day on which something began.
    pub start_days: Option<f64>,
}

/// The patients of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct SpiderPanel<'a> {
    /// What stands over them: the group, and what was found in it.
    pub headings: Vec<String>,
    /// The patients.
    pub lines: Vec<SpiderLine<'a>>,
}

/// A spider plot.
#[derive(Debug, Clone, PartialEq)]
pub struct SpiderPlot<'a> {
    /// The groups from the left.
    pub panels: Vec<SpiderPanel<'a>>,
    /// What the categories are of, and they in words.
    pub categories: (String, Vec<String>),
    /// What a flag means.
    pub flag: Option<String>,
    /// What begins.
    pub start: Option<String>,
    /// Changes at which a line is drawn.
    pub thresholds: Vec<f64>,
    /// The highest change on the axis; lines leave it there.
    pub clip: f64,
    /// Days in a unit of the axis.
    pub days_per_unit: f64,
    /// Units between two ticks.
    pub tick: f64,
    /// End of the axis in units.
    pub end: f64,
    /// What the axis of time shows.
    pub x_label: String,
    /// What the other axis shows.
    pub y_label: String,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

impl SpiderPlot<'_> {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing, or panels or ticks do not fit.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let count = self.panels.len().max(1) as f64;
        let each = (self.width - LEFT - 12.0 - (count - 1.0) * GUTTER) / count;
        // Refused with what it needs: panels that are squeezed would still draw, and nobody could
        // follow a line.
        if each < NARROWEST_PANEL {
            let needed = LEFT + 12.0 + (count - 1.0) * GUTTER + count * NARROWEST_PANEL;
            let millimetres = |points: f64| points / crate::draw::POINTS_PER_MM;
            return Err(DrawError::TooSmall {
                dimension: "wide",
                found_mm: millimetres(self.width).round() as u32,
                needed_mm: millimetres(needed).ceil() as u32,
            });
        }
        let texts = self.panels.iter().map(|panel| headings(&panel.headings, each));
        let texts = texts.collect::<Result<Vec<_>, DrawError>>()?;
        // The headings of the panel with the most lines set the top for all: one change must be at
        // one height in every panel.
        let lines = texts.iter().map(Vec::len).max().unwrap_or(0) as f64;
        let above = if self.mark.is_some() { 14.0 } else { 4.0 };
        let top = above + lines * LEADING + 5.0;
        let bottom = top + PLOT_HEIGHT;
        let legend = self.legend();
        let room = self.width - 4.0;
        let height = bottom + 31.0 + legend::height(&legend, room)? + 2.0;
        let canvas = Rc::new(RefCell::new(Canvas::new(self.width, height)));
        canvas.borrow_mut().mark(self.mark);
        for (place, panel) in self.panels.iter().enumerate() {
            let left = LEFT + place as f64 * (each + GUTTER);
            for (line, (face, text)) in texts[place].iter().enumerate() {
                let lettering = Lettering { face: *face, ..Lettering::plain(SIZE) };
                let baseline = above + 7.0 + line as f64 * LEADING;
                canvas.borrow_mut().text((left, baseline), text, &lettering);
            }
            self.panel(&canvas, panel, &Area { left, top, right: left + each, bottom })?;
        }
        let mut canvas_now = canvas.borrow_mut();
        let title = Lettering::plain(8.0).anchored(Anchor::Middle);
        canvas_now.text_upwards((10.0, (top + bottom) / 2.0), &self.y_label, &title);
        let middle = (LEFT + self.width - 12.0) / 2.0;
        canvas_now.text((middle, bottom + 24.0), &self.x_label, &title);
        legend::draw(&mut canvas_now, (2.0, bottom + 31.0), room, &legend)?;
        drop(canvas_now);
        let drawn = canvas.borrow().clone();
        drawn.finish()
    }

    fn y_axis(&self) -> Axis {
        let lines = self.panels.iter().flat_map(|panel| &panel.lines);
        let changes = lines.flat_map(|line| line.points).filter_map(|point| point.change);
        axis(changes, &self.thresholds, self.clip)
    }

    fn x_axis(&self, panel: &Area) -> Result<Axis, DrawError> {
        let marks = ticks(self.tick, self.end);
        let widest = width(&axis_number(self.end), Face::Regular, TICK_SIZE)? + 5.0;
        let room = (panel.width() / widest).floor() as usize + 1;
        if marks.len() > room {
            return Err(DrawError::TooManyTicks { count: marks.len(), room });
        }
        let marks = marks.into_iter().map(|tick| (tick, axis_number(tick))).collect();
        Ok(Axis { range: 0.0..self.end, ticks: marks })
    }

    fn panel(
        &self,
        canvas: &Rc<RefCell<Canvas>>,
        panel: &SpiderPanel<'_>,
        area: &Area,
    ) -> Result<(), DrawError> {
        let chart = Chart::new(canvas, area, &self.x_axis(area)?, Some(&self.y_axis()))?;
        // Guides first: lines of patients lie over them.
        chart.line(&[(0.0, 0.0), (self.end, 0.0)], &Pen::solid(RULE, 0.6))?;
        for threshold in &self.thresholds {
            chart.line(&[(0.0, *threshold), (self.end, *threshold)], &threshold_pen())?;
        }
        let highest = self.y_axis().range.end;
        for line in &panel.lines {
            let corners = self.corners(line);
            for run in below(&corners, highest) {
                chart.line(&run, &level_pen(line.category))?;
            }
        }
        // Signs come after all lines, so that no later patient crosses out the sign of another.
        let mut canvas = canvas.borrow_mut();
        for line in &panel.lines {
            let corners = self.corners(line);
            let at = |days: f64| {
                let x = days / self.days_per_unit;
                // A sign of something beyond the axis stands at its upper end: a new lesion must
                // not vanish because the sum of diameters left the page.
                chart.place((x, height_at(&corners, x).min(highest)))
            };
            if let Some(days) = line.start_days.filter(|days| self.is_shown(*days)) {
                START.draw(&mut canvas, at(days), 2.0);
            }
            for point in
                line.points.iter().filter(|point| point.flagged && self.is_shown(point.days))
            {
                FLAG.draw(&mut canvas, at(point.days), 2.2);
            }
        }
        Ok(())
    }

    fn is_shown(&self, days: f64) -> bool {
        days >= 0.0 && days <= self.end * self.days_per_unit
    }

    /// The line of a patient from no change at time zero on.
    fn corners(&self, line: &SpiderLine<'_>) -> Vec<(f64, f64)> {
        let measured = line
            .points
            .iter()
            .filter_map(|point| Some((point.days / self.days_per_unit, point.change?)));
        // A visit may be flagged without a measurement. Such a point has a sign and no corner.
        let mut corners: Vec<(f64, f64)> = std::iter::once((0.0, 0.0)).chain(measured).collect();
        // The line runs to the edge in proportion. Cut at its last corner before, it would read as
        // the end of follow-up.
        if let Some(behind) = corners.iter().position(|corner| corner.0 > self.end) {
            let end = (self.end, height_at(&corners, self.end));
            corners.truncate(behind);
            corners.push(end);
        }
        corners
    }

    fn legend(&self) -> Legend {
        let (heading, labels) = &self.categories;
        let lines = || self.panels.iter().flat_map(|panel| &panel.lines);
        let has = |category: Option<usize>| lines().any(|line| line.category == category);
        let mut levels = Vec::new();
        if !labels.is_empty() {
            levels.push((Sign::Heading, heading.clone()));
            // Only what is drawn, in the colour of its place among all, so that a colour means the
            // same whatever a panel leaves out.
            let shown = labels.iter().enumerate().filter(|(place, _)| has(Some(*place)));
            levels.extend(
                shown.map(|(place, label)| (Sign::Line(level_pen(Some(place))), label.clone())),
            );
            if has(None) {
                levels.push((Sign::Line(level_pen(None)), "Unknown".to_owned()));
            }
        }
        let flag = self.flag.iter().map(|label| (Sign::Glyph(FLAG), label.clone()));
        let start = self.start.iter().map(|label| (Sign::Glyph(START), label.clone()));
        vec![levels, flag.chain(start).collect()]
    }
}

fn headings(texts: &[String], room: f64) -> Result<Vec<(Face, String)>, DrawError> {
    let mut lines = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let face = if place == 0 { Face::SemiBold } else { Face::Regular };
        lines.extend(wrap(text, face, SIZE, room)?.into_iter().map(|line| (face, line)));
    }
    Ok(lines)
}

/// The height of a line at a place, carried on behind its end.
fn height_at(corners: &[(f64, f64)], x: f64) -> f64 {
    let behind = corners.iter().position(|corner| corner.0 >= x);
    match behind {
        // A flag behind the last measurement stands at its height.
        None => corners.last().map_or(0.0, |corner| corner.1),
        Some(0) => corners[0].1,
        Some(place) => {
            let ((left, from), (right, to)) = (corners[place - 1], corners[place]);
            from + (to - from) * (x - left) / (right - left)
        }
    }
}

/// The parts of a line that lie at or below a height.
pub(super) fn below(corners: &[(f64, f64)], highest: f64) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (place, corner) in corners.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| corners[before]);
        // Where only one end lies above, the line crosses the edge: the run ends, or a new one
        // begins, at that place and not at the measurement.
        if let Some(before) = before.filter(|before| (before.1 > highest) != (corner.1 > highest)) {
            let share = (highest - before.1) / (corner.1 - before.1);
            let crossing = (before.0 + share * (corner.0 - before.0), highest);
            if corner.1 <= highest {
                runs.push(Vec::new());
            }
            runs.last_mut().expect("invariant: there is always a run").push(crossing);
        }
        if corner.1 <= highest {
            runs.last_mut().expect("invariant: there is always a run").push(*corner);
        }
    }
    // A run of one corner is no line: all before and behind it lies above the axis.
    runs.retain(|run| run.len() > 1);
    runs
}
