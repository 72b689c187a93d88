//! Turnbull's estimate for events known only to lie in an interval, as
//! between two scans, with standard errors by the observed information or by
//! the bootstrap. Imputing a midpoint is left to the caller.

mod bootstrap;
mod errors;
mod iterate;
mod polish;
mod support;

use std::ops::Range;

pub use bootstrap::{BootstrapSurvival, bootstrap_survival};
pub use errors::{TurnbullErrors, TurnbullSurvival};

use crate::Error;
use crate::checks::{check_length, check_share};
use crate::survival_data::sort_times;

/// A probability that counts as none: cells whose mass tends to zero get there
/// slowly, and are left out by the polishing where that was possible.
const LEAST_MASS: f64 = 1e-9;

/// An interval to which the estimate gives mass, and how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnbullInterval {
    /// Left end: outside the interval, unless the ends are equal.
    pub left: f64,
    /// Right end, inside the interval; infinite for mass after all follow-up.
    pub right: f64,
    /// Probability of an event in it.
    pub probability: f64,
}

/// The nonparametric maximum likelihood estimate of a distribution from
/// intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Turnbull {
    /// Subjects.
    pub n: usize,
    /// The intervals with positive probability, ascending. Where in an
    /// interval its mass lies the data do not say.
    pub intervals: Vec<TurnbullInterval>,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// By how much the log-likelihood can at most be below its maximum.
    pub gap: f64,
    /// Iterations made.
    pub iterations: usize,
    /// Whether `gap` is at most 1e-12 a subject.
    pub has_converged: bool,
    /// Which of `intervals` lie in each subject's own interval.
    spans: Vec<Range<usize>>,
}

/// Estimates the distribution of an event that each of `n` subjects had after
/// `left` and not after `right`.
///
/// # Formula
/// Mass goes to the innermost intervals: those from a left end to a right end
/// with no other end between (Peto 1973). Their probabilities p maximise the
/// sum of log P_i, P_i being the sum of p within subject i's interval
/// (Turnbull 1976). The maximum is where d_j, the sum of 1 / P_i over the
/// intervals that hold j, is n for all p_j > 0 and at most n elsewhere
/// (Gentleman and Geyer 1994).
///
/// # Convergence
/// Each iteration makes a step of the self-consistency algorithm (EM) and one
/// of the iterative convex minorant (Wellner and Zhan 1997). It ends when
/// max d_j - n, which bounds the distance of the log-likelihood from its
/// maximum, is at most 1e-12 n, or after 20,000 iterations;
/// [`Turnbull::gap`] and [`Turnbull::has_converged`] tell. As the likelihood
/// is flat there, Newton's method on the intervals with mass then takes the
/// probabilities to rounding, for up to 500 intervals; its result is kept if
/// the gap shrinks.
///
/// # Arguments
/// `left` and `right` in any one unit, `left` >= 0: an event in (left,
/// right]; equal ends are an event at that time; an infinite `right` is
/// right censoring.
///
/// # Ties and missing values
/// An event at t is not in an interval that begins at t, and is in one that
/// ends there. Ends that differ by less than rounding are made equal, by the
/// rule of [`SurvivalData`](crate::survival_data::SurvivalData) over all of
/// them together; an interval shorter than that is an event at its left end.
/// None may be missing.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`], [`Error::NotFinite`] or
/// [`Error::Negative`] for a wrong end, [`Error::EmptyInterval`] for one whose
/// right end is before its left.
///
/// ```
/// use restudy_stats::turnbull::turnbull;
///
/// let estimate = turnbull(&[0.0, 2.0, 4.0], &[3.0, 5.0, f64::INFINITY])?;
/// assert_eq!((estimate.intervals[0].left, estimate.intervals[0].right), (2.0, 3.0));
/// assert!((estimate.intervals[0].probability - 0.5).abs() < 1e-6);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn turnbull(left: &[f64], right: &[f64]) -> Result<Turnbull, Error> {
    check(left, right)?;
    let (left, right) = collapse(left, right);
    let (cells, spans) = support::support(&left, &right);
    let maximum = polish::polished(&spans, iterate::maximize(&spans, cells.len()));
    let kept: Vec<usize> =
        (0..cells.len()).filter(|cell| maximum.probabilities[*cell] > LEAST_MASS).collect();
    let intervals = kept
        .iter()
        .map(|cell| TurnbullInterval {
            left: cells[*cell].0,
            right: cells[*cell].1,
            probability: maximum.probabilities[*cell],
        })
        .collect();
    // Counting the kept ones before a cell gives its place among them.
    let among_kept = |cell: usize| kept.partition_point(|other| *other < cell);
    Ok(Turnbull {
        n: left.len(),
        intervals,
        log_likelihood: maximum.log_likelihood,
        gap: maximum.gap,
        iterations: maximum.iterations,
        has_converged: maximum.has_converged,
        spans: spans.iter().map(|span| among_kept(span.start)..among_kept(span.end)).collect(),
    })
}

/// The ends with near ties among all that are finite made equal.
fn collapse(left: &[f64], right: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let finite = right.iter().filter(|time| time.is_finite());
    let ends: Vec<f64> = left.iter().chain(finite).copied().collect();
    let (mut collapsed, _) = sort_times(&ends);
    let mut known = collapsed.split_off(left.len()).into_iter();
    // Infinite ends are passed over: only finite ones were collapsed, in this
    // order.
    let one = |time: &f64| if time.is_finite() { known.next() } else { None };
    let right = right.iter().map(one).map(|time| time.unwrap_or(f64::INFINITY)).collect();
    (collapsed, right)
}

fn check(left: &[f64], right: &[f64]) -> Result<(), Error> {
    if left.is_empty() {
        return Err(Error::Empty);
    }
    check_length("right", right.len(), left.len())?;
    for (index, (start, stop)) in left.iter().zip(right).enumerate() {
        let (start, stop) = (*start, *stop);
        if !start.is_finite() {
            return Err(Error::NotFinite { what: "left", index });
        }
        if stop.is_nan() {
            return Err(Error::NotFinite { what: "right", index });
        }
        if start < 0.0 {
            return Err(Error::Negative { what: "left", index, value: start });
        }
        if stop < start {
            return Err(Error::EmptyInterval { index, start, stop });
        }
    }
    Ok(())
}

impl Turnbull {
    /// The least and the greatest S(`time`) that agree with the estimate:
    /// they differ within an interval with mass.
    pub fn survival(&self, time: f64) -> (f64, f64) {
        let mut lower = 0.0;
        let mut passed = 0.0;
        for cell in &self.intervals {
            let is_point = cell.left == cell.right;
            // Mass of an interval that begins at the time lies after it; a point at
            // the time does not.
            if cell.left > time || (cell.left == time && !is_point) {
                lower += cell.probability;
            }
            // An interval that ends by the time has spent its mass for certain.
            if cell.right <= time {
                passed += cell.probability;
            }
        }
        // Rounding must not put the greatest below the least.
        (lower, (1.0_f64 - passed).max(lower))
    }

    /// The interval in which the share that had the event reaches
    /// `probability`, in (0, 1).
    ///
    /// # Errors
    /// [`Error::Parameter`] for a probability outside (0, 1).
    pub fn quantile(&self, probability: f64) -> Result<TurnbullInterval, Error> {
        check_share("probability", probability)?;
        let mut sum = 0.0;
        let reached = self.intervals.iter().find(|cell| {
            sum += cell.probability;
            // Cells of almost no mass were left out: a sum that should be one
            // half must not miss it by them.
            sum >= probability - 1e-7
        });
        // Rounding may leave the sum of all a little below one.
        let last = || self.intervals.last().expect("invariant: some interval has mass");
        Ok(*reached.unwrap_or_else(last))
    }
}
