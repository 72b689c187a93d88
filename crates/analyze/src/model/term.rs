//! A term of a model: a number, or a category against a reference.

use engine::{Mistake, Named};
use study::{Covariate, Level, Scale};

use super::Spline;
use super::design::Value;
use crate::by::By;
use crate::category::Category;
use crate::columns::is_number;
use crate::population::Population;

/// One term.
pub(crate) struct Term {
    /// Its column.
    pub(crate) column: String,
    /// The unit of a number.
    pub(crate) unit: Option<String>,
    /// Its values in the population.
    pub(crate) values: Values,
}

/// The values of a term.
pub(crate) enum Values {
    /// A number, taken as it is.
    Numbers(Vec<Option<f64>>),
    /// An indicator of each level but the reference.
    Levels {
        /// The levels.
        category: Category,
        /// The position of the reference.
        reference: usize,
    },
}

impl Term {
    /// Reads the column of the term at `place` in `terms`.
    pub(crate) fn new(
        population: &Population<'_>,
        column: &str,
        references: &Named<String>,
        place: usize,
    ) -> Result<Self, Mistake> {
        Self::cut(population, &By::levels_of(column), references, place)
    }

    /// The same of a column that may be cut.
    pub(crate) fn cut(
        population: &Population<'_>,
        by: &By,
        references: &Named<String>,
        place: usize,
    ) -> Result<Self, Mistake> {
        let column = by.column();
        // A number with declared levels is a category, unless it is cut.
        let values = if by.cut().is_none() && is_number(population.table, column) {
            Values::Numbers(population.numbers(column)?)
        } else {
            let category = by.category(population).map_err(|mistake| at(mistake, place))?;
            let named = references.get(column).map(String::as_str);
            let reference = category.reference(named, &["references", column])?;
            Values::Levels { category, reference }
        };
        // Kept for categories too: a number that is cut has ranges in its unit.
        let unit = population.table.about(column).unit;
        Ok(Self { column: column.to_owned(), unit, values })
    }

    /// The term as an account names it.
    pub(crate) fn accounted(&self, spline: Option<&Spline>) -> Covariate {
        let scale = match (&self.values, spline) {
            (Values::Levels { category, reference }, _) => {
                Scale::Against(category.levels[*reference].value.clone())
            }
            (Values::Numbers(_), Some(spline)) => Scale::Spline(spline.kind.form()),
            (Values::Numbers(_), None) => Scale::Unit,
        };
        Covariate { column: self.column.clone(), scale }
    }

    /// Whether a patient has a value.
    pub(crate) fn is_known(&self, patient: usize) -> bool {
        self.value(patient).is_some()
    }

    /// A patient's value.
    pub(crate) fn value(&self, patient: usize) -> Option<Value> {
        match &self.values {
            Values::Numbers(values) => values[patient].map(Value::Number),
            Values::Levels { category, .. } => category.codes[patient].map(Value::Level),
        }
    }

    /// One of its levels, where it has levels.
    pub(crate) fn level(&self, level: usize) -> Option<&Level> {
        match &self.values {
            Values::Numbers(_) => None,
            Values::Levels { category, .. } => Some(&category.levels[level]),
        }
    }

    /// Refuses a term that cannot have a coefficient among some patients, who
    /// all have a value; it is at `place` in `terms`.
    pub(crate) fn check(&self, place: usize, included: &[usize]) -> Result<(), Mistake> {
        let (column, n) = (&self.column, included.len());
        // Before the reference is looked at: where everybody is at
        // another level both hold, and another reference would not help.
        if self.is_constant(included) {
            let message = format!(
                "term `{column}` is constant: it is the same for all {n} patients of the model"
            );
            return Err(Mistake::at(&["terms", &place.to_string()], message)
                .hint("leave it out of `terms`"));
        }
        let Values::Levels { category, reference } = &self.values else { return Ok(()) };
        if category.counts(included)[*reference] > 0 {
            return Ok(());
        }
        let level = &category.levels[*reference].value;
        let message =
            format!("reference level `{level}` of term `{column}` has no patients in the model");
        Err(Mistake::at(&["references", column], message)
            .hint("declare a level that patients have under `references`"))
    }

    /// Whether all of some patients have the same value.
    fn is_constant(&self, included: &[usize]) -> bool {
        match &self.values {
            Values::Numbers(values) => {
                // The first patient is only looked at where there is one.
                included.iter().all(|patient| values[*patient] == values[included[0]])
            }
            Values::Levels { category, .. } => {
                category.counts(included).iter().filter(|count| **count > 0).count() < 2
            }
        }
    }
}

/// A mistake placed at a term, unless it has a place.
pub(crate) fn at(mut mistake: Mistake, place: usize) -> Mistake {
    if mistake.at.is_empty() {
        mistake.at = vec!["terms".to_owned(), place.to_string()];
    }
    mistake
}
