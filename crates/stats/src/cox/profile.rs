//! Limits and tests of one coefficient from the profile of the likelihood,
//! which hold where the normal approximation of an estimate does not.

use super::maximize::{Search, maximize};
use super::objective::Objective;
use super::{CoxFit, CoxModel, Penalty, RiskSets, scaled_coefficients};
use crate::Error;
use crate::checks::check_share;
use crate::inference::{ProfileLimits, Test};
use crate::profile::Profile;
use crate::special::chi_square_quantile;

impl CoxModel<'_> {
    /// The limits, of coverage `confidence_level`, of the coefficient of
    /// `column` (from zero) in `fit`, a fit of this model.
    ///
    /// # Formula
    /// They are the values of beta_j at which twice the log-likelihood,
    /// maximised over the other coefficients, lies the quantile of chi-square
    /// with one degree of freedom below its maximum (Heinze and Schemper 2001
    /// for Firth's penalty, which takes the determinant of the whole
    /// information).
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1),
    /// [`Error::NoSuchColumn`], [`Error::Collinear`] for a column that was
    /// dropped, [`Error::Unsupported`] for a ridge, which has no such limits,
    /// [`Error::NotConverged`] if a maximum is not found.
    ///
    /// ```
    /// use restudy_stats::covariates::Covariates;
    /// use restudy_stats::cox::{CoxModel, Penalty};
    /// use restudy_stats::survival_data::SurvivalData;
    ///
    /// // Whoever has x = 1 dies first: without a penalty beta is infinite.
    /// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false])?;
    /// let x = [1.0, 1.0, 0.0, 0.0];
    /// let model = CoxModel::new(&data, Covariates::new(&x, 1)?)?.penalty(Penalty::Firth)?;
    /// let limits = model.profile_limits(&model.fit()?, 0, 0.95)?;
    /// assert!(limits.estimate > 1.0 && limits.lower < Some(0.0));
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn profile_limits(
        &self,
        fit: &CoxFit,
        column: usize,
        confidence_level: f64,
    ) -> Result<ProfileLimits, Error> {
        check_share("confidence_level", confidence_level)?;
        let n_columns = self.covariates.n_columns();
        let estimate =
            fit.coefficients.get(column).ok_or(Error::NoSuchColumn { column, n_columns })?;
        let estimate = estimate.ok_or(Error::Collinear { column })?;
        if let Penalty::Ridge(_) = self.penalty {
            let (what, with) = ("a profile likelihood", "a ridge penalty");
            return Err(Error::Unsupported { what, with });
        }
        // The exact likelihood is refused with intervals, weights and the like
        // before anything is evaluated.
        self.check_support()?;
        let sets = RiskSets::new(self);
        let objective = Objective::new(self, &sets);
        let profile = Coefficient::new(&objective, fit, column);
        let limits = profile.limits(chi_square_quantile(confidence_level, 1.0))?;
        let scale = sets.scales[column];
        let [lower, upper] = limits.map(|limit| limit.map(|beta| beta * scale));
        Ok(ProfileLimits {
            estimate: estimate.estimate,
            lower,
            upper,
            // Rounding may leave a deviance of a maximum just below zero.
            test: Test::new(profile.deviance(0.0)?.max(0.0), 1),
        })
    }
}

/// The likelihood as a function of one scaled coefficient.
struct Coefficient<'a> {
    objective: &'a Objective<'a>,
    column: usize,
    maximum: Vec<f64>,
    value: f64,
    /// How far the coefficients move, to first order, with the column's.
    direction: Vec<f64>,
    standard_error: f64,
}

impl<'a> Coefficient<'a> {
    fn new(objective: &'a Objective<'a>, fit: &CoxFit, column: usize) -> Self {
        let scales = &objective.sets.scales;
        let maximum = scaled_coefficients(fit, objective.sets);
        let variance = fit.naive_covariance[(column, column)];
        // How the other coefficients follow, to first order: cov(b_k, b_j) / var(b_j). It
        // starts the inner search near its end.
        let direction = (0..maximum.len())
            .map(|j| fit.naive_covariance[(j, column)] / variance * scales[column] / scales[j]);
        let direction = direction.collect();
        // At the fit's own estimate, not at a new maximum: limits and estimate then
        // belong together.
        let value = objective.at(&maximum).value;
        let standard_error = variance.sqrt() / scales[column];
        Self { objective, column, maximum, value, direction, standard_error }
    }

    /// Where the search over the other coefficients begins.
    fn start(&self, value: f64) -> Vec<f64> {
        // Along the direction in which the others follow, to first order.
        let change = value - self.maximum[self.column];
        let start = self.maximum.iter().zip(&self.direction);
        let mut start: Vec<f64> = start.map(|(beta, slope)| beta + slope * change).collect();
        start[self.column] = value;
        start
    }
}

impl Profile for Coefficient<'_> {
    fn estimate(&self) -> f64 {
        self.maximum[self.column]
    }

    fn standard_error(&self) -> f64 {
        self.standard_error
    }

    // Asked where the likelihood can still be evaluated at all, before a search is
    // begun there.
    fn is_finite(&self, value: f64) -> bool {
        self.objective.at(&self.start(value)).is_finite()
    }

    fn deviance(&self, value: f64) -> Result<f64, Error> {
        let start = self.start(value);
        // Coefficients at rest: a limit is where the deviance passes a number, and
        // it is known only as well as the inner maximum.
        let search = Search { start: &start, fixed: Some(self.column), by_step: true };
        let found = maximize(self.objective, &search);
        if !found.has_converged {
            let (what, iterations) = ("the profile likelihood", found.iterations);
            return Err(Error::NotConverged { what, iterations });
        }
        Ok(2.0 * (self.value - found.likelihood.value))
    }
}
