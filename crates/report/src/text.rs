//! The study's own texts: Markdown in which every number is a function call
//! that prints a finding, so that prose cannot disagree with the tables.

mod facts;
mod functions;
mod prose;

use std::sync::Arc;

use engine::Mistake;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use tera::{Context, ErrorKind, Tera};

pub(crate) use facts::{Facts, Known};
use functions::{Asked, Functions};

/// A text as HTML.
///
/// # Errors
/// Every name that the study does not have, and the first thing that is not
/// understood, each with its line.
pub(crate) fn render(path: &str, source: &str, facts: &Arc<Facts>) -> Result<String, Vec<Mistake>> {
    let functions = Functions::of(facts);
    let mut tera = Tera::new();
    functions.register(&mut tera);
    let mut context = Context::new();
    context.insert("study", &facts.study);
    let level = crate::format::interval_name(facts.study.confidence_level);
    context.insert("confidence", level.trim_end_matches(" CI"));
    let rendered = tera
        .add_raw_template(path, source)
        .and_then(|()| tera.render(path, &context))
        .map_err(|error| vec![not_understood(path, &error)]);
    let asked = functions.unknown();
    if !asked.is_empty() {
        return Err(asked.iter().flat_map(|asked| unknown(path, source, asked)).collect());
    }
    to_html(path, &rendered?)
}

/// A mistake of the text at its line.
fn not_understood(path: &str, error: &tera::Error) -> Mistake {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let line = report.span().start_line;
            let message = report.message().lines().next().unwrap_or_default().to_owned();
            at_line(path, line, lower(message.trim_end_matches('.')))
        }
        other => Mistake::new(lower(&other.to_string())).in_raw_file(path),
    }
}

fn at_line(path: &str, line: usize, message: impl Into<String>) -> Mistake {
    Mistake::new(message).in_raw_file(format!("{path}:{line}"))
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The mistakes of a name that there is not: one for each line that writes it.
fn unknown(path: &str, source: &str, asked: &Asked) -> Vec<Mistake> {
    let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{}{quote}", asked.name));
    let holds = |line: &str| quoted.iter().any(|quoted| line.contains(quoted));
    let lines: Vec<usize> =
        (1..).zip(source.lines()).filter(|(_, line)| holds(line)).map(|(n, _)| n).collect();
    let message = format!("there is no {} `{}`", asked.what, asked.name);
    let with_hint = |mistake: Mistake| Mistake { hint: asked.hint.clone(), ..mistake };
    if lines.is_empty() {
        return vec![with_hint(Mistake::new(message).in_raw_file(path))];
    }
    lines.into_iter().map(|line| with_hint(at_line(path, line, message.clone()))).collect()
}

/// Markdown to HTML. Headings stand below the page's own: the highest is an `h3`.
fn to_html(path: &str, markdown: &str) -> Result<String, Vec<Mistake>> {
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let image = events.iter().any(|event| matches!(event, Event::Start(Tag::Image { .. })));
    if image {
        let mistake = Mistake::new("a text cannot hold an image: the page stands alone");
        return Err(vec![mistake.hint("make it an exhibit of the section").in_raw_file(path)]);
    }
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter().map(below_the_page));
    Ok(page)
}

fn below_the_page(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lowered(level), id, classes, attrs })
        }
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
