//! Breaking a text into lines that fit.

use super::font::width;
use super::{DrawError, Face};

/// The lines of `text`, none longer than `limit` points: broken between words,
/// and with a hyphen within a word only where it alone is too long.
///
/// # Errors
/// If the font lacks one of its letters.
pub fn wrap(text: &str, face: Face, size: f64, limit: f64) -> Result<Vec<String>, DrawError> {
    let mut lines = vec![String::new()];
    // `split_whitespace` takes no-break spaces for white space too, so that lines may break there.
    for word in text.split_whitespace() {
        for piece in pieces(word, face, size, limit)? {
            let last = lines.last_mut().expect("invariant: there is always a line");
            let longer = if last.is_empty() { piece.clone() } else { format!("{last} {piece}") };
            if width(&longer, face, size)? <= limit {
                *last = longer;
            // A piece wider than any line stands alone rather than not at all.
            } else if last.is_empty() {
                *last = piece;
            } else {
                lines.push(piece);
            }
        }
    }
    Ok(lines)
}

/// A word whole, or in parts of which each fits.
fn pieces(word: &str, face: Face, size: f64, limit: f64) -> Result<Vec<String>, DrawError> {
    if width(word, face, size)? <= limit {
        return Ok(vec![word.to_owned()]);
    }
    let mut parts = vec![String::new()];
    for character in word.chars() {
        let last = parts.last_mut().expect("invariant: there is always a part");
        // Measured with the hyphen that would follow.
        if !last.is_empty() && width(&format!("{last}{character}-"), face, size)? > limit {
            last.push('-');
            parts.push(character.to_string());
        } else {
            last.push(character);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_the_limit_and_no_word_is_lost() {
        let text =
            "Previous systemic therapy within four weeks, or Donaudampfschifffahrtsgesellschaft";
        let lines = wrap(text, Face::Regular, 8.0, 90.0).expect("Latin letters");
        assert!(lines.len() > 3);
        for line in &lines {
            assert!(width(line, Face::Regular, 8.0).expect("Latin letters") <= 90.0, "{line}");
        }
        let squeezed = |text: &str| text.replace([' ', '-'], "");
        assert_eq!(squeezed(&lines.concat()), squeezed(text));
    }

    #[test]
    fn a_text_without_words_is_one_empty_line() {
        assert_eq!(wrap("", Face::Regular, 8.0, 50.0).expect("nothing to set"), [""]);
    }
}
