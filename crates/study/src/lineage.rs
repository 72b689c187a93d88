//! Where a column comes from, and from when on its values are known.
//!
//! Every column of every table carries its lineage, and a table that of its
//! rows. What is known when is read from it: the guard against immortal time,
//! the refusal of identifiers and `explain` ask nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{StudySettings, Table};

/// A column of a raw file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawColumn {
    /// The table that ingest made of the file.
    pub table: String,
    /// The column.
    pub column: String,
}

/// A date by its origin, which renaming and joining leave as it is: the
/// version of a table that first held it, and its name there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DateId {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The cleaning rule that made it; none for a column of a raw file. Two
    /// rules may write tables of one name, which are not the same dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A date from which something is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// The date.
    pub date: DateId,
    /// The latest of this date over all rows of a patient: something is known
    /// only when no further row can come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_all_rows: bool,
    /// One date for a patient, in whatever table it stands; else one of each row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    // Of one row a patient it makes no difference which row is asked; of several it
    // does.
    pub per_patient: bool,
    /// Dates that it is never later than.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    // From a bound in a condition (`date <= index_date`) or a window: then something is
    // known by that date though its own comes later.
    pub by: BTreeSet<DateId>,
}

impl Moment {
    /// The date of each row of the table where it stands.
    #[must_use]
    pub fn of_row(date: DateId) -> Self {
        Self { date, of_all_rows: false, per_patient: false, by: BTreeSet::new() }
    }

    /// Whether it is never later than a date.
    #[must_use]
    pub fn is_by(&self, zero: &DateId) -> bool {
        // The latest of many rows may come after the date that a single row has.
        !self.of_all_rows && self.date == *zero || self.by.contains(zero)
    }
}

/// Where a column, or the rows of a table, come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lineage {
    /// The raw columns that it can come from, those in conditions included.
    pub raw: BTreeSet<RawColumn>,
    /// The cleaning rules and analyses that touched it.
    pub rules: BTreeSet<String>,
    /// It is known from the latest of these on; from the beginning if empty.
    pub known: BTreeSet<Moment>,
    /// The dates that its values are made of.
    pub dates: BTreeSet<DateId>,
    /// The date that it is, where it is one.
    pub date: Option<Moment>,
    /// Its values tell who a patient is.
    pub identifier: bool,
}

impl Lineage {
    /// Adds what its values are made of, too.
    pub fn made_of(&mut self, other: &Self) {
        // Whatever enters the values decides them, too.
        self.given(other);
        self.dates.extend(other.dates.iter().cloned());
        self.identifier |= other.identifier;
    }

    /// Adds what decides its values without entering them: a condition, a key,
    /// the order of rows. It is known no earlier, but it is no date by that,
    /// and names nobody.
    pub fn given(&mut self, other: &Self) {
        self.raw.extend(other.raw.iter().cloned());
        self.rules.extend(other.rules.iter().cloned());
        self.known.extend(other.known.iter().cloned());
    }

    /// The same with the dates of each row, the patient's own left out,
    /// changed: to others, or to none.
    pub fn change_moments(&mut self, change: impl Fn(&Moment) -> Vec<Moment>) {
        let moments = std::mem::take(&mut self.known).into_iter();
        self.known = moments
            // A patient's own date is the same in every row, and nothing about rows changes it.
            .flat_map(|known| if known.per_patient { vec![known] } else { change(&known) })
            .collect();
    }

    /// Known only when all rows of a patient are: what is computed from many.
    pub fn over_rows(&mut self) {
        self.change_moments(|known| vec![Moment { of_all_rows: true, ..known.clone() }]);
        // The last of several dates is no date of a row, and must not pass as time zero.
        self.date = None;
    }

    /// The same where a patient has one value: in a table of one row a patient.
    pub fn settle(&mut self) {
        let settled = |known: &Moment| vec![Moment { per_patient: true, ..known.clone() }];
        // From here on the date is the patient's, wherever the table is joined to.
        self.change_moments(settled);
        if let Some(date) = &mut self.date {
            date.per_patient = true;
        }
    }

    /// Gives dates of each row that have got a new identity their new name.
    pub fn rename_dates(&mut self, names: &BTreeMap<DateId, DateId>) {
        let renamed = |date: &DateId| names.get(date).unwrap_or(date).clone();
        self.change_moments(|known| {
            let date = renamed(&known.date);
            vec![Moment { date, ..known.clone() }]
        });
        // Also the date that the column is, unless it came with the patient and kept its
        // name.
        if let Some(date) = self.date.as_mut().filter(|date| !date.per_patient) {
            date.date = renamed(&date.date);
            self.dates = self.dates.iter().map(renamed).collect();
        }
    }

    /// What it is known from after time zero; all dates where there is none.
    pub fn late<'a>(&'a self, zero: Option<&'a DateId>) -> impl Iterator<Item = &'a Moment> {
        // Without a time zero nothing is before it: every date counts as late.
        self.known.iter().filter(move |known| !zero.is_some_and(|zero| known.is_by(zero)))
    }

    /// What a date is known from apart from the dates that it is made of: whether
    /// it is there, or which day it is, was decided by something else.
    pub fn later_than_made_of(&self) -> impl Iterator<Item = &Moment> {
        let own = self.date.iter().map(|date| &date.date);
        // A date is known on its own day at the earliest; that is no lateness.
        let made_of: Vec<&DateId> = self.dates.iter().chain(own).collect();
        self.known.iter().filter(move |known| !made_of.iter().any(|date| known.is_by(date)))
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// When something comes to be known, where that is after time zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// The column of the table that is the date, or where it stands in another
    /// table, `table.column`.
    pub date: String,
    /// Whether the table has the date.
    pub is_here: bool,
    /// Known only when the last of these dates is: when no more can come.
    pub of_all_rows: bool,
}

impl Table {
    /// The lineage of a column; empty where there is no such column.
    #[must_use]
    pub fn lineage(&self, column: &str) -> Lineage {
        self.columns.get(column).map(|about| about.lineage.clone()).unwrap_or_default()
    }

    /// The lineage of what is made of some columns.
    #[must_use]
    pub fn lineage_of<'a>(&self, columns: impl IntoIterator<Item = &'a str>) -> Lineage {
        let mut whole = Lineage::default();
        for about in columns.into_iter().filter_map(|column| self.columns.get(column)) {
            // As values: rather too much than too little where nobody says which columns only
            // decide.
            whole.made_of(&about.lineage);
        }
        whole
    }

    /// From when on something of this table is known, each date after time zero;
    /// what is known last comes first, then the dates that the table has.
    #[must_use]
    pub fn late(&self, lineage: &Lineage, study: &StudySettings) -> Vec<Late> {
        // By the identity of the date and not by its name: a renamed copy of time zero is
        // time zero.
        let zero = study.index_date.as_deref().and_then(|index| self.lineage(index).date);
        let zero = zero.map(|date| date.date);
        let told = |known: &Moment| {
            // The last of several rows stands in no column.
            let here = self.column_of_date(&known.date).filter(|_| !known.of_all_rows);
            let DateId { table, column, .. } = &known.date;
            let is_own = *table == study.analysis_table;
            let elsewhere = || if is_own { column.clone() } else { format!("{table}.{column}") };
            Late {
                date: here.map_or_else(elsewhere, str::to_owned),
                is_here: here.is_some(),
                of_all_rows: known.of_all_rows,
            }
        };
        let mut found: Vec<Late> = lineage.late(zero.as_ref()).map(told).collect();
        // The first is what messages name: what only all rows tell is the latest, and
        // of dates one that the reader finds in this table.
        found.sort_by_key(|known| (!known.of_all_rows, !known.is_here));
        found.dedup();
        found
    }

    /// The column of the table that is a date, if one is.
    #[must_use]
    pub fn column_of_date(&self, date: &DateId) -> Option<&str> {
        let is_it = |lineage: &Lineage| {
            // A column that is the last of several dates is another date.
            lineage.date.as_ref().is_some_and(|own| own.date == *date && !own.of_all_rows)
        };
        let found = self.columns.iter().find(|(_, about)| is_it(&about.lineage));
        found.map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(column: &str) -> DateId {
        DateId { table: "courses".into(), column: column.into(), rule: None }
    }

    fn known_from(column: &str) -> Lineage {
        Lineage {
            raw: BTreeSet::from([RawColumn { table: "courses".into(), column: column.into() }]),
            known: BTreeSet::from([Moment::of_row(date(column))]),
            dates: BTreeSet::from([date(column)]),
            date: Some(Moment::of_row(date(column))),
            identifier: true,
            ..Lineage::default()
        }
    }

    #[test]
    fn a_condition_makes_late_but_neither_dates_nor_names() {
        let mut made = Lineage::default();
        made.given(&known_from("start"));
        // A condition: later, and behind it, but no date and no name.
        assert_eq!((made.known.len(), made.raw.len()), (1, 1));
        assert!(made.dates.is_empty() && !made.identifier && made.date.is_none());
        made.made_of(&known_from("stop"));
        assert_eq!((made.known.len(), made.dates.len(), made.identifier), (2, 1, true));
    }

    #[test]
    fn the_latest_over_rows_is_not_the_date_of_a_row() {
        let mut one = known_from("start");
        assert!(one.known.iter().all(|known| known.is_by(&date("start"))));
        one.settle();
        let mut all = known_from("start");
        all.over_rows();
        assert!(all.known.iter().all(|known| !known.is_by(&date("start"))));
        // What is settled stays so when rows are summed up later.
        one.over_rows();
        assert!(one.known.iter().all(|known| known.is_by(&date("start"))), "the patient's own");
    }

    #[test]
    fn a_renamed_date_is_another_everywhere() {
        let mut lineage = known_from("start");
        lineage.rename_dates(&BTreeMap::from([(date("start"), date("first"))]));
        assert_eq!(lineage.date.as_ref().map(|own| &own.date), Some(&date("first")));
        assert_eq!(lineage.dates, BTreeSet::from([date("first")]));
        assert!(lineage.known.iter().all(|known| known.is_by(&date("first"))));
    }
}
