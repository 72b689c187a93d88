//! What is assumed of subjects beyond what was published: how event times and
//! follow-up are distributed. All randomness of a subject is a few numbers in
//! (0, 1) that quantile functions turn into days, so that a search moves these
//! numbers and every move is as probable as its way back.

use super::constraint::Published;
use crate::resample::Stream;

/// Named assumptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumptions {
    /// Shapes, medians, follow-up by arm, scan lag and deaths without
    /// progression all differ from cohort to cohort: the default.
    Wide,
    /// The same, with death and progression of a subject independent of one
    /// another but for their order.
    Unlinked,
    /// Exponential times at the published medians and one follow-up for both
    /// arms. It covers too little; shown beside the others for what it is.
    Narrow,
}

/// What the published numbers suggest of the distributions, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Guess {
    /// Time to the first event and time to death, by arm; the same where there
    /// is one endpoint.
    medians: [[Middle; 2]; 2],
    /// The end of follow-up of everybody.
    follow_up: Middle,
}

/// A middle of a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Middle {
    days: f64,
    /// Whether it was published, or what is taken for it.
    is_known: bool,
}

/// A median that was not reached, or not published, is guessed to be so many
/// times that of the other arm, or of follow-up: its spread is wide.
const UNREACHED: f64 = 1.8;
/// Follow-up that was not published is guessed to be so many times the longest
/// median: a curve that comes down to a half was followed beyond.
const BEYOND_MEDIAN: f64 = 1.3;
/// Where nothing at all tells of time.
const A_YEAR: f64 = 365.25;

impl Guess {
    /// From the published numbers of `n_endpoints` endpoints.
    pub(super) fn of(published: &[Published], n_endpoints: usize) -> Self {
        let middle = |days: [u32; 2]| 0.5 * (f64::from(days[0]) + f64::from(days[1]));
        let median = |endpoint: usize, arm: usize| {
            published.iter().find_map(|one| match *one {
                Published::Median { endpoint: own, arm: of, days }
                    if own == endpoint && of == Some(arm) =>
                {
                    Some(middle(days))
                }
                _ => None,
            })
        };
        let follow_up = published.iter().find_map(|one| match *one {
            Published::FollowUp { days, .. } => Some(middle(days)),
            _ => None,
        });
        let all = (0..n_endpoints).flat_map(|endpoint| [0, 1].map(|arm| median(endpoint, arm)));
        // The longest of all published medians, over endpoints and arms.
        let longest = all.flatten().fold(0.0, f64::max);
        let guessed = if longest > 0.0 { BEYOND_MEDIAN * longest } else { A_YEAR };
        let follow_up =
            Middle { days: follow_up.unwrap_or(guessed), is_known: follow_up.is_some() };
        let of = |endpoint: usize| {
            [0, 1].map(|arm| {
                let own = median(endpoint, arm);
                let other = median(endpoint, 1 - arm).unwrap_or(follow_up.days);
                Middle { days: own.unwrap_or(UNREACHED * other), is_known: own.is_some() }
            })
        };
        // With one endpoint the second pair is the first again.
        Self { medians: [of(0), of(n_endpoints - 1)], follow_up }
    }

    /// Median time to death, from progression on where they are linked.
    fn time_to_death(&self, arm: usize, is_linked: bool) -> f64 {
        let [first, death] = self.medians.map(|medians| medians[arm].days);
        // Medians do not add up, and death may be published as earlier than their
        // difference allows: at least three tenths of its own median.
        if is_linked { (death - first).max(0.3 * death) } else { death }
    }
}

impl Middle {
    /// How far the median of a cohort is from it (standard deviation of its
    /// logarithm).
    fn spread(self) -> f64 {
        if self.is_known { KNOWN } else { UNKNOWN }
    }
}

/// A Weibull distribution of days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weibull {
    inverse_shape: f64,
    shape: f64,
    scale: f64,
}

impl Weibull {
    /// Of a shape and a median, both above zero.
    fn of_median(shape: f64, median: f64) -> Self {
        // S(median) = 1/2: (median / scale)^shape = ln 2.
        let scale = median / libm::pow(std::f64::consts::LN_2, 1.0 / shape);
        Self { inverse_shape: 1.0 / shape, shape, scale }
    }

    /// The day below which a share of (0, 1) lies.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        // `log1p` and `expm1` keep digits of shares near 0, of which early events
        // are made.
        self.scale * libm::pow(-libm::log1p(-share), self.inverse_shape)
    }

    /// The share below a day.
    pub(super) fn below(&self, day: f64) -> f64 {
        -libm::expm1(-libm::pow(day / self.scale, self.shape))
    }
}

/// The distributions of one cohort.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distributions {
    /// Time to the first event, by arm.
    pub(super) first: [Weibull; 2],
    /// By arm: time from progression to death, or to death where they are
    /// not linked.
    pub(super) death: [Weibull; 2],
    /// Time to the end of follow-up, by arm.
    pub(super) follow_up: [Weibull; 2],
    /// No follow-up is longer, in days.
    pub(super) longest: f64,
    /// Share of first events that are deaths without progression.
    pub(super) sudden: f64,
    /// Largest distance of the last examination from the end of follow-up, in days.
    pub(super) lag: f64,
    /// Whether death is counted from progression on.
    pub(super) is_linked: bool,
}

/// Draws of the distributions of a cohort.
struct Draw<'s>(&'s mut Stream);

impl Draw<'_> {
    /// Evenly on the logarithm.
    fn log_even(&mut self, low: f64, high: f64) -> f64 {
        low * libm::pow(high / low, self.0.unit())
    }

    /// Around 1, by a factor whose logarithm is normal with this deviation.
    fn factor(&mut self, deviation: f64) -> f64 {
        libm::exp(deviation * self.0.normal())
    }

    fn by_arm<T>(&mut self, mut draw: impl FnMut(&mut Self, usize) -> T) -> [T; 2] {
        // Drawn in the order of the arms, as the stream's numbers have to come in
        // one order.
        let first = draw(self, 0);
        [first, draw(self, 1)]
    }
}

/// How far a median that was reached is from the one printed (standard
/// deviation of its logarithm): a tail of some 30% covers the sampling error
/// of a median of 30 subjects.
const KNOWN: f64 = 0.15;
/// The same of a median that was not reached or not published.
const UNKNOWN: f64 = 0.5;

impl Assumptions {
    /// Draws the distributions of a cohort. `has_death` where progression and
    /// death are two endpoints.
    pub(super) fn draw(self, guess: &Guess, has_death: bool, stream: &mut Stream) -> Distributions {
        let mut draw = Draw(stream);
        // Nothing is drawn under the narrow assumptions: all cohorts have the same
        // distributions.
        if self == Self::Narrow {
            return Self::narrow(guess, has_death);
        }
        let first = draw.by_arm(|draw, arm| {
            let shape = draw.log_even(0.6, 1.8);
            let factor = draw.factor(guess.medians[0][arm].spread());
            Weibull::of_median(shape, guess.medians[0][arm].days * factor)
        });
        let is_linked = self != Self::Unlinked;
        let death = draw.by_arm(|draw, arm| {
            let shape = draw.log_even(0.6, 1.8);
            let factor = draw.factor(guess.medians[1][arm].spread() + 0.15);
            Weibull::of_median(shape, guess.time_to_death(arm, is_linked) * factor)
        });
        let common = draw.factor(guess.follow_up.spread());
        let follow_up = draw.by_arm(|draw, _| {
            let shape = draw.log_even(0.8, 4.0);
            let own = draw.factor(0.25);
            Weibull::of_median(shape, guess.follow_up.days * common * own)
        });
        let longest = guess.follow_up.days * draw.log_even(1.4, 5.0);
        // With one endpoint there are neither examinations nor deaths without
        // progression.
        let (sudden, lag) = match has_death {
            true => (0.25 * draw.0.unit(), 90.0 * draw.0.unit()),
            false => (0.0, 0.0),
        };
        Distributions { first, death, follow_up, longest, sudden, lag, is_linked }
    }

    fn narrow(guess: &Guess, has_death: bool) -> Distributions {
        let exponential = |median| Weibull::of_median(1.0, median);
        Distributions {
            first: guess.medians[0].map(|median| exponential(median.days)),
            death: [0, 1].map(|arm| exponential(guess.time_to_death(arm, true))),
            follow_up: [Weibull::of_median(1.5, guess.follow_up.days); 2],
            longest: 3.0 * guess.follow_up.days,
            sudden: if has_death { 0.05 } else { 0.0 },
            lag: if has_death { 56.0 } else { 0.0 },
            is_linked: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_published_is_guessed_widely() {
        let published = [
            Published::Median { endpoint: 0, arm: Some(0), days: [99, 101] },
            Published::MedianNotReached { endpoint: 0, arm: Some(1) },
        ];
        let guess = Guess::of(&published, 1);
        // The other arm's median, 100 days, times 1.8; follow-up is 1.3 times the
        // longest median.
        assert_eq!(guess.medians[0].map(|median| median.days), [100.0, 180.0]);
        assert_eq!(guess.medians[0].map(Middle::spread), [KNOWN, UNKNOWN]);
        assert_eq!((guess.follow_up.days, guess.follow_up.is_known), (130.0, false));
        assert_eq!(guess.medians[0], guess.medians[1]);
        assert_eq!(Guess::of(&[], 1).follow_up.days, A_YEAR);
    }

    #[test]
    fn a_weibull_has_its_median_and_inverts() {
        for shape in [0.6, 1.0, 1.8] {
            let weibull = Weibull::of_median(shape, 120.0);
            assert!((weibull.quantile(0.5) - 120.0).abs() < 1e-9);
            for share in [0.01, 0.3, 0.97] {
                let day = weibull.quantile(share);
                assert!((weibull.below(day) - share).abs() < 1e-12, "{share}");
            }
        }
    }
}
