//! An expression as it was written, before anything is known of the columns.

use super::calendar::Unit;
use super::functions::Function;

/// A value that stands in the expression itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// `NULL`.
    Missing,
    Text(String),
    Whole(i64),
    Real(f64),
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
}

/// What a `CAST` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CastTo {
    Text,
    /// A whole number that its type can hold.
    Whole {
        low: i64,
        high: i64,
    },
    Real,
    Boolean,
    Date,
}

/// The expression, in the words of this program.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Column(String),
    Literal(Literal),
    /// A span of time, which only `+` and `-` beside a date understand.
    Interval {
        count: i64,
        unit: Unit,
    },
    Call {
        function: Function,
        arguments: Vec<Tree>,
        /// As it was written, for messages.
        text: String,
    },
    Case {
        branches: Vec<When>,
        otherwise: Option<Box<Tree>>,
    },
    Cast {
        value: Box<Tree>,
        to: CastTo,
        /// `TRY_CAST`: missing where the value does not fit.
        tried: bool,
        text: String,
    },
}

/// One `WHEN ... THEN ...`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct When {
    pub(crate) condition: Tree,
    pub(crate) value: Tree,
    /// The condition as it was written.
    pub(crate) text: String,
}

impl Tree {
    /// The columns that it names, each once, in the order of their names.
    pub(crate) fn columns(&self, found: &mut std::collections::BTreeSet<String>) {
        match self {
            // An ordered set: messages and lineage name columns in one order.
            Self::Column(name) => drop(found.insert(name.clone())),
            Self::Literal(_) | Self::Interval { .. } => {}
            Self::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| argument.columns(found));
            }
            Self::Case { branches, otherwise } => {
                for branch in branches {
                    branch.condition.columns(found);
                    branch.value.columns(found);
                }
                if let Some(otherwise) = otherwise {
                    otherwise.columns(found);
                }
            }
            Self::Cast { value, .. } => value.columns(found),
        }
    }

    /// The columns of which it asks whether they are missing, as `IS NULL` and
    /// `COALESCE` do: such a condition settles what an unknown one left open.
    pub(crate) fn asks_missing(&self, found: &mut std::collections::BTreeSet<String>) {
        // `CASE` is not looked into: what a branch asks is asked of other rows.
        match self {
            Self::Call { function, arguments, .. } => {
                for argument in arguments {
                    if matches!(function, Function::IsMissing | Function::Coalesce) {
                        argument.columns(found);
                    }
                    argument.asks_missing(found);
                }
            }
            Self::Cast { value, .. } => value.asks_missing(found),
            _ => {}
        }
    }
}
