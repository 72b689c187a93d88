//! Linear systems with a symmetric, non-negative definite matrix that may
//! lack rank, as an information matrix with collinear columns does.

use nalgebra::DMatrix;

use crate::inference::Test;

/// The factors L D L' of a matrix, with the columns that depend on those
/// before them left out.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    /// Unit lower triangle.
    lower: DMatrix<f64>,
    /// Pivots; zero for a column left out.
    pivots: Vec<f64>,
}

impl Factors {
    /// Factors `matrix`; a pivot below `tolerance` times the largest diagonal
    /// element counts as zero.
    pub(crate) fn new(matrix: &DMatrix<f64>, tolerance: f64) -> Self {
        let size = matrix.nrows();
        // The tolerance is relative: the same columns are dropped in any common
        // unit.
        let largest = (0..size).fold(0.0_f64, |most, j| most.max(matrix[(j, j)]));
        let mut rest = matrix.clone();
        let mut lower = DMatrix::identity(size, size);
        let mut pivots = vec![0.0; size];
        // Columns are taken in their order, not by the largest pivot: of those that
        // depend on one another the later one is dropped, as R does.
        for j in 0..size {
            let pivot = rest[(j, j)];
            // Not a number or no pivot: the column is left out, with a coefficient
            // of zero.
            if !pivot.is_finite() || pivot <= tolerance * largest {
                continue;
            }
            pivots[j] = pivot;
            for i in j + 1..size {
                let factor = rest[(i, j)] / pivot;
                lower[(i, j)] = factor;
                // The lower triangle alone; the upper one is never read.
                for k in j + 1..=i {
                    rest[(i, k)] -= factor * rest[(k, j)];
                }
            }
        }
        Self { lower, pivots }
    }

    /// Whether a column was kept.
    pub(crate) fn is_kept(&self, column: usize) -> bool {
        self.pivots[column] > 0.0
    }

    /// Number of columns kept.
    pub(crate) fn rank(&self) -> usize {
        self.pivots.iter().filter(|pivot| **pivot > 0.0).count()
    }

    /// Logarithm of the determinant on the columns kept.
    pub(crate) fn log_determinant(&self) -> f64 {
        let kept = self.pivots.iter().filter(|pivot| **pivot > 0.0);
        kept.map(|pivot| libm::log(*pivot)).sum()
    }

    /// Solves for `right`, with 0 for each column left out.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = right.len();
        let mut solution = right.to_vec();
        for j in 0..size {
            // Forward: L y = right, without the columns left out.
            if !self.is_kept(j) {
                solution[j] = 0.0;
                continue;
            }
            for i in j + 1..size {
                solution[i] -= self.lower[(i, j)] * solution[j];
            }
        }
        // Backward: D L' x = y.
        for j in (0..size).rev().filter(|j| self.is_kept(*j)) {
            solution[j] /= self.pivots[j];
            for i in j + 1..size {
                solution[j] -= self.lower[(i, j)] * solution[i];
            }
        }
        solution
    }

    /// A v with A^-1 as the covariance of it, for independent standard normal
    /// `deviates`: L'^-1 D^-1/2 of them, 0 for each column left out.
    pub(crate) fn root_of_inverse(&self, deviates: &[f64]) -> Vec<f64> {
        let size = deviates.len();
        let mut solution = vec![0.0; size];
        for j in (0..size).rev().filter(|j| self.is_kept(*j)) {
            solution[j] = deviates[j] / self.pivots[j].sqrt();
            for i in j + 1..size {
                solution[j] -= self.lower[(i, j)] * solution[i];
            }
        }
        solution
    }

    /// The inverse on the columns kept, zero elsewhere.
    pub(crate) fn inverse(&self) -> DMatrix<f64> {
        let size = self.pivots.len();
        let mut inverse = DMatrix::zeros(size, size);
        for j in (0..size).filter(|j| self.is_kept(*j)) {
            // A unit vector at a time; rows of dropped columns come out as zeros.
            let mut unit = vec![0.0; size];
            unit[j] = 1.0;
            for (i, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[(i, j)] = value;
            }
        }
        // Solved column by column, its halves differ in the last bits, and a
        // covariance must not depend on which of two is asked for first.
        (&inverse + inverse.transpose()) * 0.5
    }

    /// The quadratic form v' A^-1 v.
    pub(crate) fn quadratic_form(&self, vector: &[f64]) -> f64 {
        self.solve(vector).iter().zip(vector).map(|(a, b)| a * b).sum()
    }
}

/// Pivots below this share of the largest count as collinear: 2^-52 to the
/// power 3/4, as `toler.chol` of R's `survival`, so that the same columns are
/// dropped.
pub(crate) fn rank_tolerance() -> f64 {
    let root = f64::EPSILON.sqrt();
    root * root.sqrt()
}

/// The symmetric matrix of a lower triangle by rows.
pub(crate) fn unpack(triangle: &[f64], size: usize) -> DMatrix<f64> {
    DMatrix::from_fn(size, size, |i, j| {
        let (row, column) = (i.max(j), i.min(j));
        triangle[row * (row + 1) / 2 + column]
    })
}

/// Adds `factor` times `x` to as many values as `sums` has.
pub(crate) fn add_scaled(sums: &mut [f64], factor: f64, x: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(x) {
        *sum += factor * value;
    }
}

/// x'Ax.
pub(crate) fn quadratic_form(matrix: &DMatrix<f64>, x: &[f64]) -> f64 {
    let line =
        |i: usize| x.iter().enumerate().map(|(j, value)| matrix[(i, j)] * value).sum::<f64>();
    x.iter().enumerate().map(|(i, value)| value * line(i)).sum()
}

/// The sum of ss' over scores s of `size` values: the middle of a sandwich.
pub(crate) fn sum_of_squares<'a>(
    scores: impl IntoIterator<Item = &'a Vec<f64>>,
    size: usize,
) -> DMatrix<f64> {
    let mut sums = DMatrix::zeros(size, size);
    for score in scores {
        for (i, left) in score.iter().enumerate() {
            for (j, right) in score.iter().enumerate() {
                sums[(i, j)] += left * right;
            }
        }
    }
    sums
}

/// Information of a column below this share of its sum of squares is nothing
/// but rounding: all at risk have the same value at each event.
const ROUNDING: f64 = 1e-13;

/// Where the diagonal element of a column stands in a lower triangle by rows.
pub(crate) fn diagonal(column: usize) -> usize {
    column * (column + 3) / 2
}

/// Which columns have no information: the diagonal element of their lower
/// triangle by rows is what rounding left of `squares`.
pub(crate) fn without_information(triangle: &[f64], squares: &[f64]) -> Vec<bool> {
    let squares = squares.iter().enumerate();
    squares.map(|(j, square)| triangle[diagonal(j)] <= ROUNDING * square).collect()
}

/// Sets the rows and columns of such columns to zero.
pub(crate) fn clear(triangle: &mut [f64], is_cleared: &[bool]) {
    for (i, cleared) in is_cleared.iter().enumerate() {
        // Row i of the triangle holds i + 1 cells and ends at its diagonal.
        let row = &mut triangle[diagonal(i) - i..=diagonal(i)];
        for (value, column_cleared) in row.iter_mut().zip(is_cleared) {
            if *cleared || *column_cleared {
                *value = 0.0;
            }
        }
    }
}

/// Wald's test that the estimates at `positions` are all zero: b' V^-1 b.
/// Those that were dropped, with a variance of zero, do not count, nor does
/// one that depends on those before it. Each is taken in units of its standard
/// error, so that no unit of a covariate makes its variance look like none.
pub(crate) fn wald_test(estimates: &[f64], covariance: &DMatrix<f64>, positions: &[usize]) -> Test {
    let error = |position: usize| covariance[(position, position)].sqrt();
    // A dropped column has variance zero.
    let known: Vec<usize> = positions.iter().copied().filter(|p| error(*p) > 0.0).collect();
    let correlation = DMatrix::from_fn(known.len(), known.len(), |i, j| {
        covariance[(known[i], known[j])] / error(known[i]) / error(known[j])
    });
    let z: Vec<f64> = known.iter().map(|p| estimates[*p] / error(*p)).collect();
    let factors = Factors::new(&correlation, rank_tolerance());
    Test::new(factors.quadratic_form(&z), factors.rank())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_matrix_is_inverted() {
        let matrix = DMatrix::from_row_slice(3, 3, &[4.0, 2.0, 1.0, 2.0, 5.0, 3.0, 1.0, 3.0, 6.0]);
        let factors = Factors::new(&matrix, 1e-12);
        let product = &matrix * factors.inverse();
        assert!((product - DMatrix::identity(3, 3)).abs().max() < 1e-14);
        assert_eq!(factors.rank(), 3);
    }

    #[test]
    fn the_root_of_the_inverse_squares_to_it() {
        let matrix = DMatrix::from_row_slice(3, 3, &[4.0, 2.0, 1.0, 2.0, 5.0, 3.0, 1.0, 3.0, 6.0]);
        let factors = Factors::new(&matrix, 1e-12);
        let column = |j: usize| {
            let unit: Vec<f64> = (0..3).map(|i| f64::from(i == j)).collect();
            factors.root_of_inverse(&unit)
        };
        let root = DMatrix::from_fn(3, 3, |i, j| column(j)[i]);
        assert!((&root * root.transpose() - factors.inverse()).abs().max() < 1e-15);
    }

    #[test]
    fn a_dependent_column_is_left_out() {
        // The second column is twice the first.
        let matrix = DMatrix::from_row_slice(3, 3, &[1.0, 2.0, 0.5, 2.0, 4.0, 1.0, 0.5, 1.0, 3.0]);
        let factors = Factors::new(&matrix, 1e-12);
        assert_eq!((0..3).map(|j| factors.is_kept(j)).collect::<Vec<_>>(), [true, false, true]);
        let solution = factors.solve(&[1.0, 2.0, 0.5]);
        assert!((solution[0] - 1.0).abs() < 1e-15 && solution[1] == 0.0);
        assert!(solution[2].abs() < 1e-15);
    }

    #[test]
    fn the_unit_of_an_estimate_does_not_change_its_test() {
        let covariance = DMatrix::from_row_slice(2, 2, &[0.04, 0.01, 0.01, 0.09]);
        let plain = wald_test(&[0.3, -0.5], &covariance, &[0, 1]);
        assert_eq!(plain.degrees_of_freedom, 2);
        // Counted by thousands of millions, as platelets may be.
        let units = DMatrix::from_diagonal(&nalgebra::DVector::from_vec(vec![1e-9, 1.0]));
        let other = wald_test(&[0.3e-9, -0.5], &(&units * covariance * &units), &[0, 1]);
        assert_eq!(other.degrees_of_freedom, 2);
        assert!((other.statistic / plain.statistic - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_dropped_or_depends_on_others_is_not_tested() {
        let covariance =
            DMatrix::from_row_slice(3, 3, &[0.04, 0.0, 0.08, 0.0, 0.0, 0.0, 0.08, 0.0, 0.16]);
        let test = wald_test(&[0.2, 0.0, 0.4], &covariance, &[0, 1, 2]);
        assert_eq!(test.degrees_of_freedom, 1);
        assert!((test.statistic - 1.0).abs() < 1e-12);
    }
}
