//! The files of a figure: each format, made of the one drawing.

use study::{Drawing, Exhibit, FileFormat};

use super::pdf::{Letters, pdf};
use super::png::png;
use super::svg::{standalone, words};
use super::tiff::tiff;
use crate::draw::DrawError;

/// One part of a figure in a format; formats of pixels have `dpi` dots an inch.
///
/// # Errors
/// If the drawing has no area.
pub(crate) fn figure_file(
    format: FileFormat,
    exhibit: &Exhibit,
    (place, drawing): (usize, &Drawing),
    dpi: u32,
) -> Result<Vec<u8>, DrawError> {
    let page = |letters| {
        let (title, description) = words(exhibit, place);
        pdf(drawing, &title, description, letters)
    };
    match format {
        FileFormat::Svg => Ok(standalone(exhibit, place, drawing).into_bytes()),
        FileFormat::Png => png(drawing, dpi),
        FileFormat::Pdf => page(Letters::Text),
        FileFormat::PdfOutlined => page(Letters::Outlines),
        FileFormat::Tiff => tiff(drawing, dpi),
    }
}
