//! `best_overall_response`: what the scans say, by RECIST 1.1, in one row per
//! patient. The criteria themselves are in `crate::recist`.

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Column, Lineage, Moment, Output, Span, StudySettings, Table};

use crate::cells::{Edit, Revision, close_all, date_series, days, dtype, text_series};
use crate::keys::Keys;
use crate::kinds::scan_columns::ScanColumns;
use crate::kinds::scan_reading::{NotEvaluable, Reading, ReadingRule, Summary, about_response};
use crate::recist::{Response, Rule};
use crate::rows::{Holds, require, table_or_default, unique};
use crate::whole_days::whole_days;

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
    /// A scan up to this time after `baseline` is a baseline scan; of several, the last one
    /// counts. In whole days.
    #[serde(default = "same_day")]
    pub baseline_until: Span,
    /// The columns of the scan table.
    #[serde(default)]
    pub columns: ScanColumns,
    /// The criteria.
    #[serde(default)]
    pub criteria: Criteria,
    /// Whether a complete or partial response must be seen again to count.
    // Without a default: the rate of responses hangs on it, so that a study must say
    // it.
    pub confirmation: bool,
    /// Time after which a second scan confirms a response, in whole days.
    #[serde(default = "four_weeks")]
    pub confirmation_after: Span,
    /// Time from `baseline` from which a scan can show stable disease, in whole days.
    // Without a default either: it decides who has stable disease.
    pub minimum_stable: Span,
    /// What stands for patients without a scan that could be evaluated.
    #[serde(default)]
    pub not_evaluable: NotEvaluable,
    /// Put before the names of all columns made, where a second version is wanted.
    #[serde(default)]
    pub prefix: String,
}

fn same_day() -> Span {
    Span::of_days(0.0)
}

fn four_weeks() -> Span {
    // Four weeks, as the guideline asks of a confirmation.
    Span::of_days(28.0)
}

/// Criteria of response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Criteria {
    /// RECIST 1.1 (Eisenhauer 2009).
    #[default]
    #[serde(rename = "recist_1_1")]
    Recist11,
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

    /// What the best response is called; of two versions, the one with confirmation says so.
    fn label(&self) -> &'static str {
        match self.confirmation && !self.prefix.is_empty() {
            true => "Confirmed best overall response",
            false => "Best overall response",
        }
    }

    fn rule(&self, study: &StudySettings) -> Result<ReadingRule<'_>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut days = |parameter: &str, time: Span| {
            mistakes.note(whole_days(study, time, &[parameter])).unwrap_or_default()
        };
        let rule = ReadingRule {
            columns: &self.columns,
            baseline_until_days: days("baseline_until", self.baseline_until),
            criteria: Rule {
                confirmation: self.confirmation,
                confirmation_days: days("confirmation_after", self.confirmation_after),
                minimum_stable_days: days("minimum_stable", self.minimum_stable),
            },
            not_evaluable: self.not_evaluable,
            derived: self.name("derived_response"),
        };
        mistakes.or(rule)
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
        // Spans that are no whole days are told with the rest.
        mistakes.0.extend(self.rule(call.study).err().into_iter().flat_map(|wrong| wrong.0));
        mistakes.or(())
    }
}

impl BestOverallResponse {
    /// The lineage of what the scans say of a patient, but for when it is known.
    fn lineage(&self, patients: &Revision<'_>, scans: &Table) -> Lineage {
        let mut made = Lineage::default();
        made.given(&self.columns.lineage(scans));
        made.given(&scans.rows);
        // When it is known is said column by column below: each by its own day.
        made.change_moments(|_| Vec::new());
        let baseline = self.baseline.as_deref().or(patients.index_date());
        made.given(&patients.table.lineage_of(baseline));
        made
    }

    fn write(&self, patients: &mut Revision<'_>, made: &Lineage, summaries: &[Summary]) {
        let best: Vec<Option<String>> =
            summaries.iter().map(|s| s.best.map(|best| best.code().to_owned())).collect();
        // the best of all is known when the last scan has been seen
        let last = patients.author().date(&self.name("last_scan_date"));
        let mut best_made = made.clone();
        best_made.known.insert(Moment::of_row(last));
        let series = text_series(&self.name("best_overall_response"), &best);
        patients.write_as(series, about_response(self.label()), best_made);
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
            // each is known from its own day on
            let name = self.name(name);
            let mut made = made.clone();
            made.known.insert(Moment::of_row(patients.author().date(&name)));
            patients.write_as(date_series(&name, days), about, made);
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
        // One row a patient, or one scan would count twice.
        let patient = std::slice::from_ref(&call.study.patient);
        let hint = "derive responses after a rule that leaves one row for each";
        unique(call, self.table(call.study), patient, &["table"], hint)?;
        let mut patients = Revision::open(call, self.table(call.study));
        let mut scans = Revision::open(call, &self.from);
        let read = self.columns.read(&mut scans);
        let (patient_of, patient_of_scan) = Keys::of_both(&patients.table, &scans.table, patient);
        let by_patient = patient_of_scan.groups();
        let derived = vec![None; scans.height()];
        let mut reading = Reading { rule: self.rule(call.study)?, scans, read, derived };
        // The rehearsal refused a study without such a date.
        let baseline = self.baseline(call.study).expect("invariant: checked");
        let index = days(&patients.table, baseline);
        let mut summaries = Vec::with_capacity(index.len());
        for (row, key) in patient_of.iter().enumerate() {
            let rows = key.map_or(&[][..], |key| by_patient.rows(key));
            // A patient without that date has no day from which scans could be counted.
            let summary = index[row].map(|index| reading.patient(rows, index));
            // Asked about, as he counts in the denominator (`not_evaluable`) or is lost to it.
            note_unseen(&mut patients, row, summary.as_ref());
            summaries.push(summary.unwrap_or_default());
        }
        let made = self.lineage(&patients, &reading.scans.table);
        self.write(&mut patients, &made, &summaries);
        reading.log();
        reading.write_derived();
        // Patients first, as their table is the one that the rule is about.
        close_all(vec![patients, reading.scans])
    }
}

/// Logs patients whose best response is not evaluable or unknown.
fn note_unseen(patients: &mut Revision<'_>, row: usize, summary: Option<&Summary>) {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use study::Level;

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    const SCANS: &str = "record_id|scan_date:date|target_sum_mm:real|nontarget|new_lesion|typed\n\
         P-001|2020-04-01|60|non_cr_non_pd|no|PR\n\
         P-001|2019-12-20|100|non_cr_non_pd|no|\n\
         P-001|2020-03-01|65|non_cr_non_pd||SD\n\
         P-001|2020-07-01|20|non_cr_non_pd|no|PR\n\
         P-001|2020-06-01|60|progression|no|PD\n\
         P-002|2019-12-01|10|none|no|\n\
         P-002|2020-01-01|50|none|no|\n\
         P-002|2020-02-20|50|none|yes|PD\n\
         P-003|2019-12-20|50|none|no|\n\
         P-003||50|none|no|SD\n\
         P-009|2019-12-20|50|none|no|";

    fn patients() -> Table {
        table("record_id|start:date\nP-001|2020-01-01\nP-002|2020-01-01\nP-003|2020-01-01\nP-004|")
    }

    fn parameters(more: &Value) -> Value {
        let columns = json!({"non_target": "nontarget", "typed": "typed"});
        let mut whole = json!({
            "from": "scans", "baseline": "start", "columns": columns, "confirmation": true, "minimum_stable": "6 weeks",
        });
        let more = more.as_object().cloned().expect("an object");
        whole.as_object_mut().expect("an object").extend(more);
        whole
    }

    fn derived(more: &Value) -> Output {
        let scans = table(SCANS);
        let tables = [("patients", &patients()), ("scans", &scans)];
        run::<BestOverallResponse>(parameters(more), &tables).expect("it derives")
    }

    #[test]
    fn responses_and_dates_of_each_patient() {
        let output = derived(&json!({}));
        assert_eq!(
            shown(&output.tables["patients"]),
            [
                "record_id|start|best_overall_response|response_date|progression_date|last_scan_date",
                "P-001|2020-01-01|PR|2020-03-01|2020-06-01|2020-06-01",
                "P-002|2020-01-01|PD||2020-02-20|2020-02-20",
                "P-003|2020-01-01|NE|||2020-01-01",
                "P-004|||||",
            ]
        );
        let responses: Vec<String> = shown(&output.tables["scans"])
            .iter()
            .map(|line| line.rsplit('|').next().unwrap_or("").to_owned())
            .collect();
        assert_eq!(
            responses,
            ["derived_response", "PR", "", "PR", "PR", "PD", "", "", "PD", "", "", ""]
        );
    }

    #[test]
    fn what_differs_and_what_is_not_used_is_logged() {
        assert_eq!(
            log(&derived(&json!({}))),
            [
                "4 P-003: (missing) -> (missing) (query: no scan after the baseline can be evaluated)",
                "5 P-004: (missing) -> (missing) (query: no date from which scans are counted)",
                "4 P-001 typed: SD -> PR (fixed: the measurements show another response by RECIST 1.1)",
                "11 P-003 scan_date: (missing) -> (missing) (query: a scan without a date is not used)",
            ]
        );
    }

    #[test]
    fn patients_that_cannot_be_evaluated_can_be_left_out() {
        let output = derived(&json!({"not_evaluable": "missing", "prefix": "strict_"}));
        assert_eq!(
            shown(&output.tables["patients"])[..],
            [
                "record_id|start|strict_best_overall_response|strict_response_date|strict_progression_date|strict_last_scan_date",
                "P-001|2020-01-01|PR|2020-03-01|2020-06-01|2020-06-01",
                "P-002|2020-01-01|PD||2020-02-20|2020-02-20",
                "P-003|2020-01-01||||2020-01-01",
                "P-004|||||",
            ]
        );
        let about = output.tables["patients"].about("strict_best_overall_response");
        let known: Vec<_> = about.lineage.known.iter().map(|known| &known.date.column).collect();
        assert_eq!(known, ["strict_last_scan_date"]);
        assert_eq!(about.levels[1], Level::new("PR", "partial response"));
    }

    #[test]
    fn nodes_that_shrink_below_ten_millimetres_have_gone() {
        let scans = table(
            "record_id|scan_date:date|target_sum_mm:real|gone:boolean|new_lesion:boolean\n\
             P-001|2019-12-20|30|false|false\nP-001|2020-03-01|8|true|false\nP-001|2020-05-01|8|true|false",
        );
        let whole = json!({
            "from": "scans", "baseline": "start", "confirmation": true, "minimum_stable": "6 weeks",
            "columns": {"targets_gone": "gone"},
        });
        let tables = [("patients", &patients()), ("scans", &scans)];
        let output = run::<BestOverallResponse>(whole, &tables).expect("it derives");
        assert_eq!(
            shown(&output.tables["patients"])[1],
            "P-001|2020-01-01|CR|2020-03-01||2020-05-01"
        );
    }

    #[test]
    fn wrong_data_are_told() {
        let scans = table(
            "record_id|scan_date:date|target_sum_mm:real|nontarget|new_lesion|typed\n\
             P-001|2020-03-01|-5|gone|perhaps|\nP-001|2020-03-01|5|none|no|",
        );
        let tables = [("patients", &patients()), ("scans", &scans)];
        let mistakes = run::<BestOverallResponse>(parameters(&json!({})), &tables);
        assert_eq!(
            messages(&mistakes.expect_err("mistakes")),
            [
                "columns.non_target: values that are none of `none`, `complete_response`, `non_cr_non_pd`, `progression`: `gone` in line 2 (P-001); bring them to these values by a `recode` rule before this one",
                "columns.new_lesion: values that are none of `yes`, `no`: `perhaps` in line 2 (P-001); bring them to these values by a `recode` rule before this one",
                "columns.target_sum: `target_sum_mm` is below 0: line 2 (P-001)",
                "from: two scans on one day: line 2 (P-001), line 3 (P-001); drop one with `deduplicate`, or join them with `summarize`",
            ]
        );
    }

    #[test]
    fn wrong_parameters_are_told_all_at_once() {
        let scans = table("record_id|scan_date|target_sum_mm:real|new_lesion:real");
        let tables = [("patients", &patients()), ("scans", &scans)];
        let whole = json!({
            "from": "scans", "confirmation": false, "minimum_stable": "6 weeks",
            "columns": {"targets_gone": "gone", "typed": "recist"},
        });
        let mistakes = run::<BestOverallResponse>(whole, &tables);
        let names = "there are: `record_id`, `scan_date`, `target_sum_mm`, `new_lesion`, `_line`";
        assert_eq!(
            messages(&mistakes.expect_err("mistakes")),
            [
                "columns.date: column `scan_date` of table `scans` holds text, not dates; turn it into dates with a `parse_dates` rule first".to_owned(),
                format!("columns.targets_gone: table `scans` has no column `gone`; {names}"),
                format!("columns.typed: table `scans` has no column `recist`; {names}"),
                ": no date from which scans are counted; set `index_date` in `study:` or `baseline` here".to_owned(),
                "columns.new_lesion: column `new_lesion` of table `scans` holds numbers, not yes/no; turn it into yes/no with a `derive` rule first".to_owned(),
            ]
        );
    }
}
