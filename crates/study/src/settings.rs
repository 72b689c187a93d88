//! The `study:` section: what holds for every stage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::FigureSettings;

/// What the whole study has in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudySettings {
    /// Title of the study, as it stands on the supplement.
    pub title: String,
    /// Where the data come from; anything but `observed` is marked on every output.
    pub data_status: DataStatus,
    /// Name of the column that identifies a patient in every table.
    pub patient: String,
    /// The table with one row per patient that the analyses read.
    pub analysis_table: String,
    /// Whether patients were allocated at random; some checks of published numbers are
    /// for trials alone.
    // Not written where it is the default: settings are in every key, and studies that
    // say nothing keep theirs.
    #[serde(default, skip_serializing_if = "Design::is_cohort")]
    pub design: Design,
    /// The date column of the analysis table from which time is counted.
    #[serde(default)]
    pub index_date: Option<String>,
    /// Unit in which times are shown; they are kept in days throughout.
    #[serde(default)]
    pub time_unit: TimeUnit,
    /// Length of a month in days.
    #[serde(default = "default_days_per_month")]
    // The shortest and the longest month.
    #[schemars(range(min = 28.0, max = 31.0))]
    pub days_per_month: f64,
    /// Who is at risk at a time where numbers at risk are printed.
    #[serde(default)]
    pub at_risk: AtRisk,
    /// Confidence level of every interval.
    #[serde(default = "default_confidence_level")]
    // A level of 1 has no finite limits.
    #[schemars(range(min = 0.5, max = 0.9999))]
    pub confidence_level: f64,
    /// Seed of everything random; each stage derives its own from it.
    #[serde(default)]
    pub seed: u64,
    /// Font files (TrueType or OpenType), relative to the pipeline file, for letters that the bundled
    /// font of the figures lacks, such as Chinese ones. The first that has a letter draws it.
    #[serde(default)]
    pub fonts: Vec<String>,
    /// How figures are printed, where a figure does not say it itself.
    #[serde(default, skip_serializing_if = "FigureSettings::is_silent")]
    pub figures: FigureSettings,
    /// What the outputs may show of single patients.
    #[serde(default)]
    pub privacy: Privacy,
    /// Hours that a stage may keep one processor busy, by an estimate from its parameters and rows
    /// made before it begins; one that would take longer is a mistake.
    #[serde(default = "default_longest_stage_hours")]
    #[schemars(range(min = 0.01, max = 10000.0))]
    pub longest_stage_hours: f64,
    /// The same for all stages that one run begins, together; what a run has done is kept when it is
    /// refused more.
    #[serde(default = "default_longest_run_hours")]
    #[schemars(range(min = 0.01, max = 100000.0))]
    pub longest_run_hours: f64,
}

fn default_longest_run_hours() -> f64 {
    12.0
}

fn default_longest_stage_hours() -> f64 {
    2.0
}

fn default_days_per_month() -> f64 {
    // 365.25 days over twelve.
    30.4375
}

fn default_confidence_level() -> f64 {
    0.95
}

/// How patients came to their groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Not by allocation.
    #[default]
    Cohort,
    /// By random allocation.
    Trial,
}

impl Design {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_cohort(&self) -> bool {
        *self == Self::Cohort
    }
}

/// Who is at risk at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AtRisk {
    /// Those followed to the time or longer, as R counts them: whoever leaves at it is among them.
    #[default]
    At,
    /// Those followed beyond it, so that at risk, events and censored until then sum to all.
    Beyond,
}

/// Where the data come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataStatus {
    /// Measured on real patients.
    Observed,
    /// Made by a generator; every output says so.
    Simulated,
    /// A public data set used as an example; every output says so.
    Example,
}

/// Unit in which times are shown.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Days.
    Days,
    /// Weeks of seven days.
    Weeks,
    /// Months of `days_per_month` days.
    #[default]
    Months,
    /// Years of twelve such months.
    Years,
}

/// What the outputs may show of single patients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// How much of a patient an output may show.
    #[serde(default)]
    pub tier: PrivacyTier,
    /// In outputs of the aggregate tier, counts below this number are hidden wherever a finding is
    /// printed, drawn or written: its value, patients, events and missing ones, and the shares made
    /// of them; smallest and largest values of patients are hidden too. 0 and 1 hide nothing.
    /// This hides small cells from a reader; it is no proof against somebody who computes back
    /// from tests and totals.
    #[serde(default)]
    pub smallest_cell: u64,
}

impl Default for Privacy {
    fn default() -> Self {
        // Who says nothing publishes no rows; to show more has to be declared.
        Self { tier: PrivacyTier::Aggregate, smallest_cell: 0 }
    }
}

/// How much of a patient an output may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyTier {
    /// Rows of patients with their identifiers.
    Internal,
    /// Rows of patients without identifiers.
    Pseudonymised,
    /// Aggregates only.
    #[default]
    Aggregate,
    /// Data that are public or made up: nothing is hidden, and nothing says it is.
    Open,
}

impl Privacy {
    /// The number below which counts are hidden; none where every count is shown.
    #[must_use]
    pub fn hides_below(&self) -> Option<u64> {
        // The other tiers show rows anyway, or data that are nobody's.
        (self.tier == PrivacyTier::Aggregate && self.smallest_cell > 1)
            .then_some(self.smallest_cell)
    }
}

impl StudySettings {
    /// Days in one `time_unit`.
    #[must_use]
    pub fn days_per_time_unit(&self) -> f64 {
        self.days_in(self.time_unit)
    }

    /// Days in one of a unit.
    #[must_use]
    pub fn days_in(&self, unit: TimeUnit) -> f64 {
        match unit {
            TimeUnit::Days => 1.0,
            TimeUnit::Weeks => 7.0,
            TimeUnit::Months => self.days_per_month,
            // Twelve months, so that `12 months` and `1 year` are equally long.
            TimeUnit::Years => 12.0 * self.days_per_month,
        }
    }

    /// The word every output carries, such as `SIMULATED`; none for observed data.
    #[must_use]
    pub fn mark(&self) -> Option<&'static str> {
        match self.data_status {
            DataStatus::Observed => None,
            DataStatus::Simulated => Some("SIMULATED"),
            DataStatus::Example => Some("EXAMPLE"),
        }
    }
}

impl TimeUnit {
    /// All units, the shortest first.
    pub const ALL: [Self; 4] = [Self::Days, Self::Weeks, Self::Months, Self::Years];

    /// The unit in words, such as `months`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Years => "years",
        }
    }
}
