//! The supplement's page: one HTML file with its style, fonts and drawings
//! inside, which asks nothing of any network.

use serde::Serialize;
use study::{Exhibit, ExhibitKind, StudySettings, slug};
use tera::{Context, Tera};

use crate::draw::{Face, font_faces};
use crate::exhibit::mark_remark;

const TEMPLATE: &str = include_str!("templates/supplement.html");
const STYLE: &str = include_str!("templates/supplement.css");

/// What stands on the page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Its title.
    pub(crate) title: String,
    /// Who wrote it.
    pub(crate) authors: Vec<String>,
    /// The language of its texts.
    pub(crate) language: String,
    /// Its parts in order.
    pub(crate) parts: Vec<Part>,
}

/// A part under one heading.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The heading.
    pub(crate) heading: String,
    /// Its text as HTML.
    pub(crate) text: String,
    /// Its figures and tables.
    pub(crate) exhibits: Vec<Exhibit>,
}

/// A part as the template sees it.
#[derive(Serialize)]
struct Shown<'a> {
    anchor: String,
    heading: &'a str,
    text: &'a str,
    exhibits: Vec<ShownExhibit<'a>>,
}

#[derive(Serialize)]
struct ShownExhibit<'a> {
    name: &'a str,
    label: &'a str,
    title: &'a str,
    is_figure: bool,
    body: &'a str,
    caption: &'a str,
}

impl Page {
    /// The page as HTML.
    pub(crate) fn html(&self, study: &StudySettings) -> String {
        let mut context = Context::new();
        context.insert("title", &self.title);
        context.insert("study", &study.title);
        context.insert("authors", &self.authors);
        context.insert("language", &self.language);
        context.insert("mark", &study.mark());
        context.insert("mark_remark", &mark_remark(study));
        context.insert("fonts", &font_faces(&Face::ALL));
        context.insert("style", STYLE);
        context.insert("version", env!("CARGO_PKG_VERSION"));
        context.insert("parts", &self.shown());
        let mut tera = Tera::new();
        tera.add_raw_template("supplement.html", TEMPLATE)
            .and_then(|()| tera.render("supplement.html", &context))
            .expect("invariant: the page's own template holds, as the tests show")
    }

    fn shown(&self) -> Vec<Shown<'_>> {
        let anchors = anchors(self.parts.iter().map(|part| part.heading.as_str()));
        self.parts.iter().zip(anchors).map(|(part, anchor)| part.shown(anchor)).collect()
    }
}

impl Part {
    fn shown(&self, anchor: String) -> Shown<'_> {
        Shown {
            anchor,
            heading: &self.heading,
            text: &self.text,
            exhibits: self.exhibits.iter().map(shown_exhibit).collect(),
        }
    }
}

fn shown_exhibit(exhibit: &Exhibit) -> ShownExhibit<'_> {
    ShownExhibit {
        name: &exhibit.name,
        label: &exhibit.label,
        title: &exhibit.title,
        is_figure: exhibit.exhibit_kind == ExhibitKind::Figure,
        body: &exhibit.body_html,
        caption: &exhibit.caption_html,
    }
}

/// An id for each heading; equal headings are counted.
fn anchors<'a>(headings: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    for heading in headings {
        let plain = format!("section-{}", slug(heading).replace('_', "-"));
        let counted = (2..).map(|number| format!("{plain}-{number}"));
        let free = std::iter::once(plain.clone()).chain(counted).find(|id| !made.contains(id));
        made.extend(free);
    }
    made
}
