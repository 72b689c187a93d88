//! How much a stage has to do, estimated before it begins: each of its numbers
//! has a bound of its own, but several of them multiplied can take days.

use std::cmp::Reverse;
use std::sync::{Mutex, PoisonError};

use study::StudySettings;

use crate::Mistake;

/// What a pass costs beside its rows, counted in rows.
const BEFORE_THE_FIRST_ROW: f64 = 25.0;

/// What a stage repeats for every row, as its kind estimates it from parameters
/// and rows. Nothing, unless a kind says more.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    factors: Vec<(&'static str, usize)>,
    rows: usize,
    nanoseconds: f64,
}

impl Work {
    /// One pass over `rows`, each of which takes one processor so long in an
    /// optimised build. An order of magnitude is enough.
    #[must_use]
    pub fn of(rows: usize, nanoseconds_per_row: f64) -> Self {
        let nanoseconds = nanoseconds_per_row * (rows as f64 + BEFORE_THE_FIRST_ROW);
        Self { factors: Vec::new(), rows, nanoseconds }
    }

    /// The same again and again, as often as a parameter says.
    #[must_use]
    pub fn times(mut self, parameter: &'static str, count: usize) -> Self {
        self.factors.push((parameter, count));
        self.nanoseconds *= count as f64;
        self
    }

    pub(crate) fn hours(&self) -> f64 {
        // Nanoseconds in an hour.
        self.nanoseconds / 3.6e12
    }

    /// Refuses what would take longer than the study lets a stage take.
    fn check(&self, study: &StudySettings) -> Result<(), Mistake> {
        let hours = self.hours();
        if hours <= study.longest_stage_hours {
            return Ok(());
        }
        let named = |(parameter, count): &(&str, usize)| format!("`{parameter}` of {count}");
        let factors: Vec<String> = self.factors.iter().map(named).collect();
        // The smallest by the reversed count is the first of the largest: the parameter
        // worth changing.
        let largest = self.factors.iter().min_by_key(|(_, count)| Reverse(*count));
        let largest = largest.map_or("", |(parameter, _)| parameter);
        let message = format!(
            "{} for {} rows is about {} of work for one processor, and a stage may take {}",
            factors.join(" times "),
            self.rows,
            in_words(hours),
            in_words(study.longest_stage_hours)
        );
        let hint = format!(
            "ask for less by `{largest}`, or let a stage take longer by `longest_stage_hours` in `study:`"
        );
        Err(Mistake::at(&[largest], message).hint(hint))
    }
}

/// What the stages that a run has begun have to do together: each may be short, and all of them
/// endless.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    hours: Mutex<f64>,
}

impl Budget {
    /// Begins a stage, unless it alone, or all that were begun with it, would take longer than the
    /// study lets them.
    pub(crate) fn begin(&self, work: &Work, study: &StudySettings) -> Result<(), Mistake> {
        // A stage that is too long by itself is told so, whatever ran before.
        work.check(study)?;
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = *hours + work.hours();
        // A kind that says nothing of its work is never the one that is too much.
        if sum > study.longest_run_hours && work.hours() > 0.0 {
            let message = format!(
                "with the stages that this run began before, it comes to about {} of work for one processor, and a run may take {}",
                in_words(sum),
                in_words(study.longest_run_hours)
            );
            return Err(Mistake::new(message).hint(
                "ask for less, run again (what is done is kept), or let a run take longer by `longest_run_hours` in `study:`",
            ));
        }
        *hours = sum;
        Ok(())
    }
}

/// A time in hours in words: `2.5 days`.
pub(crate) fn in_words(hours: f64) -> String {
    let (number, unit) = match hours {
        hours if hours < 1.0 => (hours * 60.0, "minute"),
        hours if hours < 48.0 => (hours, "hour"),
        // A year of 365.25 days has 8766 hours.
        hours if hours < 2.0 * 8766.0 => (hours / 24.0, "day"),
        hours => (hours / 8766.0, "year"),
    };
    let number = if number < 10.0 { (number * 10.0).round() / 10.0 } else { number.round() };
    if number == 1.0 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study() -> StudySettings {
        let settings = serde_json::json!({
            // Its bounds are the defaults: two hours a stage, twelve a run.
            "title": "t", "data_status": "example", "patient": "id", "analysis_table": "p",
        });
        serde_json::from_value(settings).expect("settings")
    }

    fn said(work: &Work) -> Option<String> {
        let mistake = work.check(&study()).err()?;
        assert_eq!(mistake.at, ["imputations"]);
        Some(mistake.message)
    }

    #[test]
    fn stages_are_bounded_together_where_each_is_short() {
        let budget = Budget::default();
        // two hours to the second: six of them are the twelve of a run
        let stage = Work::of(9_975, 3.6e6).times("imputations", 20).times("iterations", 10);
        for _ in 0..6 {
            assert!(budget.begin(&stage, &study()).is_ok());
        }
        let told = budget.begin(&stage, &study()).expect_err("is too much").message;
        let said = "with the stages that this run began before, it comes to about 14 hours of work for \
                    one processor, and a run may take 12 hours";
        assert_eq!(told, said);
        // what was refused was not begun, and what says nothing of its work goes on
        assert!(budget.begin(&Work::default(), &study()).is_ok());
        let longer = StudySettings { longest_run_hours: 14.0, ..study() };
        assert!(budget.begin(&stage, &longer).is_ok());
    }

    #[test]
    fn products_are_bounded_where_each_number_is() {
        // an hour for a million rows is 3.6 milliseconds a row
        let pass = |rows| Work::of(rows, 3.6e6).times("imputations", 20).times("iterations", 10);
        assert_eq!(said(&pass(9_975)), None, "two hours to the second");
        let days = "`imputations` of 20 times `iterations` of 10 for 300000 rows is about 2.5 days of \
                    work for one processor, and a stage may take 2 hours";
        assert_eq!(said(&pass(300_000)).as_deref(), Some(days));
        let years = said(&pass(usize::MAX)).expect("too much");
        assert!(years.contains("years"), "{years}");
        assert_eq!(said(&Work::default()), None);
    }
}
