//! `derive`: a column from an SQL expression on the others.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring, check_level_ids, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{
    Action, Column, Level, Lineage, Moment, Output, StudySettings, Table, TakenAs, Texts,
    UnknownRows,
};

use polars::prelude::{DataType, Series};

use crate::cells::{Edit, Revision, days, type_in_words};
use crate::coded::cells;
use crate::kinds::parameters::sql_mistake;
use crate::lineage::of_sql;
use crate::rows::{Holds, require, table_or_default};

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
    /// The SQL expression, such as
    /// `CASE WHEN age >= 65 THEN 'old' WHEN age < 65 THEN 'young' END`
    /// (docs/expressions.md).
    pub sql: String,
    /// What a `CASE` gives where a condition is unknown, because a value is
    /// missing, and no later `WHEN` that holds asks for it: `otherwise` goes on
    /// to the later branches and `ELSE`, as SQL does, `missing` gives nothing.
    /// Either way the log says for how many.
    #[serde(default)]
    pub unknown: UnknownCondition,
    /// The column in words.
    #[serde(default)]
    pub label: Option<String>,
    /// Unit of its numbers.
    #[serde(default)]
    pub unit: Option<String>,
    /// Digits after the decimal point in which tables, figures and texts print its numbers, medians
    /// and ranges, such as 0 for a year; one unless declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 12))]
    pub decimals: Option<u8>,
    /// For text: its levels in order; any other value is a mistake.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Levels in words, where they differ: `level: words`.
    #[serde(default)]
    pub level_labels: Named<String>,
    /// Names of levels in the ids of findings, where their own give none or
    /// would be those of others: `level_ids: { "+": positive, "-": negative }`.
    // left out where there are none: the digest of such a declaration stays what it was
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub level_ids: Named<String>,
    /// A date column from which on the value is known, where that is later than
    /// the dates of the columns it is made of, from which it is known anyway. An
    /// earlier date is a mistake.
    #[serde(default)]
    pub known_from: Option<String>,
}

/// What a `CASE` gives where a condition is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCondition {
    /// The value of a later branch, or of `ELSE`.
    #[default]
    Otherwise,
    /// Nothing.
    Missing,
}

impl Derive {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }

    fn column<'a>(&'a self, call: &'a Call<'_>) -> &'a str {
        self.column.as_deref().unwrap_or(call.name)
    }

    fn levels(&self) -> Vec<Level> {
        let level = |value: &String| {
            let label = self.level_labels.get(value).unwrap_or(value);
            Level::new(value, label).with_id(self.level_ids.get(value))
        };
        self.levels.iter().map(level).collect()
    }

    fn check(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let table = call.table(self.table(call.study));
        // On a table without rows: every mistake but those of single values.
        match table.evaluate(&self.sql, self.column(call)) {
            Ok(series) => {
                mistakes.note(self.check_type(series.dtype()));
                mistakes.0.extend(self.check_texts(table));
            }
            Err(error) => mistakes.push(sql_mistake(&error, table, &["sql"])),
        }
        for level in self.level_labels.names() {
            if !self.levels.iter().any(|known| known == level) {
                // A label without its level is a misspelling.
                let message = format!("`{level}` is not one of the levels");
                let mut mistake = Mistake::at(&["level_labels", level], message);
                mistake.hint = nearest(level, self.levels.iter().map(String::as_str));
                mistakes.push(mistake);
            }
        }
        let levels: Vec<&str> = self.levels.iter().map(String::as_str).collect();
        mistakes.0.extend(check_level_ids(&self.level_ids, &levels, &["level_ids"]).0);
        if let Some(date) = &self.known_from {
            let table = self.table(call.study);
            mistakes.note(require(call, table, date, Holds::Dates, &["known_from"]));
        }
        mistakes.or(())
    }

    /// What the column is made from, and from when on it is known.
    fn lineage(&self, revision: &mut Revision<'_>, values: &Series) -> Lineage {
        let mut made = of_sql(&revision.table, &self.sql);
        let Some(date) = &self.known_from else { return made };
        let own = revision.own(date).date;
        let declared = own.unwrap_or_else(|| Moment::of_row(revision.author().date(date)));
        // the rows of the table are an ingredient, too
        made.given(&revision.table.rows);
        let is_zero = revision.is_time_zero(date);
        // A declared date may only make it later: each date of the ingredients is held
        // against it.
        for known in std::mem::take(&mut made.known) {
            let column = revision.table.column_of_date(&known.date).map(str::to_owned);
            let column = column.filter(|_| !known.of_all_rows);
            if let Some(column) = &column {
                // a bound that a rehearsal sees may be gone in the run, which then compares
                let _ = revision.table.type_of(column);
            }
            // Never later than the declared date by what lineage knows: nothing to compare.
            if known.is_by(&declared.date) {
                continue;
            }
            match column {
                Some(column) => {
                    let wrong = is_earlier(revision, date, &column, values);
                    // For time zero lineage alone decides, in a rehearsal too; other dates are
                    // compared row by row.
                    if is_zero || !wrong.is_empty() {
                        revision.mistakes.push(earlier(revision, date, &column, &wrong));
                    }
                }
                None if is_zero => {
                    let column = format!("{}.{}", known.date.table, known.date.column);
                    revision.mistakes.push(earlier(revision, date, &column, &[]));
                }
                // its date is not in this table to be compared with: it stays
                None => drop(made.known.insert(known)),
            }
        }
        made.known.insert(declared);
        made
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

    /// Every text that the expression gives must be a declared level.
    fn check_texts(&self, table: &Table) -> Vec<Mistake> {
        // Those that stand in the expression are known before any row is read.
        let texts = table.texts_given(&self.sql).unwrap_or_default();
        let levels = || self.levels.iter().map(String::as_str);
        let unknown = texts.iter().filter(|text| levels().all(|level| level != *text));
        let mistake = |text: &String| {
            let message = format!("the expression gives `{text}`, which is not a declared level");
            Mistake::at(&["sql"], message).hint_nearest(text, levels())
        };
        if self.levels.is_empty() { Vec::new() } else { unknown.map(mistake).collect() }
    }

    /// Every value must be a declared level.
    fn check_values(&self, revision: &mut Revision<'_>, values: &Texts) {
        if self.levels.is_empty() {
            return;
        }
        // By value, so that one misspelling is one mistake with all of its rows.
        let mut unknown: Vec<(&str, Vec<usize>)> = Vec::new();
        let is_level = |value: &str| self.levels.iter().any(|level| level == value);
        for (row, value) in values.iter().enumerate() {
            let Some(value) = value.filter(|value| !is_level(value)) else {
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
        // A column that is mended keeps its levels; `check_values` holds the new texts
        // against them.
        let levels = if self.levels.is_empty() && text { &former.levels } else { &self.levels() };
        Column {
            label: self.label.clone().unwrap_or_else(|| {
                if former.label.is_empty() { name.to_owned() } else { former.label.clone() }
            }),
            unit: self.unit.clone().or_else(|| former.unit.clone()),
            decimals: self.decimals.or(former.decimals),
            levels: levels.clone(),
            derivation: Some(self.sql.split_whitespace().collect::<Vec<_>>().join(" ")),
            lineage: Lineage::default(),
        }
    }
}

/// The rows with a value whose date lies before that of an ingredient, or is
/// missing where the ingredient has one.
fn is_earlier(revision: &Revision<'_>, date: &str, column: &str, values: &Series) -> Vec<usize> {
    let (declared, own) = (days(&revision.table, date), days(&revision.table, column));
    let has_value = values.is_not_null();
    // Missing where the ingredient has a date: then nobody knows that it was later.
    let is_wrong = |row: &usize| {
        has_value.get(*row) == Some(true)
            && own[*row].is_some_and(|own| declared[*row].is_none_or(|declared| declared < own))
    };
    (0..own.len()).filter(is_wrong).collect()
}

fn earlier(revision: &Revision<'_>, date: &str, column: &str, rows: &[usize]) -> Mistake {
    let places =
        if rows.is_empty() { String::new() } else { format!(": {}", revision.places(rows)) };
    let message =
        format!("`{date}` is earlier than `{column}`, from which the expression is known{places}");
    Mistake::at(&["known_from"], message)
        .hint("leave `known_from` out: the column inherits the latest date of what it is made of")
}

/// Logs every cell of an existing column that got another value.
fn note_replaced(revision: &mut Revision<'_>, column: &str, before: &Texts, after: &Texts) {
    for (row, (before, after)) in before.iter().zip(after.iter()).enumerate() {
        if before != after {
            revision.note(
                row,
                Edit {
                    field: column,
                    raw: before,
                    clean: after,
                    action: if after.is_some() { Action::Fixed } else { Action::SetMissing },
                    reason: "derived from other columns".to_owned(),
                },
            );
        }
    }
}

/// Logs every cell that a `CASE` decided although a condition was unknown.
fn note_unknown(revision: &mut Revision<'_>, column: &str, cases: &[UnknownRows], written: &Texts) {
    for case in cases {
        // Each row, so that `trace` can tell a patient what was decided about him.
        for row in &case.rows {
            let clean = written.get(*row);
            let reason = format!("`{}` is unknown", case.condition);
            let action = Action::Unknown;
            revision.note(*row, Edit { field: column, raw: None, clean, action, reason });
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
        let missing = self.unknown == UnknownCondition::Missing;
        let derived = revision.table.derive(&self.sql, name, missing);
        let derived = derived.map_err(|error| sql_mistake(&error, &revision.table, &["sql"]))?;
        let values = derived.values;
        let former = revision.table.columns.get(name).cloned().unwrap_or_default();
        let about = self.about(call, &values, &former);
        // Read before it is written over.
        let replaced = revision.table.has(name).then(|| cells(&revision.table, name));
        let made = self.lineage(&mut revision, &values);
        // Levels are printed; names must not come into print by way of them.
        if made.identifier && !self.levels.is_empty() {
            let message = format!("`{name}` identifies patients: it has no levels to print");
            let mistake = Mistake::at(&["levels"], message);
            revision.mistakes.push(mistake.hint("derive a group that many patients share"));
        }
        revision.write_as(values, about, made);
        let taken_as = if missing { TakenAs::Missing } else { TakenAs::Otherwise };
        revision.note_cases(&derived.unknown, &["sql"], taken_as);
        // most columns are new numbers, of which nobody needs the texts
        if replaced.is_some() || !self.levels.is_empty() || !derived.unknown.is_empty() {
            let written = cells(&revision.table, name);
            self.check_values(&mut revision, &written);
            if let Some(replaced) = &replaced {
                note_replaced(&mut revision, name, replaced, &written);
            }
            note_unknown(&mut revision, name, &derived.unknown, &written);
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
            "level_labels": {"old": "65 years or older"}, "level_ids": {"old": "from_65"}, "known_from": "start",
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
        let about = patients.about("age_group");
        let known: Vec<_> = about.lineage.known.iter().map(|known| &known.date.column).collect();
        assert_eq!(known, ["start"]);
        assert_eq!(
            Column { lineage: Lineage::default(), ..about },
            Column {
                label: "Age".into(),
                unit: None,
                decimals: None,
                levels: vec![
                    level("young", "young"),
                    level("old", "65 years or older").with_id(Some("from_65"))
                ],
                lineage: Lineage::default(),
                derivation: Some(
                    "CASE WHEN age >= 65 THEN 'old' WHEN age < 65 THEN 'young' END".into()
                ),
            }
        );
        assert_eq!(log(&output), [""; 0]);
    }

    #[test]
    fn a_difference_of_dates_is_in_days_and_named_after_the_rule() {
        let output = derived(json!({"sql": "stop - start", "unit": "days", "decimals": 0}));
        assert_eq!(shown(&output.tables["patients"])[1], "P-001|70|2020-01-01|2020-02-01|31");
        let about = output.tables["patients"].about("the_rule");
        assert_eq!((about.unit.as_deref(), about.decimals), (Some("days"), Some(0)));
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
    fn an_unknown_condition_is_told_and_chosen() {
        let sql = "CASE WHEN age >= 65 THEN 'old' ELSE 'young' END";
        let output = derived(json!({"column": "age_group", "sql": sql}));
        assert_eq!(shown(&output.tables["patients"])[3], "P-003||2020-01-01|2020-01-01|young");
        assert_eq!(
            log(&output),
            ["4 P-003 age_group: (missing) -> young (unknown: `age >= 65` is unknown)"]
        );
        assert_eq!(
            output.unknowns[0].words(),
            "`age >= 65` is unknown for 1 patient, given the value of a later branch (`age` is missing)"
        );
        let output = derived(json!({"column": "age_group", "sql": sql, "unknown": "missing"}));
        assert_eq!(shown(&output.tables["patients"])[3], "P-003||2020-01-01|2020-01-01|");
        assert_eq!(
            log(&output),
            ["4 P-003 age_group: (missing) -> (missing) (unknown: `age >= 65` is unknown)"]
        );
    }

    #[test]
    fn a_number_that_cannot_be_right_names_its_lines() {
        assert_eq!(
            said(json!({"sql": "1 / (DATEDIFF(day, start, stop))"})),
            [
                "sql: `1 / (DATEDIFF(day, start, stop))` divides by zero: line 4; write `x / NULLIF(y, 0)` where such a row is to be missing"
            ]
        );
        assert_eq!(
            said(json!({"sql": "CAST(age AS BIGINT) * 9223372036854775807"})),
            [
                "sql: `CAST(age AS BIGINT) * 9223372036854775807` is larger than a number can be: line 2, line 3; compute with real numbers, as in `1.0 * x`, or look for a wrong value in the row"
            ]
        );
        assert_eq!(
            said(json!({"sql": "datedif(day, start, stop)"})),
            [
                "sql: SQL expression calls `datedif`, which is no function here; did you mean `DATEDIFF`?"
            ]
        );
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(
            said(
                json!({"sql": "agee + 1", "known_from": "age", "level_labels": {"x": "X"}, "level_ids": {"y": "Y"}})
            ),
            [
                "sql: SQL expression names a column `agee` that the table does not have; did you mean `age`?",
                "level_labels.x: `x` is not one of the levels",
                "level_ids.y: there is no level `y`",
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
                "sql: the expression gives `yung`, which is not a declared level; did you mean `young`?"
            ]
        );
        // a value that only the rows tell
        assert_eq!(
            said(json!({"sql": "LEFT(CAST(start AS VARCHAR), 4)", "levels": ["2021"]})),
            [
                "levels: `2020` is not a declared level: line 2 (P-001), line 3 (P-002), line 4 (P-003); did you mean `2021`?"
            ]
        );
        assert_eq!(
            said(json!({"sql": "LEFT(record_id, 1)", "levels": ["P"]})),
            [
                "levels: `the_rule` identifies patients: it has no levels to print; derive a group that many patients share"
            ]
        );
    }
}
