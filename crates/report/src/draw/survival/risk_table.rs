//! The table under the axis: at every tick the patients at risk, those censored
//! and those with an event so far.

use crate::draw::font::width;
use crate::draw::{Anchor, Canvas, Colour, DrawError, Face, Lettering, wrap};
use crate::format::count_or_below;

use super::{SWATCH, SurvivalPlot, muted, swatch};

pub(super) const SIZE: f64 = 7.0;
const LEADING: f64 = 9.2;
const BETWEEN: f64 = 4.5;
const LEFT: f64 = 2.0;

fn headings(plot: &SurvivalPlot<'_>) -> Result<Vec<Vec<String>>, DrawError> {
    let limit = plot.width - LEFT - SWATCH - 5.0 - 4.0;
    plot.arms.iter().map(|arm| wrap(&arm.label, Face::SemiBold, SIZE, limit)).collect()
}

/// What it takes under the axis.
pub(super) fn height(plot: &SurvivalPlot<'_>) -> Result<f64, DrawError> {
    if plot.table_rows.is_none() {
        return Ok(0.0);
    }
    // Three rows a group, under its name.
    let lines: usize = headings(plot)?.iter().map(|lines| lines.len() + 3).sum();
    Ok(1.0 + lines as f64 * LEADING + plot.arms.len() as f64 * BETWEEN)
}

/// What the names of the rows take to the left of the axis.
pub(super) fn gutter(plot: &SurvivalPlot<'_>) -> Result<f64, DrawError> {
    let mut widest: f64 = 0.0;
    for name in plot.table_rows.into_iter().flatten() {
        widest = widest.max(width(name, Face::Regular, SIZE)?);
    }
    // The number at time zero is centred under the axis, so that its left half lies in the gutter.
    Ok(LEFT + widest + 9.0 + plot.widest_number()? / 2.0)
}

/// Draws it below `top`; `place` says where a time lies on the axis.
pub(super) fn draw(
    plot: &SurvivalPlot<'_>,
    canvas: &mut Canvas,
    top: f64,
    place: &dyn Fn(f64) -> f64,
) -> Result<(), DrawError> {
    let Some(names) = plot.table_rows else { return Ok(()) };
    let mut y = top + 1.0;
    let ticks = plot.ticks();
    for (group, (curve, heading)) in plot.curves.groups.iter().zip(headings(plot)?).enumerate() {
        y += BETWEEN;
        swatch(canvas, group, LEFT, y + LEADING - 2.6);
        let name = Lettering::plain(SIZE).bold().coloured(Colour::of_group(group).for_letters());
        for line in heading {
            y += LEADING;
            canvas.text((LEFT + SWATCH + 5.0, y), &line, &name);
        }
        for (row, name) in names.into_iter().enumerate() {
            y += LEADING;
            // Those at risk are what readers look for. The other two rows are secondary.
            let lettering = if row == 0 { Lettering::plain(SIZE) } else { muted(SIZE) };
            canvas.text((LEFT, y), name, &lettering);
            for tick in &ticks {
                let counts = curve.counts_at(tick * plot.days_per_unit, plot.at_risk);
                let number = [counts.at_risk, counts.censored, counts.events][row];
                let centred = lettering.anchored(Anchor::Middle);
                canvas.text((place(*tick), y), &count_or_below(number, plot.hides_below), &centred);
            }
        }
    }
    Ok(())
}
