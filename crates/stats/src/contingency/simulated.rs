//! Fisher's exact test of a table too large for it, by random tables.

use super::Table;
use super::network::EQUALLY_LIKELY;
use crate::Error;
use crate::resample::Stream;

/// The result of a Monte-Carlo test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedTest {
    /// (1 + tables as unlikely) / (1 + tables drawn).
    pub p_value: f64,
    /// The Monte-Carlo standard error of `p`: that of a binomial share.
    pub standard_error: f64,
    /// Tables drawn.
    pub n_replicates: usize,
}

/// Fisher's exact test by Monte Carlo: the two-sided p-value from random
/// tables with the observed margins.
///
/// A table is drawn by dealing the columns' observations to the rows at
/// random, so each has its probability under no association; p counts those
/// with P(table) <= P(observed) (1 + 1e-7), the observed table among them.
/// Each replicate has a stream of random numbers of its own, made of `seed`
/// and its number. R's `fisher.test(simulate.p.value = TRUE)` counts the same
/// way, but draws other tables.
///
/// - `table`: counts with no empty row or column; `n_replicates` >= 1.
///
/// # Errors
/// [`Error::OneGroup`] for a single row or column; [`Error::EmptyMargin`];
/// [`Error::Parameter`] without replicates.
///
/// Hope, J R Stat Soc B 1968; 30: 582-598.
///
/// ```
/// use restudy_stats::contingency::{Table, fisher_simulated};
/// let table = Table::new(2, 2, &[2, 0, 0, 2])?;
/// // two of the six ways to deal the columns are as unlikely
/// let test = fisher_simulated(&table, 10_000, 1)?;
/// assert!((test.p_value - 2.0 / 6.0).abs() < 5.0 * test.standard_error);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn fisher_simulated(
    table: &Table,
    n_replicates: usize,
    seed: u64,
) -> Result<SimulatedTest, Error> {
    table.check_margins()?;
    if n_replicates == 0 {
        return Err(Error::Parameter { what: "n_replicates", value: 0.0, range: "1 or more" });
    }
    let deal = Deal::new(table);
    // The probability of a table falls with the sum of ln (cell!), the margins
    // being fixed: as unlikely means a sum as large, less the same 1e-7.
    let at_least = deal.ln_factorials_of(&table.counts) - libm::log1p(EQUALLY_LIKELY);
    let is_extreme = |replicate: &usize| deal.draw(seed, *replicate as u64) >= at_least;
    let extreme = (0..n_replicates).filter(is_extreme).count();
    // The observed table is one of its own permutations, so that p is never zero
    // (Hope 1968).
    let p = (1 + extreme) as f64 / (1 + n_replicates) as f64;
    let standard_error = (p * (1.0 - p) / n_replicates as f64).sqrt();
    Ok(SimulatedTest { p_value: p, standard_error, n_replicates })
}

/// The observations of a table, to be dealt again.
struct Deal {
    /// The column of each observation.
    columns: Vec<usize>,
    row_totals: Vec<u64>,
    n_columns: usize,
    /// ln k! for every count that may occur.
    ln_factorial: Vec<f64>,
}

impl Deal {
    fn new(table: &Table) -> Self {
        let totals = table.column_totals();
        let columns: Vec<usize> = (totals.iter().enumerate())
            .flat_map(|(column, total)| std::iter::repeat_n(column, *total as usize))
            .collect();
        let mut ln_factorial = vec![0.0; columns.len() + 1];
        // A running sum: each logarithm is taken once.
        for k in 1..ln_factorial.len() {
            ln_factorial[k] = ln_factorial[k - 1] + libm::log(k as f64);
        }
        let (row_totals, n_columns) = (table.row_totals(), table.columns());
        Self { columns, row_totals, n_columns, ln_factorial }
    }

    /// The sum of ln (cell!), which is larger the less likely a table is.
    fn ln_factorials_of(&self, counts: &[u64]) -> f64 {
        counts.iter().map(|count| self.ln_factorial[*count as usize]).sum()
    }

    /// The same sum of a random table.
    fn draw(&self, seed: u64, replicate: u64) -> f64 {
        let mut stream = Stream::new(seed, replicate);
        let mut cards = self.columns.clone();
        // Fisher-Yates' shuffle: each order of the observations is as likely.
        for left in (1..cards.len()).rev() {
            cards.swap(left, stream.below(left as u64 + 1) as usize);
        }
        let mut counts = vec![0; self.row_totals.len() * self.n_columns];
        let mut dealt = cards.iter();
        for (row, total) in self.row_totals.iter().enumerate() {
            for column in dealt.by_ref().take(*total as usize) {
                counts[row * self.n_columns + column] += 1;
            }
        }
        self.ln_factorials_of(&counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contingency::{fisher_exact, network};

    #[test]
    fn large_tables_agree_with_the_exact_test() {
        for counts in [[3_u64, 1, 2, 0, 4, 1, 2, 2, 5], [9, 3, 6, 4, 8, 2, 1, 7, 5]] {
            let table = Table::new(3, 3, &counts).unwrap();
            // Four standard errors: with this seed the draw is fixed, so that the
            // test cannot fail by chance.
            let exact = fisher_exact(&table).unwrap();
            let found = fisher_simulated(&table, 20_000, 7).unwrap();
            assert!(
                (found.p_value - exact).abs() < 4.0 * found.standard_error,
                "{found:?} {exact}"
            );
        }
    }

    #[test]
    fn a_table_beyond_the_exact_test_has_a_p() {
        let counts: Vec<u64> = (0..64).map(|cell| 20 + (cell * 7) % 13).collect();
        let table = Table::new(8, 8, &counts).unwrap();
        assert!(network::two_sided_p(&table, 10_000).is_err());
        let found = fisher_simulated(&table, 500, 3).unwrap();
        assert_eq!(found, fisher_simulated(&table, 500, 3).unwrap());
        assert!(found.p_value > 0.0 && found.p_value <= 1.0 && found.n_replicates == 500);
    }

    #[test]
    fn the_smallest_p_is_that_of_the_observed_table_alone() {
        // None of the 99 tables drawn is as unlikely: p is (1 + 0) / (1 + 99).
        let table = Table::new(2, 3, &[30, 0, 0, 0, 30, 30]).unwrap();
        assert_eq!(fisher_simulated(&table, 99, 1).unwrap().p_value, 0.01);
        let error = fisher_simulated(&table, 0, 1).unwrap_err();
        assert_eq!(error.to_string(), "`n_replicates` is 0, outside 1 or more");
        let line = Table::new(1, 2, &[1, 2]).unwrap();
        assert_eq!(fisher_simulated(&line, 9, 1), Err(Error::OneGroup { found: 1 }));
    }
}
