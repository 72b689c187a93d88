//! What a reader must know before using a number, as a value. Its words are
//! made in `report`.

use serde::{Deserialize, Serialize};

use super::{Address, Refusal};

/// What a reader must know before using a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    // models
    /// What its estimator refused.
    Refused(Refusal),
    /// The number is not defined on these data.
    NotDefined,
    /// Groups are compared by what became known only after time zero.
    NaiveGroup {
        /// The column in words.
        label: String,
        /// The date from which it is known, in words.
        date_label: String,
    },
    /// Patients are chosen by what became known only after time zero.
    ChosenLate {
        /// The column in words.
        label: String,
    },
    /// Patients are in the table by what became known only after time zero.
    RowsChosenLate {
        /// The date from which it is known, in words.
        date_label: String,
    },
    /// The model did not converge.
    NotConverged {
        /// Iterations made.
        iterations: usize,
    },
    /// A term is a combination of those before it, or constant.
    DependentTerm {
        /// The term.
        term: String,
    },
    /// A coefficient may be infinite.
    MayBeInfinite {
        /// Its term.
        term: String,
    },
    /// A ratio or a limit of it is beyond what numbers hold.
    BeyondNumbers {
        /// Its term.
        term: String,
    },
    /// A term parts those with the outcome from those without.
    Separates {
        /// The term.
        term: String,
    },
    /// A coefficient of the model may be infinite.
    SomeMayBeInfinite,
    /// A coefficient of the model is not estimable.
    SomeNotEstimable,
    /// A coefficient is missing or may be infinite.
    SomeMissingOrInfinite,
    /// The coefficients' covariance is singular.
    SingularCovariance,
    /// No patient has the level.
    NoPatientsAtLevel,
    /// No patient has the reference level.
    NoPatientsAtReference,
    /// Fewer than ten events a coefficient.
    FewEventsPerCoefficient,
    /// Few patients without the outcome for so many coefficients.
    FewWithoutOutcomePerCoefficient,
    /// No coefficient was estimated.
    NoCoefficient,
    /// The test takes weights as numbers of independent patients.
    WeightsAsNumbers,
    /// The test takes patients of a cluster as independent.
    ClustersAsIndependent {
        /// The column of clusters.
        cluster: String,
    },
    /// Tests of a penalised model are a rough guide.
    PenalizedTests,
    /// The likelihood of a profile does not fall far enough for a limit.
    NoLimit {
        /// Whether it is the upper one.
        upper: bool,
    },
    /// With an interaction, the ratio holds at one place of the other term.
    RatioHoldsAt {
        /// The other term of the interaction.
        column: String,
        /// Where it stands.
        at: InteractionPlace,
    },
    /// The levels with patients do not tell an interaction from the terms.
    NoRoomForInteraction,
    /// A further model could not be fitted.
    NoFit {
        /// What is wrong with the data for it.
        mistake: String,
    },
    /// Nothing is left to test.
    NothingToTest,
    /// No patient is in the subgroup.
    NobodyInSubgroup,
    /// An arm has no patient in the subgroup.
    NobodyInArm,
    /// Nobody of the subgroup has the level of the treatment.
    LevelNotInSubgroup,
    /// Nobody of the subgroup has the event.
    NoEventsInSubgroup,
    /// An arm has no event in the subgroup.
    InfiniteInSubgroup,
    /// The treatment's effect in the subgroup depends on other terms.
    DependentInSubgroup,
    /// The interaction has no test.
    NoInteractionTest,
    /// The term depends on those before it.
    TermDependsOnOthers,
    /// The column depends on those before it.
    ColumnDependsOnOthers,
    /// Without some patients there is no hazard ratio.
    NoRatioWithout {
        /// Without how many of them, one at a time.
        patients: usize,
    },
    /// No fit without a patient has a hazard ratio.
    NoRatioWithoutAny,
    /// Nobody of the group was followed to the time.
    NobodyOfGroupFollowed,
    /// Some bootstrap samples allowed no fit.
    FailedSamples {
        /// How many.
        failed: usize,
        /// Of how many.
        samples: usize,
    },
    /// Without an end late events weigh heavily.
    LateEventsWeighHeavily,
    /// The model explains less than chance would.
    ExplainsLessThanChance,
    /// Curves are predicted by a model.
    PredictedCurves,
    /// The predicted curve does not fall to one half.
    NotToOneHalf,
    /// No value is missing.
    NothingMissing,
    /// A predictor was left out of an imputation.
    ImputedWithout {
        /// Which.
        predictor: Predictor,
    },
    /// All known values are the same.
    ConstantImputed,
    /// Whether chains mixed cannot be told.
    ChainsUnjudged,
    /// The chains have not mixed.
    ChainsNotMixed,
    /// Imputed patients are left out.
    ImputedLeftOut {
        /// How many.
        patients: usize,
    },
    /// It holds for one imputed data set.
    InImputation {
        /// Which, from 1.
        imputation: usize,
        /// What holds there.
        warning: Box<Warning>,
    },
    /// It may be infinite, as a group has no events.
    GroupWithoutEvents,
    /// Exposure began before time zero for some.
    ExposedBeforeZero {
        /// How many.
        patients: usize,
    },
    /// Exposure began after the end of follow-up for some.
    ExposedAfterEnd {
        /// How many.
        patients: usize,
    },
    /// No event was expected in both states.
    NoEventExpected,
    /// A curve fell to zero before others entered.
    CurveFellEarly,
    /// Nobody is in the state at the time.
    NobodyInState,
    /// Patients move between the curves.
    PatientsChangeCurves,
    /// Other draws could change a printed digit.
    FewDraws {
        /// Of which numbers.
        numbers: Vec<DrawnNumber>,
        /// The largest of their Monte Carlo errors.
        error: f64,
    },
    /// Other draws could move a limit to the other side of no effect.
    DrawsDecide {
        /// Which.
        limit: DrawnNumber,
        /// Its Monte Carlo error.
        error: f64,
    },
    /// No patient has a value of every term.
    NoCompleteCase,
    /// Numbers are of clones.
    CountsOfClones,
    /// Too few bootstrap samples gave it.
    TooFewSamples,
    /// Some bootstrap samples did not give it.
    LostSamples {
        /// How many.
        samples: usize,
    },
    /// A term tells exactly who deviates.
    WeightsWithoutBound,
    /// The ratio is infinite, or a strategy has no event.
    InfiniteOrNoEvent,
    /// No clone was followed to the time.
    NoCloneFollowed,
    /// The last survival was carried on.
    CarriedOn,
    /// Starts are assumed.
    AssumedStarts,
    /// The coefficient may be infinite under the start.
    InfiniteUnderStart,
    /// Some of the exposed are not followed beyond the start.
    Contradicted {
        /// How many.
        patients: usize,
    },
    /// No assumed start tips it.
    NothingTips,
    // curves, groups, responses
    /// Nobody was followed to the time.
    NobodyFollowed,
    /// There is no event, so that no quantile is reached.
    NoEvents,
    /// There is no censoring, where that is the event.
    NoCensoring,
    /// Follow-up ends before the time: the last survival was carried on.
    SurvivalCarriedOn,
    /// The same in one of two groups.
    SurvivalOfAGroupCarriedOn,
    /// The same of an incidence.
    IncidenceCarriedOn,
    /// A curve came down to zero before everybody had entered.
    ZeroBeforeEntries {
        /// When it did.
        days: f64,
    },
    /// The curves are weighted, the numbers below them are patients.
    WeightedCurves,
    /// A curve falls at the later of two examinations.
    BetweenExaminations,
    /// A curve is unknown at the time, or zero.
    CurveUnknown,
    /// A group has no curve.
    NoCurve,
    /// A restricted mean is zero.
    ZeroMean,
    /// A group has no event until the time: its estimate counts as certain.
    CountsAsCertain,
    /// No event was expected in more than one group.
    NothingExpected,
    /// The trend has no variance.
    TrendWithoutVariance,
    /// All arrangements give the same statistic.
    SameInAllArrangements,
    /// A pair of groups has no events.
    PairWithoutEvents,
    /// The search for the maximum of the likelihood ended before it was found.
    SearchEnded,
    /// A quantile lies after the last examination.
    AfterLastExamination,
    /// The data do not tell all intervals with mass apart.
    NotIdentified,
    /// The time lies within an interval with mass: there are bounds only.
    WithinMassInterval,
    /// An interval has no end.
    NoEnd,
    /// There are no confidence limits, as a cell is empty.
    EmptyCell,
    /// An expected count is below 5.
    FewExpected,
    /// No patient of the group has a value.
    NoValues,
    /// Shrunk by a ridge: limits and test are rough.
    ShrunkByRidge,
    /// Under a ridge the test is rough.
    RoughUnderRidge,
    /// Weighting leaves less than half of the patients' information.
    LittleInformation,
    /// Still imbalanced after weighting.
    StillImbalanced {
        /// The size above which groups count as imbalanced.
        above: f64,
    },
    /// The variable does not vary in the groups.
    DoesNotVary,
    /// The finding that this one is about has no value.
    NoValueOf {
        /// That finding.
        finding: Address,
    },
    /// The finding that this one is about has no confidence limits.
    NoLimitsOf {
        /// That finding.
        finding: Address,
    },
    /// It is of constructed cohorts, not of patients.
    ConstructedCohorts,
    /// They rest on assumptions that are known to be too narrow.
    NarrowAssumptions,
    /// In some cohorts the number is infinite or not defined.
    UndefinedInCohorts {
        /// In how many.
        cohorts: usize,
        /// Of how many.
        of: usize,
    },
    /// In some cohorts an arm is not followed to the time.
    ExtrapolatedInCohorts {
        /// In how many.
        cohorts: usize,
        /// Of how many.
        of: usize,
    },
    /// Too few cohorts were found.
    FewCohorts {
        /// How many.
        found: usize,
        /// Of how many.
        asked: usize,
    },
}

/// What the values of a column are imputed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predictor {
    /// Another column.
    Column(String),
    /// A level of another column.
    Level {
        /// The column.
        column: String,
        /// The level.
        level: String,
    },
    /// Whether there was an event.
    Event,
    /// The cumulative hazard at the end of follow-up.
    CumulativeHazard,
}

/// A number that hangs on random draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnNumber {
    /// The estimate.
    Estimate,
    /// Its lower limit.
    Lower,
    /// Its upper limit.
    Upper,
}

/// Where the other term of an interaction stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionPlace {
    /// At a level.
    Level(String),
    /// At zero.
    Zero,
    /// Where its spline is zero.
    SplineZero,
}

impl Warning {
    /// Its code, the same in every version of the words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        // No arm for the rest: a new warning has a code before it compiles. Codes stand in
        // published results and are compared by them.
        match self {
            // models
            // What the data lack says more than that an estimator refused.
            Self::Refused(refusal) => refusal.code(),
            Self::NotDefined => "not_defined",
            Self::NaiveGroup { .. } => "naive_group",
            Self::ChosenLate { .. } => "chosen_late",
            Self::RowsChosenLate { .. } => "rows_chosen_late",
            Self::NotConverged { .. } => "not_converged",
            Self::DependentTerm { .. } => "dependent_term",
            Self::MayBeInfinite { .. } => "may_be_infinite",
            Self::BeyondNumbers { .. } => "beyond_numbers",
            Self::Separates { .. } => "separates",
            Self::SomeMayBeInfinite => "some_may_be_infinite",
            Self::SomeNotEstimable => "some_not_estimable",
            Self::SomeMissingOrInfinite => "some_missing_or_infinite",
            Self::SingularCovariance => "singular_covariance",
            Self::NoPatientsAtLevel => "no_patients_at_level",
            Self::NoPatientsAtReference => "no_patients_at_reference",
            Self::FewEventsPerCoefficient => "few_events_per_coefficient",
            Self::FewWithoutOutcomePerCoefficient => "few_without_outcome_per_coefficient",
            Self::NoCoefficient => "no_coefficient",
            Self::WeightsAsNumbers => "weights_as_numbers",
            Self::ClustersAsIndependent { .. } => "clusters_as_independent",
            Self::PenalizedTests => "penalized_tests",
            Self::NoLimit { .. } => "no_limit",
            Self::RatioHoldsAt { .. } => "ratio_holds_at",
            Self::NoRoomForInteraction => "no_room_for_interaction",
            Self::NoFit { .. } => "no_fit",
            Self::NothingToTest => "nothing_to_test",
            Self::NobodyInSubgroup => "nobody_in_subgroup",
            Self::NobodyInArm => "nobody_in_arm",
            Self::LevelNotInSubgroup => "level_not_in_subgroup",
            Self::NoEventsInSubgroup => "no_events_in_subgroup",
            Self::InfiniteInSubgroup => "infinite_in_subgroup",
            Self::DependentInSubgroup => "dependent_in_subgroup",
            Self::NoInteractionTest => "no_interaction_test",
            Self::TermDependsOnOthers => "term_depends_on_others",
            Self::ColumnDependsOnOthers => "column_depends_on_others",
            Self::NoRatioWithout { .. } => "no_ratio_without",
            Self::NoRatioWithoutAny => "no_ratio_without_any",
            Self::NobodyOfGroupFollowed => "nobody_of_group_followed",
            Self::FailedSamples { .. } => "failed_samples",
            Self::LateEventsWeighHeavily => "late_events_weigh_heavily",
            Self::ExplainsLessThanChance => "explains_less_than_chance",
            Self::PredictedCurves => "predicted_curves",
            Self::NotToOneHalf => "not_to_one_half",
            Self::NothingMissing => "nothing_missing",
            Self::ImputedWithout { .. } => "imputed_without",
            Self::ConstantImputed => "constant_imputed",
            Self::ChainsUnjudged => "chains_unjudged",
            Self::ChainsNotMixed => "chains_not_mixed",
            Self::ImputedLeftOut { .. } => "imputed_left_out",
            Self::InImputation { .. } => "in_imputation",
            Self::GroupWithoutEvents => "group_without_events",
            Self::ExposedBeforeZero { .. } => "exposed_before_zero",
            Self::ExposedAfterEnd { .. } => "exposed_after_end",
            Self::NoEventExpected => "no_event_expected",
            Self::CurveFellEarly => "curve_fell_early",
            Self::NobodyInState => "nobody_in_state",
            Self::PatientsChangeCurves => "patients_change_curves",
            Self::FewDraws { .. } => "few_draws",
            Self::DrawsDecide { .. } => "draws_decide",
            Self::NoCompleteCase => "no_complete_case",
            Self::CountsOfClones => "counts_of_clones",
            Self::TooFewSamples => "too_few_samples",
            Self::LostSamples { .. } => "lost_samples",
            Self::WeightsWithoutBound => "weights_without_bound",
            Self::InfiniteOrNoEvent => "infinite_or_no_event",
            Self::NoCloneFollowed => "no_clone_followed",
            Self::CarriedOn => "carried_on",
            Self::AssumedStarts => "assumed_starts",
            Self::InfiniteUnderStart => "infinite_under_start",
            Self::Contradicted { .. } => "contradicted",
            Self::NothingTips => "nothing_tips",
            // curves, groups, responses
            Self::NobodyFollowed => "nobody_followed",
            Self::NoEvents => "no_events",
            Self::NoCensoring => "no_censoring",
            Self::SurvivalCarriedOn => "survival_carried_on",
            Self::SurvivalOfAGroupCarriedOn => "survival_of_a_group_carried_on",
            Self::IncidenceCarriedOn => "incidence_carried_on",
            Self::ZeroBeforeEntries { .. } => "zero_before_entries",
            Self::WeightedCurves => "weighted_curves",
            Self::BetweenExaminations => "between_examinations",
            Self::CurveUnknown => "curve_unknown",
            Self::NoCurve => "no_curve",
            Self::ZeroMean => "zero_mean",
            Self::CountsAsCertain => "counts_as_certain",
            Self::NothingExpected => "nothing_expected",
            Self::TrendWithoutVariance => "trend_without_variance",
            Self::SameInAllArrangements => "same_in_all_arrangements",
            Self::PairWithoutEvents => "pair_without_events",
            Self::SearchEnded => "search_ended",
            Self::AfterLastExamination => "after_last_examination",
            Self::NotIdentified => "not_identified",
            Self::WithinMassInterval => "within_mass_interval",
            Self::NoEnd => "no_end",
            Self::EmptyCell => "empty_cell",
            Self::FewExpected => "few_expected",
            Self::NoValues => "no_values",
            Self::ShrunkByRidge => "shrunk_by_ridge",
            Self::RoughUnderRidge => "rough_under_ridge",
            Self::LittleInformation => "little_information",
            Self::StillImbalanced { .. } => "still_imbalanced",
            Self::DoesNotVary => "does_not_vary",
            Self::NoValueOf { .. } => "no_value_of",
            Self::NoLimitsOf { .. } => "no_limits_of",
            Self::ConstructedCohorts => "constructed_cohorts",
            Self::NarrowAssumptions => "narrow_assumptions",
            Self::UndefinedInCohorts { .. } => "undefined_in_cohorts",
            Self::ExtrapolatedInCohorts { .. } => "extrapolated_in_cohorts",
            Self::FewCohorts { .. } => "few_cohorts",
        }
    }
}

impl From<&Warning> for Warning {
    fn from(warning: &Warning) -> Self {
        warning.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code is the name under which the warning is stored, whichever way
    /// it carries values.
    #[test]
    fn codes_are_the_names_of_the_variants() {
        let told = [
            Warning::NotDefined,
            Warning::NaiveGroup { label: "Radiotherapy".into(), date_label: "Start".into() },
            Warning::MayBeInfinite { term: "age".into() },
            Warning::RatioHoldsAt { column: "sex".into(), at: InteractionPlace::SplineZero },
            Warning::ImputedWithout { predictor: Predictor::Event },
            Warning::InImputation { imputation: 3, warning: Box::new(Warning::NoCoefficient) },
            Warning::StillImbalanced { above: 0.1 },
        ];
        for warning in told {
            // A variant without values is stored as a text, one with values as a mapping of one
            // key.
            let stored = serde_json::to_value(&warning).expect("plain values");
            let name = stored.as_str().or_else(|| {
                stored.as_object().and_then(|fields| fields.keys().next()).map(String::as_str)
            });
            assert_eq!(Some(warning.code()), name);
            let back: Warning = serde_json::from_value(stored.clone()).expect("just written");
            assert_eq!(back, warning);
        }
        let refused = Warning::Refused(Refusal::NoEvents { n: 4 });
        assert_eq!(refused.code(), "no_events");
    }
}
