//! What several coefficients of a fitted model say together: Wald tests, sums
//! of coefficients, and how much they owe to one another.

use nalgebra::DMatrix;

use super::CoxFit;
use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::inference::{Coefficient, Test};
use crate::symmetric::{Factors, wald_test};

/// How much the variance of some coefficients is raised by the other columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceInflation {
    /// The generalised variance inflation factor; of one coefficient, its
    /// variance inflation factor.
    pub factor: f64,
    /// Coefficients.
    pub degrees_of_freedom: usize,
    /// factor^(1 / (2 degrees of freedom)): the same scale for any number of
    /// coefficients, that of a ratio of standard errors.
    pub per_coefficient: f64,
}

/// Tests use [`covariance`](CoxFit::covariance): the sandwich where the fit has
/// one. Columns count from zero.
impl CoxFit {
    /// The Wald test that the coefficients of `columns` are zero.
    ///
    /// # Formula
    /// b' V^-1 b with the coefficients b of those columns and their covariance
    /// V, against chi-square with one degree of freedom a column (Wald 1943).
    /// Columns dropped as collinear do not count.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::Infinite`] if a coefficient may be
    /// infinite, [`Error::Singular`] if V has no inverse.
    ///
    /// ```
    /// use restudy_stats::covariates::Covariates;
    /// use restudy_stats::cox::CoxModel;
    /// use restudy_stats::survival_data::SurvivalData;
    ///
    /// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[true; 5])?;
    /// let x = [1.0, 0.0, 1.0, 0.0, 1.0, 2.0, 1.0, 4.0, 3.0, 2.0];
    /// let fit = CoxModel::new(&data, Covariates::new(&x, 2)?)?.fit()?;
    /// let both = fit.wald_test_of(&[0, 1])?;
    /// assert!((both.statistic - fit.wald_test.statistic).abs() < 1e-9);
    /// assert_eq!(both.degrees_of_freedom, 2);
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn wald_test_of(&self, columns: &[usize]) -> Result<Test, Error> {
        let kept = self.kept(columns)?;
        let positions: Vec<usize> = kept.iter().map(|(column, _)| *column).collect();
        let covariance = self.covariance.select_rows(&positions).select_columns(&positions);
        // Not by generalised inverse: the user named these columns, and a singular
        // covariance means the question has no answer.
        let inverse = covariance.try_inverse().ok_or(Error::Singular { what: "covariance" })?;
        let mut statistic = 0.0;
        for (i, (_, left)) in kept.iter().enumerate() {
            for (j, (_, right)) in kept.iter().enumerate() {
                statistic += left.estimate * inverse[(i, j)] * right.estimate;
            }
        }
        Ok(Test::new(statistic, positions.len()))
    }

    /// The Wald test that each of `combinations`, sums of coefficients with
    /// one weight a column, is zero.
    ///
    /// # Formula
    /// (Cb)' (C V C')^-1 (Cb), C having a row for each combination. A
    /// combination that depends on those before it does not count.
    ///
    /// # Errors
    /// Those of [`combination`](Self::combination) for each of them.
    pub fn wald_test_of_combinations(&self, combinations: &[Vec<f64>]) -> Result<Test, Error> {
        let (sums, covariance) = self.combinations(combinations)?;
        let all: Vec<usize> = (0..sums.len()).collect();
        Ok(wald_test(&sums, &covariance, &all))
    }

    /// Several sums of coefficients with one weight a column, and their
    /// covariance.
    ///
    /// # Formula
    /// Cb with covariance C V C', C having a row for each combination.
    ///
    /// # Errors
    /// Those of [`combination`](Self::combination) for each of them.
    pub fn combinations(
        &self,
        combinations: &[Vec<f64>],
    ) -> Result<(Vec<f64>, DMatrix<f64>), Error> {
        let sums: Result<Vec<f64>, Error> =
            combinations.iter().map(|weights| Ok(self.combination(weights)?.estimate)).collect();
        let n_columns = self.coefficients.len();
        let rows = DMatrix::from_fn(combinations.len(), n_columns, |i, j| combinations[i][j]);
        // The covariance of several sums: C V C'.
        Ok((sums?, &rows * &self.covariance * rows.transpose()))
    }

    /// The sum of the coefficients, each times its weight, as a coefficient
    /// of its own: `weights` of 1, 0, 1 give the log hazard ratio between
    /// x + (1, 0, 1) and x.
    ///
    /// # Formula
    /// w'b with variance w'Vw.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`]; [`Error::Collinear`] or
    /// [`Error::Infinite`] for a weight on a column that was dropped, or for a
    /// sum that may be infinite. Infinite coefficients may have a finite sum,
    /// as those of two groups against a third without events.
    pub fn combination(&self, weights: &[f64]) -> Result<Coefficient, Error> {
        check_length("weights", weights.len(), self.coefficients.len())?;
        check_finite("weights", weights)?;
        // A weight of zero asks for nothing: the column may be dropped or infinite.
        let asked: Vec<usize> = (0..weights.len()).filter(|j| weights[*j] != 0.0).collect();
        if let Some(column) = asked.iter().find(|column| self.coefficients[**column].is_none()) {
            return Err(Error::Collinear { column: *column });
        }
        self.check_known(weights, &asked)?;
        let known = |column: &usize| Some((*column, self.coefficients[*column]?));
        let kept = asked.iter().filter_map(known);
        let estimate = kept.map(|(column, known)| weights[column] * known.estimate).sum();
        let error = |covariance: &DMatrix<f64>| {
            let mut variance = 0.0;
            for i in &asked {
                for j in &asked {
                    variance += weights[*i] * covariance[(*i, *j)] * weights[*j];
                }
            }
            // A variance of zero may come out as a negative rounding.
            variance.max(0.0).sqrt()
        };
        let found = Coefficient::new(estimate, error(&self.covariance), false);
        // A sum of zero may have no error either: 0 / 0 is no evidence.
        let is_zero = estimate == 0.0;
        Ok(if is_zero { Coefficient { z: 0.0, p_value: 1.0, ..found } } else { found })
    }

    /// The variance inflation of the coefficients of `columns`.
    ///
    /// # Formula
    /// |R_1| |R_2| / |R|: R is the correlation matrix of all estimated
    /// coefficients, R_1 that of the columns asked for and R_2 that of the
    /// others (Fox and Monette 1992, eq. 6; for one column the diagonal of
    /// R^-1, as Davis et al. 1986 have it for models of survival). It is taken
    /// from the inverse information, with or without a sandwich.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], [`Error::Infinite`], [`Error::Collinear`] for
    /// a column that was dropped.
    pub fn variance_inflation(&self, columns: &[usize]) -> Result<VarianceInflation, Error> {
        let kept = self.kept(columns)?;
        if let Some(column) = columns.iter().find(|column| self.coefficients[**column].is_none()) {
            return Err(Error::Collinear { column: *column });
        }
        let known = |column: &usize| self.coefficients[*column].is_some();
        let all: Vec<usize> = (0..self.coefficients.len()).filter(known).collect();
        let others: Vec<usize> =
            all.iter().copied().filter(|column| !columns.contains(column)).collect();
        let log_determinant = |positions: &[usize]| {
            let n = positions.len();
            let of = |i: usize, j: usize| self.naive_covariance[(positions[i], positions[j])];
            // Correlations, so that units of the covariates do not enter the
            // determinants.
            let correlation =
                DMatrix::from_fn(n, n, |i, j| of(i, j) / (of(i, i) * of(j, j)).sqrt());
            // All of these are estimated and none is to be dropped, so that the
            // tolerance is zero.
            Factors::new(&correlation, 0.0).log_determinant()
        };
        // As logarithms: the determinant of many correlations may be too small for
        // a double.
        let factor =
            libm::exp(log_determinant(columns) + log_determinant(&others) - log_determinant(&all));
        let degrees_of_freedom = kept.len();
        let per_coefficient = libm::pow(factor, 0.5 / degrees_of_freedom as f64);
        Ok(VarianceInflation { factor, degrees_of_freedom, per_coefficient })
    }

    /// Refuses a sum that the data say nothing of.
    fn check_known(&self, weights: &[f64], asked: &[usize]) -> Result<(), Error> {
        let is_infinite = |column: &&usize| {
            self.coefficients[**column].is_some_and(|known| known.may_be_infinite)
        };
        let Some(column) = asked.iter().find(is_infinite) else { return Ok(()) };
        match &self.unknown {
            // Infinite coefficients may cancel in a sum: only one that the limit's
            // information does not hold is refused.
            Some(unknown) if !unknown.holds(weights) => Ok(()),
            _ => Err(Error::Infinite { column: *column }),
        }
    }

    /// The columns that were not dropped, with their coefficients, all finite.
    fn kept(&self, columns: &[usize]) -> Result<Vec<(usize, Coefficient)>, Error> {
        let n_columns = self.coefficients.len();
        if let Some(column) = columns.iter().copied().find(|column| *column >= n_columns) {
            return Err(Error::NoSuchColumn { column, n_columns });
        }
        let known =
            columns.iter().filter_map(|column| Some((*column, self.coefficients[*column]?)));
        let kept: Vec<(usize, Coefficient)> = known.collect();
        match kept.iter().find(|(_, known)| known.may_be_infinite) {
            Some((column, _)) => Err(Error::Infinite { column: *column }),
            None => Ok(kept),
        }
    }
}
