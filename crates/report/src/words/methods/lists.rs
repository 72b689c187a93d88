//! Lists in words, and what stands in one: each once, in order, what is alike
//! together.

use study::{Account, Outcome};

/// The outcomes of accounts, each once.
pub(super) fn outcomes_of<'a>(accounts: &[&'a Account]) -> Vec<&'a Outcome> {
    distinct(accounts.iter().filter_map(|account| account.outcome.as_ref()))
}

/// In an order that does not hang on the file's.
pub(super) fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

/// Each once, in order of first appearance.
pub(super) fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// Phrases, each behind a comma.
pub(super) fn behind(phrases: &[String]) -> String {
    phrases.iter().map(|phrase| format!(", {phrase}")).collect()
}

/// What has the same key together, in order of first appearance.
pub(super) fn alike<T: Copy, K: PartialEq>(all: &[T], key: impl Fn(T) -> K) -> Vec<(K, Vec<T>)> {
    let mut kept: Vec<(K, Vec<T>)> = Vec::new();
    for one in all {
        let own = key(*one);
        match kept.iter_mut().find(|(known, _)| *known == own) {
            Some((_, members)) => members.push(*one),
            None => kept.push((own, vec![*one])),
        }
    }
    kept
}

/// `a, b and c`; with semicolons where an item has a comma.
pub(super) fn listed<S: AsRef<str>>(items: &[S]) -> String {
    joined(items, "and")
}

/// A list whose last item stands behind a word.
pub(super) fn joined<S: AsRef<str>>(items: &[S], word: &str) -> String {
    // With commas inside and between items nobody could tell where one ends.
    let comma = if items.iter().any(|item| item.as_ref().contains(", ")) { "; " } else { ", " };
    let own: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match own.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        // Two items need no sign between them, whatever they hold.
        [one, two] => format!("{one} {word} {two}"),
        [first @ .., last] if comma == "; " => format!("{}; {word} {last}", first.join("; ")),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// A list in which words at the end of several items stand once: `30, 60 and
/// 90 days`, `PFS, OS, and shortest and longest OS`.
pub(super) fn compact(items: &[String]) -> String {
    compact_by(items, "and")
}

/// The same with another word before the last item.
pub(super) fn compact_by(items: &[String], word: &str) -> String {
    let mut runs: Vec<&[String]> = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let longest = (2..=rest.len()).take_while(|length| ending(&rest[..*length]) > 0).last();
        let (run, others) = rest.split_at(longest.unwrap_or(1));
        runs.push(run);
        rest = others;
    }
    let told: Vec<String> = runs.iter().map(|run| with_one_ending(run, word)).collect();
    match (told.split_last(), runs.iter().any(|run| run.len() > 1)) {
        // a list within a list is told from it by the comma before its word
        (Some((last, first @ [_, ..])), true) => format!("{}, {word} {last}", first.join(", ")),
        _ => joined(&told, word),
    }
}

/// Items whose common ending stands behind the last one alone.
fn with_one_ending(items: &[String], word: &str) -> String {
    let shared = ending(items);
    let Some((last, first)) = items.split_last() else { return String::new() };
    let cut = first.iter().map(|item| {
        let words: Vec<&str> = item.split(' ').collect();
        words[..words.len() - shared].join(" ")
    });
    joined(&cut.chain([last.clone()]).collect::<Vec<_>>(), word)
}

/// How many words at their end items have in common, each of which keeps one
/// before them; parentheses are not cut open.
fn ending(items: &[String]) -> usize {
    let words: Vec<Vec<&str>> = items.iter().map(|item| item.split(' ').collect()).collect();
    let shortest = words.iter().map(Vec::len).min().unwrap_or_default();
    let end = |own: &Vec<&str>, length: usize| own[own.len() - length..].join(" ");
    let is_shared =
        |length: &usize| words.iter().all(|own| end(own, *length) == end(&words[0], *length));
    let is_whole = |length: &usize| {
        let end = end(&words[0], *length);
        end.matches('(').count() == end.matches(')').count()
    };
    (1..shortest).take_while(is_shared).filter(is_whole).last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What several items end in stands once, wherever they stand in the list.
    #[test]
    fn common_endings_stand_once() {
        let of = |items: &[&str]| {
            compact(&items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>())
        };
        for (items, told) in [
            (&[][..], ""),
            (&["30 days"], "30 days"),
            (&["30 days", "60 days", "90 days"], "30, 60 and 90 days"),
            (&["PFS", "OS", "shortest OS", "longest OS"], "PFS, OS, and shortest and longest OS"),
            (
                &["local relapse", "distant relapse", "death"],
                "local and distant relapse, and death",
            ),
            (
                &["stage", "age at surgery", "weight at surgery"],
                "stage, and age and weight at surgery",
            ),
            (&["best response", "confirmed best response"], "best and confirmed best response"),
            (&["response", "best response"], "response and best response"),
            (
                &["one (local relapse)", "two (distant relapse)"],
                "one (local relapse) and two (distant relapse)",
            ),
            (&["one (no relapse)", "two (no relapse)"], "one and two (no relapse)"),
            (&["PFS", "OS"], "PFS and OS"),
        ] {
            assert_eq!(of(items), told);
        }
    }
}
