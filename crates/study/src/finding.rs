//! A finding: one row per statistic, the spine of the study. Figures, tables,
//! prose and claims read findings; nothing else computes a statistic.

mod address;
mod choices;
mod method;
mod models;
mod number;
mod refusal;
mod warning;

pub use address::{Address, Part, slug};
pub use choices::{
    Adjustment, Arrangements, CohortReading, IntervalKind, RankSumForm, ScoreWeighting, Spread,
    Standardized, TakenFor, Variance, Weighting,
};
pub use method::{Detail, Method, Procedure};
pub use models::{
    BrierOf, CensoringWeights, Clusters, ConcordanceKind, Counted, Distribution, Errors,
    ExposureTime, FineGrayVariant, RangeEnd, SplineForm, SubgroupModel, Test, Tested, Ties,
    TimeTransform, Tipping,
};
pub use number::Number;
pub use refusal::Refusal;
pub use warning::{DrawnNumber, InteractionPlace, Predictor, Warning};

use serde::{Deserialize, Serialize};

use crate::Level;

/// What a number measures; it decides how a report prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// A whole number of patients, events or rows.
    Count,
    /// A share between 0 and 1, printed as a percentage.
    Proportion,
    /// A difference of two shares, printed in percentage points.
    ProportionDifference,
    /// A survival probability between 0 and 1.
    Survival,
    /// A duration in days, printed in the study's time unit.
    Days,
    /// A ratio: hazard ratio, odds ratio, relative risk.
    Ratio,
    /// A p-value.
    PValue,
    /// A test statistic.
    Statistic,
    /// Degrees of freedom.
    DegreesOfFreedom,
    /// A regression coefficient on the log scale, or its standard error.
    Coefficient,
    /// A standardised mean difference.
    StandardizedDifference,
    /// A value in the unit of a measured variable (see `Finding::unit`).
    Measured,
}

/// Whether the number could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
// The last three are never in what an analysis stores: a rehearsal and the door of
// reports make them.
pub enum State {
    /// `value` holds it.
    Estimated,
    /// A quantile that the curve does not come down to.
    NotReached,
    /// It is not defined on these data; `warnings` says why.
    NotEstimable,
    /// In a rehearsal: a run will have it.
    Announced,
    /// In a report: a count, of at least one, below the study's smallest cell.
    Small,
    /// In a report: kept back, because a small count or a single patient could
    /// be had from it.
    Hidden,
}

/// A count of a finding that is kept back where reports are handed it, as it
/// is below the study's smallest cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// The patients, `Finding::n`.
    N,
    /// `Finding::events`.
    Events,
    /// `Finding::missing`.
    Missing,
}

/// What a finding is beside others of the same number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A number that stands for itself.
    #[default]
    Estimate,
    /// The row of a reference level: 1 or 0 by definition.
    Reference,
    /// Of several methods, the one that the settings choose.
    Chosen,
    /// Of several methods, one beside the chosen one.
    Alternative,
}

/// One statistic, at full precision, with what it was computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Where it stands: its id, such as `pfs_by_rt.median.rt`, is printed from this.
    pub address: Address,
    /// What it is beside others of the same number.
    pub role: Role,
    /// The kind of that entry.
    pub kind: String,
    /// Name of the statistic in full words, such as `hazard_ratio`.
    pub statistic: String,
    /// The endpoint's name, such as `pfs`, where there is one.
    pub endpoint: Option<String>,
    /// The variable it speaks of (a covariate, a baseline row).
    pub variable: Option<String>,
    /// The level of that variable.
    pub level: Option<String>,
    /// The group's level it was computed in, where it is about one group.
    pub group: Option<String>,
    /// The level compared with, for contrasts.
    pub reference: Option<String>,
    /// The time it speaks of, in days from the index date.
    pub time_days: Option<f64>,
    /// Who was included: the declared filter, or `all`.
    pub population: String,
    /// What kind of number it is.
    pub quantity: Quantity,
    /// The unit of a measured value, such as `g/L` or `years`.
    pub unit: Option<String>,
    /// Digits after the decimal point of a measured value, where its column declares them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Whether the number could be had.
    pub state: State,
    /// The number, in full precision.
    pub value: Option<f64>,
    /// Lower confidence limit; none where it is not reached or not defined.
    pub lower: Option<f64>,
    /// Upper confidence limit; none where it is not reached or not defined.
    pub upper: Option<f64>,
    /// Confidence level of the limits, such as 0.95.
    pub confidence_level: Option<f64>,
    /// Standard error on the scale the method states.
    pub standard_error: Option<f64>,
    /// Patients it was computed from.
    pub n: Option<u64>,
    /// Events among them.
    pub events: Option<u64>,
    /// Patients of the population left out for a missing value.
    pub missing: Option<u64>,
    /// The estimator or test, with its variant.
    pub method: Method,
    /// What a reader must know before using it.
    pub warnings: Vec<Warning>,
    /// Its counts that are kept back; only what reports are handed has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
}

impl Finding {
    /// A finding with an estimated value; fill in the rest with the setters.
    #[must_use]
    pub fn new(stage: &str, kind: &str, statistic: &str, quantity: Quantity, value: f64) -> Self {
        Self {
            address: Address {
                stage: stage.to_owned(),
                // The statistic leads the id; groups, levels and times follow as they are added.
                parts: vec![Part::Statistic(statistic.to_owned())],
            },
            role: Role::Estimate,
            kind: kind.to_owned(),
            statistic: statistic.to_owned(),
            endpoint: None,
            variable: None,
            level: None,
            group: None,
            reference: None,
            time_days: None,
            population: "all".to_owned(),
            quantity,
            unit: None,
            decimals: None,
            // An estimator that divides by zero must not put an infinite number into a table:
            // here it becomes a state.
            state: if value.is_finite() { State::Estimated } else { State::NotEstimable },
            value: value.is_finite().then_some(value),
            lower: None,
            upper: None,
            confidence_level: None,
            standard_error: None,
            n: None,
            events: None,
            missing: None,
            method: Method::default(),
            warnings: Vec::new(),
            withheld: Vec::new(),
        }
    }

    /// The stable name, such as `pfs_by_rt.median.rt`.
    #[must_use]
    pub fn id(&self) -> String {
        self.address.to_string()
    }

    /// The `analyze` entry that made it.
    #[must_use]
    pub fn stage(&self) -> &str {
        &self.address.stage
    }

    /// The same finding with `part` behind its address.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.address.parts.push(part);
        self
    }

    /// The same finding in a role.
    #[must_use]
    pub fn in_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// About one group; adds the group's level to the address.
    #[must_use]
    pub fn in_group(self, level: &str) -> Self {
        self.of_group(&Level::named(level))
    }

    /// About one group, by its level as declared.
    #[must_use]
    pub fn of_group(mut self, level: &Level) -> Self {
        // A level that only the data know has no name yet.
        self.group = (!level.is_any()).then(|| level.value.clone());
        self.part(Part::of_group(level))
    }

    /// About everybody, beside findings about groups.
    #[must_use]
    pub fn of_everybody(mut self) -> Self {
        // Beside findings of groups a missing group would read as "not about groups".
        self.group = Some("all".to_owned());
        self.part(Part::Everybody)
    }

    /// About a variable; adds its name to the address.
    #[must_use]
    pub fn of_variable(mut self, variable: &str) -> Self {
        self.variable = Some(variable.to_owned());
        self.part(Part::Variable(variable.to_owned()))
    }

    /// About a level of its variable; adds the level to the address.
    #[must_use]
    pub fn at_level(self, level: &str) -> Self {
        self.of_level(&Level::named(level))
    }

    /// About a level of its variable as declared.
    #[must_use]
    pub fn of_level(mut self, level: &Level) -> Self {
        self.level = (!level.is_any()).then(|| level.value.clone());
        self.part(Part::of_level(level))
    }

    /// Compared with a level.
    #[must_use]
    pub fn against_level(mut self, reference: &Level) -> Self {
        self.reference = (!reference.is_any()).then(|| reference.value.clone());
        self
    }

    /// As a rehearsal announces it: what a run will give, without its numbers.
    #[must_use]
    pub fn announced(self) -> Self {
        Self {
            // Numbers go, and words stay: method, level of confidence and warnings are what a
            // rehearsal knows.
            state: State::Announced,
            value: None,
            lower: None,
            upper: None,
            standard_error: None,
            n: None,
            events: None,
            missing: None,
            ..self
        }
    }

    /// Whether this finding of a rehearsal announces one of a run: the same
    /// address, role, statistic, quantity and procedure. Where the data decide
    /// the procedure, the rehearsal leaves it unsaid.
    #[must_use]
    pub fn announces(&self, found: &Self) -> bool {
        self.address.announces(&found.address)
            && self.role == found.role
            && self.statistic == found.statistic
            && self.quantity == found.quantity
            // Which test a table of counts gets may hang on the counts.
            && (self.method.procedure == Procedure::Unsaid
                || self.method.procedure == found.method.procedure)
    }

    /// With confidence limits.
    #[must_use]
    pub fn limits(mut self, lower: Option<f64>, upper: Option<f64>, level: f64) -> Self {
        // An infinite limit is one that there is not.
        self.lower = lower.filter(|value| value.is_finite());
        self.upper = upper.filter(|value| value.is_finite());
        self.confidence_level = Some(level);
        self
    }

    /// With the method.
    #[must_use]
    pub fn by_method(mut self, method: impl Into<Method>) -> Self {
        self.method = method.into();
        self
    }

    /// Without a value, for the reason in `state`.
    #[must_use]
    pub fn without_value(mut self, state: State) -> Self {
        self.value = None;
        self.state = state;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_slugs() {
        let finding =
            Finding::new("pfs", "kaplan_meier", "median", Quantity::Days, 608.0).in_group("No RT");
        assert_eq!(finding.id(), "pfs.median.no_rt");
        assert_eq!(finding.group.as_deref(), Some("No RT"));
    }

    #[test]
    fn a_number_that_is_none_is_not_estimable() {
        let finding = Finding::new("s", "k", "p", Quantity::PValue, f64::NAN);
        assert_eq!((finding.state, finding.value), (State::NotEstimable, None));
    }
}
