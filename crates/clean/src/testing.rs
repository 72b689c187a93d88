//! What the tests of the kinds share: tables written as text, parameters as
//! JSON, and outputs read back as lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Kind, Mistakes};
use polars::prelude::{DataType, Series};
use serde_json::{Value, json};
use study::{DateId, Lineage, Moment, Output, RawColumn, StudySettings, Table};

use crate::calendar;
use crate::cells::{self, LINE};

/// A table written with `|` between cells: the first line names the columns,
/// each with its type where it is not text (`age:real`); an empty cell is
/// missing. Lines of the raw file are counted from 2, after the header.
pub(crate) fn table(written: &str) -> Table {
    let mut lines = written.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('|').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('|').collect()).collect();
    // The header is line 1.
    let whole_line = |row: usize| i64::try_from(row).ok().map(|row| row + 2);
    let mut table = Table::new(rows.len());
    let mut columns: Vec<_> =
        header.iter().enumerate().map(|(at, name)| column(name, &rows, at)).collect();
    columns.push(cells::whole_series(LINE, (0..rows.len()).map(whole_line).collect()));
    for series in columns {
        table.columns.insert(series.name().to_string(), about(&series));
        table.put_series(series);
    }
    table
}

/// What ingest says of a column of a file.
fn about(column: &Series) -> study::Column {
    // One table for all, as its name makes no difference here.
    let (table, name) = ("raw".to_owned(), column.name().to_string());
    let raw = RawColumn { table: table.clone(), column: name.clone() };
    let own = DateId { table, column: name.clone(), rule: None };
    let own = (*column.dtype() == DataType::Date).then_some(own);
    let lineage = Lineage {
        raw: [raw].into(),
        dates: own.iter().cloned().collect(),
        date: own.map(Moment::of_row),
        identifier: name == settings().patient,
        ..Lineage::default()
    };
    study::Column { label: name, lineage, ..study::Column::default() }
}

/// The same rows, known from a date column of the table on, as ingest declares it.
pub(crate) fn known_from(mut table: Table, date: &str) -> Table {
    let moment = table.lineage(date).date.expect("a column of dates");
    for about in table.columns.values_mut() {
        about.lineage.known.insert(moment.clone());
        // On the row of an event a date is known on its own day, too.
        about.lineage.known.extend(about.lineage.date.clone());
    }
    table.rows.known.insert(moment);
    table
}

fn column(header: &str, rows: &[Vec<&str>], at: usize) -> Series {
    let (name, kind) = header.split_once(':').unwrap_or((header, "text"));
    let values: Vec<Option<String>> = rows
        .iter()
        .map(|row| row.get(at).filter(|cell| !cell.is_empty()).map(ToString::to_string))
        .collect();
    let parsed = values.iter().map(Option::as_deref);
    match kind {
        "text" => cells::text_series(name, &values),
        "whole" => cells::whole_series(
            name,
            parsed.map(|v| v.map(|v| v.parse().expect("whole"))).collect(),
        ),
        "real" => {
            cells::real_series(name, parsed.map(|v| v.map(|v| v.parse().expect("real"))).collect())
        }
        "boolean" => cells::boolean_series(
            name,
            parsed.map(|v| v.map(|v| v.parse().expect("true or false"))).collect(),
        ),
        "date" => cells::date_series(
            name,
            parsed.map(|v| v.map(|v| calendar::parse_iso(v).expect("ISO"))).collect(),
        ),
        other => panic!("no type `{other}`"),
    }
}

/// A table as it was written, without the line of the raw file.
pub(crate) fn shown(table: &Table) -> Vec<String> {
    let names: Vec<String> = table.names().into_iter().filter(|name| name != LINE).collect();
    let columns: Vec<_> = names.iter().map(|name| crate::coded::texts(table, name)).collect();
    let mut lines = vec![names.join("|")];
    for row in 0..table.height() {
        let cells: Vec<_> =
            columns.iter().map(|column| column[row].clone().unwrap_or_default()).collect();
        lines.push(cells.join("|"));
    }
    lines
}

/// The cleaning log, a line each: `2 P-001 sex: M -> male (fixed: why)`.
pub(crate) fn log(output: &Output) -> Vec<String> {
    let cell = |value: Option<&str>| value.unwrap_or("(missing)").to_owned();
    let line = |change: study::Change<'_>| {
        let action = serde_json::to_value(change.action).expect("plain");
        let line = change.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        let patient = &change.patient;
        let place = format!("{line} {patient} {}", change.field);
        let change_of =
            format!("{} -> {}", cell(change.raw.as_deref()), cell(change.clean.as_deref()));
        format!(
            "{}: {change_of} ({}: {})",
            place.trim_end(),
            action.as_str().unwrap_or(""),
            change.reason
        )
    };
    output.changes.iter().map(line).collect()
}

/// The mistakes, a line each: `levels.male.0: message; hint`.
pub(crate) fn messages(mistakes: &Mistakes) -> Vec<String> {
    let line = |mistake: &engine::Mistake| {
        let hint = mistake.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", mistake.at.join("."), mistake.message)
    };
    mistakes.0.iter().map(line).collect()
}

/// The settings of a study whose patients are named by `record_id`.
pub(crate) fn settings() -> StudySettings {
    serde_json::from_value(json!({
        "title": "A study", "data_status": "simulated", "patient": "record_id", "analysis_table": "patients",
    }))
    .expect("the required settings")
}

/// Runs a kind on tables, after a rehearsal that must promise the same shape.
pub(crate) fn run<K: Kind>(
    parameters: Value,
    tables: &[(&str, &Table)],
) -> Result<Output, Mistakes> {
    let kind: K = serde_json::from_value(parameters).expect("parameters of the kind");
    let study = settings();
    // A test that forgets a table would fail with less to say.
    let reads = kind.wiring("the_rule", &study).reads;
    for read in &reads {
        let engine::Read::Table { name, .. } = read else { panic!("cleaning rules read tables") };
        assert!(tables.iter().any(|(own, _)| own == name), "the test lacks table {name}");
    }
    let rehearsal = kind.rehearse(&call(&study, tables, Table::without_rows))?;
    let mut at_run = call(&study, tables, Table::clone);
    // As the engine hands them over: a read that the rehearsal forgets is a panic here.
    at_run.tables = engine::as_declared(&kind, &at_run);
    let mut output = kind.run(&at_run)?;
    output.unknowns.extend(at_run.unknowns.noted());
    output.tables.values_mut().for_each(|table| *table = table.freed());
    // Rules behind this one are checked against the promised shape.
    assert_eq!(shape(&rehearsal), shape(&output), "the rehearsal promised another shape");
    assert!(rehearsal.changes.is_empty(), "a rehearsal changes nothing");
    for (name, table) in &output.tables {
        assert_touched(tables.iter().find(|(own, _)| own == name).map(|(_, own)| *own), table);
    }
    Ok(output)
}

/// Every column that is new, or holds other values, says that the rule touched it.
fn assert_touched(before: Option<&Table>, after: &Table) {
    for column in after.names() {
        let same = |old: &Table| {
            old.height() != after.height() || old.values(&column) == after.values(&column)
        };
        let touched = after.lineage(&column).rules.contains("the_rule");
        assert!(touched || before.is_some_and(same), "`{column}` has no lineage");
    }
}

fn call<'a>(
    study: &'a StudySettings,
    tables: &[(&str, &Table)],
    make: impl Fn(&Table) -> Table,
) -> Call<'a> {
    let tables =
        tables.iter().map(|(name, table)| ((*name).to_owned(), Arc::new(make(table)))).collect();
    Call {
        name: "the_rule",
        study,
        claims: &[],
        provenance: None,
        seed: 1,
        tables,
        stages: Vec::new(),
        files: BTreeMap::new(),
        unknowns: engine::Unknowns::default(),
    }
}

type Shape = Vec<(String, Vec<(String, DataType)>)>;

fn shape(output: &Output) -> Shape {
    let columns = |table: &Table| {
        table.names().into_iter().map(|name| (name.clone(), cells::dtype(table, &name))).collect()
    };
    output.tables.iter().map(|(name, table)| (name.clone(), columns(table))).collect()
}

/// Asserts that a second run finds nothing to change in the table and that no
/// row is lost without a note; hands on the output of the first.
pub(crate) fn run_twice<K: Kind>(parameters: Value, name: &str, raw: &Table) -> Output {
    let first = run::<K>(parameters.clone(), &[(name, raw)]).expect("the rule runs");
    let once = &first.tables[name];
    // The first version as a file: whoever applies a rule twice changes nothing.
    let second = run::<K>(parameters, &[(name, once)]).expect("the rule runs again");
    assert_eq!(shown(&second.tables[name]), shown(once), "a second run changed something");
    let dropped = |output: &Output| {
        output
            .changes
            .iter()
            .filter(|c| c.action == study::Action::RowDropped && c.field.is_empty())
            .count()
    };
    // Nothing is dropped without a log row.
    assert_eq!(raw.height(), once.height() + dropped(&first), "a row was lost");
    assert_eq!(dropped(&second), 0);
    first
}
