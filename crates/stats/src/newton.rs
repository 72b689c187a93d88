//! The search that Newton-Raphson needs beside its step: halving one that
//! goes too far, and going on until the objective rests. What is maximised,
//! and the step itself, are left to the models.

use nalgebra::DMatrix;

use crate::symmetric::{Factors, rank_tolerance};

/// Halvings after which a step leads nowhere: 2^-60 of it is below the last bit
/// (2^-53) of a coefficient that is not much smaller than the step.
const MAXIMUM_HALVINGS: usize = 60;

/// A step that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken<T> {
    /// Where it led.
    pub(crate) beta: Vec<f64>,
    /// What was found there.
    pub(crate) found: T,
    /// As long as it was in the end.
    pub(crate) step: Vec<f64>,
}

/// Takes the longest of a step, its half, its quarter and so on that leads to
/// where `look` finds something; `None` if none does.
pub(crate) fn take<T>(
    beta: &[f64],
    mut step: Vec<f64>,
    look: impl Fn(&[f64]) -> Option<T>,
) -> Option<Taken<T>> {
    for _ in 0..MAXIMUM_HALVINGS {
        let there: Vec<f64> = beta.iter().zip(&step).map(|(beta, step)| beta + step).collect();
        if let Some(found) = look(&there) {
            return Some(Taken { beta: there, found, step });
        }
        // The same direction, half as far: along an uphill direction some length
        // leads up.
        step.iter_mut().for_each(|part| *part *= 0.5);
    }
    None
}

/// A model's objective and its derivatives at some coefficients.
#[derive(Debug, Clone)]
pub(crate) struct Likelihood {
    /// The log-likelihood without a penalty.
    pub(crate) plain: f64,
    /// With the penalty: what is maximised.
    pub(crate) value: f64,
    /// Of the objective.
    pub(crate) gradient: Vec<f64>,
    /// Of the log-likelihood without a penalty.
    pub(crate) information: DMatrix<f64>,
    /// The search's metric: the information, plus the ridge's.
    pub(crate) curvature: DMatrix<f64>,
}

impl Likelihood {
    pub(crate) fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|value| value.is_finite())
            && self.curvature.iter().all(|value| value.is_finite())
    }
}

/// The factors of a metric, without the coefficients that keep their value: a
/// row and column of zeros has no pivot, and its step is zero.
pub(crate) fn free_factors(metric: &DMatrix<f64>, fixed: &[usize]) -> Factors {
    let mut metric = metric.clone();
    // Rows and columns of zeros rather than a smaller matrix: positions stay those
    // of all coefficients.
    for column in fixed {
        metric.row_mut(*column).fill(0.0);
        metric.column_mut(*column).fill(0.0);
    }
    Factors::new(&metric, rank_tolerance())
}

/// An objective with its derivatives at some coefficients.
pub(crate) trait Objective {
    /// What is maximised.
    fn value(&self) -> f64;

    /// Whether value and derivatives are numbers.
    fn is_finite(&self) -> bool;

    /// The step to take from here.
    fn step(&self) -> Vec<f64>;
}

/// Where a search ended.
#[derive(Debug, Clone)]
pub(crate) struct Maximum<T> {
    pub(crate) beta: Vec<f64>,
    /// The objective there.
    pub(crate) likelihood: T,
    pub(crate) iterations: usize,
    pub(crate) has_converged: bool,
}

/// Goes from `beta`, where the objective is `likelihood`, to where a step
/// changes it by at most `tolerance` of itself; a step may lower it by as much.
pub(crate) fn maximize<T: Objective>(
    beta: Vec<f64>,
    likelihood: T,
    at: impl Fn(&[f64]) -> T,
    tolerance: f64,
    maximum_iterations: usize,
) -> Maximum<T> {
    let mut here = Maximum { beta, likelihood, iterations: 0, has_converged: false };
    while !here.has_converged && here.iterations < maximum_iterations {
        here.iterations += 1;
        let old = here.likelihood.value();
        // Rounding may lower the value by the tolerance: without it a search at its
        // maximum would halve in vain.
        let rises = |there: &T| there.is_finite() && there.value() >= old - tolerance * old.abs();
        let taken = take(&here.beta, here.likelihood.step(), |beta| Some(at(beta)).filter(rises));
        if let Some(taken) = taken {
            here.beta = taken.beta;
            here.likelihood = taken.found;
        }
        // A step that could not be taken leaves the value, and ends the search too.
        here.has_converged = (here.likelihood.value() - old).abs() <= tolerance * old.abs();
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    /// -sqrt(1 + x^2), from which Newton's own steps overshoot beyond 1.
    // At x the derivative is -x / sqrt(1 + x^2), the second -(1 + x^2)^(-3/2):
    // Newton's step is -x (1 + x^2), which from 3 leads to -27.
    struct Flattening(f64);

    impl Objective for Flattening {
        fn value(&self) -> f64 {
            -(1.0 + self.0 * self.0).sqrt()
        }

        fn is_finite(&self) -> bool {
            self.0.is_finite()
        }

        fn step(&self) -> Vec<f64> {
            vec![-self.0 * (1.0 + self.0 * self.0)]
        }
    }

    #[test]
    fn steps_that_overshoot_are_halved() {
        let found = maximize(vec![3.0], Flattening(3.0), |beta| Flattening(beta[0]), 1e-15, 50);
        assert!(found.has_converged && found.beta[0].abs() < 1e-7, "{:?}", found.beta);
        let taken = take(&[3.0], vec![-30.0], |beta| (beta[0].abs() < 3.0).then_some(beta[0]));
        let taken = taken.expect("a step");
        // Halved three times: -30, -15, -7.5, -3.75, of which the last lands at
        // -0.75.
        assert_eq!((taken.found, taken.beta[0], taken.step[0]), (-0.75, -0.75, -3.75));
        assert!(take(&[3.0], vec![-30.0], |_| None::<f64>).is_none());
    }

    #[test]
    fn a_search_is_given_up_at_its_limit() {
        let found = maximize(vec![3.0], Flattening(3.0), |beta| Flattening(beta[0]), 1e-15, 1);
        assert!(!found.has_converged && found.iterations == 1);
    }
}
