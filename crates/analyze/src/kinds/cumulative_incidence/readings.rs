//! What is read off curves of cumulative incidence: counts, incidence at
//! chosen times, time lost, and the steps themselves.

use stats::competing_risks::{CompetingData, CumulativeIncidence as Curve, IncidenceRow, TimeLost};
use stats::inference::Interval;
use study::{
    Finding, IncidenceGroup, IncidenceStep, Method, Part, Procedure, Quantity, StudySettings,
    Table, Warning,
};

use super::{CumulativeIncidence, about};
use crate::arms::{Arm, OfArm};
use crate::book::{Book, Told};
use crate::causes::Causes;
use crate::columns::{Cells, table_of};
use crate::horizon::{Horizon, horizons};

/// The curve of a cause in a group.
pub(super) struct Step<'a> {
    group: &'a str,
    cause: &'a str,
    row: &'a IncidenceRow,
}

/// The patients of a group by time and cause, and its curves by cause; in a
/// rehearsal there are none of both.
pub(super) struct Member<'a> {
    arm: &'a Arm,
    /// Time and cause, 0 for censoring.
    ends: Vec<(f64, usize)>,
    curves: &'a [Curve],
}

impl<'a> Member<'a> {
    pub(super) fn new(
        arm: &'a Arm,
        data: Option<&CompetingData>,
        places: &[usize],
        curves: &'a [Curve],
    ) -> Self {
        let end = |data: &CompetingData, place: &usize| {
            (data.any_cause().times()[*place], data.causes()[*place])
        };
        let ends = data.into_iter().flat_map(|data| places.iter().map(|place| end(data, place)));
        Self { arm, ends: ends.collect(), curves }
    }

    fn until(&self, days: f64, code: usize) -> usize {
        // Events and censorings at the time have happened by then (<=).
        self.ends.iter().filter(|(time, own)| *time <= days && *own == code).count()
    }

    fn at_risk(&self, days: f64) -> usize {
        // Whoever leaves at the time is still at risk (>=); a study
        // that counts those beyond hands over a time a little later.
        self.ends.iter().filter(|(time, _)| *time >= days).count()
    }

    fn of_cause(&self, code: usize) -> usize {
        self.ends.iter().filter(|(_, own)| *own == code).count()
    }

    /// About the group, computed from its patients with so many events.
    fn tell(&self, finding: Finding, events: usize, method: impl Into<Method>) -> Finding {
        finding.in_arm(self.arm).from(self.arm.basis(Some(events))).by_method(method)
    }
}

impl CumulativeIncidence {
    /// Writes down the findings of one group, or of all.
    pub(super) fn record(
        &self,
        book: &mut Book,
        study: &StudySettings,
        causes: &Causes,
        member: &Member<'_>,
    ) -> Result<(), stats::Error> {
        self.record_counts(book, causes, member);
        for horizon in horizons(study, &self.at) {
            self.record_at(book, causes, member, &horizon);
        }
        let area = Procedure::AalenJohansen.area().with(self.variance.detail());
        for horizon in horizons(study, &self.time_lost) {
            for place in 0..causes.causes.len() {
                // No curves in a rehearsal.
                let found = member.curves.get(place).map(|curve| curve.time_lost(horizon.days));
                let found = found.transpose()?;
                let finding = about(time_lost(book, found.as_ref()), causes, place);
                let finding = finding.part(horizon.part()).at_days(horizon.days);
                book.push(member.tell(finding, member.of_cause(place + 1), area.clone()));
            }
        }
        Ok(())
    }

    fn record_counts(&self, book: &mut Book, causes: &Causes, member: &Member<'_>) {
        let (arm, censored) = (member.arm, member.of_cause(0));
        for (name, count) in [("n", arm.n), ("missing", arm.missing), ("censored", censored)] {
            let finding = book.count(&[Part::statistic(name)], name, count);
            book.push(member.tell(finding, arm.n - censored, Procedure::Count));
        }
        for place in 0..causes.causes.len() {
            let events = member.of_cause(place + 1);
            let finding = book.count(&[Part::statistic("events")], "events", events);
            let finding = about(finding, causes, place);
            book.push(member.tell(finding, events, Procedure::Count));
        }
    }

    fn record_at(&self, book: &mut Book, causes: &Causes, member: &Member<'_>, horizon: &Horizon) {
        let days = horizon.days;
        for place in 0..causes.causes.len() {
            let events = member.of_cause(place + 1);
            let at_time =
                |finding| about(finding, causes, place).part(horizon.part()).at_days(days);
            let finding = at_time(incidence(book, member.curves.get(place), days));
            book.push(member.tell(finding, events, self.method(book.level)));
            let name = "cumulative_events";
            let until = member.until(days, place + 1);
            let finding = at_time(book.count(&[Part::statistic(name)], name, until));
            book.push(member.tell(finding, events, Procedure::Count));
        }
        // Numbers at risk are of all causes, and so are the events that they are told with.
        let any = member.arm.n - member.of_cause(0);
        let counts = [
            ("n_at_risk", member.at_risk(horizon.at_risk_days)),
            ("cumulative_censored", member.until(days, 0)),
        ];
        for (name, count) in counts {
            let finding = book.count(&horizon.parts(name), name, count).at_days(days);
            book.push(member.tell(finding, any, Procedure::Count));
        }
    }
}

/// The incidence at one time.
fn incidence(book: &Book, curve: Option<&Curve>, days: f64) -> Finding {
    let draft = |value| {
        let (parts, name) = ([Part::statistic("incidence")], "cumulative_incidence");
        book.draft(&parts, name, Quantity::Proportion, value)
    };
    // Before the first end of follow-up the incidence is
    // known to be zero; after the last it is not known.
    let is_before = |curve: &Curve| curve.rows.first().is_some_and(|row| days < row.time);
    match curve.and_then(|curve| curve.at(days)) {
        Some(row) => draft(row.incidence)
            .limits(row.lower, row.upper, book.level)
            .with_error(Some(row.standard_error)),
        None if curve.is_some_and(is_before) => draft(0.0).with_error(Some(0.0)),
        None => draft(f64::NAN).warn(Warning::NobodyFollowed),
    }
}

/// The time lost with its normal limits.
fn time_lost(book: &Book, found: Option<&TimeLost>) -> Finding {
    let (parts, name) = ([Part::statistic("time_lost")], "time_lost");
    let draft = |value| book.draft(&parts, name, Quantity::Days, value);
    let Some(found) = found else { return draft(f64::NAN) };
    let limits = Interval::normal(found.estimate, found.standard_error, book.level)
        .expect("invariant: the settings bound the level");
    let finding = draft(found.estimate)
        .limits(Some(limits.lower), Some(limits.upper), book.level)
        .with_error(Some(found.standard_error));
    if found.is_extended { finding.warn(Warning::IncidenceCarriedOn) } else { finding }
}

/// The steps of every group and cause, in order.
pub(super) fn with_causes<'a>(members: &'a [Member<'a>], causes: &'a Causes) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for member in members {
        for (curve, cause) in member.curves.iter().zip(&causes.causes) {
            let step = |row| Step { group: member.arm.value(), cause: &cause.value, row };
            steps.extend(curve.rows.iter().map(step));
        }
    }
    steps
}

/// The curves as figures draw them: those of the groups, or of all where there
/// are none.
pub(super) fn drawn(members: &[Member<'_>]) -> Vec<IncidenceGroup> {
    // The groups stand first and all patients last. With groups all of them are not drawn.
    let n_drawn = (members.len() - 1).max(1);
    let step = |row: &IncidenceRow| IncidenceStep {
        time_days: row.time,
        at_risk: row.n_at_risk as u64,
        events: row.n_events as u64,
        competing: row.n_competing as u64,
        incidence: row.incidence,
        lower: row.lower,
        upper: row.upper,
    };
    let group = |member: &Member<'_>| IncidenceGroup {
        level: member.arm.value().to_owned(),
        label: member.arm.label().to_owned(),
        n: member.ends.len() as u64,
        curves: member.curves.iter().map(|curve| curve.rows.iter().map(step).collect()).collect(),
    };
    members.iter().take(n_drawn).map(group).collect()
}

/// The steps as a table.
pub(super) fn steps(steps: &[Step<'_>]) -> Table {
    let text = |value: fn(&Step<'_>) -> String| {
        Cells::Text(steps.iter().map(|step| Some(value(step))).collect())
    };
    let whole = |value: fn(&IncidenceRow) -> usize| {
        Cells::Whole(steps.iter().map(|step| Some(value(step.row) as i64)).collect())
    };
    let real = |value: fn(&IncidenceRow) -> Option<f64>| {
        Cells::Real(steps.iter().map(|step| value(step.row)).collect())
    };
    let columns = vec![
        ("group", text(|step| step.group.to_owned())),
        ("cause", text(|step| step.cause.to_owned())),
        ("time_days", real(|row| Some(row.time))),
        ("n_at_risk", whole(|row| row.n_at_risk)),
        ("n_events", whole(|row| row.n_events)),
        ("n_competing", whole(|row| row.n_competing)),
        ("incidence", real(|row| Some(row.incidence))),
        ("standard_error", real(|row| Some(row.standard_error))),
        ("lower", real(|row| row.lower)),
        ("upper", real(|row| row.upper)),
    ];
    table_of(steps.len(), columns)
}
