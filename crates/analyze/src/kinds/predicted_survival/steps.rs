//! The steps of a predicted curve, with the patients of its stratum behind it.

use stats::cox::PredictedCurve;
use study::{CurveRow, GroupCurve};

use super::profile::Profile;
use crate::model::Fitted;

/// Days and event of each patient of the profile's stratum, by days.
fn members(fitted: &Fitted, profile: &Profile) -> Vec<(f64, bool)> {
    let (data, strata) = (fitted.data(), fitted.strata());
    let is_member =
        |row: &&usize| strata.is_none_or(|strata| profile.stratum == Some(strata.codes()[**row]));
    // In the order of time, ties together, as rows of a curve need them.
    let members = data.order().iter().filter(is_member);
    members.map(|row| (data.times()[*row], data.events()[*row])).collect()
}

/// The last day to which anybody of the stratum was followed.
pub(super) fn last_time(fitted: &Fitted, profile: &Profile) -> f64 {
    members(fitted, profile).last().map_or(0.0, |(days, _)| *days)
}

/// The curve with a row at each time of the stratum; survival stays the same
/// where nobody had the event.
pub(super) fn group(fitted: &Fitted, profile: &Profile, curve: &PredictedCurve) -> GroupCurve {
    let members = members(fitted, profile);
    let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
    let mut at_risk = members.len();
    let mut rows = Vec::new();
    for tied in members.chunk_by(|a, b| a.0 == b.0) {
        let time_days = tied[0].0;
        let events = tied.iter().filter(|(_, event)| *event).count();
        let predicted = curve.at(time_days);
        rows.push(CurveRow {
            time_days,
            at_risk: count(at_risk),
            events: count(events),
            censored: count(tied.len() - events),
            // Before the first event of the model survival is one.
            survival: predicted.map_or(1.0, |row| row.survival),
            lower: predicted.map_or(Some(1.0), |row| row.lower),
            upper: predicted.map_or(Some(1.0), |row| row.upper),
        });
        at_risk -= tied.len();
    }
    GroupCurve {
        level: profile.name.clone(),
        label: profile.name.clone(),
        n: count(members.len()),
        rows,
    }
}
