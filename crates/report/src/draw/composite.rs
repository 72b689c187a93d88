//! Finished drawings as lettered panels of one.

use super::canvas::height_as_part;
use super::font::width;
use super::{Canvas, DrawError, Drawing, Face, Lettering, wrap};

const SIZE: f64 = 8.5;
const LEADING: f64 = 10.5;
const BETWEEN_COLUMNS: f64 = 14.0;
const BETWEEN_ROWS: f64 = 12.0;

/// A drawing with its letter and title.
#[derive(Debug, Clone)]
pub struct CompositePart<'a> {
    /// Its letter.
    pub letter: String,
    /// What stands beside the letter.
    pub title: String,
    /// The drawing.
    pub picture: &'a study::Drawing,
}

/// Draws rows of parts one below the other, each under its letter and title; the
/// feet of a row lie on one line. The mark of them all stands once, above them.
///
/// # Errors
/// If a letter is missing.
pub fn composed(rows: &[Vec<CompositePart<'_>>], mark: Option<&str>) -> Result<Drawing, DrawError> {
    let whole = |row: &Vec<CompositePart<'_>>| {
        let widths: f64 = row.iter().map(|part| part.picture.width).sum();
        widths + BETWEEN_COLUMNS * (row.len().max(1) - 1) as f64
    };
    // A row that is narrower stays at the left, so that letters stand below each other.
    let widest = rows.iter().map(whole).fold(0.0, f64::max);
    let mut placed = Vec::new();
    let mut top = if mark.is_some() { LEADING } else { 0.0 };
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            top += BETWEEN_ROWS;
        }
        // By the widest letter, so that all titles begin equally far from theirs.
        let letter = width("W", Face::SemiBold, SIZE)? + 5.0;
        let headings = row
            .iter()
            .map(|part| wrap(&part.title, Face::SemiBold, SIZE, part.picture.width - letter - 2.0))
            .collect::<Result<Vec<_>, _>>()?;
        // One title of two lines lowers the whole row.
        let lines = headings.iter().map(Vec::len).max().unwrap_or(0);
        let heading = LEADING * lines as f64 + 2.0;
        let highest = row.iter().map(|part| height_as_part(part.picture)).fold(0.0, f64::max);
        let mut left = 0.0;
        for (part, lines) in row.iter().zip(headings) {
            // flush at the foot: what stands over a plane differs more than what stands under it
            let picture_top = top + heading + highest - height_as_part(part.picture);
            placed.push((part, lines, (left, top, letter), picture_top));
            left += part.picture.width + BETWEEN_COLUMNS;
        }
        top += heading + highest;
    }
    let mut canvas = Canvas::new(widest, top);
    canvas.mark(mark);
    for (part, lines, (left, top, letter), picture_top) in placed {
        let bold = Lettering::plain(SIZE).bold();
        canvas.text((left + 2.0, top + SIZE), &part.letter, &bold);
        for (line, text) in lines.iter().enumerate() {
            let baseline = top + SIZE + LEADING * line as f64;
            canvas.text((left + 2.0 + letter, baseline), text, &bold);
        }
        canvas.part((left, picture_top), part.picture);
    }
    canvas.finish()
}
