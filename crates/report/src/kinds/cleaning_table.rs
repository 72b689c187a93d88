//! `cleaning_table`: what each cleaning rule changed, in numbers.

use std::collections::{BTreeMap, BTreeSet};

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

const ACTIONS: [(Action, &str, &str); 7] = [
    (Action::Fixed, "fixed", "Fixed"),
    (Action::Corrected, "corrected", "Corrected"),
    (Action::SetMissing, "set_missing", "Set missing"),
    (Action::Query, "queries", "Queries"),
    (Action::RowDropped, "rows_dropped", "Rows dropped"),
    (Action::Excluded, "excluded", "Excluded"),
    // the last, so that it can be left out where no condition was left open
    (Action::Unknown, "unknown", "Condition unknown"),
];

/// Counts of what did not fit, then of each action.
type Counts = [u64; 8];

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
        Column::words("fields", "Fields"),
        Column::words("reason", "What was found"),
        Column::numbers("did_not_fit", "Did not fit"),
    ];
    let mut deeds = call.section(Section::Clean).flat_map(|(_, output)| output.changes.counted());
    let is_open = deeds.any(|(deed, _)| deed.action == Action::Unknown);
    let shown = &ACTIONS[..ACTIONS.len() - usize::from(!is_open)];
    columns.extend(shown.iter().map(|(_, key, label)| Column::numbers(key, label)));
    let mut table = PrintedTable::of(columns);
    let mut total = vec![0; 1 + shown.len()];
    let records = records(call);
    for section in [Section::Ingest, Section::Clean] {
        for (name, output) in call.section(section) {
            // Reasons are made general before they are counted: with identifiers and dates each
            // would be a row of its own, and name a patient.
            let counts = merged(&counted(output, &records));
            part(&mut table, &format!("{section}: {name}"), &counts, &mut total);
        }
    }
    table.rows.push(Row::section("All rules"));
    let mut cells = vec![Cell::text("Total"), Cell::default()];
    cells.extend(total.iter().map(|count| Cell::text(format::count(*count))));
    table.rows.push(Row::values(cells));
    if is_open {
        table.note("Condition unknown: a missing value left a condition open, and the value was given, or the patient kept, all the same.");
    }
    table.note("Did not fit: cells that could not be read as their declared column. Queries: questions to the hospital. Empty cells are noughts.");
    table
}

/// Counts by field and reason, of everything a stage noted.
fn counted(output: &Output, records: &BTreeSet<&str>) -> BTreeMap<(String, String), Counts> {
    let mut counts: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for problem in &output.problems {
        let field = format!("{}.{}", problem.table, problem.column);
        counts.entry((field, in_general(&problem.reason, records))).or_default()[0] += 1;
    }
    for (deed, count) in output.changes.counted() {
        let field = match deed.field.as_ref() {
            // A whole row has no field.
            "" => deed.table.to_string(),
            field => format!("{}.{field}", deed.table),
        };
        let place = ACTIONS.iter().position(|(action, _, _)| *action == deed.action);
        let place = place.expect("invariant: every action has its column");
        let reason = in_general(&deed.reason, records);
        counts.entry((field, reason)).or_default()[1 + place] += count;
    }
    counts
}

/// Reasons of one field that differ only in a name between backticks become
/// one, with an ellipsis for the name.
fn merged(counts: &BTreeMap<(String, String), Counts>) -> BTreeMap<(String, String), Counts> {
    let shape = |reason: &str| {
        // Every second part stands between backticks.
        let parts: Vec<&str> = reason.split('`').collect();
        let shown = parts.iter().enumerate().map(|(place, part)| match place % 2 {
            0 => *part,
            _ => "\u{2026}",
        });
        shown.collect::<String>()
    };
    let mut merged: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for ((field, reason), own) in counts {
        let alike =
            counts.keys().filter(|(of, other)| of == field && shape(other) == shape(reason));
        // A reason that occurs once keeps its name: an ellipsis would only hide it.
        let reason = if alike.count() > 1 { shape(reason) } else { reason.clone() };
        let sum = merged.entry((field.clone(), reason)).or_default();
        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    merged
}

/// Every identifier of a patient that the log knows.
fn records<'a>(call: &'a Call<'_>) -> BTreeSet<&'a str> {
    let mut records = BTreeSet::new();
    for (_, output) in call.section(Section::Clean) {
        records.extend(output.changes.patients().map(|(patient, _)| patient));
        for (deed, _) in output.changes.counted() {
            if *deed.field == call.study.patient {
                // A rule may have mended the identifier itself, so that both forms name a patient.
                records.extend(deed.raw.as_deref());
                records.extend(deed.clean.as_deref());
            }
        }
    }
    records
}

fn part(
    table: &mut PrintedTable,
    heading: &str,
    counts: &BTreeMap<(String, String), Counts>,
    total: &mut [u64],
) {
    if counts.is_empty() {
        return;
    }
    table.rows.push(Row::section(heading));
    let mut reasons: BTreeMap<(&str, bool), (Vec<&str>, Counts)> = BTreeMap::new();
    for ((field, reason), own) in counts {
        // Fields of one reason stand in one row, but dropped rows never with changed values.
        let of_row = !field.contains('.');
        let (fields, sum) = reasons.entry((reason, of_row)).or_default();
        fields.push(field);
        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    for ((reason, _), (fields, counts)) in reasons {
        let reason = sentence(reason);
        let mut cells =
            vec![Cell::code(fields.join(", ")), Cell::text(reason.trim_end_matches('.'))];
        for (count, sum) in counts.iter().zip(total.iter_mut()) {
            *sum += count;
            cells.push(Cell::text(if *count > 0 { format::count(*count) } else { String::new() }));
        }
        table.rows.push(Row::values(cells));
    }
}

/// A reason without what it says of a single row: the row's place in its file,
/// identifiers and full dates.
fn in_general(reason: &str, records: &BTreeSet<&str>) -> String {
    let words: Vec<&str> = reason.split(' ').collect();
    let mut general: Vec<&str> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        // `line 108` points at one row of a raw file as much as a path does.
        let counts_a_line = place > 0 && words[place - 1] == "line" && is_number(bare);
        if counts_a_line || is_place(word) {
            if counts_a_line {
                general.pop();
            }
            general.push("another row");
        } else if records.contains(bare) || is_identifier(bare) {
            // In brackets or at the end an identifier is an aside and goes. Elsewhere the sentence
            // needs a word.
            match word.starts_with('(') || place + 1 == words.len() {
                true => {}
                false => general.push("the record"),
            }
        } else {
            general.push(word);
        }
    }
    without_dates(general.join(" ").trim_end_matches(':'))
}

fn without_dates(reason: &str) -> String {
    let words = || reason.split(' ');
    match (words().any(is_date), reason.split_once(':')) {
        (false, _) => reason.to_owned(),
        // Behind a colon stand the values themselves.
        (true, Some((before, _))) => before.to_owned(),
        (true, None) => {
            let general = words().map(|word| if is_date(word) { "a date" } else { word });
            general.collect::<Vec<_>>().join(" ")
        }
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// `P-105`, `Q-0012`: letters, a hyphen and at least three digits.
fn is_identifier(word: &str) -> bool {
    word.split_once('-').is_some_and(|(letters, digits)| {
        // Two digits are too few: `PD-1` and `COVID-19` are no patients.
        letters.chars().all(char::is_alphabetic) && digits.len() >= 3 && is_number(digits)
    })
}

/// `data/raw/labs.csv:12`
fn is_place(word: &str) -> bool {
    let word = word.trim_end_matches([',', ';', ')']);
    word.rsplit_once(':').is_some_and(|(file, line)| !file.is_empty() && is_number(line))
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
    use super::*;

    #[test]
    fn reasons_lose_what_points_at_a_patient() {
        for (reason, general) in [
            ("ambiguous: 2021-03-04 or 2021-04-03", "ambiguous"),
            ("after `2021-03-04`", "after a date"),
            ("exact duplicate of data/raw/labs.csv:12", "exact duplicate of another row"),
            ("exact duplicate of line 108 (P-105)", "exact duplicate of another row"),
            ("near duplicate: replaced by line 5 (77)", "near duplicate: replaced by another row"),
            ("`P-931` is not in table `patients`", "the record is not in table `patients`"),
            (
                "the answer in line 2 (P-013) of `answers`: Q-001",
                "the answer in another row of `answers`",
            ),
            // Numbers that are no identifiers stay.
            ("a stage by AJCC 7, not 8", "a stage by AJCC 7, not 8"),
            ("`NK` is a code for missing", "`NK` is a code for missing"),
            ("31 February is no day", "31 February is no day"),
        ] {
            let records = BTreeSet::from(["77"]);
            assert_eq!(in_general(reason, &records), general);
        }
    }

    #[test]
    fn reasons_of_one_shape_are_counted_together() {
        let key = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
        let one = [0, 1, 0, 0, 0, 0, 0, 0];
        let counts = BTreeMap::from([
            (key("sex", "code of `female`"), one),
            (key("sex", "code of `male`"), one),
            (key("site", "code of `oral`"), one),
        ]);
        let merged: Vec<_> = merged(&counts).into_iter().collect();
        assert_eq!(
            merged,
            [
                (key("sex", "code of …"), [0, 2, 0, 0, 0, 0, 0, 0]),
                (key("site", "code of `oral`"), one)
            ]
        );
    }
}
