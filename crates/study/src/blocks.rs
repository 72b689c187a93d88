//! Rows in blocks, several blocks at once. Where a block begins depends on
//! nothing but the rows, and what the blocks come to is handed back in their
//! order: any number of threads gives the same.

use std::ops::Range;

use rayon::prelude::*;

/// How many rows make a block: enough to be worth a thread's while, and few
/// enough that what one holds stays near the processor.
const ROWS: usize = 1 << 16;

/// What each block of so many rows comes to, in the order of the rows.
// `collect` puts results by the number of their block, whichever thread is done
// first.
pub fn in_blocks<T: Send>(height: usize, of: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    side_by_side(height.div_ceil(ROWS), |number| of(number * ROWS..height.min((number + 1) * ROWS)))
}

/// What each of so many parts comes to, in their order, several at once.
pub fn side_by_side<T: Send>(parts: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    (0..parts).into_par_iter().map(&of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_all_rows_in_order() {
        // No row, one, a full block, one more, and a last one that lacks a row.
        for height in [0, 1, ROWS, ROWS + 1, 3 * ROWS - 1] {
            let rows: Vec<usize> = in_blocks(height, Iterator::collect::<Vec<_>>).concat();
            assert!(rows.into_iter().eq(0..height), "{height}");
        }
    }
}
