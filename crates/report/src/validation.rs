//! How near this version of the program comes to R: what its tests compared, as
//! they wrote it down. No test passes that finds another list.

use serde::Deserialize;

const WITH_R: &str = include_str!("validation/with_r.csv");
/// Which version of each library the program is built with.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// What a test compared of one data set.
#[derive(Debug, Deserialize)]
struct Listed {
    estimator: String,
    data: String,
    functions: String,
    software: String,
    values: u64,
    largest_difference: f64,
}

/// What was compared of an estimator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Validated {
    /// The module of the estimator, which is also the folder of its values.
    pub(crate) estimator: String,
    /// Data sets by name; none where numbers were given.
    pub(crate) data: Vec<String>,
    /// Functions of R.
    pub(crate) functions: String,
    /// R and its packages with their versions.
    pub(crate) software: String,
    /// How many values were compared.
    pub(crate) values: u64,
    /// The largest relative difference.
    pub(crate) largest_difference: f64,
    /// The data set that has it.
    pub(crate) farthest: String,
}

/// The estimators by name.
pub(crate) fn with_r() -> Vec<Validated> {
    let mut reader = csv::Reader::from_reader(WITH_R.as_bytes());
    let mut all: Vec<Validated> = Vec::new();
    for listed in reader.deserialize() {
        let listed: Listed = listed.expect("invariant: the tests wrote the list");
        let known = all.iter_mut().find(|known| known.estimator == listed.estimator);
        match known {
            Some(known) => known.add(&listed),
            None => all.push(Validated::of(listed)),
        }
    }
    all
}

/// The version of statrs.
pub(crate) fn statrs() -> &'static str {
    // From the lock file: the requirement in `Cargo.toml` does not say which version was built.
    let after = LOCK.split("name = \"statrs\"\nversion = \"").nth(1);
    after.and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

impl Validated {
    fn of(listed: Listed) -> Self {
        Self {
            // Estimators on plain numbers have no data set.
            data: vec![listed.data.clone()].into_iter().filter(|data| !data.is_empty()).collect(),
            estimator: listed.estimator,
            functions: listed.functions,
            software: listed.software,
            values: listed.values,
            largest_difference: listed.largest_difference,
            farthest: listed.data,
        }
    }

    fn add(&mut self, listed: &Listed) {
        self.values += listed.values;
        if !listed.data.is_empty() && !self.data.contains(&listed.data) {
            self.data.push(listed.data.clone());
            self.data.sort();
        }
        if listed.largest_difference > self.largest_difference {
            self.largest_difference = listed.largest_difference;
            self.farthest.clone_from(&listed.data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_the_estimators_and_stays_within_what_tests_allow() {
        let all = with_r();
        assert!(all.len() > 30, "{} estimators", all.len());
        for one in &all {
            assert!(one.values > 0 && !one.functions.is_empty(), "{one:?}");
            assert!(one.software.starts_with("R "), "{one:?}");
            // No test allows more, relative to the value of R.
            assert!(one.largest_difference < 1e-4, "{one:?}");
        }
        let names: Vec<&str> = all.iter().map(|one| one.estimator.as_str()).collect();
        assert!(names.is_sorted() && names.contains(&"kaplan_meier") && names.contains(&"cox"));
        assert!(statrs().starts_with(|first: char| first.is_ascii_digit()), "{}", statrs());
    }
}
