//! The time axis of figures: where its ticks are, where it ends, and what it shows.

use engine::{Call, Mistake, Mistakes};
use study::{Span, StudySettings, TimeUnit, in_sentence};

/// Nobody's follow-up is told in less; without `to` the data decide how many
/// ticks there are, which must not be millions.
const LEAST_TICK: f64 = 0.001;
/// More ticks than this fit on no page.
const MOST_TICKS: f64 = 200.0;

/// An axis as it is declared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeAxis {
    /// Distance between two ticks.
    pub(crate) ticks: Option<Span>,
    /// Its end.
    pub(crate) to: Option<Span>,
}

impl TimeAxis {
    /// Notes what is wrong with it.
    pub(crate) fn check(&self, study: &StudySettings, mistakes: &mut Mistakes) {
        for (parameter, length) in [("ticks", self.ticks), ("to", self.to)] {
            if length.is_some_and(|length| !(length.value() > 0.0 && length.value().is_finite())) {
                let message = format!("`{parameter}` is no length of time");
                mistakes.push(Mistake::at(&[parameter], message).hint("give a time above 0"));
            }
        }
        if self.ticks.is_some_and(|ticks| on_axis(ticks, study) < LEAST_TICK) {
            let unit = study.time_unit.word();
            let message = format!("ticks lie at least {LEAST_TICK} {unit} apart");
            mistakes.push(Mistake::at(&["ticks"], message).hint("put them further apart"));
        // Without `to` the data give the end, and `LEAST_TICK` keeps their number within bounds.
        } else if let Some(end) = self.to.map(|to| on_axis(to, study))
            && end / self.tick(study, end) > MOST_TICKS
        {
            let message = format!("no axis shows more than {MOST_TICKS} ticks before `to`");
            mistakes.push(Mistake::at(&["ticks"], message).hint("put ticks further apart"));
        }
    }

    /// The distance between two ticks and the end of the axis in units, where
    /// the last thing to be shown happens after `last_days`.
    pub(crate) fn of(&self, study: &StudySettings, last_days: f64) -> (f64, f64) {
        let last = last_days / study.days_per_time_unit();
        let to = self.to.map(|to| on_axis(to, study));
        let tick = self.tick(study, to.unwrap_or(last));
        (tick, to.unwrap_or_else(|| tick * (last / tick - 1e-9).ceil().max(1.0)))
    }

    fn tick(&self, study: &StudySettings, last: f64) -> f64 {
        let declared = self.ticks.map(|ticks| on_axis(ticks, study));
        declared.unwrap_or_else(|| default_tick(study.time_unit, last))
    }
}

/// What the axis shows: time since the index date, where there is one.
pub(crate) fn title(call: &Call<'_>) -> String {
    let unit = call.study.time_unit.word();
    let Some(date) = &call.study.index_date else { return format!("Time ({unit})") };
    let about = call.table(&call.study.analysis_table).about(date);
    // A column without a label would print its name in the figure.
    if about.label == *date {
        format!("Time ({unit})")
    } else {
        format!("Time since {} ({unit})", in_sentence(&about.label))
    }
}

/// A length of time in the unit of the axis.
pub(crate) fn on_axis(time: Span, study: &StudySettings) -> f64 {
    time.days(study) / study.days_per_time_unit()
}

/// The smallest customary distance that gives no more than nine ticks.
pub(crate) fn default_tick(unit: TimeUnit, last: f64) -> f64 {
    let customary: &[f64] = match unit {
        // Weeks go by quarters of a year, months by parts and multiples of it: ticks fall on visits
        // that readers know.
        TimeUnit::Days => &[1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0],
        TimeUnit::Weeks => &[1.0, 2.0, 4.0, 8.0, 13.0, 26.0, 52.0, 104.0, 260.0],
        TimeUnit::Months => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0],
        TimeUnit::Years => &[0.25, 0.5, 1.0, 2.0, 5.0, 10.0],
    };
    customary.iter().copied().find(|tick| last / tick <= 8.0).unwrap_or(last / 8.0)
}

/// Times at which a reader expects ticks on an axis that is not even.
pub(crate) fn customary(unit: TimeUnit) -> Vec<f64> {
    const MONTHS: [f64; 15] =
        [1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 12.0, 18.0, 24.0, 36.0, 48.0, 60.0, 84.0, 120.0, 180.0];
    let factor = match unit {
        TimeUnit::Days => 30.0,
        TimeUnit::Weeks => 4.0,
        TimeUnit::Months => 1.0,
        TimeUnit::Years => 1.0 / 12.0,
    };
    MONTHS.map(|months| months * factor).into()
}
