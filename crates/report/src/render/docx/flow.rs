//! The body of the document, from its first paragraph to its last.

use study::{Exhibit, Paragraph, ParagraphRole};

use super::package::Picture;
use crate::draw::escape;
use crate::render::footnote::letters;
use crate::text::{Block, Run};

/// English Metric Units, in which drawings are measured, in a point.
const UNITS_PER_POINT: f64 = 12_700.0;

/// Paragraphs, tables and sections as they follow one another.
#[derive(Default)]
pub(super) struct Flow {
    xml: String,
    /// Whether the page lies on its side from the last break on.
    is_on_side: bool,
    headings: usize,
}

impl Flow {
    /// Something that is a paragraph or a table already.
    pub(super) fn push(&mut self, xml: &str) {
        self.xml += xml;
    }

    /// A paragraph of plain words.
    pub(super) fn words(&mut self, style: &str, words: &str) {
        self.xml += &paragraph(style, "", &run("", words));
    }

    /// A heading, which the list of contents leads to.
    pub(super) fn heading(&mut self, level: u8, words: &str) {
        // Only headings of parts are counted: the list of contents names no others.
        self.headings += 1;
        let inside = bookmarked(&heading_name(self.headings), self.headings, &run("", words));
        self.xml += &paragraph(&format!("Heading{level}"), "", &inside);
    }

    /// The list of contents, as it is before Word has counted pages: each line
    /// leads to its heading, and asks for its page.
    pub(super) fn contents<'a>(&mut self, headings: impl Iterator<Item = &'a str>) {
        // A field that is `dirty` is computed when Word opens the file. What stands in it until
        // then is what other readers show.
        let begin = "<w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-1\" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>";
        for (place, heading) in headings.enumerate() {
            let name = heading_name(place + 1);
            let page = format!(
                "<w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGEREF {name} \\h </w:instrText></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t></w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
            );
            let link = format!(
                "<w:hyperlink w:anchor=\"{name}\" w:history=\"1\">{}{page}</w:hyperlink>",
                run("", heading)
            );
            let first = if place == 0 { begin } else { "" };
            self.xml += &paragraph("TOC1", "", &format!("{first}{link}"));
        }
        self.xml += &paragraph("Normal", "", "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>");
    }

    /// The text of a part.
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Heading(level, runs) => {
                    // Level 1 is the part itself.
                    self.xml += &paragraph(&format!("Heading{}", level + 1), "", &runs_of(runs));
                }
                Block::Paragraph(runs) => self.xml += &paragraph("Normal", "", &runs_of(runs)),
                Block::Item(depth, number, runs) => {
                    // The lists of `numbering.xml` are three levels deep.
                    let level = depth.saturating_sub(1).min(2);
                    let list = if number.is_some() { 2 } else { 1 };
                    let numbered = format!(
                        "<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr>"
                    );
                    self.xml += &paragraph("Item", &numbered, &runs_of(runs));
                }
                Block::Code(lines) => {
                    for line in lines.lines() {
                        self.words("Code", line);
                    }
                }
                Block::Table(rows) => self.xml += &super::table::of_text(rows),
            }
        }
    }

    /// Label and title of an exhibit.
    pub(super) fn caption(&mut self, style: &str, exhibit: &Exhibit, number: usize) {
        let label = run("<w:b/>", &format!("{} ", exhibit.label));
        // ids of bookmarks are numbers; those of headings stand before these
        let label = bookmarked(&anchor(&exhibit.name), 10_000 + number, &label);
        self.xml += &paragraph(style, "", &format!("{label}{}", run("", &exhibit.title)));
    }

    /// What stands under an exhibit.
    pub(super) fn remark(&mut self, style: &str, remark: &Paragraph) {
        let mark = match remark.role {
            ParagraphRole::Footnote(place) => raised(&letters(&[place])) + &run("", " "),
            _ => String::new(),
        };
        self.xml += &paragraph(style, "", &format!("{mark}{}", run("", &remark.text)));
    }

    /// A picture in a paragraph of its own.
    pub(super) fn picture(&mut self, number: usize, picture: &Picture) {
        let [width, height] = picture.size.map(|points| (points * UNITS_PER_POINT).round());
        let (name, words) = (escape(&picture.name), escape(&picture.words));
        let inside = format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/>\
             <wp:docPr id=\"{number}\" name=\"{name}\" descr=\"{words}\"/>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
             <pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{name}\" descr=\"{words}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"image{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        );
        self.xml += &paragraph("Picture", "", &inside);
    }

    /// Turns the page, where it does not lie that way already.
    pub(super) fn turn(&mut self, to_its_side: bool) {
        if to_its_side != self.is_on_side {
            // a section's page is declared where it ends
            self.xml +=
                &format!("<w:p><w:pPr>{}</w:pPr></w:p>", section(self.is_on_side, "nextPage"));
            self.is_on_side = to_its_side;
        }
    }

    /// The body with its last section.
    pub(super) fn finish(self) -> String {
        let last = section(self.is_on_side, "nextPage");
        self.xml + &last
    }
}

/// A page of A4 with its head and foot.
fn section(is_on_side: bool, kind: &str) -> String {
    let size = if is_on_side {
        "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>"
    } else {
        "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
    };
    format!(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"header\"/><w:footerReference w:type=\"default\" r:id=\"footer\"/>\
         <w:type w:val=\"{kind}\"/>{size}<w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/></w:sectPr>"
    )
}

fn heading_name(place: usize) -> String {
    format!("part_{place}")
}

/// The place of an exhibit; a bookmark's name has 40 letters at most.
fn anchor(name: &str) -> String {
    // Word takes letters, digits and underscores in the name of a bookmark, and nothing else.
    let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let plain: String = plain.take(30).collect();
    format!("exhibit_{plain}")
}

fn bookmarked(name: &str, id: usize, inside: &str) -> String {
    format!(
        "<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/>{inside}<w:bookmarkEnd w:id=\"{id}\"/>"
    )
}

/// A paragraph of a style, with more of its properties.
pub(super) fn paragraph(style: &str, more: &str, inside: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{more}</w:pPr>{inside}</w:p>")
}

/// Letters with their look, the inside of `w:rPr`.
pub(super) fn run(look: &str, text: &str) -> String {
    // An empty run is allowed, and only makes files larger.
    if text.is_empty() {
        return String::new();
    }
    let look = if look.is_empty() { String::new() } else { format!("<w:rPr>{look}</w:rPr>") };
    let lines = text
        .split('\n')
        .map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escape(&printable(line))));
    format!("<w:r>{look}{}</w:r>", lines.collect::<Vec<_>>().join("<w:br/>"))
}

/// Raised letters, as of footnotes.
pub(super) fn raised(text: &str) -> String {
    run("<w:vertAlign w:val=\"superscript\"/>", text)
}

/// A text without the signs that XML cannot hold.
fn printable(text: &str) -> String {
    // One control character makes Word refuse the whole file. Line breaks became `w:br` before.
    text.chars().filter(|c| !c.is_control() || *c == '\t').collect()
}

/// The runs of a text, with its links.
pub(super) fn runs_of(runs: &[Run]) -> String {
    let one = |run: &Run| {
        let mut look = String::new();
        if run.is_code {
            look +=
                "<w:rFonts w:ascii=\"Courier New\" w:hAnsi=\"Courier New\" w:cs=\"Courier New\"/>";
        }
        if run.is_strong {
            look += "<w:b/>";
        }
        if run.is_emphasised {
            look += "<w:i/>";
        }
        let place = run.link.as_deref().and_then(|link| link.strip_prefix('#'));
        let letters = self::run(&look, &run.text);
        match (place, &run.link) {
            (Some(place), _) => {
                // A place within the document. Addresses outside would need a relation each, so
                // they are printed.
                format!("<w:hyperlink w:anchor=\"{}\">{letters}</w:hyperlink>", anchor(place))
            }
            // an address is printed where it is not the words themselves
            (None, Some(address)) if *address != run.text => {
                letters + &self::run("", &format!(" ({address})"))
            }
            _ => letters,
        }
    };
    runs.iter().map(one).collect()
}
