//! What a fitted accelerated failure time model says beside its coefficients:
//! information criterion, hazard ratios, and quantiles with limits.

use super::flat::ROUNDING;
use super::{AcceleratedDistribution, AcceleratedFit};
use crate::Error;
use crate::checks::{check_finite, check_length, check_share};
use crate::inference::{Coefficient, Test};
use crate::symmetric::wald_test;

impl AcceleratedFit {
    /// Parameters that were estimated: the intercept, the coefficients kept,
    /// and the scale where it is free.
    pub fn n_parameters(&self) -> usize {
        1 + self.coefficients.iter().flatten().count() + usize::from(self.log_scale.is_some())
    }

    /// Akaike's information criterion: 2 parameters less twice the
    /// log-likelihood of the times. Models of the same subjects may be
    /// compared whatever their distributions.
    pub fn akaike(&self) -> f64 {
        2.0 * self.n_parameters() as f64 - 2.0 * self.log_likelihood
    }

    /// Wald's test that the coefficients of `columns` are all zero; dropped
    /// columns do not count.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`]; [`Error::Infinite`] for a column whose
    /// coefficient may be infinite.
    pub fn test_of(&self, columns: &[usize]) -> Result<Test, Error> {
        let n_columns = self.coefficients.len();
        if let Some(&column) = columns.iter().find(|column| **column >= n_columns) {
            return Err(Error::NoSuchColumn { column, n_columns });
        }
        let is_infinite = |column: &&usize| {
            self.coefficients[**column].is_some_and(|known| known.may_be_infinite)
        };
        if let Some(&column) = columns.iter().find(is_infinite) {
            return Err(Error::Infinite { column });
        }
        // The intercept has place 0 in the covariance, and is in no test of
        // columns.
        let mut beta = vec![0.0];
        beta.extend(
            self.coefficients.iter().map(|known| known.map_or(0.0, |known| known.estimate)),
        );
        let positions: Vec<usize> = columns.iter().map(|column| column + 1).collect();
        Ok(wald_test(&beta, &self.covariance, &positions))
    }

    /// The log hazard ratio of a column, -beta / sigma, with a delta-method
    /// standard error; none for a dropped column or for a distribution whose
    /// hazards are not proportional.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`] for a column that the model lacks.
    ///
    /// Collett, Modelling Survival Data, 3rd ed. 2015, section 5.6.3.
    pub fn log_hazard_ratio(&self, column: usize) -> Result<Option<Coefficient>, Error> {
        let n_columns = self.coefficients.len();
        let known =
            self.coefficients.get(column).ok_or(Error::NoSuchColumn { column, n_columns })?;
        let is_proportional = matches!(
            self.distribution,
            AcceleratedDistribution::Exponential | AcceleratedDistribution::Weibull
        );
        Ok(known.filter(|_| is_proportional).map(|known| {
            let estimate = -known.estimate / self.scale();
            // -beta / sigma by beta and by log sigma: -1 / sigma, and beta / sigma
            // = -estimate.
            let mut slopes = vec![0.0; self.covariance.nrows()];
            slopes[column + 1] = -1.0 / self.scale();
            slopes[n_columns + 1] = -estimate;
            let is_infinite = known.may_be_infinite;
            let error = if is_infinite { f64::INFINITY } else { self.delta(&slopes) };
            Coefficient::new(estimate, error, error.is_infinite())
        }))
    }

    /// The logarithm of [`quantile`](Self::quantile) with a delta-method
    /// standard error, so that [`Coefficient::ratio`] gives the
    /// quantile with limits. It may be infinite for covariates along which
    /// the likelihood rises without end, but not for others.
    ///
    /// # Errors
    /// Those of [`quantile`](Self::quantile).
    pub fn log_quantile(&self, covariates: &[f64], probability: f64) -> Result<Coefficient, Error> {
        check_share("probability", probability)?;
        check_length("covariates", covariates.len(), self.coefficients.len())?;
        check_finite("covariates", covariates)?;
        // log of the quantile is mu + beta'x + sigma w: by log sigma its slope is
        // sigma w.
        let spread = self.scale() * self.distribution.quantile(probability);
        let mut slopes = vec![1.0];
        slopes.extend(covariates);
        slopes.push(spread);
        let error = if self.goes_along(&slopes) { f64::INFINITY } else { self.delta(&slopes) };
        Ok(Coefficient::new(self.location(covariates)? + spread, error, error.is_infinite()))
    }

    /// Whether a function with these slopes by the parameters changes along a
    /// direction in which the likelihood rises without end.
    fn goes_along(&self, slopes: &[f64]) -> bool {
        self.flat.iter().any(|along| {
            let terms = || slopes.iter().zip(along).map(|(slope, part)| slope * part);
            let largest = terms().fold(0.0_f64, |most, term| most.max(term.abs()));
            // Terms that cancel but for rounding: the function does not change
            // along this direction.
            terms().sum::<f64>().abs() > ROUNDING * largest
        })
    }

    /// The standard error of a function with these slopes by the parameters.
    fn delta(&self, slopes: &[f64]) -> f64 {
        let mut variance = 0.0;
        for (i, left) in slopes.iter().enumerate() {
            for (j, right) in slopes.iter().enumerate() {
                variance += left * self.covariance[(i, j)] * right;
            }
        }
        variance.max(0.0).sqrt()
    }
}
