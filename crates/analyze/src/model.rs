//! A Cox model as a pipeline declares it: its terms, the patients who have a
//! value of each, and the covariates they make. Writing down what was fitted
//! is in `coefficients`.

mod cases;
pub(crate) mod coefficients;
mod declared;
mod term;

pub(crate) use cases::{Cases, Fitted, Part, Period, Row};
pub(crate) use declared::{Declared, TiesName, is_number};
pub(crate) use term::{Term, Values};

use engine::{Call, Mistake, Mistakes};
use study::in_sentence;

use crate::endpoint::Endpoint;
use crate::population::Population;
use crate::strata::Strata;

/// A declared model with the values of its columns.
pub(crate) struct Model<'a> {
    /// What was declared.
    pub(crate) declared: Declared<'a>,
    /// The patients, before any is left out for a missing value.
    pub(crate) population: Population<'a>,
    /// Their follow-up.
    pub(crate) endpoint: Endpoint,
    /// The terms in declared order, those fitted alone behind them.
    pub(crate) terms: Vec<Term>,
    strata: Strata,
    clusters: Strata,
}

impl<'a> Model<'a> {
    /// Reads the columns of a declared model.
    pub(crate) fn new(call: &'a Call<'_>, declared: Declared<'a>) -> Result<Self, Mistakes> {
        let population = Population::new(call, declared.condition)?;
        let mut mistakes = Mistakes::default();
        let endpoint = mistakes.note(Endpoint::new(&population, declared.endpoint));
        let strata = mistakes.note(Strata::new(&population, declared.strata));
        let cluster: Vec<String> = declared.cluster.iter().map(ToString::to_string).collect();
        let clusters = mistakes.note(Strata::new(&population, &cluster));
        let terms: Vec<Term> = (declared.terms.iter().chain(declared.alone).enumerate())
            .filter_map(|(place, column)| {
                mistakes.note(Term::new(&population, column, declared.references, place))
            })
            .collect();
        mistakes.or(())?;
        let read = "invariant: without mistakes everything was read";
        let (endpoint, strata) = (endpoint.expect(read), strata.expect(read));
        let clusters = clusters.expect(read);
        Ok(Self { declared, population, endpoint, terms, strata, clusters })
    }

    /// Fits the model of the terms at `places` to the patients who have a
    /// value of each of them.
    pub(crate) fn fit(&self, places: &[usize]) -> Result<Fitted, Mistake> {
        let cases = self.cases(places, Period::Whole)?;
        cases.check_terms(self)?;
        cases.fit(self)
    }

    /// The same in one period of follow-up.
    pub(crate) fn fit_period(&self, places: &[usize], period: Period) -> Result<Fitted, Mistake> {
        self.cases(places, period)?.fit(self)
    }

    /// The patients who have a value of each of the terms at `places`, with
    /// their covariates, for a model other than Cox's.
    pub(crate) fn complete_cases(&self, places: &[usize]) -> Result<Cases, Mistake> {
        let cases = self.cases(places, Period::Whole)?;
        cases.check_terms(self)?;
        Ok(cases)
    }

    /// The places of the terms of the model.
    pub(crate) fn places(&self) -> Vec<usize> {
        (0..self.declared.terms.len()).collect()
    }

    /// The places of the columns that are fitted alone only.
    pub(crate) fn places_alone(&self) -> Vec<usize> {
        (self.declared.terms.len()..self.terms.len()).collect()
    }

    fn cases(&self, places: &[usize], period: Period) -> Result<Cases, Mistake> {
        let is_complete = |patient: &usize| {
            self.strata.is_known(*patient)
                && self.clusters.is_known(*patient)
                && places.iter().all(|place| self.terms[*place].is_known(*patient))
        };
        let complete: Vec<usize> = self.endpoint.known().into_iter().filter(is_complete).collect();
        if complete.is_empty() {
            return Err(Mistake::at(&["terms"], "no patient has a value of every term")
                .hint("look for the term that is missing most often, and leave it out"));
        }
        self.endpoint.check_events(&complete)?;
        let missing = self.population.n() - complete.len();
        Cases::new(self, places, &complete, missing, period)
    }

    pub(crate) fn strata_of(&self, included: &[usize]) -> Option<Vec<usize>> {
        self.strata.codes(included)
    }

    pub(crate) fn clusters_of(&self, included: &[usize]) -> Option<Vec<usize>> {
        self.clusters.codes(included)
    }

    /// The estimator in words.
    pub(crate) fn method(&self) -> String {
        let declared = &self.declared;
        let mut method = format!("Cox proportional hazards, {} ties", declared.ties.words());
        if !declared.strata.is_empty() {
            method.push_str(&format!(", stratified by {}", declared.strata.join(", ")));
        }
        match declared.cluster {
            Some(cluster) => method.push_str(&format!(", robust errors clustered by {cluster}")),
            None if declared.robust => method.push_str(", robust errors"),
            None => {}
        }
        method
    }

    /// The terms in words, with their references.
    pub(crate) fn terms_in_words(&self) -> String {
        let words = self.terms[..self.declared.terms.len()]
            .iter()
            .map(|term| (in_sentence(&term.label), term));
        let words = words.map(|(label, term)| match &term.values {
            Values::Numbers(_) => match &term.unit {
                Some(unit) => format!("{label} (per {unit})"),
                None => format!("{label} (per unit)"),
            },
            Values::Levels { category, reference } => {
                let reference = in_sentence(&category.levels[*reference].label);
                format!("{label} (reference: {reference})")
            }
        });
        words.collect::<Vec<_>>().join("; ")
    }
}
