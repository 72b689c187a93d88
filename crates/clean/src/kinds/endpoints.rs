//! `endpoints`: time from the index date to an event or to the end of
//! follow-up, and which of the two it was.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Column, Output, StudySettings, Table, TimeUnit};

use crate::cells::{Revision, boolean_series, days, real_series};
use crate::rows::{Holds, require, table_or_default};

/// Makes the endpoints of survival analyses: for an endpoint `os` the columns
/// `os_days` (days from the index date) and `os_event` (whether the event
/// happened). An endpoint comes from dates (`event`, `censor`) or, where the
/// data hold them ready, from columns (`time`, `status`). Every time that
/// cannot be right is a mistake that names the patient. A patient of whom an
/// endpoint is not known is left out of its analyses, which count him as
/// missing, with a query for each; his other endpoints stand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// The table with one row per patient; the study's analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// The date from which time is counted; the study's index date if left out,
    /// before which it cannot lie.
    #[serde(default)]
    pub index_date: Option<String>,
    /// The endpoints by name, such as `os` and `pfs`.
    pub define: Named<Endpoint>,
}

/// One endpoint, from dates or from columns.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The endpoint in words, such as `Progression-free survival`.
    pub label: String,
    /// From dates: the columns of dates any of which is the event; the earliest counts.
    #[serde(default)]
    pub event: Vec<String>,
    /// From dates: the column with the last date on which the patient was known
    /// to be free of the event.
    #[serde(default)]
    pub censor: Option<String>,
    /// From dates: what to do where the event comes after the censoring date.
    #[serde(default)]
    pub event_after_censor: EventAfterCensor,
    /// From columns: the time.
    #[serde(default)]
    pub time: Option<String>,
    /// From columns: the unit of the time.
    #[serde(default = "in_days")]
    pub time_unit: TimeUnit,
    /// From columns: what happened at that time.
    #[serde(default)]
    pub status: Option<String>,
    /// From columns: the values of `status` that mean the event.
    #[serde(default = "event_values")]
    pub event_values: Vec<String>,
    /// From columns: the values of `status` that mean the end of follow-up without it.
    #[serde(default = "censored_values")]
    pub censored_values: Vec<String>,
    /// What to do with patients of whom it is not known.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

fn in_days() -> TimeUnit {
    TimeUnit::Days
}

/// Written for an event where nothing else is declared.
pub(crate) fn event_values() -> Vec<String> {
    vec!["1".to_owned(), "true".to_owned()]
}

/// Written for the end of follow-up without it.
pub(crate) fn censored_values() -> Vec<String> {
    vec!["0".to_owned(), "false".to_owned()]
}

/// What to do with patients of whom an endpoint is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    /// Leave its columns missing and ask the hospital: the analyses of this
    /// endpoint leave the patient out and count him.
    #[default]
    LeaveOut,
    /// It is a mistake: every patient must have it.
    Stop,
}

/// What to do where the event comes after the censoring date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventAfterCensor {
    /// It is a mistake: the patient was not followed that long.
    #[default]
    Mistake,
    /// It counts as an event on its own date: the censoring date only says how
    /// long patients without an event were followed.
    Event,
}

impl Endpoint {
    fn uses_dates(&self) -> bool {
        self.time.is_none() && self.status.is_none()
    }

    fn check(&self, call: &Call<'_>, table: &str, name: &str) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let at = |parameter: &'static str| ["define", name, parameter];
        if self.uses_dates() {
            if self.event.is_empty() {
                let message = "neither dates (`event`, `censor`) nor columns (`time`, `status`)";
                let hint = "name the date columns of the event: `event: [death_date]`";
                mistakes.push(Mistake::at(&["define", name], message).hint(hint));
            }
            for (index, column) in self.event.iter().enumerate() {
                let at = ["define", name, "event", &index.to_string()];
                mistakes.note(require(call, table, column, Holds::Dates, &at));
            }
            match &self.censor {
                Some(column) => {
                    mistakes.note(require(call, table, column, Holds::Dates, &at("censor")));
                }
                None if self.event.is_empty() => {}
                None => mistakes.push(
                    Mistake::at(
                        &["define", name],
                        "no `censor` date for patients without the event",
                    )
                    .hint("name the date of last contact: `censor: last_contact`"),
                ),
            }
        } else {
            self.check_columns(call, table, name, &mut mistakes);
        }
        mistakes.or(())
    }

    fn check_columns(&self, call: &Call<'_>, table: &str, name: &str, mistakes: &mut Mistakes) {
        if !self.event.is_empty() || self.censor.is_some() {
            let message = "both dates (`event`, `censor`) and columns (`time`, `status`)";
            mistakes.push(Mistake::at(&["define", name], message).hint("leave one pair out"));
        }
        match (&self.time, &self.status) {
            (Some(time), Some(status)) => {
                let at = ["define", name, "time"];
                mistakes.note(require(call, table, time, Holds::Numbers, &at));
                mistakes.note(call.require_column(table, status, &["define", name, "status"]));
                self.check_levels(call.table(table), name, status, mistakes);
            }
            (None, _) => mistakes.push(
                Mistake::at(&["define", name], "a `status` without a `time`")
                    .hint("name the column of the time: `time: ...`"),
            ),
            (_, None) => mistakes.push(
                Mistake::at(&["define", name], "a `time` without a `status`")
                    .hint("name the column of the status: `status: ...`"),
            ),
        }
        if let Some(value) = self.event_values.iter().find(|v| self.censored_values.contains(v)) {
            let at = ["define", name, "event_values"];
            let message = format!("`{value}` means both the event and its absence");
            mistakes.push(Mistake::at(&at, message).hint("declare `censored_values` too"));
        }
    }

    /// A value of a status that declares its levels is one of them.
    fn check_levels(&self, table: &Table, name: &str, status: &str, mistakes: &mut Mistakes) {
        let levels = table.about(status).levels;
        let lists = [
            ("event_values", &self.event_values, event_values()),
            ("censored_values", &self.censored_values, censored_values()),
        ];
        for (parameter, declared, default) in lists {
            // The default spellings are of several codings, of which a column has one.
            if levels.is_empty() || *declared == default {
                continue;
            }
            let names = || levels.iter().map(|level| level.value.as_str());
            for (index, value) in declared.iter().enumerate() {
                if names().all(|level| level != value) {
                    let message = format!("`{value}` is not a level of column `{status}`");
                    let at = ["define", name, parameter, &index.to_string()];
                    mistakes.push(Mistake::at(&at, message).hint_nearest(value, names()));
                }
            }
        }
    }

    /// The columns that it is made from.
    fn columns<'a>(&'a self, index: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        let index = index.filter(|_| self.uses_dates());
        let own = [&self.censor, &self.time, &self.status].into_iter().flatten().chain(&self.event);
        own.map(String::as_str).chain(index)
    }

    fn derivation(&self, index: Option<&str>) -> String {
        match (&self.time, &self.status, &self.censor) {
            (Some(time), Some(status), _) => format!(
                "{time} in {}, event where {status} is {}",
                self.time_unit.word(),
                self.event_values.join(" or ")
            ),
            (_, _, censor) => format!(
                "from {} to the earliest of {}; without an event to {}",
                index.unwrap_or_default(),
                self.event.join(", "),
                censor.as_deref().unwrap_or_default()
            ),
        }
    }
}

impl Endpoints {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }

    fn index<'a>(&'a self, study: &'a StudySettings) -> Option<&'a str> {
        self.index_date.as_deref().or(study.index_date.as_deref())
    }
}

impl Endpoints {
    /// The study's time zero, where time is counted from another date. That one
    /// must not come before it: what is known at time zero is known then, too.
    fn before_index<'a>(&self, revision: &mut Revision<'a>) -> Option<&'a str> {
        // Only where the rule names another date than the study.
        let index = self.index_date.as_deref()?;
        let zero = revision.index_date().filter(|zero| *zero != index)?;
        if !revision.table.has(zero) || revision.dtype(zero) != DataType::Date {
            return None;
        }
        let (zeros, indices) = (days(&revision.table, zero), days(&revision.table, index));
        // Of patients who have both; one without has his query.
        let is_before = |row: &usize| zeros[*row].zip(indices[*row]).is_some_and(|(a, b)| b < a);
        let wrong: Vec<usize> = (0..zeros.len()).filter(is_before).collect();
        if !wrong.is_empty() {
            let message = format!(
                "`{index}` comes before the study's time zero, `{zero}`: {}",
                revision.places(&wrong)
            );
            let mistake = Mistake::at(&["index_date"], message);
            revision.mistakes.push(mistake.hint(
                "count from time zero or from a later date, for groups are those that are known at time zero",
            ));
        }
        Some(zero)
    }
}

impl Kind for Endpoints {
    const NAME: &'static str = "endpoints";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let at: &[&str] = if self.table.is_some() { &["table"] } else { &[] };
        let table = self.table(study);
        Wiring {
            reads: vec![Read::table(table, at)],
            writes: vec![table.to_owned()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        let table = self.table(call.study);
        if self.define.iter().any(|(_, endpoint)| endpoint.uses_dates()) {
            mistakes.note(match self.index(call.study) {
                Some(index) => require(call, table, index, Holds::Dates, &["index_date"]),
                None => Err(Mistake::new("no date from which time is counted")
                    .hint("set `index_date` in `study:` or here")),
            });
        }
        for (name, endpoint) in self.define.iter() {
            if let Err(found) = endpoint.check(call, table, name) {
                mistakes.0.extend(found.0);
            }
        }
        mistakes.or(())?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, self.table(call.study));
        let index = self.index(call.study);
        let zero = self.before_index(&mut revision);
        for (name, endpoint) in self.define.iter() {
            let times = endpoint.times(&mut revision, name, index, call.study);
            let about = Column {
                label: endpoint.label.clone(),
                derivation: Some(endpoint.derivation(index)),
                ..Column::default()
            };
            let dates = endpoint.columns(index);
            let mut made = revision.table.lineage_of(dates);
            // Time zero has part in it: it was held against the other date.
            if let Some(zero) = zero.filter(|_| endpoint.uses_dates()) {
                made.made_of(&revision.own(zero));
            }
            let in_days = Column { unit: Some("days".to_owned()), ..about.clone() };
            let days = real_series(&format!("{name}_days"), times.days);
            revision.write_as(days, in_days, made.clone());
            let events = boolean_series(&format!("{name}_event"), times.events);
            revision.write_as(events, about, made);
        }
        revision.close()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    fn patients() -> Table {
        table(
            "record_id|start:date|progression:date|death:date|scan:date|contact:date\n\
             P-001|2020-01-01|2020-03-01|2020-06-01|2020-03-01|2020-05-31\n\
             P-002|2020-01-01||2020-02-01|2020-01-15|2020-01-20\n\
             P-003|2020-01-01|||2020-04-10|2020-05-10\n\
             P-004|2020-01-01||2020-01-01||2020-01-01",
        )
    }

    fn said(define: &Value, patients: &Table) -> Vec<String> {
        let parameters = json!({"index_date": "start", "define": define});
        messages(&run::<Endpoints>(parameters, &[("patients", patients)]).expect_err("a mistake"))
    }

    #[test]
    fn times_uses_dates() {
        let define = json!({
            "os": {"label": "Overall survival", "event": ["death"], "censor": "contact", "event_after_censor": "event"},
            "pfs": {
                "label": "Progression-free survival", "event": ["progression", "death"],
                "censor": "scan", "event_after_censor": "event",
            },
        });
        let parameters = json!({"index_date": "start", "define": define});
        let output =
            run::<Endpoints>(parameters, &[("patients", &patients())]).expect("all is well");
        let made = &output.tables["patients"];
        let ends: Vec<String> = shown(made)
            .iter()
            .map(|line| line.split('|').skip(6).collect::<Vec<_>>().join("|"))
            .collect();
        assert_eq!(
            ends,
            [
                "os_days|os_event|pfs_days|pfs_event",
                "152|true|60|true",
                "31|true|31|true",
                "130|false|100|false",
                "0|true|0|true",
            ]
        );
        assert_eq!(
            Column { lineage: study::Lineage::default(), ..made.about("pfs_days") },
            Column {
                label: "Progression-free survival".into(),
                unit: Some("days".into()),
                derivation: Some(
                    "from start to the earliest of progression, death; without an event to scan"
                        .into()
                ),
                ..Column::default()
            }
        );
        assert_eq!(made.about("pfs_event").label, "Progression-free survival");
    }

    #[test]
    fn times_from_columns() {
        let lung = table("record_id|months:real|status:whole\n1|2|2\n2|0.5|1\n3|0|2");
        let define = json!({"os": {
            "label": "Overall survival", "time": "months", "time_unit": "months",
            "status": "status", "event_values": ["2"], "censored_values": ["1"],
        }});
        let output = run::<Endpoints>(json!({"define": define}), &[("patients", &lung)]);
        assert_eq!(
            shown(&output.expect("all is well").tables["patients"]),
            [
                "record_id|months|status|os_days|os_event",
                "1|2|2|60.875|true",
                "2|0.5|1|15.21875|false",
                "3|0|2|0|true",
            ]
        );
    }

    #[test]
    fn times_that_cannot_be_right_are_told() {
        let wrong = table(
            "record_id|start:date|death:date|contact:date\n\
             P-001|2020-01-10||2020-01-01\nP-002|2020-01-01||\nP-003||2020-01-01|2020-01-01\n\
             P-004|2020-01-01|2020-01-05|2020-01-02\nP-005|2020-01-10|2020-01-09|2020-01-09\n\
             P-006|2020-01-01|2020-01-05|2020-01-05",
        );
        let define = json!({"os": {
            "label": "Overall survival", "event": ["death"], "censor": "contact", "when_missing": "stop",
        }});
        let mend = "mend the dates by a rule before this one, or exclude the patients";
        let fill = "fill them in by a rule before this one, or write `when_missing: leave_out`";
        assert_eq!(
            said(&define, &wrong),
            [
                format!(
                    "define.os: endpoint `os`: the time ends before `start`: line 2 (P-001), -9 days, line 6 (P-005), -1 days; {mend}"
                ),
                format!(
                    "define.os: endpoint `os`: the event comes after `contact`: line 5 (P-004), 3 days later; {mend}"
                ),
                format!(
                    "define.os: endpoint `os`: `death` and `contact` are all missing: line 3 (P-002); {fill}"
                ),
                format!("define.os: endpoint `os`: `start` is missing: line 4 (P-003); {fill}"),
            ]
        );
    }

    #[test]
    fn statuses_that_cannot_be_right_are_told() {
        let wrong = table(
            "record_id|days:real|status:whole\n1|-3|1\n2|5|2\n3||1\n4|5|\n5|5|0\n6|5|9\n7|5|2",
        );
        let define = json!({"os": {
            "label": "Overall survival", "time": "days", "status": "status", "when_missing": "stop",
        }});
        let parameters = json!({"define": define});
        let mistakes = run::<Endpoints>(parameters, &[("patients", &wrong)]);
        let mend = "mend the times by a rule before this one, or exclude the patients";
        let fill = "fill them in by a rule before this one, or write `when_missing: leave_out`";
        let name = "add `2`, `9` to `event_values` or to `censored_values`, or mend them by a rule before this one";
        assert_eq!(
            messages(&mistakes.expect_err("mistakes")),
            [
                format!(
                    "define.os: endpoint `os`: the time ends before the index date: line 2 (1), -3 days; {mend}"
                ),
                format!(
                    "define.os: endpoint `os`: `status` is none of `1`, `true`, `0`, `false`: line 3 (2), `2`, line 7 (6), `9`, line 8 (7), `2`; {name}"
                ),
                format!("define.os: endpoint `os`: `days` is missing: line 4 (3); {fill}"),
                format!("define.os: endpoint `os`: `status` is missing: line 5 (4); {fill}"),
            ]
        );
    }

    #[test]
    fn a_patient_without_an_endpoint_keeps_the_others() {
        let cohort = table(
            "record_id|t:whole|s:whole|pt:whole|ps:whole\nA1|10|1|5|1\nA2|20|0||\nA3|30|1|25|\nA4|||7|0",
        );
        let define = json!({
            "os": {"label": "OS", "time": "t", "status": "s"},
            "pfs": {"label": "PFS", "time": "pt", "status": "ps"},
        });
        let output = run::<Endpoints>(json!({"define": define}), &[("patients", &cohort)])
            .expect("what is not known stops nothing");
        let ends: Vec<String> = shown(&output.tables["patients"])
            .iter()
            .map(|line| line.split('|').skip(5).collect::<Vec<_>>().join("|"))
            .collect();
        assert_eq!(
            ends,
            [
                "os_days|os_event|pfs_days|pfs_event",
                "10|true|5|true",
                "20|false||",
                "30|true||",
                "||7|false"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "5 A4 os_days: (missing) -> (missing) (query: endpoint `os` is not known: `s` and `t` are missing)",
                "3 A2 pfs_days: (missing) -> (missing) (query: endpoint `pfs` is not known: `ps` and `pt` are missing)",
                "4 A3 pfs_days: (missing) -> (missing) (query: endpoint `pfs` is not known: `ps` is missing)",
            ]
        );
    }

    #[test]
    fn a_patient_without_a_date_is_left_out() {
        let cohort = table(
            "record_id|start:date|death:date|contact:date\nA1|2020-01-01||2020-01-09\nA2|||2020-01-09\nA3|2020-01-01||",
        );
        let define = json!({"os": {"label": "OS", "event": ["death"], "censor": "contact"}});
        let parameters = json!({"index_date": "start", "define": define});
        let output =
            run::<Endpoints>(parameters, &[("patients", &cohort)]).expect("nothing stops it");
        assert_eq!(
            log(&output),
            [
                "3 A2 os_days: (missing) -> (missing) (query: endpoint `os` is not known: `start` is missing)",
                "4 A3 os_days: (missing) -> (missing) (query: endpoint `os` is not known: `death` and `contact` are all missing)",
            ]
        );
    }

    #[test]
    fn a_status_that_nobody_has_is_told() {
        let told = |status: &str, extra: Value| {
            let rows = format!("record_id|time:whole|status\nP-001|10|{status}\nP-002|20|alive");
            let mut os = json!({
                "time": "time", "status": "status", "label": "OS", "censored_values": ["alive"],
            });
            let own = os.as_object_mut().expect("an object");
            own.extend(extra.as_object().cloned().expect("an object"));
            let mut patients = table(&rows);
            if extra.get("event_values") == Some(&json!(["Dead"])) {
                let levels = ["dead", "alive"].map(|value| study::Level {
                    value: value.to_owned(),
                    label: value.to_owned(),
                    id: None,
                });
                patients.columns.get_mut("status").expect("a column").levels = levels.to_vec();
            }
            run::<Endpoints>(json!({"define": {"os": os}}), &[("patients", &patients)])
        };
        let notices = |status: &str, extra| told(status, extra).expect("it runs").notices;
        let none = "endpoint `os`: no row of `patients` has";
        assert_eq!(
            notices("alive", json!({"event_values": ["deceased"]})),
            [format!("{none} `deceased` in `status`, which `event_values` names")]
        );
        assert_eq!(
            notices("alive", json!({})),
            [format!("{none} `1`, `true` in `status`, which `event_values` names")]
        );
        assert_eq!(notices("1", json!({})), [""; 0]);
        assert_eq!(
            notices(
                "dead",
                json!({"event_values": ["dead"], "censored_values": ["alive", "lost"]})
            ),
            [format!("{none} `lost` in `status`, which `censored_values` names")]
        );
        // where the levels are declared nobody need look at the rows
        assert_eq!(
            messages(&told("alive", json!({"event_values": ["Dead"]})).expect_err("no level")),
            [
                "define.os.event_values.0: `Dead` is not a level of column `status`; did you mean `dead`?"
            ]
        );
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let define = json!({
            "a": {"label": "A"},
            "b": {"label": "B", "event": ["death", "deth"]},
            "c": {"label": "C", "event": ["record_id"], "censor": "contact"},
            "d": {"label": "D", "time": "start"},
            "e": {"label": "E", "time": "death", "status": "stat", "censor": "contact", "event_values": ["0"]},
        });
        let dates =
            "holds dates, not numbers; turn it into numbers with a `parse_numbers` rule first";
        assert_eq!(
            said(&define, &patients()),
            [
                "define.a: neither dates (`event`, `censor`) nor columns (`time`, `status`); name the date columns of the event: `event: [death_date]`".to_owned(),
                "define.b.event.1: table `patients` has no column `deth`; did you mean `death`?".to_owned(),
                "define.b: no `censor` date for patients without the event; name the date of last contact: `censor: last_contact`".to_owned(),
                "define.c.event.0: column `record_id` of table `patients` holds text, not dates; turn it into dates with a `parse_dates` rule first".to_owned(),
                "define.d: a `time` without a `status`; name the column of the status: `status: ...`".to_owned(),
                "define.e: both dates (`event`, `censor`) and columns (`time`, `status`); leave one pair out".to_owned(),
                format!("define.e.time: column `death` of table `patients` {dates}"),
                "define.e.status: table `patients` has no column `stat`; did you mean `start`?".to_owned(),
                "define.e.event_values: `0` means both the event and its absence; declare `censored_values` too".to_owned(),
            ]
        );
        let define =
            json!({"os": {"label": "Overall survival", "event": ["death"], "censor": "contact"}});
        let mistakes = run::<Endpoints>(json!({"define": define}), &[("patients", &patients())]);
        assert_eq!(
            messages(&mistakes.expect_err("no index date")),
            [": no date from which time is counted; set `index_date` in `study:` or here"]
        );
    }
}
