//! A text as paragraphs and runs of letters, for renderers that write no HTML.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

/// A piece of a text that stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading below that of the part, from 1.
    Heading(u8, Vec<Run>),
    /// A paragraph.
    Paragraph(Vec<Run>),
    /// An item of a list: how deep the list stands, from 1, and its number in a numbered one.
    Item(u8, Option<u64>, Vec<Run>),
    /// Lines of code.
    Code(String),
    /// Rows of cells, the first of them the headings.
    Table(Vec<Vec<Vec<Run>>>),
}

/// Letters that look alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Run {
    /// The letters.
    pub(crate) text: String,
    /// Bold.
    pub(crate) is_strong: bool,
    /// Italic.
    pub(crate) is_emphasised: bool,
    /// In the letters of code.
    pub(crate) is_code: bool,
    /// Where it leads to: an address, or `#` and a place on the page.
    pub(crate) link: Option<String>,
}

/// The blocks of a text; what stands in marks has been put in as plain text.
pub(super) fn of(events: Vec<Event<'_>>) -> Vec<Block> {
    let mut reading = Reading::default();
    for event in events {
        reading.take(event);
    }
    reading.blocks
}

#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    runs: Vec<Run>,
    /// How the next letters look.
    look: Run,
    /// The lists that are open, each with the number of its next item.
    lists: Vec<Option<u64>>,
    /// The item that is open has been written as far as its first paragraph.
    is_item: bool,
    code: Option<String>,
    rows: Vec<Vec<Vec<Run>>>,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.runs.push(Run { text: text.into_string(), ..self.look.clone() }),
            },
            Event::Code(text) => {
                let text = text.into_string();
                self.runs.push(Run { text, is_code: true, ..self.look.clone() });
            }
            // A line break in the source is a blank in print.
            Event::SoftBreak => self.runs.push(Run { text: " ".to_owned(), ..self.look.clone() }),
            Event::HardBreak => self.runs.push(Run { text: "\n".to_owned(), ..self.look.clone() }),
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            _ => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.look.is_strong = true,
            Tag::Emphasis => self.look.is_emphasised = true,
            Tag::Link { dest_url, .. } => self.look.link = Some(dest_url.into_string()),
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            Tag::List(first) => {
                // an item may hold a list of its own behind its words
                self.end_paragraph();
                self.lists.push(first);
            }
            Tag::Item => self.is_item = true,
            Tag::Table(_) => self.rows.clear(),
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.look.is_strong = false,
            TagEnd::Emphasis => self.look.is_emphasised = false,
            TagEnd::Link => self.look.link = None,
            TagEnd::Heading(level) => {
                // Headings of a text were moved below that of the part, so that its first level is
                // H3.
                let level = if level == HeadingLevel::H3 { 1 } else { 2 };
                let runs = std::mem::take(&mut self.runs);
                self.blocks.push(Block::Heading(level, runs));
            }
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Item => {
                self.end_paragraph();
                self.is_item = false;
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::CodeBlock => self.blocks.extend(self.code.take().map(Block::Code)),
            TagEnd::TableCell => {
                let runs = std::mem::take(&mut self.runs);
                if let Some(row) = self.rows.last_mut() {
                    row.push(runs);
                }
            }
            TagEnd::Table => self.blocks.push(Block::Table(std::mem::take(&mut self.rows))),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        // A list in an item closes paragraphs that hold nothing.
        if runs.is_empty() {
            return;
        }
        let depth = u8::try_from(self.lists.len()).unwrap_or(u8::MAX);
        self.blocks.push(match self.lists.last_mut() {
            Some(next) if self.is_item => {
                self.is_item = false;
                let number = *next;
                *next = number.map(|number| number + 1);
                Block::Item(depth, number, runs)
            }
            // A second paragraph of an item has no bullet of its own.
            _ => Block::Paragraph(runs),
        });
    }
}
