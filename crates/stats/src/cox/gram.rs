//! Sums of products of columns, the innermost work of a Cox model.

use wide::f64x2;

/// Some rows of columns that are stored one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns<'a> {
    values: &'a [f64],
    stride: usize,
    n_columns: usize,
    first_row: usize,
    n_rows: usize,
}

impl<'a> Columns<'a> {
    /// `n_rows` rows from `first_row` on of `n_columns` columns that begin
    /// `stride` values apart.
    pub(super) fn new(
        values: &'a [f64],
        stride: usize,
        n_columns: usize,
        rows: std::ops::Range<usize>,
    ) -> Self {
        Self { values, stride, n_columns, first_row: rows.start, n_rows: rows.len() }
    }

    pub(super) fn get(&self, column: usize) -> &'a [f64] {
        &self.values[column * self.stride + self.first_row..][..self.n_rows]
    }

    /// Adds f(j, x) of each row and each of the columns `chosen`, four at a
    /// time, so that sums are read and written but once for them.
    pub(super) fn add_to(
        &self,
        out: &mut [f64],
        chosen: &[usize],
        f: impl Fn(usize, f64) -> f64 + Copy,
    ) {
        let (fours, rest) = chosen.as_chunks::<4>();
        fours.iter().for_each(|four| self.add_some(out, *four, f));
        rest.iter().for_each(|one| self.add_some(out, [*one], f));
    }

    fn add_some<const N: usize>(
        &self,
        out: &mut [f64],
        chosen: [usize; N],
        f: impl Fn(usize, f64) -> f64,
    ) {
        // Cut to the length of `out`, so that the inner loop needs no check of
        // bounds.
        let columns = chosen.map(|j| &self.get(j)[..out.len()]);
        for (row, sum) in out.iter_mut().enumerate() {
            for (j, column) in chosen.iter().zip(columns) {
                *sum += f(*j, column[row]);
            }
        }
    }

    /// Writes the sum of c x over the rows for each column.
    pub(super) fn weighted_sums(&self, factors: &[f64], out: &mut Vec<f64>) {
        out.clear();
        while out.len() < self.n_columns {
            // Never more columns than are left: the last ones go by two or one.
            match self.n_columns - out.len() {
                1 => self.sum_some::<1>(factors, out),
                2 | 3 => self.sum_some::<2>(factors, out),
                _ => self.sum_some::<4>(factors, out),
            }
        }
    }

    fn sum_some<const N: usize>(&self, factors: &[f64], out: &mut Vec<f64>) {
        let columns = std::array::from_fn::<_, N, _>(|k| self.get(out.len() + k));
        let [sums] = products([factors], columns);
        out.extend(sums);
    }
}

/// Adds the sums of c x x' over rows to a lower triangle by rows, and those of
/// c x to as many `first` as there is room for. `scaled` is room for two
/// columns.
pub(super) fn add_gram(
    first: &mut [f64],
    triangle: &mut [f64],
    factors: &[f64],
    columns: &Columns<'_>,
    scaled: &mut [f64],
) {
    let mut add_first = |i: usize, sum: f64| first.get_mut(i).into_iter().for_each(|f| *f += sum);
    let (even, odd) = scaled.split_at_mut(columns.n_rows);
    let odd = &mut odd[..even.len()];
    let mut line = 0;
    // Two lines of the triangle at a time share the columns that are read.
    for i in (0..columns.n_columns).step_by(2) {
        let (row, rest) = triangle[line..].split_at_mut(i + 1);
        add_first(i, scale(even, factors, columns.get(i)));
        if i + 1 == columns.n_columns {
            add_lines([even], columns, [row]);
            return;
        }
        add_first(i + 1, scale(odd, factors, columns.get(i + 1)));
        // Both lines get i + 2 products: the first has one place less, and the
        // surplus is dropped by `zip`.
        add_lines([even, odd], columns, [row, &mut rest[..i + 2]]);
        // The lines i and i + 1 hold i + 1 and i + 2 cells.
        line += 2 * i + 3;
    }
}

/// Adds the products of scaled columns with as many of the columns as their
/// lines are long: a few more are formed where that is simpler.
fn add_lines<const A: usize>(
    left: [&mut [f64]; A],
    columns: &Columns<'_>,
    mut lines: [&mut [f64]; A],
) {
    // Two lines by four columns make eight sums of two doubles, which is what
    // the sixteen registers of SSE2 hold beside the values being multiplied:
    // each value that is read takes part in several products.
    let left = left.map(|column| &*column);
    let length = lines[A - 1].len();
    let mut k = 0;
    while k < length {
        let lines = lines.each_mut().map(|line| line.get_mut(k..).unwrap_or_default());
        k += match length - k {
            1 => add_tile::<A, 1>(left, columns, k, lines),
            2 | 3 => add_tile::<A, 2>(left, columns, k, lines),
            _ => add_tile::<A, 4>(left, columns, k, lines),
        };
    }
}

fn add_tile<const A: usize, const B: usize>(
    left: [&[f64]; A],
    columns: &Columns<'_>,
    k: usize,
    lines: [&mut [f64]; A],
) -> usize {
    let sums = products(left, std::array::from_fn::<_, B, _>(|j| columns.get(k + j)));
    for (line, sums) in lines.into_iter().zip(sums) {
        // A line that is shorter than the tile takes only what it has room for.
        line.iter_mut().zip(sums).for_each(|(value, sum)| *value += sum);
    }
    B
}

/// Writes c x, and gives its sum.
fn scale(out: &mut [f64], factors: &[f64], column: &[f64]) -> f64 {
    // Two doubles at a time by hand: left to the compiler the sum would stay in
    // order and serial.
    let (pairs, rest) = out.as_chunks_mut::<2>();
    let (factor_pairs, factor_rest) = factors[..column.len()].as_chunks::<2>();
    let (column_pairs, column_rest) = column.as_chunks::<2>();
    let mut sums = f64x2::ZERO;
    for ((out, factor), x) in pairs.iter_mut().zip(factor_pairs).zip(column_pairs) {
        let scaled = f64x2::from(*factor) * f64x2::from(*x);
        sums += scaled;
        *out = scaled.to_array();
    }
    let mut sum = total(sums);
    for ((out, factor), x) in rest.iter_mut().zip(factor_rest).zip(column_rest) {
        *out = factor * x;
        sum += *out;
    }
    sum
}

/// The inner products of columns of equal length, of each on the left with
/// each on the right. The order of summation is fixed.
pub(super) fn products<const A: usize, const B: usize>(
    left: [&[f64]; A],
    right: [&[f64]; B],
) -> [[f64; B]; A] {
    // Pairs of rows are summed apart and added at the end, in every build and
    // on every processor: `wide` makes two doubles at a time of one instruction
    // or of two, with the same bits.
    let n = left[0].len();
    let left = left.map(|column| column[..n].as_chunks::<2>());
    let right = right.map(|column| column[..n].as_chunks::<2>());
    let mut sums = [[f64x2::ZERO; B]; A];
    for pair in 0..n / 2 {
        let right = right.map(|(right, _)| f64x2::from(right[pair]));
        for (sums, (left, _)) in sums.iter_mut().zip(&left) {
            let left = f64x2::from(left[pair]);
            sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += left * right);
        }
    }
    let mut out = [[0.0; B]; A];
    for ((out, sums), (_, left)) in out.iter_mut().zip(sums).zip(left) {
        for ((out, sums), (_, right)) in out.iter_mut().zip(sums).zip(right) {
            *out = left.iter().zip(right).fold(total(sums), |sum, (a, b)| sum + a * b);
        }
    }
    out
}

fn total(sums: f64x2) -> f64 {
    let [even, odd] = sums.to_array();
    even + odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_and_columns_is_summed() {
        // Rows from none to nineteen: pairs with and without a rest; columns from
        // one to five: tiles of one, two and four. Whole numbers, so that sums are
        // exact in any order.
        for n_columns in 1..=5 {
            for n in 0..20 {
                let value = |row: usize, column: usize| ((row + 2) * (column + 1)) as f64;
                let values: Vec<f64> = (0..n_columns)
                    .flat_map(|column| (0..n + 3).map(move |row| value(row, column)))
                    .collect();
                // A range that does not begin at the first row, and a stride longer
                // than it.
                let columns = Columns::new(&values, n + 3, n_columns, 2..2 + n);
                let factors: Vec<f64> = (0..n).map(|row| row as f64).collect();
                let mut triangle = vec![1.0; n_columns * (n_columns + 1) / 2];
                let mut first = vec![0.0; n_columns];
                let mut scaled = vec![0.0; 2 * n];
                add_gram(&mut first, &mut triangle, &factors, &columns, &mut scaled);
                let sum =
                    |of: &dyn Fn(usize) -> f64| (0..n).map(|row| row as f64 * of(row)).sum::<f64>();
                let mut expected = Vec::new();
                for (i, first) in first.iter().enumerate() {
                    assert_eq!(*first, sum(&|row| value(row + 2, i)));
                    for k in 0..=i {
                        expected.push(1.0 + sum(&|row| value(row + 2, i) * value(row + 2, k)));
                    }
                }
                assert_eq!(triangle, expected);
            }
        }
    }
}
