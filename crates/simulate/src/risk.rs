//! How badly each patient fares against the cohort's average, so that covariates can foretell it.

use crate::outcome::{Ending, Outcome};

/// Mean martingale residual of overall and progression-free survival, scaled to unit variance.
///
/// High values belong to patients whose events come early.
#[must_use]
pub fn risk_scores(outcomes: &[Outcome]) -> Vec<f64> {
    let os: Vec<(i32, bool)> = outcomes.iter().map(Outcome::overall_survival).collect();
    let pfs: Vec<(i32, bool)> = outcomes
        .iter()
        .map(Outcome::progression_free_survival)
        .map(|(days, ending)| (days, ending != Ending::Censored))
        .collect();
    let pairs = residuals(&os).into_iter().zip(residuals(&pfs));
    standardised(&pairs.map(|(first, second)| 0.6 * first + 0.4 * second).collect::<Vec<_>>())
}

/// `event - H(t)` with the Nelson-Aalen cumulative hazard `H`.
fn residuals(times: &[(i32, bool)]) -> Vec<f64> {
    // whoever is censored on a day is still at risk on it
    let at_risk = |time: i32| times.iter().filter(|other| other.0 >= time).count() as f64;
    let hazard = |time: i32| {
        let events = times.iter().filter(|other| other.1 && other.0 <= time);
        events.map(|other| 1.0 / at_risk(other.0)).sum::<f64>()
    };
    times.iter().map(|(time, event)| f64::from(u8::from(*event)) - hazard(*time)).collect()
}

fn standardised(values: &[f64]) -> Vec<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    values.iter().map(|value| (value - mean) / variance.sqrt()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_by_hand() {
        // H(1) = 1/3, H(2) = 1/3, H(3) = 1/3 + 1.
        let found = residuals(&[(1, true), (2, false), (3, true)]);
        let expected = [2.0 / 3.0, -1.0 / 3.0, -1.0 / 3.0];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12);
        }
    }
}
