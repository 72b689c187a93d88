//! Draws of a linear regression's coefficients from their posterior.

use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::multinomial::products;
use crate::symmetric::Factors;

/// Pivots below this share of the largest are those of collinear columns.
const RANK_TOLERANCE: f64 = 1e-11;

/// The posterior distribution of a linear regression under the flat prior on
/// beta and log sigma.
///
/// # Formula
/// With n rows of rank q, beta-hat the least squares estimate and RSS the
/// residual sum of squares: sigma*^2 = RSS / g with g from chi-square with
/// n - q degrees of freedom, and beta* = beta-hat + sigma* L'^-1 D^-1/2 z for
/// standard normal z, L D L' being X'X (Rubin 1987, p. 167; van Buuren 2018,
/// algorithm 3.1, without its ridge). Collinear columns have coefficient 0.
#[derive(Debug, Clone)]
pub struct LinearPosterior {
    /// beta-hat.
    pub coefficients: Vec<f64>,
    /// RSS.
    pub residual_sum_of_squares: f64,
    /// n - q.
    pub degrees_of_freedom: usize,
    factors: Factors,
}

impl LinearPosterior {
    /// `rows` are n rows of `n_columns` >= 1 values each, row by row, with a
    /// column of ones if there is to be an intercept; `outcomes` n values.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`]; [`Error::TooFewKnown`] if n
    /// does not exceed the rank.
    pub fn new(rows: &[f64], n_columns: usize, outcomes: &[f64]) -> Result<Self, Error> {
        check_length("rows", rows.len(), outcomes.len() * n_columns)?;
        check_finite("rows", rows)?;
        check_finite("outcomes", outcomes)?;
        let n = outcomes.len();
        // An imputation's columns are standardised: pivots are shares of their
        // variance, and one tolerance fits all.
        let factors = Factors::new(&products(rows, n_columns, n), RANK_TOLERANCE);
        let needed = factors.rank() + 1;
        // The chi-square of sigma* needs a degree of freedom.
        if n < needed {
            return Err(Error::TooFewKnown { variable: 0, found: n, needed });
        }
        let mut moments = vec![0.0; n_columns];
        for (row, outcome) in rows.chunks_exact(n_columns).zip(outcomes) {
            for (moment, value) in moments.iter_mut().zip(row) {
                *moment += value * outcome;
            }
        }
        let coefficients = factors.solve(&moments);
        let residual = |(row, outcome): (&[f64], &f64)| outcome - product(row, &coefficients);
        let residuals = rows.chunks_exact(n_columns).zip(outcomes).map(residual);
        let residual_sum_of_squares = residuals.map(|residual| residual * residual).sum();
        Ok(Self {
            coefficients,
            residual_sum_of_squares,
            degrees_of_freedom: n - factors.rank(),
            factors,
        })
    }

    /// beta* for standard normal `deviates`, one a column, and a `chi_square`
    /// with the posterior's degrees of freedom.
    pub fn draw(&self, deviates: &[f64], chi_square: f64) -> Vec<f64> {
        // sigma*^2 = RSS / g.
        let sigma = (self.residual_sum_of_squares / chi_square).sqrt();
        let root = self.factors.root_of_inverse(deviates);
        self.coefficients.iter().zip(root).map(|(beta, root)| beta + sigma * root).collect()
    }

    /// Whether a column has a coefficient.
    pub(super) fn is_kept(&self, column: usize) -> bool {
        self.factors.is_kept(column)
    }
}

/// x'beta.
pub(super) fn product(row: &[f64], coefficients: &[f64]) -> f64 {
    row.iter().zip(coefficients).map(|(value, beta)| value * beta).sum()
}
