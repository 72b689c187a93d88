//! How a value goes through Markdown unread. What a template prints is no
//! Markdown and no HTML of the study's: it travels as a mark between two
//! private letters and is put in where the page is written, as text. A label
//! that holds `<script>` or `[a](b)` is thereby printed as it is.

use std::io::Write;
use std::sync::{Arc, Mutex};

use pulldown_cmark::{CowStr, Event};

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A piece of the program's own HTML and what it says.
#[derive(Debug, Clone)]
struct Piece {
    html: String,
    plain: String,
}

/// The program's own HTML in a text: numbers with the finding they print and
/// links to exhibits.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(Arc<Mutex<Vec<Piece>>>);

impl Marks {
    /// The mark that stands for a piece of the program's own HTML.
    pub(super) fn html(&self, html: String, plain: &str) -> String {
        let mut pieces = self.0.lock().expect("invariant: no function panics");
        pieces.push(Piece { html, plain: plain.to_owned() });
        format!("{OPEN}h{}{CLOSE}", pieces.len() - 1)
    }

    fn piece(&self, place: &str) -> Option<Piece> {
        let pieces = self.0.lock().expect("invariant: no function panics");
        pieces.get(place.parse::<usize>().ok()?).cloned()
    }

    /// A text with its marks as what they say.
    pub(super) fn plain(&self, text: &str) -> String {
        let parts = split(text).into_iter();
        parts
            .map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Value(value) => value,
                Part::Html(place) => self.piece(place).map(|piece| piece.plain).unwrap_or_default(),
            })
            .collect()
    }

    /// A text as what stands on the page.
    pub(super) fn events(&self, text: &str) -> Vec<Event<'static>> {
        let text_of = |text: String| Event::Text(CowStr::from(text));
        let parts = split(text).into_iter();
        parts
            .filter_map(|part| match part {
                Part::Text("") => None,
                Part::Text(text) => Some(text_of(text.to_owned())),
                Part::Value(value) => Some(text_of(value)),
                Part::Html(place) => Some(Event::InlineHtml(CowStr::from(self.piece(place)?.html))),
            })
            .collect()
    }
}

enum Part<'a> {
    Text(&'a str),
    Value(String),
    Html(&'a str),
}

/// A text at its marks. A mark that a filter has changed is left out.
fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for piece in text.split(OPEN) {
        match piece.split_once(CLOSE) {
            Some((mark, rest)) => {
                match mark.split_at_checked(1) {
                    Some(("v", hex)) => parts.extend(read(hex).map(Part::Value)),
                    Some(("h", place)) => parts.push(Part::Html(place)),
                    _ => {}
                }
                // A closing letter without its opening one would be printed as a box.
                parts.push(Part::Text(rest.trim_matches(CLOSE)));
            }
            None => parts.push(Part::Text(piece)),
        }
    }
    parts
}

/// Writes a value as its mark: the template engine's way of escaping.
pub(super) fn write_value(value: &str, output: &mut dyn Write) -> std::io::Result<()> {
    output.write_all(of_value(value).as_bytes())
}

/// The mark that stands for a value.
pub(super) fn of_value(value: &str) -> String {
    // Digits and letters alone: nothing that Markdown reads, and nothing that a line is broken at.
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{OPEN}v{hex}{CLOSE}")
}

fn read(hex: &str) -> Option<String> {
    let bytes = (0..hex.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(hex.get(place..place + 2)?, 16).ok());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

/// A source without the two private letters, so that none can be forged.
pub(super) fn without(source: &str) -> String {
    // Private letters have no meaning in a text, so that nothing is lost but a forgery.
    source.replace([OPEN, CLOSE], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let marks = Marks::default();
        for value in ["", "a *b* <i>", "中 é", "\u{e000}h0\u{e001}", "p < 0.05 | q"] {
            assert_eq!(marks.plain(&format!("[{}]", of_value(value))), format!("[{value}]"));
        }
    }

    #[test]
    fn a_forged_mark_prints_nothing() {
        let marks = Marks::default();
        // A piece that there is not, no hexadecimal digits, half a byte, nothing, a letter of two
        // bytes, and no kind of mark.
        for forged in ["h7", "vzz", "v0", "", "é", "x"] {
            assert_eq!(marks.plain(&format!("a{OPEN}{forged}{CLOSE}b")), "ab", "{forged}");
            assert!(!without(&format!("{OPEN}{forged}{CLOSE}")).contains(OPEN));
        }
    }
}
