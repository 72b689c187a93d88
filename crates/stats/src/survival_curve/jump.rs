//! What one event time adds to a cumulative sum, to its variance, and to the
//! derivative by each weight.

use super::CurveEstimator;

/// The change of H, or of -log S, at one event time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Jump {
    /// The addition to H.
    pub(super) hazard: f64,
    /// The addition to its variance under independent rows.
    pub(super) variance: f64,
    /// How much a row at risk lowers the sum, per weight.
    pub(super) loss: f64,
    /// How much an event raises it, per weight, beside the loss.
    pub(super) gain: f64,
}

impl Jump {
    /// Of -log S under Kaplan-Meier; infinite where all at risk have the
    /// event.
    pub(super) fn greenwood(n: f64, events: f64) -> Self {
        // d / (n (n - d)): also what a weight at risk takes off -log S.
        let variance = events / (n * (n - events));
        Self { hazard: events / n, variance, loss: variance, gain: 1.0 / (n - events) }
    }

    /// Of H by an estimator, with `count` events of total weight `events`.
    pub(super) fn hazard(estimator: CurveEstimator, n: f64, events: f64, count: usize) -> Self {
        // Fleming and Harrington break the ties: one step for each event, of the
        // mean weight.
        let steps = if estimator == CurveEstimator::FlemingHarrington { count } else { 1 };
        let mut jump = Self { hazard: 0.0, variance: 0.0, loss: 0.0, gain: 0.0 };
        let share = events / steps as f64;
        for step in 0..steps {
            let rest = n - step as f64 * share;
            jump.hazard += share / rest;
            jump.variance += share / (rest * rest);
            jump.loss += share / (rest * rest);
            // An event's weight raises the share, and the part of it that
            // earlier steps have taken from those at risk.
            jump.gain +=
                1.0 / (steps as f64 * rest) + share * (step as f64 / steps as f64) / (rest * rest);
        }
        jump
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_by_weight_are_those_of_the_hazard() {
        for estimator in [CurveEstimator::NelsonAalen, CurveEstimator::FlemingHarrington] {
            let at = |n, events| Jump::hazard(estimator, n, events, 3);
            // A difference of 1e-6 leaves an error of about its size.
            let step = 1e-6;
            let jump = at(9.0, 4.0);
            let of_survivor = (at(9.0 + step, 4.0).hazard - jump.hazard) / step;
            let of_event = (at(9.0 + step, 4.0 + step).hazard - jump.hazard) / step;
            assert!((of_survivor + jump.loss).abs() < 1e-6, "{estimator:?}");
            assert!((of_event - (jump.gain - jump.loss)).abs() < 1e-6, "{estimator:?}");
        }
    }

    #[test]
    fn broken_ties_are_summed_one_by_one() {
        let jump = Jump::hazard(CurveEstimator::FlemingHarrington, 5.0, 2.0, 2);
        assert!((jump.hazard - (1.0 / 5.0 + 1.0 / 4.0)).abs() < 1e-15);
        assert!((jump.variance - (1.0 / 25.0 + 1.0 / 16.0)).abs() < 1e-15);
    }
}
