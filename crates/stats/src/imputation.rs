//! Multiple imputation by chained equations: each variable with missing
//! values is imputed in its turn from all others, again and again. Pooling
//! what is made of the data sets is left to `pooling`.

mod category;
mod chain;
mod hazard;
mod linear;
mod matching;
mod predictors;
mod random;
mod trace;

use std::collections::BTreeSet;

use rayon::prelude::*;

pub use hazard::nelson_aalen;
pub use linear::LinearPosterior;
pub use matching::nearest_donors;
pub use trace::Trace;

use crate::Error;
use crate::checks::{check_codes, check_finite, check_length};
use chain::Chain;

/// A variable that takes part, known or not in each of `n` subjects.
#[derive(Debug, Clone, PartialEq)]
pub enum Variable {
    /// A number, imputed by predictive mean matching.
    Number {
        /// One value a subject; `None` where missing.
        values: Vec<Option<f64>>,
        /// Added to each imputed value: 0 if values are missing at random
        /// given the others.
        shift: f64,
    },
    /// One of `n_levels` >= 2 levels, imputed by logistic regression.
    Category {
        /// One code below `n_levels` a subject; `None` where missing.
        codes: Vec<Option<usize>>,
        /// The number of levels.
        n_levels: usize,
        /// Added to the log odds of the second of two levels; 0 for more.
        shift: f64,
    },
}

/// The completed values of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Completed {
    /// Of a number.
    Number(Vec<f64>),
    /// Codes of a category.
    Category(Vec<usize>),
}

/// What a column of an imputation model holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Predictor {
    /// A number among the variables, by position.
    Number(usize),
    /// The indicator of a level of a category among the variables.
    Level(usize, usize),
    /// A column of those known for everybody.
    Complete(usize),
}

/// A predictor that an imputation model went without, being constant or a
/// combination of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped {
    /// The variable that was imputed, by position.
    pub variable: usize,
    /// What it was imputed without.
    pub predictor: Predictor,
}

/// Imputed data sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputed {
    /// One data set an imputation: the completed variables in their order.
    pub data_sets: Vec<Vec<Completed>>,
    /// The variables with missing values, in the order of their turns.
    pub order: Vec<usize>,
    /// The means of the imputed values through the iterations.
    pub traces: Vec<Trace>,
    /// Predictors left out in an iteration or more.
    pub dropped: Vec<Dropped>,
    /// Variables whose known values are all the same, imputed with it.
    pub constant: Vec<usize>,
}

/// A checked set of variables, ready to impute.
///
/// # Method
/// Missing values are first filled by draws from the known ones. In each of
/// the iterations every variable with missing values, those with few first,
/// is regressed on all other variables and on the complete columns; its
/// missing values are drawn anew (van Buuren and Groothuis-Oudshoorn 2011;
/// van Buuren 2018, section 4.5). Numbers are standardised, categories enter
/// as indicators of the levels but the first.
///
/// - A number: linear regression on the subjects whose value is known; beta*
///   and sigma* are drawn from their posterior under the flat prior (see
///   [`LinearPosterior`]). Each missing value is one of those of the
///   `donors` subjects whose fitted value with beta-hat is nearest to the
///   missing subject's own with beta*, drawn by chance: matching of type 1
///   (van Buuren 2018, algorithm 3.3).
/// - A category: multinomial logistic regression, binary for two levels; the
///   coefficients are drawn from the normal distribution about the maximum
///   with the inverse information as covariance (Rubin 1987, p. 169), and the
///   level from its probabilities. Against perfect prediction the data are
///   augmented: for each predictor and level two records half a standard
///   deviation beyond either side of the predictor's mean, the others at
///   theirs, with a total weight of the number of coefficients of a level
///   (White, Daniel and Royston 2010, as in R's `mice`; that
///   imputes more than two levels without drawing coefficients, this does).
///   Levels that nobody is known to have are not imputed.
///
/// Numbers with `shift` 0 take values that occur; a shift makes them differ
/// from what is missing at random (delta adjustment, van Buuren 2018, 3.8.2),
/// and the shifted values impute the other variables in their turn.
///
/// # Random numbers
/// Imputation i draws from stream i of a ChaCha8 generator with the seed, so
/// that a data set depends on the seed and its number alone.
///
/// # Survival
/// With follow-up among what is analysed, give the event indicator and the
/// Nelson-Aalen estimate at each subject's own time ([`nelson_aalen`]) as
/// complete columns (White and Royston 2009).
///
/// van Buuren & Groothuis-Oudshoorn, J Stat Softw 2011; 45(3). White & Royston,
/// Stat Med 2009; 28: 1982-1998. White, Daniel & Royston, Comput Stat Data Anal
/// 2010; 54: 2267-2275.
///
/// ```
/// use restudy_stats::imputation::{Completed, Imputation, Variable};
///
/// let known: Vec<f64> = (0..30).map(f64::from).collect();
/// let mut values: Vec<Option<f64>> = known.iter().map(|x| Some(2.0 * x)).collect();
/// values[7] = None;
/// let variable = Variable::Number { values, shift: 0.0 };
/// let imputed = Imputation::new(vec![variable], &known, 1)?.imputations(3).impute(1)?;
/// let Completed::Number(values) = &imputed.data_sets[2][0] else { unreachable!() };
/// assert!((values[7] - 14.0).abs() <= 6.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Imputation<'a> {
    variables: Vec<Variable>,
    complete: &'a [f64],
    n_complete: usize,
    n: usize,
    n_imputations: usize,
    n_iterations: usize,
    donors: usize,
}

impl<'a> Imputation<'a> {
    /// `variables` of n subjects each, and `n_complete` >= 0 columns of n
    /// values without gaps, one column after the other, that predict only.
    /// Five imputations, ten iterations and five donors unless set.
    ///
    /// # Errors
    /// [`Error::Empty`] without variables or subjects; [`Error::Length`],
    /// [`Error::NotFinite`] or [`Error::OutOfRange`] for wrong values;
    /// [`Error::OneGroup`] for a category of fewer than two levels;
    /// [`Error::AllMissing`] for a variable without any value;
    /// [`Error::Unsupported`] for a shift of more than two levels.
    pub fn new(
        variables: Vec<Variable>,
        complete: &'a [f64],
        n_complete: usize,
    ) -> Result<Self, Error> {
        // The first variable tells how many subjects there are; the others are
        // checked against it.
        let n = variables.first().map_or(0, Variable::n);
        if n == 0 {
            return Err(Error::Empty);
        }
        for (position, variable) in variables.iter().enumerate() {
            variable.check(n)?;
            if variable.n_known() == 0 {
                return Err(Error::AllMissing { variable: position });
            }
        }
        check_length("complete", complete.len(), n * n_complete)?;
        check_finite("complete", complete)?;
        Ok(Self {
            variables,
            complete,
            n_complete,
            n,
            n_imputations: 5,
            n_iterations: 10,
            donors: 5,
        })
    }

    /// How many data sets to make, one or more.
    pub fn imputations(mut self, n_imputations: usize) -> Self {
        self.n_imputations = n_imputations;
        self
    }

    /// How often every variable has its turn, once or more.
    pub fn iterations(mut self, n_iterations: usize) -> Self {
        self.n_iterations = n_iterations;
        self
    }

    /// How many donors a missing number has, one or more.
    pub fn donors(mut self, donors: usize) -> Self {
        self.donors = donors;
        self
    }

    /// Makes the data sets, side by side.
    ///
    /// # Errors
    /// [`Error::Parameter`] for zero imputations, iterations or donors;
    /// [`Error::TooFewKnown`] for a number with fewer known values than its
    /// model has coefficients, and one more.
    pub fn impute(&self, seed: u64) -> Result<Imputed, Error> {
        let counts = [
            ("imputations", self.n_imputations),
            ("iterations", self.n_iterations),
            ("donors", self.donors),
        ];
        for (what, count) in counts {
            if count == 0 {
                return Err(Error::Parameter { what, value: 0.0, range: "1 or more" });
            }
        }
        let order = self.order();
        let one = |imputation: usize| Chain::new(self, seed, imputation as u64).run(&order);
        let ended: Vec<_> = (0..self.n_imputations).into_par_iter().map(one).collect();
        let mut data_sets = Vec::with_capacity(self.n_imputations);
        let mut dropped = BTreeSet::new();
        let mut summaries = Vec::new();
        // In the order of imputations; the first that failed is the one that is
        // told.
        for chain in ended {
            let chain = chain?;
            dropped.extend(chain.dropped);
            summaries.push(chain.summaries);
            data_sets.push(chain.completed);
        }
        Ok(Imputed {
            data_sets,
            traces: trace::traces(&self.variables, &order, &summaries),
            constant: order.iter().copied().filter(|v| self.variables[*v].is_constant()).collect(),
            order,
            dropped: dropped.into_iter().collect(),
        })
    }

    /// Those with missing values, few first, else as given.
    fn order(&self) -> Vec<usize> {
        let n_missing = |variable: &usize| self.n - self.variables[*variable].n_known();
        let mut order: Vec<usize> =
            (0..self.variables.len()).filter(|variable| n_missing(variable) > 0).collect();
        // A stable sort: variables with as many gaps keep their order.
        order.sort_by_key(n_missing);
        order
    }
}

impl Variable {
    fn n(&self) -> usize {
        match self {
            Self::Number { values, .. } => values.len(),
            Self::Category { codes, .. } => codes.len(),
        }
    }

    fn is_known(&self, subject: usize) -> bool {
        match self {
            Self::Number { values, .. } => values[subject].is_some(),
            Self::Category { codes, .. } => codes[subject].is_some(),
        }
    }

    fn n_known(&self) -> usize {
        (0..self.n()).filter(|subject| self.is_known(*subject)).count()
    }

    /// Whether all known values are the same.
    fn is_constant(&self) -> bool {
        fn same<T: PartialEq>(known: impl Iterator<Item = T>) -> bool {
            let mut known = known.peekable();
            let Some(first) = known.next() else { return true };
            known.all(|value| value == first)
        }
        match self {
            Self::Number { values, .. } => same(values.iter().flatten()),
            Self::Category { codes, .. } => same(codes.iter().flatten()),
        }
    }

    fn check(&self, n: usize) -> Result<(), Error> {
        check_length("variables", self.n(), n)?;
        match self {
            Self::Number { values, shift } => {
                check_finite("shift", &[*shift])?;
                let wrong = |value: &Option<f64>| value.is_some_and(|value| !value.is_finite());
                match values.iter().position(wrong) {
                    Some(index) => Err(Error::NotFinite { what: "variables", index }),
                    None => Ok(()),
                }
            }
            Self::Category { codes, n_levels, shift } => {
                check_finite("shift", &[*shift])?;
                if *n_levels < 2 {
                    return Err(Error::OneGroup { found: *n_levels });
                }
                if *shift != 0.0 && *n_levels > 2 {
                    let what = "a shift of log odds";
                    // Of more levels there is no single log odds to shift.
                    return Err(Error::Unsupported { what, with: "more than two levels" });
                }
                // A gap stands as level 0, which is always within range.
                let filled: Vec<usize> = codes.iter().map(|code| code.unwrap_or(0)).collect();
                check_codes("variables", &filled, n, *n_levels)
            }
        }
    }
}
