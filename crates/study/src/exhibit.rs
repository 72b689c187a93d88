//! A numbered figure or table, ready for the supplement.

use serde::{Deserialize, Serialize};

/// Whether it is drawn or set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExhibitKind {
    /// A drawing.
    Figure,
    /// A table.
    Table,
}

/// A figure or a table with its words. Its number comes from its place in the
/// pipeline's own naming (`efigure_5` is eFigure 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// The `report` entry that made it, such as `efigure_5`; also its anchor on the page.
    pub name: String,
    /// Figure or table.
    pub exhibit_kind: ExhibitKind,
    /// Label, such as `eFigure 5`.
    pub label: String,
    /// Title of a line.
    pub title: String,
    /// Caption or footnotes as HTML, what stands under the exhibit.
    pub caption_html: String,
    /// The exhibit itself as HTML: an inline SVG or a table.
    pub body_html: String,
    /// The same in words, for a reader who cannot see a drawing.
    pub alternative_text: String,
}
