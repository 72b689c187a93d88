//! A drawing as pixels on white.

use resvg::tiny_skia::{Pixmap, Transform};
use study::Drawing;

use super::tree::tree;
use crate::draw::DrawError;

/// The pixels of a drawing at so many dots an inch.
///
/// # Errors
/// If it has no area.
pub(super) fn pixels(drawing: &Drawing, dpi: u32) -> Result<Pixmap, DrawError> {
    let tree = tree(drawing)?;
    // Whole dots, and the drawing stretched to them: no edge is left half covered.
    let dots = |points: f64| (points / 72.0 * f64::from(dpi)).round();
    let mut pixels = Pixmap::new(dots(drawing.width) as u32, dots(drawing.height) as u32)
        .ok_or_else(|| DrawError::Raster("it has no area".to_owned()))?;
    let scale = Transform::from_scale(
        (dots(drawing.width) / f64::from(tree.size().width())) as f32,
        (dots(drawing.height) / f64::from(tree.size().height())) as f32,
    );
    resvg::render(&tree, scale, &mut pixels.as_mut());
    Ok(pixels)
}
