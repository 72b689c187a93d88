//! `cleaning_table`: what each cleaning rule changed, in numbers.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings};

use crate::exhibit::sentence;
use crate::format;
use crate::table::{Cell, Column, PrintedTable, Row, finish};

/// A table of the cleaning log by rule: how many values were fixed,
/// corrected, set missing or queried, and how many rows were dropped and
/// patients excluded, after the cells that did not fit their column when
/// they were read. It holds counts alone, nothing about a single patient.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CleaningTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Cleaning log by rule".to_owned()
}

const ACTIONS: [(Action, &str, &str); 6] = [
    (Action::Fixed, "fixed", "Fixed"),
    (Action::Corrected, "corrected", "Corrected"),
    (Action::SetMissing, "set_missing", "Set missing"),
    (Action::Query, "queries", "Queries"),
    (Action::RowDropped, "rows_dropped", "Rows dropped"),
    (Action::Excluded, "excluded", "Excluded"),
];

/// Counts of what did not fit, then of each action.
type Counts = [u64; 7];

impl Kind for CleaningTable {
    const NAME: &'static str = "cleaning_table";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let reads = [Section::Ingest, Section::Clean].map(Read::Section);
        Wiring { reads: reads.into(), ..Wiring::default() }
    }

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(finish(call, &self.title, self.note.as_deref(), table(call)))
    }
}

fn table(call: &Call<'_>) -> PrintedTable {
    let mut columns = vec![
        Column::words("field", "Field"),
        Column::words("reason", "What was found"),
        Column::numbers("did_not_fit", "Did not fit"),
    ];
    columns.extend(ACTIONS.iter().map(|(_, key, label)| Column::numbers(key, label)));
    let mut table = PrintedTable::of(columns);
    let mut total = Counts::default();
    for section in [Section::Ingest, Section::Clean] {
        for (name, output) in call.section(section) {
            let mut counts: BTreeMap<(String, String), Counts> = BTreeMap::new();
            for problem in &output.problems {
                let key =
                    (format!("{}.{}", problem.table, problem.column), in_general(&problem.reason));
                counts.entry(key).or_default()[0] += 1;
            }
            for change in &output.changes {
                let field = match change.field.as_str() {
                    "" => change.table.clone(),
                    field => format!("{}.{field}", change.table),
                };
                let place = ACTIONS.iter().position(|(action, _, _)| *action == change.action);
                let place = place.expect("invariant: every action has its column");
                counts.entry((field, in_general(&change.reason))).or_default()[1 + place] += 1;
            }
            part(&mut table, &format!("{section}: {name}"), &counts, &mut total);
        }
    }
    table.rows.push(Row::section("All rules"));
    let mut cells = vec![Cell::text("Total"), Cell::default()];
    cells.extend(total.iter().map(|count| Cell::text(format::count(*count))));
    table.rows.push(Row::values(cells));
    let open = format::count(total[4]);
    table.note(format!("Open queries to the hospital: {open}."));
    table.note("Did not fit: cells that could not be read as their declared column; they count as missing until a rule mends them. Empty cells are noughts.");
    table
}

fn part(
    table: &mut PrintedTable,
    heading: &str,
    counts: &BTreeMap<(String, String), Counts>,
    total: &mut Counts,
) {
    if counts.is_empty() {
        return;
    }
    table.rows.push(Row::section(heading));
    for ((field, reason), counts) in counts {
        let mut cells = vec![Cell::code(field), Cell::text(sentence(reason).trim_end_matches('.'))];
        for (count, sum) in counts.iter().zip(total.iter_mut()) {
            *sum += count;
            cells.push(Cell::text(if *count > 0 { format::count(*count) } else { String::new() }));
        }
        table.rows.push(Row::values(cells));
    }
}

/// A reason without what it says of a single row: the row's place in its file
/// and full dates.
fn in_general(reason: &str) -> String {
    let words: Vec<&str> =
        reason.split(' ').map(|word| if is_place(word) { "another row" } else { word }).collect();
    let reason = words.join(" ");
    match (words.iter().any(|word| is_date(word)), reason.split_once(':')) {
        (false, _) => reason,
        (true, Some((before, _))) => before.to_owned(),
        (true, None) => {
            let general = words.iter().map(|word| if is_date(word) { "a date" } else { word });
            general.collect::<Vec<_>>().join(" ")
        }
    }
}

/// `data/raw/labs.csv:12`
fn is_place(word: &str) -> bool {
    let word = word.trim_end_matches([',', ';', ')']);
    word.rsplit_once(':').is_some_and(|(file, line)| {
        !file.is_empty() && !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `2021-03-04`, whatever stands around it.
fn is_date(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_digit());
    let mut parts = bare.split('-');
    let lengths = [parts.next(), parts.next(), parts.next()].map(|part| {
        part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).map(str::len)
    });
    lengths == [Some(4), Some(2), Some(2)] && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::in_general;

    #[test]
    fn reasons_lose_what_points_at_a_patient() {
        for (reason, general) in [
            ("ambiguous: 2021-03-04 or 2021-04-03", "ambiguous"),
            ("after `2021-03-04`", "after a date"),
            ("exact duplicate of data/raw/labs.csv:12", "exact duplicate of another row"),
            ("`NK` is a code for missing", "`NK` is a code for missing"),
            ("31 February is no day", "31 February is no day"),
        ] {
            assert_eq!(in_general(reason), general);
        }
    }
}
