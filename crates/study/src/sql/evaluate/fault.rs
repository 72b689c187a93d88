//! Values that have no right answer: they are told, and never published.

use std::collections::BTreeMap;

use crate::sql::error::SqlError;
use crate::sql::parse::shortened;
use crate::sql::typed::Checked;

/// Longest text that an expression makes, in bytes.
pub(crate) const LONGEST_TEXT: usize = 10_000;

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Overflow,
    DivisionByZero,
    /// The root or logarithm of a number that has none.
    Undefined,
    /// A cast of this value, to this.
    Cast {
        from: String,
        to: &'static str,
    },
    NoSuchDate,
    TooLong,
}

impl Fault {
    fn problem(&self) -> String {
        match self {
            Self::Overflow => "is larger than a number can be".to_owned(),
            Self::DivisionByZero => "divides by zero".to_owned(),
            Self::Undefined => "has no value".to_owned(),
            Self::Cast { from, to } => format!("makes {to} of `{from}`, which is none"),
            Self::NoSuchDate => "gives a day that no calendar has".to_owned(),
            Self::TooLong => format!("makes a text of more than {LONGEST_TEXT} bytes"),
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::Overflow => {
                "compute with real numbers, as in `1.0 * x`, or look for a wrong value in the row"
            }
            Self::DivisionByZero => "write `x / NULLIF(y, 0)` where such a row is to be missing",
            Self::Undefined => "take only rows that have one: `CASE WHEN x > 0 THEN LN(x) END`",
            Self::Cast { .. } => {
                "mend the value by a cleaning rule, or write `TRY_CAST` where such a row is to be missing"
            }
            Self::NoSuchDate => "look for a wrong value in the row",
            Self::TooLong => "shorten it with `LEFT(text, 100)`",
        }
    }
}

/// The faults met so far, by the part of the expression.
#[derive(Debug, Default)]
pub(crate) struct Faults(BTreeMap<usize, (Fault, Vec<usize>)>);

impl Faults {
    pub(crate) fn note(&mut self, place: usize, fault: Fault, row: usize) {
        // The rows of one part are told under its first fault.
        self.0.entry(place).or_insert_with(|| (fault, Vec::new())).1.push(row);
    }

    /// The first part that went wrong, with all its rows.
    pub(crate) fn first(self, checked: &Checked) -> Result<(), SqlError> {
        // Places are numbered inner parts first, where a fault begins.
        let Some((place, (fault, rows))) = self.0.into_iter().next() else { return Ok(()) };
        Err(SqlError::Values {
            expression: shortened(&checked.texts[place]),
            problem: fault.problem(),
            hint: fault.hint().to_owned(),
            rows,
        })
    }
}
