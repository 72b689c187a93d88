//! The words of what an estimator refused.

use study::Refusal;

/// Why there is no number.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Length { what, expected, found } => {
            format!("`{what}` has {found} values where {expected} are needed")
        }
        Refusal::NotFinite { what, index } => {
            format!("`{what}` is not a finite number at position {index}")
        }
        Refusal::Negative { what, index, value } => {
            format!("`{what}` is negative at position {index}: {value}")
        }
        Refusal::NotPositive { what, index, value } => {
            format!("`{what}` is not above zero at position {index}: {value}")
        }
        Refusal::OutOfRange { what, index, value, limit } => {
            format!("`{what}` is {value} at position {index}, but there are {limit} groups")
        }
        // Positions count from 0 as in the program. The words say so, where a reader would count
        // from 1.
        Refusal::NoSuchColumn { column, n_columns } => {
            format!("column {column} is asked for, but there are {n_columns} columns, from 0")
        }
        Refusal::NoSuchStratum { code: Some(code) } => format!("no stratum {code}"),
        Refusal::NoSuchStratum { code: None } => "no stratum without a code".to_owned(),
        Refusal::Parameter { what, value, range } => {
            format!("`{what}` is {value}, outside {range}")
        }
        Refusal::NotAscending { what, index } => {
            format!("`{what}` does not ascend at position {index}")
        }
        Refusal::NotProbability { index, value } => {
            format!("`predicted` is no probability at position {index}: {value}")
        }
        Refusal::AllMissing { variable } => format!("variable {variable} is missing for everybody"),
        Refusal::TooFewKnown { variable, found, needed } => {
            format!("variable {variable} has {found} known values, but its model needs {needed}")
        }
        Refusal::NoReplicates { n_replicates } => {
            format!("none of {n_replicates} bootstrap samples allowed a fit")
        }
        Refusal::Empty => "no observations".to_owned(),
        Refusal::NoEvents { n } => format!("no events among {n} observations"),
        Refusal::OneGroup { found } => {
            format!("a comparison needs at least two groups with observations, found {found}")
        }
        Refusal::EmptyMargin { axis, index } => format!("{axis} {index} of the table is empty"),
        Refusal::NoVariation { what } => format!("`{what}` does not vary"),
        Refusal::Separated { what } => {
            format!("infinite: the groups differ in `{what}`, which does not vary within them")
        }
        Refusal::TooManyTables { limit } => {
            format!("an exact test would take more than {limit} steps: use an approximate one")
        }
        Refusal::Overflow => {
            "the likelihood overflows: covariates or weights are too large".to_owned()
        }
        Refusal::Collinear { column } => {
            format!("covariate {column} is a combination of the covariates before it")
        }
        // `may`, because a program sees that the likelihood still rises, and not where it ends.
        Refusal::Infinite { column } => {
            format!("the coefficient of covariate {column} may be infinite")
        }
        Refusal::Singular { what } => format!("the {what} of the coefficients is singular"),
        Refusal::EmptyInterval { index, start, stop } => {
            format!("interval {index} is empty: it starts at {start} and stops at {stop}")
        }
        Refusal::Overlap { subject, index, other } => {
            format!("interval {index} of subject {subject} begins within interval {other}")
        }
        Refusal::Unsupported { what, with } => format!("{what} cannot be combined with {with}"),
        Refusal::NotConverged { what, iterations } => {
            format!("{what} did not converge in {iterations} iterations")
        }
    }
}
