//! `append`: rows of several tables under one another, such as the exports of
//! several hospitals.

mod lineage;

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use polars::prelude::{DataType, Series};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Level, Lineage, Output, StudySettings, Table};

use crate::cells::{dtype, set_column, text_series, type_in_words};
use crate::kinds::parameters::twice;
use crate::lineage::{Author, check_time_zero};
use lineage::{Part, made_of, rows_of};

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
    /// Date columns that are one event in all tables, such as the first dose in
    /// the exports of two hospitals. Others are several dates under one name,
    /// from which no study can count its time.
    #[serde(default)]
    pub same_event: Vec<String>,
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
        // A search by name for each: columns keep the order of the first table, and later
        // ones follow.
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
        // Not widened in silence: which of the two types was meant is for a rule before
        // this one to say.
        if *kind != known.kind {
            let (here, before) = (type_in_words(kind), type_in_words(&known.kind));
            let message =
                format!("column `{name}` of table `{table}` holds {here}, but {before} before");
            let hint = "bring it to one type by a rule before this one";
            mistakes.push(Mistake::at(&at, message).hint(hint));
        }
        // The unit counts where one of the tables has none, too: nobody knows which it is
        // then.
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
        // The finer of the two: nothing that was declared is rounded away.
        known.about.decimals = known.about.decimals.max(about.decimals);
        for level in about.levels {
            let new = |known: &Level| known.value != level.value;
            // Where one of the tables declares no levels, none bind the whole.
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
            // Of the tables together: a column that the first lacks is told, too.
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

    fn check_same_event(&self, call: &Call<'_>, columns: &[Joint]) -> Vec<Mistake> {
        let mut mistakes = twice("same_event", &self.same_event);
        for (at, name) in self.same_event.iter().enumerate() {
            let at = ["same_event", &at.to_string()];
            match columns.iter().find(|column| column.name == *name) {
                None => {
                    let message = format!("none of the tables has a column `{name}`");
                    let names = columns.iter().map(|column| column.name.as_str());
                    mistakes.push(Mistake::at(&at, message).hint_nearest(name, names));
                }
                Some(column) if column.kind != DataType::Date => {
                    let holds = type_in_words(&column.kind);
                    let message = format!("column `{name}` holds {holds}, not dates");
                    let hint = "turn it into dates with a `parse_dates` rule first";
                    mistakes.push(Mistake::at(&at, message).hint(hint));
                }
                Some(_) => mistakes.extend(self.several_events(call, name, &at)),
            }
        }
        mistakes
    }

    /// Dates of tables whose patients come from one file are no one event where
    /// they are different columns of it: there they stand side by side.
    fn several_events(&self, call: &Call<'_>, name: &str, at: &[&str]) -> Option<Mistake> {
        let tables = || self.tables.iter().map(|table| (table, call.table(table)));
        // A table without the column says nothing of it.
        let mut having = tables().filter(|(_, table)| table.has(name));
        let files = |table: &Table| -> BTreeSet<String> {
            let patients = table.lineage(&call.study.patient).raw;
            patients.into_iter().map(|raw| raw.table).collect()
        };
        let (first_name, first) = having.next()?;
        let (other_name, other) = having.find(|(_, table)| {
            table.lineage(name).dates != first.lineage(name).dates
                // Patients of one file who have both dates had two events.
                && !files(table).is_disjoint(&files(first))
        })?;
        let date = |table: &Table| {
            let dates = table.lineage(name).dates.into_iter();
            dates.map(|date| format!("`{}.{}`", date.table, date.column)).collect::<Vec<_>>()
        };
        let message = format!(
            "`{name}` is {} in `{first_name}` and {} in `{other_name}`, whose patients come from the same file: that is not one event",
            date(first).join(" and "),
            date(other).join(" and "),
        );
        Some(Mistake::at(at, message).hint("take the same date for all patients"))
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
            // Which table a row came from is known as soon as the row is.
            lineage: self.author(call).written(&series, Lineage::default(), &table.rows),
            ..study::Column::default()
        };
        set_column(table, series, about);
    }

    fn author<'a>(&'a self, call: &'a Call<'_>) -> Author<'a> {
        Author { rule: call.name, table: &self.into }
    }
}

/// A column of the new table: those of all tables under one another.
fn stacked(tables: &[&Table], joint: &Joint) -> Series {
    let part = |table: &&Table| match table.series(&joint.name) {
        Some(found) => found.clone(),
        // Of the type of the others, or the column would change its type.
        None => Series::full_null(joint.name.as_str().into(), table.height(), &joint.kind),
    };
    let mut parts = tables.iter().map(part);
    let mut whole = parts.next().expect("invariant: at least two tables");
    for below in parts {
        whole.append(&below).expect("invariant: columns of one type");
    }
    // In one piece: later rules find a row at once.
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
        mistakes.0.extend(self.check_same_event(call, &columns));
        // Before anything is stacked, which fails where types differ.
        mistakes.or(())?;
        let tables: Vec<&Table> = self.tables.iter().map(|name| call.table(name)).collect();
        let mut table = Table::new(tables.iter().map(|table| table.height()).sum());
        let author = self.author(call);
        let parts = Part::all(&tables, author);
        table.rows = rows_of(&parts);
        table.rows.rules.insert(call.name.to_owned());
        for column in columns {
            let series = stacked(&tables, &column);
            let made = made_of(&parts, &column, author, self.same_event.contains(&column.name));
            let lineage = author.written(&series, made, &table.rows);
            set_column(&mut table, series, study::Column { lineage, ..column.about });
        }
        self.add_source(call, &mut table);
        check_time_zero(call, &self.into, None, &table)?;
        Ok(Output::of_table(&self.into, table))
    }
}

#[cfg(test)]
mod tests;
