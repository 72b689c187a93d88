//! Radiotherapy during immunotherapy and how long immunotherapy lasts.

use crate::outcome::{Ending, Outcome};
use crate::random::Random;

/// One course of radiotherapy.
#[derive(Clone, Debug)]
pub struct Radiation {
    /// Irradiated site, as the level name.
    pub site: &'static str,
    /// Intent, as the level name.
    pub intent: &'static str,
    /// Technique, as the level name.
    pub technique: &'static str,
    /// Number of fractions.
    pub fractions: i32,
    /// Dose per fraction in tenths of a gray.
    pub fraction_decigray: i32,
    /// Day of the first fraction.
    pub start: i32,
}

impl Radiation {
    /// Total dose in tenths of a gray.
    #[must_use]
    pub fn dose_decigray(&self) -> i32 {
        self.fractions * self.fraction_decigray
    }

    /// Day of the last fraction, at five fractions a week.
    #[must_use]
    pub fn stop(&self) -> i32 {
        let done = self.fractions - 1;
        // counted from the first fraction in weeks of five; the weekday is not looked at
        self.start + done / 5 * 7 + done % 5
    }
}

/// Intent, technique, fractions, dose per fraction (tenths of a gray).
const SCHEDULES: [(&str, &str, i32, i32); 8] = [
    ("palliative", "VMAT", 10, 30),
    ("palliative", "IMRT", 5, 40),
    ("palliative", "SBRT", 5, 70),
    ("consolidative", "SBRT", 5, 100),
    ("consolidative", "SBRT", 3, 90),
    ("consolidative", "IMRT", 25, 20),
    ("consolidative", "VMAT", 30, 20),
    ("palliative", "IMRT", 15, 30),
];

/// A course that starts before progression-free survival ends and is finished in life.
#[must_use]
pub fn radiation(outcome: &Outcome, random: &mut Random) -> Radiation {
    let (free_days, _) = outcome.progression_free_survival();
    let (days, _) = outcome.overall_survival();
    loop {
        // about seven weeks after the first dose in the mean
        let start = random.gamma(2, 24.0) as i32 + 1;
        let radiation = course(start, random);
        if start < free_days - 5 && radiation.stop() < days - 2 {
            return radiation;
        }
    }
}

/// A course of a usual schedule that starts on `start`.
#[must_use]
pub fn course(start: i32, random: &mut Random) -> Radiation {
    let sites = [
        ("primary", 0.26),
        ("lymph_nodes", 0.3),
        ("lung", 0.15),
        ("bone", 0.14),
        ("liver", 0.08),
        ("other", 0.07),
    ];
    let (intent, technique, fractions, fraction_decigray) = random.choose(&SCHEDULES);
    let site = random.weighted(&sites);
    Radiation { site, intent, technique, fractions, fraction_decigray, start }
}

/// Day of the last dose; none while treatment goes on.
#[must_use]
pub fn treatment_stop(
    outcome: &Outcome,
    radiation: Option<&Radiation>,
    random: &mut Random,
) -> Option<i32> {
    let (free_days, ending) = outcome.progression_free_survival();
    let (days, _) = outcome.overall_survival();
    // immunotherapy lasts at least as long as the course, which is then given during it
    let earliest = radiation.map_or(1, Radiation::stop).max(1);
    let toxic = random.chance(0.1).then(|| random.integer(45, 300) as i32);
    let planned = match ending {
        Ending::Progression => Some(free_days + random.integer(0, 20) as i32),
        Ending::Death => Some(days - random.integer(5, 30) as i32),
        // two years of treatment, then it ends as planned
        Ending::Censored if days > 760 => Some(730),
        Ending::Censored => None,
    };
    let stop = match (planned, toxic) {
        (Some(planned), Some(toxic)) => Some(planned.min(toxic)),
        // whoever is still treated at the end has no day of the last dose
        (planned, toxic) => planned.or(toxic.filter(|toxic| *toxic < days)),
    };
    stop.map(|stop| stop.max(earliest).min(days - 1))
}
