//! Pearson's chi-square test of a table, with Yates' correction if asked.

use super::Table;
use crate::Error;
use crate::inference::Test;

/// Whether a two-by-two chi-square statistic is corrected for continuity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContinuityCorrection {
    /// Pearson's statistic as it stands.
    None,
    /// Yates' correction, which applies to two-by-two tables alone.
    Yates,
}

/// The result of a chi-square test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquareTest {
    /// On (rows − 1) (columns − 1) degrees of freedom.
    pub test: Test,
    /// The smallest expected count; below 5 the approximation is in doubt.
    pub smallest_expected: f64,
}

/// The chi-square test of association between rows and columns.
///
/// With E = row total × column total / n: Σ (|O − E| − y)² / E over the cells,
/// where y is 0, or with Yates' correction the lesser of ½ and |O − E|.
///
/// - `table`: counts with no empty row or column
///   (see [`Table::without_empty_margins`]).
/// - `correction`: [`ContinuityCorrection::Yates`] is R's default for
///   two-by-two tables and, as there, does nothing to larger ones.
///
/// # Errors
/// [`Error::OneGroup`] for a single row or column; [`Error::EmptyMargin`].
///
/// Pearson, Phil Mag 1900; 50: 157-175. Yates, Suppl J R Stat Soc 1934; 1: 217-235.
///
/// ```
/// use restudy_stats::contingency::{ContinuityCorrection, TwoByTwo, chi_square};
/// let response = TwoByTwo::from_events(25, 37, 30, 76)?.table();
/// let test = chi_square(&response, ContinuityCorrection::Yates)?;
/// assert_eq!(format!("{:.5}", test.test.p_value), "0.00923");
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn chi_square(table: &Table, correction: ContinuityCorrection) -> Result<ChiSquareTest, Error> {
    table.check_margins()?;
    let cells = Cells::of(table);
    let two_by_two = table.rows() == 2 && table.columns() == 2;
    // R's `chisq.test` corrects two-by-two tables alone, too.
    let most = match correction {
        ContinuityCorrection::Yates if two_by_two => 0.5,
        _ => 0.0,
    };
    let part = |&(observed, expected): &(f64, f64)| {
        let gap = (observed - expected).abs();
        // The lesser of 1/2 and |O - E|, as in R: the correction never turns a
        // small gap into another one.
        let corrected = gap - gap.min(most);
        corrected * corrected / expected
    };
    let statistic = cells.0.iter().map(part).sum();
    let degrees_of_freedom = (table.rows() - 1) * (table.columns() - 1);
    Ok(ChiSquareTest {
        test: Test::new(statistic, degrees_of_freedom),
        smallest_expected: cells.0.iter().map(|cell| cell.1).fold(f64::INFINITY, f64::min),
    })
}

/// Observed and expected counts, row after row.
struct Cells(Vec<(f64, f64)>);

impl Cells {
    fn of(table: &Table) -> Self {
        let (rows, columns) = (table.row_totals(), table.column_totals());
        let total = table.total() as f64;
        let cell = |i: usize, j: usize| {
            // Margins were checked, so that no expected count is zero.
            let expected = rows[i] as f64 * columns[j] as f64 / total;
            (table.count(i, j) as f64, expected)
        };
        let row = |i| (0..columns.len()).map(move |j| cell(i, j));
        Cells((0..rows.len()).flat_map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_by_hand() {
        // E = 5 in each cell, |O - E| = 3: 4 * 9 / 5, and with Yates 4 * 6.25 / 5
        let table = Table::new(2, 2, &[8, 2, 2, 8]).unwrap();
        let plain = chi_square(&table, ContinuityCorrection::None).unwrap();
        let yates = chi_square(&table, ContinuityCorrection::Yates).unwrap();
        assert!((plain.test.statistic - 7.2).abs() < 1e-14);
        assert!((yates.test.statistic - 5.0).abs() < 1e-14);
        assert_eq!((plain.test.degrees_of_freedom, plain.smallest_expected), (1, 5.0));
    }

    #[test]
    fn the_correction_never_passes_the_expected_count() {
        // Margins 2 and 5 by 3 and 4 of 7: E = 2 * 3 / 7 = 0.857, |O - E| = 0.14 <
        // 1/2 in every cell.
        let table = Table::new(2, 2, &[1, 1, 2, 3]).unwrap();
        let test = chi_square(&table, ContinuityCorrection::Yates).unwrap();
        assert_eq!((test.test.statistic, test.test.p_value), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_matter(counts in proptest::collection::vec(1..60_u64, 6)) {
            let table = Table::new(3, 2, &counts).unwrap();
            let turned: Vec<u64> = counts.chunks(2).rev().flatten().copied().collect();
            let turned = Table::new(3, 2, &turned).unwrap();
            let one = chi_square(&table, ContinuityCorrection::None).unwrap();
            let other = chi_square(&turned, ContinuityCorrection::Yates).unwrap();
            prop_assert!((one.test.statistic - other.test.statistic).abs() <= 1e-12 * one.test.statistic);
        }
    }
}
