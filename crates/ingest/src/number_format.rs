//! What a number format of a workbook makes of a number: the same number, the
//! same with zeros before it, or something else.

/// How a sheet shows a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As a number of its own value; decimals may be cut and thousands marked.
    AsNumber,
    /// As digits alone, filled up with zeros (`007` under `000`).
    Padded(String),
    /// With other words, signs or another size than it has.
    Otherwise,
}

/// How a sheet shows a number under a format.
pub(crate) fn shown(number: f64, format: &str) -> Shown {
    let sections = sections(format);
    // a condition chooses by the value, such as `[<0.1]"<0.1"`: then anything may be shown
    // a format has four sections at most; with more it is not understood
    if sections.len() > 4 || has_condition(format) {
        return Shown::Otherwise;
    }
    // Under one section a negative number gets its minus by itself. A section of its
    // own must write the minus, or none is shown.
    let (section, hides_minus) = match (sections.len(), number) {
        (2.., number) if number < 0.0 => (sections[1], true),
        (3.., 0.0) => (sections[2], false),
        _ => (sections[0], false),
    };
    let look = Look::of(section);
    // under an empty section the sheet shows nothing
    if look.changed || (section.trim().is_empty() && !format.is_empty()) {
        return Shown::Otherwise;
    }
    if hides_minus && !look.negative {
        return Shown::Otherwise;
    }
    let zeros = section.trim();
    // a single nought shows the number as it is
    let padded = zeros.len() > 1 && zeros.bytes().all(|byte| byte == b'0');
    if padded && number >= 0.0 && number.fract() == 0.0 {
        return Shown::Padded(format!("{number:0>width$}", width = zeros.len()));
    }
    Shown::AsNumber
}

/// Whether a format shows digits as they are, without marks between or behind them.
pub(crate) fn is_bare(format: &str) -> bool {
    // thousands marked by a comma, or decimals cut, would be read off the sheet as part
    // of an identifier
    matches!(format.trim(), "" | "General" | "GENERAL" | "general" | "@" | "#")
        || format.trim().bytes().all(|byte| byte == b'0')
}

/// The part of a date that a format leaves out, if it leaves out one.
pub(crate) fn part_left_out(format: &str) -> Option<&'static str> {
    let section = sections(format)[0];
    let has = |letters: [char; 2]| {
        letters_of(section).any(|letter| letters.contains(&letter.to_ascii_lowercase()))
    };
    // the years of eras and of the Buddhist calendar are years too
    let year = has(['y', 'e']) || has(['b', 'g']);
    if !has(['d', 'd']) {
        Some("day")
    } else if !year {
        Some("year")
    } else {
        None
    }
}

/// The letters of a section that are neither quoted nor escaped.
fn letters_of(section: &str) -> impl Iterator<Item = char> + '_ {
    let mut quoted = false;
    let mut bracketed = false;
    let mut skip = false;
    section.chars().filter(move |character| {
        if std::mem::take(&mut skip) {
            return false;
        }
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracketed = true,
            ']' => bracketed = false,
            // the character behind these is shown as it is, or gives its width, or fills
            '\\' | '_' | '*' => skip = true,
            _ => return !bracketed,
        }
        false
    })
}

/// The parts of a format for positive numbers, negative ones, nought and text.
fn sections(format: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, character) in format.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            // a semicolon in quotation marks is text
            ';' if !quoted => {
                parts.push(&format[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&format[start..]);
    parts
}

fn has_condition(format: &str) -> bool {
    // brackets also hold colours and languages, which choose nothing
    format.split('[').skip(1).any(|part| part.starts_with(['<', '>', '=']))
}

/// What a section does to the digits.
#[derive(Default)]
struct Look {
    /// It adds a sign or word of its own, or shows another size.
    changed: bool,
    /// It has a minus or brackets for a negative number.
    negative: bool,
}

impl Look {
    fn of(section: &str) -> Self {
        let mut look = Self::default();
        if section.trim().eq_ignore_ascii_case("general") {
            return look;
        }
        let mut characters = section.chars().peekable();
        let mut digit_before = false;
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    let words: String = characters.by_ref().take_while(|c| *c != '"').collect();
                    look.literal(&words);
                }
                '\\' => look.literal(&characters.next().map(String::from).unwrap_or_default()),
                // room as wide as the next character, or filled up with it: no part of the number
                '_' | '*' => drop(characters.next()),
                '[' => {
                    let inner: String = characters.by_ref().take_while(|c| *c != ']').collect();
                    // `[$€-407]` shows a sign, `[Red]` a colour
                    let sign = inner.strip_prefix('$').and_then(|rest| rest.split('-').next());
                    look.changed |= sign.is_some_and(|sign| !sign.is_empty());
                }
                '0' | '#' | '?' => digit_before = true,
                // a comma between digits marks thousands; behind them it divides by a thousand
                ',' => {
                    let next = characters.peek();
                    look.changed |= digit_before && !next.is_some_and(|c| "0#?".contains(*c));
                }
                // the sign of an exponent is no minus of the number
                'E' | 'e' => drop(characters.next_if(|c| matches!(c, '+' | '-'))),
                '-' | '(' => look.negative = true,
                // digits stand for the lower number of a fraction
                '.' | ' ' | ')' | '+' | '/' | '@' | '1'..='9' => {}
                // among them `%`, which shows a hundred times the number
                _ => look.changed = true,
            }
        }
        look
    }

    fn literal(&mut self, words: &str) {
        match words.trim() {
            "-" | "(" => self.negative = true,
            "" | ")" | "+" => {}
            _ => self.changed = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_may_keep_fill_up_or_change_a_number() {
        let padded = |text: &str| Shown::Padded(text.to_owned());
        let cases = [
            (7.0, "General", Shown::AsNumber),
            (7.0, "", Shown::AsNumber),
            (7.5, "0.00", Shown::AsNumber),
            (-7.5, "#,##0.0", Shown::AsNumber),
            (7.0, "@", Shown::AsNumber),
            (1.5e9, "0.00E+00", Shown::AsNumber),
            (0.5, "# ?/?", Shown::AsNumber),
            (-7.0, "#,##0_);(#,##0)", Shown::AsNumber),
            (-7.0, "#,##0_);[Red]\\-#,##0", Shown::AsNumber),
            // the format of accountants, with a dash for nought
            (0.0, "_-* #,##0_-;-* #,##0_-;_-* \"-\"??_-;_-@_-", Shown::AsNumber),
            (7.0, "000", padded("007")),
            (1234.0, "000", padded("1234")),
            (7.5, "000", Shown::AsNumber),
            (7.0, "\"P-\"000", Shown::Otherwise),
            (7.0, "\\P000", Shown::Otherwise),
            (0.45, "0%", Shown::Otherwise),
            (0.45, "0.0\"%\"", Shown::Otherwise),
            // a comma at the end divides by a thousand: the sheet shows 5
            (5000.0, "#,##0,", Shown::Otherwise),
            (7.0, "\"<\"0.0", Shown::Otherwise),
            (7.0, ";;;", Shown::Otherwise),
            // the second section writes no minus: the sheet shows 7
            (-7.0, "0;0", Shown::Otherwise),
            (7.0, "0;0", Shown::AsNumber),
            (7.0, "[<10]\"low\";0", Shown::Otherwise),
            // a currency adds its sign, a language alone does not
            (7.0, "[$€-407] 0.00", Shown::Otherwise),
            (7.0, "[$-407]0.00", Shown::AsNumber),
            (0.0, "0;-0;\"none\"", Shown::Otherwise),
            (7.0, "0.0\" g/L\"", Shown::Otherwise),
        ];
        for (number, format, expected) in cases {
            assert_eq!(shown(number, format), expected, "{number} under {format}");
        }
    }

    #[test]
    fn a_date_may_be_shown_in_part() {
        let cases = [
            ("yyyy-mm-dd", None),
            ("mm-dd-yy", None),
            ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", None),
            ("mmm-yy", Some("day")),
            ("yyyy", Some("day")),
            ("d-mmm", Some("year")),
            // letters in quotation marks are no part of the date
            ("mmm \"day\" yyyy", Some("day")),
            ("h:mm", Some("day")),
        ];
        for (format, expected) in cases {
            assert_eq!(part_left_out(format), expected, "{format}");
        }
    }
}
