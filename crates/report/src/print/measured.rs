//! What a finished drawing shows, measured in the tree that its files are made of.

use resvg::usvg::{Group, Node, Paint, Transform};
use study::Drawing;

use crate::draw::DrawError;
use crate::render;

/// A finished drawing by the measures that journals have rules for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Measured {
    /// The smallest and the largest letters, in points; none where it has none.
    pub(super) text_pt: Option<(f64, f64)>,
    pub(super) has_coloured_text: bool,
}

impl Measured {
    /// # Errors
    /// If it is no drawing.
    pub(super) fn of(drawing: &Drawing) -> Result<Self, DrawError> {
        let tree = render::tree(drawing)?;
        let mut measured = Self::default();
        // The unit of a tree is a pixel of CSS, and letters are measured in points.
        let points_per_unit = drawing.width / f64::from(tree.size().width());
        measured.add(tree.root(), points_per_unit);
        Ok(measured)
    }

    fn add(&mut self, group: &Group, points_per_unit: f64) {
        for node in group.children() {
            match node {
                Node::Group(group) => self.add(group, points_per_unit),
                Node::Text(text) => {
                    let scale = enlargement(text.abs_transform()) * points_per_unit;
                    for span in text.layouted() {
                        self.add_letters(f64::from(span.font_size.get()) * scale);
                        self.has_coloured_text |=
                            span.fill.as_ref().is_some_and(|fill| is_coloured(fill.paint()));
                    }
                }
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }

    fn add_letters(&mut self, size: f64) {
        let (smallest, largest) = self.text_pt.unwrap_or((size, size));
        self.text_pt = Some((smallest.min(size), largest.max(size)));
    }
}

/// By how much a transformation enlarges: the root of its determinant.
fn enlargement(transform: Transform) -> f64 {
    let [sx, ky, kx, sy] = [transform.sx, transform.ky, transform.kx, transform.sy].map(f64::from);
    // Right for a turned text too, whose two scales stand in the other places.
    (sx * sy - kx * ky).abs().sqrt()
}

fn is_coloured(paint: &Paint) -> bool {
    match paint {
        Paint::Color(colour) => colour.red != colour.green || colour.green != colour.blue,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Canvas, Colour, Lettering};

    #[test]
    fn letters_are_measured_as_they_are_printed() {
        let mut canvas = Canvas::new(144.0, 72.0);
        canvas.text((10.0, 20.0), "small", &Lettering::plain(6.5));
        // Turned by a matrix without a scale of its own.
        canvas.text_upwards((40.0, 60.0), "upright", &Lettering::plain(8.0));
        let drawing = canvas.finish().expect("all letters are there").picture;
        let measured = Measured::of(&drawing).expect("is a drawing");
        let (smallest, largest) = measured.text_pt.expect("has letters");
        assert!((smallest - 6.5).abs() < 1e-4 && (largest - 8.0).abs() < 1e-4, "{measured:?}");
        assert!(!measured.has_coloured_text);
    }

    #[test]
    fn a_coloured_letter_is_seen() {
        let mut canvas = Canvas::new(144.0, 72.0);
        canvas.text((10.0, 20.0), "a", &Lettering::plain(7.0).coloured(Colour(0, 91, 142)));
        let drawing = canvas.finish().expect("all letters are there").picture;
        assert!(Measured::of(&drawing).expect("is a drawing").has_coloured_text);
    }
}
