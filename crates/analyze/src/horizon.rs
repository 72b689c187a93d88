//! Times of follow-up that a pipeline names, in months or in the study's unit.

use engine::Mistake;
use study::{AtRisk, Part, StudySettings, slug};

/// A time that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Horizon {
    /// In days.
    pub(crate) days: f64,
    /// As part of an id, such as `12_months`.
    pub(crate) id: String,
    /// Where those at risk are counted, in days: at the time, or just beyond.
    pub(crate) at_risk_days: f64,
}

/// Beyond a time by more than the distance within which times are ties, and
/// less than any unit in which they are measured.
const BEYOND: f64 = 1e-6;

impl Horizon {
    /// A time of so many days, at which those at risk are those followed to it.
    pub(crate) fn new(days: f64, id: String) -> Self {
        Self { days, id, at_risk_days: days }
    }

    /// With those at risk counted as the study does.
    fn at_risk(self, convention: AtRisk) -> Self {
        match convention {
            AtRisk::At => self,
            AtRisk::Beyond => Self { at_risk_days: self.days + BEYOND * (1.0 + self.days), ..self },
        }
    }

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
    let named = |value: &f64, days_per_unit: f64, word: &str| {
        let id = slug(&format!("{value} {word}"));
        Horizon::new(value * days_per_unit, id).at_risk(study.at_risk)
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
