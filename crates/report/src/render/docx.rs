//! A page as a Word document: headings by style, a list of contents, running
//! head and page numbers, tables that are tables, with headings that stand again
//! on each page, and figures with their alternative texts.
//!
//! The parts follow ECMA-376 (Office Open XML). They are written here because the
//! writers that there are can neither repeat headings of tables nor give a figure
//! words for those who cannot see it.

mod flow;
mod package;
mod styles;
mod table;

use study::{Body, Drawing, Exhibit, ParagraphRole, StudySettings};

use crate::draw::DrawError;
use crate::exhibit::mark_remark;
use crate::page::{Page, Part};
use crate::render::png;
use flow::Flow;
use package::{Package, Picture};

/// Width of the text on an upright page of A4 and on one on its side, in twentieths of a point.
// 170 and 257 mm: A4 less margins of 20 mm on either side.
const UPRIGHT: u32 = 9_638;
const ON_ITS_SIDE: u32 = 14_570;
/// Height of the text on an upright page, less a caption, in points.
const TALLEST: f64 = 620.0;
/// Of figures: enough for any screen and for print on paper.
const DOTS_PER_INCH: u32 = 200;
/// Letters in a row from which on a table lies on its side.
const WIDE: usize = 105;

/// The document.
///
/// # Errors
/// If a drawing cannot be turned into pixels.
pub(crate) fn docx(page: &Page<'_>, study: &StudySettings) -> Result<Vec<u8>, DrawError> {
    let mut document = Document { flow: Flow::default(), pictures: Vec::new(), bookmarks: 0 };
    document.front(page, study);
    for part in &page.parts {
        document.part(part)?;
    }
    let package = Package {
        title: &page.title,
        subject: &study.title,
        authors: &page.authors,
        language: &page.language,
        mark: study.mark(),
        body: document.flow.finish(),
        pictures: document.pictures,
    };
    Ok(package.zipped())
}

struct Document {
    flow: Flow,
    pictures: Vec<Picture>,
    bookmarks: usize,
}

impl Document {
    fn front(&mut self, page: &Page<'_>, study: &StudySettings) {
        self.flow.words("Title", &study.title);
        self.flow.words("Subtitle", &page.title);
        if !page.authors.is_empty() {
            self.flow.words("Author", &page.authors.join(", "));
        }
        if let Some(remark) = mark_remark(study) {
            self.flow.words("DataMark", remark);
        }
        self.flow.contents(page.parts.iter().map(|part| part.heading.as_str()));
    }

    fn part(&mut self, part: &Part) -> Result<(), DrawError> {
        // a heading stays with the wide table right under it
        let first = part.exhibits.first().filter(|_| part.text.blocks.is_empty());
        self.flow.turn(first.is_some_and(is_wide));
        self.flow.heading(1, &part.heading);
        self.flow.blocks(&part.text.blocks);
        part.exhibits.iter().try_for_each(|exhibit| self.exhibit(exhibit))
    }

    fn exhibit(&mut self, exhibit: &Exhibit) -> Result<(), DrawError> {
        self.bookmarks += 1;
        match &exhibit.body {
            Body::Table(printed) => {
                let is_on_side = is_wide(exhibit);
                self.flow.turn(is_on_side);
                self.flow.caption("TableCaption", exhibit, self.bookmarks);
                let width = if is_on_side { ON_ITS_SIDE } else { UPRIGHT };
                self.flow.push(&table::table(printed, exhibit, width));
            }
            Body::Figure(drawings) => {
                // Figures are drawn for the width of an upright page.
                self.flow.turn(false);
                for (place, drawing) in drawings.iter().enumerate() {
                    self.drawing(exhibit, (place, drawings.len()), drawing)?;
                }
                // Under the figure, as captions of figures stand; those of tables stand above.
                self.flow.caption("FigureCaption", exhibit, self.bookmarks);
            }
        }
        for paragraph in &exhibit.caption {
            let style = match paragraph.role {
                ParagraphRole::Note | ParagraphRole::Footnote(_) => "Remark",
                ParagraphRole::Warning => "Warning",
                ParagraphRole::DataMark => "DataMark",
            };
            self.flow.remark(style, paragraph);
        }
        Ok(())
    }

    fn drawing(
        &mut self,
        exhibit: &Exhibit,
        (place, parts): (usize, usize),
        drawing: &Drawing,
    ) -> Result<(), DrawError> {
        // Ids of pictures count through the document and begin at 1.
        let number = self.pictures.len() + 1;
        let widest = f64::from(UPRIGHT) / 20.0;
        // Smaller where it must be, never larger: letters have the size of print already.
        let scale = (widest / drawing.width).min(TALLEST / drawing.height).min(1.0);
        let picture = Picture {
            name: crate::render::part_name(&exhibit.name, place, parts),
            pixels: png(drawing, DOTS_PER_INCH)?,
            size: [drawing.width * scale, drawing.height * scale],
            words: exhibit.alternative_text.clone(),
        };
        self.flow.picture(number, &picture);
        self.pictures.push(picture);
        Ok(())
    }
}

/// Whether an exhibit is a table that needs the longer side of the page.
fn is_wide(exhibit: &Exhibit) -> bool {
    match &exhibit.body {
        Body::Table(printed) => table::letters_in_a_row(printed) > WIDE,
        Body::Figure(_) => false,
    }
}
