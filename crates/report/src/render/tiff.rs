//! A drawing as TIFF for print: RGB of 8 bits, compressed by LZW, flattened without an
//! alpha channel, with the dots per inch that it has.

use std::io::Cursor;

use resvg::tiny_skia::Pixmap;
use study::Drawing;
use tiff::TiffError;
use tiff::encoder::{Compression, Rational, TiffEncoder, colortype::RGB8};
use tiff::tags::ResolutionUnit;

use super::pixels::pixels;
use crate::draw::DrawError;

/// The file of a drawing.
///
/// # Errors
/// If it has no area.
pub(super) fn tiff(drawing: &Drawing, dpi: u32) -> Result<Vec<u8>, DrawError> {
    let pixels = pixels(drawing, dpi)?;
    let size = (pixels.width(), pixels.height());
    encoded(size, &without_alpha(pixels), dpi).map_err(|error| DrawError::Raster(error.to_string()))
}

/// The colours of all pixels. Every drawing begins with a white ground, so that all are opaque and the fourth
/// channel says nothing; it is left out in place, as a second copy is a third of a gigabyte at 1000 dots an inch.
fn without_alpha(pixels: Pixmap) -> Vec<u8> {
    let mut samples = pixels.take();
    let count = samples.len() / 4;
    for pixel in 0..count {
        samples.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    samples.truncate(3 * count);
    samples
}

fn encoded((width, height): (u32, u32), colours: &[u8], dpi: u32) -> Result<Vec<u8>, TiffError> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)?.with_compression(Compression::Lzw);
    let mut image = encoder.new_image::<RGB8>(width, height)?;
    image.resolution(ResolutionUnit::Inch, Rational { n: dpi, d: 1 });
    // all at once: strips that are written one by one are not compressed, though the file says so
    image.write_data(colours)?;
    Ok(file.into_inner())
}
