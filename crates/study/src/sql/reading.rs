//! What an expression reads, from its tree: columns whose values enter the
//! result, columns that only decide, and dates that bound each other.

use std::collections::{BTreeMap, BTreeSet};

use super::error::SqlError;
use super::functions::Function;
use super::parse::parse;
use super::tree::{CastTo, Literal, Tree};
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
    /// For each date that is read out of text or numbers: out of which columns.
    pub read_dates: BTreeSet<BTreeSet<String>>,
    /// Where it holds, the first column is not above the second.
    pub bounds: Vec<(String, String)>,
    /// The same where it does not hold, and nothing is missing.
    pub bounds_else: Vec<(String, String)>,
    /// Columns that are looked at only to compare them with these others: a
    /// comparison of two dates is decided on the earlier of them.
    pub compared: BTreeMap<String, BTreeSet<String>>,
    /// Those of them of which the answer also tells whether there is a value: a
    /// date that has not come yet and one that never comes are not taken alike.
    pub tells_missing: BTreeSet<String>,
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
            // Kept for both answers: an exclusion keeps those for whom the condition does not
            // hold.
            bounds: bounds(&tree, true),
            bounds_else: bounds(&tree, false),
            ..Self::default()
        };
        reading.values_in(&tree);
        // A column that is compared and used otherwise, too, is as late as it is.
        let mut elsewhere = BTreeSet::new();
        reading.compared_in(&tree, &mut elsewhere);
        reading.compared.retain(|column, _| !elsewhere.contains(column));
        reading.tells_missing.retain(|column| !elsewhere.contains(column));
        Ok(reading)
    }

    /// The columns with which a column of a table is compared, if that is all
    /// that is asked of it: the answer is then known on the earlier of two dates.
    #[must_use]
    pub fn only_compared(&self, table: &Table, column: &str) -> Option<&BTreeSet<String>> {
        // With no value missing there is nothing that could tell.
        let is_whole = || table.series(column).is_some_and(|column| column.null_count() == 0);
        let is_open = self.tells_missing.contains(column) && !is_whole();
        self.compared.get(column).filter(|_| !is_open)
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
                    // A condition decides which value it is; its dates do not enter that value.
                    branch.condition.columns(&mut self.conditions);
                    self.values_in(&branch.value);
                }
                otherwise.iter().for_each(|otherwise| self.values_in(otherwise));
            }
            Tree::Cast { value, to, .. } => {
                if *to == CastTo::Date {
                    self.note_date(value);
                }
                self.values_in(value);
            }
            // yes or no says nothing of the values themselves
            Tree::Call { function, .. } if is_condition(*function) => {
                tree.columns(&mut self.conditions);
            }
            Tree::Call { function: Function::NullIf, arguments, .. } => {
                // Whether the two are equal decides, and only the first can come out.
                arguments.iter().for_each(|argument| argument.columns(&mut self.conditions));
                arguments.iter().take(1).for_each(|value| self.values_in(value));
            }
            Tree::Call { function, arguments, .. } => {
                if matches!(function, Function::ToDate | Function::MakeDate) {
                    self.note_date(tree);
                }
                arguments.iter().for_each(|argument| self.values_in(argument));
            }
        }
    }

    fn note_date(&mut self, tree: &Tree) {
        let mut columns = BTreeSet::new();
        tree.columns(&mut columns);
        // A date written in the expression is read out of no column.
        if !columns.is_empty() {
            self.read_dates.insert(columns);
        }
    }

    fn compared_in(&mut self, tree: &Tree, elsewhere: &mut BTreeSet<String>) {
        // A part that does nothing but compare columns.
        let compared = comparisons(tree);
        if !compared.is_empty() {
            return self.note_compared(compared, &BTreeSet::new());
        }
        match tree {
            // All parts of a conjunction must hold, so each is decided by itself.
            Tree::Call { function: Function::And, arguments, .. } => {
                arguments.iter().for_each(|part| self.compared_in(part, elsewhere));
            }
            Tree::Call { function: Function::Or, arguments, .. } => {
                let pairs: Vec<_> = arguments.iter().flat_map(comparisons).collect();
                let is_compared =
                    |own: &String| pairs.iter().any(|(low, high)| own == low || own == high);
                // `stop IS NULL OR start <= stop`: not over by then, which is known then
                let asked: BTreeSet<&String> = arguments
                    .iter()
                    .filter_map(is_missing)
                    .filter(|own| is_compared(own))
                    .collect();
                let others = arguments.iter().filter(|part| {
                    comparisons(part).is_empty()
                        && is_missing(part).is_none_or(|own| !asked.contains(own))
                });
                others.for_each(|part| self.compared_in(part, elsewhere));
                self.note_compared(pairs.clone(), &asked);
            }
            // In whatever else a column stands, its own value is asked for.
            _ => tree.columns(elsewhere),
        }
    }

    /// Notes columns that are compared. Where the answer is yes, the first is
    /// not above the second, or it is missing and was `asked` for.
    fn note_compared(&mut self, pairs: Vec<(String, String)>, asked: &BTreeSet<&String>) {
        for (low, high) in pairs {
            // a date that comes later than the other is taken as one that never comes
            // where it is the first and neither is chosen, or the second and both are
            if asked.contains(&low) {
                self.tells_missing.insert(low.clone());
            }
            if !asked.contains(&high) {
                self.tells_missing.insert(high.clone());
            }
            self.compared.entry(low.clone()).or_default().insert(high.clone());
            self.compared.entry(high).or_default().insert(low);
        }
    }
}

impl Table {
    /// What an expression reads of this table. Where that cannot be told, it may
    /// be anything: all columns.
    #[must_use]
    pub fn reads(&self, sql: &str) -> SqlReading {
        SqlReading::of(sql).unwrap_or_else(|_| SqlReading {
            // An expression that does not parse is told elsewhere; until then it errs to the
            // late side.
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
        // Where it does not hold, nobody knows which of the two ends was passed.
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

/// The pairs of columns that a part compares, if it does nothing else: the
/// first is not above the second where it holds.
fn comparisons(tree: &Tree) -> Vec<(String, String)> {
    use Function::{Between, Greater, GreaterEqual, Less, LessEqual};
    let Tree::Call { function, arguments, .. } = tree else { return Vec::new() };
    let columns: Option<Vec<&String>> = arguments.iter().map(name).collect();
    match (function, columns.as_deref()) {
        (Less | LessEqual, Some([left, right])) => vec![((*left).clone(), (*right).clone())],
        (Greater | GreaterEqual, Some([left, right])) => {
            vec![((*right).clone(), (*left).clone())]
        }
        (Between, Some([between, low, high])) => {
            vec![((*low).clone(), (*between).clone()), ((*between).clone(), (*high).clone())]
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
            // A date that is taken out for some stays the same date for the others.
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
    // Of two sources neither is the one that it copies.
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
    fn dates_that_are_read_out_of_text_are_told() {
        let dates = read("COALESCE(CAST(typed AS DATE), MAKE_DATE(y, m, 1), DATE('2020-01-01'))");
        assert_eq!(dates.read_dates, BTreeSet::from([set(&["typed"]), set(&["m", "y"])]));
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

    #[test]
    fn a_comparison_tells_whether_a_later_date_ever_comes() {
        let tells = |sql: &str| read(sql).tells_missing;
        // not before the start, or never: neither is chosen
        assert_eq!(tells("death < start"), set(&["start"]));
        assert_eq!(tells("start > death"), set(&["start"]));
        // later than the start is chosen, never is not
        assert_eq!(tells("death >= start"), set(&["death"]));
        assert_eq!(tells("death BETWEEN start AND stop"), set(&["death", "stop"]));
        // both are
        assert_eq!(tells("death IS NULL OR start <= death"), set(&[]));
        // never is chosen, later is not
        assert_eq!(tells("death IS NULL OR death < start"), set(&["death", "start"]));
        let whole = |death: Option<i32>| {
            Table::of(
                2,
                [
                    ("death", Values::Date(vec![Some(1), death])),
                    ("start", Values::Date(vec![Some(1), Some(2)])),
                ],
            )
        };
        let reading = read("death >= start");
        assert_eq!(reading.only_compared(&whole(Some(3)), "death"), Some(&set(&["start"])));
        assert_eq!(reading.only_compared(&whole(None), "death"), None);
        assert_eq!(reading.only_compared(&whole(None), "start"), Some(&set(&["death"])));
    }
}
