//! Exhibits as the formats that readers open: a table as HTML and as CSV, a
//! drawing as SVG and as pixels. One file per format; each takes an exhibit as
//! data and knows nothing of how it was made.

mod csv;
mod footnote;
mod html;
mod png;
mod svg;

pub(crate) use csv::{data_status, inert, plotted, table as csv};
pub(crate) use html::{body as html_body, caption as html_caption};
pub(crate) use png::png;
pub(crate) use svg::{font_faces, part_name, standalone as svg_file};
