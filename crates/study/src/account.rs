//! What an analysis did, as values. Reports make one paragraph of all accounts
//! of a practice; columns, levels and entries stand here by their names.

use serde::{Deserialize, Serialize};

use crate::{
    Address, Adjustment, Distribution, IntervalKind, Method, Procedure, Span, SplineForm,
    SubgroupModel, TakenFor, Test, TimeTransform,
};

/// What one entry of `analyze` did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// What was done: all accounts of one practice make one paragraph.
    pub practice: Practice,
    /// The estimator or test, with its variant.
    pub method: Method,
    /// What is explained or followed.
    pub outcome: Option<Outcome>,
    /// Whom it compares.
    pub groups: Option<Groups>,
    /// The terms of its model.
    pub terms: Vec<Covariate>,
    /// Pairs of terms of which the model has an interaction.
    pub interactions: Vec<[String; 2]>,
    /// The condition of those who were analysed; all patients without it.
    pub patients: Option<String>,
}

/// What an analysis explains or follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An endpoint by its name.
    Endpoint(String),
    /// A column of which some levels count; none are named of yes and no.
    Column {
        /// The column.
        column: String,
        /// The levels that count.
        levels: Vec<String>,
    },
    /// What the study calls it.
    Labelled(String),
}

/// The groups of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// The column.
    pub column: String,
    /// Where it is cut, if it is a number.
    // Kept as it was declared: words say "at the median", and the value of that is a
    // finding.
    pub cut: Option<Cut>,
    /// The level that the others are compared with, where there is one.
    pub reference: Option<String>,
}

/// Where a number is cut in groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// At these values.
    At(Vec<f64>),
    /// At the quantiles that make so many groups; two are made by the median.
    Quantiles(u8),
}

impl Groups {
    /// The levels of a column.
    #[must_use]
    pub fn of(column: &str, reference: Option<&str>) -> Self {
        let (column, reference) = (column.to_owned(), reference.map(str::to_owned));
        Self { column, cut: None, reference }
    }
}

/// A term of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covariate {
    /// The column.
    pub column: String,
    /// What its ratio is the ratio of.
    pub scale: Scale,
}

/// What the ratio of a term is the ratio of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// One unit of the column more.
    Unit,
    /// A level against this one.
    Against(String),
    /// A curve.
    Spline(SplineForm),
}

/// One of several causes that end follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The column of causes.
    pub column: String,
    /// The level that is modelled.
    pub event: String,
    /// The levels of the other causes.
    pub others: Vec<String>,
}

/// Which columns have models of their own beside the model of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alone {
    /// Each term.
    pub terms: bool,
    /// Columns that are no terms.
    pub further: bool,
}

/// What was done: each makes a paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
// One variant a paragraph: what two entries may differ in stands in its fields, so
// that accounts of one practice can be told in one sentence.
pub enum Practice {
    /// The characteristics of patients.
    Characteristics {
        /// The summaries that were given.
        summaries: Vec<Procedure>,
        /// The tests that were made.
        tests: Vec<Procedure>,
    },
    /// Differences of groups in several columns.
    GroupDifference {
        /// The tests of numbers, if there are numbers.
        of_numbers: Vec<Procedure>,
        /// The tests of categories, if there are categories.
        of_levels: Vec<Procedure>,
        /// Random tables of Fisher's test where the exact one takes too long.
        random_tables: Option<u64>,
        /// How many p-values were adjusted for their number.
        adjusted: usize,
    },
    /// Shares of patients with a response.
    Response {
        /// Levels of objective response.
        responders: Vec<String>,
        /// Levels of disease control.
        controlled: Vec<String>,
        /// The limits of shares.
        intervals: Vec<IntervalKind>,
        /// The test whose p-value stands for the comparison.
        test: Procedure,
    },
    /// Survival curves.
    Curves {
        /// Whether quantiles were read off them.
        quantiles: bool,
        /// Whether areas under them were taken.
        restricted_means: bool,
        /// Whether cumulative hazards are given.
        hazards: bool,
    },
    /// Tests of whether groups differ in survival.
    SurvivalTests {
        /// The tests.
        tests: Vec<Procedure>,
        /// Whether a trend over ordered groups was tested.
        trend: bool,
        /// Whether pairs of groups were tested.
        pairs: bool,
        /// How the p-values of pairs were adjusted.
        adjustments: Vec<Adjustment>,
        /// How many arrangements a permutation test draws at most.
        permutation: Option<u64>,
    },
    /// Differences of groups in survival and in its means.
    SurvivalDifference {
        /// Whether survival was compared at chosen times.
        survival: bool,
        /// Whether restricted means were compared.
        restricted_means: bool,
    },
    /// Cox models.
    Cox(Alone),
    /// Logistic models.
    Logistic(Alone),
    /// Models of accelerated failure times.
    Parametric {
        /// The distributions that the first one was compared with.
        others: Vec<Distribution>,
    },
    /// Survival that a model predicts of chosen profiles.
    PredictedSurvival,
    /// Tests of proportional hazards.
    ProportionalHazards {
        /// Along which transform of time.
        along: TimeTransform,
        /// Where follow-up was cut in two periods.
        cut: Option<Span>,
    },
    /// Landmark analyses.
    Landmark {
        /// The landmarks.
        landmarks: Vec<Span>,
    },
    /// Cox models of an exposure that begins during follow-up.
    TimeDependentCox,
    /// Curves by state of such an exposure.
    SimonMakuch {
        /// Where its curves begin, if not at time zero.
        landmark: Option<Span>,
    },
    /// Strategies compared by clones.
    CloneCensorWeight {
        /// Bootstrap samples.
        samples: usize,
    },
    /// How late an exposure must have begun.
    TippingPoint,
    /// Propensity scores.
    PropensityScore {
        /// The level of the treated.
        treated: String,
        /// What was made of them.
        weighting: Method,
    },
    /// What published numbers imply of others.
    IdentifiedSet {
        /// How many cohorts were asked for.
        cohorts: usize,
    },
    /// E-values.
    EValue {
        /// The finding that it is of.
        finding: Address,
        /// What its ratio was taken for.
        taken_for: TakenFor,
    },
    /// Missing values imputed.
    Imputation {
        /// The columns that were completed.
        variables: Vec<String>,
        /// Columns that helped.
        auxiliary: Vec<String>,
        /// Completed data sets.
        data_sets: usize,
        /// Iterations of each chain.
        iterations: usize,
        /// Donors of a number, where a number was imputed.
        donors: Option<usize>,
        /// Whether a category was imputed.
        categories: bool,
        /// What was added to imputed values, by column.
        shifts: Vec<(String, f64)>,
        /// The columns of `shifts` that are categories: their log odds were shifted.
        of_odds: Vec<String>,
    },
    /// Cox models of completed data sets.
    PooledCox {
        /// The entry that imputed.
        imputation: String,
        /// How many data sets it completed.
        data_sets: usize,
        /// Columns that were derived in each, with their words.
        derived: Vec<(String, String)>,
    },
    /// Survival between examinations.
    Turnbull {
        /// Whether the curve of midpoints stands beside it.
        midpoint: bool,
    },
    /// Cumulative incidence of causes.
    CumulativeIncidence {
        /// The column of causes.
        column: String,
        /// Its levels.
        causes: Vec<String>,
        /// The test between groups, where there are groups.
        test: Option<Method>,
        /// Whether the time lost to a cause is given.
        time_lost: bool,
    },
    /// Cox models of one cause.
    CauseSpecificCox(Cause),
    /// Fine and Gray's models.
    FineGray(Cause),
    /// Ratios in subgroups.
    Subgroups {
        /// What makes them.
        by: Vec<Groups>,
        /// What a ratio is estimated from.
        model: SubgroupModel,
        /// The test of an interaction.
        test: Test,
    },
    /// How well a model predicts.
    Performance {
        /// Groups of like risk, where calibration was looked at.
        groups: Option<usize>,
        /// Bootstrap samples.
        samples: usize,
    },
    /// Influence of patients and terms on a model.
    Diagnostics {
        /// Whether it was fitted without each patient.
        leave_one_out: bool,
        /// It was fitted without those followed for less.
        without_followed_for: Option<Span>,
    },
}

impl Account {
    /// The account of a practice by a method, to which the rest is added.
    // What is left empty here is not said: a paragraph goes without it.
    #[must_use]
    pub fn of(practice: Practice, method: impl Into<Method>) -> Self {
        Self {
            practice,
            method: method.into(),
            outcome: None,
            groups: None,
            terms: Vec::new(),
            interactions: Vec::new(),
            patients: None,
        }
    }

    /// About an endpoint.
    #[must_use]
    pub fn about(self, endpoint: &str) -> Self {
        self.explaining(Outcome::Endpoint(endpoint.to_owned()))
    }

    /// About an outcome.
    #[must_use]
    pub fn explaining(self, outcome: Outcome) -> Self {
        Self { outcome: Some(outcome), ..self }
    }

    /// Comparing groups, where there are any.
    #[must_use]
    pub fn by(self, groups: impl Into<Option<Groups>>) -> Self {
        Self { groups: groups.into(), ..self }
    }

    /// With terms.
    #[must_use]
    pub fn on(self, terms: Vec<Covariate>) -> Self {
        Self { terms, ..self }
    }
}
