//! `level_ids`: names that a declaration gives its levels for the ids of
//! findings. Every kind that declares levels has the parameter and checks it
//! here.

use study::slug;

use crate::{Mistake, Mistakes, Named};

/// Checks the names of levels for ids, which stand at `at`: each of a level
/// that is there, written as it will stand in an id, and none twice.
#[must_use]
pub fn check_level_ids(ids: &Named<String>, levels: &[&str], at: &[&str]) -> Mistakes {
    let mut mistakes = Mistakes::default();
    for (level, id) in ids.iter() {
        let at: Vec<&str> = at.iter().copied().chain([level]).collect();
        if !levels.contains(&level) {
            let unknown = Mistake::at(&at, format!("there is no level `{level}`"));
            mistakes.push(unknown.hint_nearest(level, levels.iter().copied()));
        } else if let Some(mistake) = check_id(id, &at) {
            mistakes.push(mistake);
        } else if let Some(other) = other_of_same_id(ids, levels, (level, id)) {
            let message = format!("level `{other}` has the id `{id}` already");
            mistakes.push(Mistake::at(&at, message).hint("name them apart"));
        }
    }
    mistakes
}

fn check_id(id: &str, at: &[&str]) -> Option<Mistake> {
    // What is printed unchanged is fit: the rule for ids stands in one place.
    let printed = slug(id);
    if id == printed && !id.is_empty() {
        return None;
    }
    let mistake = Mistake::at(at, format!("`{id}` cannot stand in an id"));
    Some(match printed.is_empty() {
        true => mistake.hint("write a word of small letters, digits and underscores"),
        false => mistake.hint(format!("write `{printed}`: small letters, digits and underscores")),
    })
}

/// Another level that is named the same: one without a name of its own, or
/// one that was named before.
fn other_of_same_id<'a>(
    ids: &Named<String>,
    levels: &[&'a str],
    (level, id): (&str, &str),
) -> Option<&'a str> {
    let place = |level: &str| ids.names().position(|named| named == level);
    let is_same = |other: &&str| match ids.get(other) {
        // Told once, at the later of the two.
        Some(own) => own == id && place(other) < place(level),
        None => slug(other) == id && *other != level,
    };
    levels.iter().copied().find(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(ids: &[(&str, &str)], levels: &[&str]) -> Vec<String> {
        let ids = ids.iter().map(|(level, id)| ((*level).to_owned(), (*id).to_owned()));
        let found = check_level_ids(&Named(ids.collect()), levels, &["level_ids"]);
        let text = |mistake: Mistake| {
            let hint = mistake.hint.unwrap_or_default();
            format!("{}: {}; {hint}", mistake.at.join("."), mistake.message)
        };
        found.0.into_iter().map(text).collect()
    }

    #[test]
    fn names_are_of_levels_and_fit_for_ids() {
        let nothing: [&str; 0] = [];
        assert_eq!(said(&[("+", "positive"), ("-", "negative")], &["-", "+"]), nothing);
        assert_eq!(
            said(&[("±", "weak"), ("+", "Is positive"), ("-", "-")], &["-", "+", "+-"]),
            [
                "level_ids.±: there is no level `±`; there are: `-`, `+`, `+-`",
                "level_ids.+: `Is positive` cannot stand in an id; write `is_positive`: small letters, digits and underscores",
                "level_ids.-: `-` cannot stand in an id; write a word of small letters, digits and underscores",
            ]
        );
    }

    #[test]
    fn no_two_levels_share_an_id() {
        assert_eq!(
            said(&[("-", "x"), ("+", "x"), ("all", "old_")], &["-", "+", "all"]),
            [
                "level_ids.+: level `-` has the id `x` already; name them apart",
                "level_ids.all: `old_` cannot stand in an id; write `old`: small letters, digits and underscores",
            ]
        );
        let taken = "level_ids.-: level `Old` has the id `old` already; name them apart";
        assert_eq!(said(&[("-", "old")], &["-", "Old"]), [taken]);
        // Two levels may change names.
        let nothing: [&str; 0] = [];
        assert_eq!(said(&[("a", "b"), ("b", "a")], &["a", "b"]), nothing);
    }
}
