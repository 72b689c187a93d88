//! What the analyses of an exposure that begins after time zero share: their
//! declaration, its checks, and what they read.

use engine::{Mistake, Mistakes};

use study::{Account, Method, Practice};

use crate::analysis::Checked;
use crate::covariates::{DeclaredTerms, accounted};
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
}

/// The patients of such an analysis, before any is left out for a missing
/// value.
pub(crate) struct Design<'a> {
    pub(crate) population: &'a Population<'a>,
    pub(crate) endpoint: Endpoint,
    pub(crate) exposure: Exposure,
    pub(crate) terms: Vec<Term>,
}

impl DeclaredDesign<'_> {
    /// Notes what is wrong with it without rows; the kind's own checks follow.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(self.endpoint);
        self.exposure.check(rehearsal);
        if let Some(terms) = &self.terms {
            terms.check(rehearsal, self.endpoint, self.exposure.column);
        }
    }

    /// Reads its columns.
    pub(crate) fn read<'c>(&self, checked: &'c Checked<'_>) -> Result<Design<'c>, Mistakes> {
        let population = checked.population();
        // Read in the order in which they are declared,
        // and each is a mistake of its own parameter.
        let endpoint = Endpoint::new(population, self.endpoint)?;
        let exposure = Exposure::new(checked.study, population, &self.exposure)?;
        let terms = self.terms.map_or_else(|| Ok(Vec::new()), |terms| terms.read(population))?;
        Ok(Design { population, endpoint, exposure, terms })
    }
}

impl Design<'_> {
    /// What was done with it.
    pub(crate) fn account(&self, practice: Practice, method: Method) -> Account {
        Account {
            groups: Some(self.exposure.groups()),
            ..Account::of(practice, method).about(&self.endpoint.name).on(accounted(&self.terms))
        }
    }

    /// Whether a patient has a value of every term.
    pub(crate) fn has_terms(&self, patient: usize) -> bool {
        self.terms.iter().all(|term| term.is_known(patient))
    }

    /// Those with a known endpoint and exposure that are `known` in all else.
    pub(crate) fn follow(&self, known: impl Fn(usize) -> bool) -> Result<ExposedFollowUp, Mistake> {
        ExposedFollowUp::new(self.population, &self.endpoint, &self.exposure, known)
    }
}
