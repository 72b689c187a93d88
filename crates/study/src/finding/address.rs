//! Where a finding stands among all findings of a study. The id is printed
//! from it, here and nowhere else; nobody takes an id apart.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Number;
use crate::{Level, Span};

/// The address of a finding: the `analyze` entry, and behind it what the
/// finding speaks of, part by part in the order in which the id names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The `analyze` entry.
    pub stage: String,
    /// What stands behind it.
    pub parts: Vec<Part>,
}

/// One part of an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// One of several models or readings of an entry: `univariable`,
    /// `piecewise`, `leave_one_out`.
    Model(String),
    /// What was counted: `orr`, `dcr`.
    Outcome(String),
    /// The test that a statistic is of: `likelihood_ratio`, `gray`, `term`.
    Test(String),
    /// The statistic: `hazard_ratio`, `p`, `chi_square`.
    Statistic(String),
    /// The method, where several stand side by side: `yates`, `wilson`.
    Method(String),
    /// A column: a covariate, the row of a table.
    Variable(String),
    /// A level of that column, with the name that its declaration gives it in
    /// ids, where it gives one.
    Level {
        /// The value in the column.
        value: String,
        /// Its own name in ids.
        id: Option<String>,
    },
    /// A level of the grouping column, likewise.
    // Apart from `Level`, as a column may both make groups and be a row.
    Group {
        /// The value in the column.
        value: String,
        /// Its own name in ids.
        id: Option<String>,
    },
    /// Everybody, beside or instead of groups: printed as `all`.
    Everybody,
    /// A time of follow-up as declared, with its unit: `12_months`.
    Time(Span),
    /// A part of follow-up or of the way to a result: `before`, `after`.
    Period(String),
    /// A place in a row, a share or a value: `3`, `62_5`, `minus_3`.
    Place(Number),
    /// In a rehearsal: a level or a value that only the data know.
    AnyLevel,
}

impl Part {
    /// One of several models or readings of an entry.
    #[must_use]
    pub fn model(name: impl Into<String>) -> Self {
        Self::Model(name.into())
    }

    /// What was counted.
    #[must_use]
    pub fn outcome(name: impl Into<String>) -> Self {
        Self::Outcome(name.into())
    }

    /// The test that a statistic is of.
    #[must_use]
    pub fn test(name: impl Into<String>) -> Self {
        Self::Test(name.into())
    }

    /// The statistic.
    #[must_use]
    pub fn statistic(name: impl Into<String>) -> Self {
        Self::Statistic(name.into())
    }

    /// The method, where several stand side by side.
    #[must_use]
    pub fn method(name: impl Into<String>) -> Self {
        Self::Method(name.into())
    }

    /// A column.
    #[must_use]
    pub fn variable(name: impl Into<String>) -> Self {
        Self::Variable(name.into())
    }

    /// A time of follow-up, whose unit is known.
    #[must_use]
    pub fn time(span: Span) -> Self {
        Self::Time(span)
    }

    /// A part of follow-up.
    #[must_use]
    pub fn period(name: impl Into<String>) -> Self {
        Self::Period(name.into())
    }

    /// A place in a row, a share or a value.
    #[must_use]
    pub fn place(number: f64) -> Self {
        Self::Place(Number(number))
    }

    /// A level without a name of its own.
    #[must_use]
    pub fn level(value: impl Into<String>) -> Self {
        Self::of_level(&Level::named(value))
    }

    /// A group without a name of its own.
    #[must_use]
    pub fn group(value: impl Into<String>) -> Self {
        Self::of_group(&Level::named(value))
    }

    /// A level as it was declared.
    #[must_use]
    pub fn of_level(level: &Level) -> Self {
        // Only by its own constructor: a level of the data may be called as a wildcard
        // looks.
        match level.is_any() {
            true => Self::AnyLevel,
            false => Self::Level { value: level.value.clone(), id: level.id.clone() },
        }
    }

    /// A group as its level was declared.
    #[must_use]
    pub fn of_group(level: &Level) -> Self {
        match level.is_any() {
            true => Self::AnyLevel,
            false => Self::Group { value: level.value.clone(), id: level.id.clone() },
        }
    }

    /// Whether this part of an announced address stands for a part of a run's.
    fn announces(&self, part: &Self) -> bool {
        match (self, part) {
            // Cuts at quantiles and knots are places, and as unknown before a run.
            (Self::AnyLevel, Self::Level { .. } | Self::Group { .. } | Self::Place(_)) => true,
            (announced, part) => announced == part,
        }
    }

    /// The part as it stands in an id.
    #[must_use]
    pub fn printed(&self) -> String {
        match self {
            Self::Model(text)
            | Self::Outcome(text)
            | Self::Test(text)
            | Self::Statistic(text)
            | Self::Method(text)
            | Self::Variable(text)
            | Self::Period(text) => slug(text),
            Self::Time(span) => span.id(),
            Self::Place(number) => number.id(),
            Self::Level { value, id } | Self::Group { value, id } => {
                // By the name that was declared, where signs alone would give an empty id (`+`,
                // `-`).
                slug(id.as_deref().unwrap_or(value))
            }
            Self::Everybody => "all".to_owned(),
            Self::AnyLevel => "*".to_owned(),
        }
    }

    /// A time or a part of follow-up in words: `12 months`, `before`.
    #[must_use]
    pub fn time_words(&self) -> Option<String> {
        match self {
            Self::Time(span) => Some(span.to_string()),
            Self::Period(name) => Some(name.clone()),
            _ => None,
        }
    }
}

impl Address {
    /// The address of an entry, to which parts are added.
    #[must_use]
    pub fn of(stage: &str) -> Self {
        Self { stage: stage.to_owned(), parts: Vec::new() }
    }

    /// The model or reading, where the entry has several.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Model(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The test that the statistic is of.
    #[must_use]
    pub fn test(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Test(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What was counted.
    #[must_use]
    pub fn outcome(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Outcome(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The statistic as the id names it.
    #[must_use]
    pub fn statistic(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Statistic(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The method, where several stand side by side.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Method(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The times and parts of follow-up, in the order of the id.
    pub fn times(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| matches!(part, Part::Time(_) | Part::Period(_)))
    }

    /// Whether this address of a rehearsal stands for one of a run: part by
    /// part the same, where a level that only the data know stands for any.
    #[must_use]
    pub fn announces(&self, address: &Self) -> bool {
        let mut pairs = self.parts.iter().zip(&address.parts);
        self.stage == address.stage
            && self.parts.len() == address.parts.len()
            && pairs.all(|(announced, part)| announced.announces(part))
    }

    /// Whether this address is, or announces, the one that `id` names.
    #[must_use]
    pub fn fits(&self, id: &str) -> bool {
        // A piece that reads `*` counts as any only where it was announced as such.
        let own = std::iter::once((self.stage.clone(), false))
            .chain(self.parts.iter().map(|part| (part.printed(), matches!(part, Part::AnyLevel))));
        let (own, pieces): (Vec<_>, Vec<&str>) = (own.collect(), id.split('.').collect());
        own.len() == pieces.len()
            && own.iter().zip(pieces).all(|((own, is_any), piece)| *is_any || own == piece)
    }

    /// The same address with another statistic.
    #[must_use]
    pub fn with_statistic(&self, statistic: &str) -> Self {
        let parts = self.parts.iter().map(|part| match part {
            Part::Statistic(_) => Part::Statistic(statistic.to_owned()),
            other => other.clone(),
        });
        Self { stage: self.stage.clone(), parts: parts.collect() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.stage)?;
        self.parts.iter().try_for_each(|part| write!(formatter, ".{}", part.printed()))
    }
}

/// A level or label as a part of an id: lower case letters and digits,
/// everything else an underscore; a sign that carries meaning gets its word
/// (`<1` is `under_1`, `>=20` is `at_least_20`).
#[must_use]
pub fn slug(text: &str) -> String {
    let spelled = text
        // The longer sign first, or `>=` would become "over" with a rest.
        .replace(">=", " at_least ")
        .replace('≥', " at_least ")
        .replace("<=", " at_most ")
        .replace('≤', " at_most ")
        .replace('<', " under ")
        .replace('>', " over ")
        .replace('+', " plus ");
    let mut slug = String::new();
    for c in spelled.chars() {
        // Letters of any script stay: a level in Chinese has an id, too.
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        // One underscore for any row of signs, and none at the ends.
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_places_print_as_parts_of_ids() {
        let time = |text: &str| Part::time(text.parse().expect("a time"));
        for (part, printed) in [
            // 12 months and one year last as long and are two ids.
            (time("12 months"), "12_months"),
            (time("1 year"), "1_years"),
            (time("2.5 weeks"), "2_5_weeks"),
            (Part::period("12.5 percent"), "12_5_percent"),
            (Part::place(62.5), "62_5"),
            (Part::place(-3.0), "minus_3"),
        ] {
            assert_eq!(part.printed(), printed);
            let stored = serde_json::to_string(&part).expect("plain");
            assert_eq!(serde_json::from_str::<Part>(&stored).expect("stored"), part);
        }
        assert_ne!(time("12 months"), time("1 year"));
    }

    #[test]
    fn an_id_is_printed_from_the_parts_in_order() {
        let mut address = Address::of("cox");
        address.parts = vec![
            Part::Model("univariable".into()),
            Part::Statistic("hazard_ratio".into()),
            Part::Variable("age_group".into()),
            Part::level(">= 65"),
        ];
        assert_eq!(address.to_string(), "cox.univariable.hazard_ratio.age_group.at_least_65");
        assert_eq!(address.model(), Some("univariable"));
        let p = address.with_statistic("p");
        assert_eq!(p.to_string(), "cox.univariable.p.age_group.at_least_65");
    }

    #[test]
    fn a_level_may_have_a_name_of_its_own() {
        let plus = Part::Level { value: "+".into(), id: Some("positive".into()) };
        assert_eq!(plus.printed(), "positive");
        // Nothing is left of a sign that means nothing by itself: a declaration must name
        // it.
        assert_eq!(Part::level("-").printed(), "");
    }

    #[test]
    fn a_level_that_only_the_data_know_stands_for_any() {
        let at = |level: Part| Address {
            stage: "cox".into(),
            parts: vec![Part::statistic("p"), Part::variable("site"), level],
        };
        let announced = at(Part::of_level(&Level::any()));
        assert_eq!(announced.to_string(), "cox.p.site.*");
        assert!(announced.announces(&at(Part::level("lung"))));
        // A level may be called what a wildcard looks like.
        assert!(!at(Part::level("*")).announces(&at(Part::level("lung"))));
        assert!(!announced.announces(&at(Part::method("wald"))));
        assert!(announced.fits("cox.p.site.lung") && !announced.fits("cox.p.site"));
        assert!(!announced.fits("cox.p.stage.lung") && !announced.fits("cox.p.site.lung.wald"));
        assert!(!announced.announces(&Address { stage: "os".into(), ..at(Part::level("lung")) }));
    }

    #[test]
    fn signs_keep_levels_apart() {
        assert_eq!(slug("<1"), "under_1");
        assert_eq!(slug(">= 20"), "at_least_20");
        assert_eq!(slug("1-19"), "1_19");
        assert_ne!(slug("≥1"), slug("<1"));
    }
}
