//! Baseline terms of an analysis of exposure as columns of numbers: a number,
//! or an indicator of each level but the reference.

use engine::{Mistake, Mistakes, Named};
use study::Level;

use crate::book::Basis;
use crate::endpoint::{days_column, event_column};
use crate::guard::ImmortalTime;
use crate::model::{Term, Values};
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// Terms as declared, beside the exposure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeclaredTerms<'a> {
    pub(crate) terms: &'a [String],
    pub(crate) references: &'a Named<String>,
}

impl DeclaredTerms<'_> {
    /// Notes what is wrong with them without rows. All must be known at time
    /// zero.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>, endpoint: &str, exposure: &str) {
        // The terms are guarded without the choice `naive`: these kinds
        // exist so that nothing later than time zero is taken as known.
        rehearsal.list("terms", self.terms, true);
        for (place, term) in self.terms.iter().enumerate() {
            let place = place.to_string();
            let at = ["terms", place.as_str()];
            rehearsal.term(term, &at);
            let (days, event) = (days_column(endpoint), event_column(endpoint));
            // A term that is the outcome explains it wholly, and
            // the exposure has a place of its own in the model.
            if *term == days || *term == event {
                rehearsal.taken(term, &format!("the endpoint `{endpoint}`"), &at);
            } else if term == exposure {
                rehearsal.taken(term, "the exposure", &at);
            } else {
                rehearsal.guarded(term, ImmortalTime::Refuse, &at);
            }
        }
        let terms: Vec<&str> = self.terms.iter().map(String::as_str).collect();
        rehearsal.references(self.references, &terms, &[]);
    }

    /// Reads them.
    pub(crate) fn read(&self, population: &Population<'_>) -> Result<Vec<Term>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let terms: Vec<Term> = (self.terms.iter().enumerate())
            .filter_map(|(place, column)| {
                mistakes.note(Term::new(population, column, self.references, place))
            })
            .collect();
        mistakes.or(terms)
    }
}

/// Terms as an account names them.
pub(crate) fn accounted(terms: &[Term]) -> Vec<study::Covariate> {
    terms.iter().map(|term| term.accounted(None)).collect()
}

/// A column of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Covariate {
    /// The column of the term.
    pub(crate) variable: String,
    /// The level it stands for, with its reference; none for a number.
    pub(crate) level: Option<(Level, Level)>,
    /// The unit of a number.
    pub(crate) unit: Option<String>,
    /// A value for each included patient.
    pub(crate) values: Vec<f64>,
}

impl Covariate {
    /// What findings about it were computed from, of patients with `events`:
    /// those at its level, or all.
    pub(crate) fn basis(&self, events: &[bool], missing: usize) -> Basis {
        let is_own = |value: f64| self.level.is_none() || value == 1.0;
        let own = self.values.iter().zip(events).filter(|(value, _)| is_own(**value));
        let n = own.clone().count();
        Basis { n, events: Some(own.filter(|(_, event)| **event).count()), missing }
    }
}

/// The columns of some patients, who have a value of every term. Levels that
/// none of them has make no column.
pub(crate) fn covariates(terms: &[Term], included: &[usize]) -> Result<Vec<Covariate>, Mistake> {
    let mut columns = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        // Nobody has a value in a rehearsal, and every term would seem constant.
        if !included.is_empty() {
            term.check(place, included)?;
        }
        let column = &term.column;
        match &term.values {
            Values::Numbers(values) => columns.push(Covariate {
                variable: column.clone(),
                level: None,
                unit: term.unit.clone(),
                values: included.iter().filter_map(|patient| values[*patient]).collect(),
            }),
            Values::Levels { category, reference } => {
                // Counted among those who are analysed: a level that only others
                // have would make a column of zeros, which has no coefficient.
                let counts = category.counts(included);
                let named = category.levels[*reference].clone();
                // In a rehearsal nobody has a level, and every one may be had.
                let is_rehearsed = category.codes.is_empty();
                let others = (0..counts.len())
                    .filter(|level| level != reference && (is_rehearsed || counts[*level] > 0));
                columns.extend(others.map(|level| {
                    Covariate {
                        variable: column.clone(),
                        level: Some((category.levels[level].clone(), named.clone())),
                        unit: None,
                        values: (included.iter())
                            .map(|patient| {
                                f64::from(u8::from(category.codes[*patient] == Some(level)))
                            })
                            .collect(),
                    }
                }));
            }
        }
    }
    Ok(columns)
}

/// The columns one after the other.
pub(crate) fn matrix(columns: &[Covariate]) -> Vec<f64> {
    columns.iter().flat_map(|column| column.values.iter().copied()).collect()
}
