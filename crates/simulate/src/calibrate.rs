//! Finds 113 outcomes whose summary equals the published abstract's, by a local search.
//!
//! The search compares chi-squares, never p-values, so it needs + - x / alone and is the same on every machine.

use crate::error::SimulateError;
use crate::outcome::{Ending, Outcome, Response};
use crate::random::Random;
use crate::survival::{Comparison, Subject, compare, median_of_all};

/// Seeds tried in a row before the search gives up.
pub const SEEDS_IN_A_ROW: u64 = 30;
const MOVES: u32 = 30_000;
/// Moves after which the threshold starts again from its height, to leave a dead end.
const MOVES_A_ROUND: u32 = 12_000;

/// Arm, response and how many patients have them.
// Of 37 with radiotherapy 25 responded (67.6%) and 35 were controlled (94.6%), of
// 76 without it 30 (39.5%) and 47 (61.8%). Only how responders divide into complete
// and partial ones is free.
const COUNTS: [(bool, Response, usize); 8] = [
    (true, Response::Complete, 5),
    (true, Response::Partial, 20),
    (true, Response::Stable, 10),
    (true, Response::Progressive, 2),
    (false, Response::Complete, 6),
    (false, Response::Partial, 24),
    (false, Response::Stable, 17),
    (false, Response::Progressive, 29),
];

/// A closed window that a calibrated number must fall into.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Lowest accepted value.
    pub low: f64,
    /// Highest accepted value.
    pub high: f64,
}

impl Window {
    const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    fn distance(&self, value: f64) -> f64 {
        (self.low - value).max(value - self.high).max(0.0)
    }
}

/// Median progression-free survival with radiotherapy: 20.0 months.
// The whole days that print as the published months of 30.4375 days with one
// decimal. They are whole numbers, so a window has no gap.
pub const MEDIAN_PFS_RADIOTHERAPY: Window = Window::new(608.0, 610.0);
/// Median progression-free survival without: 4.0 months.
pub const MEDIAN_PFS_NO_RADIOTHERAPY: Window = Window::new(121.0, 123.0);
/// Median overall survival without radiotherapy: 26.0 months.
pub const MEDIAN_OS_NO_RADIOTHERAPY: Window = Window::new(790.0, 792.0);
/// Median follow-up of the whole cohort by reverse Kaplan-Meier: 14.0 months.
pub const MEDIAN_FOLLOW_UP: Window = Window::new(425.0, 427.0);
/// Log-rank chi-square of progression-free survival: p = .00098.
// The search compares chi-squares, so these are windows about the ones that have
// the published p-values on one degree of freedom.
pub const LOG_RANK_PFS: Window = Window::new(10.8556, 10.8744);
/// Log-rank chi-square of overall survival: p = .0060.
pub const LOG_RANK_OS: Window = Window::new(7.5353, 7.5653);

/// Where the overall survival curve with radiotherapy ends: its median stays out of reach, its deaths do not.
pub const LOWEST_OS_RADIOTHERAPY: Window = Window::new(0.55, 0.78);
/// Deaths with radiotherapy: enough for a model of survival to be fitted.
pub const DEATHS_RADIOTHERAPY: Window = Window::new(6.0, 12.0);
/// Deaths without documented progression: some, as in any such cohort, but few.
pub const DEATHS_WITHOUT_PROGRESSION: Window = Window::new(4.0, 8.0);

/// The numbers of a cohort that the published abstract reports.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// Progression-free survival by arm.
    pub pfs: Comparison,
    /// Overall survival by arm.
    pub os: Comparison,
    /// Reverse Kaplan-Meier median follow-up of the whole cohort.
    pub follow_up_days: Option<i32>,
    /// Deaths without documented progression.
    pub deaths_without_progression: usize,
}

/// Summarises outcomes as the published abstract does.
#[must_use]
pub fn summarise(outcomes: &[Outcome]) -> Summary {
    let mut pfs: Vec<Subject> = outcomes.iter().map(pfs_subject).collect();
    let mut os: Vec<Subject> = outcomes.iter().map(os_subject).collect();
    let reverse: Vec<Subject> =
        // follow-up ends at the censoring, and a death is what keeps it from being seen
        os.iter().map(|subject| Subject { event: !subject.event, ..*subject }).collect();
    let died = |outcome: &&Outcome| outcome.progression_free_survival().1 == Ending::Death;
    Summary {
        pfs: compare(&mut pfs),
        os: compare(&mut os),
        follow_up_days: median_of_all(&reverse),
        deaths_without_progression: outcomes.iter().filter(died).count(),
    }
}

fn pfs_subject(outcome: &Outcome) -> Subject {
    let (time_days, ending) = outcome.progression_free_survival();
    Subject { time_days, event: ending != Ending::Censored, first_arm: outcome.radiotherapy }
}

fn os_subject(outcome: &Outcome) -> Subject {
    let (time_days, event) = outcome.overall_survival();
    Subject { time_days, event, first_arm: outcome.radiotherapy }
}

impl Summary {
    /// Scaled distance from the published numbers; zero when all of them are met.
    #[must_use]
    pub fn loss(&self) -> f64 {
        // Forty days off weigh as much as one unit of chi-square. An arm without a median
        // counts as one that is 320 days off, so the search leaves it.
        let days = |window: Window, median: Option<i32>| {
            median.map_or(8.0, |value| window.distance(f64::from(value)) / 40.0)
        };
        // a median that hangs on fewer than five patients is possible but not wanted
        let late = |at_risk: usize| 0.2 * 5_usize.saturating_sub(at_risk) as f64;
        // a curve that stands at one half exactly has a median that programs read
        // differently
        let touches = [self.pfs.touches_half, self.os.touches_half];
        // the fourth curve has a window of its own
        let open_ends = [self.pfs.lowest[0], self.pfs.lowest[1], self.os.lowest[1]];
        days(MEDIAN_PFS_RADIOTHERAPY, self.pfs.median_days[0])
            + days(MEDIAN_PFS_NO_RADIOTHERAPY, self.pfs.median_days[1])
            + days(MEDIAN_OS_NO_RADIOTHERAPY, self.os.median_days[1])
            + days(MEDIAN_FOLLOW_UP, self.follow_up_days)
            + LOG_RANK_PFS.distance(self.pfs.log_rank)
            + LOG_RANK_OS.distance(self.os.log_rank)
            + 5.0 * LOWEST_OS_RADIOTHERAPY.distance(self.os.lowest[0])
            + 0.1 * DEATHS_RADIOTHERAPY.distance(self.os.events[0] as f64)
            + open_ends.iter().map(|lowest| 5.0 * (0.08 - lowest).max(0.0)).sum::<f64>()
            + late(self.pfs.at_risk_at_median[0])
            + late(self.os.at_risk_at_median[1])
            // progression-free survival is to end by death too, as analyses must tell the two
            // apart
            + 0.1 * DEATHS_WITHOUT_PROGRESSION.distance(self.deaths_without_progression as f64)
            + 0.2 * touches.iter().flatten().filter(|half| **half).count() as f64
    }
}

/// A calibrated cohort and the seed that led to it.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// One outcome a patient, radiotherapy first.
    pub outcomes: Vec<Outcome>,
    /// The seed whose search succeeded: the one asked for, or the next that works.
    pub seed: u64,
    /// How many moves the search took.
    pub moves: u32,
}

/// Calibrates from `seed`, going on to the next seed when a search fails.
///
/// # Errors
/// When none of [`SEEDS_IN_A_ROW`] seeds reaches every window.
pub fn calibrate(seed: u64) -> Result<Calibrated, SimulateError> {
    let seeds = (0..SEEDS_IN_A_ROW).map(|step| seed.wrapping_add(step));
    seeds
        .filter_map(|seed| {
            search(seed).map(|(outcomes, moves)| Calibrated { outcomes, seed, moves })
        })
        .next()
        .ok_or(SimulateError::NotCalibrated { first_seed: seed, seeds: SEEDS_IN_A_ROW })
}

/// Threshold accepting (Dueck and Scheuer 1990) from a random start.
fn search(seed: u64) -> Option<(Vec<Outcome>, u32)> {
    let mut random = Random::new(seed, "calibrate");
    let mut outcomes = start(&mut random);
    // a start outside this window is drawn anew before the search
    while DEATHS_RADIOTHERAPY.distance(summarise(&outcomes).os.events[0] as f64) > 0.0 {
        outcomes = start(&mut random);
    }
    let mut loss = summarise(&outcomes).loss();
    // The sum over thirteen terms may get worse by this much at a move. It shrinks to
    // about 1/400 within a round.
    let mut threshold = 0.10;
    for step in 0..MOVES {
        if loss == 0.0 {
            return Some((outcomes, step));
        }
        let index = random.integer(0, outcomes.len() as i64 - 1) as usize;
        let before = outcomes[index];
        outcomes[index] = moved(before, &mut random);
        // a course that no scans can show is never taken, however well it fits
        if outcomes[index].is_possible() {
            let new_loss = summarise(&outcomes).loss();
            // a move that is a little worse is taken too, so that the search can leave a bad
            // neighbourhood
            if new_loss <= loss + threshold {
                loss = new_loss;
            } else {
                outcomes[index] = before;
            }
        } else {
            outcomes[index] = before;
        }
        threshold = if step % MOVES_A_ROUND == 0 { 0.10 } else { threshold * 0.9995 };
    }
    None
}

fn moved(mut outcome: Outcome, random: &mut Random) -> Outcome {
    // small steps meet the windows, large ones change the order of the patients
    let reach = random.choose(&[3, 15, 60, 250]);
    let shift = random.integer(-reach, reach) as i32;
    match random.integer(0, 2) {
        0 => {
            // both together, so that the time from progression to death stays
            outcome.progression += shift;
            outcome.death += shift;
        }
        1 => outcome.death += shift,
        _ => outcome.follow_up += shift,
    }
    outcome
}

fn start(random: &mut Random) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (radiotherapy, response, count) in COUNTS {
        for _ in 0..count {
            outcomes.push(first_draw(radiotherapy, response, random));
        }
    }
    outcomes
}

/// A course drawn from the plain model, before any calibration.
pub(crate) fn first_draw(radiotherapy: bool, response: Response, random: &mut Random) -> Outcome {
    loop {
        let by_arm = |with, without| if radiotherapy { with } else { without };
        let progression = match response {
            // the day of the first scan, about six to twelve weeks
            Response::Progressive => random.integer(38, 84) as f64,
            Response::Stable => 63.0 + random.exponential(by_arm(300.0, 80.0)),
            Response::Complete | Response::Partial => {
                // a response is seen and confirmed before anything can end it
                105.0 + random.exponential(by_arm(800.0, 700.0))
            }
        };
        let mean_after = if response == Response::Progressive { 500.0 } else { 700.0 };
        let after = 10.0 + random.exponential(mean_after) * by_arm(1.2, 1.0);
        let other_cause = response != Response::Progressive && random.chance(0.1);
        // death on the day before keeps the progression from ever being seen
        let death = if other_cause { progression - 1.0 } else { progression + after };
        let outcome = Outcome {
            radiotherapy,
            response,
            progression: progression as i32,
            death: death as i32,
            // its median is 453 days, near the published 14 months
            follow_up: random.gamma(2, 270.0) as i32,
            scan_lag: random.integer(0, 56) as i32,
        };
        // drawn as a whole again, so the rest keeps the shape of the draws
        if outcome.is_possible() {
            return outcome;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_number_prints_as_published() {
        // the seed of the committed export
        let calibrated = calibrate(20_180_101).expect("a calibrated cohort");
        let summary = summarise(&calibrated.outcomes);
        let months =
            |days: Option<i32>| days.map(|days| format!("{:.1}", f64::from(days) / 30.4375));
        assert_eq!(months(summary.pfs.median_days[0]).as_deref(), Some("20.0"));
        assert_eq!(months(summary.pfs.median_days[1]).as_deref(), Some("4.0"));
        assert_eq!(summary.os.median_days[0], None);
        assert_eq!(months(summary.os.median_days[1]).as_deref(), Some("26.0"));
        assert_eq!(months(summary.follow_up_days).as_deref(), Some("14.0"));
        // the upper tail of a chi-square on one degree of freedom
        let p = |chi_square: f64| libm::erfc((chi_square / 2.0).sqrt());
        assert_eq!(format!("{:.5}", p(summary.pfs.log_rank)), "0.00098");
        assert_eq!(format!("{:.4}", p(summary.os.log_rank)), "0.0060");
    }

    #[test]
    fn responses_are_the_only_counts_that_fit() {
        let outcomes = start(&mut Random::new(1, "counts"));
        // the counts do not depend on the seed, so any will do
        let count = |radiotherapy: bool, wanted: fn(Response) -> bool| {
            let fits = |o: &&Outcome| o.radiotherapy == radiotherapy && wanted(o.response);
            outcomes.iter().filter(fits).count()
        };
        assert_eq!((count(true, |_| true), count(false, |_| true)), (37, 76));
        assert_eq!(
            (count(true, Response::is_objective), count(false, Response::is_objective)),
            (25, 30)
        );
        let controlled = |response: Response| response != Response::Progressive;
        assert_eq!((count(true, controlled), count(false, controlled)), (35, 47));
    }

    #[test]
    fn some_seeds_succeed_and_equal_seeds_agree() {
        let found: Vec<_> = (20_180_101..=20_180_103).filter_map(search).collect();
        assert!(!found.is_empty(), "none of three seeds reaches every window");
        assert_eq!(search(20_180_102), search(20_180_102));
    }
}
