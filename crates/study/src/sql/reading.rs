//! What an expression reads, from its tree: columns whose values enter the
//! result, columns that only decide, and dates that bound each other.

use std::collections::{BTreeMap, BTreeSet};

use super::error::SqlError;
use super::functions::Function;
use super::parse::parse;
use super::tree::{Literal, Tree};
use crate::Table;

/// What an expression reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlReading {
    /// Columns whose values enter the result.
    pub values: BTreeSet<String>,
    /// Columns that decide which value it is.
    pub conditions: BTreeSet<String>,
    /// The one column of which the result is a copy, where it is not missing.
    pub copies: Option<String>,
    /// Where it holds, the first column is not above the second.
    pub bounds: Vec<(String, String)>,
    /// The same where it does not hold, and nothing is missing.
    pub bounds_else: Vec<(String, String)>,
    /// Columns that are looked at only to compare them with these others: a
    /// comparison of two dates is decided on the earlier of them.
    pub compared: BTreeMap<String, BTreeSet<String>>,
}

impl SqlReading {
    /// Reads an expression.
    ///
    /// # Errors
    /// If it does not parse.
    pub fn of(sql: &str) -> Result<Self, SqlError> {
        let tree = parse(sql)?;
        let mut reading = Self {
            copies: copied(&tree),
            bounds: bounds(&tree, true),
            bounds_else: bounds(&tree, false),
            ..Self::default()
        };
        reading.values_in(&tree);
        let mut elsewhere = BTreeSet::new();
        reading.compared_in(&tree, &mut elsewhere);
        reading.compared.retain(|column, _| !elsewhere.contains(column));
        Ok(reading)
    }

    /// All columns that it names.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.values.union(&self.conditions).map(String::as_str)
    }

    fn values_in(&mut self, tree: &Tree) {
        match tree {
            Tree::Column(name) => drop(self.values.insert(name.clone())),
            Tree::Literal(_) | Tree::Interval { .. } => {}
            Tree::Case { branches, otherwise } => {
                for branch in branches {
                    branch.condition.columns(&mut self.conditions);
                    self.values_in(&branch.value);
                }
                otherwise.iter().for_each(|otherwise| self.values_in(otherwise));
            }
            Tree::Cast { value, .. } => self.values_in(value),
            // yes or no says nothing of the values themselves
            Tree::Call { function, .. } if is_condition(*function) => {
                tree.columns(&mut self.conditions);
            }
            Tree::Call { function: Function::NullIf, arguments, .. } => {
                arguments.iter().for_each(|argument| argument.columns(&mut self.conditions));
                arguments.iter().take(1).for_each(|value| self.values_in(value));
            }
            Tree::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| self.values_in(argument));
            }
        }
    }

    fn compared_in(&mut self, tree: &Tree, elsewhere: &mut BTreeSet<String>) {
        let compared = comparisons(tree);
        if !compared.is_empty() {
            for (left, right) in compared {
                self.compared.entry(left.clone()).or_default().insert(right.clone());
                self.compared.entry(right).or_default().insert(left);
            }
            return;
        }
        match tree {
            Tree::Call { function: Function::And, arguments, .. } => {
                arguments.iter().for_each(|part| self.compared_in(part, elsewhere));
            }
            Tree::Call { function: Function::Or, arguments, .. } => {
                let compared: BTreeSet<String> = (arguments.iter())
                    .flat_map(comparisons)
                    .flat_map(|(left, right)| [left, right])
                    .collect();
                // `stop IS NULL OR start <= stop`: not over by then, which is known then
                let open =
                    |part: &&Tree| is_missing(part).is_none_or(|own| !compared.contains(own));
                let open = arguments.iter().filter(open);
                open.for_each(|part| self.compared_in(part, elsewhere));
            }
            _ => tree.columns(elsewhere),
        }
    }
}

impl Table {
    /// What an expression reads of this table. Where that cannot be told, it may
    /// be anything: all columns.
    #[must_use]
    pub fn reads(&self, sql: &str) -> SqlReading {
        SqlReading::of(sql).unwrap_or_else(|_| SqlReading {
            values: self.names().into_iter().collect(),
            ..SqlReading::default()
        })
    }
}

/// Whether a function gives yes or no.
fn is_condition(function: Function) -> bool {
    use Function::{
        And, Between, EndsWith, Equal, Greater, GreaterEqual, In, IsFalse, IsMissing, IsTrue, Less,
        LessEqual, Like, LikeAnyCase, Matches, Not, NotEqual, Or, Same, StartsWith, Xor,
    };
    matches!(
        function,
        And | Or
            | Not
            | Xor
            | Equal
            | NotEqual
            | Less
            | LessEqual
            | Greater
            | GreaterEqual
            | Same
            | Between
            | In
            | IsMissing
            | IsTrue
            | IsFalse
            | Like
            | LikeAnyCase
            | Matches
            | StartsWith
            | EndsWith
    )
}

/// The columns that are not above others where a condition holds, or does not.
fn bounds(tree: &Tree, holds: bool) -> Vec<(String, String)> {
    use Function::{
        And, Between, Equal, Greater, GreaterEqual, Less, LessEqual, Not, NotEqual, Or,
    };
    let Tree::Call { function, arguments, .. } = tree else { return Vec::new() };
    let pair = |low: usize, high: usize| -> Vec<(String, String)> {
        let name = |place: usize| arguments.get(place).and_then(name).cloned();
        name(low).zip(name(high)).into_iter().collect()
    };
    match (function, holds) {
        // all parts hold, or none does
        (And, true) | (Or, false) => {
            arguments.iter().flat_map(|part| bounds(part, holds)).collect()
        }
        (Not, _) => arguments.iter().flat_map(|part| bounds(part, !holds)).collect(),
        (Less | LessEqual, true) | (Greater | GreaterEqual, false) => pair(0, 1),
        (Greater | GreaterEqual, true) | (Less | LessEqual, false) => pair(1, 0),
        (Equal, true) | (NotEqual, false) => [pair(0, 1), pair(1, 0)].concat(),
        (Between, true) => [pair(1, 0), pair(0, 2)].concat(),
        _ => Vec::new(),
    }
}

fn name(tree: &Tree) -> Option<&String> {
    match tree {
        Tree::Column(name) => Some(name),
        _ => None,
    }
}

/// The pairs of columns that a part compares, if it does nothing else.
fn comparisons(tree: &Tree) -> Vec<(String, String)> {
    use Function::{Between, Greater, GreaterEqual, Less, LessEqual};
    let Tree::Call { function, arguments, .. } = tree else { return Vec::new() };
    let columns: Option<Vec<&String>> = arguments.iter().map(name).collect();
    match (function, columns.as_deref()) {
        (Less | LessEqual | Greater | GreaterEqual, Some([left, right])) => {
            vec![((*left).clone(), (*right).clone())]
        }
        (Between, Some([between, low, high])) => {
            [low, high].map(|end| ((*between).clone(), (*end).clone())).to_vec()
        }
        _ => Vec::new(),
    }
}

/// The column of which a part asks whether it is missing.
fn is_missing(tree: &Tree) -> Option<&String> {
    match tree {
        Tree::Call { function: Function::IsMissing, arguments, .. } => name(arguments.first()?),
        _ => None,
    }
}

/// The one column that all values of an expression are copied from.
fn copied(tree: &Tree) -> Option<String> {
    /// None where something else than copies and missing values can come out.
    fn sources(tree: &Tree) -> Option<BTreeSet<&String>> {
        match tree {
            Tree::Column(name) => Some(BTreeSet::from([name])),
            Tree::Literal(Literal::Missing) => Some(BTreeSet::new()),
            Tree::Call { function: Function::NullIf, arguments, .. } => sources(arguments.first()?),
            Tree::Case { branches, otherwise } => {
                let mut all = otherwise.as_deref().map_or(Some(BTreeSet::new()), sources)?;
                for branch in branches {
                    all.extend(sources(&branch.value)?);
                }
                Some(all)
            }
            _ => None,
        }
    }
    let mut found = sources(tree)?.into_iter();
    found.next().filter(|_| found.next().is_none()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Values;

    fn read(sql: &str) -> SqlReading {
        SqlReading::of(sql).expect("parses")
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(low, high)| ((*low).to_owned(), (*high).to_owned())).collect()
    }

    #[test]
    fn values_and_conditions_are_told_apart() {
        let case = read("CASE WHEN id = 'rt_start' AND grade > 2 THEN dose * 2 ELSE other END");
        assert_eq!(case.values, set(&["dose", "other"]));
        assert_eq!(case.conditions, set(&["grade", "id"]));
        assert_eq!(case.copies, None);
        let yes_no = read("record_id = 'P-1' OR stop IS NULL OR STARTS_WITH(site, 'A')");
        assert_eq!(yes_no.values, set(&[]));
        assert_eq!(yes_no.conditions, set(&["record_id", "site", "stop"]));
        assert_eq!(read("\"a name with 'quotes'\" || 'b'").values, set(&["a name with 'quotes'"]));
        let within = read("ABS(CASE x WHEN 1 THEN a END) + CAST(NULLIF(b, y) AS DOUBLE)");
        assert_eq!(within.values, set(&["a", "b"]));
        assert_eq!(within.conditions, set(&["b", "x", "y"]));
        assert!(SqlReading::of("a +").is_err());
    }

    #[test]
    fn what_cannot_be_read_may_be_any_column() {
        let values = || Values::Whole(vec![Some(1)]);
        let table = Table::of(1, [("rt_start", values()), ("age", values())]);
        let pattern = table.reads("COLUMNS('^rt_.*$') IS NOT NULL");
        assert_eq!(pattern.values, set(&["age", "rt_start"]));
        assert_eq!(table.reads("age > 1").conditions, set(&["age"]));
    }

    #[test]
    fn a_copy_has_one_source() {
        for sql in ["start", "CASE WHEN wrong THEN NULL ELSE start END", "NULLIF(start, other)"] {
            assert_eq!(read(sql).copies.as_deref(), Some("start"), "{sql}");
        }
        for sql in ["COALESCE(rt_start, start)", "start + 1", "CASE WHEN x THEN a ELSE b END"] {
            assert_eq!(read(sql).copies, None, "{sql}");
        }
    }

    #[test]
    fn bounds_stand_in_conjunctions_only() {
        let bounds = |sql: &str| read(sql).bounds;
        let one = pairs(&[("seen", "zero")]);
        for sql in ["grade > 2 AND seen <= zero AND x", "zero > seen", "NOT (seen > zero)"] {
            assert_eq!(bounds(sql), one, "{sql}");
        }
        for sql in ["seen <= zero OR grade > 2", "NOT (seen > zero AND grade > 2)"] {
            assert_eq!(bounds(sql), [], "{sql}");
        }
        assert_eq!(bounds("NOT (seen <= zero)"), pairs(&[("zero", "seen")]));
        assert_eq!(bounds("seen = zero"), pairs(&[("seen", "zero"), ("zero", "seen")]));
        assert_eq!(
            bounds("seen BETWEEN born AND zero"),
            pairs(&[("born", "seen"), ("seen", "zero")])
        );
        assert_eq!(bounds("seen NOT BETWEEN born AND zero"), []);
        let otherwise = |sql: &str| read(sql).bounds_else;
        assert_eq!(otherwise("seen > zero"), one);
        assert_eq!(otherwise("grade > 2 OR zero <= seen"), one);
        assert_eq!(otherwise("seen > zero AND grade > 2"), []);
    }

    #[test]
    fn a_date_that_is_only_compared_is_told() {
        let course = read("start >= zero AND (stop IS NULL OR start <= stop)");
        assert_eq!(course.compared["stop"], set(&["start"]));
        assert_eq!(course.compared["start"], set(&["stop", "zero"]));
        let between = read("start BETWEEN zero AND stop");
        assert_eq!(between.compared["start"], set(&["stop", "zero"]));
        assert!(!read("start BETWEEN zero AND stop + 1").compared.contains_key("start"));
        assert!(!read("stop IS NULL AND start <= stop").compared.contains_key("stop"));
        assert!(!read("start <= stop AND stop IS NOT NULL").compared.contains_key("stop"));
    }
}
