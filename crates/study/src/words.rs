//! Labels as they stand in text.

/// Names of people, places and peoples that labels of studies and methods begin with. A label is a study's own
/// words, in which a first capital says nothing: what is not here is taken for a common word.
const NAMES: [&str; 47] = [
    "African",
    "Akaike",
    "American",
    "Ann",
    "Asian",
    "Barthel",
    "Bismuth",
    "Breslow",
    "Brier",
    "Caucasian",
    "Charlson",
    "Chinese",
    "Clark",
    "Cox",
    "Crohn",
    "Epstein",
    "European",
    "Fisher",
    "Fuhrman",
    "Glasgow",
    "Gleason",
    "Harrell",
    "Helicobacter",
    "Hispanic",
    "Hodgkin",
    "Japanese",
    "Karnofsky",
    "Ki",
    "Kruskal",
    "Lansky",
    "Latin",
    "Likert",
    "Nottingham",
    "Oncotype",
    "Pearson",
    "Philadelphia",
    "Rankin",
    "Ranson",
    "Sokal",
    "Turnbull",
    "Uno",
    "Wald",
    "Weibull",
    "Welch",
    "Wilcoxon",
    "Wilms",
    "Wilson",
];

/// A label as it stands inside a sentence: its first letter small, unless the
/// second is a capital or a digit too, as in `ECOG` or `P16`, or none, as in
/// `I or II` and `T-cell count`; a lone `A` is an article. A word with another
/// capital (`Child-Pugh`, `McGill`) and a known name (`Karnofsky`, `Crohn's`)
/// keep theirs.
#[must_use]
pub fn in_sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    // Without what follows: `Crohn's` and `Epstein-Barr` begin with their names.
    let own = first.split(|end: char| !end.is_alphabetic()).next().unwrap_or_default();
    if NAMES.contains(&own) || first.chars().skip(1).any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        // A second small letter makes it a word; `P16` and `ECOG` are none.
        (Some(first), Some(second)) if second.is_lowercase() || (first, second) == ('A', ' ') => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Numbers in the unit of their column; one of `10 years` is multiplied, so that 6.5 is not
/// `6.5 10 years`.
#[must_use]
pub fn in_unit(numbers: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) if unit.starts_with(|first: char| first.is_ascii_digit()) => {
            format!("{numbers} × {unit}")
        }
        Some(unit) => format!("{numbers} {unit}"),
        None => numbers.to_owned(),
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
    // As it is printed: `1.0 years` is a measured number and stays in the plural.
    if number == "1" { plural.strip_suffix('s').unwrap_or(plural) } else { plural }
}

/// A text with its first letter in capitals.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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
        assert_eq!(in_sentence("Child-Pugh class"), "Child-Pugh class");
        assert_eq!(in_sentence("Karnofsky score"), "Karnofsky score");
        assert_eq!(in_sentence("Crohn's disease"), "Crohn's disease");
        assert_eq!(in_sentence("Follow-up"), "follow-up");
        assert_eq!(in_sentence(""), "");
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!(numbered("1", "years"), "1 year");
        assert_eq!(numbered("1.0", "months"), "1.0 months");
        assert_eq!(numbered("21", "days"), "21 days");
    }
}
