//! Subjects as they stand at a landmark: who is still followed without the
//! event, who has changed group by then, and the follow-up that is left.
//! Curves, tests and models of it are left to the estimators.

use crate::Error;
use crate::groups::Groups;
use crate::survival_data::SurvivalData;
use crate::switching::{OneScale, check_switches};

/// The subjects of a landmark analysis (Anderson, Cain and Gelber, J Clin
/// Oncol 1983; 1: 710-719).
///
/// Grouping subjects by what happens after time zero credits those who
/// change group with the time they had to live until then. From a landmark L
/// on they are grouped by what has happened by L, and only those who are
/// followed beyond L without the event are compared, over what follow-up is
/// left to them. Whoever changes later stays in the group it had at L.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmark {
    /// L, in the unit of the follow-up.
    pub time: f64,
    /// Positions of the subjects followed beyond L, ascending.
    pub included: Vec<usize>,
    /// Their follow-up, counted from L.
    pub data: SurvivalData,
    /// When each of them changes group, counted from L; 0 for a change by L,
    /// `None` without any.
    pub switches: Vec<Option<f64>>,
    /// Subjects left out for an event by L, at L itself included.
    pub n_excluded_events: usize,
    /// Subjects left out as their follow-up ends by L without the event.
    pub n_excluded_censored: usize,
}

/// The subjects followed beyond `time` >= 0, in the unit of `data`.
///
/// `switches` has, for each subject, when it changes from group 0 to group 1
/// (>= 0), or `None`. A change at L is one by L; an event at L is one before
/// the landmark, so at L = 0 all with any follow-up are left. Times that differ
/// from L by rounding alone are L, as in [`SurvivalData`].
///
/// # Errors
/// [`Error::Parameter`] for a negative or infinite landmark; [`Error::Length`],
/// [`Error::NotFinite`] or [`Error::Negative`] for wrong switches;
/// [`Error::Empty`] if nobody is followed beyond it.
///
/// ```
/// use restudy_stats::landmark::landmark;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[9.0, 5.0, 2.0, 8.0], &[true, false, true, true])?;
/// let left = landmark(&data, &[Some(3.0), None, Some(1.0), Some(6.0)], 3.0)?;
/// assert_eq!(left.included, [0, 1, 3]);
/// assert_eq!(left.data.times(), [6.0, 2.0, 5.0]);
/// assert_eq!(left.groups().codes(), [1, 0, 0]);
/// assert_eq!((left.n_excluded_events, left.n_excluded_censored), (1, 0));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn landmark(
    data: &SurvivalData,
    switches: &[Option<f64>],
    time: f64,
) -> Result<Landmark, Error> {
    if !(time.is_finite() && time >= 0.0) {
        return Err(Error::Parameter { what: "landmark", value: time, range: "[0, infinity)" });
    }
    check_switches(switches, data.n())?;
    // Ends, switches and the landmark on one scale: what differs by rounding alone
    // is at the landmark.
    let OneScale { ends, switches, time: here } = OneScale::new(data, switches, time);
    let (included, left_out): (Vec<usize>, Vec<usize>) =
        // Follow-up that ends at L has nothing left to compare.
        (0..data.n()).partition(|subject| ends[*subject] > here);
    let n_excluded_events = left_out.iter().filter(|subject| data.events()[**subject]).count();
    let times: Vec<f64> = included.iter().map(|subject| ends[*subject] - here).collect();
    let events: Vec<bool> = included.iter().map(|subject| data.events()[*subject]).collect();
    // All changes by L stand as 0, whenever they happened.
    let from_here = |switch: f64| (switch - here).max(0.0);
    Ok(Landmark {
        time,
        data: SurvivalData::new(&times, &events)?,
        switches: included.iter().map(|subject| switches[*subject].map(from_here)).collect(),
        n_excluded_events,
        n_excluded_censored: left_out.len() - n_excluded_events,
        included,
    })
}

impl Landmark {
    /// The group of each included subject: 1 for a change by L.
    pub fn groups(&self) -> Groups {
        // Exactly 0: later changes are above it by more than rounding.
        Groups::two(self.switches.iter().map(|switch| *switch == Some(0.0)))
    }

    /// How many are in group 0 at L and change while they are followed.
    pub fn n_later(&self) -> usize {
        let ends = self.data.times().iter();
        let changes = |(switch, end): &(&Option<f64>, &f64)| {
            switch.is_some_and(|switch| switch > 0.0 && switch < **end)
        };
        self.switches.iter().zip(ends).filter(changes).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_at_the_landmark_happened_before_it() {
        let data = SurvivalData::new(&[3.0, 3.0, 7.0, 7.0], &[true, false, true, false]).unwrap();
        let left = landmark(&data, &[None, None, Some(3.0), Some(7.0)], 3.0).unwrap();
        assert_eq!((left.n_excluded_events, left.n_excluded_censored), (1, 1));
        assert_eq!((left.groups().codes(), left.n_later()), (&[1, 0][..], 0));
        assert_eq!(left.switches, [Some(0.0), Some(4.0)]);
    }

    #[test]
    fn times_that_differ_from_the_landmark_by_rounding_are_it() {
        let data = SurvivalData::new(&[0.1 + 0.2, 1.0, 2.0], &[true; 3]).unwrap();
        let left = landmark(&data, &[None, Some(0.1 + 0.2), Some(0.7)], 0.3).unwrap();
        assert_eq!((left.groups().codes(), left.n_excluded_events), (&[1, 0][..], 1));
        let left = landmark(&data, &[None, Some(0.3), Some(0.7)], 0.1 + 0.2).unwrap();
        assert_eq!((left.groups().codes(), left.n_excluded_events), (&[1, 0][..], 1));
    }

    #[test]
    fn mistakes_are_named() {
        let data = SurvivalData::new(&[3.0, 5.0], &[true; 2]).unwrap();
        let wrong = |switches: &[Option<f64>], time| landmark(&data, switches, time).unwrap_err();
        assert_eq!(wrong(&[None; 2], -1.0).to_string(), "`landmark` is -1, outside [0, infinity)");
        assert_eq!(wrong(&[None], 1.0).to_string(), "`switches` has 1 values where 2 are needed");
        assert_eq!(wrong(&[None; 2], 5.0), Error::Empty);
        assert!(landmark(&data, &[Some(f64::NAN), None], 1.0).is_err());
    }
}
