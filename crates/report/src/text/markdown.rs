//! Markdown to the page's HTML: no HTML of the text's own, links that lead to a
//! page and run nothing, headings below the page's own.

use engine::Mistake;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::blocks::{self, Block};
use super::marks::Marks;

/// Schemes that a link can have.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// A text as the page has it, and as other documents do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// As HTML.
    pub(crate) html: String,
    /// As paragraphs without HTML.
    pub(crate) blocks: Vec<Block>,
}

/// Markdown read. Headings stand below the page's own: the highest is an `h3`.
///
/// # Errors
/// Images, HTML and links that could run something, each with the words of the
/// text that hold it.
pub(super) fn read(markdown: &str, marks: &Marks) -> Result<Written, Vec<(String, Mistake)>> {
    // Merged, because the parser cuts a text at many signs, and could cut a mark in two.
    let parser = TextMergeStream::new(Parser::new_ext(markdown, Options::ENABLE_TABLES));
    let (mut events, mut mistakes) = (Vec::new(), Vec::new());
    // the same, with the program's own HTML as what it says
    let mut plain = Vec::new();
    let mut block: Option<String> = None;
    for event in parser {
        match event {
            // A block comes line by line. Whether it is a comment alone is known only of the whole.
            Event::Start(Tag::HtmlBlock) => block = Some(String::new()),
            Event::End(TagEnd::HtmlBlock) => {
                mistakes.extend(block.take().and_then(|html| not_html(&html)));
            }
            Event::Html(html) | Event::InlineHtml(html) => match &mut block {
                Some(block) => block.push_str(&html),
                None => mistakes.extend(not_html(&html)),
            },
            Event::Start(Tag::Image { dest_url, .. }) => {
                let mistake = Mistake::new("a text cannot hold an image: the page stands alone");
                let mistake = mistake.hint("make it an exhibit of the section");
                mistakes.push((dest_url.into_string(), mistake));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let (to, title) = (marks.plain(&dest_url), marks.plain(&title));
                // Asked of the address with its marks read, as a value could hide a scheme.
                if !is_safe(&to) {
                    mistakes.push((dest_url.into_string(), unsafe_link(&to)));
                }
                let (dest_url, title) = (CowStr::from(to), CowStr::from(title));
                let link = Event::Start(Tag::Link { link_type, dest_url, title, id });
                plain.push(link.clone());
                events.push(link);
            }
            Event::Text(text) => {
                plain.push(Event::Text(CowStr::from(marks.plain(&text))));
                events.extend(marks.events(&text));
            }
            Event::Code(text) => {
                let code = Event::Code(CowStr::from(marks.plain(&text)));
                plain.push(code.clone());
                events.push(code);
            }
            // an info string would become a class
            Event::Start(Tag::CodeBlock(_)) => {
                let code = Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented));
                plain.push(code.clone());
                events.push(code);
            }
            other => {
                let other = below_the_page(other);
                plain.push(other.clone());
                events.push(other);
            }
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    Ok(Written { html, blocks: blocks::of(plain) })
}

/// The mistake of HTML in a text; a comment is none and is left out.
fn not_html(html: &str) -> Option<(String, Mistake)> {
    let html = html.trim();
    // One comment from the first sign to the last: what ends earlier could be followed by anything.
    let comment = html.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    if comment.is_some_and(|inside| !inside.contains("-->")) {
        return None;
    }
    let line = html.lines().next().unwrap_or_default();
    let shown: String = line.chars().take(40).collect();
    let mistake = Mistake::new(format!("a text cannot hold HTML: `{shown}`"))
        .hint("write Markdown; a sign that is meant as such is written `\\<`");
    Some((line.to_owned(), mistake))
}

fn unsafe_link(to: &str) -> Mistake {
    let shown: String = to.chars().take(40).collect();
    Mistake::new(format!("a link cannot lead to `{shown}`")).hint(
        "a link begins with `https:`, `http:` or `mailto:`, or with `#` for a place on the page",
    )
}

/// Whether a link leads to a page. A browser reads no spaces and control
/// letters in the scheme, so neither does this.
fn is_safe(to: &str) -> bool {
    let read: String = to.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    // A colon behind a slash is part of a path.
    let before_path = read.split(['/', '?', '#']).next().unwrap_or_default();
    match before_path.split_once(':') {
        Some((scheme, _)) => SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()),
        None => true,
    }
}

fn below_the_page(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lowered(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level))),
        other => other,
    }
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::of_value;
    use super::*;

    fn html(markdown: &str) -> Result<String, Vec<String>> {
        read(markdown, &Marks::default())
            .map(|written| written.html)
            .map_err(|found| found.into_iter().map(|(_, mistake)| mistake.message).collect())
    }

    #[test]
    fn hostile_markdown_is_refused() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<svg onload=alert(1)>",
            // Begins as a comment, and is none.
            "<!-- a --><script>alert(1)</script>",
            "<style>*{display:none}</style>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            // Browsers drop tabs within a scheme.
            "[a](java&#9;script:alert(1))",
            "[a](<\u{1}javascript:alert(1)>)",
            "[a](data:text/html;base64,PHM+)",
            "[a](vbscript:x)",
            "<javascript:alert(1)>",
            "[a]\n\n[a]: javascript:alert(1)",
            "![a](x.png)",
        ] {
            assert!(html(text).is_err(), "{text}: {:?}", html(text));
        }
    }

    #[test]
    fn plain_markdown_is_not() {
        for (text, expected) in [
            ("<svg/onload=a>", "<p>&lt;svg/onload=a&gt;</p>\n"),
            ("a < b & c\n", "<p>a &lt; b &amp; c</p>\n"),
            ("<!-- told\nlater -->\n\nx", "<p>x</p>\n"),
            ("[a](https://a.b/c:d)", "<p><a href=\"https://a.b/c:d\">a</a></p>\n"),
            ("[a](#efigure_1)", "<p><a href=\"#efigure_1\">a</a></p>\n"),
            ("# A\n### B", "<h3>A</h3>\n<h4>B</h4>\n"),
            // The info string is lost, and with it what it tried to add.
            ("```a\" onclick=\"b\nc\n```", "<pre><code>c\n</code></pre>\n"),
        ] {
            assert_eq!(html(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_value_is_no_markdown() {
        for value in ["<script>", "[a](javascript:b)", "*a* | `b`", "![a](b)", "a\n\n# b"] {
            let shown = crate::draw::escape(value).replace("&quot;", "\"");
            let page = html(&format!("x {} y", of_value(value))).expect("a value is safe");
            assert_eq!(page, format!("<p>x {shown} y</p>\n"));
        }
        let page = html(&format!("`{}`", of_value("<b>"))).expect("a value is safe");
        assert_eq!(page, "<p><code>&lt;b&gt;</code></p>\n");
        let link = html(&format!("[a]({})", of_value("javascript:b")));
        assert!(link.is_err(), "a value can be no link that runs something");
    }
}
