//! A drawing as PNG, which states how many dots an inch it has.

use study::Drawing;

use super::pixels::pixels;
use crate::draw::DrawError;

/// The file of a drawing.
///
/// # Errors
/// If it has no area.
pub(crate) fn png(drawing: &Drawing, dpi: u32) -> Result<Vec<u8>, DrawError> {
    let png = pixels(drawing, dpi)?.encode_png();
    let png = png.map_err(|error| DrawError::Raster(error.to_string()))?;
    Ok(with_resolution(&png, dpi))
}

/// Puts the chunk that states the resolution behind the header, which is always
/// the first 33 bytes.
fn with_resolution(png: &[u8], dpi: u32) -> Vec<u8> {
    let dots_per_metre = ((f64::from(dpi) / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(dots_per_metre);
    chunk.extend(dots_per_metre);
    // The unit: metres. PNG knows no inches.
    chunk.push(1);
    // 8 bytes of signature, and the first chunk: 4 of length, 4 of its name, 13 of content, 4 of
    // the check sum. The resolution must stand before the pixels.
    let (header, rest) = png.split_at(33);
    // The length counts the content without the name.
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
        // The last four bytes of every PNG file.
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn the_png_has_as_many_dots_as_it_says() {
        let drawing = Canvas::new(144.0, 72.0).finish().expect("nothing is missing").picture;
        let bytes = png(&drawing, 300).expect("draws");
        assert_eq!(&bytes[16..24], [0, 0, 2, 88, 0, 0, 1, 44], "600 by 300 pixels");
        assert_eq!(&bytes[37..41], b"pHYs");
        // 300 / 0.0254 is 11,811.02.
        assert_eq!(bytes[41..45], 11_811u32.to_be_bytes());
        assert_eq!(bytes, png(&drawing, 300).expect("draws"), "the same bytes again");
        let fine = png(&drawing, 1000).expect("draws");
        assert_eq!(&fine[16..24], [0, 0, 7, 208, 0, 0, 3, 232], "2000 by 1000 pixels");
        assert_eq!(fine[41..45], 39_370u32.to_be_bytes());
    }
}
