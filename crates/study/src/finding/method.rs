//! How a number was computed, as a value. Its words are made in `report`.

use crate::{Check, Span, Standing};
use serde::{Deserialize, Serialize};

use super::{
    Address, Adjustment, Arrangements, BrierOf, CensoringWeights, CohortReading, ConcordanceKind,
    Counted, Distribution, Errors, ExposureTime, FineGrayVariant, IntervalKind, RangeEnd,
    RankSumForm, ScoreWeighting, SplineForm, Spread, Standardized, SubgroupModel, TakenFor, Test,
    Tested, Ties, Tipping, Variance, Weighting,
};

/// An estimator or test with its variant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// What was done, such as the Kaplan-Meier estimator.
    pub procedure: Procedure,
    /// How, in the order in which words name it.
    pub details: Vec<Detail>,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// Nothing was told.
    // What announces a finding whose procedure only the data decide.
    #[default]
    Unsaid,

    // models
    /// A count of the patients who have all values.
    CompleteCases,
    /// A count of something else.
    CountOf(Counted),
    /// The row of a reference level: 1 or 0 by definition.
    Reference,
    /// Cox's regression of proportional hazards.
    Cox,
    /// Cox's regression on an exposure that begins during follow-up.
    TimeDependentCox(ExposureTime),
    /// Fine and Gray's regression of the subdistribution hazard.
    FineGray(FineGrayVariant),
    /// A parametric model of accelerated failure times.
    AcceleratedFailureTime(Distribution),
    /// The curve of Simon and Makuch.
    SimonMakuch,
    /// The test of Mantel and Byar.
    MantelByar,
    /// Follow-up in a state, summed over patients.
    PersonTime,
    /// Cloning, censoring and weighting.
    CloneCensorWeight {
        /// Within which the strategies allow a start.
        grace: Span,
    },
    /// Concordance of predicted risk with survival.
    Concordance {
        /// Harrell's or Uno's.
        of: ConcordanceKind,
        /// The last day whose events count, where there is one.
        until_days: Option<f64>,
    },
    /// Harrell's concordance less its optimism.
    CorrectedConcordance,
    /// The optimism of Harrell's concordance.
    Optimism,
    /// The slope of bootstrapped models in all patients.
    CalibrationSlope,
    /// Likelihood-ratio chi-square less its degrees of freedom, over itself.
    HeuristicShrinkage,
    /// Mean predicted survival in groups of like risk.
    MeanPrediction,
    /// The Brier score, censoring weighted by its inverse probability.
    BrierScore(BrierOf),
    /// Events over coefficients that were estimated.
    EventsPerCoefficient,
    /// The generalised variance inflation factor.
    VarianceInflation,
    /// The p of an interaction, adjusted for how many columns were tested.
    AdjustedInteraction(Adjustment),
    /// Degrees of freedom of Barnard and Rubin.
    BarnardRubin,
    /// The standard error that random draws leave.
    MonteCarloError,
    /// Gelman and Rubin's factor of the chains' means.
    GelmanRubin,
    /// Read off the values that are known.
    KnownValues,
    /// Read off imputed values.
    ImputedValues {
        /// How many data sets they were imputed in.
        data_sets: usize,
    },
    /// Akaike's criterion less the lowest of the distributions.
    AkaikeDifference,
    /// Not estimated: 1.
    FixedAtOne,
    /// Knots of a spline, as declared.
    DeclaredKnots,
    /// Knots of a spline at quantiles of the model's patients.
    QuantileKnots(SplineForm),
    // curves, groups, responses
    /// The Kaplan-Meier estimate of survival.
    KaplanMeier,
    /// The same with censoring taken for the event.
    ReverseKaplanMeier,
    /// Survival as the exponential of the Nelson-Aalen cumulative hazard.
    NelsonAalen,
    /// The same by Fleming and Harrington, who take ties one by one.
    FlemingHarrington,
    /// The cumulative hazard by Nelson and Aalen, or with ties taken one by one.
    CumulativeHazard {
        /// Whether ties were taken one by one.
        ties_one_by_one: bool,
    },
    /// Turnbull's nonparametric maximum likelihood.
    Turnbull,
    /// The Kaplan-Meier estimate with events in the middle of their intervals.
    MidpointKaplanMeier,
    /// The cumulative incidence by Aalen and Johansen.
    AalenJohansen,
    /// The area under a curve.
    // Of any procedure, so that a difference of areas under weighted curves needs no
    // variant of its own.
    AreaUnder(Box<Procedure>),
    /// The difference of two groups in what a procedure gives.
    DifferenceOf(Box<Procedure>),
    /// Their ratio.
    RatioOf(Box<Procedure>),
    /// A count.
    Count,
    /// The first and last end of follow-up.
    RangeOfFollowUp,
    /// A sum of weights.
    SumOfWeights,
    /// The squared sum of weights over the sum of their squares.
    EffectiveN,
    /// The log-rank test, with events weighed by survival to the power `rho`.
    LogRank {
        /// 0 for the log-rank test itself.
        rho: f64,
    },
    /// The log-rank test of groups weighted by an entry.
    WeightedLogRank {
        /// The entry of `analyze`.
        weights: String,
    },
    /// Gehan and Breslow's test.
    Gehan,
    /// Tarone and Ware's test.
    TaroneWare,
    /// Peto and Peto's test.
    PetoPeto,
    /// The same as modified by Andersen.
    ModifiedPetoPeto,
    /// Fleming and Harrington's test.
    FlemingHarringtonTest {
        /// Power of survival.
        rho: f64,
        /// Power of one less survival.
        gamma: f64,
    },
    /// The most extreme of four of Fleming and Harrington's tests.
    MaxCombo,
    /// Gray's test of cumulative incidences.
    Gray {
        /// Power of one less the pooled incidence.
        rho: f64,
    },
    /// P-values adjusted for their number.
    AdjustedP(Adjustment),
    /// A share of patients.
    Proportion,
    /// A share of those with a value.
    ShareOfKnown,
    /// Pearson's chi-square test.
    PearsonChiSquare,
    /// The same with Yates' correction.
    YatesChiSquare,
    /// Fisher's exact test.
    Fisher,
    /// The same with half the probability of what was observed.
    FisherMidP,
    /// Fisher's test by random tables.
    FisherMonteCarlo {
        /// How many.
        tables: u64,
    },
    /// Wilcoxon's rank-sum test.
    RankSum,
    /// Kruskal and Wallis' test.
    KruskalWallis,
    /// Welch's t test.
    WelchT,
    /// Welch's analysis of variance.
    WelchAnova,
    /// A difference of shares.
    RiskDifference,
    /// A ratio of odds.
    OddsRatio,
    /// The same by conditional maximum likelihood.
    ConditionalOddsRatio,
    /// A ratio of shares.
    RelativeRisk,
    /// A difference of means.
    MeanDifference,
    /// Hodges and Lehmann's shift.
    HodgesLehmann,
    /// The arithmetic mean.
    Mean,
    /// The sample standard deviation.
    StandardDeviation,
    /// The median of values.
    Median,
    /// A quartile, by R's type 7.
    Quartile,
    /// The smallest value.
    Smallest,
    /// The largest value.
    Largest,
    /// A difference in pooled standard deviations.
    StandardizedDifference(Standardized),
    /// Logistic regression.
    Logistic,
    /// The area under the curve of propensity scores, ties counting half.
    ScoreConcordance,
    /// Of the propensity scores of a group.
    ScoresOfGroup,
    /// Propensity scores beyond the range that both groups have.
    ScoresBeyondSupport,
    /// What was made of propensity scores.
    ScoreWeights(ScoreWeighting),
    /// The widest distance of matched patients on the logit.
    Caliper,
    /// A difference between the groups of a propensity score over a spread.
    BalanceDifference(Weighting, Spread),
    /// The largest size of one.
    LargestBalanceDifference(Weighting, Spread),
    /// The variance of the treated over that of the others.
    VarianceRatio(Weighting),
    /// The E-value of another finding.
    EValue,
    /// An examination of published numbers.
    PublishedNumbers(Check),
    /// Numbers of all analyses, computed again by another library.
    SecondOpinion,
    /// Events over the time in which they can be seen.
    EventRate,
    /// Cohorts that reproduce published numbers.
    ConstructedCohorts(CohortReading),
}

/// How it was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Confidence limits of a kind.
    Interval {
        /// On which scale, or by whom.
        interval: IntervalKind,
        /// Their confidence level, such as 0.95.
        level: f64,
    },
    /// Within the levels of these columns.
    StratifiedBy(Vec<String>),
    /// Other causes than this one count as censoring.
    OtherCausesCensored(String),
    // models
    /// A statistic, limits or p of a test.
    Test {
        /// The test.
        test: Test,
        /// What it is a test of, where not of a single coefficient or of the model.
        of: Option<Tested>,
    },
    /// A term as a cubic spline.
    Spline {
        /// Its form.
        form: SplineForm,
        /// How many coefficients it has.
        degrees_of_freedom: usize,
    },
    /// How tied event times were taken.
    Ties(Ties),
    /// A ridge of a size.
    Ridge(f64),
    /// Firth's penalised likelihood.
    Firth,
    /// A column whose coefficient is 1.
    Offset(String),
    /// At risk from the day in a column on.
    AtRiskFrom(String),
    /// Weighted by an entry's weights.
    WeightedBy(String),
    /// Weighted so, where the entry that made the weights says how.
    Weights(ScoreWeighting),
    /// Standard errors that do not trust the model.
    Errors(Errors),
    /// The levels of a category that are the outcome.
    OutcomeLevels(Vec<String>),
    /// Confidence limits from the infinitesimal jackknife.
    InfinitesimalJackknife,
    /// Within strata.
    WithinStrata,
    /// Of the likelihood without its penalty.
    UnpenalizedLikelihood,
    /// Of a pseudo-likelihood.
    PseudoLikelihood,
    /// From a landmark in its words, such as `90 days`.
    Landmark(Span),
    /// Adjusted for the terms.
    Adjusted,
    /// Unexposed until exposure begins.
    UnexposedUntilStart,
    /// The first assumed start that tips a result.
    TippingPoint(Tipping),
    /// The model that a subgroup's ratio is from.
    Subgroup(SubgroupModel),
    /// The end of a range over the fits without one patient.
    WithoutOnePatient(RangeEnd),
    /// The largest change by one patient, to first order.
    Dfbeta {
        /// Whether in standard errors.
        in_standard_errors: bool,
    },
    /// In so many groups of like risk.
    GroupsOfLikeRisk(usize),
    /// For so many columns that were tested.
    ForColumns(usize),
    /// Pooled by Rubin's rules.
    Pooled {
        /// Over how many imputations; only the data know.
        imputations: Option<usize>,
    },
    /// The increase of the variance by missing values.
    IncreaseOfVariance,
    /// By maximum likelihood.
    MaximumLikelihood,
    /// Errors by the delta method.
    DeltaMethod,
    /// Other terms at their reference or mean.
    OthersAtReference,
    /// Predicted with the baseline hazard that goes with these ties.
    PredictedWith(Ties),
    /// From bootstrap samples.
    Bootstrap {
        /// How many.
        samples: usize,
    },
    /// How weights against artificial censoring were made.
    CensoringWeights(CensoringWeights),
    /// Weights cut at a largest one.
    CutAt(f64),
    /// From a weighted Cox model of clones.
    WeightedCoxOfClones(Ties),
    /// By the trapezoidal rule over so many equal steps from day 0.
    Trapezoidal {
        /// How many steps.
        steps: usize,
    },
    // curves, groups, responses
    /// A ridge of a size on standardised terms.
    StandardizedRidge(f64),
    /// Patients count by their weights.
    Weighted,
    /// Patients are at risk from their entry on.
    LeftTruncated,
    /// How the variance was estimated.
    Variance(Variance),
    /// The permutation form of the test.
    Permutation(Arrangements),
    /// The form of the test for a trend over groups with these scores.
    Trend(Vec<f64>),
    /// The form of Wilcoxon's test.
    Form(RankSumForm),
    /// Of a pair of groups, by their own patients alone.
    OwnPatients,
    /// Of several weights of Fleming and Harrington, the most extreme.
    MostExtreme {
        /// Power of survival.
        rho: f64,
        /// Power of one less survival.
        gamma: f64,
    },
    /// Adjusted for the number of p-values.
    AdjustedBy(Adjustment),
    /// The number of p-values that were adjusted.
    OfPValues(u64),
    /// Up to so many controls for each treated patient.
    UpToControls(u32),
    /// Matched patients lie so many standard deviations apart at most.
    WithinCaliper(f64),
    /// Matched patients are the same in these columns.
    SameIn(Vec<String>),
    /// Weights beyond two percentiles, as shares, were set to them.
    Truncated {
        /// The lower share.
        lower: f64,
        /// The upper share.
        upper: f64,
    },
    /// The finding that it was computed from.
    OfFinding(Address),
    /// What a ratio was taken for.
    TakenFor(TakenFor),
    /// How published numbers stand to each other.
    Stands(Standing),
}

impl Procedure {
    /// The area under the curve that it gives.
    #[must_use]
    pub fn area(self) -> Method {
        Method::of(Self::AreaUnder(Box::new(self)))
    }
}

impl Method {
    /// The difference of two groups in what the method gives.
    #[must_use]
    pub fn difference(self) -> Self {
        Self { procedure: Procedure::DifferenceOf(Box::new(self.procedure)), ..self }
    }

    /// The ratio of two groups in it.
    #[must_use]
    pub fn ratio(self) -> Self {
        Self { procedure: Procedure::RatioOf(Box::new(self.procedure)), ..self }
    }

    /// A procedure without details.
    #[must_use]
    pub fn of(procedure: Procedure) -> Self {
        Self { procedure, details: Vec::new() }
    }

    /// With a further detail.
    #[must_use]
    pub fn with(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    /// The same with details before its own.
    #[must_use]
    pub fn led_by(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        // Words name details in this order: what was tested stands before how ties were
        // taken.
        self.details.splice(0..0, details);
        self
    }

    /// With a test of a single coefficient or of the whole model.
    #[must_use]
    pub fn tested(self, test: Test) -> Self {
        self.led_by([Detail::Test { test, of: None }])
    }

    /// With a test of something.
    #[must_use]
    pub fn tested_of(self, test: Test, of: Tested) -> Self {
        self.led_by([Detail::Test { test, of: Some(of) }])
    }

    /// With confidence limits.
    #[must_use]
    pub fn interval(self, interval: IntervalKind, level: f64) -> Self {
        self.with(Detail::Interval { interval, level })
    }

    /// With a detail, where there is one.
    #[must_use]
    pub fn and(mut self, detail: Option<Detail>) -> Self {
        self.details.extend(detail);
        self
    }

    /// Whether groups were compared within strata.
    #[must_use]
    pub fn is_stratified(&self) -> bool {
        self.details.iter().any(|detail| matches!(detail, Detail::StratifiedBy(_)))
    }
}

impl From<Procedure> for Method {
    fn from(procedure: Procedure) -> Self {
        Self::of(procedure)
    }
}

impl From<&Method> for Method {
    fn from(method: &Method) -> Self {
        method.clone()
    }
}
