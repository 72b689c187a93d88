//! Exhibits as the formats that readers open: a table as HTML and as CSV, a
//! drawing as SVG, PDF, PNG and TIFF, a page of them as a Word document, its tables
//! as a workbook and for LaTeX. One file per format; each takes an exhibit or a
//! page as data and knows nothing of how it was made.

mod csv;
mod docx;
mod figure_file;
mod footnote;
mod html;
mod latex;
mod pdf;
mod pixels;
mod png;
mod svg;
mod tiff;
mod tree;
mod xlsx;

pub(crate) use csv::{data_status, inert, plotted, table as csv};
pub(crate) use docx::docx;
pub(crate) use figure_file::figure_file;
pub(crate) use html::{body as html_body, caption as html_caption};
pub(crate) use latex::latex;
pub(crate) use png::png;
pub(crate) use svg::{font_faces, part_name};
pub(crate) use tree::tree;
pub(crate) use xlsx::xlsx;
