//! Following patients through their scans, one after the other.

use engine::Mistake;
use study::Action;

use crate::cells::{Edit, Revision, text_series};
use crate::kinds::best_overall_response::{BestOverallResponse, NotEvaluable, about_response};
use crate::kinds::scan_columns::{Scans, places};
use crate::recist::{Course, Response, Scan, course};

/// What the scans say of one patient, dates as days since 1970.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) best: Option<Response>,
    pub(crate) response: Option<i32>,
    pub(crate) progression: Option<i32>,
    pub(crate) last_scan: Option<i32>,
}

/// The work on one call: the scans of every patient, one after the other.
pub(crate) struct Reading<'a> {
    pub(crate) rule: &'a BestOverallResponse,
    pub(crate) scans: Revision<'a>,
    pub(crate) read: Scans,
    /// The derived response of each row of the scan table.
    pub(crate) derived: Vec<Option<Response>>,
}

impl Reading<'_> {
    /// Follows one patient through the rows of the scan table.
    pub(crate) fn patient(&mut self, rows: &[usize], index: i32) -> Summary {
        let mut dated: Vec<(i32, usize)> =
            rows.iter().filter_map(|row| self.read.days[*row].map(|day| (day, *row))).collect();
        dated.sort_unstable();
        for pair in dated.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let rows = [pair[0].1, pair[1].1];
            let message = format!("two scans on one day: {}", places(&self.scans, &rows));
            let hint = "drop one with `deduplicate`, or join them with `summarize`";
            self.scans.mistakes.push(Mistake::at(&["from"], message).hint(hint));
        }
        let until = index + self.rule.baseline_until_days;
        let split = dated.partition_point(|(day, _)| *day <= until);
        let scan = |(day, row): &(i32, usize)| Scan { day: day - index, ..self.read.seen[*row] };
        let baseline = dated[..split].last().map(scan);
        let follow_up: Vec<Scan> = dated[split..].iter().map(scan).collect();
        let course = course(baseline.as_ref(), &follow_up, self.rule.rule());
        for ((_, row), response) in dated[split..].iter().zip(&course.responses) {
            self.derived[*row] = Some(*response);
        }
        let day = |scan: Option<usize>| scan.map(|scan| dated[split + scan].0);
        Summary {
            best: self.best(&course),
            response: day(course.first_response),
            progression: day(course.progression),
            last_scan: day(course.last_adequate).or(Some(index)),
        }
    }

    fn best(&self, course: &Course) -> Option<Response> {
        let missing = course.best == Response::NotEvaluable
            && self.rule.not_evaluable == NotEvaluable::Missing;
        (!missing).then_some(course.best)
    }

    /// Logs scans without a date and typed responses that differ from the derived ones.
    pub(crate) fn log(&mut self) {
        for row in 0..self.derived.len() {
            if self.read.days[row].is_none() {
                let reason = "a scan without a date is not used".to_owned();
                let field = self.rule.columns.date.as_str();
                let edit = Edit { field, raw: None, clean: None, action: Action::Query, reason };
                self.scans.note(row, edit);
            }
            let Some(derived) = self.derived[row].map(Response::code) else { continue };
            let typed = self.read.typed[row].as_deref();
            let (Some(field), Some(typed)) = (self.rule.columns.typed.as_deref(), typed) else {
                continue;
            };
            if typed != derived {
                let edit = Edit {
                    field,
                    raw: Some(typed),
                    clean: Some(derived),
                    action: Action::Fixed,
                    reason: "the measurements show another response by RECIST 1.1".to_owned(),
                };
                self.scans.note(row, edit);
            }
        }
    }

    /// The scan table with the derived responses.
    pub(crate) fn write_derived(&mut self) {
        let values: Vec<Option<String>> =
            self.derived.iter().map(|response| response.map(|r| r.code().to_owned())).collect();
        let name = self.rule.name("derived_response");
        let about = about_response("Response by RECIST 1.1");
        // a response is told by the scans before: all up to its own day
        let made = self.rule.columns.lineage(&self.scans.table);
        self.scans.write_as(text_series(&name, &values), about, made);
    }
}
