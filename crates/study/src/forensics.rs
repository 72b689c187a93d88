//! What a published number is of, and what came of examining published numbers
//! with no patient at hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Part, Quantity, Span};

/// What a published number is of. Where the claim names a finding, the finding says
/// all of this itself, and what is written here is in its place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What kind of number it is.
    #[serde(default)]
    pub statistic: Option<Published>,
    /// The outcome, endpoint or variable, by any name that the claims share: `response`, `pfs`, `age`.
    #[serde(default)]
    pub of: Option<String>,
    /// The level of a variable that is counted, such as `male` of `sex`.
    #[serde(default)]
    pub level: Option<String>,
    /// The group; everybody without it.
    #[serde(default)]
    pub group: Option<String>,
    /// The group compared with; the other one of two without it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The subgroup of patients that it is of.
    #[serde(default)]
    pub subgroup: Option<Subgroup>,
    /// The time of follow-up.
    #[serde(default)]
    pub at: Option<Span>,
    /// The denominator, where it is not everybody in the group.
    #[serde(default)]
    #[schemars(range(max = 10_000_000))]
    pub n: Option<u64>,
    /// What includes it: objective response is part of disease control, and being free of
    /// progression part of being alive.
    #[serde(default)]
    pub part_of: Option<String>,
    /// The test of a p-value, where the source names it.
    #[serde(default)]
    pub test: Option<PublishedTest>,
    /// Sides of the test.
    #[serde(default)]
    #[schemars(range(min = 1, max = 2))]
    pub sides: Option<u8>,
    /// Whether it is adjusted, stratified or weighted: then counts alone cannot give it.
    #[serde(default)]
    pub adjusted: Option<bool>,
    /// Whether the mean is of whole numbers, such as years of age.
    #[serde(default)]
    pub whole_numbers: bool,
    /// Whether it compares groups at baseline.
    #[serde(default)]
    pub baseline: bool,
    /// Whether the levels that are claimed of the variable are all there are.
    #[serde(default)]
    pub all_levels: bool,
}

/// Patients at a level of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subgroup {
    /// The variable, such as `sex`.
    pub variable: String,
    /// Its level, such as `male`.
    pub level: String,
}

/// What kind of number is published.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Published {
    /// Patients.
    Patients,
    /// Events of an endpoint.
    Events,
    /// Patients with an outcome or at a level.
    Count,
    /// Their share.
    Proportion,
    /// A p-value that compares groups.
    PValue,
    /// A hazard ratio, group over reference.
    HazardRatio,
    /// An odds ratio.
    OddsRatio,
    /// A relative risk.
    RelativeRisk,
    /// A difference of shares.
    RiskDifference,
    /// A median time to an event.
    Median,
    /// Median follow-up.
    MedianFollowUp,
    /// Survival at a time.
    Survival,
    /// Patients at risk at a time.
    AtRisk,
    /// A mean.
    Mean,
    /// A standard deviation.
    StandardDeviation,
    /// The smallest value.
    Minimum,
    /// The largest value.
    Maximum,
    /// A standardised difference of groups.
    StandardizedDifference,
}

/// The test that a source names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublishedTest {
    /// Pearson's chi-square.
    Pearson,
    /// Chi-square with Yates' correction.
    Yates,
    /// Fisher's exact test.
    Fisher,
    /// Fisher's mid-p.
    MidP,
    /// The log-rank test.
    LogRank,
    /// Wald's test of a model.
    Wald,
    /// Student's t.
    Student,
    /// Welch's t.
    Welch,
    /// Another one.
    Other,
}

/// An examination of published numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Whole counts behind a percentage.
    CountsThatFit,
    /// A count beside its percentage.
    CountAndShare,
    /// Denominators that all percentages of a group leave.
    Denominators,
    /// A part that is no larger than the whole.
    PartWithinWhole,
    /// A number that can be printed at all.
    PossibleValue,
    /// Groups that add up to everybody.
    GroupsAddUp,
    /// Levels, or subgroups, that add up.
    LevelsAddUp,
    /// Tests of counts that print a p-value.
    PFromCounts,
    /// One test behind all p-values of counts.
    OneTestForAll,
    /// A ratio or difference from counts.
    EffectFromCounts,
    /// The confidence limits of a share.
    LimitsOfShare,
    /// An estimate in the middle of its limits.
    EstimateWithinLimits,
    /// Limits of a ratio and its p-value.
    LimitsAndP,
    /// Limits of a ratio and its events.
    LimitsAndEvents,
    /// The hazard ratio behind a p-value and its events.
    RatioFromPAndEvents,
    /// Medians and the hazard ratio.
    MediansAndRatio,
    /// Medians and the p-value.
    MediansAndP,
    /// Survival that cannot rise.
    SurvivalFalls,
    /// Numbers at risk that cannot rise.
    AtRiskFalls,
    /// A median and survival at times.
    MedianAndSurvival,
    /// Survival and numbers at risk.
    SurvivalAndAtRisk,
    /// A median and the number of events.
    MedianAndEvents,
    /// The confidence limits of survival.
    LimitsOfSurvival,
    /// An endpoint that comes no later than another.
    NestedEndpoints,
    /// The mean of whole numbers.
    MeanOfWholeNumbers,
    /// A standard deviation within the range.
    SpreadWithinRange,
    /// Tests of means that print a p-value.
    PFromMeans,
    /// Groups more alike than chance makes them.
    TooAlike,
    /// The same number in several places.
    SameInAllPlaces,
    /// A number that no examination takes up.
    Unexamined,
}

// Names are written out and not derived: they are parts of ids that studies cite.
impl Check {
    /// Its name in ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CountsThatFit => "counts_that_fit",
            Self::CountAndShare => "count_and_share",
            Self::Denominators => "denominators",
            Self::PartWithinWhole => "part_within_whole",
            Self::PossibleValue => "possible_value",
            Self::GroupsAddUp => "groups_add_up",
            Self::LevelsAddUp => "levels_add_up",
            Self::PFromCounts => "p_from_counts",
            Self::OneTestForAll => "one_test_for_all",
            Self::EffectFromCounts => "effect_from_counts",
            Self::LimitsOfShare => "limits_of_share",
            Self::EstimateWithinLimits => "estimate_within_limits",
            Self::LimitsAndP => "limits_and_p",
            Self::LimitsAndEvents => "limits_and_events",
            Self::RatioFromPAndEvents => "ratio_from_p_and_events",
            Self::MediansAndRatio => "medians_and_ratio",
            Self::MediansAndP => "medians_and_p",
            Self::SurvivalFalls => "survival_falls",
            Self::AtRiskFalls => "at_risk_falls",
            Self::MedianAndSurvival => "median_and_survival",
            Self::SurvivalAndAtRisk => "survival_and_at_risk",
            Self::MedianAndEvents => "median_and_events",
            Self::LimitsOfSurvival => "limits_of_survival",
            Self::NestedEndpoints => "nested_endpoints",
            Self::MeanOfWholeNumbers => "mean_of_whole_numbers",
            Self::SpreadWithinRange => "spread_within_range",
            Self::PFromMeans => "p_from_means",
            Self::TooAlike => "too_alike",
            Self::SameInAllPlaces => "same_in_all_places",
            Self::Unexamined => "unexamined",
        }
    }
}

/// How published numbers stand to each other, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
// Ordered from the best to the worst, so that the worst of several is their
// maximum.
pub enum Standing {
    /// They fit.
    Consistent,
    /// They cannot be held against anything.
    NotCheckable,
    /// They fit, but only in an unusual way.
    Unusual,
    /// No values that print them fit.
    Contradiction,
}

impl Standing {
    /// Its name in ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::NotCheckable => "not_checkable",
            Self::Unusual => "unusual",
            Self::Contradiction => "contradiction",
        }
    }
}

/// Why a number could not be examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Nothing says what it is of.
    Meaning,
    /// It is no number.
    Number,
    /// The number of patients.
    Patients,
    /// It is adjusted.
    Adjusted,
    /// Anything printed to hold it against.
    Counterpart,
    /// Too many counts fit to try them all.
    Digits,
}

/// A number behind a standing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clue {
    /// What it is, as a part of an id: `counts_that_fit`, `p_yates`.
    pub name: String,
    /// What kind of number it is.
    pub quantity: Quantity,
    /// The number.
    pub value: f64,
    /// Whether it prints what was printed, where that was asked.
    pub prints: Option<bool>,
}

/// An examination with what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examined {
    /// What was tried.
    pub check: Check,
    /// The claims by name, the one it is about first.
    pub claims: Vec<String>,
    /// What came of it.
    pub standing: Standing,
    /// Why it could not be examined, where it could not.
    pub lack: Option<Lack>,
    /// The evidence.
    pub clues: Vec<Clue>,
}

/// All examinations of the claims, as a table shows them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Examination(pub Vec<Examined>);

impl Examination {
    /// What stands behind the entry in the ids of the numbers of an examination:
    /// the check, the claim that it is about, and a place where that is not the
    /// first such examination of it.
    #[must_use]
    pub fn parts(&self, place: usize) -> Vec<Part> {
        let examined = &self.0[place];
        let is_such = |other: &&Examined| {
            other.check == examined.check && other.claims.first() == examined.claims.first()
        };
        // A claim may be examined in one way several times, against other claims: the
        // second has a place of its own.
        let before = self.0[..place].iter().filter(is_such).count();
        let subject = examined.claims.first().map(|claim| Part::variable(claim.as_str()));
        let again = (before > 0).then(|| Part::place(before as f64 + 1.0));
        [Part::model(examined.check.name())].into_iter().chain(subject).chain(again).collect()
    }
}
