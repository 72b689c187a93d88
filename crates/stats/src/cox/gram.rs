//! Sums of products of columns, the innermost work of a Cox model.

/// Independent sums that the compiler can form side by side. The order of
/// summation is fixed.
const LANES: usize = 4;

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
    let n = columns.n_rows;
    let (even, odd) = scaled.split_at_mut(n);
    let (even, odd) = (even, &mut odd[..n]);
    let mut line = 0;
    for i in (0..columns.n_columns).step_by(2) {
        add_first(i, scale(even, factors, columns.get(i)));
        let has_next = i + 1 < columns.n_columns;
        if has_next {
            add_first(i + 1, scale(odd, factors, columns.get(i + 1)));
        }
        let next_line = line + i + 1;
        for k in (0..i).step_by(2) {
            let right = [columns.get(k), columns.get(k + 1)];
            if has_next {
                let [upper, lower] = products([&*even, &*odd], right);
                add(&mut triangle[line + k..], upper);
                add(&mut triangle[next_line + k..], lower);
            } else {
                let [upper] = products([&*even], right);
                add(&mut triangle[line + k..], upper);
            }
        }
        if has_next {
            let [[own], [below]] = products([&*even, &*odd], [columns.get(i)]);
            let [[last]] = products([&*odd], [columns.get(i + 1)]);
            triangle[line + i] += own;
            add(&mut triangle[next_line + i..], [below, last]);
        } else {
            let [[own]] = products([&*even], [columns.get(i)]);
            triangle[line + i] += own;
        }
        line = next_line + i + 2;
    }
}

fn add<const N: usize>(sums: &mut [f64], added: [f64; N]) {
    sums.iter_mut().zip(added).for_each(|(sum, added)| *sum += added);
}

/// Writes c x, and gives its sum.
fn scale(out: &mut [f64], factors: &[f64], column: &[f64]) -> f64 {
    let (blocks, rest) = out.as_chunks_mut::<LANES>();
    let (factor_blocks, factor_rest) = factors[..column.len()].as_chunks::<LANES>();
    let (column_blocks, column_rest) = column.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for ((out, factor), x) in blocks.iter_mut().zip(factor_blocks).zip(column_blocks) {
        for lane in 0..LANES {
            out[lane] = factor[lane] * x[lane];
            sums[lane] += out[lane];
        }
    }
    let mut sum = total(sums);
    for ((out, factor), x) in rest.iter_mut().zip(factor_rest).zip(column_rest) {
        *out = factor * x;
        sum += *out;
    }
    sum
}

/// The inner products of columns of equal length, of each on the left with
/// each on the right.
pub(super) fn products<const A: usize, const B: usize>(
    left: [&[f64]; A],
    right: [&[f64]; B],
) -> [[f64; B]; A] {
    let n = left[0].len();
    let left = left.map(|column| column[..n].as_chunks::<LANES>());
    let right = right.map(|column| column[..n].as_chunks::<LANES>());
    let mut sums = [[[0.0; LANES]; B]; A];
    for block in 0..n / LANES {
        for (sums, (left, _)) in sums.iter_mut().zip(&left) {
            for (sums, (right, _)) in sums.iter_mut().zip(&right) {
                for lane in 0..LANES {
                    sums[lane] += left[block][lane] * right[block][lane];
                }
            }
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

fn total(sums: [f64; LANES]) -> f64 {
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_and_columns_is_summed() {
        for n_columns in 1..=5 {
            for n in 0..20 {
                let value = |row: usize, column: usize| ((row + 2) * (column + 1)) as f64;
                let values: Vec<f64> = (0..n_columns)
                    .flat_map(|column| (0..n + 3).map(move |row| value(row, column)))
                    .collect();
                let columns = Columns::new(&values, n + 3, n_columns, 2..2 + n);
                let factors: Vec<f64> = (0..n).map(|row| row as f64).collect();
                let mut triangle = vec![1.0; n_columns * (n_columns + 1) / 2];
                let mut first = vec![0.0; n_columns];
                let mut scaled = vec![0.0; 2 * n];
                add_gram(&mut first, &mut triangle, &factors, &columns, &mut scaled);
                let sum =
                    |of: &dyn Fn(usize) -> f64| (0..n).map(|row| row as f64 * of(row)).sum::<f64>();
                let mut expected = Vec::new();
                for i in 0..n_columns {
                    assert_eq!(first[i], sum(&|row| value(row + 2, i)));
                    for k in 0..=i {
                        expected.push(1.0 + sum(&|row| value(row + 2, i) * value(row + 2, k)));
                    }
                }
                assert_eq!(triangle, expected);
            }
        }
    }
}
