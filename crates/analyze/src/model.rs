//! A Cox model as a pipeline declares it: its terms, the patients who have a
//! value of each, and the covariates they make. What can be wrong with it is in
//! `checks`; writing down what was fitted begins in `record`.

mod basis;
mod cases;
mod checks;
pub(crate) mod coefficients;
pub(crate) mod curve;
mod declared;
pub(crate) mod design;
mod extras;
pub(crate) mod interaction;
pub(crate) mod parameters;
pub(crate) mod record;
mod term;
mod words;

pub(crate) use cases::{Cases, Fitted, Part, Period, Row};
pub(crate) use declared::{Declared, TiesName};
pub(crate) use extras::{Extras, PenaltyName, Spline, SplineKind};
pub(crate) use term::{Term, Values};

pub(crate) use crate::columns::is_number;

use engine::{Mistake, Mistakes};
use stats::clusters::Clusters;
use stats::counting_data::CountingData;
use stats::groups::Groups;

use crate::analysis::Checked;
use crate::book::{clusters, refused};
use crate::by::By;
use crate::endpoint::Endpoint;
use crate::population::Population;
use crate::strata::Strata;
use crate::weights::PatientWeights;

/// A declared model with the values of its columns.
pub(crate) struct Model<'a> {
    /// What was declared.
    pub(crate) declared: Declared<'a>,
    /// The patients, before any is left out for a missing value.
    pub(crate) population: &'a Population<'a>,
    /// Their follow-up.
    pub(crate) endpoint: Endpoint,
    /// The terms in declared order, those fitted alone behind them.
    pub(crate) terms: Vec<Term>,
    /// The strata of all patients.
    pub(crate) strata: Strata,
    clusters: Strata,
    offsets: Option<Vec<Option<f64>>>,
    entries: Option<Vec<Option<f64>>>,
    weights: Option<PatientWeights>,
}

/// The terms, interactions and patients of one fit.
pub(crate) struct Selection<'s> {
    /// The places of its terms.
    pub(crate) places: &'s [usize],
    /// The places of its interactions.
    pub(crate) products: Vec<usize>,
    /// Who may be in it, by position in the population.
    pub(crate) keeps: &'s dyn Fn(usize) -> bool,
}

impl<'a> Model<'a> {
    /// Reads the columns of a declared model.
    pub(crate) fn new(checked: &'a Checked<'_>, declared: Declared<'a>) -> Result<Self, Mistakes> {
        let population = checked.population();
        // Everything is read before anything is refused, so that
        // one run tells all that is wrong with the columns.
        let mut mistakes = Mistakes::default();
        let endpoint = mistakes.note(declared.explains.read(population));
        let strata = mistakes.note(Strata::new(population, declared.strata));
        // A cluster is a stratum of one column, as far as reading goes.
        let cluster: Vec<String> = declared.cluster.iter().map(ToString::to_string).collect();
        let clusters = mistakes.note(Strata::new(population, &cluster));
        // Those fitted alone stand behind, so that the places
        // of the model's own terms are the first ones.
        let terms: Vec<Term> = (declared.terms.iter().chain(declared.alone).enumerate())
            .filter_map(|(place, column)| {
                let whole = By::levels_of(column);
                let by = declared.cut(column).unwrap_or(&whole);
                mistakes.note(Term::cut(population, by, declared.references, place))
            })
            .collect();
        let mut numbers = |column: Option<&str>| {
            column.and_then(|column| mistakes.note(population.numbers(column)))
        };
        let (offsets, entries) = (numbers(declared.extras.offset), numbers(declared.extras.entry));
        let weights = mistakes.note(checked.weights()).flatten();
        // Behind this no `expect` can fail: each of them is empty only with a mistake noted.
        mistakes.or(())?;
        let read = "invariant: without mistakes everything was read";
        let (endpoint, strata) = (endpoint.expect(read), strata.expect(read));
        let clusters = clusters.expect(read);
        Ok(Self {
            declared,
            population,
            endpoint,
            terms,
            strata,
            clusters,
            offsets,
            entries,
            weights,
        })
    }

    /// Fits the model of the terms at `places`, with the interactions between
    /// them, to the patients who have a value of each of them.
    pub(crate) fn fit(&self, places: &[usize]) -> Result<Fitted, Mistake> {
        self.fit_selection(&Selection { places, products: self.products(places), keeps: &|_| true })
    }

    /// The same with some interactions, to some patients.
    pub(crate) fn fit_selection(&self, selection: &Selection<'_>) -> Result<Fitted, Mistake> {
        self.cases_of(selection)?.fit(self)
    }

    /// The same in one period of follow-up.
    pub(crate) fn fit_period(&self, places: &[usize], period: Period) -> Result<Fitted, Mistake> {
        let products = self.products(places);
        self.cases(&Selection { places, products, keeps: &|_| true }, period)?.fit(self)
    }

    /// The patients who have a value of each of the terms at `places`, with
    /// their covariates, for a model other than Cox's.
    pub(crate) fn complete_cases(&self, places: &[usize]) -> Result<Cases, Mistake> {
        self.cases_of(&Selection { places, products: self.products(places), keeps: &|_| true })
    }

    /// The same with some interactions, of some patients.
    pub(crate) fn cases_of(&self, selection: &Selection<'_>) -> Result<Cases, Mistake> {
        let cases = self.cases(selection, Period::Whole)?;
        // Not asked in a single period of follow-up: there a
        // term that has become constant is told of its own row.
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

    /// The interactions between terms at `places`.
    pub(crate) fn products(&self, places: &[usize]) -> Vec<usize> {
        let is_in = |product: &usize| self.pair(*product).iter().all(|term| places.contains(term));
        (0..self.declared.extras.interactions.len()).filter(is_in).collect()
    }

    /// The places of the two terms of an interaction.
    pub(crate) fn pair(&self, product: usize) -> [usize; 2] {
        let pair = &self.declared.extras.interactions[product];
        [0, 1].map(|side| {
            // By name: the check has made sure that both are terms of the model.
            let place = self.declared.terms.iter().position(|term| *term == pair[side]);
            place.expect("invariant: interactions were checked")
        })
    }

    fn cases(&self, selection: &Selection<'_>, period: Period) -> Result<Cases, Mistake> {
        let is_complete = |patient: &usize| {
            self.is_known(*patient)
                && selection.places.iter().all(|place| self.terms[*place].is_known(*patient))
        };
        // Missing is counted among those of the selection, not of the whole population.
        let candidates: Vec<usize> =
            (0..self.population.n()).filter(|patient| (selection.keeps)(*patient)).collect();
        let known = self.endpoint.known().into_iter().filter(|patient| (selection.keeps)(*patient));
        let complete: Vec<usize> = known.filter(is_complete).collect();
        if complete.is_empty() && !self.population.is_rehearsed() {
            return Err(Mistake::at(&["terms"], "no patient has a value of every term")
                .hint("look for the term that is missing most often, and leave it out"));
        }
        // After the incomplete were left out: the last event may have been theirs.
        self.endpoint.check_events(&complete)?;
        let missing = candidates.len() - complete.len();
        Cases::new(self, selection, &complete, missing, period)
    }

    /// Whether a patient has all that the model needs beside its terms.
    fn is_known(&self, patient: usize) -> bool {
        let has = |values: &Option<Vec<Option<f64>>>| {
            values.as_ref().is_none_or(|values| values[patient].is_some())
        };
        self.strata.is_known(patient)
            // A row without a cluster would be independent of all others, which nobody knows.
            && self.clusters.is_known(patient)
            && has(&self.offsets)
            && has(&self.entries)
            && self.weights.as_ref().is_none_or(|weights| {
                let clusters = weights.clusters.as_ref();
                weights.weights[patient].is_some()
                    && clusters.is_none_or(|clusters| clusters[patient].is_some())
            })
    }

    pub(crate) fn strata_of(&self, included: &[usize]) -> Option<Groups> {
        self.strata.groups(included)
    }

    /// Their clusters: those of the weights, or declared ones.
    pub(crate) fn clusters_of(&self, included: &[usize]) -> Result<Option<Clusters>, Mistake> {
        // An entry that made weights knows which patients it
        // took together, and a `cluster` beside it was refused.
        let of_weights = self.weights.as_ref().and_then(|weights| weights.clusters.as_ref());
        let codes = match of_weights {
            Some(codes) => Some(included.iter().filter_map(|patient| codes[*patient]).collect()),
            None => self.clusters.codes(included),
        };
        let at = if self.declared.cluster.is_some() { "cluster" } else { "weights" };
        codes.map(|codes| clusters(codes, at)).transpose()
    }

    fn offsets_of(&self, included: &[usize]) -> Option<Vec<f64>> {
        let offsets = self.offsets.as_ref()?;
        Some(included.iter().filter_map(|patient| offsets[*patient]).collect())
    }

    fn weights_of(&self, included: &[usize]) -> Option<Vec<f64>> {
        let weights = &self.weights.as_ref()?.weights;
        Some(included.iter().filter_map(|patient| weights[*patient]).collect())
    }

    /// Follow-up from each patient's entry on. Who enters before time zero is
    /// at risk from time zero on.
    fn intervals(
        &self,
        included: &[usize],
        days: &[f64],
        events: &[bool],
    ) -> Result<Option<CountingData>, Mistake> {
        // Nobody enters in a rehearsal.
        let entries = self.entries.as_ref().filter(|_| !self.population.is_rehearsed());
        let Some(entries) = entries else { return Ok(None) };
        let starts: Vec<f64> = included
            .iter()
            .filter_map(|patient| entries[*patient])
            // Time before time zero is not looked at: the study counts
            // from there, whenever a patient came under observation.
            .map(|day| day.max(0.0))
            .collect();
        // At risk only after entry (> entry): whoever ends on that day was never at risk.
        if let Some(place) = (0..days.len()).find(|place| starts[*place] >= days[*place]) {
            let patient = self.population.patient(included[place]);
            let message = format!(
                "patient `{patient}` enters on day {}, but is followed to day {} only",
                starts[place], days[place]
            );
            return Err(Mistake::at(&["entry"], message).hint(
                "who is never at risk cannot be analysed: leave such patients out by `where`",
            ));
        }
        // One interval a patient.
        let subjects: Vec<usize> = (0..days.len()).collect();
        CountingData::new(&starts, days, events, &subjects)
            .map(Some)
            .map_err(|error| refused(&error))
    }
}
