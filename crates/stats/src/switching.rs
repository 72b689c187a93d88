//! Subjects who change group during follow-up, split into intervals: the
//! data of Simon and Makuch's extended curves and of Mantel and Byar's test.

use crate::Error;
use crate::checks::check_length;
use crate::counting_data::CountingData;
use crate::groups::Groups;
use crate::survival_data::{SurvivalData, sort_times};

/// Follow-up split where a subject changes from group 0 to group 1.
///
/// Comparing groups by what happens after time zero credits the time until
/// the change to those who lived to change. Here that time belongs to group
/// 0: the curves by [`SurvivalCurveModel::estimate_by_group`] are those of
/// Simon and Makuch (Stat Med 1984; 3: 35-44), and the log-rank test by
/// [`GroupComparison::counting`] is that of Mantel and Byar (J Am Stat Assoc
/// 1974; 69: 81-86). Simon and Makuch begin at a landmark, so that no curve
/// begins with a few subjects: take the follow-up and the switches of
/// [`landmark`](crate::landmark::landmark).
///
/// [`SurvivalCurveModel::estimate_by_group`]: crate::survival_curve::SurvivalCurveModel::estimate_by_group
/// [`GroupComparison::counting`]: crate::group_comparison::GroupComparison::counting
///
/// ```
/// use restudy_stats::survival_data::SurvivalData;
/// use restudy_stats::switching::SwitchingData;
///
/// let data = SurvivalData::new(&[9.0, 5.0], &[true, false])?;
/// let split = SwitchingData::new(&data, &[Some(4.0), None])?;
/// assert_eq!(split.intervals().stops(), [4.0, 9.0, 5.0]);
/// assert_eq!(split.groups().codes(), [0, 1, 0]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchingData {
    intervals: CountingData,
    groups: Groups,
    n_unused: usize,
}

impl SwitchingData {
    /// Splits the follow-up of `n` subjects at `switches` (`n` times >= 0, in
    /// the unit of the follow-up; `None` if the subject never changes).
    ///
    /// # Ties and missing values
    /// A change at zero leaves group 1 alone. One at or after the end of
    /// follow-up is none: what happens at the time of the change happens in
    /// group 0. Times that differ by rounding alone are one time, as in
    /// [`SurvivalData`]. Subjects without follow-up (time zero) are in no risk
    /// set and left out; [`n_unused`](Self::n_unused) counts them.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`] or [`Error::Negative`] for
    /// wrong switches; [`Error::Empty`] if nobody has follow-up.
    pub fn new(data: &SurvivalData, switches: &[Option<f64>]) -> Result<Self, Error> {
        check_switches(switches, data.n())?;
        let times = OneScale::new(data, switches, 0.0);
        let mut rows = Rows::default();
        let mut n_unused = 0;
        for (subject, switch) in times.switches.iter().enumerate() {
            let (end, event) = (times.ends[subject], data.events()[subject]);
            match *switch {
                // An interval (0, 0] holds nobody.
                _ if end == 0.0 => n_unused += 1,
                Some(0.0) => rows.push(subject, 0.0, end, event, 1),
                // The change splits: the first part ends without the event,
                // whatever follows.
                Some(time) if time < end => {
                    rows.push(subject, 0.0, time, false, 0);
                    rows.push(subject, time, end, event, 1);
                }
                _ => rows.push(subject, 0.0, end, event, 0),
            }
        }
        let intervals = CountingData::new(&rows.starts, &rows.stops, &rows.events, &rows.subjects)?;
        Ok(Self { intervals, groups: Groups::new(rows.groups, 2)?, n_unused })
    }

    /// The intervals; a subject's code is its position in the caller's order.
    pub fn intervals(&self) -> &CountingData {
        &self.intervals
    }

    /// The group of each interval: 0 before the change, 1 after it.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Subjects left out because their follow-up has no length.
    pub fn n_unused(&self) -> usize {
        self.n_unused
    }

    /// What each group has of the follow-up: group 0, then group 1.
    pub fn shares(&self) -> [GroupShare; 2] {
        let mut shares = [GroupShare::default(); 2];
        let data = &self.intervals;
        for (row, group) in self.groups.codes().iter().enumerate() {
            let share = &mut shares[*group];
            share.n_subjects += 1;
            share.n_events += usize::from(data.events()[row]);
            share.time += data.stops()[row] - data.starts()[row];
        }
        shares
    }
}

/// A group's part of the follow-up of subjects who change group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GroupShare {
    /// Subjects who were ever in it.
    pub n_subjects: usize,
    /// Events in it.
    pub n_events: usize,
    /// Time in it, summed over subjects.
    pub time: f64,
}

/// Checks the times of `n` subjects' changes.
pub(crate) fn check_switches(switches: &[Option<f64>], n: usize) -> Result<(), Error> {
    let what = "switches";
    check_length(what, switches.len(), n)?;
    let wrong = |(index, switch): (usize, &Option<f64>)| match *switch {
        Some(time) if !time.is_finite() => Some(Error::NotFinite { what, index }),
        Some(time) if time < 0.0 => Some(Error::Negative { what, index, value: time }),
        _ => None,
    };
    switches.iter().enumerate().find_map(wrong).map_or(Ok(()), Err)
}

/// Ends of follow-up, changes and one time more, of which those that differ
/// by rounding alone have been made equal.
pub(crate) struct OneScale {
    /// Of each subject.
    pub(crate) ends: Vec<f64>,
    /// Of each subject; those after the end as they were.
    pub(crate) switches: Vec<Option<f64>>,
    /// The one more, finite and >= 0.
    pub(crate) time: f64,
}

impl OneScale {
    /// Of checked switches.
    pub(crate) fn new(data: &SurvivalData, switches: &[Option<f64>], time: f64) -> Self {
        let ends = data.times();
        // A change long after the end must not widen what counts as rounding.
        // A change after the end stands at the end while ties are sought.
        let within = |(switch, end): (&Option<f64>, &f64)| switch.map_or(*end, |s| s.min(*end));
        let all = ends.iter().copied().chain(switches.iter().zip(ends).map(within));
        let (equal, _) = sort_times(&all.chain([time]).collect::<Vec<f64>>());
        let (equal_ends, rest) = equal.split_at(ends.len());
        let of = |(subject, switch): (usize, &Option<f64>)| {
            // Restored as it was: it is after the end whatever its size.
            switch.map(|switch| if switch > ends[subject] { switch } else { rest[subject] })
        };
        Self {
            ends: equal_ends.to_vec(),
            switches: switches.iter().enumerate().map(of).collect(),
            time: rest[ends.len()],
        }
    }
}

#[derive(Default)]
struct Rows {
    starts: Vec<f64>,
    stops: Vec<f64>,
    events: Vec<bool>,
    subjects: Vec<usize>,
    groups: Vec<usize>,
}

impl Rows {
    fn push(&mut self, subject: usize, start: f64, stop: f64, event: bool, group: usize) {
        self.starts.push(start);
        self.stops.push(stop);
        self.events.push(event);
        self.subjects.push(subject);
        self.groups.push(group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_at_either_end_of_follow_up_splits_nothing() {
        let data = SurvivalData::new(&[3.0, 3.0, 0.0, 2.0], &[true; 4]).unwrap();
        let switches = [Some(0.0), Some(3.0), Some(0.0), Some(7.0)];
        let split = SwitchingData::new(&data, &switches).unwrap();
        assert_eq!(split.groups().codes(), [1, 0, 0]);
        assert_eq!(split.intervals().subjects(), [0, 1, 3]);
        assert_eq!(split.n_unused(), 1);
        let [before, after] = split.shares();
        // Subjects 1 and 3 are never in group 1 with follow-up: 3 + 2 units and
        // both events.
        assert_eq!(before, GroupShare { n_subjects: 2, n_events: 2, time: 5.0 });
        assert_eq!(after, GroupShare { n_subjects: 1, n_events: 1, time: 3.0 });
    }

    /// Times that differ by rounding alone are one: 0.1 + 0.2 is 0.3, and a time
    /// just above zero is zero.
    #[test]
    fn times_that_differ_by_rounding_are_one() {
        let data = SurvivalData::new(&[0.1 + 0.2, 1.0, 2.0], &[true; 3]).unwrap();
        let switches = [Some(0.3), Some(1e-12), Some(1e12)];
        let split = SwitchingData::new(&data, &switches).unwrap();
        assert_eq!((split.groups().codes(), split.intervals().n()), (&[0, 1, 0][..], 3));
    }

    #[test]
    fn a_change_within_rounding_of_either_end_is_at_it() {
        let data = SurvivalData::new(&[0.1 + 0.2, 0.3, 5.0, 0.3], &[true; 4]).unwrap();
        let switches = [Some(0.3), Some(0.1 + 0.2), Some(1e-12), Some(0.2)];
        let split = SwitchingData::new(&data, &switches).unwrap();
        assert_eq!(split.groups().codes(), [0, 0, 1, 0, 1]);
        assert_eq!(split.intervals().stops(), [0.3, 0.3, 5.0, 0.2, 0.3]);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let data = SurvivalData::new(&[3.0, 3.0], &[true; 2]).unwrap();
        let wrong =
            |switches: &[Option<f64>]| SwitchingData::new(&data, switches).unwrap_err().to_string();
        assert_eq!(wrong(&[None]), "`switches` has 1 values where 2 are needed");
        assert_eq!(wrong(&[None, Some(-1.0)]), "`switches` is negative at position 1: -1");
        assert_eq!(
            wrong(&[Some(f64::NAN), None]),
            "`switches` is not a finite number at position 0"
        );
        let none = SurvivalData::new(&[0.0], &[true]).unwrap();
        assert_eq!(SwitchingData::new(&none, &[None]), Err(Error::Empty));
    }
}
