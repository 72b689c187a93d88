//! The times of one endpoint, row by row, with everything that cannot be right.

use std::collections::BTreeSet;

use engine::Mistake;
use study::{Action, StudySettings};

use crate::cells::{Edit, Revision, days, numbers};
use crate::coded::texts;
use crate::kinds::endpoints::{
    Endpoint, EventAfterCensor, WhenMissing, censored_values, event_values,
};
use crate::rows::listed;

/// Time and status of every row; a row without them has its mistake or its query noted.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) days: Vec<Option<f64>>,
    pub(crate) events: Vec<Option<bool>>,
}

impl Times {
    fn push(&mut self, time: Option<(f64, bool)>) {
        self.days.push(time.map(|(days, _)| days));
        self.events.push(time.map(|(_, event)| event));
    }
}

impl Endpoint {
    /// The times of every row of a table.
    pub(crate) fn times(
        &self,
        revision: &mut Revision<'_>,
        name: &str,
        index: Option<&str>,
        study: &StudySettings,
    ) -> Times {
        match (&self.time, &self.status) {
            (Some(time), Some(status)) => {
                self.times_of_columns(revision, name, time, status, study)
            }
            _ => self.times_of_dates(revision, name, index.expect("invariant: checked")),
        }
    }

    fn times_of_dates(&self, revision: &mut Revision<'_>, name: &str, index: &str) -> Times {
        let table = &revision.table;
        let indices = days(table, index);
        let events: Vec<Vec<Option<i32>>> =
            self.event.iter().map(|column| days(table, column)).collect();
        let censor = self.censor.as_deref().expect("invariant: checked");
        let censored = days(table, censor);
        let mut wrong = Wrong::default();
        let mut times = Times::default();
        for row in 0..revision.height() {
            let place = || revision.place(row);
            // The earliest of several events ends the time.
            let event = events.iter().filter_map(|column| column[row]).min();
            let time = match (indices[row], event, censored[row]) {
                (None, _, _) => wrong.lacks(row, format!("`{index}` is missing")),
                (_, None, None) => {
                    let dates = format!("`{}` and `{censor}`", self.event.join("`, `"));
                    wrong.lacks(row, format!("{dates} are all missing"))
                }
                (_, Some(event), Some(censored))
                    // The patient was not followed that long: one of the two dates is wrong.
                    if event > censored && self.event_after_censor == EventAfterCensor::Mistake =>
                {
                    let later = format!("{}, {} days later", place(), event - censored);
                    wrong
                        .note(Fault::Impossible(format!("the event comes after `{censor}`")), later)
                }
                (Some(index), event, censored) => {
                    // The event's own date even where follow-up goes on.
                    let end = event.or(censored).expect("invariant: one of them is there");
                    Some((f64::from(end - index), event.is_some()))
                }
            };
            times.push(wrong.not_negative(time, &format!("`{index}`"), place));
        }
        wrong.close(revision, name, self);
        times
    }

    fn times_of_columns(
        &self,
        revision: &mut Revision<'_>,
        name: &str,
        time: &str,
        status: &str,
        study: &StudySettings,
    ) -> Times {
        // The unit of the column, which need not be that of the study.
        let unit = StudySettings { time_unit: self.time_unit, ..study.clone() };
        let lengths = numbers(&revision.table, time);
        let statuses = texts(&revision.table, status);
        let mut wrong = Wrong::default();
        let mut times = Times::default();
        for row in 0..revision.height() {
            let place = || revision.place(row);
            let known = match (statuses[row].as_ref(), lengths[row]) {
                (Some(value), Some(length)) => Some((value, length)),
                (None, Some(_)) => wrong.lacks(row, format!("`{status}` is missing")),
                (Some(_), None) => wrong.lacks(row, format!("`{time}` is missing")),
                (None, None) => wrong.lacks(row, format!("`{status}` and `{time}` are missing")),
            };
            let time = known.and_then(|(value, length)| {
                // A value in neither list is a mistake and never censored in silence: an event
                // coded `2` would vanish.
                let event = if self.event_values.contains(value) {
                    true
                } else if self.censored_values.contains(value) {
                    false
                } else {
                    let expected = [&self.event_values[..], &self.censored_values].concat();
                    let message = format!("`{status}` is none of `{}`", expected.join("`, `"));
                    wrong.statuses.insert(format!("`{value}`"));
                    let found = format!("{}, `{value}`", place());
                    return wrong.note(Fault::Status(message), found);
                };
                Some((length * unit.days_per_time_unit(), event))
            });
            times.push(wrong.not_negative(time, "the index date", place));
        }
        // Where statuses are unknown, that is the news.
        if wrong.statuses.is_empty() {
            self.tell_statuses_of_nobody(revision, name, (status, &statuses));
        }
        wrong.close(revision, name, self);
        times
    }

    /// Tells of a declared status that no row has: it may be misspelt, and its
    /// events be none.
    fn tell_statuses_of_nobody(
        &self,
        revision: &mut Revision<'_>,
        name: &str,
        (column, found): (&str, &[Option<String>]),
    ) {
        let known: BTreeSet<&String> = found.iter().flatten().collect();
        let lists = [
            ("event_values", &self.event_values, event_values()),
            ("censored_values", &self.censored_values, censored_values()),
        ];
        for (parameter, declared, default) in lists {
            let absent: Vec<String> = (declared.iter().filter(|value| !known.contains(value)))
                .map(|value| format!("`{value}`"))
                .collect();
            // of the values that nobody wrote one is enough, and nobody need be censored
            let is_default = *declared == default;
            let is_enough =
                is_default && (absent.len() < declared.len() || parameter == "censored_values");
            if known.is_empty() || absent.is_empty() || is_enough {
                continue;
            }
            let has =
                format!("no row of `{}` has {} in `{column}`", revision.name(), listed(&absent));
            revision.tell(format!("endpoint `{name}`: {has}, which `{parameter}` names"));
        }
    }
}

/// Why a row has no time, in words; each has a mend of its own.
#[derive(PartialEq, Eq)]
enum Fault {
    /// Nobody knows it.
    Missing(String),
    /// What is known cannot be right.
    Impossible(String),
    /// A status that means neither the event nor its absence.
    Status(String),
}

/// What is wrong with the rows of one endpoint: places by fault, in order.
#[derive(Default)]
struct Wrong {
    faults: Vec<(Fault, Vec<String>)>,
    /// Rows of which the endpoint is not known, and why.
    missing: Vec<(usize, String)>,
    /// Statuses that nobody declared.
    statuses: BTreeSet<String>,
}

impl Wrong {
    /// Notes a row and stands for its missing result.
    fn note<T>(&mut self, fault: Fault, place: String) -> Option<T> {
        match self.faults.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, places)) => places.push(place),
            None => self.faults.push((fault, vec![place])),
        }
        None
    }

    /// Notes a row of which the endpoint is not known.
    fn lacks<T>(&mut self, row: usize, why: String) -> Option<T> {
        self.missing.push((row, why));
        None
    }

    fn not_negative(
        &mut self,
        time: Option<(f64, bool)>,
        start: &str,
        place: impl Fn() -> String,
    ) -> Option<(f64, bool)> {
        match time {
            // Zero is kept: an event on the day itself.
            Some((days, _)) if days.is_nan() || days < 0.0 => {
                let place = format!("{}, {days} days", place());
                self.note(Fault::Impossible(format!("the time ends before {start}")), place)
            }
            time => time,
        }
    }

    fn close(mut self, revision: &mut Revision<'_>, name: &str, endpoint: &Endpoint) {
        for (row, why) in std::mem::take(&mut self.missing) {
            if endpoint.when_missing == WhenMissing::Stop {
                let place = revision.place(row);
                let _: Option<()> = self.note(Fault::Missing(why), place);
                continue;
            }
            let field = format!("{name}_days");
            let reason = format!("endpoint `{name}` is not known: {why}");
            let action = Action::Query;
            revision.note(row, Edit { field: &field, raw: None, clean: None, action, reason });
        }
        let statuses: Vec<String> = std::mem::take(&mut self.statuses).into_iter().collect();
        let what = if endpoint.time.is_some() { "times" } else { "dates" };
        for (fault, places) in self.faults {
            let (message, hint) = match fault {
                Fault::Missing(message) => (
                    message,
                    "fill them in by a rule before this one, or write `when_missing: leave_out`"
                        .to_owned(),
                ),
                Fault::Impossible(message) => (
                    message,
                    format!("mend the {what} by a rule before this one, or exclude the patients"),
                ),
                Fault::Status(message) => {
                    let them = if statuses.len() == 1 { "it" } else { "them" };
                    let listed = listed(&statuses);
                    (
                        message,
                        format!(
                            "add {listed} to `event_values` or to `censored_values`, or mend {them} by a \
                             rule before this one"
                        ),
                    )
                }
            };
            let message = format!("endpoint `{name}`: {message}: {}", listed(&places));
            revision.mistakes.push(Mistake::at(&["define", name], message).hint(hint));
        }
    }
}
