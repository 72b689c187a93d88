//! The Kaplan-Meier curve with its limits, quantiles and restricted mean.
//! Comparing curves is left to `log_rank`.

mod confidence;
mod summary;

pub use confidence::ConfidenceType;
pub use summary::{RestrictedMean, SurvivalAt, SurvivalQuantile};

use rayon::prelude::*;

use crate::Error;
use crate::checks::{check_codes, check_share};
use crate::special::normal_quantile;
use crate::survival_data::SurvivalData;

/// Subjects fetched at a time.
const FETCHED: usize = 1024;

/// How a Kaplan-Meier curve is estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KaplanMeierOptions {
    /// Coverage of the limits, in (0, 1).
    pub confidence_level: f64,
    /// Scale of the limits.
    pub confidence_type: ConfidenceType,
    /// Whether censoring is the event: the curve of the potential follow-up,
    /// whose median is the median follow-up (Schemper and Smith 1996). Who
    /// has the event at t is at risk of being censored at t, as in R's
    /// `survfit` of the turned indicator; `prodlim` takes them out before.
    pub reverse: bool,
}

impl Default for KaplanMeierOptions {
    /// R's defaults: 95% limits on the log scale.
    fn default() -> Self {
        Self { confidence_level: 0.95, confidence_type: ConfidenceType::default(), reverse: false }
    }
}

/// The curve at one distinct time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KaplanMeierRow {
    /// The time.
    pub time: f64,
    /// Subjects with a time >= this one.
    pub n_at_risk: usize,
    /// Events at this time.
    pub n_events: usize,
    /// Subjects censored at this time, who are still at risk at it.
    pub n_censored: usize,
    /// S(t).
    pub survival: f64,
    /// Greenwood's standard error of log S, which has no meaning where S is 0.
    log_error: f64,
    /// Lower limit; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
}

impl KaplanMeierRow {
    /// Greenwood's standard error of log S; `None` where S is 0.
    pub fn log_standard_error(&self) -> Option<f64> {
        (self.survival > 0.0).then_some(self.log_error)
    }

    /// Greenwood's standard error of S; `None` where S is 0.
    pub fn standard_error(&self) -> Option<f64> {
        (self.survival > 0.0).then_some(self.survival * self.log_error)
    }

    /// d / (n (n - d)).
    fn greenwood_term(&self) -> f64 {
        let (at_risk, events) = (self.n_at_risk as f64, self.n_events as f64);
        events / (at_risk * (at_risk - events))
    }
}

/// A Kaplan-Meier curve with a row at every distinct time.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeierCurve {
    /// Subjects.
    pub n: usize,
    /// Events (censorings on a reversed curve).
    pub n_events: usize,
    /// Rows by ascending time; none for a group without subjects.
    pub rows: Vec<KaplanMeierRow>,
    /// The options it was made with.
    pub options: KaplanMeierOptions,
}

/// The curve of all subjects.
///
/// # Formula
/// S(t) = product over event times u <= t of (n - d) / n, with n at risk and
/// d events at u (Kaplan and Meier 1958); the variance of log S is the sum of
/// d / (n (n - d)) (Greenwood 1926).
///
/// # Returns
/// A row at each distinct time, events or not, in the unit of the times; S
/// and its limits as shares.
///
/// # Ties and missing values
/// Those censored at t are at risk at t. None may be missing.
///
/// # Errors
/// [`Error::Parameter`] for a confidence level outside (0, 1).
///
/// ```
/// use restudy_stats::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[6.0, 13.0, 21.0, 30.0], &[true, true, false, true])?;
/// let curve = kaplan_meier(&data, &KaplanMeierOptions::default())?;
/// assert_eq!(curve.rows[0].survival, 0.75);
/// assert_eq!(curve.median().estimate, Some(21.5));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn kaplan_meier(
    data: &SurvivalData,
    options: &KaplanMeierOptions,
) -> Result<KaplanMeierCurve, Error> {
    check_share("confidence_level", options.confidence_level)?;
    let ends = data.order().iter().map(|subject| End::of(data, *subject, options.reverse));
    Ok(curve(&ends.collect::<Vec<End>>(), options))
}

/// One curve for each group code `0..n_groups`, in that order.
///
/// `groups` holds the code of each subject. A group without subjects has a
/// curve without rows. See [`kaplan_meier`].
///
/// # Errors
/// [`Error::Length`] or [`Error::OutOfRange`] for wrong codes,
/// [`Error::Parameter`] for a confidence level outside (0, 1).
pub fn kaplan_meier_by_group(
    data: &SurvivalData,
    groups: &[usize],
    n_groups: usize,
    options: &KaplanMeierOptions,
) -> Result<Vec<KaplanMeierCurve>, Error> {
    check_share("confidence_level", options.confidence_level)?;
    check_codes("groups", groups, data.n(), n_groups)?;
    let mut sizes = vec![0; n_groups];
    groups.iter().for_each(|group| sizes[*group] += 1);
    let mut members: Vec<Vec<End>> = sizes.into_iter().map(Vec::with_capacity).collect();
    // Fetched apart from being sorted out, many at once.
    let mut fetched = Vec::with_capacity(FETCHED);
    for subjects in data.order().chunks(FETCHED) {
        fetched.clear();
        let end = |subject: &usize| (groups[*subject], End::of(data, *subject, options.reverse));
        fetched.extend(subjects.iter().map(end));
        fetched.iter().for_each(|(group, end)| members[*group].push(*end));
    }
    Ok(members.into_par_iter().map(|ends| curve(&ends, options)).collect())
}

/// A time, shifted by the sign bit that it does not need, and whether it is an
/// event: eight bytes to be read in the order of time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct End(u64);

impl End {
    fn of(data: &SurvivalData, subject: usize, reverse: bool) -> Self {
        let is_event = data.events()[subject] != reverse;
        Self(data.times()[subject].to_bits() << 1 | u64::from(is_event))
    }

    fn time(self) -> f64 {
        f64::from_bits(self.0 >> 1)
    }

    fn is_event(self) -> bool {
        self.0 & 1 == 1
    }
}

/// The curve of the subjects whose follow-up ends so, in ascending time.
fn curve(ends: &[End], options: &KaplanMeierOptions) -> KaplanMeierCurve {
    let z = normal_quantile(0.5 + 0.5 * options.confidence_level);
    let mut log_variance = 0.0;
    let mut n_events = 0;
    let runs = ends.chunk_by(|a, b| a.0 >> 1 == b.0 >> 1);
    let mut rows = Vec::with_capacity(runs.clone().count());
    let mut row = KaplanMeierRow {
        time: 0.0,
        n_at_risk: ends.len(),
        n_events: 0,
        n_censored: 0,
        survival: 1.0,
        log_error: 0.0,
        lower: None,
        upper: None,
    };
    row.add_precision(0.0, options.confidence_type, z);
    for tied in runs {
        row.time = tied[0].time();
        row.n_events = tied.iter().filter(|end| end.is_event()).count();
        row.n_censored = tied.len() - row.n_events;
        // Without events the rest stays as it was.
        if row.n_events > 0 {
            row.survival *= (row.n_at_risk - row.n_events) as f64 / row.n_at_risk as f64;
            log_variance += row.greenwood_term();
            row.add_precision(log_variance.sqrt(), options.confidence_type, z);
        }
        rows.push(row);
        n_events += row.n_events;
        row.n_at_risk -= tied.len();
    }
    KaplanMeierCurve { n: ends.len(), n_events, rows, options: *options }
}

impl KaplanMeierRow {
    /// Fills in the standard errors and limits; there are none where S is 0.
    fn add_precision(&mut self, log_error: f64, confidence_type: ConfidenceType, z: f64) {
        let limits = confidence_type.limits(self.survival, log_error, z);
        self.log_error = log_error;
        self.lower = limits.map(|(lower, _)| lower);
        self.upper = limits.map(|(_, upper)| upper);
    }
}
