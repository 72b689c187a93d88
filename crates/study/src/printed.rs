//! A printed table as data: columns, headings over them, and rows of cells
//! whose texts are already formatted.

use serde::{Deserialize, Serialize};

use crate::Finding;

/// A table as it is printed, without the remarks under it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The columns; the first holds the rows' own headings.
    pub columns: Vec<Column>,
    /// Groups of columns above them; together as wide as the table, or empty.
    pub spans: Vec<Span>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name in the CSV file.
    pub key: String,
    /// Its heading.
    pub label: String,
    /// Where its texts stand.
    pub alignment: Alignment,
    /// Footnotes of the heading.
    pub footnotes: Vec<usize>,
}

/// Where the texts of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// Words: at the left.
    Words,
    /// Numbers: centred under their heading, in tabular digits.
    Numbers,
}

/// A heading over neighbouring columns; an empty label is no heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The heading.
    pub label: String,
    /// How many columns it stands over.
    pub width: usize,
}

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRole {
    /// A row of values.
    #[default]
    Values,
    /// A heading over the rows that follow.
    Section,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Values, or a heading.
    pub role: RowRole,
    /// How far it stands to the right of what it belongs to.
    pub indent: u8,
    /// The cells; fewer than columns leaves the last ones empty.
    // Texts, as only `format` in reports makes numbers into text.
    pub cells: Vec<Cell>,
}

/// How a cell looks beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Like all others.
    #[default]
    Plain,
    /// An expression, a digest or a name from the pipeline file.
    Code,
    /// Of less weight, such as a reference row.
    Quiet,
    /// Agreement.
    Agrees,
    /// Disagreement.
    Disagrees,
    /// Neither.
    Open,
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What is printed.
    pub text: String,
    /// Its footnotes.
    pub footnotes: Vec<usize>,
    /// The finding that it prints, where it is one.
    pub finding: Option<String>,
    /// How it looks.
    pub tone: Tone,
    /// Places that are listed in it, behind its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// A place that a cell points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The report entry of an exhibit, or the path of a text.
    pub to: String,
    /// What is printed for it: `to` itself until a page gives it a label.
    pub label: String,
    /// The anchor on the page, where it stands on one.
    #[serde(default)]
    pub anchor: Option<String>,
}

impl Link {
    /// A place by the name of its entry or file.
    #[must_use]
    pub fn to(place: &str) -> Self {
        Self { to: place.to_owned(), label: place.to_owned(), anchor: None }
    }
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn words(key: &str, label: &str) -> Self {
        let (key, label) = (key.to_owned(), label.to_owned());
        Self { key, label, alignment: Alignment::Words, footnotes: Vec::new() }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numbers(key: &str, label: &str) -> Self {
        Self { alignment: Alignment::Numbers, ..Self::words(key, label) }
    }
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A text in the letters of code.
    #[must_use]
    pub fn code(text: impl Into<String>) -> Self {
        Self { tone: Tone::Code, ..Self::text(text) }
    }

    /// A finding's text; empty where there is none.
    #[must_use]
    pub fn of(finding: Option<&Finding>, text: impl Fn(&Finding) -> String) -> Self {
        // With the id of the finding, by which a page leads from the number to its card.
        finding.map_or_else(Self::default, |finding| Self {
            finding: Some(finding.id()),
            ..Self::text(text(finding))
        })
    }

    /// With a footnote.
    #[must_use]
    pub fn noted(mut self, footnote: usize) -> Self {
        self.footnotes.push(footnote);
        self
    }

    /// A list of places.
    #[must_use]
    pub fn places(links: Vec<Link>) -> Self {
        Self { links, ..Self::default() }
    }

    /// What a reader without links sees: the text, and the labels of the places.
    #[must_use]
    pub fn plain(&self) -> String {
        let text = Some(self.text.as_str()).filter(|text| !text.is_empty());
        let labels = self.links.iter().map(|link| link.label.as_str());
        // What cannot link shows the labels: a workbook or a document.
        text.into_iter().chain(labels).collect::<Vec<_>>().join("; ")
    }

    /// With a look.
    #[must_use]
    pub fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

impl Row {
    /// A row of values.
    #[must_use]
    pub fn values(cells: Vec<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }

    /// A row that belongs to the one above.
    #[must_use]
    pub fn below(cells: Vec<Cell>) -> Self {
        Self { indent: 1, ..Self::values(cells) }
    }

    /// A heading over rows.
    #[must_use]
    pub fn section(label: &str) -> Self {
        Self { role: RowRole::Section, ..Self::values(vec![Cell::text(label)]) }
    }
}
