//! Survival and cumulative hazard for weighted, clustered, late-entering or
//! group-changing follow-up: Kaplan-Meier, Nelson-Aalen and
//! Fleming-Harrington, with restricted means and contrasts of groups. Plain
//! right-censored curves with whole counts are left to `kaplan_meier`.

mod functional;
mod jump;
mod sweep;

pub use functional::CurveValue;

use crate::Error;
use crate::checks::{check_codes, check_finite, check_length, check_share, check_weights};
use crate::counting_data::CountingData;
use crate::follow_up::FollowUp;
use crate::groups::members;
use crate::kaplan_meier::{ConfidenceType, SurvivalQuantile};
use crate::special::normal_quantile;
use crate::survival_data::SurvivalData;

/// How survival and cumulative hazard are estimated.
///
/// With weighted events d among n at risk, D of them in number and m = d / D:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CurveEstimator {
    /// S is the product of 1 - d / n (Kaplan and Meier 1958); the hazard
    /// beside it is Nelson and Aalen's. Variance of log S: the sum of
    /// d / (n (n - d)) (Greenwood 1926); of the hazard: of d / n^2.
    #[default]
    KaplanMeier,
    /// H is the sum of d / n, with variance the sum of d / n^2 (Aalen 1978,
    /// eq. 3.2 without ties); S = exp(-H).
    NelsonAalen,
    /// H is the sum of m / (n - l m) over l = 0..D - 1, as if ties were
    /// broken, with variance the sum of m / (n - l m)^2; S = exp(-H)
    /// (Fleming and Harrington 1984).
    FlemingHarrington,
}

/// A curve to be estimated: follow-up, weights, clusters and scale.
///
/// # Formula
/// See [`CurveEstimator`]. The robust variance is the infinitesimal
/// jackknife: the sum over clusters of the square of the weighted sum of the
/// derivatives of log S (or H) by its subjects' weights. Without weights and
/// clusters it equals Greenwood's for Kaplan-Meier.
///
/// # Shapes and units
/// A row is a subject of right-censored data or an interval of counting
/// data. Weights have no unit: at risk and events are their sums.
///
/// # Ties and missing values
/// Rows that end at t are at risk at t, those that start at t are not. None
/// may be missing.
///
/// Intervals whose group changes give the extended curve of Simon and Makuch
/// (1984): see [`switching`](crate::switching).
///
/// ```
/// use restudy_stats::survival_curve::{CurveEstimator, SurvivalCurveModel};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[6.0, 13.0, 21.0, 30.0], &[true, true, false, true])?;
/// let curve = SurvivalCurveModel::new(&data).weights(&[2.0, 1.0, 1.0, 1.0])?.robust().estimate();
/// assert!((curve.rows[0].survival - 0.6).abs() < 1e-15);
/// let hazard = SurvivalCurveModel::new(&data).estimator(CurveEstimator::NelsonAalen).estimate();
/// assert!((hazard.rows[1].cumulative_hazard - (1.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SurvivalCurveModel<'a> {
    follow_up: FollowUp<'a>,
    weights: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
    robust: bool,
    estimator: CurveEstimator,
    confidence_level: f64,
    confidence_type: ConfidenceType,
}

impl<'a> SurvivalCurveModel<'a> {
    /// Of right-censored follow-up.
    pub fn new(data: &'a SurvivalData) -> Self {
        Self::of(FollowUp::RightCensored(data))
    }

    /// Of intervals: delayed entry, or groups that change. Asked for
    /// [`robust`](Self::robust), a subject's intervals are one cluster.
    pub fn counting(data: &'a CountingData) -> Self {
        Self::of(FollowUp::Counting(data))
    }

    fn of(follow_up: FollowUp<'a>) -> Self {
        Self {
            follow_up,
            weights: None,
            clusters: None,
            robust: false,
            estimator: CurveEstimator::default(),
            confidence_level: 0.95,
            confidence_type: ConfidenceType::default(),
        }
    }

    /// Case weights, each > 0, one a row. Ask for [`robust`](Self::robust)
    /// too unless they count identical subjects.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`], [`Error::NotPositive`].
    pub fn weights(mut self, weights: &'a [f64]) -> Result<Self, Error> {
        check_weights("weights", weights, self.follow_up.n())?;
        self.weights = Some(weights);
        Ok(self)
    }

    /// The infinitesimal jackknife instead of Greenwood's or Aalen's
    /// variance, each subject its own cluster.
    pub fn robust(mut self) -> Self {
        self.robust = true;
        self
    }

    /// The infinitesimal jackknife, rows of one code being dependent.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn clusters(mut self, clusters: &'a [usize]) -> Result<Self, Error> {
        check_length("clusters", clusters.len(), self.follow_up.n())?;
        self.clusters = Some(clusters);
        self.robust = true;
        Ok(self)
    }

    /// Chooses the estimator; Kaplan-Meier unless called.
    pub fn estimator(mut self, estimator: CurveEstimator) -> Self {
        self.estimator = estimator;
        self
    }

    /// Coverage in (0, 1) and scale of the limits of S; 95% on the log scale
    /// unless called.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn confidence(mut self, level: f64, kind: ConfidenceType) -> Result<Self, Error> {
        check_share("confidence_level", level)?;
        self.confidence_level = level;
        self.confidence_type = kind;
        Ok(self)
    }

    /// The curve of all rows.
    pub fn estimate(&self) -> SurvivalCurve {
        let rows: Vec<usize> = (0..self.follow_up.n()).collect();
        sweep::curve(self, &rows)
    }

    /// One curve for each group code `0..n_groups`, in that order; `groups`
    /// has the code of each row. A group without rows has an empty curve.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::OutOfRange`] for wrong codes.
    pub fn estimate_by_group(
        &self,
        groups: &[usize],
        n_groups: usize,
    ) -> Result<Vec<SurvivalCurve>, Error> {
        check_codes("groups", groups, self.follow_up.n(), n_groups)?;
        let members = members(0..self.follow_up.n(), groups, n_groups);
        Ok(members.iter().map(|rows| sweep::curve(self, rows)).collect())
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// The code of a row's cluster.
    fn cluster(&self, row: usize) -> usize {
        let codes = self.clusters.or(self.follow_up.subjects());
        codes.map_or(row, |codes| codes[row])
    }
}

/// The curve at one distinct end of follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalCurveRow {
    /// The time.
    pub time: f64,
    /// Rows at risk: their number, whatever their weights.
    pub n_rows_at_risk: usize,
    /// Weight at risk.
    pub n_at_risk: f64,
    /// Weight of the events.
    pub n_events: f64,
    /// Weight of the rows that end here without the event: censored, or
    /// going on in another interval.
    pub n_censored: f64,
    /// S(t).
    pub survival: f64,
    /// Standard error of log S; `None` where S is 0.
    pub log_standard_error: Option<f64>,
    /// Standard error of S; `None` where S is 0.
    pub standard_error: Option<f64>,
    /// Lower limit of S; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit of S; `None` where the scale gives none.
    pub upper: Option<f64>,
    /// H(t).
    pub cumulative_hazard: f64,
    /// Standard error of H.
    pub hazard_standard_error: f64,
}

impl SurvivalCurveRow {
    /// Limits of H, made on the scale of its logarithm: H exp(-+ z s / H);
    /// `None` where H is 0.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn hazard_limits(&self, confidence_level: f64) -> Result<Option<(f64, f64)>, Error> {
        check_share("confidence_level", confidence_level)?;
        let hazard = self.cumulative_hazard;
        if hazard <= 0.0 {
            return Ok(None);
        }
        let z = normal_quantile(0.5 + 0.5 * confidence_level);
        let ratio = libm::exp(z * self.hazard_standard_error / hazard);
        Ok(Some((hazard / ratio, hazard * ratio)))
    }
}

/// A curve with a row at every distinct end of follow-up.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalCurve {
    /// Rows of data it was made of: subjects, or intervals.
    pub n: usize,
    /// Rows by ascending time.
    pub rows: Vec<SurvivalCurveRow>,
    /// The estimator, named for the report.
    pub estimator: CurveEstimator,
    /// Whether the standard errors are the infinitesimal jackknife's.
    pub is_robust: bool,
}

impl SurvivalCurve {
    /// The row in force at `time`: the last one not after it; none before
    /// the first, where S is 1, and none after the last.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn at(&self, time: f64) -> Result<Option<&SurvivalCurveRow>, Error> {
        check_finite("time", &[time])?;
        let is_over = self.rows.last().is_none_or(|row| row.time < time && row.survival > 0.0);
        let past = self.rows.partition_point(|row| row.time <= time);
        Ok(if is_over { None } else { past.checked_sub(1).map(|index| &self.rows[index]) })
    }

    /// The time by which a share `probability`, in (0, 1), had the event, by
    /// the rule of
    /// [`KaplanMeierCurve::quantile`](crate::kaplan_meier::KaplanMeierCurve::quantile).
    ///
    /// # Errors
    /// [`Error::Parameter`] for a probability outside (0, 1).
    pub fn quantile(&self, probability: f64) -> Result<SurvivalQuantile, Error> {
        check_share("probability", probability)?;
        let step = |row: &SurvivalCurveRow| (row.time, [Some(row.survival), row.lower, row.upper]);
        Ok(SurvivalQuantile::read(probability, &self.rows, step))
    }
}
