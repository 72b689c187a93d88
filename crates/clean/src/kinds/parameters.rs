//! Parameters that several kinds share.

use std::collections::BTreeSet;

use engine::{Call, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{SqlError, Table, TakenAs};

use crate::cells::{LINE, Revision};

/// What to do with a cell that a rule cannot read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// Set it missing and ask the hospital.
    #[default]
    Query,
    /// Report it as a mistake and stop.
    Stop,
}

/// The tables of a rule that takes one as `table` or several as `tables`.
#[derive(Clone, Copy)]
pub(crate) struct Targets<'a> {
    pub(crate) table: Option<&'a str>,
    pub(crate) tables: &'a [String],
}

impl<'a> Targets<'a> {
    pub(crate) fn names(self) -> impl Iterator<Item = &'a str> {
        self.table.into_iter().chain(self.tables.iter().map(String::as_str))
    }

    /// It reads the tables and makes a new version of each.
    pub(crate) fn wiring(self) -> Wiring {
        let one = self.table.map(|name| Read::table(name, &["table"]));
        let index = |at: usize| at.to_string();
        let several = self.tables.iter().enumerate();
        let several = several.map(|(at, name)| Read::table(name, &["tables", &index(at)]));
        Wiring {
            reads: one.into_iter().chain(several).collect(),
            writes: self.names().map(str::to_owned).collect(),
            files: Vec::new(),
        }
    }

    /// Exactly one of the two parameters is given, and no table twice.
    pub(crate) fn check(self) -> Mistakes {
        let mut mistakes = Mistakes::default();
        match (self.table, self.tables) {
            // Two spellings of one parameter: `table` reads better where there is one.
            (None, []) => {
                let message = "no table is named";
                mistakes.push(Mistake::at(&["table"], message).hint("give `table` or `tables`"));
            }
            (Some(_), [_, ..]) => {
                let message = "`table` and `tables` are given both";
                mistakes.push(Mistake::at(&["tables"], message).hint("keep one of them"));
            }
            _ => mistakes.0.extend(twice("tables", self.tables)),
        }
        mistakes
    }
}

/// The wiring of a rule that makes a new version of one table.
pub(crate) fn wiring_of(table: &str) -> Wiring {
    Targets { table: Some(table), tables: &[] }.wiring()
}

/// A mistake for each entry of a list that stands there already.
pub(crate) fn twice(parameter: &str, names: &[String]) -> Vec<Mistake> {
    // The second one is the mistake: it is the one to take out.
    let mut seen = BTreeSet::new();
    let again = names.iter().enumerate().filter(|(_, name)| !seen.insert(*name));
    again
        .map(|(at, name)| {
            Mistake::at(&[parameter, &at.to_string()], format!("`{name}` is listed twice"))
        })
        .collect()
}

/// Checks a list of columns: not empty, none twice.
pub(crate) fn check_columns(columns: &[String]) -> Mistakes {
    let mut mistakes = Mistakes(twice("columns", columns));
    if columns.is_empty() {
        mistakes.push(Mistake::at(&["columns"], "no column is named"));
    }
    mistakes
}

/// Checks that a declared range is not empty, and there at all.
pub(crate) fn check_bounds(low: Option<f64>, high: Option<f64>) -> Mistakes {
    let mut mistakes = Mistakes::default();
    for (name, bound) in [("low", low), ("high", high)] {
        // NaN compares with nothing and would bound nothing.
        if bound.is_some_and(|bound| !bound.is_finite()) {
            mistakes.push(Mistake::at(&[name], format!("`{name}` must be a finite number")));
        }
    }
    if let (Some(low), Some(high)) = (low, high)
        && low > high
    {
        mistakes.push(Mistake::at(&["low"], format!("low ({low}) is above high ({high})")));
    }
    mistakes
}

/// Why a number lies outside a range; none where it does not.
pub(crate) fn outside(value: f64, low: Option<f64>, high: Option<f64>) -> Option<String> {
    // The bounds themselves are inside.
    match (low, high) {
        (Some(low), _) if value < low => Some(format!("{value} is below {low}")),
        (_, Some(high)) if value > high => Some(format!("{value} is above {high}")),
        _ => None,
    }
}

/// What an expression of the pipeline file did wrong, as a mistake.
pub(crate) fn sql_mistake(error: &SqlError, table: &Table, at: &[&str]) -> Mistake {
    // The line in the raw file, which users can look up, and not the row.
    let lines = table.series(LINE).and_then(|column| column.i64().ok());
    let place = |row: usize| match lines.and_then(|lines| lines.get(row)) {
        Some(line) => format!("line {line}"),
        None => format!("row {}", row + 1),
    };
    Mistake::of_sql(error, table, place, at)
}

/// The rows of a table on which a condition holds; those that missing values
/// leave open are noted.
pub(crate) fn chosen(
    call: &Call<'_>,
    table: &str,
    sql: &str,
    at: &[&str],
) -> Result<Vec<bool>, Mistake> {
    // Opened for its notes alone: the table itself stays as it is.
    let revision = Revision::open(call, table);
    let found = revision.table.condition(sql);
    let found = found.map_err(|error| sql_mistake(&error, &revision.table, at))?;
    revision.note_unknown(&found, at, TakenAs::NotChosen);
    Ok(found.holds())
}

/// The rows on which the parameter `where` holds; all where it is left out.
pub(crate) fn condition(revision: &mut Revision<'_>, sql: Option<&str>) -> Vec<bool> {
    let all = vec![true; revision.height()];
    let Some(sql) = sql else { return all };
    match revision.table.condition(sql) {
        Ok(found) => {
            revision.note_unknown(&found, &["where"], TakenAs::NotChosen);
            let chosen = found.holds();
            revision.tell_if_none(sql, &chosen);
            chosen
        }
        Err(error) => {
            let mistake = sql_mistake(&error, &revision.table, &["where"]);
            revision.mistakes.push(mistake);
            // The mistake ends the rule; until then nothing is chosen away.
            all
        }
    }
}
