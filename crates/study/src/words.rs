//! Labels as they stand in text.

/// A label as it stands inside a sentence: its first letter small, unless the
/// second is a capital or a digit too, as in `ECOG` or `P16`.
#[must_use]
pub fn in_sentence(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() && !second.is_ascii_digit() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(in_sentence("Overall survival"), "overall survival");
        assert_eq!(in_sentence("ECOG performance status"), "ECOG performance status");
        assert_eq!(in_sentence("P16"), "P16");
        assert_eq!(in_sentence(""), "");
    }
}
