//! What an estimator refused, as a warning of a finding: the one place where
//! the errors of `stats` become codes.

use stats::Error;
use study::{Refusal, Warning};

/// The warning of a finding whose estimator refused.
pub(crate) fn refusal(error: &Error) -> Warning {
    let own = |text: &&'static str| (*text).to_owned();
    // No arm for all others: an error that `stats` gains
    // must find its words here before anything compiles.
    Warning::Refused(match error {
        Error::Length { what, expected, found } => {
            Refusal::Length { what: own(what), expected: *expected, found: *found }
        }
        Error::NotFinite { what, index } => Refusal::NotFinite { what: own(what), index: *index },
        Error::Negative { what, index, value } => {
            Refusal::Negative { what: own(what), index: *index, value: *value }
        }
        Error::NotPositive { what, index, value } => {
            Refusal::NotPositive { what: own(what), index: *index, value: *value }
        }
        Error::OutOfRange { what, index, value, limit } => {
            Refusal::OutOfRange { what: own(what), index: *index, value: *value, limit: *limit }
        }
        Error::NoSuchColumn { column, n_columns } => {
            Refusal::NoSuchColumn { column: *column, n_columns: *n_columns }
        }
        Error::NoSuchStratum { code } => Refusal::NoSuchStratum { code: *code },
        Error::Parameter { what, value, range } => {
            Refusal::Parameter { what: own(what), value: *value, range: own(range) }
        }
        Error::NotAscending { what, index } => {
            Refusal::NotAscending { what: own(what), index: *index }
        }
        Error::NotProbability { index, value } => {
            Refusal::NotProbability { index: *index, value: *value }
        }
        Error::AllMissing { variable } => Refusal::AllMissing { variable: *variable },
        Error::TooFewKnown { variable, found, needed } => {
            Refusal::TooFewKnown { variable: *variable, found: *found, needed: *needed }
        }
        Error::NoReplicates { n_replicates } => {
            Refusal::NoReplicates { n_replicates: *n_replicates }
        }
        Error::Empty => Refusal::Empty,
        Error::NoEvents { n } => Refusal::NoEvents { n: *n },
        Error::OneGroup { found } => Refusal::OneGroup { found: *found },
        Error::EmptyMargin { axis, index } => {
            Refusal::EmptyMargin { axis: own(axis), index: *index }
        }
        Error::NoVariation { what } => Refusal::NoVariation { what: own(what) },
        Error::Separated { what } => Refusal::Separated { what: own(what) },
        Error::TooManyTables { limit } => Refusal::TooManyTables { limit: *limit },
        Error::Overflow => Refusal::Overflow,
        Error::Collinear { column } => Refusal::Collinear { column: *column },
        Error::Infinite { column } => Refusal::Infinite { column: *column },
        Error::Singular { what } => Refusal::Singular { what: own(what) },
        Error::EmptyInterval { index, start, stop } => {
            Refusal::EmptyInterval { index: *index, start: *start, stop: *stop }
        }
        Error::Overlap { subject, index, other } => {
            Refusal::Overlap { subject: *subject, index: *index, other: *other }
        }
        Error::Unsupported { what, with } => {
            Refusal::Unsupported { what: own(what), with: own(with) }
        }
        Error::NotConverged { what, iterations } => {
            Refusal::NotConverged { what: own(what), iterations: *iterations }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_estimator_refused_keeps_its_values() {
        let error = Error::NotPositive { what: "times", index: 2, value: -1.5 };
        let told = Refusal::NotPositive { what: "times".into(), index: 2, value: -1.5 };
        assert_eq!(refusal(&error), Warning::Refused(told));
        let error = Error::NoSuchStratum { code: None };
        assert_eq!(refusal(&error), Warning::Refused(Refusal::NoSuchStratum { code: None }));
    }
}
