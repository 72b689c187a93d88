//! The ranges that a number is cut in, as groups: their values, ids and words.

use std::fmt;
use std::str::FromStr;

use crate::{Column, Level, in_unit, slug};

/// The values from one cut (which belongs to it) to below the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueRange {
    /// Its lowest value; none of the lowest range.
    from: Option<f64>,
    /// What its values are below; none of the highest range.
    below: Option<f64>,
}

impl ValueRange {
    /// The ranges between ascending cuts, the lowest first.
    #[must_use]
    pub fn between(cuts: &[f64]) -> Vec<Self> {
        let ends = cuts.iter().copied().map(Some);
        // Each cut ends one range and begins the next, so that no value is left out or
        // counted twice.
        let from = std::iter::once(None).chain(ends.clone());
        from.zip(ends.chain([None])).map(|(from, below)| Self { from, below }).collect()
    }

    /// It as a level of the column that is cut: `≥ 65 years`, in words `Age ≥ 65 years`, with
    /// the id `at_least_65`.
    #[must_use]
    pub fn level(self, column: &Column) -> Level {
        let value = self.of(column);
        let label = format!("{} {value}", column.label);
        Level::new(value, label).with_id(Some(self.id()))
    }

    /// The values in the unit of their column.
    #[must_use]
    pub fn of(self, column: &Column) -> String {
        in_unit(&self.to_string(), column.unit.as_deref())
    }

    fn id(self) -> String {
        // A slug would drop the sign.
        let number = |value: f64| value.to_string().replace('-', "minus ");
        slug(&match (self.from, self.below) {
            (Some(from), Some(below)) => format!("{} to < {}", number(from), number(below)),
            (Some(from), None) => format!(">= {}", number(from)),
            (None, Some(below)) => format!("< {}", number(below)),
            (None, None) => "all".to_owned(),
        })
    }
}

impl fmt::Display for ValueRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.below) {
            (Some(from), Some(below)) => write!(formatter, "{from} to < {below}"),
            (Some(from), None) => write!(formatter, "≥ {from}"),
            (None, Some(below)) => write!(formatter, "< {below}"),
            (None, None) => formatter.write_str("all"),
        }
    }
}

/// A text that names no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRange;

/// A range by its cuts: `<65`, `50 to <65`, `>=65`, with blanks and a unit behind it or without.
impl FromStr for ValueRange {
    type Err = NoRange;

    fn from_str(text: &str) -> Result<Self, NoRange> {
        let text = text.trim();
        // `<=` is refused with it, as no number begins with `=`: ranges have their cut at
        // the lower end.
        if let Some(below) = text.strip_prefix('<') {
            return Ok(Self { from: None, below: Some(leading(below)?) });
        }
        if let Some(from) = text.strip_prefix('≥').or_else(|| text.strip_prefix(">=")) {
            return Ok(Self { from: Some(leading(from)?), below: None });
        }
        let (from, below) = text.split_once(" to <").ok_or(NoRange)?;
        // `inf` parses as a number and is no cut.
        let from = from.trim().parse().ok().filter(|from: &f64| from.is_finite());
        Ok(Self { from: Some(from.ok_or(NoRange)?), below: Some(leading(below)?) })
    }
}

/// The number at the beginning of a text; what follows stands behind a blank.
fn leading(text: &str) -> Result<f64, NoRange> {
    // The unit behind it is not compared: it is the column's.
    let number = text.split_whitespace().next().ok_or(NoRange)?;
    number.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(NoRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(unit: Option<&str>) -> Column {
        Column { unit: unit.map(str::to_owned), ..Column::default() }
    }

    #[test]
    fn ranges_have_words_and_ids() {
        let of = |cuts: &[f64], unit| -> Vec<(String, String)> {
            let level = |range: ValueRange| range.level(&column(unit));
            let levels = ValueRange::between(cuts).into_iter().map(level);
            levels.map(|level| (level.value, level.id.expect("an id"))).collect()
        };
        let pairs = |own: &[(&str, &str)]| -> Vec<(String, String)> {
            own.iter().map(|(value, id)| ((*value).to_owned(), (*id).to_owned())).collect()
        };
        let ages = [
            ("< 50 years", "under_50"),
            ("50 to < 63.5 years", "50_to_under_63_5"),
            ("≥ 63.5 years", "at_least_63_5"),
        ];
        assert_eq!(of(&[50.0, 63.5], Some("years")), pairs(&ages));
        let below_zero = [("< -2", "under_minus_2"), ("≥ -2", "at_least_minus_2")];
        assert_eq!(of(&[-2.0], None), pairs(&below_zero));
        let tens = [("< 6.5 × 10 years", "under_6_5"), ("≥ 6.5 × 10 years", "at_least_6_5")];
        assert_eq!(of(&[6.5], Some("10 years")), pairs(&tens));
    }

    #[test]
    fn a_range_is_named_with_or_without_blanks_and_unit() {
        // Below zero, at zero, and a number that is printed with all of its digits.
        for cuts in [&[65.0][..], &[-3.5, 0.0, 1e21]] {
            for range in ValueRange::between(cuts) {
                for unit in [None, Some("years"), Some("10 years")] {
                    assert_eq!(range.of(&column(unit)).parse(), Ok(range));
                }
            }
        }
        let [below, from] = ValueRange::between(&[65.0])[..] else { panic!("two") };
        for (text, range) in
            [("<65", below), (" < 65.0", below), (">=65", from), ("≥65 years", from)]
        {
            assert_eq!(text.parse(), Ok(range), "{text}");
        }
        let middle = ValueRange::between(&[50.0, 65.0])[1];
        assert_eq!("50 to <65".parse(), Ok(middle));
        for text in ["", "65", "<=65", ">65", "< old", "< inf", "a to <65", "<65years", "low"] {
            assert_eq!(text.parse::<ValueRange>(), Err(NoRange), "{text}");
        }
    }
}
