//! Free text with numbers in it, described by a template such as
//! `{dose}Gy/{fractions}F`: what stands in braces is a number, the rest is
//! compared without blanks, upper or lower case.

use std::collections::BTreeMap;

use crate::text::tight;
use crate::written_number::plain;

/// A template, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Number(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub(crate) fn parse(written: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = written;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').ok_or("a brace is not closed")? + open;
            // Folded as the cells will be, so that `Gy` fits `ＧＹ`.
            let literal = tight(&rest[..open]);
            let name = rest[open + 1..close].trim();
            if name.is_empty() {
                return Err("a pair of braces names no column".to_owned());
            }
            match (literal.is_empty(), pieces.last()) {
                // Two numbers side by side cannot be parted.
                (true, Some(Piece::Number(before))) => {
                    return Err(format!("nothing stands between `{before}` and `{name}`"));
                }
                (true, _) => {}
                (false, _) => pieces.push(Piece::Literal(literal)),
            }
            pieces.push(Piece::Number(name.to_owned()));
            rest = &rest[close + 1..];
        }
        let literal = tight(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let template = Self(pieces);
        template.check()?;
        Ok(template)
    }

    fn check(&self) -> Result<(), String> {
        let names: Vec<&str> = self.names().collect();
        if names.is_empty() {
            return Err("no column stands in braces".to_owned());
        }
        // Two numbers for one column could differ.
        if let Some(name) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name))
        {
            return Err(format!("`{}` stands in it twice", name.1));
        }
        // It would belong to the number before.
        let digit_follows = self.0.windows(2).any(|pair| match pair {
            [Piece::Number(_), Piece::Literal(next)] => next.starts_with(is_digit),
            _ => false,
        });
        if digit_follows { Err("a digit or point follows a number".to_owned()) } else { Ok(()) }
    }

    /// The columns in braces.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Number(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// The numbers of a text that has this form.
    pub(crate) fn read(&self, text: &str) -> Option<BTreeMap<&str, f64>> {
        let own = tight(text);
        let mut rest = own.as_str();
        let mut found = BTreeMap::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Piece::Number(name) => {
                    // As many digits as there are; what follows is compared.
                    let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
                    // A point too many makes it no number, and the form does not fit.
                    found.insert(name.as_str(), plain(&rest[..end])?);
                    rest = &rest[end..];
                }
            }
        }
        // The whole cell: a rest could change the meaning.
        rest.is_empty().then_some(found)
    }
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || character == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_out_of_text() {
        let template = Template::parse("{dose} Gy / {fractions} F").expect("a template");
        for text in ["30Gy/10F", "30 gy / 10 f", "３０Ｇｙ／１０Ｆ", "30.0Gy/10F"] {
            let found = template.read(text).expect(text);
            assert_eq!(found, BTreeMap::from([("dose", 30.0), ("fractions", 10.0)]), "{text}");
        }
        // Something is missing, something is too much, or a number is none.
        for text in ["30Gy", "30Gy/10", "30Gy/10Fx", "Gy/F", "3.0.0Gy/10F", "-30Gy/10F", ""] {
            assert_eq!(template.read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_template_is_said() {
        let cases = [
            ("{dose", "a brace is not closed"),
            ("{}Gy", "a pair of braces names no column"),
            ("Gy", "no column stands in braces"),
            ("{a}{b}", "nothing stands between `a` and `b`"),
            ("{a}/{a}", "`a` stands in it twice"),
            ("{a}0Gy", "a digit or point follows a number"),
        ];
        for (written, expected) in cases {
            assert_eq!(Template::parse(written), Err(expected.to_owned()), "{written}");
        }
    }
}
