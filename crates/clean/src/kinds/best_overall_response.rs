//! `best_overall_response`: what the scans say, by RECIST 1.1, in one row per
//! patient. The criteria themselves are in `crate::recist`.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Column, Level, Output, StudySettings, Table};

use crate::cells::{
    Edit, Revision, close_all, date_series, days, dtype, numbers, text_series, texts,
};
use crate::recist::{Course, NonTarget, Response, Rule, Scan, course};
use crate::rows::{
    Holds, conditions, grouped, keys, listed, require, set_column, table_or_default, unique,
};

/// Derives the response of every scan from its measurements by RECIST 1.1
/// (Eisenhauer 2009), and from them for each patient of the analysis table:
/// `best_overall_response` (CR, PR, SD, PD or NE), `response_date` (the first
/// scan of a response that counts), `progression_date` (the first scan with
/// progression) and `last_scan_date` (the last scan that could be evaluated,
/// up to the progression; the index date where there is none). Scans after the
/// first progression are ignored. The scan table gets the response of each
/// scan as `derived_response`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BestOverallResponse {
    /// The table with one row per scan.
    pub from: String,
    /// The table with one row per patient; the study's analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// The date column of the patients' table from which stable disease and
    /// later scans are counted; the study's index date if left out.
    #[serde(default)]
    pub baseline: Option<String>,
    /// A scan up to this many days after `baseline` is a baseline scan; of
    /// several, the last one counts.
    #[serde(default)]
    pub baseline_until_days: i32,
    /// The columns of the scan table.
    #[serde(default)]
    pub columns: ScanColumns,
    /// The criteria.
    #[serde(default)]
    pub criteria: Criteria,
    /// Whether a complete or partial response must be seen again to count.
    pub confirmation: bool,
    /// Days after which a second scan confirms a response.
    #[serde(default = "four_weeks")]
    pub confirmation_days: i32,
    /// Days from `baseline` from which a scan can show stable disease.
    pub minimum_stable_days: i32,
    /// What stands for patients without a scan that could be evaluated.
    #[serde(default)]
    pub not_evaluable: NotEvaluable,
    /// Put before the names of all columns made, where a second version is wanted.
    #[serde(default)]
    pub prefix: String,
}

fn four_weeks() -> i32 {
    28
}

/// The columns of the scan table.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScanColumns {
    /// The date of the scan.
    pub date: String,
    /// The sum of the diameters of the target lesions in mm; missing where not
    /// all were measured, 0 at baseline where there are none.
    pub target_sum: String,
    /// Yes/no: every target lesion has gone (a node: below 10 mm in its short
    /// axis); left out, they have gone where the sum is 0.
    pub targets_gone: Option<String>,
    /// What is said of the other lesions; left out, there are none.
    pub non_target: Option<String>,
    /// The values of `non_target`.
    pub non_target_values: NonTargetValues,
    /// Whether a lesion is new: yes/no, or text that is `yes` or `no`; missing means no.
    pub new_lesion: String,
    /// The response typed by the reader; where it differs from the derived one
    /// it is logged, and the derived one is used.
    pub typed: Option<String>,
}

impl Default for ScanColumns {
    fn default() -> Self {
        Self {
            date: "scan_date".to_owned(),
            target_sum: "target_sum_mm".to_owned(),
            targets_gone: None,
            non_target: None,
            non_target_values: NonTargetValues::default(),
            new_lesion: "new_lesion".to_owned(),
            typed: None,
        }
    }
}

/// The values of the column that speaks of the non-target lesions; a missing
/// value means that they were not evaluated.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NonTargetValues {
    /// The patient has none.
    pub absent: String,
    /// All have gone.
    pub complete: String,
    /// Some are there, without unequivocal progression.
    pub present: String,
    /// Unequivocal progression.
    pub progression: String,
}

impl Default for NonTargetValues {
    fn default() -> Self {
        Self {
            absent: "none".to_owned(),
            complete: "complete_response".to_owned(),
            present: "non_cr_non_pd".to_owned(),
            progression: "progression".to_owned(),
        }
    }
}

impl NonTargetValues {
    fn read(&self, value: Option<&str>) -> Option<NonTarget> {
        match value {
            None => Some(NonTarget::NotEvaluated),
            Some(value) if value == self.absent => Some(NonTarget::Absent),
            Some(value) if value == self.complete => Some(NonTarget::Complete),
            Some(value) if value == self.present => Some(NonTarget::Present),
            Some(value) if value == self.progression => Some(NonTarget::Progressive),
            Some(_) => None,
        }
    }
}

/// Criteria of response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Criteria {
    /// RECIST 1.1 (Eisenhauer 2009).
    #[default]
    #[serde(rename = "recist_1_1")]
    Recist11,
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

/// What the scans say of one patient, dates as days since 1970.
#[derive(Default)]
struct Summary {
    best: Option<Response>,
    response: Option<i32>,
    progression: Option<i32>,
    last_scan: Option<i32>,
}

impl BestOverallResponse {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }

    fn baseline<'a>(&'a self, study: &'a StudySettings) -> Option<&'a str> {
        self.baseline.as_deref().or(study.index_date.as_deref())
    }

    fn name(&self, column: &str) -> String {
        format!("{}{column}", self.prefix)
    }

    fn rule(&self) -> Rule {
        Rule {
            confirmation: self.confirmation,
            confirmation_days: self.confirmation_days,
            minimum_stable_days: self.minimum_stable_days,
        }
    }

    fn check(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let columns = &self.columns;
        let table = self.table(call.study);
        let mut needs = |table: &str, column: &str, holds: Holds, at: &[&str]| {
            mistakes.note(require(call, table, column, holds, at));
        };
        needs(&self.from, &columns.date, Holds::Dates, &["columns", "date"]);
        needs(&self.from, &columns.target_sum, Holds::Numbers, &["columns", "target_sum"]);
        if let Some(gone) = &columns.targets_gone {
            needs(&self.from, gone, Holds::Conditions, &["columns", "targets_gone"]);
        }
        for (column, at) in [(&columns.non_target, "non_target"), (&columns.typed, "typed")] {
            if let Some(column) = column {
                needs(&self.from, column, Holds::Texts, &["columns", at]);
            }
        }
        if let Some(baseline) = self.baseline(call.study) {
            needs(table, baseline, Holds::Dates, &["baseline"]);
        } else {
            mistakes.push(
                Mistake::new("no date from which scans are counted")
                    .hint("set `index_date` in `study:` or `baseline` here"),
            );
        }
        let new_lesion =
            call.require_column(&self.from, &columns.new_lesion, &["columns", "new_lesion"]);
        if mistakes.note(new_lesion).is_some()
            && dtype(call.table(&self.from), &columns.new_lesion) != DataType::String
        {
            let at = ["columns", "new_lesion"];
            mistakes.note(require(call, &self.from, &columns.new_lesion, Holds::Conditions, &at));
        }
        for name in [&self.from, table] {
            mistakes.note(call.require_column(name, &call.study.patient, &[]));
        }
        mistakes.or(())
    }
}

/// The scan table, read: one entry a row.
struct Scans {
    days: Vec<Option<i32>>,
    /// What each scan shows; its day is that of the calendar.
    seen: Vec<Scan>,
    typed: Vec<Option<String>>,
}

impl ScanColumns {
    fn read(&self, scans: &mut Revision) -> Scans {
        let table = scans.table.clone();
        let rows = scans.height();
        let optional = |column: &Option<String>| match column {
            Some(column) => texts(&table, column),
            None => vec![None; rows],
        };
        let days = days(&table, &self.date);
        let sums = numbers(&table, &self.target_sum);
        let gone = self.targets_gone.as_ref().map(|column| conditions(&table, column));
        let non_targets = self.read_non_targets(scans, &optional(&self.non_target));
        let new_lesions = self.read_new_lesions(scans, &texts(&table, &self.new_lesion));
        let below: Vec<usize> =
            (0..rows).filter(|row| sums[*row].is_some_and(|sum| sum < 0.0)).collect();
        if !below.is_empty() {
            let message = format!("`{}` is below 0: {}", self.target_sum, places(scans, &below));
            scans.mistakes.push(Mistake::at(&["columns", "target_sum"], message));
        }
        let scan = |row: usize| Scan {
            day: days[row].unwrap_or_default(),
            target_sum_mm: sums[row],
            targets_gone: match &gone {
                Some(gone) => gone[row] == Some(true),
                None => sums[row] == Some(0.0),
            },
            non_target: non_targets[row],
            new_lesion: new_lesions[row],
        };
        let seen = (0..rows).map(scan).collect();
        Scans { seen, typed: optional(&self.typed), days }
    }

    fn read_non_targets(&self, scans: &mut Revision, values: &[Option<String>]) -> Vec<NonTarget> {
        if self.non_target.is_none() {
            return vec![NonTarget::Absent; values.len()];
        }
        let read: Vec<Option<NonTarget>> =
            values.iter().map(|value| self.non_target_values.read(value.as_deref())).collect();
        let known = &self.non_target_values;
        let known = [&known.absent, &known.complete, &known.present, &known.progression];
        let known = known.map(|value| format!("`{value}`")).join(", ");
        note_unknown(scans, "non_target", values, &read, &known);
        read.into_iter().map(|value| value.unwrap_or(NonTarget::NotEvaluated)).collect()
    }

    fn read_new_lesions(&self, scans: &mut Revision, values: &[Option<String>]) -> Vec<bool> {
        let read: Vec<Option<bool>> = values
            .iter()
            .map(|value| match value.as_deref() {
                None | Some("no" | "false") => Some(false),
                Some("yes" | "true") => Some(true),
                Some(_) => None,
            })
            .collect();
        note_unknown(scans, "new_lesion", values, &read, "`yes`, `no`");
        read.into_iter().map(|value| value.unwrap_or(false)).collect()
    }
}

/// A mistake for the values that could not be read.
fn note_unknown<T>(
    scans: &mut Revision,
    parameter: &str,
    values: &[Option<String>],
    read: &[Option<T>],
    known: &str,
) {
    let unknown: Vec<String> = (0..read.len())
        .filter(|row| read[*row].is_none())
        .map(|row| format!("`{}` in {}", values[row].as_deref().unwrap_or(""), scans.place(row)))
        .collect();
    if !unknown.is_empty() {
        let message = format!("values that are none of {known}: {}", listed(&unknown));
        let hint = "bring them to these values by a `recode` rule before this one";
        scans.mistakes.push(Mistake::at(&["columns", parameter], message).hint(hint));
    }
}

fn places(revision: &Revision, rows: &[usize]) -> String {
    listed(&rows.iter().map(|row| revision.place(*row)).collect::<Vec<_>>())
}

/// The work on one call: the scans of every patient, one after the other.
struct Reading<'a> {
    rule: &'a BestOverallResponse,
    scans: Revision,
    read: Scans,
    /// The derived response of each row of the scan table.
    derived: Vec<Option<Response>>,
}

impl Reading<'_> {
    /// Follows one patient through the rows of the scan table.
    fn patient(&mut self, rows: &[usize], index: i32) -> Summary {
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
    fn log(&mut self) {
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
    fn write_derived(&mut self) {
        let values: Vec<Option<String>> =
            self.derived.iter().map(|response| response.map(|r| r.code().to_owned())).collect();
        let name = self.rule.name("derived_response");
        let about = about_response("Response by RECIST 1.1", None);
        set_column(&mut self.scans.table, text_series(&name, &values), about);
    }
}

fn about_response(label: &str, known_from: Option<String>) -> Column {
    let level = |response: Response| Level {
        value: response.code().to_owned(),
        label: response.words().to_owned(),
    };
    Column {
        label: label.to_owned(),
        levels: Response::ALL.map(level).to_vec(),
        known_from,
        derivation: Some("RECIST 1.1 from the measurements of each scan".to_owned()),
        ..Column::default()
    }
}

impl BestOverallResponse {
    fn write(&self, table: &mut Table, summaries: &[Summary]) {
        let best: Vec<Option<String>> =
            summaries.iter().map(|s| s.best.map(|best| best.code().to_owned())).collect();
        let name = self.name("best_overall_response");
        let about = about_response("Best overall response", Some(self.name("last_scan_date")));
        set_column(table, text_series(&name, &best), about);
        let dates: [(&str, &str, Vec<Option<i32>>); 3] = [
            ("response_date", "First response", summaries.iter().map(|s| s.response).collect()),
            ("progression_date", "Progression", summaries.iter().map(|s| s.progression).collect()),
            ("last_scan_date", "Last scan", summaries.iter().map(|s| s.last_scan).collect()),
        ];
        for (name, label, days) in dates {
            let about = Column {
                label: label.to_owned(),
                derivation: Some(format!("by RECIST 1.1 from `{}`", self.from)),
                ..Column::default()
            };
            set_column(table, date_series(&self.name(name), days), about);
        }
    }
}

impl Kind for BestOverallResponse {
    const NAME: &'static str = "best_overall_response";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let at: &[&str] = if self.table.is_some() { &["table"] } else { &[] };
        let table = self.table(study);
        Wiring {
            reads: vec![Read::table(table, at), Read::table(&self.from, &["from"])],
            writes: vec![table.to_owned(), self.from.clone()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call)?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let patient = std::slice::from_ref(&call.study.patient);
        let hint = "derive responses after a rule that leaves one row for each";
        unique(call, self.table(call.study), patient, &["table"], hint)?;
        let mut patients = Revision::open(call, self.table(call.study));
        let mut scans = Revision::open(call, &self.from);
        let read = self.columns.read(&mut scans);
        let by_patient: BTreeMap<_, _> =
            grouped(&keys(&scans.table, patient)).into_iter().collect();
        let derived = vec![None; scans.height()];
        let mut reading = Reading { rule: self, scans, read, derived };
        let baseline = self.baseline(call.study).expect("invariant: checked");
        let index = days(&patients.table, baseline);
        let mut summaries = Vec::with_capacity(index.len());
        for (row, key) in keys(&patients.table, patient).into_iter().enumerate() {
            let rows = key.and_then(|key| by_patient.get(&key)).map_or(&[][..], Vec::as_slice);
            let summary = index[row].map(|index| reading.patient(rows, index));
            note_unseen(&mut patients, row, summary.as_ref());
            summaries.push(summary.unwrap_or_default());
        }
        self.write(&mut patients.table, &summaries);
        reading.log();
        reading.write_derived();
        close_all(vec![patients, reading.scans])
    }
}

/// Logs patients whose best response is not evaluable or unknown.
fn note_unseen(patients: &mut Revision, row: usize, summary: Option<&Summary>) {
    let reason = match summary {
        None => "no date from which scans are counted",
        Some(Summary { best: None | Some(Response::NotEvaluable), .. }) => {
            "no scan after the baseline can be evaluated"
        }
        Some(_) => return,
    };
    let reason = reason.to_owned();
    patients.note(row, Edit { field: "", raw: None, clean: None, action: Action::Query, reason });
}
