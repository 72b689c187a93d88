//! Strata and clusters: a code for each combination of values of some columns.

use std::collections::BTreeSet;

use engine::Mistake;
use stats::groups::Groups;

use crate::population::Population;

/// The stratum of each patient; none where a column is missing.
#[derive(Debug)]
pub(crate) struct Strata {
    codes: Option<Vec<Option<usize>>>,
    combinations: Vec<Vec<String>>,
}

impl Strata {
    /// The combinations of values of `columns`; no strata without columns.
    pub(crate) fn new(population: &Population<'_>, columns: &[String]) -> Result<Self, Mistake> {
        if columns.is_empty() {
            return Ok(Self { codes: None, combinations: Vec::new() });
        }
        let mut combinations = vec![Some(Vec::new()); population.n()];
        for column in columns {
            // A value that is missing in one column leaves
            // no combination, whatever the others hold.
            let values = population.texts(column)?;
            for (combination, value) in combinations.iter_mut().zip(values.iter()) {
                *combination = combination.take().zip(value).map(|(mut earlier, value)| {
                    earlier.push(value.to_owned());
                    earlier
                });
            }
        }
        // Codes go by the values, so that none hangs on the order of the rows.
        let distinct: BTreeSet<Vec<String>> = combinations.iter().flatten().cloned().collect();
        let distinct: Vec<Vec<String>> = distinct.into_iter().collect();
        let code = |combination: &Option<Vec<String>>| {
            combination.as_ref().and_then(|own| distinct.binary_search(own).ok())
        };
        let codes = Some(combinations.iter().map(code).collect());
        Ok(Self { codes, combinations: distinct })
    }

    /// The code of the stratum with these values, one for each column.
    pub(crate) fn code_of(&self, values: &[String]) -> Option<usize> {
        // By values and not by a row: a stratum may be
        // asked for of which no patient is at hand.
        self.combinations.iter().position(|own| own == values)
    }

    /// Whether the stratum of a patient is known.
    pub(crate) fn is_known(&self, place: usize) -> bool {
        self.codes.as_ref().is_none_or(|codes| codes[place].is_some())
    }

    /// The strata of some patients, all known; none without strata.
    pub(crate) fn groups(&self, included: &[usize]) -> Option<Groups> {
        let groups = Groups::new(self.codes(included)?, self.combinations.len());
        Some(groups.expect("invariant: a code is the place of its combination"))
    }

    /// The codes of some patients, all known; none without strata.
    pub(crate) fn codes(&self, included: &[usize]) -> Option<Vec<usize>> {
        let codes = self.codes.as_ref()?;
        Some(included.iter().filter_map(|place| codes[*place]).collect())
    }
}
