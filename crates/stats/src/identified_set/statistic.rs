//! Numbers that were not published, read from a cohort's track.

use super::track::{Checkpoint, Track, Whom, parts};
use crate::covariates::Covariates;
use crate::cox::CoxModel;
use crate::e_value::{Association, e_value};
use crate::proportional_hazards::{TimeTransform, proportional_hazards};
use crate::survival_data::SurvivalData;

/// A number that was not published. Arms are 0 and 1, days are whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// The logarithm of the hazard ratio of the second arm (Cox, Efron ties),
    /// of the events after one day and until another.
    LogHazardRatio {
        /// The endpoint.
        endpoint: usize,
        /// Events count after this day.
        after: u32,
        /// Events count until this day, which is included.
        until: u32,
    },
    /// A Wald limit of the logarithm of the hazard ratio of all events.
    LogHazardRatioLimit {
        /// The endpoint.
        endpoint: usize,
        /// Standard errors from the estimate: below zero for a lower limit.
        errors: f64,
    },
    /// Restricted mean of an arm until a day; the last survival is carried on.
    RestrictedMean {
        /// The endpoint.
        endpoint: usize,
        /// The arm.
        arm: usize,
        /// The day.
        day: u32,
    },
    /// That of the second arm less that of the first.
    RestrictedMeanDifference {
        /// The endpoint.
        endpoint: usize,
        /// The day.
        day: u32,
    },
    /// Kaplan-Meier survival of an arm after a day.
    Survival {
        /// The endpoint.
        endpoint: usize,
        /// The arm.
        arm: usize,
        /// The day.
        day: u32,
    },
    /// Subjects of an arm followed to a day.
    AtRisk {
        /// The endpoint.
        endpoint: usize,
        /// The arm.
        arm: usize,
        /// The day.
        day: u32,
    },
    /// Events of an arm.
    Events {
        /// The endpoint.
        endpoint: usize,
        /// The arm.
        arm: usize,
    },
    /// How late an exposure of the second arm must begin, on one day for all, for
    /// immortal time alone to make its advantage: the first day after which the
    /// log-rank score is no longer on the side of the whole. Time before such a
    /// start is unexposed in everybody, so that only events after it compare.
    /// Infinite where none tips it.
    TippingStart {
        /// The endpoint.
        endpoint: usize,
    },
    /// The E-value of the hazard ratio, of an outcome that is common.
    EValue {
        /// The endpoint.
        endpoint: usize,
    },
    /// The p-value of the score test of proportional hazards of the arms along
    /// the Kaplan-Meier transform of time.
    ProportionalHazards {
        /// The endpoint.
        endpoint: usize,
    },
}

impl Statistic {
    /// The endpoint that it is of.
    pub fn endpoint(self) -> usize {
        match self {
            Self::LogHazardRatio { endpoint, .. }
            | Self::LogHazardRatioLimit { endpoint, .. }
            | Self::RestrictedMean { endpoint, .. }
            | Self::RestrictedMeanDifference { endpoint, .. }
            | Self::Survival { endpoint, .. }
            | Self::AtRisk { endpoint, .. }
            | Self::Events { endpoint, .. }
            | Self::TippingStart { endpoint }
            | Self::EValue { endpoint }
            | Self::ProportionalHazards { endpoint } => endpoint,
        }
    }

    /// Whether a search outward can look for its ends: not of a test, which
    /// takes a model fit at every move, nor of what follows from a ratio.
    pub fn is_searched(self) -> bool {
        !matches!(self, Self::EValue { .. } | Self::ProportionalHazards { .. })
    }

    /// The number as it is printed: the ratio of a logarithm.
    pub fn printed(self, value: f64) -> f64 {
        match self {
            Self::LogHazardRatio { .. } | Self::LogHazardRatioLimit { .. } => libm::exp(value),
            _ => value,
        }
    }

    /// The number in data of two arms, 0 and 1: days of follow-up, whether they
    /// end with the event, and the arm of each subject.
    ///
    /// # Panics
    /// If an arm is another one.
    pub fn of_data(self, days: &[u32], events: &[bool], arms: &[usize]) -> f64 {
        assert!(arms.iter().all(|arm| *arm < 2), "the arms are 0 and 1");
        self.of(&Track::of(days, events, arms))
    }

    /// The number in a track. A hazard ratio may be infinite or not defined: an
    /// arm without an event gives an infinite logarithm, no event at all none.
    pub(super) fn of(self, track: &Track) -> f64 {
        match self {
            Self::LogHazardRatio { after, until, .. } => log_hazard_ratio(track, after, until).0,
            Self::LogHazardRatioLimit { errors, .. } => {
                // Days begin at 1, so that `after` 0 takes all of them.
                let (log_ratio, error) = log_hazard_ratio(track, 0, u32::MAX);
                log_ratio + errors * error
            }
            Self::RestrictedMean { arm, day, .. } => restricted_means(track, day)[arm],
            Self::RestrictedMeanDifference { day, .. } => {
                let [first, second] = restricted_means(track, day);
                second - first
            }
            Self::Survival { arm, day, .. } => {
                let mut found = [0.0];
                track.read(&[Checkpoint { whom: Whom::Arm(arm), day }], &mut found);
                found[0]
            }
            Self::AtRisk { arm, day, .. } => {
                // Who ends on the day is at risk on it: the first run at or after
                // the day has the number.
                let run = track.days().find(|run| run.day >= day);
                run.map_or(0.0, |run| f64::from(run.at_risk[arm]))
            }
            Self::Events { arm, .. } => track.days().map(|run| f64::from(run.events[arm])).sum(),
            Self::TippingStart { .. } => tipping_start(track),
            Self::EValue { .. } => {
                let ratio = libm::exp(log_hazard_ratio(track, 0, u32::MAX).0);
                let found = e_value(Association::HazardRatio { common: true }, ratio, None);
                found.map_or(f64::NAN, |found| found.estimate)
            }
            Self::ProportionalHazards { .. } => test_of_proportions(track).unwrap_or(f64::NAN),
        }
    }
}

/// See [`Statistic::TippingStart`].
fn tipping_start(track: &Track) -> f64 {
    let with_events = track.days().filter(|run| run.events != [0, 0]);
    let scores: Vec<(u32, f64)> = with_events
        .map(|run| {
            let [first, second] = run.at_risk.map(f64::from);
            let events = f64::from(run.events[0] + run.events[1]);
            // Observed less expected events of the second arm at each day.
            (run.day, f64::from(run.events[1]) - events * second / (first + second))
        })
        .collect();
    let whole: f64 = scores.iter().map(|(_, score)| score).sum();
    if whole == 0.0 {
        // Without a score there is no side to change from.
        return f64::NAN;
    }
    let mut left = whole;
    for (day, score) in &scores {
        left -= score;
        // what is left of sums that cancel is rounding
        // Multiplied by the sign, the score of either direction falls towards zero.
        if left * whole.signum() <= 1e-9 {
            return f64::from(*day);
        }
    }
    f64::INFINITY
}

/// The test of proportional hazards; none where the ratio has no finite
/// estimate.
fn test_of_proportions(track: &Track) -> Option<f64> {
    let subjects = || track.keys.iter().map(|key| parts(*key));
    let days: Vec<f64> = subjects().map(|(day, _, _)| f64::from(day)).collect();
    let events: Vec<bool> = subjects().map(|(_, is_event, _)| is_event).collect();
    let second: Vec<f64> = subjects().map(|(_, _, arm)| arm as f64).collect();
    let data = SurvivalData::new(&days, &events).ok()?;
    let model = CoxModel::new(&data, Covariates::new(&second, 1).ok()?).ok()?;
    let fit = model.fit().ok()?;
    if fit.coefficients[0].is_none_or(|own| own.may_be_infinite) {
        return None;
    }
    let test = proportional_hazards(&model, &fit, &[vec![0]], TimeTransform::KaplanMeier);
    Some(test.ok()?.global?.p_value)
}

/// Restricted means of both arms until a day.
fn restricted_means(track: &Track, day: u32) -> [f64; 2] {
    let (mut survival, mut areas, mut since) = ([1.0_f64; 2], [0.0_f64; 2], 0_u32);
    let mut add = |survival: &[f64; 2], to: u32| {
        let width = f64::from(to - since);
        since = to;
        areas.iter_mut().zip(survival).for_each(|(area, height)| *area += width * height);
    };
    for run in track.days().take_while(|run| run.day < day) {
        if run.events == [0, 0] {
            continue;
        }
        add(&survival, run.day);
        for (arm, survival) in survival.iter_mut().enumerate() {
            // An arm that is used up keeps its last survival.
            if run.at_risk[arm] > 0 {
                let left = f64::from(run.at_risk[arm] - run.events[arm]);
                *survival *= left / f64::from(run.at_risk[arm]);
            }
        }
    }
    add(&survival, day);
    areas
}

/// Steps of Newton's search, and how small the last one is. From zero a few
/// steps reach any ratio that data of this size can give.
const STEPS: usize = 30;
const SMALL: f64 = 1e-9;
/// Beyond this the logarithm is taken for infinite: an arm without events
/// walks off by a unit a step.
const FAR: f64 = 15.0;

/// Maximum of Cox's partial likelihood of the arm, ties by Efron's method, with
/// its standard error, which is no number where the maximum is not finite.
///
/// # Formula
/// With r0 and r1 at risk, d0 and d1 events and h = exp(b), the l-th of the d
/// terms of a day has the denominators r0 - l d0 / d and h (r1 - l d1 / d).
fn log_hazard_ratio(track: &Track, after: u32, until: u32) -> (f64, f64) {
    let days: Vec<([f64; 2], [f64; 2])> = (track.days())
        .filter(|run| run.day > after && run.day <= until && run.events != [0, 0])
        .map(|run| (run.at_risk.map(f64::from), run.events.map(f64::from)))
        .collect();
    let events: [f64; 2] = [0, 1].map(|arm| days.iter().map(|(_, events)| events[arm]).sum());
    if events == [0.0, 0.0] {
        return (f64::NAN, f64::NAN);
    }
    // Where one arm has no event while both are at risk, the likelihood has no maximum.
    // With events in the other arm while this one is at risk, its hazard goes to
    // zero; without, the data say nothing.
    let is_shared =
        |arm: usize| days.iter().any(|(risk, events)| events[1 - arm] > 0.0 && risk[arm] > 0.0);
    for (arm, sign) in [(0, 1.0), (1, -1.0)] {
        if events[arm] == 0.0 {
            let estimate = if is_shared(arm) { sign * f64::INFINITY } else { f64::NAN };
            return (estimate, f64::NAN);
        }
    }
    let mut log_ratio = 0.0;
    for _ in 0..STEPS {
        let hazard = libm::exp(log_ratio);
        let (mut score, mut information) = (0.0, 0.0);
        for ([risk_first, risk_second], [first, second]) in &days {
            let all = first + second;
            score += second;
            for term in 0..all as u32 {
                let taken = f64::from(term) / all;
                let exposed = hazard * (risk_second - taken * second);
                let share = exposed / (risk_first - taken * first + exposed);
                score -= share;
                information += share * (1.0 - share);
            }
        }
        // At most a unit a step: from far off Newton's own steps may overshoot.
        let step = (score / information).clamp(-1.0, 1.0);
        log_ratio += step;
        if step.abs() < SMALL {
            return (log_ratio, 1.0 / information.sqrt());
        }
        if log_ratio.is_nan() || log_ratio.abs() >= FAR {
            break;
        }
    }
    // All events of one arm come after the other's last follow-up.
    let estimate = if log_ratio.is_nan() { log_ratio } else { f64::INFINITY.copysign(log_ratio) };
    (estimate, f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::super::track::{Track, key};
    use super::*;
    use crate::cox::Ties;
    use crate::groups::Groups;
    use crate::resample::Stream;
    use crate::survival_curve::SurvivalCurveModel;

    fn example(seed: u64) -> (Track, SurvivalData, Vec<usize>) {
        let mut stream = Stream::new(seed, 0);
        let subjects: Vec<(u32, bool, usize)> = (0..120)
            .map(|place| {
                (1 + stream.below(50) as u32, stream.below(3) > 0, usize::from(place % 3 == 0))
            })
            .collect();
        let keys = subjects.iter().map(|(day, event, arm)| key(*day, *event, *arm)).collect();
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let arms = subjects.iter().map(|subject| subject.2).collect();
        (Track::new(keys, [80, 40]), SurvivalData::new(&times, &events).unwrap(), arms)
    }

    #[test]
    fn hazard_ratios_are_those_of_the_cox_model() {
        for seed in 1..6 {
            let (track, data, arms) = example(seed);
            let covariate: Vec<f64> = arms.iter().map(|arm| *arm as f64).collect();
            let model = CoxModel::new(&data, Covariates::new(&covariate, 1).unwrap())
                .unwrap()
                .ties(Ties::Efron);
            let expected = model.fit().unwrap().coefficients[0].unwrap().estimate;
            let whole = Statistic::LogHazardRatio { endpoint: 0, after: 0, until: 999 };
            assert!((whole.of(&track) - expected).abs() < 1e-7, "{seed}");
            let limits = model.fit().unwrap().coefficients[0].unwrap().interval(0.95).unwrap();
            let z = crate::special::normal_quantile(0.975);
            for (errors, expected) in [(-z, limits.lower), (z, limits.upper)] {
                let limit = Statistic::LogHazardRatioLimit { endpoint: 0, errors };
                assert!((limit.of(&track) - expected).abs() < 1e-7, "{seed}");
            }
        }
    }

    /// Events of the first arm on days 1 and 2, then alike: scores -4/8, -4/7 and
    /// four that sum to 0, so that a start on day 2 leaves nothing.
    #[test]
    fn an_early_advantage_is_gone_after_its_last_day() {
        let tipping = Statistic::TippingStart { endpoint: 0 };
        let keys = vec![
            key(1, true, 0),
            key(2, true, 0),
            key(5, true, 0),
            key(5, true, 1),
            key(9, false, 0),
            key(9, false, 1),
        ];
        assert_eq!(tipping.of(&Track::new(keys.clone(), [4, 2])), 2.0);
        let late = [key(1, false, 0), key(5, true, 0), key(9, true, 0), key(12, true, 1)];
        assert_eq!(tipping.of(&Track::new(late.to_vec(), [3, 1])), 9.0);
        let same = vec![key(5, true, 0), key(5, true, 1)];
        assert!(tipping.of(&Track::new(same, [1, 1])).is_nan());
    }

    #[test]
    fn an_arm_without_events_has_no_finite_ratio() {
        let keys = |second: bool| {
            vec![key(5, true, 0), key(9, true, 0), key(7, second, 1), key(8, false, 1)]
        };
        let all = Statistic::LogHazardRatio { endpoint: 0, after: 0, until: 99 };
        assert_eq!(all.of(&Track::new(keys(false), [2, 2])), f64::NEG_INFINITY);
        assert!(all.of(&Track::new(keys(true), [2, 2])).is_finite());
        let none = Statistic::LogHazardRatio { endpoint: 0, after: 20, until: 99 };
        assert!(none.of(&Track::new(keys(true), [2, 2])).is_nan());
    }

    #[test]
    fn restricted_means_are_areas() {
        let (track, data, arms) = example(4);
        let groups = Groups::new(arms, 2).unwrap();
        let curves = SurvivalCurveModel::new(&data).estimate_by_group(&groups).unwrap();
        for (arm, curve) in curves.iter().enumerate() {
            let mean = Statistic::RestrictedMean { endpoint: 0, arm, day: 30 };
            let expected = curve.restricted_mean(30.0).unwrap().unwrap().estimate;
            assert!((mean.of(&track) - expected).abs() < 1e-10);
        }
    }
}
