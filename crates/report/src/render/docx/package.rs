//! The archive that a document is: its parts, and what each refers to.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::styles::styles;
use crate::draw::escape;

/// The namespace of WordprocessingML.
pub(super) const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A picture of the document.
pub(super) struct Picture {
    pub(super) name: String,
    /// As PNG.
    pub(super) pixels: Vec<u8>,
    /// Width and height in points.
    pub(super) size: [f64; 2],
    /// The same in words.
    pub(super) words: String,
}

/// Everything that the archive holds.
pub(super) struct Package<'a> {
    pub(super) title: &'a str,
    pub(super) subject: &'a str,
    pub(super) authors: &'a [String],
    pub(super) language: &'a str,
    pub(super) mark: Option<&'a str>,
    pub(super) body: String,
    pub(super) pictures: Vec<Picture>,
}

impl Package<'_> {
    /// The archive. Its entries have no time: the same study gives the same bytes.
    pub(super) fn zipped(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut put = |path: &str, bytes: &[u8], method: CompressionMethod| {
            let options = SimpleFileOptions::default().compression_method(method);
            zip.start_file(path, options)
                .and_then(|()| Ok(zip.write_all(bytes)?))
                .expect("invariant: memory takes every byte");
        };
        let texts = [
            // The first entry, by which programs tell what kind of archive it is.
            ("[Content_Types].xml", content_types()),
            ("_rels/.rels", relations_of_package()),
            ("docProps/core.xml", self.properties()),
            ("word/document.xml", self.document()),
            ("word/styles.xml", styles(&escape(self.language))),
            ("word/numbering.xml", numbering()),
            ("word/settings.xml", settings()),
            ("word/header1.xml", self.header()),
            ("word/footer1.xml", footer()),
            ("word/_rels/document.xml.rels", self.relations()),
        ];
        for (path, text) in texts {
            put(path, text.as_bytes(), CompressionMethod::Deflated);
        }
        for (place, picture) in self.pictures.iter().enumerate() {
            // pixels are compressed already
            let path = format!("word/media/image{}.png", place + 1);
            put(&path, &picture.pixels, CompressionMethod::Stored);
        }
        zip.finish().expect("invariant: memory takes every byte").into_inner()
    }

    fn document(&self) -> String {
        format!(
            "{HEAD}<w:document xmlns:w=\"{WORD}\" xmlns:r=\"{RELATIONS}\" \
             xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
             xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
             xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <w:body>{}</w:body></w:document>",
            self.body
        )
    }

    /// Title, subject and authors; no day, because there is none that the study declares.
    fn properties(&self) -> String {
        format!(
            "{HEAD}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
             <dc:title>{}</dc:title><dc:subject>{}</dc:subject><dc:creator>{}</dc:creator>\
             <dc:language>{}</dc:language></cp:coreProperties>",
            escape(self.title),
            escape(self.subject),
            escape(&self.authors.join(", ")),
            escape(self.language)
        )
    }

    fn header(&self) -> String {
        let mark = self.mark.map(|mark| format!("{} · ", escape(mark))).unwrap_or_default();
        format!(
            "{HEAD}<w:hdr xmlns:w=\"{WORD}\"><w:p><w:pPr><w:pStyle w:val=\"Edge\"/></w:pPr>\
             <w:r><w:t xml:space=\"preserve\">{mark}{}: {}</w:t></w:r></w:p></w:hdr>",
            escape(self.title),
            escape(self.subject)
        )
    }

    fn relations(&self) -> String {
        let fixed = [
            ("styles", "styles.xml"),
            ("numbering", "numbering.xml"),
            ("settings", "settings.xml"),
            ("header", "header1.xml"),
            ("footer", "footer1.xml"),
        ];
        let mut xml = format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">");
        for (kind, target) in fixed {
            xml += &format!(
                "<Relationship Id=\"{kind}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>"
            );
        }
        for place in 1..=self.pictures.len() {
            xml += &format!(
                // The ids that `Flow::picture` refers to by number.
                "<Relationship Id=\"image{place}\" Type=\"{RELATIONS}/image\" Target=\"media/image{place}.png\"/>"
            );
        }
        xml + "</Relationships>"
    }
}

fn content_types() -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let mut xml = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
    );
    for (part, kind) in [
        ("document", "document.main"),
        ("styles", "styles"),
        ("numbering", "numbering"),
        ("settings", "settings"),
        ("header1", "header"),
        ("footer1", "footer"),
    ] {
        xml +=
            &format!("<Override PartName=\"/word/{part}.xml\" ContentType=\"{word}.{kind}+xml\"/>");
    }
    xml + "</Types>"
}

fn relations_of_package() -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"document\" Type=\"{RELATIONS}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"properties\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
         </Relationships>"
    )
}

/// Two lists: one of points and one of numbers, three levels deep.
fn numbering() -> String {
    let mut xml = format!("{HEAD}<w:numbering xmlns:w=\"{WORD}\">");
    // All abstract lists stand before those that are made of them: the schema has this order.
    for (id, format) in [(0, "bullet"), (1, "decimal")] {
        xml += &format!(
            "<w:abstractNum w:abstractNumId=\"{id}\"><w:multiLevelType w:val=\"hybridMultilevel\"/>"
        );
        for level in 0..3 {
            let text = if id == 0 { "•".to_owned() } else { format!("%{}.", level + 1) };
            let left = 360 * (level + 1);
            xml += &format!(
                "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>\
                 <w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/>\
                 <w:pPr><w:ind w:left=\"{left}\" w:hanging=\"360\"/></w:pPr></w:lvl>"
            );
        }
        xml += "</w:abstractNum>";
    }
    for id in 1..=2 {
        xml += &format!("<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{}\"/></w:num>", id - 1);
    }
    xml + "</w:numbering>"
}

fn settings() -> String {
    format!(
        // Without a mode of 15 Word opens the file as one of 2007, and says so in its title.
        "{HEAD}<w:settings xmlns:w=\"{WORD}\"><w:zoom w:percent=\"100\"/><w:compat>\
         <w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/>\
         </w:compat></w:settings>"
    )
}

fn footer() -> String {
    let field = |code: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {code} </w:instrText></w:r>\
             <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    format!(
        "{HEAD}<w:ftr xmlns:w=\"{WORD}\"><w:p><w:pPr><w:pStyle w:val=\"Edge\"/><w:jc w:val=\"center\"/></w:pPr>{}\
         <w:r><w:t xml:space=\"preserve\"> / </w:t></w:r>{}</w:p></w:ftr>",
        field("PAGE"),
        // Fields, which Word fills in: nobody knows the pages before it has laid them out.
        field("NUMPAGES")
    )
}
