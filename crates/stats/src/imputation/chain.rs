//! One chain of imputations, from the first fill to its last iteration.

use std::collections::BTreeSet;

use super::linear::{LinearPosterior, product};
use super::matching::Sorted;
use super::predictors::{Design, Predictors};
use super::random::Random;
use super::trace::{Summary, summarize};
use super::{Completed, Dropped, Imputation, Variable, category};
use crate::Error;

/// A chain at some step.
pub(super) struct Chain<'a> {
    imputation: &'a Imputation<'a>,
    random: Random,
    completed: Vec<Completed>,
    predictors: Predictors,
    dropped: BTreeSet<Dropped>,
}

/// A chain that came to its end.
pub(super) struct Ended {
    pub(super) completed: Vec<Completed>,
    pub(super) dropped: BTreeSet<Dropped>,
    /// Iteration by iteration, for each variable in the order of turns.
    pub(super) summaries: Vec<Vec<Summary>>,
}

impl<'a> Chain<'a> {
    /// A chain whose missing values are drawn from the known ones.
    pub(super) fn new(imputation: &'a Imputation<'a>, seed: u64, stream: u64) -> Self {
        let mut random = Random::new(seed, stream);
        let completed: Vec<Completed> =
            imputation.variables.iter().map(|variable| fill(variable, &mut random)).collect();
        // After the first fill: the columns of all variables are whole from then
        // on.
        let predictors = Predictors::new(imputation, &completed);
        Self { imputation, random, completed, predictors, dropped: BTreeSet::new() }
    }

    /// Gives every variable its turns.
    pub(super) fn run(mut self, order: &[usize]) -> Result<Ended, Error> {
        let mut summaries = Vec::with_capacity(self.imputation.n_iterations);
        for _ in 0..self.imputation.n_iterations {
            for position in order {
                self.take_turn(*position)?;
            }
            let summary = |position: &usize| {
                summarize(&self.imputation.variables[*position], &self.completed[*position])
            };
            summaries.push(order.iter().map(summary).collect());
        }
        Ok(Ended { completed: self.completed, dropped: self.dropped, summaries })
    }

    fn take_turn(&mut self, position: usize) -> Result<(), Error> {
        let variable = &self.imputation.variables[position];
        // Values that are all the same leave no model to fit: the gaps were filled
        // with that value.
        if variable.is_constant() {
            return Ok(());
        }
        let design = self.design(position, variable);
        match variable {
            Variable::Number { values, shift } => {
                let drawn = self.match_means(position, &design, values)?;
                // The shift is added to the imputed values alone, and they predict
                // the others with it.
                let shifted = drawn.into_iter().map(|value| value + shift).collect();
                self.completed[position] = Completed::Number(merge(values, shifted));
            }
            Variable::Category { codes, n_levels, shift } => {
                let known: Vec<usize> = codes.iter().flatten().copied().collect();
                let (drawn, kept) =
                    category::draw(&design, &known, *n_levels, *shift, &mut self.random);
                self.note_dropped(position, &design, |column| kept.contains(&column));
                self.completed[position] = Completed::Category(merge(codes, drawn));
            }
        }
        // At once, so that the next variable in turn sees the new values.
        self.predictors.update(position, &self.completed[position]);
        Ok(())
    }

    fn design(&self, position: usize, variable: &Variable) -> Design {
        let predictors = self.predictors.others(position);
        let n_columns = predictors.len() + 1;
        let (mut known, mut missing) = (Vec::new(), Vec::new());
        for (subject, row) in self.predictors.rows(position).chunks_exact(n_columns).enumerate() {
            if variable.is_known(subject) { &mut known } else { &mut missing }.extend(row);
        }
        Design { predictors, n_columns, known, missing }
    }

    /// Predictive mean matching of type 1.
    fn match_means(
        &mut self,
        position: usize,
        design: &Design,
        values: &[Option<f64>],
    ) -> Result<Vec<f64>, Error> {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        let posterior = LinearPosterior::new(&design.known, design.n_columns, &known);
        // The regression does not know which variable it is of.
        let posterior = posterior.map_err(|error| match error {
            Error::TooFewKnown { found, needed, .. } => {
                Error::TooFewKnown { variable: position, found, needed }
            }
            other => other,
        })?;
        self.note_dropped(position, design, |column| posterior.is_kept(column));
        let deviates = self.random.normals(design.n_columns);
        // Drawn in one order: deviates, the chi-square, what breaks ties, then a
        // donor for each gap.
        let chi_square = self.random.chi_square(posterior.degrees_of_freedom);
        let drawn = posterior.draw(&deviates, chi_square);
        let fitted = |rows: &[f64], beta: &[f64]| -> Vec<f64> {
            rows.chunks_exact(design.n_columns).map(|row| product(row, beta)).collect()
        };
        // Donors are placed by beta-hat and who needs one by beta*: what is uncertain
        // of the coefficients makes the completed data sets differ.
        let predicted = fitted(&design.known, &posterior.coefficients);
        // Equal predictions stand in an order by chance, else the first rows of the
        // file would be donors more often than the last.
        let sorted = Sorted::new(&predicted, |_| self.random.bits());
        // With replacement: each gap draws among its own donors.
        let one = |target: f64| {
            let donors = sorted.nearest(target, self.imputation.donors);
            known[donors[self.random.below(donors.len())]]
        };
        Ok(fitted(&design.missing, &drawn).into_iter().map(one).collect())
    }

    fn note_dropped(&mut self, variable: usize, design: &Design, is_kept: impl Fn(usize) -> bool) {
        for (place, predictor) in design.predictors.iter().enumerate() {
            if !is_kept(place + 1) {
                // The constant is at place 0.
                self.dropped.insert(Dropped { variable, predictor: *predictor });
            }
        }
    }
}

/// The known values, and draws from them (shifted, if a number is) elsewhere.
fn fill(variable: &Variable, random: &mut Random) -> Completed {
    fn draws<T: Copy>(values: &[Option<T>], random: &mut Random) -> Vec<T> {
        let known: Vec<T> = values.iter().flatten().copied().collect();
        let n_missing = values.len() - known.len();
        // A draw from the known values has their distribution, whatever the others
        // are.
        (0..n_missing).map(|_| known[random.below(known.len())]).collect()
    }
    match variable {
        Variable::Number { values, shift } => {
            let shifted = draws(values, random).into_iter().map(|value| value + shift).collect();
            Completed::Number(merge(values, shifted))
        }
        Variable::Category { codes, .. } => Completed::Category(merge(codes, draws(codes, random))),
    }
}

/// The known values with the drawn ones in the gaps.
fn merge<T: Copy>(values: &[Option<T>], drawn: Vec<T>) -> Vec<T> {
    let mut drawn = drawn.into_iter();
    let gap = "invariant: one draw for each gap";
    values.iter().map(|value| value.unwrap_or_else(|| drawn.next().expect(gap))).collect()
}
