//! "did you mean": the name a user most likely had in mind.

use study::{revealed, unseen_difference};

/// The longest text that is taken for a misspelt name, in bytes: comparing
/// takes as many steps as the two lengths multiplied.
const LONGEST_NAME: usize = 200;

/// What to hint when `written` is none of `names`: the nearest of them, or all
/// where none is near and they are few.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    // Letters that look alike come first: as a misspelling such a name would be offered
    // as what was already written.
    if let Some((name, told)) = alike(written, &names) {
        return Some(format!("did you mean `{name}`? ({told})"));
    }
    match misspelt(written, &names) {
        Some(name) => Some(format!("did you mean `{}`?", revealed(name))),
        None if names.is_empty() || names.len() > 24 => None,
        None => {
            let listed: Vec<String> =
                names.iter().map(|name| format!("`{}`", revealed(name))).collect();
            Some(format!("there are: {}", listed.join(", ")))
        }
    }
}

/// The name that [`nearest`] takes to be meant; none where it lists them all.
pub fn meant<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let names: Vec<&str> = names.collect();
    let alike = alike(written, &names).map(|(name, _)| name);
    alike.or_else(|| misspelt(written, &names))
}

/// A name that only looks the same, with what is different.
fn alike<'a>(written: &str, names: &[&'a str]) -> Option<(&'a str, String)> {
    names.iter().find_map(|name| {
        let (here, there) = (unseen_difference(written, name), unseen_difference(name, written));
        let told = here.map(|here| format!("here stands `{here}`"));
        Some((*name, told.or(there.map(|there| format!("that is `{there}`")))?))
    })
}

/// The name of which few letters differ.
fn misspelt<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    let wanted = written.to_lowercase();
    let near = names
        .iter()
        .filter(|name| wanted.len().max(name.len()) <= LONGEST_NAME)
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), *name))
        .filter(|(distance, name)| {
            // a third of the letters: of `mean` and `max` two in four differ, and nobody meant that
            *distance <= name.chars().count().max(wanted.chars().count()) / 3
        })
        // Of equally near ones the first by name, so that a message is the same every time.
        .min();
    near.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let names = ["pfs_days", "os_days", "age"];
        assert_eq!(
            nearest("pfs_day", names.into_iter()).as_deref(),
            Some("did you mean `pfs_days`?")
        );
        assert_eq!(nearest("Age", names.into_iter()).as_deref(), Some("did you mean `age`?"));
    }

    #[test]
    fn another_word_is_not_offered() {
        let names = ["count", "max", "min", "sum"];
        let listed = "there are: `count`, `max`, `min`, `sum`";
        assert_eq!(nearest("mean", names.into_iter()).as_deref(), Some(listed));
        assert_eq!(nearest("maxx", names.into_iter()).as_deref(), Some("did you mean `max`?"));
        assert_eq!(nearest(&"x".repeat(100_000), ["y"; 30].into_iter()), None);
    }

    #[test]
    fn a_name_that_nobody_meant_is_not_offered() {
        let listed = |written, names: &[&'static str]| nearest(written, names.iter().copied());
        assert_eq!(listed("mean", &["min", "max"]).as_deref(), Some("there are: `min`, `max`"));
        assert_eq!(listed("2", &["1", "3"]).as_deref(), Some("there are: `1`, `3`"));
        assert_eq!(listed("sxe", &["sex", "age"]).as_deref(), Some("did you mean `sex`?"));
    }

    #[test]
    fn a_difference_that_nobody_sees_is_told() {
        let names = ["id", "Köln"];
        let cases = [
            ("Ko\u{308}ln", "did you mean `Köln`? (here stands `Ko<U+0308>ln`)"),
            ("i\u{200B}d", "did you mean `id`? (here stands `i<U+200B>d`)"),
            ("\u{456}d", "did you mean `id`? (here stands `<U+0456>d`)"),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, names.into_iter()).as_deref(), Some(expected));
        }
        assert_eq!(
            nearest("id", ["i\u{AD}d"].into_iter()).as_deref(),
            Some("did you mean `i\u{AD}d`? (that is `i<U+00AD>d`)")
        );
    }

    #[test]
    fn without_a_near_one_the_few_are_listed() {
        assert_eq!(
            nearest("histology", ["a", "b"].into_iter()).as_deref(),
            Some("there are: `a`, `b`")
        );
        assert_eq!(nearest("x", std::iter::empty()), None);
    }
}
