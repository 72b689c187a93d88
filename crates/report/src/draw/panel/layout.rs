//! Where panels lie: planes of a row are equally high, and what stands around
//! them has the room that it takes.

use super::key::{self, Entry};
use super::{NOTE_LEADING, NOTE_SIZE, Panel, PanelFigure, PanelRow};
use crate::draw::chart::TICK_SIZE;
use crate::draw::font::width;
use crate::draw::{Area, DrawError, Face, POINTS_PER_MM, wrap};

/// From the plane to the baseline of the title of the axis below it.
pub(super) const AXIS: f64 = 21.5;
/// From the plane to the baseline of the title of the axis at its left.
pub(super) const UPRIGHT_TITLE: f64 = 29.0;
const BETWEEN_COLUMNS: f64 = 12.0;
const BETWEEN_ROWS: f64 = 12.0;
const RIGHT: f64 = 9.0;
/// What the drawing of axes takes at the left of any plane.
const LEAST_GUTTER: f64 = 30.0;
const BEHIND_LETTER: f64 = 5.0;
const NARROWEST_PLANE: f64 = 50.0;

/// A panel with its place.
pub(super) struct Placed<'a> {
    pub(super) panel: &'a Panel,
    /// The left end of all that belongs to it.
    pub(super) left: f64,
    /// The upper end of its heading.
    pub(super) top: f64,
    /// The plane between the axes.
    pub(super) plane: Area,
    /// From the plane to what stands under its axis.
    pub(super) axis: f64,
    /// From the left end to the heading, which the letter takes.
    pub(super) indent: f64,
    pub(super) heading: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) key: Vec<Vec<Entry<'a>>>,
}

/// Places all panels below `top`; with the lower end of the figure.
pub(super) fn place(figure: &PanelFigure, top: f64) -> Result<(Vec<Placed<'_>>, f64), DrawError> {
    let (mut placed, mut y) = (Vec::new(), top);
    for (place, row) in figure.rows.iter().enumerate() {
        if place > 0 {
            y += BETWEEN_ROWS;
        }
        y = place_row(&mut placed, row, figure.width, y)?;
    }
    Ok((placed, y + 4.0))
}

fn place_row<'a>(
    placed: &mut Vec<Placed<'a>>,
    row: &'a PanelRow,
    whole: f64,
    top: f64,
) -> Result<f64, DrawError> {
    let gutters: Vec<f64> = row.panels.iter().map(gutter).collect::<Result<_, _>>()?;
    let between = BETWEEN_COLUMNS * (row.panels.len() as f64 - 1.0);
    let room = whole - 2.0 - RIGHT - between - gutters.iter().sum::<f64>();
    let shares: f64 = row.panels.iter().map(|panel| panel.share).sum();
    let (mut own, mut left) = (Vec::new(), 2.0);
    for (panel, gutter) in row.panels.iter().zip(&gutters) {
        // Gutters are taken off first: planes have the shares, not planes with their names.
        let wide = room * panel.share / shares;
        if wide < NARROWEST_PLANE {
            let needed = whole + (NARROWEST_PLANE - wide) * shares / panel.share;
            return Err(DrawError::TooSmall {
                dimension: "wide",
                found_mm: (whole / POINTS_PER_MM).round() as u32,
                needed_mm: (needed / POINTS_PER_MM).ceil() as u32,
            });
        }
        check_ticks(panel, wide)?;
        let right = left + gutter + wide;
        let lines = |text: &str, face| wrap(text, face, NOTE_SIZE, right - left);
        let letter = width(&panel.letter, Face::SemiBold, super::TITLE_SIZE)?;
        let indent = if letter > 0.0 { letter + BEHIND_LETTER } else { 0.0 };
        let heading = match panel.heading.as_str() {
            "" => Vec::new(),
            text => wrap(text, Face::SemiBold, super::TITLE_SIZE, right - left - indent)?,
        };
        let notes = panel.notes.iter().map(|note| lines(note, Face::Regular));
        let notes = notes.collect::<Result<Vec<_>, _>>()?.concat();
        let plane = Area { left: left + gutter, top, right, bottom: top };
        // Without a title rows under the axis move up to its numbers.
        let axis = if panel.x.title.is_empty() { AXIS - NOTE_LEADING } else { AXIS + 2.0 };
        let key = key::lines(&panel.key, right - left)?;
        own.push(Placed { panel, left, top, plane, axis, indent, heading, notes, key });
        left = right + BETWEEN_COLUMNS;
    }
    let above = |one: &Placed<'_>| {
        let lines = (one.heading.len() + one.notes.len()) as f64;
        if lines == 0.0 { 2.0 } else { NOTE_LEADING * lines + 5.0 + key::height(&one.key) }
    };
    // The panel with the most above it sets the top of all planes of the row, so that their axes
    // are level.
    let above = own.iter().map(above).fold(0.0, f64::max);
    let mut bottom = top;
    for one in &mut own {
        one.plane.top = top + above;
        one.plane.bottom = one.plane.top + row.height;
        let below = one.axis + NOTE_LEADING * one.panel.below.len() as f64;
        bottom = bottom.max(one.plane.bottom + below);
    }
    placed.extend(own);
    Ok(bottom)
}

/// What stands at the left of a plane.
fn gutter(panel: &Panel) -> Result<f64, DrawError> {
    let mut widest = LEAST_GUTTER;
    if !panel.y.title.is_empty() {
        widest = widest.max(UPRIGHT_TITLE + 8.0);
    }
    for (_, name) in &panel.row_names {
        widest = widest.max(width(name, Face::Regular, NOTE_SIZE)? + 8.0);
    }
    // A row with a sample is a heading without numbers, which may run under the plane.
    for row in panel.below.iter().filter(|row| row.look.is_none()) {
        let first = row.cells.first().map_or("", |(_, text)| text);
        // The first number is centred under the axis and sticks out to the left by its half.
        let half = width(first, Face::Regular, NOTE_SIZE)? / 2.0;
        widest = widest.max(width(&row.name, Face::Regular, NOTE_SIZE)? + 8.0 + half);
    }
    Ok(widest)
}

/// Refuses ticks whose numbers would run into each other.
fn check_ticks(panel: &Panel, room: f64) -> Result<(), DrawError> {
    let mut widest: f64 = 0.0;
    for (_, text) in &panel.x.ticks {
        widest = widest.max(width(text, Face::Regular, TICK_SIZE)?);
    }
    for (_, text) in panel.below.iter().flat_map(|row| &row.cells) {
        widest = widest.max(width(text, Face::Regular, NOTE_SIZE)?);
    }
    // One more than there are spaces between ticks: they stand at both ends too.
    let (count, most) = (panel.x.ticks.len(), (room / (widest + 2.5)).floor() as usize + 1);
    // those of other axes are chosen by where they lie
    let is_linear = !panel.x.is_logarithmic && panel.x.places.is_empty();
    if count > most && is_linear {
        return Err(DrawError::TooManyTicks { count, room: most });
    }
    Ok(())
}
