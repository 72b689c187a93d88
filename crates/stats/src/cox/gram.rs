//! The sums of c x and c x x' over many vectors x.

/// Independent sums that the compiler can form side by side. The order of
/// summation is fixed.
const LANES: usize = 8;
/// Vectors taken at once are this many times as many.
const DEPTH: usize = 8;
/// Values of one column of the vectors taken at once.
type Column = [[f64; LANES]; DEPTH];

/// Running sums of c x and c x x'.
#[derive(Debug)]
pub(super) struct Gram {
    /// Of c x.
    first: Vec<[f64; LANES]>,
    /// Of c x x', the lower triangle.
    second: Vec<[f64; LANES]>,
    columns: Vec<Column>,
    factors: Column,
    filled: usize,
}

/// What a [`Gram`] came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GramSums {
    /// The sum of c x.
    pub(super) first: Vec<f64>,
    /// The sum of c x x': the lower triangle by rows.
    pub(super) triangle: Vec<f64>,
}

impl Gram {
    pub(super) fn new(size: usize) -> Self {
        Self {
            first: vec![[0.0; LANES]; size],
            second: vec![[0.0; LANES]; size * (size + 1) / 2],
            columns: vec![[[0.0; LANES]; DEPTH]; size],
            factors: [[0.0; LANES]; DEPTH],
            filled: 0,
        }
    }

    /// Adds one vector x with its factor c.
    pub(super) fn add(&mut self, factor: f64, x: &[f64]) {
        let (line, lane) = (self.filled / LANES % DEPTH, self.filled % LANES);
        self.factors[line][lane] = factor;
        for (column, value) in self.columns.iter_mut().zip(x) {
            column[line][lane] = *value;
        }
        // A vector without weight is written over by the next.
        self.filled += usize::from(factor != 0.0);
        if self.filled == LANES * DEPTH {
            self.flush(DEPTH);
        }
    }

    /// Adds the vectors that wait in the first `lines` lines.
    fn flush(&mut self, lines: usize) {
        let factors = &self.factors[..lines];
        let mut rest = self.second.as_mut_slice();
        let mut scaled = [[0.0; LANES]; DEPTH];
        for (j, (column, first)) in self.columns.iter().zip(&mut self.first).enumerate() {
            let scaled = &mut scaled[..lines];
            for ((scaled, value), factor) in scaled.iter_mut().zip(column).zip(factors) {
                for lane in 0..LANES {
                    scaled[lane] = factor[lane] * value[lane];
                    first[lane] += scaled[lane];
                }
            }
            let (line, below) = rest.split_at_mut(j + 1);
            for (sums, column) in line.iter_mut().zip(&self.columns) {
                add_products(sums, scaled, column);
            }
            rest = below;
        }
        self.filled = 0;
    }

    /// Ends the sums.
    pub(super) fn sums(mut self) -> GramSums {
        let lines = self.filled.div_ceil(LANES);
        for place in self.filled..lines * LANES {
            self.factors[place / LANES][place % LANES] = 0.0;
        }
        self.flush(lines);
        let total = |sums: Vec<[f64; LANES]>| sums.iter().map(|lanes| lanes.iter().sum()).collect();
        GramSums { first: total(self.first), triangle: total(self.second) }
    }
}

/// Adds the products of two columns, each to its lane.
#[inline(never)]
fn add_products(sums: &mut [f64; LANES], left: &[[f64; LANES]], right: &Column) {
    let mut added = *sums;
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            added[lane] += left[lane] * right[lane];
        }
    }
    *sums = added;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_vectors_is_summed() {
        for n in 0..150 {
            let mut gram = Gram::new(2);
            for index in 0..n {
                gram.add(2.0, &[1.0, f64::from(index)]);
            }
            let (sum, squares) = (0..n).fold((0, 0), |(s, q), i| (s + i, q + i * i));
            let [n, sum, squares] = [n, sum, squares].map(|value| 2.0 * f64::from(value));
            let (first, triangle) = (vec![n, sum], vec![n, sum, squares]);
            assert_eq!(gram.sums(), GramSums { first, triangle });
        }
    }
}
