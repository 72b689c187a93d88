//! Right-censored follow-up, checked once: the input of every survival
//! estimator. Groups, strata and covariates stay with the estimators.

use crate::checks::check_finite;
use crate::checks::check_length;
use crate::groups::Groups;
use crate::groups::by_stratum;
use std::borrow::Cow;

use crate::Error;
use crate::radix;

/// Follow-up times and event indicators of `n` subjects, in the caller's order.
///
/// Times that differ by less than rounding are made equal on construction, so
/// that `0.1 + 0.2` and `0.3` are one time. With m the mean of the distinct
/// times and e = sqrt(2^-52), neighbours among the sorted distinct times are
/// tied if their difference, or their difference over m, is at most e; each
/// chain of tied times takes its lowest value. It is the rule of R's
/// `survival`.
///
/// ```
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[0.1 + 0.2, 0.3, 2.0], &[true, false, true])?;
/// assert_eq!(data.times()[0], data.times()[1]);
/// assert_eq!(data.n_events(), 2);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalData {
    times: Vec<f64>,
    events: Vec<bool>,
    order: Vec<usize>,
}

impl SurvivalData {
    /// Checks `times` (`n` values >= 0, any unit) and `events` (`n` values,
    /// true for an event, false for censoring). Missing values have no place
    /// here: the caller leaves those subjects out and counts them.
    ///
    /// # Errors
    /// [`Error::Empty`] without subjects, [`Error::Length`] if the slices
    /// differ in length, [`Error::NotFinite`] or [`Error::Negative`] for a
    /// time that is no follow-up.
    pub fn new(times: &[f64], events: &[bool]) -> Result<Self, Error> {
        if times.is_empty() {
            return Err(Error::Empty);
        }
        check_length("events", events.len(), times.len())?;
        check_finite("times", times)?;
        if let Some(index) = times.iter().position(|time| *time < 0.0) {
            return Err(Error::Negative { what: "times", index, value: times[index] });
        }
        let (times, order) = sort_times(times);
        Ok(Self { times, events: events.to_vec(), order })
    }

    /// Number of subjects; never zero.
    pub fn n(&self) -> usize {
        self.times.len()
    }

    /// Number of events.
    pub fn n_events(&self) -> usize {
        self.events.iter().filter(|event| **event).count()
    }

    /// Times after near ties are made equal, in the caller's order.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Event indicators, in the caller's order.
    pub fn events(&self) -> &[bool] {
        &self.events
    }

    /// Positions of the subjects by ascending time; equal times keep the
    /// caller's order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The same follow-up with censoring as the event.
    pub fn reversed(&self) -> Self {
        // The order of time is the same; nothing is checked or sorted again.
        let events = self.events.iter().map(|event| !event).collect();
        Self { times: self.times.clone(), events, order: self.order.clone() }
    }

    /// Positions by ascending time within each stratum, strata by ascending
    /// code; one stratum of all if there are no codes.
    pub(crate) fn order_by_stratum(&self, strata: Option<&Groups>) -> Vec<Cow<'_, [usize]>> {
        by_stratum(&self.order, strata)
    }

    /// Splits positions in ascending time into the runs of one time.
    pub(crate) fn tied_runs<'a>(&'a self, order: &'a [usize]) -> impl Iterator<Item = &'a [usize]> {
        order.chunk_by(|a, b| self.times[*a] == self.times[*b])
    }
}

/// Times with near ties made equal, and their positions by ascending time,
/// equal times in the order given. Times are numbers >= 0.
pub(crate) fn sort_times(times: &[f64]) -> (Vec<f64>, Vec<usize>) {
    // Adding zero turns -0 into 0; the bits of numbers >= 0 sort as they do.
    let (keys, mut order) = radix::sort(times.len(), |place| (times[place] + 0.0).to_bits());
    let mut sorted: Vec<f64> = keys.into_iter().map(f64::from_bits).collect();
    let mut collapsed: Vec<f64> = times.iter().map(|time| time + 0.0).collect();
    if collapse_near_ties(&mut sorted) {
        // The order given has to be restored among those now equal.
        let mut start = 0;
        for tied in sorted.chunk_by(|a, b| a == b) {
            let positions = &mut order[start..start + tied.len()];
            start += tied.len();
            positions.sort_unstable();
            // Each chain takes its lowest time.
            positions.iter().for_each(|position| collapsed[*position] = tied[0]);
        }
    }
    (collapsed, order)
}

/// Makes near ties among sorted times equal; tells whether there were any.
fn collapse_near_ties(sorted: &mut [f64]) -> bool {
    // The tolerance of R's `timefix` and `all.equal`.
    let tolerance = f64::EPSILON.sqrt();
    let (mut sum, mut count) = (0.0, 0_usize);
    let mut previous = f64::NAN;
    for time in &*sorted {
        // Distinct times alone count in the mean: R's `timefix` takes it over
        // unique values.
        let is_new = *time != previous;
        sum += if is_new { *time } else { 0.0 };
        count += usize::from(is_new);
        previous = *time;
    }
    let mean = sum / count as f64;
    let is_apart = |gap: f64| gap > tolerance && gap / mean > tolerance;
    // Most data have none, and a gap this wide needs no division: twice the
    // larger of both tolerances leaves room for the rounding of the product.
    let wide = 2.0 * tolerance * mean.max(1.0);
    let is_near = |pair: &[f64]| match pair[1] - pair[0] {
        // Equal already, or so far apart that no division is needed.
        gap if gap == 0.0 || gap > wide => false,
        gap => !is_apart(gap),
    };
    if !sorted.windows(2).any(is_near) {
        return false;
    }
    let mut previous = sorted[0];
    let mut lowest = sorted[0];
    for time in sorted {
        // The gap to the time before as it was given, not as it was changed: chains
        // may be longer than one tolerance.
        let gap = *time - previous;
        previous = *time;
        if is_apart(gap) {
            lowest = *time;
        }
        *time = lowest;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ties_take_the_lowest_time_of_their_chain() {
        let times = [1.0 + 2e-8, 1.0, 1.0 + 1e-8, 5.0];
        let data = SurvivalData::new(&times, &[true; 4]).unwrap();
        assert_eq!(data.times(), [1.0, 1.0, 1.0, 5.0]);
        assert_eq!(data.order(), [0, 1, 2, 3]);
    }

    #[test]
    fn near_ties_are_judged_by_the_mean_time_too() {
        // The gap of 1e-5 is above the tolerance, over the mean of 1000 below.
        let data = SurvivalData::new(&[1000.0, 1000.00001], &[true; 2]).unwrap();
        assert_eq!(data.times(), [1000.0, 1000.0]);
        let data = SurvivalData::new(&[1.0, 1.00001], &[true; 2]).unwrap();
        assert_eq!(data.times(), [1.0, 1.00001]);
    }

    #[test]
    fn zero_and_negative_zero_are_one_time() {
        let data = SurvivalData::new(&[0.0, -0.0], &[true, false]).unwrap();
        assert_eq!(data.tied_runs(data.order()).count(), 1);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let wrong = |times: &[f64], events: &[bool]| {
            SurvivalData::new(times, events).unwrap_err().to_string()
        };
        assert_eq!(wrong(&[], &[]), "no observations");
        assert_eq!(wrong(&[1.0], &[]), "`events` has 0 values where 1 are needed");
        assert_eq!(
            wrong(&[1.0, f64::NAN], &[true; 2]),
            "`times` is not a finite number at position 1"
        );
        for infinite in [f64::INFINITY, f64::NEG_INFINITY] {
            let message = wrong(&[infinite, 1.0], &[true; 2]);
            assert_eq!(message, "`times` is not a finite number at position 0");
        }
        assert_eq!(wrong(&[1.0, -2.0], &[true; 2]), "`times` is negative at position 1: -2");
    }
}
