//! SQL expressions on a table: derived variables and filters are written in
//! them, so that there is no language of our own to learn.
//!
//! The text is parsed once by sqlparser (`parse`), checked against the types
//! and levels of the table's columns (`check`), and evaluated in blocks of rows
//! (`evaluate`). A date and a difference of dates are whole days everywhere;
//! conditions have three answers; a number that cannot be right is an error
//! that names its rows, never a value. docs/expressions.md is the reference.

mod calendar;
mod cells;
mod check;
mod condition;
mod error;
mod evaluate;
mod functions;
mod parse;
mod reading;
mod tree;
mod typed;
mod words;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::Series;

use crate::Table;
use evaluate::{Evaluated, OnUnknown};
use typed::{Checked, Kind, Node, What};

pub use calendar::write as iso_date;
pub use condition::{Condition, UnknownCase, UnknownRows};
pub use error::SqlError;
pub use functions::function_names;
pub use reading::SqlReading;

/// The values of an expression, with what is to be told of them.
#[derive(Debug, Clone)]
pub struct Derived {
    /// One value a row, as text, whole, real, yes/no or date.
    pub values: Series,
    /// Conditions of a `CASE` that were unknown on rows on which it gave a value.
    pub unknown: Vec<UnknownCase>,
}

impl Table {
    /// Evaluates an expression on every row: one value a row, as text, whole,
    /// real, yes/no or date; a difference of dates is in whole days.
    ///
    /// # Errors
    /// If the expression does not parse or does not fit the table, or if it has
    /// no right value on some rows.
    pub fn evaluate(&self, sql: &str, name: &str) -> Result<Series, SqlError> {
        self.derive(sql, name, false).map(|derived| derived.values)
    }

    /// As [`Table::evaluate`], with the conditions of a `CASE` that were unknown
    /// because a value is missing: the `CASE` then gave the value of a later
    /// branch or of `ELSE`, as SQL does, or nothing if `unknown_is_missing`.
    ///
    /// # Errors
    /// As [`Table::evaluate`].
    pub fn derive(
        &self,
        sql: &str,
        name: &str,
        unknown_is_missing: bool,
    ) -> Result<Derived, SqlError> {
        // Checked on the table as it is: the same text may fit another version of it.
        let checked = self.checked(sql)?;
        let rule = if unknown_is_missing { OnUnknown::Missing } else { OnUnknown::Otherwise };
        let found = self.evaluated(&checked, rule, sql)?;
        let unknown = found.cases.into_iter().map(UnknownCase::from).collect();
        Ok(Derived { values: found.cells.into_series(name), unknown })
    }

    /// Evaluates a condition, with three answers a row.
    ///
    /// # Errors
    /// As [`Table::evaluate`], and if the expression is no condition.
    pub fn condition(&self, sql: &str) -> Result<Condition, SqlError> {
        let checked = self.checked(sql)?;
        // A number is no condition here: in `where: age` somebody forgot the comparison.
        if checked.root.kind != Kind::Boolean {
            return Err(SqlError::NotCondition { found: checked.root.kind.words().to_owned() });
        }
        // How an unknown condition counts is for the rule to say; it is handed all three
        // answers.
        let found = self.evaluated(&checked, OnUnknown::Otherwise, sql)?;
        let cases = found.cases.into_iter().map(UnknownCase::from).collect();
        Ok(Condition::new(self, sql, &checked.columns, found.cells.conditions(), cases))
    }

    /// Evaluates a condition: true where it holds; a row on which it is unknown
    /// (a missing value) does not hold.
    ///
    /// # Errors
    /// As [`Table::condition`].
    pub fn holds(&self, sql: &str) -> Result<Vec<bool>, SqlError> {
        self.condition(sql).map(|condition| condition.holds())
    }

    /// The texts that an expression can give, where all of them are written in it.
    ///
    /// # Errors
    /// If the expression does not parse or does not fit the table.
    pub fn texts_given(&self, sql: &str) -> Result<Vec<String>, SqlError> {
        let mut texts = BTreeSet::new();
        given(&self.checked(sql)?.root, &mut texts);
        Ok(texts.into_iter().collect())
    }

    fn checked(&self, sql: &str) -> Result<Checked, SqlError> {
        check::check(&parse::parse(sql)?, self)
    }

    fn evaluated<'a>(
        &'a self,
        checked: &'a Checked,
        rule: OnUnknown,
        sql: &str,
    ) -> Result<Evaluated<'a>, SqlError> {
        // a panic is a bug, ours or a library's: it becomes a mistake that names the expression
        let evaluation = AssertUnwindSafe(|| evaluate::evaluate(checked, self, rule));
        catch_unwind(evaluation)
            .unwrap_or_else(|_| Err(SqlError::Failed { expression: parse::shortened(sql) }))
    }
}

/// Collects the texts that the branches of an expression give.
fn given(node: &Node, texts: &mut BTreeSet<String>) {
    match &node.what {
        What::Literal(tree::Literal::Text(text)) => drop(texts.insert(text.clone())),
        // Conditions give no text of the result.
        What::Case(branches, otherwise) => {
            branches.iter().for_each(|branch| given(&branch.value, texts));
            otherwise.iter().for_each(|otherwise| given(otherwise, texts));
        }
        What::Coalesce(parts) => parts.iter().for_each(|part| given(part, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
