//! Exhibits as the formats that readers open: a table as HTML and as CSV, a
//! drawing as SVG, PDF, PNG and TIFF. One file per format; each takes an exhibit as
//! data and knows nothing of how it was made.

mod csv;
mod figure_file;
mod footnote;
mod html;
mod pdf;
mod pixels;
mod png;
mod svg;
mod tiff;
mod tree;

pub(crate) use csv::{data_status, inert, plotted, table as csv};
pub(crate) use figure_file::figure_file;
pub(crate) use html::{body as html_body, caption as html_caption};
pub(crate) use svg::{font_faces, part_name};
pub(crate) use tree::tree;
