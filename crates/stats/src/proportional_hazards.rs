//! The score test of proportional hazards and scaled Schoenfeld residuals.
//! The model itself is fitted by `cox`.

mod curve;

use nalgebra::DMatrix;

pub use curve::{CoefficientCurve, CurvePoint};

use crate::Error;
use crate::cox::{CoxFit, CoxModel, RiskSets, SchoenfeldResidual, scaled_coefficients, schoenfeld};
use crate::follow_up::FollowUp;
use crate::inference::Test;
use crate::survival_curve::SurvivalCurveModel;
use crate::symmetric::{Factors, add_scaled, rank_tolerance, unpack};

/// The function of time g(t) along which a coefficient may drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeTransform {
    /// 1 - S(t-), from the Kaplan-Meier curve of all subjects, without
    /// weights or strata: the default of R.
    #[default]
    KaplanMeier,
    /// t.
    Identity,
    /// The rank of t among all times, ties sharing their mean rank.
    Rank,
    /// log t.
    Log,
}

/// The scaled Schoenfeld residuals at one event.
#[derive(Debug, Clone, PartialEq)]
pub struct SchoenfeldRow {
    /// Position of the subject in the data.
    pub subject: usize,
    /// Event time.
    pub time: f64,
    /// g(t).
    pub transformed_time: f64,
    /// One for each column: beta plus the scaled residual, whose trend over
    /// g(t) is the trend of beta(t). `None` for a dropped column.
    pub scaled_residuals: Vec<Option<f64>>,
}

/// The test of proportional hazards for each term and for all.
#[derive(Debug, Clone, PartialEq)]
pub struct ProportionalHazards {
    /// In the order of the terms asked for; `None` where there is nothing to
    /// test, as all columns were dropped or all events are at one time.
    pub terms: Vec<Option<Test>>,
    /// All coefficients at once.
    pub global: Option<Test>,
    /// By stratum, then ascending event time.
    pub residuals: Vec<SchoenfeldRow>,
}

/// Tests whether the coefficients of each term (a list of column positions)
/// drift along g(t).
///
/// # Formula
/// The score test of theta = 0 in the model with beta(t) = beta + theta g(t),
/// theta being zero but for the term's columns. With x of each death, and the
/// mean m and covariance V of x over its risk set, U sums g (x - m) and the
/// information of (beta, theta) sums [V, gV; gV, g^2 V], all at the fitted
/// beta, with ties as in the model; the statistic is (0, U)' I^-1 (0, U). It
/// is the exact test of R's `survival` from 3.0 on, not the approximation of
/// Grambsch and Therneau (1994) that took V as constant. It uses the model's
/// information even where the fit has a sandwich covariance.
///
/// The scaled residual of a death is beta + d C (x - m), with d the number of
/// events and C the inverse information.
///
/// # Arguments
/// `fit` is a fit of `model`; `terms` lists column positions, from zero.
///
/// # Errors
/// [`Error::NoSuchColumn`] for a column position that the model lacks,
/// [`Error::Unsupported`] for exact ties or a penalty,
/// [`Error::Parameter`] for the logarithm of an event time of 0.
///
/// ```
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::cox::CoxModel;
/// use restudy_stats::proportional_hazards::{TimeTransform, proportional_hazards};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[true; 5])?;
/// let treated = [1.0, 0.0, 1.0, 0.0, 1.0];
/// let model = CoxModel::new(&data, Covariates::new(&treated, 1)?)?;
/// let fit = model.fit()?;
/// let test = proportional_hazards(&model, &fit, &[vec![0]], TimeTransform::KaplanMeier)?;
/// assert_eq!(test.terms[0], test.global);
/// assert_eq!(test.residuals.len(), 5);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn proportional_hazards(
    model: &CoxModel<'_>,
    fit: &CoxFit,
    terms: &[Vec<usize>],
    transform: TimeTransform,
) -> Result<ProportionalHazards, Error> {
    let limit = fit.coefficients.len();
    if let Some(column) = terms.iter().flatten().copied().find(|column| *column >= limit) {
        return Err(Error::NoSuchColumn { column, n_columns: limit });
    }
    // The exact likelihood has another information, and a penalty another score.
    if !model.is_plain() {
        let (what, with) = ("the test of proportional hazards", "exact ties or a penalty");
        return Err(Error::Unsupported { what, with });
    }
    let sets = RiskSets::new(model);
    let beta = scaled_coefficients(fit, &sets);
    let run_transforms = transform_runs(model.follow_up(), &sets, transform)?;
    // At the fitted beta, so that the score of beta is zero and only that of theta
    // is in the statistic.
    let score = Score::new(&sets, &beta, &centred(&sets, &run_transforms));
    let kept: Vec<usize> = (0..limit).filter(|j| fit.coefficients[*j].is_some()).collect();
    let term_tests = terms.iter().map(|term| {
        let tested: Vec<usize> = kept.iter().copied().filter(|j| term.contains(j)).collect();
        score.test(&kept, &tested)
    });
    Ok(ProportionalHazards {
        terms: term_tests.collect(),
        global: score.test(&kept, &kept),
        residuals: scaled_residuals(model.follow_up(), fit, &sets, &beta, &run_transforms),
    })
}

/// The time of each run of tied rows.
fn run_time(follow_up: FollowUp<'_>, sets: &RiskSets, run: usize) -> f64 {
    follow_up.ends()[sets.subjects[sets.runs[run].rows().start]]
}

/// g(t) of each run of tied rows; 0 for one without events.
fn transform_runs(
    follow_up: FollowUp<'_>,
    sets: &RiskSets,
    transform: TimeTransform,
) -> Result<Vec<f64>, Error> {
    let curve = SurvivalCurveModel::of(follow_up).estimate().rows;
    let ends = follow_up.ends();
    let ascending: Vec<f64> = follow_up.order().iter().map(|s| ends[*s]).collect();
    let transformed = |time: f64| match transform {
        TimeTransform::Identity => time,
        TimeTransform::Log => libm::log(time),
        TimeTransform::Rank => {
            let before = ascending.partition_point(|other| *other < time);
            let until = ascending.partition_point(|other| *other <= time);
            0.5 * (before + until + 1) as f64
        }
        TimeTransform::KaplanMeier => {
            // S just before the time: the curve's last row before it.
            let past = curve.partition_point(|row| row.time < time);
            1.0 - past.checked_sub(1).map_or(1.0, |last| curve[last].survival)
        }
    };
    (0..sets.runs.len())
        .map(|run| match run_time(follow_up, sets, run) {
            _ if sets.runs[run].deaths().is_empty() => Ok(0.0),
            time if transform == TimeTransform::Log && time <= 0.0 => {
                let range = "(0, infinity), where the logarithm of an event time is defined";
                Err(Error::Parameter { what: "times", value: time, range })
            }
            time => Ok(transformed(time)),
        })
        .collect()
}

/// g less its mean over events, in units of its range over them: it changes
/// no test, and keeps the information well scaled. All zero if g is constant.
fn centred(sets: &RiskSets, transforms: &[f64]) -> Vec<f64> {
    let counts = sets.runs.iter().map(|run| run.deaths().len() as f64);
    let with_events: Vec<(f64, f64)> =
        transforms.iter().copied().zip(counts).filter(|(_, count)| *count > 0.0).collect();
    let n_events: f64 = with_events.iter().map(|(_, count)| count).sum();
    let mean = with_events.iter().map(|(g, count)| g * count).sum::<f64>() / n_events;
    let lowest = with_events.iter().fold(f64::INFINITY, |least, (g, _)| least.min(*g));
    let highest = with_events.iter().fold(f64::NEG_INFINITY, |most, (g, _)| most.max(*g));
    // At one event time nothing can change with it.
    if lowest == highest {
        return vec![0.0; transforms.len()];
    }
    // The test does not depend on unit or origin; by its range, squares of times in
    // days stay near one.
    transforms.iter().map(|g| (g - mean) / (highest - lowest)).collect()
}

/// The score of theta and the blocks of the information of (beta, theta).
struct Score {
    theta: Vec<f64>,
    beta_beta: DMatrix<f64>,
    beta_theta: DMatrix<f64>,
    theta_theta: DMatrix<f64>,
}

impl Score {
    fn new(sets: &RiskSets, beta: &[f64], transforms: &[f64]) -> Self {
        let size = beta.len();
        let mut theta = vec![0.0; size];
        let mut blocks = [0, 1, 2].map(|_| vec![0.0; size * (size + 1) / 2]);
        sets.walk(beta, |step| {
            let g = transforms[step.run];
            // The deaths' covariates less W times the mean, each time its g.
            add_scaled(&mut theta, g * step.share, step.death_covariates);
            add_scaled(&mut theta, -g * step.weight, step.mean);
            // Information [V, gV; gV, g^2 V], block by block.
            for (block, factor) in blocks.iter_mut().zip([1.0, g, g * g]) {
                add_scaled(block, factor * step.weight, step.covariance);
            }
        });
        let [beta_beta, beta_theta, theta_theta] = blocks.map(|block| unpack(&block, size));
        Self { theta, beta_beta, beta_theta, theta_theta }
    }

    /// The test of the columns `tested` in the model of the columns `kept`.
    fn test(&self, kept: &[usize], tested: &[usize]) -> Option<Test> {
        let cross = self.beta_theta.select_rows(kept).select_columns(tested);
        let beta_factors =
            Factors::new(&self.beta_beta.select_rows(kept).select_columns(kept), rank_tolerance());
        // Information of theta after beta is estimated: the Schur complement.
        let explained = cross.transpose() * beta_factors.inverse() * &cross;
        let information = self.theta_theta.select_rows(tested).select_columns(tested) - explained;
        let factors = Factors::new(&information, rank_tolerance());
        let score: Vec<f64> = tested.iter().map(|j| self.theta[*j]).collect();
        // A term whose information lacks rank, as after a single event time, has no
        // test.
        let is_testable = !tested.is_empty() && factors.rank() == tested.len();
        is_testable.then(|| Test::new(factors.quadratic_form(&score), tested.len()))
    }
}

/// The scaled residuals of all events.
fn scaled_residuals(
    follow_up: FollowUp<'_>,
    fit: &CoxFit,
    sets: &RiskSets,
    beta: &[f64],
    transforms: &[f64],
) -> Vec<SchoenfeldRow> {
    let unscaled = schoenfeld(follow_up.ends(), sets, beta).into_iter();
    let row = |(run, residual): (usize, SchoenfeldResidual)| SchoenfeldRow {
        subject: residual.subject,
        time: residual.time,
        transformed_time: transforms[run],
        scaled_residuals: scale_residual(fit, &residual.residuals),
    };
    unscaled.map(row).collect()
}

/// beta + d C r.
fn scale_residual(fit: &CoxFit, residual: &[f64]) -> Vec<Option<f64>> {
    let scaled = |j: usize| {
        let weighted = residual.iter().enumerate().map(|(k, r)| fit.naive_covariance[(j, k)] * r);
        fit.n_events as f64 * weighted.sum::<f64>()
    };
    // d C r: C of the model, whatever sandwich the fit has, as in R.
    let known = fit.coefficients.iter().enumerate();
    known.map(|(j, known)| known.map(|c| c.estimate + scaled(j))).collect()
}
