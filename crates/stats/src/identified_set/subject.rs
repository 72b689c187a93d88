//! One subject of a constructed cohort: what happens to it, and what of that
//! is observed.

use super::assumptions::{Distributions, Weibull};
use super::track::key;
use crate::resample::Stream;

/// The numbers in (0, 1) that decide a subject, and what they come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Latent {
    /// Time to the first event, time to death, end of follow-up, last
    /// examination, and whether the first event is death.
    pub(super) shares: [f64; SHARES[1]],
    /// The days of the first three of them.
    days: [u32; 3],
    /// Between which shares the time to the first event lies.
    window: [f64; 2],
}

/// How many of them there are with one endpoint, and with two.
pub(super) const SHARES: [usize; 2] = [2, 5];

/// Places in `shares`; the first two are all that one endpoint needs.
const FIRST: usize = 0;
const FOLLOW_UP: usize = 1;
const DEATH: usize = 2;
const LAG: usize = 3;
const SUDDEN: usize = 4;

/// What a recorded best response says of the time of progression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseBounds {
    /// Progression is not recorded before this day.
    pub earliest: u32,
    /// It is recorded by this day, where the response is progression.
    pub latest: Option<u32>,
}

/// What is known of a subject beforehand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) arm: usize,
    pub(super) bounds: Option<ResponseBounds>,
}

/// What is observed, as keys: the first event, and death where it is an
/// endpoint of its own.
pub(super) type Observed = [u32; 2];

impl Latent {
    /// New ones.
    pub(super) fn draw(known: &Known, distributions: &Distributions, stream: &mut Stream) -> Self {
        let window = window(&distributions.first[known.arm], known.bounds);
        let mut latent = Self { shares: [0.0; SHARES[1]], days: [0; 3], window };
        for place in 0..latent.shares.len() {
            latent.put(place, stream.unit(), known.arm, distributions);
        }
        latent
    }

    /// Puts another number in a place.
    pub(super) fn put(
        &mut self,
        place: usize,
        share: f64,
        arm: usize,
        distributions: &Distributions,
    ) {
        self.shares[place] = share;
        let [low, high] = self.window;
        let time = match place {
            // Within the window that the response leaves, so that few draws are
            // refused.
            FIRST => distributions.first[arm].quantile(low + share * (high - low)),
            FOLLOW_UP => distributions.follow_up[arm].quantile(share).min(distributions.longest),
            DEATH => distributions.death[arm].quantile(share),
            _ => return,
        };
        self.days[place] = whole_day(time);
    }

    /// What is observed of the subject; `None` where that contradicts its
    /// response.
    pub(super) fn observed(
        &self,
        known: &Known,
        distributions: &Distributions,
        has_death: bool,
    ) -> Option<Observed> {
        let arm = known.arm;
        let [first, end, time] = self.days;
        let (lag, sudden) = (self.shares[LAG], self.shares[SUDDEN]);
        let bounds = known.bounds;
        if !has_death {
            let is_event = first <= end;
            // One endpoint: event or end of follow-up, whichever is first. An event
            // on the last day is seen.
            return Some([key(first.min(end), is_event, arm), 0]);
        }
        // A response that is progression itself leaves no room for death without
        // it.
        let must_progress = bounds.is_some_and(|bounds| bounds.latest.is_some());
        let mut is_sudden = !must_progress && sudden < distributions.sudden;
        // Linked, death is counted from progression on; unlinked, death before
        // progression is death without it.
        let death = match (distributions.is_linked, is_sudden) {
            (true, true) => first,
            (true, false) => first + time,
            (false, _) => {
                is_sudden |= time <= first;
                time
            }
        };
        if is_sudden && must_progress {
            return None;
        }
        let (last_day, is_dead) = (death.min(end), death <= end);
        // Progression is seen at an examination, of which the last is some days before the end.
        // From 0 to the largest lag, in whole days; never before day 0.
        let last_scan = end - ((lag * (distributions.lag + 1.0)) as u32).min(end);
        let is_progression = !is_sudden && first <= last_scan && first <= death;
        // Progression counts on its day; death without it on its own; else the last
        // examination is the last that is known.
        let (day, is_event) = match (is_progression, is_dead) {
            (true, _) => (first, true),
            (false, true) => (death, true),
            (false, false) => (last_scan, false),
        };
        let is_allowed = bounds.is_none_or(|bounds| {
            day >= bounds.earliest
                && bounds.latest.is_none_or(|latest| is_progression && day <= latest)
        });
        is_allowed.then(|| [key(day, is_event, arm), key(last_day, is_dead, arm)])
    }
}

/// The shares below the bounds that a response sets.
fn window(weibull: &Weibull, bounds: Option<ResponseBounds>) -> [f64; 2] {
    let Some(bounds) = bounds else { return [0.0, 1.0] };
    // Half a day on either side, as days are rounded to the nearest.
    let high = bounds.latest.map_or(1.0, |latest| weibull.below(f64::from(latest) + 0.5));
    [weibull.below(f64::from(bounds.earliest) - 0.5), high]
}

/// The nearest whole day from day 1 on.
fn whole_day(time: f64) -> u32 {
    // A century is longer than anybody is followed.
    time.clamp(1.0, 36_525.0).round() as u32
}
