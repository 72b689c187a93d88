//! The hospital's answers to queries, put in their cells.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use polars::prelude::{DataType, Series};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings};

use crate::calendar::parse_iso;
use crate::cells::{
    Edit, Revision, boolean_series, close_all, date_series, real_series, text_series, whole_series,
};
use crate::coded::texts;
use crate::kinds::parameters::condition;
use crate::text::key;
use crate::written_number::plain;

/// Applies documented answers of the hospital: a table that names, for each
/// corrected cell, its table, its row, its column, the raw value and the
/// answer. Each answer must match exactly one row, and the raw value must be
/// the one found there; anything else is a mistake. An empty answer sets the
/// cell missing; an answer equal to the raw value confirms it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correct {
    /// The table of answers.
    pub answers: String,
    /// The tables to correct, each with the columns that find a row; they stand
    /// under the same names in the table of answers:
    /// `labs: [record_id, instance]`.
    pub tables: Named<Vec<String>>,
    /// Uses only the answers where this SQL condition holds, so that some can
    /// be applied before and some after other rules.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// The column of the answers that names the table.
    #[serde(default = "table_column")]
    pub table_column: String,
    /// The column of the answers that names the column to correct.
    #[serde(default = "field_column")]
    pub field_column: String,
    /// The column of the answers that holds the raw value.
    #[serde(default = "raw_column")]
    pub raw_column: String,
    /// The column of the answers that holds the answer.
    #[serde(default = "answer_column")]
    pub answer_column: String,
    /// The column of the answers that says where the answer comes from; it goes
    /// into the log.
    #[serde(default)]
    pub source_column: Option<String>,
}

fn table_column() -> String {
    "table".to_owned()
}

fn field_column() -> String {
    "field".to_owned()
}

fn raw_column() -> String {
    "raw".to_owned()
}

fn answer_column() -> String {
    "answer".to_owned()
}

/// One answer, with the row of the table of answers it stands in.
struct Answer {
    row: usize,
    field: String,
    raw: Option<String>,
    answer: Option<String>,
    key: Vec<Option<String>>,
    source: Option<String>,
}

impl Kind for Correct {
    const NAME: &'static str = "correct";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let targets = self.tables.names().map(|name| Read::table(name, &["tables", name]));
        Wiring {
            reads: std::iter::once(Read::table(&self.answers, &["answers"]))
                .chain(targets)
                .collect(),
            writes: self.tables.names().map(str::to_owned).collect(),
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut source = Revision::open(call, &self.answers);
        self.check(&mut source);
        let mut targets = Vec::new();
        for (name, keys) in self.tables.iter() {
            let mut target = Revision::open(call, name);
            // an answer may be about any column
            target.may_read_any();
            for (at, key) in keys.iter().enumerate() {
                target.has(key, &["tables", name, &at.to_string()]);
            }
            targets.push(target);
        }
        let chosen = condition(&mut source, self.condition.as_deref());
        // Answers are read only where every column is there: otherwise each would be a
        // mistake.
        let sound = |revision: &Revision<'_>| revision.mistakes.0.is_empty();
        if sound(&source) && targets.iter().all(sound) {
            let mut answers = self.read(&mut source, &chosen);
            for (target, keys) in targets.iter_mut().zip(self.tables.iter().map(|(_, keys)| keys)) {
                let own = answers.remove(target.name()).unwrap_or_default();
                apply(&mut source, target, keys, own);
            }
        }
        // Those of the answers come first, then those of each table.
        let mut mistakes = source.mistakes;
        match close_all(targets) {
            Ok(output) => mistakes.or(output),
            Err(more) => {
                mistakes.0.extend(more.0);
                Err(mistakes)
            }
        }
    }
}

impl Correct {
    fn check(&self, source: &mut Revision<'_>) {
        let named = [
            ("table_column", Some(&self.table_column)),
            ("field_column", Some(&self.field_column)),
            ("raw_column", Some(&self.raw_column)),
            ("answer_column", Some(&self.answer_column)),
            ("source_column", self.source_column.as_ref()),
        ];
        for (parameter, column) in named {
            if let Some(column) = column {
                source.has(column, &[parameter]);
            }
        }
        if self.tables.is_empty() {
            source.mistakes.push(Mistake::at(&["tables"], "no table is named"));
        }
        for (name, keys) in self.tables.iter() {
            // It would change what it is reading.
            if name == self.answers {
                let message = "the table of answers cannot correct itself";
                source.mistakes.push(Mistake::at(&["tables", name], message));
            }
            if keys.is_empty() {
                let message = format!("no column finds the rows of `{name}`");
                source.mistakes.push(Mistake::at(&["tables", name], message));
            }
            for (at, key) in keys.iter().enumerate() {
                source.has(key, &["tables", name, &at.to_string()]);
            }
        }
    }

    /// The chosen answers by table; one that names no table of the rule is a mistake.
    fn read(&self, source: &mut Revision<'_>, chosen: &[bool]) -> BTreeMap<String, Vec<Answer>> {
        let column = |name: &str| texts(&source.table, name);
        let (tables, fields) = (column(&self.table_column), column(&self.field_column));
        let (raw, answers) = (column(&self.raw_column), column(&self.answer_column));
        let sources = self.source_column.as_deref().map(column);
        let keys: BTreeMap<&str, Vec<_>> = self
            .tables
            .iter()
            .map(|(name, keys)| (name, keys.iter().map(|key| column(key)).collect()))
            .collect();
        let mut found: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
        // Answers that the condition leaves out may be about cells that another rule has
        // yet to make.
        for row in (0..tables.len()).filter(|row| chosen[*row]) {
            let table = tables[row].clone().unwrap_or_default();
            // A misspelt table would lose the answer in silence.
            let Some(keys) = keys.get(table.as_str()) else {
                let message = format!(
                    "{} names table `{table}`, which the rule does not correct",
                    cite(source, row)
                );
                let mistake = Mistake::at(&["tables"], message);
                source.mistakes.push(mistake.hint_nearest(&table, self.tables.names()));
                continue;
            };
            found.entry(table).or_default().push(Answer {
                row,
                field: fields[row].clone().unwrap_or_default(),
                raw: raw[row].clone(),
                answer: answers[row].clone(),
                key: keys.iter().map(|column| column[row].clone()).collect(),
                source: sources.as_ref().and_then(|sources| sources[row].clone()),
            });
        }
        found
    }
}

/// An answer in words: the table and the line it stands in.
fn cite(source: &Revision<'_>, row: usize) -> String {
    format!("the answer in {} of `{}`", source.place(row), source.name())
}

/// Puts the answers of one table in their cells.
fn apply(
    source: &mut Revision<'_>,
    target: &mut Revision<'_>,
    keys: &[String],
    answers: Vec<Answer>,
) {
    // Once for all answers: there may be thousands of each.
    let mut rows: BTreeMap<Vec<Option<String>>, Vec<usize>> = BTreeMap::new();
    let columns: Vec<_> = keys.iter().map(|key| texts(&target.table, key)).collect();
    for row in 0..target.height() {
        rows.entry(columns.iter().map(|column| column[row].clone()).collect())
            .or_default()
            .push(row);
    }
    // Columns as text while they are corrected; only those that an answer names.
    let mut cells: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for answer in answers {
        let place = rows.get(&answer.key).map_or(&[][..], Vec::as_slice);
        match fit(source, target, &mut cells, &answer, place) {
            Ok(row) => put(source, target, &mut cells, &answer, row),
            Err(mistake) => source.mistakes.push(mistake),
        }
    }
    for (field, values) in cells {
        let series = typed(&field, &values, &target.dtype(&field));
        // an answer mends what the cell says: a date of it is the same date, known no earlier
        let mut made = target.own(&field);
        made.given(&source.table.rows);
        made.given(&source.table.lineage_of(source.table.names().iter().map(String::as_str)));
        target.write(series, made);
    }
}

/// The one row that the answer is about, if its raw value stands there.
fn fit(
    source: &Revision<'_>,
    target: &Revision<'_>,
    cells: &mut BTreeMap<String, Vec<Option<String>>>,
    answer: &Answer,
    place: &[usize],
) -> Result<usize, Mistake> {
    let (cite, table, field) = (cite(source, answer.row), target.name(), answer.field.as_str());
    let names = target.table.names();
    if !names.contains(&answer.field) {
        let message = format!("{cite} names column `{field}`, which table `{table}` does not have");
        return Err(Mistake::new(message).hint_nearest(field, names.iter().map(String::as_str)));
    }
    // Exactly one row, or the answer would be put where nobody meant it.
    let row = match *place {
        [row] => row,
        [] => return Err(Mistake::new(format!("{cite} finds no row in table `{table}`"))),
        _ => {
            let places = target.places(place);
            return Err(Mistake::new(format!(
                "{cite} finds several rows in table `{table}`: {places}"
            ))
            .hint("name more columns under `tables`"));
        }
    };
    let column = cells.entry(answer.field.clone()).or_insert_with(|| texts(&target.table, field));
    let found = column[row].clone();
    // The cell may hold the answer already, as after a corrected export; anything else
    // means that the data moved on since the question.
    if !same(&found, &answer.raw) && !same(&found, &answer.answer) {
        let shown = |value: &Option<String>| {
            value.clone().map_or("nothing".to_owned(), |value| format!("`{value}`"))
        };
        let message = format!(
            "{cite} is about the value {}, but column `{field}` of table `{table}`, {}, holds {}",
            shown(&answer.raw),
            target.place(row),
            shown(&found)
        );
        return Err(Mistake::new(message).hint("the answer may be out of date: ask again"));
    }
    check_answer(target, answer).map_err(|why| Mistake::new(format!("{cite}: {why}")))?;
    Ok(row)
}

fn same(one: &Option<String>, other: &Option<String>) -> bool {
    let plain_key =
        // Blanks and widths make no other value of a cell.
        |value: &Option<String>| value.as_deref().map(key).filter(|key| !key.is_empty());
    plain_key(one) == plain_key(other)
}

/// Why the answer does not fit the column, if it does not.
fn check_answer(target: &Revision<'_>, answer: &Answer) -> Result<(), String> {
    let Some(value) = &answer.answer else { return Ok(()) };
    let (field, holds) = (&answer.field, target.dtype(&answer.field));
    let fits = match holds {
        // In the form in which `texts` writes the type of the column.
        DataType::Int64 => value.parse::<i64>().is_ok(),
        DataType::Float64 => plain(value).is_some(),
        DataType::Boolean => matches!(value.as_str(), "true" | "false"),
        DataType::Date => parse_iso(value).is_some(),
        _ => true,
    };
    if !fits {
        let holds = crate::cells::type_in_words(&holds);
        return Err(format!("`{value}` does not fit column `{field}`, which holds {holds}"));
    }
    let levels = target.table.about(field).levels;
    if levels.is_empty() || levels.iter().any(|level| level.value == *value) {
        return Ok(());
    }
    Err(format!("`{value}` is no level of column `{field}`"))
}

fn put(
    source: &Revision<'_>,
    target: &mut Revision<'_>,
    cells: &mut BTreeMap<String, Vec<Option<String>>>,
    answer: &Answer,
    row: usize,
) {
    let column = cells.get_mut(&answer.field).expect("invariant: the column was read to compare");
    let found = column[row].clone();
    let confirms = same(&answer.raw, &answer.answer);
    // Already there: the log says it once, where it came in.
    if same(&found, &answer.answer) && !confirms {
        return;
    }
    let why = answer.source.clone().map_or_else(
        || cite(source, answer.row),
        |why| format!("{}: {why}", cite(source, answer.row)),
    );
    let reason = if confirms { format!("confirmed by {why}") } else { why };
    let clean = if confirms { found.clone() } else { answer.answer.clone() };
    let edit = Edit {
        field: &answer.field,
        raw: found.as_deref(),
        clean: clean.as_deref(),
        action: Action::Corrected,
        reason,
    };
    // A confirmation is noted each time, as it answers a query.
    target.note(row, edit);
    column[row] = clean;
}

/// A column of texts in the type that the column has.
fn typed(name: &str, values: &[Option<String>], kind: &DataType) -> Series {
    fn parsed<T>(values: &[Option<String>], parse: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
        values.iter().map(|value| value.as_deref().and_then(&parse)).collect()
    }
    match kind {
        DataType::Int64 => whole_series(name, parsed(values, |value| value.parse().ok())),
        DataType::Float64 => real_series(name, parsed(values, plain)),
        DataType::Boolean => boolean_series(name, parsed(values, |value| value.parse().ok())),
        DataType::Date => date_series(name, parsed(values, parse_iso)),
        _ => text_series(name, values),
    }
}

#[cfg(test)]
mod tests;
