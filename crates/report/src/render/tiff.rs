//! A drawing as TIFF for print: RGB of 8 bits, compressed by LZW, flattened without an
//! alpha channel, with the dots per inch that it has.

use std::io::Cursor;

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
    // every drawing begins with a white ground, so all pixels are opaque and the fourth channel says nothing
    let colours: Vec<u8> =
        pixels.data().chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
    encoded(pixels.width(), pixels.height(), &colours, dpi)
        .map_err(|error| DrawError::Raster(error.to_string()))
}

fn encoded(width: u32, height: u32, colours: &[u8], dpi: u32) -> Result<Vec<u8>, TiffError> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)?.with_compression(Compression::Lzw);
    let mut image = encoder.new_image::<RGB8>(width, height)?;
    image.resolution(ResolutionUnit::Inch, Rational { n: dpi, d: 1 });
    image.write_data(colours)?;
    Ok(file.into_inner())
}
