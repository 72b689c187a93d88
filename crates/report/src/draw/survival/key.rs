//! The key: which line is whose, with events, medians, and what was tested.

use crate::draw::font::width;
use crate::draw::{Area, Canvas, Colour, DrawError, Face, Lettering, wrap};

use super::{SWATCH, SurvivalPlot, muted, swatch};

const SIZE: f64 = 7.5;
const HEADING_SIZE: f64 = 7.0;
const LEADING: f64 = 10.0;
const GAP: f64 = 11.0;
const LABEL_LIMIT: f64 = 150.0;

/// Where the columns stand, from the left edge of the key.
struct Columns {
    labels: Vec<Vec<String>>,
    events: f64,
    median: f64,
    width: f64,
}

fn columns(plot: &SurvivalPlot<'_>) -> Result<Columns, DrawError> {
    let mut labels = Vec::new();
    let mut widest = [0.0; 3];
    for arm in &plot.arms {
        let lines = wrap(&arm.label, Face::SemiBold, SIZE, LABEL_LIMIT)?;
        for line in &lines {
            widest[0] = f64::max(widest[0], width(line, Face::SemiBold, SIZE)?);
        }
        labels.push(lines);
        widest[1] = f64::max(widest[1], width(&arm.events, Face::Regular, SIZE)?);
        widest[2] = f64::max(widest[2], width(&arm.median, Face::Regular, SIZE)?);
    }
    for (place, heading) in plot.headings.iter().enumerate() {
        let heading = width(heading, Face::Regular, HEADING_SIZE)?;
        widest[place + 1] = widest[place + 1].max(heading);
    }
    let events = SWATCH + 5.0 + widest[0] + GAP;
    let median = events + widest[1] + GAP;
    let mut total = median + widest[2];
    for statement in &plot.statements {
        total = total.max(width(statement, Face::Regular, SIZE)?);
    }
    Ok(Columns { labels, events, median, width: total })
}

/// Width and height of the key.
pub(super) fn size(plot: &SurvivalPlot<'_>) -> Result<(f64, f64), DrawError> {
    let columns = columns(plot)?;
    let lines: usize = columns.labels.iter().map(Vec::len).sum();
    let statements = plot.statements.len() as f64;
    let gap = if plot.statements.is_empty() { 0.0 } else { 3.0 };
    Ok((columns.width, (lines as f64 + 1.0 + statements) * LEADING + gap - 3.0))
}

/// Draws the key at its place.
pub(super) fn draw(
    plot: &SurvivalPlot<'_>,
    canvas: &mut Canvas,
    place: &Area,
) -> Result<(), DrawError> {
    let columns = columns(plot)?;
    let mut y = place.top + 6.0;
    canvas.text((place.left + columns.events, y), &plot.headings[0], &muted(HEADING_SIZE));
    canvas.text((place.left + columns.median, y), &plot.headings[1], &muted(HEADING_SIZE));
    y += LEADING;
    for (group, (arm, lines)) in plot.arms.iter().zip(&columns.labels).enumerate() {
        swatch(canvas, group, place.left, y - 2.7);
        canvas.text((place.left + columns.events, y), &arm.events, &Lettering::plain(SIZE));
        canvas.text((place.left + columns.median, y), &arm.median, &Lettering::plain(SIZE));
        let name = Lettering::plain(SIZE).bold().coloured(Colour::of_group(group).for_letters());
        for line in lines {
            canvas.text((place.left + SWATCH + 5.0, y), line, &name);
            y += LEADING;
        }
    }
    y += 3.0;
    for statement in &plot.statements {
        canvas.text((place.left, y), statement, &Lettering::plain(SIZE));
        y += LEADING;
    }
    Ok(())
}
