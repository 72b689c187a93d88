//! A length of time as a pipeline declares it: a number and its unit.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{StudySettings, TimeUnit, numbered, slug};

/// A length of time as declared: `6 months`, `90 days`, or a bare number in
/// the study's unit.
///
/// Two are equal where number and unit are: `1 year` and `12 months` last as
/// long and have different ids.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    value: f64,
    /// None for a bare number.
    unit: Option<TimeUnit>,
}

impl Span {
    /// `format` in the JSON Schema, by which a text is known to be one of these.
    pub const FORMAT: &'static str = "time";

    /// So many of a unit.
    #[must_use]
    pub fn new(value: f64, unit: TimeUnit) -> Self {
        // the sum makes -0 a 0, so that equal numbers have equal bits
        Self { value: value + 0.0, unit: Some(unit) }
    }

    /// A bare number, in whatever unit the study has.
    // Kept without a unit: which one the study has is not known where it is read.
    #[must_use]
    pub fn bare(value: f64) -> Self {
        Self { value: value + 0.0, unit: None }
    }

    /// So many days.
    #[must_use]
    pub fn of_days(value: f64) -> Self {
        Self::new(value, TimeUnit::Days)
    }

    /// The number as declared.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// With the study's unit where none was declared.
    #[must_use]
    pub fn resolved(self, study: &StudySettings) -> Self {
        Self { unit: self.unit.or(Some(study.time_unit)), ..self }
    }

    /// Its length in days.
    #[must_use]
    pub fn days(self, study: &StudySettings) -> f64 {
        // Times are days everywhere within; only words have other units.
        self.value * study.days_in(self.unit.unwrap_or(study.time_unit))
    }

    /// As a part of an id: `12_months`, `2_5_years`, always in the plural.
    #[must_use]
    pub fn id(self) -> String {
        slug(&format!("{} {}", self.value, self.unit.map_or("", TimeUnit::word)))
    }

    /// What the order and the hash go by, in which every number is itself.
    fn key(self) -> (Option<TimeUnit>, u64) {
        (self.unit, self.value.to_bits())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.value.to_string();
        match self.unit {
            Some(unit) => formatter.write_str(&numbered(&number, unit.word())),
            None => formatter.write_str(&number),
        }
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Span {}

impl Ord for Span {
    fn cmp(&self, other: &Self) -> Ordering {
        self.unit.cmp(&other.unit).then(self.value.total_cmp(&other.value))
    }
}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Span {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// It does not begin with a number.
    #[error("`{found}` is no length of time")]
    Number {
        /// The text.
        found: String,
    },
    /// What follows the number is no unit.
    #[error("`{found}` has no unit of time")]
    Unit {
        /// The text.
        found: String,
        /// With the unit that was meant, where that can be told.
        meant: Option<String>,
    },
}

impl SpanError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unit { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            _ => {
                let units = TimeUnit::ALL.map(|unit| format!("`{}`", unit.word()));
                format!(
                    "a number and a unit, such as `6 months`; the units are {}",
                    units.join(", ")
                )
            }
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let written = text.trim();
        // An exponent is no part of the number: `1e3 days` is told as having no unit.
        let end = written.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)));
        let (number, unit) = written.split_at(end.unwrap_or(written.len()));
        let Some(value) = number.parse().ok().filter(|value: &f64| value.is_finite()) else {
            return Err(SpanError::Number { found: text.to_owned() });
        };
        match TimeUnit::named(unit.trim_start()) {
            // A blank is asked for, so that `6months` and `6 months` are not two spellings of
            // one parameter.
            Some(unit_named) if unit.starts_with(char::is_whitespace) => {
                Ok(Self::new(value, unit_named))
            }
            _ if unit.is_empty() => Ok(Self::bare(value)),
            _ => {
                let word = unit.trim_matches(|c: char| c.is_whitespace() || c == '_');
                let meant = TimeUnit::meant_by(word);
                let meant = meant.map(|unit| Self::new(value, unit).to_string());
                Err(SpanError::Unit { found: text.to_owned(), meant })
            }
        }
    }
}

impl TimeUnit {
    /// The unit of a word in the singular or the plural.
    fn named(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.word() == word || unit.word().strip_suffix('s') == Some(word))
    }

    /// The unit that an abbreviation or a word in other letters stands for: its
    /// letters are letters of the unit, in their order, from the first on.
    fn meant_by(word: &str) -> Option<Self> {
        let word = word.trim_end_matches('.').to_lowercase();
        Self::ALL.into_iter().find(|unit| {
            // `mo`, `mos`, `mth`: what people shorten keeps the order of the letters.
            let mut rest = unit.word().chars();
            // `s` alone is the end of every unit.
            unit.word().chars().next() == word.chars().next()
                && word.chars().all(|letter| rest.any(|own| own == letter))
        })
    }
}

/// A bare number stays one, and a unit stands in its own spelling, so that
/// `1 months` and `1 month` are the same parameter.
impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.unit {
            // As a text with its unit; a bare number as a number, which has its digits exactly.
            Some(_) => serializer.collect_str(self),
            None => serializer.serialize_f64(self.value),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl Visitor<'_> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a length of time, such as `6 months`, or a number")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Span, E> {
        Ok(Span::bare(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Span, E> {
        Ok(Span::bare(value as f64))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Span, E> {
        Ok(Span::bare(value as f64))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        text.parse().map_err(|error: SpanError| E::custom(format!("{error} ({})", error.hint())))
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: a number and `days`, `weeks`, `months` or `years`, such as `6 months`; a bare number is in the study's `time_unit`.",
            // Two plain types and no alternatives, so that a mistake gets one message.
            "type": ["number", "string"],
            "format": Self::FORMAT,
            "pattern": r"^[+-]?[0-9]*\.?[0-9]+( +(day|week|month|year)s?)?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        text.parse().expect("a length of time")
    }

    fn study(yaml: &str) -> StudySettings {
        let whole =
            format!("{{ title: T, data_status: example, patient: id, analysis_table: p, {yaml} }}");
        serde_yaml::from_str(&whole).expect("settings")
    }

    #[test]
    fn a_list_may_mix_units_and_bare_numbers() {
        let mixed: Vec<Span> =
            serde_yaml::from_str("[6, 6 months, 90 days, 52 weeks, 1 year, 2.5 years, 1 months]")
                .expect("lengths of time");
        let written: Vec<String> = mixed.iter().map(Span::to_string).collect();
        let as_declared =
            ["6", "6 months", "90 days", "52 weeks", "1 year", "2.5 years", "1 month"];
        assert_eq!(written, as_declared);
        // A month of 30 days, so that the sums are easy to check: 6 weeks are 42 days, a
        // year 360.
        let study = study("time_unit: weeks, days_per_month: 30");
        let days: Vec<f64> = mixed.iter().map(|one| one.days(&study)).collect();
        assert_eq!(days, [42.0, 180.0, 90.0, 364.0, 360.0, 900.0, 30.0]);
        let ids: Vec<String> = mixed.iter().map(|one| one.resolved(&study).id()).collect();
        let printed =
            ["6_weeks", "6_months", "90_days", "52_weeks", "1_years", "2_5_years", "1_months"];
        assert_eq!(ids, printed);
    }

    #[test]
    fn spelling_does_not_reach_what_is_stored() {
        let stored = |text| serde_json::to_string(&span(text)).expect("plain");
        assert_eq!(stored("1 months"), r#""1 month""#);
        assert_eq!(stored("1 month"), stored("1.0  months"));
        assert_eq!(stored("12"), "12.0");
        assert_eq!(stored("-0 days"), stored("0 days"));
        for text in ["0.1 years", "1 month", "30.4375 days", "7"] {
            let back: Span = serde_json::from_str(&stored(text)).expect("stored");
            assert_eq!(back, span(text));
        }
        assert_ne!(span("1 year"), span("12 months"));
        assert_ne!(span("12"), span("12 months"));
    }

    #[test]
    fn a_mistake_offers_the_unit_that_was_meant() {
        let said = |text: &str| {
            let error = text.parse::<Span>().expect_err("is wrong");
            format!("{error}: {}", error.hint())
        };
        let units = "a number and a unit, such as `6 months`; the units are `days`, `weeks`, `months`, `years`";
        assert_eq!(said("6 mo"), "`6 mo` has no unit of time: did you mean `6 months`?");
        assert_eq!(said("6months"), "`6months` has no unit of time: did you mean `6 months`?");
        assert_eq!(said("90_days"), "`90_days` has no unit of time: did you mean `90 days`?");
        assert_eq!(said("1 Yr."), "`1 Yr.` has no unit of time: did you mean `1 year`?");
        assert_eq!(said("26 wks"), "`26 wks` has no unit of time: did you mean `26 weeks`?");
        assert_eq!(said("5 minutes"), format!("`5 minutes` has no unit of time: {units}"));
        assert_eq!(
            said("6 months later"),
            format!("`6 months later` has no unit of time: {units}")
        );
        assert_eq!(said("six months"), format!("`six months` is no length of time: {units}"));
        assert_eq!(said("inf days"), format!("`inf days` is no length of time: {units}"));
        assert_eq!(said(""), format!("`` is no length of time: {units}"));
    }
}
