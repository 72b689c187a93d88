//! The study's own texts: Markdown in which every number is a function call
//! that prints a finding, so that prose cannot disagree with the tables.

mod blocks;
mod facts;
mod functions;
mod limits;
mod markdown;
mod marks;
pub(crate) mod prose;

use std::sync::Arc;

use engine::Mistake;
use tera::{Context, ErrorKind, Tera};

pub(crate) use blocks::{Block, Run};
pub(crate) use facts::{Facts, Known};
use functions::{Asked, Functions};
pub(crate) use markdown::Written;
use marks::Marks;

/// A text with its numbers put in.
///
/// # Errors
/// Every name that the study does not have, and the first thing that is not
/// understood, each with its line.
pub(crate) fn render(
    path: &str,
    source: &str,
    facts: &Arc<Facts>,
) -> Result<Written, Vec<Mistake>> {
    if let Some((line, word)) = limits::repeats(source) {
        let message = format!("a text cannot hold `{word}`: it may branch with `if` and no more");
        return Err(vec![at_line(path, line, message)]);
    }
    if facts.known == Known::Announced && source.contains("holds(") {
        // before a run both branches of every condition are looked at
        rendered(path, source, facts, false)?;
    }
    rendered(path, source, facts, true)
}

/// The same; before a run with every condition as `assumed`.
fn rendered(
    path: &str,
    source: &str,
    facts: &Arc<Facts>,
    assumed: bool,
) -> Result<Written, Vec<Mistake>> {
    let marks = Marks::default();
    let functions = Functions::of(facts, &marks, assumed);
    let mut tera = Tera::new();
    // By the full path: Tera escapes by the ending of a name, and a text may have any.
    tera.autoescape_on([path.to_owned()]);
    tera.set_escape_fn(marks::write_value);
    limits::bound(&mut tera);
    functions.register(&mut tera);
    let mut context = Context::new();
    context.insert("study", &facts.study);
    let level = crate::format::interval_name(facts.study.confidence_level);
    context.insert("confidence", level.trim_end_matches(" CI"));
    let rendered = tera
        // Marks in the source are taken out, or a text could forge a number.
        .add_raw_template(path, &marks::without(source))
        .and_then(|()| tera.render(path, &context))
        .map_err(|error| vec![not_understood(path, &error)]);
    // A name that there is not is told first: what fails behind it may follow from the `?` in its
    // place.
    let asked = functions.unknown();
    if !asked.is_empty() {
        return Err(asked.iter().flat_map(|asked| unknown(path, source, asked)).collect());
    }
    markdown::read(&rendered?, &marks).map_err(|found| {
        found.into_iter().map(|(words, mistake)| placed(path, source, &words, mistake)).collect()
    })
}

/// A mistake of the finished text at the line that holds its words.
fn placed(path: &str, source: &str, words: &str, mistake: Mistake) -> Mistake {
    // The finished text has other lines than the source, so that the words are looked for.
    let line = source.lines().position(|line| !words.is_empty() && line.contains(words));
    match line {
        Some(line) => mistake.in_raw_file(format!("{path}:{}", line + 1)),
        None => mistake.in_raw_file(path),
    }
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
    let with_hint = |mistake: Mistake| Mistake {
        hint: asked.hint.clone(),
        missed: asked.missed.clone(),
        ..mistake
    };
    if lines.is_empty() {
        return vec![with_hint(Mistake::new(message).in_raw_file(path))];
    }
    lines.into_iter().map(|line| with_hint(at_line(path, line, message.clone()))).collect()
}
