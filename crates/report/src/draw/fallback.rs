//! Fonts of the study, for letters that the bundled one lacks. They are drawn
//! as outlines, so that the page, the file and the pixels show the same letter
//! whatever fonts a reader has.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};

use super::svg::decimal;

/// A font as the file has it.
pub(crate) type FontFile = Arc<Vec<u8>>;

thread_local! {
    // a figure is measured and drawn by one thread, far from where its stage is handed files
    static FONTS: RefCell<Vec<FontFile>> = const { RefCell::new(Vec::new()) };
}

/// Whether the bytes are a TrueType or OpenType font, or a collection of them.
pub(crate) fn is_font(bytes: &[u8]) -> bool {
    // Lengths are divided by the units of an em. A file that states none would make them infinite.
    FontRef::from_index(bytes, 0).is_ok_and(|font| metrics(&font) > 0.0)
}

/// Measures and draws with these fonts at hand; of several that have a letter
/// the first is taken.
pub(crate) fn with_fonts<T>(fonts: Vec<FontFile>, draw: impl FnOnce() -> T) -> T {
    /// Puts the former fonts back, also where the drawing panics.
    struct Former(Vec<FontFile>);
    impl Drop for Former {
        fn drop(&mut self) {
            FONTS.set(std::mem::take(&mut self.0));
        }
    }
    let _former = Former(FONTS.replace(fonts));
    draw()
}

/// Units of an em.
fn metrics(font: &FontRef<'_>) -> f64 {
    f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em)
}

/// What the first font that has a letter says of it.
fn of_letter<T>(character: char, read: impl Fn(&FontRef<'_>, skrifa::GlyphId) -> T) -> Option<T> {
    FONTS.with_borrow(|fonts| {
        fonts.iter().find_map(|bytes| {
            let font = FontRef::from_index(bytes, 0).ok()?;
            let glyph = font.charmap().map(character)?;
            Some(read(&font, glyph))
        })
    })
}

/// How far a letter goes, in ems; none where no font has it.
pub(super) fn advance(character: char) -> Option<f64> {
    of_letter(character, |font, glyph| {
        let all = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        // A glyph without an advance, as a combining accent may be, takes no room.
        f64::from(all.advance_width(glyph).unwrap_or(0.0)) / metrics(font)
    })
}

/// The outline of a letter as the data of an SVG path, its left end at `left`
/// on the baseline.
pub(super) fn outline(character: char, left: f64, size: f64) -> Option<String> {
    of_letter(character, |font, glyph| {
        let mut pen = Pen { way: String::new(), left, scale: size / metrics(font) };
        // Hinting moves outlines to a grid of pixels. Paper has none, and the grid would differ
        // with the size.
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        if let Some(outline) = font.outline_glyphs().get(glyph) {
            // a letter whose outline is broken stays empty, as its neighbours' places are known
            let _ = outline.draw(settings, &mut pen);
        }
        pen.way
    })
}

/// Writes an outline down, upwards being less in SVG.
struct Pen {
    way: String,
    left: f64,
    scale: f64,
}

impl Pen {
    fn to(&mut self, verb: char, points: &[(f32, f32)]) {
        self.way.push(verb);
        for (place, (x, y)) in points.iter().enumerate() {
            let x = decimal(self.left + f64::from(*x) * self.scale);
            // The minus of a coordinate on the baseline goes with its rounding: `decimal` writes no
            // `-0`.
            let y = decimal(-f64::from(*y) * self.scale);
            let between = if place == 0 { "" } else { " " };
            write!(self.way, "{between}{x} {y}").expect("invariant: a string takes every text");
        }
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.to('M', &[(x, y)]);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.to('L', &[(x, y)]);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.to('Q', &[(cx, cy), (x, y)]);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.to('C', &[(ax, ay), (bx, by), (x, y)]);
    }
    fn close(&mut self) {
        self.way.push('Z');
    }
}
