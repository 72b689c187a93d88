//! The covariates as the search takes them: centred, of unit spread, with a
//! column of ones before them and without the columns that depend on others.

use nalgebra::DMatrix;

use super::LogisticModel;
use crate::Error;
use crate::symmetric::Factors;
use crate::symmetric::{add_scaled, rank_tolerance, unpack};

/// Rows of intercept and standardised covariates.
#[derive(Debug)]
pub(super) struct Design {
    /// Row by row: 1, then the kept columns.
    pub(super) rows: Vec<f64>,
    /// The covariates that have a coefficient.
    pub(super) kept: Vec<usize>,
    /// Mean of each kept column.
    pub(super) centers: Vec<f64>,
    /// Standard deviation of each kept column, divisor n.
    pub(super) scales: Vec<f64>,
}

impl Design {
    pub(super) fn new(model: &LogisticModel<'_>) -> Result<Self, Error> {
        let n = model.outcomes.len();
        let total: f64 = (0..n).map(|subject| model.weight(subject)).sum();
        let moments: Vec<(f64, f64)> =
            model.covariates.columns().map(|column| moments(model, column, total)).collect();
        if !total.is_finite() || moments.iter().any(|(m, s)| !(m.is_finite() && s.is_finite())) {
            return Err(Error::Overflow);
        }
        // What is left of a constant by rounding is no spread.
        // 1e-14 is some fifty times the relative rounding of a mean.
        let varies = |(mean, scale): (f64, f64)| scale > 1e-14 * mean.abs();
        let all: Vec<usize> =
            (0..model.covariates.n_columns()).filter(|j| varies(moments[*j])).collect();
        let whole = Self::of(model, &all, &moments);
        // Weighted as the likelihood is, and with a total of 1, so that the
        // tolerance is a share of variance.
        let gram = whole.gram(|subject| model.weight(subject) / total);
        let factors = Factors::new(&gram, rank_tolerance());
        let kept: Vec<usize> = (all.iter().enumerate())
            // Place 0 is the constant.
            .filter(|(place, _)| factors.is_kept(place + 1))
            .map(|(_, column)| *column)
            .collect();
        // Built again only when a column was dropped.
        Ok(if kept.len() == all.len() { whole } else { Self::of(model, &kept, &moments) })
    }

    fn of(model: &LogisticModel<'_>, kept: &[usize], moments: &[(f64, f64)]) -> Self {
        let n = model.outcomes.len();
        let columns: Vec<&[f64]> = model.covariates.columns().collect();
        let mut rows = Vec::with_capacity(n * (kept.len() + 1));
        // Row by row, as the sums over subjects read them.
        (0..n).for_each(|subject| {
            rows.push(1.0);
            rows.extend(kept.iter().map(|column| {
                let (mean, scale) = moments[*column];
                (columns[*column][subject] - mean) / scale
            }));
        });
        let (centers, scales) = kept.iter().map(|column| moments[*column]).unzip();
        Self { rows, kept: kept.to_vec(), centers, scales }
    }

    /// Number of coefficients, that of the intercept included.
    pub(super) fn size(&self) -> usize {
        self.kept.len() + 1
    }

    /// The rows in the caller's order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.chunks(self.size())
    }

    /// The sum of c x x' over the subjects.
    pub(super) fn gram(&self, factor: impl Fn(usize) -> f64) -> DMatrix<f64> {
        let size = self.size();
        let mut triangle = vec![0.0; size * (size + 1) / 2];
        for (subject, row) in self.rows().enumerate() {
            let factor = factor(subject);
            let mut rest = triangle.as_mut_slice();
            for (j, value) in row.iter().enumerate() {
                let (line, below) = rest.split_at_mut(j + 1);
                add_scaled(line, factor * value, row);
                rest = below;
            }
        }
        unpack(&triangle, size)
    }

    /// The matrix that takes coefficients of the design to those of an
    /// intercept and all covariates as they were given.
    pub(super) fn back(&self, n_covariates: usize) -> DMatrix<f64> {
        let mut back = DMatrix::zeros(n_covariates + 1, self.size());
        back[(0, 0)] = 1.0;
        for (place, column) in self.kept.iter().enumerate() {
            back[(column + 1, place + 1)] = 1.0 / self.scales[place];
            // A centred slope moves the intercept: beta_0 - sum of beta m / s.
            back[(0, place + 1)] = -self.centers[place] / self.scales[place];
        }
        back
    }
}

/// Weighted mean and standard deviation with divisor n of a column.
fn moments(model: &LogisticModel<'_>, column: &[f64], total: f64) -> (f64, f64) {
    let weighted = |value: &dyn Fn(f64) -> f64| -> f64 {
        let values = column.iter().enumerate();
        values.map(|(subject, x)| model.weight(subject) * value(*x)).sum::<f64>() / total
    };
    // Twice: the first mean of large values is rough, the mean of what is left of
    // them is not.
    let rough = weighted(&|x| x);
    let mean = rough + weighted(&|x| x - rough);
    (mean, weighted(&|x| (x - mean) * (x - mean)).sqrt())
}
