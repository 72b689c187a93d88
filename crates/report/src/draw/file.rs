//! A finished drawing as a file: SVG that stands alone, SVG for a page, PNG.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::svg::{decimal, escape};
use super::{DrawError, Face, POINTS_PER_MM, TextBox, raster};

/// What a figure says to those who cannot see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    /// The figure's name, of which its ids are made.
    pub name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What it shows.
    pub description: &'a str,
}

/// A finished drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    width: f64,
    height: f64,
    body: String,
    texts: Vec<TextBox>,
}

impl Drawing {
    pub(super) fn new(width: f64, height: f64, body: String, texts: Vec<TextBox>) -> Self {
        Self { width, height, body, texts }
    }

    /// Width and height in points.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// The texts with their places.
    #[must_use]
    pub fn texts(&self) -> &[TextBox] {
        &self.texts
    }

    /// A file of its own, with the font inside.
    #[must_use]
    pub fn standalone(&self, words: &Words<'_>) -> String {
        let style = format!("<style>{}</style>\n", font_faces(&self.faces()));
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", self.svg(words, &style))
    }

    /// An element for a page that has the font (see [`font_faces`]).
    #[must_use]
    pub fn inline(&self, words: &Words<'_>) -> String {
        self.svg(words, "")
    }

    /// Pixels at 300 dots per inch on white.
    ///
    /// # Errors
    /// If the drawing cannot be turned into pixels.
    pub fn png(&self) -> Result<Vec<u8>, DrawError> {
        raster::png(&self.svg(&Words { name: "", title: "", description: "" }, ""), self.size())
    }

    fn faces(&self) -> Vec<Face> {
        let used = |face: &Face| match face {
            Face::Regular => true,
            Face::SemiBold => self.body.contains(r#"font-weight="600""#),
            Face::Italic => self.body.contains(r#"font-style="italic""#),
        };
        Face::ALL.into_iter().filter(used).collect()
    }

    fn svg(&self, words: &Words<'_>, style: &str) -> String {
        let (width, height) = (decimal(self.width), decimal(self.height));
        let name = escape(words.name);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{}mm" height="{}mm" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-description">
<title id="{name}-title">{}</title>
<desc id="{name}-description">{}</desc>
{style}<rect width="{width}" height="{height}" fill="#ffffff"/>
<g font-family="Inter, Helvetica, Arial, sans-serif" text-rendering="geometricPrecision" style="font-kerning:none">
{}</g>
</svg>
"##,
            decimal(self.width / POINTS_PER_MM),
            decimal(self.height / POINTS_PER_MM),
            escape(words.title),
            escape(words.description),
            self.body
        )
    }
}

/// CSS that brings the font: for the style of a page, or of an SVG file.
#[must_use]
pub fn font_faces(faces: &[Face]) -> String {
    let mut css = String::new();
    for face in faces {
        write!(
            css,
            "@font-face{{font-family:Inter;font-weight:{};font-style:{};src:url(data:font/woff2;base64,{}) format(\"woff2\")}}",
            face.weight(),
            face.style(),
            STANDARD.encode(face.woff2())
        )
        .expect("invariant: a string takes every text");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Canvas, Lettering};

    fn drawing() -> Drawing {
        let mut canvas = Canvas::new(144.0, 72.0);
        canvas.text((10.0, 20.0), "p < 0.05 & χ²", &Lettering::plain(8.0).bold());
        canvas.finish().expect("all letters are there")
    }

    const WORDS: Words<'_> = Words { name: "efigure_9", title: "A & B", description: "Two." };

    #[test]
    fn ids_come_from_the_name_and_texts_are_escaped() {
        let svg = drawing().inline(&WORDS);
        assert!(svg.contains(r#"aria-labelledby="efigure_9-title efigure_9-description""#));
        assert!(svg.contains(r#"<title id="efigure_9-title">A &amp; B</title>"#));
        assert!(svg.contains(">p &lt; 0.05 &amp; χ²</text>"));
        assert!(!svg.contains("@font-face"));
    }

    #[test]
    fn a_file_of_its_own_holds_only_the_faces_it_uses() {
        let svg = drawing().standalone(&WORDS);
        assert_eq!(svg.matches("@font-face").count(), 2);
        assert!(!svg.contains("font-style:italic"));
    }

    #[test]
    fn the_png_is_300_dots_an_inch() {
        let png = drawing().png().expect("draws");
        assert_eq!(&png[16..24], [0, 0, 2, 88, 0, 0, 1, 44], "600 by 300 pixels");
        assert_eq!(&png[37..41], b"pHYs");
        assert_eq!(png[41..45], 11_811u32.to_be_bytes());
        assert_eq!(png, drawing().png().expect("draws"), "the same bytes again");
    }
}
