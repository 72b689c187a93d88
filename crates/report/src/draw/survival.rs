//! Survival curves in the manner of KMunicate (Morris 2019): curves with bands,
//! what was found, and under the axis the patients at risk, censored and with
//! an event.

mod curves;
mod key;
mod labels;
mod numbers;
mod risk_table;

use std::cell::RefCell;
use std::rc::Rc;

use study::{AtRisk, SurvivalCurves};

use self::key::Key;
use super::chart::{Axis, Chart};
use super::font::{cap_height, width};
use super::{
    Anchor, Area, Canvas, Colour, DrawError, Drawing, Face, Lettering, MUTED, POINTS_PER_MM, Pen,
};
use crate::format::{axis_number, number};

const PANEL_HEIGHT: f64 = 190.0;
const SMALLEST_PANEL: f64 = 110.0;
const AXIS_HEIGHT: f64 = 26.0;
const KEY_GAP: f64 = 11.0;
const TITLE_SIZE: f64 = 8.0;

/// What is said of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmText {
    /// The group in words.
    pub label: String,
    /// What stands at its curve: shorter where there is something shorter.
    pub short_label: String,
    /// Events and patients, such as `25/37`.
    pub events: String,
    /// The median with its interval.
    pub median: String,
}

/// A stretch of time that is set apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Shade {
    /// Where it begins, in units of the axis.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// What it is.
    pub label: String,
}

/// Survival curves with everything that stands around them.
#[derive(Debug, Clone)]
pub struct SurvivalPlot<'a> {
    /// The steps.
    pub curves: &'a SurvivalCurves,
    /// Days in a unit of the axis.
    pub days_per_unit: f64,
    /// Units between two ticks.
    pub tick: f64,
    /// End of the axis in units.
    pub end: f64,
    /// What the time axis shows.
    pub x_label: String,
    /// What the other axis shows.
    pub y_label: String,
    /// The groups, in the order of the curves.
    pub arms: Vec<ArmText>,
    /// Their medians in days, where reached.
    pub medians: Vec<Option<f64>>,
    /// Headings of the columns of events and of medians.
    pub headings: [String; 2],
    /// Lines under them: the hazard ratio, the test.
    pub statements: Vec<String>,
    /// Names of the rows of the table under the axis: those counted as at risk,
    /// as censored and as events by the curves. None leaves the table out.
    pub table_rows: Option<[&'static str; 3]>,
    /// Who is at risk at a tick.
    pub at_risk: AtRisk,
    /// Numbers of patients under the axis below this are not shown.
    pub hides_below: Option<u64>,
    /// A stretch of time with a shade behind the curves.
    pub shade: Option<Shade>,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
    /// Height in points; by what it holds where none is given.
    pub height: Option<f64>,
}

impl SurvivalPlot<'_> {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the figure is too small for what it holds.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        // Drawn to be looked at: only the curves tell whether a corner is free.
        let inside = self.panel(0.0)?;
        if let Some(drawn) = self.draw_in(&inside, &Key::stacked(self)?, false)? {
            return Ok(drawn);
        }
        // Above the panel nothing can be covered. The price is height, so it comes second.
        let key = Key::above(self, inside.width())?;
        let above = self.panel(key.size().1 + KEY_GAP)?;
        let drawn = self.draw_in(&above, &key, true)?;
        Ok(drawn.expect("invariant: above the panel there is always room for the key"))
    }

    /// Draws it with the key in the panel or above it; nothing if the panel has
    /// no room for the key.
    fn draw_in(&self, panel: &Area, key: &Key, above: bool) -> Result<Option<Drawing>, DrawError> {
        let bottom = panel.bottom + AXIS_HEIGHT + risk_table::height(self)? + 4.0;
        let canvas = Rc::new(RefCell::new(Canvas::new(self.width, bottom)));
        canvas.borrow_mut().mark(self.mark);
        let chart = Chart::new(&canvas, panel, &self.x_axis(panel)?, Some(&y_axis()))?;
        if let Some(shade) = &self.shade {
            shade.draw(&mut canvas.borrow_mut(), &chart)?;
        }
        let traces = curves::draw(self, &chart)?;
        let place = if above {
            Some(self.above(panel, key))
        } else {
            labels::room_for_key(panel, key.size(), &traces)
        };
        let Some(place) = place else { return Ok(None) };
        key.draw(self, &mut canvas.borrow_mut(), &place);
        labels::draw(self, &mut canvas.borrow_mut(), panel, &traces, &place)?;
        self.axis_titles(&mut canvas.borrow_mut(), panel);
        risk_table::draw(self, &mut canvas.borrow_mut(), panel.bottom + AXIS_HEIGHT, &|time| {
            chart.place((time, 0.0)).0
        })?;
        let drawn = canvas.borrow().clone();
        drawn.finish().map(Some)
    }

    /// The place of a key above the panel: flush with the axis where it fits so.
    fn above(&self, panel: &Area, key: &Key) -> Area {
        let (width, height) = key.size();
        // A key wider than the panel moves left as far as it must.
        let left = panel.left.min(self.width - 2.0 - width).max(2.0);
        Area::at(left, panel.top - height - KEY_GAP, width, height)
    }

    /// The panel, where `above` points are taken by something above it.
    fn panel(&self, above: f64) -> Result<Area, DrawError> {
        let top = if self.mark.is_some() { 14.0 } else { 8.0 } + above;
        let below = AXIS_HEIGHT + risk_table::height(self)? + 4.0;
        // A height that was asked for is of the whole figure, so that the panel takes what the
        // table leaves.
        let height = self.height.map_or(PANEL_HEIGHT, |height| height - top - below);
        if height < SMALLEST_PANEL {
            let needed = top + SMALLEST_PANEL + below;
            return Err(DrawError::TooSmall {
                dimension: "high",
                found_mm: ((top + height + below) / POINTS_PER_MM).round() as u32,
                needed_mm: (needed / POINTS_PER_MM).ceil() as u32,
            });
        }
        // 46 points hold the numbers of the axis and its title.
        let left = risk_table::gutter(self)?.max(46.0);
        Ok(Area { left, top, right: self.width - 14.0, bottom: top + height })
    }

    fn ticks(&self) -> Vec<f64> {
        ticks(self.tick, self.end)
    }

    fn x_axis(&self, panel: &Area) -> Result<Axis, DrawError> {
        let ticks = self.ticks();
        let widest = self.widest_number()? + 5.0;
        // Counts under the axis stand at the ticks, so that the widest of them decides too.
        let room = (panel.width() / widest).floor() as usize + 1;
        if ticks.len() > room {
            return Err(DrawError::TooManyTicks {
                // As many as were asked for: the list of ticks itself stops at a thousand.
                count: last_tick(self.tick, self.end).saturating_add(1),
                room,
            });
        }
        let ticks = ticks.into_iter().map(|tick| (tick, axis_number(tick))).collect();
        Ok(Axis { range: 0.0..self.end, ticks })
    }

    fn widest_number(&self) -> Result<f64, DrawError> {
        let largest = self.curves.groups.iter().map(|group| group.n).max().unwrap_or(0);
        let number = width(&crate::format::count(largest), Face::Regular, risk_table::SIZE)?;
        Ok(number.max(width(&axis_number(self.end), Face::Regular, super::chart::TICK_SIZE)?))
    }

    fn axis_titles(&self, canvas: &mut Canvas, panel: &Area) {
        let title = Lettering::plain(TITLE_SIZE).anchored(Anchor::Middle);
        let middle = (panel.left + panel.right) / 2.0;
        canvas.text((middle, panel.bottom + 23.5), &self.x_label, &title);
        let x = panel.left - 31.0;
        canvas.text_upwards((x, (panel.top + panel.bottom) / 2.0), &self.y_label, &title);
    }
}

impl Shade {
    /// Draws it from the axis to the top, with its name at its foot: upright where
    /// the stretch is narrower than the name.
    fn draw(&self, canvas: &mut Canvas, chart: &Chart) -> Result<(), DrawError> {
        let ((left, bottom), (right, top)) =
            (chart.place((self.from, 0.0)), chart.place((self.to, 1.0)));
        // the axes are drawn already and stay in front
        let area = Area { left: left + 0.4, top, right, bottom: bottom - 0.4 };
        canvas.rectangle(&area, Some(SHADE), None);
        let length = width(&self.label, Face::Regular, SHADE_SIZE)?;
        let letters = muted(SHADE_SIZE);
        if length + 6.0 <= area.width() {
            canvas.text((area.left + 3.0, area.bottom - 4.0), &self.label, &letters);
        } else {
            let height = cap_height(Face::Regular, SHADE_SIZE);
            let baseline = (area.left + area.right + height) / 2.0;
            canvas.text_upwards((baseline, area.bottom - 4.0), &self.label, &letters);
        }
        Ok(())
    }
}

/// The colour of a shade: a grey that bands of any colour stand out from.
const SHADE: Colour = Colour(0xe4, 0xe6, 0xe9);
const SHADE_SIZE: f64 = 7.0;

/// How many ticks there would be after the one at 0.
fn last_tick(tick: f64, end: f64) -> usize {
    // 0.3 / 0.1 is a little less than 3 in doubles, and 3 has its tick.
    (end / tick + 1e-9).floor() as usize
}

/// Ticks in units, from 0 to the end; no more than any page has room for.
#[must_use]
pub fn ticks(tick: f64, end: f64) -> Vec<f64> {
    // A tick of a billionth would otherwise fill the memory before it can be refused.
    (0..=last_tick(tick, end).min(1000)).map(|place| place as f64 * tick).collect()
}

fn y_axis() -> Axis {
    // Always from 0 to 1: an axis that is cut off makes a small difference look large.
    let ticks = [0.0, 0.25, 0.5, 0.75, 1.0].map(|tick| (tick, number(tick, 2)));
    Axis { range: 0.0..1.0, ticks: ticks.to_vec() }
}

/// A sample of a group's line before its name.
fn swatch(canvas: &mut Canvas, group: usize, left: f64, middle: f64) {
    canvas.line((left, middle), (left + SWATCH, middle), &Pen::of_group(group));
}

const SWATCH: f64 = 17.0;

fn muted(size: f64) -> Lettering {
    Lettering::plain(size).coloured(MUTED)
}

#[cfg(test)]
mod tests;
