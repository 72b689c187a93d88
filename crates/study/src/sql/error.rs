//! What can be wrong with an expression.

/// How many rows a message names before it counts the rest.
const NAMED_ROWS: usize = 3;

/// An expression that does not work on this table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// It does not parse, or is no expression that a table can evaluate.
    #[error("SQL expression is not understood: {message}")]
    Syntax {
        /// What is not understood.
        message: String,
        /// What to write instead, where that can be said.
        hint: Option<String>,
    },
    /// It is too long or too deep to be evaluated safely.
    #[error("SQL expression is too large: {message}")]
    TooLarge {
        /// Which bound it passes.
        message: String,
    },
    /// It calls a function that there is not.
    #[error("SQL expression calls `{function}`, which is no function here")]
    UnknownFunction {
        /// The function as written.
        function: String,
        /// What does the same here, where that is known.
        instead: Option<String>,
    },
    /// It names a column that the table does not have.
    #[error("SQL expression names a column `{column}` that the table does not have")]
    UnknownColumn {
        /// The column as written.
        column: String,
    },
    /// It compares a column with a text that is none of its levels.
    #[error("`{level}` is not a level of column `{column}`")]
    UnknownLevel {
        /// The column.
        column: String,
        /// The text as written.
        level: String,
        /// The declared levels.
        levels: Vec<String>,
    },
    /// It parses, but does not go with the types of the columns.
    #[error("SQL expression does not fit the columns: {message}")]
    Types {
        /// What does not go together.
        message: String,
        /// The mend.
        hint: Option<String>,
    },
    /// A filter that is not yes or no.
    #[error("SQL condition gives {found}, not yes or no")]
    NotCondition {
        /// The type it gives.
        found: String,
    },
    /// It has no right value on some rows.
    #[error("`{expression}` {problem}: {}", rows_in_words(.rows))]
    Values {
        /// The part of the expression.
        expression: String,
        /// What is wrong with its value.
        problem: String,
        /// The mend.
        hint: String,
        /// The rows of the table, from 0.
        rows: Vec<usize>,
    },
    /// The evaluation broke down.
    #[error("SQL expression could not be evaluated: `{expression}`")]
    Failed {
        /// The expression.
        expression: String,
    },
}

impl SqlError {
    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Self::Syntax { message: message.into(), hint: None }
    }

    pub(crate) fn types(message: impl Into<String>) -> Self {
        Self::Types { message: message.into(), hint: None }
    }

    /// The same with a mend, where the kind of error takes one.
    pub(crate) fn with(mut self, mend: impl Into<String>) -> Self {
        if let Self::Syntax { hint, .. } | Self::Types { hint, .. } = &mut self {
            *hint = Some(mend.into());
        }
        self
    }

    /// The message, with rows named by somebody who knows them better.
    #[must_use]
    // A rule knows the line in the raw file; an expression knows only the row.
    pub fn message(&self, place: impl Fn(usize) -> String) -> String {
        match self {
            Self::Values { expression, problem, rows, .. } => {
                format!("`{expression}` {problem}: {}", places_in_words(rows, place))
            }
            other => other.to_string(),
        }
    }

    /// What to do about it, where that can be said without looking at names.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Syntax { hint, .. } | Self::Types { hint, .. } => hint.as_deref(),
            Self::UnknownFunction { instead, .. } => instead.as_deref(),
            Self::TooLarge { .. } => Some("split it up into several `derive` rules"),
            Self::Values { hint, .. } => Some(hint),
            Self::Failed { .. } => {
                Some("this is a bug in restudy: please report the expression with its message")
            }
            Self::UnknownColumn { .. } | Self::UnknownLevel { .. } | Self::NotCondition { .. } => {
                None
            }
        }
    }
}

/// The first rows by their number from 1, and how many more there are.
fn rows_in_words(rows: &[usize]) -> String {
    places_in_words(rows, |row| format!("row {}", row + 1))
}

fn places_in_words(rows: &[usize], place: impl Fn(usize) -> String) -> String {
    // A wrong unit may be in every row.
    let named: Vec<String> = rows.iter().take(NAMED_ROWS).map(|row| place(*row)).collect();
    match rows.len().saturating_sub(NAMED_ROWS) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
