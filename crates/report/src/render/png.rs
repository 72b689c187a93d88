//! A drawing as PNG: 300 dots per inch on white, with the bundled fonts alone.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use study::Drawing;

use super::svg::wordless;
use crate::draw::{DrawError, Face};

const DOTS_PER_INCH: f64 = 300.0;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for face in Face::ALL {
        fonts.load_font_data(face.ttf().to_vec());
    }
    fonts.set_sans_serif_family("Inter");
    Arc::new(fonts)
});

/// The pixels of a drawing.
///
/// # Errors
/// If it has no area.
pub(crate) fn png(drawing: &Drawing) -> Result<Vec<u8>, DrawError> {
    let failed = |error: &dyn std::fmt::Display| DrawError::Raster(error.to_string());
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(&wordless(drawing), &options).map_err(|error| failed(&error))?;
    // Whole dots, and the drawing stretched to them: no edge is left half covered.
    let dots = |points: f64| (points / 72.0 * DOTS_PER_INCH).round();
    let mut pixels = Pixmap::new(dots(drawing.width) as u32, dots(drawing.height) as u32)
        .ok_or_else(|| failed(&"it has no area"))?;
    let scale = Transform::from_scale(
        (dots(drawing.width) / f64::from(tree.size().width())) as f32,
        (dots(drawing.height) / f64::from(tree.size().height())) as f32,
    );
    resvg::render(&tree, scale, &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|error| failed(&error))?;
    Ok(with_resolution(&png))
}

/// Puts the chunk that states the resolution behind the header, which is always
/// the first 33 bytes.
fn with_resolution(png: &[u8]) -> Vec<u8> {
    let dots_per_metre = ((DOTS_PER_INCH / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(dots_per_metre);
    chunk.extend(dots_per_metre);
    chunk.push(1);
    let (header, rest) = png.split_at(33);
    let length = (chunk.len() as u32 - 4).to_be_bytes();
    let check = crc(&chunk).to_be_bytes();
    [header, &length, &chunk, &check, rest].concat()
}

/// The check sum of PNG (ISO 3309, polynomial 0xEDB88320).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Canvas;

    #[test]
    fn the_check_sum_is_that_of_png() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn the_png_is_300_dots_an_inch() {
        let drawing = Canvas::new(144.0, 72.0).finish().expect("nothing is missing").picture;
        let bytes = png(&drawing).expect("draws");
        assert_eq!(&bytes[16..24], [0, 0, 2, 88, 0, 0, 1, 44], "600 by 300 pixels");
        assert_eq!(&bytes[37..41], b"pHYs");
        assert_eq!(bytes[41..45], 11_811u32.to_be_bytes());
        assert_eq!(bytes, png(&drawing).expect("draws"), "the same bytes again");
    }
}
