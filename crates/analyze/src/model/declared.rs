//! The parameters that every model has.

use engine::Named;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::cox::Ties;

use super::Extras;
use crate::analysis::Scope;
use crate::by::By;
use crate::guard::ImmortalTime;
use crate::outcome::Explained;

/// How tied event times enter the partial likelihood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TiesName {
    /// Efron's approximation, R's default.
    #[default]
    Efron,
    /// Breslow's approximation, the default of SAS.
    Breslow,
    /// The exact likelihood of a discrete time scale (Cox 1972), R's `exact` and SAS's `discrete`: its
    /// ratios are odds ratios. Without robust errors, weights, penalty or delayed entry.
    Exact,
}

impl TiesName {
    /// The ties as a value.
    pub(crate) fn value(self) -> study::Ties {
        match self {
            Self::Efron => study::Ties::Efron,
            Self::Breslow => study::Ties::Breslow,
            Self::Exact => study::Ties::Exact,
        }
    }

    pub(crate) fn ties(self) -> Ties {
        match self {
            Self::Efron => Ties::Efron,
            Self::Breslow => Ties::Breslow,
            Self::Exact => Ties::Exact,
        }
    }
}

/// A model as declared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declared<'a> {
    pub(crate) explains: Explained<'a>,
    pub(crate) terms: &'a [String],
    /// Columns that are fitted alone only.
    pub(crate) alone: &'a [String],
    pub(crate) references: &'a Named<String>,
    pub(crate) strata: &'a [String],
    /// What makes groups of the terms of its columns, where that is more than their levels.
    pub(crate) cuts: &'a [By],
    pub(crate) ties: TiesName,
    pub(crate) robust: bool,
    pub(crate) cluster: Option<&'a str>,
    pub(crate) condition: Option<&'a str>,
    pub(crate) immortal_time: ImmortalTime,
    /// Splines, interactions, offset, entry, weights, penalty.
    pub(crate) extras: Extras<'a>,
}

impl<'a> Declared<'a> {
    /// A model of nothing but terms.
    pub(crate) fn of(
        explains: Explained<'a>,
        terms: &'a [String],
        references: &'a Named<String>,
    ) -> Self {
        Self {
            explains,
            terms,
            alone: &[],
            references,
            strata: &[],
            cuts: &[],
            ties: TiesName::default(),
            robust: false,
            cluster: None,
            condition: None,
            immortal_time: ImmortalTime::default(),
            extras: Extras::default(),
        }
    }

    /// Whom a kind that declares it is of.
    pub(crate) fn scope(&self) -> Scope<'a> {
        let (condition, weights) = (self.condition, self.extras.weights);
        Scope { condition, weights, immortal_time: self.immortal_time, beside: Vec::new() }
    }

    /// What makes the groups of a column.
    pub(crate) fn cut(&self, column: &str) -> Option<&'a By> {
        // A column whose levels make the groups is not cut, even where a `by` names it.
        self.cuts.iter().find(|by| by.column() == column && by.cut().is_some())
    }

    /// The columns that the model is made of.
    pub(crate) fn columns(&self) -> Vec<String> {
        let own = self.terms.iter().chain(self.strata).cloned();
        let single = [self.cluster, self.extras.offset, self.extras.entry].into_iter().flatten();
        own.chain(single.map(str::to_owned)).chain(self.explains.columns()).collect()
    }

    /// Whether standard errors come from a sandwich.
    pub(crate) fn is_robust(&self) -> bool {
        // Weighted patients are not so many patients: the
        // error of the likelihood would take them for such.
        self.robust || self.cluster.is_some() || self.extras.weights.is_some()
    }
}
