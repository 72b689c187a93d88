//! What an abstract prints of a trial: numbers of patients, medians to a tenth
//! of a month, the log-rank p to two digits, and median follow-up.

use restudy_stats::groups::Groups;
use restudy_stats::identified_set::{Assumptions, Problem, Published, Statistic};
use restudy_stats::log_rank::{LogRankOptions, log_rank};
use restudy_stats::special::normal_quantile;
use restudy_stats::survival_curve::SurvivalCurveModel;
use restudy_stats::survival_data::SurvivalData;

use crate::data::Data;

const MONTH: f64 = 30.4375;

/// What is printed, and two days that follow from it.
pub(crate) struct Summary {
    sizes: [u32; 2],
    published: Vec<Published>,
    /// Half of the printed follow-up: where periods are told apart and survival
    /// is read.
    pub(crate) half: u32,
    /// The printed follow-up, to which means are restricted.
    pub(crate) end: u32,
}

impl Summary {
    pub(crate) fn of(data: &Data) -> Self {
        let days: Vec<f64> = data.days.iter().map(|day| f64::from(*day)).collect();
        let followed = SurvivalData::new(&days, &data.events).expect("follow-up");
        let groups = Groups::new(data.arms.clone(), 2).expect("two arms");
        let curves = SurvivalCurveModel::new(&followed).estimate_by_group(&groups).expect("curves");
        let mut published: Vec<Published> = (0..2)
            .map(|arm| match curves[arm].median().estimate {
                Some(median) => {
                    Published::Median { endpoint: 0, arm: Some(arm), days: printed(median) }
                }
                None => Published::MedianNotReached { endpoint: 0, arm: Some(arm) },
            })
            .collect();
        let test = log_rank(&followed, &groups, &LogRankOptions::default()).expect("a test");
        // Roots are positive where the second arm has fewer events than expected.
        let sign = if test.observed[1] <= test.expected[1] { 1.0 } else { -1.0 };
        // The smaller p has the larger root: ends are put in order below.
        let roots = two_digits(test.test.p_value).map(|p| -normal_quantile(0.5 * p.min(1.0)));
        let roots = [sign * roots[0], sign * roots[1]];
        let roots = [roots[0].min(roots[1]), roots[0].max(roots[1])];
        published.push(Published::LogRankRoot { endpoint: 0, roots });
        let reversed = followed.reversed();
        let follow_up = SurvivalCurveModel::new(&reversed).estimate().median().estimate;
        if let Some(follow_up) = follow_up {
            published.push(Published::FollowUp { arm: None, days: printed(follow_up) });
        }
        let mut sorted = data.days.clone();
        sorted.sort_unstable();
        // Where follow-up has no median, the middle of the days stands for it.
        let end = follow_up.map_or(sorted[sorted.len() / 2], |days| days as u32);
        Self { sizes: data.sizes(), published, half: end / 2, end }
    }

    pub(crate) fn problem(&self) -> Problem {
        Problem::new(self.sizes, 1, &[], &self.published, Assumptions::Wide).expect("a problem")
    }
}

/// The six numbers that are looked for.
pub(crate) fn quoted(half: u32, end: u32) -> [Statistic; 6] {
    let during = |after, until| Statistic::LogHazardRatio { endpoint: 0, after, until };
    [
        during(0, 36_525),
        during(0, half),
        during(half, 36_525),
        Statistic::RestrictedMeanDifference { endpoint: 0, day: end },
        Statistic::Survival { endpoint: 0, arm: 0, day: half },
        Statistic::Survival { endpoint: 0, arm: 1, day: half },
    ]
}

/// The days that print as this one does, in months with one decimal.
fn printed(day: f64) -> [u32; 2] {
    let months = (10.0 * day / MONTH).round() / 10.0;
    // From the first whole day that rounds to the printed month to the last.
    [((months - 0.05) * MONTH).ceil().max(1.0) as u32, ((months + 0.05) * MONTH).floor() as u32]
}

/// The least and the greatest p that print as this one does with two digits.
fn two_digits(p: f64) -> [f64; 2] {
    let mut unit = 0.01;
    // The unit of the second digit: p is at least ten of it.
    while p < 10.0 * unit {
        unit /= 10.0;
    }
    let printed = (p / unit).round() * unit;
    [printed - 0.5 * unit, printed + 0.5 * unit]
}
