//! Tables of counts: tests of association and ratios of two groups.
//!
//! A count is checked once, when a [`Table`] or [`TwoByTwo`] is made; the
//! tests run on these alone.

mod chi_square;
mod fisher;
mod network;
mod ratio;
mod simulated;

pub use chi_square::{ChiSquareTest, ContinuityCorrection, chi_square};
pub use fisher::{conditional_odds_ratio, fisher_exact, fisher_exact_2x2, mid_p};
pub use ratio::{Ratio, odds_ratio, relative_risk};
pub use simulated::{SimulatedTest, fisher_simulated};

use crate::Error;
use crate::checks::{check_codes, check_length};

/// A table of counts with at least one row and one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    rows: usize,
    columns: usize,
    counts: Vec<u64>,
}

impl Table {
    /// A table from its counts, row after row.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or columns; [`Error::Length`] unless
    /// `counts` has `rows` × `columns` values.
    ///
    /// ```
    /// use restudy_stats::contingency::Table;
    /// let table = Table::new(2, 3, &[25, 10, 2, 30, 17, 29])?;
    /// assert_eq!(table.row_totals(), [37, 76]);
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn new(rows: usize, columns: usize, counts: &[u64]) -> Result<Self, Error> {
        if rows == 0 || columns == 0 {
            return Err(Error::Empty);
        }
        check_length("counts", counts.len(), rows * columns)?;
        Ok(Table { rows, columns, counts: counts.to_vec() })
    }

    /// The table of two codings of the same subjects.
    ///
    /// - `row_codes`, `column_codes`: for each subject, a code below `rows` and
    ///   one below `columns`; none missing.
    ///
    /// # Errors
    /// [`Error::Length`] if the codings differ in length; [`Error::OutOfRange`]
    /// for a code that is too high; [`Error::Empty`] without rows or columns.
    ///
    /// ```
    /// use restudy_stats::contingency::Table;
    /// let table = Table::from_codes(&[0, 0, 1], &[1, 1, 0], 2, 2)?;
    /// assert_eq!(table.count(0, 1), 2);
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn from_codes(
        row_codes: &[usize],
        column_codes: &[usize],
        rows: usize,
        columns: usize,
    ) -> Result<Self, Error> {
        let n = row_codes.len();
        check_length("column_codes", column_codes.len(), n)?;
        let mut table = Table::new(rows, columns, &vec![0; rows * columns])?;
        check_codes("row_codes", row_codes, n, rows)?;
        check_codes("column_codes", column_codes, n, columns)?;
        for (row, column) in row_codes.iter().zip(column_codes) {
            table.counts[row * columns + column] += 1;
        }
        Ok(table)
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The count in a cell; panics outside the table.
    pub fn count(&self, row: usize, column: usize) -> u64 {
        assert!(column < self.columns, "column {column} of {}", self.columns);
        self.counts[row * self.columns + column]
    }

    /// The sum of each row.
    pub fn row_totals(&self) -> Vec<u64> {
        self.counts.chunks(self.columns).map(|row| row.iter().sum()).collect()
    }

    /// The sum of each column.
    pub fn column_totals(&self) -> Vec<u64> {
        let column = |j| (0..self.rows).map(|i| self.count(i, j)).sum();
        (0..self.columns).map(column).collect()
    }

    /// The sum of all counts.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The table without rows and columns in which nothing was observed, on
    /// which the tests are not defined.
    ///
    /// # Errors
    /// [`Error::Empty`] if nothing was observed at all.
    pub fn without_empty_margins(&self) -> Result<Self, Error> {
        let (by_row, by_column) = (self.row_totals(), self.column_totals());
        // A row or column of zeros has expected counts of zero, by which the
        // statistic would divide.
        let rows: Vec<usize> = (0..self.rows).filter(|&i| by_row[i] > 0).collect();
        let columns: Vec<usize> = (0..self.columns).filter(|&j| by_column[j] > 0).collect();
        let counts: Vec<u64> =
            rows.iter().flat_map(|&i| columns.iter().map(move |&j| self.count(i, j))).collect();
        Table::new(rows.len(), columns.len(), &counts)
    }

    /// Refuses a table on which association means nothing: one row or column,
    /// or one of them empty.
    fn check_margins(&self) -> Result<(), Error> {
        // With one row or column there is nothing to be associated with.
        let found = self.rows.min(self.columns);
        if found < 2 {
            return Err(Error::OneGroup { found });
        }
        for (axis, totals) in [("row", self.row_totals()), ("column", self.column_totals())] {
            if let Some(index) = totals.iter().position(|&total| total == 0) {
                return Err(Error::EmptyMargin { axis, index });
            }
        }
        Ok(())
    }
}

/// A two-by-two table: a group and its reference, each with and without an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoByTwo {
    /// Those in the group with the event (a).
    pub group_events: u64,
    /// Those in the group without it (b).
    pub group_without: u64,
    /// Those in the reference group with the event (c).
    pub reference_events: u64,
    /// Those in the reference group without it (d).
    pub reference_without: u64,
}

impl TwoByTwo {
    /// The table of `events` of `n` against `reference_events` of `reference_n`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more events than observations.
    ///
    /// ```
    /// use restudy_stats::contingency::TwoByTwo;
    /// let response = TwoByTwo::from_events(25, 37, 30, 76)?;
    /// assert_eq!(response.group_without, 12);
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn from_events(
        events: u64,
        n: u64,
        reference_events: u64,
        reference_n: u64,
    ) -> Result<Self, Error> {
        let without = |what: &'static str, events: u64, n: u64| {
            let range = "[0, n]: more events than observations";
            // An unsigned difference that would go below zero is the user's
            // mistake, not an overflow.
            n.checked_sub(events).ok_or(Error::Parameter { what, value: events as f64, range })
        };
        Ok(TwoByTwo {
            group_events: events,
            group_without: without("events", events, n)?,
            reference_events,
            reference_without: without("reference_events", reference_events, reference_n)?,
        })
    }

    /// The same counts as a general table, groups in rows.
    pub fn table(&self) -> Table {
        let counts = vec![
            self.group_events,
            self.group_without,
            self.reference_events,
            self.reference_without,
        ];
        Table { rows: 2, columns: 2, counts }
    }

    fn group_n(&self) -> u64 {
        self.group_events + self.group_without
    }

    fn reference_n(&self) -> u64 {
        self.reference_events + self.reference_without
    }

    fn events(&self) -> u64 {
        self.group_events + self.reference_events
    }

    fn total(&self) -> u64 {
        self.group_n() + self.reference_n()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_margins_are_named_and_can_be_dropped() {
        let table = Table::new(2, 3, &[1, 0, 2, 3, 0, 4]).unwrap();
        let error = chi_square(&table, ContinuityCorrection::None).unwrap_err();
        assert_eq!(error.to_string(), "column 1 of the table is empty");
        let table = table.without_empty_margins().unwrap();
        assert_eq!(table, Table::new(2, 2, &[1, 2, 3, 4]).unwrap());
        let nothing = Table::new(2, 2, &[0; 4]).unwrap();
        assert_eq!(nothing.without_empty_margins(), Err(Error::Empty));
    }

    #[test]
    fn misuse_is_refused() {
        assert_eq!(Table::new(0, 2, &[]), Err(Error::Empty));
        let error = Table::new(2, 2, &[1, 2, 3]).unwrap_err();
        assert_eq!(error.to_string(), "`counts` has 3 values where 4 are needed");
        let error = Table::from_codes(&[0, 2], &[0, 1], 2, 2).unwrap_err();
        assert_eq!(error.to_string(), "`row_codes` is 2 at position 1, but there are 2 groups");
        assert!(Table::from_codes(&[0], &[0, 1], 2, 2).is_err());
        let error = TwoByTwo::from_events(1, 2, 4, 3).unwrap_err();
        let expected = "`reference_events` is 4, outside [0, n]: more events than observations";
        assert_eq!(error.to_string(), expected);
        let line = Table::new(1, 2, &[1, 2]).unwrap();
        assert_eq!(fisher_exact(&line), Err(Error::OneGroup { found: 1 }));
    }
}
