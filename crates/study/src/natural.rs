//! The order in which a reader would sort identifiers: `P9` before `P10`.

use std::cmp::Ordering;

/// Compares texts run by run: digits by their value, all else letter by
/// letter. Texts that differ only in leading zeros come in plain order, so
/// that no two different texts are equal.
#[must_use]
pub fn natural_order(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    while !left.is_empty() && !right.is_empty() {
        let ((a, rest_a), (b, rest_b)) = (run(left), run(right));
        let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        // A number beside a letter: by the letters, as digits come first in plain order.
        let order = match is_number(a) && is_number(b) {
            true => by_value(a, b),
            false => a.cmp(b),
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (rest_a, rest_b);
    }
    // One is the beginning of the other, or they differ in leading zeros alone.
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// The first run of digits, or the first letter, and what follows.
fn run(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let length = match digits {
        0 => text.chars().next().map_or(0, char::len_utf8),
        digits => digits,
    };
    text.split_at(length)
}

/// Numbers of any length: without leading zeros the longer is the larger.
fn by_value(one: &str, other: &str) -> Ordering {
    // As texts, so that an identifier of forty digits does not overflow.
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_texts_are_compared_by_value() {
        // Numbers within, at the end, with leading zeros, behind letters of two bytes and
        // more.
        let mut texts = vec!["P10", "P9", "P-2", "P010", "p1", "P9a", "", "日本2", "日本10"];
        texts.sort_by(|a, b| natural_order(a, b));
        assert_eq!(texts, ["", "P-2", "P9", "P9a", "P010", "P10", "p1", "日本2", "日本10"]);
    }

    #[test]
    fn numbers_of_any_length_have_an_order() {
        let long = "9".repeat(40);
        assert_eq!(natural_order(&long, &format!("1{}", "0".repeat(40))), Ordering::Less);
        assert_eq!(natural_order("7", "007"), Ordering::Greater);
        assert_eq!(natural_order("7", "7"), Ordering::Equal);
    }
}
