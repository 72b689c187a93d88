//! An expression that fits a table: each part has one of the five types.

use std::collections::BTreeSet;

use super::functions::Function;
use super::tree::{CastTo, Literal};

/// The type of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing but `NULL`, which goes with every type.
    // By itself it has no type: what stands beside it decides.
    Missing,
    Text,
    Whole,
    Real,
    Boolean,
    Date,
}

impl Kind {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Missing => "nothing",
            Self::Text => "text",
            Self::Whole => "a whole number",
            Self::Real => "a number",
            Self::Boolean => "yes or no",
            Self::Date => "a date",
        }
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Real)
    }
}

/// A part of an expression with its type.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) what: What,
}

/// What a part is.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Literal(Literal),
    Column(String),
    /// A whole number as a real one.
    Widened(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Coalesce(Vec<Node>),
    Case(Vec<Branch>, Option<Box<Node>>),
    Cast {
        value: Box<Node>,
        to: CastTo,
        tried: bool,
        place: usize,
    },
    Apply {
        function: Function,
        arguments: Vec<Node>,
        place: usize,
    },
}

/// One `WHEN ... THEN ...`.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub(crate) condition: Node,
    pub(crate) value: Node,
    /// The columns that its condition names.
    // Kept with the branch, as a row is only told where this condition was unknown.
    pub(crate) columns: Vec<String>,
    /// Those of which it asks whether they are missing.
    pub(crate) asks_missing: BTreeSet<String>,
    /// The place of its condition in [`Checked::texts`].
    pub(crate) place: usize,
}

/// A checked expression.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) root: Node,
    /// Parts as they were written, for messages about their values.
    pub(crate) texts: Vec<String>,
    /// All columns that it names.
    pub(crate) columns: Vec<String>,
}
