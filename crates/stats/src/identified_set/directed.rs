//! How far a number that was not published can go: a search outward from
//! cohorts that reproduce the published ones. The range over sampled cohorts
//! grows with their number; this looks for its ends.

use super::anneal::{Cooling, State};
use super::statistic::Statistic;
use crate::resample::Stream;

/// Temperatures of the outward search.
const TEMPERATURES: [f64; 2] = [0.3, 0.008];
/// What a distance from the published numbers costs against the statistic in
/// its own spread: less lets the search cross what is not allowed, and it only
/// counts what it meets where the distance is zero.
const PRICE: f64 = 4.0;

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toward {
    Least,
    Greatest,
}

impl Toward {
    /// Whether it leads up.
    pub(super) fn is_up(self) -> bool {
        self == Self::Greatest
    }

    /// The places of values, the furthest first; those that are not defined are
    /// left out.
    pub(super) fn furthest(self, values: &[f64]) -> Vec<usize> {
        let mut order: Vec<usize> =
            (0..values.len()).filter(|place| !values[*place].is_nan()).collect();
        order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
        if self.is_up() {
            order.reverse();
        }
        order
    }
}

/// The most extreme value met in cohorts that reproduce the published numbers,
/// from a cohort that does. `spread` is the scale on which the statistic is
/// moved, such as its standard deviation over cohorts.
pub(super) fn outward(
    state: &mut State<'_>,
    statistic: Statistic,
    toward: Toward,
    spread: f64,
    moves: u32,
    stream: &mut Stream,
) -> f64 {
    let sign = if toward.is_up() { 1.0 } else { -1.0 };
    let value_of = |state: &State<'_>| statistic.of(&state.tracks[statistic.endpoint()]);
    // An infinite ratio is no direction to go on in; it was met and counts.
    let gain = |value: f64| {
        // Values that are not defined lose against all others; infinite ones are
        // bounded, so that differences of two are numbers.
        if value.is_nan() { f64::NEG_INFINITY } else { (sign * value / spread).clamp(-1e3, 1e3) }
    };
    let mut value = value_of(state);
    let mut best = value;
    let mut cooling = Cooling::new(TEMPERATURES, f64::from(moves));
    for _ in 0..moves {
        let temperature = cooling.next();
        let before = (state.distance(), value);
        let Some(moved) = state.step(stream) else { continue };
        // What is not seen changes neither distance nor statistic.
        if !moved.is_seen {
            continue;
        }
        value = value_of(state);
        let worse = PRICE * (state.distance() - before.0) + (gain(before.1) - gain(value));
        if worse.is_nan() || !stream.accepts(worse, temperature) {
            state.undo(&moved);
            value = before.1;
            // Only cohorts that reproduce every number count, whatever the search
            // passes through.
        } else if state.distance() == 0.0 && gain(value) > gain(best) {
            best = value;
        }
    }
    best
}
