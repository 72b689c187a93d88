//! The published numbers as conditions on a cohort, and how far a cohort is
//! from meeting them.

use super::track::{Checkpoint, Crossing, Descent, Track, Whom};

/// A published number. Arms are 0 and 1; the endpoint is 0 for the first event
/// and 1 for death where that is an endpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Published {
    /// The Kaplan-Meier median lies within these days, ends included.
    Median {
        /// The endpoint.
        endpoint: usize,
        /// The arm; everybody without one.
        arm: Option<usize>,
        /// First and last day.
        days: [u32; 2],
    },
    /// The median was not reached.
    MedianNotReached {
        /// The endpoint.
        endpoint: usize,
        /// The arm; everybody without one.
        arm: Option<usize>,
    },
    /// Kaplan-Meier survival at a day lies within these shares.
    Survival {
        /// The endpoint.
        endpoint: usize,
        /// The arm; everybody without one.
        arm: Option<usize>,
        /// The day.
        day: u32,
        /// Least and greatest share.
        shares: [f64; 2],
    },
    /// The number of events lies within these.
    Events {
        /// The endpoint.
        endpoint: usize,
        /// The arm; everybody without one.
        arm: Option<usize>,
        /// Fewest and most.
        counts: [u32; 2],
    },
    /// The root of the log-rank chi-square lies within these numbers; it is
    /// counted positive where the second arm has fewer events than expected.
    LogRankRoot {
        /// The endpoint.
        endpoint: usize,
        /// Least and greatest root.
        roots: [f64; 2],
    },
    /// Median follow-up by the reverse Kaplan-Meier method, on the last
    /// endpoint, lies within these days.
    FollowUp {
        /// The arm; everybody without one.
        arm: Option<usize>,
        /// First and last day.
        days: [u32; 2],
    },
}

impl Published {
    /// The endpoint that it is of; `None` for follow-up, which is read off the
    /// last one.
    pub fn endpoint(&self) -> Option<usize> {
        match *self {
            Self::Median { endpoint, .. }
            | Self::MedianNotReached { endpoint, .. }
            | Self::Survival { endpoint, .. }
            | Self::Events { endpoint, .. }
            | Self::LogRankRoot { endpoint, .. } => Some(endpoint),
            Self::FollowUp { .. } => None,
        }
    }

    /// What a track has of it.
    pub(super) fn of(&self, track: &Track) -> Option<f64> {
        let whom = |arm: Option<usize>| arm.map_or(Whom::Everybody, Whom::Arm);
        let day_of = |descent: Descent, arm: Option<usize>| {
            descent.crossings[whom(arm).place()].map(|crossing| f64::from(crossing.day))
        };
        // The log-rank sums and the curves come from the same pass.
        let sums = || track.read(&[], &mut []);
        match *self {
            Self::Median { arm, .. } | Self::MedianNotReached { arm, .. } => {
                // `None` says that it was not reached.
                day_of(sums().descent, arm)
            }
            Self::FollowUp { arm, .. } => day_of(track.follow_up(), arm),
            Self::Survival { arm, day, .. } => {
                let mut found = [0.0];
                track.read(&[Checkpoint { whom: whom(arm), day }], &mut found);
                Some(found[0])
            }
            Self::Events { arm, .. } => {
                let events = sums().events;
                Some(f64::from(arm.map_or(events[0] + events[1], |arm| events[arm])))
            }
            Self::LogRankRoot { .. } => sums().root(),
        }
    }
}

/// A curve that stands at a half exactly has a median by one definition and
/// another by the next: within this of a half no crossing counts.
const AT_HALF: f64 = 1e-6;
/// What such a crossing costs, and a crossing where there should be none or
/// none where there should be one.
const MISS: f64 = 0.2;
/// A median is as far away as its distance over this share of itself: so a
/// search sees from afar which way the event must move that halves the curve.
const MEDIAN_SHARE: f64 = 0.05;
/// What a distance of the root counts. Roots move in small steps and have to
/// come to lie within thousandths.
const ROOT_PRICE: f64 = 3.0;

/// One side of a condition on a curve's value.
#[derive(Debug, Clone, Copy)]
struct Side {
    checkpoint: usize,
    is_least: bool,
    bound: f64,
    /// Twice the root of the number of subjects: a hinge in standard errors of S at .5.
    scale: f64,
}

/// A condition on where a curve halves.
#[derive(Debug, Clone, Copy)]
struct Halves {
    whom: Whom,
    days: [u32; 2],
}

/// Conditions on one track.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    checkpoints: Vec<Checkpoint>,
    sides: Vec<Side>,
    medians: Vec<Halves>,
    follow_up: Vec<Halves>,
    roots: Option<[f64; 2]>,
    events: Vec<(Option<usize>, [u32; 2])>,
}

/// Where values of a pass are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    values: Vec<f64>,
}

/// Later than anybody is followed.
const NEVER: u32 = u32::MAX >> 3;

impl Conditions {
    /// Those on one endpoint of several, for arms of these sizes.
    pub(super) fn new(
        published: &[Published],
        endpoint: usize,
        is_last: bool,
        sizes: [u32; 2],
    ) -> Self {
        let whom = |arm: Option<usize>| arm.map_or(Whom::Everybody, Whom::Arm);
        let mut sides = Vec::new();
        let mut side = |arm: Option<usize>, day: u32, is_least: bool, bound: f64| {
            let n = arm.map_or(sizes[0] + sizes[1], |arm| sizes[arm]);
            let scale = 2.0 * f64::from(n).sqrt();
            sides.push((
                Checkpoint { whom: whom(arm), day },
                Side { checkpoint: 0, is_least, bound, scale },
            ));
        };
        let mut conditions = Self::default();
        for one in published {
            match *one {
                Published::Median { endpoint: of, arm, days } if of == endpoint => {
                    conditions.medians.push(Halves { whom: whom(arm), days });
                }
                Published::MedianNotReached { endpoint: of, arm } if of == endpoint => {
                    // No crossing is S above a half at the end of follow-up: a
                    // checkpoint later than anybody is followed.
                    side(arm, NEVER, true, 0.5 + AT_HALF);
                }
                Published::Survival { endpoint: of, arm, day, shares } if of == endpoint => {
                    side(arm, day, true, shares[0]);
                    side(arm, day, false, shares[1]);
                }
                Published::Events { endpoint: of, arm, counts } if of == endpoint => {
                    conditions.events.push((arm, counts));
                }
                Published::LogRankRoot { endpoint: of, roots } if of == endpoint => {
                    conditions.roots = Some(roots);
                }
                Published::FollowUp { arm, days } if is_last => {
                    conditions.follow_up.push(Halves { whom: whom(arm), days });
                }
                _ => {}
            }
        }
        // `read` passes the checkpoints once, in ascending order of days.
        sides.sort_by_key(|(checkpoint, _)| checkpoint.day);
        let number = |(place, (checkpoint, side)): (usize, (Checkpoint, Side))| {
            (checkpoint, Side { checkpoint: place, ..side })
        };
        (conditions.checkpoints, conditions.sides) =
            sides.into_iter().enumerate().map(number).unzip();
        conditions
    }

    /// How far a track is from meeting them: 0 where it does.
    pub(super) fn distance(&self, track: &Track, found: &mut Found) -> f64 {
        found.values.resize(self.checkpoints.len(), 0.0);
        let sums = track.read(&self.checkpoints, &mut found.values);
        let mut distance: f64 = self.sides.iter().map(|side| side.distance(&found.values)).sum();
        distance += self.medians.iter().map(|median| median.distance(&sums.descent)).sum::<f64>();
        if let Some([least, greatest]) = self.roots {
            // Without variance nothing was compared, which is no root of zero.
            // Far from any root that is published, so that the search leaves such a
            // cohort.
            let root = sums.root().unwrap_or(-10.0);
            // Whichever end is missed; within the interval both are negative and 0
            // stands.
            distance += ROOT_PRICE * (least - root).max(root - greatest).max(0.0);
        }
        for (arm, [fewest, most]) in &self.events {
            let events = arm.map_or(sums.events[0] + sums.events[1], |arm| sums.events[arm]);
            // Unsigned: one of the two differences is zero.
            let apart = fewest.saturating_sub(events).max(events.saturating_sub(*most));
            distance += MISS * f64::from(apart);
        }
        if !self.follow_up.is_empty() {
            let descent = track.follow_up();
            distance += self.follow_up.iter().map(|one| one.distance(&descent)).sum::<f64>();
        }
        distance
    }
}

impl Side {
    fn distance(&self, values: &[f64]) -> f64 {
        let value = values[self.checkpoint];
        let apart = if self.is_least { self.bound - value } else { value - self.bound };
        self.scale * apart.max(0.0)
    }
}

impl Halves {
    fn distance(&self, descent: &Descent) -> f64 {
        let [first, last] = self.days;
        let scale = MEDIAN_SHARE * f64::from(last);
        let place = self.whom.place();
        let Some(Crossing { day, value }) = descent.crossings[place] else {
            // No crossing at all: further than any crossing, and nearer the lower
            // the curve ends.
            return (1.0 + descent.ends[place] - 0.5) / MEDIAN_SHARE;
        };
        let apart = first.saturating_sub(day).max(day.saturating_sub(last));
        let is_level = value > 0.5 - AT_HALF;
        f64::from(apart) / scale + if is_level { MISS } else { 0.0 }
    }
}
