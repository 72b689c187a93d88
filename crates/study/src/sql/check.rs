//! Whether an expression fits the columns of a table: their names, types and
//! levels. What passes here can be evaluated on every row; only single values
//! can still go wrong.

mod calls;
mod levels;

use std::collections::BTreeSet;

use polars::prelude::DataType;

use super::error::SqlError;
use super::functions::Function;
use super::tree::{CastTo, Literal, Tree};
use super::typed::{Branch, Checked, Kind, Node, What};
use crate::Table;

/// Checks an expression against a table.
pub(crate) fn check(tree: &Tree, table: &Table) -> Result<Checked, SqlError> {
    // From the tree before types: also columns of a part that turns out to be missing.
    let mut columns = BTreeSet::new();
    tree.columns(&mut columns);
    let mut checker = Checker { table, texts: Vec::new() };
    let root = checker.node(tree)?;
    // what gives nothing but NULL is passed on as text
    let root = if root.kind == Kind::Missing { fit(root, Kind::Text) } else { root };
    Ok(Checked { root, texts: checker.texts, columns: columns.into_iter().collect() })
}

/// The type of a column; none for a type that no table passes on.
pub(crate) fn kind_of(found: &DataType) -> Option<Kind> {
    match found {
        DataType::String => Some(Kind::Text),
        DataType::Boolean => Some(Kind::Boolean),
        DataType::Date => Some(Kind::Date),
        DataType::Int64 => Some(Kind::Whole),
        DataType::Float64 => Some(Kind::Real),
        // Smaller numbers or times of day: ingest and rules make none.
        _ => None,
    }
}

struct Checker<'a> {
    table: &'a Table,
    texts: Vec<String>,
}

impl Checker<'_> {
    fn node(&mut self, tree: &Tree) -> Result<Node, SqlError> {
        match tree {
            Tree::Column(name) => self.column(name),
            Tree::Literal(literal) => Ok(literal_node(literal.clone())),
            Tree::Interval { .. } => {
                let error =
                    SqlError::types("an INTERVAL can only be added to a date or taken from it");
                Err(error.with("a difference of two dates is a number of days: compare it with a number, as in `stop - start > 60`"))
            }
            Tree::Call { function, arguments, text } => self.call(*function, arguments, text),
            Tree::Case { branches, otherwise } => self.case(branches, otherwise.as_deref()),
            Tree::Cast { value, to, tried, text } => {
                let value = self.node(value)?;
                self.cast(value, *to, *tried, text)
            }
        }
    }

    /// Remembers how a part was written.
    fn place(&mut self, text: &str) -> usize {
        self.texts.push(text.to_owned());
        self.texts.len() - 1
    }

    fn column(&self, name: &str) -> Result<Node, SqlError> {
        let Some(found) = self.table.data_type(name).filter(|_| self.table.has(name)) else {
            return Err(SqlError::UnknownColumn { column: name.to_owned() });
        };
        match kind_of(&found) {
            Some(kind) => Ok(Node { kind, what: What::Column(name.to_owned()) }),
            None => Err(SqlError::types(format!(
                "column `{name}` has type {found}, which no expression reads"
            ))),
        }
    }

    fn case(
        &mut self,
        branches: &[super::tree::When],
        otherwise: Option<&Tree>,
    ) -> Result<Node, SqlError> {
        let mut values = Vec::new();
        let mut conditions = Vec::new();
        for branch in branches {
            let condition = self.condition(&branch.condition, &branch.text)?;
            // For what is told of an unknown condition: which columns could have been missing,
            // and which the branch asks about itself.
            let (mut columns, mut asks_missing) = (BTreeSet::new(), BTreeSet::new());
            branch.condition.columns(&mut columns);
            branch.condition.asks_missing(&mut asks_missing);
            let place = self.place(&branch.text);
            conditions.push((condition, columns.into_iter().collect(), asks_missing, place));
            values.push(self.node(&branch.value)?);
        }
        let has_otherwise = otherwise.is_some();
        if let Some(otherwise) = otherwise {
            values.push(self.node(otherwise)?);
        }
        // `ELSE` has part in it: a number beside a text is a mistake there, too.
        let (kind, mut values) = alike(values, "the branches of CASE")?;
        let otherwise = if has_otherwise { values.pop().map(Box::new) } else { None };
        let branches = conditions.into_iter().zip(values);
        let branches = branches.map(|((condition, columns, asks_missing, place), value)| Branch {
            condition,
            value,
            columns,
            asks_missing,
            place,
        });
        Ok(Node { kind, what: What::Case(branches.collect(), otherwise) })
    }

    fn condition(&mut self, tree: &Tree, text: &str) -> Result<Node, SqlError> {
        let condition = self.node(tree)?;
        match condition.kind {
            Kind::Boolean | Kind::Missing => Ok(fit(condition, Kind::Boolean)),
            found => Err(SqlError::types(format!(
                "`{}` gives {}, not yes or no",
                super::parse::shortened(text),
                found.words()
            ))),
        }
    }

    fn cast(&mut self, value: Node, to: CastTo, tried: bool, text: &str) -> Result<Node, SqlError> {
        let kind = match to {
            CastTo::Text => Kind::Text,
            CastTo::Whole { .. } => Kind::Whole,
            CastTo::Real => Kind::Real,
            CastTo::Boolean => Kind::Boolean,
            CastTo::Date => Kind::Date,
        };
        let from = value.kind;
        let reads = match kind {
            Kind::Date => matches!(from, Kind::Text | Kind::Date),
            // A real number that is nearly zero is neither yes nor no.
            Kind::Boolean => from != Kind::Date && from != Kind::Real,
            // The number of a date is days since 1970, which nobody means.
            Kind::Whole | Kind::Real => from != Kind::Date,
            _ => true,
        };
        if from == Kind::Missing {
            return Ok(fit(value, kind));
        }
        if !reads {
            let error =
                SqlError::types(format!("{} cannot be cast to {}", from.words(), kind.words()));
            return Err(match from {
                Kind::Date => {
                    error.with("subtract a date for a number of days: `date - DATE '1970-01-01'`")
                }
                _ => error,
            });
        }
        let place = self.place(text);
        Ok(Node { kind, what: What::Cast { value: Box::new(value), to, tried, place } })
    }
}

fn literal_node(literal: Literal) -> Node {
    let kind = match literal {
        Literal::Missing => Kind::Missing,
        Literal::Text(_) => Kind::Text,
        Literal::Whole(_) => Kind::Whole,
        Literal::Real(_) => Kind::Real,
        Literal::Boolean(_) => Kind::Boolean,
        Literal::Date(_) => Kind::Date,
    };
    Node { kind, what: What::Literal(literal) }
}

/// A part as one of a type that it can be taken for without a cast.
fn fit(node: Node, kind: Kind) -> Node {
    match (node.kind, kind) {
        (Kind::Missing, _) => Node { kind, what: What::Literal(Literal::Missing) },
        // Exact to 2^53, beyond any count of a study.
        (Kind::Whole, Kind::Real) => Node { kind, what: What::Widened(Box::new(node)) },
        _ => node,
    }
}

/// Parts made one type: whole numbers beside real ones become real, a text that
/// is written beside a date is read as a date.
fn alike(nodes: Vec<Node>, what: &str) -> Result<(Kind, Vec<Node>), SqlError> {
    let mut kind = Kind::Missing;
    // One type for all, whichever comes first: 1 beside 0.5 is a real number on either
    // side.
    for node in &nodes {
        kind = match (kind, node.kind) {
            (Kind::Missing, found) | (found, Kind::Missing) => found,
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => Kind::Real,
            (Kind::Date, Kind::Text) if is_text(node) => Kind::Date,
            (Kind::Text, Kind::Date)
                // A column of texts beside a date is a mistake: its form would have to be guessed.
                if nodes.iter().all(|node| node.kind != Kind::Text || is_text(node)) =>
            {
                Kind::Date
            }
            (a, b) => return Err(mixed(a, b, what)),
        };
    }
    let made = |node: Node| match (kind, &node.what) {
        (Kind::Date, What::Literal(Literal::Text(text))) => date_of(text),
        _ => Ok(fit(node, kind)),
    };
    Ok((kind, nodes.into_iter().map(made).collect::<Result<_, _>>()?))
}

fn is_text(node: &Node) -> bool {
    matches!(node.what, What::Literal(Literal::Text(_)))
}

fn date_of(text: &str) -> Result<Node, SqlError> {
    match super::calendar::read(text) {
        Some(day) => Ok(literal_node(Literal::Date(day))),
        None => Err(SqlError::types(format!("`{text}` stands beside a date and is none"))
            .with("write it as year-month-day: '2024-01-31'")),
    }
}

fn mixed(a: Kind, b: Kind, what: &str) -> SqlError {
    let error = SqlError::types(format!("{what} are {} and {}", a.words(), b.words()));
    match (a, b) {
        (Kind::Date, other) | (other, Kind::Date) if other.is_number() => {
            error.with("a difference of two dates is a number of days, a date alone is none")
        }
        (Kind::Text, other) | (other, Kind::Text) if other.is_number() => {
            error.with("CAST one of them: `CAST(x AS VARCHAR)` or `CAST(x AS DOUBLE)`")
        }
        (Kind::Boolean, _) | (_, Kind::Boolean) => {
            error.with("a yes/no column is a condition by itself: `x` or `NOT x`; `CAST(x AS INTEGER)` makes 1 and 0 of it")
        }
        _ => error,
    }
}

/// Operators whose result is a condition on two values of one type.
fn compares(function: Function) -> bool {
    matches!(
        function,
        Function::Equal
            | Function::NotEqual
            | Function::Less
            | Function::LessEqual
            | Function::Greater
            | Function::GreaterEqual
            | Function::Same
            | Function::Between
            | Function::In
    )
}
