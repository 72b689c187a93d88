//! Why a figure cannot be drawn.

/// A figure that cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// A letter that the bundled font lacks.
    #[error("the font has no glyph for `{character}` (U+{code:04X}) in `{text}`", code = u32::from(*.character))]
    MissingGlyph {
        /// The letter.
        character: char,
        /// The text it stands in.
        text: String,
    },
    /// More marks on an axis than fit.
    #[error("{count} ticks do not fit on the axis: there is room for {room}")]
    TooManyTicks {
        /// Ticks asked for.
        count: usize,
        /// Ticks that fit.
        room: usize,
    },
    /// A figure too small for what it holds.
    #[error("the figure is {found_mm} mm {dimension} and needs {needed_mm} mm")]
    TooSmall {
        /// `high` or `wide`.
        dimension: &'static str,
        /// What there is, in whole millimetres.
        found_mm: u32,
        /// What it takes, in whole millimetres.
        needed_mm: u32,
    },
    /// The coordinate system could not be drawn.
    #[error("the chart could not be drawn: {0}")]
    Chart(String),
    /// The drawing could not be turned into pixels.
    #[error("the drawing could not be turned into pixels: {0}")]
    Raster(String),
}
