//! What published numbers imply of those that were not published: cohorts of
//! two arms that reproduce every published number, under named assumptions.
//!
//! # Method
//! Each cohort is a search of its own, from a stream of random numbers that
//! belongs to its number: distributions are drawn (see [`Assumptions`]),
//! subjects are drawn from them, and simulated annealing moves one random
//! number of one subject at a time until all conditions hold. One cohort is
//! counted a search: searches that go on from a cohort stay near it. A search
//! that fails is counted, and another with new distributions takes its place.
//!
//! # What it is not
//! The cohorts are neither a sample of a posterior distribution nor the set of
//! all possible ones: quantiles over them are no confidence limits. The range
//! over cohorts grows with their number, so [`Problem::reach`] searches
//! outward for its ends; values beyond may exist still. Compare SPRITE
//! (Heathers et al. 2018), which does it for means of whole numbers.

mod anneal;
mod assumptions;
mod bounds;
mod constraint;
mod coverage;
mod directed;
mod statistic;
mod subject;
mod track;

use rayon::prelude::*;

pub use assumptions::Assumptions;
pub use bounds::{peto_ratios, z_of_ratio};
pub use constraint::Published;
pub use coverage::{Coverage, coverage};
pub use statistic::Statistic;
pub use subject::ResponseBounds;

use crate::Error;
use crate::resample::Stream;
use anneal::State;
use assumptions::{Distributions, Guess};
use constraint::Conditions;
use directed::{Toward, outward};
use subject::{Known, Latent};
use track::{Track, parts};

/// How long to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Moves of one search; 100,000 suit 100 subjects.
    pub moves: u32,
    /// Searches for one cohort.
    pub attempts: u32,
}

/// What was published of a study of two arms, and what is assumed of the rest.
#[derive(Debug, Clone)]
pub struct Problem {
    sizes: [u32; 2],
    subjects: Vec<Known>,
    n_endpoints: usize,
    published: Vec<Published>,
    assumptions: Assumptions,
    guess: Guess,
}

/// A cohort that reproduces the published numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// The arm of each subject, 0 or 1.
    pub arms: Vec<usize>,
    /// Days of follow-up by endpoint and subject.
    pub days: Vec<Vec<u32>>,
    /// Whether they end with the event.
    pub events: Vec<Vec<bool>>,
    /// Moves that the search took.
    pub moves: u32,
    /// Searches before it that failed.
    pub failed: u32,
    /// What it was made from, to search on from there.
    latents: Vec<Latent>,
    distributions: Distributions,
}

/// The least and the greatest value that an outward search met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Problem {
    /// A study of `n_endpoints` endpoints, 1 or 2 (the first event, then death).
    ///
    /// - `sizes`: subjects by arm.
    /// - `responses`: how many subjects of each arm have each recorded
    ///   response, with what it says of the time of progression; may be empty.
    ///
    /// # Errors
    /// [`Error::Empty`] for an arm without subjects, [`Error::Parameter`] for
    /// other numbers of endpoints and for responses of more subjects than an
    /// arm has.
    pub fn new(
        sizes: [u32; 2],
        n_endpoints: usize,
        responses: &[([u32; 2], ResponseBounds)],
        published: &[Published],
        assumptions: Assumptions,
    ) -> Result<Self, Error> {
        if sizes.contains(&0) {
            return Err(Error::Empty);
        }
        if !(1..=2).contains(&n_endpoints) {
            let value = n_endpoints as f64;
            return Err(Error::Parameter { what: "n_endpoints", value, range: "1 or 2" });
        }
        // Subjects arm by arm, then by response: who is who does not matter, only
        // how many there are of each.
        let mut subjects = Vec::new();
        for arm in 0..2 {
            let with_response: u32 = responses.iter().map(|(counts, _)| counts[arm]).sum();
            let Some(others) = sizes[arm].checked_sub(with_response) else {
                let value = f64::from(with_response);
                return Err(Error::Parameter {
                    what: "responses",
                    value,
                    range: "up to the arm's size",
                });
            };
            for (counts, bounds) in responses {
                subjects.extend((0..counts[arm]).map(|_| Known { arm, bounds: Some(*bounds) }));
            }
            subjects.extend((0..others).map(|_| Known { arm, bounds: None }));
        }
        let published = published.to_vec();
        let guess = Guess::of(&published, n_endpoints);
        Ok(Self { sizes, subjects, n_endpoints, published, assumptions, guess })
    }

    fn has_death(&self) -> bool {
        self.n_endpoints == 2
    }

    fn conditions(&self) -> Vec<Conditions> {
        let of = |place| {
            // Follow-up was published once; it is a condition on the last endpoint,
            // death where there is one.
            Conditions::new(&self.published, place, place + 1 == self.n_endpoints, self.sizes)
        };
        (0..self.n_endpoints).map(of).collect()
    }

    /// The cohorts of these numbers, in their order; `None` where every search
    /// failed. A cohort depends on the seed and its number alone, so that any
    /// part of them can be made elsewhere.
    pub fn cohorts(
        &self,
        numbers: std::ops::Range<u64>,
        seed: u64,
        effort: Effort,
    ) -> Vec<Option<Cohort>> {
        let conditions = self.conditions();
        let numbers: Vec<u64> = numbers.collect();
        numbers
            .into_par_iter()
            .map(|number| self.cohort(&conditions, number, seed, effort))
            .collect()
    }

    fn cohort(
        &self,
        conditions: &[Conditions],
        number: u64,
        seed: u64,
        effort: Effort,
    ) -> Option<Cohort> {
        let mut stream = Stream::new(seed, number);
        // The stream goes on through the attempts, so that each has other
        // distributions.
        (0..effort.attempts).find_map(|failed| {
            let mut state = State::draw(self, conditions, &mut stream)?;
            let moves = state.anneal(effort.moves, &mut stream)?;
            Some(Cohort { moves, failed, ..Cohort::of(&state) })
        })
    }

    /// How far each statistic goes in cohorts that reproduce the published
    /// numbers: `starts` searches outward each way, from those of `cohorts` that
    /// are the furthest out already, each with a stream of random numbers of its
    /// own. `None` where a statistic is not [searched](Statistic::is_searched),
    /// or is defined in no cohort.
    pub fn reach(
        &self,
        statistics: &[Statistic],
        cohorts: &[Cohort],
        starts: usize,
        seed: u64,
        moves: u32,
    ) -> Vec<Option<Reach>> {
        let conditions = self.conditions();
        let values = values(statistics, cohorts);
        let spreads: Vec<f64> = values.iter().map(|values| spread(values)).collect();
        let searched = (0..statistics.len()).filter(|place| statistics[*place].is_searched());
        // Each direction starts from the cohorts that are the furthest that way
        // already.
        let searches: Vec<(usize, Toward, usize)> = searched
            .flat_map(|place| {
                let furthest = |toward: Toward| {
                    let order = toward.furthest(&values[place]).into_iter().take(starts);
                    order.map(move |cohort| (place, toward, cohort))
                };
                furthest(Toward::Least).chain(furthest(Toward::Greatest)).collect::<Vec<_>>()
            })
            .collect();
        let search = |(number, (place, toward, cohort)): (usize, &(usize, Toward, usize))| {
            // Streams by the search's number: the order in which threads take them
            // does not matter.
            let mut stream = Stream::new(seed, number as u64);
            let mut state = State::of(self, &conditions, &cohorts[*cohort]);
            let (statistic, spread) = (statistics[*place], spreads[*place]);
            outward(&mut state, statistic, *toward, spread, moves, &mut stream)
        };
        let ends: Vec<f64> = searches.par_iter().enumerate().map(search).collect();
        let mut reached: Vec<Option<Reach>> = vec![None; statistics.len()];
        for ((place, _, _), end) in searches.iter().zip(ends) {
            // Ends come in the order of searches; least and greatest do not depend
            // on it.
            let own = reached[*place].get_or_insert(Reach { least: end, greatest: end });
            own.least = own.least.min(end);
            own.greatest = own.greatest.max(end);
        }
        reached
    }
}

/// Each statistic in each cohort; not a number where it is not defined.
pub fn values(statistics: &[Statistic], cohorts: &[Cohort]) -> Vec<Vec<f64>> {
    let of = |one: &Statistic| cohorts.iter().map(|cohort| cohort.statistic(*one)).collect();
    statistics.par_iter().map(of).collect()
}

/// The scale on which a search outward moves a statistic: a quarter of the
/// range of its finite values.
fn spread(values: &[f64]) -> f64 {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let width = finite().fold(f64::NEG_INFINITY, f64::max) - finite().fold(f64::INFINITY, f64::min);
    // Where all cohorts agree there is no range to measure by.
    if width.is_finite() && width > 0.0 { 0.25 * width } else { 1.0 }
}

impl Cohort {
    fn of(state: &State<'_>) -> Self {
        let endpoints = 0..state.tracks.len();
        let read = |endpoint: usize| state.keys(endpoint).map(parts);
        Self {
            arms: read(0).map(|(_, _, arm)| arm).collect(),
            days: endpoints.clone().map(|one| read(one).map(|(day, _, _)| day).collect()).collect(),
            events: endpoints.map(|one| read(one).map(|(_, event, _)| event).collect()).collect(),
            moves: 0,
            failed: 0,
            latents: state.latents.clone(),
            distributions: state.distributions,
        }
    }

    fn track(&self, endpoint: usize) -> Track {
        Track::of(&self.days[endpoint], &self.events[endpoint], &self.arms)
    }

    /// A statistic of the cohort; not a number where it is not defined.
    pub fn statistic(&self, statistic: Statistic) -> f64 {
        statistic.of(&self.track(statistic.endpoint()))
    }

    /// What the cohort has of a published number; `None` for a median that is
    /// not reached, and for a root where no events were expected in both arms.
    pub fn reproduced(&self, published: &Published, n_endpoints: usize) -> Option<f64> {
        published.of(&self.track(published.endpoint().unwrap_or(n_endpoints - 1)))
    }

    /// Whether the curve of an arm is known until a day: somebody is followed
    /// to it, or nobody is left without the event.
    pub fn is_followed(&self, endpoint: usize, arm: usize, day: u32) -> bool {
        let own = || (0..self.arms.len()).filter(|subject| self.arms[*subject] == arm);
        // Of those on the last day the censored counts as later than the event: it
        // was still followed.
        let last = own().max_by_key(|subject| {
            (self.days[endpoint][*subject], !self.events[endpoint][*subject])
        });
        last.is_some_and(|last| self.days[endpoint][last] >= day || self.events[endpoint][last])
    }
}

#[cfg(test)]
mod tests;
