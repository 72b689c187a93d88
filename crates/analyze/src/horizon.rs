//! Times of follow-up that a pipeline names, in months or in the study's unit.

use engine::Mistake;
use study::{Part, StudySettings, slug};

/// A time that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Horizon {
    /// In days.
    pub(crate) days: f64,
    /// As part of an id, such as `12_months`.
    pub(crate) id: String,
}

impl Horizon {
    /// What a statistic at this time is called in ids: its name, then the time.
    pub(crate) fn parts(&self, statistic: &str) -> [Part; 2] {
        [Part::statistic(statistic), self.part()]
    }

    /// The time in ids.
    pub(crate) fn part(&self) -> Part {
        Part::time(&self.id)
    }
}

/// The times in months, then those in the study's unit, none twice.
pub(crate) fn horizons(study: &StudySettings, months: &[f64], own_unit: &[f64]) -> Vec<Horizon> {
    let named = |value: &f64, days_per_unit: f64, word: &str| Horizon {
        days: value * days_per_unit,
        id: slug(&format!("{value} {word}")),
    };
    let months = months.iter().map(|value| named(value, study.days_per_month, "months"));
    let (days, word) = (study.days_per_time_unit(), study.time_unit.word());
    let mut horizons: Vec<Horizon> = Vec::new();
    for horizon in months.chain(own_unit.iter().map(|value| named(value, days, word))) {
        if horizons.iter().all(|earlier| earlier.id != horizon.id) {
            horizons.push(horizon);
        }
    }
    horizons
}

/// Checks the numbers of the list at `parameter`: finite, and zero only where
/// it has a meaning.
pub(crate) fn check_times(parameter: &str, values: &[f64], zero_allowed: bool) -> Vec<Mistake> {
    let is_right = |value: f64| value.is_finite() && (value > 0.0 || zero_allowed && value == 0.0);
    let wrong = values.iter().enumerate().filter(|(_, value)| !is_right(**value));
    wrong
        .map(|(place, value)| {
            Mistake::at(
                &[parameter, &place.to_string()],
                format!("{value} is no time of follow-up"),
            )
            .hint("times count from the index date on")
        })
        .collect()
}
