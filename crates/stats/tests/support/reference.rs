//! Reads the inputs and values that R wrote, and compares with them.
#![allow(dead_code, reason = "each test program uses some of these")]

#[path = "validation.rs"]
mod validation;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use restudy_stats::counting_data::CountingData;
use restudy_stats::covariates::Covariates;
use restudy_stats::groups::Groups;
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::weights::Weights;
use serde_json::Value;
use validation::Comparison;

/// Columns that are right.
pub fn covariates_of(values: &[f64], n_columns: usize) -> Covariates<'_> {
    Covariates::new(values, n_columns).expect("covariates")
}

/// Weights that are right.
pub fn weights_of(weights: &[f64]) -> Weights<'_> {
    Weights::new(weights).expect("weights")
}

/// A CSV of numbers, empty cells being missing.
pub struct Table(BTreeMap<String, Vec<Option<f64>>>);

fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference").join(relative)
}

fn read(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The data set of this name.
pub fn table(name: &str) -> Table {
    validation::reads(name);
    let text = read(&format!("data/{name}.csv"));
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut columns: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for line in lines {
        for (name, cell) in names.iter().zip(line.split(',')) {
            // An empty cell is missing; anything else must be a number.
            let value = (!cell.is_empty()).then(|| cell.parse().expect("a number"));
            columns.entry((*name).to_string()).or_default().push(value);
        }
    }
    Table(columns)
}

impl Table {
    /// The rows in which these columns are known.
    pub fn complete(self, names: &[&str]) -> Self {
        let n = self.0.values().next().expect("columns").len();
        let is_known = |row: usize| names.iter().all(|name| self.0[*name][row].is_some());
        let rows: Vec<usize> = (0..n).filter(|row| is_known(*row)).collect();
        let pick = |column: &Vec<Option<f64>>| rows.iter().map(|row| column[*row]).collect();
        Self(self.0.iter().map(|(name, column)| (name.clone(), pick(column))).collect())
    }

    /// Its first rows.
    pub fn first(self, rows: usize) -> Self {
        Self(self.0.into_iter().map(|(name, column)| (name, column[..rows].to_vec())).collect())
    }

    /// A column without missing cells.
    pub fn column(&self, name: &str) -> Vec<f64> {
        self.0[name].iter().map(|value| value.expect("a known cell")).collect()
    }

    /// A column of which some cells may be missing.
    pub fn cells(&self, name: &str) -> Vec<Option<f64>> {
        self.0[name].clone()
    }

    /// A column of codes.
    pub fn codes(&self, name: &str) -> Vec<usize> {
        self.column(name).iter().map(|value| *value as usize).collect()
    }

    /// A column of codes as strata.
    pub fn strata(&self, name: &str) -> Groups {
        let codes = self.codes(name);
        // Codes need not be dense: the count goes up to the largest.
        let count = codes.iter().max().map_or(0, |most| most + 1);
        Groups::new(codes, count).expect("codes below their number")
    }

    /// Columns one after the other.
    pub fn matrix(&self, names: &[String]) -> Vec<f64> {
        names.iter().flat_map(|name| self.term(name)).collect()
    }

    /// A column, the indicator `a=k` of its value k, or the product `a:b` of such.
    fn term(&self, name: &str) -> Vec<f64> {
        if let Some((first, rest)) = name.split_once(':') {
            let pairs = self.term(first).into_iter().zip(self.term(rest));
            return pairs.map(|(one, other)| one * other).collect();
        }
        let Some((column, value)) = name.split_once('=') else { return self.column(name) };
        let value: f64 = value.parse().expect("a number");
        self.column(column).iter().map(|found| f64::from(*found == value)).collect()
    }

    /// Its `start` and `stop` of each `subject`.
    pub fn intervals(&self) -> CountingData {
        let events: Vec<bool> = self.column("event").iter().map(|event| *event == 1.0).collect();
        let (starts, stops) = (self.column("start"), self.column("stop"));
        CountingData::new(&starts, &stops, &events, &self.codes("subject"))
            .expect("valid intervals")
    }

    /// Its `time` and `event`.
    pub fn survival(&self) -> SurvivalData {
        let events: Vec<bool> = self.column("event").iter().map(|event| *event == 1.0).collect();
        SurvivalData::new(&self.column("time"), &events).expect("valid follow-up")
    }
}

/// Cases of a module; what is compared while they are there counts as compared
/// with R.
pub struct Cases {
    cases: Vec<Value>,
    comparison: Comparison,
}

/// The same one by one.
pub struct EachCase {
    cases: std::vec::IntoIter<Value>,
    _comparison: Comparison,
}

impl Cases {
    /// Those for which something holds.
    pub fn only(mut self, holds: impl Fn(&Value) -> bool) -> Self {
        self.cases.retain(holds);
        self
    }
}

impl Deref for Cases {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.cases
    }
}

impl DerefMut for Cases {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        &mut self.cases
    }
}

impl IntoIterator for Cases {
    type Item = Value;
    type IntoIter = EachCase;

    fn into_iter(self) -> EachCase {
        EachCase { cases: self.cases.into_iter(), _comparison: self.comparison }
    }
}

impl Iterator for EachCase {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.cases.next()
    }
}

/// The cases of a module's `values.json`.
pub fn cases(module: &str) -> Cases {
    let text = read(&format!("{module}/values.json"));
    let document: Value = serde_json::from_str(&text).expect("valid JSON");
    let cases = document["cases"].as_array().expect("cases").clone();
    // A file without cases would let every test on it pass.
    assert!(!cases.is_empty(), "{module} has no cases");
    Cases { cases, comparison: Comparison::with(module) }
}

/// Text, if the case has it.
pub fn text<'a>(case: &'a Value, key: &str) -> Option<&'a str> {
    case.get(key).and_then(Value::as_str)
}

/// Several texts.
pub fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().expect("a list");
    items.iter().map(|item| item.as_str().expect("text").to_string()).collect()
}

/// Numbers, of which some may be missing.
pub fn numbers(value: &Value) -> Vec<Option<f64>> {
    value.as_array().expect("a list").iter().map(Value::as_f64).collect()
}

/// Whole numbers.
pub fn counts(value: &Value) -> Vec<usize> {
    numbers(value).iter().map(|number| number.expect("a number") as usize).collect()
}

/// The rows of a matrix, one after the other.
pub fn matrix(value: &Value) -> Vec<f64> {
    let rows = value.as_array().expect("rows").iter();
    rows.flat_map(numbers).map(|number| number.expect("a number")).collect()
}

/// Asserts equality to a relative tolerance (and 1e-14 for values at zero).
#[track_caller]
pub fn assert_close(what: &str, found: Option<f64>, expected: Option<f64>, tolerance: f64) {
    let is_close = match (found, expected) {
        (Some(found), Some(expected)) => {
            validation::compares(found, expected, expected);
            // Relative to R's value, and 1e-14 for values that are zero but for
            // rounding.
            (found - expected).abs() <= tolerance * expected.abs() + 1e-14
        }
        (found, expected) => found.is_none() && expected.is_none(),
    };
    assert!(is_close, "{what}: found {found:?}, R has {expected:?}");
}

/// Asserts equality relative to the largest of the expected values.
#[track_caller]
pub fn assert_all_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}: number of values");
    // One measure for the whole, as small entries of a matrix are differences of
    // large ones.
    let largest = expected.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        validation::compares(*found, *expected, largest);
        let is_close = (found - expected).abs() <= tolerance * largest + 1e-14;
        assert!(is_close, "{what} at {index}: found {found}, R has {expected}");
    }
}
