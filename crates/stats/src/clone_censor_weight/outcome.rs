//! Weighted curves of both strategies, and what they differ by.

use super::CloneCensorWeight;
use super::censoring::Uncensored;
use super::clones::{Copied, clones};
use super::weighted_rows::WeightedRows;
use crate::Error;
use crate::counting_data::CountingData;
use crate::covariates::Covariates;
use crate::cox::CoxModel;
use crate::propensity::effective_sample_size;
use crate::survival_curve::{SurvivalCurve, SurvivalCurveModel};
use crate::weights::Weights;

/// The comparison of the strategies. Of pairs, the first belongs to strategy
/// 0 ("do not start within the grace period"), the second to strategy 1.
#[derive(Debug, Clone, PartialEq)]
pub struct CloneCensorWeightEstimate {
    /// Each strategy by itself.
    pub strategies: [StrategyEstimate; 2],
    /// What holds at each horizon, in the order asked for.
    pub horizons: Vec<HorizonEffect>,
    /// Logarithm of the hazard ratio of strategy 1 to strategy 0 over the
    /// whole follow-up; `None` if it is infinite or cannot be estimated.
    pub log_hazard_ratio: Option<f64>,
}

impl CloneCensorWeightEstimate {
    /// The hazard ratio of strategy 1 to strategy 0 over the whole follow-up.
    pub fn hazard_ratio(&self) -> Option<f64> {
        self.log_hazard_ratio.map(libm::exp)
    }
}

/// One strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategyEstimate {
    /// The weighted Kaplan-Meier curve of its clones. Its own standard errors
    /// take the weights for known and clones for independent.
    pub curve: SurvivalCurve,
    /// How the numbers of clones go on, unweighted: one step for each distinct
    /// end of follow-up, those of length zero included.
    pub steps: Vec<CloneStep>,
    /// Clones.
    pub n: usize,
    /// Their events before deviating, unweighted.
    pub n_events: usize,
    /// Clones censored for deviating.
    pub n_artificially_censored: usize,
    /// Largest weight that is used.
    pub largest_weight: f64,
    /// Mean weight of the clones still at risk right after the grace period:
    /// about the number of clones at risk by then without artificial
    /// censoring over that with it.
    pub mean_weight: f64,
    /// Clones still at risk right after the grace period.
    pub n_after_grace: usize,
    /// Kish's effective number of them: the square of the sum of weights over
    /// the sum of squares.
    pub effective_n_after_grace: f64,
    /// Whether a covariate tells exactly who deviates: the weights are then
    /// without bound.
    pub is_separated: bool,
}

/// The clones of a strategy at an end of follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CloneStep {
    /// The time.
    pub time: f64,
    /// Clones followed to it or longer.
    pub n_at_risk: usize,
    /// Those of them with the event there.
    pub n_events: usize,
    /// Those of them whose follow-up ends there without it, by deviating or not.
    pub n_censored: usize,
}

/// The strategies until a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonEffect {
    /// The horizon.
    pub time: f64,
    /// S at the horizon; `None` where nobody is followed so far.
    pub survival: [Option<f64>; 2],
    /// Area under S until the horizon, the last S being carried on where
    /// nobody is followed so far.
    pub restricted_mean: [f64; 2],
    /// Whether it was carried on.
    pub is_extended: [bool; 2],
    /// Logarithm of the hazard ratio of strategy 1 to 0 until the horizon.
    pub log_hazard_ratio: Option<f64>,
}

impl HorizonEffect {
    /// Survival under strategy 1 less that under strategy 0.
    pub fn survival_difference(&self) -> Option<f64> {
        let [without, with] = self.survival;
        Some(with? - without?)
    }

    /// The hazard ratio of strategy 1 to 0 until the horizon.
    pub fn hazard_ratio(&self) -> Option<f64> {
        self.log_hazard_ratio.map(libm::exp)
    }

    /// Restricted mean under strategy 1 less that under strategy 0.
    pub fn restricted_mean_difference(&self) -> f64 {
        self.restricted_mean[1] - self.restricted_mean[0]
    }
}

pub(super) fn estimate(
    design: &CloneCensorWeight<'_>,
    horizons: &[f64],
) -> Result<CloneCensorWeightEstimate, Error> {
    let (first, first_rows) = strategy(design, 0)?;
    let (second, second_rows) = strategy(design, 1)?;
    // Subjects of strategy 1 are numbered from n on: a clone is a subject of its
    // own to the model, and its number tells the strategy.
    let mut all = first_rows.clone();
    all.append(&second_rows, design.data.n());
    let at = |time: &f64| HorizonEffect {
        time: *time,
        survival: [survival_at(&first.curve, *time), survival_at(&second.curve, *time)],
        restricted_mean: [area(&first.curve, *time), area(&second.curve, *time)],
        is_extended: [is_extended(&first.curve, *time), is_extended(&second.curve, *time)],
        log_hazard_ratio: log_hazard_ratio(design, &all.until(*time)),
    };
    Ok(CloneCensorWeightEstimate {
        horizons: horizons.iter().map(at).collect(),
        log_hazard_ratio: log_hazard_ratio(design, &all),
        strategies: [first, second],
    })
}

fn strategy(
    design: &CloneCensorWeight<'_>,
    strategy: usize,
) -> Result<(StrategyEstimate, WeightedRows), Error> {
    let clones = clones(design, strategy);
    let uncensored = Uncensored::new(design, &clones, strategy)?;
    let rows = WeightedRows::new(&clones, &uncensored, design.largest_weight);
    let data = CountingData::new(&rows.starts, &rows.stops, &rows.events, &rows.subjects)?;
    let curve =
        SurvivalCurveModel::counting(&data).weights(Weights::new(&rows.weights)?)?.estimate();
    // The rows that cross the end of the grace period: one for each clone at risk
    // right after it, with the weight that holds there.
    let late = (0..rows.stops.len())
        .filter(|row| rows.starts[*row] <= design.grace && rows.stops[*row] > design.grace);
    let weights: Vec<f64> = late.map(|row| rows.weights[row]).collect();
    let sum: f64 = weights.iter().sum();
    // Of nobody the number is unknown, as the mean weight is.
    let effective_n = if weights.is_empty() { f64::NAN } else { effective_sample_size(&weights) };
    let estimate = StrategyEstimate {
        curve,
        steps: steps(&clones),
        n: clones.len(),
        n_events: clones.iter().filter(|clone| clone.event).count(),
        n_artificially_censored: clones.iter().filter(|clone| clone.deviates).count(),
        largest_weight: rows.weights.iter().fold(1.0_f64, |most, weight| most.max(*weight)),
        mean_weight: sum / weights.len() as f64,
        n_after_grace: weights.len(),
        effective_n_after_grace: effective_n,
        is_separated: uncensored.is_separated,
    };
    Ok((estimate, rows))
}

fn steps(clones: &[Copied]) -> Vec<CloneStep> {
    let mut ends: Vec<(f64, bool)> = clones.iter().map(|clone| (clone.end, clone.event)).collect();
    // One pass over sorted ends: what is at risk at a time is what no earlier time
    // has used up.
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut n_at_risk = ends.len();
    let step = |tied: &[(f64, bool)]| {
        let n_events = tied.iter().filter(|(_, event)| *event).count();
        let n_censored = tied.len() - n_events;
        let step = CloneStep { time: tied[0].0, n_at_risk, n_events, n_censored };
        n_at_risk -= tied.len();
        step
    };
    ends.chunk_by(|a, b| a.0 == b.0).map(step).collect()
}

/// S at a time: 1 before the first end of follow-up.
fn survival_at(curve: &SurvivalCurve, time: f64) -> Option<f64> {
    (!is_extended(curve, time)).then(|| {
        // Only times with an event or a censoring have a row. Before the first, the
        // curve is 1.
        let past = curve.rows.partition_point(|row| row.time <= time);
        past.checked_sub(1).map_or(1.0, |last| curve.rows[last].survival)
    })
}

fn is_extended(curve: &SurvivalCurve, time: f64) -> bool {
    // A curve at zero stays there, followed or not.
    curve.rows.last().is_none_or(|row| row.time < time && row.survival > 0.0)
}

/// The area under S until `end`.
fn area(curve: &SurvivalCurve, end: f64) -> f64 {
    // Rectangles below a step function. A row at `end` itself adds no width.
    let (mut sum, mut time, mut survival) = (0.0, 0.0, 1.0);
    for row in curve.rows.iter().take_while(|row| row.time < end) {
        sum += (row.time - time) * survival;
        (time, survival) = (row.time, row.survival);
    }
    sum + (end - time) * survival
}

/// Of strategy 1 to strategy 0, whose subjects come first.
fn log_hazard_ratio(design: &CloneCensorWeight<'_>, rows: &WeightedRows) -> Option<f64> {
    // Failures are `None`: a horizon before the first event has no hazard ratio,
    // which is no reason to lose the other horizons.
    let data = CountingData::new(&rows.starts, &rows.stops, &rows.events, &rows.subjects).ok()?;
    let n = design.data.n();
    let strategy: Vec<f64> =
        rows.subjects.iter().map(|subject| f64::from(u8::from(*subject >= n))).collect();
    let model = CoxModel::counting(&data, Covariates::new(&strategy, 1).ok()?).ok()?;
    let fit =
        model.weights(Weights::new(&rows.weights).ok()?).ok()?.ties(design.ties).fit().ok()?;
    // An infinite estimate is where the iterations stopped, not a number to report.
    let known = fit.coefficients[0].filter(|known| !known.may_be_infinite)?;
    Some(known.estimate)
}
