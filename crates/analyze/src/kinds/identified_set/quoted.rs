//! The numbers that were not published and are read off every cohort.

use stats::identified_set::{Cohort, Statistic};
use stats::special::normal_quantile;
use study::{AtRisk, Finding, Level, Part, Quantity, StudySettings};

use super::IdentifiedSet;
use crate::book::Book;
use crate::horizon::{Horizon, horizons};

// A century, in days.
/// Later than anybody is followed.
const EVER: u32 = 36_525;

/// A number that is read off every cohort.
#[derive(Clone)]
pub(super) struct Quoted {
    /// How it is read.
    pub(super) statistic: Statistic,
    /// Its name.
    pub(super) name: &'static str,
    quantity: Quantity,
    /// The place of its endpoint.
    pub(super) endpoint: usize,
    endpoint_name: String,
    /// The place of its group.
    arm: Option<usize>,
    group: Option<Level>,
    reference: Option<Level>,
    time: Option<Part>,
    days: Option<f64>,
}

impl Quoted {
    /// Whether an arm of the cohort is not followed to the end of the mean.
    pub(super) fn is_extrapolated(&self, cohort: &Cohort) -> bool {
        let (arms, day) = match self.statistic {
            Statistic::RestrictedMean { arm, day, .. } => (arm..arm + 1, day),
            Statistic::RestrictedMeanDifference { day, .. } => (0..2, day),
            // Survival on a day on which nobody of the arm
            // is followed any more is carried on as well.
            Statistic::Survival { arm, day, .. } => (arm..arm + 1, day),
            _ => return false,
        };
        arms.into_iter().any(|arm| !cohort.is_followed(self.endpoint, arm, day))
    }

    /// A finding of it in a reading, to be filled in. `last` are the parts that
    /// tell numbers of one reading apart.
    pub(super) fn draft(&self, book: &Book, model: &str, last: &[Part], value: f64) -> Finding {
        let head = [Part::model(model), Part::statistic(self.name)];
        let endpoint = [Part::variable(&self.endpoint_name)];
        let group = self.group.as_ref().map(Part::of_group);
        let parts: Vec<Part> = (head.into_iter().chain(endpoint))
            .chain(self.time.clone())
            .chain(group)
            .chain(last.iter().cloned())
            .collect();
        let mut finding = book.draft(&parts, self.name, self.quantity, value);
        finding.endpoint = Some(self.endpoint_name.clone());
        // An open level has no value to name yet.
        let of = |level: &Level| (!level.is_any()).then(|| level.value.clone());
        finding.group = self.group.as_ref().and_then(of);
        finding.reference = self.reference.as_ref().and_then(of);
        finding.time_days = self.days;
        finding
    }
}

impl IdentifiedSet {
    /// All numbers that are read off every cohort, endpoint by endpoint.
    pub(super) fn quoted(&self, study: &StudySettings, arms: &[Level; 2]) -> Vec<Quoted> {
        let endpoints = self.endpoints.iter().enumerate();
        endpoints.flat_map(|(place, name)| self.of_endpoint(study, arms, place, name)).collect()
    }

    fn of_endpoint(
        &self,
        study: &StudySettings,
        arms: &[Level; 2],
        endpoint: usize,
        name: &str,
    ) -> Vec<Quoted> {
        let blank = Quoted {
            statistic: Statistic::ProportionalHazards { endpoint },
            name: "proportional_hazards_p",
            quantity: Quantity::PValue,
            endpoint,
            endpoint_name: name.to_owned(),
            arm: None,
            group: None,
            reference: None,
            time: None,
            days: None,
        };
        let compared = Quoted {
            group: Some(arms[1].clone()),
            reference: Some(arms[0].clone()),
            ..blank.clone()
        };
        let ratio = |name, statistic, time: Option<Part>, days| Quoted {
            statistic,
            name,
            quantity: Quantity::Ratio,
            time,
            days,
            ..compared.clone()
        };
        let during = |after, until| Statistic::LogHazardRatio { endpoint, after, until };
        // The limits of the log hazard ratio that a paper would print at the study's level.
        let limit = normal_quantile(0.5 + 0.5 * study.confidence_level);
        let errors = |errors| Statistic::LogHazardRatioLimit { endpoint, errors };
        let whole = during(0, EVER);
        let mut quoted = vec![
            ratio("hazard_ratio", whole, None, None),
            ratio("hazard_ratio_lower_limit", errors(-limit), None, None),
            ratio("hazard_ratio_upper_limit", errors(limit), None, None),
        ];
        let cut = self.cut.into_iter().collect::<Vec<_>>();
        for cut in horizons(study, &cut) {
            let (day, part) = (whole_day(cut.days), |name: &str| Some(Part::period(name)));
            let days = Some(cut.days);
            quoted.push(ratio("hazard_ratio", during(0, day), part("before"), days));
            quoted.push(ratio("hazard_ratio", during(day, EVER), part("after"), days));
        }
        for start in horizons(study, &self.start) {
            // before a start that is the same for all, everybody at risk is unexposed
            let statistic = during(whole_day(start.days), EVER);
            let (part, days) = (Some(start.part()), Some(start.days));
            quoted.push(ratio("hazard_ratio_under_start", statistic, part, days));
        }
        quoted.push(Quoted {
            statistic: Statistic::TippingStart { endpoint },
            name: "tipping_start",
            quantity: Quantity::Days,
            ..compared.clone()
        });
        quoted.push(Quoted {
            statistic: Statistic::EValue { endpoint },
            name: "e_value",
            quantity: Quantity::Ratio,
            ..compared.clone()
        });
        quoted.push(Quoted { quantity: Quantity::PValue, ..blank.clone() });
        for to in horizons(study, &self.restricted_mean) {
            let day = whole_day(to.days);
            let of = |arm| Statistic::RestrictedMean { endpoint, arm, day };
            quoted.extend([0, 1].map(|arm| blank.at("restricted_mean", arms, arm, of(arm), &to)));
            let difference = Statistic::RestrictedMeanDifference { endpoint, day };
            quoted.push(Quoted {
                statistic: difference,
                name: "restricted_mean_difference",
                quantity: Quantity::Days,
                time: Some(to.part()),
                days: Some(to.days),
                ..compared.clone()
            });
        }
        for at in horizons(study, &self.at) {
            let day = whole_day(at.days);
            for arm in 0..2 {
                let survival = Statistic::Survival { endpoint, arm, day };
                quoted.push(blank.at("survival", arms, arm, survival, &at));
                // With follow-up in whole days, at risk at a time
                // is followed to the next whole day or longer.
                let counted = match study.at_risk {
                    AtRisk::At => day_of_risk(at.days),
                    // Beyond a day is followed to the next one.
                    AtRisk::Beyond => day + 1,
                };
                let at_risk = Statistic::AtRisk { endpoint, arm, day: counted };
                quoted.push(blank.at("n_at_risk", arms, arm, at_risk, &at));
            }
        }
        quoted.extend(arms.iter().enumerate().map(|(arm, group)| Quoted {
            statistic: Statistic::Events { endpoint, arm },
            name: "events",
            quantity: Quantity::Count,
            arm: Some(arm),
            group: Some(group.clone()),
            ..blank.clone()
        }));
        quoted
    }
}

impl Quoted {
    /// A number of a group at a time.
    fn at(
        &self,
        name: &'static str,
        arms: &[Level; 2],
        arm: usize,
        statistic: Statistic,
        time: &Horizon,
    ) -> Self {
        let quantity = match name {
            "survival" => Quantity::Survival,
            "n_at_risk" => Quantity::Count,
            _ => Quantity::Days,
        };
        Self {
            statistic,
            name,
            quantity,
            arm: Some(arm),
            group: Some(arms[arm].clone()),
            time: Some(time.part()),
            days: Some(time.days),
            ..self.clone()
        }
    }

    /// Whether it is the number of events of an arm.
    pub(super) fn is_events_of(&self, endpoint: usize, arm: usize) -> bool {
        self.name == "events" && (self.endpoint, self.arm) == (endpoint, Some(arm))
    }

    /// Whether it is the hazard ratio of all events.
    pub(super) fn is_whole_ratio(&self) -> bool {
        self.name == "hazard_ratio" && self.time.is_none()
    }
}

/// The last whole day that is not after a time.
fn whole_day(days: f64) -> u32 {
    // Later times have the same curve until the next whole day.
    days.floor().clamp(0.0, f64::from(EVER)) as u32
}

/// The first whole day that is not before a time.
fn day_of_risk(days: f64) -> u32 {
    days.ceil().clamp(0.0, f64::from(EVER)) as u32
}
