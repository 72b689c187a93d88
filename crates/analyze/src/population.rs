//! Who is analysed: the rows of the analysis table that a `where:` keeps, one
//! row per patient, and their values column by column.

use std::collections::BTreeMap;

use engine::{Call, Mistake, Mistakes};
use study::{Table, TakenAs, Unknown, UnknownRows, natural_order};

use crate::columns;

/// The patients of an analysis, before any is left out for a missing value.
#[derive(Debug)]
pub(crate) struct Population<'a> {
    /// The analysis table.
    pub(crate) table: &'a Table,
    /// The declared filter, or `all`.
    pub(crate) name: String,
    /// The patients' identifiers, in the order of the table.
    pub(crate) patients: Vec<String>,
    rows: Vec<usize>,
}

impl<'a> Population<'a> {
    /// The rows of the analysis table on which `condition` holds.
    pub(crate) fn new(call: &'a Call<'_>, condition: Option<&str>) -> Result<Self, Mistakes> {
        let table = call.table(&call.study.analysis_table);
        let identifiers = one_row_per_patient(call, table)?;
        let holds = match condition {
            Some(sql) => {
                let place = |row: usize| format!("patient `{}`", identifiers[row]);
                let found = table.condition(sql);
                let found =
                    found.map_err(|error| Mistake::of_sql(&error, table, place, &["where"]))?;
                note_unknown(call, "where", found.unknown.as_slice(), TakenAs::NotChosen);
                note_unknown(call, "where", &found.cases, TakenAs::Otherwise);
                found.holds()
            }
            None => vec![true; columns::height(table)],
        };
        let mut rows: Vec<usize> = (0..holds.len()).filter(|row| holds[*row]).collect();
        // Sums are rounded, ties broken and samples drawn in the order of the patients, which
        // is that of their identifiers: an export in another order gives the same bits.
        rows.sort_by(|one, other| natural_order(&identifiers[*one], &identifiers[*other]));
        if rows.is_empty() {
            return Err(empty(call, condition, holds.len()).into());
        }
        let patients = rows.iter().map(|row| identifiers[*row].clone()).collect();
        let name = condition.unwrap_or("all").to_owned();
        Ok(Self { table, name, patients, rows })
    }

    /// Nobody, for a rehearsal: the columns of the analysis table without its
    /// rows. What is written down about nobody is announced.
    pub(crate) fn rehearsed(call: &'a Call<'_>, condition: Option<&str>) -> Self {
        let table = call.table(&call.study.analysis_table);
        let name = condition.unwrap_or("all").to_owned();
        Self { table, name, patients: Vec::new(), rows: Vec::new() }
    }

    /// Whether it is nobody, as in a rehearsal; a run refuses to analyse nobody.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many patients there are; none in a rehearsal only.
    pub(crate) fn n(&self) -> usize {
        self.rows.len()
    }

    /// The rows of some patients in the table.
    pub(crate) fn rows_of(&self, included: &[usize]) -> Vec<usize> {
        included.iter().map(|place| self.rows[*place]).collect()
    }

    /// Some patients by name, under the population that they are of.
    pub(crate) fn analysed(&self, included: &[usize]) -> BTreeMap<String, Vec<String>> {
        let patients = included.iter().map(|place| self.patients[*place].clone()).collect();
        BTreeMap::from([(self.name.clone(), patients)])
    }

    /// The values of a column of numbers.
    pub(crate) fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>, Mistake> {
        let values = columns::numbers(self.table, column)
            .ok_or_else(|| Mistake::new(format!("column `{column}` does not hold numbers")))?;
        let values: Vec<Option<f64>> = self.rows.iter().map(|row| values[*row]).collect();
        let wrong = values.iter().position(|value| value.is_some_and(|value| !value.is_finite()));
        match wrong {
            None => Ok(values),
            Some(place) => Err(Mistake::new(format!(
                "column `{column}` is not a finite number for patient `{}`",
                self.patients[place]
            ))
            .hint("look for a division by zero or a logarithm where the column is derived")),
        }
    }

    /// The values of a column of dates, in days since 1970-01-01.
    pub(crate) fn dates(&self, column: &str) -> Result<Vec<Option<f64>>, Mistake> {
        let values = columns::dates(self.table, column)
            .ok_or_else(|| Mistake::new(format!("column `{column}` does not hold dates")))?;
        Ok(self.rows.iter().map(|row| values[*row]).collect())
    }

    /// The values of a column as categories, in words.
    pub(crate) fn texts(&self, column: &str) -> Result<Vec<Option<String>>, Mistake> {
        let values = columns::categories(self.table, column)
            .ok_or_else(|| Mistake::new(format!("column `{column}` does not hold categories")))?;
        Ok(self.rows.iter().map(|row| values[*row].clone()).collect())
    }

    /// A column in words: its label, or its name where it has none.
    pub(crate) fn label(&self, column: &str) -> String {
        let label = self.table.about(column).label;
        if label.is_empty() { column.to_owned() } else { label }
    }
}

/// Notes the patients for whom a condition of the analysis is unknown.
pub(crate) fn note_unknown(
    call: &Call<'_>,
    parameter: &str,
    found: &[UnknownRows],
    taken_as: TakenAs,
) {
    for unknown in found {
        let patients = u64::try_from(unknown.rows.len()).expect("invariant: counts fit u64");
        call.unknowns.note(Unknown {
            table: call.study.analysis_table.clone(),
            parameter: parameter.to_owned(),
            condition: unknown.condition.clone(),
            columns: unknown.columns.clone(),
            rows: patients,
            patients,
            taken_as,
        });
    }
}

fn empty(call: &Call<'_>, condition: Option<&str>, height: usize) -> Mistake {
    let table = &call.study.analysis_table;
    match condition {
        Some(sql) => Mistake::at(
            &["where"],
            format!("no patient is left: `{sql}` holds for none of {height}"),
        )
        .hint("a condition on a missing value does not hold"),
        None => Mistake::new(format!("table `{table}` has no rows")),
    }
}

/// The patients' identifiers, which may not repeat.
fn one_row_per_patient(call: &Call<'_>, table: &Table) -> Result<Vec<String>, Mistakes> {
    let (name, column) = (&call.study.analysis_table, &call.study.patient);
    let identifiers = columns::categories(table, column).ok_or_else(|| {
        Mistake::new(format!("column `{column}` of table `{name}` does not identify patients"))
            .hint("it must hold text or whole numbers")
    })?;
    let mut mistakes = Mistakes::default();
    for row in (0..identifiers.len()).filter(|row| identifiers[*row].is_none()) {
        mistakes.push(Mistake::new(format!("row {} of table `{name}` has no `{column}`", row + 1)));
    }
    let mut sorted: Vec<&String> = identifiers.iter().flatten().collect();
    sorted.sort_unstable();
    for rows in sorted.chunk_by(|one, other| one == other).filter(|rows| rows.len() > 1) {
        let (count, patient) = (rows.len(), rows[0]);
        let message = format!("table `{name}` has {count} rows for patient `{patient}`");
        mistakes.push(Mistake::new(message).hint(
            "an analysis needs one row per patient: let a cleaning rule drop the repeats or sum them up",
        ));
    }
    mistakes.or(())?;
    Ok(identifiers.into_iter().flatten().collect())
}
