//! Cox's proportional hazards regression: the model, its fit and what may be
//! wrong with it. The test of proportional hazards is left to
//! `proportional_hazards`, discrimination to `concordance`.

use nalgebra::DMatrix;

use crate::Error;
use crate::survival_data::SurvivalData;

/// How tied event times enter the partial likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// Efron's approximation: the default of R.
    #[default]
    Efron,
    /// Breslow's approximation: the default of SAS.
    Breslow,
}

/// A checked Cox model, ready to fit.
#[derive(Debug, Clone)]
pub struct CoxModel<'a> {
    data: &'a SurvivalData,
    covariates: &'a [f64],
    n_covariates: usize,
    ties: Ties,
    strata: Option<&'a [usize]>,
    weights: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
    robust: bool,
}

impl<'a> CoxModel<'a> {
    /// `covariates` holds `n_covariates` columns of `n` values, one column
    /// after the other (column-major).
    pub fn new(
        data: &'a SurvivalData,
        covariates: &'a [f64],
        n_covariates: usize,
    ) -> Result<Self, Error> {
        let _ = (data, covariates, n_covariates);
        todo!()
    }

    /// Chooses the approximation for ties; Efron's unless called.
    pub fn ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// A baseline hazard for each distinct code.
    pub fn strata(mut self, strata: &'a [usize]) -> Result<Self, Error> {
        self.strata = Some(strata);
        Ok(self)
    }

    /// Case weights, each > 0.
    pub fn weights(mut self, weights: &'a [f64]) -> Result<Self, Error> {
        self.weights = Some(weights);
        Ok(self)
    }

    /// Adds the sandwich covariance, each subject its own cluster.
    pub fn robust(mut self) -> Self {
        self.robust = true;
        self
    }

    /// Adds the sandwich covariance, subjects of one code being dependent.
    pub fn clusters(mut self, clusters: &'a [usize]) -> Result<Self, Error> {
        self.clusters = Some(clusters);
        Ok(self)
    }

    /// Maximises the partial likelihood.
    pub fn fit(&self) -> Result<CoxFit, Error> {
        todo!()
    }

    /// Martingale residuals at the fit's coefficients, in the caller's order.
    pub fn martingale_residuals(&self, fit: &CoxFit) -> Vec<f64> {
        let _ = fit;
        todo!()
    }
}

/// A maximised Cox model.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxFit {
    /// One for each column; `None` for a column dropped as collinear.
    pub coefficients: Vec<Option<CoxCoefficient>>,
    /// Covariance of the coefficients: the sandwich if asked for, else the
    /// inverse information; zero in rows and columns of dropped columns.
    pub covariance: DMatrix<f64>,
    /// Inverse information.
    pub naive_covariance: DMatrix<f64>,
    /// Log partial likelihood at zero.
    pub log_likelihood_null: f64,
    /// Log partial likelihood at the estimate.
    pub log_likelihood: f64,
    /// Likelihood-ratio test against zero.
    pub likelihood_ratio_test: CoxTest,
    /// Wald test against zero, with `covariance`.
    pub wald_test: CoxTest,
    /// Score test against zero.
    pub score_test: CoxTest,
    /// Score test with the sandwich covariance, if asked for.
    pub robust_score_test: Option<CoxTest>,
    /// Newton-Raphson iterations.
    pub iterations: usize,
    /// What makes the fit suspect, in the order found.
    pub warnings: Vec<CoxWarning>,
    /// Subjects.
    pub n: usize,
    /// Events.
    pub n_events: usize,
    /// Value from which each covariate is measured in `linear_predictors`:
    /// its mean, or 0 for a column of -1, 0, 1 alone.
    pub centers: Vec<f64>,
    /// beta'(x - center) for each subject, in the caller's order.
    pub linear_predictors: Vec<f64>,
}

/// The estimate for one covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoxCoefficient {
    /// beta.
    pub log_hazard_ratio: f64,
    /// From the inverse information.
    pub naive_standard_error: f64,
    /// From the sandwich, if asked for.
    pub robust_standard_error: Option<f64>,
    /// beta over its standard error (robust if there is one).
    pub z: f64,
    /// Two-sided, normal.
    pub p_value: f64,
    /// Whether the likelihood still rises as beta grows without bound.
    pub may_be_infinite: bool,
}

/// A hazard ratio with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatio {
    /// exp(beta).
    pub estimate: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl CoxCoefficient {
    /// The robust standard error if there is one, else the naive one.
    pub fn standard_error(&self) -> f64 {
        self.robust_standard_error.unwrap_or(self.naive_standard_error)
    }

    /// exp(beta) with Wald limits of coverage `confidence_level` in (0, 1).
    pub fn hazard_ratio(&self, confidence_level: f64) -> Result<HazardRatio, Error> {
        let _ = confidence_level;
        todo!()
    }
}

/// A chi-square test of all coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoxTest {
    /// Chi-square.
    pub statistic: f64,
    /// Coefficients that were estimated.
    pub degrees_of_freedom: usize,
    /// Upper tail.
    pub p_value: f64,
}

/// A reason to distrust a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoxWarning {
    /// The column is a combination of others and was dropped.
    Collinear {
        /// Its position, from zero.
        column: usize,
    },
    /// The likelihood converged before the coefficient did: separation.
    MayBeInfinite {
        /// Its position, from zero.
        column: usize,
    },
    /// The likelihood did not converge.
    NotConverged {
        /// Iterations made.
        iterations: usize,
    },
}
