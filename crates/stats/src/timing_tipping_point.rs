//! How an effect depends on an assumed start of exposure, where the true one
//! is unknown, and from which start on nothing is left of it.

use crate::Error;
use crate::checks::check_length;
use crate::covariates::Covariates;
use crate::cox::{CoxModel, Ties};
use crate::inference::{Coefficient, normal_critical_value};
use crate::quantile::quantiles;
use crate::survival_data::SurvivalData;
use crate::switching::{GroupShare, SwitchingData};

/// When all exposed subjects are assumed to start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AssumedStart {
    /// All at this time >= 0. A subject whose follow-up ends by then is never
    /// exposed under this assumption, though it is known to have been:
    /// [`AssumedTiming::n_contradicted`] counts them.
    SameTime(f64),
    /// Each after this share, in [0, 1), of its own follow-up: no subject's
    /// record contradicts it, but those who are followed longer start later.
    ShareOfFollowUp(f64),
}

/// One of the two shapes of an assumption, for a search over all of its
/// values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimingShape {
    /// [`AssumedStart::SameTime`].
    SameTime,
    /// [`AssumedStart::ShareOfFollowUp`].
    ShareOfFollowUp,
}

/// What must vanish at a tipping point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tipping {
    /// The estimate is on the other side of no effect, or there.
    Estimate,
    /// The Wald limits of this coverage, in (0, 1), include no effect.
    Limits(f64),
}

/// An effect of exposure as a function of when it began.
///
/// # Formula
/// The time of exposed subjects before their assumed start s is counted as
/// unexposed, and the coefficient of exposure comes from Cox's regression on
/// a covariate that turns from 0 to 1 at s: beta(s). s = 0 is the comparison
/// that takes exposure as known from time zero. As a sensitivity analysis of
/// immortal time (Suissa, Am J Epidemiol 2008; 167: 492-499) it asks how late
/// exposure must have begun for immortal time alone to explain the effect.
///
/// beta(s) only changes where s passes an event time (or where the start of a
/// subject does), so the tipping point is one of those: the first value at
/// which the effect has vanished, looked for on a grid of at most 256 values
/// and then by bisection between the first that tips and the one before.
/// Between two values of the grid a brief vanishing may be passed over.
///
/// # Ties and missing values
/// Those of [`CoxModel`]; an event at the start itself is unexposed.
///
/// ```
/// use restudy_stats::survival_data::SurvivalData;
/// use restudy_stats::timing_tipping_point::{AssumedStart, TimingTippingPoint};
///
/// let data = SurvivalData::new(&[2.0, 4.0, 6.0, 8.0, 5.0, 9.0], &[true; 6])?;
/// let exposed = [false, false, true, true, false, true];
/// let analysis = TimingTippingPoint::new(&data, &exposed)?;
/// let at = |start| analysis.at(AssumedStart::SameTime(start));
/// assert!(at(0.0)?.coefficient.estimate < at(4.5)?.coefficient.estimate);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TimingTippingPoint<'a> {
    data: &'a SurvivalData,
    exposed: &'a [bool],
    covariates: Covariates<'a>,
    ties: Ties,
}

/// The effect under one assumption.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssumedTiming {
    /// Exposed subjects who have exposed time under it.
    pub n_exposed: usize,
    /// Exposed subjects whose follow-up ends by the assumed start.
    pub n_contradicted: usize,
    /// Median of the starts of those with exposed time.
    pub median_start: f64,
    /// Events in exposed time.
    pub n_exposed_events: usize,
    /// Of exposure.
    pub coefficient: Coefficient,
}

/// Most values of a grid that are tried before bisection: the estimate need not
/// fall steadily with the share, and bisection alone could step over the first
/// share that tips.
const GRID: usize = 256;

impl<'a> TimingTippingPoint<'a> {
    /// `exposed` tells, for each subject, whether it was ever exposed.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::OneGroup`] unless some but not all were
    /// exposed.
    pub fn new(data: &'a SurvivalData, exposed: &'a [bool]) -> Result<Self, Error> {
        check_length("exposed", exposed.len(), data.n())?;
        if exposed.iter().all(|one| *one == exposed[0]) {
            return Err(Error::OneGroup { found: 1 });
        }
        Ok(Self { data, exposed, covariates: Covariates::default(), ties: Ties::default() })
    }

    /// Adjusts for covariates.
    ///
    /// # Errors
    /// [`Error::Length`] for those of others.
    pub fn covariates(mut self, covariates: Covariates<'a>) -> Result<Self, Error> {
        self.covariates = covariates.of(self.data.n())?;
        Ok(self)
    }

    /// Chooses the approximation for ties; Efron's unless called.
    pub fn ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// The effect under an assumption.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a start that is no time or no share;
    /// [`Error::OneGroup`] if nobody has exposed time under it; those of
    /// [`CoxModel::fit`].
    pub fn at(&self, start: AssumedStart) -> Result<AssumedTiming, Error> {
        let starts = self.starts(start)?;
        self.fit(&starts)
    }

    /// The subjects with exposed time under an assumption, and their events
    /// and time in it; it needs no fit.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a start that is no time or no share.
    pub fn share(&self, start: AssumedStart) -> Result<GroupShare, Error> {
        let [_, exposed] = SwitchingData::new(self.data, &self.starts(start)?)?.shares();
        Ok(exposed)
    }

    /// The effect for known starts, one for each subject; `None` for those
    /// never exposed.
    ///
    /// # Errors
    /// As [`at`](Self::at), and those of [`SwitchingData::new`].
    pub fn recorded(&self, starts: &[Option<f64>]) -> Result<AssumedTiming, Error> {
        self.fit(starts)
    }

    /// The smallest start at which the effect has vanished; `None` if there
    /// is none while somebody has exposed time.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a coverage outside (0, 1); those of
    /// [`CoxModel::fit`] at a start of zero.
    pub fn tipping_point(
        &self,
        shape: TimingShape,
        tipping: Tipping,
    ) -> Result<Option<f64>, Error> {
        let z = match tipping {
            Tipping::Estimate => 0.0,
            Tipping::Limits(level) => normal_critical_value(level)?,
        };
        // The side of no effect at a start of zero; what tips is a z on the other
        // side, or within the limits.
        let side = self.at(shape.start(0.0))?.coefficient.estimate.signum();
        let has_tipped = |value: f64| {
            let known = |found: AssumedTiming| {
                // Where the coefficient runs away there is no effect to speak of,
                // on either side.
                !found.coefficient.may_be_infinite && side * found.coefficient.z <= z
            };
            self.at(shape.start(value)).is_ok_and(known)
        };
        Ok(match shape {
            TimingShape::SameTime => first_of(&self.steps(), has_tipped),
            TimingShape::ShareOfFollowUp => first_share(has_tipped),
        })
    }

    /// Zero and the event times at which somebody may still be unexposed.
    fn steps(&self) -> Vec<f64> {
        let exposed = self.data.times().iter().zip(self.exposed).filter(|(_, exposed)| **exposed);
        let last = exposed.fold(0.0_f64, |last, (time, _)| last.max(*time));
        let events = self.data.order().iter().filter(|subject| self.data.events()[**subject]);
        let times = events.map(|subject| self.data.times()[*subject]);
        // Beyond the last exposed follow-up nobody is exposed: no start there can
        // be fitted.
        let mut steps: Vec<f64> =
            std::iter::once(0.0).chain(times.filter(|time| *time < last)).collect();
        // Ascending, so that equal times are neighbours.
        steps.dedup();
        steps
    }

    fn starts(&self, start: AssumedStart) -> Result<Vec<Option<f64>>, Error> {
        let of = |time: f64| match start {
            AssumedStart::SameTime(start) => start,
            AssumedStart::ShareOfFollowUp(share) => share * time,
        };
        let (value, range, is_right) = match start {
            AssumedStart::SameTime(start) => {
                (start, "[0, infinity)", start.is_finite() && start >= 0.0)
            }
            AssumedStart::ShareOfFollowUp(share) => (share, "[0, 1)", (0.0..1.0).contains(&share)),
        };
        // Turned into one check for both shapes; what is not a number is in neither
        // range.
        if !is_right {
            return Err(Error::Parameter { what: "start", value, range });
        }
        let subjects = self.data.times().iter().zip(self.exposed);
        Ok(subjects.map(|(time, exposed)| exposed.then(|| of(*time))).collect())
    }

    fn fit(&self, starts: &[Option<f64>]) -> Result<AssumedTiming, Error> {
        let split = SwitchingData::new(self.data, starts)?;
        let exposure: Vec<f64> = split.groups().codes().iter().map(|group| *group as f64).collect();
        let [unexposed, exposed] = split.shares();
        // At a late start everybody may be unexposed: there is no comparison.
        if unexposed.n_subjects == 0 || exposed.n_subjects == 0 {
            return Err(Error::OneGroup { found: 1 });
        }
        let mut columns = exposure;
        for column in self.covariates.columns() {
            // Covariates of the subject in each of its intervals.
            columns.extend(split.intervals().subjects().iter().map(|subject| column[*subject]));
        }
        let columns = Covariates::new(&columns, 1 + self.covariates.n_columns())?;
        let model = CoxModel::counting(split.intervals(), columns)?;
        let fit = model.ties(self.ties).fit()?;
        let coefficient = fit.coefficients[0].ok_or(Error::Collinear { column: 0 })?;
        let ends = starts.iter().zip(self.data.times());
        let begun: Vec<f64> =
            ends.filter_map(|(start, end)| start.filter(|start| start < end)).collect();
        Ok(AssumedTiming {
            n_exposed: exposed.n_subjects,
            // Exposed by the record, but not by then.
            n_contradicted: starts.iter().flatten().count() - exposed.n_subjects,
            median_start: quantiles(&begun, &[0.5])?[0],
            n_exposed_events: exposed.n_events,
            coefficient,
        })
    }
}

impl TimingShape {
    /// The assumption of this shape with a value.
    pub fn start(self, value: f64) -> AssumedStart {
        match self {
            Self::SameTime => AssumedStart::SameTime(value),
            Self::ShareOfFollowUp => AssumedStart::ShareOfFollowUp(value),
        }
    }
}

/// The first of ascending values that tips.
fn first_of(values: &[f64], has_tipped: impl Fn(f64) -> bool) -> Option<f64> {
    let last = values.len() - 1;
    let cells = last.clamp(1, GRID);
    // Cells of equal width in the list of values; at least one, so that a single
    // value is tried.
    let place = |cell: usize| cell * last / cells;
    let cell = (0..=cells).find(|cell| has_tipped(values[place(*cell)]))?;
    let (mut below, mut above) = match cell {
        // The first value tips already: there is none before it to search from.
        0 => return Some(values[0]),
        _ => (place(cell - 1), place(cell)),
    };
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        *(if has_tipped(values[middle]) { &mut above } else { &mut below }) = middle;
    }
    Some(values[above])
}

/// The first share in [0, 1) that tips, to 1e-12.
fn first_share(has_tipped: impl Fn(f64) -> bool) -> Option<f64> {
    let share = |cell: usize| cell as f64 / GRID as f64;
    let cell = (0..GRID).find(|cell| has_tipped(share(*cell)))?;
    let (mut below, mut above) = match cell {
        0 => return Some(0.0),
        _ => (share(cell - 1), share(cell)),
    };
    // Each halving is a fit; from a cell of the grid it takes 32 of them.
    while above - below > 1e-12 {
        let middle = 0.5 * (below + above);
        *(if has_tipped(middle) { &mut above } else { &mut below }) = middle;
    }
    Some(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_is_found_behind_a_coarse_grid() {
        let values: Vec<f64> = (0..5000).map(f64::from).collect();
        assert_eq!(first_of(&values, |value| value >= 3211.0), Some(3211.0));
        assert_eq!(first_of(&values, |_| true), Some(0.0));
        assert_eq!(first_of(&values, |_| false), None);
        assert_eq!(first_of(&[0.0], |value| value == 0.0), Some(0.0));
        let share = first_share(|share| share >= 0.123_456_789).unwrap();
        assert!((share - 0.123_456_789).abs() < 1e-11);
    }

    #[test]
    fn mistakes_are_named() {
        let data = SurvivalData::new(&[1.0, 2.0, 3.0], &[true; 3]).unwrap();
        let none = TimingTippingPoint::new(&data, &[false; 3]).unwrap_err();
        assert_eq!(none, Error::OneGroup { found: 1 });
        let analysis = TimingTippingPoint::new(&data, &[true, false, false]).unwrap();
        let wrong = |start| analysis.at(start).unwrap_err().to_string();
        assert_eq!(wrong(AssumedStart::SameTime(-1.0)), "`start` is -1, outside [0, infinity)");
        assert_eq!(wrong(AssumedStart::ShareOfFollowUp(1.0)), "`start` is 1, outside [0, 1)");
        assert_eq!(
            wrong(AssumedStart::SameTime(1.0)),
            "a comparison needs at least two groups with observations, found 1"
        );
        assert!(analysis.clone().covariates(Covariates::new(&[1.0], 1).unwrap()).is_err());
        assert!(analysis.tipping_point(TimingShape::SameTime, Tipping::Limits(1.0)).is_err());
    }
}
