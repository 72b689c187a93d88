//! Figures of panels: rows of planes with axes of their own, and on them series
//! of numbers as lines, steps, bands, points and bars. The numbers that are drawn
//! are kept by series, so that they can be written beside the drawing.

mod key;
mod layout;
mod marks;
mod sides;

use std::cell::RefCell;
use std::rc::Rc;

use self::layout::Placed;
use super::chart::{Axis, Chart};
use super::{Anchor, Area, Canvas, Colour, DrawError, Drawing, Lettering, MUTED, Pen};

/// Size of titles of axes.
const TITLE_SIZE: f64 = 7.5;
/// Size of notes, of names of rows and of numbers under an axis.
const NOTE_SIZE: f64 = 7.0;
const NOTE_LEADING: f64 = 9.2;

/// A figure of panels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PanelFigure {
    /// Rows of panels from above.
    pub rows: Vec<PanelRow>,
    /// What the looks mean, above the panels.
    pub key: Vec<KeyEntry>,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

/// Panels side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelRow {
    /// Height of the planes in points.
    pub height: f64,
    /// The panels from the left.
    pub panels: Vec<Panel>,
}

/// A plane with its axes and what is drawn on it. Values are those that the axes
/// show, also on a logarithmic axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// Its letter, where there are several.
    pub letter: String,
    /// What it shows, in bold above it.
    pub heading: String,
    /// Lines under the heading.
    pub notes: Vec<String>,
    /// What looks mean that this panel alone has, under its notes.
    pub key: Vec<KeyEntry>,
    /// Its part of the width beside those of the other panels of the row.
    pub share: f64,
    /// The axis below.
    pub x: Scale,
    /// The axis at the left.
    pub y: Scale,
    /// Names at the left of places of the upright axis, in place of its ticks.
    pub row_names: Vec<(f64, String)>,
    /// What is drawn, from the back to the front.
    pub series: Vec<Series>,
    /// Rows of a table under the axis.
    pub below: Vec<BelowRow>,
    /// What values below and above 1 speak for, at the lower and the upper end of the
    /// upright axis inside the plane.
    pub favours: Option<[String; 2]>,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// What it shows.
    pub title: String,
    /// Its ends.
    pub ends: (f64, f64),
    /// Where ticks are, and what stands at them.
    pub ticks: Vec<(f64, String)>,
    /// Whether equal ratios are equally long.
    pub is_logarithmic: bool,
    /// Where some values lie on an axis that is neither; others between two of them
    /// by the straight line.
    pub places: Vec<(f64, f64)>,
}

/// Numbers that are drawn in one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What they are; empty for guides, which are no data.
    pub name: String,
    /// How they are drawn.
    pub look: Look,
    /// The numbers in order.
    pub data: Vec<Datum>,
}

/// How numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// A line from (x, y) to the next.
    Line(Pen),
    /// A line that keeps its height until the next x.
    Steps(Pen),
    /// A filled band from y to `y_to`.
    Band(Colour, f64),
    /// The same, keeping its height until the next x.
    StepBand(Colour, f64),
    /// A shape at (x, y).
    Points(Shape, Colour),
    /// A line from (x, y) to (x, `y_to`) or (`x_to`, y), whichever is given.
    Interval(Pen),
    /// A bar from (x, y) to (`x_to`, `y_to`), filled.
    Bars(Colour),
    /// The same, pale with a dark edge.
    PaleBars(Colour),
}

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A filled circle.
    Disc,
    /// An open circle.
    Ring,
    /// A filled square.
    Square,
    /// A filled triangle, its tip above.
    Triangle,
    /// A filled diamond.
    Diamond,
    /// An open square.
    Frame,
}

/// One number, or a stretch of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Datum {
    /// Where it begins on the axis below.
    pub x: f64,
    /// Where it ends there.
    pub x_to: Option<f64>,
    /// Where it begins on the axis at the left.
    pub y: f64,
    /// Where it ends there.
    pub y_to: Option<f64>,
}

/// A row of the table under an axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BelowRow {
    /// What it counts; nothing where the panel at its left says so.
    pub name: String,
    /// The look before its name, of a row that is a heading.
    pub look: Option<Look>,
    /// Its numbers, each with its place on the axis.
    pub cells: Vec<(f64, String)>,
    /// Whether it is secondary.
    pub is_muted: bool,
}

/// What some looks mean.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyEntry {
    /// The looks, one over the other.
    pub looks: Vec<Look>,
    /// Their meaning.
    pub text: String,
}

impl Default for Scale {
    fn default() -> Self {
        Self::linear("", (0.0, 1.0), Vec::new())
    }
}

impl Scale {
    /// An axis on which equal differences are equally long.
    #[must_use]
    pub fn linear(title: &str, ends: (f64, f64), ticks: Vec<(f64, String)>) -> Self {
        Self { title: title.to_owned(), ends, ticks, is_logarithmic: false, places: Vec::new() }
    }

    /// An axis on which equal ratios are equally long.
    #[must_use]
    pub fn logarithmic(title: &str, ends: (f64, f64), ticks: Vec<(f64, String)>) -> Self {
        Self { is_logarithmic: true, ..Self::linear(title, ends, ticks) }
    }

    /// Where a value lies, on a scale on which equal differences are equally long.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        match self.places.as_slice() {
            // Two places at least make a scale. One alone says nothing of the others.
            [] | [_] if self.is_logarithmic => libm::log(value),
            [] | [_] => value,
            places => {
                let after = places.partition_point(|(known, _)| *known < value);
                let after = after.clamp(1, places.len() - 1);
                let ((x0, y0), (x1, y1)) = (places[after - 1], places[after]);
                // What lies beyond the known places stands at the outer one: nothing tells how the
                // scale goes on.
                y0 + (y1 - y0) * ((value - x0) / (x1 - x0)).clamp(0.0, 1.0)
            }
        }
    }

    fn axis(&self) -> Axis {
        let ticks = self.ticks.iter().map(|(tick, text)| (self.place(*tick), text.clone()));
        Axis { range: self.place(self.ends.0)..self.place(self.ends.1), ticks: ticks.collect() }
    }
}

impl Datum {
    /// A point.
    #[must_use]
    pub fn at(x: f64, y: f64) -> Self {
        Self { x, y, ..Self::default() }
    }

    /// A stretch of the upright axis.
    #[must_use]
    pub fn between(x: f64, y: f64, y_to: f64) -> Self {
        Self { x, y, y_to: Some(y_to), ..Self::default() }
    }

    /// A rectangle.
    #[must_use]
    pub fn rectangle((x, x_to): (f64, f64), (y, y_to): (f64, f64)) -> Self {
        Self { x, y, x_to: Some(x_to), y_to: Some(y_to) }
    }
}

impl Series {
    /// A series of data.
    #[must_use]
    pub fn new(name: &str, look: Look, data: Vec<Datum>) -> Self {
        Self { name: name.to_owned(), look, data }
    }

    /// An upright guide over a whole axis.
    #[must_use]
    pub fn upright(x: f64, scale: &Scale, pen: Pen) -> Self {
        let ends = [scale.ends.0, scale.ends.1].map(|y| Datum::at(x, y));
        Self::new("", Look::Line(pen), ends.into())
    }

    /// A guide over a whole axis, from its left to its right.
    #[must_use]
    pub fn level(y: f64, scale: &Scale, pen: Pen) -> Self {
        let ends = [scale.ends.0, scale.ends.1].map(|x| Datum::at(x, y));
        Self::new("", Look::Line(pen), ends.into())
    }
}

impl PanelFigure {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the figure is too narrow.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let first = if self.mark.is_some() { 14.0 } else { 8.0 };
        let key = key::lines(&self.key, self.width - 4.0)?;
        let top = first + key::height(&key);
        // Placed before the canvas is made, as only then its height is known.
        let (placed, bottom) = layout::place(self, top)?;
        let canvas = Rc::new(RefCell::new(Canvas::new(self.width, bottom)));
        canvas.borrow_mut().mark(self.mark);
        key::draw(&mut canvas.borrow_mut(), &key, (2.0, first));
        for one in &placed {
            draw_panel(&canvas, one)?;
        }
        let drawn = canvas.borrow().clone();
        drawn.finish()
    }
}

fn draw_panel(canvas: &Rc<RefCell<Canvas>>, placed: &Placed<'_>) -> Result<(), DrawError> {
    let (panel, plane) = (placed.panel, &placed.plane);
    let [x, y] = panel.axes(plane);
    let chart = Chart::new(canvas, plane, &x, Some(&y))?;
    for series in &panel.series {
        // Later series lie over earlier ones. Kinds hand over bands first.
        marks::draw(canvas, &chart, panel, series)?;
    }
    let mut canvas = canvas.borrow_mut();
    let heading = Lettering::plain(TITLE_SIZE).bold();
    // The letter stands at the left end of all that belongs to the panel, and not at its plane,
    // whose left end differs.
    canvas.text((placed.left, placed.top + 6.0), &panel.letter, &heading);
    for (line, text) in placed.heading.iter().enumerate() {
        let baseline = placed.top + 6.0 + NOTE_LEADING * line as f64;
        canvas.text((placed.left + placed.indent, baseline), text, &heading);
    }
    let notes = placed.top + 6.0 + NOTE_LEADING * placed.heading.len() as f64;
    for (line, note) in placed.notes.iter().enumerate() {
        let baseline = notes + NOTE_LEADING * line as f64;
        canvas.text((placed.left, baseline), note, &Lettering::plain(NOTE_SIZE));
    }
    let key = notes - 6.0 + NOTE_LEADING * placed.notes.len() as f64;
    key::draw(&mut canvas, &placed.key, (placed.left, key));
    titles(&mut canvas, panel, plane);
    sides::draw(&mut canvas, &chart, (panel, plane))?;
    for (place, name) in &panel.row_names {
        let middle = chart.place((panel.x.place(panel.x.ends.0), panel.y.place(*place))).1;
        let letters = Lettering::plain(NOTE_SIZE).anchored(Anchor::End);
        canvas.text_centred((plane.left - 6.0, middle), name, &letters);
    }
    below(&mut canvas, placed, &|x| {
        chart.place((panel.x.place(x), panel.y.place(panel.y.ends.0))).0
    });
    Ok(())
}

/// How far points keep from the ends of an axis, so that none is cut there or lies on it.
const INSET: f64 = 4.0;

impl Panel {
    /// Both axes, going on beyond their ends where a point stands at one.
    fn axes(&self, plane: &Area) -> [Axis; 2] {
        let is_points = |series: &&Series| matches!(series.look, Look::Points(..));
        let points = || self.series.iter().filter(is_points).flat_map(|series| &series.data);
        let along = points().map(|one| one.x).collect::<Vec<_>>();
        let upright = points().map(|one| one.y).collect::<Vec<_>>();
        [self.x.axis_for(&along, plane.width()), self.y.axis_for(&upright, plane.height())]
    }
}

impl Scale {
    /// The axis on so many points of the page, with room where one of these values is at an end.
    fn axis_for(&self, values: &[f64], length: f64) -> Axis {
        let axis = self.axis();
        let (from, to) = (axis.range.start, axis.range.end);
        let (low, high) = (self.ends.0.min(self.ends.1), self.ends.0.max(self.ends.1));
        let near = |end: f64| {
            let away = |value: &f64| (self.place(value.clamp(low, high)) - end).abs();
            let nearest = values.iter().map(away).fold(f64::INFINITY, f64::min);
            nearest < INSET / length * (to - from).abs()
        };
        let [before, after] = [near(from), near(to)].map(|is| if is { INSET } else { 0.0 });
        let scale = (to - from) / (length - before - after);
        Axis { range: from - before * scale..to + after * scale, ..axis }
    }
}

fn titles(canvas: &mut Canvas, panel: &Panel, plane: &Area) {
    let title = Lettering::plain(TITLE_SIZE).anchored(Anchor::Middle);
    let middle = ((plane.left + plane.right) / 2.0, (plane.top + plane.bottom) / 2.0);
    if !panel.x.title.is_empty() {
        canvas.text((middle.0, plane.bottom + layout::AXIS), &panel.x.title, &title);
    }
    if !panel.y.title.is_empty() {
        canvas.text_upwards((plane.left - layout::UPRIGHT_TITLE, middle.1), &panel.y.title, &title);
    }
}

fn below(canvas: &mut Canvas, placed: &Placed<'_>, place: &dyn Fn(f64) -> f64) {
    let mut y = placed.plane.bottom + placed.axis;
    for row in &placed.panel.below {
        y += NOTE_LEADING;
        let plain = Lettering::plain(NOTE_SIZE);
        let letters = if row.is_muted { plain.coloured(MUTED) } else { plain };
        match row.look {
            Some(look) => {
                key::sample(canvas, look, placed.left, y - 2.5);
                let name = (placed.left + key::SWATCH + 4.0, y);
                canvas.text(name, &row.name, &letters.bold());
            }
            None => canvas.text((placed.left, y), &row.name, &letters),
        }
        for (x, text) in &row.cells {
            // Centred under its tick, so that a number is read at the time that it is of.
            canvas.text((place(*x), y), text, &letters.anchored(Anchor::Middle));
        }
    }
}

#[cfg(test)]
mod tests;
