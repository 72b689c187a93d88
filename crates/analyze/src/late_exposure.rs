//! What the analyses of an exposure that begins after time zero share: their
//! declaration, its checks, and what they read.

use engine::{Call, Mistake, Mistakes};

use crate::covariates::DeclaredTerms;
use crate::endpoint::Endpoint;
use crate::exposure::{DeclaredExposure, ExposedFollowUp, Exposure};
use crate::model::Term;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// An endpoint, an exposure and baseline terms, as declared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeclaredDesign<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) exposure: DeclaredExposure<'a>,
    /// None where the kind has none.
    pub(crate) terms: Option<DeclaredTerms<'a>>,
    pub(crate) condition: Option<&'a str>,
}

/// The patients of such an analysis, before any is left out for a missing
/// value.
pub(crate) struct Design<'a> {
    pub(crate) population: Population<'a>,
    pub(crate) endpoint: Endpoint,
    pub(crate) exposure: Exposure,
    pub(crate) terms: Vec<Term>,
}

impl DeclaredDesign<'_> {
    /// Notes what is wrong with it without rows; the kind's own checks follow.
    pub(crate) fn check<'c>(&self, call: &'c Call<'_>) -> Rehearsal<'c> {
        let mut rehearsal = Rehearsal::new(call, self.condition);
        rehearsal.endpoint(self.endpoint);
        self.exposure.check(&mut rehearsal, call);
        if let Some(terms) = &self.terms {
            terms.check(&mut rehearsal, self.endpoint, self.exposure.column);
        }
        rehearsal
    }

    /// Reads its columns.
    pub(crate) fn read<'c>(&self, call: &'c Call<'_>) -> Result<Design<'c>, Mistakes> {
        self.of(call, Population::new(call, self.condition)?)
    }

    /// The same without patients, for a rehearsal.
    pub(crate) fn rehearsed<'c>(&self, call: &'c Call<'_>) -> Result<Design<'c>, Mistakes> {
        self.of(call, Population::rehearsed(call, self.condition))
    }

    fn of<'c>(
        &self,
        call: &'c Call<'_>,
        population: Population<'c>,
    ) -> Result<Design<'c>, Mistakes> {
        let endpoint = Endpoint::new(&population, self.endpoint)?;
        let exposure = Exposure::new(call, &population, &self.exposure)?;
        let terms = self.terms.map_or_else(|| Ok(Vec::new()), |terms| terms.read(&population))?;
        Ok(Design { population, endpoint, exposure, terms })
    }
}

impl Design<'_> {
    /// Whether a patient has a value of every term.
    pub(crate) fn has_terms(&self, patient: usize) -> bool {
        self.terms.iter().all(|term| term.is_known(patient))
    }

    /// Those with a known endpoint and exposure that are `known` in all else.
    pub(crate) fn follow(&self, known: impl Fn(usize) -> bool) -> Result<ExposedFollowUp, Mistake> {
        ExposedFollowUp::new(&self.population, &self.endpoint, &self.exposure, known)
    }
}
