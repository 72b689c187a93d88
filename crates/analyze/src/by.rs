//! The parameter `by`: a column whose levels make groups, or a number that is
//! cut in ranges. All kinds that have groups read it, and no kind asks which.

use std::borrow::Cow;
use std::fmt;

use engine::Mistake;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use stats::quantile::quantiles;
use study::{Column, Cut, Groups, Level, Table, ValueRange};

use crate::category::{Category, declared_levels, unknown_levels};
use crate::columns::ColumnType;
use crate::population::Population;

/// A column whose levels make the groups, or a number with where to cut it. A value at a cut is in
/// the group above it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Declared {
    /// The column.
    column: String,
    /// Cuts of a number, ascending: `[65]` makes the groups `<65` and `>=65`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cuts: Vec<f64>,
    /// How many groups of about equal size a number is cut in, at the quantiles (type 7) of the
    /// patients for whom `where` holds and who have a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 10))]
    quantiles: Option<u8>,
    /// Cuts a number at its median, as `quantiles: 2`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    median: bool,
}

/// What makes groups: `arm`, or `{ column: age, cuts: [65] }`.
#[derive(Debug, Clone, PartialEq)]
pub struct By(Declared);

impl By {
    /// The levels of a column.
    pub(crate) fn levels_of(column: &str) -> Self {
        Self(Declared { column: column.to_owned(), ..Declared::default() })
    }

    /// The column.
    pub(crate) fn column(&self) -> &str {
        &self.0.column
    }

    /// Where a number is cut; none where the levels of the column make the groups.
    pub(crate) fn cut(&self) -> Option<Cut> {
        let own = &self.0;
        // More than one way to cut is a mistake that `misfits` tells,
        // so that it does not matter which of them would win here.
        let quantiles = own.quantiles.or(own.median.then_some(2));
        let cuts = || (!own.cuts.is_empty()).then(|| Cut::At(own.cuts.clone()));
        quantiles.map(Cut::Quantiles).or_else(cuts)
    }

    /// The groups as an account names them.
    pub(crate) fn groups(&self, reference: Option<&str>) -> Groups {
        Groups { cut: self.cut(), ..Groups::of(self.column(), reference) }
    }

    /// The groups that are known without looking at the values.
    pub(crate) fn known_levels(&self, table: &Table) -> Option<Vec<Level>> {
        match self.cut() {
            None => declared_levels(table, self.column()),
            Some(Cut::At(cuts)) => Some(levels(&cuts, &table.about(self.column()))),
            // Quantiles are cut where the data have them.
            Some(Cut::Quantiles(_)) => None,
        }
    }

    /// What is wrong with cutting the column, which is of this type.
    pub(crate) fn misfits(&self, kind: ColumnType, is_number: bool, at: &[&str]) -> Vec<Mistake> {
        let (own, column) = (&self.0, self.column());
        let mut mistakes = Vec::new();
        if !is_number {
            // A column of numbers with declared levels is a category, whose numbers are codes.
            let what = if kind.is_number() { "levels" } else { kind.words() };
            let message = format!("`{column}` holds {what}: there are no numbers to cut");
            mistakes.push(Mistake::at(at, message).hint("name the column alone"));
        }
        let ways = [!own.cuts.is_empty(), own.quantiles.is_some(), own.median];
        if ways.into_iter().filter(|is_given| *is_given).count() > 1 {
            let message = format!("`{column}` is cut in more than one way");
            let mistake = Mistake::at(at, message);
            mistakes.push(mistake.hint("keep one of `cuts`, `quantiles` and `median`"));
        }
        // Equal cuts are refused too: nobody could be between them.
        let ascend = own.cuts.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascend || own.cuts.iter().any(|cut| !cut.is_finite()) {
            let at: Vec<&str> = at.iter().copied().chain(["cuts"]).collect();
            let message = "`cuts` are no ascending numbers".to_owned();
            mistakes.push(Mistake::at(&at, message).hint("such as `cuts: [50, 65]`"));
        }
        mistakes
    }

    /// The group of each patient.
    pub(crate) fn category(&self, population: &Population<'_>) -> Result<Category, Mistake> {
        let Some(cut) = self.cut() else { return population.category(self.column()) };
        let column = self.column().to_owned();
        let values = population.numbers(&column)?;
        let about = population.table.about(&column);
        let cuts = match cut {
            Cut::At(cuts) => Some(cuts),
            Cut::Quantiles(_) if population.is_rehearsed() => None,
            Cut::Quantiles(n) => Some(cuts_at_quantiles(&column, &values, n)?),
        };
        let Some(cuts) = cuts else {
            // No codes at all, rather than codes of nobody, is what tells a rehearsal later on.
            return Ok(Category {
                column,
                label: about.label,
                levels: unknown_levels(),
                codes: Vec::new(),
            });
        };
        // a value at a cut is in the group above it
        let group = |value: f64| cuts.partition_point(|cut| *cut <= value);
        let codes = values.into_iter().map(|value| value.map(group)).collect();
        Ok(Category { column, levels: levels(&cuts, &about), label: about.label, codes })
    }
}

fn levels(cuts: &[f64], about: &Column) -> Vec<Level> {
    ValueRange::between(cuts).into_iter().map(|range| range.level(about)).collect()
}

/// Where `n` groups of about equal size meet.
fn cuts_at_quantiles(column: &str, values: &[Option<f64>], n: u8) -> Result<Vec<f64>, Mistake> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let refused = |message: String, hint: &str| Err(Mistake::at(&["by"], message).hint(hint));
    let Some(first) = known.first() else {
        return refused(format!("`{column}` is missing for every patient"), "widen `where`");
    };
    // Before the quantiles are compared: that message advises
    // fewer groups, which would not help where all values are one.
    if known.iter().all(|value| value == first) {
        let message = format!("`{column}` is {first} for every patient, and cannot be cut");
        return refused(message, "groups need values that differ");
    }
    let shares: Vec<f64> = (1..n).map(|place| f64::from(place) / f64::from(n)).collect();
    let cuts = quantiles(&known, &shares).map_err(|error| crate::book::refused(&error))?;
    // A column of few values may have the same value at two quantiles.
    if let Some(pair) = cuts.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!(
            "two of the quantiles that cut `{column}` are {}: nobody would be between them",
            pair[0]
        );
        return refused(message, "ask for fewer groups, or declare `cuts`");
    }
    Ok(cuts.into_iter().map(|cut| in_few_digits(cut, &known)).collect())
}

/// A cut in six digits, or as many more as it takes to leave every patient in the same group: a
/// mean of two values such as 0.1 and 0.2 has sixteen.
fn in_few_digits(cut: f64, values: &[f64]) -> f64 {
    // From six digits (one before the point and five behind it) up to sixteen.
    // If none of these will do, the number as it is has seventeen at most.
    let short = (5..16).map(|digits| {
        let written = format!("{cut:.digits$e}");
        written.parse::<f64>().expect("invariant: a number as it is written")
    });
    let is_alike = |short: &f64| values.iter().all(|value| (value < short) == (*value < cut));
    short.into_iter().find(is_alike).unwrap_or(cut)
}

impl Serialize for By {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.cut() {
            // One choice is written in one way: the parameters are an ingredient of
            // the key, and both ways of naming a column alone must have the same key.
            None => serializer.serialize_str(self.column()),
            Some(_) => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ByVisitor)
    }
}

struct ByVisitor;

impl<'de> Visitor<'de> for ByVisitor {
    type Value = By;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a column, or a column with where it is cut")
    }

    fn visit_str<E: de::Error>(self, column: &str) -> Result<By, E> {
        Ok(By::levels_of(column))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<By, A::Error> {
        Declared::deserialize(MapAccessDeserializer::new(map)).map(By)
    }
}

/// A text or a mapping of a few keys, which is one schema: what is wrong in either is told as
/// anywhere else.
impl JsonSchema for By {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "By".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Declared::json_schema(generator);
        let types = json_schema!({ "type": ["string", "object"] });
        let types = types.get("type").expect("invariant: it stands there").clone();
        schema.insert("type".to_owned(), types);
        schema
    }
}
