//! Follow-up of either kind, right-censored or in intervals, for what treats
//! both alike: risk sets, comparisons of groups, curves.

use std::borrow::Cow;

use crate::counting_data::CountingData;
use crate::groups::Groups;
use crate::groups::by_stratum;
use crate::survival_data::SurvivalData;

/// What risk sets are made of. A row is a subject of right-censored
/// data or an interval of counting data.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FollowUp<'a> {
    /// At risk from before the first event on.
    RightCensored(&'a SurvivalData),
    /// At risk after a start.
    Counting(&'a CountingData),
}

impl<'a> FollowUp<'a> {
    /// Number of rows.
    pub(crate) fn n(self) -> usize {
        self.ends().len()
    }

    /// Number of events.
    pub(crate) fn n_events(self) -> usize {
        self.events().iter().filter(|event| **event).count()
    }

    /// When each row leaves the risk set.
    pub(crate) fn ends(self) -> &'a [f64] {
        match self {
            Self::RightCensored(data) => data.times(),
            Self::Counting(data) => data.stops(),
        }
    }

    /// After which time each row is at risk, if not from the beginning.
    pub(crate) fn starts(self) -> Option<&'a [f64]> {
        match self {
            Self::RightCensored(_) => None,
            Self::Counting(data) => Some(data.starts()),
        }
    }

    /// Whether each row ends with the event.
    pub(crate) fn events(self) -> &'a [bool] {
        match self {
            Self::RightCensored(data) => data.events(),
            Self::Counting(data) => data.events(),
        }
    }

    /// The subject of each row, where rows are not subjects themselves.
    pub(crate) fn subjects(self) -> Option<&'a [usize]> {
        match self {
            Self::RightCensored(_) => None,
            Self::Counting(data) => Some(data.subjects()),
        }
    }

    /// Positions by ascending end.
    pub(crate) fn order(self) -> &'a [usize] {
        match self {
            Self::RightCensored(data) => data.order(),
            Self::Counting(data) => data.order(),
        }
    }

    /// Positions by ascending end within each stratum, strata by ascending
    /// code; one stratum of all if there are no codes.
    pub(crate) fn order_by_stratum(self, strata: Option<&Groups>) -> Vec<Cow<'a, [usize]>> {
        by_stratum(self.order(), strata)
    }

    /// Splits positions in ascending order of end into the runs of one end.
    pub(crate) fn tied_runs(self, order: &[usize]) -> impl DoubleEndedIterator<Item = &[usize]> {
        let ends = self.ends();
        order.chunk_by(move |a, b| ends[*a] == ends[*b])
    }
}
