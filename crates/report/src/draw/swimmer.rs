//! A swimmer plot: a line per patient along time, with bars of what lasted and
//! marks of what happened.

use std::cell::RefCell;
use std::rc::Rc;

use study::{PatientCourse, Strip};

use super::chart::{Axis, Chart};
use super::font::width;
use super::legend::{self, Legend, Sign};
use super::patterns::arrow;
use super::{
    Anchor, Area, Canvas, DrawError, Drawing, Face, Fill, Glyph, INK, Lettering, MUTED, Pen, RULE,
    ticks,
};
use crate::format::axis_number;

const SIZE: f64 = 6.5;
const PITCH: f64 = 7.4;
const HEADING: f64 = 13.0;
const STRIP: f64 = 8.0;
const BAR: f64 = 4.6;
// Bars of later kinds lie over the first and are a little higher, so that both are seen.
const HATCHED_BAR: f64 = 5.8;
const NARROWEST_BAR: f64 = 1.8;
/// A longer label of a strip does not stand over it.
const LONGEST_HEADING: f64 = 40.0;
/// Every so many lines have their number beside them.
const NUMBERED: usize = 5;

/// A line of the plot.
#[derive(Debug, Clone, PartialEq)]
pub enum Lane<'a> {
    /// What the patients below have in common.
    Heading(String),
    /// A patient with the number of the line.
    Patient(usize, &'a PatientCourse),
}

/// A swimmer plot, or a part of one.
#[derive(Debug, Clone)]
pub struct SwimmerPlot<'a> {
    /// The lines from above.
    pub lanes: Vec<Lane<'a>>,
    /// The bars in words.
    pub bars: Vec<String>,
    /// The marks in words.
    pub marks: Vec<String>,
    /// The strips beside the lines.
    pub strips: &'a [Strip],
    /// What stands over each strip, where that is shorter than its label.
    pub strip_names: Vec<Option<String>>,
    /// The bar until whose first day a line runs, with what the line means.
    pub waiting: Option<(usize, String)>,
    /// What the thin line shows.
    pub follow_up: String,
    /// Days in a unit of the axis.
    pub days_per_unit: f64,
    /// Units between two ticks.
    pub tick: f64,
    /// End of the axis in units.
    pub end: f64,
    /// What the axis shows.
    pub x_label: String,
    /// Whether a line stands at every tick.
    pub gridlines: bool,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

impl SwimmerPlot<'_> {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the ticks do not fit.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let panel = self.panel()?;
        let legend = self.legend()?;
        let room = self.width - 4.0;
        let below = panel.bottom + 31.0;
        let height = below + legend::height(&legend, room)? + 2.0;
        let canvas = Rc::new(RefCell::new(Canvas::new(self.width, height)));
        canvas.borrow_mut().mark(self.mark);
        // Behind all bars, and so before the chart.
        self.grid(&mut canvas.borrow_mut(), &panel);
        let chart = Chart::new(&canvas, &panel, &self.axis(&panel)?, None)?;
        let x = |days: f64| chart.place((days / self.days_per_unit, 0.0)).0;
        let mut canvas_now = canvas.borrow_mut();
        self.headings(&mut canvas_now, &panel)?;
        let mut top = panel.top;
        for lane in &self.lanes {
            top += match lane {
                Lane::Heading(text) => {
                    let lettering = Lettering::plain(7.5).bold();
                    // It stands on the gridlines.
                    canvas_now.haloed_text((panel.left + 3.0, top + 9.8), text, &lettering);
                    HEADING
                }
                Lane::Patient(number, course) => {
                    self.lane(&mut canvas_now, (*number, course), &panel, top + PITCH / 2.0, &x);
                    PITCH
                }
            };
        }
        let title = Lettering::plain(8.0).anchored(Anchor::Middle);
        let middle = (panel.left + panel.right) / 2.0;
        canvas_now.text((middle, panel.bottom + 23.5), &self.x_label, &title);
        legend::draw(&mut canvas_now, (2.0, below), room, &legend)?;
        drop(canvas_now);
        let drawn = canvas.borrow().clone();
        drawn.finish()
    }

    fn panel(&self) -> Result<Area, DrawError> {
        let mut above: f64 = if self.mark.is_some() { 14.0 } else { 6.0 };
        for place in 0..self.strips.len() {
            // Headings stand upright, so that their length is a height.
            above = above.max(width(&self.strip_heading(place)?, Face::Regular, SIZE)? + 7.0);
        }
        // Room for three digits always: parts of one figure are equally wide, whatever lines they
        // hold.
        let numbers = width("999", Face::Regular, SIZE)?;
        let left = 2.0 + numbers + 4.0 + self.strips.len() as f64 * STRIP + 4.0;
        let height: f64 = (self.lanes.iter())
            .map(|lane| if matches!(lane, Lane::Heading(_)) { HEADING } else { PITCH })
            .sum();
        Ok(Area { left, top: above, right: self.width - 14.0, bottom: above + height + 3.0 })
    }

    fn axis(&self, panel: &Area) -> Result<Axis, DrawError> {
        let marks = ticks(self.tick, self.end);
        let widest = width(&axis_number(self.end), Face::Regular, super::chart::TICK_SIZE)? + 5.0;
        let room = (panel.width() / widest).floor() as usize + 1;
        if marks.len() > room {
            return Err(DrawError::TooManyTicks { count: marks.len(), room });
        }
        let marks = marks.into_iter().map(|tick| (tick, axis_number(tick))).collect();
        Ok(Axis { range: 0.0..self.end, ticks: marks })
    }

    fn grid(&self, canvas: &mut Canvas, panel: &Area) {
        let pen = Pen { opacity: 0.45, ..Pen::solid(RULE, 0.4) };
        let lines: Vec<[(f64, f64); 2]> = (ticks(self.tick, self.end).into_iter())
            .map(|tick| panel.left + tick / self.end * panel.width())
            .map(|x| [(x, panel.top), (x, panel.bottom)])
            .collect();
        if self.gridlines {
            canvas.lines(&lines, &pen);
        }
        canvas.line((panel.left, panel.top), (panel.left, panel.bottom), &Pen::solid(INK, 0.7));
    }

    /// The names of the strips, upright over them.
    fn headings(&self, canvas: &mut Canvas, panel: &Area) -> Result<(), DrawError> {
        for place in 0..self.strips.len() {
            let x = self.strip_left(panel, place) + STRIP / 2.0 + 2.0;
            let lettering = Lettering::plain(SIZE);
            canvas.text_upwards((x, panel.top - 3.0), &self.strip_heading(place)?, &lettering);
        }
        Ok(())
    }

    /// What stands over a strip: its own name, its label where that is short, or
    /// a letter that the legend explains.
    fn strip_heading(&self, place: usize) -> Result<String, DrawError> {
        let strip = &self.strips[place];
        let own = self.strip_names.get(place).cloned().flatten();
        let fits = width(&strip.label, Face::Regular, SIZE)? <= LONGEST_HEADING;
        let letter = || char::from(b'a' + (place % 26) as u8).to_string();
        Ok(own.unwrap_or_else(|| if fits { strip.label.clone() } else { letter() }))
    }

    fn strip_left(&self, panel: &Area, place: usize) -> f64 {
        panel.left - 4.0 - (self.strips.len() - place) as f64 * STRIP
    }

    fn lane(
        &self,
        canvas: &mut Canvas,
        (number, course): (usize, &PatientCourse),
        panel: &Area,
        middle: f64,
        x: &dyn Fn(f64) -> f64,
    ) {
        // A number at every line would be as dense as the lines themselves. The file has one for
        // each.
        if number.is_multiple_of(NUMBERED) {
            let lettering = Lettering::plain(SIZE).coloured(MUTED).anchored(Anchor::End);
            let right = self.strip_left(panel, 0) - 3.0;
            canvas.text_centred((right, middle), &number.to_string(), &lettering);
        }
        for (place, (strip, level)) in self.strips.iter().zip(&course.strips).enumerate() {
            let left = self.strip_left(panel, place);
            let cell = Area::at(left, middle - BAR / 2.0 - 0.6, STRIP - 1.4, BAR + 1.2);
            strip_cell(canvas, &cell, *level, strip.levels.len());
        }
        let right = |days: f64| x(days).min(panel.right);
        let end = right(course.end_days);
        canvas.line((x(0.0), middle), (end, middle), &Pen::solid(MUTED, 0.8));
        for bar in course.bars.iter().filter(|bar| x(bar.from_days) < panel.right) {
            let fill = Fill::of_bar(bar.bar);
            let high = if bar.bar == 0 { BAR } else { HATCHED_BAR };
            // What began before time zero is drawn from there on.
            let from = x(bar.from_days.max(0.0));
            let last = bar.to_days.unwrap_or(bar.from_days);
            // A course of one day, or one whose end is unknown, must be seen.
            let to = right(last).max(from + NARROWEST_BAR);
            // A course that ended before time zero lies outside the figure.
            if last >= 0.0 {
                fill.draw(canvas, &Area::at(from, middle - high / 2.0, to - from, high));
            }
        }
        let first = self.waiting.as_ref().and_then(|(waited, _)| {
            course.bars.iter().find(|bar| bar.bar == *waited).map(|bar| bar.from_days)
        });
        if let Some(days) = first.filter(|days| *days > 0.0) {
            // Dark over the thin line: this is the time during which nobody of the group could have
            // died, which the figure is to show.
            canvas.line((x(0.0), middle), (right(days), middle), &Pen::solid(INK, 1.3));
        }
        if let Some(bar) = course.bars.iter().find(|bar| bar.goes_on) {
            // Behind the end of follow-up: treatment went on when the patient was last seen.
            arrow(canvas, (end + 0.6, middle), Fill::of_bar(bar.bar).colour.for_letters());
        }
        for mark in course.marks.iter().filter(|mark| mark.days >= 0.0) {
            if x(mark.days) <= panel.right {
                Glyph::of(mark.mark).draw(canvas, (x(mark.days), middle), 2.9);
            }
        }
    }

    fn legend(&self) -> Result<Legend, DrawError> {
        let fills = self.bars.iter().enumerate();
        let mut signs: Vec<(Sign, String)> =
            fills.map(|(place, label)| (Sign::Fill(Fill::of_bar(place)), label.clone())).collect();
        let goes_on = |place: usize| {
            let lanes = self.lanes.iter();
            lanes
                .filter_map(|lane| if let Lane::Patient(_, own) = lane { Some(own) } else { None })
                .any(|own| own.bars.iter().any(|bar| bar.bar == place && bar.goes_on))
        };
        for (place, label) in self.bars.iter().enumerate().filter(|(place, _)| goes_on(*place)) {
            let colour = Fill::of_bar(place).colour.for_letters();
            signs.push((Sign::Arrow(colour), format!("{label} goes on")));
        }
        let mut times: Vec<(Sign, String)> = Vec::new();
        times.extend(
            self.waiting.iter().map(|(_, label)| (Sign::Line(Pen::solid(INK, 1.3)), label.clone())),
        );
        times.push((Sign::Line(Pen::solid(MUTED, 0.8)), self.follow_up.clone()));
        let marks = self.marks.iter().enumerate();
        let marks = marks.map(|(place, label)| (Sign::Glyph(Glyph::of(place)), label.clone()));
        let mut lines = vec![signs, times, marks.collect()];
        for (place, strip) in self.strips.iter().enumerate() {
            let heading = self.strip_heading(place)?;
            let label = match strip.label.contains(&heading) && heading.len() > 1 {
                true => strip.label.clone(),
                false => format!("{heading}: {}", strip.label),
            };
            let mut strips = vec![(Sign::Heading, label)];
            let n = strip.levels.len();
            strips.extend(
                strip.levels.iter().enumerate().map(|(place, level)| {
                    (Sign::Fill(Fill::of_step(place, n)), level.label.clone())
                }),
            );
            lines.push(strips);
        }
        Ok(lines)
    }
}

/// A level as a step of grey; where it is missing, a line through white.
fn strip_cell(canvas: &mut Canvas, cell: &Area, level: Option<usize>, levels: usize) {
    match level {
        Some(level) => {
            canvas.rectangle(cell, Some(Fill::of_step(level, levels).colour), None);
        }
        None => {
            let pen = Pen::solid(RULE, 0.5);
            canvas.line((cell.left, cell.bottom), (cell.right, cell.top), &pen);
        }
    }
    canvas.rectangle(cell, None, Some(&Pen::solid(RULE, 0.3)));
}

#[cfg(test)]
mod tests;
