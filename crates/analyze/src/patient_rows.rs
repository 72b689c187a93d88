//! Rows of the patients of an analysis in any table: courses of treatment,
//! scans, events, with their days from time zero.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Mistake, Mistakes};
use study::{Table, TakenAs, Unknown, UnknownRows};

use crate::analysis::Checked;
use crate::columns::{self, ColumnType};
use crate::guard::identifies;
use crate::rehearsal::Rehearsal;

/// A table whose rows are of patients, and which of its rows are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowsOf<'a> {
    /// The table; the analysis table has one row a patient.
    pub(crate) table: &'a str,
    /// The rows for which it holds; all without one.
    pub(crate) condition: Option<&'a String>,
}

impl RowsOf<'_> {
    /// Notes what is wrong with the table and its condition; `at` is where both
    /// stand, before `where`.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>, at: &[&str]) {
        let call = rehearsal.call;
        let table = call.table(self.table);
        let found =
            call.require_column(self.table, &call.study.patient, &[at, &["table"]].concat());
        rehearsal.mistakes.note(found);
        if let Some(sql) = self.condition
            // Evaluated on a table without rows: only what is
            // wrong with its words and types can be found here.
            && let Err(error) = table.holds(sql)
        {
            let place = |row: usize| format!("row {}", row + 1);
            rehearsal.push(Mistake::of_sql(&error, table, place, &[at, &["where"]].concat()));
        }
    }

    /// Notes a column that is not there or holds something else than `wanted`.
    pub(crate) fn check_column(
        &self,
        rehearsal: &mut Rehearsal<'_>,
        (column, wanted): (&str, ColumnType),
        at: &[&str],
    ) {
        let found = rehearsal.call.require_column(self.table, column, at);
        if rehearsal.mistakes.note(found).is_none() {
            return;
        }
        let kind = columns::type_of(rehearsal.call.table(self.table), column);
        // A measured number may have been read as whole numbers.
        let fits = kind.is_some_and(|kind| match wanted {
            ColumnType::Real => kind.is_number(),
            _ => kind == wanted,
        });
        if let Some(kind) = kind.filter(|_| !fits) {
            let holds = if wanted == ColumnType::Real { "numbers" } else { wanted.words() };
            let message = format!("`{column}` holds {}, not {holds}", kind.words());
            rehearsal.push(Mistake::at(at, message));
        }
    }

    /// Notes a column whose values are printed but say who a patient is.
    pub(crate) fn check_printed(&self, rehearsal: &mut Rehearsal<'_>, column: &str, at: &[&str]) {
        let found = identifies(rehearsal.call.table(self.table), column, at);
        rehearsal.mistakes.note(found);
    }

    /// Reads which rows are of which patient.
    ///
    /// # Errors
    /// If the condition cannot be evaluated.
    pub(crate) fn read<'c>(
        &self,
        checked: &'c Checked<'_>,
        at: &[&str],
    ) -> Result<PatientRows<'c>, Mistakes> {
        let call = checked.call;
        let table = call.table(self.table);
        let owners = columns::categories(table, &call.study.patient);
        let named = |row: usize| owners.as_ref().and_then(|owners| owners.get(row));
        let population = checked.population();
        let patients = population.patients().enumerate();
        // By name, not by row: the table may hold several
        // rows of a patient, or none, in any order.
        let places: BTreeMap<&str, usize> = patients.map(|(place, name)| (name, place)).collect();
        let owner = |row: usize| named(row).and_then(|name| places.get(name)).copied();
        let holds = match self.condition {
            None => vec![true; table.height()],
            Some(sql) => {
                let place = |row: usize| match named(row) {
                    Some(patient) => format!("patient `{patient}`"),
                    _ => format!("row {}", row + 1),
                };
                let found = table.condition(sql).map_err(|error| {
                    Mistake::of_sql(&error, table, place, &[at, &["where"]].concat())
                })?;
                // Whose condition is unknown is not chosen. How many
                // there are is told, because a missing value decided it.
                for (unknown, taken_as) in [
                    (found.unknown.as_slice(), TakenAs::NotChosen),
                    (&found.cases, TakenAs::Otherwise),
                ] {
                    self.note_unknown(checked, (at, taken_as), unknown, &owner);
                }
                found.holds()
            }
        };
        let mut rows = vec![Vec::new(); population.n()];
        for row in (0..table.height()).filter(|row| holds[*row]) {
            // Rows of patients whom `where` left out are passed over.
            if let Some(patient) = owner(row) {
                rows[patient].push(row);
            }
        }
        Ok(PatientRows { table, zero: zero(checked)?, rows })
    }

    /// Notes rows of the patients for which the condition is unknown.
    fn note_unknown(
        &self,
        checked: &Checked<'_>,
        (at, taken_as): (&[&str], TakenAs),
        found: &[UnknownRows],
        owner: &dyn Fn(usize) -> Option<usize>,
    ) {
        for unknown in found {
            let owners: Vec<usize> = unknown.rows.iter().filter_map(|row| owner(*row)).collect();
            let patients: BTreeSet<usize> = owners.iter().copied().collect();
            // What is unknown of patients who are not analysed changes nothing here.
            if owners.is_empty() {
                continue;
            }
            checked.call.unknowns.note(Unknown {
                table: self.table.to_owned(),
                parameter: [at, &["where"]].concat().join("."),
                condition: unknown.condition.clone(),
                columns: unknown.columns.clone(),
                rows: owners.len() as u64,
                patients: patients.len() as u64,
                taken_as,
            });
        }
    }
}

/// The date from which days are counted must be there.
pub(crate) fn check_zero(rehearsal: &mut Rehearsal<'_>) {
    match rehearsal.call.study.index_date.clone() {
        Some(date) => drop(rehearsal.column(&date, &[])),
        None => rehearsal.push(
            Mistake::new("no date from which days are counted")
                .hint("set `index_date` in `study:`"),
        ),
    }
}

fn zero(checked: &Checked<'_>) -> Result<Vec<Option<f64>>, Mistake> {
    match &checked.study.index_date {
        Some(date) => checked.population().dates(date),
        // Kinds that count days have refused this by `check_zero`; the others do not ask.
        None => Ok(vec![None; checked.population().n()]),
    }
}

/// The rows of each patient of the population.
pub(crate) struct PatientRows<'a> {
    /// The table.
    pub(crate) table: &'a Table,
    zero: Vec<Option<f64>>,
    rows: Vec<Vec<usize>>,
}

impl PatientRows<'_> {
    /// The rows of a patient, in the order of the table.
    pub(crate) fn of(&self, patient: usize) -> &[usize] {
        &self.rows[patient]
    }

    /// A column of dates in days from the time zero of whose row it is; none of
    /// rows of nobody, and where one of both dates is missing.
    pub(crate) fn days(&self, column: &str) -> Vec<Option<f64>> {
        let dates = columns::dates(self.table, column).unwrap_or_default();
        let mut days = vec![None; dates.len()];
        for (patient, rows) in self.rows.iter().enumerate() {
            for row in rows {
                days[*row] = dates[*row].zip(self.zero[patient]).map(|(date, zero)| date - zero);
            }
        }
        days
    }
}
