//! Following patients through their scans, one after the other.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Column, Level};

use crate::cells::{Edit, Revision, text_series};
use crate::kinds::scan_columns::{ScanColumns, Scans, places};
use crate::recist::{Course, Response, Rule, Scan, course};

/// What the scans say of one patient, dates as days since 1970.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) best: Option<Response>,
    pub(crate) response: Option<i32>,
    pub(crate) progression: Option<i32>,
    pub(crate) last_scan: Option<i32>,
}

/// What stands for patients without a scan that could be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotEvaluable {
    /// `NE`: they count in every denominator, as patients without a response.
    #[default]
    Failure,
    /// A missing value: they are left out of analyses of response.
    Missing,
}

/// What the reading of scans asks of the rule's parameters.
pub(crate) struct ReadingRule<'a> {
    pub(crate) columns: &'a ScanColumns,
    pub(crate) baseline_until_days: i32,
    pub(crate) criteria: Rule,
    pub(crate) not_evaluable: NotEvaluable,
    /// The name of the column of derived responses.
    pub(crate) derived: String,
}

/// The work on one call: the scans of every patient, one after the other.
pub(crate) struct Reading<'a> {
    pub(crate) rule: ReadingRule<'a>,
    pub(crate) scans: Revision<'a>,
    pub(crate) read: Scans,
    /// The derived response of each row of the scan table.
    pub(crate) derived: Vec<Option<Response>>,
}

impl Reading<'_> {
    /// Follows one patient through the rows of the scan table.
    pub(crate) fn patient(&mut self, rows: &[usize], index: i32) -> Summary {
        // By day, and of one day by row.
        let mut dated: Vec<(i32, usize)> =
            rows.iter().filter_map(|row| self.read.days[*row].map(|day| (day, *row))).collect();
        dated.sort_unstable();
        // Which of two on one day came first cannot be known, and the order decides the
        // nadir.
        for pair in dated.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let rows = [pair[0].1, pair[1].1];
            let message = format!("two scans on one day: {}", places(&self.scans, &rows));
            let hint = "drop one with `deduplicate`, or join them with `summarize`";
            self.scans.mistakes.push(Mistake::at(&["from"], message).hint(hint));
        }
        let until = index + self.rule.baseline_until_days;
        // A scan shortly after the start is still a baseline where the study says so.
        let split = dated.partition_point(|(day, _)| *day <= until);
        // From here on days are counted from the index date, as the criteria do.
        let scan = |(day, row): &(i32, usize)| Scan { day: day - index, ..self.read.seen[*row] };
        // Of several the last one counts, as `baseline_until` says.
        let baseline = dated[..split].last().map(scan);
        let follow_up: Vec<Scan> = dated[split..].iter().map(scan).collect();
        let course = course(baseline.as_ref(), &follow_up, self.rule.criteria);
        for ((_, row), response) in dated[split..].iter().zip(&course.responses) {
            self.derived[*row] = Some(*response);
        }
        let day = |scan: Option<usize>| scan.map(|scan| dated[split + scan].0);
        Summary {
            best: self.best(&course),
            response: day(course.first_response),
            progression: day(course.progression),
            // Who was never scanned was known to be free of progression on the index date, and
            // no longer.
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
            // Baseline scans have no response.
            let Some(derived) = self.derived[row].map(Response::code) else { continue };
            let typed = self.read.typed[row].as_deref();
            let (Some(field), Some(typed)) = (self.rule.columns.typed.as_deref(), typed) else {
                continue;
            };
            if typed != derived {
                let edit = Edit {
                    field,
                    raw: Some(typed),
                    // The measurements decide, by one rule for all patients.
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
        let about = about_response("Response by RECIST 1.1");
        // a response is told by the scans before: all up to its own day
        let made = self.rule.columns.lineage(&self.scans.table);
        self.scans.write_as(text_series(&self.rule.derived, &values), about, made);
    }
}

/// What is known of a column of responses.
pub(crate) fn about_response(label: &str) -> Column {
    let level = |response: Response| Level::new(response.code(), response.words());
    Column {
        label: label.to_owned(),
        levels: Response::ALL.map(level).to_vec(),
        derivation: Some("RECIST 1.1 from the measurements of each scan".to_owned()),
        ..Column::default()
    }
}
