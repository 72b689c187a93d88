//! `join`: brings columns of one table to another, and checks that each key
//! finds what it should.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings, Table};

use crate::cells::{Edit, LINE, Revision};
use crate::rows::{grouped, key_or_default, keys, set_column, table_or_default, take, unique};

/// Brings columns of the table `with` to the rows of `table` that have the
/// same key. The rows of `table` stay as they are, in their order. A key that
/// stands twice in `with` is a mistake, so that no row is ever multiplied;
/// rows of `with` without a partner are logged.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The table that gets the columns; the study's analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// The table they come from.
    pub with: String,
    /// The columns of the key, in both tables; the study's patient column if left out.
    #[serde(default)]
    pub by: Vec<String>,
    /// The columns to bring; all but the key if left out.
    #[serde(default)]
    pub columns: Vec<String>,
    /// New names for columns brought: `old: new`.
    #[serde(default)]
    pub rename: Named<String>,
    /// How many rows of `table` may share a key.
    #[serde(default)]
    pub cardinality: Cardinality,
    /// What to do with rows of `table` that find no partner.
    #[serde(default)]
    pub unmatched: Unmatched,
}

/// How many rows of the left table may share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// A key stands once in either table.
    #[default]
    OneToOne,
    /// A key may stand many times in `table`, but once in `with`.
    ManyToOne,
}

/// What to do with rows of the left table that find no partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmatched {
    /// Leave the brought columns missing.
    #[default]
    Keep,
    /// Leave them missing and log a query for each.
    Query,
    /// Stop: every row must find a partner.
    Stop,
}

impl Join {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }

    /// The columns to bring, each with its new name.
    fn brought(&self, call: &Call<'_>) -> Vec<(String, String)> {
        let by = key_or_default(&self.by, call.study);
        let chosen: Vec<String> = if self.columns.is_empty() {
            let all = call.table(&self.with).names().into_iter();
            all.filter(|name| name != LINE && !by.contains(name)).collect()
        } else {
            self.columns.clone()
        };
        let renamed = |old: String| {
            let new = self.rename.get(&old).cloned().unwrap_or_else(|| old.clone());
            (old, new)
        };
        chosen.into_iter().map(renamed).collect()
    }

    fn check(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for (index, column) in key_or_default(&self.by, call.study).iter().enumerate() {
            let index = index.to_string();
            let at: &[&str] = if self.by.is_empty() { &["with"] } else { &["by", &index] };
            mistakes.note(call.require_column(self.table(call.study), column, at));
            mistakes.note(call.require_column(&self.with, column, at));
        }
        for (index, column) in self.columns.iter().enumerate() {
            let at = ["columns", &index.to_string()];
            mistakes.note(call.require_column(&self.with, column, &at));
        }
        for old in self.rename.names() {
            mistakes.note(self.check_rename(call, old));
        }
        self.check_new_names(call, &mut mistakes);
        mistakes.or(())
    }

    fn check_rename(&self, call: &Call<'_>, old: &str) -> Result<(), Mistake> {
        if !self.columns.is_empty() && !self.columns.iter().any(|column| column == old) {
            let message = format!("`{old}` is renamed but not brought over");
            return Err(Mistake::at(&["rename", old], message).hint("add it to `columns`"));
        }
        if self.columns.is_empty() {
            call.require_column(&self.with, old, &["rename", old])?;
        }
        Ok(())
    }

    fn check_new_names(&self, call: &Call<'_>, mistakes: &mut Mistakes) {
        let table = self.table(call.study);
        let mut taken = call.table(table).names();
        for (old, new) in self.brought(call) {
            if taken.contains(&new) {
                let message = format!("table `{table}` has a column `{new}` already");
                let place = self.columns.iter().position(|column| *column == old);
                let mistake = match place {
                    Some(index) => Mistake::at(&["columns", &index.to_string()], message),
                    None => Mistake::at(&["with"], message),
                };
                let hint = format!("give it another name: `rename: {{ {old}: ... }}`");
                mistakes.push(mistake.hint(hint));
            }
            taken.push(new);
        }
    }

    fn check_cardinality(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let by = key_or_default(&self.by, call.study);
        if self.cardinality == Cardinality::OneToOne {
            let hint = "drop the duplicates, or say `cardinality: many_to_one`";
            mistakes.note(unique(call, self.table(call.study), &by, &["by"], hint));
        }
        let hint = "use `deduplicate`, `select_row` or `summarize` to leave one row for each";
        mistakes.note(unique(call, &self.with, &by, &["with"], hint));
        mistakes.or(())
    }

    /// Notes rows without a partner on either side.
    fn note_unmatched(&self, left: &mut Revision, right: &mut Revision, matched: &Matched) {
        let reason = format!("no row of `{}` has this key", right.name());
        match self.unmatched {
            Unmatched::Keep => {}
            Unmatched::Query => {
                for row in &matched.lonely {
                    left.note(*row, query(reason.clone()));
                }
            }
            Unmatched::Stop if matched.lonely.is_empty() => {}
            Unmatched::Stop => {
                let message = format!("{reason}: {}", left.places(&matched.lonely));
                let hint = "mend the ids, or say `unmatched: query`";
                left.mistakes.push(Mistake::at(&["unmatched"], message).hint(hint));
            }
        }
        let reason = format!("no row of `{}` has this key: the row is not used", left.name());
        for row in &matched.orphans {
            right.note_dropped(*row, reason.clone());
        }
    }
}

fn query(reason: String) -> Edit<'static> {
    Edit { field: "", raw: None, clean: None, action: Action::Query, reason }
}

/// Which row of the right table each row of the left one found.
struct Matched {
    partners: Vec<Option<usize>>,
    /// Rows of the left table without a partner.
    lonely: Vec<usize>,
    /// Rows of the right table without a partner.
    orphans: Vec<usize>,
}

fn matched(left: &Table, right: &Table, by: &[String]) -> Matched {
    let left_keys = keys(left, by);
    let right_keys = keys(right, by);
    let groups = grouped(&right_keys);
    let first: BTreeMap<_, _> = groups.iter().map(|(key, rows)| (key, rows[0])).collect();
    let partner = |key: &Option<Vec<String>>| first.get(key.as_ref()?).copied();
    let partners: Vec<Option<usize>> = left_keys.iter().map(partner).collect();
    let known: BTreeSet<_> = left_keys.iter().flatten().collect();
    let orphan = |row: &usize| !right_keys[*row].as_ref().is_some_and(|key| known.contains(key));
    Matched {
        lonely: (0..partners.len()).filter(|row| partners[*row].is_none()).collect(),
        orphans: (0..right_keys.len()).filter(orphan).collect(),
        partners,
    }
}

impl Kind for Join {
    const NAME: &'static str = "join";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let at: &[&str] = if self.table.is_some() { &["table"] } else { &[] };
        let table = self.table(study);
        Wiring {
            reads: vec![Read::table(table, at), Read::table(&self.with, &["with"])],
            writes: vec![table.to_owned()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call)?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check_cardinality(call)?;
        let mut left = Revision::open(call, self.table(call.study));
        let mut right = Revision::open(call, &self.with);
        let by = key_or_default(&self.by, call.study);
        let matched = matched(&left.table, &right.table, &by);
        self.note_unmatched(&mut left, &mut right, &matched);
        for (old, new) in self.brought(call) {
            let column = right.table.frame.column(&old).expect("invariant: checked");
            let mut series = take(column, &matched.partners).take_materialized_series();
            series.rename(new.as_str().into());
            let mut about = right.table.about(&old);
            if about.label == old {
                about.label = new;
            }
            set_column(&mut left.table, series, about);
        }
        let mut output = left.close()?;
        output.changes.extend(right.close()?.changes);
        Ok(output)
    }
}
