//! The columns of imputation models: standardised, and kept up to date as
//! variables are imputed.

use std::ops::Range;

use super::{Completed, Imputation, Predictor, Variable};
use crate::multinomial::location_and_scale;

/// All columns that predict.
pub(super) struct Predictors {
    columns: Vec<Column>,
    /// The columns of each variable.
    of_variable: Vec<Range<usize>>,
    n: usize,
}

/// The model of one variable: a one and the predictors, row by row.
pub(super) struct Design {
    pub(super) predictors: Vec<Predictor>,
    pub(super) n_columns: usize,
    /// Of the subjects whose value is known.
    pub(super) known: Vec<f64>,
    /// Of the others.
    pub(super) missing: Vec<f64>,
}

struct Column {
    predictor: Predictor,
    center: f64,
    scale: f64,
    values: Vec<f64>,
}

impl Predictors {
    /// The columns of variables that are filled in already.
    pub(super) fn new(imputation: &Imputation<'_>, completed: &[Completed]) -> Self {
        let mut predictors = Self { columns: Vec::new(), of_variable: Vec::new(), n: imputation.n };
        for (position, variable) in imputation.variables.iter().enumerate() {
            let start = predictors.columns.len();
            predictors.add(position, variable);
            predictors.of_variable.push(start..predictors.columns.len());
            predictors.update(position, &completed[position]);
        }
        for position in 0..imputation.n_complete {
            let start = position * imputation.n;
            let values = &imputation.complete[start..start + imputation.n];
            // Standardised, so that one tolerance of rank fits columns of any unit.
            let (center, scale) = location_and_scale(values);
            let values = values.iter().map(|value| (value - center) / scale).collect();
            let predictor = Predictor::Complete(position);
            predictors.columns.push(Column { predictor, center, scale, values });
        }
        predictors
    }

    /// The columns of a variable, still empty.
    fn add(&mut self, position: usize, variable: &Variable) {
        let mut push = |predictor, center, scale| {
            self.columns.push(Column { predictor, center, scale, values: Vec::new() });
        };
        match variable {
            Variable::Number { values, .. } => {
                // Centre and scale come from the known values once: a column must
                // keep its unit while it is imputed anew.
                let known: Vec<f64> = values.iter().flatten().copied().collect();
                let (center, scale) = location_and_scale(&known);
                push(Predictor::Number(position), center, scale);
            }
            Variable::Category { codes, n_levels, .. } => {
                // Level 0 is the reference; a level that nobody has would be a
                // column of zeros.
                for level in (1..*n_levels).filter(|level| codes.contains(&Some(*level))) {
                    push(Predictor::Level(position, level), 0.0, 1.0);
                }
            }
        }
    }

    /// Takes the values of a variable anew.
    pub(super) fn update(&mut self, position: usize, completed: &Completed) {
        for column in &mut self.columns[self.of_variable[position].clone()] {
            let (center, scale) = (column.center, column.scale);
            column.values = match (completed, column.predictor) {
                (Completed::Number(values), _) => {
                    values.iter().map(|value| (value - center) / scale).collect()
                }
                (Completed::Category(codes), Predictor::Level(_, level)) => {
                    codes.iter().map(|code| f64::from(*code == level)).collect()
                }
                (Completed::Category(_), _) => unreachable!("a category has columns of levels"),
            };
        }
    }

    /// The columns that predict a variable: all but its own.
    pub(super) fn others(&self, position: usize) -> Vec<Predictor> {
        self.places(position).map(|place| self.columns[place].predictor).collect()
    }

    /// A one and the values of [`others`](Self::others), subject by subject.
    pub(super) fn rows(&self, position: usize) -> Vec<f64> {
        let places: Vec<usize> = self.places(position).collect();
        let mut rows = Vec::with_capacity(self.n * (places.len() + 1));
        for subject in 0..self.n {
            // The one comes first: columns that depend on it or on earlier ones are
            // dropped.
            rows.push(1.0);
            rows.extend(places.iter().map(|place| self.columns[*place].values[subject]));
        }
        rows
    }

    fn places(&self, position: usize) -> impl Iterator<Item = usize> {
        let own = self.of_variable[position].clone();
        (0..self.columns.len()).filter(move |place| !own.contains(place))
    }
}
