//! Series on a plane: each look by the same few shapes.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Datum, Look, Panel, Series, Shape};
use crate::draw::chart::Chart;
use crate::draw::{Area, Canvas, Colour, DrawError, Pen};

/// Opacity of the filling of pale bars.
pub(super) const PALE: f64 = 0.25;
/// Width of the edge of pale bars.
pub(super) const EDGE: f64 = 0.8;
const WHITE: Colour = Colour(255, 255, 255);

/// Draws a series.
pub(super) fn draw(
    canvas: &Rc<RefCell<Canvas>>,
    chart: &Chart,
    panel: &Panel,
    series: &Series,
) -> Result<(), DrawError> {
    // what lies beyond the upright axis stands at its edge
    let (low, high) = panel.y.ends;
    let place = |x: f64, y: f64| (panel.x.place(x), panel.y.place(y.clamp(low, high)));
    let on_canvas = |x: f64, y: f64| chart.place(place(x, y));
    let upper = |datum: &Datum| datum.y_to.unwrap_or(datum.y);
    let data = &series.data;
    match series.look {
        Look::Line(pen) => {
            let way: Vec<(f64, f64)> = data.iter().map(|one| place(one.x, one.y)).collect();
            chart.line(&way, &pen)
        }
        Look::Steps(pen) => {
            let way = steps(data, |one| one.y);
            chart.line(&way.iter().map(|(x, y)| place(*x, *y)).collect::<Vec<_>>(), &pen)
        }
        // There along the lower edge and back along the upper one.
        Look::Band(fill, opacity) => {
            let there = data.iter().map(|one| place(one.x, one.y));
            let back = data.iter().rev().map(|one| place(one.x, upper(one)));
            filled(chart, &there.chain(back).collect::<Vec<_>>(), fill, opacity)
        }
        Look::StepBand(fill, opacity) => {
            let there = steps(data, |one| one.y).into_iter();
            let back = steps(data, upper).into_iter().rev();
            let corners: Vec<(f64, f64)> = there.chain(back).map(|(x, y)| place(x, y)).collect();
            filled(chart, &corners, fill, opacity)
        }
        Look::Points(shape, colour) => {
            for one in data {
                point(&mut canvas.borrow_mut(), on_canvas(one.x, one.y), shape, colour);
            }
            Ok(())
        }
        Look::Interval(pen) => data.iter().try_for_each(|one| {
            let to = (one.x_to.unwrap_or(one.x), upper(one));
            chart.line(&[place(one.x, one.y), place(to.0, to.1)], &pen)
        }),
        Look::Bars(fill) | Look::PaleBars(fill) => {
            for one in data {
                let (a, b) =
                    (on_canvas(one.x, one.y), on_canvas(one.x_to.unwrap_or(one.x), upper(one)));
                let area = Area {
                    left: a.0.min(b.0),
                    right: a.0.max(b.0),
                    top: a.1.min(b.1),
                    bottom: a.1.max(b.1),
                };
                bar(&mut canvas.borrow_mut(), &area, series.look, fill);
            }
            Ok(())
        }
    }
}

/// A way that keeps its height until the next place.
fn steps(data: &[Datum], height: impl Fn(&Datum) -> f64) -> Vec<(f64, f64)> {
    let mut way: Vec<(f64, f64)> = Vec::new();
    for one in data {
        if let Some((_, before)) = way.last().copied() {
            // The level holds until the next time, as an estimate that changes at events does.
            way.push((one.x, before));
        }
        way.push((one.x, height(one)));
    }
    way
}

fn filled(
    chart: &Chart,
    corners: &[(f64, f64)],
    fill: Colour,
    opacity: f64,
) -> Result<(), DrawError> {
    if corners.len() > 2 { chart.band(corners, fill, opacity) } else { Ok(()) }
}

fn bar(canvas: &mut Canvas, area: &Area, look: Look, fill: Colour) {
    if area.height() <= 0.0 || area.width() <= 0.0 {
        return;
    }
    match look {
        Look::PaleBars(_) => {
            canvas.polygon(&corners(area), fill, PALE);
            // The edge is drawn inside, so that neighbours do not cover each other's.
            canvas.rectangle(&area.grown(-EDGE / 2.0), None, Some(&Pen::solid(fill, EDGE)));
        }
        _ => canvas.rectangle(area, Some(fill), None),
    }
}

/// The corners of a rectangle.
pub(super) fn corners(area: &Area) -> [(f64, f64); 4] {
    [
        (area.left, area.top),
        (area.right, area.top),
        (area.right, area.bottom),
        (area.left, area.bottom),
    ]
}

/// A shape about a place.
pub(super) fn point(canvas: &mut Canvas, (x, y): (f64, f64), shape: Shape, colour: Colour) {
    let square = |half: f64| Area::at(x - half, y - half, 2.0 * half, 2.0 * half);
    match shape {
        Shape::Disc => canvas.disc((x, y), 2.0, colour, 1.0),
        Shape::Ring => {
            canvas.disc((x, y), 2.2, colour, 1.0);
            // White inside and not empty: a line behind a ring would make it a disc with a stroke.
            canvas.disc((x, y), 1.4, WHITE, 1.0);
        }
        Shape::Square => canvas.rectangle(&square(1.9), Some(colour), None),
        Shape::Frame => {
            canvas.rectangle(&square(1.8), Some(WHITE), Some(&Pen::solid(colour, 0.8)));
        }
        Shape::Triangle => {
            let corners = [(x, y - 2.7), (x + 2.5, y + 1.7), (x - 2.5, y + 1.7)];
            canvas.polygon(&corners, colour, 1.0);
        }
        Shape::Diamond => {
            let corners = [(x, y - 2.9), (x + 2.5, y), (x, y + 2.9), (x - 2.5, y)];
            canvas.polygon(&corners, colour, 1.0);
        }
    }
}
