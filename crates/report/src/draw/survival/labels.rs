//! Where the key goes, and the names at the curves: places that cross nothing.

use crate::draw::font::{cap_height, width};
use crate::draw::{Area, Canvas, Colour, DrawError, Face, Lettering};

use super::SurvivalPlot;

const SIZE: f64 = 7.5;
type Path = Vec<(f64, f64)>;

/// A place for the key in the panel that no curve runs through: as far up and
/// to the right as there is one, else at the lower left.
pub(super) fn room_for_key(
    panel: &Area,
    (width, height): (f64, f64),
    paths: &[Path],
) -> Option<Area> {
    let rows = [4.0, 14.0].map(|down| panel.top + down);
    let below = panel.bottom - height - 8.0;
    let lefts = |from: f64, to: f64| {
        let steps = ((to - from) / 6.0).max(0.0) as usize;
        (0..=steps).map(move |step| from + step as f64 * 6.0)
    };
    let last = panel.right - width - 2.0;
    let upper = rows.into_iter().flat_map(|top| {
        lefts(panel.left + 0.3 * panel.width(), last)
            .map(move |left| (last + panel.left + 0.3 * panel.width() - left, top))
    });
    let lower = lefts(panel.left + 8.0, panel.left + 0.3 * panel.width()).map(|left| (left, below));
    upper.chain(lower).map(|(left, top)| Area::at(left, top, width, height)).find(|place| {
        panel.contains(place) && paths.iter().all(|path| !place.grown(6.0).is_crossed_by(path))
    })
}

/// Sets each group's name at its curve where there is a free place for it; the
/// key names every curve in any case.
pub(super) fn draw(
    plot: &SurvivalPlot<'_>,
    canvas: &mut Canvas,
    panel: &Area,
    paths: &[Path],
    key: &Area,
) -> Result<(), DrawError> {
    if plot.arms.len() < 2 {
        return Ok(());
    }
    let mut taken = vec![key.grown(3.0)];
    for (group, arm) in plot.arms.iter().enumerate() {
        let size =
            (width(&arm.short_label, Face::SemiBold, SIZE)?, cap_height(Face::SemiBold, SIZE));
        if let Some(place) = free_place(group, size, panel, paths, &taken) {
            let name =
                Lettering::plain(SIZE).bold().coloured(Colour::of_group(group).for_letters());
            canvas.text((place.left, place.bottom), &arm.short_label, &name);
            taken.push(place.grown(3.0));
        }
    }
    Ok(())
}

/// Candidates from the curve's end backwards, above the curve before below it.
fn free_place(
    group: usize,
    (width, height): (f64, f64),
    panel: &Area,
    paths: &[Path],
    taken: &[Area],
) -> Option<Area> {
    let own = &paths[group];
    let end = own.last()?.0;
    let first = panel.left + 12.0;
    let mut left = end - width;
    while left >= first {
        let (highest, lowest) = heights(own, left, left + width)?;
        for top in [highest - 5.0 - height, lowest + 5.0] {
            let place = Area::at(left, top, width, height);
            let inside = panel.grown(-1.0).contains(&place);
            let clear = paths.iter().enumerate().all(|(other, path)| {
                let margin = if other == group { 3.0 } else { 7.0 };
                !place.grown(margin).is_crossed_by(path)
            });
            if inside && clear && taken.iter().all(|area| !area.overlaps(&place)) {
                return Some(place);
            }
        }
        left -= 4.0;
    }
    None
}

/// The highest and the lowest point of a path between two places.
fn heights(path: &Path, left: f64, right: f64) -> Option<(f64, f64)> {
    let within = path.windows(2).filter(|ends| ends[1].0 >= left && ends[0].0 <= right);
    let levels: Vec<f64> = within.flat_map(|ends| [ends[0].1, ends[1].1]).collect();
    let highest = levels.iter().copied().reduce(f64::min)?;
    let lowest = levels.iter().copied().reduce(f64::max)?;
    Some((highest, lowest))
}
