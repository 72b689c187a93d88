//! What the signs of a figure mean: signs with their words, one after another
//! on as many lines as they need.

use super::font::width;
use super::patterns::arrow;
use super::{Area, Canvas, Colour, DrawError, Face, Fill, Glyph, Lettering, Pen};

const SIZE: f64 = 7.0;
const LEADING: f64 = 11.5;
const SIGN: f64 = 13.0;
const BEFORE_WORDS: f64 = 4.0;
const BETWEEN: f64 = 11.0;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sign {
    /// A filled area.
    Fill(Fill),
    /// A mark.
    Glyph(Glyph),
    /// A line.
    Line(Pen),
    /// An arrow.
    Arrow(Colour),
    /// None: the words are a heading of those behind them.
    Heading,
}

/// Lines of signs, each with its words; a line that is too long is broken.
pub type Legend = Vec<Vec<(Sign, String)>>;

fn length(entry: &(Sign, String)) -> Result<f64, DrawError> {
    Ok(match entry.0 {
        Sign::Heading => width(&entry.1, Face::SemiBold, SIZE)?,
        _ => SIGN + BEFORE_WORDS + width(&entry.1, Face::Regular, SIZE)?,
    })
}

/// The entries of a line, each with how far it stands to the right.
type Line<'l> = Vec<(f64, &'l (Sign, String))>;

/// The entries that fit on each line.
fn broken(legend: &Legend, room: f64) -> Result<Vec<Line<'_>>, DrawError> {
    let mut lines = Vec::new();
    // A figure hands over all lines that it could have. One without signs takes no room.
    for own in legend.iter().filter(|own| !own.is_empty()) {
        let mut line = Line::new();
        let mut left = 0.0;
        for entry in own {
            let length = length(entry)?;
            // An entry that alone is wider than the page stays on its line. The canvas says that it
            // is cut off.
            if left > 0.0 && left + length > room {
                lines.push(std::mem::take(&mut line));
                left = 0.0;
            }
            line.push((left, entry));
            left += length + BETWEEN;
        }
        lines.push(line);
    }
    Ok(lines)
}

/// How high a legend is where there is so much room.
///
/// # Errors
/// If a letter is missing.
pub fn height(legend: &Legend, room: f64) -> Result<f64, DrawError> {
    Ok(broken(legend, room)?.len() as f64 * LEADING)
}

/// Draws a legend from an upper left corner on.
///
/// # Errors
/// If a letter is missing.
pub fn draw(
    canvas: &mut Canvas,
    (left, top): (f64, f64),
    room: f64,
    legend: &Legend,
) -> Result<(), DrawError> {
    for (line, entries) in broken(legend, room)?.into_iter().enumerate() {
        let middle = top + (line as f64 + 0.5) * LEADING;
        for (from, (sign, words)) in entries {
            let x = left + from;
            let centre = (x + SIGN / 2.0, middle);
            let text = Lettering::plain(SIZE);
            match sign {
                Sign::Heading => {
                    canvas.text_centred((x, middle), words, &text.bold());
                    continue;
                }
                Sign::Fill(fill) => fill.draw(canvas, &Area::at(x, middle - 3.0, SIGN, 6.0)),
                Sign::Glyph(glyph) => glyph.draw(canvas, centre, 3.2),
                Sign::Line(pen) => canvas.line((x, middle), (x + SIGN, middle), pen),
                Sign::Arrow(colour) => arrow(canvas, (x + 4.0, middle), *colour),
            }
            canvas.text_centred((x + SIGN + BEFORE_WORDS, middle), words, &text);
        }
    }
    Ok(())
}
