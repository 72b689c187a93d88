//! `CASE`, and what it does where a condition is unknown because a value is
//! missing: SQL goes on to the next branch, which is seldom what is meant.

use std::collections::BTreeSet;

use super::{Block, Evaluation};
use crate::sql::cells::Cells;
use crate::sql::parse::shortened;
use crate::sql::typed::{Branch, Node};

/// What a `CASE` gives where a condition is unknown and nothing behind it asks
/// for missing values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnUnknown {
    /// What SQL gives: the value of a later branch, or of `ELSE`.
    Otherwise,
    /// Nothing.
    Missing,
}

/// A condition of a `CASE` that was unknown where the `CASE` has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CaseUnknown {
    /// The condition as it was written.
    pub(crate) condition: String,
    /// Its columns that were missing.
    pub(crate) columns: BTreeSet<String>,
    /// The rows, from 0.
    pub(crate) rows: Vec<usize>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn case(
        &mut self,
        node: &Node,
        branches: &'a [Branch],
        otherwise: Option<&'a Node>,
        active: &[bool],
    ) -> Cells<'a> {
        let Block { rows, .. } = self.block;
        let mut chosen: Vec<Option<usize>> = vec![None; rows];
        // the first condition of each row that is unknown
        let mut unknown: Vec<Option<usize>> = vec![None; rows];
        let mut open = active.to_vec();
        let mut found = Cells::missing(node.kind, rows);
        for (number, branch) in branches.iter().enumerate() {
            if !open.contains(&true) {
                break;
            }
            // Only of rows that no branch has taken yet.
            let holds = self.cells(&branch.condition, &open).conditions();
            let mut here = vec![false; rows];
            for row in (0..rows).filter(|row| open[*row]).collect::<Vec<_>>() {
                match holds[row] {
                    Some(true) => (chosen[row], here[row], open[row]) = (Some(number), true, false),
                    // The first is told: those behind it were only reached because of it.
                    None if unknown[row].is_none() => unknown[row] = Some(number),
                    _ => {}
                }
            }
            // The value is computed for these rows alone.
            self.fill(&mut found, &branch.value, &here);
        }
        if let Some(otherwise) = otherwise {
            self.fill(&mut found, otherwise, &open);
        }
        // A row whose result is missing anyway lost nothing by the unknown condition.
        for row in 0..rows {
            if let Some(number) = unknown[row].filter(|_| !found.is_missing(row)) {
                let settled_by = chosen[row].map(|number| &branches[number]);
                self.left_open(&mut found, &branches[number], settled_by, row);
            }
        }
        found
    }

    fn fill(&mut self, found: &mut Cells<'a>, value: &'a Node, here: &[bool]) {
        if !here.contains(&true) {
            return;
        }
        let mut cells = self.cells(value, here);
        for row in (0..here.len()).filter(|row| here[*row]) {
            found.take(row, &mut cells);
        }
    }

    /// A row with a value although a condition was unknown: it is told, unless
    /// the branch that gave the value asks whether that column is missing.
    fn left_open(
        &mut self,
        found: &mut Cells<'a>,
        branch: &Branch,
        settled_by: Option<&Branch>,
        row: usize,
    ) {
        // Asked of the columns: an unknown condition does not say which of them left it
        // open.
        let missing: Vec<&String> =
            branch.columns.iter().filter(|column| self.is_missing(column, row)).collect();
        let asks =
            |branch: &Branch| missing.iter().any(|column| branch.asks_missing.contains(*column));
        if settled_by.is_some_and(asks) {
            return;
        }
        // Also told then: a value was taken away.
        if self.on_unknown == OnUnknown::Missing {
            found.clear(row);
        }
        let checked = self.checked;
        let told = self.cases.entry(branch.place).or_insert_with(|| CaseUnknown {
            condition: shortened(&checked.texts[branch.place]),
            columns: BTreeSet::new(),
            rows: Vec::new(),
        });
        told.columns.extend(missing.into_iter().cloned());
        told.rows.push(self.block.first + row);
    }

    fn is_missing(&self, column: &str, row: usize) -> bool {
        Cells::column(self.table, column, self.block.first + row, 1).is_missing(0)
    }
}
