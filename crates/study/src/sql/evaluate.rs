//! A checked expression on the rows of a table, a block of rows at a time: the
//! columns of a block stay in the processor's cache, and no part of the
//! expression ever needs a column of its own for the whole table.
//!
//! A part is only asked for the rows that need it, as in `CASE WHEN b <> 0 THEN
//! a / b END`: a fault on another row is none.

mod arithmetic;
mod cases;
mod casts;
mod compare;
mod fault;
mod functions;
mod numbers;
mod texts;

use std::collections::BTreeMap;

use super::cells::{Cells, Scalar};
use super::error::SqlError;
use super::functions::Function;
use super::typed::{Checked, Node, What};
use crate::Table;

pub(crate) use cases::{CaseUnknown, OnUnknown};
#[cfg(test)]
pub(crate) use casts::written;
use fault::Faults;

/// Rows evaluated together.
const BLOCK: usize = 4096;

/// What an expression gives.
pub(crate) struct Evaluated<'a> {
    pub(crate) cells: Cells<'a>,
    pub(crate) cases: Vec<CaseUnknown>,
}

/// Evaluates an expression on every row.
pub(crate) fn evaluate<'a>(
    checked: &'a Checked,
    table: &'a Table,
    on_unknown: OnUnknown,
) -> Result<Evaluated<'a>, SqlError> {
    let mut evaluation = Evaluation {
        checked,
        table,
        on_unknown,
        block: Block { first: 0, rows: 0 },
        faults: Faults::default(),
        cases: BTreeMap::new(),
    };
    let height = table.height();
    let mut cells = Cells::missing(checked.root.kind, 0);
    for first in (0..height).step_by(BLOCK) {
        let rows = BLOCK.min(height - first);
        evaluation.block = Block { first, rows };
        // At the root every row is asked.
        cells.append(evaluation.cells(&checked.root, &vec![true; rows]));
    }
    // After all blocks, so that a message names all rows with the fault.
    evaluation.faults.first(checked)?;
    Ok(Evaluated { cells, cases: evaluation.cases.into_values().collect() })
}

#[derive(Debug, Clone, Copy)]
struct Block {
    first: usize,
    rows: usize,
}

struct Evaluation<'a> {
    checked: &'a Checked,
    table: &'a Table,
    on_unknown: OnUnknown,
    block: Block,
    faults: Faults,
    /// By the place of the condition.
    cases: BTreeMap<usize, CaseUnknown>,
}

impl<'a> Evaluation<'a> {
    /// The values of a part; in rows that are not active they mean nothing.
    fn cells(&mut self, node: &'a Node, active: &[bool]) -> Cells<'a> {
        let Block { first, rows } = self.block;
        match &node.what {
            What::Literal(literal) => Cells::repeated(literal, node.kind, rows),
            What::Column(name) => Cells::column(self.table, name, first, rows),
            What::Widened(inner) => match self.cells(inner, active) {
                Cells::Whole(cells) => {
                    Cells::Real(cells.into_iter().map(|value| value.map(numbers::real)).collect())
                }
                other => other,
            },
            What::And(parts) => self.row(parts, active, false),
            What::Or(parts) => self.row(parts, active, true),
            What::Coalesce(parts) => self.coalesce(parts, node, active),
            What::Case(branches, otherwise) => {
                self.case(node, branches, otherwise.as_deref(), active)
            }
            What::Cast { value, to, tried, place } => {
                let value = self.cells(value, active);
                self.cast(&value, *to, *tried, *place, active)
            }
            What::Apply { function, arguments, place } => {
                self.apply(*function, arguments, *place, node, active)
            }
        }
    }

    /// `AND` (settled by a `false`) or `OR` (settled by a `true`): a row that is
    /// settled is not asked any more.
    fn row(&mut self, parts: &'a [Node], active: &[bool], settles: bool) -> Cells<'a> {
        // An empty AND is true and an empty OR false; parts change it from there.
        let mut found = vec![Some(!settles); self.block.rows];
        let mut open = active.to_vec();
        for part in parts {
            let cells = self.cells(part, &open).conditions();
            for (row, value) in cells.into_iter().enumerate().filter(|(row, _)| active[*row]) {
                if !open[row] {
                    continue;
                }
                // Also after an unknown part: what settles the row settles it for good.
                if value == Some(settles) {
                    (found[row], open[row]) = (Some(settles), false);
                // Unknown so far, and still asked: a later part may settle it.
                } else if value.is_none() {
                    found[row] = None;
                }
            }
        }
        Cells::Boolean(found)
    }

    fn coalesce(&mut self, parts: &'a [Node], node: &Node, active: &[bool]) -> Cells<'a> {
        let mut found = Cells::missing(node.kind, self.block.rows);
        let mut open = active.to_vec();
        for part in parts {
            let mut cells = self.cells(part, &open);
            // A row with a value is not asked again, so that a fault behind it is none.
            for (row, open) in open.iter_mut().enumerate() {
                if *open && !cells.is_missing(row) {
                    found.take(row, &mut cells);
                    *open = false;
                }
            }
        }
        found
    }

    /// `IN`: the listed values one by one, as there may be thousands of them.
    fn listed(&mut self, arguments: &'a [Node], active: &[bool]) -> Cells<'a> {
        let mut found = vec![Some(false); self.block.rows];
        if let [value, listed @ ..] = arguments {
            let value = self.cells(value, active);
            // So only one listed value is held as a block at a time.
            for other in listed {
                compare::or_equal(&mut found, &value, &self.cells(other, active));
            }
        }
        Cells::Boolean(found)
    }

    fn apply(
        &mut self,
        function: Function,
        arguments: &'a [Node],
        place: usize,
        node: &'a Node,
        active: &[bool],
    ) -> Cells<'a> {
        if function == Function::In {
            return self.listed(arguments, active);
        }
        // Comparisons and arithmetic go column by column; what is left goes value by value.
        let cells: Vec<Cells<'a>> =
            arguments.iter().map(|argument| self.cells(argument, active)).collect();
        if let Some(found) = compare::compared(function, &cells) {
            return Cells::Boolean(found);
        }
        if let [a, b] = cells.as_slice()
            && let Some(found) = self.computed(function, a, b, place, active)
        {
            return found;
        }
        // The pattern is compiled once a block and not once a row.
        if function == Function::Matches {
            return texts::matches(&cells);
        }
        let mut found = Cells::missing(node.kind, self.block.rows);
        for row in (0..self.block.rows).filter(|row| active[*row]) {
            let given: Vec<Scalar<'_>> = cells.iter().map(|cells| cells.at(row)).collect();
            match functions::apply(function, &given) {
                Ok(value) => found.put(row, value),
                // The row is missing until the faults are told at the end.
                Err(fault) => self.faults.note(place, fault, self.block.first + row),
            }
        }
        found
    }
}
