//! Nearest-neighbour matching on a score.

use std::collections::{BTreeMap, BTreeSet};

use super::weights::check_groups;
use crate::Error;
use crate::checks::check_length;
use crate::quantile::{check_sample, variance_of};
use crate::sortable::{key, number};

/// A checked matching, ready to run.
///
/// # Algorithm
/// Greedy and without replacement, as `MatchIt`'s `nearest`: the treated, the
/// one of the largest score first, each take the free control whose score is
/// nearest; with a ratio above 1 all take their first, then all that got one
/// their second, and so on. Treated of one score are taken by their tickets, and
/// of controls equally near the one of the lowest ticket; in the caller's order
/// where there are none, or two are the same.
///
/// A caliper is the widest distance allowed, itself included, in standard
/// deviations of the score over all subjects (`std.caliper` of `MatchIt` 4;
/// Austin 2011 pools the standard deviations within the groups instead, which
/// is a little less).
///
/// # Weights
/// 1 for a matched treated; for the k controls of a set 1 / k, times the
/// number that makes all controls' weights sum to the matched controls. 0 for
/// who is not matched.
///
/// Ho, Imai, King & Stuart, J Stat Softw 2011; 42(8).
///
/// ```
/// use restudy_stats::propensity::NearestNeighbor;
/// let logits = [0.0, 1.0, 0.9, -3.0];
/// let treated = [true, true, false, false];
/// let matching = NearestNeighbor::new(&logits, &treated)?.caliper(0.2)?.matched();
/// // The second has the larger score, takes 0.9, and leaves nothing near 0.
/// assert_eq!(matching.sets.len(), 1);
/// assert_eq!((matching.sets[0].treated, &matching.sets[0].controls[..]), (1, &[2][..]));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NearestNeighbor<'a> {
    scores: &'a [f64],
    treated: &'a [bool],
    ratio: usize,
    caliper: Option<f64>,
    exact: Option<&'a [usize]>,
    tickets: Option<&'a [u64]>,
}

/// A treated subject and its controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedSet {
    /// Position of the treated.
    pub treated: usize,
    /// Positions of the controls in the order they were taken.
    pub controls: Vec<usize>,
}

/// What matching gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// The sets, in the order of the treated in the caller's data.
    pub sets: Vec<MatchedSet>,
    /// Position in `sets` of each subject; `None` for the unmatched.
    pub set_of: Vec<Option<usize>>,
    /// The weight of each subject.
    pub weights: Vec<f64>,
    /// The caliper on the scale of the score, where there is one.
    pub caliper: Option<f64>,
}

impl<'a> NearestNeighbor<'a> {
    /// `scores` is each subject's score, such as the logit of its
    /// probability of treatment; `treated` whether it was treated.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::NotFinite`], [`Error::Length`],
    /// [`Error::OneGroup`] if nobody or everybody was treated.
    pub fn new(scores: &'a [f64], treated: &'a [bool]) -> Result<Self, Error> {
        check_sample("scores", scores)?;
        check_length("treated", treated.len(), scores.len())?;
        check_groups(treated)?;
        Ok(Self { scores, treated, ratio: 1, caliper: None, exact: None, tickets: None })
    }

    /// Controls for each treated; 1 unless called.
    ///
    /// # Errors
    /// [`Error::Parameter`] for 0.
    pub fn ratio(mut self, ratio: usize) -> Result<Self, Error> {
        if ratio == 0 {
            return Err(Error::Parameter { what: "ratio", value: 0.0, range: "1 or more" });
        }
        self.ratio = ratio;
        Ok(self)
    }

    /// The widest distance, in standard deviations of the score.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a caliper that is not above zero.
    pub fn caliper(mut self, deviations: f64) -> Result<Self, Error> {
        if !(deviations.is_finite() && deviations > 0.0) {
            let (what, range) = ("caliper", "(0, infinity)");
            return Err(Error::Parameter { what, value: deviations, range });
        }
        self.caliper = Some(deviations);
        Ok(self)
    }

    /// Matches only within subjects of one code.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn exact(mut self, codes: &'a [usize]) -> Result<Self, Error> {
        check_length("exact", codes.len(), self.scores.len())?;
        self.exact = Some(codes);
        Ok(self)
    }

    /// A number for each subject, such as its
    /// [`ticket`](crate::resample::ticket), that decides ties.
    ///
    /// # Errors
    /// [`Error::Length`].
    pub fn tickets(mut self, tickets: &'a [u64]) -> Result<Self, Error> {
        check_length("tickets", tickets.len(), self.scores.len())?;
        self.tickets = Some(tickets);
        Ok(self)
    }

    /// Each subject's place where ties are decided.
    fn ranks(&self) -> Vec<usize> {
        // Without tickets the caller's order decides.
        let n = self.scores.len();
        let Some(tickets) = self.tickets else { return (0..n).collect() };
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|subject| (tickets[*subject], *subject));
        let mut ranks = vec![0; n];
        order.into_iter().enumerate().for_each(|(rank, subject)| ranks[subject] = rank);
        ranks
    }

    /// Runs the matching.
    #[must_use]
    pub fn matched(&self) -> Matching {
        let n = self.scores.len();
        // Over all subjects, treated and controls together, as `MatchIt` has it.
        let caliper = self.caliper.map(|width| width * variance_of(self.scores).sqrt());
        let code = |subject: usize| self.exact.map_or(0, |codes| codes[subject]);
        let ranks = self.ranks();
        // One set of free controls for each code: an exact match is a set of its
        // own.
        let mut free: BTreeMap<usize, Free> = BTreeMap::new();
        for control in (0..n).filter(|subject| !self.treated[*subject]) {
            let place = (ranks[control], control);
            free.entry(code(control)).or_default().insert(self.scores[control], place);
        }
        let mut order: Vec<usize> = (0..n).filter(|subject| self.treated[*subject]).collect();
        // Those with the highest scores have the fewest controls near them, and
        // choose first.
        order.sort_by(|a, b| {
            self.scores[*b].total_cmp(&self.scores[*a]).then(ranks[*a].cmp(&ranks[*b]))
        });
        let mut controls: Vec<Vec<usize>> = vec![Vec::new(); n];
        // Round by round, so that nobody has a second control before all have had
        // their first chance.
        for round in 0..self.ratio {
            for &treated in order.iter().filter(|treated| self.treated[**treated]) {
                // Whoever got none in a round finds none in a later one.
                if controls[treated].len() < round {
                    continue;
                }
                let Some(free) = free.get_mut(&code(treated)) else { continue };
                controls[treated].extend(free.take_nearest(self.scores[treated], caliper));
            }
        }
        let sets = controls.into_iter().enumerate().filter(|(_, controls)| !controls.is_empty());
        let sets =
            sets.map(|(treated, controls)| MatchedSet { treated, controls }).collect::<Vec<_>>();
        let (set_of, weights) = told(&sets, n);
        Matching { sets, set_of, weights, caliper }
    }
}

/// The set and the weight of each subject.
fn told(sets: &[MatchedSet], n: usize) -> (Vec<Option<usize>>, Vec<f64>) {
    let (mut set_of, mut weights) = (vec![None; n], vec![0.0; n]);
    let n_controls: usize = sets.iter().map(|set| set.controls.len()).sum();
    // Controls for each set on average: times 1 / k it makes the weights sum to the
    // matched controls.
    let share = n_controls as f64 / sets.len() as f64;
    for (place, set) in sets.iter().enumerate() {
        set_of[set.treated] = Some(place);
        weights[set.treated] = 1.0;
        for control in &set.controls {
            set_of[*control] = Some(place);
            weights[*control] = share / set.controls.len() as f64;
        }
    }
    (set_of, weights)
}

/// Controls that are still free: score, rank among ties, position.
#[derive(Debug, Default)]
struct Free(BTreeSet<(u64, usize, usize)>);

impl Free {
    fn insert(&mut self, score: f64, (rank, subject): (usize, usize)) {
        self.0.insert((key(score), rank, subject));
    }

    /// Takes the nearest within a caliper; of several the first in order.
    fn take_nearest(&mut self, score: f64, caliper: Option<f64>) -> Option<usize> {
        // The least entry of this score: `above` begins with controls of the same
        // score.
        let here = (key(score), 0, 0);
        let above = self.0.range(here..).next();
        let below = self.0.range(..here).next_back();
        // Of those of one score below, the first.
        let below = below.and_then(|(key, ..)| self.0.range((*key, 0, 0)..).next());
        let distance = |found: &(u64, usize, usize)| ((number(found.0) - score).abs(), found.1);
        let nearest = [above, below].into_iter().flatten().min_by(|a, b| {
            let (a, b) = (distance(a), distance(b));
            a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
        });
        let nearest = *nearest?;
        if caliper.is_some_and(|caliper| distance(&nearest).0 > caliper) {
            return None;
        }
        self.0.remove(&nearest);
        Some(nearest.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_go_to_the_first_in_order() {
        let scores = [0.5, 0.7, 0.3, 0.5, 0.5];
        let treated = [true, false, false, false, false];
        let of = |ratio| {
            let matching = NearestNeighbor::new(&scores, &treated).unwrap().ratio(ratio).unwrap();
            matching.matched().sets[0].controls.clone()
        };
        // Two controls at distance 0 in the caller's order, then 0.7 and 0.3.
        assert_eq!(of(9), [3, 4, 1, 2]);
        let near = NearestNeighbor::new(&[0.5, 0.75, 0.25], &[true, false, false]).unwrap();
        assert_eq!(near.matched().sets[0].controls, [1]);
    }

    #[test]
    fn ties_follow_the_tickets_in_any_order() {
        let scores = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.7, 0.3];
        let treated = [true, true, false, false, false, false, false, false];
        let tickets = [7, 3, 9, 2, 5, 1, 4, 8];
        // The second treated comes first and takes the lowest ticket, the
        // sixth subject; the first the next one, the fourth.
        let matched = |order: &[usize]| -> Vec<(usize, Vec<usize>)> {
            let scores: Vec<f64> = order.iter().map(|i| scores[*i]).collect();
            let treated: Vec<bool> = order.iter().map(|i| treated[*i]).collect();
            let tickets: Vec<u64> = order.iter().map(|i| tickets[*i]).collect();
            let matching = NearestNeighbor::new(&scores, &treated).unwrap();
            let found = matching.tickets(&tickets).unwrap().ratio(3).unwrap().matched();
            let own = |set: &MatchedSet| {
                (order[set.treated], set.controls.iter().map(|i| order[*i]).collect())
            };
            let mut sets: Vec<(usize, Vec<usize>)> = found.sets.iter().map(own).collect();
            sets.sort();
            sets
        };
        let expected = [(0, vec![3, 2, 7]), (1, vec![5, 4, 6])];
        assert_eq!(matched(&[0, 1, 2, 3, 4, 5, 6, 7]), expected);
        assert_eq!(matched(&[7, 6, 5, 4, 3, 2, 1, 0]), expected);
        assert_eq!(matched(&[4, 0, 6, 2, 7, 1, 5, 3]), expected);
    }

    #[test]
    fn nobody_is_matched_out_of_their_category() {
        let scores = [0.5, 0.5, -0.5];
        let treated = [true, false, false];
        let exact = [1, 0, 1];
        let matching = NearestNeighbor::new(&scores, &treated).unwrap().exact(&exact).unwrap();
        // With a caliper of 0.1 standard deviations the other score of the code is
        // out of reach.
        assert_eq!(matching.matched().set_of, [Some(0), None, Some(0)]);
        let none = matching.caliper(0.1).unwrap().matched();
        assert_eq!((none.sets.len(), none.weights), (0, vec![0.0; 3]));
    }

    proptest! {
        #[test]
        fn nobody_is_taken_twice_and_weights_sum_up(
            subjects in proptest::collection::vec((-30..30_i32, any::<bool>()), 2..60),
            ratio in 1..4_usize,
        ) {
            let scores: Vec<f64> = subjects.iter().map(|one| f64::from(one.0) / 7.0).collect();
            let treated: Vec<bool> = subjects.iter().map(|one| one.1).collect();
            prop_assume!(treated.iter().any(|t| *t) && treated.iter().any(|t| !*t));
            let matching = NearestNeighbor::new(&scores, &treated).unwrap();
            let found = matching.ratio(ratio).unwrap().caliper(0.5).unwrap().matched();
            let mut taken: Vec<usize> =
                found.sets.iter().flat_map(|set| set.controls.iter().copied()).collect();
            let n = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), n);
            let total: f64 = taken.iter().map(|control| found.weights[*control]).sum();
            prop_assert!((total - n as f64).abs() < 1e-9);
            let caliper = found.caliper.unwrap();
            for set in &found.sets {
                for control in &set.controls {
                    prop_assert!((scores[set.treated] - scores[*control]).abs() <= caliper);
                }
            }
        }
    }
}
