//! The guard against immortal time: whoever gets into a group only after time
//! zero had to live until then.

use std::collections::{BTreeSet, VecDeque};

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{StudySettings, Table, Warning, in_sentence};

/// What to do with a group that is known only after time zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImmortalTime {
    /// The analysis is refused.
    #[default]
    Refuse,
    /// It is done as if the group were known at time zero, and its findings warn of it.
    Naive,
}

/// The analyses that take account of when an exposure began.
const DESIGNS: &str = "`landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`";

/// When a column came to be known, where that is after time zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownLate {
    /// The date column that says when.
    pub(crate) date: String,
    /// The column it was made from, where it has no date of its own.
    pub(crate) through: Option<String>,
}

/// Whether a column is known only after time zero: by its own `known_from`,
/// or as its derivation names a column that is. A `known_from` of its own
/// settles it, also where it names the index date.
pub(crate) fn known_late(study: &StudySettings, table: &Table, column: &str) -> Option<KnownLate> {
    let is_late = |date: &str| study.index_date.as_deref() != Some(date);
    if let Some(date) = table.about(column).known_from {
        return is_late(&date).then_some(KnownLate { date, through: None });
    }
    let late: Vec<(&String, &String)> = (table.columns.iter())
        .filter_map(|(name, about)| Some((name, about.known_from.as_ref()?)))
        .filter(|(name, date)| *name != column && is_late(date))
        .collect();
    // Breadth first over what it was made from; each column is looked at once.
    let mut seen = BTreeSet::from([column.to_owned()]);
    let mut waiting = VecDeque::from([column.to_owned()]);
    while let Some(name) = waiting.pop_front() {
        for source in names_in(&table.about(&name).derivation.unwrap_or_default()) {
            let found = late.iter().find(|(name, date)| **name == source || **date == source);
            if let Some((_, date)) = found {
                return Some(KnownLate { date: (*date).clone(), through: Some(source) });
            }
            let is_settled = table.about(&source).known_from.is_some();
            if table.columns.contains_key(&source) && !is_settled && seen.insert(source.clone()) {
                waiting.push_back(source);
            }
        }
    }
    None
}

/// The names in an SQL expression, texts in quotes left out.
fn names_in(sql: &str) -> Vec<String> {
    let outside = sql.split('\'').step_by(2);
    let words = outside.flat_map(|part| part.split(|c: char| !(c.is_alphanumeric() || c == '_')));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The warning that findings on `column` carry; none where its values are
/// known at time zero.
pub(crate) fn guard(
    study: &StudySettings,
    table: &Table,
    column: &str,
    choice: ImmortalTime,
    at: &[&str],
) -> Result<Option<Warning>, Mistake> {
    let Some(known) = known_late(study, table, column) else { return Ok(None) };
    match choice {
        ImmortalTime::Naive => {
            let words = |column: &str| in_sentence(&table.about(column).label);
            let (label, date_label) = (words(column), words(&known.date));
            Ok(Some(Warning::NaiveGroup { label, date_label }))
        }
        ImmortalTime::Refuse => {
            let zero = match &study.index_date {
                Some(index_date) => format!("time zero (`{index_date}`)"),
                None => "time zero".to_owned(),
            };
            let date = &known.date;
            let since = match &known.through {
                None => format!("`{column}` is known only from `{date}`, after {zero}"),
                Some(source) if source == date => {
                    format!("`{column}` is made from `{date}`, which comes after {zero}")
                }
                Some(source) => format!(
                    "`{column}` is made from `{source}`, which is known only from `{date}`, after {zero}"
                ),
            };
            let message =
                format!("{since}: a patient must survive until then to get into the group");
            let own = match known.through {
                Some(_) => ", or declare `known_from` for a column that is known earlier",
                None => "",
            };
            Err(Mistake::at(at, message).hint(format!(
                "analyse from a landmark or with a time-dependent term (kinds {DESIGNS}){own}, or declare `immortal_time: naive` to do it all the same, with a warning on every finding"
            )))
        }
    }
}

/// The warning of an analysis whose `where` chooses patients by something
/// known only after time zero.
pub(crate) fn chosen_late(
    study: &StudySettings,
    table: &Table,
    condition: &str,
) -> Option<Warning> {
    let named = names_in(condition);
    let late = |name: &&String| {
        table.columns.contains_key(*name) && known_late(study, table, name).is_some()
    };
    let column = named.iter().find(late)?;
    Some(Warning::ChosenLate { label: in_sentence(&table.about(column).label) })
}
