//! Numbers and texts as SVG holds them.

/// A coordinate with two decimals at most: finer than any printer, and the same
/// everywhere.
pub(crate) fn decimal(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // A small negative number rounds to minus nought, which is another text for the same place.
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A text as XML holds it.
#[must_use]
pub fn escape(text: &str) -> String {
    // The ampersand first, or those of the other replacements would be escaped again. The
    // apostrophe may stay: attributes stand in double quotes.
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        for (value, text) in
            [(1.0, "1"), (0.126, "0.13"), (-0.001, "0"), (12.5, "12.5"), (100.0, "100")]
        {
            assert_eq!(decimal(value), text);
        }
    }
}
