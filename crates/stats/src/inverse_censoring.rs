//! The probability of not being censored, by whose inverse the observed stand
//! for those who were censored.

use crate::survival_data::SurvivalData;

/// The Kaplan-Meier curve G of the time to censoring. Those with the event at
/// a time are no longer at risk of censoring at it.
#[derive(Debug, Clone)]
pub(crate) struct CensoringCurve {
    /// Distinct times, ascending, with G after each.
    steps: Vec<(f64, f64)>,
}

impl CensoringCurve {
    /// The curve of subjects with these case weights, or of all alike.
    pub(crate) fn new(data: &SurvivalData, weights: Option<&[f64]>) -> Self {
        let weight = |subject: usize| weights.map_or(1.0, |weights| weights[subject]);
        let mut at_risk: f64 = data.order().iter().map(|subject| weight(*subject)).sum();
        let mut probability = 1.0;
        let mut steps = Vec::new();
        for tied in data.tied_runs(data.order()) {
            let total = |event: bool| {
                let of_kind = tied.iter().filter(|subject| data.events()[**subject] == event);
                of_kind.map(|subject| weight(*subject)).sum::<f64>()
            };
            let (events, censored) = (total(true), total(false));
            // With censored ones at risk the divisor is above zero: it holds at
            // least their own weight.
            if censored > 0.0 {
                // Events at the time have left before its censorings. `max` takes
                // the rounding of weights that cancel.
                probability *= (at_risk - events - censored).max(0.0) / (at_risk - events);
            }
            at_risk -= events + censored;
            steps.push((data.times()[tied[0]], probability));
        }
        Self { steps }
    }

    /// G just before `time`.
    pub(crate) fn before(&self, time: f64) -> f64 {
        // Strictly before: a censoring at the time itself comes after the event
        // that is weighted.
        let past = self.steps.partition_point(|(step, _)| *step < time);
        past.checked_sub(1).map_or(1.0, |last| self.steps[last].1)
    }

    /// G at `time`.
    pub(crate) fn at(&self, time: f64) -> f64 {
        let past = self.steps.partition_point(|(step, _)| *step <= time);
        past.checked_sub(1).map_or(1.0, |last| self.steps[last].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Censored at 2 with one event then: one of two at risk after it.
    #[test]
    fn events_come_before_censoring() {
        let data = SurvivalData::new(&[1.0, 2.0, 2.0, 3.0], &[true, true, false, true]).unwrap();
        let curve = CensoringCurve::new(&data, None);
        assert_eq!((curve.before(2.0), curve.at(2.0), curve.at(9.0)), (1.0, 0.5, 0.5));
    }
}
