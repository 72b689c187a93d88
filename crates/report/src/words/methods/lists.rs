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
    let comma = if items.iter().any(|item| item.as_ref().contains(", ")) { "; " } else { ", " };
    let own: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match own.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} {word} {two}"),
        [first @ .., last] if comma == "; " => format!("{}; {word} {last}", first.join("; ")),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// A list in which the words at the end of all items stand once:
/// `30, 60 and 90 days`.
pub(super) fn compact(items: &[String]) -> String {
    compact_by(items, "and")
}

/// The same with another word before the last item.
pub(super) fn compact_by(items: &[String], word: &str) -> String {
    let words: Vec<Vec<&str>> = items.iter().map(|item| item.split(' ').collect()).collect();
    let shortest = words.iter().map(Vec::len).min().unwrap_or_default();
    let is_shared = |length: &usize| {
        let end = |own: &Vec<&str>| own[own.len() - length..].join(" ");
        words.iter().all(|own| end(own) == end(&words[0]))
    };
    let shared = (1..shortest).take_while(is_shared).last().unwrap_or_default();
    let Some((last, first)) = words.split_last() else { return String::new() };
    let cut = first.iter().map(|own| own[..own.len() - shared].join(" "));
    joined(&cut.chain([last.join(" ")]).collect::<Vec<_>>(), word)
}
