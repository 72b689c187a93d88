//! A plane with axes, by plotters: where a value lies on the canvas, and the
//! lines and bands on it.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{
    KeyPointHint, KeyPointWeight, NoDefaultFormatting, Ranged, ValueFormatter,
};
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::Polygon;
use plotters::series::LineSeries;
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::backend::{Backend, UNITS_PER_POINT};
use super::{Area, Canvas, Colour, DrawError, INK, Pen};

/// Size of the numbers on an axis.
pub(super) const TICK_SIZE: f64 = 7.5;
const TICK_LENGTH: f64 = 3.0;

type Plane = Cartesian2d<Axis, Axis>;

/// One axis: its range, and its ticks with what stands at them.
#[derive(Clone)]
pub(super) struct Axis {
    pub(super) range: Range<f64>,
    pub(super) ticks: Vec<(f64, String)>,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        // Places follow from the range, and ticks are those of the figure: nothing is left to
        // plotters.
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight() {
            KeyPointWeight::Bold => self.ticks.iter().map(|(value, _)| *value).collect(),
            // plotters asks for light points to draw a fine mesh between the bold ones. There is
            // none.
            KeyPointWeight::Any => Vec::new(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        // Equal to the bit: plotters hands back the number that it was given as a key point.
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

/// A plane over a panel of the canvas.
pub(super) struct Chart {
    canvas: Rc<RefCell<Canvas>>,
    plane: DrawingArea<Backend, Plane>,
}

impl Chart {
    /// Draws the axes of a panel; without a `y` axis only the lower one.
    pub(super) fn new(
        canvas: &Rc<RefCell<Canvas>>,
        panel: &Area,
        x: &Axis,
        y: Option<&Axis>,
    ) -> Result<Self, DrawError> {
        let whole = Axis { range: 0.0..1.0, ticks: Vec::new() };
        let upright = y.unwrap_or(&whole);
        // plotters wants its own room for numbers inside the area. The area is made larger by it,
        // so that the plane itself comes to lie where the layout said.
        let gutter = 30.0;
        let root = Backend::on(canvas).into_drawing_area();
        let area = root.shrink(
            (units(panel.left - gutter), units(panel.top)),
            (units(panel.width() + gutter), units(panel.height() + gutter)),
        );
        let mut builder = ChartBuilder::on(&area);
        builder
            .set_label_area_size(LabelAreaPosition::Left, units(gutter))
            .set_label_area_size(LabelAreaPosition::Bottom, units(gutter));
        let mut chart = builder
            .build_cartesian_2d(x.clone(), upright.clone())
            .map_err(|error| DrawError::Chart(error.to_string()))?;
        let mut mesh = chart.configure_mesh();
        mesh.disable_mesh()
            .axis_style(style(&Pen::solid(INK, 0.7)))
            .label_style(numbers())
            .set_tick_mark_size(LabelAreaPosition::Left, units(TICK_LENGTH))
            .set_tick_mark_size(LabelAreaPosition::Bottom, units(TICK_LENGTH));
        if y.is_none() {
            mesh.disable_y_axis();
        }
        mesh.draw().map_err(|error| DrawError::Chart(error.to_string()))?;
        Ok(Self { canvas: Rc::clone(canvas), plane: chart.plotting_area().clone() })
    }

    /// Where a value lies on the canvas.
    pub(super) fn place(&self, value: (f64, f64)) -> (f64, f64) {
        let (x, y) = self.plane.map_coordinate(&value);
        (f64::from(x) / UNITS_PER_POINT, f64::from(y) / UNITS_PER_POINT)
    }

    /// A line through values.
    pub(super) fn line(&self, values: &[(f64, f64)], pen: &Pen) -> Result<(), DrawError> {
        // plotters knows no dashes: while the line is drawn, the backend asks the canvas.
        self.canvas.borrow_mut().chart_pen = Some(*pen);
        // plotters' own dashed lines are cut into many paths, which a drawing program could not
        // select as one.
        let series = LineSeries::new(values.iter().copied(), style(pen));
        let drawn = series.into_iter().try_for_each(|element| self.plane.draw(&element));
        self.canvas.borrow_mut().chart_pen = None;
        drawn.map_err(|error| DrawError::Chart(error.to_string()))
    }

    /// A filled shape between values.
    pub(super) fn band(
        &self,
        corners: &[(f64, f64)],
        fill: Colour,
        opacity: f64,
    ) -> Result<(), DrawError> {
        let shape = Polygon::new(corners.to_vec(), colour(fill).mix(opacity));
        self.plane.draw(&shape).map_err(|error| DrawError::Chart(error.to_string()))
    }
}

fn units(points: f64) -> i32 {
    (points * UNITS_PER_POINT).round() as i32
}

fn colour(colour: Colour) -> RGBColor {
    RGBColor(colour.0, colour.1, colour.2)
}

fn style(pen: &Pen) -> ShapeStyle {
    ShapeStyle::from(colour(pen.colour)).stroke_width(units(pen.width).unsigned_abs())
}

fn numbers() -> TextStyle<'static> {
    // The name is never looked up: the backend sets every text by the bundled font.
    ("Inter", TICK_SIZE * UNITS_PER_POINT).into_font().color(&colour(INK))
}
