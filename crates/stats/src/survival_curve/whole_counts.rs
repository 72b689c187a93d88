//! The Kaplan-Meier curve of subjects who all count once and are there from
//! the beginning: one pass over whole numbers, for many subjects.

use rayon::prelude::*;

use super::{CurveEstimator, SurvivalCurve, SurvivalCurveModel, SurvivalCurveRow};
use crate::groups::Groups;
use crate::survival_data::SurvivalData;

/// Subjects fetched at a time. The order of time visits the columns at
/// random: fetching alone, in a short loop without branches, lets the
/// processor wait for many of them at once, and this many (16 KB of codes and
/// ends) stay in the first cache until they are sorted out.
const FETCHED: usize = 1024;

/// The curve of all subjects.
pub(super) fn curve(model: &SurvivalCurveModel<'_>, data: &SurvivalData) -> SurvivalCurve {
    let ends = data.order().iter().map(|subject| End::of(data, *subject, model.reverse));
    curve_of(&ends.collect::<Vec<End>>(), model)
}

/// The curve of each group.
pub(super) fn curves(
    model: &SurvivalCurveModel<'_>,
    data: &SurvivalData,
    groups: &Groups,
) -> Vec<SurvivalCurve> {
    let sizes = groups.sizes().iter().copied();
    let mut members: Vec<Vec<End>> = sizes.map(Vec::with_capacity).collect();
    let groups = groups.codes();
    let mut fetched = Vec::with_capacity(FETCHED);
    for subjects in data.order().chunks(FETCHED) {
        fetched.clear();
        let end = |subject: &usize| (groups[*subject], End::of(data, *subject, model.reverse));
        fetched.extend(subjects.iter().map(end));
        fetched.iter().for_each(|(group, end)| members[*group].push(*end));
    }
    members.into_par_iter().map(|ends| curve_of(&ends, model)).collect()
}

/// A time, shifted by the sign bit that it does not need, and whether it is an
/// event: eight bytes to be read in the order of time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct End(u64);

impl End {
    fn of(data: &SurvivalData, subject: usize, reverse: bool) -> Self {
        let is_event = data.events()[subject] != reverse;
        // Times are numbers >= 0, so that the sign bit is free and order is kept.
        Self(data.times()[subject].to_bits() << 1 | u64::from(is_event))
    }

    fn time(self) -> f64 {
        f64::from_bits(self.0 >> 1)
    }

    fn is_event(self) -> bool {
        self.0 & 1 == 1
    }
}

/// The curve of the subjects whose follow-up ends so, in ascending time.
fn curve_of(ends: &[End], model: &SurvivalCurveModel<'_>) -> SurvivalCurve {
    let mut log_variance = 0.0;
    let mut n_events = 0;
    // Compared without the event bit: ties are of time alone.
    let runs = ends.chunk_by(|a, b| a.0 >> 1 == b.0 >> 1);
    let mut rows = Vec::with_capacity(runs.clone().count());
    let mut row = SurvivalCurveRow {
        time: 0.0,
        n_at_risk: ends.len(),
        n_events: 0,
        n_censored: 0,
        survival: 1.0,
        log_error: 0.0,
        lower: None,
        upper: None,
    };
    row.add_precision(0.0, model);
    for tied in runs {
        row.time = tied[0].time();
        row.n_events = tied.iter().filter(|end| end.is_event()).count();
        row.n_censored = tied.len() - row.n_events;
        // Without events the rest stays as it was.
        if row.n_events > 0 {
            // The quotient of whole numbers, as in the sweep: the same last bit.
            row.survival *= (row.n_at_risk - row.n_events) as f64 / row.n_at_risk as f64;
            log_variance += row.greenwood_term();
            row.add_precision(log_variance.sqrt(), model);
        }
        // The row as it stands goes on to the next time but for its counts.
        rows.push(row);
        n_events += row.n_events;
        row.n_at_risk -= tied.len();
    }
    SurvivalCurve {
        n: ends.len(),
        n_events,
        rows,
        estimator: CurveEstimator::KaplanMeier,
        is_robust: false,
        origin: None,
    }
}

impl SurvivalCurveRow {
    /// d / (n (n - d)); infinite where all at risk have the event.
    pub(super) fn greenwood_term(&self) -> f64 {
        let (at_risk, events) = (self.n_at_risk as f64, self.n_events as f64);
        events / (at_risk * (at_risk - events))
    }

    /// Fills in the standard error of log S and the limits, of which there
    /// are none where S is 0.
    pub(super) fn add_precision(&mut self, log_error: f64, model: &SurvivalCurveModel<'_>) {
        let limits = model.confidence_type.limits(self.survival, log_error, model.z);
        self.log_error = log_error;
        self.lower = limits.map(|(lower, _)| lower);
        self.upper = limits.map(|(_, upper)| upper);
    }
}
