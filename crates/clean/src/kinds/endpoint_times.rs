//! The times of one endpoint, row by row, with everything that cannot be right.

use engine::Mistake;
use study::StudySettings;

use crate::cells::{Revision, days, numbers, texts};
use crate::kinds::endpoints::{Endpoint, EventAfterCensor};
use crate::rows::listed;

/// Time and status of every row; a row without them has its mistake noted.
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
        revision: &mut Revision,
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

    fn times_of_dates(&self, revision: &mut Revision, name: &str, index: &str) -> Times {
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
            let event = events.iter().filter_map(|column| column[row]).min();
            let time = match (indices[row], event, censored[row]) {
                (None, _, _) => wrong.note(format!("`{index}` is missing"), place()),
                (_, None, None) => {
                    let dates = format!("`{}` and `{censor}`", self.event.join("`, `"));
                    wrong.note(format!("{dates} are all missing"), place())
                }
                (_, Some(event), Some(censored))
                    if event > censored && self.event_after_censor == EventAfterCensor::Mistake =>
                {
                    let later = format!("{}, {} days later", place(), event - censored);
                    wrong.note(format!("the event comes after `{censor}`"), later)
                }
                (Some(index), event, censored) => {
                    let end = event.or(censored).expect("invariant: one of them is there");
                    Some((f64::from(end - index), event.is_some()))
                }
            };
            times.push(wrong.not_negative(time, &format!("`{index}`"), place));
        }
        wrong.close(revision, name);
        times
    }

    fn times_of_columns(
        &self,
        revision: &mut Revision,
        name: &str,
        time: &str,
        status: &str,
        study: &StudySettings,
    ) -> Times {
        let unit = StudySettings { time_unit: self.time_unit, ..study.clone() };
        let lengths = numbers(&revision.table, time);
        let statuses = texts(&revision.table, status);
        let mut wrong = Wrong::default();
        let mut times = Times::default();
        for row in 0..revision.height() {
            let place = || revision.place(row);
            let event = match statuses[row].as_ref() {
                None => wrong.note(format!("`{status}` is missing"), place()),
                Some(value) if self.event_values.contains(value) => Some(true),
                Some(value) if self.censored_values.contains(value) => Some(false),
                Some(value) => {
                    let expected = [&self.event_values[..], &self.censored_values].concat();
                    let expected = expected.join("`, `");
                    let found = format!("{}, `{value}`", place());
                    wrong.note(format!("`{status}` is none of `{expected}`"), found)
                }
            };
            let days = match lengths[row] {
                None => wrong.note(format!("`{time}` is missing"), place()),
                Some(length) => Some(length * unit.days_per_time_unit()),
            };
            times.push(wrong.not_negative(days.zip(event), "the index date", place));
        }
        wrong.close(revision, name);
        times
    }
}

/// What is wrong with the rows of one endpoint: places by message, in order.
#[derive(Default)]
struct Wrong(Vec<(String, Vec<String>)>);

impl Wrong {
    /// Notes a row and stands for its missing result.
    fn note<T>(&mut self, message: String, place: String) -> Option<T> {
        match self.0.iter_mut().find(|(known, _)| *known == message) {
            Some((_, places)) => places.push(place),
            None => self.0.push((message, vec![place])),
        }
        None
    }

    fn not_negative(
        &mut self,
        time: Option<(f64, bool)>,
        start: &str,
        place: impl Fn() -> String,
    ) -> Option<(f64, bool)> {
        match time {
            Some((days, _)) if days.is_nan() || days < 0.0 => {
                let place = format!("{}, {days} days", place());
                self.note(format!("the time ends before {start}"), place)
            }
            time => time,
        }
    }

    fn close(self, revision: &mut Revision, endpoint: &str) {
        for (message, places) in self.0 {
            let message = format!("endpoint `{endpoint}`: {message}: {}", listed(&places));
            let hint = "mend the dates by a rule before this one, or exclude the patients";
            revision.mistakes.push(Mistake::at(&["define", endpoint], message).hint(hint));
        }
    }
}
