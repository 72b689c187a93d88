//! The search for one cohort that reproduces every published number: simulated
//! annealing (Kirkpatrick, Gelatt and Vecchi 1983) in the numbers that decide
//! the subjects.

use super::assumptions::Distributions;
use super::constraint::{Conditions, Found};
use super::subject::{Latent, Observed, SHARES};
use super::track::Track;
use super::{Cohort, Problem};
use crate::resample::Stream;

/// Temperature at the beginning and from the end of cooling on. A distance is in
/// standard errors: at 1 most moves pass, at .02 one by a fiftieth does.
const TEMPERATURES: [f64; 2] = [0.5, 0.002];
/// Share of the moves over which it cools.
const COOLING: f64 = 0.6;
/// A new number is drawn at every fourth move; else the old one walks.
const FRESH: u64 = 4;
/// How far it walks: far and near by turns, of the whole interval.
const WALKS: [f64; 2] = [0.1, 0.01];
/// How often a subject is drawn before its response is called impossible.
const DRAWS: usize = 20_000;

/// A cohort under search.
#[derive(Clone)]
pub(super) struct State<'p> {
    pub(super) problem: &'p Problem,
    pub(super) distributions: Distributions,
    pub(super) latents: Vec<Latent>,
    observed: Vec<Observed>,
    pub(super) tracks: Vec<Track>,
    conditions: &'p [Conditions],
    distances: [f64; 2],
    found: Found,
}

/// A move that can be taken back.
pub(super) struct Moved {
    subject: usize,
    latent: Latent,
    observed: Observed,
    distances: [f64; 2],
    /// Whether anything changed that is observed.
    pub(super) is_seen: bool,
}

impl<'p> State<'p> {
    /// A cohort as its assumptions draw it; `None` where they allow no subject
    /// of some response.
    pub(super) fn draw(
        problem: &'p Problem,
        conditions: &'p [Conditions],
        stream: &mut Stream,
    ) -> Option<Self> {
        let has_death = problem.has_death();
        let distributions = problem.assumptions.draw(&problem.guess, has_death, stream);
        let mut latents = Vec::with_capacity(problem.subjects.len());
        let mut observed = Vec::with_capacity(problem.subjects.len());
        for known in &problem.subjects {
            // By rejection: what is observed has to agree with the recorded
            // response, and the draw stays that of the distributions.
            let (latent, seen) = (0..DRAWS).find_map(|_| {
                let latent = Latent::draw(known, &distributions, stream);
                Some((latent, latent.observed(known, &distributions, has_death)?))
            })?;
            latents.push(latent);
            observed.push(seen);
        }
        Some(Self::made(problem, conditions, distributions, latents, observed))
    }

    /// The cohort that a search ended with.
    pub(super) fn of(problem: &'p Problem, conditions: &'p [Conditions], cohort: &Cohort) -> Self {
        let (latents, distributions) = (cohort.latents.clone(), cohort.distributions);
        let observed = latents.iter().zip(&problem.subjects).map(|(latent, known)| {
            let seen = latent.observed(known, &distributions, problem.has_death());
            seen.expect("invariant: a cohort is made of subjects that are allowed")
        });
        let observed = observed.collect();
        Self::made(problem, conditions, distributions, latents, observed)
    }

    fn made(
        problem: &'p Problem,
        conditions: &'p [Conditions],
        distributions: Distributions,
        latents: Vec<Latent>,
        observed: Vec<Observed>,
    ) -> Self {
        let keys = |place: usize| observed.iter().map(|keys| keys[place]).collect();
        let tracks: Vec<Track> =
            (0..problem.n_endpoints).map(|place| Track::new(keys(place), problem.sizes)).collect();
        let (distances, found) = ([0.0; 2], Found::default());
        let mut state = Self {
            problem,
            distributions,
            latents,
            observed,
            tracks,
            conditions,
            distances,
            found,
        };
        for place in 0..state.tracks.len() {
            state.measure(place);
        }
        state
    }

    /// How far the cohort is from the published numbers.
    pub(super) fn distance(&self) -> f64 {
        self.distances[0] + self.distances[1]
    }

    fn measure(&mut self, place: usize) {
        let track = &self.tracks[place];
        self.distances[place] = self.conditions[place].distance(track, &mut self.found);
    }

    /// Moves one number of one subject; `None` where the response forbids it.
    pub(super) fn step(&mut self, stream: &mut Stream) -> Option<Moved> {
        let subject = stream.below(self.latents.len() as u64) as usize;
        let shares = SHARES[self.problem.n_endpoints - 1];
        let place = stream.below(shares as u64) as usize;
        let before = self.latents[subject];
        let share = match stream.below(FRESH) {
            0 => stream.unit(),
            // Of the three turns that walk, one goes far, to get away, and two
            // near, to come to rest.
            turn => {
                let width = WALKS[(turn % 2) as usize];
                reflect(before.shares[place] + width * (2.0 * stream.unit() - 1.0))
            }
        };
        let known = &self.problem.subjects[subject];
        let mut latent = before;
        // Only the moved number's day is computed anew.
        latent.put(place, share, known.arm, &self.distributions);
        let seen = latent.observed(known, &self.distributions, self.problem.has_death())?;
        let old = self.observed[subject];
        let moved = Moved {
            subject,
            latent: before,
            observed: old,
            distances: self.distances,
            is_seen: seen != old,
        };
        self.latents[subject] = latent;
        self.observed[subject] = seen;
        for track in 0..self.tracks.len() {
            // A number may move without moving a day: nothing is measured again
            // then.
            if seen[track] != old[track] {
                self.tracks[track].replace(old[track], seen[track]);
                self.measure(track);
            }
        }
        Some(moved)
    }

    /// Takes a move back.
    pub(super) fn undo(&mut self, moved: &Moved) {
        let now = self.observed[moved.subject];
        for (track, (now, before)) in
            self.tracks.iter_mut().zip(now.into_iter().zip(moved.observed))
        {
            if now != before {
                track.replace(now, before);
            }
        }
        self.latents[moved.subject] = moved.latent;
        self.observed[moved.subject] = moved.observed;
        self.distances = moved.distances;
    }

    /// Anneals until every published number is met: how many moves it took, or
    /// `None` after `most_moves`.
    pub(super) fn anneal(&mut self, most_moves: u32, stream: &mut Stream) -> Option<u32> {
        let mut cooling = Cooling::new(TEMPERATURES, COOLING * f64::from(most_moves));
        for number in 0..most_moves {
            let before = self.distance();
            // Exactly zero: every condition is an interval, so that a cohort within
            // all of them has no distance at all.
            if before == 0.0 {
                return Some(number);
            }
            let temperature = cooling.next();
            let Some(moved) = self.step(stream) else { continue };
            // All moves are as probable as their ways back, so the distance alone decides.
            if moved.is_seen && !stream.accepts(self.distance() - before, temperature) {
                self.undo(&moved);
            }
        }
        (self.distance() == 0.0).then_some(most_moves)
    }

    /// What is observed: day, whether it is an event, and arm of each subject.
    pub(super) fn keys(&self, endpoint: usize) -> impl Iterator<Item = u32> {
        self.observed.iter().map(move |keys| keys[endpoint])
    }
}

/// Geometric cooling.
pub(super) struct Cooling {
    temperature: f64,
    last: f64,
    factor: f64,
}

impl Cooling {
    pub(super) fn new([first, last]: [f64; 2], moves: f64) -> Self {
        // From the first temperature to the last in this many moves, by equal
        // factors; from there on it stays.
        Self { temperature: first, last, factor: libm::pow(last / first, 1.0 / moves.max(1.0)) }
    }

    pub(super) fn next(&mut self) -> f64 {
        self.temperature = (self.temperature * self.factor).max(self.last);
        self.temperature
    }
}

impl Stream {
    /// Whether a move to a distance greater by `worse` is taken (Metropolis).
    pub(super) fn accepts(&mut self, worse: f64, temperature: f64) -> bool {
        worse <= 0.0 || self.unit() < libm::exp(-worse / temperature)
    }
}

/// A number that left (0, 1) at one end comes back from there.
fn reflect(share: f64) -> f64 {
    let inside = if share < 0.0 {
        -share
    } else if share > 1.0 {
        2.0 - share
    } else {
        share
    };
    // The quantile functions are infinite at 0 and 1.
    inside.clamp(1e-12, 1.0 - 1e-12)
}
