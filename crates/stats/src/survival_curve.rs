//! Survival of a group over time: Kaplan-Meier, Nelson-Aalen and
//! Fleming-Harrington, of subjects that may be weighted, clustered, enter late
//! or change groups, with what is read off the curve. Tests of whole curves
//! are left to `log_rank` and `group_comparison`.

mod confidence;
mod curve;
mod jump;
mod readings;
mod sweep;
mod whole_counts;

pub use confidence::ConfidenceType;
pub use curve::{CumulativeHazard, CurveDetail, SurvivalCurve, SurvivalCurveRow};
pub use readings::{CurveValue, SurvivalAt, SurvivalQuantile};

use crate::Error;
use crate::checks::check_length;
use crate::counting_data::CountingData;
use crate::follow_up::FollowUp;
use crate::groups::Groups;
use crate::inference::normal_critical_value;
use crate::survival_data::SurvivalData;
use crate::weights::Weights;

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
/// use restudy_stats::weights::Weights;
///
/// let data = SurvivalData::new(&[6.0, 13.0, 21.0, 30.0], &[true, true, false, true])?;
/// let curve = SurvivalCurveModel::new(&data).estimate();
/// assert_eq!(curve.rows[0].survival, 0.75);
/// assert_eq!(curve.median().estimate, Some(21.5));
/// let weights = Weights::new(&[2.0, 1.0, 1.0, 1.0])?;
/// let curve = SurvivalCurveModel::new(&data).weights(weights)?.robust().estimate();
/// assert!((curve.rows[0].survival - 0.6).abs() < 1e-15);
/// let hazard = SurvivalCurveModel::new(&data).estimator(CurveEstimator::NelsonAalen).estimate();
/// assert!((hazard.details()[1].hazard.estimate - (1.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SurvivalCurveModel<'a> {
    follow_up: FollowUp<'a>,
    weights: Option<&'a [f64]>,
    clusters: Option<&'a [usize]>,
    robust: bool,
    reverse: bool,
    detailed: bool,
    estimator: CurveEstimator,
    /// The normal quantile of the limits.
    z: f64,
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

    pub(crate) fn of(follow_up: FollowUp<'a>) -> Self {
        Self {
            follow_up,
            weights: None,
            clusters: None,
            robust: false,
            reverse: false,
            detailed: false,
            estimator: CurveEstimator::default(),
            // 0.95 lies in (0, 1): the check cannot fail.
            z: normal_critical_value(0.95).expect("invariant: a share"),
            confidence_type: ConfidenceType::default(),
        }
    }

    /// Case weights, each > 0, one a row. Ask for [`robust`](Self::robust)
    /// too unless they count identical subjects.
    ///
    /// # Errors
    /// [`Error::Length`] for weights of others.
    pub fn weights(mut self, weights: Weights<'a>) -> Result<Self, Error> {
        self.weights = Some(weights.of(self.follow_up.n())?);
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

    /// Takes censoring as the event: the curve of the potential follow-up,
    /// whose median is the median follow-up (Schemper and Smith 1996). Who
    /// has the event at t is at risk of being censored at t, as in R's
    /// `survfit` of the turned indicator; `prodlim` takes them out before.
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// Chooses the estimator; Kaplan-Meier unless called.
    pub fn estimator(mut self, estimator: CurveEstimator) -> Self {
        self.estimator = estimator;
        self
    }

    /// Keeps the cumulative hazard and what each event time adds to the
    /// variance beside a curve that can be made without them: see
    /// [`SurvivalCurve::details`].
    pub fn detailed(mut self) -> Self {
        self.detailed = true;
        self
    }

    /// Coverage in (0, 1) and scale of the limits of S; 95% on the log scale
    /// (R's defaults) unless called.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn confidence(mut self, level: f64, kind: ConfidenceType) -> Result<Self, Error> {
        self.z = normal_critical_value(level)?;
        self.confidence_type = kind;
        Ok(self)
    }

    /// Number of rows of data.
    pub fn n(&self) -> usize {
        self.follow_up.n()
    }

    /// The curve of all rows.
    pub fn estimate(&self) -> SurvivalCurve {
        match self.whole_counts() {
            Some(data) => whole_counts::curve(self, data),
            None => sweep::curve(self, &Vec::from_iter(0..self.n())),
        }
    }

    /// One curve for each group of rows, empty for a group without rows.
    ///
    /// # Errors
    /// [`Error::Length`] for groups of others.
    pub fn estimate_by_group(&self, groups: &Groups) -> Result<Vec<SurvivalCurve>, Error> {
        groups.check_length(self.n())?;
        if let Some(data) = self.whole_counts() {
            return Ok(whole_counts::curves(self, data, groups));
        }
        let members = groups.members(0..self.n());
        Ok(members.iter().map(|rows| sweep::curve(self, rows)).collect())
    }

    /// The follow-up, if numbers of subjects are all that is needed of it:
    /// everybody counts once and is there from the beginning. Both ways give
    /// the same rows to the last bit; the one by whole counts takes a third
    /// of the time and is spread over threads.
    fn whole_counts(&self) -> Option<&'a SurvivalData> {
        let is_plain = self.weights.is_none()
            && !self.robust
            && !self.detailed
            && self.estimator == CurveEstimator::KaplanMeier;
        match self.follow_up {
            FollowUp::RightCensored(data) if is_plain => Some(data),
            _ => None,
        }
    }

    fn is_event(&self, row: usize) -> bool {
        self.follow_up.events()[row] != self.reverse
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// The code of a row's cluster.
    fn cluster(&self, row: usize) -> usize {
        // Declared clusters first, else the subjects of intervals, else each row
        // its own.
        let codes = self.clusters.or(self.follow_up.subjects());
        codes.map_or(row, |codes| codes[row])
    }
}
