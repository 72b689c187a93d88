//! A finished drawing, with the places of its texts.

use super::Area;

/// A text and the place it takes, from cap height to baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct TextBox {
    /// The text.
    pub text: String,
    /// The place.
    pub area: Area,
}

/// A finished drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What an exhibit keeps of it.
    pub picture: study::Drawing,
    /// Its texts with their places, in which clipping and overlaps can be found.
    pub texts: Vec<TextBox>,
}
