//! The supplement's page: one HTML file with its style, fonts and drawings
//! inside, which asks nothing of any network.

use serde::Serialize;
use study::{Body, Exhibit, StudySettings, slug};
use tera::{Context, Tera};

use crate::cards::{self, Printed};
use crate::draw::Face;
use crate::exhibit::mark_remark;
use crate::render::{font_faces, html_body, html_caption};
use crate::text::Written;

const TEMPLATE: &str = include_str!("templates/supplement.html");
const STYLE: &str = include_str!("templates/supplement.css");

/// What stands on the page.
pub(crate) struct Page<'a> {
    /// Its title.
    pub(crate) title: String,
    /// Who wrote it.
    pub(crate) authors: Vec<String>,
    /// The language of its texts.
    pub(crate) language: String,
    /// Its parts in order.
    pub(crate) parts: Vec<Part>,
    /// What the cards of its numbers are made from.
    pub(crate) sources: cards::Sources<'a>,
    /// How many claims there are, and how many of them the findings agree with.
    pub(crate) claims: [u64; 2],
}

/// How much of a digest is shown.
const DIGITS_OF_DIGEST: usize = 12;

/// What the strip at the top of the page says of the whole of it.
#[derive(Serialize)]
struct Strip<'a> {
    claims: [u64; 2],
    pipeline: &'a str,
    suppressed: String,
    numbers: usize,
}

/// A part under one heading.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The heading.
    pub(crate) heading: String,
    /// Its text.
    pub(crate) text: Written,
    /// Its figures and tables.
    pub(crate) exhibits: Vec<Exhibit>,
}

/// A part as the template sees it.
#[derive(Serialize)]
struct Shown<'a> {
    anchor: String,
    heading: &'a str,
    text: String,
    exhibits: Vec<ShownExhibit<'a>>,
}

#[derive(Serialize)]
struct ShownExhibit<'a> {
    name: &'a str,
    label: &'a str,
    title: &'a str,
    is_figure: bool,
    body: String,
    caption: String,
}

impl Page<'_> {
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
        // Everything stands in the file, since the page must open from a mail, years later, without
        // a network.
        context.insert("style", STYLE);
        context.insert("version", env!("CARGO_PKG_VERSION"));
        // Before the cards: they list what was printed, and where.
        let mut printed = Printed::of(self.sources.evidence);
        context.insert("parts", &self.shown(study, &mut printed));
        context.insert("strip", &self.strip(study, &printed));
        let provenance = self.sources.provenance();
        context.insert("pipeline_file", &provenance.file);
        context.insert("entries", &self.sources.entries(&printed));
        let mut tera = Tera::new();
        tera.add_raw_template("supplement.html", TEMPLATE)
            .and_then(|()| tera.render("supplement.html", &context))
            // The template and its data are the program's own. No text of a study is run as one.
            .expect("invariant: the page's own template holds, as the tests show")
    }

    fn shown(&self, study: &StudySettings, printed: &mut Printed) -> Vec<Shown<'_>> {
        let anchors = anchors(self.parts.iter().map(|part| part.heading.as_str()));
        let parts = self.parts.iter().zip(anchors);
        parts.map(|(part, anchor)| part.shown(anchor, study, printed)).collect()
    }

    fn strip(&self, study: &StudySettings, printed: &Printed) -> Strip<'_> {
        let pipeline = &self.sources.provenance().pipeline;
        Strip {
            claims: self.claims,
            pipeline: pipeline.get(..DIGITS_OF_DIGEST).unwrap_or(pipeline),
            suppressed: cards::suppressed(self.sources.evidence, study),
            numbers: printed.findings(),
        }
    }
}

impl Part {
    fn shown(&self, anchor: String, study: &StudySettings, printed: &mut Printed) -> Shown<'_> {
        // numbers are counted in the order of the page: the text stands before its exhibits
        let text = printed.anchored(&self.text.html, &self.heading);
        let exhibits = self.exhibits.iter().map(|exhibit| shown_exhibit(exhibit, study, printed));
        Shown { anchor, heading: &self.heading, text, exhibits: exhibits.collect() }
    }
}

fn shown_exhibit<'a>(
    exhibit: &'a Exhibit,
    study: &StudySettings,
    printed: &mut Printed,
) -> ShownExhibit<'a> {
    ShownExhibit {
        name: &exhibit.name,
        label: &exhibit.label,
        title: &exhibit.title,
        is_figure: matches!(exhibit.body, Body::Figure(_)),
        body: printed.anchored(&html_body(exhibit, study), &exhibit.label),
        caption: html_caption(exhibit),
    }
}

/// An id for each heading; equal headings are counted.
pub(crate) fn anchors<'a>(headings: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    for heading in headings {
        // With a word before it, so that no heading takes the id of an exhibit.
        let plain = format!("section-{}", slug(heading).replace('_', "-"));
        let counted = (2..).map(|number| format!("{plain}-{number}"));
        let free = std::iter::once(plain.clone()).chain(counted).find(|id| !made.contains(id));
        made.extend(free);
    }
    made
}
