//! The sum of c x x' over many vectors x.

/// Independent sums that the compiler can form side by side. The order of
/// summation is fixed.
const LANES: usize = 4;
/// Vectors taken at once, two to a lane.
const VECTORS: usize = 2 * LANES;

/// A running sum of c x x', the lower triangle.
#[derive(Debug)]
pub(super) struct Gram {
    lanes: Vec<[f64; LANES]>,
    columns: Vec<[f64; VECTORS]>,
    scaled: Vec<[f64; VECTORS]>,
    filled: usize,
}

impl Gram {
    pub(super) fn new(size: usize) -> Self {
        Self {
            lanes: vec![[0.0; LANES]; size * (size + 1) / 2],
            columns: vec![[0.0; VECTORS]; size],
            scaled: vec![[0.0; VECTORS]; size],
            filled: 0,
        }
    }

    /// Adds `factor` x x'.
    pub(super) fn add(&mut self, factor: f64, x: &[f64]) {
        let lane = self.filled;
        for ((column, scaled), value) in self.columns.iter_mut().zip(&mut self.scaled).zip(x) {
            column[lane] = *value;
            scaled[lane] = factor * value;
        }
        self.filled += 1;
        if self.filled == VECTORS {
            self.flush();
        }
    }

    /// Adds the vectors that wait.
    fn flush(&mut self) {
        let mut rest = self.lanes.as_mut_slice();
        for (j, scaled) in self.scaled.iter().enumerate() {
            let (line, below) = rest.split_at_mut(j + 1);
            for (sums, column) in line.iter_mut().zip(&self.columns) {
                for lane in 0..LANES {
                    let second = scaled[lane + LANES] * column[lane + LANES];
                    sums[lane] += scaled[lane] * column[lane] + second;
                }
            }
            rest = below;
        }
        self.filled = 0;
    }

    /// The lower triangle by rows.
    pub(super) fn triangle(mut self) -> Vec<f64> {
        for scaled in &mut self.scaled {
            scaled[self.filled..].fill(0.0);
        }
        self.flush();
        self.lanes.iter().map(|lanes| lanes.iter().sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_vectors_is_summed() {
        for n in 0..20 {
            let mut gram = Gram::new(2);
            for index in 0..n {
                gram.add(2.0, &[1.0, f64::from(index)]);
            }
            let (sum, squares) = (0..n).fold((0, 0), |(s, q), i| (s + i, q + i * i));
            assert_eq!(gram.triangle(), [n, sum, squares].map(|value| 2.0 * f64::from(value)));
        }
    }
}
