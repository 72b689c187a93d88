//! Limits and tests of one coefficient from the profile of the likelihood,
//! which hold where the normal approximation of an estimate does not.

use super::design::Design;
use super::fit::LogisticFit;
use super::maximize::maximize;
use super::objective::Objective;
use super::{LogisticModel, Penalty};
use crate::Error;
use crate::checks::check_share;
use crate::inference::{ProfileLimits, Test};
use crate::profile::Profile;
use crate::special::chi_square_quantile;

impl LogisticModel<'_> {
    /// The limits, of coverage `confidence_level`, of the coefficient of
    /// `column` (from zero) in `fit`, a fit of this model.
    ///
    /// # Formula
    /// They are the values of beta_j at which twice the log-likelihood,
    /// maximised over the other coefficients, lies the quantile of chi-square
    /// with one degree of freedom below its maximum. Firth's penalty takes
    /// the determinant of the whole information throughout (Heinze and
    /// Schemper 2002, section 3; `logistf`).
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1),
    /// [`Error::NoSuchColumn`], [`Error::Collinear`] for a column that was
    /// dropped, [`Error::Unsupported`] for a ridge or a sandwich, which have
    /// no such limits, [`Error::NotConverged`] if a maximum is not found.
    ///
    /// ```
    /// use restudy_stats::covariates::Covariates;
    /// use restudy_stats::logistic::{LogisticModel, Penalty};
    ///
    /// // Whoever has x = 1 has the outcome: without a penalty beta is infinite.
    /// let outcomes = [true, true, true, false, false, false, true];
    /// let x = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    /// let model = LogisticModel::new(&outcomes, Covariates::new(&x, 1)?)?.penalty(Penalty::Firth)?;
    /// let limits = model.profile_limits(&model.fit()?, 0, 0.95)?;
    /// assert!(limits.estimate > 1.0 && limits.lower < Some(1.0));
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn profile_limits(
        &self,
        fit: &LogisticFit,
        column: usize,
        confidence_level: f64,
    ) -> Result<ProfileLimits, Error> {
        check_share("confidence_level", confidence_level)?;
        let n_columns = self.covariates.n_columns();
        let estimate =
            fit.coefficients.get(column).ok_or(Error::NoSuchColumn { column, n_columns })?;
        let estimate = estimate.ok_or(Error::Collinear { column })?;
        let what = "a profile likelihood";
        if let Penalty::Ridge(_) = self.penalty {
            return Err(Error::Unsupported { what, with: "a ridge penalty" });
        }
        if self.is_robust() {
            return Err(Error::Unsupported { what, with: "a sandwich covariance" });
        }
        let design = Design::new(self)?;
        // At the fit's own maximum, in the design's coefficients, which the fit
        // kept for this.
        let objective = Objective { model: self, design: &design };
        let place = design.kept.iter().position(|kept| *kept == column);
        let place = place.expect("invariant: it has a coefficient") + 1;
        let scale = design.scales[place - 1];
        let profile = Coefficient {
            place,
            maximum: &fit.maximum,
            value: objective.at(&fit.maximum).value,
            // Errors of the covariate's coefficient times its scale are those of
            // the design's.
            standard_error: estimate.standard_error * scale,
            objective: &objective,
        };
        let limits = profile.limits(chi_square_quantile(confidence_level, 1.0))?;
        let [lower, upper] = limits.map(|limit| limit.map(|beta| beta / scale));
        Ok(ProfileLimits {
            estimate: estimate.estimate,
            lower,
            upper,
            test: Test::new(profile.deviance(0.0)?.max(0.0), 1),
        })
    }
}

/// The likelihood as a function of one coefficient of the design.
struct Coefficient<'a> {
    objective: &'a Objective<'a>,
    place: usize,
    maximum: &'a [f64],
    value: f64,
    standard_error: f64,
}

impl Profile for Coefficient<'_> {
    fn estimate(&self) -> f64 {
        self.maximum[self.place]
    }

    fn standard_error(&self) -> f64 {
        self.standard_error
    }

    fn is_finite(&self, value: f64) -> bool {
        value.is_finite()
    }

    fn deviance(&self, value: f64) -> Result<f64, Error> {
        let mut start = self.maximum.to_vec();
        start[self.place] = value;
        // Until the coefficients rest: limits are found to 1e-11, and the inner
        // maximum must be as good.
        let found = maximize(self.objective, &start, &[self.place], true);
        if !found.has_converged {
            let (what, iterations) = ("the profile likelihood", found.iterations);
            return Err(Error::NotConverged { what, iterations });
        }
        Ok(2.0 * (self.value - found.at.value))
    }
}
