//! Standard errors by the observed information on the intervals with mass.

use std::ops::Range;

use super::iterate::{cumulative, masses};
use super::polish::{RANK_TOLERANCE, information};
use super::{Turnbull, TurnbullInterval};
use crate::Error;
use crate::inference::normal_critical_value;
use crate::survival_curve::ConfidenceType;
use crate::symmetric::Factors;

/// The uncertainty of a [`Turnbull`] estimate.
///
/// # Formula
/// The information of the probabilities p of the intervals with mass, the
/// last being one less the others, is the sum over subjects of b b' / P_i^2
/// (Turnbull 1976); S at a time is a sum c'p, with variance c'I^-1 c. For
/// times known exactly or censored on the right it is Greenwood's variance.
///
/// It takes the intervals with mass as if they had been known before the
/// data. That is right for examinations at a fixed set of times and many
/// subjects; where times of examination differ from one subject to the next,
/// errors are too small near intervals that nearly had mass, and the
/// bootstrap is not exact either (Groeneboom and Wellner 1992).
#[derive(Debug, Clone)]
pub struct TurnbullErrors {
    intervals: Vec<TurnbullInterval>,
    factors: Factors,
}

/// S at a time, with limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnbullSurvival {
    /// S.
    pub survival: f64,
    /// Its standard error; `None` where S is 0 or the data do not tell some
    /// of the intervals apart.
    pub standard_error: Option<f64>,
    /// Lower limit; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
}

impl Turnbull {
    /// The standard errors by the observed information.
    pub fn errors(&self) -> TurnbullErrors {
        let probabilities: Vec<f64> =
            self.intervals.iter().map(|interval| interval.probability).collect();
        let spans: &[Range<usize>] = &self.spans;
        let masses = masses(spans, &cumulative(&probabilities));
        let information = information(spans, &masses, probabilities.len());
        let factors = Factors::new(&information, RANK_TOLERANCE);
        TurnbullErrors { intervals: self.intervals.clone(), factors }
    }
}

impl TurnbullErrors {
    /// Whether the data tell all intervals with mass apart; otherwise the
    /// estimate is not the only one, and there are no errors.
    pub fn is_identified(&self) -> bool {
        // The last mass is one less the others: one fewer to be identified.
        self.factors.rank() + 1 == self.intervals.len()
    }

    /// The least and the greatest S(`time`) that agree with the estimate, as
    /// [`Turnbull::survival`], with limits of coverage `confidence_level`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn survival(
        &self,
        time: f64,
        confidence_level: f64,
        confidence_type: ConfidenceType,
    ) -> Result<(TurnbullSurvival, TurnbullSurvival), Error> {
        let z = normal_critical_value(confidence_level)?;
        let is_point = |cell: &TurnbullInterval| cell.left == cell.right;
        let after =
            |cell: &TurnbullInterval| cell.left > time || (cell.left == time && !is_point(cell));
        let least = self.sum_of(after, confidence_type, z);
        let greatest = self.sum_of(|cell| cell.right > time, confidence_type, z);
        Ok((least, greatest))
    }

    /// The probability of the intervals of which `holds` is true.
    fn sum_of(
        &self,
        holds: impl Fn(&TurnbullInterval) -> bool,
        confidence_type: ConfidenceType,
        z: f64,
    ) -> TurnbullSurvival {
        let survival: f64 =
            self.intervals.iter().filter(|cell| holds(cell)).map(|cell| cell.probability).sum();
        let survival = survival.min(1.0);
        let share = |cell: &TurnbullInterval| if holds(cell) { 1.0 } else { 0.0 };
        // The probabilities sum to one, so that some interval has mass.
        let (last, others) = self.intervals.split_last().expect("invariant: some have mass");
        let of_last = share(last);
        // c: what a mass adds beyond what the last interval loses by it.
        let direction: Vec<f64> = others.iter().map(|cell| share(cell) - of_last).collect();
        let is_certain = direction.iter().all(|part| *part == 0.0);
        // Where every cell gives the same survival it does not depend on the
        // estimated masses: their sum would differ from it by rounding, and its
        // error would be the root of that rounding instead of zero.
        let survival = if is_certain { of_last } else { survival };
        let error = match (is_certain, self.is_identified()) {
            (true, _) => Some(0.0),
            (false, true) => Some(self.factors.quadratic_form(&direction).max(0.0).sqrt()),
            (false, false) => None,
        };
        let standard_error = error.filter(|_| survival > 0.0);
        let limits =
            // The scales want the error of log S.
            standard_error.and_then(|error| confidence_type.limits(survival, error / survival, z));
        TurnbullSurvival {
            survival,
            standard_error,
            lower: limits.map(|(lower, _)| lower),
            upper: limits.map(|(_, upper)| upper),
        }
    }
}
