//! A drawing as the tree that pixels and pages are made of, with the bundled fonts alone.

use std::sync::{Arc, LazyLock};

use resvg::usvg::{Options, Tree, fontdb};
use study::Drawing;

use super::svg::wordless;
use crate::draw::{DrawError, Face};

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for face in Face::ALL {
        fonts.load_font_data(face.ttf().to_vec());
    }
    // The drawings name other families behind Inter. Whatever is asked for, no font of the machine
    // may be found.
    fonts.set_sans_serif_family("Inter");
    Arc::new(fonts)
});

/// The shapes and letters of a drawing; its unit is a pixel of CSS, 96 of which are an inch.
///
/// # Errors
/// If it is no drawing.
pub(crate) fn tree(drawing: &Drawing) -> Result<Tree, DrawError> {
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    Tree::from_str(&wordless(drawing), &options)
        .map_err(|error| DrawError::Raster(error.to_string()))
}
