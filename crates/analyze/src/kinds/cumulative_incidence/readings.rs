//! What is read off curves of cumulative incidence: counts, incidence at
//! chosen times, time lost, and the steps themselves.

use engine::Call;
use stats::competing_risks::{CompetingData, CumulativeIncidence as Curve, IncidenceRow};
use stats::special::normal_quantile;
use study::{Finding, Quantity, Table};

use super::{CumulativeIncidence, about};
use crate::arms::Arm;
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

/// Patients of a group by time and cause.
struct Ends<'a> {
    /// Time and cause, 0 for censoring.
    ends: Vec<(f64, usize)>,
    arm: &'a Arm,
}

impl Ends<'_> {
    fn until(&self, days: f64, code: usize) -> usize {
        self.ends.iter().filter(|(time, own)| *time <= days && *own == code).count()
    }

    fn at_risk(&self, days: f64) -> usize {
        self.ends.iter().filter(|(time, _)| *time >= days).count()
    }

    fn of_cause(&self, code: usize) -> usize {
        self.ends.iter().filter(|(_, own)| *own == code).count()
    }
}

impl CumulativeIncidence {
    /// Writes down the findings of one group, or of all.
    #[expect(
        clippy::too_many_arguments,
        reason = "what the group is, and what was estimated in it"
    )]
    pub(super) fn record(
        &self,
        book: &mut Book,
        call: &Call<'_>,
        causes: &Causes,
        data: &CompetingData,
        members: &[usize],
        arm: &Arm,
        curves: &[Curve],
    ) -> Result<(), stats::Error> {
        let (times, codes) = (data.any_cause().times(), data.causes());
        let ends = members.iter().map(|place| (times[*place], codes[*place])).collect();
        let ends = Ends { ends, arm };
        self.record_counts(book, causes, &ends);
        for horizon in horizons(call.study, &self.at_months, &self.at) {
            self.record_at(book, causes, &ends, curves, &horizon);
        }
        for horizon in horizons(call.study, &self.time_lost_months, &self.time_lost) {
            for (place, curve) in curves.iter().enumerate() {
                let finding = self.time_lost(book, &causes.causes[place].value, curve, &horizon)?;
                let finding = about(finding, causes, place).in_group(&arm.level);
                book.push(finding.from(arm.basis(Some(ends.of_cause(place + 1)))));
            }
        }
        Ok(())
    }

    fn record_counts(&self, book: &mut Book, causes: &Causes, ends: &Ends<'_>) {
        let arm = ends.arm;
        let tell = |finding: Finding, events: Option<usize>| {
            finding.in_group(&arm.level).from(arm.basis(events)).by_method("count")
        };
        let censored = ends.of_cause(0);
        let any = Some(arm.n - censored);
        for (name, count) in [("n", arm.n), ("missing", arm.missing), ("censored", censored)] {
            book.push(tell(book.count(&[name], name, count), any));
        }
        for (place, cause) in causes.causes.iter().enumerate() {
            let events = ends.of_cause(place + 1);
            let finding = book.count(&["events", &cause.value], "events", events);
            book.push(tell(about(finding, causes, place), Some(events)));
        }
    }

    fn record_at(
        &self,
        book: &mut Book,
        causes: &Causes,
        ends: &Ends<'_>,
        curves: &[Curve],
        horizon: &Horizon,
    ) {
        let arm = ends.arm;
        let (days, time) = (horizon.days, horizon.id.as_str());
        let tell = |finding: Finding, events: Option<usize>, method: &str| {
            let finding = finding.in_group(&arm.level).at_days(days);
            finding.from(arm.basis(events)).by_method(method)
        };
        for (place, curve) in curves.iter().enumerate() {
            let cause = causes.causes[place].value.as_str();
            let events = Some(ends.of_cause(place + 1));
            let finding = about(self.incidence(book, cause, curve, horizon), causes, place);
            book.push(tell(finding, events, &self.method(book.level)));
            let until = ends.until(days, place + 1);
            let name = "cumulative_events";
            let finding = about(book.count(&[name, cause, time], name, until), causes, place);
            book.push(tell(finding, events, "count"));
        }
        let any = Some(arm.n - ends.of_cause(0));
        let counts =
            [("n_at_risk", ends.at_risk(days)), ("cumulative_censored", ends.until(days, 0))];
        for (name, count) in counts {
            book.push(tell(book.count(&[name, time], name, count), any, "count"));
        }
    }

    /// The incidence at one time.
    fn incidence(&self, book: &Book, cause: &str, curve: &Curve, horizon: &Horizon) -> Finding {
        let draft = |value| {
            let parts = ["incidence", cause, &horizon.id];
            book.draft(&parts, "cumulative_incidence", Quantity::Proportion, value)
        };
        let is_before = curve.rows.first().is_some_and(|row| horizon.days < row.time);
        match curve.at(horizon.days) {
            Some(row) => draft(row.incidence)
                .limits(row.lower, row.upper, book.level)
                .with_error(Some(row.standard_error)),
            None if is_before => draft(0.0).with_error(Some(0.0)),
            None => draft(f64::NAN).warn("nobody was followed to this time"),
        }
    }

    fn time_lost(
        &self,
        book: &Book,
        cause: &str,
        curve: &Curve,
        horizon: &Horizon,
    ) -> Result<Finding, stats::Error> {
        let found = curve.time_lost(horizon.days)?;
        let reach = normal_quantile(0.5 + book.level / 2.0) * found.standard_error;
        let (lower, upper) = (found.estimate - reach, found.estimate + reach);
        let finding = book
            .draft(&["time_lost", cause, &horizon.id], "time_lost", Quantity::Days, found.estimate)
            .limits(Some(lower), Some(upper), book.level)
            .with_error(Some(found.standard_error))
            .at_days(horizon.days)
            .by_method(format!(
                "area under the Aalen-Johansen curve, {} variance",
                self.variance.words()
            ));
        Ok(match found.is_extended {
            true => finding
                .warn("the last follow-up is before this time: the last incidence was carried on"),
            false => finding,
        })
    }
}

/// The steps of every group and cause, in order.
pub(super) fn with_causes<'a>(
    drawn: &[(&'a Arm, &'a [Curve])],
    causes: &'a Causes,
) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for (arm, curves) in drawn {
        for (curve, cause) in curves.iter().zip(&causes.causes) {
            let step = |row| Step { group: &arm.level, cause: &cause.value, row };
            steps.extend(curve.rows.iter().map(step));
        }
    }
    steps
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
