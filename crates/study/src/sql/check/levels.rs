//! Comparisons with a level that a column does not have: they hold on no row,
//! and nothing else would say so.

use super::Checker;
use crate::sql::error::SqlError;
use crate::sql::tree::Literal;
use crate::sql::typed::{Node, What};

/// What a part can give, where that is known: the levels of a column, and the
/// texts that a `COALESCE` or `CASE` puts beside them.
struct Known {
    column: String,
    levels: Vec<String>,
}

impl Checker<'_> {
    /// Checks every text among operands that are compared with one another.
    pub(super) fn levels(&self, operands: &[Node]) -> Result<(), SqlError> {
        // Without declared levels a column may hold any text.
        let Some(known) = operands.iter().find_map(|operand| self.known(operand)) else {
            return Ok(());
        };
        for operand in operands {
            if let What::Literal(Literal::Text(text)) = &operand.what
                && !known.levels.contains(text)
            {
                return Err(SqlError::UnknownLevel {
                    column: known.column,
                    level: text.clone(),
                    levels: known.levels,
                });
            }
        }
        Ok(())
    }

    fn known(&self, node: &Node) -> Option<Known> {
        match &node.what {
            What::Column(name) => {
                let levels = &self.table.columns.get(name)?.levels;
                let levels: Vec<String> = levels.iter().map(|level| level.value.clone()).collect();
                (!levels.is_empty()).then(|| Known { column: name.clone(), levels })
            }
            What::Coalesce(parts) => self.together(parts.iter()),
            What::Case(branches, otherwise) => {
                let values = branches.iter().map(|branch| &branch.value);
                self.together(values.chain(otherwise.as_deref()))
            }
            _ => None,
        }
    }

    /// The levels of several parts; none where one of them may give anything.
    fn together<'a>(&self, parts: impl Iterator<Item = &'a Node>) -> Option<Known> {
        let mut all = Known { column: String::new(), levels: Vec::new() };
        for part in parts {
            match &part.what {
                What::Literal(Literal::Missing) => {}
                // What stands beside the column in a `COALESCE` can be compared with as well.
                What::Literal(Literal::Text(text)) => all.levels.push(text.clone()),
                _ => {
                    let known = self.known(part)?;
                    all.column = known.column;
                    all.levels.extend(known.levels);
                }
            }
        }
        // Texts alone are no column, and there is no level to miss.
        (!all.column.is_empty()).then_some(all)
    }
}
