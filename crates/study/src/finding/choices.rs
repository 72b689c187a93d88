//! The closed sets that methods choose from: tests, scales and spreads.

use serde::{Deserialize, Serialize};

/// How Wilcoxon's rank-sum test gets its p-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankSumForm {
    /// From the distribution of the rank sum itself.
    Exact,
    /// By the normal approximation with continuity correction.
    Corrected,
    /// By the normal approximation without it.
    Uncorrected,
}

/// How several p-values are adjusted for their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Holm's method, which bounds the probability of any false finding.
    Holm,
    /// Benjamini and Hochberg's, which bounds the share of false findings.
    BenjaminiHochberg,
}

/// What a standardised difference between groups is the difference of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardized {
    /// The means of a number.
    Means,
    /// The shares of the second of two levels.
    SecondLevel,
    /// The shares of several levels: Mahalanobis' distance, without sign.
    Levels,
}

/// Arrangements of patients over groups that a permutation test takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrangements {
    /// All that there are.
    All(u64),
    /// So many, drawn at random.
    Drawn(u64),
}

/// Whether the groups of a propensity score are looked at before or after
/// weighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// Every patient counts once.
    Before,
    /// Patients count by their weights, or only where they are matched.
    After,
}

/// The standard deviation over which balance is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// That of both groups before weighting, pooled.
    Pooled,
    /// That of the treated before weighting.
    Treated,
}

/// What is made of propensity scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreWeighting {
    /// The probability of the other group.
    Overlap,
    /// One over the probability of the own group.
    InverseProbability,
    /// The same times the share of the own group.
    Stabilized,
    /// 1 in the treated, the odds of treatment in the others.
    Treated,
    /// The treated matched to their nearest neighbours on the logit.
    Matching,
}

impl ScoreWeighting {
    // Looked through by name: the column of weights carries a word, and no type.
    const ALL: [Self; 5] =
        [Self::Overlap, Self::InverseProbability, Self::Stabilized, Self::Treated, Self::Matching];

    /// Its name, under which the column of weights keeps how it was made.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::InverseProbability => "inverse_probability",
            Self::Stabilized => "stabilized",
            Self::Treated => "treated",
            Self::Matching => "matching",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        // None of an unknown word: such a column was not made by a propensity score.
        Self::ALL.into_iter().find(|own| own.name() == name)
    }
}

/// What a ratio was taken for on the way to its E-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenFor {
    /// A ratio of risks as it is.
    RiskRatio,
    /// An odds ratio of a rare outcome: a ratio of risks.
    RareOddsRatio,
    /// An odds ratio of a common outcome: its square root.
    CommonOddsRatio,
    /// A hazard ratio of a rare outcome: a ratio of risks.
    RareHazardRatio,
    /// A hazard ratio of a common outcome: converted.
    CommonHazardRatio,
}

/// How confidence limits were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// On the scale of the number itself.
    Plain,
    /// On its logarithm.
    Log,
    /// On the logarithm of its negative logarithm.
    LogLog,
    /// On its log odds.
    Logit,
    /// On the arcsine of its square root.
    Arcsine,
    /// Wald's.
    Wald,
    /// Wald's on the scale of the logarithm.
    WaldLog,
    /// Of the profile likelihood.
    Profile,
    /// Of the profile of a penalised likelihood.
    ProfilePenalized,
    /// Percentiles of bootstrap samples.
    BootstrapPercentile,
    /// Wilson's of a share.
    Wilson,
    /// Clopper and Pearson's of a share.
    ClopperPearson,
    /// Newcombe's of a difference of shares.
    Newcombe,
    /// Woolf's of an odds ratio.
    Woolf,
    /// Exact ones.
    Exact,
    /// Log-normal ones of a ratio.
    LogNormal,
    /// Welch's of a difference of means.
    Welch,
    /// By a normal approximation.
    NormalApproximation,
    /// Student's t with the degrees of freedom of Barnard and Rubin.
    BarnardRubinT,
}

/// How a variance was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// Greenwood's.
    Greenwood,
    /// Aalen's.
    Aalen,
    /// Robust, by the patients' influence.
    Robust,
    /// Robust, by that of clusters.
    RobustByCluster,
    /// The infinitesimal jackknife.
    InfinitesimalJackknife,
    /// From the observed information.
    ObservedInformation,
    /// From so many bootstrap samples of patients.
    Bootstrap(u64),
}

/// What is read of cohorts that reproduce published numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortReading {
    /// How the search for them went.
    Searches,
    /// A quantile or an end over the cohorts that were sampled.
    Sampled,
    /// An end over the first half of them.
    FirstHalf,
    /// An end that searches outward met.
    Directed,
    /// An end over both.
    Range,
    /// What the cohorts have of a published number.
    Reproduced,
    /// The width of the central 90% over cohorts.
    Width,
    /// A bound without cohorts, from the p-value and the number of events.
    Bound,
    /// How often a range held the truth where it was known.
    Coverage,
    /// The ratio of the published medians, as if times were exponential.
    MedianRatio,
}
