//! `summarize`: many rows per patient become one, with a statistic of each.

mod statistics;

use std::collections::{BTreeMap, BTreeSet};

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use polars::prelude::{DataType, Series};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{DateId, Lineage, Moment, Output, StudySettings, Table, in_blocks};

use crate::cells::{boolean_series, dtype, none_chosen, not_finite, set_column, whole_series};
use crate::coded::Coded;
use crate::keys::{Groups, Keys};
use crate::kinds::parameters::{chosen, sql_mistake};
use crate::lineage::{Author, Gathered, LookedAt, check_time_zero};
use crate::rows::{Holds, key_or_default, key_parts, listed, ranks, require, take, without_key};
use statistics::{mean, median, middles, pick, sums, whole_sums};

/// Makes a table with one row per patient from a table with many: each column
/// of it is a statistic of the patient's rows. Patients without rows are not
/// in it; `join` leaves their values missing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summarize {
    /// The table with many rows per patient.
    pub table: String,
    /// Name of the new table.
    pub into: String,
    /// The columns that say which rows belong together; the study's patient column if left out.
    #[serde(default)]
    pub by: Vec<String>,
    /// The columns of the new table.
    pub values: Named<Value>,
}

/// One column of the new table.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// What to compute.
    pub statistic: Statistic,
    /// The column it is computed from; `count` and `any` need none.
    #[serde(default)]
    pub column: Option<String>,
    /// Only rows where this SQL condition holds are looked at.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// For `sum`: sum the values that are there; left out, a missing value makes the sum missing.
    #[serde(default)]
    pub skip_missing: bool,
    /// The new column in words; that of `column` if left out.
    #[serde(default)]
    pub label: Option<String>,
    /// Unit of its numbers; that of `column` if left out.
    #[serde(default)]
    pub unit: Option<String>,
    /// Digits after the decimal point in which tables, figures and texts print its numbers, medians
    /// and ranges, such as 0 for a year; one unless declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 12))]
    pub decimals: Option<u8>,
}

/// What to compute from the rows of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The first value that is not missing, in the order of the raw file.
    First,
    /// The last value that is not missing, in the order of the raw file.
    Last,
    /// The smallest number, the earliest date, the first text of the alphabet.
    Min,
    /// The largest number, the latest date, the last text of the alphabet.
    Max,
    /// The sum.
    Sum,
    /// The mean of the numbers that are not missing.
    Mean,
    /// The median of the numbers that are not missing; of an even count, the
    /// mean of the two in the middle.
    Median,
    /// How many rows there are; with `column`, how many that are not missing.
    Count,
    /// How many different values there are.
    CountDistinct,
    /// Whether there is a row; with `column`, one that is not missing.
    Any,
}

impl Value {
    fn check(&self, call: &Call<'_>, table: &str, name: &str) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let at = ["values", name, "column"];
        if let Some(column) = &self.column {
            mistakes.note(match self.statistic {
                Statistic::Sum | Statistic::Mean | Statistic::Median => {
                    require(call, table, column, Holds::Numbers, &at)
                }
                _ => call.require_column(table, column, &at),
            });
        } else if !matches!(self.statistic, Statistic::Count | Statistic::Any) {
            let mistake = Mistake::at(&["values", name], "no `column` to compute it from");
            mistakes.push(mistake.hint("name it: `column: ...`"));
        }
        // A parameter that does nothing was meant for something.
        if self.skip_missing && self.statistic != Statistic::Sum {
            let at = ["values", name, "skip_missing"];
            let message = "`skip_missing` is for `sum`: the others pass over missing values anyway";
            mistakes.push(Mistake::at(&at, message).hint("leave it out"));
        }
        if let Some(Err(error)) = self.condition.as_deref().map(|sql| call.table(table).holds(sql))
        {
            let at = ["values", name, "where"];
            mistakes.push(sql_mistake(&error, call.table(table), &at));
        }
        mistakes.or(())
    }

    /// The rows of a group that the statistic looks at.
    fn looked_at(&self, table: &Table, chosen: Option<Vec<bool>>) -> Vec<bool> {
        let rows = table.height();
        let mut looked_at = chosen.unwrap_or_else(|| vec![true; rows]);
        // A sum must see the missing value, to be missing itself.
        let sum = self.statistic == Statistic::Sum && !self.skip_missing;
        if let Some(column) = self.column.as_ref().filter(|_| !sum) {
            let found = table.series(column).expect("invariant: checked");
            let present = found.is_not_null();
            looked_at
                .iter_mut()
                .zip(present.iter())
                .for_each(|(kept, present)| *kept &= present == Some(true));
        }
        looked_at
    }

    /// The new column, one value for each group of rows.
    ///
    /// # Errors
    /// The groups of which it would be larger than a number can be.
    fn series(
        &self,
        table: &Table,
        name: &str,
        groups: &Groups,
        chosen: Option<Vec<bool>>,
    ) -> Result<Series, Vec<usize>> {
        let looked_at = self.looked_at(table, chosen);
        // Groups without a row stay: a count of them is 0, and a mean is missing.
        let groups = groups.kept(&looked_at);
        let sizes = groups.iter().map(<[usize]>::len);
        let made = match (self.statistic, self.column.as_deref()) {
            (Statistic::Count, _) => {
                whole_series(name, sizes.map(|size| i64::try_from(size).ok()).collect())
            }
            (Statistic::Any, _) => boolean_series(name, sizes.map(|size| Some(size > 0)).collect()),
            // Whole numbers by themselves, to the last digit.
            (Statistic::Sum, Some(column)) if dtype(table, column) == DataType::Int64 => {
                whole_sums(table, column, name, &groups)?
            }
            (Statistic::Sum, Some(column)) => sums(table, column, name, &groups),
            (Statistic::Mean, Some(column)) => middles(table, column, name, &groups, mean),
            (Statistic::Median, Some(column)) => middles(table, column, name, &groups, median),
            (Statistic::CountDistinct, Some(column)) => {
                // By codes: equal cells have equal numbers.
                let values = Coded::of(table, column).codes;
                let distinct = |rows: &[usize]| {
                    let different: BTreeSet<_> = rows.iter().map(|row| values[*row]).collect();
                    i64::try_from(different.len()).ok()
                };
                whole_series(name, groups.iter().map(distinct).collect())
            }
            (_, Some(column)) => {
                let ranks = ranks(table, column);
                let pick = |group: usize| pick(self.statistic, groups.rows(group), &ranks);
                let picked =
                    in_blocks(groups.len(), |groups| groups.map(pick).collect::<Vec<_>>()).concat();
                let found = table.series(column).expect("invariant: checked");
                // The cell itself, in its own type: dates stay dates and texts keep their levels.
                take(found, &picked).with_name(name.into())
            }
            (_, None) => unreachable!("invariant: checked"),
        };
        // The groups, so that the message can name the patients.
        let endless: Vec<usize> = not_finite(&made).collect();
        if endless.is_empty() { Ok(made) } else { Err(endless) }
    }

    /// The date whose earliest is taken, where that is what is asked for.
    fn earliest(&self, table: &Table) -> Option<DateId> {
        let date = table.lineage(self.column.as_deref()?).date.filter(|date| !date.of_all_rows)?;
        let is_known = table.rows.known.iter().any(|known| known.date == date.date);
        (self.statistic == Statistic::Min && is_known).then_some(date.date)
    }

    fn lineage(
        &self,
        table: &Table,
        gathered: &Gathered<'_>,
        (series, keys): (&Series, &[String]),
    ) -> Lineage {
        let mut made = Lineage::default();
        match (self.statistic, self.column.as_deref()) {
            // how many there are says nothing of who they are
            // As a condition: no date and no identifier comes into a number of rows.
            (Statistic::Count | Statistic::Any, column) => {
                made.given(&table.lineage_of(column));
            }
            (_, column) => made.made_of(&table.lineage_of(column)),
        }
        gathered.out(&mut made);
        let rows = gathered.rows(table, keys);
        if let Some(earliest) = &gathered.earliest {
            // the earliest of the dates is a date of its own, known on its day
            let mut all = made.clone();
            all.given(&rows);
            let own = gathered.author.date(series.name());
            let names = BTreeMap::from([(earliest.clone(), own.clone())]);
            let renamed = |known: &Moment| match names.get(&known.date) {
                Some(own) if !known.of_all_rows => Moment { date: own.clone(), ..known.clone() },
                _ => known.clone(),
            };
            all.known = all.known.iter().map(renamed).collect();
            // of what was several dates before, the earliest may be any of them
            if all.dates.len() < 2 {
                all.dates = BTreeSet::from([own.clone()]);
            }
            all.date = Some(Moment { per_patient: gathered.per_patient, ..Moment::of_row(own) });
            return all;
        }
        let mut made = gathered.author.written(series, made, &rows);
        if gathered.per_patient {
            made.settle();
        }
        made
    }

    fn about(&self, table: &Table, name: &str) -> study::Column {
        let source = self.column.as_deref().map(|column| table.about(column)).unwrap_or_default();
        // A number of rows is not in the unit of the column.
        let counted =
            matches!(self.statistic, Statistic::Count | Statistic::CountDistinct | Statistic::Any);
        let label = Some(source.label).filter(|label| !label.is_empty() && !counted);
        let word = self.statistic.word();
        let of = self.column.as_deref().unwrap_or("rows");
        let filter = self.condition.as_deref().map(|sql| format!(" where {sql}"));
        study::Column {
            label: self.label.clone().or(label).unwrap_or_else(|| name.to_owned()),
            unit: self.unit.clone().or(source.unit.filter(|_| !counted)),
            decimals: self.decimals.or(source.decimals.filter(|_| !counted)),
            levels: if counted { Vec::new() } else { source.levels },
            lineage: Lineage::default(),
            derivation: Some(format!("{word} of {of}{}", filter.unwrap_or_default())),
        }
    }
}

impl Statistic {
    /// What it is, before `of` a column.
    fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Count => "count",
            Self::CountDistinct => "count of different values",
            Self::Any => "any",
        }
    }
}

/// The mistake of a value that no number can be, for the keys of these rows.
fn too_large(
    table: &Table,
    name: &str,
    statistic: Statistic,
    (by, rows): (&[String], &[usize]),
) -> Mistake {
    let keys = key_parts(table, by, rows);
    let keys: Vec<String> = keys.iter().map(|key| format!("`{}`", key.join(", "))).collect();
    let message =
        format!("the {} would be larger than a number can be: {}", statistic.word(), listed(&keys));
    Mistake::at(&["values", name], message).hint("look for a wrong value in the rows")
}

impl Kind for Summarize {
    const NAME: &'static str = "summarize";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        Wiring {
            reads: vec![Read::table(&self.table, &["table"])],
            writes: vec![self.into.clone()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        for (index, column) in key_or_default(&self.by, call.study).iter().enumerate() {
            let index = index.to_string();
            let at: &[&str] = if self.by.is_empty() { &["table"] } else { &["by", &index] };
            mistakes.note(call.require_column(&self.table, column, at));
        }
        for (name, value) in self.values.iter() {
            if let Err(found) = value.check(call, &self.table, name) {
                mistakes.0.extend(found.0);
            }
        }
        mistakes.or(())?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let table = call.table(&self.table);
        let by = key_or_default(&self.by, call.study);
        let keys = Keys::of(table, &by);
        let groups = keys.groups();
        let first: Vec<usize> = groups.iter().map(|rows| rows[0]).collect();
        // The key as it stands in the first row of each group.
        let mut summary = table.select(&by).take(&first);
        let gathered = |value: Option<&Value>| Gathered {
            author: Author { rule: call.name, table: &self.into },
            looked_at: LookedAt::new(table, value.and_then(|value| value.condition.as_deref())),
            earliest: value.and_then(|value| value.earliest(table)),
            per_patient: by == [call.study.patient.as_str()],
        };
        // In the order of the declared columns.
        let mut notices = Vec::new();
        for (name, value) in self.values.iter() {
            let condition = value.condition.as_deref();
            let at = ["values", name, "where"];
            let chosen = condition.map(|sql| chosen(call, &self.table, sql, &at)).transpose()?;
            let none = condition.zip(chosen.as_deref());
            notices.extend(none.and_then(|(sql, rows)| none_chosen(&self.table, sql, rows)));
            let series = value.series(table, name, &groups, chosen).map_err(|groups| {
                let rows: Vec<usize> = groups.iter().map(|group| first[*group]).collect();
                too_large(table, name, value.statistic, (&by, &rows))
            })?;
            let lineage = value.lineage(table, &gathered(Some(value)), (&series, &by));
            set_column(&mut summary, series, study::Column { lineage, ..value.about(table, name) });
        }
        // Of the rule as a whole: a condition of one column decides nothing about the
        // others.
        let mut rows = gathered(None).rows(table, &by);
        // who has an earliest row has a row: both are known on that day
        let earliest = self.values.iter().find(|(_, value)| value.earliest(table).is_some());
        if let Some((name, _)) = earliest {
            rows.known = summary.lineage(name).known;
        }
        for column in &by {
            let mut about = summary.columns.get(column).cloned().unwrap_or_default();
            about.lineage.given(&rows);
            about.lineage.known.clone_from(&rows.known);
            summary.columns.insert(column.clone(), about);
        }
        summary.rows = rows;
        check_time_zero(call, &self.into, None, &summary)?;
        let mut output = Output::of_table(&self.into, summary);
        output.notices = notices;
        output.notices.extend(without_key(&self.table, &keys));
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{messages, run, shown, table};

    fn lesions() -> Table {
        table(
            "record_id|scan:whole|mm:real|day:date|nodal\n\
             P-002|0|10.5|2020-03-01|no\nP-001|0|20|2020-02-01|yes\nP-002|0|4|2020-01-01|yes\n\
             P-002|1||2020-04-01|no\nP-002|1|3||no\n|1|9||no",
        )
    }

    fn summary(parameters: Value) -> Vec<String> {
        let output = run::<Summarize>(parameters, &[("lesions", &lesions())]);
        shown(&output.expect("it sums up").tables["sums"])
    }

    #[test]
    fn each_statistic_of_each_group() {
        assert_eq!(
            summary(json!({
                "table": "lesions", "into": "sums", "by": ["record_id", "scan"], "values": {
                    "sum": {"statistic": "sum", "column": "mm"},
                    "rest": {"statistic": "sum", "column": "mm", "skip_missing": true},
                    "n": {"statistic": "count"},
                    "measured": {"statistic": "count", "column": "mm"},
                    "node": {"statistic": "any", "where": "nodal = 'yes'"},
                    "smallest": {"statistic": "min", "column": "mm"},
                    "latest": {"statistic": "max", "column": "day"},
                    "first": {"statistic": "first", "column": "nodal"},
                    "last": {"statistic": "last", "column": "day"},
                },
            })),
            [
                "record_id|scan|sum|rest|n|measured|node|smallest|latest|first|last",
                "P-002|0|14.5|14.5|2|2|true|4|2020-03-01|no|2020-01-01",
                "P-001|0|20|20|1|1|true|20|2020-02-01|yes|2020-02-01",
                "P-002|1||3|2|1|false|3|2020-04-01|no|2020-04-01",
            ]
        );
    }

    #[test]
    fn middles_and_counts_pass_over_missing_values() {
        let values = json!({
            "mean": {"statistic": "mean", "column": "mm"},
            "median": {"statistic": "median", "column": "mm"},
            "days": {"statistic": "count_distinct", "column": "day"},
            "nodal": {"statistic": "count_distinct", "column": "nodal", "where": "scan > 0"},
            "none": {"statistic": "mean", "column": "mm", "where": "mm > 15"},
        });
        let more = table(
            "record_id|scan:whole|mm:real|day:date|nodal\n\
             A|0|4|2020-01-01|no\nA|0||2020-01-01|yes\nA|1|1|2020-01-02|no\nA|1|10||no\nB|0|||",
        );
        let parameters = json!({"table": "lesions", "into": "sums", "values": values});
        let output = run::<Summarize>(parameters, &[("lesions", &more)]).expect("it sums up");
        let made = &output.tables["sums"];
        assert_eq!(
            shown(made),
            ["record_id|mean|median|days|nodal|none", "A|5|4|2|1|", "B|||0|0|"]
        );
        assert_eq!(
            made.about("days").derivation.as_deref(),
            Some("count of different values of day")
        );
    }

    #[test]
    fn whole_numbers_sum_to_whole_numbers() {
        let values = json!({"scans": {"statistic": "sum", "column": "scan", "where": "mm > 3"}});
        assert_eq!(
            summary(json!({"table": "lesions", "into": "sums", "values": values})),
            ["record_id|scans", "P-002|0", "P-001|0"]
        );
    }

    #[test]
    fn sums_are_right_to_the_last_digit_or_refused() {
        let costs = |rows: &str| table(&format!("record_id|euro:whole|weight:real\n{rows}"));
        let sum = |column: &str, statistic: &str, costs: &Table| {
            let values = json!({"all": {"statistic": statistic, "column": column}});
            let parameters = json!({"table": "costs", "into": "sums", "values": values});
            run::<Summarize>(parameters, &[("costs", costs)])
        };
        let odd = costs(
            "P-001|9007199254740993|1\nP-001|2|1\nP-001|9223372036854775807|1\nP-001|-9223372036854775807|1",
        );
        let output = sum("euro", "sum", &odd).expect("it fits");
        assert_eq!(shown(&output.tables["sums"]), ["record_id|all", "P-001|9007199254740995"]);
        let large = costs(
            "P-001|9223372036854775807|1e308\nP-001|1|1e308\nP-002|1|1\nP-003|9223372036854775807|-1e308\nP-003|9|-1e308",
        );
        let said = |column: &str, statistic: &str| {
            messages(&sum(column, statistic, &large).expect_err("too large"))
        };
        let hint = "look for a wrong value in the rows";
        assert_eq!(
            said("euro", "sum"),
            [format!(
                "values.all: the sum would be larger than a number can be: `P-001`, `P-003`; {hint}"
            )]
        );
        assert_eq!(
            said("weight", "mean"),
            [format!(
                "values.all: the mean would be larger than a number can be: `P-001`, `P-003`; {hint}"
            )]
        );
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let parameters = json!({
            "table": "lesions", "into": "sums", "by": ["record"], "values": {
                "a": {"statistic": "sum", "column": "nodal"},
                "b": {"statistic": "first"},
                "c": {"statistic": "count", "where": "mm", "skip_missing": true},
            },
        });
        let mistakes = run::<Summarize>(parameters, &[("lesions", &lesions())]);
        assert_eq!(
            messages(&mistakes.expect_err("mistakes")),
            [
                "by.0: table `lesions` has no column `record`; did you mean `record_id`?",
                "values.a.column: column `nodal` of table `lesions` holds text, not numbers; turn it into numbers with a `parse_numbers` rule first",
                "values.b: no `column` to compute it from; name it: `column: ...`",
                "values.c.skip_missing: `skip_missing` is for `sum`: the others pass over missing values anyway; leave it out",
                "values.c.where: SQL condition gives a number, not yes or no",
            ]
        );
    }
}
