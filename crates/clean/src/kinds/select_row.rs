//! `select_row`: picks one row per patient from a table with many.

mod lineage;

use std::cmp::Ordering;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, Span, StudySettings, Table};

use crate::cells::days;
use crate::keys::{Groups, Keys};
use crate::kinds::parameters::{chosen, sql_mistake};
use crate::lineage::check_time_zero;
use crate::rows::{
    Holds, key_or_default, key_parts, listed, ranks, require, strangers, table_or_default,
    without_key,
};
use crate::whole_days::whole_days;

/// Picks one row per patient from a table with many, such as the blood sample
/// nearest to the first dose, and puts the rows picked into a table of their
/// own; `join` brings its columns to the analysis table. Among equal rows the
/// one that stands first in the raw file is picked, or last for `last`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectRow {
    /// The table with many rows per patient.
    pub table: String,
    /// Name of the table of the rows picked.
    pub into: String,
    /// The columns that say which rows belong together; the study's patient column if left out.
    #[serde(default)]
    pub by: Vec<String>,
    /// Only rows where this SQL condition holds can be picked.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// Which row to pick.
    pub take: Take,
    /// For `first` and `last`: the columns that order the rows, each alone or
    /// followed by `asc` or `desc`. A row with a missing value comes after all
    /// others. Left out, the order of the raw file.
    #[serde(default)]
    pub order: Vec<String>,
    /// For `nearest`, and for `window`: the date column of `table`.
    #[serde(default)]
    pub date: Option<String>,
    /// The date to be near to: a column of the table `of`; the study's index date if left out.
    #[serde(default)]
    pub to: Option<String>,
    /// The table that holds `to`; the study's analysis table if left out. It
    /// has one row for each key: the columns of `by` where it has all of them,
    /// otherwise the patient.
    #[serde(default)]
    pub of: Option<String>,
    /// Only rows dated from the first to the second of these times after `to` can be picked;
    /// `[-30 days, 1 week]` means up to 30 days before and 7 after. In whole days.
    #[serde(default)]
    pub window: Option<[Span; 2]>,
}

/// Which row to pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The first by `order`.
    First,
    /// The last by `order`.
    Last,
    /// The one whose date is nearest to the date `to`; of two as near, the earlier date.
    Nearest,
}

impl SelectRow {
    /// The window in days.
    fn window_days(&self, study: &StudySettings) -> Result<Option<[i32; 2]>, Mistakes> {
        let Some([from, until]) = self.window else { return Ok(None) };
        let from = whole_days(study, from, &["window", "0"]);
        match (from, whole_days(study, until, &["window", "1"])) {
            (Ok(from), Ok(until)) => Ok(Some([from, until])),
            (from, until) => Err(Mistakes(from.err().into_iter().chain(until.err()).collect())),
        }
    }

    fn by_distance(&self) -> bool {
        self.take == Take::Nearest || self.window.is_some()
    }

    fn to<'a>(&'a self, study: &'a StudySettings) -> Option<&'a str> {
        self.to.as_deref().or(study.index_date.as_deref())
    }

    fn of<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.of.as_deref(), study)
    }

    fn check(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let table = call.table(&self.table);
        for (index, column) in self.by.iter().enumerate() {
            let at = ["by", &index.to_string()];
            mistakes.note(call.require_column(&self.table, column, &at));
        }
        if self.by.is_empty() {
            mistakes.note(call.require_column(&self.table, &call.study.patient, &["table"]));
        }
        for (index, order) in self.order.iter().enumerate() {
            let at = ["order", &index.to_string()];
            if let Some((column, _)) = mistakes.note(direction(order, &at)) {
                mistakes.note(call.require_column(&self.table, column, &at));
            }
        }
        if let Some(Err(error)) = self.condition.as_deref().map(|sql| table.holds(sql)) {
            mistakes.push(sql_mistake(&error, table, &["where"]));
        }
        self.check_distance(call, &mut mistakes);
        mistakes.or(())
    }

    fn check_distance(&self, call: &Call<'_>, mistakes: &mut Mistakes) {
        if self.take == Take::Nearest && !self.order.is_empty() {
            let message = "`order` says nothing where the nearest row is taken";
            mistakes.push(Mistake::at(&["order"], message).hint("leave it out"));
        }
        if !self.by_distance() {
            return;
        }
        match &self.date {
            Some(date) => {
                mistakes.note(require(call, &self.table, date, Holds::Dates, &["date"]));
            }
            None => mistakes.push(
                Mistake::new("no `date` says when a row was taken")
                    .hint("name the date column of the table: `date: ...`"),
            ),
        }
        match self.to(call.study) {
            Some(to) => {
                mistakes.note(require(call, self.of(call.study), to, Holds::Dates, &["to"]));
            }
            None => mistakes.push(
                Mistake::new("no date to be near to")
                    .hint("name it with `to`, or set `index_date` in `study:`"),
            ),
        }
        match (self.window_days(call.study), self.window) {
            (Err(wrong), _) => mistakes.0.extend(wrong.0),
            (Ok(Some([from, until])), Some(window)) if from > until => {
                let [from, until] = window.map(|end| end.resolved(call.study));
                let message = format!("the window ends ({until}) before it starts ({from})");
                mistakes.push(Mistake::at(&["window"], message));
            }
            _ => {}
        }
    }

    /// The key by which a row finds its date `to`.
    fn anchor_key(&self, call: &Call<'_>) -> Vec<String> {
        let by = key_or_default(&self.by, call.study);
        let has = call.table(self.of(call.study)).names();
        // The date may be one of a visit or one of a patient.
        if by.iter().all(|column| has.contains(column)) {
            by
        } else {
            vec![call.study.patient.clone()]
        }
    }

    /// Days from the date `to` to each row's date; none where either is missing.
    ///
    /// # Errors
    /// If several rows of `of` have one key: which date is meant is then open.
    fn distances(&self, call: &Call<'_>) -> Result<Vec<Option<i32>>, Mistakes> {
        let table = call.table(&self.table);
        let (true, Some(date), Some(to)) = (self.by_distance(), &self.date, self.to(call.study))
        else {
            return Ok(vec![None; table.height()]);
        };
        let of = call.table(self.of(call.study));
        let by = self.anchor_key(call);
        let anchors = days(of, to);
        // One number is one key in both tables.
        let (there, own) = Keys::of_both(of, table, &by);
        self.check_anchors(call, &by, &there.groups())?;
        let first = there.first_rows();
        let anchor_of = |key: usize| first.get(key).copied().flatten();
        // Later days are above zero.
        let of_row = |(key, day): (Option<usize>, &Option<i32>)| {
            Some(day.as_ref()? - anchors[anchor_of(key?)?]?)
        };
        if !own.iter().flatten().any(|key| anchor_of(key).is_some()) {
            let (of_name, at): (_, &[&str]) = match &self.of {
                Some(of) => (of.as_str(), &["of"]),
                None => (self.of(call.study), &["table"]),
            };
            strangers((&self.table, table), (of_name, of), &by, at)?;
        }
        Ok(own.iter().zip(&days(table, date)).map(of_row).collect())
    }

    fn check_anchors(
        &self,
        call: &Call<'_>,
        by: &[String],
        groups: &Groups,
    ) -> Result<(), Mistakes> {
        let patient = std::slice::from_ref(&call.study.patient);
        let what =
            if by == patient { "patient".to_owned() } else { format!("`{}`", by.join("`, `")) };
        let several: Vec<&[usize]> = groups.iter().filter(|rows| rows.len() > 1).collect();
        if several.is_empty() {
            return Ok(());
        }
        let first: Vec<usize> = several.iter().map(|rows| rows[0]).collect();
        let keys = key_parts(call.table(self.of(call.study)), by, &first);
        let in_words = |(rows, key): (&&[usize], &Vec<String>)| {
            format!("{} rows for {what} `{}`", rows.len(), key.join(", "))
        };
        let several: Vec<String> = several.iter().zip(&keys).map(in_words).collect();
        let at: &[&str] = if self.of.is_some() { &["of"] } else { &["to"] };
        let message = format!("table `{}` has {}", self.of(call.study), listed(&several));
        Err(Mistake::at(at, message)
            .hint("pick one of them by a `select_row` before this one, or name the column that tells them apart in `by`")
            .into())
    }

    /// Whether each row can be picked at all.
    fn eligible(&self, call: &Call<'_>, distances: &[Option<i32>]) -> Result<Vec<bool>, Mistakes> {
        let table = call.table(&self.table);
        let mut eligible = match &self.condition {
            Some(sql) => chosen(call, &self.table, sql, &["where"])?,
            None => vec![true; table.height()],
        };
        let window = self.window_days(call.study)?;
        for (row, eligible) in eligible.iter_mut().enumerate() {
            if self.by_distance() {
                let inside =
                    |days: i32| window.is_none_or(|[from, until]| (from..=until).contains(&days));
                // A row without a date lies in no window and is near to nothing.
                *eligible &= distances[row].is_some_and(inside);
            }
        }
        Ok(eligible)
    }
}

impl SelectRow {
    /// What tells the rows apart, in the order of importance: the row with the
    /// smallest values is picked.
    fn preferences(&self, table: &Table, distances: &[Option<i32>]) -> Vec<Vec<Option<f64>>> {
        if self.take == Take::Nearest {
            // The distance first; of two as near, the earlier.
            let near = distances.iter().map(|days| days.map(|days| f64::from(days.abs())));
            let early = distances.iter().map(|days| days.map(f64::from));
            return vec![near.collect(), early.collect()];
        }
        let last = self.take == Take::Last;
        let mut preferences: Vec<Vec<Option<f64>>> = Vec::new();
        for order in &self.order {
            let (column, descending) = direction(order, &[]).expect("invariant: checked");
            // The smallest is picked: `last` turns the order round, and `desc` does so once
            // more.
            let sign = if descending == last { 1.0 } else { -1.0 };
            let values = ranks(table, column);
            preferences.push(values.iter().map(|value| value.map(|value| sign * value)).collect());
        }
        // Of equals the last in the file, as documented.
        if last {
            let rows = 0..u32::try_from(table.height()).expect("invariant: rows fit u32");
            preferences.push(rows.map(|row| Some(-f64::from(row))).collect());
        }
        preferences
    }
}

/// A column with its direction; true where it descends.
fn direction<'a>(order: &'a str, at: &[&str]) -> Result<(&'a str, bool), Mistake> {
    let mut words = order.split_whitespace();
    let column = words.next().unwrap_or_default();
    match (words.next().map(str::to_lowercase).as_deref(), words.next()) {
        (None | Some("asc"), None) => Ok((column, false)),
        (Some("desc"), None) => Ok((column, true)),
        _ => Err(Mistake::at(at, format!("`{order}` is no order"))
            .hint("write a column, alone or followed by `asc` or `desc`")),
    }
}

/// Which of two rows is picked before the other: the smaller by the first
/// preference that tells them apart, a missing value always last.
fn preferred(preferences: &[Vec<Option<f64>>], a: usize, b: usize) -> Ordering {
    // Also for `last`: a missing value is never the one that is wanted.
    let compare = |values: &Vec<Option<f64>>| match (values[a], values[b]) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    preferences.iter().map(compare).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl Kind for SelectRow {
    const NAME: &'static str = "select_row";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = vec![Read::table(&self.table, &["table"])];
        if self.by_distance() {
            let at: &[&str] = if self.of.is_some() { &["of"] } else { &[] };
            reads.push(Read::table(self.of(study), at));
        }
        Wiring { reads, writes: vec![self.into.clone()], files: Vec::new() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call)?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let table = call.table(&self.table);
        let distances = self.distances(call)?;
        let eligible = self.eligible(call, &distances)?;
        let preferences = self.preferences(table, &distances);
        // Groups in the order of their first rows.
        let keys = Keys::of(table, &key_or_default(&self.by, call.study));
        let groups = keys.groups();
        let pick = |rows: &[usize]| {
            let eligible = rows.iter().copied().filter(|row| eligible[*row]);
            // `min_by` keeps the first of equals: the order of the file.
            eligible.min_by(|a, b| preferred(&preferences, *a, *b))
        };
        let picked: Vec<usize> = groups.iter().filter_map(pick).collect();
        let made = self.with_lineage(call, table.take(&picked));
        // The table of picked rows may be the one that is analysed.
        check_time_zero(call, &self.into, None, &made)?;
        let mut output = Output::of_table(&self.into, made);
        output.notices.extend(without_key(&self.table, &keys));
        // a `where` that leaves out some patients was written to do so
        if picked.len() < groups.len() && (self.by_distance() || picked.is_empty()) {
            let none = groups.len() - picked.len();
            let notice = format!("no row can be picked for {none} of {} keys", groups.len());
            output.notices.push(notice);
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{messages, run, shown, table};

    fn patients() -> Table {
        table("record_id|start:date\nP-001|2020-01-10\nP-002|2020-02-10\nP-003|")
    }

    fn labs() -> Table {
        table(
            "record_id|day:date|ldh:whole\n\
             P-001|2020-01-01|10\nP-001|2020-01-09|20\nP-001|2020-01-11|30\nP-001|2020-01-11|40\n\
             P-002|2020-01-01|50\nP-002||60\nP-003|2020-01-01|70\n|2020-01-01|80",
        )
    }

    fn picked(parameters: &Value) -> Vec<String> {
        let mut whole = json!({"table": "labs", "into": "one"});
        whole
            .as_object_mut()
            .expect("an object")
            .extend(parameters.as_object().cloned().expect("an object"));
        let output = run::<SelectRow>(whole, &[("patients", &patients()), ("labs", &labs())]);
        let lines = shown(&output.expect("it selects").tables["one"]);
        lines[1..].iter().map(|line| line.rsplit('|').next().unwrap_or("").to_owned()).collect()
    }

    #[test]
    fn one_row_is_picked_for_each_patient() {
        let cases = [
            // of two as near, the earlier date
            (json!({"take": "nearest", "date": "day", "to": "start"}), "20 50"),
            (
                json!({"take": "nearest", "date": "day", "to": "start", "window": ["-30 days", "0 days"]}),
                "20",
            ),
            // of two on one day, the first in the raw file
            (
                json!({"take": "nearest", "date": "day", "to": "start", "window": ["0 days", "30 days"]}),
                "30",
            ),
            (
                json!({"take": "last", "order": ["day"], "date": "day", "to": "start", "window": ["-9 days", "1 days"]}),
                "40",
            ),
            (json!({"take": "first"}), "10 50 70"),
            (json!({"take": "last"}), "40 60 70"),
            // a missing date comes after all others
            (json!({"take": "last", "order": ["day"]}), "40 50 70"),
            (json!({"take": "first", "order": ["day desc"]}), "30 50 70"),
            (json!({"take": "first", "order": ["day desc", "ldh desc"]}), "40 50 70"),
            (json!({"take": "first", "where": "ldh > 30"}), "40 50 70"),
        ];
        for (parameters, expected) in cases {
            assert_eq!(picked(&parameters).join(" "), expected, "{parameters}");
        }
    }

    #[test]
    fn keys_that_are_written_in_two_ways_are_told() {
        let samples = table("record_id|day:date\nP-001-01|2020-01-01\nP-002-01|2020-01-02");
        let parameters = json!({"table": "labs", "into": "one", "take": "nearest", "date": "day", "to": "start"});
        let found = run::<SelectRow>(parameters, &[("patients", &patients()), ("labs", &samples)]);
        assert_eq!(
            messages(&found.expect_err("a mistake")),
            [
                "table: no row of `labs` finds a partner in `patients`: `record_id` holds `P-001-01`, `P-002-01` here and `P-001`, `P-002`, `P-003` there; bring the keys to one form by a rule before this one, such as `normalize_id`, `tidy_text` or `derive`, or match by other columns"
            ]
        );
    }

    #[test]
    fn patients_without_a_row_are_counted_for_the_screen() {
        let noticed = |parameters: Value| {
            let mut whole = json!({"table": "labs", "into": "one", "take": "first"});
            let own = whole.as_object_mut().expect("an object");
            own.extend(parameters.as_object().cloned().expect("an object"));
            let tables = [("patients", &patients()), ("labs", &labs())];
            run::<SelectRow>(whole, &tables).expect("it selects").notices
        };
        let lost = "1 row of `labs` has no key and is left out";
        assert_eq!(noticed(json!({"where": "ldh > 60"})), [lost]);
        assert_eq!(
            noticed(json!({"where": "ldh > 600"})),
            [lost, "no row can be picked for 3 of 3 keys"]
        );
        assert_eq!(
            noticed(json!({"date": "day", "to": "start", "window": ["-9 days", "9 days"]})),
            [lost, "no row can be picked for 2 of 3 keys"]
        );
    }

    /// Which of two dates is meant must not depend on the order of the file.
    #[test]
    fn several_dates_to_be_near_to_are_a_mistake() {
        let visits = table(
            "record_id|visit:whole|start:date\nP-001|2|2020-01-10\nP-001|1|2020-01-02\nP-002|1|2020-01-02",
        );
        let near = |extra: Value| {
            let mut parameters = json!({
                "table": "labs", "into": "one", "take": "nearest", "date": "day", "of": "visits", "to": "start",
            });
            let parameters_of = parameters.as_object_mut().expect("an object");
            parameters_of.extend(extra.as_object().cloned().expect("an object"));
            parameters
        };
        let expected = [
            "of: table `visits` has 2 rows for patient `P-001`; pick one of them by a `select_row` before this one, or name the column that tells them apart in `by`",
        ];
        let window = json!({"take": "first", "window": ["-30 days", "30 days"]});
        for extra in [json!({}), window] {
            let tables = [("labs", &labs()), ("visits", &visits)];
            let found = run::<SelectRow>(near(extra), &tables).expect_err("which of them?");
            assert_eq!(messages(&found), expected);
        }
        let labs = table(
            "record_id|visit:whole|day:date|ldh:whole\nP-001|1|2020-01-01|10\nP-001|1|2020-01-09|20\nP-001|2|2020-01-01|30\nP-001|2|2020-01-09|40",
        );
        let tables = [("labs", &labs), ("visits", &visits)];
        let output = run::<SelectRow>(near(json!({"by": ["record_id", "visit"]})), &tables);
        assert_eq!(
            shown(&output.expect("one date for each visit").tables["one"])[1..],
            ["P-001|1|2020-01-01|10", "P-001|2|2020-01-09|40"]
        );
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let said = |parameters| {
            let tables = [("patients", &patients()), ("labs", &labs())];
            messages(&run::<SelectRow>(parameters, &tables).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({
                "table": "labs", "into": "one", "take": "nearest", "order": ["ldh down"],
                "date": "ldh", "to": "begin", "window": ["7 days", "-30 days"], "where": "ldl > 3",
            })),
            [
                "order.0: `ldh down` is no order; write a column, alone or followed by `asc` or `desc`",
                "where: SQL expression names a column `ldl` that the table does not have; did you mean `ldh`?",
                "order: `order` says nothing where the nearest row is taken; leave it out",
                "date: column `ldh` of table `labs` holds whole numbers, not dates; turn it into dates with a `parse_dates` rule first",
                "to: table `patients` has no column `begin`; there are: `record_id`, `start`, `_line`",
                "window: the window ends (-30 days) before it starts (7 days)",
            ]
        );
        assert_eq!(
            said(json!({"table": "labs", "into": "one", "take": "nearest"})),
            [
                ": no `date` says when a row was taken; name the date column of the table: `date: ...`",
                ": no date to be near to; name it with `to`, or set `index_date` in `study:`",
            ]
        );
    }
}
