//! Why an estimator gave no number, as a value: what the data lack for it.

use serde::{Deserialize, Serialize};

/// What an estimator refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Two arguments are not as long as one another.
    Length {
        /// The argument.
        what: String,
        /// How many values it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A value is infinite or not a number.
    NotFinite {
        /// The argument.
        what: String,
        /// Position of the value, from zero.
        index: usize,
    },
    /// A value is below zero that may not be.
    Negative {
        /// The argument.
        what: String,
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A value is not above zero that must be.
    NotPositive {
        /// The argument.
        what: String,
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A group code is not below the number of groups.
    OutOfRange {
        /// The argument.
        what: String,
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: usize,
        /// The number of groups.
        limit: usize,
    },
    /// A column was asked for that the covariates lack.
    NoSuchColumn {
        /// The position asked for.
        column: usize,
        /// The number of columns.
        n_columns: usize,
    },
    /// A stratum was asked for that the model lacks.
    NoSuchStratum {
        /// Its code; none where none was given.
        code: Option<usize>,
    },
    /// A parameter is outside the range in which it has a meaning.
    Parameter {
        /// The parameter.
        what: String,
        /// Its value.
        value: f64,
        /// The range, in words or interval notation.
        range: String,
    },
    /// Values that must ascend do not.
    NotAscending {
        /// The argument.
        what: String,
        /// Position of the first value not above the one before.
        index: usize,
    },
    /// A predicted value is no probability.
    NotProbability {
        /// Position of the value, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A variable to impute has no value at all.
    AllMissing {
        /// Its position, from zero.
        variable: usize,
    },
    /// A variable to impute has too few known values.
    TooFewKnown {
        /// Its position, from zero.
        variable: usize,
        /// Known values.
        found: usize,
        /// The fewest that allow a draw.
        needed: usize,
    },
    /// No bootstrap sample allowed a fit.
    NoReplicates {
        /// How many were drawn.
        n_replicates: usize,
    },
    /// There is nothing to estimate from.
    Empty,
    /// No event was observed, and the statistic needs one.
    NoEvents {
        /// How many observations there are.
        n: usize,
    },
    /// Fewer than two groups have observations.
    OneGroup {
        /// How many groups have observations.
        found: usize,
    },
    /// A row or column of a table holds no observation.
    EmptyMargin {
        /// `row` or `column`.
        axis: String,
        /// Its position, from zero.
        index: usize,
    },
    /// Every value is the same, and the statistic divides by their spread.
    NoVariation {
        /// The argument.
        what: String,
    },
    /// Groups differ in what does not vary within them.
    Separated {
        /// The argument.
        what: String,
    },
    /// An exact test would have to go through more tables than it may.
    TooManyTables {
        /// The bound on the steps.
        limit: u64,
    },
    /// Sums of the values leave the range of floating-point numbers.
    Overflow,
    /// A column is a combination of the columns before it.
    Collinear {
        /// Its position, from zero.
        column: usize,
    },
    /// A coefficient may be infinite.
    Infinite {
        /// Its position, from zero.
        column: usize,
    },
    /// A matrix of the coefficients has no inverse.
    Singular {
        /// The matrix.
        what: String,
    },
    /// An interval does not end after it starts.
    EmptyInterval {
        /// Its position, from zero.
        index: usize,
        /// Where it starts.
        start: f64,
        /// Where it stops.
        stop: f64,
    },
    /// Two intervals of one subject overlap.
    Overlap {
        /// The subject's code.
        subject: usize,
        /// Position of the interval that begins too early.
        index: usize,
        /// Position of the one it begins in.
        other: usize,
    },
    /// Two choices have no meaning together.
    Unsupported {
        /// What was asked for.
        what: String,
        /// What it was asked for with.
        with: String,
    },
    /// A search ended without finding what it sought.
    NotConverged {
        /// What was searched for.
        what: String,
        /// Iterations made.
        iterations: usize,
    },
}

impl Refusal {
    /// Its code, the same in every version of the words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        // No arm for the rest: a new refusal has a code before it compiles. Codes stand in
        // published results, so none is ever changed.
        match self {
            Self::Length { .. } => "length",
            Self::NotFinite { .. } => "not_finite",
            Self::Negative { .. } => "negative",
            Self::NotPositive { .. } => "not_positive",
            Self::OutOfRange { .. } => "out_of_range",
            Self::NoSuchColumn { .. } => "no_such_column",
            Self::NoSuchStratum { .. } => "no_such_stratum",
            Self::Parameter { .. } => "parameter",
            Self::NotAscending { .. } => "not_ascending",
            Self::NotProbability { .. } => "not_probability",
            Self::AllMissing { .. } => "all_missing",
            Self::TooFewKnown { .. } => "too_few_known",
            Self::NoReplicates { .. } => "no_replicates",
            Self::Empty => "empty",
            Self::NoEvents { .. } => "no_events",
            Self::OneGroup { .. } => "one_group",
            Self::EmptyMargin { .. } => "empty_margin",
            Self::NoVariation { .. } => "no_variation",
            Self::Separated { .. } => "separated",
            Self::TooManyTables { .. } => "too_many_tables",
            Self::Overflow => "overflow",
            Self::Collinear { .. } => "collinear",
            Self::Infinite { .. } => "infinite",
            Self::Singular { .. } => "singular",
            Self::EmptyInterval { .. } => "empty_interval",
            Self::Overlap { .. } => "overlap",
            Self::Unsupported { .. } => "unsupported",
            Self::NotConverged { .. } => "not_converged",
        }
    }
}
