//! What can be wrong with the numbers given to an estimator.

/// A misuse or an input on which the statistic is not defined.
///
/// Slices carry no names, so `what` is the argument's name and `index` its
/// position from zero; the caller maps them to columns and patients.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Two arguments that must be as long as one another are not.
    #[error("`{what}` has {found} values where {expected} are needed")]
    Length {
        /// The argument.
        what: &'static str,
        /// How many values it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A value is infinite or not a number.
    #[error("`{what}` is not a finite number at position {index}")]
    NotFinite {
        /// The argument.
        what: &'static str,
        /// Position of the value, from zero.
        index: usize,
    },
    /// A follow-up time is below zero.
    #[error("`{what}` is negative at position {index}: {value}")]
    Negative {
        /// The argument.
        what: &'static str,
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A value that must be above zero is not.
    #[error("`{what}` is not above zero at position {index}: {value}")]
    NotPositive {
        /// The argument.
        what: &'static str,
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A group code is not below the number of groups.
    #[error("`{what}` is {value} at position {index}, but there are {limit} groups")]
    OutOfRange {
        /// The argument.
        what: &'static str,
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: usize,
        /// The number of groups.
        limit: usize,
    },
    /// A column is asked for by a position that the covariates lack.
    #[error("column {column} is asked for, but there are {n_columns} columns, from 0")]
    NoSuchColumn {
        /// The position asked for.
        column: usize,
        /// The number of columns.
        n_columns: usize,
    },
    /// A stratum is asked for that the model lacks.
    #[error("no stratum {}", code.map_or_else(|| "without a code".into(), |code| code.to_string()))]
    NoSuchStratum {
        /// Its code; `None` if none was given.
        code: Option<usize>,
    },
    /// A parameter is outside the range in which it has a meaning.
    #[error("`{what}` is {value}, outside {range}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The range, in words or interval notation.
        range: &'static str,
    },
    /// Values that must ascend do not.
    #[error("`{what}` does not ascend at position {index}")]
    NotAscending {
        /// The argument.
        what: &'static str,
        /// Position of the first value not above the one before, from zero.
        index: usize,
    },
    /// A probability is outside [0, 1].
    #[error("`predicted` is no probability at position {index}: {value}")]
    NotProbability {
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A variable to impute has no value at all.
    #[error("variable {variable} is missing for everybody")]
    AllMissing {
        /// Its position, from zero.
        variable: usize,
    },
    /// A variable to impute has too few known values for its model.
    #[error("variable {variable} has {found} known values, but its model needs {needed}")]
    TooFewKnown {
        /// Its position, from zero.
        variable: usize,
        /// Known values.
        found: usize,
        /// The fewest that allow a draw.
        needed: usize,
    },
    /// No bootstrap sample allowed a fit.
    #[error("none of {n_replicates} bootstrap samples allowed a fit")]
    NoReplicates {
        /// How many were drawn.
        n_replicates: usize,
    },
    /// There is nothing to estimate from.
    #[error("no observations")]
    Empty,
    /// No event was observed, and the statistic needs one.
    #[error("no events among {n} observations")]
    NoEvents {
        /// How many observations there are.
        n: usize,
    },
    /// A comparison was asked of fewer than two groups with observations.
    #[error("a comparison needs at least two groups with observations, found {found}")]
    OneGroup {
        /// How many groups have observations.
        found: usize,
    },
    /// A row or column of a table holds no observation.
    #[error("{axis} {index} of the table is empty")]
    EmptyMargin {
        /// `row` or `column`.
        axis: &'static str,
        /// Its position, from zero.
        index: usize,
    },
    /// Every value is the same, and the statistic divides by their spread.
    #[error("`{what}` does not vary")]
    NoVariation {
        /// The argument.
        what: &'static str,
    },
    /// Groups differ in what does not vary within them: their standardized
    /// difference is infinite.
    #[error("the groups differ in `{what}`, which does not vary within them")]
    Separated {
        /// The argument.
        what: &'static str,
    },
    /// An exact test would have to go through more tables than it may.
    #[error("an exact test would take more than {limit} steps: use an approximate one")]
    TooManyTables {
        /// The bound on the steps.
        limit: u64,
    },
    /// Sums of the values leave the range of floating-point numbers.
    #[error("the likelihood overflows: covariates or weights are too large")]
    Overflow,
    /// A column is a combination of the columns before it.
    #[error("covariate {column} is a combination of the covariates before it")]
    Collinear {
        /// Its position, from zero.
        column: usize,
    },
    /// A coefficient is asked for that may be infinite.
    #[error("the coefficient of covariate {column} may be infinite")]
    Infinite {
        /// Its position, from zero.
        column: usize,
    },
    /// A matrix has no inverse.
    #[error("the {what} of the coefficients is singular")]
    Singular {
        /// The matrix.
        what: &'static str,
    },
    /// An interval does not end after it starts.
    #[error("interval {index} is empty: it starts at {start} and stops at {stop}")]
    EmptyInterval {
        /// Its position, from zero.
        index: usize,
        /// Where it starts.
        start: f64,
        /// Where it stops.
        stop: f64,
    },
    /// Two intervals of one subject overlap.
    #[error("interval {index} of subject {subject} begins within interval {other}")]
    Overlap {
        /// The subject's code.
        subject: usize,
        /// Position of the interval that begins too early, from zero.
        index: usize,
        /// Position of the one it begins in, from zero.
        other: usize,
    },
    /// Two choices that have no meaning together.
    #[error("{what} cannot be combined with {with}")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
        /// What it was asked for with.
        with: &'static str,
    },
    /// A search for a maximum or a root ended without finding it.
    #[error("{what} did not converge in {iterations} iterations")]
    NotConverged {
        /// What was searched for.
        what: &'static str,
        /// Iterations made.
        iterations: usize,
    },
}
