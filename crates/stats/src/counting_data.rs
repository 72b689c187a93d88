//! Follow-up in intervals (start, stop], checked once: the input of models
//! whose covariates change over time or whose subjects enter late.

use std::collections::BTreeMap;

use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::survival_data::sort_times;

/// Intervals (start, stop] of follow-up, each with whether the event ended it
/// and the subject it belongs to, in the caller's order (Andersen and Gill
/// 1982).
///
/// A subject is at risk at t if start < t <= stop for one of its intervals.
/// Several intervals carry covariates that change; a first interval that
/// starts after zero is delayed entry; several events are allowed. Starts and
/// stops that differ by less than rounding are made equal, by the rule of
/// [`SurvivalData`](crate::survival_data::SurvivalData) over both together.
///
/// ```
/// use restudy_stats::counting_data::CountingData;
///
/// // The first subject is treated from time 4 on; the second enters at 1.
/// let data = CountingData::new(&[0.0, 4.0, 1.0], &[4.0, 9.0, 7.0], &[false, true, true], &[0, 0, 1])?;
/// assert_eq!((data.n(), data.n_subjects(), data.n_events()), (3, 2, 2));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CountingData {
    starts: Vec<f64>,
    stops: Vec<f64>,
    events: Vec<bool>,
    subjects: Vec<usize>,
    n_subjects: usize,
    order: Vec<usize>,
}

impl CountingData {
    /// Checks `n` intervals: `starts` and `stops` (>= 0, any unit), `events`
    /// (true if the event happens at the stop) and `subjects` (any code of
    /// the subject).
    ///
    /// # Errors
    /// [`Error::Empty`] without intervals, [`Error::Length`] if the slices
    /// differ in length, [`Error::NotFinite`] or [`Error::Negative`] for a
    /// time that is none, [`Error::EmptyInterval`] for one that does not end
    /// after its start, [`Error::Overlap`] for one that begins within another
    /// of the same subject.
    pub fn new(
        starts: &[f64],
        stops: &[f64],
        events: &[bool],
        subjects: &[usize],
    ) -> Result<Self, Error> {
        let n = stops.len();
        // Before lengths are compared: without intervals the user should read that
        // there are none.
        if n == 0 {
            return Err(Error::Empty);
        }
        check_length("starts", starts.len(), n)?;
        check_length("events", events.len(), n)?;
        check_length("subjects", subjects.len(), n)?;
        check_times("starts", starts)?;
        check_times("stops", stops)?;
        let (starts, stops) = collapse(starts, stops);
        // Asked after near ties were made equal: an interval shorter than rounding
        // is empty too.
        if let Some(index) = (0..n).find(|index| stops[*index] <= starts[*index]) {
            let (start, stop) = (starts[index], stops[index]);
            return Err(Error::EmptyInterval { index, start, stop });
        }
        let n_subjects = check_overlap(&starts, &stops, subjects)?;
        let mut order: Vec<usize> = (0..n).collect();
        // Equal stops in the caller's order, so that sums over them have one order.
        order.sort_by(|a, b| stops[*a].total_cmp(&stops[*b]).then(a.cmp(b)));
        let (events, subjects) = (events.to_vec(), subjects.to_vec());
        Ok(Self { starts, stops, events, subjects, n_subjects, order })
    }

    /// Number of intervals; never zero.
    pub fn n(&self) -> usize {
        self.stops.len()
    }

    /// Number of subjects.
    pub fn n_subjects(&self) -> usize {
        self.n_subjects
    }

    /// Number of events.
    pub fn n_events(&self) -> usize {
        self.events.iter().filter(|event| **event).count()
    }

    /// Starts after near ties are made equal, in the caller's order.
    pub fn starts(&self) -> &[f64] {
        &self.starts
    }

    /// Stops after near ties are made equal, in the caller's order.
    pub fn stops(&self) -> &[f64] {
        &self.stops
    }

    /// Whether each interval ends with the event, in the caller's order.
    pub fn events(&self) -> &[bool] {
        &self.events
    }

    /// The subject of each interval, in the caller's order.
    pub fn subjects(&self) -> &[usize] {
        &self.subjects
    }

    /// Positions of the intervals by ascending stop; equal stops keep the
    /// caller's order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }
}

fn check_times(what: &'static str, times: &[f64]) -> Result<(), Error> {
    check_finite(what, times)?;
    match times.iter().position(|time| *time < 0.0) {
        Some(index) => Err(Error::Negative { what, index, value: times[index] }),
        None => Ok(()),
    }
}

/// Starts and stops with near ties among all of them made equal.
fn collapse(starts: &[f64], stops: &[f64]) -> (Vec<f64>, Vec<f64>) {
    // Together, so that the stop of one interval and the start of the next become
    // the same number: a gap of a rounding error would take the subject out of the
    // risk set.
    let (mut times, _) = sort_times(&[starts, stops].concat());
    let stops = times.split_off(starts.len());
    (times, stops)
}

/// Checks that the intervals of a subject do not overlap; counts subjects.
fn check_overlap(starts: &[f64], stops: &[f64], subjects: &[usize]) -> Result<usize, Error> {
    // Subjects in order, so that of several overlaps the same one is told each time.
    let mut by_subject: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, subject) in subjects.iter().enumerate() {
        by_subject.entry(*subject).or_default().push(index);
    }
    for (subject, intervals) in &mut by_subject {
        intervals.sort_by(|a, b| starts[*a].total_cmp(&starts[*b]));
        // Sorted by start, an overlap is one of neighbours: a stop and the next
        // start may be equal, as intervals are open on the left.
        if let Some(pair) = intervals.windows(2).find(|pair| starts[pair[1]] < stops[pair[0]]) {
            return Err(Error::Overlap { subject: *subject, index: pair[1], other: pair[0] });
        }
    }
    Ok(by_subject.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(starts: &[f64], stops: &[f64], subjects: &[usize]) -> String {
        let events = vec![true; stops.len()];
        CountingData::new(starts, stops, &events, subjects).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        assert_eq!(wrong(&[], &[], &[]), "no observations");
        assert_eq!(wrong(&[0.0], &[1.0], &[]), "`subjects` has 0 values where 1 are needed");
        assert_eq!(wrong(&[-1.0], &[1.0], &[0]), "`starts` is negative at position 0: -1");
        assert_eq!(
            wrong(&[0.0, 3.0], &[1.0, 3.0], &[0, 1]),
            "interval 1 is empty: it starts at 3 and stops at 3"
        );
        assert_eq!(
            wrong(&[2.0, 0.0], &[4.0, 3.0], &[7, 7]),
            "interval 0 of subject 7 begins within interval 1"
        );
    }

    #[test]
    fn a_stop_and_the_next_start_become_one_time() {
        let data =
            // 0.1 + 0.2 is 0.30000000000000004: the case of a stop that was
            // reckoned and a start that was read.
            CountingData::new(&[0.0, 0.3], &[0.1 + 0.2, 1.0], &[false, true], &[0, 0]).unwrap();
        assert_eq!(data.stops()[0], data.starts()[1]);
    }

    #[test]
    fn an_interval_shorter_than_rounding_is_empty() {
        let message = wrong(&[0.3], &[0.1 + 0.2], &[0]);
        assert!(message.starts_with("interval 0 is empty"), "{message}");
    }
}
