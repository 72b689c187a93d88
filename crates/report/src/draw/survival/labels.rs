//! Where the key goes, and the names at the curves: places that cross nothing.

use crate::draw::font::{cap_height, width};
use crate::draw::{Area, Canvas, Colour, DrawError, Face, Lettering};

use super::SurvivalPlot;
use super::curves::{Trace, Traces};

const SIZE: f64 = 7.5;

/// A place for the key in the panel that no curve and no band runs through: as
/// far up, then as far to the right as there is one.
pub(super) fn room_for_key(
    panel: &Area,
    (width, height): (f64, f64),
    traces: &Traces,
) -> Option<Area> {
    let count = |room: f64| if room < 0.0 { 0 } else { (room / 6.0) as u32 + 1 };
    // From the upper right, where falling curves leave room first, in steps of 6.
    let (right, bottom) = (panel.right - width - 2.0, panel.bottom - height - 8.0);
    let tops =
        (0..count(bottom - panel.top - 4.0)).map(|step| panel.top + 4.0 + 6.0 * f64::from(step));
    tops.flat_map(|top| {
        let lefts =
            (0..count(right - panel.left - 8.0)).map(move |step| right - 6.0 * f64::from(step));
        lefts.map(move |left| Area::at(left, top, width, height))
    })
    // The first free place is taken. Six points of room, so that no curve seems to underline a line
    // of the key.
    .find(|place| {
        traces.groups.iter().all(|trace| is_clear(&place.grown(6.0), trace))
            && off_medians(place, traces)
    })
}

fn off_medians(place: &Area, traces: &Traces) -> bool {
    !traces.medians.iter().any(|line| place.grown(2.5).is_crossed_by(line))
}

fn is_clear(place: &Area, trace: &Trace) -> bool {
    !place.is_crossed_by(&trace.path) && !is_on_band(place, trace)
}

fn is_on_band(place: &Area, trace: &Trace) -> bool {
    trace.band.iter().any(|step| step.overlaps(place))
}

/// Sets each group's name at its curve where there is a free place for it; the
/// key names every curve in any case.
pub(super) fn draw(
    plot: &SurvivalPlot<'_>,
    canvas: &mut Canvas,
    panel: &Area,
    traces: &Traces,
    key: &Area,
) -> Result<(), DrawError> {
    // A lone curve is named by the title.
    if plot.arms.len() < 2 {
        return Ok(());
    }
    let mut taken = vec![key.grown(3.0)];
    for (group, arm) in plot.arms.iter().enumerate() {
        let size =
            (width(&arm.short_label, Face::SemiBold, SIZE)?, cap_height(Face::SemiBold, SIZE));
        let own = &traces.groups[group];
        let places = places(own, size, panel);
        let free = places.iter().filter(|place| is_free(place, group, panel, traces, &taken));
        let costs = free.map(|place| (cost(place, own, traces), place));
        if let Some((_, place)) = costs.min_by(|(one, _), (other, _)| one.total_cmp(other)) {
            let name =
                Lettering::plain(SIZE).bold().coloured(Colour::of_group(group).for_letters());
            canvas.haloed_text((place.left, place.bottom), &arm.short_label, &name);
            taken.push(place.grown(3.0));
        }
    }
    Ok(())
}

/// What speaks against a place: how far the name drifts from the end of its
/// curve, in points, and what it lies on. Its halo makes it readable on a band,
/// so that it leaves the end by so many points at most to keep off one.
fn cost(place: &Area, own: &Trace, traces: &Traces) -> f64 {
    const ON_BAND: f64 = 60.0;
    const ON_END_OF_BAND: f64 = 60.0;
    let end = own.path.last().map_or(0.0, |corner| corner.0);
    let drift = (place.left - end).max(end - place.right).max(0.0);
    let is = |held: bool, points: f64| if held { points } else { 0.0 };
    let groups = &traces.groups;
    drift
        + is(groups.iter().any(|trace| is_on_band(&place.grown(3.0), trace)), ON_BAND)
        + is(groups.iter().any(|trace| is_on_end(place, trace)), ON_END_OF_BAND)
}

/// Whether a name can stand there: inside the panel, off the curves, the lines
/// and the other names.
fn is_free(place: &Area, group: usize, panel: &Area, traces: &Traces, taken: &[Area]) -> bool {
    panel.grown(-1.5).contains(place)
        && taken.iter().all(|area| !area.overlaps(place))
        && off_medians(place, traces)
        && traces.groups.iter().enumerate().all(|(other, trace)| {
            // Near another curve a name would seem to be of that one.
            let margin = if other == group { 3.5 } else { 7.0 };
            !place.grown(margin).is_crossed_by(&trace.path)
        })
}

/// Whether the place lies half on the end of a band.
fn is_on_end(place: &Area, trace: &Trace) -> bool {
    let last = trace.band.last();
    last.is_some_and(|step| {
        place.grown(1.0).is_crossed_by(&[(step.right, step.top), (step.right, step.bottom)])
    })
}

/// Candidates: behind the curve's end, then along it from there backwards,
/// above it before below it.
fn places(own: &Trace, (width, height): (f64, f64), panel: &Area) -> Vec<Area> {
    let Some((end, level)) = own.path.last().copied() else { return Vec::new() };
    // A little up or down clears the line of a median that ends at the same height.
    let behind = [0.0, -6.0, 6.0]
        .map(|down| Area::at(end + 6.0, level - height / 2.0 + down, width, height));
    let first = end - 0.35 * width;
    let count = ((first - panel.left - 12.0) / 4.0).max(0.0) as u32;
    let along = (0..count).flat_map(|step| {
        let left = first - 4.0 * f64::from(step);
        let heights = heights(&own.path, left, left + width);
        let tops = heights.map(|(highest, lowest)| [highest - 6.0 - height, lowest + 6.0]);
        tops.into_iter().flatten().map(move |top| Area::at(left, top, width, height))
    });
    behind.into_iter().chain(along).collect()
}

/// The highest and the lowest point of a path between two places.
fn heights(path: &[(f64, f64)], left: f64, right: f64) -> Option<(f64, f64)> {
    let within = path.windows(2).filter(|ends| ends[1].0 >= left && ends[0].0 <= right);
    // A step down lies between two corners, so both ends of each stretch are taken.
    let levels: Vec<f64> = within.flat_map(|ends| [ends[0].1, ends[1].1]).collect();
    let highest = levels.iter().copied().reduce(f64::min)?;
    let lowest = levels.iter().copied().reduce(f64::max)?;
    Some((highest, lowest))
}
