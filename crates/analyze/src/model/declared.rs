//! The parameters that every Cox model has, and what can be wrong with them.

use engine::{Call, Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::cox::Ties;
use study::Warning;

use super::Extras;
use crate::guard::ImmortalTime;
use crate::outcome::Explained;
use crate::rehearsal::Rehearsal;

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
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Efron => "Efron",
            Self::Breslow => "Breslow",
            Self::Exact => "exact",
        }
    }

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
    pub(crate) ties: TiesName,
    pub(crate) robust: bool,
    pub(crate) cluster: Option<&'a str>,
    pub(crate) condition: Option<&'a str>,
    pub(crate) immortal_time: ImmortalTime,
    /// Splines, interactions, offset, entry, weights, penalty.
    pub(crate) extras: Extras<'a>,
}

impl Declared<'_> {
    /// Notes every mistake that needs no data.
    pub(crate) fn check(&self, call: &Call<'_>) -> Result<Vec<Warning>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, self.condition);
        self.explains.check(&mut rehearsal);
        rehearsal.list("terms", self.terms, false);
        for (place, term) in self.terms.iter().enumerate() {
            self.check_term(&mut rehearsal, term, &["terms", &place.to_string()]);
        }
        rehearsal.list("univariable", self.alone, true);
        for (place, term) in self.alone.iter().enumerate() {
            self.check_term(&mut rehearsal, term, &["univariable", &place.to_string()]);
        }
        let terms: Vec<&str> = self.terms.iter().chain(self.alone).map(String::as_str).collect();
        rehearsal.references(self.references, &terms);
        rehearsal.strata(self.strata, self.immortal_time);
        if let Some(cluster) = self.cluster {
            rehearsal.category(cluster, &["cluster"]);
            rehearsal.guarded(cluster, self.immortal_time, &["cluster"]);
        }
        self.check_extras(&mut rehearsal, call);
        rehearsal.done()
    }

    /// The columns that the model is made of.
    pub(crate) fn columns(&self) -> Vec<String> {
        let own = self.terms.iter().chain(self.strata).cloned();
        let single = [self.cluster, self.extras.offset, self.extras.entry].into_iter().flatten();
        own.chain(single.map(str::to_owned)).chain(self.explains.columns()).collect()
    }

    fn check_term(&self, rehearsal: &mut Rehearsal<'_>, term: &str, at: &[&str]) {
        rehearsal.term(term, at);
        if self.explains.is_taken(rehearsal, term, at) {
            // the guard would say the same of it again
            return;
        }
        if self.strata.iter().any(|stratum| stratum == term) {
            let message = format!("`{term}` is a term and a stratum");
            let hint = "a stratum has a baseline hazard of its own and no hazard ratio: keep one";
            rehearsal.push(Mistake::at(at, message).hint(hint));
        }
        rehearsal.guarded(term, self.immortal_time, at);
    }
}
