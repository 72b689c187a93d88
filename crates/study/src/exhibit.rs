//! A numbered figure or table as data. How it looks on a page or in a file is
//! left to renderers: no HTML stands here.

use serde::{Deserialize, Serialize};

use crate::printed;

/// A figure or a table with its words. Its number comes from the page on which
/// it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhibit {
    /// The `report` entry that made it, such as `efigure_5`; also its anchor on the page.
    pub name: String,
    /// Label, such as `eFigure 5`; empty until a page gives it.
    pub label: String,
    /// Title of a line.
    pub title: String,
    /// Caption or footnotes, what stands under the exhibit.
    // Roles and no markup, as a page, a document and a workbook show them in their own
    // ways.
    pub caption: Vec<Paragraph>,
    /// The exhibit itself.
    pub body: Body,
    /// The same in words, for a reader who cannot see a drawing.
    pub alternative_text: String,
}

/// What is shown; empty where it is only announced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A figure, in one part or in several that stand one below the other.
    Figure(Vec<Drawing>),
    /// A table.
    Table(printed::Table),
}

/// A drawing: shapes and letters as elements of SVG, without the frame that a
/// page or a file puts round them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// Width in points (1/72 inch).
    pub width: f64,
    /// Height in points.
    pub height: f64,
    /// The elements.
    // Without a frame, so that a page can set it in, and a file can put its fonts round
    // it.
    pub elements: String,
    /// The numbers behind the elements. Of a figure in parts the first has those of all.
    #[serde(default)]
    pub numbers: Numbers,
}

/// The numbers that a figure draws, as a table of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// What stands in each column.
    pub header: Vec<String>,
    /// One row a point, step, bar or line, as wide as the header.
    pub rows: Vec<Vec<String>>,
}

impl Numbers {
    /// A table with these columns and rows.
    #[must_use]
    pub fn new(header: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { header: header.iter().map(ToString::to_string).collect(), rows }
    }
}

/// A paragraph of plain text under an exhibit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// What it is for, from which its emphasis follows.
    pub role: ParagraphRole,
    /// Its text.
    pub text: String,
}

/// What a paragraph under an exhibit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParagraphRole {
    /// A remark on the whole: methods, abbreviations, conventions.
    Note,
    /// A remark on the cells that hold its place among the footnotes.
    Footnote(usize),
    /// What a reader must know before using the exhibit.
    Warning,
    /// That the data were not observed.
    DataMark,
}

impl Paragraph {
    /// A paragraph of a role.
    #[must_use]
    pub fn new(role: ParagraphRole, text: impl Into<String>) -> Self {
        Self { role, text: text.into() }
    }
}
