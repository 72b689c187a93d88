//! The closed sets that the methods of models choose from: what was counted or
//! tested, how ties, errors and weights were taken.

use crate::Span;
use serde::{Deserialize, Serialize};

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Patients.
    Patients,
    /// Events.
    Events,
    /// Patients left out.
    LeftOut,
    /// Patients without a value.
    WithoutValue,
    /// Patients with a value of every column.
    WithEveryValue,
    /// Imputed data sets.
    ImputedDataSets,
    /// Completed data sets.
    CompletedDataSets,
    /// Iterations of each chain.
    Iterations,
    /// Patients ever in a state.
    EverInState,
    /// Events in a state.
    EventsInState,
    /// Patients in a state just before a time.
    InStateJustBefore,
    /// Follow-up of length zero.
    WithoutFollowUp,
    /// Follow-up that ends by the landmark.
    EndedByLandmark,
    /// Patients from a landmark on.
    FromLandmark,
    /// Clones.
    Clones,
    /// Bootstrap samples without an estimate.
    FailedSamples,
}

/// When exposure is taken to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExposureTime {
    /// When it did.
    Recorded,
    /// For all at one assumed time.
    AssumedTime,
    /// For each after an assumed share of its own follow-up.
    AssumedShare,
}

/// An estimator of a subdistribution hazard ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FineGrayVariant {
    /// Weighted risk sets, Efron's ties, the sandwich of known weights.
    WeightedEfron,
    /// Breslow's ties, errors that allow for the estimated censoring curve.
    FineGrayBreslow,
}

/// A distribution of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Exponential.
    Exponential,
    /// Weibull.
    Weibull,
    /// Log-normal.
    LogNormal,
    /// Log-logistic.
    LogLogistic,
}

/// A concordance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConcordanceKind {
    /// Harrell's.
    Harrell,
    /// Uno's.
    Uno,
    /// Of fitted probabilities with an outcome.
    Outcome,
}

/// Whose Brier score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrierOf {
    /// The model's.
    Model,
    /// That of the Kaplan-Meier curve of all patients.
    Everybody,
    /// The share of the latter that the model takes off.
    Gain,
    /// That of fitted probabilities of an outcome.
    Outcome,
}

/// The form of a cubic spline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplineForm {
    /// B-splines made natural.
    Natural,
    /// Truncated powers, restricted.
    Restricted,
}

/// A test of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Wald's.
    Wald,
    /// The likelihood-ratio test.
    LikelihoodRatio,
    /// The same of penalised likelihoods.
    PenalizedLikelihoodRatio,
    /// The score test.
    Score,
    /// The same with robust errors.
    RobustScore,
    /// Student's t with the degrees of freedom of Barnard and Rubin.
    BarnardRubinT,
    /// Wald's, pooled as D1 of Li, Raghunathan and Rubin.
    PooledWald,
}

/// What a test is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tested {
    /// All levels of a term.
    AllLevels,
    /// The whole curve of a spline.
    WholeCurve,
    /// That a spline is a straight line.
    StraightLine,
    /// All terms.
    AllTerms,
    /// All coefficients.
    AllCoefficients,
    /// The interaction.
    Interaction,
    /// Equal coefficients before and after the cut.
    EqualBeforeAndAfter,
    /// Proportional hazards along a transform of time.
    ProportionalHazards(TimeTransform),
}

/// How tied event times are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Efron's approximation.
    Efron,
    // Part of a finding's method, so that a change of the default shows in a comparison
    // of results.
    /// Breslow's approximation.
    Breslow,
    /// The exact likelihood of a discrete time scale.
    Exact,
}

/// Standard errors that do not trust the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errors {
    /// Robust.
    Robust,
    /// Robust, patients of a cluster taken together.
    Clustered(Clusters),
    /// Patients of a cluster taken together, nothing else being robust.
    ClustersAlone(Clusters),
}

/// What groups dependent patients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clusters {
    /// A column.
    By(String),
    /// An entry, such as one that matched them.
    MadeBy(String),
}

/// What tips at an assumed start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tipping {
    /// The estimate is 1 or on its other side.
    Estimate,
    /// The limits of a level include 1.
    Limits(f64),
}

/// What a subgroup's ratio is estimated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubgroupModel {
    /// All patients, without interaction.
    AllPatients,
    /// One model with the interaction.
    WithInteraction,
    /// A model of the subgroup alone.
    SubgroupAlone,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeEnd {
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
}

/// A transform of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeTransform {
    /// The Kaplan-Meier curve.
    KaplanMeier,
    /// Ranks.
    Rank,
    /// Time itself.
    Identity,
    /// Its logarithm.
    Log,
}

/// How weights against artificial censoring are made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CensoringWeights {
    /// By a Cox model.
    Cox,
    /// By a pooled logistic model of intervals of one length.
    PooledLogistic {
        /// Their length.
        interval: Span,
    },
    /// Not at all.
    Unweighted,
}
