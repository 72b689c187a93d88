//! What keeps a text from endless work: it asks for numbers and may branch, but
//! nothing in it repeats or multiplies. What it costs is then in proportion to
//! what is written.

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

/// The statements a text can hold.
// A list of what is allowed and not of what is forbidden: a later version of the engine may bring
// statements that nobody thought of.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "raw", "endraw"];

/// Filters and functions of the template engine that make a text longer than
/// what is written, as many times as they are called.
const GROWING_FILTERS: [&str; 3] = ["replace", "indent", "join"];

/// Takes the functions that could grow without bound from a template engine.
pub(super) fn bound(tera: &mut Tera) {
    for name in GROWING_FILTERS {
        tera.register_filter(name, move |_: Value, _: Kwargs, _: &State| -> TeraResult<Value> {
            Err(Error::message(format!("a text cannot use the filter `{name}`")))
        });
    }
    tera.register_function("range", |_: Kwargs, _: &State| -> TeraResult<Value> {
        Err(Error::message("a text cannot use `range`: nothing in it repeats"))
    });
}

/// The first thing in a text that repeats, with its line.
pub(super) fn repeats(source: &str) -> Option<(usize, String)> {
    let mut rest = source;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        // Nothing in a comment is run, and a brace in it must not begin a tag.
        let comment = rest.find("{#").filter(|comment| *comment < start);
        if let Some(comment) = comment {
            let end = rest[comment..].find("#}")?;
            rest = &rest[comment + end + 2..];
            continue;
        }
        let line = 1 + source[..source.len() - rest.len() + start].matches('\n').count();
        let statement = rest[start..].starts_with("{%");
        let inside = &rest[start + 2..];
        let (words, length) = words(inside, if statement { "%}" } else { "}}" });
        let first = words.first().map(String::as_str).unwrap_or_default();
        if statement && !STATEMENTS.contains(&first) {
            return Some((line, first.to_owned()));
        }
        // The engine knows comprehensions too: `[x for x in y]` within an expression.
        if words.iter().any(|word| word == "for") {
            return Some((line, "for".to_owned()));
        }
        rest = &inside[length..];
        // What looks like a tag in a raw part is text.
        if statement && first == "raw" {
            rest = after_raw(rest);
        }
    }
    None
}

/// What follows the end of a raw part.
fn after_raw(text: &str) -> &str {
    let mut rest = text;
    while let Some(start) = rest.find("{%") {
        let inside = &rest[start + 2..];
        let word = inside.trim_start_matches('-').trim_start();
        if word.starts_with("endraw") {
            return &rest[start..];
        }
        rest = inside;
    }
    rest
}

/// The words of a tag outside its quotes, and where it ends.
fn words(inside: &str, end: &str) -> (Vec<String>, usize) {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut quote: Option<char> = None;
    for (place, letter) in inside.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            // A word within quotes is no statement, and a closing brace there ends nothing.
            Some(_) => {}
            None if inside[place..].starts_with(end) => {
                words.push(word);
                return (words.into_iter().filter(|word| !word.is_empty()).collect(), place);
            }
            None if letter.is_alphanumeric() || letter == '_' => word.push(letter),
            None => {
                words.push(std::mem::take(&mut word));
                quote = ['"', '\'', '`'].contains(&letter).then_some(letter);
            }
        }
    }
    words.push(word);
    (words.into_iter().filter(|word| !word.is_empty()).collect(), inside.len())
}

#[cfg(test)]
mod tests {
    use super::repeats;

    #[test]
    fn loops_are_found_wherever_they_stand() {
        for (source, line, word) in [
            ("{% for i in range(end=1000000000) %}x{% endfor %}", 1, "for"),
            ("a\n{%- set a = 'x' %}", 2, "set"),
            ("{{ [[1 for a in b] for b in c] }}", 1, "for"),
            // Braces within quotes, before a statement that must still be found.
            ("{% if true %}{{ \"}} {#\" }}\n\n{% include 'x' %}", 3, "include"),
            ("{# {{ \" #}{% macro a() %}", 1, "macro"),
            ("{% raw %}{{ \" {% endraw %}{% block a %}", 1, "block"),
        ] {
            assert_eq!(repeats(source), Some((line, word.to_owned())), "{source}");
        }
    }

    #[test]
    fn branches_and_words_are_none() {
        for source in [
            "{% if study.title %}for all{% else %}x{% endif %}",
            "{{ stat(id=\"waiting for rt\") }} for",
            "{# {% for x in y %} #}",
            "{% raw %}{% for x in y %}{% endraw %}",
            "no tag { at % all",
        ] {
            assert_eq!(repeats(source), None, "{source}");
        }
    }
}
