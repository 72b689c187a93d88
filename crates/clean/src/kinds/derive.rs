//! `derive`: a column from an SQL expression on the others.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Column, Level, Output, StudySettings};

use polars::prelude::{DataType, Series};

use crate::cells::{Edit, Revision, texts, type_in_words};
use crate::kinds::parameters::sql_mistake;
use crate::rows::{Holds, require, set_column, table_or_default};

/// Makes a column of a table from an SQL expression on its other columns, or
/// gives a column that is there new values. A difference of two dates is a
/// whole number of days; a missing value makes the result missing unless the
/// expression says otherwise.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Derive {
    /// The table; the study's analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// Name of the column; the rule's own name if left out.
    #[serde(default)]
    pub column: Option<String>,
    /// The SQL expression, such as `CASE WHEN age >= 65 THEN 'old' ELSE 'young' END`.
    pub sql: String,
    /// The column in words.
    #[serde(default)]
    pub label: Option<String>,
    /// Unit of its numbers.
    #[serde(default)]
    pub unit: Option<String>,
    /// For text: its levels in order; any other value is a mistake.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Levels in words, where they differ: `level: words`.
    #[serde(default)]
    pub level_labels: Named<String>,
    /// The date column that says when the value came to be known, where that is
    /// after the index date. Analyses use it to guard against immortal time.
    #[serde(default)]
    pub known_from: Option<String>,
}

impl Derive {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }

    fn column<'a>(&'a self, call: &'a Call<'_>) -> &'a str {
        self.column.as_deref().unwrap_or(call.name)
    }

    fn levels(&self) -> Vec<Level> {
        let labelled =
            |value: &String| Level::new(value, self.level_labels.get(value).unwrap_or(value));
        self.levels.iter().map(labelled).collect()
    }

    fn check(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let table = call.table(self.table(call.study));
        match table.evaluate(&self.sql, self.column(call)) {
            Ok(series) => {
                mistakes.note(self.check_type(series.dtype()));
            }
            Err(error) => mistakes.push(sql_mistake(&error, table, &["sql"])),
        }
        for level in self.level_labels.names() {
            if !self.levels.iter().any(|known| known == level) {
                let message = format!("`{level}` is not one of the levels");
                let mut mistake = Mistake::at(&["level_labels", level], message);
                mistake.hint = nearest(level, self.levels.iter().map(String::as_str));
                mistakes.push(mistake);
            }
        }
        if let Some(date) = &self.known_from {
            let table = self.table(call.study);
            mistakes.note(require(call, table, date, Holds::Dates, &["known_from"]));
        }
        mistakes.or(())
    }

    fn check_type(&self, found: &DataType) -> Result<(), Mistake> {
        if !self.levels.is_empty() && *found != DataType::String {
            let message =
                format!("levels are for text, but the expression gives {}", type_in_words(found));
            let hint = "leave `levels` out, or write a CASE that gives text";
            return Err(Mistake::at(&["levels"], message).hint(hint));
        }
        match found {
            DataType::String
            | DataType::Int64
            | DataType::Float64
            | DataType::Boolean
            | DataType::Date => Ok(()),
            other => {
                let message = format!("the expression gives {other}, which a table cannot hold");
                Err(Mistake::at(&["sql"], message).hint("CAST it to a number or to text"))
            }
        }
    }

    /// Every value must be a declared level.
    fn check_values(&self, revision: &mut Revision, values: &[Option<String>]) {
        if self.levels.is_empty() {
            return;
        }
        let mut unknown: Vec<(&String, Vec<usize>)> = Vec::new();
        for (row, value) in values.iter().enumerate() {
            let Some(value) = value.as_ref().filter(|value| !self.levels.contains(value)) else {
                continue;
            };
            match unknown.iter_mut().find(|(known, _)| *known == value) {
                Some((_, rows)) => rows.push(row),
                None => unknown.push((value, vec![row])),
            }
        }
        for (value, rows) in unknown {
            let message = format!("`{value}` is not a declared level: {}", revision.places(&rows));
            let mut mistake = Mistake::at(&["levels"], message);
            mistake.hint = nearest(value, self.levels.iter().map(String::as_str));
            revision.mistakes.push(mistake);
        }
    }

    fn about(&self, call: &Call<'_>, values: &Series, former: &Column) -> Column {
        let name = self.column(call);
        let text = *values.dtype() == DataType::String;
        let levels = if self.levels.is_empty() && text { &former.levels } else { &self.levels() };
        Column {
            label: self.label.clone().unwrap_or_else(|| {
                if former.label.is_empty() { name.to_owned() } else { former.label.clone() }
            }),
            unit: self.unit.clone().or_else(|| former.unit.clone()),
            levels: levels.clone(),
            known_from: self.known_from.clone().or_else(|| former.known_from.clone()),
            derivation: Some(self.sql.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// Logs every cell of an existing column that got another value.
fn note_replaced(
    revision: &mut Revision,
    column: &str,
    before: &[Option<String>],
    after: &[Option<String>],
) {
    for (row, (before, after)) in before.iter().zip(after).enumerate() {
        if before != after {
            revision.note(
                row,
                Edit {
                    field: column,
                    raw: before.as_deref(),
                    clean: after.as_deref(),
                    action: if after.is_some() { Action::Fixed } else { Action::SetMissing },
                    reason: "derived from other columns".to_owned(),
                },
            );
        }
    }
}

impl Kind for Derive {
    const NAME: &'static str = "derive";

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
        self.check(call)?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, self.table(call.study));
        let name = self.column(call);
        let values = revision.table.evaluate(&self.sql, name);
        let values = values.map_err(|error| sql_mistake(&error, &revision.table, &["sql"]))?;
        let former = revision.table.columns.get(name).cloned().unwrap_or_default();
        let about = self.about(call, &values, &former);
        let replaced =
            revision.table.frame.column(name).is_ok().then(|| texts(&revision.table, name));
        set_column(&mut revision.table, values, about);
        let written = texts(&revision.table, name);
        self.check_values(&mut revision, &written);
        note_replaced(&mut revision, name, &replaced.unwrap_or_else(|| written.clone()), &written);
        revision.close()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    fn patients() -> study::Table {
        table(
            "record_id|age:real|start:date|stop:date\n\
             P-001|70|2020-01-01|2020-02-01\nP-002|64.9|2020-01-01|\nP-003||2020-01-01|2020-01-01",
        )
    }

    fn derived(parameters: Value) -> Output {
        run::<Derive>(parameters, &[("patients", &patients())]).expect("it derives")
    }

    fn said(parameters: Value) -> Vec<String> {
        messages(&run::<Derive>(parameters, &[("patients", &patients())]).expect_err("a mistake"))
    }

    #[test]
    fn a_level_for_each_patient_with_what_is_known_of_it() {
        let sql = "CASE WHEN age >= 65\n  THEN 'old' WHEN age < 65 THEN 'young' END";
        let output = derived(json!({
            "column": "age_group", "sql": sql, "label": "Age", "levels": ["young", "old"],
            "level_labels": {"old": "65 years or older"}, "known_from": "start",
        }));
        let patients = &output.tables["patients"];
        assert_eq!(
            shown(patients),
            [
                "record_id|age|start|stop|age_group",
                "P-001|70|2020-01-01|2020-02-01|old",
                "P-002|64.9|2020-01-01||young",
                "P-003||2020-01-01|2020-01-01|",
            ]
        );
        let level = |value: &str, label: &str| Level::new(value, label);
        assert_eq!(
            patients.about("age_group"),
            Column {
                label: "Age".into(),
                unit: None,
                levels: vec![level("young", "young"), level("old", "65 years or older")],
                known_from: Some("start".into()),
                derivation: Some(
                    "CASE WHEN age >= 65 THEN 'old' WHEN age < 65 THEN 'young' END".into()
                ),
            }
        );
        assert_eq!(log(&output), [""; 0]);
    }

    #[test]
    fn a_difference_of_dates_is_in_days_and_named_after_the_rule() {
        let output = derived(json!({"sql": "stop - start", "unit": "days"}));
        assert_eq!(shown(&output.tables["patients"])[1], "P-001|70|2020-01-01|2020-02-01|31");
        assert_eq!(output.tables["patients"].about("the_rule").unit, Some("days".into()));
    }

    #[test]
    fn replaced_values_are_logged() {
        let output = derived(json!({
            "column": "stop", "sql": "CASE WHEN age IS NULL THEN NULL ELSE COALESCE(stop, start) END",
        }));
        assert_eq!(
            log(&output),
            [
                "3 P-002 stop: (missing) -> 2020-01-01 (fixed: derived from other columns)",
                "4 P-003 stop: 2020-01-01 -> (missing) (set_missing: derived from other columns)",
            ]
        );
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(
            said(json!({"sql": "agee + 1", "known_from": "age", "level_labels": {"x": "X"}})),
            [
                "sql: SQL expression names a column `agee` that the table does not have; did you mean `age`?",
                "level_labels.x: `x` is not one of the levels",
                "known_from: column `age` of table `patients` holds numbers, not dates; turn it into dates with a `parse_dates` rule first",
            ]
        );
        assert_eq!(
            said(json!({"sql": "age + 1", "levels": ["1"]})),
            [
                "levels: levels are for text, but the expression gives numbers; leave `levels` out, or write a CASE that gives text"
            ]
        );
        let sql = "CASE WHEN age >= 65 THEN 'old' ELSE 'yung' END";
        assert_eq!(
            said(json!({"sql": sql, "levels": ["young", "old"]})),
            [
                "levels: `yung` is not a declared level: line 3 (P-002), line 4 (P-003); did you mean `young`?"
            ]
        );
    }
}
