//! The follow-up of one endpoint in two arms, in whole days and in order of
//! time, from which the numbers of an abstract are read in one pass.

/// One subject's follow-up as a sortable number: day, then events before
/// censorings, then arm.
pub(super) fn key(day: u32, is_event: bool, arm: usize) -> u32 {
    // Sorted as a number, events of a day come before its censorings.
    (day << 2) | (u32::from(!is_event) << 1) | arm as u32
}

/// The day, whether it is an event, and the arm of a key.
pub(super) fn parts(key: u32) -> (u32, bool, usize) {
    (key >> 2, key & 2 == 0, (key & 1) as usize)
}

/// Follow-up of all subjects. Who is who does not matter for what is read, so
/// only the multiset is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub(super) keys: Vec<u32>,
    sizes: [u32; 2],
}

/// Who a curve is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    Arm(usize),
    Everybody,
}

/// A curve's value after a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Checkpoint {
    pub(super) whom: Whom,
    pub(super) day: u32,
}

/// Where a curve came down to a half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crossing {
    pub(super) day: u32,
    /// Its value from then on.
    pub(super) value: f64,
}

/// How the curves of the arms, and that of everybody, come down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Descent {
    /// Where they came down to a half.
    pub(super) crossings: [Option<Crossing>; 3],
    /// Where they end.
    pub(super) ends: [f64; 3],
}

impl Default for Descent {
    fn default() -> Self {
        Self { crossings: [None; 3], ends: [1.0; 3] }
    }
}

/// What one pass reads beside survival at checkpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    /// The curves.
    pub(super) descent: Descent,
    /// Events by arm.
    pub(super) events: [u32; 2],
    /// Events of the second arm less those expected if arms did not differ.
    pub(super) excess: f64,
    /// Their hypergeometric variance.
    pub(super) variance: f64,
}

impl Sums {
    /// Adds a day with events.
    fn add(&mut self, [first, second]: [u32; 2], at_risk: [u32; 2]) {
        let [risk_first, risk_second] = at_risk.map(f64::from);
        let (risk, events) = (risk_first + risk_second, f64::from(first + second));
        let share = risk_second / risk;
        self.events[0] += first;
        self.events[1] += second;
        self.excess += f64::from(second) - events * share;
        // One event at a day has no finite-population factor: (n - d) / (n - 1) is
        // 1.
        if events == 1.0 {
            self.variance += share * (1.0 - share);
            // With the last subject alone at risk nothing varies.
        } else if risk > 1.0 {
            let spread = (risk - events) / (risk - 1.0);
            self.variance += events * share * (1.0 - share) * spread;
        }
    }

    /// The root of the log-rank chi-square, positive where the second arm has
    /// fewer events than expected; `None` where nothing was compared.
    pub(super) fn root(&self) -> Option<f64> {
        (self.variance > 0.0).then(|| -self.excess / self.variance.sqrt())
    }
}

/// The subjects of one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayRun {
    pub(super) day: u32,
    /// At risk by arm, as the day begins.
    pub(super) at_risk: [u32; 2],
    /// Events by arm.
    pub(super) events: [u32; 2],
    /// Censorings by arm.
    pub(super) censored: [u32; 2],
}

impl Track {
    /// Of the keys of all subjects, in any order.
    pub(super) fn new(mut keys: Vec<u32>, sizes: [u32; 2]) -> Self {
        keys.sort_unstable();
        Self { keys, sizes }
    }

    /// Of subjects with their follow-up, its end and their arm.
    pub(super) fn of(days: &[u32], events: &[bool], arms: &[usize]) -> Self {
        let subjects = days.iter().zip(events).zip(arms);
        let keys = subjects.map(|((day, event), arm)| key(*day, *event, *arm)).collect();
        let second = arms.iter().filter(|arm| **arm == 1).count() as u32;
        Self::new(keys, [arms.len() as u32 - second, second])
    }

    /// Replaces one subject's follow-up by another of the same arm.
    pub(super) fn replace(&mut self, old: u32, new: u32) {
        // Subjects with the same key are interchangeable: the first of them is
        // taken.
        let from = self.keys.partition_point(|key| *key < old);
        debug_assert_eq!(self.keys[from], old, "invariant: what is replaced is there");
        let to = self.keys.partition_point(|key| *key < new);
        // The keys between move by one place, so that the order stays without
        // sorting: a search replaces one subject at each move.
        if to > from {
            self.keys.copy_within(from + 1..to, from);
            self.keys[to - 1] = new;
        } else {
            self.keys.copy_within(to..from, to + 1);
            self.keys[to] = new;
        }
    }

    /// The subjects by day.
    pub(super) fn days(&self) -> impl Iterator<Item = DayRun> {
        let mut at_risk = self.sizes;
        self.keys.chunk_by(|a, b| a >> 2 == b >> 2).map(move |run| {
            let mut day = DayRun { day: run[0] >> 2, at_risk, events: [0; 2], censored: [0; 2] };
            for key in run {
                let (_, is_event, arm) = parts(*key);
                if is_event {
                    day.events[arm] += 1;
                } else {
                    day.censored[arm] += 1;
                }
                at_risk[arm] -= 1;
            }
            day
        })
    }

    /// Reads survival at checkpoints (in ascending order of days) into `found`,
    /// and the sums of the log-rank test, in one pass.
    pub(super) fn read(&self, checkpoints: &[Checkpoint], found: &mut [f64]) -> Sums {
        let mut sums = Sums::default();
        let mut curves = Curves::default();
        let mut next = 0;
        let mut at_risk = self.sizes;
        let mut place = 0;
        while place < self.keys.len() {
            let day = self.keys[place] >> 2;
            // Checkpoints before this day read the curve as it stands after the
            // days before.
            while next < checkpoints.len() && checkpoints[next].day < day {
                found[next] = curves.of(checkpoints[next].whom);
                next += 1;
            }
            let mut events = [0_u32; 2];
            let mut gone = [0_u32; 2];
            while place < self.keys.len() && self.keys[place] >> 2 == day {
                let key = self.keys[place];
                let arm = (key & 1) as usize;
                // The second bit is 0 for an event: without a branch, as this loop
                // is the search's innermost.
                events[arm] += (!key >> 1) & 1;
                gone[arm] += 1;
                place += 1;
            }
            if events != [0, 0] {
                sums.add(events, at_risk);
                curves.step(day, events, at_risk);
            }
            at_risk = [at_risk[0] - gone[0], at_risk[1] - gone[1]];
        }
        // Days after the last follow-up read the last value: survival is carried
        // on.
        for (value, checkpoint) in found.iter_mut().zip(checkpoints).skip(next) {
            *value = curves.of(checkpoint.whom);
        }
        sums.descent = curves.0;
        sums
    }

    /// The curves of follow-up, on which censoring is the event, until all have
    /// come down to a half.
    pub(super) fn follow_up(&self) -> Descent {
        let mut curves = Curves::default();
        for run in self.days() {
            curves.step(run.day, run.censored, run.at_risk);
            // Nothing is asked of follow-up beyond its medians.
            if curves.0.crossings.iter().all(Option::is_some) {
                break;
            }
        }
        curves.0
    }
}

/// A hair above a half, for products of fractions that are a half but for rounding.
const HALF: f64 = 0.5 + 1e-9;

/// Kaplan-Meier curves of both arms and of everybody, as a pass goes along.
#[derive(Debug, Default)]
struct Curves(Descent);

impl Whom {
    /// Its place among the curves.
    pub(super) fn place(self) -> usize {
        match self {
            Self::Arm(arm) => arm,
            Self::Everybody => 2,
        }
    }
}

impl Curves {
    fn of(&self, whom: Whom) -> f64 {
        self.0.ends[whom.place()]
    }

    fn step(&mut self, day: u32, events: [u32; 2], at_risk: [u32; 2]) {
        let [first, second] = events;
        if first + second == 0 {
            return;
        }
        let events = [first, second, first + second];
        let at_risk = [at_risk[0], at_risk[1], at_risk[0] + at_risk[1]];
        for place in 0..3 {
            if events[place] == 0 {
                continue;
            }
            let left = f64::from(at_risk[place] - events[place]) / f64::from(at_risk[place]);
            let before = self.0.ends[place];
            let value = before * left;
            self.0.ends[place] = value;
            // Only the first crossing: the curve is at or below a half from then
            // on.
            if before > HALF && value <= HALF {
                self.0.crossings[place] = Some(Crossing { day, value });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::Groups;
    use crate::log_rank::{LogRankOptions, log_rank};
    use crate::resample::Stream;
    use crate::survival_curve::SurvivalCurveModel;
    use crate::survival_data::SurvivalData;

    fn subjects(n: usize, seed: u64) -> Vec<(u32, bool, usize)> {
        let mut stream = Stream::new(seed, 0);
        (0..n)
            .map(|place| {
                (1 + stream.below(60) as u32, stream.below(3) > 0, usize::from(place % 3 == 0))
            })
            .collect()
    }

    fn track(subjects: &[(u32, bool, usize)]) -> Track {
        let keys = subjects.iter().map(|(day, event, arm)| key(*day, *event, *arm)).collect();
        let second = subjects.iter().filter(|(_, _, arm)| *arm == 1).count() as u32;
        Track::new(keys, [subjects.len() as u32 - second, second])
    }

    #[test]
    fn one_pass_reads_what_the_estimators_give() {
        let subjects = subjects(150, 3);
        let track = track(&subjects);
        let times: Vec<f64> = subjects.iter().map(|(day, _, _)| f64::from(*day)).collect();
        let events: Vec<bool> = subjects.iter().map(|(_, event, _)| *event).collect();
        let codes: Vec<usize> = subjects.iter().map(|(_, _, arm)| *arm).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let checkpoints: Vec<Checkpoint> = [0, 7, 20, 33, 70]
            .into_iter()
            .flat_map(|day| {
                [Whom::Arm(0), Whom::Arm(1), Whom::Everybody].map(|whom| Checkpoint { whom, day })
            })
            .collect();
        let mut found = vec![f64::NAN; checkpoints.len()];
        let sums = track.read(&checkpoints, &mut found);

        let groups = Groups::new(codes, 2).unwrap();
        let test = log_rank(&data, &groups, &LogRankOptions::default()).unwrap();
        let chi_square = sums.excess * sums.excess / sums.variance;
        assert!((chi_square - test.test.statistic).abs() < 1e-10, "{chi_square}");
        assert_eq!(sums.events.map(f64::from).to_vec(), test.observed);

        let follow_up = track.follow_up().crossings;
        let data_of = [(data.clone(), sums.descent.crossings), (data.reversed(), follow_up)];
        for (number, (data, crossings)) in data_of.into_iter().enumerate() {
            let model = SurvivalCurveModel::new(&data);
            let mut curves = model.estimate_by_group(&groups).unwrap();
            curves.push(model.estimate());
            for (curve, crossing) in curves.iter().zip(crossings) {
                let day = crossing.map(|crossing| f64::from(crossing.day));
                assert_eq!(curve.median().estimate, day);
            }
            if number == 1 {
                continue;
            }
            for (checkpoint, found) in checkpoints.iter().zip(&found) {
                let curve = &curves[checkpoint.whom.place()];
                let last = curve.rows.last().unwrap().survival;
                let at = curve.at(f64::from(checkpoint.day)).unwrap();
                let expected = at.survival.unwrap_or(last);
                assert!((found - expected).abs() < 1e-12, "{checkpoint:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_replaced_subject_is_where_a_new_track_has_it() {
        let mut subjects = subjects(40, 8);
        let mut moved = track(&subjects);
        let mut stream = Stream::new(1, 1);
        for _ in 0..500 {
            let place = stream.below(40) as usize;
            let (day, event, arm) = subjects[place];
            let now = (1 + stream.below(60) as u32, stream.below(2) == 0, arm);
            moved.replace(key(day, event, arm), key(now.0, now.1, arm));
            subjects[place] = now;
            assert_eq!(moved, track(&subjects));
        }
    }
}
