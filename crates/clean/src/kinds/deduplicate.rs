//! Rows that stand twice.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings, natural_order};

use crate::cells::{Edit, LINE, Revision};
use crate::coded::texts;
use crate::kinds::parameters::{twice, wiring_of};

/// Drops rows that stand twice. Rows equal in every column are exact
/// duplicates and all but one are dropped. Rows with the same key (`by`) but
/// other differences are near duplicates: `near` says what becomes of them,
/// and every cell that differs is in the log. Rows with a missing part of the
/// key are compared as exact duplicates only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deduplicate {
    /// The table.
    pub table: String,
    /// The columns that tell rows apart, such as `[record_id, instance]`;
    /// without them only exact duplicates are dropped.
    #[serde(default)]
    pub by: Vec<String>,
    /// Which of several duplicates stays.
    #[serde(default)]
    pub keep: Keep,
    /// The columns that say what is first and last, such as `[entered_on]`; the first column counts
    /// most, numbers in a text count by their value, and a missing cell comes last. Of equals, and
    /// without it, rows are ordered by their cells from left to right, never by their place in the
    /// file: that may differ from one export to the next.
    #[serde(default)]
    pub order: Vec<String>,
    /// Columns whose differences do not count, such as a time of entry.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// What to do with near duplicates: `query` keeps the row that `keep`
    /// names and asks about each difference, `keep_first`, `keep_last` and
    /// `keep_most_complete` settle them by rule, `stop` reports them as mistakes.
    #[serde(default)]
    pub near: Near,
}

/// Which of several duplicates stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The first by `order`.
    #[default]
    First,
    /// The last by `order`.
    Last,
    /// The one with the fewest missing cells; of equals the first by `order`.
    MostComplete,
}

/// What to do with near duplicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Near {
    /// Keep one and ask the hospital about each difference.
    #[default]
    Query,
    /// Keep the first.
    KeepFirst,
    /// Keep the last.
    KeepLast,
    /// Keep the one with the fewest missing cells; of equals the first by `order`.
    KeepMostComplete,
    /// Report them as mistakes and stop.
    Stop,
}

impl Kind for Deduplicate {
    const NAME: &'static str = "deduplicate";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        self.check(&mut revision);
        if revision.mistakes.0.is_empty() {
            // As text once, as every comparison needs it.
            let rows = Rows::read(&revision, &self.ignore, &self.order);
            let mut fates = vec![Fate::Stays; revision.height()];
            let exact = rows.groups(&rows.compared());
            // Exact ones first, so that near ones are only those that differ in something.
            for group in exact.into_iter().filter(|group| group.len() > 1) {
                let kept = rows.pick(&group, self.keep);
                group
                    .iter()
                    .filter(|row| **row != kept)
                    .for_each(|row| fates[*row] = Fate::Exact(kept));
            }
            if !self.by.is_empty() {
                self.settle_near(&mut revision, &rows, &mut fates);
            }
            self.carry_out(&mut revision, &rows, &fates);
        }
        revision.close()
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Exact(usize),
    Near(usize),
}

impl Deduplicate {
    fn check(&self, revision: &mut Revision<'_>) {
        for (parameter, columns) in
            [("by", &self.by), ("order", &self.order), ("ignore", &self.ignore)]
        {
            revision.mistakes.0.extend(twice(parameter, columns));
            for (at, column) in columns.iter().enumerate() {
                revision.has(column, &[parameter, &at.to_string()]);
            }
        }
        // A key that does not count would join rows of different patients.
        for (at, column) in self.ignore.iter().enumerate().filter(|(_, own)| self.by.contains(own))
        {
            let message = format!("column `{column}` is part of the key and cannot be ignored");
            revision.mistakes.push(Mistake::at(&["ignore", &at.to_string()], message));
        }
    }

    fn settle_near(&self, revision: &mut Revision<'_>, rows: &Rows, fates: &mut [Fate]) {
        let keep = match self.near {
            Near::Query | Near::Stop => self.keep,
            Near::KeepFirst => Keep::First,
            Near::KeepLast => Keep::Last,
            Near::KeepMostComplete => Keep::MostComplete,
        };
        let key = rows.indices(&self.by);
        for group in rows.groups(&key) {
            // A missing part of a key is no agreement: two patients without a number are two.
            let known = key.iter().all(|column| rows.cells[*column][group[0]].is_some());
            let left: Vec<usize> =
                // Exact duplicates are gone already.
                group.into_iter().filter(|row| fates[*row] == Fate::Stays).collect();
            if !known || left.len() < 2 {
                continue;
            }
            if self.near == Near::Stop {
                revision.mistakes.push(self.conflict(revision, rows, &left));
                continue;
            }
            let kept = rows.pick(&left, keep);
            left.iter().filter(|row| **row != kept).for_each(|row| fates[*row] = Fate::Near(kept));
        }
    }

    fn conflict(&self, revision: &Revision<'_>, rows: &Rows, group: &[usize]) -> Mistake {
        let differs = |column: &usize| {
            group.iter().any(|row| rows.cells[*column][*row] != rows.cells[*column][group[0]])
        };
        let columns: Vec<String> = rows
            .compared()
            .iter()
            .filter(|c| differs(c))
            .map(|c| format!("`{}`", rows.names[*c]))
            .collect();
        let message = format!(
            "table `{}` has rows with the same key that differ in {}: {}",
            self.table,
            columns.join(", "),
            revision.places(group)
        );
        Mistake::at(&["near"], message).hint("mend the raw rows, or let `near` say which row stays")
    }

    fn carry_out(&self, revision: &mut Revision<'_>, rows: &Rows, fates: &[Fate]) {
        // In the order of the rows, as a log is read.
        for (row, fate) in fates.iter().enumerate() {
            match *fate {
                Fate::Stays => {}
                Fate::Exact(kept) => {
                    let reason = format!("exact duplicate of {}", revision.place(kept));
                    revision.note_dropped(row, reason);
                }
                Fate::Near(kept) => self.note_near(revision, rows, row, kept),
            }
        }
        let keep: Vec<bool> = fates.iter().map(|fate| *fate == Fate::Stays).collect();
        let deciding = self.deciding(rows);
        // What says which row stays is behind every number of the table.
        let decided = revision.table.lineage_of(deciding.iter().map(String::as_str));
        revision.keep(&keep, &decided);
        if self.near != Near::Stop && revision.leaves_one_of_many(&self.by) {
            // one event of a patient, and which one it is shows only when all are there
            revision.table.rows.over_rows();
            for about in revision.table.columns.values_mut() {
                let date = about.lineage.date.clone();
                about.lineage.over_rows();
                about.lineage.date = date;
            }
        }
    }

    /// The columns that say which of several rows stays. Exact duplicates differ
    /// in what does not count alone; of near ones any cell may break a tie, and
    /// be missing.
    fn deciding(&self, rows: &Rows) -> Vec<String> {
        let picks_near = !self.by.is_empty() && self.near != Near::Stop;
        // The line of the file decides nothing, so that it is behind nothing.
        let tells =
            |column: &&String| *column != LINE && (picks_near || self.ignore.contains(column));
        let named = self.by.iter().chain(&self.order);
        named.chain(rows.names.iter().filter(tells)).cloned().collect()
    }

    fn note_near(&self, revision: &mut Revision<'_>, rows: &Rows, row: usize, kept: usize) {
        let place = revision.place(kept);
        let (action, why) = match self.near {
            Near::Query => (Action::Query, "differs from"),
            _ => (Action::Fixed, "replaced by"),
        };
        for column in rows.compared() {
            let (raw, clean) =
                (rows.cells[column][row].as_deref(), rows.cells[column][kept].as_deref());
            // Each cell that differs, so that nothing of the dropped row is lost.
            if raw != clean {
                let reason = format!("near duplicate: {why} {place}");
                revision.note(row, Edit { field: &rows.names[column], raw, clean, action, reason });
            }
        }
        revision.note_dropped(row, format!("near duplicate of {place}"));
    }
}

/// The cells of a table as text, column by column.
struct Rows {
    names: Vec<String>,
    ignored: Vec<bool>,
    /// The columns by which rows are ordered: those declared, then the others.
    order: Vec<usize>,
    cells: Vec<Vec<Option<String>>>,
    height: usize,
}

impl Rows {
    fn read(revision: &Revision<'_>, ignore: &[String], order: &[String]) -> Self {
        let names = revision.table.names();
        let place = |column: &String| names.iter().position(|name| name == column);
        let mut order: Vec<usize> = order.iter().filter_map(place).collect();
        // Then all columns from left to right: two exports in different orders leave the
        // same row.
        order.extend((0..names.len()).filter(|column| names[*column] != LINE));
        // The line number differs in every row.
        let ignored = names.iter().map(|name| name == LINE || ignore.contains(name)).collect();
        let cells = names.iter().map(|name| texts(&revision.table, name)).collect();
        Self { names, ignored, order, cells, height: revision.height() }
    }

    /// The columns whose differences count.
    fn compared(&self) -> Vec<usize> {
        (0..self.names.len()).filter(|column| !self.ignored[*column]).collect()
    }

    fn indices(&self, columns: &[String]) -> Vec<usize> {
        let place = |column: &String| self.names.iter().position(|name| name == column);
        columns.iter().filter_map(place).collect()
    }

    /// The rows that agree in these columns, in the order of their first rows.
    fn groups(&self, columns: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        // Keys of several texts; groups stand in the order of their first rows.
        let mut places: BTreeMap<Vec<Option<&str>>, usize> = BTreeMap::new();
        for row in 0..self.height {
            let key = columns.iter().map(|column| self.cells[*column][row].as_deref()).collect();
            let place = *places.entry(key).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            groups[place].push(row);
        }
        groups
    }

    fn pick(&self, group: &[usize], keep: Keep) -> usize {
        let missing =
            |row: &usize| self.cells.iter().filter(|column| column[*row].is_none()).count();
        let group = group.iter().copied();
        let picked = match keep {
            Keep::First => group.min_by(|a, b| self.compare(*a, *b)),
            Keep::Last => group.max_by(|a, b| self.compare(*a, *b)),
            Keep::MostComplete => {
                group.min_by(|a, b| missing(a).cmp(&missing(b)).then_with(|| self.compare(*a, *b)))
            }
        };
        picked.expect("invariant: a group has a row")
    }

    /// Rows by their cells; of rows that are alike in all of them it does not
    /// matter which stays, and the log names the first.
    fn compare(&self, one: usize, other: usize) -> Ordering {
        let by_column = self.order.iter().map(|column| {
            let cells = &self.cells[*column];
            match (&cells[one], &cells[other]) {
                (Some(a), Some(b)) => natural_order(a, b),
                // A missing cell comes last.
                (a, b) => b.is_some().cmp(&a.is_some()),
            }
        });
        // Rows that are alike throughout: the earlier one, for the log alone.
        by_column.fold(Ordering::Equal, Ordering::then).then(one.cmp(&other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    const RAW: &str = "record_id|n|entered|x\nP-001|1|mon|a\nP-002|1|mon|b\nP-001|1|tue|a\nP-002|1|mon|\nP-002|2|mon|b\n|1|mon|c\n|1|tue|c\n|1|tue|d";

    #[test]
    fn exact_duplicates_are_dropped() {
        let parameters = json!({"table": "labs", "ignore": ["entered"], "keep": "last"});
        let output = run_twice::<Deduplicate>(parameters, "labs", &table(RAW));
        assert_eq!(
            shown(&output.tables["labs"]),
            [
                "record_id|n|entered|x",
                "P-002|1|mon|b",
                "P-001|1|tue|a",
                "P-002|1|mon|",
                "P-002|2|mon|b",
                "|1|tue|c",
                "|1|tue|d"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "2 P-001: (missing) -> (missing) (row_dropped: exact duplicate of line 4 (P-001))",
                "7: (missing) -> (missing) (row_dropped: exact duplicate of line 8)",
            ]
        );
    }

    #[test]
    fn near_duplicates_are_settled_as_declared() {
        let with = |near: &str, keep: &str| {
            let parameters = json!({"table": "labs", "by": ["record_id", "n"], "ignore": ["entered"], "near": near, "keep": keep});
            run_twice::<Deduplicate>(parameters, "labs", &table(RAW))
        };
        let asked = with("query", "first");
        assert_eq!(
            shown(&asked.tables["labs"]),
            [
                "record_id|n|entered|x",
                "P-001|1|mon|a",
                "P-002|1|mon|b",
                "P-002|2|mon|b",
                "|1|mon|c",
                "|1|tue|d"
            ]
        );
        assert_eq!(
            log(&asked),
            [
                "4 P-001: (missing) -> (missing) (row_dropped: exact duplicate of line 2 (P-001))",
                "5 P-002 x: (missing) -> b (query: near duplicate: differs from line 3 (P-002))",
                "5 P-002: (missing) -> (missing) (row_dropped: near duplicate of line 3 (P-002))",
                "8: (missing) -> (missing) (row_dropped: exact duplicate of line 7)",
            ]
        );
        let last = with("keep_last", "first");
        assert_eq!(shown(&last.tables["labs"])[2], "P-002|1|mon|");
        assert_eq!(
            log(&last)[0],
            "3 P-002 x: b -> (missing) (fixed: near duplicate: replaced by line 5 (P-002))"
        );
        let complete = with("keep_most_complete", "last");
        assert_eq!(shown(&complete.tables["labs"])[1], "P-002|1|mon|b");
    }

    #[test]
    fn the_place_in_the_file_decides_nothing() {
        let parameters =
            json!({"table": "labs", "by": ["n"], "near": "keep_first", "order": ["record_id"]});
        let kept = |raw: &str| {
            let output = run_twice::<Deduplicate>(parameters.clone(), "labs", &table(raw));
            shown(&output.tables["labs"])
        };
        let expected = ["record_id|n|x", "P9|1|b"];
        // The same rows in two orders, and P9 before P10.
        assert_eq!(kept("record_id|n|x\nP10|1|a\nP9|1|c\nP9|1|b"), expected);
        assert_eq!(kept("record_id|n|x\nP9|1|b\nP9|1|c\nP10|1|a"), expected);
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table(RAW);
        let said = |parameters| {
            messages(&run::<Deduplicate>(parameters, &[("labs", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({"table": "labs", "by": ["record_id", "n"], "near": "stop"})),
            [
                "near: table `labs` has rows with the same key that differ in `entered`: line 2 (P-001), line 4 (P-001); mend the raw rows, or let `near` say which row stays",
                "near: table `labs` has rows with the same key that differ in `x`: line 3 (P-002), line 5 (P-002); mend the raw rows, or let `near` say which row stays",
            ]
        );
        assert_eq!(
            said(
                json!({"table": "labs", "by": ["record_id", "m", "record_id"], "ignore": ["record_id"]})
            ),
            [
                "by.2: `record_id` is listed twice",
                "by.1: table `labs` has no column `m`; there are: `record_id`, `n`, `entered`, `x`, `_line`",
                "ignore.0: column `record_id` is part of the key and cannot be ignored",
            ]
        );
    }

    #[test]
    fn what_breaks_a_tie_is_behind_the_rows() {
        let behind = |extra: serde_json::Value| {
            let mut parameters = json!({"table": "patients"});
            let of = parameters.as_object_mut().expect("an object");
            of.extend(extra.as_object().cloned().expect("an object"));
            let output = run_twice::<Deduplicate>(parameters, "patients", &table(RAW));
            let raw = output.tables["patients"].rows.raw.clone();
            raw.into_iter().map(|raw| raw.column).collect::<Vec<_>>().join(" ")
        };
        let by = ["record_id", "n"];
        assert_eq!(behind(json!({"by": by, "near": "keep_first"})), "entered n record_id x");
        assert_eq!(behind(json!({"by": by, "order": ["x"]})), "entered n record_id x");
        // exact duplicates are alike in all that counts
        assert_eq!(behind(json!({})), "");
        assert_eq!(behind(json!({"ignore": ["entered"]})), "entered");
        let unlike =
            json!({"by": ["record_id", "n", "x", "entered"], "near": "stop", "order": ["x"]});
        assert_eq!(behind(unlike), "entered n record_id x");
    }

    proptest! {
        #[test]
        fn no_row_is_lost_without_a_note(
            cells in prop::collection::vec(("[AB]?", "[12]?", "[xy]?"), 1..14),
            near in prop::sample::select(vec!["query", "keep_first", "keep_last", "keep_most_complete"]),
        ) {
            let lines: String = cells.iter().map(|(id, n, x)| format!("\n{id}|{n}|{x}")).collect();
            let parameters = json!({"table": "labs", "by": ["record_id", "n"], "near": near});
            run_twice::<Deduplicate>(parameters, "labs", &table(&format!("record_id|n|x{lines}")));
        }
    }
}
