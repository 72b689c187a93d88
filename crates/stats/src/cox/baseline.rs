//! The baseline hazard of a fitted model and the survival it predicts.

use nalgebra::{DMatrix, DVector};

use super::{CoxFit, CoxModel, RiskSets, scaled_coefficients};
use crate::Error;
use crate::checks::{check_finite, check_length, check_share};
use crate::inference::normal_critical_value;
use crate::survival_curve::{ConfidenceType, SurvivalQuantile};
use crate::symmetric::add_scaled;

/// The hazard of one stratum at each of its event times, for covariates at
/// the fit's centers.
#[derive(Debug, Clone, PartialEq)]
pub struct StratumHazard {
    /// The stratum's code; `None` in a model without strata.
    pub code: Option<usize>,
    /// Event times, ascending.
    pub times: Vec<f64>,
    /// Subjects at risk at each.
    pub n_at_risk: Vec<usize>,
    /// Events at each.
    pub n_events: Vec<usize>,
    /// Cumulative hazard at each.
    pub cumulative_hazard: Vec<f64>,
    /// Variance of the cumulative hazard were the coefficients known.
    variance: Vec<f64>,
    /// Sum of hazard times mean covariate, from the centers: a row for each
    /// time.
    hazard_times_mean: Vec<f64>,
}

impl StratumHazard {
    /// Cumulative hazard at `time`, for covariates at the centers.
    pub fn at(&self, time: f64) -> f64 {
        let past = self.times.partition_point(|event| *event <= time);
        past.checked_sub(1).map_or(0.0, |last| self.cumulative_hazard[last])
    }
}

/// The baseline hazards of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineHazard {
    /// By ascending code.
    pub strata: Vec<StratumHazard>,
    coefficients: Vec<f64>,
    centers: Vec<f64>,
    covariance: DMatrix<f64>,
}

/// The survival predicted at one event time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedRow {
    /// Event time.
    pub time: f64,
    /// Subjects of the stratum at risk.
    pub n_at_risk: usize,
    /// Events of the stratum.
    pub n_events: usize,
    /// Cumulative hazard.
    pub cumulative_hazard: f64,
    /// Its standard error, which is also that of log S.
    pub standard_error: f64,
    /// S(t).
    pub survival: f64,
    /// Lower limit; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
}

/// A predicted survival curve, with a row at each event time of the stratum.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedCurve {
    /// Rows by ascending time.
    pub rows: Vec<PredictedRow>,
}

impl PredictedCurve {
    /// The last row at or before `time`; `None` before the first event, where
    /// S is 1.
    pub fn at(&self, time: f64) -> Option<&PredictedRow> {
        let past = self.rows.partition_point(|row| row.time <= time);
        past.checked_sub(1).map(|last| &self.rows[last])
    }

    /// The time by which a share `probability`, in (0, 1), is predicted to
    /// have the event, with limits read off the curve's, by the rule of
    /// [`SurvivalCurve::quantile`](crate::survival_curve::SurvivalCurve::quantile).
    ///
    /// # Errors
    /// [`Error::Parameter`] for a probability outside (0, 1).
    pub fn quantile(&self, probability: f64) -> Result<SurvivalQuantile, Error> {
        check_share("probability", probability)?;
        let step = |row: &PredictedRow| (row.time, [Some(row.survival), row.lower, row.upper]);
        Ok(SurvivalQuantile::read(probability, &self.rows, step))
    }
}

impl CoxModel<'_> {
    /// The baseline hazard of a fit of this model.
    ///
    /// # Formula
    /// An event time adds W / S(0) (Breslow 1974), or W / d times the sum of
    /// 1 / S(l) over l = 0..d - 1 (Efron), in the symbols of [`CoxModel`];
    /// its variance adds the same with squared denominators (Tsiatis 1981).
    ///
    /// ```
    /// use restudy_stats::covariates::Covariates;
    /// use restudy_stats::cox::CoxModel;
    /// use restudy_stats::survival_curve::ConfidenceType;
    /// use restudy_stats::survival_data::SurvivalData;
    ///
    /// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
    /// let treated = [1.0, 0.0, 1.0, 0.0];
    /// let model = CoxModel::new(&data, Covariates::new(&treated, 1)?)?;
    /// let baseline = model.baseline_hazard(&model.fit()?);
    /// let untreated = baseline.curve(&[0.0], None, 0.95, ConfidenceType::Log)?;
    /// assert!(untreated.at(2.5).is_some_and(|row| row.survival > 0.5));
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn baseline_hazard(&self, fit: &CoxFit) -> BaselineHazard {
        let sets = RiskSets::new(self);
        let beta = fit.coefficients.iter();
        BaselineHazard {
            strata: self.stratum_hazards(&sets, &scaled_coefficients(fit, &sets)),
            coefficients: beta.map(|c| c.map_or(0.0, |c| c.estimate)).collect(),
            centers: fit.centers.clone(),
            covariance: fit.covariance.clone(),
        }
    }

    fn stratum_hazards(&self, sets: &RiskSets, beta: &[f64]) -> Vec<StratumHazard> {
        let n_columns = sets.n_columns();
        // Per run: hazard, variance, and hazard times each mean covariate.
        let mut steps = vec![Vec::new(); sets.runs.len()];
        sets.walk(beta, |step| {
            let sums = &mut steps[step.run];
            sums.resize(n_columns + 2, 0.0);
            // Under Efron a time has several steps; each adds the weight it stands
            // for over its own denominator.
            let hazard = step.weight / step.denominator;
            sums[0] += hazard;
            sums[1] += hazard / step.denominator;
            add_scaled(&mut sums[2..], hazard, step.mean);
        });
        let mut strata = Vec::new();
        let mut first = 0;
        // Runs are in descending time within a stratum, strata one after the other:
        // a new stratum begins where a run opens one.
        for runs in sets.runs.chunk_by(|_, next| !next.opens_stratum) {
            let range = first..first + runs.len();
            first = range.end;
            let code =
                self.strata.map(|strata| strata.codes()[sets.subjects[runs[0].rows().start]]);
            let mut hazard = StratumHazard::new(code);
            let at_risk = sets.n_at_risk(range.clone());
            // Reversed, so that times ascend and the cumulative sums go forwards.
            for (position, n_at_risk) in range.zip(at_risk).rev() {
                // Times without deaths add no hazard and have no row.
                if let Some(row) = sets.runs[position].deaths().next() {
                    hazard.times.push(self.follow_up.ends()[sets.subjects[row]]);
                    hazard.n_at_risk.push(n_at_risk);
                    hazard.n_events.push(sets.runs[position].deaths().len());
                    hazard.add(&steps[position], &sets.scales);
                }
            }
            strata.push(hazard);
        }
        strata
    }
}

impl StratumHazard {
    fn new(code: Option<usize>) -> Self {
        Self {
            code,
            times: Vec::new(),
            n_at_risk: Vec::new(),
            n_events: Vec::new(),
            cumulative_hazard: Vec::new(),
            variance: Vec::new(),
            hazard_times_mean: Vec::new(),
        }
    }

    /// Adds one time's hazard, variance and hazard times scaled means.
    fn add(&mut self, sums: &[f64], scales: &[f64]) {
        let last = |values: &[f64]| values.last().copied().unwrap_or_default();
        self.cumulative_hazard.push(last(&self.cumulative_hazard) + sums[0]);
        self.variance.push(last(&self.variance) + sums[1]);
        for (j, scale) in scales.iter().enumerate() {
            // The table is row-major: before its first row there is nothing to add
            // to.
            let before = match self.hazard_times_mean.len() {
                length if length < scales.len() => 0.0,
                length => self.hazard_times_mean[length - scales.len()],
            };
            // The means are of scaled columns; divided by the scale they are
            // distances from the centre in the covariate's unit.
            self.hazard_times_mean.push(before + sums[2 + j] / scale);
        }
    }
}

impl BaselineHazard {
    /// beta'(x - center) of `covariates`, one value a column.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`].
    pub fn linear_predictor(&self, covariates: &[f64]) -> Result<f64, Error> {
        check_length("covariates", covariates.len(), self.centers.len())?;
        check_finite("covariates", covariates)?;
        let terms = self.coefficients.iter().zip(covariates.iter().zip(&self.centers));
        Ok(terms.map(|(beta, (x, center))| beta * (x - center)).sum())
    }

    /// The stratum of a code (`None` in a model without strata).
    ///
    /// # Errors
    /// [`Error::NoSuchStratum`].
    pub fn stratum(&self, code: Option<usize>) -> Result<&StratumHazard, Error> {
        let found = self.strata.iter().find(|stratum| stratum.code == code);
        found.ok_or(Error::NoSuchStratum { code })
    }

    /// The survival at `time` predicted for somebody with this linear
    /// predictor, as in [`CoxFit::linear_predictors`], in a stratum.
    ///
    /// # Errors
    /// [`Error::NoSuchStratum`].
    pub fn survival(
        &self,
        linear_predictor: f64,
        stratum: Option<usize>,
        time: f64,
    ) -> Result<f64, Error> {
        // exp(-H exp(eta)): the survival of Breslow's kind, not the product limit.
        Ok(libm::exp(-libm::exp(linear_predictor) * self.stratum(stratum)?.at(time)))
    }

    /// The survival predicted for `covariates` (one value a column) in a
    /// stratum, with limits of coverage `confidence_level`. An offset is taken
    /// at its mean.
    ///
    /// # Formula
    /// S = exp(-r H), r = exp(beta'(x - center)) and H the cumulative hazard.
    /// The variance of log S is r^2 (v + q'Vq): v the hazard's own, V the
    /// coefficients' covariance (the sandwich if the fit has one), and q the
    /// sum of hazard times (x - mean covariate at the time).
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`], [`Error::NoSuchStratum`],
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn curve(
        &self,
        covariates: &[f64],
        stratum: Option<usize>,
        confidence_level: f64,
        confidence_type: ConfidenceType,
    ) -> Result<PredictedCurve, Error> {
        let z = normal_critical_value(confidence_level)?;
        let ratio = libm::exp(self.linear_predictor(covariates)?);
        let hazard = self.stratum(stratum)?;
        let means = hazard.hazard_times_mean.chunks(self.centers.len());
        let rows = means.enumerate().map(|(index, means)| {
            let cumulative = hazard.cumulative_hazard[index];
            // q: H times the distance of x from the centre, less the sum of hazard
            // times mean covariate, both counted from the centre.
            let distance = DVector::from_fn(means.len(), |j, _| {
                cumulative * (covariates[j] - self.centers[j]) - means[j]
            });
            let from_coefficients = distance.dot(&(&self.covariance * &distance));
            // `standard_error` is that of log S, in which the limits of the scales
            // are formed.
            let standard_error = ratio * (hazard.variance[index] + from_coefficients).sqrt();
            let survival = libm::exp(-ratio * cumulative);
            let limits = confidence_type.limits(survival, standard_error, z);
            PredictedRow {
                time: hazard.times[index],
                n_at_risk: hazard.n_at_risk[index],
                n_events: hazard.n_events[index],
                cumulative_hazard: ratio * cumulative,
                standard_error,
                survival,
                lower: limits.map(|(lower, _)| lower),
                upper: limits.map(|(_, upper)| upper),
            }
        });
        Ok(PredictedCurve { rows: rows.collect() })
    }
}
