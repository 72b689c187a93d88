//! The Kaplan-Meier curve with its limits, quantiles and restricted mean.
//! Comparing curves is left to `log_rank`.

use crate::Error;
use crate::survival_data::SurvivalData;

/// The scale on which confidence limits of a survival probability are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfidenceType {
    /// S itself, cut at 0 and 1.
    Plain,
    /// log S, cut at 1: the default of R.
    #[default]
    Log,
    /// log(-log S): the default of SAS.
    LogLog,
    /// log(S / (1 - S)).
    Logit,
    /// arcsin(sqrt S).
    Arcsin,
}

/// How a Kaplan-Meier curve is estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KaplanMeierOptions {
    /// Coverage of the limits, in (0, 1).
    pub confidence_level: f64,
    /// Scale of the limits.
    pub confidence_type: ConfidenceType,
    /// Whether censoring is the event: the curve of the potential follow-up.
    pub reverse: bool,
}

impl Default for KaplanMeierOptions {
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
    /// Greenwood's standard error of log S; `None` where S is 0.
    pub log_standard_error: Option<f64>,
    /// Greenwood's standard error of S; `None` where S is 0.
    pub standard_error: Option<f64>,
    /// Lower limit; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
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

/// A quantile of the survival time with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalQuantile {
    /// Share of subjects with the event by then.
    pub probability: f64,
    /// The time; `None` if the curve does not fall that low.
    pub estimate: Option<f64>,
    /// Lower limit; `None` if its curve does not fall that low.
    pub lower: Option<f64>,
    /// Upper limit; `None` if its curve does not fall that low.
    pub upper: Option<f64>,
}

/// The curve and the counts at a chosen time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalAt {
    /// The chosen time.
    pub time: f64,
    /// Subjects with follow-up >= `time`.
    pub n_at_risk: usize,
    /// Events at or before `time`.
    pub n_events: usize,
    /// Censored at or before `time`.
    pub n_censored: usize,
    /// S(time); `None` after the last follow-up.
    pub survival: Option<f64>,
    /// Greenwood's standard error of S.
    pub standard_error: Option<f64>,
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// The area under a curve up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The horizon.
    pub tau: f64,
    /// Restricted mean survival time.
    pub estimate: f64,
    /// Its standard error by Greenwood's formula.
    pub standard_error: f64,
}

/// The curve of all subjects.
pub fn kaplan_meier(
    data: &SurvivalData,
    options: &KaplanMeierOptions,
) -> Result<KaplanMeierCurve, Error> {
    let _ = (data, options);
    todo!()
}

/// One curve per group code `0..n_groups`.
pub fn kaplan_meier_by_group(
    data: &SurvivalData,
    groups: &[usize],
    n_groups: usize,
    options: &KaplanMeierOptions,
) -> Result<Vec<KaplanMeierCurve>, Error> {
    let _ = (data, groups, n_groups, options);
    todo!()
}

impl KaplanMeierCurve {
    /// The median survival time.
    pub fn median(&self) -> SurvivalQuantile {
        todo!()
    }

    /// The time by which a share `probability` in (0, 1) had the event.
    pub fn quantile(&self, probability: f64) -> Result<SurvivalQuantile, Error> {
        let _ = probability;
        todo!()
    }

    /// The curve and counts at a time >= 0.
    pub fn at(&self, time: f64) -> Result<SurvivalAt, Error> {
        let _ = time;
        todo!()
    }

    /// The area under the curve from 0 to `tau` > 0.
    pub fn restricted_mean(&self, tau: f64) -> Result<RestrictedMean, Error> {
        let _ = tau;
        todo!()
    }
}
