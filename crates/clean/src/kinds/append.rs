//! `append`: rows of several tables under one another, such as the exports of
//! several hospitals.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use polars::prelude::{DataType, Series};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{DateId, Level, Lineage, Moment, Output, StudySettings, Table};

use crate::cells::{dtype, set_column, text_series, type_in_words};
use crate::kinds::parameters::twice;
use crate::lineage::{Author, check_time_zero, names_anew, rename};

/// Puts the rows of several tables under one another, in the order in which
/// the tables are listed. Columns are matched by name and keep the order of the
/// first table; a column of another type or unit is a mistake. Files that
/// are all written alike can also be read into one table at once: `path` of
/// `csv`, `parquet` and `xlsx` takes a list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Append {
    /// The tables, at least two.
    #[schemars(length(min = 2))]
    pub tables: Vec<String>,
    /// Name of the table of all their rows.
    pub into: String,
    /// Name of a column that says from which table a row comes; none if left out.
    #[serde(default)]
    pub source: Option<String>,
    /// What to do with a column that some of the tables lack.
    #[serde(default)]
    pub absent: Absent,
}

/// What to do with a column that some of the tables lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// It is a mistake.
    #[default]
    Stop,
    /// Its cells are missing in the rows of those tables.
    SetMissing,
}

/// A column of the new table.
struct Joint {
    name: String,
    kind: DataType,
    about: study::Column,
}

impl Append {
    /// The columns of the new table, with everything that keeps the tables apart.
    fn columns(&self, call: &Call<'_>, mistakes: &mut Mistakes) -> Vec<Joint> {
        let mut columns: Vec<Joint> = Vec::new();
        for (index, name) in self.tables.iter().enumerate() {
            let table = call.table(name);
            for own in table.names() {
                let kind = dtype(table, &own);
                let about = table.about(&own);
                match columns.iter_mut().find(|known| known.name == own) {
                    None => columns.push(Joint { name: own, kind, about }),
                    Some(known) => self.unite(known, index, &kind, about, mistakes),
                }
            }
        }
        columns
    }

    /// Takes up the same column of a later table.
    fn unite(
        &self,
        known: &mut Joint,
        index: usize,
        kind: &DataType,
        about: study::Column,
        mistakes: &mut Mistakes,
    ) {
        let at = ["tables", &index.to_string()];
        let (table, name) = (&self.tables[index], &known.name);
        if *kind != known.kind {
            let (here, before) = (type_in_words(kind), type_in_words(&known.kind));
            let message =
                format!("column `{name}` of table `{table}` holds {here}, but {before} before");
            let hint = "bring it to one type by a rule before this one";
            mistakes.push(Mistake::at(&at, message).hint(hint));
        }
        if about.unit != known.about.unit {
            let unit = |unit: &Option<String>| match unit {
                Some(unit) => format!("unit `{unit}`"),
                None => "no unit".to_owned(),
            };
            let (here, before) = (unit(&about.unit), unit(&known.about.unit));
            let message =
                format!("column `{name}` of table `{table}` has {here}, but {before} before");
            let hint = "bring it to one unit by `convert_unit`, or declare the unit in both";
            mistakes.push(Mistake::at(&at, message).hint(hint));
        }
        for level in about.levels {
            let new = |known: &Level| known.value != level.value;
            if !known.about.levels.is_empty() && known.about.levels.iter().all(new) {
                known.about.levels.push(level);
            }
        }
    }

    fn check_absent(&self, call: &Call<'_>, columns: &[Joint], mistakes: &mut Mistakes) {
        if self.absent == Absent::SetMissing {
            return;
        }
        for (index, name) in self.tables.iter().enumerate() {
            let has = call.table(name).names();
            let lacks = columns.iter().filter(|column| !has.contains(&column.name));
            let lacks: Vec<String> = lacks.map(|column| format!("`{}`", column.name)).collect();
            if !lacks.is_empty() {
                let what = if lacks.len() == 1 { "the column" } else { "the columns" };
                let message = format!("table `{name}` lacks {what} {}", lacks.join(", "));
                let hint =
                    "rename it by `header:` where the table is read, or say `absent: set_missing`";
                mistakes.push(Mistake::at(&["tables", &index.to_string()], message).hint(hint));
            }
        }
    }

    fn check_source(&self, columns: &[Joint]) -> Result<(), Mistake> {
        match &self.source {
            Some(source) if columns.iter().any(|column| column.name == *source) => {
                let message = format!("the tables have a column `{source}` already");
                Err(Mistake::at(&["source"], message).hint("choose another name"))
            }
            _ => Ok(()),
        }
    }

    /// The column that says from which table each row comes.
    fn add_source(&self, call: &Call<'_>, table: &mut Table) {
        let Some(source) = &self.source else { return };
        let of_table = |name: &String| vec![Some(name.clone()); call.table(name).height()];
        let values: Vec<Option<String>> = self.tables.iter().flat_map(of_table).collect();
        let level = |name: &String| Level::new(name, name);
        let series = text_series(source, &values);
        let about = study::Column {
            label: source.clone(),
            levels: self.tables.iter().map(level).collect(),
            lineage: self.author(call).written(&series, Lineage::default(), &table.rows),
            ..study::Column::default()
        };
        set_column(table, series, about);
    }

    fn author<'a>(&'a self, call: &'a Call<'_>) -> Author<'a> {
        Author { rule: call.name, table: &self.into }
    }
}

/// A table with the names that the dates of its rows get in the new table.
struct Part<'a> {
    table: &'a Table,
    names: BTreeMap<DateId, DateId>,
}

impl Part<'_> {
    fn anew(&self, mut lineage: Lineage) -> Lineage {
        rename(&mut lineage, &self.names);
        lineage
    }
}

/// What decided which rows there are: what decided it in any of the tables.
fn rows_of(parts: &[Part<'_>]) -> Lineage {
    let mut rows = Lineage::default();
    parts.iter().for_each(|part| rows.made_of(&part.anew(part.table.rows.clone())));
    rows
}

/// What a column is made of: the column of each table that has it.
fn made_of(parts: &[Part<'_>], joint: &Joint, author: Author<'_>) -> Lineage {
    let having = || parts.iter().filter(|part| part.table.has(&joint.name));
    let mut made = Lineage::default();
    having().for_each(|part| made.made_of(&part.anew(part.table.lineage(&joint.name))));
    if joint.kind != DataType::Date {
        return made;
    }
    let mut dates: Vec<_> =
        having().map(|part| part.anew(part.table.lineage(&joint.name)).date).collect();
    dates.dedup();
    made.date = match dates.as_slice() {
        [Some(one)] => Some(one.clone()),
        _ => Some(Moment::of_row(author.date(&joint.name))),
    };
    // the same column of several exports is one date; columns that had other
    // names when they were first dates are several under one name
    let mut before = Lineage::default();
    having().for_each(|part| before.made_of(&part.table.lineage(&joint.name)));
    let first = before.dates.first().map(|date| &date.column);
    if before.dates.iter().any(|date| Some(&date.column) != first) {
        made.dates = before.dates;
    }
    made
}

/// A column of the new table: those of all tables under one another.
fn stacked(tables: &[&Table], joint: &Joint) -> Series {
    let part = |table: &&Table| match table.series(&joint.name) {
        Some(found) => found.clone(),
        None => Series::full_null(joint.name.as_str().into(), table.height(), &joint.kind),
    };
    let mut parts = tables.iter().map(part);
    let mut whole = parts.next().expect("invariant: at least two tables");
    for below in parts {
        whole.append(&below).expect("invariant: columns of one type");
    }
    whole.rechunk()
}

impl Kind for Append {
    const NAME: &'static str = "append";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let index = |at: usize| at.to_string();
        let reads = self.tables.iter().enumerate();
        Wiring {
            reads: reads.map(|(at, name)| Read::table(name, &["tables", &index(at)])).collect(),
            writes: vec![self.into.clone()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes(twice("tables", &self.tables));
        let columns = self.columns(call, &mut mistakes);
        self.check_absent(call, &columns, &mut mistakes);
        mistakes.note(self.check_source(&columns));
        mistakes.or(())?;
        let tables: Vec<&Table> = self.tables.iter().map(|name| call.table(name)).collect();
        let mut table = Table::new(tables.iter().map(|table| table.height()).sum());
        let author = self.author(call);
        let part = |table: &&'_ Table| names_anew(table, author);
        let names = tables.iter().map(part);
        let parts = tables.iter().zip(names).map(|(table, names)| Part { table, names });
        let parts: Vec<Part<'_>> = parts.collect();
        table.rows = rows_of(&parts);
        table.rows.rules.insert(call.name.to_owned());
        for column in columns {
            let series = stacked(&tables, &column);
            let made = made_of(&parts, &column, author);
            let lineage = author.written(&series, made, &table.rows);
            set_column(&mut table, series, study::Column { lineage, ..column.about });
        }
        self.add_source(call, &mut table);
        check_time_zero(call, &self.into, None, &table)?;
        Ok(Output::of_table(&self.into, table))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{messages, run, shown, table};

    fn appended(parameters: Value, a: &Table, b: &Table) -> Result<Output, Vec<String>> {
        run::<Append>(parameters, &[("a", a), ("b", b)]).map_err(|found| messages(&found))
    }

    fn with_unit(mut table: Table, column: &str, unit: &str) -> Table {
        let mut about = table.about(column);
        about.unit = Some(unit.to_owned());
        about.levels = vec![];
        table.columns.insert(column.to_owned(), about);
        table
    }

    #[test]
    fn rows_stand_under_one_another_by_the_names_of_their_columns() {
        let a = table("record_id|age:real|day:date\nA1|50|2020-01-01\nA2||");
        let b = table("day:date|age:real|record_id\n2021-02-03|61.5|B1");
        let parameters = json!({"tables": ["b", "a"], "into": "all", "source": "site"});
        let output = appended(parameters, &a, &b).expect("they fit");
        let all = &output.tables["all"];
        assert_eq!(
            shown(all),
            ["day|age|record_id|site", "2021-02-03|61.5|B1|b", "2020-01-01|50|A1|a", "||A2|a",]
        );
        let levels: Vec<String> =
            all.about("site").levels.into_iter().map(|level| level.value).collect();
        assert_eq!(levels, ["b", "a"]);
    }

    #[test]
    fn levels_are_those_of_all_tables() {
        let level = |value: &str| Level::new(value, &value.to_uppercase());
        let with_levels = |rows: &str, levels: &[&str]| {
            let mut table = table(rows);
            let levels = levels.iter().map(|value| level(value)).collect();
            let about = study::Column { levels, ..table.about("sex") };
            table.columns.insert("sex".into(), about);
            table
        };
        let a = with_levels("record_id|sex\nA|m", &["f", "m"]);
        let b = with_levels("record_id|sex\nB|x", &["m", "x"]);
        let output = appended(json!({"tables": ["a", "b"], "into": "a"}), &a, &b).expect("fits");
        assert_eq!(output.tables["a"].about("sex").levels, [level("f"), level("m"), level("x")]);
    }

    #[test]
    fn a_column_that_a_table_lacks_may_be_missing() {
        let a = table("record_id|age:real\nA1|50");
        let b = table("record_id|ldh:whole\nB1|200");
        let parameters = json!({"tables": ["a", "b"], "into": "all", "absent": "set_missing"});
        let output = appended(parameters, &a, &b).expect("that is declared");
        assert_eq!(shown(&output.tables["all"]), ["record_id|age|ldh", "A1|50|", "B1||200"]);
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let a = with_unit(table("record_id|alb:real|age:whole|x\nA1|40|50|1"), "alb", "g/L");
        let b = with_unit(table("record_id|alb:real|age:real\nB1|4|50"), "alb", "g/dL");
        let parameters = json!({"tables": ["a", "b", "a"], "into": "all", "source": "age"});
        assert_eq!(
            appended(parameters, &a, &b).expect_err("mistakes"),
            [
                "tables.2: `a` is listed twice",
                "tables.1: column `alb` of table `b` has unit `g/dL`, but unit `g/L` before; bring it to one unit by `convert_unit`, or declare the unit in both",
                "tables.1: column `age` of table `b` holds numbers, but whole numbers before; bring it to one type by a rule before this one",
                "tables.1: table `b` lacks the column `x`; rename it by `header:` where the table is read, or say `absent: set_missing`",
                "source: the tables have a column `age` already; choose another name",
            ]
        );
    }
}
