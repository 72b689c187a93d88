//! The letters by which footnotes and their marks are told, in every format.

/// The letter of a footnote by its place: a to z, then aa, ab and so on.
pub(super) fn letter(place: usize) -> String {
    let last = char::from(b'a' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => last.to_string(),
        // No nought in this counting: `aa` follows `z`.
        before => letter(before - 1) + &last.to_string(),
    }
}

/// The letters of footnotes, `a,b`.
pub(super) fn letters(places: &[usize]) -> String {
    places.iter().map(|place| letter(*place)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let letters: Vec<String> = [0, 25, 26, 27, 52].map(letter).into();
        assert_eq!(letters, ["a", "z", "aa", "ab", "ba"]);
    }
}
