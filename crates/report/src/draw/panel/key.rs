//! What looks mean: samples with words, in lines above the panels.

use super::{KeyEntry, Look, NOTE_LEADING, NOTE_SIZE, marks};
use crate::draw::font::width;
use crate::draw::{Area, Canvas, DrawError, Face, Lettering, Pen};

/// Width of a sample.
pub(super) const SWATCH: f64 = 17.0;
const BETWEEN: f64 = 14.0;

/// An entry with its place from the left.
pub(super) struct Entry<'a> {
    entry: &'a KeyEntry,
    left: f64,
}

/// The entries in lines no wider than `room`.
pub(super) fn lines(key: &[KeyEntry], room: f64) -> Result<Vec<Vec<Entry<'_>>>, DrawError> {
    let (mut lines, mut line, mut left) = (Vec::new(), Vec::new(), 0.0);
    for entry in key {
        let wide = SWATCH + 4.0 + width(&entry.text, Face::Regular, NOTE_SIZE)?;
        // An entry that is wider than any line has one to itself.
        if left + wide > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            left = 0.0;
        }
        line.push(Entry { entry, left });
        left += wide + BETWEEN;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

/// What the lines take.
pub(super) fn height(lines: &[Vec<Entry<'_>>]) -> f64 {
    if lines.is_empty() { 0.0 } else { (NOTE_LEADING + 1.0) * lines.len() as f64 + 5.0 }
}

/// Draws the lines from `start` on, below `top`.
pub(super) fn draw(canvas: &mut Canvas, lines: &[Vec<Entry<'_>>], (start, top): (f64, f64)) {
    for (place, line) in lines.iter().enumerate() {
        let y = top + 6.0 + (NOTE_LEADING + 1.0) * place as f64;
        for Entry { entry, left } in line {
            // A line with its band is one sign, drawn over each other as in the plane.
            for look in &entry.looks {
                sample(canvas, *look, start + left, y - 2.5);
            }
            let text = (start + left + SWATCH + 4.0, y);
            canvas.text(text, &entry.text, &Lettering::plain(NOTE_SIZE));
        }
    }
}

/// A sample of a look.
pub(super) fn sample(canvas: &mut Canvas, look: Look, left: f64, middle: f64) {
    let block = Area::at(left, middle - 3.2, SWATCH, 6.4);
    match look {
        Look::Line(pen) | Look::Steps(pen) | Look::Interval(pen) => {
            canvas.line((left, middle), (left + SWATCH, middle), &pen);
        }
        Look::Band(fill, opacity) | Look::StepBand(fill, opacity) => {
            canvas.polygon(&marks::corners(&block), fill, opacity);
        }
        Look::Points(shape, colour) => {
            marks::point(canvas, (left + SWATCH / 2.0, middle), shape, colour);
        }
        Look::Bars(fill) => canvas.rectangle(&block, Some(fill), None),
        Look::PaleBars(fill) => {
            canvas.polygon(&marks::corners(&block), fill, marks::PALE);
            canvas.rectangle(&block, None, Some(&Pen::solid(fill, marks::EDGE)));
        }
    }
}
