//! `supplement`: the page that holds everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Exhibit, Output, StudySettings};

use crate::cards::Sources;
use crate::evidence::Evidence;
use crate::exhibit::draw_mistake;
use crate::ledger;
use crate::links::Places;
use crate::numbering::{self, Labels, Numbering};
use crate::page::{self, Page, Part};
use crate::render;
use crate::text::{self, Facts, Known, Written};

/// The supplement: one HTML page with the study's texts, figures and tables,
/// which needs nothing but itself.
///
/// Texts are Markdown files whose numbers are written as
/// `{{ stat(id="pfs_by_rt.median.rt") }}`; `show` may be `value` (with its
/// unit), `bare`, `ci`, `full` (value and interval), `p`, `n`, `events`,
/// `missing`, `fraction` or `method`, and `decimals` overrules the usual
/// number of digits. `{{ ref(name="efigure_5") }}` links to an exhibit;
/// `{{ methods() }}`, alone on its line, gives the methods in the words of the
/// settings that ran; `privacy()` says below which number counts are hidden, and
/// nothing where none are; `flow(show=...)`, `flow(excluded_by=...)`,
/// `cleaning(show=...)` and `claims(show=...)` count.
///
/// A text may branch with `{% if %}`, on what was found with
/// `{% if holds(id="pfs_hazards.p.global", below=0.05) %}` (or `above`, or
/// `not_estimable=true`, as where a coefficient may be infinite); it holds no loop, no HTML and no image,
/// and its links lead to `https:`, `http:`, `mailto:` or a place on the page.
///
/// Every number that a text or a table prints of a finding is a link to its card, in a folded
/// register at the end of the page: the number at full precision with its limits, what it is, by
/// which method, of whom, where it is declared, the raw columns that it can come from, and the
/// command that tells more. A strip at the top says what holds of the whole page.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    /// What the page is; it stands above the study's title.
    #[serde(default = "default_title")]
    pub title: String,
    /// Who wrote it.
    #[serde(default)]
    pub authors: Vec<String>,
    /// The parts of the page in order.
    pub sections: Vec<PageSection>,
    /// What gives figures and tables their numbers.
    #[serde(default)]
    pub numbering: Numbering,
    /// What figures are called where they are numbered by citation.
    #[serde(default = "figure_word")]
    pub figure_word: String,
    /// The same of tables.
    #[serde(default = "table_word")]
    pub table_word: String,
    /// Labels of exhibits by their entries, such as `{ km_curve: Figure 2 }`, whatever numbers the others.
    #[serde(default)]
    pub labels: Named<String>,
    /// The language of the texts, as a language tag.
    #[serde(default = "default_language")]
    pub language: String,
    /// Where the page is written, relative to the pipeline file.
    #[serde(default = "default_page")]
    pub page: String,
    /// Other documents that hold the same, beside the page.
    #[serde(default)]
    pub documents: Vec<DocumentFormat>,
}

/// A document beside the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFormat {
    /// All of it for Word.
    Docx,
    /// The tables as a workbook, a sheet each, numbers as numbers.
    Xlsx,
    /// The tables for LaTeX.
    Latex,
}

impl DocumentFormat {
    fn ending(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Latex => "tex",
        }
    }
}

/// One part of the page.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageSection {
    /// Its heading.
    pub heading: String,
    /// The Markdown file of its text.
    #[serde(default)]
    pub text: Option<String>,
    /// The report entries whose figures and tables follow the text.
    #[serde(default)]
    pub exhibits: Vec<String>,
}

fn default_title() -> String {
    "Supplement".to_owned()
}

fn figure_word() -> String {
    "Figure".to_owned()
}

fn table_word() -> String {
    "Table".to_owned()
}

fn default_language() -> String {
    "en".to_owned()
}

fn default_page() -> String {
    "reports/supplement.html".to_owned()
}

impl Kind for Supplement {
    const NAME: &'static str = "supplement";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = vec![
            // for the labels of columns and levels
            Read::table(&study.analysis_table, &[]),
            Read::Claims,
            Read::Origins,
        ];
        for (place, number, name) in self.exhibits() {
            let at = ["sections", &place.to_string(), "exhibits", &number.to_string()];
            reads.push(Read::stage(name, Section::Report, &at));
        }
        let files = self.sections.iter().filter_map(|section| section.text.clone()).collect();
        Wiring { reads, files, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = self.check();
        // numbers need the texts; here it matters which names there are
        let labels = self.exhibits().map(|(_, _, name)| (name.to_owned(), name.to_owned()));
        let evidence = Evidence::of(call);
        let facts = Facts::of(call, &evidence, Known::Announced);
        let facts = Facts { exhibits: labels.collect(), ..facts };
        if let Err(found) = self.texts(call, &Arc::new(facts)) {
            mistakes.0.extend(found.0);
        }
        for (place, number, name) in self.exhibits() {
            let output = call.stage(name);
            // A stage that is itself mistaken announces nothing at all.
            if output.exhibit.is_none() && !output.files.is_empty() {
                mistakes.push(no_exhibit(place, number, name));
            }
        }
        let documents = self.documents.iter().map(|format| self.document(*format));
        let paths = std::iter::once(self.page.clone()).chain(documents);
        let files = paths.map(|path| (path, Vec::new())).collect();
        mistakes.or(Output { files, ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        let exhibits = self.made_exhibits(call, &mut mistakes);
        let evidence = Evidence::of(call);
        let facts = Facts::of(call, &evidence, Known::Findings).with_claims(&ledger::entries(
            call.claims,
            call.study,
            &evidence,
        )?);
        let in_order: Vec<&Exhibit> =
            self.exhibits().filter_map(|(_, _, name)| exhibits.get(name).copied()).collect();
        let claims = ["total", "agree"].map(|which| facts.claims[which]);
        let names: Vec<&str> = in_order.iter().map(|exhibit| exhibit.name.as_str()).collect();
        // In the first pass each exhibit is cited by its own name, from which the citations are
        // read off again.
        let plain = names.iter().map(|name| ((*name).to_owned(), (*name).to_owned()));
        let facts = Facts { exhibits: plain.collect(), ..facts };
        // the texts are rendered twice: what they cite decides what the citations say
        let cited = self.texts(call, &Arc::new(facts.clone())).unwrap_or_else(|found| {
            mistakes.0.extend(found.0);
            Vec::new()
        });
        let labels = self.labels().of(&numbering::cited(&cited, &names), &in_order);
        let facts = Facts { exhibits: labels.clone().into_iter().collect(), ..facts };
        // Before the second pass, whose labels would not be right with a text missing.
        mistakes.or(())?;
        let texts = self.texts(call, &Arc::new(facts))?;
        let places = self.places(&labels);
        let exhibits = in_order.into_iter().map(|exhibit| {
            let label = labels[&exhibit.name].clone();
            (exhibit.name.as_str(), places.linked(Exhibit { label, ..exhibit.clone() }))
        });
        let exhibits = exhibits.collect();
        let page = Page {
            title: self.title.clone(),
            authors: self.authors.clone(),
            language: self.language.clone(),
            parts: self.parts(texts, &exhibits),
            sources: Sources { call, evidence: &evidence },
            claims,
        };
        let mut files = BTreeMap::from([(self.page.clone(), page.html(call.study).into_bytes())]);
        for format in &self.documents {
            let bytes = match format {
                DocumentFormat::Docx => {
                    render::docx(&page, call.study).map_err(|error| draw_mistake(&error))?
                }
                DocumentFormat::Xlsx => render::xlsx(&page, call.study),
                DocumentFormat::Latex => render::latex(&page, call.study),
            };
            files.insert(self.document(*format), bytes);
        }
        Ok(Output { files, ..Output::default() })
    }
}

impl Supplement {
    /// Every exhibit with its section's place and its own in it.
    fn exhibits(&self) -> impl Iterator<Item = (usize, usize, &str)> {
        self.sections.iter().enumerate().flat_map(|(place, section)| {
            let names = section.exhibits.iter().enumerate();
            names.map(move |(number, name)| (place, number, name.as_str()))
        })
    }

    /// Where a document is written: beside the page, by its ending.
    fn document(&self, format: DocumentFormat) -> String {
        let page = self.page.strip_suffix(".html").unwrap_or(&self.page);
        format!("{page}.{}", format.ending())
    }

    fn labels(&self) -> Labels<'_> {
        let words = [self.figure_word.as_str(), self.table_word.as_str()];
        Labels { numbering: self.numbering, words, own: &self.labels }
    }

    fn check(&self) -> Mistakes {
        let mut mistakes = Mistakes::default();
        let entries = self.exhibits().map(|(place, number, name)| {
            let at = ["sections", &place.to_string(), "exhibits", &number.to_string()];
            (at.map(str::to_owned).to_vec(), name)
        });
        mistakes.0.extend(self.labels().check(&entries.collect::<Vec<_>>()));
        let mut known: Vec<&str> = Vec::new();
        for (place, number, name) in self.exhibits() {
            // One id can stand once on a page, and one number at one place.
            if known.contains(&name) {
                let at = ["sections", &place.to_string(), "exhibits", &number.to_string()];
                let mistake = Mistake::at(&at, format!("`{name}` stands on the page twice"));
                mistakes.push(mistake.hint("refer to it with `ref(name=...)` in the text"));
            }
            known.push(name);
        }
        if !self.page.ends_with(".html") {
            let mistake = Mistake::at(&["page"], format!("`{}` is no HTML file", self.page));
            mistakes.push(mistake.hint("such as `reports/supplement.html`"));
        }
        mistakes
    }

    /// The exhibits by name; an entry that makes none is a mistake.
    fn made_exhibits<'a>(
        &'a self,
        call: &'a Call<'_>,
        mistakes: &mut Mistakes,
    ) -> BTreeMap<&'a str, &'a Exhibit> {
        let mut made = BTreeMap::new();
        for (place, number, name) in self.exhibits() {
            match &call.stage(name).exhibit {
                Some(exhibit) => drop(made.insert(name, exhibit)),
                None => mistakes.push(no_exhibit(place, number, name)),
            }
        }
        made
    }

    /// The text of each section, empty where it has none.
    fn texts(&self, call: &Call<'_>, facts: &Arc<Facts>) -> Result<Vec<Written>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut texts = Vec::new();
        for (place, section) in self.sections.iter().enumerate() {
            let Some(path) = &section.text else {
                texts.push(Written::default());
                continue;
            };
            let at = ["sections".to_owned(), place.to_string(), "text".to_owned()];
            let rendered = std::str::from_utf8(call.file(path))
                .map_err(|_| vec![Mistake::new("the text is not UTF-8").in_raw_file(path)])
                .and_then(|source| text::render(path, source, facts));
            match rendered {
                Ok(written) => texts.push(written),
                Err(found) => mistakes.0.extend(
                    found.into_iter().map(|mistake| Mistake { at: at.to_vec(), ..mistake }),
                ),
            }
        }
        mistakes.or(texts)
    }

    /// What tables can point at.
    fn places(&self, labels: &BTreeMap<String, String>) -> Places {
        let anchors = page::anchors(self.sections.iter().map(|section| section.heading.as_str()));
        let sections = self.sections.iter().zip(anchors);
        let texts = sections.filter_map(|(section, anchor)| {
            Some((section.text.as_deref()?, section.heading.as_str(), anchor))
        });
        Places::of(labels, texts)
    }

    fn parts(&self, texts: Vec<Written>, exhibits: &BTreeMap<&str, Exhibit>) -> Vec<Part> {
        let part = |(section, text): (&PageSection, Written)| Part {
            heading: section.heading.clone(),
            text,
            exhibits: section.exhibits.iter().map(|name| exhibits[name.as_str()].clone()).collect(),
        };
        self.sections.iter().zip(texts).map(part).collect()
    }
}

fn no_exhibit(place: usize, number: usize, name: &str) -> Mistake {
    let at = ["sections", &place.to_string(), "exhibits", &number.to_string()];
    Mistake::at(&at, format!("`{name}` makes no figure or table"))
}

#[cfg(test)]
mod tests;
