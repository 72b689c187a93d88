//! Labels as they stand in text.

/// A label as it stands inside a sentence: its first letter small, unless the
/// second is a capital or a digit too, as in `ECOG` or `P16`, or none, as in
/// `I or II` and `T-cell count`; a lone `A` is an article.
#[must_use]
pub fn in_sentence(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || (first, second) == ('A', ' ') => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// A number with what it counts, given in the plural: `1 year`, `2 years`.
#[must_use]
pub fn numbered(number: &str, plural: &str) -> String {
    format!("{number} {}", unit_of(number, plural))
}

/// What a number counts, given in the plural: `year` of `1`, `years` of `1.0`.
#[must_use]
pub fn unit_of<'a>(number: &str, plural: &'a str) -> &'a str {
    if number == "1" { plural.strip_suffix('s').unwrap_or(plural) } else { plural }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(in_sentence("Overall survival"), "overall survival");
        assert_eq!(in_sentence("ECOG performance status"), "ECOG performance status");
        assert_eq!(in_sentence("P16"), "P16");
        assert_eq!(in_sentence("I or II"), "I or II");
        assert_eq!(in_sentence("T-cell count"), "T-cell count");
        assert_eq!(in_sentence("A new drug"), "a new drug");
        assert_eq!(in_sentence(""), "");
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!(numbered("1", "years"), "1 year");
        assert_eq!(numbered("1.0", "months"), "1.0 months");
        assert_eq!(numbered("21", "days"), "21 days");
    }
}
