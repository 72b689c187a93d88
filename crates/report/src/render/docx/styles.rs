//! The styles of the document: what headings, captions and cells look like, so
//! that who edits it changes one place.

/// `word/styles.xml`.
pub(super) fn styles(language: &str) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <w:styles xmlns:w=\"{}\">\
         <w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:cs=\"Arial\" w:eastAsia=\"Arial\"/>\
         <w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/><w:lang w:val=\"{language}\"/>\
         </w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>\
         <w:spacing w:after=\"120\" w:line=\"264\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>",
        super::package::WORD
    );
    xml += "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>";
    for style in STYLES {
        xml += &style.xml();
    }
    xml + "</w:styles>"
}

/// A paragraph style by what makes it differ from the plain one.
struct Style {
    id: &'static str,
    name: &'static str,
    /// Inside of `w:pPr`.
    paragraph: &'static str,
    /// Inside of `w:rPr`.
    letters: &'static str,
}

impl Style {
    fn xml(&self) -> String {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{}\"><w:name w:val=\"{}\"/>\
             <w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>{}</w:pPr><w:rPr>{}</w:rPr></w:style>",
            self.id, self.name, self.paragraph, self.letters
        )
    }
}

const fn style(
    id: &'static str,
    name: &'static str,
    paragraph: &'static str,
    letters: &'static str,
) -> Style {
    Style { id, name, paragraph, letters }
}

/// Names in lower case are those that Word builds in, so that its outline and its
/// list of contents know them.
const STYLES: [Style; 18] = [
    style(
        "Title",
        "Title",
        "<w:spacing w:before=\"240\" w:after=\"60\"/>",
        "<w:b/><w:sz w:val=\"34\"/>",
    ),
    style(
        "Subtitle",
        "Subtitle",
        "<w:spacing w:after=\"120\"/>",
        "<w:color w:val=\"444444\"/><w:sz w:val=\"26\"/>",
    ),
    style("Author", "Author", "", ""),
    style(
        "Heading1",
        "heading 1",
        "<w:keepNext/><w:spacing w:before=\"360\" w:after=\"120\"/><w:outlineLvl w:val=\"0\"/>",
        "<w:b/><w:sz w:val=\"28\"/>",
    ),
    style(
        "Heading2",
        "heading 2",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"80\"/><w:outlineLvl w:val=\"1\"/>",
        "<w:b/><w:sz w:val=\"22\"/>",
    ),
    style(
        "Heading3",
        "heading 3",
        "<w:keepNext/><w:spacing w:before=\"180\" w:after=\"60\"/><w:outlineLvl w:val=\"2\"/>",
        "<w:b/>",
    ),
    style(
        "TOC1",
        "toc 1",
        "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"9628\"/></w:tabs><w:spacing w:after=\"40\"/>",
        "",
    ),
    style(
        "TableCaption",
        "Table caption",
        "<w:keepNext/><w:spacing w:before=\"280\" w:after=\"80\"/>",
        "",
    ),
    style(
        "FigureCaption",
        "Figure caption",
        "<w:keepLines/><w:spacing w:before=\"80\" w:after=\"80\"/>",
        "",
    ),
    style("Picture", "Picture", "<w:keepNext/><w:spacing w:before=\"280\" w:after=\"60\"/>", ""),
    style(
        "Cell",
        "Cell",
        "<w:spacing w:before=\"20\" w:after=\"20\" w:line=\"240\" w:lineRule=\"auto\"/>",
        "<w:sz w:val=\"16\"/>",
    ),
    style(
        "CellHeading",
        "Cell heading",
        "<w:keepNext/><w:spacing w:before=\"40\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>",
        "<w:b/><w:sz w:val=\"16\"/>",
    ),
    style(
        "Remark",
        "Remark",
        "<w:keepLines/><w:spacing w:before=\"40\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>",
        "<w:sz w:val=\"16\"/>",
    ),
    style(
        "Warning",
        "Warning",
        "<w:keepLines/><w:spacing w:before=\"40\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>",
        "<w:b/><w:sz w:val=\"16\"/>",
    ),
    style(
        "DataMark",
        "Data mark",
        "<w:keepLines/><w:spacing w:before=\"40\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/>",
        "<w:i/><w:sz w:val=\"16\"/>",
    ),
    style("Item", "Item", "<w:spacing w:after=\"60\"/>", ""),
    style(
        "Code",
        "Code",
        "<w:spacing w:before=\"60\" w:after=\"60\"/>",
        "<w:rFonts w:ascii=\"Courier New\" w:hAnsi=\"Courier New\" w:cs=\"Courier New\"/><w:sz w:val=\"16\"/>",
    ),
    style(
        "Edge",
        "Edge of the page",
        "<w:tabs><w:tab w:val=\"right\" w:pos=\"9628\"/></w:tabs><w:spacing w:after=\"0\"/>",
        "<w:color w:val=\"555555\"/><w:sz w:val=\"16\"/>",
    ),
];
