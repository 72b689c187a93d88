//! One thing that is wrong, with its place.

use std::fmt;

use crate::Missed;

/// How many of the other places of a mistake are named.
const SHOWN_PLACES: usize = 5;

/// A place in the pipeline file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Byte offset from the start of the file.
    pub offset: usize,
    /// Length in bytes.
    pub length: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Something wrong with the pipeline file, or with the data a stage met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where in the pipeline file.
    pub place: Place,
    /// The stage it is about, as `section.name`, where there is one.
    pub stage: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The place in a raw file, where it is about one.
    pub raw_place: Option<String>,
    /// The other places with the same cause, in words.
    pub also: Vec<String>,
    /// What there is not, where that is the cause.
    pub missed: Option<Box<Missed>>,
}

impl Diagnostic {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            stage: None,
            message: message.into(),
            hint: None,
            raw_place: None,
            also: vec![],
            missed: None,
        }
    }

    /// The other places with the same cause as one line: how many, and the first of them.
    #[must_use]
    pub fn elsewhere(&self) -> Option<String> {
        // A wrong format may fit no cell of a file: a screen has room for a few.
        let first = self.also.iter().take(SHOWN_PLACES).cloned().collect::<Vec<_>>().join(", ");
        let more = match self.also.len().saturating_sub(SHOWN_PLACES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match self.also.len() {
            0 => None,
            1 => Some(format!("the same at 1 more place: {first}")),
            count => Some(format!("the same at {count} more places: {first}{more}")),
        }
    }

    pub(crate) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.place.line, self.place.column, self.message)?;
        if let Some(hint) = &self.hint {
            write!(formatter, " ({hint})")?;
        }
        Ok(())
    }
}
