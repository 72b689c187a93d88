//! Who is analysed: the rows of the analysis table that a `where:` keeps, one
//! row per patient, and their values column by column.

use std::collections::BTreeMap;

use engine::{Call, Mistake, Mistakes};
use study::{Table, TakenAs, Texts, Unknown, UnknownRows, natural_order};

use crate::columns;

/// The patients of an analysis, before any is left out for a missing value.
#[derive(Debug)]
pub(crate) struct Population<'a> {
    /// The analysis table.
    pub(crate) table: &'a Table,
    /// The declared filter, or `all`.
    pub(crate) name: String,
    /// The patients' identifiers, in the order of the table.
    identifiers: Texts,
    /// The rows of the patients, in the order of their identifiers.
    rows: Vec<usize>,
}

impl<'a> Population<'a> {
    /// The rows of the analysis table on which `condition` holds.
    pub(crate) fn new(call: &'a Call<'_>, condition: Option<&str>) -> Result<Self, Mistakes> {
        let table = call.table(&call.study.analysis_table);
        let (identifiers, mut rows) = one_row_per_patient(call, table)?;
        let height = rows.len();
        if let Some(sql) = condition {
            let place = |row: usize| format!("patient `{}`", named(&identifiers, row));
            let found = table.condition(sql);
            let found = found.map_err(|error| Mistake::of_sql(&error, table, place, &["where"]))?;
            // A condition on a missing value is unknown, and such a patient is not chosen.
            // How many there are is told, because it is a missing value that decided.
            note_unknown(call, "where", found.unknown.as_slice(), TakenAs::NotChosen);
            note_unknown(call, "where", &found.cases, TakenAs::Otherwise);
            let holds = found.holds();
            rows.retain(|row| holds[*row]);
        }
        // Nobody at all is how a rehearsal is told from a run
        // (`is_rehearsed`), so that a run must not get there.
        if rows.is_empty() {
            return Err(empty(call, condition, height).into());
        }
        let name = condition.unwrap_or("all").to_owned();
        Ok(Self { table, name, identifiers, rows })
    }

    /// Nobody, for a rehearsal: the columns of the analysis table without its
    /// rows. What is written down about nobody is announced.
    pub(crate) fn rehearsed(call: &'a Call<'_>, condition: Option<&str>) -> Self {
        let table = call.table(&call.study.analysis_table);
        let name = condition.unwrap_or("all").to_owned();
        let nobody = std::iter::empty::<Option<String>>();
        Self { table, name, identifiers: nobody.collect(), rows: Vec::new() }
    }

    /// Whether it is nobody, as in a rehearsal; a run refuses to analyse nobody.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many patients there are; none in a rehearsal only.
    pub(crate) fn n(&self) -> usize {
        self.rows.len()
    }

    /// A patient's identifier.
    pub(crate) fn patient(&self, place: usize) -> &str {
        named(&self.identifiers, self.rows[place])
    }

    /// The identifiers of all of them, in order.
    pub(crate) fn patients(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| named(&self.identifiers, *row))
    }

    /// The rows of some patients in the table.
    pub(crate) fn rows_of(&self, included: &[usize]) -> Vec<usize> {
        included.iter().map(|place| self.rows[*place]).collect()
    }

    /// Some patients by name, under the population that they are of.
    pub(crate) fn analysed(&self, included: &[usize]) -> BTreeMap<String, Texts> {
        BTreeMap::from([(self.name.clone(), self.identifiers.take(&self.rows_of(included)))])
    }

    /// The values of a column of numbers.
    pub(crate) fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>, Mistake> {
        let values = columns::numbers(self.table, column)
            .ok_or_else(|| Mistake::new(format!("column `{column}` does not hold numbers")))?;
        // Values come by the rows of the table, and are put in the order of the patients.
        let values: Vec<Option<f64>> = self.rows.iter().map(|row| values[*row]).collect();
        // Estimators would refuse it by its position; here the patient can be named.
        let wrong = values.iter().position(|value| value.is_some_and(|value| !value.is_finite()));
        match wrong {
            None => Ok(values),
            Some(place) => Err(Mistake::new(format!(
                "column `{column}` is not a finite number for patient `{}`",
                self.patient(place)
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

    /// The values of a column of yes or no; none of another column.
    pub(crate) fn conditions(&self, column: &str) -> Option<Vec<Option<bool>>> {
        let values = columns::conditions(self.table, column)?;
        Some(self.rows.iter().map(|row| values[*row]).collect())
    }

    /// The values of a column as categories, in words.
    pub(crate) fn texts(&self, column: &str) -> Result<Texts, Mistake> {
        let values = columns::categories(self.table, column)
            .ok_or_else(|| Mistake::new(format!("column `{column}` does not hold categories")))?;
        Ok(values.take(&self.rows))
    }

    /// A column in words: its label, or its name where it has none.
    pub(crate) fn label(&self, column: &str) -> String {
        columns::label(self.table, column)
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
            // The analysis table has one row a patient, so that both numbers are the same.
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

/// The patients' identifiers, which may not repeat, and the rows in their order.
///
/// Sums are rounded, ties broken and samples drawn in the order of the patients, which
/// is that of their identifiers: an export in another order gives the same bits.
fn one_row_per_patient(call: &Call<'_>, table: &Table) -> Result<(Texts, Vec<usize>), Mistakes> {
    let (name, column) = (&call.study.analysis_table, &call.study.patient);
    let identifiers = columns::categories(table, column).ok_or_else(|| {
        Mistake::new(format!("column `{column}` of table `{name}` does not identify patients"))
            .hint("it must hold text or whole numbers")
    })?;
    let mut mistakes = Mistakes::default();
    // Whoever has no name cannot be put in order; all such rows are told.
    let (mut rows, unnamed): (Vec<usize>, Vec<usize>) =
        (0..identifiers.len()).partition(|row| identifiers.get(*row).is_some());
    for row in unnamed {
        mistakes.push(Mistake::new(format!("row {} of table `{name}` has no `{column}`", row + 1)));
    }
    let patient = |row: &usize| named(&identifiers, *row);
    // The natural order has P2 before P10, as a reader would.
    rows.sort_by(|one, other| natural_order(patient(one), patient(other)));
    // Sorted by name, rows of one patient stand next to each other.
    let twins = rows.chunk_by(|one, other| patient(one) == patient(other));
    // Told in the order of the names, however the rows came.
    let twins: BTreeMap<&str, usize> =
        twins.filter(|rows| rows.len() > 1).map(|rows| (patient(&rows[0]), rows.len())).collect();
    for (patient, count) in twins {
        let message = format!("table `{name}` has {count} rows for patient `{patient}`");
        mistakes.push(Mistake::new(message).hint(
            "an analysis needs one row per patient: let a cleaning rule drop the repeats or sum them up",
        ));
    }
    mistakes.or(())?;
    Ok((identifiers, rows))
}

/// The identifier in a row, of which none is missing.
fn named(identifiers: &Texts, row: usize) -> &str {
    identifiers.get(row).expect("invariant: every row names its patient")
}
