//! A drawing as SVG: a file that stands alone with its font, or an element for
//! a page that has the font.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use study::{Body, Drawing, Exhibit};

use crate::draw::{Face, POINTS_PER_MM, decimal, escape};

/// A part of a figure as a file of its own, with the font inside.
pub(crate) fn standalone(exhibit: &Exhibit, place: usize, drawing: &Drawing) -> String {
    // Only faces that are used: each adds tens of kilobytes to the file.
    let style = format!("<style>{}</style>\n", font_faces(&faces(drawing)));
    let svg = framed(drawing, &Words::of(exhibit, place), &style);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}")
}

/// A part of a figure as an element for a page that has the font (see [`font_faces`]).
pub(super) fn inline(exhibit: &Exhibit, place: usize, drawing: &Drawing) -> String {
    framed(drawing, &Words::of(exhibit, place), "")
}

/// What a part of a figure is called, and what it shows, for those who cannot see it.
pub(super) fn words(exhibit: &Exhibit, place: usize) -> (String, &str) {
    let words = Words::of(exhibit, place);
    (words.title, words.description)
}

/// The drawing without words, for those who turn it into something else.
pub(super) fn wordless(drawing: &Drawing) -> String {
    framed(drawing, &Words::default(), "")
}

/// What a part of a figure is called in files: the figure's name, and the number
/// of the part where there are several.
pub(crate) fn part_name(name: &str, place: usize, parts: usize) -> String {
    if parts == 1 { name.to_owned() } else { format!("{name}_part_{}", place + 1) }
}

/// What a figure says to those who cannot see it.
#[derive(Default)]
struct Words<'a> {
    /// The name of the part, of which its ids are made.
    name: String,
    title: String,
    description: &'a str,
}

impl<'a> Words<'a> {
    fn of(exhibit: &'a Exhibit, place: usize) -> Self {
        let parts = match &exhibit.body {
            Body::Figure(drawings) => drawings.len(),
            Body::Table(_) => 1,
        };
        let part = match parts {
            1 => String::new(),
            parts => format!(" (part {} of {parts})", place + 1),
        };
        Self {
            name: part_name(&exhibit.name, place, parts),
            title: match exhibit.label.as_str() {
                "" => format!("{}{part}", exhibit.title),
                label => format!("{label}. {}{part}", exhibit.title),
            },
            description: &exhibit.alternative_text,
        }
    }
}

fn faces(drawing: &Drawing) -> Vec<Face> {
    let used = |face: &Face| match face {
        // Some text is always regular.
        Face::Regular => true,
        Face::SemiBold => drawing.elements.contains(r#"font-weight="600""#),
        Face::Italic => drawing.elements.contains(r#"font-style="italic""#),
    };
    Face::ALL.into_iter().filter(used).collect()
}

fn framed(drawing: &Drawing, words: &Words<'_>, style: &str) -> String {
    let (width, height) = (decimal(drawing.width), decimal(drawing.height));
    // Ids are made of the figure's name, as a page holds many figures and each id once.
    let name = escape(&words.name);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{}mm" height="{}mm" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-description">
<title id="{name}-title">{}</title>
<desc id="{name}-description">{}</desc>
{style}<rect width="{width}" height="{height}" fill="#ffffff"/>
<g font-family="Inter, Helvetica, Arial, sans-serif" text-rendering="geometricPrecision" style="font-kerning:none">
{}</g>
</svg>
"##,
        // In millimetres outside and points inside: it prints at its size, and is drawn in the unit
        // of type.
        decimal(drawing.width / POINTS_PER_MM),
        decimal(drawing.height / POINTS_PER_MM),
        escape(&words.title),
        escape(words.description),
        drawing.elements
    )
}

/// CSS that brings the font: for the style of a page, or of an SVG file.
pub(crate) fn font_faces(faces: &[Face]) -> String {
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
        canvas.finish().expect("all letters are there").picture
    }

    fn exhibit() -> Exhibit {
        Exhibit {
            name: "efigure_9".into(),
            label: "eFigure 9".into(),
            title: "A & B".into(),
            caption: Vec::new(),
            body: Body::Figure(vec![drawing()]),
            alternative_text: "Two.".into(),
        }
    }

    #[test]
    fn ids_come_from_the_name_and_texts_are_escaped() {
        let svg = inline(&exhibit(), 0, &drawing());
        assert!(svg.contains(r#"aria-labelledby="efigure_9-title efigure_9-description""#));
        assert!(svg.contains(r#"<title id="efigure_9-title">eFigure 9. A &amp; B</title>"#));
        assert!(svg.contains(r#"<desc id="efigure_9-description">Two.</desc>"#));
        assert!(svg.contains(">p &lt; 0.05 &amp; χ²</text>"));
        assert!(!svg.contains("@font-face"));
    }

    #[test]
    fn parts_of_a_figure_have_ids_and_titles_of_their_own() {
        let body = Body::Figure(vec![drawing(), drawing()]);
        let svg = inline(&Exhibit { body, ..exhibit() }, 1, &drawing());
        assert!(
            svg.contains(
                r#"<title id="efigure_9_part_2-title">eFigure 9. A &amp; B (part 2 of 2)</title>"#
            ),
            "{svg}"
        );
    }

    #[test]
    fn a_file_of_its_own_holds_only_the_faces_it_uses() {
        let svg = standalone(&exhibit(), 0, &drawing());
        assert_eq!(svg.matches("@font-face").count(), 2);
        assert!(!svg.contains("font-style:italic"));
    }
}
