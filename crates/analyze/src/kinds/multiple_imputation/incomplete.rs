//! The columns of imputation models: read from the analysis table, handed to
//! the estimator, and written as a table of completed values.

use engine::{Mistake, Named};
use stats::imputation::{Completed, Imputed, Predictor, Variable};
use study::{Column, Table};

use super::{IMPUTATION, MultipleImputation};
use crate::book::refused;
use crate::category::Category;
use crate::columns::{self, Cells, ColumnType};
use crate::model::is_number;
use crate::population::Population;

/// One column of the included patients.
pub(super) struct Incoming {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    kind: ColumnType,
    /// Whether imputed numbers are no longer whole.
    is_broken: bool,
    pub(super) values: Incomings,
}

/// Its values.
pub(super) enum Incomings {
    Numbers(Vec<Option<f64>>),
    Levels(Category),
}

impl Incoming {
    /// Whether a value is missing.
    pub(super) fn is_incomplete(&self) -> bool {
        match &self.values {
            Incomings::Numbers(values) => values.iter().any(Option::is_none),
            Incomings::Levels(category) => category.codes.iter().any(Option::is_none),
        }
    }
}

/// All columns: those that are written first.
pub(super) struct Incomplete {
    pub(super) columns: Vec<Incoming>,
    n_written: usize,
    /// Where each column is declared.
    places: Vec<[String; 2]>,
}

impl Incomplete {
    /// Reads them for the included patients.
    pub(super) fn new(
        kind: &MultipleImputation,
        population: &Population<'_>,
        included: &[usize],
    ) -> Result<Self, Mistake> {
        let mut columns = Vec::new();
        let mut places = Vec::new();
        for (name, place) in kind.columns() {
            let mut column = read(population, included, name).map_err(|mut mistake| {
                if mistake.at.is_empty() {
                    mistake.at = place.to_vec();
                }
                mistake
            })?;
            // A whole number that is shifted by a part is no longer
            // one, and the column becomes one of real numbers.
            column.is_broken = kind.delta.get(name).is_some_and(|shift| shift.fract() != 0.0);
            columns.push(column);
            places.push(place);
        }
        Ok(Self { columns, n_written: kind.variables.len(), places })
    }

    /// As the estimator takes them.
    pub(super) fn variables(&self, delta: &Named<f64>) -> Vec<Variable> {
        let variable = |column: &Incoming| {
            let shift = delta.get(&column.name).copied().unwrap_or(0.0);
            match &column.values {
                Incomings::Numbers(values) => Variable::Number { values: values.clone(), shift },
                Incomings::Levels(category) => Variable::Category {
                    codes: category.codes.clone(),
                    // One level alone is imputed with itself.
                    n_levels: category.n_levels().max(2),
                    shift,
                },
            }
        };
        self.columns.iter().map(variable).collect()
    }

    /// What the estimator refused, with the names of columns.
    pub(super) fn named(&self, error: &stats::Error) -> Mistake {
        let at = |variable: usize, message: String| {
            let place = &self.places[variable];
            Mistake::at(&[&place[0], &place[1]], message)
        };
        match error {
            stats::Error::AllMissing { variable } => {
                let column = &self.columns[*variable].name;
                at(*variable, format!("`{column}` is missing for every patient"))
                    .hint("nothing tells what its values are like: leave it out")
            }
            stats::Error::TooFewKnown { variable, found, needed } => {
                let column = &self.columns[*variable].name;
                let message = format!(
                    "`{column}` has a value for {found} patients, too few for a model that needs {needed}"
                );
                at(*variable, message).hint("leave it out, or name fewer columns")
            }
            other => refused(other),
        }
    }

    /// A predictor by its column.
    pub(super) fn predictor(&self, predictor: Predictor) -> study::Predictor {
        let column = |place: usize| self.columns[place].name.clone();
        match predictor {
            Predictor::Number(place) => study::Predictor::Column(column(place)),
            Predictor::Level(place, level) => match &self.columns[place].values {
                Incomings::Levels(category) => study::Predictor::Level {
                    column: column(place),
                    level: category.levels[level].value.clone(),
                },
                Incomings::Numbers(_) => study::Predictor::Column(column(place)),
            },
            // `outcome` puts the event first and the hazard behind it.
            Predictor::Complete(0) => study::Predictor::Event,
            Predictor::Complete(_) => study::Predictor::CumulativeHazard,
        }
    }

    /// The completed values, imputation by imputation.
    pub(super) fn table(
        &self,
        patient: &str,
        population: &Population<'_>,
        included: &[usize],
        imputed: &Imputed,
    ) -> Table {
        let m = imputed.data_sets.len();
        let rows = population.rows_of(included);
        // One imputation after the other, each with all patients in their order.
        let stacked: Vec<usize> = (0..m).flat_map(|_| rows.iter().copied()).collect();
        let mut table = columns::taken(population.table, &[patient.to_owned()], &stacked);
        let numbers = (1..=m as i64).flat_map(|number| vec![Some(number); rows.len()]).collect();
        columns::put(&mut table, IMPUTATION, Cells::Whole(numbers), about_imputation());
        for (place, column) in self.columns[..self.n_written].iter().enumerate() {
            let completed = imputed.data_sets.iter().map(|data_set| &data_set[place]);
            let cells = column.cells(completed);
            // A completed column is known from when the column
            // itself is: imputing uses outcomes by design.
            columns::put(&mut table, &column.name, cells, population.table.about(&column.name));
        }
        table
    }
}

/// A table of the shape of [`Incomplete::table`] without rows.
pub(super) fn empty(table: &Table, patient: &str, kind: &MultipleImputation) -> Table {
    let mut empty = columns::taken(table, &[patient.to_owned()], &[]);
    columns::put(&mut empty, IMPUTATION, Cells::Whole(Vec::new()), about_imputation());
    let from = columns::taken(table, &kind.variables, &[]);
    columns::put_from(&mut empty, &from, &kind.variables);
    // The type of a column must be the same in a rehearsal, which does not impute.
    for (column, _) in kind.delta.iter().filter(|(_, shift)| shift.fract() != 0.0) {
        if kind.variables.iter().any(|own| own == column) && is_number(table, column) {
            columns::put(&mut empty, column, Cells::Real(Vec::new()), table.about(column));
        }
    }
    empty
}

fn about_imputation() -> Column {
    Column { label: "Imputation".to_owned(), ..Column::default() }
}

fn read(population: &Population<'_>, included: &[usize], name: &str) -> Result<Incoming, Mistake> {
    let values = if is_number(population.table, name) {
        let values = population.numbers(name)?;
        Incomings::Numbers(included.iter().map(|place| values[*place]).collect())
    } else {
        let mut category = population.category(name)?;
        // Codes of those included, in their order, as for numbers.
        category.codes = included.iter().map(|place| category.codes[*place]).collect();
        Incomings::Levels(category)
    };
    let kind = columns::type_of(population.table, name).expect("invariant: the column was checked");
    let unit = population.table.about(name).unit;
    Ok(Incoming { name: name.to_owned(), unit, kind, is_broken: false, values })
}

impl Incoming {
    /// Which patients lack a value.
    pub(super) fn is_missing(&self, patient: usize) -> bool {
        match &self.values {
            Incomings::Numbers(values) => values[patient].is_none(),
            Incomings::Levels(category) => category.codes[patient].is_none(),
        }
    }

    /// Completed values in the column's own type; shifted whole numbers may
    /// be real ones.
    fn cells<'c>(&self, completed: impl Iterator<Item = &'c Completed>) -> Cells {
        let mut numbers: Vec<f64> = Vec::new();
        let mut codes: Vec<usize> = Vec::new();
        for data_set in completed {
            match data_set {
                Completed::Number(values) => numbers.extend(values),
                Completed::Category(values) => codes.extend(values),
            }
        }
        let Incomings::Levels(category) = &self.values else {
            // A donor's whole number is whole; only a shift can break it.
            let is_whole = self.kind == ColumnType::Whole && !self.is_broken;
            return match is_whole {
                true => Cells::Whole(numbers.iter().map(|number| Some(*number as i64)).collect()),
                false => Cells::Real(numbers.into_iter().map(Some).collect()),
            };
        };
        let values = codes.iter().map(|code| category.levels[*code].value.as_str());
        match self.kind {
            // Back in the type of the column, so that what
            // reads it finds what it would without imputation.
            ColumnType::YesNo => Cells::YesNo(values.map(|value| Some(value == "yes")).collect()),
            ColumnType::Whole => Cells::Whole(values.map(|value| value.parse().ok()).collect()),
            _ => Cells::Text(values.map(|value| Some(value.to_owned())).collect()),
        }
    }
}
