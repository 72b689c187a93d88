//! What values below and above 1 speak for, in the plane: where nothing is drawn.

use super::{Look, MUTED, NOTE_SIZE, Panel, Series};
use crate::draw::chart::Chart;
use crate::draw::font::{cap_height, width};
use crate::draw::{Anchor, Area, Canvas, DrawError, Face, Lettering};

/// How far the words keep from what is drawn.
const APART: f64 = 2.0;
/// How far letters reach below their baseline.
const DESCENT: f64 = 1.8;
/// From one place that is tried to the next.
const STEP: f64 = 4.0;
/// How densely lines and bands are looked at.
const FINE: f64 = 1.5;
/// Half the width of a point.
const POINT: f64 = 2.9;

/// Sets the words at the lower and the upper end of the plane, each as far to the right as it
/// stands on nothing that is drawn; where there is no such place, at the right with a halo.
pub(super) fn draw(
    canvas: &mut Canvas,
    chart: &Chart,
    (panel, plane): (&Panel, &Area),
) -> Result<(), DrawError> {
    let Some(favours) = &panel.favours else { return Ok(()) };
    let drawn: Vec<Area> =
        panel.series.iter().flat_map(|series| drawn(chart, panel, series)).collect();
    let baselines = [plane.bottom - 5.0, plane.top + 8.0];
    let height = cap_height(Face::Regular, NOTE_SIZE);
    let widths = [
        width(&favours[0], Face::Regular, NOTE_SIZE)?,
        width(&favours[1], Face::Regular, NOTE_SIZE)?,
    ];
    let area = |side: usize, right: f64| Area {
        left: right - widths[side],
        top: baselines[side] - height,
        right,
        bottom: baselines[side] + DESCENT,
    };
    let is_free = |side: usize, right: f64| {
        let place = area(side, right);
        place.left >= plane.left + 4.0
            && drawn.iter().all(|other| !other.overlaps(&place.grown(APART)))
    };
    let last = plane.right - 4.0;
    let count = (plane.width() / STEP).max(0.0) as u32;
    let places = || (0..count).map(|step| last - STEP * f64::from(step));
    for (side, text) in favours.iter().enumerate() {
        let own = places().find(|right| is_free(side, *right));
        let letters = Lettering::plain(NOTE_SIZE).coloured(MUTED).anchored(Anchor::End);
        canvas.haloed_text((own.unwrap_or(last), baselines[side]), text, &letters);
    }
    Ok(())
}

/// What a series covers, in small pieces.
fn drawn(chart: &Chart, panel: &Panel, series: &Series) -> Vec<Area> {
    let (low, high) = panel.y.ends;
    let at = |x: f64, y: f64| chart.place((panel.x.place(x), panel.y.place(y.clamp(low, high))));
    let data = &series.data;
    match series.look {
        Look::Points(..) => data
            .iter()
            .map(|one| {
                let (x, y) = at(one.x, one.y);
                Area { left: x, top: y, right: x, bottom: y }.grown(POINT)
            })
            .collect(),
        Look::Band(..) => pieces(data.windows(2).map(|ends| {
            let [from, to] = [ends[0], ends[1]];
            let upper = [from, to].map(|one| at(one.x, one.y_to.unwrap_or(one.y)));
            [at(from.x, from.y), at(to.x, to.y), upper[0], upper[1]]
        })),
        Look::Line(_) => pieces(data.windows(2).map(|ends| {
            let (from, to) = (at(ends[0].x, ends[0].y), at(ends[1].x, ends[1].y));
            [from, to, from, to]
        })),
        Look::Steps(_) | Look::StepBand(..) => pieces(data.windows(2).map(|ends| {
            let upper = ends[0].y_to.unwrap_or(ends[0].y);
            let next = at(ends[1].x, ends[1].y).0;
            let (from, over) = (at(ends[0].x, ends[0].y), at(ends[0].x, upper));
            [from, (next, from.1), over, (next, over.1)]
        })),
        Look::Interval(_) | Look::Bars(_) | Look::PaleBars(_) => data
            .iter()
            .map(|one| {
                let (a, b) =
                    (at(one.x, one.y), at(one.x_to.unwrap_or(one.x), one.y_to.unwrap_or(one.y)));
                around([a, b, a, b])
            })
            .collect(),
    }
}

/// Strips between a lower and an upper line, each given by its two ends, cut so fine that a
/// rectangle stands for each.
fn pieces(strips: impl Iterator<Item = [(f64, f64); 4]>) -> Vec<Area> {
    let mut pieces = Vec::new();
    for [from, to, upper_from, upper_to] in strips {
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
        let count = (length / FINE).ceil().clamp(1.0, 1_000.0) as u32;
        for piece in 0..count {
            let share = |step: u32| f64::from(step) / f64::from(count);
            let between = |a: (f64, f64), b: (f64, f64), share: f64| {
                (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
            };
            let [before, after] = [share(piece), share(piece + 1)];
            pieces.push(around([
                between(from, to, before),
                between(from, to, after),
                between(upper_from, upper_to, before),
                between(upper_from, upper_to, after),
            ]));
        }
    }
    pieces
}

/// The rectangle around some points, as thick as a line at least.
fn around(points: [(f64, f64); 4]) -> Area {
    let [xs, ys] = [points.map(|point| point.0), points.map(|point| point.1)];
    let least = |of: [f64; 4]| of.into_iter().fold(f64::INFINITY, f64::min);
    let most = |of: [f64; 4]| of.into_iter().fold(f64::NEG_INFINITY, f64::max);
    Area { left: least(xs), top: least(ys), right: most(xs), bottom: most(ys) }.grown(0.5)
}
