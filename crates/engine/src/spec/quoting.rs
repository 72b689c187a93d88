//! Texts that YAML takes for something else unless they stand in quotes: what
//! to write instead, for a line that could not be read.

/// What begins something else than a text where a value is expected.
const BEGINS_OTHERWISE: [char; 6] = ['@', '`', '%', '&', '*', '!'];

/// What to do about the line (from 1) at which reading ended, or the one before,
/// where a text on it lacks its quotes.
pub(super) fn wanted(source: &str, line: usize) -> Option<String> {
    let at = |line: usize| source.lines().nth(line.checked_sub(1)?);
    // A reader notices a missing quote at times only in the line behind.
    [Some(line), line.checked_sub(1)].into_iter().flatten().filter_map(at).find_map(in_line)
}

fn in_line(line: &str) -> Option<String> {
    // a mapping on one line has several keys
    let is_flow = line.contains('{');
    let parts = line.split(move |c| is_flow && matches!(c, '{' | '}' | ','));
    // At the first colon with a blank: what is before it is the key.
    parts.filter_map(|part| part.trim().trim_start_matches("- ").split_once(": ")).find_map(
        |(key, value)| {
            let value = value.split(" #").next().unwrap_or_default().trim();
            let why = without_quotes(value)?;
            let quoted =
                if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") };
            Some(format!("a text that {why} stands in quotes: {}: {quoted}", key.trim()))
        },
    )
}

fn without_quotes(value: &str) -> Option<String> {
    let first = value.chars().next()?;
    if BEGINS_OTHERWISE.contains(&first) {
        return Some(format!("begins with `{first}`"));
    }
    // These begin a quoted text, a list, a mapping or a block, where a colon is no
    // trouble.
    let is_text = !matches!(first, '"' | '\'' | '[' | '{' | '|' | '>');
    (is_text && (value.contains(": ") || value.ends_with(':')))
        .then(|| "has a colon in it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::node::Node;

    fn hint(text: &str) -> Option<String> {
        Node::parse(text).expect_err("is no YAML").hint
    }

    #[test]
    fn a_text_with_a_colon_wants_quotes() {
        let wanted =
            "a text that has a colon in it stands in quotes: title: \"Survival: a cohort\"";
        assert_eq!(hint("study:\n  title: Survival: a cohort\n").as_deref(), Some(wanted));
        assert_eq!(
            hint("study: { title: Survival: a cohort, seed: 1 }\n").as_deref(),
            Some(wanted)
        );
        assert_eq!(
            hint("a:\n  - label: Say \"x\": y\n").as_deref(),
            Some("a text that has a colon in it stands in quotes: label: 'Say \"x\": y'")
        );
    }

    #[test]
    fn a_text_that_begins_like_something_else_wants_quotes() {
        for first in ["@", "`", "%", "*"] {
            let said = hint(&format!("study:\n  title: {first}home\n")).unwrap_or_default();
            assert!(said.ends_with(&format!("title: \"{first}home\"")), "{first}: {said}");
        }
    }

    #[test]
    fn other_trouble_gets_no_advice_on_quotes() {
        assert_eq!(hint("a: [1, 2\nb: 3\n"), None);
    }
}
